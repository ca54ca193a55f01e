"""Beds and what stands beside them."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Surface
from generation.scenes.procedural.catalogue.assembly import carcass, drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    WHITE,
    fabric,
    linear,
    metal,
    plain,
    upholstery,
    wood_or_paint,
)
from generation.scenes.procedural.shapes import (
    box,
    cushion,
    ellipsoid,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def bed(rng: np.random.Generator, variant: str) -> Asset:
    """Single (0.95 to 1.1 m) or double (1.45 to 1.7 m) bed, 2.05 m long: headboard, box spring, or iron bars."""
    width, length = rng.uniform(1.45, 1.7) if rng.random() < 0.6 else rng.uniform(0.95, 1.1), 2.05
    rail, top, head = 0.3, rng.uniform(0.48, 0.56), rng.uniform(0.9, 1.1)
    frame, sheet = wood_or_paint(rng), plain(linear(("#f1efe9", "#dfe5ea", "#ece3d2")[rng.integers(3)]))
    duvet = fabric(rng, BRIGHTS if rng.random() < 0.5 else ("#e9e6df", "#8fa3b5", "#a9a08f", "#5f6f7f"))
    if variant == "box spring":
        cover = upholstery(rng)
        parts = four_legs(plain(BLACK), width - 0.1, length - 0.1, 0.06, 0.06, sides=10)
        parts.append(cushion(cover, (width, length, rail - 0.05), (0, 0, 0.05), 0.03))
        parts.append(cushion(cover, (width + 0.04, 0.1, head - 0.06), (0, length / 2 + 0.04, 0.06), 0.03))
        count = int(round(width / 0.28))
        for k in range(count):
            at = ((k + 0.5) / count - 0.5) * width
            tuft = turned(
                cushion(cover, (width / count - 0.006, head - 0.5, 0.05), (0, 0, 0), 0.02, crown=0.01), "x", 90
            )
            parts.append(moved(tuft, (at, length / 2, 0.5 + (head - 0.5) / 2)))
    elif variant == "iron bars":
        iron = metal(DARK) if rng.random() < 0.6 else plain(WHITE, gloss=0.3)
        parts = [box(iron, (width - 0.06, length, 0.04), (0, 0, rail - 0.06), 0.006)]
        for y, high in ((length / 2, head), (-length / 2, 0.68 * head)):
            for s in (-1, 1):
                parts.append(tube(iron, [(s * width / 2, y, 0), (s * width / 2, y, high)], 0.02))
                parts.append(ellipsoid(iron, (0.055,) * 3, (s * width / 2, y, high + 0.015), 10))
            bend = np.radians(np.linspace(0, 180, 11))
            bow = np.stack([width / 2 * np.cos(bend), np.full(11, y), high - 0.06 + 0.14 * np.sin(bend)], axis=1)
            parts += [tube(iron, bow, 0.014), tube(iron, [(-width / 2, y, rail), (width / 2, y, rail)], 0.014)]
            for share in np.linspace(-0.8, 0.8, 8 if width > 1.2 else 6):
                z = high - 0.06 + 0.14 * np.sqrt(1 - share**2)
                parts.append(tube(iron, [(share * width / 2, y, rail), (share * width / 2, y, z)], 0.008, 6))
    else:
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


def nightstand(rng: np.random.Generator, variant: str) -> Asset:
    """Bedside table, 0.4 to 0.5 m wide and 0.48 to 0.6 m high: two drawers, one above a shelf, or a table with one."""
    width, depth, height = rng.uniform(0.4, 0.5), rng.uniform(0.36, 0.42), rng.uniform(0.48, 0.6)
    material, handle = wood_or_paint(rng), metal(BLACK)
    lift, board = rng.uniform(0.1, 0.16), 0.018
    body = height - lift
    surfaces = [top_of(width, depth, height)]
    if variant == "table":
        parts = four_legs(material, width - 0.02, depth - 0.02, height - 0.021, 0.032, sides=10)
        parts.append(box(material, (width, depth, 0.022), (0, 0, height - 0.022), 0.004))
        parts.append(box(material, (width - 0.06, depth - 0.05, 0.11), (0, 0, height - 0.132)))
        parts += drawer_fronts(material, handle, width - 0.06, [0.11], 0, -depth / 2 + 0.026, height - 0.132)
        parts.append(box(material, (width - 0.04, depth - 0.04, 0.016), (0, 0, 0.12)))
        surfaces.append(top_of(width - 0.1, depth - 0.1, 0.136, height - 0.268))
        return standing("nightstand", parts, surfaces)
    parts = four_legs(material, width - 0.03, depth - 0.03, lift + 0.005, 0.035)
    if variant == "two drawers":
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
    inner = width - 0.03 if len(heights) == 2 else width - 2 * board
    parts += drawer_fronts(material, handle, inner, heights, 0, front, z)
    return standing("nightstand", parts, surfaces)


CATEGORIES = (
    Category(
        "bed",
        "wall_side",
        bed,
        ((0.9, 1.9, 0.8), (1.9, 2.25, 1.35)),
        ("headboard", "box spring", "iron bars"),
    ),
    Category("pillow", "surface", pillow, ((0.38, 0.35, 0.1), (0.7, 0.5, 0.2))),
    Category(
        "nightstand",
        "wall_side",
        nightstand,
        ((0.35, 0.3, 0.4), (0.55, 0.5, 0.65)),
        ("two drawers", "drawer and shelf", "table"),
    ),
)
