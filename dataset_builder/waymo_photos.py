"""The photos of a user's own copy of the Waymo Open Dataset, which lie inside Parquet files.

    <root>/<training or validation>/camera_image/<segment>.parquet

A frame's id is its timestamp in microseconds and its camera, e.g. `1553735412482913_1`.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.errors import DatasetError


FOLDERS = ("training", "validation")
KEYS = ("key.frame_timestamp_micros", "key.camera_name")
IMAGE = "[CameraImageComponent].image"
# Images that are decoded at a time
ROWS_AT_A_TIME = 16


def frame_id(timestamp: int, camera: int) -> str:
    """Id of the frame that a camera took at a timestamp."""
    return f"{timestamp}_{camera}"


def find_segment(root: Path, segment: str) -> Path | None:
    """File of the segment's images, if the copy has one."""
    paths = [Path(root) / folder / "camera_image" / f"{segment}.parquet" for folder in FOLDERS]
    return next((path for path in paths if path.is_file()), None)


def read_photos_of(path: Path, frames: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """JPEG files of those of `frames` (ids) that the file of a segment holds, as they are stored.

    Raises:
        [`DatasetError`]: the file cannot be read.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            for batch in file.iter_batches(ROWS_AT_A_TIME, columns=[*KEYS, IMAGE], use_threads=False):
                names = map(frame_id, *(batch[key].to_pylist() for key in KEYS))
                for name, image in zip(names, batch[IMAGE], strict=True):
                    if name in frames:
                        yield name, image.as_py()
    except (pa.ArrowException, OSError, KeyError) as error:
        raise DatasetError(f"{path} is not readable as images of a segment ({error}). Copy it again.") from error
