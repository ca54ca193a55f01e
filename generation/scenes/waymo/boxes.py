"""Labelled boxes of one segment: tracks in space, and what people drew into the images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from generation.scenes.base import SceneError
from generation.scenes.waymo.components import CAMERA, CAMERA_OBJECT, LASER_OBJECT, TIME, SegmentFiles, numbers
from generation.scenes.waymo.drive import LABELS, DrawnBoxes, Tracks


CENTRE, SIZE = ("box.center.x", "box.center.y", "box.center.z"), ("box.size.x", "box.size.y", "box.size.z")
DETECTION = "difficulty_level.detection"
HARD = 2


def read_tracks(files: SegmentFiles, timestamps: np.ndarray, world_from_vehicle: np.ndarray) -> Tracks:
    """The boxes of all objects at the timestamps `(S,)`, whose vehicle poses are `(S, 4, 4)`."""
    fields = dict.fromkeys((*CENTRE, *SIZE, "box.heading"), "float")
    fields |= {"type": "int", "num_lidar_points_in_box": "int", DETECTION: "int"}
    path, table = files.path("lidar_box"), files.read("lidar_box", fields)
    if not len(table):
        raise SceneError(f"{path} has no boxes, so that there is nothing to ask about. Leave the segment out.")
    types, boxes = table["type"].to_numpy(), numbers(table, *CENTRE, *SIZE, "box.heading")
    ids, track = np.unique(np.array(table[LASER_OBJECT].to_pylist(), dtype=str), return_inverse=True)
    _check_types(path, types)
    for k in np.flatnonzero(~np.isfinite(boxes).all(axis=1) | (boxes[:, 3:6] <= 0).any(axis=1))[:1]:
        raise SceneError(
            f"{path}: a box of {ids[track[k]]} has the centre, size and heading {boxes[k].tolist()}. They must be "
            "finite, and sizes positive; copy the file again."
        )
    of_track = np.zeros(len(ids), dtype=np.int64)
    of_track[track] = types
    for k in np.flatnonzero(of_track[track] != types)[:1]:
        raise SceneError(
            f"{path}: {ids[track[k]]} is of type {types[k]} at one time and {of_track[track[k]]} at another. An "
            "object has one type; copy the file again."
        )
    # the ids of a segment do not depend on the moments that are used
    used = np.isin(table[TIME].to_numpy(), timestamps)
    moment, track = np.searchsorted(timestamps, table[TIME].to_numpy()[used]), track[used]

    def dense(values: np.ndarray, empty) -> np.ndarray:
        found = np.full((len(timestamps), len(ids), *values.shape[1:]), empty, dtype=values.dtype)
        found[moment, track] = values[used]
        return found

    labelled, centre = dense(np.ones(len(table), dtype=bool), False), dense(boxes[:, :3], np.nan)
    return Tracks(
        track_ids=tuple(str(one) for one in ids),
        types=of_track,
        labelled=labelled,
        centre=centre,
        size=dense(boxes[:, 3:6], np.nan),
        heading=dense(boxes[:, 6], np.nan),
        speed=_speeds(timestamps, centre, world_from_vehicle),
        num_points=dense(table["num_lidar_points_in_box"].to_numpy(), 0),
        hard=dense(table[DETECTION].fill_null(0).to_numpy() == HARD, False),
    )


def _speeds(timestamps: np.ndarray, centre: np.ndarray, world_from_vehicle: np.ndarray) -> np.ndarray:
    """Speed of every box, `(S, K)` m/s: the larger of the ways from the last box and to the next one over their time.

    NaN for a track of one box.
    """
    world = np.einsum("sij,skj->ski", world_from_vehicle[:, :3, :3], centre) + world_from_vehicle[:, None, :3, 3]
    speed = np.full(centre.shape[:2], np.nan)
    for k in range(centre.shape[1]):
        at = np.flatnonzero(np.isfinite(world[:, k, 0]))
        if len(at) > 1:
            seconds = np.diff(timestamps[at]) / 1e6
            between = np.linalg.norm(np.diff(world[at, k], axis=0), axis=1) / seconds
            speed[at, k] = np.maximum(np.append(0, between), np.append(between, 0))
    return speed


def read_drawn_boxes(
    files: SegmentFiles, frames: Sequence[tuple[int, int]], track_ids: Sequence[str]
) -> tuple[DrawnBoxes, ...]:
    """What people drew into each of `frames` (timestamp, camera), with the tracks that the source links."""
    sides = ("box.center.x", "box.center.y", "box.size.x", "box.size.y")
    table = files.read("camera_box", dict.fromkeys(sides, "float") | {"type": "int"})
    links = {}
    if files.path("camera_to_lidar_box_association").is_file():
        linked = files.read("camera_to_lidar_box_association", {})
        keys = zip(*(linked[key].to_pylist() for key in (TIME, CAMERA, CAMERA_OBJECT)), strict=True)
        links = dict(zip(keys, linked[LASER_OBJECT].to_pylist(), strict=True))
    place = {name: k for k, name in enumerate(track_ids)}
    keys = list(zip(*(table[key].to_pylist() for key in (TIME, CAMERA, CAMERA_OBJECT)), strict=True))
    track = np.array([place.get(links.get(key), -1) for key in keys], dtype=np.int64)
    centre, size = np.split(numbers(table, *sides), 2, axis=1)
    boxes, types = np.concatenate([centre - size / 2, centre + size / 2], axis=1), table["type"].to_numpy()
    _check_types(files.path("camera_box"), types)
    rows: dict[tuple[int, int], list[int]] = {frame: [] for frame in frames}
    for k, (timestamp, camera, _) in enumerate(keys):
        rows.get((timestamp, camera), []).append(k)
    of_frames = [np.array(rows[frame], dtype=np.int64) for frame in frames]
    return tuple(DrawnBoxes(types[at], boxes[at], track[at]) for at in of_frames)


def _check_types(path: Path, types: np.ndarray) -> None:
    for kind in types[~np.isin(types, list(LABELS))][:1]:
        known = ", ".join(f"{one} {label}" for one, label in LABELS.items())
        raise SceneError(f"{path} has a box of type {kind}. Known types are {known}; leave the segment out.")
