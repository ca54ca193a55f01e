"""`spatialmosaic photos`: takes the photos that a dataset's rows show out of the user's own copy of a source.

The Waymo Open Dataset keeps its photos in Parquet, a file for a whole drive. Its rows need some of them, as files:

    <out>/waymo/<segment>/images/<frame>.jpg

which is where `images_root=<out>` looks for them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from dataset_builder.errors import DatasetError
from dataset_builder.images_root import FrameKey, find_images, keys_of
from dataset_builder.progress import progress_bar
from dataset_builder.reader import load_rows
from dataset_builder.waymo_photos import find_segment, read_photos_of
from dataset_builder.whole import write_file


SOURCE = "waymo"


@dataclass(frozen=True, kw_only=True)
class PhotosSettings:
    """Take the photos that a dataset's rows show out of your own copy of the Waymo Open Dataset.

    Writes them, byte for byte, into a folder that then is the `images_root` of everything that loads the dataset.
    Photos that are there already are not taken again.
    """

    folder: Path = field(metadata={"help": "Dataset folder.", "positional": True})
    root: Path = field(
        metadata={"help": "Your copy of the source: the folder that holds `training` and `validation`."}
    )
    out: Path = field(default=Path("runs/photos"), metadata={"help": "Folder for the photos: the later images_root."})


def run_photos(settings: PhotosSettings) -> None:
    """Write the photos and print how many.

    Raises:
        [`DatasetError`]: the folder has no rows of the source, or the copy lacks photos.
    """
    keys = {
        key for row in load_rows(settings.folder, columns=("dataset", "scene_name", "frames")) for key in keys_of(row)
    }
    keys = {key for key in keys if key[0] == SOURCE}
    if not keys:
        raise DatasetError(f"{settings.folder} has no rows of {SOURCE!r}. Other sources have their photos as files.")
    written = extract_photos(settings.root, keys, settings.out)
    Console(soft_wrap=True).print(
        f"{len(keys):,} photos, {written:,} of them new: load the dataset with images_root={str(settings.out)!r}.",
        highlight=False,
    )


def extract_photos(root: Path, keys: set[FrameKey], out: Path) -> int:
    """Write the photos of the frames that `out` lacks, and return their number.

    Raises:
        [`DatasetError`]: photos are missing; the message names every one of them.
    """
    _, lacking = find_images(out, keys)
    of_segment = defaultdict(set)
    for _, segment, frame in lacking:
        of_segment[segment].add(frame)
    missing = []
    with progress_bar("Taking photos", len(of_segment), "drives") as advance:
        for segment, frames in sorted(of_segment.items()):
            found = set()
            for frame, data in _photos(root, segment, frames):
                path = out / SOURCE / segment / "images" / f"{frame}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, data)
                found.add(frame)
            missing += [f"{segment}/{frame}" for frame in sorted(frames - found)]
            advance(1)
    if missing:
        raise DatasetError(
            f"{root} lacks {len(missing)} of {len(keys)} photos. Each is looked for in "
            f"training|validation/camera_image/<segment>.parquet. Missing: {', '.join(missing)}."
        )
    return len(lacking)


def _photos(root: Path, segment: str, frames: set[str]) -> Iterator[tuple[str, bytes]]:
    path = find_segment(root, segment)
    return iter(()) if path is None else read_photos_of(path, frames)
