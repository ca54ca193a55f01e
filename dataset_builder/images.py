"""Image files by content: one file for each different image, however many rows, configs or datasets show it."""

import hashlib
from pathlib import Path

import pyarrow as pa

from dataset_builder.whole import write_file


SUFFIXES = {b"\xff\xd8": ".jpg", b"\x89P": ".png"}


class ImageStore:
    """A folder of image files named by the hash of their bytes. Several processes may share it.

    Args:
        folder (`Path`): made when the first image is put there.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, image: bytes) -> Path:
        """Path of the file that holds these bytes, unchanged."""
        digest = hashlib.sha256(image).hexdigest()
        path = self.folder / digest[:2] / f"{digest}{SUFFIXES.get(image[:2], '')}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, image)
        return path

    def as_paths(self, images: pa.ListArray) -> pa.ListArray:
        """The column `images` of a row group, its bytes in a dictionary, with paths in place of bytes."""
        views = images.values
        shared = views.field("bytes")
        paths = pa.array([str(self.put(image.as_py())) for image in shared.dictionary], pa.string())
        return path_column(images.offsets, paths.take(shared.indices))


def path_column(offsets: pa.Array, paths: pa.Array) -> pa.ListArray:
    """A column `images` whose views are files: row `k` has the paths from `offsets[k]` to `offsets[k + 1]`."""
    views = pa.StructArray.from_arrays([pa.nulls(len(paths), pa.binary()), paths], ["bytes", "path"])
    return pa.ListArray.from_arrays(offsets, views)
