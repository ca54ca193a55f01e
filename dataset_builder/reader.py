"""Reads a dataset folder without decoding it, for the contact sheet, the viewer and the evaluation."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.errors import DatasetError
from dataset_builder.images_root import keys_of, locate_images
from dataset_builder.schema import FEATURES, SPLITS, TASKS


DATA_FOLDER = "data"
STATISTICS_FILE = "statistics.json"
CARD_FILE = "README.md"
AUDIT_FILE = "audit.json"
SHORTCUTS_FILE = "shortcuts.json"
PICTURES_FOLDER = "pictures"
PHOTOS_FILE = "photos.parquet"
# All that a dataset folder may hold
KNOWN_NAMES = {DATA_FOLDER, STATISTICS_FILE, CARD_FILE, AUDIT_FILE, SHORTCUTS_FILE, PICTURES_FOLDER, PHOTOS_FILE}
FORMAT = "spatialmosaic"
FORMAT_VERSION = 2
# Python copies the images of so many rows at once
ROWS_AT_A_TIME = 32
# The part of `images` that tells whether a row has any, without their bytes
PIXELS = "images.list.element.path"
# The part that holds each image once; read as a dictionary it stays so, instead of once for every row that shows it
IMAGE_BYTES = "images.list.element.bytes"


def load_statistics(folder: Path) -> dict:
    """Content of the `statistics.json` of a dataset folder.

    Raises:
        [`DatasetError`]: if `folder` is no dataset folder of this project.
    """
    path = Path(folder) / STATISTICS_FILE
    if not path.is_file():
        raise DatasetError(f"{folder} is no dataset: {path} is missing. Make one with `spatialmosaic generate`.")
    try:
        statistics = json.loads(path.read_text(encoding="utf-8"))
        version = statistics["format"], statistics["format_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is no statistics of a dataset ({error!r}). Generate the dataset again.") from error
    if version != (FORMAT, FORMAT_VERSION):
        raise DatasetError(
            f"{path} has the format {version}, not {(FORMAT, FORMAT_VERSION)}. Generate the dataset again."
        )
    return statistics


def load_rows(
    folder: Path,
    config: str | None = None,
    split: str | None = None,
    *,
    columns: Sequence[str] = tuple(FEATURES),
    ids: Collection[str] | None = None,
    images_root: Path | None = None,
) -> Iterator[dict]:
    """Yield the rows of a dataset folder in their stored order, one row group in memory at a time.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        config (`str`, *optional*): one of the six tasks; all of them by default.
        split (`str`, *optional*): `"train"`, `"validation"` or `"test"`; all of them by default.
        columns (sequence of `str`, *optional*): read these alone; leaving `images` out makes reading fast.
        ids (collection of `str`, *optional*): yield only these rows; row groups without any are not expanded.
        images_root (`Path`, *optional*): the user's own copy of a source whose pixels may not be redistributed, from
            which rows without pixels get theirs; see `locate_images`.

    Yields:
        `dict`: the columns, where `images` is the list of the stored JPEG or PNG files as `bytes`, or `None` for rows
        without pixels.

    Raises:
        [`DatasetError`]: if the folder is no dataset, has no such config or split, one of its files is damaged, or
            `images_root` lacks frames.
    """
    if images_root is not None and "images" in columns:
        yield from _with_images(folder, config, split, columns, ids, images_root)
        return
    for path in dataset_files(folder, config, split):
        yield from _file_rows(path, columns, ids)


def _with_images(folder, config, split, columns: Sequence[str], ids, images_root: Path) -> Iterator[dict]:
    """`load_rows` with the images of the user's own copy; frames that it lacks are named before the first row."""
    place = ("dataset", "scene_name", "frames")
    rows = load_rows(folder, config, split, columns=(*place, PIXELS), ids=ids)
    found = locate_images(images_root, (key for row in rows if row["images"] is None for key in keys_of(row)))
    more = [name for name in place if name not in columns]
    for row in load_rows(folder, config, split, columns=[*columns, *more], ids=ids):
        if row["images"] is None:
            row["images"] = [found[key].read_bytes() for key in keys_of(row)]
        yield {name: row[name] for name in columns}


def dataset_files(folder: Path, config: str | None = None, split: str | None = None) -> list[Path]:
    """Parquet files of a dataset folder, as `load_rows` chooses and checks them."""
    folder = Path(folder)
    for kind, name, known in (("config", config, tuple(TASKS)), ("split", split, SPLITS)):
        if name is not None and name not in known:
            raise DatasetError(f"Unknown {kind} {name!r}. Use one of {', '.join(known)}.")
    names = [Path(name) for name in load_statistics(folder)["files"]]
    chosen = [
        folder / name
        for name in names
        if config in {None, name.parent.name} and split in {None, name.name.partition("-")[0]}
    ]
    if not chosen:
        held = ", ".join(sorted({f"{name.parent.name}/{name.name.partition('-')[0]}" for name in names}))
        raise DatasetError(f"{folder} has no rows of config {config!r} in split {split!r}. It holds {held}.")
    for path in chosen:
        if not path.is_file():
            raise DatasetError(f"{path} is missing. Copy it again, or generate the dataset again.")
    return chosen


@contextmanager
def open_parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file of a dataset folder, whose images are read as a dictionary.

    Raises:
        [`DatasetError`]: it cannot be read, here or later, or has other columns than a row.
    """
    try:
        names = pq.read_schema(path).names
        if names != list(FEATURES):
            raise DatasetError(
                f"{path} has the columns {', '.join(names)}, not those of a row. Generate the dataset again."
            )
        with pq.ParquetFile(path, read_dictionary=[IMAGE_BYTES]) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(
            f"{path} is not readable as Parquet ({error}). Copy it again, or generate the dataset again."
        ) from error


def _file_rows(path: Path, columns: Sequence[str], ids: Collection[str] | None) -> Iterator[dict]:
    with open_parquet(path) as file:
        for group in range(file.num_row_groups):
            if ids is None:
                table = file.read_row_group(group, columns=columns)
            else:
                held = file.read_row_group(group, columns=["id"]).column("id").to_pylist()
                kept = [k for k, row_id in enumerate(held) if row_id in ids]
                if not kept:
                    continue
                table = file.read_row_group(group, columns=columns).take(kept)
            for batch in table.to_batches(max_chunksize=ROWS_AT_A_TIME):
                for row in batch.to_pylist():
                    if row.get("images"):
                        row["images"] = [view.get("bytes") for view in row["images"]]
                    yield row
