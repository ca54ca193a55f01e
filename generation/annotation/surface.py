"""The surface of one instance, as the annotation needs it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from trimesh.triangles import area

from generation.annotation.triangle_tree import TriangleTree
from generation.scenes.base import Scene


# Means over a surface are taken over pieces whose edges are no longer than this
PIECE_M = 0.1


@dataclass(frozen=True, eq=False)
class Surface:
    """The triangles of one instance, with no more vertices than they use.

    Args:
        points (`np.ndarray` of shape `(v, 3)`): metres, world.
        faces (`np.ndarray` of shape `(t, 3)`): indices into `points`.
    """

    points: np.ndarray
    faces: np.ndarray

    @classmethod
    def of_instance(cls, scene: Scene, instance_id: int) -> "Surface":
        used, faces = np.unique(scene.faces_of(instance_id), return_inverse=True)
        return cls(scene.mesh.vertices[used], faces.reshape(-1, 3))

    @cached_property
    def triangles(self) -> np.ndarray:
        """Corners, `(t, 3, 3)`."""
        return self.points[self.faces]

    @cached_property
    def tree(self) -> TriangleTree:
        """The triangles, sorted by place."""
        return TriangleTree.of(self.triangles)

    @cached_property
    def pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """Centroids `(n, 3)` and areas `(n,)` of the triangles in small pieces.

        A triangle with the longest edge e is cut into n^2 of its own shape, n = e / `PIECE_M` rounded up.
        """
        edges = self.triangles - np.roll(self.triangles, 1, axis=1)
        longest_m = np.linalg.norm(edges, axis=2).max(axis=1)
        cuts = np.maximum(np.ceil(longest_m / PIECE_M), 1).astype(int)
        areas = area(self.triangles)
        centroids, weights = [], []
        for n in np.unique(cuts):
            row, column = np.divmod(np.arange(n * n), n)
            # a grid of n x n: cells up to the diagonal hold an upright piece, the others stand for one upside down
            upright = row + column < n
            at = np.where(upright, [row + 1 / 3, column + 1 / 3], [n - row - 1 / 3, n - column - 1 / 3]) / n
            shares = np.stack([1 - at[0] - at[1], *at], axis=1)  # (n^2, 3)
            centroids.append((shares @ self.triangles[cuts == n]).reshape(-1, 3))
            weights.append(np.repeat(areas[cuts == n] / n**2, n**2))
        return np.concatenate(centroids), np.concatenate(weights)

    def mean_m(self, point: np.ndarray) -> float:
        """Mean distance from `point` `(3,)` over the surface, metres."""
        return _mean(*self.pieces, point)

    def nearest_m(self, point: np.ndarray) -> float:
        """Distance from `point` `(3,)` to the nearest point of the surface, metres."""
        return self.tree.nearest_m(point)


@njit(cache=True)
def _mean(points, weights, point):
    total, weight = 0.0, 0.0
    for n in range(len(points)):
        x, y, z = points[n, 0] - point[0], points[n, 1] - point[1], points[n, 2] - point[2]
        total += weights[n] * np.sqrt(x * x + y * y + z * z)
        weight += weights[n]
    return total / weight
