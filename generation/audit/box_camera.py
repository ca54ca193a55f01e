"""Projection into a camera whose lines are exposed one after the other, by formulas alone, for the audit of drives."""

from functools import cache

import numpy as np

from generation.annotation.box_hulls import BORDER_POINTS
from generation.audit.box_polygons import Polygon
from generation.audit.seen import canvas
from generation.distortion import FOLD_MARGIN
from generation.scenes.waymo.shutter import ShutterCamera


# Steps towards the moment at which a point is exposed, and back through a lens
MOMENT_STEPS, LENS_STEPS = 60, 60
# Steps end where the place no longer changes by more than this
SETTLED_M = 1e-9
# Terms of the series of a turn, which is a few hundredths of a radian
TURN_TERMS = 8
# Axis of the image along which time runs, and whether it runs backwards; the fifth direction has no rolling shutter
ROWS_DOWN, COLUMNS_RIGHT, ROWS_UP, COLUMNS_LEFT = 1, 2, 3, 4


class PlainCamera:
    """One frame's camera as plain numbers."""

    def __init__(self, shutter: ShutterCamera):
        self.shutter, camera = shutter, shutter.camera
        self.width, self.height = camera.width, camera.height
        (self.fx, _, self.cx), (_, self.fy, self.cy), _ = camera.intrinsics
        lens = () if camera.distortion is None else camera.distortion.tolist()
        self.k1, self.k2, self.p1, self.p2, self.k3 = (*lens, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
        self.canvas = canvas(camera)
        self.centre = camera.world_from_cam[:3, 3]

    def at_its_pose(self, points: np.ndarray) -> np.ndarray:
        """World points `(n, 3)` in the camera as it is at the middle of the image."""
        pose = self.shutter.camera.world_from_cam
        return np.linalg.solve(pose[:3, :3], (points - pose[:3, 3]).T).T

    def exposed(self, points: np.ndarray) -> np.ndarray:
        """World points `(n, 3)` in the camera, each at the moment at which its line is exposed."""
        found, shutter = self.at_its_pose(points), self.shutter
        if shutter.direction not in (ROWS_DOWN, COLUMNS_RIGHT, ROWS_UP, COLUMNS_LEFT):
            return found
        ahead = found[:, 2] > 0
        found = self._after(points, np.full(len(points), shutter.start_s + shutter.span_s / 2))
        change_m = np.full(len(points), np.inf)
        for _ in range(MOMENT_STEPS):
            on = np.flatnonzero(ahead & (change_m > SETTLED_M))
            column, row = self.pixels(found[on]).T
            along = row / self.height if shutter.direction in (ROWS_DOWN, ROWS_UP) else column / self.width
            along = np.where(np.isnan(along), 0.5, np.clip(along, 0, 1))
            if shutter.direction in (ROWS_UP, COLUMNS_LEFT):
                along = 1 - along
            now = self._after(points[on], shutter.start_s + along * shutter.span_s)
            change_m[on] = np.abs(now - found[on]).max(axis=1)
            found[on] = now
        return found

    def _after(self, points: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """World points `(n, 3)` in the camera `(n,)` seconds after its pose, with the car gone on and turned."""
        shutter = self.shutter
        place = shutter.world_from_vehicle[:3, 3] + seconds[:, None] * shutter.linear
        term = np.linalg.solve(shutter.world_from_vehicle[:3, :3], (points - place).T).T
        in_vehicle = term.copy()
        for k in range(1, TURN_TERMS):  # the series of the turn, against that of the car
            term = np.cross(term, shutter.angular) * (seconds[:, None] / k)
            in_vehicle += term
        vehicle_from_cam = np.linalg.solve(shutter.world_from_vehicle, shutter.camera.world_from_cam)
        return (in_vehicle - vehicle_from_cam[:3, 3]) @ vehicle_from_cam[:3, :3]

    def pixels(self, in_cam: np.ndarray) -> np.ndarray:
        """Pixels `(n, 2)` of points `(n, 3)` in the camera; NaN where the lens folds over."""
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = in_cam[:, 0] / in_cam[:, 2], in_cam[:, 1] / in_cam[:, 2]
        r2 = u * u + v * v
        radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        seen_u = u * radial + 2 * self.p1 * u * v + self.p2 * (r2 + 2 * u * u)
        seen_v = v * radial + self.p1 * (r2 + 2 * v * v) + 2 * self.p2 * u * v
        found = np.stack([self.fx * seen_u + self.cx, self.fy * seen_v + self.cy], axis=1)
        found[r2 >= _fold_r2(self.k1, self.k2, self.k3)] = np.nan
        return found

    def plane(self, column: float, row: float) -> tuple[float, float]:
        """The point of the plane at camera Z = 1 that a pixel shows."""
        u0, v0 = (column - self.cx) / self.fx, (row - self.cy) / self.fy
        u, v = u0, v0
        for _ in range(LENS_STEPS):
            r2 = u * u + v * v
            radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
            across = 2 * self.p1 * u * v + self.p2 * (r2 + 2 * u * u)
            down = self.p1 * (r2 + 2 * v * v) + 2 * self.p2 * u * v
            u, v = (u0 - across) / radial, (v0 - down) / radial
        return u, v

    def border(self) -> Polygon:
        """Border of the image on that plane, from corner to corner by as many points as the annotation takes."""
        w, h, n = self.width, self.height, BORDER_POINTS
        at = [(w * k / n, 0) for k in range(n)] + [(w, h * k / n) for k in range(n)]
        at += [(w - w * k / n, h) for k in range(n)] + [(0, h - h * k / n) for k in range(n)]
        return [self.plane(*pixel) for pixel in at]

    def canvas_border(self) -> Polygon:
        """Border of the extended canvas on that plane, without the lens."""
        x0, y0, x1, y1 = self.canvas
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        return [((x - self.cx) / self.fx, (y - self.cy) / self.fy) for x, y in corners]


@cache
def _fold_r2(k1: float, k2: float, k3: float) -> float:
    """Square of the distance at which a lens folds over, less the margin of `generation.distortion`."""
    r = np.linspace(0, 10, 1_000_001)
    folded = np.flatnonzero(1 + r**2 * (3 * k1 + r**2 * (5 * k2 + r**2 * 7 * k3)) <= 0)
    return (FOLD_MARGIN * r[folded[0]]) ** 2 if len(folded) else np.inf
