"""Flats: rooms of several types behind one front door, joined by doorways."""

from collections.abc import Sequence

import numpy as np
import shapely

from generation.scenes.base import SceneError
from generation.scenes.procedural import plan as plans
from generation.scenes.procedural.room import Room, finish_room, pick_trim
from generation.scenes.procedural.shell import Wall
from generation.scenes.procedural.styles import STYLES


# Rooms that are found together
PROGRAMMES = (
    ("living room", "kitchen"),
    ("living room", "bedroom"),
    ("living room", "kitchen", "bedroom"),
    ("living room", "kitchen", "bathroom"),
    ("bedroom", "bathroom", "hallway"),
    ("studio", "kitchen", "bathroom"),
    ("living room", "bedroom", "kitchen", "bathroom"),
    ("bedroom", "children's room", "bathroom", "hallway"),
    ("living room", "children's room"),
    ("office", "meeting room"),
    ("office", "meeting room", "kitchen"),
    ("office", "office", "bathroom"),
    ("classroom", "office"),
    ("workshop", "office"),
    ("workshop", "office", "bathroom"),
)
# Nobody walks through these to get elsewhere, if there is another way; between the others the doorway may be wide
PRIVATE = frozenset({"bathroom", "bedroom", "children's room", "office", "meeting room", "classroom"})
WIDE_SHARE = 0.5
# Rooms of a flat are a little smaller than rooms of their own
AREA_SHARE = 0.85
STARTS = 60


def build_flat(rng: np.random.Generator) -> tuple[Room, ...]:
    """Two to four rooms whose walls are shared, all within reach of each other through doorways.

    Raises:
        [`SceneError`]: if no plan gives all of them enough room.
    """
    kinds, floors, walls = _draw_plan(rng)
    height = float(rng.uniform(2.45, 2.8))
    trim = pick_trim(rng)
    inner = [{k for k, wall in enumerate(mine) if _faces_any(wall, walls)} for mine in walls]
    outer = [[k for k in range(len(mine)) if k not in taken] for mine, taken in zip(walls, inner, strict=True)]
    _cut_front_door(kinds, walls, outer, rng)
    for kind, mine, free in zip(kinds, walls, outer, strict=True):
        plans.cut_windows(mine, free, STYLES[kind], height, rng)
    return tuple(finish_room(kind, floor, height, mine, trim, rng)
                 for kind, floor, mine in zip(kinds, floors, walls, strict=True))  # fmt: skip


def _draw_plan(rng: np.random.Generator) -> tuple[tuple[str, ...], list[shapely.Polygon], list[list[Wall]]]:
    """Types, floors and walls of rooms that are large enough and joined."""
    for number in rng.permutation(len(PROGRAMMES)):
        kinds = PROGRAMMES[number]
        areas = [AREA_SHARE * np.mean(STYLES[kind].long_m) * np.mean(STYLES[kind].short_m) for kind in kinds]
        for _ in range(STARTS):
            area, stretch = sum(areas) * rng.uniform(0.85, 1.15), rng.uniform(1.0, 1.6)
            floors = plans.divided(areas, (area * stretch) ** 0.5, (area / stretch) ** 0.5, rng)
            walls = [plans.walls_around(floor) for floor in floors]
            wide = all(_is_wide_enough(kind, floor.bounds) for kind, floor in zip(kinds, floors, strict=True))
            if wide and _cut_doorways(kinds, walls, rng):
                return kinds, floors, walls
    raise SceneError(f"No flat in {STARTS} plans of each kind has rooms that are large enough. Use another seed.")


def _is_wide_enough(kind: str, bounds: tuple[float, float, float, float]) -> bool:
    short, long = sorted((bounds[2] - bounds[0], bounds[3] - bounds[1]))
    return short > 0.88 * STYLES[kind].short_m[0] and long > 0.88 * STYLES[kind].long_m[0] and long < 2.4 * short


def _faces_any(wall: Wall, walls: list[list[Wall]]) -> bool:
    return any(plans.face_to_face(wall, other) for others in walls for other in others)


def _cut_doorways(kinds: Sequence[str], walls: list[list[Wall]], rng: np.random.Generator) -> bool:
    """Join all rooms by as few doorways as it takes (Kruskal), public rooms first; whether that was possible."""
    pairs = [
        (a, i, b, j)
        for a in range(len(walls)) for b in range(a) for i in range(len(walls[a])) for j in range(len(walls[b]))
        if plans.face_to_face(walls[a][i], walls[b][j])
    ]  # fmt: skip
    cost = [rng.random() + sum(kinds[room] in PRIVATE for room in (a, b)) for a, _, b, _ in pairs]
    group = list(range(len(walls)))
    head = float(rng.uniform(*plans.DOORWAY_HEAD_M))
    for a, i, b, j in (pairs[k] for k in np.argsort(cost)):
        if group[a] == group[b]:
            continue
        is_wide = not PRIVATE & {kinds[a], kinds[b]} and rng.random() < WIDE_SHARE
        width = plans.WIDE_DOORWAY_M if is_wide else plans.DOORWAY_M
        joined = plans.join(walls[a][i], walls[b][j], width, head, rng)
        if joined:
            walls[a][i], walls[b][j] = joined
            group = [group[a] if one == group[b] else one for one in group]
    return len(set(group)) == 1


def _cut_front_door(
    kinds: Sequence[str], walls: list[list[Wall]], outer: list[list[int]], rng: np.random.Generator
) -> None:
    """A closed door in an outer wall, where possible of a room that is not private."""
    order = sorted(rng.permutation(len(kinds)).tolist(), key=lambda room: kinds[room] in PRIVATE)
    for room in order:
        free = [walls[room][k] for k in outer[room]]
        plans.cut_door(free, rng)
        if any(wall.openings for wall in free):
            for k, wall in zip(outer[room], free, strict=True):
                walls[room][k] = wall
            return
