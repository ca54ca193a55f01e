"""What a dataset folder must be before others may have it; its `statistics.json` is checked against the files.

It is complete, holds nothing else, can be read to the last page, agrees with its statistics and its card, and has no
pixels of a source whose terms keep them.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from datasets import Features

from dataset_builder.errors import DatasetError
from dataset_builder.publish_card import check_card, check_pictures
from dataset_builder.reader import (
    AUDIT_FILE,
    CARD_FILE,
    DATA_FOLDER,
    PHOTOS_FILE,
    PICTURES_FOLDER,
    SHORTCUTS_FILE,
    STATISTICS_FILE,
    load_statistics,
    open_parquet,
)
from dataset_builder.schema import FEATURES, SPLITS, TASKS
from dataset_builder.sources import terms_of
from dataset_builder.whole import file_hash


# Beside data and pictures, in the order in which they are published: whoever reads the card finds what it speaks of
OTHER_FILES = (PHOTOS_FILE, AUDIT_FILE, SHORTCUTS_FILE, STATISTICS_FILE, CARD_FILE)
SHARD = re.compile(
    rf"{DATA_FOLDER}/(?P<config>{'|'.join(TASKS)})/(?P<split>{'|'.join(SPLITS)})-(?P<k>\d{{5}})-of-(?P<n>\d{{5}})"
    r"\.parquet"
)
PICTURE = re.compile(rf"{PICTURES_FOLDER}/({'|'.join(TASKS)})\.jpg")
AGAIN = "Copy it again, or generate the dataset again."


@dataclass(frozen=True)
class LocalFile:
    """A file to publish: its path in folder and repository, its size in bytes and its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class CheckedFolder:
    """A dataset folder that may be published.

    Args:
        folder (`Path`): where it is.
        files (`tuple` of [`LocalFile`]): data, pictures, statistics, and the card at the end.
        format_version (`int`): of its statistics.
        gated_sources (`tuple` of `str`): sources whose terms a reader must accept first.
    """

    folder: Path
    files: tuple[LocalFile, ...]
    format_version: int
    gated_sources: tuple[str, ...]

    @property
    def content_tag(self) -> str:
        """Tag made from the content: the same files have the same tag, others have another."""
        listing = "".join(sorted(f"{file.path} {file.sha256}\n" for file in self.files))
        return f"v{self.format_version}-{hashlib.sha256(listing.encode()).hexdigest()[:8]}"


def check_folder(folder: Path, on_file: Callable[[int], None] = lambda count: None) -> CheckedFolder:
    """Check all of a dataset folder, one row group in memory at a time.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        on_file (`Callable[[int], None]`): called with 1 whenever a Parquet file is done.

    Raises:
        [`DatasetError`]: for the first rule that is broken.
    """
    folder = Path(folder)
    statistics = load_statistics(folder)
    listed = _listed(folder, statistics)
    pictures, others = _check_names(folder, listed)
    sources = list(statistics["sources"])
    check_card(folder, sources, list(listed))
    counted = _count_sources(folder, listed, on_file)
    if counted != statistics["sources"]:
        raise DatasetError(
            f"{folder / STATISTICS_FILE} says of its sources {statistics['sources']}, but the files hold {counted}. "
            "Generate the dataset again."
        )
    check_pictures(folder, sources, pictures)
    files = tuple(_local_file(folder, name) for name in [*listed, *pictures, *others])
    for file in files:
        if file.path in listed and listed[file.path]["sha256"] != file.sha256:
            raise DatasetError(f"{folder / file.path} is not as it was written: its bytes have changed. {AGAIN}")
    return CheckedFolder(
        folder=folder,
        files=files,
        format_version=statistics["format_version"],
        gated_sources=tuple(source for source in sources if terms_of(source).gated),
    )


def _listed(folder: Path, statistics: dict) -> dict[str, dict]:
    """Rows, bytes and SHA-256 of the files that `statistics.json` lists, after a check that its counts agree."""
    path = folder / STATISTICS_FILE
    try:
        listed = {
            name: {"rows": int(of["rows"]), "bytes": int(of["bytes"]), "sha256": str(of["sha256"])}
            for name, of in statistics["files"].items()
        }
        rows, configs, _ = statistics["rows"], statistics["configs"], list(statistics["sources"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path} lacks a count of the writer ({error!r}). Generate the dataset again.") from error
    counted: dict[str, Counter] = defaultdict(Counter)
    shards: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for name, of in listed.items():
        shard = SHARD.fullmatch(name)
        if shard is None:
            raise DatasetError(f"{path} lists {name!r}, which is no name of a data file. Generate the dataset again.")
        counted[shard["config"]][shard["split"]] += of["rows"]
        shards[shard["config"], shard["split"]].append((int(shard["k"]), int(shard["n"])))
    for (config, split), found in shards.items():
        count = found[0][1]
        if sorted(found) != [(k, count) for k in range(count)]:
            raise DatasetError(
                f"{path} does not list all shards of {DATA_FOLDER}/{config}/{split}, of which there are {count}, or "
                f"others beside them. {AGAIN}"
            )
    if (rows, configs) != (sum(of["rows"] for of in listed.values()), counted):
        found = {config: dict(counts) for config, counts in counted.items()}
        raise DatasetError(
            f"{path} counts {rows} rows, {configs}, but its files add up to {found}. Generate the dataset again."
        )
    return listed


def _check_names(folder: Path, listed: dict[str, dict]) -> tuple[list[str], list[str]]:
    """Check that the folder holds what is listed and nothing else; return the pictures and the other files."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    missing = sorted(set(listed) - present)
    if missing:
        raise DatasetError(f"{folder / missing[0]} is missing. {AGAIN}")
    if CARD_FILE not in present:
        raise DatasetError(
            f"{folder} has no card: {folder / CARD_FILE} is missing. Copy it again, or write it with "
            "`hub_cards.dataset_card.write_card`."
        )
    pictures = sorted(filter(PICTURE.fullmatch, present))
    foreign = sorted(present - set(listed) - set(pictures) - set(OTHER_FILES))
    if foreign:
        raise DatasetError(
            f"{folder / foreign[0]} is no file of this dataset: {STATISTICS_FILE} does not list it. Whatever is in "
            "the folder is published, so move it elsewhere."
        )
    for name, of in listed.items():
        size = (folder / name).stat().st_size
        if size != of["bytes"]:
            raise DatasetError(f"{folder / name} has {size} bytes, but {STATISTICS_FILE} says {of['bytes']}. {AGAIN}")
    return pictures, [name for name in OTHER_FILES if name in present]


def _count_sources(folder: Path, listed: dict[str, dict], on_file: Callable[[int], None]) -> dict:
    """Read every row; count rows, scenes and scenes with pixels of each source, as `statistics.json` does."""
    rows: Counter = Counter()
    scenes: dict[str, dict[str, bool]] = defaultdict(dict)  # source -> scene -> has pixels
    for name, of in listed.items():
        for table in _row_groups(folder / name, of["rows"]):
            tasks = set(table["task"].to_pylist())
            if tasks != {Path(name).parent.name}:
                raise DatasetError(
                    f"{folder / name} holds rows of {', '.join(sorted(map(str, tasks)))}. A file holds the rows of "
                    "its config alone. Generate the dataset again."
                )
            columns = (table["dataset"], table["scene_name"], table["images"].is_valid())
            for source, scene, shown in zip(*(column.to_pylist() for column in columns), strict=True):
                if shown and not terms_of(source).pixels:
                    raise DatasetError(
                        f"{folder / name} holds photos of scene {scene!r}. The terms of {source!r} do not let them be "
                        "passed on. Generate the dataset with `--no-pixels`; readers fill in their own copy."
                    )
                rows[source] += 1
                scenes[source][scene] = scenes[source].get(scene, False) or shown
        on_file(1)
    return {
        source: {"scenes": len(of), "rows": rows[source], "scenes_with_pixels": sum(of.values())}
        for source, of in scenes.items()
    }


def _row_groups(path: Path, rows: int) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file, each image once, after a check of its schema and its number of rows."""
    with open_parquet(path) as file:
        if file.metadata.num_rows != rows:
            raise DatasetError(f"{path} has {file.metadata.num_rows} rows, but {STATISTICS_FILE} says {rows}. {AGAIN}")
        if Features.from_arrow_schema(file.metadata.schema.to_arrow_schema()) != FEATURES:
            raise DatasetError(
                f"{path} has columns of other types than a row: another version wrote it. All files of a dataset have "
                "the same version. Generate the dataset again."
            )
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)


def _local_file(folder: Path, name: str) -> LocalFile:
    return LocalFile(name, (folder / name).stat().st_size, file_hash(folder / name))
