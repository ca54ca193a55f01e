"""`sft_full_fsdp`: trains every part, by two processes as by one; and sharding leaves the gradients as they are."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file


@pytest.fixture(scope="module")
def steady_dir(tiny_dir, tmp_path_factory) -> Path:
    """The tiny model without dropout, whose random numbers would differ from process to process."""
    from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor

    folder = tmp_path_factory.mktemp("steady")
    model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, fusion_dropout=0.0)
    model.save_pretrained(folder)
    SpatialMosaicProcessor.from_pretrained(tiny_dir).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def full(train, steady_dir, few_steps) -> Path:
    """One process; four rows at a time, as many as the two processes below take together."""
    return train("sft", "sft_full_fsdp.yaml", steady_dir, *few_steps(2), "--per_device_train_batch_size", 4)


def test_every_parameter_moved(full, steady_dir):
    before, after = load_file(steady_dir / "model.safetensors"), load_file(full / "model.safetensors")
    assert before.keys() == after.keys()
    still = {name for name in before if torch.equal(before[name], after[name])}
    # A key bias without rotation shifts all scores of a query alike: the softmax cancels it.
    assert all(name.endswith(("k_proj.bias", "fusion_block.key_proj.bias")) for name in still), still


def test_two_processes_learn_what_one_does(train, full, steady_dir, few_steps, logged, recipes):
    """
    By the command of the recipe and its Accelerate settings, over gloo. Accelerate shards on GPUs only: here every
    process holds the whole model (DDP).
    """
    launch = ("--accelerate_config", recipes / "accelerate" / "fsdp_8gpu.yaml", "--num_processes", 2)
    launch += ("--mixed_precision", "no", "--main_process_port", free_port())
    both = train("sft", "sft_full_fsdp.yaml", steady_dir, *few_steps(2), *launch)
    assert logged(both / "checkpoint-2") == pytest.approx(logged(full / "checkpoint-2"), rel=1e-4)
    assert logged(both / "checkpoint-2", "num_tokens") == logged(full / "checkpoint-2", "num_tokens")


def test_sharded_gradients_are_those_of_the_whole_model(steady_dir, launch_environment, tmp_path):
    """PyTorch's FSDP2 over gloo, with the layers that Accelerate picks by the settings' names."""
    output = tmp_path / "found.json"
    process = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"),
            *("--master_port", str(free_port()), Path(__file__).with_name("fsdp_script.py"), steady_dir, output),
        ],
        env=launch_environment("fsdp_8gpu"),
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    found = json.loads(output.read_text(encoding="utf-8"))
    # 2 layers of the vision tower, 2 of VGGT's patch encoder, 2 x 2 of its aggregator, 4 of the language model
    assert len(found["units"]) == 12
    assert found["local_share"] == pytest.approx(0.5, abs=0.02)
    assert max(found["gradient_differences"].values()) < 1e-3


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
