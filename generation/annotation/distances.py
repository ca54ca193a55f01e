"""Distance between the closest points of every two instances."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree
from trimesh.triangles import closest_point

from generation.annotation.surface import Surface


# Triangles of one surface that are compared with the other at a time
CHUNK = 256
# Points that give a first bound
SEEDS = 256
# Rounding must not rule out the triangles that a bound comes from
SLACK_M = 1e-6


@dataclass(frozen=True, eq=False)
class _Triangles:
    """Triangles `(t, 3, 3)` with the lower and upper corners `(t, 3)` of their boxes along the axes."""

    corners: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, corners: np.ndarray) -> "_Triangles":
        return cls(corners, corners.min(axis=1), corners.max(axis=1))

    def only(self, chosen: np.ndarray) -> "_Triangles":
        """Those where `chosen`, `bool` of shape `(t,)`, is true."""
        return _Triangles(self.corners[chosen], self.low[chosen], self.high[chosen])

    def within(self, distance_m: float, low: np.ndarray, high: np.ndarray) -> "_Triangles":
        """Those whose boxes come as near to the box from `low` to `high` `(3,)`; no other triangle can."""
        return self.only(_box_gap(self.low, self.high, low, high) <= distance_m)


def closest_distances(surfaces: list) -> np.ndarray:
    """Distance between the closest points of every two of K surfaces, `(K, K)`, metres; 0 where they meet.

    Exact for triangles. Of [`PointSurface`]s it is the distance between the closest of their points.
    """
    trees = [cKDTree(surface.points) for surface in surfaces]
    pairs = [sorted(pair, key=lambda k: trees[k].n) for pair in combinations(range(len(surfaces)), 2)]
    bound_m, p, q = np.zeros(len(pairs)), np.zeros((len(pairs), 3)), np.zeros((len(pairs), 3))
    for k, (few, many) in enumerate(pairs):
        bound_m[k], p[k], q[k] = _closest_points(trees[few], trees[many])
    if pairs and isinstance(surfaces[0], Surface):
        triangles = [_Triangles.of(surface.triangles) for surface in surfaces]
        bound_m = _triangle_distances([(triangles[a], triangles[b]) for a, b in pairs], bound_m, p, q)
    found = np.zeros((len(surfaces), len(surfaces)))
    for (a, b), distance_m in zip(pairs, bound_m, strict=True):
        found[a, b] = found[b, a] = distance_m
    return found


def _closest_points(few: cKDTree, many: cKDTree) -> tuple[float, np.ndarray, np.ndarray]:
    """The closest points of two sets: their distance, the one of `few` and the one of `many`, both `(3,)`.

    A few points, and the closest to their closest, give a bound; only points that the box of the other set lets come
    nearer are then looked up.
    """
    _, nearest = many.query(few.data[:: max(1, few.n // SEEDS)])
    bound_m = few.query(many.data[nearest])[0].min() + SLACK_M
    near = few.data[_box_gap(few.data, few.data, many.mins, many.maxes) <= bound_m]
    between_m, nearest = many.query(near, distance_upper_bound=bound_m)
    best = int(between_m.argmin())
    return between_m[best], near[best], many.data[nearest[best]]


def _triangle_distances(pairs: list[tuple[_Triangles, _Triangles]], bound_m, p, q) -> np.ndarray:
    """Distances `(P,)` of pairs of surfaces that are at most `bound_m` `(P,)`, those of `p` from `q` `(P, 3)`.

    Boxes rule out nearly all pairs of triangles once the bound is close to the distance, so it is lowered first, by
    going back and forth between the surfaces. What is left of all pairs is measured at once.
    """
    for _ in range(2):
        q = _closest([other for _, other in pairs], p, bound_m)
        p = _closest([one for one, _ in pairs], q, np.minimum(bound_m, np.linalg.norm(p - q, axis=1)))
        bound_m = np.minimum(bound_m, np.linalg.norm(p - q, axis=1))
    ones, others, of_pair = [np.zeros((0, 3, 3))], [np.zeros((0, 3, 3))], [np.zeros(0, dtype=int)]
    for k, (one, other) in enumerate(pairs):
        reach_m = bound_m[k] + SLACK_M
        one = one.within(reach_m, other.low.min(axis=0), other.high.max(axis=0))
        other = other.within(reach_m, one.low.min(axis=0), one.high.max(axis=0))
        one, other = _facing(one, other, q[k] - p[k], reach_m)
        for start in range(0, len(one.corners), CHUNK):
            part = _Triangles.of(one.corners[start : start + CHUNK])
            near = other.within(reach_m, part.low.min(axis=0), part.high.max(axis=0))
            a, b = np.nonzero(_box_gap(part.low[:, None], part.high[:, None], near.low, near.high) <= reach_m)
            ones.append(part.corners[a])
            others.append(near.corners[b])
            of_pair.append(np.full(len(a), k))
    found = bound_m.copy()
    np.minimum.at(found, np.concatenate(of_pair), triangle_pair_distance(np.concatenate(ones), np.concatenate(others)))
    return found


def _facing(one: _Triangles, other: _Triangles, towards: np.ndarray, reach_m: float) -> tuple[_Triangles, _Triangles]:
    """Those of either surface that come within `reach_m` of the other one along the direction `towards` `(3,)`.

    Along that of the shortest way, that is hardly any.
    """
    length_m = np.linalg.norm(towards)
    if length_m == 0:
        return one, other
    last = (one.corners @ (towards / length_m)).max(axis=1)
    first = (other.corners @ (towards / length_m)).min(axis=1)
    return one.only(first.min() - last <= reach_m), other.only(first - last.max() <= reach_m)


def _closest(surfaces: list[_Triangles], points: np.ndarray, bound_m: np.ndarray) -> np.ndarray:
    """For each of `(P, 3)` points the closest point of its surface, which comes within `bound_m` `(P,)` of it."""
    near = [one.within(m + SLACK_M, at, at).corners for one, at, m in zip(surfaces, points, bound_m, strict=True)]
    counts = [len(corners) for corners in near]
    of_point = np.repeat(np.arange(len(points)), counts)
    found = closest_point(np.concatenate(near), points[of_point])
    order = np.lexsort((np.linalg.norm(found - points[of_point], axis=1), of_point))
    return found[order[np.cumsum([0, *counts[:-1]])]]


def _box_gap(low: np.ndarray, high: np.ndarray, other_low: np.ndarray, other_high: np.ndarray) -> np.ndarray:
    """Distance between boxes along the axes, 0 where they meet; corners are `(..., 3)`."""
    return np.linalg.norm(np.maximum(np.maximum(other_low - high, low - other_high), 0), axis=-1)


def triangle_pair_distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distance of each triangle of `one` `(n, 3, 3)` from that of `other` `(n, 3, 3)`, `(n,)`; 0 where they meet.

    The closest points of two triangles that do not meet are a corner and any point, or lie within two edges.
    """
    least = np.full(len(one), np.inf)
    for k in range(3):
        for corners, triangles in ((one, other), (other, one)):
            gap = np.linalg.norm(closest_point(triangles, corners[:, k]) - corners[:, k], axis=1)
            pierced = _pierces(corners[:, k], corners[:, k - 1] - corners[:, k], triangles)
            least = np.minimum(least, np.where(pierced, 0.0, gap))
        for j in range(3):
            least = np.minimum(
                least, _edge_gap(one[:, k], one[:, k - 1] - one[:, k], other[:, j], other[:, j - 1] - other[:, j])
            )
    return least


def _edge_gap(p: np.ndarray, u: np.ndarray, q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance of the lines `p + s u` and `q + t v` where it is reached with s and t in (0, 1), else inf; `(n,)`."""
    w = q - p
    uu, uv, vv, uw, vw = (np.einsum("ij,ij->i", a, b) for a, b in ((u, u), (u, v), (v, v), (u, w), (v, w)))
    area = uu * vv - uv * uv
    with np.errstate(divide="ignore", invalid="ignore"):  # of parallel edges, a corner is as close
        s, t = (uw * vv - uv * vw) / area, (uv * uw - uu * vw) / area
        gap = np.linalg.norm(w + t[:, None] * v - s[:, None] * u, axis=1)
    return np.where((area > 1e-12 * uu * vv) & (s > 0) & (s < 1) & (t > 0) & (t < 1), gap, np.inf)


def _pierces(p: np.ndarray, u: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Whether the segment from `p` to `p + u` `(n, 3)` goes through its triangle `(n, 3, 3)`, `(n,)`.

    By Moeller and Trumbore, Fast, Minimum Storage Ray/Triangle Intersection, 1997.
    """
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    normal = np.cross(u, second)
    volume = np.einsum("ij,ij->i", first, normal)
    volume[volume == 0] = np.nan  # within the plane, edges meet
    start = p - triangles[:, 0]
    across = np.cross(start, first)
    a, b, t = (np.einsum("ij,ij->i", *pair) / volume for pair in ((start, normal), (u, across), (second, across)))
    return (a >= 0) & (b >= 0) & (a + b <= 1) & (t >= 0) & (t <= 1)
