"""Writes rows as a dataset folder that `datasets.load_dataset` reads (DESIGN section 4, Storage).

    <folder>/data/<config>/<split>-00000-of-00001.parquet
    <folder>/statistics.json        written last: a folder that has it is complete

A frame is shown by many questions, so image bytes go through Parquet's dictionary encoding: each is stored once per
row group. A row group never spans scenes or configs.
"""

import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.collector import collector_paused
from dataset_builder.errors import DatasetError
from dataset_builder.photos import write_photos
from dataset_builder.reader import (
    DATA_FOLDER,
    FORMAT,
    IMAGE_BYTES,
    KNOWN_NAMES,
    STATISTICS_FILE,
    load_statistics,
)
from dataset_builder.scene_rows import TEXT_SCHEMA, SceneRows, check_scene_rows
from dataset_builder.schema import FEATURES
from dataset_builder.statistics import Statistics


# Readers expand a whole row group, and pyarrow cannot read a nested binary column above 2 GB
MAX_GROUP_BYTES = 256 * 2**20
# The Hub's own shard size
MAX_SHARD_BYTES = 500 * 2**20

_ROW_SCHEMA = FEATURES.arrow_schema
# A dictionary in memory too: no image is copied once per row, and pyarrow writes it whole, whatever its size, where it
# would give up a dictionary of its own making at `dictionary_pagesize_limit`
_IMAGES = pa.field(
    "images", pa.list_(pa.struct({"bytes": pa.dictionary(pa.int32(), pa.binary()), "path": pa.string()}))
)
_IMAGES_POSITION = _ROW_SCHEMA.get_field_index("images")
_FILE_SCHEMA = TEXT_SCHEMA.insert(_IMAGES_POSITION, _IMAGES)


def _leaf_columns() -> list[str]:
    """Paths of the columns as Parquet stores them."""
    stream = io.BytesIO()
    pq.write_table(_ROW_SCHEMA.empty_table(), stream)
    stored = pq.read_metadata(stream).schema
    return [stored.column(k).path for k in range(len(stored))]


# JPEG does not compress further; left alone, an image has the same bytes in every file, so that storage that looks for
# equal pieces, as the Hub's does, keeps one copy for all configs and revisions
_COMPRESSION = dict.fromkeys(_leaf_columns(), "zstd") | {IMAGE_BYTES: "none"}


@collector_paused()
def write_dataset(
    folder: Path,
    scenes: Iterable[SceneRows],
    *,
    run: dict | None = None,
    overwrite: bool = False,
    finish: Callable[[Path], object] = lambda folder: None,
    max_group_bytes: int = MAX_GROUP_BYTES,
    max_shard_bytes: int = MAX_SHARD_BYTES,
) -> dict:
    """Write scenes as a dataset folder, one scene in memory at a time.

    Everything is written to a hidden folder beside `folder` and renamed at the end. Same input, same bytes.

    Args:
        folder (`Path`): the dataset folder.
        scenes (iterable of [`SceneRows`]): each scene once.
        run (`dict`, *optional*): how the rows were made, e.g. `command` and `seed`, for statistics and card.
        overwrite (`bool`, defaults to `False`): replace a dataset that is already there.
        finish (`Callable[[Path], object]`, *optional*): adds to the finished folder, e.g. its card, before it is
            renamed, so that nobody sees it without.
        max_group_bytes (`int`, defaults to 256 MiB): size to which the images of a row group may expand.
        max_shard_bytes (`int`, defaults to 500 MiB): a file is closed once it has this size.

    Returns:
        `dict`: the content of `statistics.json`.

    Raises:
        [`DatasetError`]: for rows that break a rule, a folder that must not be replaced, or a disk that is full.
    """
    folder = Path(folder).absolute()
    check_target(folder, overwrite)
    staging = folder.with_name(f".{folder.name}.incomplete")
    shards: dict[tuple[str, str], _Shards] = {}
    try:
        with _disk_errors(folder):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
        statistics = Statistics(run or {})
        photos = {}
        for scene in scenes:
            text = check_scene_rows(scene)
            statistics.add(scene)
            if scene.rows:
                source = scene.rows[0]["dataset"]
                photos |= {(source, scene.scene_name, frame): photo for frame, photo in scene.photos.items()}
            with _disk_errors(folder):
                for config, places in _by_config(scene.rows).items():
                    key = (config, scene.split)
                    if key not in shards:
                        shards[key] = _Shards(staging / DATA_FOLDER / config, scene.split, max_shard_bytes)
                    for group in _groups(scene, places, max_group_bytes):
                        shown = [scene.rows[place]["frames"] for place in group]
                        shards[key].write(_table(text.take(group), shown, scene.images))
        if not shards:
            raise DatasetError("There are no rows to write. See the run's table of rejected candidates for the cause.")
        with _disk_errors(folder):
            files = [path for key in sorted(shards) for path in shards[key].finish()]
            content = statistics.summary(staging, files)
            (staging / STATISTICS_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
            write_photos(staging, photos)
            finish(staging)
            _put_in_place(staging, folder)
    finally:
        for shard in shards.values():
            shard.abandon()
        shutil.rmtree(staging, ignore_errors=True)
    return content


def check_target(folder: Path, overwrite: bool) -> None:
    """Raise [`DatasetError`] unless `write_dataset` may write to `folder`."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise DatasetError(f"{folder} is a file. Choose another folder for the dataset.")
    names = {path.name for path in folder.iterdir()}
    if not names:
        return
    foreign = names - KNOWN_NAMES
    if foreign or STATISTICS_FILE not in names or load_statistics(folder)["format"] != FORMAT:
        found = f"it holds {min(foreign)!r}" if foreign else f"it has no {STATISTICS_FILE} of ours"
        raise DatasetError(
            f"{folder} is not empty and holds more than a dataset written by this project: {found}. "
            "Choose another folder, or empty this one yourself."
        )
    if not overwrite:
        raise DatasetError(f"{folder} already holds a dataset. Choose another folder, or ask to overwrite it.")


def _put_in_place(staging: Path, folder: Path) -> None:
    """Rename `staging` to `folder`; a dataset that is replaced is deleted only when the new one stands."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    staging.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be written: {error}. Free some space or choose another folder, then run again."
        ) from error


def _by_config(rows: list[dict]) -> dict[str, list[int]]:
    """Places of the rows by task, in an order that does not depend on theirs: rows about the same frames stand
    together."""
    order = sorted((row["task"], sorted(row["frames"]), row["id"], place) for place, row in enumerate(rows))
    configs: dict[str, list[int]] = {}
    for task, *_, place in order:
        configs.setdefault(task, []).append(place)
    return configs


def _groups(scene: SceneRows, places: list[int], max_group_bytes: int) -> Iterator[list[int]]:
    """Cut rows into runs whose images, counted once for every row that shows them, stay within `max_group_bytes`."""
    group: list[int] = []
    group_bytes = 0
    for place in places:
        row = scene.rows[place]
        row_bytes = sum(len(scene.images[frame_id]) for frame_id in row["frames"]) if scene.images else 0
        if row_bytes > max_group_bytes:
            raise DatasetError(
                f"Scene {row['scene_name']!r}, row {row['id']!r}: its images have {row_bytes} bytes, more than the "
                f"{max_group_bytes} of a row group. Store smaller images."
            )
        if group_bytes + row_bytes > max_group_bytes:
            yield group
            group, group_bytes = [], 0
        group.append(place)
        group_bytes += row_bytes
    yield group


def _table(text: pa.Table, frames: list[list[str]], images: dict[str, bytes]) -> pa.Table:
    """One row group: `text` with the images of the `frames` that each row shows, in a dictionary by frame id."""
    if not images:
        return text.add_column(_IMAGES_POSITION, _IMAGES, pa.nulls(len(text), _IMAGES.type))
    shown = sorted({frame_id for row in frames for frame_id in row})
    position = {frame_id: k for k, frame_id in enumerate(shown)}
    indices = [position[frame_id] for row in frames for frame_id in row]
    offsets = np.cumsum([0, *map(len, frames)], dtype=np.int32)
    dictionary = pa.array([images[frame_id] for frame_id in shown], pa.binary())
    shared = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), dictionary)
    views = pa.StructArray.from_arrays(
        [shared, pa.nulls(len(indices), pa.string())], fields=list(_IMAGES.type.value_type)
    )
    column = pa.ListArray.from_arrays(pa.array(offsets), views, type=_IMAGES.type)
    return text.add_column(_IMAGES_POSITION, _IMAGES, column)


class _Shards:
    """The Parquet files of one config and split, under temporary names until `finish` knows how many there are."""

    def __init__(self, folder: Path, split: str, max_shard_bytes: int):
        self.folder, self.split, self.max_shard_bytes = folder, split, max_shard_bytes
        self.paths: list[Path] = []
        self.writer: pq.ParquetWriter | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, table: pa.Table) -> None:
        if self.writer is None:
            self.paths.append(self.folder / f"{self.split}-{len(self.paths):05d}.parquet")
            self.writer = pq.ParquetWriter(
                self.paths[-1],
                _FILE_SCHEMA,
                compression=_COMPRESSION,
                # so that pages of text stay as they were where only some rows have changed
                use_content_defined_chunking=True,
                # Arrow's own schema would ask readers for the in-memory dictionary, which `datasets` does not know
                store_schema=False,
            )
            self.writer.add_key_value_metadata(_ROW_SCHEMA.metadata)
        self.writer.write_table(table, row_group_size=len(table))
        if self.paths[-1].stat().st_size >= self.max_shard_bytes:
            self._close()

    def finish(self) -> list[Path]:
        """Close the last file, give all of them their final names and return those."""
        self._close()
        named = [
            self.folder / f"{self.split}-{k:05d}-of-{len(self.paths):05d}.parquet" for k in range(len(self.paths))
        ]
        for path, final in zip(self.paths, named, strict=True):
            path.rename(final)
        return named

    def abandon(self) -> None:
        """Let go of a file that is about to be deleted; a full disk may refuse its last bytes."""
        with suppress(OSError):
            self._close()

    def _close(self) -> None:
        if self.writer is not None:
            writer, self.writer = self.writer, None
            writer.close()
