"""Reads a SpatialMosaic dataset, from a folder or from the Hub, and of it no more than is looked at.

Filters read a few short columns. A row reads its own row group, and of the images only that group's: pyarrow keeps
them as a dictionary, in which an image that many rows show is there once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fsspec.core import url_to_fs


STATISTICS = "statistics.json"
FORMAT = ("spatialmosaic", 2)
# What questions can be chosen by, with the names that people see
FILTERS = {
    "question_type": "Question type",
    "occ_level": "Occlusion",
    "overlap_level": "Overlap",
    "vis_level": "Visibility",
    "gt_scenario": "Coverage",
}
LEVELS = ("none", "low", "medium", "high")
# Imported records may leave a level open
UNKNOWN = "unknown"
# The dictionary of image files, as pyarrow names it
IMAGE_BYTES = "images.list.element.bytes"
ROWS_IN_MEMORY = 16
INDEX = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("id", *FILTERS, "path")),
        *(pa.field(name, pa.int32()) for name in ("group", "position")),
    ]
)


class ReadingError(ValueError):
    """A dataset that cannot be read; the message names the place, the finding and the remedy."""


@dataclass(frozen=True)
class Place:
    """Where a row is stored: `position` in row group `group` of the Parquet file `path`."""

    path: str
    group: int
    position: int


class Questions:
    """The rows of a dataset.

    Args:
        location (`str`): a dataset folder, a Hub id like `"user/spatialmosaic"`, or any URL that fsspec knows.

    Raises:
        [`ReadingError`]: if there is no dataset of this format.
    """

    def __init__(self, location: str):
        self.location = location
        is_url = "://" in location or Path(location).is_dir()
        self.fs, self.root = url_to_fs(location if is_url else f"hf://datasets/{location}")
        self.statistics = self._statistics()
        self.files: dict[tuple[str, str], list[str]] = {}
        for name in self.statistics["files"]:
            path = PurePosixPath(name)
            key = path.parent.name, path.name.partition("-")[0]
            self.files.setdefault(key, []).append(f"{self.root}/{name}")
        self._indices: dict[str, pa.Table] = {}
        self._footers: dict[str, pq.FileMetaData] = {}
        self._row_of = lru_cache(maxsize=ROWS_IN_MEMORY)(self._read_row)

    def _statistics(self) -> dict:
        path = f"{self.root}/{STATISTICS}"
        try:
            statistics = json.loads(self.fs.cat_file(path))
            found = statistics["format"], statistics["format_version"]
        except Exception as error:  # every file system has its own
            raise ReadingError(
                f"{self.location} is neither a dataset folder nor the Hub id of one: {STATISTICS} cannot be read "
                f"({error!r}). Make a dataset with `spatialmosaic generate`, or check the id and that it is public."
            ) from error
        if found != FORMAT:
            raise ReadingError(f"{path} has the format {found}, not {FORMAT}. Use the app of the same release.")
        return statistics

    @property
    def configs(self) -> list[str]:
        return list(dict.fromkeys(config for config, _ in self.files))

    def splits(self, config: str | None) -> list[str]:
        """Splits that `config` has (all configs if `None`), in the order of training."""
        held = {split for name, split in self.files if config in {None, name}}
        return [split for split in ("train", "validation", "test") if split in held]

    def index(self, config: str | None, split: str | None) -> pa.Table:
        """One line for each row of a config and split (`None` for all): id, filter columns, and place."""
        tables = [
            self._index_of(path)
            for (name, part), paths in self.files.items()
            if config in {None, name} and split in {None, part}
            for path in paths
        ]
        return pa.concat_tables(tables) if tables else INDEX.empty_table()

    def select(self, config: str | None, split: str | None, **chosen: str | None) -> pa.Table:
        """Lines of `index` whose columns have the `chosen` values (`None` for any)."""
        table = self.index(config, split)
        for column, value in chosen.items():
            if value is not None:
                table = table.filter(pc.equal(table[column], value))
        return table

    def choices(self, config: str | None, split: str | None, **chosen: str | None) -> dict[str, dict[str, int]]:
        """For each filter, how many rows each of its values would leave while the other filters stay as `chosen`."""
        found = {}
        for column in FILTERS:
            others = {name: value for name, value in chosen.items() if name != column}
            counts = self.select(config, split, **others)[column].value_counts().to_pylist()
            values = {count["values"]: count["counts"] for count in counts}
            found[column] = {value: values[value] for value in sorted(values, key=_rank)}
        return found

    def place(self, row_id: str) -> Place | None:
        """Where the row with this id is stored; `None` where no row has it."""
        paths = [path for paths in self.files.values() for path in paths]
        for path in sorted(paths, key=lambda path: path not in self._indices):  # what is in memory first
            index = self._index_of(path)
            k = pc.index(index["id"], row_id).as_py()
            if k >= 0:
                return Place(path, index["group"][k].as_py(), index["position"][k].as_py())
        return None

    def where(self, place: Place) -> tuple[str, str]:
        """Config and split that a row belongs to."""
        return next(key for key, paths in self.files.items() if place.path in paths)

    def row(self, row_id: str) -> dict | None:
        """The row with this id, where `images` is the list of its stored files as `bytes`, or `None` without pixels.

        `None` where no row has the id.
        """
        place = self.place(row_id)
        return place and dict(self._row_of(place))

    def _read_row(self, place: Place) -> dict:
        with self._open(place.path) as file:
            group = file.read_row_group(place.group)
        row = group.slice(place.position, 1).to_pylist()[0]
        return {**row, "images": row["images"] and [view["bytes"] for view in row["images"]]}

    def _index_of(self, path: str) -> pa.Table:
        if path not in self._indices:
            self._indices[path] = self._read_index(path)
        return self._indices[path]

    def _read_index(self, path: str) -> pa.Table:
        with self._open(path) as file:
            missing = {"id", *FILTERS} - set(file.schema_arrow.names)
            if missing:
                raise ReadingError(f"{path} has no column {min(missing)!r}. Generate the dataset again.")
            table = file.read(columns=["id", *FILTERS])  # of all groups at once: few requests where the file is remote
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        columns = {name: pc.fill_null(table[name], UNKNOWN) for name in ("id", *FILTERS)}
        places = {
            "path": [path] * len(table),
            "group": [group for group, size in enumerate(sizes) for _ in range(size)],
            "position": [position for size in sizes for position in range(size)],
        }
        return pa.table({**columns, **places}, schema=INDEX)

    @contextmanager
    def _open(self, path: str) -> Iterator[pq.ParquetFile]:
        try:
            # exact ranges: a cache that reads ahead would fetch the images between two columns
            with self.fs.open(path, "rb", cache_type="none") as source:
                options = {"read_dictionary": [IMAGE_BYTES], "pre_buffer": True}
                file = pq.ParquetFile(source, metadata=self._footers.get(path), **options)
                self._footers[path] = file.metadata
                yield file
        except ReadingError:
            raise
        except Exception as error:  # every file system has its own
            raise ReadingError(f"{path} is not readable as Parquet ({error}). Copy or upload it again.") from error


def _rank(value: str) -> tuple[int, str]:
    return LEVELS.index(value) if value in LEVELS else len(LEVELS), value


def step(ids: pa.ChunkedArray, row_id: str | None, by: int) -> str | None:
    """Id that is `by` lines after `row_id` in a ring of `ids`; the first where `row_id` is not one of them.

    `None` where there are no ids.
    """
    if not len(ids):
        return None
    at = pc.index(ids, row_id).as_py() if row_id else -1
    return ids[(at + by) % len(ids) if at >= 0 else 0].as_py()
