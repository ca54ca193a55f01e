"""The recipe runs as it is by the stock `trl` command, and learns from the answers alone."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import load_dataset
from PIL import Image
from safetensors.torch import load_file


RECIPE = Path(__file__).resolve().parents[2] / "modeling_spatialmosaic" / "recipes" / "sft_tiny_cpu.yaml"
CARD = """---
configs:
- config_name: default
  default: true
  data_files:
  - split: train
    path: data/*/train-*.parquet
---
"""


@pytest.fixture(scope="module")
def dataset_dir(tmp_path_factory) -> Path:
    """A dataset folder with the layout and the training columns of a real one, made by `datasets` alone."""
    from datasets import Dataset, Features, List, Value
    from datasets import Image as ImageFeature

    rng = np.random.default_rng(0)
    message = List({"role": Value("string"), "content": List({"type": Value("string"), "text": Value("string")})})
    features = Features(
        {
            "id": Value("string"),
            "images": List(ImageFeature()),
            "prompt": message,
            "completion": message,
        }
    )
    rows = []
    for index in range(16):
        num_views = 2 + index % 4
        parts = [part for k in range(num_views) for part in (("text", f"Frame {k + 1}:"), ("image", None))] + [
            ("text", "How many chair(s) are visible?\nOptions:\nA. 1\nB. 2")
        ]
        rows.append(
            {
                "id": str(index),
                "images": [
                    Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)) for _ in range(num_views)
                ],
                "prompt": [{"role": "user", "content": [{"type": kind, "text": text} for kind, text in parts]}],
                "completion": [{"role": "assistant", "content": [{"type": "text", "text": "AB"[index % 2]}]}],
            }
        )
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "data" / "object_count").mkdir(parents=True)
    dataset = Dataset.from_list(rows, features=features)
    dataset.to_parquet(folder / "data" / "object_count" / "train-00000-of-00001.parquet")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def run_sft(cwd: Path, *options, **variables: str) -> subprocess.CompletedProcess:
    cwd.mkdir(exist_ok=True)
    command = [Path(sys.executable).with_name("trl"), "sft", "--config", RECIPE, *map(str, options)]
    environment = os.environ | {"HF_HOME": str(cwd / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    environment |= variables
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def trained(tiny_dir, dataset_dir, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("sft")
    options = ["--dataset_name", dataset_dir, "--model_name_or_path", tiny_dir, "--output_dir", root / "model"]
    options += ["--max_steps", 4, "--per_device_train_batch_size", 2, "--logging_steps", 1, "--warmup_steps", 0]
    process = run_sft(root / "cwd", *options, "--save_strategy", "steps", "--save_steps", 4)
    assert process.returncode == 0, process.stderr[-3000:]
    return root / "model"


def test_losses_are_logged_and_finite(trained):
    state = json.loads((trained / "checkpoint-4" / "trainer_state.json").read_text(encoding="utf-8"))
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert len(losses) == 4
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)


def test_every_parameter_moved(trained, tiny_dir):
    before, after = load_file(tiny_dir / "model.safetensors"), load_file(trained / "model.safetensors")
    assert before.keys() == after.keys()
    still = {name for name in before if torch.equal(before[name], after[name])}
    # A key bias without rotation shifts all scores of a query alike: the softmax cancels it.
    assert all(name.endswith(("k_proj.bias", "fusion_block.key_proj.bias")) for name in still), still


@pytest.mark.parametrize("folder", [".", "checkpoint-4"])
def test_the_checkpoint_stands_alone(trained, tmp_path, random_views, folder):
    paths = []
    for k, image in enumerate(random_views(2)):
        paths.append(tmp_path / f"{k}.png")
        image.save(paths[-1])
    script = Path(__file__).with_name("reload_script.py")
    environment = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.run(
        [sys.executable, "-I", script, trained / folder, *paths, tmp_path / "output"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    seen, weights = load_file(tmp_path / "output" / "seen.st"), load_file(trained / "model.safetensors")
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


def test_a_misspelt_option_stops_the_run(tmp_path):
    process = run_sft(tmp_path, "--max_stepz", 4)
    assert process.returncode == 2
    assert "unrecognized arguments" in process.stderr and "max_stepz" in process.stderr


def test_the_geometry_cache_leaves_the_losses_as_they_are(tiny_dir, dataset_dir, tmp_path):
    """LoRA freezes the towers; by an environment variable the stock command keeps what the geometry encoder gave."""
    options = ["--dataset_name", dataset_dir, "--model_name_or_path", tiny_dir, "--use_peft", "--logging_steps", 1]
    options += ["--lora_target_modules", "q_proj", "v_proj", "--max_steps", 2, "--per_device_train_batch_size", 2]
    options += ["--save_strategy", "steps", "--save_steps", 2, "--warmup_steps", 0]
    losses = []
    for name, variables in (("plain", {}), ("cached", {"SPATIALMOSAIC_GEOMETRY_CACHE": str(tmp_path / "tokens")})):
        process = run_sft(tmp_path / "cwd", *options, "--output_dir", tmp_path / name, **variables)
        assert process.returncode == 0, process.stderr[-3000:]
        state = json.loads((tmp_path / name / "checkpoint-2" / "trainer_state.json").read_text(encoding="utf-8"))
        losses.append([entry["loss"] for entry in state["log_history"] if "loss" in entry])
    assert len(list((tmp_path / "tokens").rglob("*.safetensors"))) == 4  # each row has views of its own
    assert len(losses[0]) == 2 and losses[1] == pytest.approx(losses[0], rel=1e-5)
