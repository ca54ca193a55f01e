"""Which pixels triangles cover for a pinhole camera, without casting rays.

A pixel is covered when its centre is: the ray through it meets the triangle. With the corners a, b, c in homogeneous
pixels (x z, y z, z) and the ray d = (column + 0.5, row + 0.5, 1), that is so when the edge functions d . (b x c),
d . (c x a) and d . (a x b) all have the sign of a . (b x c); their sum over it is one over the depth. Nothing has to
be cut at the camera's plane (Olano and Greer, Triangle Scan Conversion using 2D Homogeneous Coordinates, 1997). Both
triangles at an edge compute exactly opposite values of its function, so that no pixel falls between them.
"""

import math

import numpy as np
from numba import njit

from generation.geometry import Camera


def homogeneous_pixels(camera: Camera, vertices: np.ndarray) -> np.ndarray:
    """Pixel coordinates times camera Z, and camera Z, of `(V, 3)` world points: `(V, 3)`, pixels and metres."""
    world_from_pixels = camera.intrinsics @ camera.cam_from_world[:3]  # (3, 4)
    return _transformed(np.ascontiguousarray(vertices, dtype=np.float64), world_from_pixels)


@njit(cache=True, error_model="numpy")
def _transformed(points, matrix):
    """One by one: a matrix product may round equal points differently."""
    result = np.zeros(points.shape)
    for n in range(len(points)):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        for row in range(3):
            result[n, row] = matrix[row, 0] * x + matrix[row, 1] * y + matrix[row, 2] * z + matrix[row, 3]
    return result


def sampled_triangles(
    camera: Camera,
    vertices: np.ndarray,
    faces: np.ndarray,
    offsets: tuple[tuple[float, float], ...],
) -> tuple[np.ndarray, np.ndarray]:
    """The triangles that S samples of each pixel of a pinhole camera show.

    Args:
        camera ([`Camera`]): without distortion.
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        offsets (`tuple` of S pairs of `float`): of each sample from the pixel's centre, to the right and down, pixels.

    Returns:
        triangles `(S, H, W)`, `np.int32`, -1 where there is none, and one over their camera Z `(S, H, W)`,
        `np.float32`, 0 where there is none.
    """
    shape = len(offsets), camera.height, camera.width
    face, nearness = (
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape, dtype=np.float32),
    )
    _draw(homogeneous_pixels(camera, vertices), faces, np.array(offsets), face, nearness)
    return face, nearness


@njit(cache=True, error_model="numpy")
def _draw(points, faces, offsets, face, nearness):
    samples, height, width = face.shape
    edges, bounds = np.zeros((3, 4)), np.zeros(4)
    for n in range(len(faces)):
        a, b, c = corner_of(points, faces[n, 0]), corner_of(points, faces[n, 1]), corner_of(points, faces[n, 2])
        set_bounds(a, b, c, bounds)
        if bounds[2] < 0 or bounds[3] < 0 or bounds[0] > width or bounds[1] > height:
            continue
        volume = set_edges(a, b, c, edges)
        if volume == 0:
            continue
        slope = (edges[0, 0] + edges[1, 0] + edges[2, 0]) / volume
        down = (edges[0, 1] + edges[1, 1] + edges[2, 1]) / volume
        fixed = (edges[0, 2] + edges[1, 2] + edges[2, 2]) / volume
        for s in range(samples):
            right_of, below = 0.5 + offsets[s, 0], 0.5 + offsets[s, 1]
            left, right = whole_numbers(bounds[0] - right_of, bounds[2] - right_of, 0, width)
            top, bottom = whole_numbers(bounds[1] - below, bounds[3] - below, 0, height)
            if left >= right:
                continue
            for y in range(top, bottom):
                start, stop = covered_span(edges, y + below, right_of, left, right)
                at_row = down * (y + below) + fixed
                for x in range(start, stop):
                    near = np.float32(slope * (x + right_of) + at_row)
                    if near > nearness[s, y, x]:
                        nearness[s, y, x] = near
                        face[s, y, x] = n


@njit(cache=True, error_model="numpy")
def corner_of(points, k):
    return points[k, 0], points[k, 1], points[k, 2]


@njit(cache=True, error_model="numpy")
def set_bounds(a, b, c, bounds):
    """A box in pixels, (x0, y0, x1, y1), in which a triangle lies; everything where it crosses the camera's plane, and
    nothing where it is behind that."""
    for k in range(2):
        if a[2] <= 0 and b[2] <= 0 and c[2] <= 0:
            bounds[k], bounds[k + 2] = np.inf, -np.inf
        elif a[2] <= 0 or b[2] <= 0 or c[2] <= 0:
            bounds[k], bounds[k + 2] = -np.inf, np.inf
        else:
            p, q, r = a[k] / a[2], b[k] / b[2], c[k] / c[2]
            bounds[k], bounds[k + 2] = min(p, q, r) - 1e-6, max(p, q, r) + 1e-6


@njit(cache=True, error_model="numpy")
def whole_numbers(low, high, start, stop):
    """The whole numbers from `low` to `high` that lie in a half-open range, as such a range."""
    if low > stop - 1 or high < start:
        return start, start
    return math.ceil(max(low, start)), math.floor(min(high, stop - 1)) + 1


@njit(cache=True, error_model="numpy")
def set_edges(a, b, c, edges):
    """The coefficients of the three edge functions, positive within the triangle, each with -1 over the first; returns
    a . (b x c), positive."""
    edges[0, 0], edges[0, 1], edges[0, 2] = _cross(b, c)
    edges[1, 0], edges[1, 1], edges[1, 2] = _cross(c, a)
    edges[2, 0], edges[2, 1], edges[2, 2] = _cross(a, b)
    volume = a[0] * edges[0, 0] + a[1] * edges[0, 1] + a[2] * edges[0, 2]
    sign = -1.0 if volume < 0 else 1.0
    for k in range(3):
        edges[k, 0], edges[k, 1], edges[k, 2] = (
            sign * edges[k, 0],
            sign * edges[k, 1],
            sign * edges[k, 2],
        )
        edges[k, 3] = -1 / edges[k, 0] if edges[k, 0] != 0 else 0.0
    return sign * volume


@njit(cache=True, error_model="numpy")
def _cross(p, q):
    return (
        p[1] * q[2] - p[2] * q[1],
        p[2] * q[0] - p[0] * q[2],
        p[0] * q[1] - p[1] * q[0],
    )


@njit(cache=True, error_model="numpy")
def covered_span(edges, y, shift, start, stop):
    """The columns from `start` to `stop`, exclusive, that lie within the triangle in the row at `y`; each stands for
    the place `shift` to its right.

    A quotient tells where an edge crosses the row; the edge function itself has the last word.
    """
    for k in range(3):
        slope, fixed = edges[k, 0], edges[k, 1] * y + edges[k, 2]
        if slope > 0:
            first = fixed * edges[k, 3] - shift
            x = stop if first >= stop else math.ceil(max(first, start))
            while x > start and slope * (x - 1 + shift) + fixed >= 0:
                x -= 1
            while x < stop and slope * (x + shift) + fixed < 0:
                x += 1
            start = x
        elif slope < 0:
            last = fixed * edges[k, 3] - shift
            x = start if last < start else math.floor(min(last, stop - 1)) + 1
            while x < stop and slope * (x + shift) + fixed >= 0:
                x += 1
            while x > start and slope * (x - 1 + shift) + fixed < 0:
                x -= 1
            stop = x
        elif fixed < 0:
            return start, start
        if start >= stop:
            return start, start
    return start, stop
