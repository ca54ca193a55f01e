"""Range images of the top lidar -> points in the world."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


RANGE, NO_LABEL_ZONE = 0, 3


@dataclass(frozen=True, eq=False)
class LidarRays:
    """The directions in which a spinning lidar measures.

    Args:
        vehicle_from_lidar (`np.ndarray` of shape `(4, 4)`).
        inclinations (`np.ndarray` of shape `(H,)`): angle above the lidar's plane of every row, from the top row on.
        width (`int`): columns W of a range image.
    """

    vehicle_from_lidar: np.ndarray
    inclinations: np.ndarray
    width: int

    @cached_property
    def directions(self) -> np.ndarray:
        """Unit vectors `(H, W, 3)` along which the ranges count, vehicle axes."""
        extrinsic, column = self.vehicle_from_lidar, np.arange(self.width)
        azimuth = (2 * (self.width - column - 0.5) / self.width - 1) * np.pi - np.arctan2(
            extrinsic[1, 0], extrinsic[0, 0]
        )
        up, around = self.inclinations[:, None], azimuth[None, :]
        in_lidar = np.stack([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.broadcast_to(
            np.sin(up), (len(self.inclinations), self.width))], axis=2)  # fmt: skip
        return in_lidar @ extrinsic[:3, :3].T

    def points(self, ranges_m: np.ndarray, poses: np.ndarray) -> np.ndarray:
        """World points `(n, 3)` of the pixels that have a return, row by row.

        Args:
            ranges_m (`np.ndarray` of shape `(H, W)`): not positive where nothing came back.
            poses (`np.ndarray` of shape `(H, W, 6)`): roll, pitch, yaw, x, y, z of the car at the moment of a pixel.
        """
        hit = ranges_m > 0
        in_vehicle = ranges_m[hit, None].astype(np.float64) * self.directions[hit] + self.vehicle_from_lidar[:3, 3]
        roll, pitch, yaw, *place = poses[hit].astype(np.float64).T
        x, y, z = in_vehicle.T
        y, z = np.cos(roll) * y - np.sin(roll) * z, np.sin(roll) * y + np.cos(roll) * z
        x, z = np.cos(pitch) * x + np.sin(pitch) * z, np.cos(pitch) * z - np.sin(pitch) * x
        x, y = np.cos(yaw) * x - np.sin(yaw) * y, np.sin(yaw) * x + np.cos(yaw) * y
        return np.stack([x, y, z], axis=1) + np.stack(place, axis=1)


def inclinations(values: np.ndarray | None, low: float, high: float, height: int) -> np.ndarray:
    """Inclination of every row from the top row on, `(height,)`: as listed from the bottom, or else evenly spaced."""
    if values is None:
        values = low + (np.arange(height) + 0.5) / height * (high - low)
    return np.asarray(values, dtype=np.float64)[::-1]
