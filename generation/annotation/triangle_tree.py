"""A tree of boxes over the triangles of a surface, by which few of them are looked at."""

from typing import NamedTuple

import numpy as np
from numba import njit

from generation.annotation.triangles import closest_on_triangle, corner_points, squared_gap, triangle_pair_squared


CURVE_BITS = 16  # of each axis
LEAF = 2  # triangles that are not parted further
SLACK_M = 1e-9  # rounding must not rule out the triangles that a bound comes from
ROUNDS = 3  # between two surfaces, for a bound of their distance
MAX_PAIRS = 2000  # of triangles that are compared without the help of the trees
MAX_STACK = 256  # the trees are balanced, so no path is longer


class TriangleTree(NamedTuple):
    """Nodes in preorder: the left child of an inner node is the next node.

    Args:
        corners (`np.ndarray` of shape `(t, 3, 3)`): the triangles, leaf by leaf, metres.
        low, high (`np.ndarray` of shape `(n, 3)`): the nodes' boxes.
        right (`np.ndarray` of shape `(n,)`): right child, 0 for leaves.
        span (`np.ndarray` of shape `(n, 2)`): first and last triangle of a node, the latter exclusive.
    """

    corners: np.ndarray
    low: np.ndarray
    high: np.ndarray
    right: np.ndarray
    span: np.ndarray

    @classmethod
    def of(cls, triangles: np.ndarray) -> "TriangleTree":
        """The tree of `(t, 3, 3)` triangles."""
        corners = np.ascontiguousarray(triangles[_along_curve(triangles.mean(axis=1))], dtype=np.float64)
        return cls(corners, *_build(corners))

    def nearest_m(self, point: np.ndarray) -> float:
        """Distance from `point` `(3,)` to the nearest point of the surface, metres."""
        x, y, z = (float(value) for value in point)
        return float(np.linalg.norm(np.array(_nearest(self, (x, y, z))) - point))

    def closest_m(self, other: "TriangleTree") -> float:
        """Distance between the closest points of two surfaces, metres; 0 where they meet."""
        return _closest(self, other)


def _along_curve(points: np.ndarray) -> np.ndarray:
    """Order of `(t, 3)` points along a Z-order curve, on which neighbours are mostly neighbours in space."""
    low, high = points.min(axis=0, initial=np.inf), points.max(axis=0, initial=-np.inf)
    cell = ((points - low) / np.maximum(high - low, 1e-12).max() * (2**CURVE_BITS - 1)).astype(np.int64)
    code = np.zeros(len(points), dtype=np.int64)
    for bit in range(CURVE_BITS):
        for axis in range(3):
            code |= (cell[:, axis] >> bit & 1) << 3 * bit + axis
    return np.argsort(code, kind="stable")


@njit(cache=True)
def _build(corners):
    """Boxes, right children and spans of the nodes that halve the triangles in their order again and again."""
    size = max(1, 2 * len(corners))
    low, high = np.zeros((size, 3)), np.zeros((size, 3))
    right, span = np.zeros(size, dtype=np.int64), np.zeros((size, 2), dtype=np.int64)
    todo = np.zeros((MAX_STACK, 3), dtype=np.int64)  # first and last triangle, and whose right child it is
    todo[0, 1], todo[0, 2] = len(corners), -1
    depth, nodes = 1, 0
    while depth:
        depth -= 1
        first, last, parent = todo[depth, 0], todo[depth, 1], todo[depth, 2]
        node, nodes = nodes, nodes + 1
        span[node, 0], span[node, 1] = first, last
        if parent >= 0:
            right[parent] = node
        for axis in range(3):
            low[node, axis], high[node, axis] = np.inf, -np.inf
            for n in range(first, last):
                for k in range(3):
                    low[node, axis] = min(low[node, axis], corners[n, k, axis])
                    high[node, axis] = max(high[node, axis], corners[n, k, axis])
        if last - first <= LEAF:
            continue
        half = (first + last) // 2
        todo[depth, 0], todo[depth, 1], todo[depth, 2] = half, last, node
        todo[depth + 1, 0], todo[depth + 1, 1], todo[depth + 1, 2] = first, half, -1
        depth += 2
    return low[:nodes], high[:nodes], right[:nodes], span[:nodes]


@njit(cache=True, error_model="numpy", forceinline=True)
def _gap_squared(low, high, a, other_low, other_high, b):
    """Squared distance of the a-th box of some from the b-th of others, 0 where they meet."""
    total = 0.0
    for axis in range(3):
        gap = max(other_low[b, axis] - high[a, axis], low[a, axis] - other_high[b, axis], 0.0)
        total += gap * gap
    return total


@njit(cache=True, error_model="numpy")
def _nearest(tree, point):
    """The point of a surface that is nearest to another."""
    corners, low, high, right, span = tree
    best, found = np.inf, point
    todo, depth = np.zeros(MAX_STACK, dtype=np.int64), 1
    at = np.array(point).reshape(1, 3)
    while depth:
        depth -= 1
        node = todo[depth]
        if _gap_squared(low, high, node, at, at, 0) >= best:
            continue
        if right[node] == 0:
            for n in range(span[node, 0], span[node, 1]):
                candidate = closest_on_triangle(point, corner_points(corners, n))
                if squared_gap(point, candidate) < best:
                    best, found = squared_gap(point, candidate), candidate
            continue
        near, far = node + 1, right[node]
        if _gap_squared(low, high, far, at, at, 0) < _gap_squared(low, high, near, at, at, 0):
            near, far = far, near
        todo[depth], todo[depth + 1] = far, near
        depth += 2
    return found


@njit(cache=True, error_model="numpy")
def _closest(one, other):
    """Going back and forth between the surfaces gives a bound and a direction, along which nearly all triangles lie
    too far behind."""
    q = (
        (other.low[0, 0] + other.high[0, 0]) / 2,
        (other.low[0, 1] + other.high[0, 1]) / 2,
        (other.low[0, 2] + other.high[0, 2]) / 2,
    )
    p = q
    for _ in range(ROUNDS):
        p = _nearest(one, q)
        q = _nearest(other, p)
    best = squared_gap(p, q)
    if best == 0:
        return 0.0
    length = np.sqrt(best)
    towards = (q[0] - p[0]) / length, (q[1] - p[1]) / length, (q[2] - p[2]) / length
    away = -towards[0], -towards[1], -towards[2]
    reach = length + SLACK_M
    mine, last = _ahead(one.corners, towards)
    theirs, first = _ahead(other.corners, away)
    some = [n for n in range(len(mine)) if -first - mine[n] <= reach]
    rest = [n for n in range(len(theirs)) if -theirs[n] - last <= reach]
    if len(some) * len(rest) > MAX_PAIRS:
        return np.sqrt(_closest_squared(one, other, best))
    for n in some:
        for m in rest:
            best = triangle_pair_squared(corner_points(one.corners, n), corner_points(other.corners, m), best)
    return np.sqrt(best)


@njit(cache=True, error_model="numpy")
def _ahead(corners, towards):
    """How far each triangle reaches in a direction, and how far all do."""
    reach, most = np.zeros(len(corners)), -np.inf
    for n in range(len(corners)):
        reach[n] = -np.inf
        for k in range(3):
            x, y, z = corners[n, k, 0], corners[n, k, 1], corners[n, k, 2]
            reach[n] = max(reach[n], x * towards[0] + y * towards[1] + z * towards[2])
        most = max(most, reach[n])
    return reach, most


@njit(cache=True, error_model="numpy")
def _closest_squared(one, other, best):
    """Squared distance of two surfaces that is `best` at most, by both trees."""
    corners, low, high, right, span = one
    others, other_low, other_high, other_right, other_span = other
    todo, depth = np.zeros((MAX_STACK, 2), dtype=np.int64), 1
    while depth and best > 0:
        depth -= 1
        a, b = todo[depth, 0], todo[depth, 1]
        if _gap_squared(low, high, a, other_low, other_high, b) >= best:
            continue
        if right[a] == 0 and other_right[b] == 0:
            for n in range(span[a, 0], span[a, 1]):
                for m in range(other_span[b, 0], other_span[b, 1]):
                    best = triangle_pair_squared(corner_points(corners, n), corner_points(others, m), best)
            continue
        # the node of more triangles is parted; the nearer half is looked at first
        if other_right[b] == 0 or (right[a] > 0 and span[a, 1] - span[a, 0] >= other_span[b, 1] - other_span[b, 0]):
            near, far = a + 1, right[a]
            to_near = _gap_squared(low, high, near, other_low, other_high, b)
            to_far = _gap_squared(low, high, far, other_low, other_high, b)
            if to_far < to_near:
                near, far = far, near
            todo[depth, 0], todo[depth, 1], todo[depth + 1, 0], todo[depth + 1, 1] = far, b, near, b
        else:
            near, far = b + 1, other_right[b]
            to_near = _gap_squared(low, high, a, other_low, other_high, near)
            to_far = _gap_squared(low, high, a, other_low, other_high, far)
            if to_far < to_near:
                near, far = far, near
            todo[depth, 0], todo[depth, 1], todo[depth + 1, 0], todo[depth + 1, 1] = a, far, a, near
        depth += 2
    return best
