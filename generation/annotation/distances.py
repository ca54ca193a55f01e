"""Distance between the closest points of every two instances."""

from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree

from generation.annotation.surface import Surface


# Points that give a first bound
SEEDS = 256
# Rounding must not rule out the points that a bound comes from
SLACK_M = 1e-6


def closest_distances(surfaces: list) -> np.ndarray:
    """Distance between the closest points of every two of K surfaces, `(K, K)`, metres; 0 where they meet.

    Exact for triangles. Of [`PointSurface`]s it is the distance between the closest of their points.
    """
    found = np.zeros((len(surfaces), len(surfaces)))
    of_triangles = len(surfaces) > 0 and isinstance(surfaces[0], Surface)
    trees = [surface.tree if of_triangles else cKDTree(surface.points) for surface in surfaces]
    for a, b in combinations(range(len(surfaces)), 2):
        found[a, b] = found[b, a] = trees[a].closest_m(trees[b]) if of_triangles else _closest_m(trees[a], trees[b])
    return found


def _closest_m(one: cKDTree, other: cKDTree) -> float:
    """Distance between the closest points of two sets.

    A few points, and the closest to their closest, give a bound; only points that the box of the other set lets come
    nearer are then looked up.
    """
    few, many = sorted((one, other), key=lambda tree: tree.n)
    _, nearest = many.query(few.data[:: max(1, few.n // SEEDS)])
    bound_m = few.query(many.data[nearest])[0].min() + SLACK_M
    beyond = np.maximum(np.maximum(many.mins - few.data, few.data - many.maxes), 0)
    near = few.data[np.linalg.norm(beyond, axis=1) <= bound_m]
    return float(many.query(near, distance_upper_bound=bound_m)[0].min())
