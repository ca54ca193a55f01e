"""The outline of one thing's points in a frame, without holes.

Points are drawn as single pixels; then gaps that are no wider than the points' spacing are closed (dilation, and
erosion by as much), so that the outline stays where the outermost points are. Near points have wider gaps in the image
than far ones, so each range of widths is closed by itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from generation.annotation.visibility import NEAR_M
from generation.geometry import Camera, extended_canvas


# Half widths of gaps, in pixels
RADII = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])


@dataclass(frozen=True, eq=False)
class Splat:
    """One thing alone on the extended canvas.

    Args:
        mask (`np.ndarray` of shape `(h, w)`): `bool`, inside the window.
        depth_m (`np.ndarray` of shape `(h, w)`): camera Z of its nearest point there; where two parts lie far behind
            each other, of the rear part; 0 outside the mask.
        window (`tuple` of 4 `int`): x0, y0, x1, y1 in pixels of the image, part of the extended canvas.
    """

    mask: np.ndarray
    depth_m: np.ndarray
    window: tuple[int, int, int, int]

    def in_image(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Mask and depth in the image, both `(H, W)`."""
        mask = np.zeros((camera.height, camera.width), dtype=bool)
        depth_m = np.zeros(mask.shape)
        x0, y0, x1, y1 = self.window
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, camera.width), min(y1, camera.height)
        if left < right and top < bottom:
            image, own = np.s_[top:bottom, left:right], np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
            mask[image], depth_m[image] = self.mask[own], self.depth_m[own]
        return mask, depth_m


def splat(points: np.ndarray, spacing_m: np.ndarray, camera: Camera) -> Splat | None:
    """Outline of `(N, 3)` world points that are `(N,)` `spacing_m` apart; `None` when all are outside the canvas."""
    pixels, depth_m = camera.project(points)
    half_gap = spacing_m * camera.intrinsics[0, 0] / np.maximum(depth_m, NEAR_M)  # cell centres: up to two spacings
    size = np.searchsorted(RADII, np.minimum(half_gap, RADII[-1]))  # index into RADII
    x0, y0, x1, y1 = extended_canvas(camera)
    margin = 2 * RADII[-1]  # what lies beyond the border decides whether a gap at it is closed
    ok = (depth_m > NEAR_M) & (pixels >= [x0 - margin, y0 - margin]).all(axis=1)
    ok &= (pixels < [x1 + margin, y1 + margin]).all(axis=1)
    if not ok.any():
        return None
    size, depth_m = size[ok], depth_m[ok]
    column, row = np.floor(pixels[ok]).astype(np.int64).T
    pad = 2 * RADII[size.max()] + 1
    left, top = column.min() - pad, row.min() - pad
    shape = row.max() + pad + 1 - top, column.max() + pad + 1 - left
    column, row = column - left, row - top
    mask, rear_m = np.zeros(shape, dtype=bool), np.zeros(shape)
    for k in np.unique(size):
        part = (size == k) | (size == k - 1)  # ranges reach into each other, or a seam would stay open
        closed, nearest_m = _close(row[part], column[part], depth_m[part], shape, 2 * RADII[k] + 1)
        mask |= closed
        rear_m = np.where(closed, np.maximum(rear_m, nearest_m), rear_m)
    # the part of it on the canvas
    x0, y0 = max(x0, left), max(y0, top)
    x1, y1 = min(x1, left + shape[1]), min(y1, top + shape[0])
    if x0 >= x1 or y0 >= y1:
        return None
    window = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    return Splat(mask[window], rear_m[window], (int(x0), int(y0), int(x1), int(y1)))


def _close(row: np.ndarray, column: np.ndarray, depth_m: np.ndarray, shape: tuple[int, int], width: int):
    """Closed mask of pixels, and the least depth around each pixel, inf where there is none, both of `shape`."""
    nearest_m = np.full(shape, np.inf)
    np.minimum.at(nearest_m, (row, column), depth_m)
    nearest_m = ndimage.minimum_filter(nearest_m, width)
    closed = ndimage.minimum_filter(np.isfinite(nearest_m).view(np.uint8), width).view(bool)
    return closed, nearest_m
