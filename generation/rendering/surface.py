"""From pixels to surface points: positions, normals and texture coordinates.

Vectors and colours of N points are `(3, N)` arrays throughout the renderer, so that each component is one contiguous
row; only the ray caster takes `(N, 3)`.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numba import njit

from generation.scenes.base import Scene, SceneError


FLAT = 0.9999  # least cosine between a flat triangle's normal and those of its corners
PLANE_TURN, PLANE_GAP_M = 2e-3, 2e-3  # triangles of one plane differ by less in direction, radians, and place


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """N points that are looked at, `np.float32`.

    Args:
        position (`np.ndarray` of shape `(3, N)`): metres, world.
        normal (`np.ndarray` of shape `(3, N)`): unit shading normal on the side that is looked at.
        plane (`np.ndarray` of shape `(3, N)`): unit normal of the triangle on that side.
        view (`np.ndarray` of shape `(3, N)`): unit direction from the eye.
        coords (`np.ndarray` of shape `(3, N)`): texture coordinates.
        distance_m (`np.ndarray` of shape `(N,)`): from the eye.
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
        return SurfacePoints(*(np.take(getattr(self, field.name), rows, axis=-1) for field in fields(self)))


class Triangles(NamedTuple):
    """The arrays of a [`SceneSurface`] that compiled code reads.

    Args:
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        first (`np.ndarray` of shape `(T, 3)`), weights (`np.ndarray` of shape `(T, 2, 3)`): see `_frames`.
        planes (`np.ndarray` of shape `(3, T)`): unit normals.
        texels_per_m (`np.ndarray` of shape `(T,)`): length in texture coordinates of one metre.
        surface_id (`np.ndarray` of shape `(T,)`): the same for the parts of one instance that have one material.
        plane_id (`np.ndarray` of shape `(T,)`): the same for flat triangles of one `surface_id` that lie on one plane,
            -1 for what is shaded as if it were curved.
        material (`np.ndarray` of shape `(T,)`).
        normals, texcoords (`np.ndarray` of shape `(V, 3)`): of the vertices.
    """

    faces: np.ndarray
    first: np.ndarray
    weights: np.ndarray
    planes: np.ndarray
    texels_per_m: np.ndarray
    surface_id: np.ndarray
    plane_id: np.ndarray
    material: np.ndarray
    normals: np.ndarray
    texcoords: np.ndarray


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
        self.face_material = np.asarray(appearance.face_material, dtype=np.int64)
        self.face_instance = mesh.face_instance.astype(np.int32)
        first, across, weights = _frames(mesh.vertices, mesh.faces)
        self.area_m2 = np.linalg.norm(across, axis=1) / 2
        self.plane = (across.T / np.maximum(2 * self.area_m2, 1e-20)).astype(np.float32)  # (3, T)
        _, across, _ = _frames(appearance.vertex_texcoords, mesh.faces)
        self.axis = np.abs(across).argmax(axis=1)
        texture_area = np.linalg.norm(across, axis=1) / 2
        pairs = self.face_instance * np.int64(len(appearance.materials)) + self.face_material
        surface_id = np.unique(pairs, return_inverse=True)[1].astype(np.int32)
        normals = np.ascontiguousarray(appearance.vertex_normals, dtype=np.float32)
        self.triangles = Triangles(
            faces=np.ascontiguousarray(mesh.faces, dtype=np.int32),
            first=first.astype(np.float32),
            weights=weights,
            planes=self.plane,
            texels_per_m=np.sqrt(texture_area / np.maximum(self.area_m2, 1e-20)).astype(np.float32),
            surface_id=surface_id,
            plane_id=_plane_ids(self.plane.T, first, normals[mesh.faces], surface_id),
            material=self.face_material,
            normals=normals,
            texcoords=np.ascontiguousarray(appearance.vertex_texcoords, dtype=np.float32),
        )

    def points(
        self,
        face: np.ndarray,
        depth_m: np.ndarray,
        origin: np.ndarray,
        directions: np.ndarray,
    ) -> SurfacePoints:
        """What rays from one eye meet.

        Args:
            face (`np.ndarray` of shape `(N,)`): the triangle that each ray meets.
            depth_m (`np.ndarray` of shape `(N,)`): ray parameter at which it does.
            origin (`np.ndarray` of shape `(3,)`), directions (`np.ndarray` of shape `(3, N)`): the rays.
        """
        origin = np.asarray(origin, dtype=np.float32)
        position, view, distance_m = _along(depth_m, origin, np.ascontiguousarray(directions, dtype=np.float32))
        return self.points_at(face, position, view, distance_m)

    def points_at(
        self,
        face: np.ndarray,
        position: np.ndarray,
        view: np.ndarray,
        distance_m: np.ndarray,
    ) -> SurfacePoints:
        """Points `(3, N)` on given triangles, looked at in unit directions `view` `(3, N)`."""
        normal, plane, coords = _interpolated(face, position, view, self.triangles)
        return SurfacePoints(position, normal, plane, view, coords, distance_m, face)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dot products of two `(3, N)` arrays of vectors, either of which may be `(3, 1)`: `(N,)`."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _frames(values: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each triangle of `(V, 3)` values: its first corner `(T, 3)`, the cross product of its sides `(T, 3)`, and
    the vectors `(T, 2, 3)` whose products with a point's offset from the first corner are the weights of the others.
    """
    values = values.astype(np.float64)
    first = values[faces[:, 0]]
    one, other = values[faces[:, 1]] - first, values[faces[:, 2]] - first
    across = np.cross(one, other)
    squared = np.maximum((across**2).sum(axis=1, keepdims=True), 1e-30)
    weights = np.stack([np.cross(other, across), np.cross(across, one)], axis=1) / squared[:, None]
    return first, across, weights.astype(np.float32)


def _plane_ids(planes: np.ndarray, first: np.ndarray, normals: np.ndarray, surface_id: np.ndarray) -> np.ndarray:
    """See [`Triangles`]; `normals` `(T, 3, 3)` are those of the corners. Planes that differ by rounding may be told
    apart, which costs time alone."""
    flat = (np.abs(np.einsum("tkc,tc->tk", normals, planes)) > FLAT).all(axis=1)
    largest = np.take_along_axis(planes, np.abs(planes).argmax(axis=1)[:, None], axis=1)
    upright = planes * np.sign(largest)
    offset_m = (upright * first).sum(axis=1)
    key = surface_id.astype(np.int64)
    for values in (*(upright.T / PLANE_TURN), offset_m / PLANE_GAP_M):
        key = key * np.int64(1_000_003) + np.rint(values).astype(np.int64)
    return np.where(flat, np.unique(key, return_inverse=True)[1], -1).astype(np.int32)


@njit(cache=True, error_model="numpy")
def _along(depth_m, origin, directions):
    position, view = np.zeros_like(directions), np.zeros_like(directions)
    distance_m = np.zeros(len(depth_m), dtype=np.float32)
    for n in range(len(depth_m)):
        x, y, z, t = directions[0, n], directions[1, n], directions[2, n], np.float32(depth_m[n])
        length = np.sqrt(x * x + y * y + z * z)
        distance_m[n] = t * length
        position[0, n], position[1, n], position[2, n] = origin[0] + t * x, origin[1] + t * y, origin[2] + t * z
        view[0, n], view[1, n], view[2, n] = x / length, y / length, z / length
    return position, view, distance_m


@njit(cache=True, error_model="numpy")
def _interpolated(face, position, view, triangles):
    """Shading normals, triangle normals and texture coordinates of N points, each `(3, N)`."""
    normal, plane, coords = np.zeros_like(position), np.zeros_like(position), np.zeros_like(position)
    for n in range(len(face)):
        place, towards = (
            (position[0, n], position[1, n], position[2, n]),
            (view[0, n], view[1, n], view[2, n]),
        )
        found = at_point(face[n], place, towards, triangles)
        normal[0, n], normal[1, n], normal[2, n] = found[0]
        plane[0, n], plane[1, n], plane[2, n] = found[1]
        coords[0, n], coords[1, n], coords[2, n] = found[2]
    return normal, plane, coords


@njit(cache=True, error_model="numpy", forceinline=True)
def at_point(f, place, view, triangles):
    """Unit shading normal, unit normal of the triangle `f`, and texture coordinates at one point of it; the normals on
    the side that is looked at in direction `view`."""
    faces, first, weights, planes, _, _, plane_id, _, normals, texcoords = triangles
    one, zero = np.float32(1), np.float32(0)
    x, y, z = place[0] - first[f, 0], place[1] - first[f, 1], place[2] - first[f, 2]
    u = weights[f, 0, 0] * x + weights[f, 0, 1] * y + weights[f, 0, 2] * z
    v = weights[f, 1, 0] * x + weights[f, 1, 1] * y + weights[f, 1, 2] * z
    u, v = min(max(u, zero), one), min(max(v, zero), one)
    w = max(one - u - v, zero)
    facing = planes[0, f] * view[0] + planes[1, f] * view[1] + planes[2, f] * view[2]
    side = -one if facing > 0 else one
    plane = side * planes[0, f], side * planes[1, f], side * planes[2, f]
    a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
    coords = _mixed(texcoords, a, b, c, u, v, w)
    if plane_id[f] >= 0:
        return plane, plane, coords
    x, y, z = _mixed(normals, a, b, c, u, v, w)
    towards = x * plane[0] + y * plane[1] + z * plane[2]
    scale = (-one if towards < 0 else one) / max(np.sqrt(x * x + y * y + z * z), np.float32(1e-6))
    return (scale * x, scale * y, scale * z), plane, coords


@njit(cache=True, error_model="numpy", forceinline=True)
def _mixed(values, a, b, c, u, v, w):
    return (
        w * values[a, 0] + u * values[b, 0] + v * values[c, 0],
        w * values[a, 1] + u * values[b, 1] + v * values[c, 1],
        w * values[a, 2] + u * values[b, 2] + v * values[c, 2],
    )
