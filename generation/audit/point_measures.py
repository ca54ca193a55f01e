"""The measures of a scene without a mesh: what its frames' ids and depths say, and arithmetic on its fused points.

The points, whose they are, how far apart they are and which half of the frames shows them are taken as the scene's
source fuses them: they are to such a scene what its mesh is to another.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from generation.annotation.overlap import DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE, SURFACE_SAMPLES
from generation.annotation.point_visibility import MAX_OPEN_SHARE, MIN_POINTS
from generation.audit.outline import Outline
from generation.audit.seen import Seen
from generation.rng import stage_rng
from generation.scenes.base import Frame, Scene
from generation.scenes.fusion import COARSE_CELL_M
from generation.scenes.sensor import read_depth, read_instances


# A thing that a single frame shows is a guess in it
MIN_FRAMES = 2
# Distances between points are exact but for rounding
ROUNDING_M = 1e-6


class PointMeasures:
    """What a scene's points and frames say; has the interface of [`SurfaceMeasures`]."""

    mean_slack_m = closest_slack_m = ROUNDING_M

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.seed = scene, seed

    # -- section 1: masks

    def seen(self, frame: Frame, things: Iterable[int]) -> dict[int, Seen]:
        ids, sensor_m = read_instances(frame), read_depth(frame)
        return {k: self._seen(k, ids == k, sensor_m, frame) for k in things}

    def _seen(self, k: int, visible: np.ndarray, sensor_m: np.ndarray, frame: Frame) -> Seen:
        own = self.scene.points.point_instance == k
        outline = Outline.of_points(self.scene.points.points[own], self.scene.points.spacing_m[own], frame.camera)
        hidden = outline.inside & (sensor_m > 0) & (sensor_m < outline.rear_m)
        amodal = visible | hidden
        guessed = (
            own.sum() < MIN_POINTS
            or self.frames_with[k] < MIN_FRAMES
            or open_share(visible, amodal, sensor_m) > MAX_OPEN_SHARE
        )
        return Seen.of_masks(visible, amodal, outline.beyond, bool(guessed))

    @cached_property
    def frames_with(self) -> Counter[int]:
        """Number of frames in which each thing has a pixel with depth."""
        found = Counter()
        for frame in self.scene.frames:
            found.update(np.unique(read_instances(frame)[read_depth(frame) > 0]).tolist())
        return found

    # -- section 2: overlap

    @cached_property
    def sample(self) -> np.ndarray:
        """The first point of every cell, or so many of them as the sample has."""
        points = self.scene.points.points
        cells = np.floor((points - points[0]) / COARSE_CELL_M)
        _, first = np.unique(cells, axis=0, return_index=True)
        rng = stage_rng(self.seed, self.scene.scene_name, "annotate")
        return points[rng.choice(first, SURFACE_SAMPLES, replace=len(first) < SURFACE_SAMPLES)]

    def sample_seen(self, frame: Frame) -> np.ndarray:
        camera = frame.camera
        pixels, depth_m = camera.project(self.sample)
        column, row = pixels.T
        inside = (depth_m > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        sensor_m = np.zeros(len(depth_m))
        sensor_m[inside] = read_depth(frame)[np.floor(row[inside]).astype(int), np.floor(column[inside]).astype(int)]
        return inside & (np.abs(sensor_m - depth_m) <= tolerance_m(depth_m))

    # -- sections 4 and 5: distances

    def nearest_m(self, point: np.ndarray, k: int) -> float:
        return float(np.linalg.norm(self.scene.points_of(k) - point, axis=1).min())

    def mean_m(self, point: np.ndarray, k: int) -> float:
        return float(np.linalg.norm(self.scene.points_of(k) - point, axis=1).mean())

    def closest_m(self, a: int, b: int) -> float:
        between_m, _ = cKDTree(self.scene.points_of(b)).query(self.scene.points_of(a))
        return float(between_m.min())

    def extent_error_m(self, k: int) -> float:
        """The most that one half of the frames misses on any side, but no less than the points are apart."""
        own, points = self.scene.points.point_instance == k, self.scene.points_of(k)
        missed_m = [float(np.median(self.scene.points.spacing_m[own]))]
        for half in self.scene.points.seen_by[own].T:
            if not half.any():
                return np.inf
            missed_m += (points.max(axis=0) - points[half].max(axis=0)).tolist()
            missed_m += (points[half].min(axis=0) - points.min(axis=0)).tolist()
        return max(missed_m)


def tolerance_m(depth_m: np.ndarray) -> np.ndarray:
    """How far depths may differ that are of the same surface."""
    return np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * depth_m)


def open_share(visible: np.ndarray, amodal: np.ndarray, sensor_m: np.ndarray) -> float:
    """Share of the pixel sides around M at which something nearer begins while A does not go on behind it.

    All are `(H, W)`. A side is open where its outer pixel is known to be nearer and the one after that is not of A.
    """
    visible, amodal, sensor_m = (np.pad(values, 2) for values in (visible, amodal, sensor_m))
    rows, columns = np.nonzero(visible)
    own_m = sensor_m[rows, columns]
    sides = open_sides = 0
    for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        next_m = sensor_m[rows + down, columns + across]
        side = ~visible[rows + down, columns + across]
        nearer = (next_m > 0) & (own_m > 0) & (next_m < own_m - tolerance_m(own_m))
        goes_on = amodal[rows + 2 * down, columns + 2 * across]
        sides += side.sum()
        open_sides += (side & nearer & ~goes_on).sum()
    return open_sides / sides if sides else 0.0
