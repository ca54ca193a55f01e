"""Measures a scene again for the audit: slow, plain code that shares nothing with `generation.annotation` but rays.

What ANNOTATION sections 1, 2 and 4 define is computed here a second time, so that an error in the annotation cannot
prove itself right. Shared are the ray caster, the camera, the scene as its source loads it, the numbers that the rules
name, and the fixed sample of a mesh, which is part of the definition of overlap.

This file has what any scene's measures have in common; what only a mesh or only points can tell is in `mesh_measures`
and `point_measures`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Protocol

import numpy as np

from generation.annotation.visibility import NEAR_M
from generation.audit.lengths import UprightBox, leans, upright_box
from generation.audit.margins import distance_sign, interval_sign, visibility_class
from generation.audit.mesh_measures import MeshMeasures
from generation.audit.point_measures import PointMeasures
from generation.audit.seen import Seen, canvas
from generation.geometry import Camera
from generation.rows import THRESHOLDS
from generation.scenes.base import Frame, Scene


class SurfaceMeasures(Protocol):
    """What depends on how a scene's surfaces are known.

    Args:
        mean_slack_m, closest_slack_m (`float`): how far `mean_m` and `closest_m` may be off.
    """

    mean_slack_m: float
    closest_slack_m: float

    def seen(self, frame: Frame, things: Iterable[int]) -> dict[int, Seen]:
        """What the frame shows of each of the things, by id."""

    def sample_seen(self, frame: Frame) -> np.ndarray:
        """Which points of the fixed sample of all surfaces the frame sees, `(N,)`."""

    def nearest_m(self, point: np.ndarray, k: int) -> float:
        """Distance from `point` `(3,)` to the nearest point of a thing's surface."""

    def mean_m(self, point: np.ndarray, k: int) -> float:
        """Mean distance from `point` `(3,)` over a thing's surface."""

    def closest_m(self, a: int, b: int) -> float:
        """Distance between the closest points of two things."""

    def extent_error_m(self, k: int) -> float:
        """How far the bounds of a thing may be off because no frame shows all of it."""


class SceneMeasures:
    """Everything that an answer may hang on, by frame id and instance id, computed when it is first asked for.

    Args:
        scene ([`Scene`]): loaded from its source, not from a cache.
        seed (`int`): the run's; fixes the surface sample, together with the scene's name.
    """

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.surfaces = scene, self.surface_measures(scene, seed)
        self.labels = {one.instance_id: one.label for one in scene.instances if not one.is_structure}
        self.frames = {frame.frame_id: frame for frame in scene.frames}
        self.cameras: dict[str, Camera] = {frame.frame_id: frame.camera for frame in scene.frames}
        # caches of this object alone, so that they go when it goes
        self.frame = cache(self._frame)
        self.sample_seen = cache(self._sample_seen)
        self.angles_deg = cache(self._angles_deg)
        self.nearest_m = cache(self._nearest_m)
        self.mean_m = cache(self._mean_m)
        self.upright_box = cache(self._upright_box)
        self.longest_m = cache(self._longest_m)
        self.closest_m = cache(self.surfaces.closest_m)
        self.extent_error_m = cache(self.surfaces.extent_error_m)

    def surface_measures(self, scene: Scene, seed: int) -> SurfaceMeasures:
        """The measures of the surfaces that the scene has: a mesh, or points."""
        return (PointMeasures if scene.mesh is None else MeshMeasures)(scene, seed)

    # -- section 1: masks

    def _frame(self, frame: str) -> dict[int, Seen]:
        """All instances in one frame, by id."""
        return self.surfaces.seen(self.frames[frame], self.labels)

    def visibility(self, frame: str, k: int) -> str:
        """`"visible"`, `"unclear"` or `"absent"`."""
        seen, camera = self.frame(frame)[k], self.cameras[frame]
        wrongly, missing = seen.in_doubt
        classes = {
            visibility_class(pixels, max(seen.amodal, pixels), camera.width * camera.height, THRESHOLDS)
            for pixels in (seen.visible - wrongly, seen.visible + missing)
        }
        sure = len(classes) == 1 and (not seen.guessed or classes == {"absent"})
        return classes.pop() if sure else "unclear"

    def moved(self, frames: list[str], k: int) -> bool:
        """Whether the instance stood at places too far apart when the frames were taken."""
        return False

    # -- section 2: overlap

    def _sample_seen(self, frame: str) -> np.ndarray:
        return self.surfaces.sample_seen(self.frames[frame])

    def overlap(self, frame: str, other: str) -> float:
        """Overlap of two frames, percent."""
        a, b = self.sample_seen(frame), self.sample_seen(other)
        return 100 * (a & b).sum() / max((a | b).sum(), 1)

    # -- section 4: directions

    def _angles_deg(self, frame: str, k: int) -> np.ndarray | None:
        """Lowest and highest angle to the right, and downwards, `(2, 2)`; `None` unless all of it is in front."""
        x, y, z = self.cameras[frame].points_in_cam(self.scene.points_of(k)).T
        if z.min() <= NEAR_M:
            return None
        return np.degrees([[np.arctan2(one, z).min(), np.arctan2(one, z).max()] for one in (x, y)])

    def _nearest_m(self, frame: str, k: int) -> float:
        """Distance from the camera centre to the nearest point of the surface."""
        return self.surfaces.nearest_m(self.cameras[frame].centre, k)

    def _mean_m(self, frame: str, k: int) -> float:
        """Mean distance from the camera centre over the surface."""
        return self.surfaces.mean_m(self.cameras[frame].centre, k)

    def in_canvas(self, frame: str, k: int) -> bool:
        """Whether the centre of the instance's box lies on the extended canvas, and some of the instance does."""
        x0, y0, x1, y1 = canvas(self.cameras[frame])
        ((column, row),), (depth_m,) = self.cameras[frame].project(self.upright_box(k).centre[None])
        return depth_m > 0 and x0 <= column < x1 and y0 <= row < y1 and self.frame(frame)[k].extended > 0

    def sign(self, frame: str, axis: str, a: int, b: int) -> int:
        """Where `a` lies from `b` in the frame's viewpoint.

        Returns:
            -1 for left of, higher or closer; +1 for right of, lower or farther; 0 when that is undefined.
        """
        if self.angles_deg(frame, a) is None or self.angles_deg(frame, b) is None:
            return 0  # behind the camera, in part at least
        if axis == "fb":
            near_and_mean = [(self.nearest_m(frame, k), self.mean_m(frame, k)) for k in (a, b)]
            return distance_sign(*near_and_mean, THRESHOLDS, self.surfaces.mean_slack_m)
        if not (self.in_canvas(frame, a) and self.in_canvas(frame, b)):
            return 0
        row = {"lr": 0, "ab": 1}[axis]
        return interval_sign(self.angles_deg(frame, a)[row], self.angles_deg(frame, b)[row], THRESHOLDS)

    # -- section 5: lengths

    def _upright_box(self, k: int) -> UprightBox:
        return upright_box(self.scene.points_of(k))

    def centre_distance_m(self, frame: str, k: int) -> float:
        """Distance from the camera centre to the centre of the instance's upright box."""
        return float(np.linalg.norm(self.upright_box(k).centre - self.cameras[frame].centre))

    def _longest_m(self, k: int) -> float | None:
        """Longest side of the instance's upright box; `None` for a thing that leans."""
        box = self.upright_box(k)
        return None if leans(self.scene.points_of(k), box) else float(box.size.max())
