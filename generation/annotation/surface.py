"""The surface of one instance, as the annotation needs it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from trimesh.triangles import closest_point

from generation.scenes.base import Scene


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
    def longest_edge_m(self) -> np.ndarray:
        """Longest edge of every triangle, `(t,)`."""
        edges = self.triangles - np.roll(self.triangles, 1, axis=1)
        return np.linalg.norm(edges, axis=2).max(axis=1)

    def nearest_m(self, point: np.ndarray) -> float:
        """Distance from `point` `(3,)` to the nearest point of the surface, metres."""
        corner_m = np.linalg.norm(self.points - point, axis=1)  # (v,)
        # No point of a triangle is nearer than its nearest corner less its longest edge: most are ruled out by that
        near = corner_m[self.faces].min(axis=1) - self.longest_edge_m <= corner_m.min()
        candidates = self.triangles[near]
        found = closest_point(candidates, np.broadcast_to(point, (len(candidates), 3)))
        return float(np.linalg.norm(found - point, axis=1).min())
