"""Tables and desks."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import BLACK, DARK, metal, plain, wood, wood_or_paint
from generation.scenes.procedural.shapes import box, lathe


def desk(rng: np.random.Generator) -> Asset:
    """Writing desk with one or two drawer pedestals and knee room: 1.1 to 1.6 m wide."""
    width, depth, height = rng.uniform(1.1, 1.6), rng.uniform(0.58, 0.75), rng.uniform(0.72, 0.76)
    material, handle = wood_or_paint(rng), metal(DARK if rng.random() < 0.5 else BLACK)
    frame = material if rng.random() < 0.5 else metal(DARK)
    board, pedestal = 0.028, rng.uniform(0.34, 0.42)
    pedestals = (-1, 1) if width > 1.4 and rng.random() < 0.5 else ((-1, 1)[rng.integers(2)],)
    parts = [box(material, (width, depth, board), (0, 0, height - board), 0.004)]
    body = height - board - 0.06
    for side in pedestals:
        x = side * (width / 2 - pedestal / 2 - 0.02)
        parts.append(box(material, (pedestal, depth - 0.08, body), (x, 0.0, 0.06), 0.002))
        parts.append(box(plain(BLACK), (pedestal - 0.03, depth - 0.14, 0.07), (x, 0.0, 0)))
        heights = [0.5 * body, 0.25 * body, 0.25 * body] if rng.random() < 0.5 else [body / 3] * 3
        parts += drawer_fronts(material, handle, pedestal, heights, x, -depth / 2 + 0.04, 0.06)
    for side in {-1, 1} - set(pedestals):
        x = side * (width / 2 - 0.05)
        parts += [box(frame, (0.045, 0.045, height - board), (x, s * (depth / 2 - 0.06), 0)) for s in (-1, 1)]
        parts.append(box(frame, (0.03, depth - 0.16, 0.045), (x, 0, 0.04)))
    panel = width - 0.1 if len(pedestals) == 1 else width - 2 * pedestal
    parts.append(box(material, (panel, 0.018, 0.3), (0, depth / 2 - 0.06, height - board - 0.3)))
    return standing("desk", parts, [top_of(width, depth, height)])


def dining_table(rng: np.random.Generator) -> Asset:
    """Table to eat at, 0.72 to 0.77 m high: 1.2 to 1.8 m long on four legs, or round (0.95 to 1.2 m) on a column."""
    height, material = rng.uniform(0.72, 0.77), wood(rng)
    board = rng.uniform(0.025, 0.04)
    if rng.random() < 0.35:
        radius = rng.uniform(0.475, 0.6)
        foot = [(0, 0), (0.26, 0), (0.26, 0.02), (0.1, 0.05), (0.055, 0.12), (0.045, 0.4)]
        column = [(0.07, height - board - 0.06), (0.2, height - board), (0, height - board)]
        edge = [
            (0, 0),
            (radius - 0.006, 0),
            (radius, 0.006),
            (radius, board - 0.006),
            (radius - 0.006, board),
            (0, board),
        ]
        parts = [lathe(material, foot + column), lathe(material, edge, (0, 0, height - board), sides=40, grain="x")]
        return standing("dining table", parts, [top_of(1.35 * radius, 1.35 * radius, height)])
    width, depth = rng.uniform(1.2, 1.8), rng.uniform(0.78, 0.95)
    parts = [box(material, (width, depth, board), (0, 0, height - board), 0.005)]
    parts += four_legs(
        material, width - 0.08, depth - 0.08, height - board, rng.uniform(0.055, 0.08), sides=int(rng.choice([4, 12]))
    )
    for side in (-1, 1):
        parts.append(box(material, (width - 0.2, 0.022, 0.08), (0, side * (depth / 2 - 0.08), height - board - 0.08)))
        parts.append(box(material, (0.022, depth - 0.2, 0.08), (side * (width / 2 - 0.08), 0, height - board - 0.08)))
    return standing("dining table", parts, [top_of(width, depth, height)])


def coffee_table(rng: np.random.Generator) -> Asset:
    """Low table, 0.36 to 0.46 m high and 0.8 to 1.2 m long, with a shelf under its top."""
    width, depth, height = rng.uniform(0.8, 1.2), rng.uniform(0.5, 0.65), rng.uniform(0.36, 0.46)
    material = wood(rng)
    frame = material if rng.random() < 0.6 else metal(DARK)
    board, shelf = 0.03, 0.12
    parts = [box(material, (width, depth, board), (0, 0, height - board), 0.005)]
    parts += four_legs(frame, width - 0.04, depth - 0.04, height - board, 0.045)
    parts.append(box(material, (width - 0.1, depth - 0.1, 0.02), (0, 0, shelf - 0.02), 0.002))
    surfaces = [top_of(width, depth, height), top_of(width - 0.2, depth - 0.2, shelf, height - board - shelf)]
    return standing("coffee table", parts, surfaces)


CATEGORIES = (
    Category("desk", "wall_side", desk),
    Category("dining table", "floor", dining_table),
    Category("coffee table", "floor", coffee_table),
)
