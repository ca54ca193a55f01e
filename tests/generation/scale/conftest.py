"""A tiny dataset made without disturbance, and the command line in processes that can be killed."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from generation.pipeline import generate
from generation.settings import GenerateSettings, as_options


ROOT = Path(__file__).resolve().parents[3]
# Three scenes: one for each split, so three groups
SIZE = {"scenes": 3, "frames": 6, "view_sets": 8, "questions": 3, "pixels": False}
HALF_WRITTEN = ("partial", "incomplete", ".old")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> GenerateSettings:
    """Settings of a run of one task on one worker; its dataset is there."""
    settings = GenerateSettings(out=tmp_path_factory.mktemp("undisturbed") / "spatialmosaic", **SIZE)
    generate(settings)
    return settings


@pytest.fixture
def settings(undisturbed, tmp_path) -> GenerateSettings:
    """The same settings for an empty place."""
    return replace(undisturbed, out=tmp_path / "spatialmosaic")


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def content():
    """Function from a folder to the bytes of its files, by path."""
    return _content


@pytest.fixture
def assert_as_if_undisturbed(undisturbed):
    """Function that compares a dataset folder with the undisturbed one, and looks for what is half-written."""

    def check(out: Path, reference: GenerateSettings = undisturbed) -> None:
        assert _content(out) == _content(reference.out)
        names = [path.name for path in out.parent.rglob("*")]
        assert names and not [name for name in names if any(mark in name for mark in HALF_WRITTEN)]

    return check


@pytest.fixture
def start():
    """Function that starts `spatialmosaic <command>` in its own process; what still runs at the end is killed."""
    started = []

    def run(command: str, settings: GenerateSettings, *more: str, **environment: str) -> subprocess.Popen:
        options = as_options({name: getattr(settings, name) for name in (*SIZE, "out", "workers", "tasks", "seed")})
        process = subprocess.Popen(
            [sys.executable, "-m", "spatialmosaic_cli.main", command, *options, *more],
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "400", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def finish(start):
    """Function that runs `spatialmosaic <command>` to its end and gives its exit code and its output."""

    def run(*arguments, **environment) -> tuple[int, str]:
        process = start(*arguments, **environment)
        output, _ = process.communicate(timeout=280)
        return process.returncode, output

    return run
