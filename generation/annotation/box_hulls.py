"""The outlines of boxes in a camera: convex, so at least as large as what is in them (ANNOTATION section 1).

Outlines are polygons on the plane at camera Z = 1, where a lens bends nothing; areas there times the focal lengths are
pixels of the undistorted image, whose number differs by under 3 % for the lenses of such cameras.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from generation.annotation.box_places import CORNERS
from generation.distortion import undistort
from generation.geometry import Camera, extended_canvas
from generation.scenes.waymo.shutter import ShutterCamera


# Boxes are cut here before they are projected
NEAR_M = 0.1
# Pairs of corners that an edge joins
EDGES = np.array([(a, b) for a in range(8) for b in range(a) if (CORNERS[a] != CORNERS[b]).sum() == 1])
# An outline that shows fewer pixels than this only touches the border of the image
MIN_AREA = 1e-6
# Points on each side of the image's border, which a lens bends
BORDER_POINTS = 16


@dataclass(frozen=True, eq=False)
class Hulls:
    """The outlines of K boxes in one frame; empty where a box is not known or wholly behind the camera.

    Args:
        whole (`np.ndarray` of shape `(K,)`): polygons.
        inside (`np.ndarray` of shape `(K,)`): what of them the image shows.
        nearest_m (`np.ndarray` of shape `(K,)`): camera Z of the nearest corner, NaN where unknown.
        extended_area, image_area (`np.ndarray` of shape `(K,)`): pixels on the extended canvas and in the image.
    """

    whole: np.ndarray
    inside: np.ndarray
    nearest_m: np.ndarray
    extended_area: np.ndarray
    image_area: np.ndarray

    @classmethod
    def of(cls, corners: np.ndarray, shutter: ShutterCamera) -> "Hulls":
        """From world corners `(K, 8, 3)`, NaN where a box is not known."""
        known = np.isfinite(corners[:, 0, 0])
        in_cam = np.full(corners.shape, np.nan)
        in_cam[known] = shutter.in_cam(corners[known].reshape(-1, 3)).reshape(-1, 8, 3)
        whole = np.array([outline(one) for one in in_cam], dtype=object)
        scale = shutter.camera.intrinsics[0, 0] * shutter.camera.intrinsics[1, 1]
        inside = shapely.intersection(whole, image_border(shutter.camera))
        inside = np.where(scale * shapely.area(inside) > MIN_AREA, inside, shapely.Polygon())
        canvas = shapely.box(*_plane_of(extended_canvas(shutter.camera), shutter.camera))
        return cls(
            whole=whole,
            inside=inside,
            nearest_m=in_cam[..., 2].min(axis=1),
            extended_area=scale * shapely.area(shapely.intersection(whole, canvas)),
            image_area=scale * shapely.area(inside),
        )


def outline(in_cam: np.ndarray) -> shapely.Geometry:
    """Outline of a box with the corners `(8, 3)` in the camera, cut at the near plane."""
    ahead = in_cam[:, 2] > NEAR_M  # false where unknown
    if not ahead.any():
        return shapely.Polygon()
    start, end = in_cam[EDGES[:, 0]], in_cam[EDGES[:, 1]]
    crossing = ahead[EDGES[:, 0]] != ahead[EDGES[:, 1]]
    share = (NEAR_M - start[crossing, 2]) / (end[crossing, 2] - start[crossing, 2])
    cut = start[crossing] + share[:, None] * (end[crossing] - start[crossing])
    points = np.concatenate([in_cam[ahead], cut])
    return shapely.convex_hull(shapely.multipoints(points[:, :2] / points[:, 2:]))


def image_border(camera: Camera) -> shapely.Polygon:
    """Border of the image on the plane at Z = 1."""
    if camera.distortion is None:
        return shapely.box(*_plane_of((0, 0, camera.width, camera.height), camera))
    share = np.arange(BORDER_POINTS) / BORDER_POINTS
    zero, one = np.zeros(BORDER_POINTS), np.ones(BORDER_POINTS)
    sides = [(share, zero), (one, share), (1 - share, one), (zero, 1 - share)]
    pixels = np.concatenate([np.stack(side, axis=1) for side in sides]) * [camera.width, camera.height]
    return shapely.Polygon(undistort(_plane(pixels, camera), camera.distortion))


def bounds_in_image(polygons: np.ndarray, camera: Camera) -> np.ndarray:
    """Boxes `(K, 4)` around polygons on the plane, in pixels of the stored image; zeros where there is none."""
    found = np.zeros((len(polygons), 4))
    for k in np.flatnonzero(~shapely.is_empty(polygons)):
        pixels = camera.pixels_of(shapely.get_coordinates(polygons[k]))
        found[k] = *pixels.min(axis=0), *pixels.max(axis=0)
    return found


def _plane(pixels: np.ndarray, camera: Camera) -> np.ndarray:
    """Points of the plane at Z = 1 that a camera without a lens shows at `(N, 2)` pixels."""
    k = camera.intrinsics
    return (pixels - k[:2, 2]) / k[[0, 1], [0, 1]]


def _plane_of(box: tuple[int, int, int, int], camera: Camera) -> tuple[float, float, float, float]:
    return tuple(_plane(np.array(box, dtype=float).reshape(2, 2), camera).ravel())
