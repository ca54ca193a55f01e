"""What an office has besides desks and screens; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, standing, top_of
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    GREY,
    STEEL,
    WHITE,
    image,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import box, flat, lathe, moved, tube, turned


def filing_cabinet(rng: np.random.Generator, variant: str) -> Asset:
    """Steel cabinet of deep drawers with labels, 0.4 to 0.48 m wide: two, three or four of them."""
    drawers = {"two drawers": 2, "three drawers": 3, "four drawers": 4}[variant]
    width, depth = rng.uniform(0.4, 0.48), rng.uniform(0.5, 0.6)
    height = 0.08 + drawers * rng.uniform(0.29, 0.31)
    paint = plain(linear(("#c5c8ca", "#8d9499", "#3b3e43", "#d9d2c3", "#4a5f52")[rng.integers(5)]), gloss=0.3)
    steel, front = metal(STEEL), -depth / 2 + 0.018
    parts = [
        box(plain(DARK), (width - 0.02, depth - 0.06, 0.05), (0, 0.01, 0)),
        box(paint, (width, depth - 0.018, height - 0.05), (0, 0.009, 0.0499), 0.003),
    ]
    rise = (height - 0.08) / drawers
    for k in range(drawers):
        z = 0.06 + k * rise
        parts.append(box(paint, (width - 0.024, 0.018, rise - 0.008), (0, front - 0.009, z), 0.003))
        parts.append(box(plain(WHITE), (0.08, 0.003, 0.035), (0, front - 0.0185, z + 0.72 * rise)))
        handle = [(-0.05, front - 0.018, z + 0.55 * rise), (-0.05, front - 0.045, z + 0.55 * rise)]
        handle += [(-x, y, zz) for x, y, zz in handle[::-1]]
        parts.append(tube(steel, handle, 0.006, 6))
    parts.append(disc(steel, 0.011, 0.006, (0.4 * width, front - 0.0175, height - 0.055), 12))
    return standing("filing cabinet", parts, [top_of(width, depth - 0.02, height)])


def water_cooler(rng: np.random.Generator) -> Asset:
    """Dispenser with an upturned bottle of blue water, 1.2 to 1.4 m high."""
    width, depth, body = rng.uniform(0.3, 0.34), rng.uniform(0.3, 0.36), rng.uniform(0.85, 0.98)
    case, dark = plain(WHITE, gloss=0.3), plain(linear("#3b3e43"), gloss=0.3)
    water = plain(linear("#7db8de"), gloss=0.9)
    y = -depth / 2
    bottle = [
        (0, 0),
        (0.03, 0),
        (0.03, 0.05),
        (0.135, 0.13),
        (0.135, 0.22),
        (0.128, 0.235),
        (0.135, 0.25),
        (0.135, 0.37),
        (0.12, 0.39),
        (0, 0.39),
    ]
    parts = [
        box(case, (width, depth, body), (0, 0, 0), 0.02),
        lathe(case, [(0, 0), (0.1, 0), (0.12, 0.03), (0, 0.03)], (0, 0, body - 0.001)),
        lathe(water, bottle, (0, 0, body + 0.01), 28),
        box(dark, (0.75 * width, 0.012, 0.24), (0, y - 0.002, body - 0.34), 0.004),
        box(dark, (0.7 * width, 0.09, 0.02), (0, y - 0.045, body - 0.345), 0.006),
        box(plain(GREY), (0.6 * width, 0.006, 0.004), (0, y - 0.06, body - 0.326)),
    ]
    for x, color in ((-0.06, "#2f6fb5"), (0.06, "#c8402f")):
        parts.append(box(plain(WHITE, gloss=0.3), (0.03, 0.05, 0.03), (x, y - 0.03, body - 0.17), 0.006))
        parts.append(box(plain(linear(color), gloss=0.3), (0.035, 0.03, 0.016), (x, y - 0.045, body - 0.141), 0.004))
    return standing("water cooler", parts)


def telephone(rng: np.random.Generator, variant: str) -> Asset:
    """Desk telephone, 0.18 to 0.23 m wide: with keys and a display, or with a dial."""
    width, depth = rng.uniform(0.18, 0.23), rng.uniform(0.19, 0.23)
    if variant == "keys":
        case, dark = plain(linear(("#2c2e33", "#3b3e43", "#e4e4e2")[rng.integers(3)]), gloss=0.3), plain(BLACK)
        key = plain(linear("#dcdcda"))
    else:
        case = plain(linear(("#1d1e20", "#a33b32", "#3a6b5a", "#e8dfc8")[rng.integers(4)]), gloss=0.5)
        dark, key = plain(BLACK), plain(linear("#efe9da"))
    slope = 16.0
    body = [box(case, (width, depth, 0.04), (0, 0, 0), 0.012)]
    x = -0.36 * width
    if variant == "keys":
        body.append(
            box(
                plain(linear("#9fb8a6"), emission=0.4),
                (0.48 * width, 0.045, 0.004),
                (0.16 * width, 0.26 * depth, 0.038),
            )
        )
        for row in range(4):
            body += [
                box(key, (0.022, 0.015, 0.006), (0.16 * width + 0.03 * c, 0.08 * depth - 0.024 * row, 0.037), 0.002)
                for c in (-1, 0, 1)
            ]
        parts = [moved(turned(part, "x", slope), (0, 0, 0.012)) for part in body]
        handset = [
            tube(
                case,
                [(x, -0.42 * depth, 0.05), (x, -0.3 * depth, 0.066), (x, 0.3 * depth, 0.066), (x, 0.42 * depth, 0.05)],
                [0.024, 0.017, 0.017, 0.024],
            )
        ]
        parts += [moved(turned(part, "x", slope), (0, 0, 0.012)) for part in handset]
    else:
        dial = [(0, 0), (0.055, 0), (0.055, 0.01), (0, 0.012)]
        body.append(lathe(key, dial, (0, -0.08 * depth, 0.039), 28))
        for k in range(10):
            turn = np.radians(30 * k + 20)
            at = (0.04 * np.cos(turn), 0.04 * np.sin(turn) - 0.08 * depth, 0.0495)
            body.append(lathe(dark, [(0, 0), (0.008, 0), (0.008, 0.003), (0, 0.003)], at, 10))
        body.append(lathe(case, [(0, 0), (0.02, 0), (0.018, 0.004), (0, 0.005)], (0, -0.08 * depth, 0.0495), 16))
        parts = [moved(turned(part, "x", slope), (0, 0, 0.012)) for part in body]
        y, z = 0.3 * depth, 0.1
        parts += [box(case, (0.02, 0.04, 0.05), (s * 0.28 * width, y, 0.05), 0.006) for s in (-1, 1)]
        grip = [
            (-0.55 * width, y, z - 0.025),
            (-0.42 * width, y, z + 0.01),
            (0.42 * width, y, z + 0.01),
            (0.55 * width, y, z - 0.025),
        ]
        parts.append(tube(case, grip, [0.028, 0.016, 0.016, 0.028]))
    parts.append(box(case, (width - 0.01, 0.5 * depth, 0.05), (0, 0.22 * depth, 0), 0.01))
    return standing("telephone", parts)


def pen_holder(rng: np.random.Generator) -> Asset:
    """Cup of 9 to 11 cm with pens, pencils and a ruler or scissors in it."""
    height, radius = rng.uniform(0.09, 0.11), rng.uniform(0.036, 0.045)
    cup = (metal(DARK), plain(pick(rng, BRIGHTS), gloss=0.3), wood(rng))[rng.integers(3)]
    wall = 0.003
    profile = [(0, 0), (radius, 0), (radius, height), (radius - wall, height), (radius - wall, 0.004), (0, 0.004)]
    parts = [lathe(cup, profile)]
    for k in range(int(rng.integers(4, 8))):
        turn, reach = 2.4 * k, rng.uniform(0.4, 0.75) * radius
        foot = np.array([-0.5 * reach * np.cos(turn), -0.5 * reach * np.sin(turn), 0.006])
        lean = np.array([np.cos(turn), np.sin(turn), 0]) * reach
        tip = foot + lean * 1.6 + [0, 0, rng.uniform(0.14, 0.165)]
        body = plain(pick(rng, ("#e0a52d", "#2f6fb5", "#c8402f", "#3a9158", "#26272b")), gloss=0.3)
        parts.append(tube(body, [foot, tip], 0.0042, 6))
        end = plain(linear("#e2c498")) if k % 2 else plain(BLACK)
        parts.append(tube(end, [tip, tip + (tip - foot) / np.linalg.norm(tip - foot) * 0.014], [0.004, 0.001], 6))
    parts.append(box(plain(linear("#e8c95a"), gloss=0.2), (0.026, 0.002, 0.17), (-0.2 * radius, 0.35 * radius, 0.006)))
    return standing("pen holder", parts)


def document_tray(rng: np.random.Generator) -> Asset:
    """Two or three trays for papers one above the other, 0.26 m wide."""
    levels, width, depth, rise = int(rng.integers(2, 4)), 0.26, 0.34, 0.07
    material = plain(pick(rng, ("#26272a", "#8b8f94", "#2f6fb5", "#c8402f", "#d9d9d6")), gloss=0.2)
    parts = []
    for level in range(levels):
        z = level * rise
        parts.append(box(material, (width, depth, 0.004), (0, 0, z)))
        parts += [box(material, (0.004, depth, 0.035), (s * (width - 0.004) / 2, 0, z + 0.004)) for s in (-1, 1)]
        parts.append(box(material, (width - 0.008, 0.004, 0.035), (0, depth / 2 - 0.002, z + 0.004)))
        if level:
            corners = [(sx * (width / 2 - 0.006), sy * (depth / 2 - 0.02)) for sx in (-1, 1) for sy in (-1, 1)]
            parts += [box(material, (0.008, 0.012, rise - 0.0385), (x, y, z - rise + 0.0387)) for x, y in corners]
        if rng.random() < 0.85:
            stack = rng.uniform(0.006, 0.02)
            x, y = rng.uniform(-0.008, 0.008), rng.uniform(-0.02, 0.005)
            parts.append(box(plain(linear("#f6f5f0")), (0.21, 0.297, stack), (x, y, z + 0.0038)))
            parts.append(
                flat(image("document", rng), (x - 0.105, y - 0.1485, z + stack + 0.0042), (0.21, 0, 0), (0, 0.297, 0))
            )
    return standing("document tray", parts)


def microscope(rng: np.random.Generator) -> Asset:
    """Microscope, 0.32 to 0.4 m high: foot, arm, stage, turret with lenses, slanted tube."""
    s = rng.uniform(0.32, 0.4)
    body = plain((WHITE, BLACK, linear("#4a5b6e"))[rng.integers(3)], gloss=0.4)
    black, steel, glass = plain(BLACK, gloss=0.3), metal(STEEL), plain(linear("#2b4a66"), gloss=0.9)
    arm = [
        (0, 0.2 * s, 0.05 * s),
        (0, 0.27 * s, 0.25 * s),
        (0, 0.27 * s, 0.5 * s),
        (0, 0.16 * s, 0.66 * s),
        (0, 0.02 * s, 0.66 * s),
    ]
    lens = lathe(
        steel, [(0, 0), (0.022 * s, 0), (0.035 * s, 0.05 * s), (0.035 * s, 0.13 * s), (0, 0.13 * s)], sides=14
    )
    tube_parts = [
        lathe(body, [(0, 0), (0.055 * s, 0), (0.055 * s, 0.2 * s), (0, 0.2 * s)], sides=18),
        lathe(
            black,
            [(0, 0), (0.042 * s, 0), (0.042 * s, 0.1 * s), (0.052 * s, 0.1 * s), (0.052 * s, 0.14 * s), (0, 0.14 * s)],
            (0, 0, 0.199 * s),
            18,
        ),
    ]
    top = np.array([0, 0.02 * s, 0.64 * s])
    parts = [
        box(body, (0.4 * s, 0.55 * s, 0.06 * s), (0, 0, 0), 0.012),
        tube(body, arm, [0.055 * s, 0.05 * s, 0.05 * s, 0.055 * s, 0.06 * s]),
        box(black, (0.36 * s, 0.3 * s, 0.025 * s), (0, -0.02 * s, 0.3 * s), 0.003),
        box(steel, (0.05 * s, 0.12 * s, 0.06 * s), (0, 0.17 * s, 0.27 * s), 0.003),
        lathe(glass, [(0, 0), (0.06 * s, 0), (0.05 * s, 0.03 * s), (0, 0.03 * s)], (0, -0.02 * s, 0.059 * s), 16),
        *(
            moved(turned(turned(lens, "y", 180), "x", angle), (x, y, 0.56 * s))
            for x, y, angle in ((0, -0.02 * s, 0), (0.05 * s, 0.03 * s, 22), (-0.05 * s, 0.03 * s, 22))
        ),
        lathe(steel, [(0, 0), (0.09 * s, 0), (0.07 * s, 0.06 * s), (0, 0.06 * s)], (0, 0.0, 0.54 * s), 18),
        *(moved(turned(part, "x", 38), top) for part in tube_parts),
    ]
    knob = turned(
        lathe(black, [(0, -0.12 * s), (0.06 * s, -0.12 * s), (0.06 * s, 0.12 * s), (0, 0.12 * s)], sides=16), "y", 90
    )
    parts.append(moved(knob, (0, 0.25 * s, 0.16 * s)))
    return standing("microscope", parts)


CATEGORIES = (
    Category(
        "filing cabinet",
        "wall_side",
        filing_cabinet,
        ((0.38, 0.45, 0.6), (0.5, 0.7, 1.4)),
        ("two drawers", "three drawers", "four drawers"),
    ),
    Category("water cooler", "wall_side", water_cooler, ((0.28, 0.28, 1.1), (0.4, 0.5, 1.45))),
    Category("telephone", "surface", telephone, ((0.16, 0.16, 0.07), (0.32, 0.28, 0.18)), ("keys", "dial")),
    Category("pen holder", "surface", pen_holder, ((0.06, 0.06, 0.14), (0.16, 0.16, 0.22))),
    Category("document tray", "surface", document_tray, ((0.24, 0.3, 0.08), (0.3, 0.38, 0.28))),
    Category("microscope", "surface", microscope, ((0.1, 0.16, 0.28), (0.22, 0.32, 0.45))),
)
