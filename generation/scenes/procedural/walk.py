"""A hand-held walk through a furnished room: where the camera stands, where it looks, and through which lens."""

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from generation.geometry import Camera, look_at
from generation.rendering.raycast import RayCaster
from generation.scenes.base import Frame, SceneError, SceneMesh
from generation.scenes.procedural.placement import Placement, Solids
from generation.scenes.procedural.room import Room


# No surface comes closer to a camera than this
CLEARANCE_M = 0.36
HEIGHTS_M, LOW_HEIGHTS_M = (1.2, 1.75), (0.7, 1.2)
LOW_SHARE = 0.2
PITCH_DEG, ROLL_DEG = (-30.0, 5.0), 4.0
FIELD_OF_VIEW_DEG = (55.0, 80.0)
CENTRE_SHIFT_PX = 6.0
# The walk leads past this many random places, on a grid of cells this wide
PLACES = 12
CELL_M = 0.15
SMOOTHING_CELLS = 4.0
# The walker turns round this often; where there is little to see, the looks tried stray further and further from that
TURNS = (2.0, 4.0)
GLANCES_DEG = np.linspace(30, 180, 16)
# What makes a look good: objects seen, their share of the view, and half of the view at least this far away
GOOD_OBJECTS = 6
GOOD_SHARE = 0.12
GOOD_DEPTH_M = 1.6
PREVIEW = (32, 24)
# Frames are numbered as in a video of which every tenth one was kept at most
FRAME_STEP = 10


def walk(
    room: Room, furniture: Sequence[Placement], mesh: SceneMesh, count: int, size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Frame, ...]:  # fmt: skip
    """`count` frames along one path through `room`, in the order of time.

    Args:
        room ([`Room`]).
        furniture (sequence of [`Placement`]): everything that stands or hangs in the room.
        mesh ([`SceneMesh`]): room and furniture; the last `len(furniture)` instance ids are the furniture's.
        count (`int`): number of frames.
        size (`tuple` of 2 `int`): width and height of the images, in pixels.
        rng (`np.random.Generator`).

    Raises:
        [`SceneError`]: if the furniture leaves no place for a camera.
    """
    free = FreeSpace(room, furniture)
    places = _path(free, count, rng)
    caster = RayCaster(mesh.vertices, mesh.faces)
    first_object = int(mesh.face_instance.max()) - len(furniture) + 1
    intrinsics = _intrinsics(size, rng)
    heading = rng.uniform(0, 360) + rng.choice([-1, 1]) * np.linspace(0, 360 * rng.uniform(*TURNS), count)
    numbers = FRAME_STEP * np.cumsum(rng.integers(1, 6, count))
    frames = []
    for place, yaw, number in zip(places, heading, numbers, strict=True):
        height = rng.uniform(*(LOW_HEIGHTS_M if rng.random() < LOW_SHARE else HEIGHTS_M))
        if not free.at(place[None], height, height)[0]:
            height = rng.uniform(*HEIGHTS_M)
        looks = [_look(np.array([*place, height]), yaw, spread, rng) for spread in GLANCES_DEG]
        cameras = [Camera(*size, intrinsics, pose) for pose in looks]
        scores = [_score(camera, mesh, caster, first_object) for camera in cameras]
        good = [k for k, score in enumerate(scores) if score >= GOOD_OBJECTS]
        # any good look will do: the best one would show the same corner again and again
        chosen = good[0] if good else int(np.argmax(scores))
        frames.append(Frame(f"frame_{number:06d}", cameras[chosen]))
    return tuple(frames)


class FreeSpace:
    """Where a camera may be: at least `CLEARANCE_M` from every wall and thing.

    Args:
        room ([`Room`]).
        furniture (sequence of [`Placement`]).
    """

    def __init__(self, room: Room, furniture: Sequence[Placement]):
        self.plan = room.plan.buffer(-CLEARANCE_M, join_style="mitre")
        built_in = [placed for placed in room.structure if placed.label not in ("floor", "ceiling", "wall")]
        self._solids = Solids.join([placed.solids for placed in (*built_in, *furniture)])

    def at(self, places: np.ndarray, low_m: float, high_m: float) -> np.ndarray:
        """Which of `(N, 2)` places are free at all heights from `low_m` to `high_m`: `bool` of shape `(N,)`."""
        level = (self._solids.low < high_m + CLEARANCE_M) & (self._solids.high > low_m - CLEARANCE_M)
        points = shapely.points(places)
        tree = shapely.STRtree(self._solids.grounds[level])
        blocked = np.zeros(len(places), dtype=bool)
        blocked[tree.query(points, predicate="dwithin", distance=CLEARANCE_M)[0]] = True
        return shapely.contains(self.plan, points) & ~blocked


def _path(free: FreeSpace, count: int, rng: np.random.Generator) -> np.ndarray:
    """`(count, 2)` places, metres, along smoothed shortest paths between random free cells."""
    x0, y0, x1, y1 = free.plan.bounds
    cells = np.stack(np.meshgrid(np.arange(x0, x1, CELL_M), np.arange(y0, y1, CELL_M)), axis=-1).reshape(-1, 2)
    cells = cells[free.at(cells, *HEIGHTS_M)]
    if not len(cells):
        raise SceneError("The furniture leaves no place for a camera. Use another seed.")
    tree = shapely.STRtree(shapely.points(cells))
    a, b = tree.query(shapely.points(cells), predicate="dwithin", distance=1.5 * CELL_M)
    lengths = np.linalg.norm(cells[a] - cells[b], axis=1)
    graph = coo_array((lengths, (a, b)), shape=(len(cells),) * 2).tocsr()
    _, component = connected_components(graph, directed=False)
    largest = np.flatnonzero(component == np.bincount(component).argmax())
    stops = rng.choice(largest, PLACES)
    route = [stops[:1]]
    for start, end in zip(stops[:-1], stops[1:], strict=True):
        _, before = dijkstra(graph, indices=start, return_predecessors=True)
        leg = [end]
        while leg[-1] != start:
            leg.append(before[leg[-1]])
        route.append(np.array(leg[-2::-1], dtype=int))
    path = cells[np.concatenate(route)]
    smooth = gaussian_filter1d(path, SMOOTHING_CELLS, axis=0, mode="nearest")
    path = np.where(free.at(smooth, *HEIGHTS_M)[:, None], smooth, path)
    times = np.sort(rng.uniform(0, len(path), count)).astype(int)
    return path[times]


def _intrinsics(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """One lens for the whole walk: square pixels, principal point a few pixels off the middle."""
    width, height = size
    focal = width / 2 / np.tan(np.radians(rng.uniform(*FIELD_OF_VIEW_DEG)) / 2)
    shift = rng.uniform(-1, 1, 2) * CENTRE_SHIFT_PX * width / 640
    return np.array([[focal, 0, width / 2 + shift[0]], [0, focal, height / 2 + shift[1]], [0, 0, 1]])


def _look(centre: np.ndarray, heading_deg: float, spread_deg: float, rng: np.random.Generator) -> np.ndarray:
    """Pose `(4, 4)` of one glance from `centre`, up to `spread_deg` away from the heading."""
    yaw = np.radians(heading_deg + rng.uniform(-1, 1) * spread_deg)
    pitch = np.radians(rng.triangular(PITCH_DEG[0], -12.0, PITCH_DEG[1]))
    direction = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
    return look_at(centre, centre + direction, float(np.clip(rng.normal(0, 1.5), -ROLL_DEG, ROLL_DEG)))


def _score(camera: Camera, mesh: SceneMesh, caster: RayCaster, first_object: int) -> int:
    """How many objects a coarse preview shows, less `GOOD_OBJECTS` if bare or close surfaces fill it."""
    scale = PREVIEW[0] / camera.width
    preview = Camera(*PREVIEW, camera.intrinsics * [[scale], [scale], [1]], camera.world_from_cam)
    hits = caster.cast(*preview.rays())
    ids = mesh.face_instance[hits.face]  # (pixels,): the shell is closed, so every ray hits
    is_object = ids >= first_object
    is_dull = is_object.mean() < GOOD_SHARE or np.median(hits.t) < GOOD_DEPTH_M
    return len(np.unique(ids[is_object])) - (GOOD_OBJECTS if is_dull else 0)
