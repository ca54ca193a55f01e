"""Distances of single triangles, compiled: points are three numbers, triangles three points, squares square metres."""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def corner_points(corners, n):
    """The n-th triangle of `(t, 3, 3)` corners."""
    return (
        (corners[n, 0, 0], corners[n, 0, 1], corners[n, 0, 2]),
        (corners[n, 1, 0], corners[n, 1, 1], corners[n, 1, 2]),
        (corners[n, 2, 0], corners[n, 2, 1], corners[n, 2, 2]),
    )


@njit(cache=True, error_model="numpy")
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True, error_model="numpy")
def _minus(a, b):
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@njit(cache=True, error_model="numpy")
def _cross(a, b):
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@njit(cache=True, error_model="numpy")
def _clip(share):
    return min(max(share, 0.0), 1.0)


@njit(cache=True, error_model="numpy")
def squared_gap(a, b):
    """Squared distance of two points."""
    x, y, z = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return x * x + y * y + z * z


@njit(cache=True, error_model="numpy")
def _closest_on_segment(point, start, end):
    along, offset = _minus(end, start), _minus(point, start)
    length = _dot(along, along)
    share = _clip(_dot(offset, along) / length) if length > 0 else 0.0
    return start[0] + share * along[0], start[1] + share * along[1], start[2] + share * along[2]


@njit(cache=True, error_model="numpy")
def closest_on_triangle(point, corners):
    """The point of a triangle that is closest to another: below it in its plane, else on its nearest edge."""
    a, b, c = corners
    first, second, offset = _minus(b, a), _minus(c, a), _minus(point, a)
    normal = _cross(first, second)
    area = _dot(normal, normal)
    if area > 0:
        u, v = _dot(_cross(offset, second), normal) / area, _dot(_cross(first, offset), normal) / area
        if u >= 0 and v >= 0 and u + v <= 1:
            height = _dot(offset, normal) / area
            return point[0] - height * normal[0], point[1] - height * normal[1], point[2] - height * normal[2]
    best = _closest_on_segment(point, a, b)
    for start, end in ((b, c), (c, a)):
        other = _closest_on_segment(point, start, end)
        if squared_gap(point, other) < squared_gap(point, best):
            best = other
    return best


@njit(cache=True, error_model="numpy")
def point_triangle_squared(point, corners):
    """Squared distance of a point from a triangle."""
    return squared_gap(point, closest_on_triangle(point, corners))


@njit(cache=True, error_model="numpy")
def _lines_squared(start, end, other_start, other_end):
    """Squared distance of the lines through two segments where it is reached within both, else inf."""
    u, v, w = _minus(end, start), _minus(other_end, other_start), _minus(other_start, start)
    uu, uv, vv, uw, vw = _dot(u, u), _dot(u, v), _dot(v, v), _dot(u, w), _dot(v, w)
    area = uu * vv - uv * uv
    if area <= 1e-12 * uu * vv:  # of parallel edges, a corner is as close
        return np.inf
    s, t = (uw * vv - uv * vw) / area, (uv * uw - uu * vw) / area
    if s <= 0 or s >= 1 or t <= 0 or t >= 1:
        return np.inf
    gap = (w[0] + t * v[0] - s * u[0], w[1] + t * v[1] - s * u[1], w[2] + t * v[2] - s * u[2])
    return _dot(gap, gap)


@njit(cache=True, error_model="numpy")
def _pierces(start, end, corners):
    """Whether a segment goes through a triangle (Moeller and Trumbore, Fast, Minimum Storage Ray/Triangle
    Intersection, 1997)."""
    along, first, second = _minus(end, start), _minus(corners[1], corners[0]), _minus(corners[2], corners[0])
    normal = _cross(along, second)
    volume = _dot(first, normal)
    if volume == 0:  # within the plane, edges meet
        return False
    offset = _minus(start, corners[0])
    across = _cross(offset, first)
    u, v, t = _dot(offset, normal) / volume, _dot(along, across) / volume, _dot(second, across) / volume
    return u >= 0 and v >= 0 and u + v <= 1 and t >= 0 and t <= 1


@njit(cache=True, error_model="numpy")
def triangle_pair_squared(one, other, best):
    """Squared distance of two triangles, 0 where they meet; `best` if it is more.

    The closest points of two triangles that do not meet are a corner and any point, or lie within two edges.
    """
    (a, b, c), (p, q, r) = one, other
    gap = 0.0
    for axis in range(3):
        low, high = min(a[axis], b[axis], c[axis]), max(a[axis], b[axis], c[axis])
        other_low, other_high = min(p[axis], q[axis], r[axis]), max(p[axis], q[axis], r[axis])
        gap += max(other_low - high, low - other_high, 0.0) ** 2
    if gap >= best:
        return best
    for point, other_point in ((a, p), (b, q), (c, r)):
        best = min(best, point_triangle_squared(point, other), point_triangle_squared(other_point, one))
    for start, end in ((a, b), (b, c), (c, a)):
        for other_start, other_end in ((p, q), (q, r), (r, p)):
            best = min(best, _lines_squared(start, end, other_start, other_end))
        if gap == 0 and _pierces(start, end, other):
            return 0.0
    for other_start, other_end in ((p, q), (q, r), (r, p)):
        if gap == 0 and _pierces(other_start, other_end, one):
            return 0.0
    return best
