"""Measures of a drive for the audit: boxes and points in place of surfaces, and things that move.

The points, and what is labelled where, are taken as the source reads them; all else is computed here a second time.
"""

from collections.abc import Iterable
from functools import cache, cached_property
from itertools import combinations

import numpy as np

from generation.annotation.box_annotation import EXTENT_ERROR_M
from generation.annotation.box_hulls import NEAR_M
from generation.annotation.box_overlap import BEHIND_M, BEHIND_SHARE, CELL_M, FINEST
from generation.annotation.overlap import SURFACE_SAMPLES
from generation.annotation.scene_annotation import MAX_MOVED_M
from generation.audit.box_camera import PlainCamera
from generation.audit.box_places import BoxPlaces, WorldBox, closest_m
from generation.audit.box_sight import FrameSight, owner_of_points, place_is_sure
from generation.audit.lengths import CLOSEST_SLACK_M
from generation.audit.measure import SceneMeasures
from generation.audit.seen import Seen
from generation.rng import stage_rng
from generation.scenes.base import Frame, Scene
from generation.scenes.waymo.drive import LABELS


# Mean distances are integrals; two ways to compute one agree to this
MEAN_SLACK_M = 2e-4


class BoxMeasures:
    """What a drive's boxes and points say; has the interface of [`SurfaceMeasures`], but for distances from a camera.

    All sweeps are read once, when the first frame is asked for.
    """

    mean_slack_m, closest_slack_m = MEAN_SLACK_M, CLOSEST_SLACK_M

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.seed, self.drive = scene, seed, scene.drive
        self.places = BoxPlaces(scene.drive)
        self.index = {frame.frame_id: f for f, frame in enumerate(scene.frames)}
        self.cells_seen = cache(self._cells_seen)

    def seen(self, frame: Frame, things: Iterable[int]) -> dict[int, Seen]:
        return self._sweeps[0][self.index[frame.frame_id]]

    @cached_property
    def _sweeps(self) -> tuple[dict[int, dict[int, Seen]], np.ndarray]:
        """All instances in every frame, by index and id, and the cells of the street, `(n, 3)` whole numbers."""
        drive, tracks = self.drive, len(self.drive.tracks.types)
        found: dict[int, dict[int, Seen]] = {}
        cells = np.zeros((0, 3))
        for sweep in drive.sweeps():
            owner = owner_of_points(drive, self.places, sweep)
            moving = np.array([k >= 0 and not self.places.still[k] for k in range(-1, tracks)])
            street = np.unique(np.floor(sweep.points[~moving[owner + 1]] / CELL_M), axis=0)
            cells = np.unique(np.concatenate([cells, street]), axis=0)
            for f in range(len(drive.moment)):
                if drive.moment[f] == sweep.moment:
                    sight = FrameSight(drive, self.places, f, sweep, owner)
                    found[f] = {k + 1: sight.seen(k) for k in range(tracks)}
                    found[f] |= {tracks + 1 + n: sight.unlabelled(kind) for n, kind in enumerate(LABELS)}
        return found, cells

    def box(self, frame: str, k: int) -> WorldBox | None:
        """Where a thing is when the frame is taken; `None` where that is not known well enough."""
        box, centre = self._known(frame, k), self.drive.cameras[self.index[frame]].camera.world_from_cam[:3, 3]
        return box if box is not None and place_is_sure(box, centre) else None

    def place(self, frame: str, k: int) -> np.ndarray | None:
        """Centre of a thing's box when the frame is taken, however exactly it is known."""
        box = self._known(frame, k)
        return None if box is None else box.centre

    def _known(self, frame: str, k: int) -> WorldBox | None:
        if k > len(self.drive.tracks.types):
            return None
        return self.places.box(int(self.drive.moment[self.index[frame]]), k - 1)

    def sample_seen(self, frame: Frame) -> np.ndarray:
        cells = self._sweeps[1]
        rng = stage_rng(self.seed, self.scene.scene_name, "annotate")
        chosen = rng.choice(len(cells), SURFACE_SAMPLES, replace=len(cells) < SURFACE_SAMPLES)
        return self.cells_seen(frame.frame_id)[chosen]

    def _cells_seen(self, frame: str) -> np.ndarray:
        """Which cells of the street a frame sees, `(n,)`."""
        camera = PlainCamera(self.drive.cameras[self.index[frame]])
        middles = (self._sweeps[1] + 0.5) * CELL_M
        seen = np.zeros(len(middles), dtype=bool)
        ahead = np.flatnonzero(camera.at_its_pose(middles)[:, 2] > CELL_M)
        in_cam = camera.exposed(middles[ahead])
        column, row = camera.pixels(in_cam).T
        shown = (in_cam[:, 2] > CELL_M) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        column, row, depth_m = column[shown], row[shown], in_cam[shown, 2]
        width, finest = camera.fx * CELL_M / depth_m, FINEST * camera.width
        nearest_m, side = np.full(len(depth_m), np.inf), finest
        while side < 2 * width.max(initial=0) or side == finest:
            # what appears no wider than a square, but wider than the half of one, has squares of this size
            own = (width <= side) & ((width > side / 2) | (side == finest))
            least: dict[tuple[int, int], float] = {}
            for x, y, m in zip(column[own] // side, row[own] // side, depth_m[own], strict=True):
                least[x, y] = min(m, least.get((x, y), np.inf))
            there = [least.get(at, np.inf) for at in zip(column // side, row // side, strict=True)]
            nearest_m, side = np.minimum(nearest_m, there), 2 * side
        seen[ahead[shown]] = depth_m <= nearest_m + np.maximum(BEHIND_M, BEHIND_SHARE * nearest_m)
        return seen

    def closest_m(self, a: int, b: int) -> float:
        """Distance of two things that never move; NaN of others."""
        if not (self.places.still[a - 1] and self.places.still[b - 1]):
            return np.nan
        return closest_m(self.places.best_box(a - 1), self.places.best_box(b - 1))

    def extent_error_m(self, k: int) -> float:
        return EXTENT_ERROR_M


class DriveMeasures(SceneMeasures):
    """Everything that an answer may hang on, of things that have another place in every frame."""

    surfaces: BoxMeasures

    def surface_measures(self, scene: Scene, seed: int) -> BoxMeasures:
        return BoxMeasures(scene, seed)

    def moved(self, frames: list[str], k: int) -> bool:
        places = [place for frame in frames if (place := self.surfaces.place(frame, k)) is not None]
        return any(np.linalg.norm(a - b) > MAX_MOVED_M for a, b in combinations(places, 2))

    def _angles_deg(self, frame: str, k: int) -> np.ndarray | None:
        box, camera = self.surfaces.box(frame, k), PlainCamera(self.surfaces.drive.cameras[self.surfaces.index[frame]])
        if box is None:
            return None
        corners = camera.at_its_pose(box.corners())
        if corners[:, 2].min() <= NEAR_M:
            return None
        wider = np.degrees(np.arctan2(box.error_m, np.linalg.norm(box.centre - camera.centre)))
        across, down = (np.degrees(np.arctan2(corners[:, axis], corners[:, 2])) for axis in (0, 1))
        return np.array([[one.min() - wider, one.max() + wider] for one in (across, down)])

    def _nearest_m(self, frame: str, k: int) -> float:
        return self._from_camera(frame, k, WorldBox.nearest_m)

    def _mean_m(self, frame: str, k: int) -> float:
        return self._from_camera(frame, k, WorldBox.mean_m)

    def centre_distance_m(self, frame: str, k: int) -> float:
        return self._from_camera(frame, k, lambda box, camera: float(np.linalg.norm(box.centre - camera)))

    def _from_camera(self, frame: str, k: int, distance) -> float | None:
        """`distance` of the thing's box from the camera's centre; `None` where its place is not known."""
        box = self.surfaces.box(frame, k)
        return None if box is None else distance(box, self.cameras[frame].centre)

    def in_canvas(self, frame: str, k: int) -> bool:
        box, camera = self.surfaces.box(frame, k), PlainCamera(self.surfaces.drive.cameras[self.surfaces.index[frame]])
        if box is None:
            return False
        place = camera.at_its_pose(box.centre[None])
        (column, row), (x0, y0, x1, y1) = camera.pixels(place)[0], camera.canvas
        on_canvas = place[0, 2] > 0 and x0 <= column < x1 and y0 <= row < y1
        return bool(on_canvas and self.frame(frame)[k].extended > 0)

    def _longest_m(self, k: int) -> None:
        """The hidden end of a box is guessed, so that its length is nothing to ask for."""
        return None


def measures_of(scene: Scene, seed: int) -> SceneMeasures:
    """The measures of any scene."""
    return (SceneMeasures if scene.drive is None else DriveMeasures)(scene, seed)
