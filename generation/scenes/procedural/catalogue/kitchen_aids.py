"""Small things on a kitchen's worktop; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    STEEL,
    WHITE,
    ceramic,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    ellipsoid,
    lathe,
    loft,
    moved,
    tube,
    turned,
)


def coffee_machine(rng: np.random.Generator, variant: str) -> Asset:
    """Coffee maker, 0.3 to 0.38 m high: filter machine with a glass jug, or espresso machine with a handle."""
    case = (plain(BLACK, gloss=0.3), metal(STEEL), plain(pick(rng, BRIGHTS), gloss=0.4))[rng.integers(3)]
    black, steel, glass = plain(BLACK, gloss=0.3), metal(STEEL), plain(linear("#33211a"), gloss=0.9)
    if variant == "filter":
        width, depth, height = rng.uniform(0.19, 0.23), rng.uniform(0.22, 0.26), rng.uniform(0.32, 0.38)
        y = -depth / 2
        jug = [(0, 0), (0.055, 0), (0.068, 0.03), (0.068, 0.075), (0.045, 0.115), (0, 0.115)]
        handle = [(0.06, 0, 0.09), (0.1, 0, 0.085), (0.105, 0, 0.04), (0.065, 0, 0.02)]
        middle = (0, y + 0.09, 0.045)
        parts = [
            box(case, (width, depth, 0.04), (0, 0, 0), 0.01),
            lathe(black, [(0, 0), (0.07, 0), (0.07, 0.006), (0, 0.006)], (0, y + 0.09, 0.0395)),
            box(case, (width, 0.09, height - 0.05), (0, depth / 2 - 0.045, 0.039), 0.01),
            box(case, (width + 0.006, depth - 0.004, 0.12), (0, 0.004, height - 0.12), 0.013),
            lathe(black, [(0, 0), (0.04, 0), (0.06, 0.05), (0, 0.05)], (0, y + 0.09, height - 0.165)),
            lathe(glass, jug, middle),
            lathe(black, [(0, 0), (0.047, 0), (0.04, 0.018), (0, 0.02)], (0, y + 0.09, 0.159)),
            moved(turned(tube(black, handle, 0.009), "z", -60), middle),
            disc(steel, 0.013, 0.01, (0.3 * width, y + 0.003, 0.02), 14),
        ]
        return standing("coffee machine", parts)
    width, depth, height = rng.uniform(0.24, 0.3), rng.uniform(0.26, 0.3), rng.uniform(0.32, 0.38)
    y, head = -depth / 2, (0, -depth / 2 + 0.05, 0.6 * height)
    parts = [
        box(case, (width, depth, 0.055), (0, 0, 0), 0.01),
        box(black, (0.8 * width, 0.13, 0.006), (0, y + 0.08, 0.052), 0.002),
        box(case, (width - 0.008, depth - 0.164, height - 0.06), (0, 0.08, 0.054), 0.006),
        box(case, (width - 0.002, depth - 0.02, 0.34 * height), (0, 0.006, 0.66 * height), 0.014),
        box(steel, (0.92 * width, depth - 0.08, 0.01), (0, 0.01, height - 0.003), 0.003),
        lathe(steel, [(0, 0), (0.036, 0), (0.036, 0.05), (0, 0.05)], (*head[:2], 0.61 * height)),
        lathe(steel, [(0, 0), (0.03, 0), (0.035, 0.02), (0, 0.02)], (*head[:2], 0.545 * height)),
        tube(black, [(0, y + 0.02, 0.57 * height), (0, y - 0.11, 0.55 * height)], [0.011, 0.014]),
        disc(plain(linear("#f2f1ee")), 0.03, 0.008, (0.25 * width, y + 0.002, 0.84 * height), 18),
        *(disc(steel, 0.013, 0.012, (x * width, y + 0.002, 0.84 * height), 14) for x in (-0.32, -0.14)),
    ]
    wand = [
        (0.38 * width, y + 0.04, 0.67 * height),
        (0.42 * width, y - 0.02, 0.5 * height),
        (0.42 * width, y - 0.02, 0.3 * height),
    ]
    parts.append(tube(steel, wand, 0.006, 6))
    cup = [(0, 0), (0.02, 0), (0.03, 0.05), (0.027, 0.05), (0.018, 0.005), (0, 0.005)]
    parts.append(lathe(plain(WHITE, gloss=0.5), cup, (0, head[1], 0.0575)))
    return standing("coffee machine", parts)


def blender(rng: np.random.Generator) -> Asset:
    """Blender, 0.36 to 0.42 m high: motor foot with a knob, jug with handle and lid, something blended in it."""
    height, radius = rng.uniform(0.36, 0.42), rng.uniform(0.065, 0.075)
    case = plain(pick(rng, BRIGHTS), gloss=0.5) if rng.random() < 0.5 else metal(STEEL)
    black, glass = plain(BLACK, gloss=0.3), plain(linear("#cfdde0"), gloss=0.9)
    food = plain(linear(("#c8405a", "#6fa04a", "#e8b04a", "#7a4a8f")[rng.integers(4)]), gloss=0.5)
    foot, jug = 0.13, height - 0.17
    base = [(0, 0), (1.2 * radius, 0), (1.2 * radius, 0.02), (0.85 * radius, foot), (0, foot)]
    skin, share = [0.68 * radius, 0.98 * radius], 0.6
    parts = [
        lathe(case, base),
        lathe(black, [(0, 0), (0.75 * radius, 0), (0.68 * radius, 0.02), (0, 0.02)], (0, 0, foot - 0.001)),
        lathe(
            food,
            [(0, 0), (skin[0], 0), (skin[0] + share * (skin[1] - skin[0]), share * jug), (0, share * jug)],
            (0, 0, foot + 0.018),
        ),
        lathe(
            glass,
            [(0, 0), (skin[0] + share * (skin[1] - skin[0]), 0), (skin[1], (1 - share) * jug), (0, (1 - share) * jug)],
            (0, 0, foot + 0.0175 + share * jug),
        ),
        lathe(
            black,
            [
                (0, 0),
                (1.02 * radius, 0),
                (0.95 * radius, 0.02),
                (0.4 * radius, 0.024),
                (0.35 * radius, 0.04),
                (0, 0.04),
            ],
            (0, 0, foot + 0.017 + jug),
        ),
        disc(black, 0.022, 0.02, (0, -1.02 * radius, 0.05), 16),
    ]
    loop = [
        (0.8 * radius, 0, foot + 0.9 * jug),
        (1.5 * radius, 0, foot + 0.85 * jug),
        (1.45 * radius, 0, foot + 0.35 * jug),
        (0.7 * radius, 0, foot + 0.25 * jug),
    ]
    parts.append(tube(black, loop, 0.01))
    return standing("blender", parts)


def knife_block(rng: np.random.Generator) -> Asset:
    """Slanted block of wood with four to six knives in it."""
    block, black, steel = wood(rng), plain(BLACK, gloss=0.3), metal(STEEL)
    width, deep, tall = rng.uniform(0.1, 0.13), rng.uniform(0.11, 0.13), rng.uniform(0.2, 0.23)
    # Seen from the side: the top slopes to the front, and the knives stand at right angles to it
    side = np.array([(-deep / 2, 0), (deep / 2 + 0.03, 0), (deep / 2 + 0.06, tall), (-deep / 2 + 0.01, 0.62 * tall)])
    ends = [np.column_stack([np.full(4, x), side]) for x in (-width / 2, width / 2)]
    parts = [loft(block, np.stack(ends), grain="z")]
    slope = np.array([0, deep + 0.05, 0.38 * tall])
    out = np.array([0, -0.38 * tall, deep + 0.05]) / np.hypot(0.38 * tall, deep + 0.05)
    corner, columns = np.array([0, -deep / 2 + 0.01, 0.62 * tall]), 3
    for k in range(int(rng.integers(4, 7))):
        row, column = divmod(k, columns)
        at = corner + slope * (0.68 - 0.4 * row) + [(column - 1) * 0.3 * width, 0, 0]
        length = 0.12 - 0.02 * row
        parts.append(tube(steel, [at - 0.005 * out, at + 0.012 * out], 0.008, 6))
        parts.append(
            tube(black, [at + 0.012 * out, at + 0.5 * length * out, at + length * out], [0.0095, 0.0085, 0.0115], 8)
        )
        parts.append(tube(steel, [at + length * out, at + (length + 0.004) * out], 0.009, 6))
    return standing("knife block", parts)


def teapot(rng: np.random.Generator, variant: str) -> Asset:
    """Pot with a spout, 0.13 to 0.18 m high: round with a handle behind, or of iron with a bow above."""
    radius = rng.uniform(0.075, 0.09)
    iron = variant == "bow above"
    glaze = plain(linear(("#2b2e31", "#4a2f28", "#2f4a42")[rng.integers(3)]), gloss=0.2) if iron else ceramic(rng)
    height = radius * (1.1 if iron else 1.45)
    rise = np.radians(np.linspace(-75, 68, 10))
    belly = np.stack(
        [
            radius * np.cos(rise) ** 0.8,
            height / 2 + height / 2 * np.sin(rise) / np.sin(rise[-1]) * np.where(rise > 0, 1, 0.99),
        ],
        axis=1,
    )
    parts = [lathe(glaze, [(0, belly[0, 1]), *belly, (0, belly[-1, 1])], sides=28)]
    parts.append(lathe(glaze, [(0, 0), (0.5 * radius, 0), (0.5 * radius, 0.012), (0, 0.012)]))
    top = belly[-1]
    lid = [
        (0, 0),
        (top[0] + 0.004, 0),
        (0.7 * top[0], 0.01),
        (0.008, 0.014),
        (0.006, 0.022),
        (0.013, 0.03),
        (0.008, 0.038),
        (0, 0.04),
    ]
    parts.append(lathe(glaze, lid, (0, 0, top[1] - 0.001)))
    spout = [
        (-0.75 * radius, 0, 0.35 * height),
        (-1.25 * radius, 0, 0.5 * height),
        (-1.45 * radius, 0, 0.85 * height),
        (-1.65 * radius, 0, 0.98 * height),
    ]
    parts.append(tube(glaze, spout, [0.024, 0.017, 0.012, 0.01]))
    if iron:
        bend = np.radians(np.linspace(0, 180, 11))
        bow = np.stack([0.7 * radius * np.cos(bend), 0 * bend, 0.85 * height + 0.95 * radius * np.sin(bend)], axis=1)
        parts.append(tube(glaze, bow, 0.006))
        parts += [ellipsoid(glaze, (0.016, 0.02, 0.03), (s * 0.7 * radius, 0, 0.85 * height), 8) for s in (-1, 1)]
    else:
        bend = np.radians(np.linspace(-70, 80, 9))
        loop = np.stack(
            [0.9 * radius + 0.5 * radius * np.cos(bend), 0 * bend, 0.52 * height + 0.33 * height * np.sin(bend)],
            axis=1,
        )
        parts.append(tube(glaze, loop, 0.0075))
    return standing("teapot", parts)


CATEGORIES = (
    Category(
        "coffee machine", "surface", coffee_machine, ((0.18, 0.2, 0.28), (0.34, 0.45, 0.42)), ("filter", "espresso")
    ),
    Category("blender", "surface", blender, ((0.14, 0.14, 0.32), (0.24, 0.22, 0.48))),
    Category("knife block", "surface", knife_block, ((0.09, 0.13, 0.2), (0.15, 0.32, 0.38))),
    Category("teapot", "surface", teapot, ((0.2, 0.14, 0.11), (0.34, 0.2, 0.22)), ("handle behind", "bow above")),
)
