"""From ray hits to surface points: positions, normals and texture coordinates.

Vectors and colours of N points are `(3, N)` arrays throughout the renderer, so that each component is one contiguous
row: several times faster than `(N, 3)`, which only the ray caster takes.
"""

from dataclasses import dataclass, fields

import numpy as np

from generation.rendering.raycast import Hits
from generation.scenes.base import Scene, SceneError


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """N points where rays meet the scene, `np.float32`.

    Args:
        position (`np.ndarray` of shape `(3, N)`): metres, world.
        normal (`np.ndarray` of shape `(3, N)`): unit shading normal on the side that the ray comes from.
        plane (`np.ndarray` of shape `(3, N)`): unit normal of the triangle on that side.
        view (`np.ndarray` of shape `(3, N)`): unit direction of the ray.
        coords (`np.ndarray` of shape `(3, N)`): texture coordinates.
        distance_m (`np.ndarray` of shape `(N,)`): from the ray's origin.
        face (`np.ndarray` of shape `(N,)`): triangle.
    """

    position: np.ndarray
    normal: np.ndarray
    plane: np.ndarray
    view: np.ndarray
    coords: np.ndarray
    distance_m: np.ndarray
    face: np.ndarray

    def take(self, rows: np.ndarray) -> "SurfacePoints":
        """The points at `rows`."""
        return SurfacePoints(*(getattr(self, field.name)[..., rows] for field in fields(self)))


class SceneSurface:
    """The triangles of a scene with everything that shading reads from them.

    Raises:
        [`SceneError`]: when the scene has no appearance, or one whose arrays do not fit its mesh.
    """

    def __init__(self, scene: Scene):
        appearance, mesh = scene.appearance, scene.mesh
        if appearance is None:
            raise SceneError(
                f"Scene {scene.scene_name!r} of source {scene.source!r} has no appearance, so it cannot be rendered. "
                "Use the photos in `frame.image_path`, or give the scene an `Appearance`."
            )
        for name, array, rows in (
            ("face_material", appearance.face_material, len(mesh.faces)),
            ("vertex_normals", appearance.vertex_normals, len(mesh.vertices)),
            ("vertex_texcoords", appearance.vertex_texcoords, len(mesh.vertices)),
        ):
            if len(array) != rows:
                raise SceneError(
                    f"Scene {scene.scene_name!r}: `appearance.{name}` has {len(array)} rows, the mesh needs {rows}. "
                    "Build the appearance from the same parts as the mesh."
                )
        self.face_material = appearance.face_material
        self._corners = np.ascontiguousarray(mesh.faces.T)  # (3, T)
        self._normals, self._texcoords = (
            np.ascontiguousarray(values.T, dtype=np.float32)  # (3, V)
            for values in (appearance.vertex_normals, appearance.vertex_texcoords)
        )
        across = _face_cross(mesh.vertices, mesh.faces)  # (T, 3)
        self.area_m2 = np.linalg.norm(across, axis=1) / 2
        self.plane = (across.T / np.maximum(2 * self.area_m2, 1e-20)).astype(np.float32)  # (3, T)
        across = _face_cross(appearance.vertex_texcoords, mesh.faces)
        self.axis = np.abs(across).argmax(axis=1)
        texture_area = np.linalg.norm(across, axis=1) / 2
        self.texels_per_m = np.sqrt(texture_area / np.maximum(self.area_m2, 1e-20)).astype(np.float32)

    def points(self, hits: Hits, origins: np.ndarray, directions: np.ndarray) -> SurfacePoints:
        """The points of N hits; origins and directions are `(3, N)`; every ray must have hit something."""
        length = np.sqrt(dot(directions, directions))
        view = directions / length
        plane = self.facing(hits.face, view)
        normal = self._interpolate(self._normals, hits)
        normal /= np.where(dot(normal, plane) < 0, -1, 1) * np.maximum(np.sqrt(dot(normal, normal)), np.float32(1e-6))
        return SurfacePoints(
            position=origins + hits.t * directions,
            normal=normal,
            plane=plane,
            view=view,
            coords=self._interpolate(self._texcoords, hits),
            distance_m=hits.t * length,
            face=hits.face,
        )

    def facing(self, face: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Unit normals `(3, N)` of triangles, on the side that rays in `directions` `(3, N)` come from."""
        plane = self.plane[:, face]
        plane *= np.where(dot(plane, directions) > 0, np.float32(-1), np.float32(1))
        return plane

    def _interpolate(self, values: np.ndarray, hits: Hits) -> np.ndarray:
        """Values `(3, V)` of the vertices at N hits: `(3, N)`."""
        result = np.zeros((3, len(hits.face)), dtype=np.float32)
        for corners, weight in zip(self._corners, hits.barycentric.T, strict=True):
            corner, weight = corners[hits.face], np.ascontiguousarray(weight)
            for component in range(3):
                result[component] += values[component][corner] * weight
        return result


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dot products of two `(3, N)` arrays of vectors, either of which may be `(3, 1)`: `(N,)`."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _face_cross(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    vertices = vertices.astype(np.float64)
    first = vertices[faces[:, 0]]
    return np.cross(vertices[faces[:, 1]] - first, vertices[faces[:, 2]] - first)
