"""Locks on a work folder: several drivers may make scenes in it, one at a time merges them, and none may delete it
under another.

A lock goes with the process that holds it, however that ends. Windows and some file systems have none: there a warning
is given, and it is the user's to start one command at a time.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dataset_builder.errors import DatasetError
from dataset_builder.whole import remove


try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None

logger = logging.getLogger(__name__)

DRIVERS_FILE = "drivers.lock"


@contextmanager
def at_work(work_dir: Path) -> Iterator[None]:
    """Inside, nobody deletes the work folder by `remove_work`; any number of drivers may be at work."""
    path = work_dir / DRIVERS_FILE
    while True:
        work_dir.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            take(file, alone=False)
            # else it was deleted, with the folder, while this one waited
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield
                return


def remove_work(work_dir: Path) -> None:
    """Delete the work folder.

    Raises:
        [`DatasetError`]: a driver is at work in it.
    """
    if not work_dir.exists():
        return
    with (work_dir / DRIVERS_FILE).open("a", encoding="utf-8") as file:
        if not take(file, alone=True, wait=False):
            raise DatasetError(
                f"{work_dir} cannot be deleted: another run is at work in it. Wait for its end, leave out "
                "`--no-resume` to share the work, or choose another `--out`."
            )
        remove(work_dir)


def take(file: TextIO, alone: bool, wait: bool = True) -> bool:
    """Lock an open file until it is closed; `False` where that would take waiting, and `wait` does not allow it."""
    if fcntl is None:
        logger.warning("This system has no file locks: start one command at a time on %s.", file.name)
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        logger.warning("%s cannot be locked (%s): start one command at a time on it.", file.name, error)
    return True
