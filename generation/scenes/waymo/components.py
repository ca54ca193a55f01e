"""Reads the component files of one segment: chosen columns, a few rows at a time, each checked for its type.

<root>/<training or validation>/<component>/<segment>.parquet
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from generation.scenes.base import SceneError


SEGMENT, TIME, CAMERA, LASER = "segment_context_name", "frame_timestamp_micros", "camera_name", "laser_name"
LASER_OBJECT, CAMERA_OBJECT = "laser_object_id", "camera_object_id"
# Class in the column names, and the keys that tell two rows of a segment apart
COMPONENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "camera_calibration": ("CameraCalibrationComponent", (CAMERA,)),
    "camera_image": ("CameraImageComponent", (TIME, CAMERA)),
    "camera_box": ("CameraBoxComponent", (TIME, CAMERA, CAMERA_OBJECT)),
    "vehicle_pose": ("VehiclePoseComponent", (TIME,)),
    "lidar": ("LiDARComponent", (TIME, LASER)),
    "lidar_pose": ("LiDARPoseComponent", (TIME, LASER)),
    "lidar_calibration": ("LiDARCalibrationComponent", (LASER,)),
    "lidar_box": ("LiDARBoxComponent", (TIME, LASER_OBJECT)),
    "camera_to_lidar_box_association": (
        "CameraToLiDARBoxAssociationComponent",
        (TIME, CAMERA, CAMERA_OBJECT, LASER_OBJECT),
    ),
}
KEY_TYPES = {TIME: "int", CAMERA: "int", LASER: "int", LASER_OBJECT: "text", CAMERA_OBJECT: "text", SEGMENT: "text"}
# Rows that are decoded at a time where one row holds a whole range image
ROWS_AT_A_TIME = 4

_IS_TYPE = {
    "int": pa.types.is_integer,
    "float": pa.types.is_floating,
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "bytes": lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind),
    "matrix": lambda kind: pa.types.is_fixed_size_list(kind) and kind.list_size == 16 and kind.value_type == "double",
    "shape": lambda kind: pa.types.is_fixed_size_list(kind) and pa.types.is_integer(kind.value_type),
    "floats": lambda kind: pa.types.is_list(kind) and pa.types.is_floating(kind.value_type),
}


@dataclass(frozen=True)
class SegmentFiles:
    """The files of one segment.

    Args:
        folder (`Path`): holds a folder for every component.
        segment (`str`): name of the segment.
    """

    folder: Path
    segment: str

    def path(self, component: str) -> Path:
        return self.folder / component / f"{self.segment}.parquet"

    def read(self, component: str, fields: dict[str, str]) -> pa.Table:
        """Keys and `fields` (path in the class: type) of all rows, sorted by the keys, under their short names.

        Raises:
            [`SceneError`]: the file is missing, unreadable, of another segment, or has a key twice.
        """
        path = self.path(component)
        keys = COMPONENTS[component][1]
        with self._open(component) as file:
            columns = _columns(path, component, (SEGMENT, *keys), fields, file.schema_arrow)
            table = file.read(columns=list(columns), use_threads=False).select(list(columns))
        table = table.rename_columns(list(columns.values()))
        self._check_segment(component, table)
        twice = table.group_by(list(keys)).aggregate([([], "count_all")]).filter(pc.field("count_all") > 1)
        if len(twice):
            raise SceneError(
                f"{path} has the key {_named(keys, twice)} more than once. Copy it from the release again."
            )
        return table.sort_by([(key, "ascending") for key in keys])

    def stream(self, component: str, fields: dict[str, str], only: dict[str, int]) -> Iterator[dict]:
        """Rows in the order of the file whose keys have the values of `only`, a few in memory at a time.

        Lists become `np.ndarray`s.
        """
        keys = COMPONENTS[component][1]
        with self._open(component) as file:
            columns = _columns(self.path(component), component, (SEGMENT, *keys), fields, file.schema_arrow)
            for batch in file.iter_batches(ROWS_AT_A_TIME, columns=list(columns), use_threads=False):
                table = pa.Table.from_batches([batch]).select(list(columns)).rename_columns(list(columns.values()))
                self._check_segment(component, table)
                for key, value in only.items():
                    table = table.filter(pc.equal(table[key], value))
                for k in range(len(table)):
                    yield {name: _plain(table[name][k]) for name in columns.values()}

    @contextmanager
    def _open(self, component: str) -> Iterator[pq.ParquetFile]:
        path = self.path(component)
        if not path.is_file():
            raise SceneError(
                f"{path} is missing. Questions need the components {', '.join(COMPONENTS)} of a segment; download it."
            )
        try:
            with pq.ParquetFile(path, memory_map=True) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            raise SceneError(f"{path} is not readable as Parquet ({error}). It is damaged; copy it again.") from error

    def _check_segment(self, component: str, table: pa.Table) -> None:
        others = set(table[SEGMENT].unique().to_pylist()) - {self.segment}
        if others:
            raise SceneError(
                f"{self.path(component)} has rows of the segment {min(map(str, others))!r}. A file holds the segment "
                "that it is named after; copy it from the release again."
            )


def _columns(path: Path, component: str, keys: Sequence[str], fields: dict[str, str], schema: pa.Schema):
    """Names in the file, each with its short name; all must be there with the right type."""
    class_name = COMPONENTS[component][0]
    wanted = {f"key.{key}": (key, KEY_TYPES[key]) for key in keys}
    wanted |= {f"[{class_name}].{field}": (field, kind) for field, kind in fields.items()}
    for column, (_, kind) in wanted.items():
        at = schema.get_field_index(column)
        if at < 0:
            raise SceneError(f"{path} has no column {column!r}. Use version 2 of the dataset, in its Parquet format.")
        if not _IS_TYPE[kind](schema.field(at).type):
            raise SceneError(
                f"{path}: the column {column!r} is of type {schema.field(at).type}, not one of {kind}. Use the files "
                "of release 2.0.1."
            )
    return {column: short for column, (short, _) in wanted.items()}


def _plain(value: pa.Scalar):
    if isinstance(value, (pa.ListScalar, pa.FixedSizeListScalar)):
        return None if value.values is None else value.values.to_numpy(zero_copy_only=False)
    return value.as_py()


def _named(keys: Sequence[str], table: pa.Table) -> str:
    return ", ".join(f"{key} {table[key][0].as_py()}" for key in keys)


def matrices(column: pa.ChunkedArray) -> np.ndarray:
    """A column of transforms as `(n, 4, 4)`."""
    return column.combine_chunks().flatten().to_numpy().reshape(-1, 4, 4)


def numbers(table: pa.Table, *names: str) -> np.ndarray:
    """Columns of numbers, `(n, len(names))`, float64; NaN where null."""
    return np.stack([table[name].to_numpy().astype(np.float64) for name in names], axis=1)
