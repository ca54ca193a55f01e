"""Which lidar points lie on labelled objects, and which ones before them in a camera."""

from dataclasses import dataclass

import numpy as np
import shapely

from generation.annotation.box_hulls import Hulls
from generation.scenes.waymo.drive import SIGN, Drive, Sweep
from generation.scenes.waymo.shutter import ShutterCamera


# A box is a little larger than its label when points are looked for, and ends above the road
MARGIN_M, ABOVE_ROAD_M = 0.07, 0.12
# A point hides a box that is farther away by this, along the camera's axis
BEFORE_M = 0.15


def owners(drive: Drive, sweep: Sweep) -> np.ndarray:
    """Index of the track in whose box each point of the sweep lies, `(N,)`; -1 for none.

    Where boxes overlap, it is the one whose centre is nearest for its size.
    """
    tracks, s = drive.tracks, sweep.moment
    rotation, place = drive.world_from_vehicle[s, :3, :3], drive.world_from_vehicle[s, :3, 3]
    points = (sweep.points - place) @ rotation
    order = np.argsort(points[:, 0], kind="stable")
    along = points[order, 0]
    owner, least = np.full(len(points), -1), np.full(len(points), np.inf)
    for k in np.flatnonzero(tracks.labelled[s]):
        half = tracks.size[s, k] / 2 + MARGIN_M
        reach = np.linalg.norm(half)
        low, high = np.searchsorted(along, tracks.centre[s, k, 0] + np.array([-reach, reach]))
        near = order[low:high]
        x, y, z = (points[near] - tracks.centre[s, k]).T
        cosine, sine = np.cos(tracks.heading[s, k]), np.sin(tracks.heading[s, k])
        offset = np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=1)
        inside = (np.abs(offset) <= half).all(axis=1)
        if tracks.types[k] != SIGN:
            inside &= z >= ABOVE_ROAD_M - tracks.size[s, k, 2] / 2
        away = np.linalg.norm(offset / half, axis=1)
        taken = inside & (away < least[near])
        owner[near[taken]], least[near[taken]] = k, away[taken]
    return owner


@dataclass(frozen=True, eq=False)
class PointCounts:
    """Points of one sweep in one frame.

    Args:
        on (`np.ndarray` of shape `(K,)`): on each object, within its outline.
        front (`np.ndarray` of shape `(K,)`): other ones within its outline that are nearer than it.
        unlabelled_zone (`int`): in the image, where the source labels nothing.
    """

    on: np.ndarray
    front: np.ndarray
    unlabelled_zone: int


def count_points(sweep: Sweep, owner: np.ndarray, hulls: Hulls, shutter: ShutterCamera) -> PointCounts:
    """Count the points of the sweep, whose owners are `(N,)`, in the outlines of K boxes."""
    camera = shutter.camera
    ahead = np.flatnonzero(camera.points_in_cam(sweep.points)[:, 2] > 0)
    in_cam = shutter.in_cam(sweep.points[ahead])
    plane = in_cam[:, :2] / in_cam[:, 2:]
    pixels = camera.pixels_of(plane)
    shown = (in_cam[:, 2] > 0) & (pixels >= 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)
    order = np.flatnonzero(shown)[np.argsort(plane[shown, 0], kind="stable")]
    (x, y), depth_m, of_track = plane[order].T, in_cam[order, 2], owner[ahead[order]]
    on, front = np.zeros((2, len(hulls.whole)), dtype=np.int64)
    for k in np.flatnonzero(hulls.image_area > 0):
        left, _, right, _ = hulls.inside[k].bounds
        near = slice(np.searchsorted(x, left, "left"), np.searchsorted(x, right, "right"))
        own = of_track[near] == k
        counted = own | (depth_m[near] < hulls.nearest_m[k] - BEFORE_M)
        counted[counted] = shapely.contains_xy(hulls.whole[k], x[near][counted], y[near][counted])
        on[k], front[k] = (counted & own).sum(), (counted & ~own).sum()
    return PointCounts(on, front, int(sweep.unlabelled_zone[ahead[order]].sum()))
