"""Tables and desks."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import (
    drawer_fronts,
    four_legs,
    standing,
    tabletop,
    top_of,
    turned_leg,
)
from generation.scenes.procedural.catalogue.palette import BLACK, DARK, WHITE, metal, plain, wood, wood_or_paint
from generation.scenes.procedural.shapes import box, lathe, leg, tube


def desk(rng: np.random.Generator, variant: str) -> Asset:
    """Writing desk, 1.1 to 1.6 m wide and 0.72 to 0.76 m high: drawer pedestals, trestles, or a lifting frame."""
    width, depth, height = rng.uniform(1.1, 1.6), rng.uniform(0.58, 0.75), rng.uniform(0.72, 0.76)
    material, handle = wood_or_paint(rng), metal(DARK if rng.random() < 0.5 else BLACK)
    frame = material if rng.random() < 0.5 else metal(DARK)
    board = 0.028
    parts = [tabletop(material, width, depth, height, board)]
    if variant == "pedestals":
        parts += _pedestals(rng, material, frame, handle, (width, depth, height - board))
    elif variant == "trestles":
        for side in (-1, 1):
            parts += _trestle(material, side * (width / 2 - 0.22), 0.2, depth - 0.12, height - board)
    else:
        steel, under = metal(DARK) if rng.random() < 0.5 else plain(WHITE, gloss=0.3), height - board
        for side in (-1, 1):
            x = side * (width / 2 - 0.2)
            parts.append(box(steel, (0.08, depth - 0.06, 0.025), (x, 0, 0), 0.006))
            parts.append(box(steel, (0.075, 0.09, 0.34), (x, 0.05, 0.024), 0.006))
            parts.append(box(steel, (0.058, 0.072, under - 0.362), (x, 0.05, 0.363), 0.006))
            parts.append(box(steel, (0.05, depth - 0.1, 0.03), (x, 0, under - 0.03), 0.004))
        parts.append(box(steel, (width - 0.48, 0.06, 0.05), (0, 0.05, under - 0.052), 0.006))
        parts.append(box(plain(BLACK), (0.11, 0.025, 0.02), (0.28 * width, -depth / 2 + 0.02, under - 0.0205), 0.004))
    return standing("desk", parts, [top_of(width, depth, height)])


def _pedestals(
    rng: np.random.Generator, material: Material, frame: Material, handle: Material, room: tuple[float, float, float]
) -> list[Part]:
    """One or two blocks of drawers under a top, posts where there is none, and a panel behind the knees."""
    width, depth, under = room
    pedestal, body, parts = rng.uniform(0.34, 0.42), under - 0.06, []
    sides = (-1, 1) if width > 1.4 and rng.random() < 0.5 else ((-1, 1)[rng.integers(2)],)
    for side in sides:
        x = side * (width / 2 - pedestal / 2 - 0.02)
        parts.append(box(material, (pedestal, depth - 0.08, body), (x, 0.0, 0.06), 0.002))
        parts.append(box(plain(BLACK), (pedestal - 0.03, depth - 0.14, 0.07), (x, 0.0, 0)))
        heights = [0.5 * body, 0.25 * body, 0.25 * body] if rng.random() < 0.5 else [body / 3] * 3
        parts += drawer_fronts(material, handle, pedestal, heights, x, -depth / 2 + 0.04, 0.06)
    for side in {-1, 1} - set(sides):
        x = side * (width / 2 - 0.05)
        parts += [box(frame, (0.045, 0.045, under), (x, s * (depth / 2 - 0.06), 0)) for s in (-1, 1)]
        parts.append(box(frame, (0.03, depth - 0.16, 0.045), (x, 0, 0.04)))
    panel = width - 0.1 if len(sides) == 1 else width - 2 * pedestal
    parts.append(box(material, (panel, 0.018, 0.3), (0, depth / 2 - 0.06, under - 0.3)))
    return parts


def _trestle(material: Material, x: float, spread: float, depth: float, height: float) -> list[Part]:
    """A-shaped stand under a top: a beam along y on two pairs of splayed legs, with a bar between each pair."""
    parts = [box(material, (0.06, depth, 0.05), (x, 0, height - 0.049), 0.003)]
    for sy in (-1, 1):
        y = sy * (depth / 2 - 0.05)
        for sx in (-1, 1):
            parts.append(leg(material, (x + sx * spread, y, 0), (x + sx * 0.015, y, height - 0.02), 0.028, 0.028))
        parts.append(box(material, (1.15 * spread, 0.025, 0.035), (x, y, 0.42 * height)))
    return parts


def _round_top(material: Material, radius: float, height: float, board: float) -> Part:
    e = 0.006
    edge = [(0, 0), (radius - e, 0), (radius, e), (radius, board - e), (radius - e, board), (0, board)]
    return lathe(material, edge, (0, 0, height - board), sides=40, grain="x")


def dining_table(rng: np.random.Generator, variant: str) -> Asset:
    """Table to eat at, 0.72 to 0.77 m high: on four straight or turned legs or trestles, or round on a column."""
    height, material = rng.uniform(0.72, 0.77), wood(rng)
    board = rng.uniform(0.025, 0.04)
    if variant == "pedestal":
        radius = rng.uniform(0.475, 0.6)
        stem = [(0, 0.14), (0.075, 0.14), (0.085, 0.2), (0.05, 0.3), (0.065, 0.42), (0.045, 0.55)]
        column = [(0.07, height - board - 0.04), (0.2, height - board + 0.001), (0, height - board + 0.001)]
        parts = [lathe(material, stem + column), _round_top(material, radius, height, board)]
        for angle in np.radians([45, 135, 225, 315]):
            out = np.array([np.cos(angle), np.sin(angle), 0.0])
            path = [
                0.03 * out + [0, 0, 0.24],
                0.16 * out + [0, 0, 0.17],
                0.3 * out + [0, 0, 0.06],
                0.38 * out + [0, 0, 0.022],
            ]
            parts.append(tube(material, path, [0.04, 0.036, 0.026, 0.022]))
        return standing("dining table", parts, [top_of(1.35 * radius, 1.35 * radius, height)])
    width, depth = rng.uniform(1.2, 1.8), rng.uniform(0.78, 0.95)
    under = height - board
    parts = [box(material, (width, depth, board), (0, 0, under), 0.005)]
    if variant == "trestles":
        for side in (-1, 1):
            x = side * (width / 2 - 0.28)
            parts.append(box(material, (0.07, 0.8 * depth, 0.06), (x, 0, 0), 0.01))
            parts.append(box(material, (0.07, 0.85 * depth, 0.05), (x, 0, under - 0.049), 0.006))
            parts.append(box(material, (0.06, 0.2, under - 0.105), (x, 0, 0.058), 0.006))
        parts.append(box(material, (width - 0.62, 0.035, 0.11), (0, 0, 0.26), 0.004))
        return standing("dining table", parts, [top_of(width, depth, height)])
    thick = rng.uniform(0.06, 0.085)
    if variant == "turned legs":
        x, y = width / 2 - 0.09, depth / 2 - 0.09
        parts += [
            turned_leg(material, (sx * x, sy * y), under + 0.001, thick + 0.02) for sx in (-1, 1) for sy in (-1, 1)
        ]
    else:
        parts += four_legs(material, width - 0.08, depth - 0.08, under, thick, sides=int(rng.choice([4, 12])))
    for side in (-1, 1):
        parts.append(box(material, (width - 0.2, 0.022, 0.08), (0, side * (depth / 2 - 0.08), under - 0.08)))
        parts.append(box(material, (0.022, depth - 0.2, 0.08), (side * (width / 2 - 0.08), 0, under - 0.08)))
    return standing("dining table", parts, [top_of(width, depth, height)])


def coffee_table(rng: np.random.Generator, variant: str) -> Asset:
    """Low table, 0.36 to 0.46 m high: long with a shelf under its top, round on splayed legs, or on hairpins."""
    width, depth, height = rng.uniform(0.8, 1.2), rng.uniform(0.5, 0.65), rng.uniform(0.36, 0.46)
    material = wood(rng)
    frame = material if rng.random() < 0.6 else metal(DARK)
    board, shelf = 0.03, 0.12
    if variant == "round":
        radius = rng.uniform(0.36, 0.45)
        parts = [_round_top(material, radius, height, board)]
        for angle in np.radians([45, 135, 225, 315]):
            x, y = np.cos(angle), np.sin(angle)
            top = (0.55 * radius * x, 0.55 * radius * y, height - board + 0.001)
            parts.append(leg(material, (0.85 * radius * x, 0.85 * radius * y, 0), top, 0.013, 0.024, 12))
        return standing("coffee table", parts, [top_of(1.35 * radius, 1.35 * radius, height)])
    parts = [box(material, (width, depth, board), (0, 0, height - board), 0.005)]
    if variant == "hairpins":
        steel, under = metal(BLACK), height - board
        for sx in (-1, 1):
            for sy in (-1, 1):
                x, y = sx * (width / 2 - 0.08), sy * (depth / 2 - 0.07)
                foot = np.array([x + sx * 0.03, y + sy * 0.02, 0.006])
                path = [
                    (x - sx * 0.05, y, under),
                    foot - [0.012 * sx, 0, -0.01],
                    foot,
                    foot - [0, 0.012 * sy, -0.01],
                    (x, y - sy * 0.05, under),
                ]
                parts.append(tube(steel, path, 0.006, 6))
                parts.append(box(steel, (0.11, 0.1, 0.005), (x - sx * 0.02, y - sy * 0.02, under - 0.0045)))
        return standing("coffee table", parts, [top_of(width, depth, height)])
    parts += four_legs(frame, width - 0.04, depth - 0.04, height - board, 0.045)
    parts.append(box(material, (width - 0.1, depth - 0.1, 0.02), (0, 0, shelf - 0.02), 0.002))
    surfaces = [top_of(width, depth, height), top_of(width - 0.2, depth - 0.2, shelf, height - board - shelf)]
    return standing("coffee table", parts, surfaces)


CATEGORIES = (
    Category(
        "desk",
        "wall_side",
        desk,
        ((1.0, 0.5, 0.7), (1.8, 0.85, 0.8)),
        ("pedestals", "trestles", "lifting frame"),
    ),
    Category(
        "dining table",
        "floor",
        dining_table,
        ((0.85, 0.7, 0.7), (2.0, 1.3, 0.8)),
        ("straight legs", "turned legs", "trestles", "pedestal"),
    ),
    Category(
        "coffee table",
        "floor",
        coffee_table,
        ((0.65, 0.4, 0.3), (1.3, 0.95, 0.5)),
        ("with a shelf", "round", "hairpins"),
    ),
)
