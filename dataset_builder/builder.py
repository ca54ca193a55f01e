"""The dataset for local work: rows whose images are files, each stored once.

    rows = load("runs/demo/spatialmosaic", "object_count", split="train")

`load_dataset` copies a shared image into its cache once for every row that shows it; this builder puts each different
image there once, and its rows name the file. It also reads the generator's raw output, whose images stay where they
are, and fills rows without pixels from the user's own copy of their source. What it gives is a `datasets.Dataset` like
any other: map, filter, train.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import datasets
import orjson
import pyarrow as pa

from dataset_builder.errors import DatasetError
from dataset_builder.images import ImageStore, path_column
from dataset_builder.images_root import FrameKey, keys_of, locate_images
from dataset_builder.raw import SPLITS_FILE, read_splits, scene_folder
from dataset_builder.reader import PIXELS, STATISTICS_FILE, dataset_files, open_parquet
from dataset_builder.scene_rows import TEXT_SCHEMA
from dataset_builder.schema import FEATURES, SPLITS, TASKS


IMAGES = FEATURES.arrow_schema.get_field_index("images")


@dataclass
class SpatialMosaicConfig(datasets.BuilderConfig):
    """One of the six tasks, or all of them (`default`).

    Args:
        images_root (`str`, *optional*): the user's own copy of a source whose photos may not be passed on; see
            `dataset_builder.images_root.locate_images`.
        content (`str`): hash of what the folder says that it holds, so that a cache is never believed for another one.
    """

    images_root: str | None = None
    content: str = ""

    @property
    def task(self) -> str | None:
        return None if self.name == "default" else self.name


class SpatialMosaic(datasets.ArrowBasedBuilder):
    """Builder of `dataset_builder.schema.FEATURES` from a folder.

    Args:
        data_dir (`str` or `Path`): a dataset folder (made by `write_dataset` or downloaded from the Hub), or the work
            folder of the generator (`<out>.work`).
        config_name (`str`, *optional*, defaults to `"default"`): one of the six tasks, or all of them.
        images_root (`str` or `Path`, *optional*): see [`SpatialMosaicConfig`].
        kwargs: those of `datasets.DatasetBuilder`, `cache_dir` among them.

    Raises:
        [`DatasetError`]: the folder is none of the two, lacks the config, holds an id twice, or `images_root` lacks
            frames (when the rows are built).
    """

    BUILDER_CONFIG_CLASS = SpatialMosaicConfig
    BUILDER_CONFIGS = [SpatialMosaicConfig(name=name) for name in ("default", *TASKS)]
    DEFAULT_CONFIG_NAME = "default"

    def __init__(self, *, data_dir: str | Path, images_root: str | Path | None = None, **kwargs):
        folder = Path(data_dir).absolute()
        for name in (STATISTICS_FILE, SPLITS_FILE):
            if (folder / name).is_file():
                content = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                break
        else:
            raise DatasetError(
                f"{folder} has neither a {STATISTICS_FILE}, as a dataset folder, nor a {SPLITS_FILE}, as a finished "
                "work folder of the generator. Give one of the two."
            )
        if images_root is not None:
            kwargs["images_root"] = str(Path(images_root).absolute())
        super().__init__(data_dir=str(folder), content=content, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(features=FEATURES)

    def _split_generators(self, dl_manager) -> list[datasets.SplitGenerator]:
        parts = {split: self._parts(split) for split in SPLITS}
        every = [part for of_split in parts.values() for part in of_split]
        self._check_ids(every)
        if self.config.images_root is not None:
            keys = (key for part in every if not self._has_pixels(part) for key in self._frame_keys(part))
            locate_images(Path(self.config.images_root), keys)  # names all that are missing, before any is used
        return [datasets.SplitGenerator(split, gen_kwargs={"parts": found}) for split, found in parts.items() if found]

    def _parts(self, split: str) -> list[tuple[str, int | None]]:
        """What a process reads at a time: a file and its row group, or a raw scene and `None`."""
        folder = Path(self.config.data_dir)
        if not (folder / STATISTICS_FILE).is_file():
            splits = read_splits(folder)
            return [(str(scene_folder(folder, name)), None) for name, held in splits.items() if held == split]
        found = []
        for path in dataset_files(folder, self.config.task):
            if path.name.partition("-")[0] == split:
                with open_parquet(path) as file:
                    found += [(str(path), group) for group in range(file.num_row_groups)]
        return found

    def _check_ids(self, parts: list[tuple[str, int | None]]) -> None:
        """Refuse ids that come twice; `datasets` no longer looks."""
        counts = Counter(row_id for part in parts for row_id in self._text(part, ["id"]).column("id").to_pylist())
        twice = sorted(row_id for row_id, count in counts.items() if count > 1)
        if twice:
            raise DatasetError(
                f"{self.config.data_dir}: {len(twice)} row ids occur more than once, {twice[0]!r} among them. "
                "Generate the dataset again, or leave out the file that was added to it."
            )

    def _text(self, part: tuple[str, int | None], columns: list[str]) -> pa.Table:
        """Columns of a part, as they are stored."""
        path, group = part
        if group is None:
            lines = (Path(path) / "rows.jsonl").read_bytes().splitlines()
            rows = [row for row in map(orjson.loads, lines) if self.config.task in {None, row["task"]}]
            return pa.Table.from_pylist(rows, schema=TEXT_SCHEMA).select(columns)
        with open_parquet(Path(path)) as file:
            return file.read_row_group(group, columns=columns)

    def _has_pixels(self, part: tuple[str, int | None]) -> bool:
        path, group = part
        if group is None:
            return (Path(path) / "images").is_dir()
        with open_parquet(Path(path)) as file:
            column = file.read_row_group(group, columns=[PIXELS]).column("images")
        return column.null_count < len(column)

    def _frame_keys(self, part: tuple[str, int | None]) -> list[FrameKey]:
        rows = self._text(part, ["dataset", "scene_name", "frames"]).to_pylist()
        return [key for row in rows for key in keys_of(row)]

    def _generate_tables(self, parts: list[tuple[str, int | None]]) -> Iterator[tuple[tuple[int, int], pa.Table]]:
        for k, part in enumerate(parts):
            text = self._text(part, TEXT_SCHEMA.names).cast(TEXT_SCHEMA)
            if not self._has_pixels(part):
                images = self._own_images(part, text)
            elif part[1] is None:
                images = self._raw_images(part[0], text)
            else:
                images = self._stored_images(*part)
            yield (k, 0), text.add_column(IMAGES, FEATURES.arrow_schema.field(IMAGES), images)

    def _stored_images(self, path: str, group: int) -> pa.ListArray:
        with open_parquet(Path(path)) as file:
            column = file.read_row_group(group, columns=["images"]).column("images").combine_chunks()
        return ImageStore(Path(self._cache_dir_root) / "spatialmosaic_images").as_paths(column)

    def _raw_images(self, folder: str, text: pa.Table) -> pa.ListArray:
        files = {path.stem: str(path) for path in (Path(folder) / "images").iterdir()}
        return _paths([[files[frame] for frame in row["frames"]] for row in text.select(["frames"]).to_pylist()])

    def _own_images(self, part: tuple[str, int | None], text: pa.Table) -> pa.ListArray:
        if self.config.images_root is None:
            return pa.nulls(len(text), FEATURES.arrow_schema.field(IMAGES).type)
        found = locate_images(Path(self.config.images_root), self._frame_keys(part))
        rows = text.select(["dataset", "scene_name", "frames"]).to_pylist()
        return _paths([[str(found[key].absolute()) for key in keys_of(row)] for row in rows])


def _paths(views: list[list[str]]) -> pa.ListArray:
    """The column `images` of rows whose views are these files."""
    listed = pa.array(views, pa.list_(pa.string()))
    return path_column(listed.offsets, listed.values)


def load(
    folder: str | Path,
    config: str | None = None,
    split: str | None = None,
    *,
    images_root: str | Path | None = None,
    num_proc: int | None = None,
    cache_dir: str | Path | None = None,
) -> datasets.Dataset | datasets.DatasetDict:
    """Load a folder with each image stored once.

    Args:
        folder (`str` or `Path`): a dataset folder, or the generator's work folder; see [`SpatialMosaic`].
        config (`str`, *optional*): one of the six tasks; all of them if left out.
        split (`str`, *optional*): `"train"`, `"validation"` or `"test"`; a dictionary of them if left out.
        images_root (`str` or `Path`, *optional*): the user's own copy of a source whose photos are not in the rows.
        num_proc (`int`, *optional*): processes to use.
        cache_dir (`str` or `Path`, *optional*): where text and images are kept; by default where `datasets` keeps its
            own.

    Raises:
        [`DatasetError`]: see [`SpatialMosaic`].
    """
    if config not in {None, "default", *TASKS}:
        raise DatasetError(f"Unknown config {config!r}. Use one of {', '.join(TASKS)}.")
    builder = SpatialMosaic(
        data_dir=folder,
        config_name=config,
        images_root=images_root,
        cache_dir=None if cache_dir is None else str(cache_dir),
    )
    try:
        builder.download_and_prepare(num_proc=num_proc)
    except datasets.exceptions.DatasetGenerationError as error:
        if isinstance(error.__cause__, DatasetError):
            raise error.__cause__ from None
        raise
    if split is not None and split not in builder.info.splits:
        raise DatasetError(f"{folder} has no split {split!r}. It has {', '.join(builder.info.splits)}.")
    return builder.as_dataset(split=split)
