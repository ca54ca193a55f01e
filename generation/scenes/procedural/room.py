"""A room before anything stands in it: its plan, its walls with their openings, and all that is built in."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from generation.scenes.appearance import Material
from generation.scenes.procedural import shell
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.plan import cut_door, cut_windows, outline, walls_around
from generation.scenes.procedural.shell import Wall
from generation.scenes.procedural.styles import ACCENTS, BRICKS, STYLES, WALL_TILES, Style


TRIMS = (
    Material("plain", (0.82, 0.82, 0.80), gloss=0.2),
    Material("plain", (0.82, 0.82, 0.80), gloss=0.2),
    Material("wood", (0.40, 0.25, 0.13), (0.30, 0.17, 0.08), gloss=0.2),
    Material("plain", (0.22, 0.23, 0.24), gloss=0.2),
)
CEILING = Material("plaster", (0.84, 0.84, 0.83))
GLOW = Material("plain", (1.0, 0.98, 0.86), emission=1.0)


@dataclass(frozen=True, eq=False)
class Room:
    """An empty room; its floor is at height 0.

    Args:
        kind (`str`): its type, a key of `STYLES`.
        plan (`shapely.Polygon`): the floor, counter-clockwise, metres, world.
        height (`float`): metres.
        walls (`tuple` of [`Wall`]): one for each side of the plan.
        structure (`tuple` of [`Placement`]): everything that is built in.
    """

    kind: str
    plan: shapely.Polygon
    height: float
    walls: tuple[Wall, ...]
    structure: tuple[Placement, ...]


def build_room(kind: str, rng: np.random.Generator) -> Room:
    """A room of random plan, height, openings and materials, as rooms of its type have them."""
    style = STYLES[kind]
    plan = outline(style, rng)
    height = float(rng.uniform(*style.height_m))
    walls = cut_door(walls_around(plan), rng)
    walls = cut_windows(walls, list(range(len(walls))), style, height, rng)
    return finish_room(kind, plan, height, walls, pick_trim(rng), rng)


def pick_trim(rng: np.random.Generator) -> Material:
    """What doors, windows and skirting of one home are made of."""
    return TRIMS[rng.integers(len(TRIMS))]


def finish_room(
    kind: str, plan: shapely.Polygon, height: float, walls: list[Wall], trim: Material, rng: np.random.Generator
) -> Room:
    """The room of this plan and these walls, with all that is built in."""
    style = STYLES[kind]
    covering = replace(style.floors[rng.integers(len(style.floors))], seed=int(rng.integers(1 << 16)))
    lamp = shell.bowl_lamp(GLOW) if style.lamp == "bowl" else shell.panel_lamp(GLOW)
    structure = [
        _built_in("floor", [shell.slab(plan, covering, faces_up=True)], np.zeros(3)),
        _built_in("ceiling", [shell.slab(plan, CEILING, faces_up=False)], np.array([0.0, 0.0, height])),
        *(_built_in("ceiling light", lamp, *at) for at in _lamp_places(plan, height, style)),
    ]
    for wall, sheets in zip(walls, _sheets(walls, height, style, rng), strict=True):
        parts = [("wall", [*sheets, *shell.skirting(wall, trim)])]
        for opening in wall.openings:
            make, label = BUILT_INTO[opening.kind]
            parts.append((label, make(opening, trim)))
        structure += [_built_in(label, made, wall.at(0, 0, 0), wall.yaw) for label, made in parts]
    return Room(kind, plan, height, tuple(walls), tuple(structure))


BUILT_INTO = {
    "door": (shell.door, "door"),
    "doorway": (shell.doorway, "door frame"),
    "window": (shell.window, "window"),
}


def _built_in(label: str, parts: list, position: np.ndarray, yaw: float = 0.0) -> Placement:
    return Placement(Asset(label, tuple(parts)), position, yaw, is_structure=True)


def _sheets(walls: list[Wall], height: float, style: Style, rng: np.random.Generator) -> list[list[shell.Part]]:
    """What covers each wall: paint, one wall of another colour or of brick, and tiles up to some height."""
    paint, accent = (
        Material("plaster", colors[rng.integers(len(colors))], gloss=0.02) for colors in (style.colors, ACCENTS)
    )
    brick, tiles = BRICKS[rng.integers(len(BRICKS))], WALL_TILES[rng.integers(len(WALL_TILES))]
    special, drawn = int(rng.integers(len(walls))), rng.random()
    surfaces = [paint] * len(walls)
    if drawn < style.brick_share + style.accent_share:
        surfaces[special] = brick if drawn < style.brick_share else accent
    if style.tiles_m is None:
        return [[shell.sheet(wall, (0.0, height), surface)] for wall, surface in zip(walls, surfaces, strict=True)]
    # half of the bathrooms are tiled up to the ceiling, and kitchens only above their units
    low, high = style.tiles_m
    high = height if low == 0 and rng.random() < 0.4 else high + float(rng.uniform(0.0, 0.3))
    bands = [((0.0, low), None), ((low, high), tiles), ((high, height), None)]
    bands = [(band, material) for band, material in bands if band[1] > band[0]]
    return [
        [shell.sheet(wall, band, material or surface) for band, material in reversed(bands)]
        for wall, surface in zip(walls, surfaces, strict=True)
    ]


def _lamp_places(plan: shapely.Polygon, height: float, style: Style) -> list[tuple[np.ndarray, float]]:
    """A grid of ceiling lamps: places `(3,)`, metres, and turns, radians; long lamps lie along the room."""
    x0, y0, x1, y1 = plan.bounds
    spacing = style.area_per_lamp_m2**0.5
    columns, rows = max(1, round((x1 - x0) / spacing)), max(1, round((y1 - y0) / spacing))
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    places = np.column_stack([x0 + (x1 - x0) * x.ravel(), y0 + (y1 - y0) * y.ravel(), np.full(x.size, height)])
    yaw = 0.0 if x1 - x0 > y1 - y0 else np.pi / 2
    return [(place, yaw) for place in places[shapely.contains_xy(plan.buffer(-0.5), places[:, :2])]]
