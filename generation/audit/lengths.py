"""Lengths of things, computed plainly for the audit: upright boxes, what leans, closest points."""

from dataclasses import dataclass

import numpy as np
import trimesh
from scipy.spatial import QhullError, cKDTree

from generation.annotation.sizes import MAX_AREA_RATIO, MIN_LENGTH_RATIO


# Surfaces are stepped over this finely for the distance of two things that are so far apart: it is 1 mm too long
STEP_M, STEP_FITS_M = 0.03, 0.1
# Things far apart are stepped over more coarsely, in this many doublings
DOUBLINGS = 3
CLOSEST_SLACK_M = 2e-3


@dataclass(frozen=True, eq=False)
class UprightBox:
    """Centre `(3,)` and size `(3,)` in metres, and the rotation `(2, 2)` of the ground plane into the box's axes."""

    centre: np.ndarray
    size: np.ndarray
    box_from_world: np.ndarray


def upright_box(points: np.ndarray) -> UprightBox:
    """The upright box around `(N, 3)` points whose ground rectangle has the least area."""
    low, high = points[:, 2].min(), points[:, 2].max()
    try:
        to_origin, sides = trimesh.bounds.oriented_bounds_2D(points[:, :2])
        box_from_world, middle = to_origin[:2, :2], (np.linalg.inv(to_origin) @ [0, 0, 1])[:2]
    except QhullError:  # all points on one vertical plane
        mean = points[:, :2].mean(axis=0)
        _, _, box_from_world = np.linalg.svd(points[:, :2] - mean, full_matrices=False)  # the first row runs along it
        along = (points[:, :2] - mean) @ box_from_world[0]
        middle, sides = mean + box_from_world[0] * (along.min() + along.max()) / 2, (np.ptp(along), 0.0)
    return UprightBox(np.array([*middle, (low + high) / 2]), np.array([*sides, high - low]), box_from_world)


def leans(points: np.ndarray, box: UprightBox) -> bool:
    """Whether a tilt about a side of the box, in steps of one degree, gives a far smaller and longer rectangle."""
    ground, up = points[:, :2] @ box.box_from_world.T, points[:, 2]
    for axis in (0, 1):
        for tilt in np.radians(np.arange(1, 90)):
            along = np.ptp(np.cos(tilt) * ground[:, axis] + np.sin(tilt) * up)
            across = np.ptp(np.cos(tilt) * up - np.sin(tilt) * ground[:, axis])
            smaller = along * across <= MAX_AREA_RATIO * box.size[axis] * box.size[2]
            if smaller and max(along, across) >= MIN_LENGTH_RATIO * box.size.max():
                return True
    return False


def step_m(distance_m: float) -> float:
    """The coarsest step that makes a distance 1 mm too long at most: the error is as the step's square over it."""
    fits = np.log2(max(distance_m, STEP_FITS_M) / STEP_FITS_M) / 2
    return STEP_M * 2.0 ** int(min(fits, DOUBLINGS))


def steps_along(vertices: np.ndarray, faces: np.ndarray, step_m: float = STEP_M) -> np.ndarray:
    """Points `(n, 3)` on a surface, no farther apart than `step_m` along any edge of it."""
    vertices, faces = trimesh.remesh.subdivide_to_size(vertices, faces, max_edge=step_m, max_iter=20)
    return vertices[np.unique(faces)]


def closest_m(steps: np.ndarray, other_steps: np.ndarray, other: np.ndarray, step_m: float = STEP_M) -> float:
    """Distance of the nearest of `steps` `(n, 3)` from the triangles `other` `(T, 3, 3)`, whose steps are known."""
    between_m = cKDTree(other_steps).query(steps)[0]
    found = np.inf
    for k in np.argsort(between_m):
        if between_m[k] - step_m >= found:  # some step of the other lies within `step_m` of its nearest point
            break
        closest = trimesh.triangles.closest_point(other, np.tile(steps[k], (len(other), 1)))
        found = min(found, np.linalg.norm(closest - steps[k], axis=1).min())
    return float(found)
