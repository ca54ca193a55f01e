"""Overlap of two views where only lidar points are known: cells of the street that both see (ANNOTATION section 2).

The points of all sweeps that lie on nothing that moves fill cells of equal size, so that a near wall counts for no
more than a far one. A frame sees a cell that lies in its image unless another one lies clearly before it.
"""

import numpy as np

from generation.annotation.overlap import SURFACE_SAMPLES
from generation.scenes.waymo.shutter import ShutterCamera


CELL_M = 0.2
# A cell hides what is farther away by the larger of these; a street seen flat is far deeper than a cell is wide
BEHIND_M, BEHIND_SHARE = 0.5, 0.1
# Side of the smallest part of the image in which the nearest cell hides the others, as a share of its width
FINEST = 1 / 120
KEY_BASE = 1 << 20


class StreetMap:
    """Collects the cells that points fill."""

    def __init__(self):
        self._keys = np.zeros(0, dtype=np.int64)

    def add(self, points: np.ndarray) -> None:
        """Fill the cells of `(N, 3)` world points."""
        cells = np.floor(points / CELL_M).astype(np.int64) + KEY_BASE // 2
        keys = (cells[:, 0] * KEY_BASE + cells[:, 1]) * KEY_BASE + cells[:, 2]
        self._keys = np.union1d(self._keys, keys)

    @property
    def centres(self) -> np.ndarray:
        """Centres of the filled cells `(n, 3)`, metres, in a fixed order."""
        rest, z = np.divmod(self._keys, KEY_BASE)
        x, y = np.divmod(rest, KEY_BASE)
        return (np.stack([x, y, z], axis=1) - KEY_BASE // 2 + 0.5) * CELL_M


def street_samples(centres: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices of the cells by which overlap is told, `(20,000,)`, drawn at random, each once if there are as many."""
    return rng.choice(len(centres), SURFACE_SAMPLES, replace=len(centres) < SURFACE_SAMPLES)


def seen_cells(centres: np.ndarray, shutter: ShutterCamera) -> np.ndarray:
    """Which of the cells with `(n, 3)` `centres` a frame sees, `bool` of shape `(n,)`."""
    camera = shutter.camera
    seen = np.zeros(len(centres), dtype=bool)
    ahead = np.flatnonzero(camera.points_in_cam(centres)[:, 2] > CELL_M)
    in_cam = shutter.in_cam(centres[ahead])
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = camera.pixels_of(in_cam[:, :2] / in_cam[:, 2:])
    inside = (in_cam[:, 2] > CELL_M) & (pixels >= 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)
    at, pixels, depth_m = ahead[inside], pixels[inside], in_cam[inside, 2]
    nearest_m = _nearest(pixels, depth_m, camera.intrinsics[0, 0] * CELL_M / depth_m, FINEST * camera.width)
    seen[at] = depth_m <= nearest_m + np.maximum(BEHIND_M, BEHIND_SHARE * nearest_m)
    return seen


def _nearest(pixels: np.ndarray, depth_m: np.ndarray, size: np.ndarray, finest: float) -> np.ndarray:
    """Depth of the nearest cell about the place of each one, `(n,)`.

    A cell covers the square that it lies in, of the finest grid whose squares are no smaller than the cell appears,
    `size` `(n,)` pixels, so that a surface of near cells has no gaps. The sides of the finest squares are `finest`.
    """
    level = np.ceil(np.log2(np.maximum(size / finest, 1))).astype(np.int64)
    found = np.full(len(pixels), np.inf)
    for one in np.unique(level):
        column, row = np.floor(pixels / (finest * 2.0**one)).astype(np.int64).T
        square = row * (column.max(initial=0) + 1) + column
        nearest_m = np.full(square.max(initial=0) + 1, np.inf)
        np.minimum.at(nearest_m, square[level == one], depth_m[level == one])
        found = np.minimum(found, nearest_m[square])
    return found
