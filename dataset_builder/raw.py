"""The generator's raw output: one folder per scene, readable by eye, from which Parquet is written.

<work folder>/scenes/<scene_name>/rows.jsonl       one row a line, as `schema.FEATURES` without `images`
<work folder>/scenes/<scene_name>/images/<frame>.jpg
<work folder>/scenes/<scene_name>/photos.json      in place of images that may not be passed on: what they are like
<work folder>/scenes/<scene_name>/done.json        the key of the settings, and the counts of every rule
<work folder>/splits.json                          split of every scene of a finished set

A folder appears whole or not at all, whatever is killed and however many processes write it at once.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

import orjson

from dataset_builder.errors import DatasetError
from dataset_builder.photos import Photo
from dataset_builder.whole import write_file, write_folder


MARKER = "done.json"
SPLITS_FILE = "splits.json"


@dataclass(frozen=True, eq=False)
class RawScene:
    """One scene's folder.

    Args:
        folder (`Path`).
        key (`str`): what the folder was written under; reading raises [`DatasetError`] once it is another one's.
        counts (`dict[str, dict[str, int]]`): per question type, how many candidates were proposed, kept, and rejected
            by each rule.
    """

    folder: Path
    key: str
    counts: dict[str, dict[str, int]]

    @property
    def rows(self) -> list[dict]:
        """The scene's rows, without `images`."""
        with unchanged(self.folder, self.key):
            return [orjson.loads(line) for line in (self.folder / "rows.jsonl").read_bytes().splitlines()]

    @property
    def images(self) -> dict[str, bytes]:
        """JPEG bytes by frame id."""
        with unchanged(self.folder, self.key):
            return {path.stem: path.read_bytes() for path in sorted(self.folder.glob("images/*"))}

    @property
    def photos(self) -> dict[str, Photo]:
        """What images that may not be passed on are like, by frame id."""
        with unchanged(self.folder, self.key):
            path = self.folder / "photos.json"
            found = orjson.loads(path.read_bytes()) if path.exists() else {}
            return {frame: Photo(**photo) for frame, photo in found.items()}


def write_raw_scene(
    folder: Path,
    key: str,
    rows: list[dict],
    images: Mapping[str, bytes],
    counts: dict[str, dict[str, int]],
    photos: Mapping[str, Photo] = MappingProxyType({}),
) -> RawScene:
    """Write one scene's folder, whole or not at all.

    Args:
        folder (`Path`): `<raw folder>/<scene_name>`; one that exists is replaced.
        key (`str`): stands for everything that the content depends on.
        rows (`list[dict]`): rows without `images`.
        images (`Mapping[str, bytes]`): JPEG bytes by frame id.
        counts (`dict[str, dict[str, int]]`): see [`RawScene`].
        photos (`Mapping[str, Photo]`): what images that may not be passed on are like, by frame id.
    """
    lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    files = {f"images/{frame}.jpg": data for frame, data in images.items()}
    files["rows.jsonl"] = lines
    if photos:
        files["photos.json"] = orjson.dumps({frame: asdict(photo) for frame, photo in photos.items()})
    write_keyed_folder(folder, key, files, counts)
    return RawScene(folder, key, counts)


def read_raw_scene(folder: Path, key: str) -> RawScene | None:
    """The scene that was written to `folder` under the same `key`, or `None` when there is none.

    Raises:
        [`DatasetError`]: the folder is marked as done but cannot be read.
    """
    counts = read_counts(folder, key)
    return None if counts is None else RawScene(folder, key, counts)


def write_keyed_folder(folder: Path, key: str, files: Mapping[str, bytes], counts: dict[str, dict[str, int]]) -> None:
    """Write `files` (by path inside `folder`) and the marker, whole or not at all; one of another key is replaced.

    Of several processes that write the same content at the same time, the first one's stays.
    """
    marker = json.dumps({"key": key, "counts": counts}, indent=1)
    write_folder(folder, {**files, MARKER: marker.encode()}, is_there=lambda: read_counts(folder, key) is not None)


def read_counts(folder: Path, key: str) -> dict[str, dict[str, int]] | None:
    """The counts that `folder` was written with under the same `key`, or `None` when it was not.

    Raises:
        [`DatasetError`]: the folder is marked as done but cannot be read.
    """
    marker = folder / MARKER
    try:
        done = json.loads(marker.read_text(encoding="utf-8"))
        same, counts = done["key"] == key, done["counts"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{marker} cannot be read ({error}). Delete the folder {folder} and run again.") from error
    return counts if same else None


@contextmanager
def unchanged(folder: Path, key: str) -> Iterator[None]:
    """Read `folder` inside: raises [`DatasetError`] if meanwhile a run with other settings has replaced it."""
    before = _identity(folder)
    try:
        yield
        same = before is not None and _identity(folder) == before and read_counts(folder, key) is not None
    except FileNotFoundError:
        same = False
    if not same:
        raise DatasetError(
            f"{folder} was replaced while it was read: another run with other settings uses the same work folder. "
            "Give each its own `--out`, then run again."
        )


def _identity(folder: Path) -> tuple[int, int] | None:
    """Tells a marker from every other that stood or will stand in its place."""
    try:
        status = (folder / MARKER).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def scene_folder(work_dir: Path, name: str) -> Path:
    """Folder of a scene in the generator's work folder."""
    return work_dir / "scenes" / name


def write_splits(work_dir: Path, splits: Mapping[str, str]) -> None:
    """Note which scenes make up the finished set, and the split of each."""
    write_file(work_dir / SPLITS_FILE, (json.dumps(dict(splits), indent=1) + "\n").encode())


def read_splits(work_dir: Path) -> dict[str, str]:
    """Split of every scene of the finished set, in its order.

    Raises:
        [`DatasetError`]: the file cannot be read.
    """
    path = work_dir / SPLITS_FILE
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read ({error}). Run `spatialmosaic merge` again.") from error
