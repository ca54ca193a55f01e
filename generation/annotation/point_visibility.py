"""Masks of every instance in one frame where there is no mesh: from instance ids, depth and fused points.

The visible mask is what the frame's instance ids say. The rest of the amodal mask is estimated: where the thing's
points, fused over all frames, are splatted, and the frame's own depth is nearer than they are, the thing is hidden;
where the depth is not nearer, the thing would be seen if it were there, so it is not.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.annotation.overlap import DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE, SURFACE_SAMPLES
from generation.annotation.scene_annotation import ONE_VIEW, OPEN_OUTLINE, SURE, TOO_FEW_POINTS
from generation.annotation.splats import splat
from generation.annotation.visibility import FrameVisibility, measure_frame
from generation.scenes.base import Frame, Scene
from generation.scenes.fusion import COARSE_CELL_M, cell_keys, in_image
from generation.scenes.sensor import read_depth, read_instances


MIN_POINTS = 50
# A mask is in doubt where more of its outline than this ends at something nearer, with no point known beyond
MAX_OPEN_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class PointSurface:
    """The fused points of one instance.

    Args:
        points (`np.ndarray` of shape `(v, 3)`): metres, world.
        spacing_m (`np.ndarray` of shape `(v,)`): distance to the next points.
        seen_by (`np.ndarray` of shape `(v, 2)`): see [`ScenePoints`].
    """

    points: np.ndarray
    spacing_m: np.ndarray
    seen_by: np.ndarray

    def mean_m(self, point: np.ndarray) -> float:
        """Mean distance from `point` `(3,)` to the points, which are uniform by area, metres."""
        return float(np.linalg.norm(self.points - point, axis=1).mean())

    def nearest_m(self, point: np.ndarray) -> float:
        """Distance from `point` `(3,)` to the nearest of the points, metres."""
        return float(np.linalg.norm(self.points - point, axis=1).min())

    @cached_property
    def extent_error_m(self) -> float:
        """How far the bounds of what one half of the frames shows lie from the bounds of all points, at most, metres.

        Each half misses sides that the other shows, as all frames miss sides that no frame shows; inf where one half
        shows nothing at all. It is no bound: a side that no frame shows is in neither half.
        """
        bounds = np.stack([self.points.min(axis=0), self.points.max(axis=0)])  # (2, 3)
        halves = [self.points[seen] for seen in self.seen_by.T]
        if not all(len(half) for half in halves):
            return np.inf
        missed_m = [np.abs(np.stack([half.min(axis=0), half.max(axis=0)]) - bounds).max() for half in halves]
        return float(max(*missed_m, np.median(self.spacing_m)))  # between two points lies no other


class PointVisibilityAnnotator:
    """The masks of `scene`'s instances; has the interface of [`VisibilityAnnotator`]."""

    method = "points"

    def __init__(self, scene: Scene, instance_ids: np.ndarray):
        self.scene, self.instance_ids = scene, instance_ids  # (K,)
        cloud = scene.points
        own = [cloud.point_instance == k for k in instance_ids]
        self.surfaces = [PointSurface(cloud.points[one], cloud.spacing_m[one], cloud.seen_by[one]) for one in own]
        self.extent_error_m = np.array([surface.extent_error_m for surface in self.surfaces])  # (K,)
        few = np.array([len(surface.points) < MIN_POINTS for surface in self.surfaces], dtype=bool)
        once = np.array([cloud.views[k] < 2 for k in instance_ids.tolist()], dtype=bool)
        self._doubts = np.select([few, once], [TOO_FEW_POINTS, ONE_VIEW], SURE)  # (K,)

    def annotate(self, frame: Frame) -> FrameVisibility:
        """All numbers of one frame."""
        ids, depth_m = read_instances(frame), read_depth(frame)
        depth_m = np.where(depth_m > 0, depth_m, np.nan)  # comparisons with NaN are false: nothing is hidden there
        doubts = self._doubts.copy()

        def alone(k: int) -> tuple[np.ndarray, int] | None:
            surface, visible = self.surfaces[k], ids == self.instance_ids[k]
            found = splat(surface.points, surface.spacing_m, frame.camera)
            if found is None:
                return visible, 0
            drawn, behind_m = found.in_image(frame.camera)
            amodal = visible | (drawn & (depth_m < behind_m))
            if doubts[k] == SURE and open_share(visible, amodal, depth_m) > MAX_OPEN_SHARE:
                doubts[k] = OPEN_OUTLINE
            return amodal, int(found.mask.sum() - drawn.sum())

        return measure_frame(self.instance_ids, ids, depth_m, alone, doubts=doubts)

    def scene_samples(self, rng: np.random.Generator) -> np.ndarray:
        """Points `(N, 3)` of the whole scene, one from each of `N` equal cells, so nearly uniform by area."""
        points = self.scene.points.points
        _, first = np.unique(cell_keys(points, COARSE_CELL_M, points[0]), return_index=True)
        return points[rng.choice(first, SURFACE_SAMPLES, replace=len(first) < SURFACE_SAMPLES)]

    def sees(self, frame: Frame, samples: np.ndarray) -> np.ndarray:
        """Which of `(N, 3)` surface samples the frame's sensor saw, within max(2 cm, 1 %) of their depth, `(N,)`."""
        at, row, column, expected_m = in_image(frame.camera, samples)
        gap_m = np.abs(read_depth(frame)[row, column] - expected_m)
        visible = np.zeros(len(samples), dtype=bool)
        visible[at] = gap_m <= np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * expected_m)
        return visible


def open_share(visible: np.ndarray, amodal: np.ndarray, depth_m: np.ndarray) -> float:
    """Share of the outline of `visible` at which something nearer begins and `amodal` ends.

    There, nobody knows how far the thing goes on. All are `(H, W)`; depth is NaN where unknown.
    """
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if not len(rows):
        return 0.0
    part = np.s_[max(rows[0] - 2, 0) : rows[-1] + 3, max(columns[0] - 2, 0) : columns[-1] + 3]
    visible, amodal = (np.pad(mask[part], 2) for mask in (visible, amodal))
    depth_m = np.pad(depth_m[part], 2, constant_values=np.nan)  # beyond the image nothing is known to be nearer
    near_m = depth_m - np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * depth_m)
    outline = open_outline = 0
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        edge = visible & ~np.roll(visible, step, axis)
        beyond_m = np.roll(depth_m, step, axis)
        hidden = beyond_m < near_m  # false where either is NaN
        outline += np.count_nonzero(edge)
        open_outline += np.count_nonzero(edge & hidden & ~np.roll(amodal, 2 * step, axis))
    return open_outline / outline
