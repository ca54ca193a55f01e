"""Where photos are taken: five cameras on a car that drives along the street, and people on the pavements."""

from collections.abc import Sequence

import numpy as np
import shapely

from generation.geometry import Camera, look_at
from generation.rendering.raycast import RayCaster
from generation.scenes.base import Frame, SceneError, SceneMesh
from generation.scenes.procedural.placement import Placement, Solids
from generation.scenes.streets.layout import envelope
from generation.scenes.streets.plan import KERB_M, Plan


# Angle of each camera of the car from straight ahead, degrees, to the left
RIG = {"side_left": 90.0, "front_left": 45.0, "front": 0.0, "front_right": -45.0, "side_right": -90.0}
RIG_FIELD_OF_VIEW_DEG = (49.0, 52.0)
RIG_HEIGHT_M, RIG_RADIUS_M = (1.6, 2.0), 0.35
RIG_PITCH_DEG = (-4.0, 0.0)
DRIVE_SHARE = 0.5  # of all frames
WALK_FIELD_OF_VIEW_DEG, WALK_HEIGHT_M = (52.0, 72.0), (1.45, 1.75)
WALK_PITCH_DEG, ROLL_DEG = (-12.0, 4.0), 2.5
CLEARANCE_M = 0.6
CENTRE_SHIFT_PX = 6.0
# Of so many looks from a place the first good one is taken: things seen, and half of the view at least this far away
LOOKS, GOOD_OBJECTS, GOOD_DEPTH_M = 14, 6, 5.0
PREVIEW = (40, 30)
ATTEMPTS = 400


def take_photos(
    plan: Plan, things: Sequence[Placement], mesh: SceneMesh, count: int, size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Frame, ...]:  # fmt: skip
    """`count` frames: about half from the car, all five cameras at each stop, the others from both pavements.

    Args:
        plan ([`Plan`]).
        things (sequence of [`Placement`]): all but the structure.
        mesh ([`SceneMesh`]): structure and things; the last `len(things)` instance ids are the things'.
        count (`int`): number of frames.
        size (`tuple` of 2 `int`): width and height of the images, in pixels.
        rng (`np.random.Generator`).

    Raises:
        [`SceneError`]: if there is no place for a camera on a pavement.
    """
    stops = round(DRIVE_SHARE * count / len(RIG))
    drive = _drive(plan, stops, size, rng)
    return (*drive, *_walk(plan, things, mesh, count - len(drive), size, rng))


def _drive(plan: Plan, stops: int, size: tuple[int, int], rng: np.random.Generator) -> list[Frame]:
    """`drive_00_side_left`, ...: the car stands still in its lane while all cameras take one photo each."""
    start, end, y = plan.drive
    lenses = {name: lens(size, RIG_FIELD_OF_VIEW_DEG, rng) for name in RIG}
    height, pitch = rng.uniform(*RIG_HEIGHT_M), np.tan(np.radians(rng.uniform(*RIG_PITCH_DEG)))
    step = (end - start) / max(stops, 1)
    frames = []
    for k in range(stops):
        x = start + (k + rng.uniform(0.15, 0.85)) * step
        heading = rng.normal(0, 1.0)
        for name, angle in RIG.items():
            turn = np.radians(heading + angle)
            ahead = np.array([np.cos(turn), np.sin(turn), 0.0])
            centre = np.array([x, y, height]) + RIG_RADIUS_M * ahead
            pose = look_at(centre, centre + ahead + [0, 0, pitch], float(rng.normal(0, 0.3)))
            frames.append(Frame(f"drive_{k:02d}_{name}", Camera(*size, lenses[name], pose)))
    return frames


def _walk(
    plan: Plan, things: Sequence[Placement], mesh: SceneMesh, count: int, size: tuple[int, int],
    rng: np.random.Generator,
) -> list[Frame]:  # fmt: skip
    """`walk_00`, ...: glances of somebody on either pavement by turns, towards where there is something to see."""
    taken = Solids.join([envelope(one.asset).moved(one.position, one.yaw) for one in things])
    caster, first = RayCaster(mesh.vertices, mesh.faces), int(mesh.face_instance.max()) - len(things) + 1
    intrinsics = lens(size, WALK_FIELD_OF_VIEW_DEG, rng)
    frames = []
    for k in range(count):
        centre = _standpoint(plan, taken, (-1, 1)[k % 2], rng)
        frames.append(Frame(f"walk_{k:02d}", _good_look(centre, intrinsics, size, mesh, caster, first, rng)))
    return frames


def _good_look(
    centre: np.ndarray, intrinsics: np.ndarray, size: tuple[int, int], mesh: SceneMesh, caster: RayCaster, first: int,
    rng: np.random.Generator,
) -> Camera:  # fmt: skip
    """The first of some random looks that is good, or the best of them."""
    best, most = None, -np.inf
    for _ in range(LOOKS):
        look = Camera(*size, intrinsics, _glance(centre, rng))
        score = _score(look, mesh, caster, first)
        if score > most:
            best, most = look, score
        if score >= GOOD_OBJECTS:
            break
    return best


def _standpoint(plan: Plan, taken: Solids, side: int, rng: np.random.Generator) -> np.ndarray:
    """Eyes `(3,)` of somebody on the pavement on `side`, away from everything."""
    height = KERB_M + rng.uniform(*WALK_HEIGHT_M)
    level = (taken.low < height + CLEARANCE_M) & (taken.high > height - CLEARANCE_M)
    obstacles = shapely.STRtree(taken.grounds[level])
    walkable = plan.pavements.buffer(-CLEARANCE_M)
    for _ in range(ATTEMPTS):
        x = rng.uniform(-0.78, 0.78) * plan.half_length
        place = shapely.Point(x, side * rng.uniform(plan.kerb(side), plan.front(side)))
        if walkable.contains(place) and not len(obstacles.query(place, predicate="dwithin", distance=CLEARANCE_M)):
            return np.array([place.x, place.y, height])
    raise SceneError("There is no place for a camera on the pavement. Use another seed.")


def lens(size: tuple[int, int], field_of_view_deg: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """Intrinsics `(3, 3)`: square pixels, principal point a few pixels off the middle."""
    width, height = size
    focal = width / 2 / np.tan(np.radians(rng.uniform(*field_of_view_deg)) / 2)
    shift = rng.uniform(-1, 1, 2) * CENTRE_SHIFT_PX * width / 640
    return np.array([[focal, 0, width / 2 + shift[0]], [0, focal, height / 2 + shift[1]], [0, 0, 1]])


def _glance(centre: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pose `(4, 4)` of a look in any direction."""
    yaw, pitch = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(*WALK_PITCH_DEG))
    direction = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
    return look_at(centre, centre + direction, float(np.clip(rng.normal(0, 1.0), -ROLL_DEG, ROLL_DEG)))


def _score(camera: Camera, mesh: SceneMesh, caster: RayCaster, first: int) -> int:
    """How many things a coarse preview shows, less `GOOD_OBJECTS` if a close surface fills it."""
    scale = PREVIEW[0] / camera.width
    preview = Camera(*PREVIEW, camera.intrinsics * [[scale], [scale], [1]], camera.world_from_cam)
    hits = caster.cast(*preview.rays())
    ids = np.where(hits.face >= 0, mesh.face_instance[hits.face], 0)
    return len(np.unique(ids[ids >= first])) - (GOOD_OBJECTS if np.median(hits.t) < GOOD_DEPTH_M else 0)
