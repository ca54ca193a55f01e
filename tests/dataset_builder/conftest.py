"""Scenes of rows made by hand, and a process that cannot import this project."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import TASK_OF


@pytest.fixture
def scene(rng, make_scene) -> SceneRows:
    return make_scene("room_0", "train", rng)


@pytest.fixture(scope="session")
def scenes(make_row, make_scene) -> list[SceneRows]:
    """Two scenes for each split, and one more for training whose pixels may not be redistributed."""
    rng = np.random.default_rng(1)
    made = [
        make_scene(f"room_{k}", split, rng)
        for k, split in enumerate(["train", "test", "train", "validation", "test", "validation"])
    ]
    frames = ["DSC02000.JPG", "DSC02010.JPG", "DSC02020.JPG"]
    scanned = [
        make_row("5f99900f09", kind, frames, f"{kind}: which one?", "scannetpp")
        for kind in TASK_OF
        if not kind.endswith("_na")
    ]
    return [*made, SceneRows("5f99900f09", "train", scanned, {})]


@pytest.fixture
def run_outside(tmp_path):
    """Run Python code in a fresh process that cannot import this project, and return what it prints."""

    def run(code: str, cwd: Path) -> str:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "HF_HOME": str(tmp_path / "hf_home"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        }
        # an editable installation puts the repository on the path of every process
        repo = Path(__file__).resolve().parents[2]
        hide = (
            "import importlib.util, sys\n"
            f"sys.path[:] = [p for p in sys.path if p != {str(repo)!r}]\n"
            "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]\n"
            "assert importlib.util.find_spec('dataset_builder') is None\n"
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", hide + code], cwd=cwd, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
