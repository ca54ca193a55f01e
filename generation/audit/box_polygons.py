"""Plain geometry of convex outlines on a plane, for the audit of drives."""

import numpy as np


Polygon = list[tuple[float, float]]


def hull(points: list[tuple[float, float]]) -> Polygon:
    """Convex hull of points, counter-clockwise (Andrew's monotone chain); empty for less than three corners."""
    ordered = sorted(set(points))

    def half(one_way: list) -> list:
        chain: list = []
        for point in one_way:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    found = half(ordered) + half(ordered[::-1])
    return found if len(found) > 2 else []


def _turn(a, b, c) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def area(polygon: Polygon) -> float:
    """Area of a polygon (Gauss's shoelace), counter-clockwise positive."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True)) / 2


def clip(subject: Polygon, convex: Polygon) -> Polygon:
    """What of `subject` lies in `convex`, which runs counter-clockwise (Sutherland and Hodgman)."""
    for a, b in zip(convex, convex[1:] + convex[:1], strict=True):
        kept: Polygon = []
        for p, q in zip(subject[-1:] + subject[:-1], subject, strict=True):
            p_side, q_side = _turn(a, b, p), _turn(a, b, q)
            if (p_side < 0) != (q_side < 0):
                share = p_side / (p_side - q_side)
                kept.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
            if q_side >= 0:
                kept.append(q)
        subject = kept
    return subject


def holds(convex: Polygon, points: np.ndarray) -> np.ndarray:
    """Which of `(n, 2)` points lie in `convex`, which runs counter-clockwise."""
    inside = np.ones(len(points), dtype=bool)
    for (ax, ay), (bx, by) in zip(convex, convex[1:] + convex[:1], strict=True):
        inside &= (bx - ax) * (points[:, 1] - ay) - (by - ay) * (points[:, 0] - ax) > 0
    return inside


def gap(one: Polygon, other: Polygon) -> float:
    """Distance of two polygons that do not meet: from a corner of one to a side of the other."""
    return min(_from_sides(one, other), _from_sides(other, one))


def _from_sides(corners: Polygon, polygon: Polygon) -> float:
    start, end = np.array(polygon), np.roll(polygon, -1, axis=0)
    points = np.array(corners)[:, None]
    along = end - start
    length = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((points - start) * along).sum(axis=2) / length, 0, 1)[..., None]
    return float(np.linalg.norm(points - start - share * along, axis=2).min())
