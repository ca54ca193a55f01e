"""What the photos were like of which a dataset holds only the ids: so that a user's own copy can be checked.

<dataset folder>/photos.parquet    a line for every frame that a row without pixels shows
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError

from dataset_builder.errors import DatasetError
from dataset_builder.images_root import FrameKey, find_images
from dataset_builder.reader import PHOTOS_FILE, load_statistics


SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("scene_name", pa.string()),
        ("frame", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("sha256", pa.string()),
    ]
)


@dataclass(frozen=True)
class Photo:
    """Width and height in pixels, and the SHA-256 of the file in hexadecimal."""

    width: int
    height: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> "Photo":
        """Of a JPEG or PNG file.

        Raises:
            `OSError`: it is none.
        """
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            image.load()  # tells a file that was cut short
            return cls(*image.size, hashlib.sha256(data).hexdigest())


def write_photos(folder: Path, photos: Mapping[FrameKey, Photo]) -> None:
    """Write the table of a dataset folder that is being made; nothing if there are none."""
    if photos:
        names = ("dataset", "scene_name", "frame")
        lines = [dict(zip(names, key, strict=True)) | asdict(photo) for key, photo in sorted(photos.items())]
        pq.write_table(pa.Table.from_pylist(lines, SCHEMA), folder / PHOTOS_FILE, compression="zstd")


def read_photos(folder: Path) -> dict[FrameKey, Photo]:
    """The photos that a dataset folder was made from and does not hold.

    Raises:
        [`DatasetError`]: the folder is no dataset, lacks the table or the table cannot be read.
    """
    load_statistics(folder)
    path = folder / PHOTOS_FILE
    if not path.is_file():
        raise DatasetError(f"{folder} has no {PHOTOS_FILE}: no photos are missing in it. There is nothing to compare.")
    try:
        lines = pq.read_table(path, schema=SCHEMA).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{path} is not readable as Parquet ({error}). Copy it again.") from error
    return {
        (line["dataset"], line["scene_name"], line["frame"]): Photo(line["width"], line["height"], line["sha256"])
        for line in lines
    }


@dataclass(frozen=True)
class Finding:
    """A photo of the user's copy that is not as it was.

    Args:
        key (`tuple`): source, scene and frame id.
        fits (`bool`): whether boxes and points still fit: it has the same size, and only other bytes.
        text (`str`): what was found.
    """

    key: FrameKey
    fits: bool
    text: str


def check_copy(images_root: Path, photos: Mapping[FrameKey, Photo]) -> Iterator[Finding]:
    """Compare every photo with the user's copy, and yield what is missing or differs, in the order of the keys."""
    found, _ = find_images(images_root, photos)
    for key, expected in sorted(photos.items()):
        path = found.get(key)
        if path is None:
            yield Finding(key, False, "is missing")
            continue
        try:
            photo = Photo.of(path.read_bytes())
        except (UnidentifiedImageError, OSError) as error:
            yield Finding(key, False, f"cannot be read: {error}")
            continue
        if (photo.width, photo.height) != (expected.width, expected.height):
            sizes = f"{photo.width}x{photo.height} pixels, not {expected.width}x{expected.height}"
            yield Finding(key, False, f"has {sizes}: boxes and points do not fit")
        elif photo.sha256 != expected.sha256:
            yield Finding(key, True, "has the same size and other bytes")
