"""Processes that are killed: the command ends and says why, and nothing goes on without it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[3]
# A step that writes down its process and then works for a second on each item
SCRIPT = """
import os, sys, time
from pathlib import Path
from generation.processes import run_step
from generation.settings import SourceSettings

def step(settings, item):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    time.sleep(1)
    if item == ["fail"]:
        raise OSError("no space left")

if __name__ == "__main__":
    try:
        for _ in run_step(step, SourceSettings(workers=2), [sys.argv[2:]] * 1000):
            pass
    except OSError as error:
        sys.exit(f"{type(error).__name__}: {error}")
"""


@pytest.fixture
def driver(tmp_path):
    """Function that starts the script above and waits until both workers work; gives it and their process ids."""

    def start(*arguments: str) -> tuple[subprocess.Popen, list[int]]:
        script, notes = tmp_path / "script.py", tmp_path / "notes"
        script.write_text(SCRIPT, encoding="utf-8")
        notes.mkdir()
        process = subprocess.Popen(
            [sys.executable, str(script), str(notes), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        _wait_until(lambda: len(list(notes.iterdir())) == 2, seconds=60)
        return process, [int(path.name) for path in notes.iterdir()]

    return start


def _wait_until(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
class TestKills:
    def test_a_killed_worker_ends_the_command_with_a_remedy(self, driver):
        process, workers = driver()
        os.kill(workers[0], signal.SIGKILL)
        _, message = process.communicate(timeout=30)
        assert process.returncode == 1 and message.startswith("ChildProcessError: A worker process was killed")
        assert "the step `step`" in message and "run the same command again" in message and "--workers" in message
        assert not any(map(_lives, workers))

    def test_no_worker_outlives_a_killed_driver(self, driver):
        process, workers = driver()
        assert all(map(_lives, workers))
        process.kill()
        process.communicate()
        _wait_until(lambda: not any(map(_lives, workers)), seconds=10)

    def test_after_an_error_nothing_more_is_begun(self, driver):
        process, _ = driver("fail")  # 1000 items of a second each
        _, message = process.communicate(timeout=30)
        assert message.strip() == "OSError: no space left"
