"""Beds and what stands beside them."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Surface
from generation.scenes.procedural.catalogue.assembly import carcass, drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    fabric,
    linear,
    metal,
    plain,
    upholstery,
    wood_or_paint,
)
from generation.scenes.procedural.shapes import box, cushion, loft, rounded_rectangle, stacked


def bed(rng: np.random.Generator) -> Asset:
    """Single (0.95 to 1.1 m) or double (1.45 to 1.7 m) bed, 2.05 m long, with headboard and duvet."""
    width, length = rng.uniform(1.45, 1.7) if rng.random() < 0.6 else rng.uniform(0.95, 1.1), 2.05
    rail, top, head = 0.3, rng.uniform(0.48, 0.56), rng.uniform(0.9, 1.1)
    frame, sheet = wood_or_paint(rng), plain(linear(("#f1efe9", "#dfe5ea", "#ece3d2")[rng.integers(3)]))
    duvet = fabric(rng, BRIGHTS if rng.random() < 0.5 else ("#e9e6df", "#8fa3b5", "#a9a08f", "#5f6f7f"))
    board = frame if rng.random() < 0.6 else upholstery(rng)
    parts = four_legs(frame, width - 0.02, length - 0.02, 0.16, 0.07)
    parts.append(box(frame, (width, length, rail - 0.14), (0, 0, 0.14), 0.01))
    headboard = (width + 0.06, 0.06, head - 0.1)
    parts.append(box(board, headboard, (0, length / 2 + 0.02, 0.1), 0.02))
    parts.append(cushion(sheet, (width - 0.04, length - 0.06, top - rail + 0.05), (0, -0.01, rail - 0.05), 0.06))
    cover = (width + 0.03, 0.66 * length, top - rail + 0.1)
    parts.append(cushion(duvet, cover, (0, -0.17 * length - 0.02, rail - 0.07), 0.05))
    fold = (width + 0.04, 0.2, top - rail + 0.115)
    parts.append(cushion(sheet, fold, (0, 0.16 * length - 0.05, rail - 0.07), 0.05))
    x, head_end = width / 2 - 0.1, (0.16 * length + 0.06, length / 2 - 0.1)
    for_pillows = Surface((-x, x), head_end, top)
    on_duvet = Surface((-x, x), (-length / 2 + 0.08, 0.16 * length - 0.16), top + 0.03)
    return standing("bed", parts, [for_pillows, on_duvet])


def pillow(rng: np.random.Generator) -> Asset:
    """White bed pillow (0.6 to 0.68 m wide), or square and coloured for a sofa (0.4 to 0.48 m), lying."""
    if rng.random() < 0.5:
        width, depth = rng.uniform(0.6, 0.68), rng.uniform(0.38, 0.44)
        cover = fabric(rng, ("#f4f2ec", "#e6ebef", "#efe7d8"))
    else:
        width = depth = rng.uniform(0.4, 0.48)
        cover = fabric(rng, BRIGHTS)
    height = rng.uniform(0.13, 0.16)
    rise = np.radians([-90, -75, -55, -25, 0, 20, 40, 58, 75, 90])
    outlines = np.cos(rise)[:, None, None] ** 0.7 * rounded_rectangle(width, depth, 0.05, steps=3)
    level = np.where(rise < 0, 0.3 * (1 + np.sin(rise)), 0.3 + 0.7 * np.sin(rise))
    return standing("pillow", [loft(cover, stacked(outlines, height * level))])


def nightstand(rng: np.random.Generator) -> Asset:
    """Bedside table, 0.4 to 0.5 m wide and 0.48 to 0.6 m high: two drawers, or one above an open shelf."""
    width, depth, height = rng.uniform(0.4, 0.5), rng.uniform(0.36, 0.42), rng.uniform(0.48, 0.6)
    material, handle = wood_or_paint(rng), metal(BLACK)
    lift, board = rng.uniform(0.1, 0.16), 0.018
    body = height - lift
    parts = four_legs(material, width - 0.03, depth - 0.03, lift + 0.005, 0.035)
    surfaces = [top_of(width, depth, height)]
    if rng.random() < 0.5:
        parts.append(box(material, (width, depth, body), (0, 0, lift), 0.004))
        heights, z = [(body - 0.02) / 2] * 2, lift + 0.01
    else:
        drawer = 0.42 * body
        parts += carcass(material, width, depth, body, lift, board)
        parts.append(box(material, (width - 2 * board, depth - 0.02, drawer - board), (0, 0.005, height - drawer)))
        heights, z = [drawer - board], height - drawer
        floor, x, y = lift + board, width / 2 - board - 0.02, depth / 2 - 0.03
        surfaces.append(Surface((-x, x), (-y, y), floor, height - drawer - floor))
    front = -depth / 2 + (0.001 if len(heights) == 2 else 0.006)
    parts += drawer_fronts(
        material, handle, width - 0.03 if len(heights) == 2 else width - 2 * board, heights, 0, front, z
    )
    return standing("nightstand", parts, surfaces)


CATEGORIES = (
    Category("bed", "wall_side", bed),
    Category("pillow", "surface", pillow),
    Category("nightstand", "wall_side", nightstand),
)
