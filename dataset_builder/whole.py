"""Files and folders that appear under their name whole or not at all, on a file system that several machines share.

Everything is written under a hidden name of its own (`.<name>.partial-<random>`) and renamed. A killed process leaves
such a name behind; `remove_partial` deletes them, and a process that still writes under one writes it again.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4


# Times that a living process may have its unfinished work removed before that is an error
ATTEMPTS = 5


def write_file(path: Path, data: bytes) -> None:
    """Write one file, whose folder is made if need be; an old file is replaced."""

    def put(partial: Path) -> None:
        partial.write_bytes(data)
        os.replace(partial, path)

    _written(path, put)


def write_folder(folder: Path, files: Mapping[str, bytes], is_there: Callable[[], bool]) -> None:
    """Write a folder of `files` (by path inside it).

    Args:
        folder (`Path`): an old one is replaced, unless `is_there` says that another process has just written it.
        files (`Mapping[str, bytes]`).
        is_there (`Callable[[], bool]`): whether what stands under the name of `folder` is as good as `files`.
    """

    def put(partial: Path) -> None:
        # All folders first: once a file is written, nothing makes `partial` again if it is taken away
        for name in files:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (partial / name).write_bytes(data)
        while not _renamed(partial, folder) and not is_there():
            remove(folder)

    _written(folder, put)


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Delete a file or a folder; it vanishes at once, so that no one ever sees a part of it."""
    gone = _partial_of(path)
    try:
        os.rename(path, gone)
    except FileNotFoundError:
        return
    _delete(gone)


def remove_partial(folder: Path, pattern: str) -> None:
    """Delete what killed processes left half-written in `folder` under names that match `pattern`."""
    for path in sorted(folder.glob(pattern)):
        remove(path)


def _written(path: Path, put: Callable[[Path], None]) -> None:
    """Call `put` with a new name beside `path`, again if what it writes is taken for a dead process's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        partial = _partial_of(path)
        try:
            put(partial)
            return
        except FileNotFoundError:
            if attempt == ATTEMPTS:
                raise
        finally:
            _delete(partial)


def _partial_of(path: Path) -> Path:
    # A process id would not do: two machines may have the same one
    return path.with_name(f".{path.name}.partial-{uuid4().hex}")


def _renamed(partial: Path, folder: Path) -> bool:
    """Rename, if nothing stands under the name."""
    try:
        os.rename(partial, folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
