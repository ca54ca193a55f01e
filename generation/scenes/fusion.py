"""Depth images with instance ids -> one cloud of points per scene.

Points of all frames are averaged in the cells of a grid, of every instance by itself. Then the frames judge them: a
point is dropped when more frames contradict it (they see through it, or take the place for another thing) than confirm
it, and when it lies by itself.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from generation.geometry import Camera
from generation.scenes.base import Frame, ScenePoints
from generation.scenes.sensor import read_depth, read_instances


# Cells of things that are asked about, and of all else, which only hides and counts for overlap
FINE_CELL_M, COARSE_CELL_M = 0.005, 0.02
# Cells are numbered by 21 bits an axis: 10 km of fine ones
_CELL_BITS = 21
# A surface slants at most so much that its points are so many pixels' widths apart; more is a step between two parts
MAX_SPACING_PIXELS = 4.0
# A frame shows a point whose depth it has within this (the larger counts), and sees through it beyond twice this
DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE = 0.02, 0.01
# A point this many spacings from its fourth neighbour lies by itself
NEIGHBOURS, MAX_ISOLATION = 4, 6.0


def fuse_frames(frames: Iterable[Frame], instance_ids: Iterable[int], askable: Iterable[int]) -> ScenePoints:
    """Points of everything that the frames show.

    Args:
        frames (iterable of [`Frame`]): with depth and instance ids.
        instance_ids (iterable of `int`): instances of the scene; other ids count as none.
        askable (iterable of `int`): those of them that need fine points.
    """
    frames, known, fine = list(frames), np.array(sorted(instance_ids)), set(askable)
    cells: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    views: Counter[int] = Counter()
    for frame in frames:
        depth_m, ids = read_depth(frame), read_instances(frame)
        ids = np.where(np.isin(ids, known), ids, 0)
        points, spacing_m = frame_points(frame.camera, depth_m, ids)
        for k in np.unique(ids[depth_m > 0]).tolist():
            here = (ids == k) & (depth_m > 0)
            cell_m = FINE_CELL_M if k in fine else COARSE_CELL_M
            keys = cell_keys(points[here], cell_m, frames[0].camera.centre)
            sums = np.column_stack([points[here], np.ones(len(keys)), np.maximum(spacing_m[here], cell_m)])
            cells[k] = _merge([*cells.get(k, ()), (keys, sums)])
            views[k] += 1
    owner = np.concatenate([np.full(len(sums), k) for k, [(_, sums)] in cells.items()] or [np.zeros(0, dtype=int)])
    sums = np.concatenate([sums for [(_, sums)] in cells.values()] or [np.zeros((0, 5))])
    points, spacing_m = sums[:, :3] / sums[:, 3:4], sums[:, 4]
    seen_by, kept = _judge(points, owner, frames)
    kept[kept] = ~_isolated(points[kept], owner[kept], spacing_m[kept])
    return ScenePoints(points[kept], owner[kept], spacing_m[kept], seen_by[kept], dict(views))


def frame_points(camera: Camera, depth_m: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """World points `(H, W, 3)` of a frame's pixels, and the distance `(H, W)` to the next ones of the same thing.

    Where the depth is 0 both mean nothing.
    """
    origins, directions = (values.reshape(*depth_m.shape, 3) for values in camera.rays())
    points = origins + directions * depth_m[..., None]
    pixel_m = depth_m / camera.intrinsics[0, 0]  # width of a pixel on a surface that faces the camera
    spacing_m = pixel_m.copy()
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        apart_m = np.linalg.norm(points[there] - points[here], axis=2)
        spacing_m[here] = np.where(ids[here] == ids[there], np.maximum(spacing_m[here], apart_m), spacing_m[here])
    return points, np.minimum(spacing_m, MAX_SPACING_PIXELS * pixel_m)


def cell_keys(points: np.ndarray, cell_m: float, origin: np.ndarray) -> np.ndarray:
    """Number of the grid cell of each of `(N, 3)` points: `int64` of shape `(N,)`."""
    x, y, z = (np.floor((points - origin) / cell_m).astype(np.int64) + (1 << (_CELL_BITS - 1))).T
    return (((x << _CELL_BITS) | y) << _CELL_BITS) | z


def _merge(parts: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """One part with one row for every key: columns 0-3 (x, y, z, count) are added up, 4 (spacing) is the least."""
    keys, sums = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(keys, kind="stable")
    keys, sums = keys[order], sums[order]
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    rows = [np.add.reduceat(sums[:, :4], first), np.minimum.reduceat(sums[:, 4:], first)]
    return [(keys[first], np.concatenate(rows, axis=1))]


def _judge(points: np.ndarray, owner: np.ndarray, frames: list[Frame]) -> tuple[np.ndarray, np.ndarray]:
    """Whether some even and some odd frame confirms each point, `(P, 2)`, and which points are kept, `(P,)`."""
    seen_by = np.zeros((len(points), 2), dtype=bool)
    votes = np.zeros(len(points), dtype=np.int32)
    for index, frame in enumerate(frames):
        depth_m, ids = read_depth(frame), np.pad(read_instances(frame), 1, mode="edge")
        at, row, column, z = in_image(frame.camera, points)
        tolerance_m = np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * z)
        # a point on an outline may fall on the next pixel, which shows what is behind: all neighbours must agree
        through = ndimage.minimum_filter(depth_m, 3)[row, column] > z + 2 * tolerance_m
        near = np.abs(depth_m[row, column] - z) <= tolerance_m
        at_near, row, column = at[near], row[near], column[near]
        around = [ids[row + down, column + across] for down in range(3) for across in range(3)]
        same = (np.stack(around) == owner[at_near]).any(axis=0) | (owner[at_near] == 0)
        votes[at[through]] -= 1
        votes[at_near] += np.where(same, 1, -1)
        seen_by[at_near[same], index % 2] = True
    return seen_by, votes > 0


def in_image(camera: Camera, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of `(N, 3)` world points those in the image: their indices, pixel rows, columns and camera Z, each `(n,)`."""
    pixels, depth_m = camera.project(points)
    inside = (depth_m > 0) & (pixels >= 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)
    column, row = pixels[inside].astype(np.int64).T
    return np.flatnonzero(inside), row, column, depth_m[inside]


def _isolated(points: np.ndarray, owner: np.ndarray, spacing_m: np.ndarray) -> np.ndarray:
    """Which points have no company of their own kind, `(P,)`."""
    alone = np.zeros(len(points), dtype=bool)
    for k in np.unique(owner):
        own = owner == k
        apart_m, _ = cKDTree(points[own]).query(points[own], k=NEIGHBOURS + 1)  # the first is the point itself
        alone[own] = apart_m[:, -1] > MAX_ISOLATION * spacing_m[own]
    return alone
