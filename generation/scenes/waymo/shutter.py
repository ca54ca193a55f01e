"""A camera whose lines are exposed one after the other while the car moves."""

from dataclasses import dataclass

import numpy as np

from generation.geometry import Camera


# Steps from moment to place and back, and the change of the moment below which they end; a step leaves a twentieth, or
# more where a thing is near
MAX_STEPS, SETTLED_S = 40, 1e-10
GLOBAL = 5
# Rolling shutter directions: axis of the image along which time runs, and whether it runs backwards
DIRECTIONS = {1: (1, False), 2: (0, False), 3: (1, True), 4: (0, True)}


@dataclass(frozen=True, eq=False)
class ShutterCamera:
    """A camera with the motion of the car that carries it.

    Args:
        camera ([`Camera`]): at the moment at which the middle of the image is exposed.
        world_from_vehicle (`np.ndarray` of shape `(4, 4)`): pose of the car then.
        linear (`np.ndarray` of shape `(3,)`): velocity of the car, m/s, world axes.
        angular (`np.ndarray` of shape `(3,)`): its turn, rad/s, vehicle axes.
        direction (`int`): of the rolling shutter, 1 to 5.
        start_s, span_s (`float`): when the first line is exposed, from that moment on, and how long until the last.
    """

    camera: Camera
    world_from_vehicle: np.ndarray
    linear: np.ndarray
    angular: np.ndarray
    direction: int
    start_s: float
    span_s: float

    def in_cam(self, points: np.ndarray) -> np.ndarray:
        """World points `(N, 3)` in the camera, OpenCV axes, each at the moment at which it is exposed.

        What lies beyond the border of the image is taken at the moment of the border, and what lies behind the camera
        at that of the middle.
        """
        found = self.camera.points_in_cam(points)
        if self.direction == GLOBAL:
            return found
        left, seconds = np.flatnonzero(found[:, 2] > 0), np.full(len(points), self.start_s + 0.5 * self.span_s)
        found = self._in_cam_after(points, seconds)
        for _ in range(MAX_STEPS):  # the moment follows from the place, and the place from the moment
            before, seconds[left] = seconds[left], self._exposed_s(found[left])
            found[left] = self._in_cam_after(points[left], seconds[left])
            left = left[np.abs(seconds[left] - before) > SETTLED_S]
        return found

    def _exposed_s(self, in_cam: np.ndarray) -> np.ndarray:
        """When the lines that show `(n, 3)` points in the camera are exposed, `(n,)`."""
        axis, backwards = DIRECTIONS[self.direction]
        with np.errstate(divide="ignore", invalid="ignore"):
            line = self.camera.pixels_of(in_cam[:, :2] / in_cam[:, 2:])[:, axis]
        share = np.clip(np.nan_to_num(line / (self.camera.width, self.camera.height)[axis], nan=0.5), 0, 1)
        return self.start_s + (1 - share if backwards else share) * self.span_s

    def _in_cam_after(self, points: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """World points `(N, 3)` in the camera as it is `(N,)` seconds after the moment of its pose."""
        rotation, place = self.world_from_vehicle[:3, :3], self.world_from_vehicle[:3, 3]
        in_vehicle = (points - place - seconds[:, None] * self.linear) @ rotation
        rate = np.linalg.norm(self.angular)
        if rate > 0:  # by Rodrigues, against the turn of the car
            axis, angle = self.angular / rate, -rate * seconds[:, None]
            across, along = np.cross(axis, in_vehicle), (in_vehicle @ axis)[:, None] * axis
            in_vehicle = along + np.cos(angle) * (in_vehicle - along) + np.sin(angle) * across
        cam_from_vehicle = self.camera.cam_from_world @ self.world_from_vehicle
        return in_vehicle @ cam_from_vehicle[:3, :3].T + cam_from_vehicle[:3, 3]
