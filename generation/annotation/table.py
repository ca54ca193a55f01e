"""The numbers of ANNOTATION section 1 as one Parquet table per scene: a row for every frame and instance."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.whole import write_file
from generation.annotation.scene_annotation import VISIBILITY_NAMES, SceneAnnotation


def annotation_table(annotation: SceneAnnotation) -> pa.Table:
    """One row for every (frame, instance), frames first.

    Columns: `scene_name`, `frame`, `instance_id`, `label`; `amodal_pixels`, `visible_pixels`, `extended_pixels`;
    `occlusion`, `truncation` (null where undefined); `visibility`; `amodal_box`, `visible_box` (x0, y0, x1, y1 in
    pixels, ends exclusive; null where the mask is empty); `depth_min_m`, `depth_mean_m` (camera Z over the visible
    mask, null where it is empty); `centre_distance_m`, `nearest_m`, `mean_m` (from the camera centre to the box
    centre, to the nearest surface point, and on average over the surface).
    """
    num_frames, num_instances = annotation.visible_pixels.shape
    size = num_frames * num_instances

    def optional(values: np.ndarray) -> pa.Array:
        return pa.array(values.reshape(size).astype(np.float64), from_pandas=True)  # NaN becomes null

    def boxes(values: np.ndarray, pixels: np.ndarray) -> pa.Array:
        empty = pixels.reshape(size) == 0
        kept = [None if gone else box for gone, box in zip(empty, values.reshape(size, 4).tolist(), strict=True)]
        return pa.array(kept, type=pa.list_(pa.int32(), 4))

    counts = {name: getattr(annotation, name) for name in ("amodal_pixels", "visible_pixels", "extended_pixels")}
    lengths = ("depth_min_m", "depth_mean_m", "centre_distance_m", "nearest_m", "mean_m")
    return pa.table(
        {
            "scene_name": pa.array([annotation.scene_name] * size),
            "frame": pa.array(np.repeat(annotation.frame_ids, num_instances).tolist()),
            "instance_id": pa.array(np.tile(annotation.instance_ids, num_frames)),
            "label": pa.array(np.tile(annotation.labels, num_frames).tolist()),
            **{name: pa.array(pixels.reshape(size)) for name, pixels in counts.items()},
            "occlusion": optional(annotation.occlusion),
            "truncation": optional(annotation.truncation),
            "visibility": pa.array(np.array(VISIBILITY_NAMES)[annotation.visibility.reshape(size)].tolist()),
            "amodal_box": boxes(annotation.amodal_box, annotation.amodal_pixels),
            "visible_box": boxes(annotation.visible_box, annotation.visible_pixels),
            **{name: optional(getattr(annotation, name)) for name in lengths},
        }
    )


def write_table(annotation: SceneAnnotation, folder: Path) -> Path:
    """Write `<folder>/<scene_name>.parquet`, whole or not at all, and return its path."""
    path = folder / f"{annotation.scene_name}.parquet"
    stream = io.BytesIO()
    pq.write_table(annotation_table(annotation), stream)
    write_file(path, stream.getvalue())
    return path
