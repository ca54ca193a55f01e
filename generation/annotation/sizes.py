"""The longest dimension and the centre of an instance, where everybody would measure the same ones."""

import numpy as np
import shapely

from generation.geometry import OrientedBox, ground_rectangles


# A thing leans if, in a vertical plane through a side of its upright box, a turned rectangle is so much smaller and so
# much longer than the upright one
MAX_AREA_RATIO = 0.8
MIN_LENGTH_RATIO = 1.05
# Rectangles whose areas differ by less than this share are equally small
AREA_TIE = 1e-3


def centre_spread_m(points: np.ndarray) -> float:
    """How far the centres of the smallest ground rectangles of `(N, 3)` points lie apart, metres.

    A round thing has many, and a handle or a foot moves the centre of some of them but not of others.
    """
    _, spans, centres = ground_rectangles(points)
    areas = spans.prod(axis=1)
    smallest = centres[areas <= (1 + AREA_TIE) * areas.min()]
    return float(np.linalg.norm(np.ptp(smallest, axis=0)))


def longest_side(points: np.ndarray, box: OrientedBox) -> float:
    """Longest side of the upright box around `(N, 3)` points, metres; NaN for a thing that leans.

    What leans, as a ladder at a wall, is longer than its upright box along an axis of its own.
    """
    longest_m = float(box.size.max())
    cosine, sine = np.cos(box.yaw), np.sin(box.yaw)
    for axis, side in (((cosine, sine), box.size[0]), ((-sine, cosine), box.size[1])):
        profile = np.stack([points[:, :2] @ axis, points[:, 2]], axis=1)  # (N, 2)
        turned = shapely.oriented_envelope(shapely.MultiPoint(profile))
        length_m = np.linalg.norm(np.diff(shapely.get_coordinates(turned), axis=0), axis=1).max()
        if turned.area <= MAX_AREA_RATIO * side * box.size[2] and length_m >= MIN_LENGTH_RATIO * longest_m:
            return np.nan
    return longest_m
