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


ORDERS, ORDER_M = 1024, 0.05  # triangles are ordered by distance in so many steps of this width
TILE, FEW = 16, 512  # pixels along the side of a tile; triangles after which hidden ones are looked for


def homogeneous_pixels(camera: Camera, vertices: np.ndarray) -> np.ndarray:
    """Pixel coordinates times camera Z, and camera Z, of `(V, 3)` world points: `(V, 3)`, pixels and metres."""
    pixels_from_world = camera.intrinsics @ camera.cam_from_world[:3]  # (3, 4)
    return _transformed(np.ascontiguousarray(vertices, dtype=np.float64), pixels_from_world)


@njit(cache=True, error_model="numpy")
def _transformed(points, matrix):
    """One by one: a matrix product may round equal points differently."""
    result = np.zeros(points.shape)
    for n in range(len(points)):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        for row in range(3):
            result[n, row] = matrix[row, 0] * x + matrix[row, 1] * y + matrix[row, 2] * z + matrix[row, 3]
    return result


@njit(cache=True, error_model="numpy")
def front_first(points, faces, size):
    """Triangles that may be in view, about by their distance, so that most of what is hidden is drawn after what hides
    it."""
    key, counts = np.full(len(faces), -1, dtype=np.int32), np.zeros(ORDERS + 1, dtype=np.int64)
    for n in range(len(faces)):
        a, b, c = corner_of(points, faces[n, 0]), corner_of(points, faces[n, 1]), corner_of(points, faces[n, 2])
        if not is_outside(a, b, c, 0, 0, size[1], size[0]):
            key[n] = min(int(max(a[2] + b[2] + c[2], 0.0) / 3 / ORDER_M), ORDERS - 1)
            counts[key[n] + 1] += 1
    first = np.cumsum(counts)
    order = np.zeros(first[-1], dtype=np.int64)
    for n in range(len(faces)):
        if key[n] >= 0:
            order[first[key[n]]] = n
            first[key[n]] += 1
    return order


@njit(cache=True, error_model="numpy")
def set_least(nearness, least):
    """The least nearness in each tile of the image."""
    height, width = nearness.shape
    least[:] = np.inf
    for y in range(height):
        row = least[y // TILE]
        for x in range(width):
            if nearness[y, x] < row[x // TILE]:
                row[x // TILE] = nearness[y, x]


@njit(cache=True, error_model="numpy")
def is_hidden(least, nearest, left, right, top, bottom):
    """Whether what is no nearer than `nearest` lies behind all that is drawn in a box of pixels."""
    for row in range(top // TILE, (bottom - 1) // TILE + 1):
        for column in range(left // TILE, (right - 1) // TILE + 1):
            if nearest > least[row, column]:
                return False
    return True


@njit(cache=True, error_model="numpy", forceinline=True)
def nearness_of(edges, volume):
    """One over the depth at (x, y), in pixels, as the numbers p, q, r of p x + q y + r."""
    return (
        (edges[0, 0] + edges[1, 0] + edges[2, 0]) / volume,
        (edges[0, 1] + edges[1, 1] + edges[2, 1]) / volume,
        (edges[0, 2] + edges[1, 2] + edges[2, 2]) / volume,
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def shift_edge(edges, k, by, result):
    """Moves the edge function `k` so that it is `by` more everywhere."""
    result[k, 0], result[k, 1], result[k, 2], result[k, 3] = edges[k, 0], edges[k, 1], edges[k, 2] + by, edges[k, 3]


@njit(cache=True, error_model="numpy", forceinline=True)
def within(edges, x, y):
    """Whether a place is within a triangle."""
    inside = True
    for k in range(3):
        inside = inside and edges[k, 0] * x + (edges[k, 1] * y + edges[k, 2]) >= 0
    return inside


@njit(cache=True, error_model="numpy", forceinline=True)
def corner_of(points, k):
    return points[k, 0], points[k, 1], points[k, 2]


@njit(cache=True, error_model="numpy", forceinline=True)
def is_outside(a, b, c, x0, y0, x1, y1):
    """Whether a triangle lies on the far side of one border of a window of the image, or behind the camera."""
    if a[2] <= 0 and b[2] <= 0 and c[2] <= 0:
        return True
    if (a[0] < x0 * a[2] and b[0] < x0 * b[2] and c[0] < x0 * c[2]) or (
        a[0] > x1 * a[2] and b[0] > x1 * b[2] and c[0] > x1 * c[2]
    ):
        return True
    return (a[1] < y0 * a[2] and b[1] < y0 * b[2] and c[1] < y0 * c[2]) or (
        a[1] > y1 * a[2] and b[1] > y1 * b[2] and c[1] > y1 * c[2]
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def lay_out(points, faces, n, shift, reach, window, edges):
    """Where to look for a triangle in a window (x0, y0, x1, y1) of pixels, of which each stands for the place `shift`
    (x, y) from its corner: columns and rows within `reach` of it, as half-open ranges, and the volume that `set_edges`
    returns, by which `edges` is set; 0 where there is nothing to look for."""
    a, b, c = corner_of(points, faces[n, 0]), corner_of(points, faces[n, 1]), corner_of(points, faces[n, 2])
    left, right = _whole_numbers(_extent(a, b, c, 0), shift[0], reach, window[0], window[2])
    top, bottom = _whole_numbers(_extent(a, b, c, 1), shift[1], reach, window[1], window[3])
    volume = set_edges(a, b, c, edges) if left < right and top < bottom else 0.0
    return left, right, top, bottom, volume


@njit(cache=True, error_model="numpy", forceinline=True)
def _extent(a, b, c, axis):
    """The interval in which a triangle lies along an axis of the image; everything where it crosses the camera's
    plane, and nothing where it is behind that."""
    if a[2] <= 0 and b[2] <= 0 and c[2] <= 0:
        return np.inf, -np.inf
    if a[2] <= 0 or b[2] <= 0 or c[2] <= 0:
        return -np.inf, np.inf
    p, q, r = a[axis] / a[2], b[axis] / b[2], c[axis] / c[2]
    return min(p, q, r) - 1e-6, max(p, q, r) + 1e-6


@njit(cache=True, error_model="numpy", forceinline=True)
def _whole_numbers(extent, shift, reach, start, stop):
    """The whole numbers from `start` to `stop`, exclusive, that lie within `reach` of an extent after the `shift`, as
    such a range."""
    low, high = extent[0] - shift - reach, extent[1] - shift + reach
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


@njit(cache=True, error_model="numpy", forceinline=True)
def _cross(p, q):
    return (
        p[1] * q[2] - p[2] * q[1],
        p[2] * q[0] - p[0] * q[2],
        p[0] * q[1] - p[1] * q[0],
    )


@njit(cache=True, error_model="numpy", forceinline=True)
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
