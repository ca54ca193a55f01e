"""Where the labelled boxes of a drive lie in the world at every moment, and how exactly that is known."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.scenes.waymo.drive import Drive


# Corner c of a box lies at these halves of its length, width and height
CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
# What stays within this is at one place all the time
STILL_M = 0.5
# A labelled box is off by about this, by more where hardly any points tell its place, and by the way that the thing
# goes between the lidar's and the camera's look at it
BOX_ERROR_M, FEW_POINTS_ERROR_M, FEW_POINTS = 0.1, 0.3, 10
BETWEEN_SENSORS_S = 0.05


@dataclass(frozen=True, eq=False)
class Places:
    """The boxes of K tracks at S moments, world; NaN where nobody knows.

    A track that stays where it is has its box at all moments, also where it is not labelled: the nearest one in time.

    Args:
        corners (`np.ndarray` of shape `(S, K, 8, 3)`): metres, in the order of `CORNERS`.
        error_m (`np.ndarray` of shape `(S, K)`): how far the box may be from the thing in an image; inf where unknown.
        still (`np.ndarray` of shape `(K,)`): `bool`, whether it stays where it is, within 0.5 m, all the time.
    """

    corners: np.ndarray
    error_m: np.ndarray
    still: np.ndarray

    @classmethod
    def of(cls, drive: Drive) -> "Places":
        tracks = drive.tracks
        local = CORNERS * tracks.size[:, :, None]  # (S, K, 8, 3)
        cosine, sine = np.cos(tracks.heading)[..., None], np.sin(tracks.heading)[..., None]
        turned = np.stack(
            [cosine * local[..., 0] - sine * local[..., 1], sine * local[..., 0] + cosine * local[..., 1],
             local[..., 2]], axis=3)  # fmt: skip
        rotation, place = drive.world_from_vehicle[:, :3, :3], drive.world_from_vehicle[:, :3, 3]
        corners = np.einsum("sij,skcj->skci", rotation, turned + tracks.centre[:, :, None]) + place[:, None, None]
        error_m = np.where(tracks.num_points < FEW_POINTS, FEW_POINTS_ERROR_M, BOX_ERROR_M)
        error_m = error_m + BETWEEN_SENSORS_S * tracks.speed
        # a track of one box may go at any speed
        error_m = np.where(tracks.labelled & np.isfinite(error_m), error_m, np.inf)
        still = np.array([_span_m(corners[:, k].mean(axis=1)) <= STILL_M for k in range(len(tracks.types))], bool)
        nearest = nearest_labelled(tracks.labelled)
        for k in np.flatnonzero(still):
            corners[:, k], error_m[:, k] = corners[nearest[:, k], k], error_m[nearest[:, k], k]
        return cls(corners, error_m, still)

    @cached_property
    def centres(self) -> np.ndarray:
        """`(S, K, 3)`, metres, world."""
        return self.corners.mean(axis=2)


def _span_m(places: np.ndarray) -> float:
    """Diagonal of the box around `(n, 3)` places, leaving out NaN; inf for less than two."""
    known = places[np.isfinite(places[:, 0])]
    return float(np.linalg.norm(np.ptp(known, axis=0))) if len(known) > 1 else np.inf


def nearest_labelled(labelled: np.ndarray) -> np.ndarray:
    """For each of `(S, K)` moments the index of the nearest one at which the track is labelled, the earlier of two."""
    moments = np.arange(len(labelled))
    gap = np.abs(moments[:, None] - moments[None, :])[..., None]  # (S, S, 1)
    return np.where(labelled[None], gap, len(labelled)).argmin(axis=1)
