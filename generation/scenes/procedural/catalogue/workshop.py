"""Benches, racks and machines of a workshop; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import disc, drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    DARK,
    GREY,
    STEEL,
    linear,
    machine_paint,
    metal,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import box, lathe, loft, moved, stacked, tube, turned


def workbench(rng: np.random.Generator, variant: str) -> Asset:
    """Bench of 1.2 to 1.8 m with a thick top 0.82 to 0.92 m high: timber, steel with drawers, or a tool wall."""
    width, depth, height = rng.uniform(1.2, 1.8), rng.uniform(0.6, 0.72), rng.uniform(0.82, 0.92)
    top, thick = wood(rng), 0.055
    under, frame = height - thick, (wood(rng) if variant == "timber" else machine_paint(rng))
    parts = [box(top, (width, depth, thick), (0, 0, under), 0.005)]
    surfaces = [top_of(width, depth, height)]
    beam = 0.09 if variant == "timber" else 0.05
    parts += four_legs(frame, width - 0.12, depth - 0.06, under + 0.001, beam)
    for side in (-1, 1):
        parts.append(
            box(frame, (width - 0.13 - 2 * beam, 0.03, 0.09), (0, side * (depth / 2 - 0.03 - beam / 2), under - 0.09))
        )
    if variant == "steel":
        block, body = 0.42, under - 0.2
        x = (-1, 1)[rng.integers(2)] * (width / 2 - block / 2 - 0.06 - beam)
        parts.append(box(frame, (block, depth - 0.14, body - 0.002), (x, 0, 0.1), 0.003))
        parts += drawer_fronts(plain(GREY, gloss=0.3), plain(BLACK), block, [body / 4] * 4, x, -depth / 2 + 0.07, 0.1)
    else:
        shelf = 0.2
        parts.append(box(top, (width - 0.14, depth - 0.1, 0.02), (0, 0, shelf - 0.02), 0.002))
        reach = width - 0.16 - 2 * beam
        surfaces.append(top_of(reach, depth - 0.14, shelf, under - 0.09 - shelf))
    if variant == "tool wall":
        y, board = depth / 2 - 0.012, 0.65
        parts.append(box(plain(linear("#7f858a"), gloss=0.2), (width, 0.02, board), (0, y, height - 0.001), 0.002))
        parts += _hung_tools(rng, width, height, y - 0.01)
        surfaces[0] = Surface(surfaces[0].x, (surfaces[0].y[0], depth / 2 - 0.1), height)
    return standing("workbench", parts, surfaces)


def _hung_tools(rng: np.random.Generator, width: float, z: float, y: float) -> list[Part]:
    """Screwdrivers, spanners, a saw and a hammer on hooks before a board whose face is at `y`."""
    steel, parts = metal(GREY), []
    for k, x in enumerate(np.arange(-0.42 * width, 0.42 * width, 0.075)):
        grip, low = plain(linear(("#c8402f", "#e0a52d", "#2f6fb5", "#26272b")[rng.integers(4)]), gloss=0.3), z + 0.3
        kind = k % 4
        if kind < 2:
            parts.append(tube(grip, [(x, y - 0.02, low + 0.14), (x, y - 0.02, low + 0.24)], [0.016, 0.013], 8))
            parts.append(tube(steel, [(x, y - 0.02, low), (x, y - 0.02, low + 0.15)], 0.004, 6))
        elif kind == 2:
            parts.append(box(steel, (0.018, 0.006, 0.2), (x, y - 0.016, low + 0.02), 0.002))
            for end in (low + 0.02, low + 0.22):
                parts.append(disc(steel, 0.018, 0.009, (x, y - 0.0115, end), 12))
        else:
            parts.append(box(wood(rng), (0.025, 0.022, 0.26), (x, y - 0.014, low - 0.06), 0.006))
            parts.append(box(plain(DARK, gloss=0.4), (0.1, 0.028, 0.03), (x, y - 0.014, low + 0.19), 0.005))
    return parts


def storage_rack(rng: np.random.Generator, variant: str) -> Asset:
    """Open steel rack of 0.9 to 1.3 m with four or five boards, 1.6 to 2.0 m high: bare, walled, or with boxes."""
    width, depth, height = rng.uniform(0.9, 1.3), rng.uniform(0.4, 0.5), rng.uniform(1.6, 2.0)
    levels = int(rng.integers(4, 6))
    post = machine_paint(rng) if rng.random() < 0.6 else metal(GREY)
    board = wood(rng) if rng.random() < 0.5 else metal(STEEL)
    parts = four_legs(post, width, depth, height, 0.04)
    pitch = (height - 0.12) / (levels - 1)
    surfaces = []
    for level in range(levels):
        z = 0.1 + level * pitch
        parts.append(box(board, (width - 0.01, depth - 0.01, 0.018), (0, 0, z - 0.018)))
        for s in (-1, 1):
            parts.append(box(post, (width - 0.081, 0.022, 0.04), (0, s * (depth / 2 - 0.012), z - 0.0585)))
        clearance = pitch - 0.0585 if level < levels - 1 else float("inf")
        if level < levels - 1:
            surfaces.append(top_of(width - 0.06, depth - 0.06, z, clearance))
    if variant == "with walls":
        sheet = plain(linear("#9a9fa3"), gloss=0.3)
        rise = height - 0.14
        parts.append(box(sheet, (width - 0.081, 0.004, rise), (0, depth / 2 + 0.0025, 0.1)))
        parts += [box(sheet, (0.004, depth - 0.081, rise), (s * (width / 2 + 0.0025), 0, 0.1)) for s in (-1, 1)]
    if variant == "with boxes":
        # Its lowest two boards are full; only those above carry anything else
        for level in range(2):
            z, x = 0.1 + level * pitch, -width / 2 + 0.06
            while x < width / 2 - 0.34:
                size = (rng.uniform(0.22, 0.3), 0.72 * depth, rng.uniform(0.45, 0.7) * (pitch - 0.06))
                plastic = rng.random() < 0.6
                color = ("#2f6fb5", "#c8402f", "#e0a52d", "#6f7a80")[rng.integers(4)] if plastic else "#b98d5b"
                parts.append(
                    box(plain(linear(color), gloss=0.3 if plastic else 0.0), size, (x + size[0] / 2, 0, z), 0.008)
                )
                label = (0.09, 0.002, 0.05)
                parts.append(box(plain(linear("#f2efe6")), label, (x + size[0] / 2, -size[1] / 2, z + 0.5 * size[2])))
                x += size[0] + rng.uniform(0.015, 0.06)
        surfaces = surfaces[2:]
    return standing("storage rack", parts, surfaces)


def sawhorse(rng: np.random.Generator, variant: str) -> Asset:
    """Trestle of 0.8 to 1.1 m by 0.7 to 0.82 m: timber with a cross-piece, or folding steel."""
    width, height, spread = rng.uniform(0.8, 1.1), rng.uniform(0.7, 0.82), rng.uniform(0.24, 0.3)
    timber = variant == "timber"
    material = wood(rng) if timber else machine_paint(rng)
    beam = (width, 0.09, 0.09) if timber else (width, 0.06, 0.05)
    parts = [box(material, beam, (0, 0, height - beam[2]), 0.006)]
    for sx in (-1, 1):
        x = sx * (width / 2 - 0.1)
        for sy in (-1, 1):
            path = [(x + sx * 0.06, sy * spread, 0.0), (x, sy * 0.045, height - 0.03)]
            if timber:
                parts.append(_plank(material, path[0], path[1]))
            else:
                parts.append(tube(material, path, 0.016, 8))
        z = 0.32 * height if timber else 0.22 * height
        y = spread - (spread - 0.045) * z / height
        if timber:
            parts.append(box(material, (0.02, 2 * y + 0.06, 0.08), (x + sx * 0.045, 0, z - 0.04), 0.003))
        else:
            parts.append(tube(metal(GREY), [(x + sx * 0.046, -y, z), (x + sx * 0.046, y, z)], 0.009))
    if not timber:
        for sy in (-1, 1):
            y = sy * (spread - (spread - 0.045) * 0.22)
            parts.append(
                tube(material, [(-width / 2 + 0.06, y, 0.22 * height), (width / 2 - 0.06, y, 0.22 * height)], 0.011)
            )
    return standing("sawhorse", parts)


def _plank(material: Material, foot: tuple, top: tuple) -> Part:
    """Board of 9 by 3 cm from `foot` to `top`, cut level at both ends."""
    outline = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [0.045, 0.018]
    return loft(material, np.stack([stacked(outline[None], [0], at)[0] for at in (foot, top)]), grain="z")


def tool_chest(rng: np.random.Generator) -> Asset:
    """Steel cabinet on castors with five to seven drawers, 0.6 to 0.75 m wide and 0.8 to 0.98 m high."""
    width, depth, height = rng.uniform(0.6, 0.75), rng.uniform(0.4, 0.46), rng.uniform(0.8, 0.98)
    paint, black, rows, lift = machine_paint(rng), plain(BLACK, gloss=0.2), int(rng.integers(5, 8)), 0.13
    body = height - lift - 0.02
    parts = [
        box(paint, (width, depth, body), (0, 0, lift), 0.006),
        box(black, (width + 0.01, depth + 0.01, 0.02), (0, 0, height - 0.02), 0.005),
        tube(
            metal(GREY),
            [
                (width / 2, -0.15, height - 0.12),
                (width / 2 + 0.06, -0.15, height - 0.12),
                (width / 2 + 0.06, 0.15, height - 0.12),
                (width / 2, 0.15, height - 0.12),
            ],
            0.011,
        ),
    ]
    heights = np.concatenate([[1.8], np.ones(rows - 1)]) * (body - 0.04) / (rows + 0.8)
    z = lift + 0.02
    for rise in heights:
        parts.append(box(paint, (width - 0.04, 0.014, rise - 0.008), (0, -depth / 2 - 0.006, z), 0.002))
        parts.append(box(metal(GREY), (width - 0.05, 0.02, 0.018), (0, -depth / 2 - 0.021, z + rise - 0.032), 0.004))
        z += rise
    for x in (-1, 1):
        for y in (-1, 1):
            at = (x * (width / 2 - 0.07), y * (depth / 2 - 0.07))
            parts.append(box(metal(GREY), (0.05, 0.05, 0.04), (*at, lift - 0.038)))
            wheel = turned(lathe(black, [(0, -0.014), (0.05, -0.014), (0.05, 0.014), (0, 0.014)], sides=16), "y", 90)
            parts.append(moved(wheel, (*at, 0.05)))
    return standing("tool chest", parts, [top_of(width, depth, height)])


CATEGORIES = (
    Category(
        "workbench",
        "wall_side",
        workbench,
        ((1.1, 0.55, 0.8), (1.9, 0.85, 1.65)),
        ("timber", "steel", "tool wall"),
    ),
    Category(
        "storage rack",
        "wall_side",
        storage_rack,
        ((0.8, 0.35, 1.5), (1.4, 0.6, 2.1)),
        ("bare", "with walls", "with boxes"),
    ),
    Category("sawhorse", "floor", sawhorse, ((0.7, 0.4, 0.65), (1.25, 0.75, 0.9)), ("timber", "steel")),
    Category("tool chest", "wall_side", tool_chest, ((0.55, 0.38, 0.75), (0.85, 0.55, 1.05))),
)
