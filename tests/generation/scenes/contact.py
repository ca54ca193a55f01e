"""Exact contact between triangle meshes, by ray casting their edges."""

import numpy as np

from generation.rendering.raycast import RayCaster
from generation.scenes.procedural.placement import Placement


TOLERANCE_M = 0.002


def triangles_of(placed: Placement) -> np.ndarray:
    """All triangles `(T, 3, 3)` of a placement, metres, world."""
    return np.concatenate([placed.to_world(part.vertices)[part.faces] for part in placed.asset.parts])


def caster_of(triangles: np.ndarray) -> RayCaster:
    return RayCaster(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))


def penetrate(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two meshes still cross when the higher one is lifted by 2 mm; things at rest touch but do not cross."""
    lower, upper = sorted((a, b), key=lambda triangles: triangles[..., 2].min())
    return all(_cross(lower, upper + [0, 0, lift]) for lift in (0.0, TOLERANCE_M))


def _cross(a: np.ndarray, b: np.ndarray) -> bool:
    """Two surfaces cross just where an edge of one passes through a triangle of the other."""
    return _edges_hit(a, b) or _edges_hit(b, a)


def _edges_hit(a: np.ndarray, b: np.ndarray) -> bool:
    edges = np.stack([a, np.roll(a, -1, axis=1)], axis=2).reshape(-1, 2, 3)
    low, high = b.min(axis=(0, 1)), b.max(axis=(0, 1))
    edges = edges[((edges.min(axis=1) <= high) & (edges.max(axis=1) >= low)).all(axis=1)]
    if not len(edges):
        return False
    starts, along = edges[:, 0].astype(np.float32), (edges[:, 1] - edges[:, 0]).astype(np.float32)
    return bool((caster_of(b).cast(starts, along).t < 1).any())


def is_inside(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether the top of `a` lies within a solid of `b`: then one holds the other, though no surfaces cross.

    By the winding number: the sum of the triangles' signed solid angles over 4 pi (Van Oosterom and Strackee 1983).
    """
    if (a.min(axis=(0, 1)) < b.min(axis=(0, 1))).any() or (a.max(axis=(0, 1)) > b.max(axis=(0, 1))).any():
        return False
    corners = b - a.reshape(-1, 3)[np.argmax(a[..., 2])]  # (T, 3, 3)
    x, y, z = corners.swapaxes(0, 1)
    lx, ly, lz = np.linalg.norm(corners, axis=2).T
    volume = (x * np.cross(y, z)).sum(axis=1)
    flat = lx * ly * lz + (x * y).sum(axis=1) * lz + (y * z).sum(axis=1) * lx + (z * x).sum(axis=1) * ly
    return bool(2 * np.arctan2(volume, flat).sum() / (4 * np.pi) > 0.5)
