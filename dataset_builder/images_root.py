"""Finds the photos of rows without pixels in the user's own copy of their source."""

from collections.abc import Iterable
from pathlib import Path

from dataset_builder.errors import DatasetError
from dataset_builder.schema import SAFE_NAME


# Where a copy keeps its scenes: at the top, as the release of ScanNet++ does, or by the source's name
FOLDERS = ("", "data", "{dataset}")
LAYOUTS = (
    "{scene}/iphone/rgb/{frame}.jpg",
    "{scene}/dslr/resized_undistorted_images/{frame}.JPG",
    "{scene}/images/{frame}.jpg",
)

# Source, scene and frame id
FrameKey = tuple[str, str, str]


def keys_of(row: dict) -> list[FrameKey]:
    """Keys of the frames of a row, in the order shown."""
    return [(row["dataset"], row["scene_name"], frame) for frame in row["frames"]]


def locate_images(images_root: Path, keys: Iterable[FrameKey]) -> dict[FrameKey, Path]:
    """Path of the photo of every frame.

    Args:
        images_root (`Path`): the user's copy. Any of `<scene>/iphone/rgb/<frame>.jpg`,
            `<scene>/dslr/resized_undistorted_images/<frame>.JPG` and `<scene>/images/<frame>.jpg` is found, at its
            top, under `data/` or under the name of the source.
        keys (iterable of `tuple`): source, scene and frame ids; may repeat.

    Raises:
        [`DatasetError`]: photos are missing; the message names every one of them.
    """
    found, missing = find_images(images_root, keys)
    if missing:
        names = ", ".join(f"{scene}/{frame}" for _, scene, frame in missing)
        waymo = any(dataset == "waymo" for dataset, _, _ in missing)
        more = ", and take them out of its Parquet with `spatialmosaic photos`" if waymo else ""
        raise DatasetError(
            f"{images_root} lacks {len(missing)} of {len(missing) + len(found)} frames. Each is looked for as "
            f"{', '.join(LAYOUTS)}. Get them from the source under its licence{more}. Missing: {names}."
        )
    return found


def find_images(images_root: Path, keys: Iterable[FrameKey]) -> tuple[dict[FrameKey, Path], list[FrameKey]]:
    """Path of the photo of every frame that is there, and the keys of those that are missing; see `locate_images`."""
    found, missing = {}, []
    for key in sorted(set(keys)):
        dataset, scene, frame = key
        for name in key:
            if not SAFE_NAME.match(name):
                raise DatasetError(f"The id {name!r} of a row is not a plain name. Do not trust this dataset.")
        names = [
            Path(folder.format(dataset=dataset)) / layout.format(scene=scene, frame=frame)
            for folder in FOLDERS
            for layout in LAYOUTS
        ]
        path = next((Path(images_root) / name for name in names if (Path(images_root) / name).is_file()), None)
        if path is None:
            missing.append(key)
        else:
            found[key] = path
    return found, missing
