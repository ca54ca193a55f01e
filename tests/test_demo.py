"""The README's path at its smallest size: the demo's command, then the README's own Python."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import ModelCard


ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """Folder in which `spatialmosaic demo` ran, as the repository root is after `make demo`."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "spatialmosaic_cli.main", "demo"]
    size = ["--scenes", "3", "--frames", "12", "--questions", "8", "--steps", "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf")}
    subprocess.run([*command, *size], cwd=folder, env=environment, check=True, timeout=280)
    return folder


def test_demo_leaves_everything_that_it_names(demo):
    out = demo / "runs" / "demo"
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert {"model", "published", "blind", "single_view", "geometry_zero", "majority", "chance"} <= set(
        scores["results"]
    )
    assert (out / "scores.md").read_text(encoding="utf-8").startswith("# Scores")
    assert (out / "contact_sheet.png").stat().st_size > 100_000
    assert (out / "model" / "modeling_spatialmosaic.py").exists()
    card = ModelCard.load(out / "model" / "README.md")
    assert card.data.license == "apache-2.0" and "max_steps: 3" in card.text


def test_readme_snippets_run(demo):
    """Every Python block of the README; where it does not import this project, the process cannot find it either."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    hide = "import sys\nsys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f)]\n"
    for block in blocks:
        code = "" if "dataset_builder" in block else hide
        code += block.replace('row["images"][0].show()', 'assert row["images"][0].size == (640, 480)')
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(demo / "hf")}
        environment.pop("PYTHONPATH", None)
        result = subprocess.run(
            [sys.executable, "-c", code], cwd=demo, env=environment, capture_output=True, text=True, timeout=120
        )
        assert result.returncode == 0, result.stderr


def test_load_dataset_by_name_beside_the_folder(demo):
    """`cd runs/demo` makes `load_dataset("spatialmosaic")` true."""
    code = 'from datasets import load_dataset; print(sorted(load_dataset("spatialmosaic")))'
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(demo / "hf")}
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=demo / "runs" / "demo",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.stdout.strip() == "['test', 'train', 'validation']", result.stderr
