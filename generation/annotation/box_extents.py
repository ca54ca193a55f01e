"""Where boxes lie in a viewpoint, and how far from each other (ANNOTATION section 4), by their corners alone."""

import numpy as np

from generation.annotation.box_hulls import NEAR_M
from generation.annotation.distances import closest_distances
from generation.annotation.relations import Extents
from generation.annotation.surface import Surface
from generation.geometry import Camera


# Triangles of a box by its corners, in the order of `box_places.CORNERS`
FACES = np.array([(0, 1, 3), (0, 3, 2), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
                  (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 3, 7), (1, 7, 5)])  # fmt: skip
# Points along each side of a face by which mean distances are integrated (Gauss and Legendre)
NODES = 5


def box_extents(corners: np.ndarray, error_m: np.ndarray, camera: Camera) -> Extents:
    """Extents of K boxes with the world corners `(K, 8, 3)`, NaN where a box is not known.

    Angles are wider on either side by the angle of the box's error `(K,)`, so that what they keep apart is apart.
    """
    in_cam = np.full(corners.shape, np.nan)
    known = np.isfinite(corners[:, 0, 0])
    in_cam[known] = camera.points_in_cam(corners[known].reshape(-1, 3)).reshape(-1, 8, 3)
    x, y, z = np.moveaxis(in_cam, 2, 0)  # (K, 8) each
    spans = np.degrees(
        [[np.arctan2(one, z).min(axis=1), np.arctan2(one, z).max(axis=1)] for one in (x, y)]
    )  # (2, 2, K)
    distance_m = np.linalg.norm(in_cam.mean(axis=1), axis=1)
    wider = np.degrees(np.arctan2(error_m, distance_m))
    angles = spans.transpose(2, 0, 1) + wider[:, None, None] * np.array([-1, 1])
    return Extents(
        angles_deg=np.where((z.min(axis=1) > NEAR_M)[:, None, None], angles, np.nan),
        nearest_m=nearest_of_boxes(in_cam),
        mean_m=mean_of_boxes(in_cam),
    )


def nearest_of_boxes(in_cam: np.ndarray) -> np.ndarray:
    """Distance from the origin to boxes with the corners `(K, 8, 3)`, `(K,)`; 0 inside."""
    centre, half = in_cam.mean(axis=1), (in_cam[:, [4, 2, 1]] - in_cam[:, [0]]) / 2  # (K, 3), (K, 3, 3)
    length = np.linalg.norm(half, axis=2)
    along = np.abs(np.einsum("kai,ki->ka", half, centre)) / length
    return np.linalg.norm(np.maximum(along - length, 0), axis=1)


def mean_of_boxes(in_cam: np.ndarray) -> np.ndarray:
    """Mean distance from the origin over the surface of boxes with the corners `(K, 8, 3)`, `(K,)`."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    u, v = (grid.ravel() for grid in np.meshgrid(nodes, nodes))
    of_node = np.outer(weights, weights).ravel() / 4
    centre, half = in_cam.mean(axis=1), (in_cam[:, [4, 2, 1]] - in_cam[:, [0]]) / 2
    length = np.linalg.norm(half, axis=2)
    total, area = np.zeros((2, len(in_cam)))
    for out in range(3):
        side, other = (out + 1) % 3, (out + 2) % 3
        across = u[None, :, None] * half[:, None, side] + v[None, :, None] * half[:, None, other]  # (K, n, 3)
        size = length[:, side] * length[:, other]
        for sign in (-1, 1):
            points = (centre + sign * half[:, out])[:, None] + across
            total += size * (np.linalg.norm(points, axis=2) @ of_node)
            area += size
    return total / area


def closest_of_boxes(corners: np.ndarray) -> np.ndarray:
    """Distance between the closest points of every two of K boxes with the world corners `(K, 8, 3)`, `(K, K)`."""
    return closest_distances([Surface(one, FACES) for one in corners])
