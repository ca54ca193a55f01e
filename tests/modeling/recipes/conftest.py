"""What the recipes are tried on: a small dataset, and the stock `trl` command with what a tiny model needs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


RECIPES = Path(__file__).resolve().parents[3] / "modeling_spatialmosaic" / "recipes"
NUM_ROWS = 16
CARD = """---
configs:
- config_name: default
  default: true
  data_files:
  - split: train
    path: data/*/train-*.parquet
---
"""


def dataset_row(index: int, rng: np.random.Generator) -> dict:
    """A row with the training and answer columns of a real one."""
    num_views = 2 + index % 4
    parts = [part for k in range(num_views) for part in (("text", f"Frame {k + 1}:"), ("image", None))] + [
        ("text", "How many chair(s) are visible?\nOptions:\nA. 1\nB. 2")
    ]
    return {
        "id": str(index),
        "images": [Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)) for _ in range(num_views)],
        "prompt": [{"role": "user", "content": [{"type": kind, "text": text} for kind, text in parts]}],
        "completion": [{"role": "assistant", "content": [{"type": "text", "text": "AB"[index % 2]}]}],
        "question_type": "obj_count_occ",
        "answer_format": "choice",
        "options": ["A. 1", "B. 2"],
        "mc_answer": "AB"[index % 2],
        "ground_truth": "12"[index % 2],
        "bbox_2d_diag": None,
    }


@pytest.fixture(scope="session")
def dataset_dir(tmp_path_factory) -> Path:
    """A dataset folder with the layout of a real one, made by `datasets` alone."""
    from datasets import Dataset, Features, List, Value
    from datasets import Image as ImageFeature

    message = List({"role": Value("string"), "content": List({"type": Value("string"), "text": Value("string")})})
    texts = ("id", "question_type", "answer_format", "mc_answer", "ground_truth")
    features = Features(
        {
            **{name: Value("string") for name in texts},
            "images": List(ImageFeature()),
            "prompt": message,
            "completion": message,
            "options": List(Value("string")),
            "bbox_2d_diag": Value("float32"),
        }
    )
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "data" / "object_count").mkdir(parents=True)
    dataset = Dataset.from_list([dataset_row(index, rng) for index in range(NUM_ROWS)], features=features)
    dataset.to_parquet(folder / "data" / "object_count" / "train-00000-of-00001.parquet")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def environment_of(folder: Path, **variables: str) -> dict[str, str]:
    offline = {"HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return os.environ | offline | variables


def wait_until_saved(process: subprocess.Popen, stdout: Path) -> int:
    """
    Exit code of the command; 0 as well where it has saved its model, does not end, and is stopped here.

    Two processes on CPUs were seen to hang after all is done, when PyTorch takes its gloo group apart.
    """
    while process.poll() is None:
        time.sleep(0.2)
        if "Model saved to" in stdout.read_text(encoding="utf-8"):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.terminate()  # the launcher ends its processes
                process.wait()
                return 0
    return process.returncode


@pytest.fixture(scope="session")
def trl(tmp_path_factory):
    """Run the stock command on a recipe, from an empty folder."""
    folder = tmp_path_factory.mktemp("trl")

    def run(method: str, recipe: str, *options, **variables: str) -> subprocess.CompletedProcess:
        command = [Path(sys.executable).with_name("trl"), method, "--config", RECIPES / recipe, *map(str, options)]
        out, err = folder / "stdout.txt", folder / "stderr.txt"
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            environment = environment_of(folder, **variables)
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=stdout, stderr=stderr)
            returncode = wait_until_saved(process, out)
        texts = (path.read_text(encoding="utf-8") for path in (out, err))
        return subprocess.CompletedProcess(command, returncode, *texts)

    return run


@pytest.fixture(scope="session")
def train(trl, dataset_dir, tmp_path_factory):
    """Train a tiny model on the CPU by a recipe; returns the output folder."""

    def run(method: str, recipe: str, model: Path, *options, **variables: str) -> Path:
        output_dir = tmp_path_factory.mktemp("trained") / "output"
        process = trl(
            *(method, recipe, "--model_name_or_path", model, "--dataset_name", dataset_dir),
            *("--output_dir", output_dir, "--use_cpu", "true", "--bf16", "false", "--dataloader_num_workers", 0),
            *("--logging_steps", 1, *options),
            **variables,
        )
        assert process.returncode == 0, process.stderr[-3000:]
        return output_dir

    return run


@pytest.fixture(scope="session")
def logged():
    """The values of one quantity in a checkpoint, step by step."""

    def read(checkpoint: Path, name: str = "loss") -> list[float]:
        state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        return [entry[name] for entry in state["log_history"] if name in entry]

    return read


@pytest.fixture(scope="session")
def few_steps():
    """Options for so many steps, with a checkpoint every two, at a rate that moves every trained weight measurably."""

    def options(count: int) -> tuple:
        return (
            *("--max_steps", count, "--save_strategy", "steps", "--save_steps", 2, "--gradient_accumulation_steps", 1),
            *("--warmup_steps", 0, "--learning_rate", 1e-3),
        )

    return options


@pytest.fixture(scope="session")
def fine_tuned(train, tiny_dir) -> Path:
    """A model that knows to answer with a letter, but hardly which; six steps of `sft_tiny_cpu`."""
    options = ("--max_steps", 6, "--per_device_train_batch_size", 4, "--warmup_steps", 0)
    return train("sft", "sft_tiny_cpu.yaml", tiny_dir, *options, "--save_strategy", "steps", "--save_steps", 6)


@pytest.fixture(scope="session")
def lora(train, tiny_dir, few_steps) -> Path:
    """Four steps of `sft_lora`, with a checkpoint after two."""
    return train("sft", "sft_lora.yaml", tiny_dir, *few_steps(4))


@pytest.fixture(scope="session")
def recipes() -> Path:
    return RECIPES


@pytest.fixture(scope="session")
def launch_arguments():
    """What `accelerate launch` makes of one of the settings files, by its name or path."""
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    def read(name: str | Path):
        path = name if isinstance(name, Path) else RECIPES / "accelerate" / f"{name}.yaml"
        arguments = launch_command_parser().parse_args(["--config_file", str(path), "script.py"])
        return _validate_launch_command(arguments)[0]

    return read


@pytest.fixture(scope="session")
def launch_environment(launch_arguments, tmp_path_factory):
    """The environment in which `accelerate launch` starts its processes."""
    from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

    folder = tmp_path_factory.mktemp("launch")

    def environment(name: str) -> dict[str, str]:
        arguments = launch_arguments(name)
        if arguments.use_deepspeed:
            arguments.deepspeed_fields_from_accelerate_config = ""
            _, variables = prepare_deepspeed_cmd_env(arguments)
        else:
            variables = prepare_multi_gpu_env(arguments)
        return environment_of(folder, **variables)

    return environment
