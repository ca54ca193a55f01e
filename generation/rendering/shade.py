"""From triangles to light in one pass over the samples: intermediate arrays would cost more than the arithmetic."""

from typing import NamedTuple

import numpy as np
from numba import njit

from generation.rendering.denoise import Guides, spread_to_point
from generation.rendering.materials import MaterialTable
from generation.rendering.surface import Triangles, at_point


GLOSSY = 0.03  # less gloss than this cannot be seen


class Samples(NamedTuple):
    """N samples of a view.

    Args:
        face, nearness (`np.ndarray` of shape `(N,)`): the triangle that each meets, -1 for none, and one over its
            camera Z.
        columns, rows (`np.ndarray` of shape `(N,)`): where they lie in the image, in pixels.
        eye (`np.ndarray` of shape `(3,)`), directions (`np.ndarray` of shape `(3, N)`): rays with camera Z = 1.
        pixel (`float`): width of a pixel at a distance of 1.
    """

    face: np.ndarray
    nearness: np.ndarray
    columns: np.ndarray
    rows: np.ndarray
    eye: np.ndarray
    directions: np.ndarray
    pixel: float

    def take(self, chosen: np.ndarray) -> "Samples":
        """Those at the indices `chosen`."""
        one_each = (values[chosen] for values in (self.face, self.nearness, self.columns, self.rows))
        return Samples(*one_each, self.eye, self.directions[:, chosen], self.pixel)


class ViewLight(NamedTuple):
    """What arrives at the traced pixels of one view.

    Args:
        values (`np.ndarray` of shape `(h, w, 6)`): irradiance and mirrored radiance, linear RGB each.
        guides ([`Guides`]): of the same pixels.
        block (`int`): pixels of the image along each side of a traced one.
    """

    values: np.ndarray
    guides: Guides
    block: int


class Finishes(NamedTuple):
    """How M materials mirror light: their gloss, roughness (0 where nothing shines) and the share `(M, 3)` of what
    falls in straight on."""

    gloss: np.ndarray
    roughness: np.ndarray
    facing: np.ndarray

    @classmethod
    def of(cls, table: MaterialTable) -> "Finishes":
        shines = (table.gloss > GLOSSY) & ~table.is_mirror
        roughness = np.where(shines, 0.55 - 0.47 * table.gloss, 0).astype(np.float32)
        facing = np.where(table.is_metal, np.float32(0.7) * table.color, np.float32(0.04))
        return cls(table.gloss, roughness, np.ascontiguousarray(facing.T))


class Shaded(NamedTuple):
    """What the colour of N samples is made of.

    Args:
        coords (`np.ndarray` of shape `(3, N)`): texture coordinates.
        footprint (`np.ndarray` of shape `(N,)`): width of the pixel on the surface, in units of `coords`.
        irradiance, mirrored (`np.ndarray` of shape `(3, N)`): linear RGB.
    """

    coords: np.ndarray
    footprint: np.ndarray
    irradiance: np.ndarray
    mirrored: np.ndarray


@njit(cache=True, error_model="numpy")
def shade(samples: Samples, light: ViewLight, triangles: Triangles, finishes: Finishes):
    """The fields of [`Shaded`]."""
    face, nearness, columns, rows, eye, directions, pixel = samples
    values, guides, block = light
    count, per_block = len(face), np.float32(1 / block)
    coords, footprint = np.zeros((3, count), dtype=np.float32), np.zeros(count, dtype=np.float32)
    irradiance, mirrored = np.zeros((3, count), dtype=np.float32), np.zeros((3, count), dtype=np.float32)
    arriving = np.zeros(6, dtype=np.float32)
    texels_per_m, materials = triangles.texels_per_m, triangles.material
    surface_id, plane_id = triangles.surface_id, triangles.plane_id
    gloss, roughness, straight = finishes
    one = np.float32(1)
    for n in range(count):
        f, t = np.uint32(face[n]), one / nearness[n]
        x, y, z = directions[0, n], directions[1, n], directions[2, n]
        length = np.sqrt(x * x + y * y + z * z)
        per_length = one / length
        towards = x * per_length, y * per_length, z * per_length
        place = eye[0] + t * x, eye[1] + t * y, eye[2] + t * z
        normal, plane, at = at_point(f, place, towards, triangles)
        coords[0, n], coords[1, n], coords[2, n] = at
        slant = -(towards[0] * plane[0] + towards[1] * plane[1] + towards[2] * plane[2])
        footprint[n] = t * length * pixel / np.sqrt(max(slant, np.float32(0.1))) * texels_per_m[f]
        column, row = columns[n] * per_block, rows[n] * per_block
        m = np.uint32(materials[f])
        shines = roughness[m] > 0
        channels = 6 if shines else 3
        own = surface_id[f], plane_id[f]
        spread_to_point(values, guides, column, row, normal, place, own, channels, arriving)
        for c in range(3):
            irradiance[c, n] = arriving[c]
        if shines:
            cosine = -(towards[0] * normal[0] + towards[1] * normal[1] + towards[2] * normal[2])
            grazing = _grazing(cosine)
            for c in range(3):
                mirrored[c, n] = gloss[m] * (straight[m, c] + (one - straight[m, c]) * grazing) * arriving[3 + c]
    return coords, footprint, irradiance, mirrored


@njit(cache=True, error_model="numpy", forceinline=True)
def _grazing(cosine):
    """How much more a surface mirrors that is looked at with this cosine (Schlick's approximation of Fresnel)."""
    one = np.float32(1)
    rest = one - min(max(cosine, np.float32(0)), one)
    return np.float32(0.6) * rest * rest * rest * rest * rest


@njit(cache=True, error_model="numpy")
def sheen(view: np.ndarray, normal: np.ndarray, material: np.ndarray, finishes: Finishes) -> np.ndarray:
    """Share `(N,)` of the light, the largest of the three channels, that N surfaces mirror towards the eye.

    Args:
        view, normal (`np.ndarray` of shape `(3, N)`): unit direction from the eye; unit normal.
        material (`np.ndarray` of shape `(N,)`).
        finishes ([`Finishes`]).
    """
    gloss, roughness, straight = finishes
    result = np.zeros(len(material), dtype=np.float32)
    for n in range(len(material)):
        m = material[n]
        if roughness[m] > 0:
            cosine = -(view[0, n] * normal[0, n] + view[1, n] * normal[1, n] + view[2, n] * normal[2, n])
            facing = max(straight[m, 0], straight[m, 1], straight[m, 2])
            result[n] = gloss[m] * (facing + (np.float32(1) - facing) * _grazing(cosine))
    return result
