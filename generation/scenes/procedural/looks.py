"""Where a camera looks from a given place, and through which lens: any way that shows several things will do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from generation.geometry import Camera, look_at
from generation.rendering.raycast import RayCaster
from generation.scenes.base import SceneMesh
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room


Interval = tuple[float, float]


@dataclass(frozen=True)
class Carrier:
    """What holds a camera.

    Args:
        share (`float`): how often it is drawn.
        heights_m (`tuple` of 2 `float`): of the camera, metres above the floor; below the ceiling if negative.
        pitch_deg (`tuple` of 3 `float`): lowest, most frequent and highest pitch.
        roll_deg (`float`): standard deviation of the roll; it is at most 2.7 times that.
        stray_deg (`float`): how far a look may stray from where it is headed.
    """

    share: float
    heights_m: Interval
    pitch_deg: tuple[float, float, float]
    roll_deg: float
    stray_deg: float = 180.0


CARRIERS = {
    "hand": Carrier(0.62, (1.2, 1.75), (-30.0, -12.0, 5.0), 1.5),
    "robot": Carrier(0.13, (0.3, 0.6), (-6.0, 2.0, 14.0), 0.6),
    "shelf": Carrier(0.11, (0.7, 1.2), (-18.0, -5.0, 8.0), 1.0),
    "corner": Carrier(0.14, (-0.5, -0.25), (-40.0, -27.0, -16.0), 0.5, stray_deg=40.0),
}
FIELD_OF_VIEW_DEG, SMALL_ROOM_FIELD_DEG, SMALL_ROOM_M2 = (45.0, 95.0), (65.0, 95.0), 14.0
CENTRE_SHIFT_PX = 6.0
# Where there is little to see, the looks tried stray further and further from the heading
GLANCES_DEG = np.linspace(30, 180, 16)
# This share of looks aims at something that others may aim at too, so that views share what they show
AIMED_SHARE, AIM_SPREAD_DEG, AIM_RANGE_M = 0.5, 14.0, (1.0, 6.0)
AIMS_IN_ROOM, AIMS_AT_DOORWAY = 6, 3
# What makes a look good: objects seen, their share of the view, and half of the view at least this far away
GOOD_OBJECTS, GOOD_SHARE = 6, 0.12
GOOD_DEPTH_M, DEPTH_SHARE = 1.6, 0.36
PREVIEW = (32, 24)


class Looks:
    """What cameras with one lens see in some rooms.

    Args:
        rooms (sequence of [`Room`]).
        furniture (sequence of [`Placement`]): everything that stands or hangs in the rooms.
        mesh ([`SceneMesh`]): rooms and furniture; the last `len(furniture)` instance ids are the furniture's.
        size (`tuple` of 2 `int`): width and height of the images, in pixels.
        rng (`np.random.Generator`): draws the lens, and what is worth looking at.
    """

    def __init__(
        self,
        rooms: Sequence[Room],
        furniture: Sequence[Placement],
        mesh: SceneMesh,
        size: tuple[int, int],
        rng: np.random.Generator,
    ):
        self._rooms, self._mesh, self._size = rooms, mesh, size
        self._caster = RayCaster(mesh.vertices, mesh.faces)
        self._first_object = int(mesh.face_instance.max()) - len(furniture) + 1
        self._intrinsics = draw_lens(size, min(room.plan.area for room in rooms), rng)
        self._aims = draw_aims(rooms, furniture, rng)

    def first_good(
        self, centre: np.ndarray, heading_deg: float, carrier: Carrier, rng: np.random.Generator
    ) -> tuple[Camera, int]:
        """A camera at `centre` `(3,)` that shows enough, or the best of those tried, and how many objects it shows.

        The best one of all would show the same corner again and again.
        """
        room = min(self._rooms, key=lambda room: room.plan.distance(shapely.Point(centre[:2])))
        if carrier is CARRIERS["corner"]:  # it looks at the middle of its room
            x, y = shapely.get_coordinates(room.plan.centroid)[0] - centre[:2]
            heading_deg = np.degrees(np.arctan2(y, x))
        good_depth_m = min(GOOD_DEPTH_M, DEPTH_SHARE * room.plan.area**0.5)
        best, most = None, -np.inf
        for spread_deg in GLANCES_DEG:
            pose = self._pose(centre, heading_deg, min(spread_deg, carrier.stray_deg), carrier, rng)
            camera = Camera(*self._size, self._intrinsics, pose)
            seen = self._objects_seen(camera, good_depth_m)
            if seen > most:
                best, most = camera, seen
            if seen >= GOOD_OBJECTS:
                break
        return best, most

    def _pose(
        self, centre: np.ndarray, heading_deg: float, spread_deg: float, carrier: Carrier, rng: np.random.Generator
    ) -> np.ndarray:
        """Pose `(4, 4)` of one glance: at one of the aims, or up to `spread_deg` away from the heading."""
        low, middle, high = carrier.pitch_deg
        yaw, pitch = heading_deg + rng.uniform(-1, 1) * spread_deg, rng.triangular(low, middle, high)
        away = np.linalg.norm(self._aims - centre, axis=1)
        targets = self._aims[(away > AIM_RANGE_M[0]) & (away < AIM_RANGE_M[1])]
        if len(targets) and rng.random() < AIMED_SHARE:
            x, y, z = targets[rng.integers(len(targets))] - centre
            yaw = np.degrees(np.arctan2(y, x)) + rng.uniform(-1, 1) * AIM_SPREAD_DEG
            pitch = np.clip(np.degrees(np.arctan2(z, np.hypot(x, y))) + rng.normal(0, 5), low, high)
        yaw, pitch = np.radians([yaw, pitch])
        direction = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
        roll = carrier.roll_deg * float(np.clip(rng.normal(), -2.7, 2.7))
        return look_at(centre, centre + direction, roll)

    def _objects_seen(self, camera: Camera, good_depth_m: float) -> int:
        """How many objects a coarse preview shows, less `GOOD_OBJECTS` if bare or close surfaces fill it."""
        scale = PREVIEW[0] / camera.width
        preview = Camera(*PREVIEW, camera.intrinsics * [[scale], [scale], [1]], camera.world_from_cam)
        hits = self._caster.cast(*preview.rays())
        ids = self._mesh.face_instance[hits.face]  # (pixels,): the shell is closed, so every ray hits
        is_object = ids >= self._first_object
        is_dull = is_object.mean() < GOOD_SHARE or np.median(hits.t) < good_depth_m
        return len(np.unique(ids[is_object])) - (GOOD_OBJECTS if is_dull else 0)


def draw_lens(size: tuple[int, int], smallest_m2: float, rng: np.random.Generator) -> np.ndarray:
    """Intrinsics `(3, 3)`: square pixels, principal point a little off the middle, a wide view in small rooms."""
    width, height = size
    field = rng.uniform(*(SMALL_ROOM_FIELD_DEG if smallest_m2 < SMALL_ROOM_M2 else FIELD_OF_VIEW_DEG))
    focal = width / 2 / np.tan(np.radians(field) / 2)
    shift = rng.uniform(-1, 1, 2) * CENTRE_SHIFT_PX * width / 640
    return np.array([[focal, 0, width / 2 + shift[0]], [0, focal, height / 2 + shift[1]], [0, 0, 1]])


def draw_aims(rooms: Sequence[Room], furniture: Sequence[Placement], rng: np.random.Generator) -> np.ndarray:
    """Points `(N, 3)` worth looking at: some things of each room, and what lies behind its doorways."""
    aims = []
    for room in rooms:
        inside = [placed for placed in furniture if room.plan.contains(shapely.Point(placed.position[:2]))]
        aims += [inside[k].extent.mean(axis=0) for k in rng.permutation(len(inside))[:AIMS_IN_ROOM]]
        openings = [(wall, opening) for wall in room.walls for opening in wall.openings if opening.kind == "doorway"]
        for wall, opening in openings:
            aims += [wall.at(sum(opening.x) / 2, 0.5, 1.0)] * AIMS_AT_DOORWAY
    return np.array(aims)
