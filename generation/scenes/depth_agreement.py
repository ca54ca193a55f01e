"""Do poses, intrinsics and depth belong together? What one frame measures, the others must measure, too.

Pixels of one frame are placed in the world by its depth and projected to another frame. There they lie on the surface
that the other frame measures, or behind it, hidden. When the other frame sees through them, something is wrong. Then
the usual mistakes are tried in turn, and the error names the one that would fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import ndimage

from generation.geometry import Camera
from generation.scenes.base import Frame, SceneError
from generation.scenes.reprojection import MISREADINGS, scaled_intrinsics
from generation.scenes.sensor import read_depth


# Two measures of one surface agree within this (the larger counts); sensors err by a percent or two
DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE = 0.05, 0.03
# Outlines and moving things see through a few points: more misfits than these are no noise
MIN_SHARE_OF_SCENE, MIN_SHARE_OF_FRAME = 0.8, 0.75
# Frames that all others are compared with, and pixels of each frame
MAX_REFERENCES, PIXELS = 24, 1500
# Fewer points that lie on or before another frame's surface prove nothing
MIN_POINTS = 200
FOCAL_SCALES = (1 / 7.5, 0.25, 1 / 3, 0.5, 2 / 3, 1.5, 2, 3, 4, 7.5)
# What depth in millimetres may be instead
UNITS_M = {"metres": 1.0, "centimetres": 0.01, "tenths of a millimetre": 1e-4}

Pose = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Measured:
    """What one frame's sensor measured.

    Args:
        frame_id (`str`), camera ([`Camera`]).
        depth_m (`np.ndarray` of shape `(H, W)`): metres along camera Z, 0 where unknown.
        row, column (`np.ndarray` of shape `(N,)`): a grid of pixels with depth.
    """

    frame_id: str
    camera: Camera
    depth_m: np.ndarray
    row: np.ndarray
    column: np.ndarray

    @classmethod
    def of(cls, frame: Frame) -> "Measured":
        depth_m = read_depth(frame).astype(np.float32)
        step = max(1, int(np.sqrt(depth_m.size / PIXELS)))
        row, column = (step // 2 + step * index for index in np.nonzero(depth_m[step // 2 :: step, step // 2 :: step]))
        return cls(frame.frame_id, frame.camera, depth_m, row, column)

    @cached_property
    def around_m(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest depth of each pixel and its neighbours, both `(H, W)`; inf and 0 where there is none."""
        nearest_m = ndimage.minimum_filter(np.where(self.depth_m > 0, self.depth_m, np.inf), 3)
        return nearest_m, ndimage.maximum_filter(self.depth_m, 3)

    def points(self) -> np.ndarray:
        """World points `(N, 3)` of the grid."""
        pixels = np.stack([self.column, self.row], axis=1) + 0.5
        origins, directions = self.camera.rays_through(pixels)
        return origins + directions * self.depth_m[self.row, self.column, None]


def check_depth(frames: list[Frame], misreadings: dict[str, Pose] = MISREADINGS) -> list[Frame]:
    """Check that the frames' depths agree wherever two frames see one surface.

    Returns the frames that share a surface with another one. Whether the poses of the others are right, nothing shows.

    Args:
        frames (`list` of [`Frame`]): with depth.
        misreadings (`dict[str, Callable]`): what the poses may have instead of the right convention, and how the
            `world_from_cam` that was read is then turned into the right one; by default, for sources whose files hold
            OpenCV poses.

    Raises:
        [`SceneError`]: they do not, or no two frames see one surface; the message says which mistake would fit.
    """
    measured = [Measured.of(frame) for frame in frames]
    agreeing, decided = _votes(measured)
    if decided.sum() < MIN_POINTS or agreeing.sum() < MIN_SHARE_OF_SCENE * decided.sum():
        found = (
            f"only {_share(agreeing.sum(), decided.sum()):.0%} of {decided.sum()} points that one frame measures are "
            "where another frame measures a surface"
            if decided.sum() >= MIN_POINTS
            else "no two frames see one surface"
        )
        raise SceneError(
            f"Poses, intrinsics and depth do not fit together: {found}. "
            f"{_explain(measured, misreadings) or _worst(measured, agreeing, decided)}"
        )
    for one, yes, all_ in zip(measured, agreeing, decided, strict=True):
        if all_ >= MIN_POINTS and yes < MIN_SHARE_OF_FRAME * all_:
            raise SceneError(
                f"Frame {one.frame_id!r} has a pose, intrinsics or depth that do not fit the other frames: only "
                f"{yes / all_:.0%} of {all_} points are where both measure a surface. Correct it, or leave it out."
            )
    return [frame for frame, all_ in zip(frames, decided, strict=True) if all_ >= MIN_POINTS]


def _votes(measured: list[Measured], least_tolerance_m: float = DEPTH_TOLERANCE_M) -> tuple[np.ndarray, np.ndarray]:
    """For every frame, the points that agree with another frame, and those that agree or are seen through, `(F,)`."""
    references = [k * len(measured) // MAX_REFERENCES for k in range(MAX_REFERENCES)]
    agreeing, decided = np.zeros((2, len(measured)), dtype=np.int64)
    for b in sorted(set(references)):
        for a in range(len(measured)):
            if a != b:
                yes, all_ = _compare(measured[a], measured[b], least_tolerance_m)
                for k in (a, b):
                    agreeing[k] += yes
                    decided[k] += all_
    return agreeing, decided


def _compare(one: Measured, other: Measured, least_tolerance_m: float) -> tuple[int, int]:
    """Points of `one` that lie on the surface of `other`, and those that do or are seen through."""
    pixels, z = other.camera.project(one.points())
    inside = (z > 0) & (pixels >= 0).all(axis=1) & (pixels < other.depth_m.shape[::-1]).all(axis=1)
    column, row = pixels[inside].astype(np.int64).T
    z = z[inside]
    # on an outline the next pixel may show what the point lies on: neighbours count, too
    nearest_m, farthest_m = (values[row, column] for values in other.around_m)
    tolerance_m = np.maximum(least_tolerance_m, DEPTH_TOLERANCE_SHARE * z)
    agrees = (z >= nearest_m - tolerance_m) & (z <= farthest_m + tolerance_m)
    seen_through = np.isfinite(nearest_m) & (z < nearest_m - tolerance_m)
    return int(agrees.sum()), int((agrees | seen_through).sum())


def _explain(measured: list[Measured], misreadings: dict[str, Pose]) -> str | None:
    """The mistake that would explain depths that do not agree, if there is one."""

    def fit(changed: Callable[[Measured], Measured], least_tolerance_m: float = DEPTH_TOLERANCE_M) -> float:
        agreeing, decided = _votes([changed(one) for one in measured], least_tolerance_m)
        return _share(agreeing.sum(), decided.sum()) if decided.sum() >= MIN_POINTS else 0.0

    def with_camera(change: Callable[[Camera], Camera]) -> Callable[[Measured], Measured]:
        return lambda one: replace(one, camera=change(one.camera))

    remedies: dict[str, float] = {}
    for name, reading in misreadings.items():
        turn = with_camera(
            lambda camera, reading=reading: replace(camera, world_from_cam=reading(camera.world_from_cam))
        )
        remedies[f"if the poses had {name}"] = fit(turn)
    for centred, name in ((True, "the focal lengths were"), (False, "the intrinsics (focal lengths and centre) were")):
        for scale in FOCAL_SCALES:
            change = with_camera(lambda camera, s=scale, centred=centred: scaled_intrinsics(camera, s, centred))
            remedies[f"if {name} multiplied by {scale:.3g}"] = fit(change)
    for name, unit_m in UNITS_M.items():
        # stored numbers are whole, so in a large unit they are no more exact than that; in a small one all is smaller
        per_mm = unit_m / 0.001
        scaled = fit(
            lambda one, per_mm=per_mm: replace(one, depth_m=one.depth_m * per_mm),
            max(DEPTH_TOLERANCE_M * min(per_mm, 1), unit_m),
        )
        remedies[f"if the depth was in {name}; write millimetres"] = scaled
    best = max(remedies, key=remedies.get)
    return f"They would fit {best}." if remedies[best] >= MIN_SHARE_OF_SCENE else None


def _worst(measured: list[Measured], agreeing: np.ndarray, decided: np.ndarray) -> str:
    """What to look at where no known mistake explains the misfit."""
    if decided.sum() < MIN_POINTS:
        return "Nothing shows whether the poses are right; add frames that share part of their view."
    shares = np.where(decided >= MIN_POINTS, agreeing / np.maximum(decided, 1), 1)
    worst = int(np.argmin(shares))
    return (
        "No other axes, direction of the transform, focal length or unit of depth would help; frame "
        f"{measured[worst].frame_id!r} fits least ({shares[worst]:.0%}). Do the poses belong to these frames?"
    )


def _share(part: int, whole: int) -> float:
    return part / max(whole, 1)
