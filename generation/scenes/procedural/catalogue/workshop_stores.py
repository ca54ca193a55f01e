"""What stuff is kept and carried in: tool boxes, cans, buckets."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import (
    label_around,
    standing,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    GREY,
    STEEL,
    TOOL_COLORS,
    image,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    cushion,
    lathe,
    loft,
    moved,
    trough,
    tube,
    turned,
)


def toolbox(rng: np.random.Generator, variant: str) -> Asset:
    """Box for tools, 0.4 to 0.52 m long: plastic with latches and a handle, or an open wooden one with a bar."""
    width, depth, height = rng.uniform(0.4, 0.52), rng.uniform(0.2, 0.25), rng.uniform(0.16, 0.2)
    if variant == "open":
        timber, board = wood(rng), 0.014
        parts = [box(timber, (width, depth, board))]
        parts += [box(timber, (width, board, 0.6 * height), (0, s * (depth - board) / 2, board)) for s in (-1, 1)]
        for side in (-1, 1):
            gable = np.array(
                [
                    (-depth / 2 + board, 0),
                    (depth / 2 - board, 0),
                    (depth / 2 - board, 0.6 * height),
                    (0.04, 1.4 * height),
                    (-0.04, 1.4 * height),
                    (-depth / 2 + board, 0.6 * height),
                ]
            )
            ends = [np.column_stack([np.full(6, x), gable[:, 0], gable[:, 1] + board]) for x in (0, board)]
            parts.append(moved(loft(timber, np.stack(ends)), (side * (width / 2 - board / 2) - board / 2, 0, 0)))
        parts.append(
            tube(timber, [(-width / 2 + 0.004, 0, 1.25 * height), (width / 2 - 0.004, 0, 1.25 * height)], 0.013)
        )
        grips = [plain(pick(rng, TOOL_COLORS), gloss=0.3) for _ in range(3)]
        for k, grip in enumerate(grips):
            x, y = (k - 1) * 0.25 * width, 0.05 * (-1) ** k
            parts.append(tube(grip, [(x, y, 0.6 * height), (x + 0.03, y, 0.6 * height + 0.11)], 0.014))
            parts.append(tube(metal(GREY), [(x - 0.05, y, 0.03), (x, y, 0.61 * height)], 0.005, 6))
        return standing("toolbox", parts)
    body = plain(pick(rng, TOOL_COLORS[:3]), gloss=0.3)
    black = plain(BLACK, gloss=0.2)
    parts = [
        trough(black, (width, depth, 0.62 * height), (0, 0, 0), 0.02, 0.02, (0.015, 0.012), foot=0.94),
        cushion(body, (width + 0.01, depth + 0.01, 0.4 * height), (0, 0, 0.6 * height), 0.02),
        box(body, (0.6 * width, 0.35 * depth, 0.02), (0, 0, height - 0.004), 0.006),
    ]
    grip = [(-0.16, 0, height), (-0.14, 0, height + 0.055), (0.14, 0, height + 0.055), (0.16, 0, height)]
    parts.append(tube(black, grip, [0.012, 0.013, 0.013, 0.012]))
    yellow = plain(linear("#e0a52d") if body.color != linear("#e0a52d") else linear("#c8402f"), gloss=0.3)
    for x in (-0.28 * width, 0.28 * width):
        parts.append(box(yellow, (0.045, 0.018, 0.07), (x, -depth / 2 - 0.008, 0.45 * height), 0.005))
    return standing("toolbox", parts)


def paint_can(rng: np.random.Generator, variant: str) -> Asset:
    """Tin of 0.16 to 0.22 m with a label and a wire handle: closed with drips, or open with a brush across it."""
    height, radius = rng.uniform(0.16, 0.22), rng.uniform(0.075, 0.1)
    tin, hue = metal(STEEL), plain(pick(rng, BRIGHTS), gloss=0.5)
    label = Material("plain", linear("#efece4"), gloss=0.2)
    parts = []
    wall = [
        (0, 0),
        (radius, 0),
        (radius, height),
        (radius - 0.008, height),
        (radius - 0.008, height - 0.012),
        (0, height - 0.012),
    ]
    parts.append(lathe(tin, wall, sides=32))
    skin = radius + 0.0007
    band = [(radius - 0.003, 0), (skin, 0), (skin, 0.7 * height), (radius - 0.003, 0.7 * height), (radius - 0.003, 0)]
    parts.append(lathe(label, band, (0, 0, 0.12 * height), sides=32))
    stripe = [
        (radius - 0.003, 0),
        (skin + 0.0006, 0),
        (skin + 0.0006, 0.24 * height),
        (radius - 0.003, 0.24 * height),
        (radius - 0.003, 0),
    ]
    parts.append(lathe(hue, stripe, (0, 0, 0.3 * height), sides=32))
    parts.append(label_around(image("label", rng), skin + 0.0006, 0.13 * height, 0.68 * height, 100.0))
    bend = np.radians(np.linspace(0, 180, 11))
    handle = np.stack(
        [1.03 * radius * np.cos(bend), -0.9 * radius * np.sin(bend), 0.8 * height - 0.35 * radius * np.sin(bend)],
        axis=1,
    )
    parts.append(tube(metal(GREY), handle, 0.003, 6))
    if variant == "closed":
        lid = [
            (0, 0),
            (radius - 0.007, 0),
            (radius - 0.007, 0.01),
            (0.8 * radius, 0.012),
            (0.78 * radius, 0.006),
            (0, 0.006),
        ]
        parts.append(lathe(tin, lid, (0, 0, height - 0.011), sides=32))
    else:
        parts.append(
            lathe(
                hue,
                [(0, 0), (radius - 0.0085, 0), (radius - 0.0085, 0.004), (0, 0.004)],
                (0, 0, height - 0.014),
                sides=32,
            )
        )
        brush = [
            tube(wood(rng), [(-0.16, 0, 0), (-0.06, 0, 0), (0.0, 0, 0)], [0.007, 0.012, 0.01]),
            box(tin, (0.04, 0.055, 0.016), (0.015, 0, -0.008), 0.003),
            box(plain(linear("#b89a6a")), (0.05, 0.052, 0.013), (0.055, 0, -0.0065), 0.004),
            box(hue, (0.03, 0.054, 0.014), (0.08, 0, -0.007), 0.004),
        ]
        parts += [moved(turned(part, "z", 25), (0, 0, height + 0.0125)) for part in brush]
    for turn in rng.uniform(0, 360, 4):
        drip = lathe(hue, [(0, 0), (0.005, 0.004), (0.004, 0.03), (0.003, 0.05), (0, 0.052)], sides=8)
        parts.append(moved(turned(moved(drip, (radius, 0, 0)), "z", turn), (0, 0, height - 0.053)))
    return standing("paint can", parts)


def bucket(rng: np.random.Generator, variant: str) -> Asset:
    """Pail of 0.26 to 0.32 m with its handle up or down: plastic, or zinc with a rolled rim."""
    height, radius = rng.uniform(0.26, 0.32), rng.uniform(0.14, 0.16)
    body = plain(pick(rng, BRIGHTS), gloss=0.3) if variant == "plastic" else metal(GREY)
    foot, wall = 0.72 * radius, 0.004
    profile = [
        (0, 0.004),
        (foot - 0.006, 0.004),
        (foot - 0.004, 0),
        (foot, 0),
        (0.97 * radius, 0.86 * height),
        (radius + 0.006, 0.87 * height),
        (radius + 0.006, height),
    ]
    profile += [(radius - wall, height), (foot - wall, 0.01), (0, 0.01)]
    parts = [lathe(body, profile, sides=32)]
    if variant == "zinc":
        for z in (0.3, 0.6):
            reach = foot + (0.97 * radius - foot) * z / 0.86 + 0.001
            rib = [(reach - 0.004, 0), (reach + 0.004, 0.004), (reach - 0.004, 0.008), (reach - 0.004, 0)]
            parts.append(lathe(body, rib, (0, 0, z * height), sides=32))
    bend = np.radians(np.linspace(0, 180, 15))
    tilt = np.radians(rng.choice([75.0, -10.0]))
    reach = radius + 0.01
    handle = np.stack(
        [
            reach * np.cos(bend),
            -reach * np.sin(bend) * np.cos(tilt),
            0.92 * height + reach * np.sin(bend) * np.sin(tilt),
        ],
        axis=1,
    )
    parts.append(tube(metal(GREY), handle, 0.004, 6))
    grip = handle[6:9]
    parts.append(tube(plain(BLACK) if variant == "plastic" else wood(rng), grip, 0.011, 8))
    return standing("bucket", parts)


def jerrycan(rng: np.random.Generator) -> Asset:
    """Fuel can, 0.42 to 0.48 m high, with three handles, a cap and pressed ribs."""
    height, width, depth = rng.uniform(0.36, 0.4), rng.uniform(0.32, 0.36), rng.uniform(0.16, 0.18)
    hue = plain(linear(("#4f5a36", "#c8402f", "#2f6fb5", "#2f4f3a")[rng.integers(4)]), gloss=0.3)
    black = plain(BLACK, gloss=0.2)
    parts = [box(hue, (width, depth, height), (0, 0, 0), 0.03)]
    for side in (-1, 1):
        y = side * depth / 2
        for angle in (-1, 1):
            rib = box(hue, (0.02, 0.012, 0.32), (0, y, -0.16), 0.004)
            parts.append(moved(turned(rib, "y", 40 * angle), (0, 0, 0.46 * height)))
    for y in (-0.05, 0.0, 0.05):
        loop = [
            (-0.1, y, height - 0.005),
            (-0.09, y, height + 0.04),
            (0.05, y, height + 0.04),
            (0.06, y, height - 0.005),
        ]
        parts.append(tube(hue, loop, 0.009))
    parts.append(lathe(hue, [(0, 0), (0.03, 0), (0.028, 0.03), (0, 0.03)], (0.38 * width, 0, height - 0.006), 16))
    parts.append(lathe(black, [(0, 0), (0.034, 0), (0.034, 0.026), (0, 0.028)], (0.38 * width, 0, height + 0.022), 16))
    return standing("jerrycan", parts)


CATEGORIES = (
    Category("toolbox", "surface", toolbox, ((0.38, 0.18, 0.2), (0.56, 0.3, 0.32)), ("plastic", "open")),
    Category("paint can", "surface", paint_can, ((0.14, 0.14, 0.14), (0.35, 0.26, 0.26)), ("closed", "open")),
    Category("bucket", "floor", bucket, ((0.28, 0.28, 0.26), (0.38, 0.38, 0.52)), ("plastic", "zinc")),
    Category("jerrycan", "floor", jerrycan, ((0.3, 0.15, 0.38), (0.42, 0.22, 0.52))),
)
