"""The Parquet table of a scene's annotation."""

import numpy as np
import pyarrow.parquet as pq

from generation.annotation.scene_annotation import SceneAnnotation
from generation.annotation.table import write_table


def annotation() -> SceneAnnotation:
    """Two frames, one instance, which the second frame does not show."""
    return SceneAnnotation(
        scene_name="room",
        dataset="procedural",
        domain="indoor",
        method="raycast",
        frame_ids=np.array(["a", "b"]),
        image_sizes=np.array([[640, 480], [640, 480]]),
        intrinsics=np.zeros((2, 3, 3)),
        world_from_cam=np.zeros((2, 4, 4)),
        instance_ids=np.array([7]),
        labels=np.array(["mug"]),
        box_centres=np.zeros((1, 3)),
        amodal_pixels=np.array([[1000], [0]]),
        visible_pixels=np.array([[250], [0]]),
        extended_pixels=np.array([[2000], [0]]),
        amodal_box=np.array([[[10, 20, 60, 40]], [[0, 0, 0, 0]]]),
        visible_box=np.array([[[10, 20, 30, 40]], [[0, 0, 0, 0]]]),
        depth_min_m=np.array([[1.5], [np.nan]]),
        depth_mean_m=np.array([[1.75], [np.nan]]),
        centre_distance_m=np.array([[2.0], [3.0]]),
        nearest_m=np.array([[1.9], [2.9]]),
        mean_m=np.array([[2.1], [3.1]]),
        angles_deg=np.zeros((2, 1, 2, 2)),
        surface_bits=np.zeros((2, 1), dtype=np.uint8),
    )


def test_table_of_two_frames(tmp_path):
    path = write_table(annotation(), tmp_path / "tables")
    assert path.name == "room.parquet" and [p.name for p in path.parent.iterdir()] == ["room.parquet"]
    seen, absent = pq.read_table(path).to_pylist()
    assert seen == {
        "scene_name": "room",
        "frame": "a",
        "instance_id": 7,
        "label": "mug",
        "amodal_pixels": 1000,
        "visible_pixels": 250,
        "extended_pixels": 2000,
        "occlusion": 0.75,
        "truncation": 0.5,
        "visibility": "visible",
        "amodal_box": [10, 20, 60, 40],
        "visible_box": [10, 20, 30, 40],
        "depth_min_m": 1.5,
        "depth_mean_m": 1.75,
        "centre_distance_m": 2.0,
        "nearest_m": 1.9,
        "mean_m": 2.1,
    }
    undefined = ("occlusion", "truncation", "amodal_box", "visible_box", "depth_min_m", "depth_mean_m")
    assert [absent[name] for name in undefined] == [None] * len(undefined)
    assert (absent["frame"], absent["visibility"], absent["centre_distance_m"]) == ("b", "absent", 3.0)
