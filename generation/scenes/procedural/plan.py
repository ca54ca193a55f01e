"""Floor plans: the outline of one room, the rooms of a flat, and the walls around them with their openings."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from generation.scenes.procedural.shell import REVEAL_M, Interval, Opening, Wall
from generation.scenes.procedural.styles import Style


# Rooms whose sides are both longer than this may lose a corner and become L-shaped
MIN_L_SIDE_M = 4.6
DOOR_M = (0.88, 2.06)
# Doorways: wide enough for a camera and high enough to carry it through upright
DOORWAY_M, WIDE_DOORWAY_M, DOORWAY_HEAD_M = (0.96, 1.1), (1.4, 2.4), (2.14, 2.25)
# Openings keep this far from the ends of their walls
JAMB_M = 0.15


def outline(style: Style, rng: np.random.Generator) -> shapely.Polygon:
    """The floor of one room, counter-clockwise: a rectangle, or an L."""
    sides = rng.permutation([rng.uniform(*style.long_m), rng.uniform(*style.short_m)])
    width, depth = sides.tolist()
    plan = shapely.box(0, 0, width, depth)
    if min(width, depth) > MIN_L_SIDE_M and rng.random() < style.l_share:
        cut_x, cut_y = rng.uniform(1.2, 0.38 * width), rng.uniform(1.2, 0.38 * depth)
        x, y = rng.choice([0.0, width - cut_x]), rng.choice([0.0, depth - cut_y])
        plan = plan.difference(shapely.box(x, y, x + cut_x, y + cut_y))
    return shapely.orient_polygons(plan, exterior_cw=False)


def divided(areas: Sequence[float], width: float, depth: float, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Split a rectangle into one room for each of `areas`, in proportion to them, with walls in between.

    Cuts run across the longer side, from one end to the other, so the plan is what builders call a guillotine plan.
    """

    def cut(members: list[int], x: Interval, y: Interval) -> dict[int, tuple[Interval, Interval]]:
        if len(members) == 1:
            return {members[0]: (x, y)}
        half = int(rng.integers(1, len(members)))
        first, rest = members[:half], members[half:]
        share = sum(areas[k] for k in first) / sum(areas[k] for k in members)
        if x[1] - x[0] > y[1] - y[0]:
            at = x[0] + share * (x[1] - x[0])
            return cut(first, (x[0], at), y) | cut(rest, (at, x[1]), y)
        at = y[0] + share * (y[1] - y[0])
        return cut(first, x, (y[0], at)) | cut(rest, x, (at, y[1]))

    cells = cut(rng.permutation(len(areas)).tolist(), (0.0, width), (0.0, depth))
    boxes = [shapely.box(*(np.array(cells[k]).T.ravel() + np.repeat([1, -1], 2) * REVEAL_M / 2))
             for k in range(len(areas))]  # fmt: skip
    return [shapely.orient_polygons(box, exterior_cw=False) for box in boxes]


def walls_around(plan: shapely.Polygon) -> list[Wall]:
    """One wall for each side of a counter-clockwise plan."""
    corners = shapely.get_coordinates(plan)
    middles, along = (corners[:-1] + corners[1:]) / 2, np.diff(corners, axis=0)
    # seen from inside, a wall's x axis runs against the counter-clockwise order of the corners
    yaws = np.arctan2(-along[:, 1], -along[:, 0])
    lengths = np.linalg.norm(along, axis=1)
    return [
        Wall(middle, float(yaw), float(length)) for middle, yaw, length in zip(middles, yaws, lengths, strict=True)
    ]


def with_opening(wall: Wall, opening: Opening) -> Wall:
    return replace(wall, openings=(*wall.openings, opening))


def cut_door(walls: list[Wall], rng: np.random.Generator) -> list[Wall]:
    """A closed door in one of the walls that have no opening yet, near its end; none where all are too short."""
    width, head = DOOR_M
    free = [k for k in rng.permutation(len(walls)) if walls[k].length > width + 0.8 and not walls[k].openings]
    for k in free[:1]:
        middle = rng.choice([-1, 1]) * (walls[k].length / 2 - width / 2 - rng.uniform(JAMB_M, 0.4))
        walls[k] = with_opening(walls[k], _opening("door", middle, width, (0.0, head)))
    return walls


def cut_windows(
    walls: list[Wall], outer: list[int], style: Style, height: float, rng: np.random.Generator
) -> list[Wall]:
    """Windows in some of the `outer` walls that have no opening yet, all with the same sill and head."""
    sill, head = rng.uniform(*style.sill_m), min(height - 0.2, rng.uniform(2.0, 2.25))
    free = [k for k in rng.permutation(outer) if walls[k].length > 1.9 and not walls[k].openings]
    for k in free[: rng.integers(style.windows[0], style.windows[1] + 1)]:
        width = rng.uniform(0.4, 1.0) * min(style.window_m, walls[k].length - 1.0)
        width = max(width, 0.7)
        middle = rng.uniform(-1, 1) * (walls[k].length / 2 - width / 2 - 0.4)
        walls[k] = with_opening(walls[k], _opening("window", middle, width, (float(sill), float(head))))
    return walls


def join(mine: Wall, other: Wall, width: Interval, head: float, rng: np.random.Generator) -> tuple[Wall, Wall] | None:
    """The two walls with a doorway from one room into the other, or `None` where they share too little.

    Both walls face each other across the thickness of the wall; the width is drawn from an interval.
    """
    along = mine.at(1, 0, 0) - mine.at(0, 0, 0)
    centre = float((other.at(0, 0, 0) - mine.at(0, 0, 0)) @ along)  # of the other wall, on the x axis of mine
    low = max(-mine.length / 2, centre - other.length / 2) + JAMB_M
    high = min(mine.length / 2, centre + other.length / 2) - JAMB_M
    if high - low < width[0]:
        return None
    wide = rng.uniform(width[0], min(width[1], high - low))
    middle = rng.uniform(low + wide / 2, high - wide / 2)
    return (
        with_opening(mine, _opening("doorway", middle, wide, (0.0, head))),
        with_opening(other, _opening("doorway", centre - middle, wide, (0.0, head))),
    )


def face_to_face(mine: Wall, other: Wall) -> bool:
    """Whether two walls are the two sides of one wall between two rooms."""
    inwards = mine.at(0, -1, 0) - mine.at(0, 0, 0)
    across = float((other.at(0, 0, 0) - mine.at(0, 0, 0)) @ inwards)
    opposite = abs((other.yaw - mine.yaw) % (2 * np.pi) - np.pi) < 1e-6
    return opposite and abs(across + REVEAL_M) < 1e-6


def passage(wall: Wall, opening: Opening) -> shapely.Polygon:
    """The floor of the whole doorway, from this wall's face to that of the next room, and a little of both rooms."""
    lap = 0.01
    x0, x1 = opening.x
    corners = [(x0, -lap), (x1, -lap), (x1, REVEAL_M + lap), (x0, REVEAL_M + lap)]
    return shapely.Polygon([wall.at(x, y, 0)[:2] for x, y in corners])


def _opening(kind: str, middle: float, width: float, z: Interval) -> Opening:
    return Opening(kind, (float(middle - width / 2), float(middle + width / 2)), z)
