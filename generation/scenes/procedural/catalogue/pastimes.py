"""Things that tell the time or are watched and listened to; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import forward, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    STEEL,
    WHITE,
    linear,
    metal,
    pick,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    ellipsoid,
    lathe,
    leaf,
    loft,
    moved,
    tube,
    turned,
)


def alarm_clock(rng: np.random.Generator, variant: str) -> Asset:
    """Clock for a bedside, 0.1 to 0.16 m: with two bells and a dial, or a wedge with glowing digits."""
    if variant == "digits":
        width, height, depth = rng.uniform(0.14, 0.18), 0.07, 0.07
        case = plain((BLACK, WHITE, linear("#3b3e43"))[rng.integers(3)], gloss=0.3)
        side = np.array([(-depth / 2, 0), (depth / 2, 0), (depth / 2 - 0.015, height), (-depth / 2 + 0.022, height)])
        body = loft(case, np.stack([np.column_stack([np.full(4, x), side]) for x in (-width / 2, width / 2)]))
        glow = plain(linear(("#ff4a3a", "#5fe08a", "#6fc8ff")[rng.integers(3)]), emission=1.2)
        tilt = -np.degrees(np.arctan2(0.022, height))
        face = [box(plain(linear("#0c0d0e"), gloss=0.6), (width - 0.02, 0.003, height - 0.018), (0, 0, 0.009))]
        time = f"{rng.integers(24):02}{rng.integers(60):02}"
        for digit, x in zip(time, (-0.3, -0.13, 0.08, 0.25), strict=True):
            face += _digit(glow, int(digit), x * width, 0.02, 0.032)
        face += [box(glow, (0.004, 0.002, 0.004), (-0.02 * width, -0.0024, z)) for z in (0.03, 0.042)]
        return standing(
            "alarm clock", [body, *(moved(turned(part, "x", tilt), (0, -depth / 2 - 0.0003, 0)) for part in face)]
        )
    radius = rng.uniform(0.045, 0.06)
    shell = plain(pick(rng, BRIGHTS), gloss=0.5) if rng.random() < 0.6 else metal(BRASS)
    steel, lift = metal(STEEL), 0.022
    body = [(0, 0), (radius, 0), (radius, 0.045), (0.9 * radius, 0.05), (0.9 * radius, 0.044), (0, 0.044)]
    centre = (0, 0.022, lift + radius)
    parts = [forward(lathe(shell, body, sides=32), centre)]
    face = [lathe(plain(WHITE), [(0, 0), (0.89 * radius, 0), (0.89 * radius, 0.002), (0, 0.002)], sides=28)]
    for k in range(12):
        mark = box(plain(BLACK), (0.003, 0.1 * radius if k % 3 else 0.18 * radius, 0.001), (0, 0.75 * radius, 0.0015))
        face.append(turned(mark, "z", 30 * k))
    for angle, reach, wide in ((rng.uniform(0, 360), 0.42, 0.005), (rng.uniform(0, 360), 0.62, 0.0035)):
        face.append(
            turned(box(plain(BLACK), (wide, reach * radius, 0.001), (0, 0.5 * reach * radius, 0.0018)), "z", angle)
        )
    parts += [forward(part, (0, 0.022 - 0.0445, lift + radius)) for part in face]
    for side in (-1, 1):
        out = np.array([side * 0.62, 0, 0.78])
        bell = lathe(steel, [(0, 0), (0.024, 0), (0.02, 0.012), (0.008, 0.019), (0, 0.02)], sides=18)
        at = np.array([0, 0.0, lift + radius]) + out * (radius + 0.006)
        parts.append(moved(turned(bell, "y", side * 38), at))
        parts.append(
            tube(
                steel,
                [(side * 0.5 * radius, 0, lift + 0.25 * radius), (side * 0.8 * radius, 0, 0.0)],
                [0.006, 0.004],
                6,
            )
        )
    bow = np.radians(np.linspace(20, 160, 7))
    top = np.stack([0.62 * radius * np.cos(bow), 0 * bow, lift + 1.75 * radius + 0.045 * np.sin(bow)], axis=1)
    parts.append(tube(steel, top, 0.003, 6))
    return standing("alarm clock", parts)


# Which of the seven bars of a digit are lit: top, upper left, upper right, middle, lower left, lower right, bottom
SEGMENTS = (
    "1110111",
    "0010010",
    "1011101",
    "1011011",
    "0111010",
    "1101011",
    "1101111",
    "1010010",
    "1111111",
    "1111011",
)


def _digit(glow: Material, digit: int, x: float, z: float, height: float) -> list:
    """Bars of a seven-segment digit before the plane y = 0."""
    half, bar, gap = height / 2, 0.004, 0.0045
    wide = 0.5 * height
    level = [
        (0, height),
        (-wide / 2, 0.75 * height),
        (wide / 2, 0.75 * height),
        (0, half),
        (-wide / 2, 0.25 * height),
        (wide / 2, 0.25 * height),
        (0, 0),
    ]
    parts = []
    for lit, (dx, dz) in zip(SEGMENTS[digit], level, strict=True):
        if lit == "1":
            size = (wide - gap, 0.002, bar) if dx == 0 else (bar, 0.002, half - gap)
            parts.append(box(glow, size, (x + dx, -0.0024, z + dz - size[2] / 2)))
    return parts


def aquarium(rng: np.random.Generator) -> Asset:
    """Fish tank, 0.5 to 0.8 m wide: gravel, plants and fish in water before a blue ground, lamp in its lid."""
    width, depth, height = rng.uniform(0.5, 0.8), rng.uniform(0.28, 0.34), rng.uniform(0.34, 0.42)
    black, water = plain(BLACK, gloss=0.3), plain(linear("#3f8fb8"), gloss=0.3)
    gravel = Material("leaf", linear("#cdbb94"), linear("#8a7a5c"), scale_m=0.012, seed=seed_of(rng))
    y = -depth / 2
    parts = [
        box(black, (width + 0.01, depth + 0.01, 0.02), (0, 0, 0), 0.004),
        box(water, (width - 0.006, depth - 0.07, height - 0.03), (0, 0.035, 0.0195)),
        box(gravel, (width - 0.004, depth - 0.006, 0.05), (0, 0, 0.0193)),
        box(black, (width + 0.01, depth + 0.01, 0.04), (0, 0, height), 0.006),
        *(
            box(black, (0.008, 0.008, height - 0.018), (sx * (width / 2 - 0.002), sy * (depth / 2 - 0.002), 0.0195))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
    ]
    plant = plain(linear("#4f8a3c"))
    for x in rng.uniform(-0.44, 0.44, 5) * width:
        for k in range(4):
            tall = rng.uniform(0.3, 0.7) * height
            base = np.array([x + 0.015 * (k - 1.5), y + 0.035 + 0.004 * k, 0.06])
            parts.append(
                leaf(plant, [base, base + [0.006, 0, 0.5 * tall], base + [0.015 * (k - 1.5), 0, tall]], 0.016)
            )
    for _ in range(int(rng.integers(4, 8))):
        hue, size = (
            plain(pick(rng, ("#e06f3a", "#e0a52d", "#f2f1ee", "#c8402f")), gloss=0.5),
            rng.uniform(0.035, 0.055),
        )
        x, z, way = rng.uniform(-0.4, 0.4) * width, rng.uniform(0.3, 0.85) * height, (-1, 1)[rng.integers(2)]
        parts.append(ellipsoid(hue, (size, 0.012, 0.45 * size), (x, y + 0.03, z), 10))
        tail = np.array([(0, 0), (-0.35, 0.28), (-0.3, 0), (-0.35, -0.28)]) * size
        sheet = np.stack([np.column_stack([way * tail[:, 0], np.full(4, t), tail[:, 1]]) for t in (-0.0015, 0.0015)])
        parts.append(moved(loft(hue, sheet if way < 0 else sheet[::-1]), (x - way * 0.42 * size, y + 0.03, z)))
    return standing("aquarium", parts)


def record_player(rng: np.random.Generator) -> Asset:
    """Turntable with a black record, 0.4 to 0.46 m wide, its arm on the record; mostly with the lid up."""
    width, depth = rng.uniform(0.4, 0.46), rng.uniform(0.33, 0.37)
    case, black, steel = (
        wood(rng) if rng.random() < 0.6 else plain(BLACK, gloss=0.3),
        plain(linear("#141416"), gloss=0.6),
        metal(STEEL),
    )
    top, x = 0.1, -0.06
    parts = [
        *(
            lathe(
                plain(BLACK),
                [(0, 0), (0.025, 0), (0.025, 0.02), (0, 0.02)],
                (sx * 0.4 * width, sy * 0.4 * depth, 0),
                14,
            )
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
        box(case, (width, depth, top - 0.018), (0, 0, 0.018), 0.006),
        lathe(steel, [(0, 0), (0.15, 0), (0.15, 0.014), (0, 0.014)], (x, 0, top - 0.001), 36),
        lathe(black, [(0, 0), (0.148, 0), (0.148, 0.003), (0, 0.003)], (x, 0, top + 0.0128), 36),
        lathe(plain(pick(rng, BRIGHTS)), [(0, 0), (0.05, 0), (0.05, 0.001), (0, 0.001)], (x, 0, top + 0.0154), 24),
        lathe(steel, [(0, 0), (0.003, 0), (0.003, 0.012), (0, 0.013)], (x, 0, top + 0.015), 8),
        lathe(
            steel,
            [(0, 0), (0.035, 0), (0.03, 0.02), (0.012, 0.03), (0.012, 0.04), (0, 0.04)],
            (0.36 * width, 0.28 * depth, top - 0.001),
            18,
        ),
        tube(
            steel,
            [
                (0.36 * width, 0.34 * depth, top + 0.035),
                (0.36 * width, 0.1 * depth, top + 0.035),
                (0.28 * width, -0.15 * depth, top + 0.03),
                (0.12 * width, -0.26 * depth, top + 0.024),
            ],
            0.005,
            6,
        ),
        box(black, (0.018, 0.035, 0.014), (0.11 * width, -0.27 * depth, top + 0.0175), 0.003),
        *(
            lathe(steel, [(0, 0), (0.014, 0), (0.013, 0.012), (0, 0.012)], (0.4 * width, -y * depth, top - 0.001), 14)
            for y in (0.25, 0.38)
        ),
    ]
    if rng.random() < 0.6:
        lid = plain(linear("#9fb0b6"), gloss=0.8)
        sheet = [
            box(lid, (width, 0.006, depth), (0, 0, 0)),
            *(box(lid, (0.006, 0.05, depth), (s * (width / 2 - 0.003), -0.0281, 0)) for s in (-1, 1)),
        ]
        parts += [moved(turned(part, "x", -12), (0, depth / 2 - 0.004, top + 0.001)) for part in sheet]
    return standing("record player", parts)


CATEGORIES = (
    Category("alarm clock", "surface", alarm_clock, ((0.08, 0.04, 0.06), (0.2, 0.09, 0.2)), ("bells", "digits")),
    Category("aquarium", "surface", aquarium, ((0.48, 0.26, 0.33), (0.85, 0.38, 0.5))),
    Category("record player", "surface", record_player, ((0.38, 0.31, 0.12), (0.5, 0.5, 0.5))),
)
