"""Fitted kitchens: units along the wall and above it; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import disc, drawer_fronts, on_wall, standing, tap, top_of
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    DARK,
    GREY,
    STEEL,
    WHITE,
    glowing,
    linear,
    metal,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import box, lathe, loft, rounded_rectangle, stacked, trough


HEIGHT_M, DEPTH_M, WORKTOP_M, PLINTH_M = 0.9, 0.6, 0.035, 0.1


def _front_color(rng: np.random.Generator) -> Material:
    colors = ("#f2f1ee", "#f2f1ee", "#4d6b5e", "#34495e", "#d9d2c3", "#7d8a91")
    return wood(rng) if rng.random() < 0.35 else plain(linear(colors[rng.integers(len(colors))]), gloss=0.25)


def _worktop(rng: np.random.Generator) -> Material:
    if rng.random() < 0.4:
        return wood(rng)
    dark, pale = (linear(color) for color in (("#3a3b3e", "#6b6c70"), ("#c9c4ba", "#8e877b"))[rng.integers(2)])
    return Material("marble", dark, pale, scale_m=0.15, gloss=0.4, seed=seed_of(rng))


def _door(front: Material, handle: Material, x: float, width: float, z: tuple, y: float, hinge: int) -> list[Part]:
    """Flat door before `y` with an upright bar handle away from its `hinge` (-1 left, 1 right)."""
    leaf = box(front, (width - 0.004, 0.019, z[1] - z[0] - 0.004), (x, y - 0.0095, z[0] + 0.002), 0.002)
    grip_x, middle = x - hinge * (width / 2 - 0.04), (z[0] + z[1]) / 2
    grip = [box(handle, (0.012, 0.012, 0.16), (grip_x, y - 0.045, middle - 0.08), 0.003)]
    grip += [box(handle, (0.01, 0.022, 0.01), (grip_x, y - 0.029, middle + dz)) for dz in (-0.07, 0.06)]
    return [leaf, *grip]


def _base(rng: np.random.Generator, width: float) -> tuple[list[Part], Material, Material, float]:
    """Carcass on its plinth, with the materials of its fronts and handles and the y of its front."""
    front, handle = _front_color(rng), metal(BLACK if rng.random() < 0.5 else GREY)
    body_depth = DEPTH_M - 0.03
    parts = [
        box(plain(DARK), (width - 0.01, body_depth - 0.06, PLINTH_M), (0, 0.03, 0)),
        box(plain(WHITE), (width - 0.002, body_depth, HEIGHT_M - WORKTOP_M - PLINTH_M), (0, 0.015, PLINTH_M - 0.001)),
    ]
    return parts, front, handle, -body_depth / 2 + 0.015


def kitchen_counter(rng: np.random.Generator, variant: str) -> Asset:
    """Base unit under a worktop, 0.6 to 1.8 m wide and 0.9 m high: doors, drawers, or both."""
    columns = int(rng.integers(1, 4)) if variant != "doors and drawers" else int(rng.integers(2, 4))
    width = columns * rng.uniform(0.5, 0.6)
    parts, front, handle, y = _base(rng, width)
    pitch, (z0, z1) = width / columns, (PLINTH_M + 0.005, HEIGHT_M - WORKTOP_M - 0.005)
    for column in range(columns):
        x = (column + 0.5) * pitch - width / 2
        with_drawers = variant == "drawers" or (variant == "doors and drawers" and column % 2 == 1)
        if with_drawers:
            height = z1 - z0
            parts += drawer_fronts(front, handle, pitch, [0.4 * height, 0.35 * height, 0.25 * height], x, y, z0)
        else:
            parts += _door(front, handle, x, pitch, (z0, z1), y, -1 if column % 2 == 0 else 1)
    parts.append(box(_worktop(rng), (width + 0.004, DEPTH_M + 0.02, WORKTOP_M), (0, 0, HEIGHT_M - WORKTOP_M), 0.004))
    return standing("kitchen counter", parts, [top_of(width, DEPTH_M, HEIGHT_M)])


def kitchen_sink(rng: np.random.Generator, variant: str) -> Asset:
    """Sink unit, 0.8 to 1.2 m wide: a bowl, two bowls, or a bowl with a draining board, and a tap."""
    width = rng.uniform(1.0, 1.2) if variant != "one bowl" else rng.uniform(0.8, 0.9)
    parts, front, handle, y = _base(rng, width)
    z0, z1, half = PLINTH_M + 0.005, HEIGHT_M - WORKTOP_M - 0.005, width / 2
    for side in (-1, 1):
        parts += _door(front, handle, side * half / 2, half, (z0, z1), y, side)
    steel = metal(STEEL) if rng.random() < 0.75 else plain(linear("#3c3d40"), gloss=0.4)
    bowls = {"one bowl": [0.0], "two bowls": [-0.25 * width, 0.25 * width], "draining board": [-0.25 * width]}[variant]
    bowl_width, bowl_depth, bowl_height = 0.42, 0.4, 0.17
    top, depth = _worktop(rng), DEPTH_M + 0.02
    # The worktop is left out around the bowls: strips before, behind and beside them
    ledge = (depth - bowl_depth) / 2
    for side in (-1, 1):
        parts.append(
            box(top, (width + 0.004, ledge, WORKTOP_M), (0, side * (depth - ledge) / 2, HEIGHT_M - WORKTOP_M))
        )
    edges = [-half - 0.002, *(x + s * bowl_width / 2 for x in bowls for s in (-1, 1)), half + 0.002]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        parts.append(box(top, (right - left, bowl_depth, WORKTOP_M), ((left + right) / 2, 0, HEIGHT_M - WORKTOP_M)))
    for x in bowls:
        size, base = (bowl_width, bowl_depth, bowl_height), (x, 0, HEIGHT_M + 0.004 - bowl_height)
        parts.append(trough(steel, size, base, 0.02, 0.01, (0.002, 0.05), foot=0.94))
        drain = [(0, 0), (0.03, 0), (0.03, 0.003), (0, 0.004)]
        parts.append(lathe(metal(DARK), drain, (x, 0, HEIGHT_M + 0.0135 - bowl_height), 16))
    surfaces = []
    if variant == "draining board":
        x, span = 0.2 * width, 0.4 * width
        parts.append(box(steel, (span, 0.42, 0.006), (x, 0, HEIGHT_M - 0.001), 0.002))
        parts += [
            box(steel, (span - 0.06, 0.014, 0.006), (x, y, HEIGHT_M + 0.003), 0.002) for y in np.arange(-5, 6) * 0.034
        ]
    else:
        left = Surface((-half + 0.01, bowls[0] - bowl_width / 2 - 0.01), (-0.2, 0.2), HEIGHT_M)
        surfaces = [left] if left.x[1] - left.x[0] > 0.12 else []
    parts += tap(metal(STEEL), (bowls[0] if len(bowls) == 1 else 0.0, 0.25, HEIGHT_M - 0.001), 0.18, 0.27)
    return standing("kitchen sink", parts, surfaces)


def range_hood(rng: np.random.Generator, variant: str) -> Asset:
    """Extractor over a cooker, 0.6 to 0.9 m wide: pyramid or flat box with a chimney, or a slanted pane."""
    width, depth, chimney = rng.uniform(0.6, 0.9), rng.uniform(0.46, 0.5), rng.uniform(0.4, 0.7)
    steel = metal(STEEL) if rng.random() < 0.7 else plain(BLACK, gloss=0.4)
    dark, y = plain(BLACK, gloss=0.3), -depth / 2
    if variant == "pyramid":
        rim, cone = (
            rounded_rectangle(width, depth, 0.01, 1),
            rounded_rectangle(0.26, 0.26, 0.01, 1) + [0, depth / 2 - 0.13],
        )
        parts = [loft(steel, stacked(np.stack([rim, rim, cone]), (0, 0.06, 0.28), (0, y, 0)))]
        top = 0.279
    elif variant == "box":
        parts = [box(steel, (width, depth, 0.1), (0, y, 0), 0.006)]
        top = 0.099
    else:
        outline = np.array([(0, 0), (0, 0.4), (-0.06, 0.4), (-depth + 0.08, 0.03), (-depth + 0.08, 0.0)])
        rings = np.stack([np.column_stack([np.full(5, x), outline]) for x in (-width / 2, width / 2)])
        parts = [loft(plain(BLACK, gloss=0.7), rings)]
        top = 0.399
    back = 0.24 if variant != "slanted" else 0.055
    parts.append(box(steel, (0.25, back, chimney), (0, -back / 2 - 0.001, top), 0.003))
    for side in (-1, 1):
        x = side * width / 4
        parts.append(box(dark, (0.4 * width, 0.55 * depth, 0.004), (x, 0.45 * -depth, -0.003)))
        parts.append(lathe(glowing(), [(0, 0), (0.03, 0), (0.03, 0.006), (0, 0.006)], (x, -0.8 * depth, -0.005), 16))
    keys = (
        [disc(dark, 0.009, 0.006, (0.03 * k, -depth + 0.001, 0.03), 10) for k in range(-2, 3)]
        if variant != "slanted"
        else []
    )
    return on_wall("range hood", [*parts, *keys])


def dishwasher(rng: np.random.Generator) -> Asset:
    """Dishwasher, 0.45 or 0.6 m wide and 0.85 m high: one large door, a control strip with keys, a bar handle."""
    width, depth, height = (0.6 if rng.random() < 0.7 else 0.45), 0.58, 0.85
    case = plain(WHITE, gloss=0.3) if rng.random() < 0.5 else metal(STEEL)
    dark, front, strip = plain(BLACK, gloss=0.4), -depth / 2, 0.11
    parts = [
        box(plain(DARK), (width - 0.02, depth - 0.06, 0.1), (0, 0.02, 0)),
        box(plain(linear("#dcdcda")), (width, depth - 0.03, height - 0.1), (0, 0.015, 0.099), 0.003),
        box(case, (width - 0.006, 0.035, height - 0.1 - strip), (0, front + 0.012, 0.1), 0.006),
        box(
            dark if rng.random() < 0.5 else case,
            (width - 0.006, 0.035, strip - 0.006),
            (0, front + 0.012, height - strip),
            0.006,
        ),
        box(metal(GREY), (0.75 * width, 0.014, 0.018), (0, front - 0.045, height - strip - 0.05), 0.005),
        *(
            box(metal(GREY), (0.014, 0.045, 0.014), (s * 0.33 * width, front - 0.02, height - strip - 0.048))
            for s in (-1, 1)
        ),
        box(plain(linear("#9fe0ff"), emission=0.6), (0.06, 0.004, 0.026), (0.1, front - 0.006, height - 0.068)),
    ]
    key = plain(GREY)
    parts += [
        disc(key, 0.008, 0.006, (x, front - 0.004, height - 0.055), 10) for x in np.linspace(-0.38, -0.05, 5) * width
    ]
    return standing("dishwasher", parts, [top_of(width, depth, height)])


def wall_cabinet(rng: np.random.Generator, variant: str) -> Asset:
    """Cabinet hung on a wall, 0.5 to 1.2 m wide and 0.6 to 0.75 m high: doors, or an open half."""
    columns = int(rng.integers(1, 3)) if variant == "doors" else 2
    width, depth, height = columns * rng.uniform(0.45, 0.6), rng.uniform(0.3, 0.36), rng.uniform(0.6, 0.75)
    front, handle = _front_color(rng), metal(BLACK if rng.random() < 0.5 else GREY)
    body, board, pitch, y = front, 0.018, width / columns, -depth
    parts, surfaces = [], []
    for column in range(columns):
        x = (column + 0.5) * pitch - width / 2
        if variant == "half open" and column == 1:
            inner = pitch - 2 * board
            for z in (0, height / 2, height - board):
                parts.append(box(body, (pitch - 0.001, depth, board), (x, -depth / 2, z)))
            parts.append(box(body, (pitch - 0.001, 0.01, height - 0.001), (x, -0.0055, 0.0005)))
            for half in (0, height / 2):
                rise = height / 2 - board if half == 0 else height / 2 - 2 * board
                for side in (-1, 1):
                    wall_x = x + side * (pitch - board) / 2
                    parts.append(box(body, (board, depth - 0.011, rise), (wall_x, -depth / 2 - 0.0055, half + board)))
                reach = inner / 2 - 0.02
                surfaces.append(Surface((x - reach, x + reach), (-depth + 0.01, -0.03), half + board, rise))
        else:
            parts.append(box(body, (pitch - 0.001, depth - 0.02, height), (x, -depth / 2 + 0.01, 0), 0.002))
            parts += _door(front, handle, x, pitch, (0.0, height), y + 0.0199, -1 if column % 2 == 0 else 1)
    return on_wall("wall cabinet", parts, surfaces)


CATEGORIES = (
    Category(
        "kitchen counter",
        "wall_side",
        kitchen_counter,
        ((0.45, 0.55, 0.85), (1.9, 0.7, 0.95)),
        ("doors", "drawers", "doors and drawers"),
    ),
    Category(
        "kitchen sink",
        "wall_side",
        kitchen_sink,
        ((0.75, 0.55, 1.05), (1.25, 0.7, 1.25)),
        ("one bowl", "two bowls", "draining board"),
    ),
    Category(
        "range hood", "wall", range_hood, ((0.55, 0.38, 0.45), (0.95, 0.55, 1.15)), ("pyramid", "box", "slanted")
    ),
    Category("dishwasher", "wall_side", dishwasher, ((0.44, 0.55, 0.8), (0.62, 0.68, 0.9))),
    Category("wall cabinet", "wall", wall_cabinet, ((0.4, 0.28, 0.55), (1.25, 0.42, 0.8)), ("doors", "half open")),
)
