"""The generator's raw output: one folder per scene, readable by eye, from which Parquet is written.

<folder>/<scene_name>/rows.jsonl       one row a line, as `schema.FEATURES` without `images`
<folder>/<scene_name>/images/<frame>.jpg
<folder>/<scene_name>/done.json        written last: the key of the settings, and the counts of every rule
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dataset_builder.errors import DatasetError


@dataclass(frozen=True, eq=False)
class RawScene:
    """One scene's folder.

    Args:
        folder (`Path`).
        counts (`dict[str, dict[str, int]]`): per question type, how many candidates were proposed, kept, and rejected
            by each rule.
    """

    folder: Path
    counts: dict[str, dict[str, int]]

    @property
    def rows(self) -> list[dict]:
        """The scene's rows, without `images`."""
        lines = (self.folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @property
    def images(self) -> dict[str, bytes]:
        """JPEG bytes by frame id."""
        return {path.stem: path.read_bytes() for path in sorted(self.folder.glob("images/*"))}


def write_raw_scene(
    folder: Path, key: str, rows: list[dict], images: Mapping[str, bytes], counts: dict[str, dict[str, int]]
) -> RawScene:
    """Write one scene's folder, whole or not at all.

    Args:
        folder (`Path`): `<raw folder>/<scene_name>`; one that exists is replaced.
        key (`str`): stands for everything that the content depends on.
        rows (`list[dict]`): rows without `images`.
        images (`Mapping[str, bytes]`): JPEG bytes by frame id.
        counts (`dict[str, dict[str, int]]`): see [`RawScene`].
    """
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    files = {f"images/{frame}.jpg": data for frame, data in images.items()}
    write_keyed_folder(folder, key, {**files, "rows.jsonl": lines.encode()}, counts)
    return RawScene(folder, counts)


def read_raw_scene(folder: Path, key: str) -> RawScene | None:
    """The scene that was written to `folder` under the same `key`, or `None` when there is none.

    Raises:
        [`DatasetError`]: the folder is marked as done but cannot be read.
    """
    counts = read_counts(folder, key)
    return None if counts is None else RawScene(folder, counts)


def write_keyed_folder(folder: Path, key: str, files: Mapping[str, bytes], counts: dict[str, dict[str, int]]) -> None:
    """Write `files` (by path inside `folder`) and the marker, whole or not at all; an old folder is replaced."""
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for name in files:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (partial / name).write_bytes(data)
        marker = json.dumps({"key": key, "counts": counts}, indent=1)
        (partial / "done.json").write_text(marker, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read_counts(folder: Path, key: str) -> dict[str, dict[str, int]] | None:
    """The counts that `folder` was written with under the same `key`, or `None` when it was not.

    Raises:
        [`DatasetError`]: the folder is marked as done but cannot be read.
    """
    marker = folder / "done.json"
    if not marker.exists():
        return None
    try:
        done = json.loads(marker.read_text(encoding="utf-8"))
        same, counts = done["key"] == key, done["counts"]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{marker} cannot be read ({error}). Delete the folder {folder} and run again.") from error
    return counts if same else None
