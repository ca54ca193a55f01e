"""Smaller furniture of living rooms and bedrooms; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Surface
from generation.scenes.procedural.catalogue.assembly import (
    carcass,
    drawer_fronts,
    four_legs,
    on_wall,
    standing,
    tabletop,
    top_of,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    DARK,
    metal,
    mirror_glass,
    plain,
    upholstery,
    wood,
    wood_or_paint,
)
from generation.scenes.procedural.shapes import (
    box,
    circle,
    cushion,
    ellipsoid,
    lathe,
    leg,
    loft,
    moved,
    ring,
    stacked,
    tube,
    turned,
)


def ottoman(rng: np.random.Generator, variant: str) -> Asset:
    """Upholstered footrest, 0.36 to 0.46 m high: square on legs, round, or a soft sack with seams."""
    height, cover = rng.uniform(0.36, 0.46), upholstery(rng)
    seam = plain(tuple(0.45 * c for c in cover.color))
    if variant == "square":
        width, depth, lift = rng.uniform(0.5, 0.75), rng.uniform(0.45, 0.55), 0.1
        parts = four_legs(wood(rng), width - 0.06, depth - 0.06, lift + 0.01, 0.04, sides=8)
        parts.append(box(cover, (width - 0.01, depth - 0.01, 0.1), (0, 0, lift), 0.012))
        parts.append(cushion(cover, (width, depth, height - lift - 0.1), (0, 0, lift + 0.099), 0.05, crown=0.03))
        return standing("ottoman", parts)
    radius = rng.uniform(0.24, 0.3)
    if variant == "round":
        base = [(0, 0), (radius - 0.02, 0), (radius, 0.015), (radius, height - 0.1), (0, height - 0.1)]
        top = [
            (0, 0),
            (radius + 0.012, 0),
            (radius + 0.02, 0.02),
            (radius + 0.012, 0.07),
            (0.7 * radius, 0.095),
            (0, 0.1),
        ]
        parts = [lathe(cover, base, sides=32), lathe(cover, top, (0, 0, height - 0.1), sides=32)]
        turn = 2 * np.pi * np.arange(28) / 28
        for reach, z in ((radius + 0.02, height - 0.06), (radius + 0.002, 0.03)):
            path = np.stack([reach * np.cos(turn), reach * np.sin(turn), np.full(28, z)], axis=1)
            parts.append(tube(seam, path, 0.006, 5, closed=True))
        parts += [ellipsoid(seam, (0.03, 0.03, 0.012), (*at, height - 0.004), 8) for at in 0.45 * radius * circle(5)]
        parts += [box(wood(rng), (0.05, 0.05, 0.03), (*at, -0.03), 0.006) for at in 0.75 * radius * circle(4)]
        return standing("ottoman", parts)
    rise = np.radians(np.linspace(-78, 78, 9))
    lobes = 1 + 0.035 * np.abs(np.cos(5 * (np.arange(40) + 0.5) * 2 * np.pi / 40))
    outlines = np.cos(rise)[:, None, None] ** 0.6 * (circle(40) * lobes[:, None]) * radius * 1.1
    heights = height / 2 * (1 + np.sin(rise) / np.sin(rise[-1]))
    parts = [loft(cover, stacked(outlines, heights))]
    parts.append(lathe(seam, [(0, 0), (0.05, 0), (0.045, 0.012), (0, 0.016)], (0, 0, height - 0.004), 16))
    reach = 1.1 * radius * np.cos(rise) ** 0.6 + 0.002
    for turn in 2 * np.pi * np.arange(8) / 8:
        parts.append(tube(seam, np.stack([reach * np.cos(turn), reach * np.sin(turn), heights], axis=1), 0.006, 5))
    return standing("ottoman", parts)


def side_table(rng: np.random.Generator, variant: str) -> Asset:
    """Small table, 0.45 to 0.6 m high: round on three legs, round on a column, or C-shaped to reach over a seat."""
    height, radius = rng.uniform(0.45, 0.6), rng.uniform(0.2, 0.26)
    top, frame = wood(rng), (metal(BRASS if rng.random() < 0.4 else DARK))
    if variant == "C-shaped":
        width, depth = rng.uniform(0.4, 0.5), rng.uniform(0.28, 0.34)
        parts = [tabletop(top, width, depth, height, 0.02)]
        for side in (-1, 1):
            y = side * (depth / 2 - 0.03)
            path = [
                (width / 2 - 0.05, y, 0.012),
                (-width / 2 + 0.02, y, 0.012),
                (-width / 2 + 0.02, y, height - 0.03),
                (width / 2 - 0.05, y, height - 0.03),
            ]
            parts.append(tube(frame, path, 0.012))
        parts.append(tube(frame, [(-width / 2 + 0.02, s * (depth / 2 - 0.03), 0.012) for s in (-1, 1)], 0.012))
        return standing("side table", parts, [top_of(width, depth, height)])
    edge = [(0, 0), (radius - 0.005, 0), (radius, 0.005), (radius, 0.02), (radius - 0.004, 0.024), (0, 0.024)]
    parts = [lathe(top, edge, (0, 0, height - 0.024), sides=36, grain="x")]
    if variant == "three legs":
        for angle in np.radians([90, 210, 330]):
            x, y = np.cos(angle), np.sin(angle)
            at = (0.5 * radius * x, 0.5 * radius * y, height - 0.023)
            parts.append(leg(top, (0.95 * radius * x, 0.95 * radius * y, 0), at, 0.012, 0.019, 10))
    else:
        foot = 0.7 * radius
        stem = [
            (0, 0),
            (foot, 0),
            (foot, 0.012),
            (0.03, 0.03),
            (0.016, 0.06),
            (0.016, height - 0.05),
            (0.06, height - 0.0235),
            (0, height - 0.0235),
        ]
        parts.append(lathe(frame, stem, sides=28))
    return standing("side table", parts, [top_of(1.35 * radius, 1.35 * radius, height)])


def wall_shelf(rng: np.random.Generator, variant: str) -> Asset:
    """Shelf on a wall, 0.6 to 1.1 m wide: a board on brackets, two boards on rails, or an open cube row."""
    width, depth, board = rng.uniform(0.6, 1.1), rng.uniform(0.18, 0.25), 0.025
    material, bracket = wood(rng), metal(BLACK)
    x, y = width / 2 - 0.03, (-depth + 0.02, -0.02)
    if variant == "cubes":
        height = 0.32
        parts = [moved(part, (0, -depth / 2, 0)) for part in carcass(material, width, depth, height, 0, 0.02)]
        cells = int(round(width / 0.33))
        edges = np.linspace(-width / 2 + 0.01, width / 2 - 0.01, cells + 1)
        parts += [
            box(material, (0.02, depth - 0.011, height - 0.04), (e, -depth / 2 - 0.0055, 0.02)) for e in edges[1:-1]
        ]
        surfaces = [
            Surface((a + 0.03, b - 0.03), y, 0.02, height - 0.04) for a, b in zip(edges[:-1], edges[1:], strict=True)
        ]
        return on_wall("wall shelf", parts, [*surfaces, Surface((-x, x), y, height)])
    levels = [0.0] if variant == "board" else [0.0, 0.34]
    parts, surfaces = [], []
    for z in levels:
        parts.append(box(material, (width, depth, board), (0, -depth / 2, z), 0.003))
        clearance = 0.34 - board - 0.16 if z < levels[-1] else float("inf")
        surfaces.append(Surface((-x, x), y, z + board, clearance))
        for side in (-1, 1):
            at = side * (width / 2 - 0.1)
            parts.append(box(bracket, (0.03, 0.006, 0.15), (at, -0.003, z - 0.151)))
            parts.append(box(bracket, (0.03, depth - 0.03, 0.006), (at, -depth / 2 + 0.015, z - 0.0065)))
            parts.append(tube(bracket, [(at, -0.006, z - 0.13), (at, -depth + 0.05, z - 0.005)], 0.007, 6))
    if variant == "two boards":  # on rails: two boards that nothing joins would be two shelves
        rail = levels[-1] - levels[0]
        parts += [box(bracket, (0.024, 0.005, rail), (s * (width / 2 - 0.1), -0.0025, -0.15)) for s in (-1, 1)]
    return on_wall("wall shelf", parts, surfaces)


def dressing_table(rng: np.random.Generator, variant: str) -> Asset:
    """Table with drawers and a mirror above, 0.8 to 1.1 m wide: one round mirror, or three folding panes."""
    width, depth, height = rng.uniform(0.8, 1.1), rng.uniform(0.4, 0.46), rng.uniform(0.73, 0.77)
    material, handle, silver = wood_or_paint(rng), metal(BRASS), mirror_glass()
    under = height - 0.025
    parts = [tabletop(material, width, depth, height, 0.025)]
    parts.append(box(material, (width - 0.06, depth - 0.05, 0.13), (0, 0.005, under - 0.13)))
    parts += drawer_fronts(
        material, handle, (width - 0.08) / 2, [0.12], -(width - 0.08) / 4, -depth / 2 + 0.031, under - 0.125
    )
    parts += drawer_fronts(
        material, handle, (width - 0.08) / 2, [0.12], (width - 0.08) / 4, -depth / 2 + 0.031, under - 0.125
    )
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (width / 2 - 0.06), sy * (depth / 2 - 0.055)
            profile = [
                (0, 0),
                (0.014, 0),
                (0.017, 0.03),
                (0.013, 0.05),
                (0.026, 0.5),
                (0.026, under - 0.129),
                (0, under - 0.129),
            ]
            parts.append(lathe(material, profile, (x, y, 0), 12))
    back = depth / 2 - 0.03
    if variant == "round mirror":
        radius = rng.uniform(0.24, 0.3)
        outline = circle(36) * radius
        pane = loft(silver, stacked(np.stack([0.93 * outline] * 2), (0.004, 0.014)))
        rim_part = ring(material, outline, 0.92 * outline, 0.022)
        parts += [moved(turned(part, "x", 90), (0, back + 0.01, height + 0.12 + radius)) for part in (pane, rim_part)]
        parts += [box(material, (0.03, 0.02, 0.2), (s * 0.6 * radius, back + 0.011, height - 0.001)) for s in (-1, 1)]
    else:
        for k, (x, span) in enumerate(((-0.29, 0.24), (0.0, 0.36), (0.29, 0.24))):
            tall = 0.5 if k == 1 else 0.42
            panel = [
                box(material, (span * width, 0.02, tall), (0, 0.011, 0), 0.004),
                box(silver, (span * width - 0.05, 0.004, tall - 0.05), (0, 0.0, 0.025)),
            ]
            swing = (k - 1) * 22
            at = (1.02 * x * width, back - 0.06 * abs(k - 1), height - 0.001)
            parts += [moved(turned(part, "z", -swing), at) for part in panel]
    front = Surface((-width / 2 + 0.03, width / 2 - 0.03), (-depth / 2 + 0.03, 0.02), height)
    return standing("dressing table", parts, [front])


CATEGORIES = (
    Category("ottoman", "floor", ottoman, ((0.4, 0.4, 0.32), (0.8, 0.75, 0.5)), ("square", "round", "sack")),
    Category(
        "side table",
        "floor",
        side_table,
        ((0.35, 0.26, 0.42), (0.58, 0.58, 0.65)),
        ("three legs", "column", "C-shaped"),
    ),
    Category(
        "wall shelf", "wall", wall_shelf, ((0.55, 0.15, 0.15), (1.2, 0.3, 0.7)), ("board", "two boards", "cubes")
    ),
    Category(
        "dressing table",
        "wall_side",
        dressing_table,
        ((0.75, 0.38, 1.15), (1.2, 0.55, 1.55)),
        ("round mirror", "three panes"),
    ),
)
