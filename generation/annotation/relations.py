"""Directions between objects in a frame's viewpoint, and the margins under which they hold (ANNOTATION section 4)."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from generation.annotation.surface import Surface
from generation.annotation.visibility import NEAR_M
from generation.geometry import Camera


# Two extents may overlap by this share of the smaller one, and their centres must be this far apart
MAX_INTERVAL_OVERLAP = 0.10
MIN_CENTRE_GAP_DEG = 4.0
# Mean distances must differ by the larger of these two
MIN_DISTANCE_GAP_M = 0.3
MIN_DISTANCE_GAP_SHARE = 0.10

AXES = ("lr", "ab", "fb")


@dataclass(frozen=True, eq=False)
class Extents:
    """Where K instances lie in one frame's viewpoint, seen or not.

    Args:
        angles_deg (`np.ndarray` of shape `(K, 2, 2)`): lowest and highest horizontal angle (`[:, 0]`, positive to the
            right) and vertical angle (`[:, 1]`, positive downwards) of the instance's points in the camera. They grow
            with the image column and row. NaN for an instance that is not wholly in front of the camera.
        nearest_m (`np.ndarray` of shape `(K,)`): camera centre to the nearest surface point.
        mean_m (`np.ndarray` of shape `(K,)`): mean distance from the camera centre over the instance's surface.
    """

    angles_deg: np.ndarray
    nearest_m: np.ndarray
    mean_m: np.ndarray


def frame_extents(surfaces: list[Surface], camera: Camera) -> Extents:
    """Extents in one frame of K instances, given as their surfaces."""
    angles = np.full((len(surfaces), 2, 2), np.nan)
    cam_from_world = camera.cam_from_world
    for k, surface in enumerate(surfaces):
        tangents, least_m = _tangent_range(surface.points, cam_from_world)
        if least_m > NEAR_M:  # then the extremes of the angles are at vertices
            angles[k] = np.degrees(np.arctan(tangents))
    return Extents(
        angles_deg=angles,
        nearest_m=np.array([surface.nearest_m(camera.centre) for surface in surfaces]),
        mean_m=np.array([surface.mean_m(camera.centre) for surface in surfaces]),
    )


@njit(cache=True)
def _tangent_range(points, matrix):
    """Least and greatest x / z and y / z of points in the camera, `(2, 2)`, and their least z."""
    bounds, least = np.zeros((2, 2)), np.inf
    for axis in range(2):
        bounds[axis, 0], bounds[axis, 1] = np.inf, -np.inf
    for n in range(len(points)):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2] * z + matrix[2, 3]
        least = min(least, depth)
        if depth <= 0:
            break
        for axis in range(2):
            across = matrix[axis, 0] * x + matrix[axis, 1] * y + matrix[axis, 2] * z + matrix[axis, 3]
            bounds[axis, 0] = min(bounds[axis, 0], across / depth)
            bounds[axis, 1] = max(bounds[axis, 1], across / depth)
    return bounds, least


def interval_signs(intervals: np.ndarray) -> np.ndarray:
    """Order of every pair of intervals, `int8` of shape `(K, K)`.

    Args:
        intervals (`np.ndarray` of shape `(K, 2)`): low and high in degrees; NaN where undefined.

    Returns:
        At [a, b]: -1 when a lies below b, +1 when above, 0 when the margin does not hold or either is NaN.
    """
    low, high = intervals[:, 0], intervals[:, 1]
    centre, span = (low + high) / 2, high - low
    gap = centre[:, None] - centre[None, :]
    shared = np.minimum(high[:, None], high[None, :]) - np.maximum(low[:, None], low[None, :])
    separate = shared <= MAX_INTERVAL_OVERLAP * np.minimum(span[:, None], span[None, :])
    # comparisons with NaN are false, so undefined intervals give 0
    return np.where(separate & (np.abs(gap) >= MIN_CENTRE_GAP_DEG), np.sign(gap), 0).astype(np.int8)


def distance_signs(nearest_m: np.ndarray, mean_m: np.ndarray) -> np.ndarray:
    """Order of every pair of distances from the camera centre, `int8` of shape `(K, K)`.

    Args:
        nearest_m, mean_m (`np.ndarray` of shape `(K,)`): distance to the nearest point and mean over the surface.

    Returns:
        At [a, b]: -1 when a is closer than b, +1 when farther, 0 when the margin does not hold.
    """
    gap = mean_m[:, None] - mean_m[None, :]
    smaller = np.minimum(mean_m[:, None], mean_m[None, :])
    agree = np.sign(gap) == np.sign(nearest_m[:, None] - nearest_m[None, :])
    wide = np.abs(gap) >= np.maximum(MIN_DISTANCE_GAP_M, MIN_DISTANCE_GAP_SHARE * smaller)
    return np.where(agree & wide, np.sign(gap), 0).astype(np.int8)
