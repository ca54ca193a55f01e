"""Work folders that several drivers share: nobody deletes what another is making."""

import logging
import subprocess
import sys
from dataclasses import replace
from threading import Event, Thread

import pytest

from dataset_builder.errors import DatasetError
from generation import locks
from generation.commands import run_generate
from generation.locks import DRIVERS_FILE, at_work, remove_work


fcntl = pytest.importorskip("fcntl", reason="this system has no file locks")


def test_a_living_drivers_work_is_not_deleted(tmp_path):
    work_dir = tmp_path / "work"
    with at_work(work_dir), at_work(work_dir):  # two drivers may be at work
        (work_dir / "made").touch()
        with pytest.raises(DatasetError, match="another run is at work in it"):
            remove_work(work_dir)
        assert (work_dir / "made").exists()
    remove_work(work_dir)
    assert not work_dir.exists()
    remove_work(work_dir)  # nothing is there


def test_no_resume_is_refused_before_anything_is_deleted(settings):
    with at_work(settings.work_dir):
        (settings.work_dir / "made").touch()
        with pytest.raises(DatasetError, match="leave out `--no-resume`"):
            run_generate(replace(settings, resume=False))
        assert (settings.work_dir / "made").exists()


def test_a_killed_drivers_lock_goes_with_it(tmp_path):
    code = (
        "import pathlib, sys, time\nfrom generation.locks import at_work\n"
        "with at_work(pathlib.Path(sys.argv[1])):\n    print('here', flush=True)\n    time.sleep(600)"
    )
    driver = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert driver.stdout.readline() == b"here\n"
    with pytest.raises(DatasetError, match="another run is at work in it"):
        remove_work(tmp_path)
    driver.kill()
    driver.wait()
    remove_work(tmp_path)
    assert not tmp_path.exists()


def test_a_driver_that_waited_for_a_deletion_is_at_work_in_the_new_folder(tmp_path):
    work_dir, inside, done = tmp_path / "work", Event(), Event()

    def drive():
        with at_work(work_dir):
            inside.set()
            done.wait(60)

    work_dir.mkdir()
    with (work_dir / DRIVERS_FILE).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        driver = Thread(target=drive)
        driver.start()
        assert not inside.wait(0.2)
        work_dir.rename(tmp_path / "deleted")
    assert inside.wait(60)
    with pytest.raises(DatasetError, match="another run is at work in it"):
        remove_work(work_dir)
    done.set()
    driver.join()


def refuses(*given):
    raise OSError("Function not implemented")


@pytest.mark.parametrize("no_locks", [{"target": "fcntl", "value": None}, {"target": "fcntl.flock", "value": refuses}])
def test_a_system_without_locks_says_so(tmp_path, monkeypatch, caplog, no_locks):
    monkeypatch.setattr(f"{locks.__name__}.{no_locks['target']}", no_locks["value"])
    with caplog.at_level(logging.WARNING), at_work(tmp_path / "work"):
        assert "start one command at a time" in caplog.text
