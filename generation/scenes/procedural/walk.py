"""The photos of a furnished place: where the cameras stand, and in which order.

Most photos come from a hand-held walk; the others from a low robot, from shelves, and from cameras fixed in corners
under the ceiling.
"""

from collections.abc import Sequence

import numpy as np
import shapely

from generation.scenes.base import Frame, SceneMesh
from generation.scenes.procedural.free_space import FreeSpace
from generation.scenes.procedural.looks import CARRIERS, Carrier, Looks
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room


# The walker turns round this often
TURNS = (2.0, 4.0)
# A photo that shows fewer objects is taken from one of so many other places of the walk, if they show more
WORTH_OBJECTS, OTHER_PLACES = 4, 3
# Cameras in corners hang this far from both walls; others find a place among so many near the walker
CORNER_GAP_M, PLACES_NEAR = (0.38, 0.6), 100
# Frames are numbered as in a video of which every tenth one was kept at most
FRAME_STEP = 10


def walk(
    rooms: Sequence[Room],
    furniture: Sequence[Placement],
    mesh: SceneMesh,
    count: int,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Frame, ...]:
    """`count` frames of the rooms, in the order of time.

    Args:
        rooms (sequence of [`Room`]).
        furniture (sequence of [`Placement`]): everything that stands or hangs in the rooms.
        mesh ([`SceneMesh`]): rooms and furniture; the last `len(furniture)` instance ids are the furniture's.
        count (`int`): number of frames.
        size (`tuple` of 2 `int`): width and height of the images, in pixels.
        rng (`np.random.Generator`).

    Raises:
        [`SceneError`]: if the furniture leaves no place for a camera.
    """
    free = FreeSpace(rooms, furniture)
    places = free.path(count, rng)
    looks = Looks(rooms, furniture, mesh, size, rng)
    heading = rng.uniform(0, 360) + rng.choice([-1, 1]) * np.linspace(0, 360 * rng.uniform(*TURNS), count)
    numbers = FRAME_STEP * np.cumsum(rng.integers(1, 6, count))
    shares = np.array([carrier.share for carrier in CARRIERS.values()])
    frames = []
    for place, yaw, number in zip(places, heading, numbers, strict=True):
        name = list(CARRIERS)[rng.choice(len(shares), p=shares / shares.sum())]
        best, most = None, -np.inf
        for spot in (place, *rng.choice(places, OTHER_PLACES)):
            camera, seen = looks.first_good(*_stand(free, name, spot, yaw, rng), rng)
            if seen > most:
                best, most = camera, seen
            if seen >= WORTH_OBJECTS:
                break
        frames.append(Frame(f"frame_{number:06d}", best))
    return tuple(frames)


def _stand(
    free: FreeSpace, name: str, place: np.ndarray, yaw: float, rng: np.random.Generator
) -> tuple[np.ndarray, float, Carrier]:
    """Centre `(3,)`, heading and carrier of a camera: near `place`, or in a corner of some room.

    Where its carrier finds no room, the walker holds it.
    """
    carrier = CARRIERS[name]
    height = float(rng.uniform(*carrier.heights_m))
    if name == "corner":
        room = free.rooms[rng.integers(len(free.rooms))]
        height += room.height
        inner = room.plan.buffer(-float(rng.uniform(*CORNER_GAP_M)), join_style="mitre")
        spots = rng.permutation(shapely.get_coordinates(inner)[:-1])
    else:
        near = np.argsort(np.linalg.norm(free.cells - place, axis=1))
        spots = np.concatenate([place[None], free.cells[near[: 4 * PLACES_NEAR : 4]]])
    spots = spots[free.at(spots, height, height)]
    if not len(spots):
        return np.array([*place, rng.uniform(*CARRIERS["hand"].heights_m)]), yaw, CARRIERS["hand"]
    return np.array([*spots[0], height]), yaw, carrier
