"""Beds one above the other, beds with bars, and what clothes need; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Surface
from generation.scenes.procedural.catalogue.assembly import (
    four_legs,
    standing,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    FABRICS,
    GREY,
    WHITE,
    fabric,
    linear,
    metal,
    pick,
    plain,
    wood,
    wood_or_paint,
)
from generation.scenes.procedural.outlines import egg
from generation.scenes.procedural.shapes import (
    box,
    cushion,
    lathe,
    leg,
    loft,
    moved,
    stacked,
    tube,
    turned,
)


def clothes_rack(rng: np.random.Generator, variant: str) -> Asset:
    """Rail on wheels or A-shaped sides, 1.0 to 1.4 m wide and 1.5 to 1.7 m high, with clothes on hangers."""
    width, height = rng.uniform(1.0, 1.4), rng.uniform(1.5, 1.7)
    frame = metal(DARK) if variant == "wheels" else wood(rng)
    parts = [tube(frame, [(-width / 2, 0, height), (width / 2, 0, height)], 0.015)]
    for side in (-1, 1):
        x = side * (width / 2 - 0.02)
        if variant == "wheels":
            parts.append(tube(frame, [(x, 0, 0.1), (x, 0, height)], 0.015))
            parts.append(tube(frame, [(x, -0.23, 0.09), (x, 0.23, 0.09)], 0.015))
            caster = turned(
                lathe(plain(BLACK), [(0, -0.015), (0.035, -0.015), (0.035, 0.015), (0, 0.015)], sides=14), "y", 90
            )
            parts += [moved(caster, (x, y, 0.035)) for y in (-0.2, 0.2)]
            parts += [tube(frame, [(x, y, 0.04), (x, y, 0.09)], 0.008, 6) for y in (-0.2, 0.2)]
        else:
            parts += [tube(frame, [(x, s * 0.27, 0.0), (x, -s * 0.03, height + 0.08)], 0.016) for s in (-1, 1)]
    parts.append(tube(frame, [(-width / 2, 0, 0.12), (width / 2, 0, 0.12)], 0.012))
    at = -width / 2 + 0.15
    while at < width / 2 - 0.15:
        parts += _garment(rng, at, height)
        at += rng.uniform(0.08, 0.16)
    return standing("clothes rack", parts)


def _garment(rng: np.random.Generator, x: float, rail: float) -> list:
    """Shirt, coat or dress on a hanger, its shoulders across the rail."""
    cloth = fabric(rng, BRIGHTS + FABRICS)
    length, shoulder = rng.uniform(0.55, 1.0), rng.uniform(0.19, 0.23)
    hook, neck = (
        tube(metal(GREY), [(x, 0, rail + 0.015), (x, 0.015, rail + 0.005), (x, 0, rail - 0.08)], 0.004, 5),
        rail - 0.08,
    )
    flare = rng.uniform(0.85, 1.25)
    stations = np.array(
        [(neck, 0.05), (neck - 0.06, shoulder), (neck - 0.22, 0.85 * shoulder), (neck - length, flare * shoulder)]
    )
    oval = egg(0.05, 1.0, 1.0, 14)
    rings = np.stack(
        [np.column_stack([oval[:, 0] + x, oval[:, 1] * half, np.full(14, z)]) for z, half in stations[::-1]]
    )
    parts = [hook, loft(cloth, rings)]
    if rng.random() < 0.6:
        for side in (-1, 1):
            sleeve = [
                (x, side * 0.8 * shoulder, neck - 0.06),
                (x, side * (shoulder + 0.02), neck - 0.3),
                (x, side * shoulder, neck - 0.5),
            ]
            parts.append(tube(cloth, sleeve, [0.035, 0.035, 0.028], 8))
    return parts


def bunk_bed(rng: np.random.Generator, variant: str) -> Asset:
    """Two beds one above the other, 2.0 m long and 1.6 to 1.75 m high: ladder at its end, or leaning in front."""
    length, depth, height = 2.04, rng.uniform(0.92, 1.02), rng.uniform(1.6, 1.75)
    frame, sheet = wood_or_paint(rng), plain(linear("#f1efe9"))
    post = 0.07
    parts = four_legs(frame, length, depth, height, post)
    surfaces = []
    for base in (0.28, height - 0.5):
        for side in (-1, 1):
            parts.append(box(frame, (length - 2 * post, 0.03, 0.14), (0, side * (depth - post) / 2, base), 0.004))
            for z in (base, base + 0.34 if base > 1 else base + 0.4):
                parts.append(box(frame, (0.03, depth - 2 * post, 0.14), (side * (length - post) / 2, 0, z), 0.004))
        duvet = fabric(rng, BRIGHTS)
        inner = (length - 2 * post - 0.01, depth - 0.11, 0.16)
        parts.append(box(frame, (inner[0], depth - 0.102, 0.02), (0, 0, base + 0.03)))
        parts.append(cushion(sheet, inner, (0, 0, base + 0.05), 0.05))
        parts.append(cushion(duvet, (0.66 * length, depth - 0.1, 0.15), (-0.14 * length, 0, base + 0.09), 0.05))
        parts.append(cushion(sheet, (0.36, 0.5, 0.12), (0.36 * length, 0, base + 0.205), 0.05, crown=0.03))
        if base < 1:
            surfaces.append(
                Surface((-0.4 * length, 0.1 * length), (-0.3, 0.3), base + 0.24, height - 0.5 - base - 0.24)
            )
    guard = height - 0.14
    parts.append(box(frame, (length - 2 * post, 0.025, 0.1), (0, (depth - post) / 2, guard), 0.004))
    parts.append(box(frame, (0.6 * length, 0.025, 0.1), (0.2 * length - post, -(depth - post) / 2, guard), 0.004))
    if variant == "ladder in front":
        foot, top = -depth / 2 - 0.28, -depth / 2 - 0.02
        for x in (-0.46, -0.3):
            rail = [(x * length - 0.05, foot, 0.0), (x * length - 0.05, top, height - 0.1)]
            parts.append(leg(frame, rail[0], rail[1], 0.03, 0.03))
        for step in range(1, 6):
            share = step / 6
            at = (-0.38 * length - 0.05, foot + share * (top - foot), share * (height - 0.1))
            parts.append(box(frame, (0.16 * length, 0.05, 0.025), at))
    else:
        x = -length / 2 - 0.025
        parts += [box(frame, (0.03, 0.05, height), (x, y, 0), 0.004) for y in (-0.2, 0.2)]
        parts += [box(frame, (0.028, 0.36, 0.03), (x, 0, 0.26 * step), 0.003) for step in range(1, 6)]
    return standing("bunk bed", parts, surfaces)


def crib(rng: np.random.Generator) -> Asset:
    """Barred bed for a small child, 1.24 by 0.66 m and 0.85 to 0.95 m high."""
    length, depth, height = 1.24, 0.66, rng.uniform(0.85, 0.95)
    frame = wood_or_paint(rng)
    parts = four_legs(frame, length, depth, height, 0.05)
    low, base = 0.3, 0.34
    for side in (-1, 1):
        for z in (low, height - 0.06):
            parts.append(box(frame, (length - 0.1, 0.03, 0.05), (0, side * (depth - 0.05) / 2, z), 0.004))
            parts.append(box(frame, (0.03, depth - 0.1, 0.05), (side * (length - 0.05) / 2, 0, z), 0.004))
        span = height - 0.06 - low - 0.05
        for x in np.linspace(-0.5, 0.5, 13)[1:-1] * (length - 0.1):
            parts.append(
                lathe(
                    frame,
                    [(0, 0), (0.008, 0), (0.008, span + 0.002), (0, span + 0.002)],
                    (x, side * (depth - 0.05) / 2, low + 0.049),
                    8,
                )
            )
        for y in np.linspace(-0.5, 0.5, 7)[1:-1] * (depth - 0.1):
            parts.append(
                lathe(
                    frame,
                    [(0, 0), (0.008, 0), (0.008, span + 0.002), (0, span + 0.002)],
                    (side * (length - 0.05) / 2, y, low + 0.049),
                    8,
                )
            )
    sheet = plain(linear("#f1efe9"))
    parts.append(box(frame, (length - 0.07, depth - 0.07, 0.02), (0, 0, base - 0.02)))
    parts.append(cushion(sheet, (length - 0.1, depth - 0.1, 0.11), (0, 0, base - 0.001), 0.04))
    parts.append(
        cushion(fabric(rng, BRIGHTS), (0.6 * length, depth - 0.12, 0.06), (-0.15 * length, 0, base + 0.08), 0.025)
    )
    parts.append(cushion(sheet, (0.24, 0.34, 0.07), (0.36 * length, 0, base + 0.1), 0.03))
    return standing("crib", parts)


def ironing_board(rng: np.random.Generator) -> Asset:
    """Ironing board on crossed legs, 1.2 to 1.35 m long and 0.85 to 0.95 m high."""
    length, height, width = rng.uniform(1.2, 1.35), rng.uniform(0.85, 0.95), rng.uniform(0.34, 0.4)
    cloth, steel = Material("stripes", pick(rng, BRIGHTS), WHITE, scale_m=0.08), metal(GREY)
    along = np.linspace(-1, 1, 15)
    half = (
        width
        / 2
        * np.clip(np.minimum(1.0, (1.02 - along) / 0.75) ** 0.6, 0.16, 1)
        * np.clip((along + 1.2) / 0.25, 0.7, 1)
    )
    side = np.stack([length / 2 * along, -half], axis=1)
    outline = np.concatenate([side, (side * [1, -1])[::-1]])
    parts = [
        loft(cloth, stacked(np.stack([outline, 1.01 * outline, outline]), (0, 0.015, 0.03), (0, 0, height - 0.03)))
    ]
    under = height - 0.035
    for sy in (-1, 1):
        parts.append(tube(steel, [(-0.36 * length, sy * 0.12, 0.012), (0.3 * length, sy * 0.05, under)], 0.011))
        parts.append(tube(steel, [(0.36 * length, sy * 0.16, 0.012), (-0.3 * length, sy * 0.09, under)], 0.011))
    parts.append(tube(steel, [(-0.36 * length, -0.2, 0.012), (-0.36 * length, 0.2, 0.012)], 0.012))
    parts.append(tube(steel, [(0.36 * length, -0.2, 0.012), (0.36 * length, 0.2, 0.012)], 0.012))
    rest = [
        (-length / 2 + 0.02, -0.1, under + 0.01),
        (-length / 2 - 0.2, -0.1, under + 0.02),
        (-length / 2 - 0.2, 0.1, under + 0.02),
        (-length / 2 + 0.02, 0.1, under + 0.01),
    ]
    parts.append(tube(steel, rest, 0.006, 6))
    return standing("ironing board", parts)


CATEGORIES = (
    Category("clothes rack", "floor", clothes_rack, ((0.9, 0.4, 1.4), (1.6, 0.65, 1.9)), ("wheels", "A-shaped")),
    Category(
        "bunk bed",
        "wall_side",
        bunk_bed,
        ((1.95, 0.85, 1.5), (2.2, 1.4, 1.85)),
        ("ladder at the end", "ladder in front"),
    ),
    Category("crib", "wall_side", crib, ((1.2, 0.62, 0.8), (1.45, 0.8, 1.05))),
    Category("ironing board", "floor", ironing_board, ((1.2, 0.3, 0.8), (1.7, 0.45, 1.0))),
)
