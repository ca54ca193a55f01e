"""Smooth edges: further samples of each pixel borrow the colour of the pixel next to them that shows the same surface.

Only what no pixel beside it shows, and patterns finer than the pixels, must be coloured anew.
"""

import numpy as np
from numba import njit

from generation.rendering.surface import Triangles


SUBPIXELS = (
    (-0.125, -0.375),
    (0.375, -0.125),
    (0.125, 0.375),
    (-0.375, 0.125),
)  # a rotated grid
CONTRAST = 0.05  # difference of neighbours on one surface, in display values, from which its pattern is too fine
ALIKE = 0.9  # cosine of the angle between two triangles of one surface
STEP = 0.05  # share of the depth that lies between two of its pixels at most


@njit(cache=True, error_model="numpy", forceinline=True)
def _one_surface(face, near, other, other_near, surface_id, planes):
    """Whether two samples, each a triangle and one over its depth, show the same surface."""
    if face == other:
        return True
    if face < 0 or other < 0 or surface_id[face] != surface_id[other]:
        return False
    turn = planes[0, face] * planes[0, other] + planes[1, face] * planes[1, other]
    return abs(turn + planes[2, face] * planes[2, other]) > ALIKE and abs(near - other_near) < STEP * near


@njit(cache=True, error_model="numpy")
def fine_pixels(display: np.ndarray, face: np.ndarray, nearness: np.ndarray, triangles: Triangles) -> np.ndarray:
    """Pixels `(H, W)` that differ clearly in brightness from a neighbour on their own surface.

    Args:
        display (`np.ndarray` of shape `(3, H, W)`): display values.
        face, nearness (`np.ndarray` of shape `(H, W)`): the triangle that each pixel shows, -1 for none, and one over
            its depth.
        triangles ([`Triangles`]).
    """
    height, width = face.shape
    fine = np.zeros((height, width), dtype=np.bool_)
    surface_id, planes = triangles.surface_id, triangles.planes
    for y in range(height):
        for x in range(width):
            for v, u in ((y, x + 1), (y + 1, x)):
                if v >= height or u >= width:
                    continue
                gap = np.float32(0)
                for c in range(3):
                    gap += display[c, y, x] - display[c, v, u]
                if abs(gap) > 3 * CONTRAST and _one_surface(
                    face[y, x], nearness[y, x], face[v, u], nearness[v, u], surface_id, planes
                ):
                    fine[y, x] = fine[v, u] = True
    return fine


@njit(cache=True, error_model="numpy")
def borrow(
    display: np.ndarray,
    face: np.ndarray,
    nearness: np.ndarray,
    offsets: np.ndarray,
    fine: np.ndarray,
    triangles: Triangles,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the samples of each pixel.

    Args:
        display (`np.ndarray` of shape `(3, H, W)`): display values at the pixel centres.
        face, nearness (`np.ndarray` of shape `(S, H, W)`): triangle and one over its depth at the samples, of which
            the first is the centre.
        offsets (`np.ndarray` of shape `(S, 2)`): where the samples lie from the centre, right and down.
        fine (`np.ndarray` of shape `(H, W)`): pixels whose own colour will not do; see `fine_pixels`.
        triangles ([`Triangles`]).

    Returns:
        the mean `(3, H, W)`, to which a share of `1 / S` each is missing of some samples, and the sample and the flat
        pixel index of those, both `(N,)`.
    """
    samples, height, width = face.shape
    share = np.float32(1 / samples)
    surface_id, planes = triangles.surface_id, triangles.planes
    total, plain = display.copy(), _plain(face, fine)
    size = (samples - 1) * (height * width - np.count_nonzero(plain))
    of_sample, missing = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    count = 0
    for y in range(height):
        for x in range(width):
            if plain[y, x]:
                continue
            for c in range(3):
                total[c, y, x] *= share
            for s in range(1, samples):
                lender_y, lender_x = _lender(s, y, x, face, nearness, offsets, surface_id, planes)
                if lender_y < 0 or fine[lender_y, lender_x]:
                    of_sample[count], missing[count] = s, y * width + x
                    count += 1
                    continue
                for c in range(3):
                    total[c, y, x] += share * display[c, lender_y, lender_x]
    return total, of_sample[:count], missing[:count]


@njit(cache=True)
def _plain(face, fine):
    """Pixels `(H, W)` all of whose samples have the colour at the centre."""
    plain = np.zeros(fine.shape, dtype=np.bool_)
    for y in range(len(fine)):
        row, detailed, first = plain[y], fine[y], face[0, y]
        for x in range(len(row)):
            row[x] = not detailed[x]
        for s in range(1, len(face)):
            other = face[s, y]
            for x in range(len(row)):
                row[x] &= other[x] == first[x]
    return plain


@njit(cache=True, error_model="numpy", forceinline=True)
def _lender(s, y, x, face, nearness, offsets, surface_id, planes):
    """The pixel closest to a sample whose centre shows the same surface, among the eight around and its own."""
    _, height, width = face.shape
    right, down = (1 if offsets[s, 0] > 0 else -1), (1 if offsets[s, 1] > 0 else -1)
    near = nearness[s, y, x]
    for dy, dx in (
        (0, 0), (0, right), (down, 0), (down, right), (0, -right), (-down, 0), (down, -right), (-down, right),
    ):  # fmt: skip
        v, u = y + dy, x + dx
        if v < 0 or v >= height or u < 0 or u >= width:
            continue
        if _one_surface(face[s, y, x], near, face[0, v, u], nearness[0, v, u], surface_id, planes):
            return v, u
    return -1, -1
