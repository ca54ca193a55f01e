"""Photos of rows without pixels, from the user's own copy of their source."""

import importlib.util
from pathlib import Path


class NoPhotosError(Exception):
    """Why a row is shown without photos, in a sentence for people."""


def own_photos(row: dict, images_root: Path | None) -> list[bytes]:
    """The photos of a row without pixels, in the order shown.

    Raises:
        [`NoPhotosError`]: if there is no copy, or it lacks photos of this row.
    """
    if images_root is None:
        raise NoPhotosError(
            f"This dataset holds no photos of {row['dataset']}: it was made without, or they may not be passed on. "
            "With a copy of your own, start the app with --images-root FOLDER. Question and evidence are all here."
        )
    if importlib.util.find_spec("dataset_builder") is None:
        raise NoPhotosError("To find photos in your copy, the package spatialmosaic must be installed.")
    # Imported here: the app runs without the package too
    from dataset_builder.errors import DatasetError
    from dataset_builder.images_root import keys_of, locate_images

    try:
        found = locate_images(images_root, keys_of(row))
        return [found[key].read_bytes() for key in keys_of(row)]
    except (DatasetError, OSError) as error:
        raise NoPhotosError(str(error)) from error
