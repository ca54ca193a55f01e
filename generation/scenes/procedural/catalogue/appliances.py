"""Large white goods; doors face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import disc, forward, standing, top_of
from generation.scenes.procedural.catalogue.palette import BLACK, DARK, GREY, STEEL, WHITE, linear, metal, plain
from generation.scenes.procedural.shapes import box, lathe, moved, turned


def _enamel(rng: np.random.Generator) -> Material:
    return metal(STEEL) if rng.random() < 0.4 else plain(WHITE, gloss=0.3)


def refrigerator(rng: np.random.Generator, variant: str) -> Asset:
    """Fridge, 1.6 to 1.9 m high: its freezer below, above, or beside it in a wide one with a water tap."""
    width, depth, height = rng.uniform(0.6, 0.72), rng.uniform(0.6, 0.68), rng.uniform(1.6, 1.9)
    if variant == "side by side":
        width, height = rng.uniform(0.85, 0.92), rng.uniform(1.72, 1.82)
    enamel, handle = _enamel(rng), metal(GREY)
    body = plain(linear("#c9cbcc") if enamel.pattern == "metal" else linear("#e4e4e2"), gloss=0.2)
    foot, door, gap = 0.05, 0.06, 0.012
    front = -depth / 2 + door
    parts = [
        box(body, (width, depth - door - 0.008, height - foot - 0.002), (0, (door + 0.008) / 2, foot - 0.001), 0.006),
        box(plain(BLACK), (width - 0.04, depth - 0.1, foot), (0, 0.02, 0)),
        box(plain(DARK), (width - 0.03, 0.02, height - foot - 0.04), (0, front + 0.004, foot + 0.02)),
    ]

    def grip(x: float, z: float, length: float) -> list[Part]:
        y = front - door
        posts = [box(handle, (0.018, 0.03, 0.02), (x, y - 0.014, at)) for at in (z + 0.02, z + length - 0.04)]
        return [box(handle, (0.022, 0.018, length), (x, y - 0.036, z), 0.006), *posts]

    if variant == "side by side":
        split = -width / 2 + 0.42 * width
        for x0, x1 in ((-width / 2, split - gap / 2), (split + gap / 2, width / 2)):
            size = (x1 - x0, door, height - foot)
            parts.append(box(enamel, size, ((x0 + x1) / 2, front - door / 2, foot), 0.012))
        parts += grip(split - 0.05, 0.55, 0.85) + grip(split + 0.05, 0.55, 0.85)
        middle, y = (split - width / 2) / 2 - 0.02, front - door
        parts.append(box(plain(BLACK, gloss=0.4), (0.2, 0.012, 0.34), (middle, y - 0.001, 0.95), 0.004))
        parts.append(box(plain(linear("#9fe0ff"), emission=0.6), (0.12, 0.004, 0.03), (middle, y - 0.008, 1.23)))
        parts.append(box(plain(GREY), (0.13, 0.03, 0.012), (middle, y - 0.014, 0.97)))
        return standing("refrigerator", parts)
    split = height * (rng.uniform(0.32, 0.4) if variant == "freezer below" else rng.uniform(0.66, 0.72))
    side = (-1, 1)[rng.integers(2)]
    for z0, z1 in ((foot, split - gap / 2), (split + gap / 2, height)):
        parts.append(box(enamel, (width, door, z1 - z0), (0, front - door / 2, z0), 0.012))
        length = min(0.6 * (z1 - z0), 0.5)
        near = z1 - length - 0.06 if z1 < height else z0 + 0.06
        parts += grip(side * (width / 2 - 0.05), near, length)
    return standing("refrigerator", parts)


def washing_machine(rng: np.random.Generator) -> Asset:
    """Front loader, 0.6 m wide and 0.85 m high, with porthole, detergent drawer, dial and display."""
    width, depth, height = 0.6, rng.uniform(0.5, 0.6), 0.85
    case = plain(WHITE, gloss=0.3) if rng.random() < 0.8 else plain(linear("#8b8f94"), gloss=0.3)
    ring, glass = (
        metal(STEEL) if rng.random() < 0.5 else plain(linear("#dcdcda"), gloss=0.4),
        plain(linear("#1c242b"), gloss=0.8),
    )
    front, middle = -depth / 2, (0, -depth / 2 + 0.005, 0.42)
    collar = [(0.15, 0), (0.21, 0), (0.2, 0.03), (0.165, 0.045), (0.15, 0.03)]
    dome = [(0, 0), (0.155, 0), (0.15, 0.03), (0.1, 0.05), (0, 0.058)]
    parts = [
        box(case, (width, depth, height - 0.02), (0, 0, 0.02), 0.01),
        *(
            box(plain(BLACK), (0.05, 0.05, 0.03), (sx * 0.25, sy * (depth / 2 - 0.06), 0))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
        forward(lathe(ring, [*collar, (0.15, 0)], sides=32), middle),
        forward(lathe(glass, dome, sides=32), middle),
        box(plain(linear("#e6e6e4"), gloss=0.2), (0.19, 0.012, 0.1), (-0.19, front, height - 0.125), 0.004),
        box(plain(BLACK, gloss=0.4), (0.16, 0.008, 0.06), (0.19, front, height - 0.105)),
        box(plain(linear("#9fe0ff"), emission=0.6), (0.05, 0.004, 0.025), (0.17, front - 0.004, height - 0.088)),
        disc(ring, 0.04, 0.025, (0.02, front + 0.002, height - 0.075)),
        box(plain(GREY), (width - 0.04, 0.008, 0.07), (0, front, 0.04)),
    ]
    return standing("washing machine", parts, [top_of(width, depth, height)])


def stove(rng: np.random.Generator, variant: str) -> Asset:
    """Cooker, 0.6 m wide and 0.9 m high: oven door with window, knobs, splashback, four electric or gas rings."""
    width, depth, height = 0.6, 0.6, 0.9
    enamel, black = _enamel(rng), plain(BLACK, gloss=0.5)
    front = -depth / 2
    parts = [
        box(plain(BLACK), (width - 0.04, depth - 0.08, 0.06), (0, 0.02, 0)),
        box(enamel, (width, depth, height - 0.08), (0, 0, 0.06), 0.005),
        box(black, (width - 0.01, depth - 0.01, 0.022), (0, 0, height - 0.022), 0.004),
        box(enamel, (width, 0.03, 0.16), (0, depth / 2 - 0.015, height - 0.03), 0.005),
        box(enamel, (width - 0.02, 0.03, 0.47), (0, front - 0.012, 0.24), 0.008),
        box(black, (width - 0.16, 0.006, 0.26), (0, front - 0.028, 0.31)),
        box(enamel, (width - 0.02, 0.03, 0.14), (0, front - 0.012, 0.08), 0.008),
        box(metal(GREY), (width - 0.12, 0.02, 0.02), (0, front - 0.065, 0.66), 0.006),
        *(box(metal(GREY), (0.02, 0.05, 0.016), (s * 0.22, front - 0.045, 0.662)) for s in (-1, 1)),
        *(disc(black, 0.021, 0.03, (x, front + 0.002, 0.79), 16) for x in np.linspace(-0.24, 0.24, 6)),
    ]
    rings = ((-0.14, -0.13, 0.1), (0.14, -0.13, 0.075), (-0.14, 0.12, 0.075), (0.14, 0.12, 0.1))
    if variant == "gas":
        iron = plain(linear("#1d1e20"), gloss=0.2)
        for x, y, radius in rings:
            burner = [(0, 0), (0.45 * radius, 0), (0.4 * radius, 0.012), (0, 0.014)]
            parts.append(lathe(metal(GREY), burner, (x, y, height - 0.001), 18))
        for x in (-0.14, 0.14):
            for y in (-0.23, 0.0, 0.23):
                parts.append(box(iron, (0.26, 0.012, 0.012), (x, y, height + 0.012)))
            for dx in (-0.125, 0.0, 0.125):
                parts.append(box(iron, (0.012, 0.47, 0.0105), (x + dx, 0, height + 0.0124)))
            parts += [
                box(iron, (0.0115, 0.0115, 0.014), (x + dx, y, height - 0.001))
                for dx in (-0.12, 0.12)
                for y in (-0.225, 0.225)
            ]
        return standing("stove", parts)
    coil = metal(DARK) if rng.random() < 0.5 else plain(linear("#5a5d62"))
    for x, y, radius in rings:
        rim = [(radius - 0.035, 0), (radius, 0), (radius, 0.006), (radius - 0.035, 0.006)]
        parts.append(lathe(coil, [*rim, rim[0]], (x, y, height - 0.001)))
        parts.append(lathe(coil, [(0, 0), (0.03, 0), (0.03, 0.006), (0, 0.006)], (x, y, height - 0.001), 16))
    return standing("stove", parts)


def radiator(rng: np.random.Generator, variant: str) -> Asset:
    """Radiator on feet, 0.55 to 0.65 m high: 10 to 20 columns of 5.5 cm, or a ribbed panel."""
    columns, height, depth = int(rng.integers(10, 21)), rng.uniform(0.55, 0.65), 0.12
    paint, pitch = plain(WHITE if rng.random() < 0.8 else DARK, gloss=0.3), 0.055
    width = columns * pitch
    valve = turned(lathe(paint, [(0, 0), (0.022, 0), (0.018, 0.06), (0, 0.06)], sides=12), "y", 90)
    parts = [moved(valve, (width / 2 - 0.01, 0, height - 0.025))]
    xs = (np.arange(columns) - (columns - 1) / 2) * pitch
    if variant == "panel":
        low = 0.1
        parts.append(box(paint, (width - 0.004, 0.012, height - low - 0.004), (0, -0.04, low), 0.003))
        parts.append(box(paint, (width, depth, 0.012), (0, 0, height - 0.012), 0.003))
        parts += [
            box(paint, (0.008, depth - 0.01, height - low - 0.01), (s * (width / 2 - 0.005), 0, low)) for s in (-1, 1)
        ]
        parts += [box(paint, (0.03, 0.012, height - low - 0.06), (x, -0.047, low + 0.03), 0.005) for x in xs]
        parts += [box(paint, (0.03, 0.08, low + 0.01), (s * 0.4 * width, 0, 0)) for s in (-1, 1)]
        slots = np.linspace(-0.47, 0.47, 3 * columns // 2) * width
        parts += [box(plain(GREY), (0.012, 0.06, 0.003), (x, 0.01, height - 0.0015)) for x in slots]
        return standing("radiator", parts)
    for x in xs:
        foot = 0.0 if x in (xs[0], xs[-1]) else 0.07
        for y in (-1, 1):
            parts.append(box(paint, (0.046, 0.04, height - 0.012 - foot), (x, y * (depth - 0.04) / 2, foot), 0.014))
        parts += [box(paint, (0.042, depth - 0.012, 0.05), (x, 0, z)) for z in (0.07, height - 0.05)]
    parts += [box(paint, (width - 0.03, 0.03, 0.03), (0, 0, z)) for z in (0.082, height - 0.04)]
    return standing("radiator", parts)


CATEGORIES = (
    Category(
        "refrigerator",
        "wall_side",
        refrigerator,
        ((0.55, 0.55, 1.5), (0.95, 0.8, 2.0)),
        ("freezer below", "freezer above", "side by side"),
    ),
    Category("washing machine", "wall_side", washing_machine, ((0.55, 0.45, 0.8), (0.65, 0.7, 0.9))),
    Category("stove", "wall_side", stove, ((0.55, 0.55, 0.85), (0.7, 0.75, 1.1)), ("electric", "gas")),
    Category("radiator", "wall_side", radiator, ((0.5, 0.08, 0.5), (1.3, 0.2, 0.7)), ("columns", "panel")),
)
