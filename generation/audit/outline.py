"""The outline of one thing's points in a frame, computed plainly for the audit.

Points become pixels, and gaps between them that are no wider than the points are apart are closed: a pixel belongs to
the outline where every square of the gap's width that covers it holds a point.
"""

from dataclasses import dataclass

import numpy as np

from generation.annotation.splats import RADII
from generation.annotation.visibility import NEAR_M
from generation.audit.seen import canvas
from generation.geometry import Camera


@dataclass(frozen=True, eq=False)
class Outline:
    """One thing alone in a frame.

    Args:
        inside (`np.ndarray` of shape `(H, W)`): `bool`, the pixels of the image that it covers.
        rear_m (`np.ndarray` of shape `(H, W)`): camera Z of its nearest point about there, 0 outside; where points of
            several distances close the pixel, of those farthest off.
        beyond (`int`): pixels that it covers on the extended canvas, outside the image.
    """

    inside: np.ndarray
    rear_m: np.ndarray
    beyond: int

    @classmethod
    def of_points(cls, points: np.ndarray, spacing_m: np.ndarray, camera: Camera) -> "Outline":
        """Outline of `(N, 3)` world points that are `(N,)` `spacing_m` apart."""
        (column, row), depth_m, radius = _pixels(points, spacing_m, camera)
        x0, y0, x1, y1 = canvas(camera)
        covered, rear_m = np.zeros((y1 - y0, x1 - x0), dtype=bool), np.zeros((y1 - y0, x1 - x0))
        for smaller, size in zip([0, *RADII], RADII, strict=False):
            if not (radius == size).any():
                continue
            part = (radius == size) | (radius == smaller)  # or a seam would stay open between the two
            at, nearest_m = _closed(row[part], column[part], depth_m[part], size)
            on = (at[0] >= y0) & (at[0] < y1) & (at[1] >= x0) & (at[1] < x1)
            at = at[0][on] - y0, at[1][on] - x0
            covered[at] = True
            rear_m[at] = np.maximum(rear_m[at], nearest_m[on])
        image = np.s_[-y0 : camera.height - y0, -x0 : camera.width - x0]
        return cls(covered[image], rear_m[image], int(covered.sum() - covered[image].sum()))


def _pixels(points: np.ndarray, spacing_m: np.ndarray, camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels `(2, n)` of the points in front, their camera Z and the radius of the gaps around them, both `(n,)`.

    Left out are points so far beyond the canvas that they close no gap on it.
    """
    pixels, depth_m = camera.project(points)
    x0, y0, x1, y1 = canvas(camera)
    column, row = pixels.T
    reach = 2 * RADII[-1]
    kept = (depth_m > NEAR_M) & (column >= x0 - reach) & (column < x1 + reach) & (row >= y0 - reach)
    kept &= row < y1 + reach
    # cells' centres are up to two spacings apart, so that a gap's half is one spacing
    half_gap = spacing_m[kept] * camera.intrinsics[0, 0] / depth_m[kept]
    radius = np.full(kept.sum(), RADII[-1])
    for size in RADII[::-1]:
        radius[half_gap <= size] = size
    return np.floor(pixels[kept]).astype(int).T, depth_m[kept], radius


def _closed(row: np.ndarray, column: np.ndarray, depth_m: np.ndarray, radius: int):
    """Rows and columns of the pixels that the points close, and the depth of the nearest point around each."""
    top, left = row.min() - radius, column.min() - radius
    nearest_m = np.full((row.max() + radius + 1 - top, column.max() + radius + 1 - left), np.inf)
    order = np.argsort(-depth_m)  # from the farthest on, so that the nearest stays
    nearest_m[row[order] - top, column[order] - left] = depth_m[order]
    nearest_m = _least_around(nearest_m, radius)
    empty = _sum_around(np.isinf(nearest_m), radius)
    rows, columns = np.nonzero(empty == 0)
    return (rows + top, columns + left), nearest_m[rows, columns]


def _sum_around(values: np.ndarray, radius: int) -> np.ndarray:
    """Sum over the square around every pixel, from a table of sums; all that lies outside counts."""
    table = np.pad(values, radius, constant_values=1).cumsum(axis=0).cumsum(axis=1)
    table = np.pad(table, ((1, 0), (1, 0)))
    width = 2 * radius + 1
    return table[width:, width:] - table[:-width, width:] - table[width:, :-width] + table[:-width, :-width]


def _least_around(values: np.ndarray, radius: int) -> np.ndarray:
    """Least over the square around every pixel."""
    for axis in (0, 1):
        ends = [(radius, radius) if axis == one else (0, 0) for one in (0, 1)]
        padded = np.pad(values, ends, constant_values=np.inf)
        values = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, axis=axis).min(axis=-1)
    return values
