"""Where the boxes of a drive are, computed plainly for the audit, and distances from and between them."""

from dataclasses import dataclass

import numpy as np

from generation.annotation.box_places import (
    BETWEEN_SENSORS_S,
    BOX_ERROR_M,
    FEW_POINTS,
    FEW_POINTS_ERROR_M,
    STILL_M,
)
from generation.scenes.waymo.drive import Drive


# Pieces along each side of a face, whose middles stand for them in a mean distance
PIECES = 64
# Steps from box to box, and how little the last of them may bring
MAX_STEPS, LAST_STEP_M = 20_000, 1e-9


@dataclass(frozen=True, eq=False)
class WorldBox:
    """A box in the world: centre `(3,)`, unit axes `(3, 3)` by row, and half sides `(3,)`, metres."""

    centre: np.ndarray
    axes: np.ndarray
    half: np.ndarray
    error_m: float

    def local(self, points: np.ndarray) -> np.ndarray:
        """World points `(n, 3)` along the axes from the centre."""
        return (points - self.centre) @ self.axes.T

    def closest(self, point: np.ndarray) -> np.ndarray:
        """The point of the box that is nearest to `point` `(3,)`."""
        return self.centre + np.clip(self.axes @ (point - self.centre), -self.half, self.half) @ self.axes

    def corners(self) -> np.ndarray:
        """The eight corners `(8, 3)`; those of an edge have numbers that differ in one binary digit."""
        signs = np.array([[2 * (c >> bit & 1) - 1 for bit in range(3)] for c in range(8)])
        return self.centre + (signs * self.half) @ self.axes

    def nearest_m(self, point: np.ndarray) -> float:
        return float(np.linalg.norm(self.closest(point) - point))

    def mean_m(self, point: np.ndarray) -> float:
        """Mean distance from `point` over the six faces."""
        middles = (np.arange(PIECES) + 0.5) / PIECES * 2 - 1
        u, v = (grid.ravel() for grid in np.meshgrid(middles, middles))
        total = area = 0.0
        for out in range(3):
            side, other = [axis for axis in range(3) if axis != out]
            face = np.zeros((len(u), 3))
            face[:, side], face[:, other] = u * self.half[side], v * self.half[other]
            for sign in (-1, 1):
                face[:, out] = sign * self.half[out]
                size = self.half[side] * self.half[other]
                total += size * np.linalg.norm(self.centre + face @ self.axes - point, axis=1).mean()
                area += size
        return float(total / area)


def closest_m(one: WorldBox, other: WorldBox) -> float:
    """Distance of two boxes, by going from the closest point of one to that of the other and back."""
    point, last_m = one.centre, np.inf
    for _ in range(MAX_STEPS):
        on_other = other.closest(point)
        point = one.closest(on_other)
        now_m = float(np.linalg.norm(point - on_other))
        if last_m - now_m < LAST_STEP_M:
            break
        last_m = now_m
    return now_m


class BoxPlaces:
    """The boxes of a drive's tracks (from 0 on) at its moments."""

    def __init__(self, drive: Drive):
        self.drive = drive
        moments, count = drive.tracks.labelled.shape
        self.labelled = [[s for s in range(moments) if drive.tracks.labelled[s, k]] for k in range(count)]
        self.own = [{s: self._own(s, k) for s in self.labelled[k]} for k in range(count)]
        self.still = [self._still(k) for k in range(count)]

    def _own(self, s: int, k: int) -> WorldBox:
        tracks, pose = self.drive.tracks, self.drive.world_from_vehicle[s]
        angle = tracks.heading[s, k]
        axes = [[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
        centre = pose[:3, :3] @ tracks.centre[s, k] + pose[:3, 3]
        few = tracks.num_points[s, k] < FEW_POINTS
        error_m = (FEW_POINTS_ERROR_M if few else BOX_ERROR_M) + BETWEEN_SENSORS_S * self._speed(s, k)
        return WorldBox(centre, np.array(axes) @ pose[:3, :3].T, tracks.size[s, k] / 2, error_m)

    def _place(self, s: int, k: int) -> np.ndarray:
        pose = self.drive.world_from_vehicle[s]
        return pose[:3, :3] @ self.drive.tracks.centre[s, k] + pose[:3, 3]

    def _speed(self, s: int, k: int) -> float:
        """The faster of the ways from the box before and to the one after; inf where there is no other."""
        at, found = self.labelled[k].index(s), []
        for other in (at - 1, at + 1):
            if 0 <= other < len(self.labelled[k]):
                t = self.labelled[k][other]
                seconds = abs(int(self.drive.timestamps[t]) - int(self.drive.timestamps[s])) / 1e6
                found.append(np.linalg.norm(self._place(t, k) - self._place(s, k)) / seconds)
        return max(found, default=np.inf)

    def _still(self, k: int) -> bool:
        places = np.array([self._place(s, k) for s in self.labelled[k]])
        return len(places) > 1 and bool(np.linalg.norm(places.max(axis=0) - places.min(axis=0)) <= STILL_M)

    def box(self, s: int, k: int) -> WorldBox | None:
        """The track's box at a moment; of one that never moves the nearest in time; `None` where nobody knows."""
        if s in self.own[k]:
            return self.own[k][s]
        return self.own[k][min(self.labelled[k], key=lambda t: (abs(t - s), t))] if self.still[k] else None

    def best_box(self, k: int) -> WorldBox:
        """The track's box at the moment with the most points in it, the first of several."""
        return self.own[k][max(self.labelled[k], key=lambda s: (self.drive.tracks.num_points[s, k], -s))]
