"""A stage is a folder that is made once: a later run with the same settings finds it finished and goes on after it."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console


MARKER = "finished.json"


def run_stage(folder: Path, key: str, make: Callable[[Path], None]) -> None:
    """
    Make a folder, unless it was made with the same key.

    Args:
        folder (`Path`): the stage's result; one of another key is deleted.
        key (`str`): stands for all settings on which the result depends.
        make (`Callable`): fills the empty folder that it is given.
    """
    console = Console(soft_wrap=True)
    if is_finished(folder, key):
        console.print(f"[dim]{folder} is finished.[/dim]")
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    for path in (folder, unfinished):
        shutil.rmtree(path, ignore_errors=True)
    unfinished.mkdir(parents=True)
    console.rule(str(folder), align="left")
    wall, processor = time.monotonic(), time.process_time()
    make(unfinished)
    times = {"wall_s": time.monotonic() - wall, "processor_s": time.process_time() - processor}
    (unfinished / MARKER).write_text(json.dumps({"key": key, **times}), encoding="utf-8")
    unfinished.rename(folder)
    console.print(f"{folder}: {times['wall_s']:.0f} s, of this process on the CPU {times['processor_s']:.0f} s")


def is_finished(folder: Path, key: str) -> bool:
    """Whether the folder was made with this key."""
    marker = folder / MARKER
    return marker.is_file() and json.loads(marker.read_text(encoding="utf-8"))["key"] == key
