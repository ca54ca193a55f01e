"""A room before anything stands in it: its plan, openings, built-in surfaces and lights."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from generation.scenes.appearance import Light, Material
from generation.scenes.procedural import shell
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.shell import Opening, Wall


WIDTH_M, DEPTH_M, HEIGHT_M = (3.5, 8.0), (3.5, 7.0), (2.4, 3.1)
# Rooms whose sides are both longer than this may lose a corner and become L-shaped
MIN_L_SIDE_M = 4.6
L_SHARE = 0.4
DOOR_M = (0.88, 2.06)
AREA_PER_LAMP_M2 = 14.0

WALL_COLORS = (
    (0.80, 0.78, 0.74), (0.74, 0.70, 0.62), (0.60, 0.68, 0.70), (0.62, 0.68, 0.56), (0.76, 0.66, 0.58),
    (0.66, 0.66, 0.70), (0.82, 0.76, 0.58), (0.84, 0.83, 0.81),
)  # fmt: skip
ACCENT_COLORS = ((0.16, 0.26, 0.32), (0.36, 0.16, 0.12), (0.18, 0.28, 0.18), (0.44, 0.30, 0.14), (0.26, 0.22, 0.32))
TRIMS = (
    Material("plain", (0.82, 0.82, 0.80), gloss=0.2),
    Material("plain", (0.82, 0.82, 0.80), gloss=0.2),
    Material("wood", (0.40, 0.25, 0.13), (0.30, 0.17, 0.08), gloss=0.2),
)
FLOORS = (
    Material("planks", (0.36, 0.21, 0.11), (0.26, 0.14, 0.07), 0.14, 0.15),
    Material("planks", (0.52, 0.36, 0.21), (0.42, 0.27, 0.14), 0.12, 0.12),
    Material("planks", (0.20, 0.12, 0.07), (0.14, 0.08, 0.04), 0.14, 0.2),
    Material("planks", (0.44, 0.40, 0.35), (0.34, 0.30, 0.26), 0.18, 0.1),
    Material("tile", (0.60, 0.58, 0.54), (0.34, 0.33, 0.31), 0.45, 0.25),
    Material("tile", (0.30, 0.31, 0.33), (0.18, 0.18, 0.19), 0.6, 0.25),
    Material("fabric", (0.32, 0.33, 0.37), (0.22, 0.22, 0.26), 0.02),
    Material("fabric", (0.46, 0.40, 0.32), (0.36, 0.30, 0.23), 0.02),
)
DAYLIGHT = np.array([0.90, 0.97, 1.10])
LAMPLIGHT = np.array([1.06, 0.98, 0.86])


@dataclass(frozen=True, eq=False)
class Room:
    """An empty room; its floor is at height 0.

    Args:
        plan (`shapely.Polygon`): the floor, counter-clockwise, metres, world.
        height (`float`): metres.
        walls (`tuple` of [`Wall`]): one for each side of the plan.
        structure (`tuple` of [`Placement`]): everything that is built in.
        lights (`tuple` of [`Light`]).
        ambient (`tuple` of 3 `float`): see `Appearance.ambient`.
    """

    plan: shapely.Polygon
    height: float
    walls: tuple[Wall, ...]
    structure: tuple[Placement, ...]
    lights: tuple[Light, ...]
    ambient: tuple[float, float, float]


def build_room(rng: np.random.Generator) -> Room:
    """A room of random plan, height, openings, materials and lights."""
    plan = _plan(rng)
    height = float(rng.uniform(*HEIGHT_M))
    walls = _cut_openings(_walls(plan), height, rng)
    lamps = _lamp_positions(plan, height)
    daylight = float(rng.uniform(0.6, 1.2))
    lights = (*_lamp_lights(lamps, rng), *_window_lights(walls, daylight), _sun(walls, daylight, rng))
    ambient = tuple((0.25 * (DAYLIGHT + LAMPLIGHT)).tolist())
    return Room(plan, height, walls, _structure(plan, height, walls, lamps, rng), lights, ambient)


def _plan(rng: np.random.Generator) -> shapely.Polygon:
    width, depth = rng.uniform(*WIDTH_M), rng.uniform(*DEPTH_M)
    plan = shapely.box(0, 0, width, depth)
    if min(width, depth) > MIN_L_SIDE_M and rng.random() < L_SHARE:
        cut_x, cut_y = rng.uniform(1.2, 0.38 * width), rng.uniform(1.2, 0.38 * depth)
        x, y = rng.choice([0.0, width - cut_x]), rng.choice([0.0, depth - cut_y])
        plan = plan.difference(shapely.box(x, y, x + cut_x, y + cut_y))
    return shapely.orient_polygons(plan, exterior_cw=False)


def _walls(plan: shapely.Polygon) -> list[Wall]:
    corners = shapely.get_coordinates(plan)
    middles, along = (corners[:-1] + corners[1:]) / 2, np.diff(corners, axis=0)
    # seen from inside, a wall's x axis runs against the counter-clockwise order of the corners
    yaws = np.arctan2(-along[:, 1], -along[:, 0])
    lengths = np.linalg.norm(along, axis=1)
    return [
        Wall(middle, float(yaw), float(length)) for middle, yaw, length in zip(middles, yaws, lengths, strict=True)
    ]


def _cut_openings(walls: list[Wall], height: float, rng: np.random.Generator) -> tuple[Wall, ...]:
    """A door in one wall, near its end, and a window in each of one to three others."""
    long_enough = [k for k in rng.permutation(len(walls)) if walls[k].length > 2.0]
    sill, head = float(rng.uniform(0.8, 1.0)), float(min(height - 0.2, rng.uniform(2.0, 2.25)))
    cut = list(walls)
    for turn, k in enumerate(long_enough[: rng.integers(2, 5)]):
        half = walls[k].length / 2
        if turn == 0:
            width, z = DOOR_M[0], (0.0, DOOR_M[1])
            middle = rng.choice([-1, 1]) * (half - width / 2 - rng.uniform(0.15, 0.4))
        else:
            width, z = rng.uniform(0.9, min(2.2, 2 * half - 1.0)), (sill, head)
            middle = rng.uniform(-1, 1) * (half - width / 2 - 0.4)
        opening = Opening("window" if turn else "door", (float(middle - width / 2), float(middle + width / 2)), z)
        cut[k] = replace(walls[k], openings=(opening,))
    return tuple(cut)


def _structure(
    plan: shapely.Polygon, height: float, walls: tuple[Wall, ...], lamps: np.ndarray, rng: np.random.Generator
) -> tuple[Placement, ...]:
    paint, accent = (
        Material("plaster", colors[rng.integers(len(colors))], gloss=0.02) for colors in (WALL_COLORS, ACCENT_COLORS)
    )
    # half of the rooms have one wall of another colour
    accented = rng.integers(-len(walls), len(walls))
    trim = TRIMS[rng.integers(len(TRIMS))]
    covering = replace(FLOORS[rng.integers(len(FLOORS))], seed=int(rng.integers(1 << 16)))
    ceiling = Material("plaster", (0.84, 0.84, 0.83))

    def built_in(label: str, parts: list, position: np.ndarray, yaw: float = 0.0) -> Placement:
        return Placement(Asset(label, tuple(parts)), position, yaw, is_structure=True)

    structure = [
        built_in("floor", [shell.slab(plan, covering, faces_up=True)], np.zeros(3)),
        built_in("ceiling", [shell.slab(plan, ceiling, faces_up=False)], np.array([0.0, 0.0, height])),
        *(built_in("ceiling light", [shell.lamp(tuple(LAMPLIGHT.clip(max=1).tolist()))], lamp) for lamp in lamps),
    ]
    for k, wall in enumerate(walls):
        surface = accent if k == accented else paint
        parts = [("wall", [shell.sheet(wall, height, surface), *shell.skirting(wall, trim)])]
        parts += [(o.kind, shell.door(o, trim) if o.kind == "door" else shell.window(o, trim)) for o in wall.openings]
        structure += [built_in(label, made, wall.at(0, 0, 0), wall.yaw) for label, made in parts]
    return tuple(structure)


def _lamp_positions(plan: shapely.Polygon, height: float) -> np.ndarray:
    """A grid of ceiling lamps `(N, 3)`, metres, about one for every `AREA_PER_LAMP_M2`."""
    x0, y0, x1, y1 = plan.bounds
    spacing = AREA_PER_LAMP_M2**0.5
    columns, rows = max(1, round((x1 - x0) / spacing)), max(1, round((y1 - y0) / spacing))
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    lamps = np.column_stack([x0 + (x1 - x0) * x.ravel(), y0 + (y1 - y0) * y.ravel(), np.full(x.size, height)])
    return lamps[shapely.contains_xy(plan.buffer(-0.5), lamps[:, :2])]


def _lamp_lights(lamps: np.ndarray, rng: np.random.Generator) -> list[Light]:
    color = tuple((rng.uniform(3.5, 5.5) / len(lamps) ** 0.5 * LAMPLIGHT).tolist())
    size = (shell.LAMP_M[0], shell.LAMP_M[0])
    return [Light("area", (*lamp[:2], lamp[2] - shell.LAMP_M[1] - 0.01), (0.0, 0.0, -1.0), size, color)
            for lamp in lamps.tolist()]  # fmt: skip


def _window_lights(walls: tuple[Wall, ...], strength: float) -> list[Light]:
    """The daylight that the sky sends through each pane."""
    lights = []
    for wall, opening in _windows(walls):
        size = (opening.x[1] - opening.x[0], opening.z[1] - opening.z[0])
        centre = wall.at(sum(opening.x) / 2, 0.05, sum(opening.z) / 2)
        inward = wall.at(0, -1, 0) - wall.at(0, 0, 0)
        color = tuple((1.2 * strength * size[0] * size[1] * DAYLIGHT).tolist())
        lights.append(Light("area", tuple(centre.tolist()), tuple(inward.tolist()), size, color))
    return lights


def _sun(walls: tuple[Wall, ...], strength: float, rng: np.random.Generator) -> Light:
    """The sun, low enough and straight enough to shine through one of the windows."""
    windows = _windows(walls)
    wall, _ = windows[rng.integers(len(windows))]
    bearing, elevation = wall.yaw - np.pi / 2 + rng.uniform(-0.8, 0.8), np.radians(rng.uniform(25, 50))
    direction = np.array(
        [np.cos(elevation) * np.cos(bearing), np.cos(elevation) * np.sin(bearing), -np.sin(elevation)]
    )
    color = tuple((2.5 * strength * LAMPLIGHT).tolist())
    return Light("sun", (0.0, 0.0, 0.0), tuple(direction.tolist()), (0.0, 0.0), color)


def _windows(walls: tuple[Wall, ...]) -> list[tuple[Wall, Opening]]:
    return [(wall, opening) for wall in walls for opening in wall.openings if opening.kind == "window"]
