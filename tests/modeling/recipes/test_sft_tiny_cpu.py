"""`sft_tiny_cpu` runs as it is by the stock `trl` command, and learns from the answers alone."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import load_dataset
from safetensors.torch import load_file


def test_losses_are_logged_and_finite(fine_tuned, logged):
    losses = logged(fine_tuned / "checkpoint-6")
    assert len(losses) == 6
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)


def test_every_parameter_moved(fine_tuned, tiny_dir):
    before, after = load_file(tiny_dir / "model.safetensors"), load_file(fine_tuned / "model.safetensors")
    assert before.keys() == after.keys()
    still = {name for name in before if torch.equal(before[name], after[name])}
    # A key bias without rotation shifts all scores of a query alike: the softmax cancels it.
    assert all(name.endswith(("k_proj.bias", "fusion_block.key_proj.bias")) for name in still), still


@pytest.mark.parametrize("folder", [".", "checkpoint-6"])
def test_the_checkpoint_stands_alone(fine_tuned, tmp_path, random_views, folder):
    paths = []
    for k, image in enumerate(random_views(2)):
        paths.append(tmp_path / f"{k}.png")
        image.save(paths[-1])
    script = Path(__file__).parents[1] / "reload_script.py"
    environment = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.run(
        [sys.executable, "-I", script, fine_tuned / folder, *paths, tmp_path / "output"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    seen, weights = load_file(tmp_path / "output" / "seen.st"), load_file(fine_tuned / "model.safetensors")
    assert all(torch.equal(seen[name], tensor) for name, tensor in weights.items())


def test_only_the_answer_is_learned(dataset_dir, processor, tmp_path):
    """
    What the stock collator makes of the rows, with the setting that the trainer chooses for prompt and completion:
    labels are the letter and the end of the turn, in every row.
    """
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    rows = load_dataset(str(dataset_dir), split="train", cache_dir=str(tmp_path))
    batch = DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True)(
        [rows[k] for k in range(4)]
    )
    for index, labels in enumerate(batch["labels"]):
        learned = labels[labels != -100]
        assert processor.tokenizer.decode(learned) == f"{'AB'[index % 2]}<|im_end|>\n"
    assert batch["pixel_values"].shape[0] == 2 + 3 + 4 + 5


def test_a_misspelt_option_stops_the_run(trl):
    process = trl("sft", "sft_tiny_cpu.yaml", "--max_stepz", 4)
    assert process.returncode == 2
    assert "unrecognized arguments" in process.stderr and "max_stepz" in process.stderr
