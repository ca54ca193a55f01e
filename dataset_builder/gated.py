"""Datasets whose pixels may not be redistributed, with the images of the user's own copy."""

from pathlib import Path

from datasets import Dataset, Image, List

from dataset_builder.images_root import keys_of, locate_images
from dataset_builder.reader import dataset_files
from dataset_builder.schema import FEATURES


def load_with_images(folder: Path, config: str | None, split: str, images_root: Path) -> Dataset:
    """Load a dataset folder and fill the images of its rows without pixels.

    Only the paths of the photos are stored in the result, each is read when its row is: the dataset costs no more
    memory or disk than its text, and can be mapped, filtered and trained on like any other.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        config (`str`, *optional*): one of the six tasks; all of them if `None`.
        split (`str`): `"train"`, `"validation"` or `"test"`.
        images_root (`Path`): the user's copy of the source, see `locate_images`.

    Returns:
        `datasets.Dataset`: with the columns of `dataset_builder.schema.FEATURES`.

    Raises:
        [`DatasetError`]: if there is no such dataset, config or split, or frames are missing in `images_root`: the
            message names every one of them.
    """
    files = [str(path) for path in dataset_files(folder, config, split)]
    stored = Dataset.from_parquet(files, features=FEATURES).cast_column("images", List(Image(decode=False)))
    columns = stored.select_columns(["dataset", "scene_name", "frames", "images"])
    found = locate_images(images_root, (key for row in columns if row["images"] is None for key in keys_of(row)))

    def fill(row: dict) -> dict:
        if row["images"] is not None:
            return {"images": row["images"]}
        return {"images": [{"bytes": None, "path": str(found[key].absolute())} for key in keys_of(row)]}

    return stored.map(fill, features=stored.features).cast_column("images", List(Image()))
