"""Ray casting by Embree, through `embreex` (why not Open3D: docs/decisions.md)."""

from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh


@dataclass(frozen=True, eq=False)
class Hits:
    """First hits of N rays.

    Args:
        t (`np.ndarray` of shape `(N,)`): ray parameter in units of the direction's length, `inf` where nothing is hit.
        face (`np.ndarray` of shape `(N,)`): index of the triangle that is hit, -1 where nothing is hit.
        barycentric (`np.ndarray` of shape `(N, 3)`): weights of the triangle's three vertices at the hit.
    """

    t: np.ndarray
    face: np.ndarray
    barycentric: np.ndarray

    def take(self, rows: np.ndarray) -> "Hits":
        """The hits of the rays at `rows`."""
        return Hits(self.t[rows], self.face[rows], self.barycentric[rows])


class RayCaster:
    """Embree over one triangle mesh.

    Args:
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        watertight (`bool`, *optional*, defaults to `True`): no ray slips between triangles that share an edge; else
            hardly any does, and rays are faster.
    """

    def __init__(self, vertices: np.ndarray, faces: np.ndarray, watertight: bool = True):
        self._scene = rtcore_scene.EmbreeScene(robust=watertight)
        # Embree keeps only pointers: the mesh object must live as long as its scene
        self._mesh = TriangleMesh(
            self._scene,
            np.ascontiguousarray(vertices, dtype=np.float32),
            np.ascontiguousarray(faces, dtype=np.int32),
        )

    def cast(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        """First hits of rays; origins and directions are `np.float32` of shape `(N, 3)`, world."""
        found = self._scene.run(origins, directions, output=True)
        missed = found["primID"] < 0
        u, v = found["u"], found["v"]
        return Hits(
            t=np.where(missed, np.float32(np.inf), found["tfar"]),
            face=found["primID"],
            barycentric=np.stack([1 - u - v, u, v], axis=1),
        )

    def hits_anything(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Whether each ray hits anything at all: `bool` of shape `(N,)`. Cheaper than `cast`."""
        return self._scene.run(origins, directions, query="OCCLUDED") != -1

    def occluded(self, origins: np.ndarray, directions: np.ndarray, t_max: np.ndarray) -> np.ndarray:
        """Whether anything lies on each ray before `t_max` `(N,)`: `bool` of shape `(N,)`."""
        distances = np.array(t_max, dtype=np.float32)
        return self._scene.run(origins, directions, dists=distances, query="OCCLUDED") != -1
