"""Small things of a bathroom; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import (
    label_around,
    on_wall,
    standing,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    GREY,
    STEEL,
    WHITE,
    ceramic,
    fabric,
    image,
    linear,
    metal,
    pick,
    plain,
)
from generation.scenes.procedural.shapes import (
    box,
    flat,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def bath_mat(rng: np.random.Generator) -> Asset:
    """Thick mat before a tub, 0.6 to 0.9 m by 0.4 to 0.55 m, with bands or a border."""
    width, depth, pile = rng.uniform(0.6, 0.9), rng.uniform(0.4, 0.55), 0.018
    cloth, band = fabric(rng, BRIGHTS + ("#f2f1ee", "#9fb7c4")), fabric(rng, ("#f2f1ee", "#e7e2d6", "#5d6b78"))
    outline = rounded_rectangle(width, depth, 0.05, 4)
    rings = stacked(np.stack([outline, outline, outline - 0.01 * np.sign(outline)]), (0, 0.7 * pile, pile))
    parts = [loft(cloth, rings)]
    if rng.random() < 0.5:
        for x in (-0.36, -0.28, 0.28, 0.36):
            parts.append(box(band, (0.04, depth - 0.06, 0.004), (x * width, 0, pile - 0.002), 0.001))
    else:
        for s in (-1, 1):
            parts.append(box(band, (width - 0.1, 0.02, 0.004), (0, s * (depth / 2 - 0.06), pile - 0.002), 0.001))
            parts.append(box(band, (0.02, depth - 0.141, 0.004), (s * (width / 2 - 0.06), 0, pile - 0.002), 0.001))
    return standing("bath mat", parts)


def toilet_paper_holder(rng: np.random.Generator) -> Asset:
    """Roll on a wall bracket, its end hanging down."""
    steel = metal(STEEL) if rng.random() < 0.7 else plain(BLACK, gloss=0.4)
    paper, radius, width = plain(linear("#f6f5f1")), rng.uniform(0.045, 0.058), 0.1
    y = -radius - 0.02
    profile = [(0.02, 0), (radius, 0), (radius, width), (0.02, width), (0.02, 0)]
    roll = moved(turned(lathe(paper, profile, sides=28), "y", 90), (-width / 2, y, 0))
    tail = box(paper, (width - 0.002, 0.0015, 0.11), (0, y - radius + 0.0005, -0.11))
    plate = box(steel, (0.05, 0.012, 0.05), (0.03, -0.006, 0.06), 0.004)
    arm = [
        (0.03, -0.006, 0.085),
        (0.03, y, 0.085),
        (0.075, y, 0.085),
        (0.08, y, 0.05),
        (0.08, y, 0.0),
        (-0.065, y, 0.0),
    ]
    cover = [(x, yy, z) for x, yy, z in arm]
    return on_wall("toilet paper holder", [roll, tail, plate, tube(steel, cover, 0.006)])


def soap_dispenser(rng: np.random.Generator, variant: str) -> Asset:
    """Pump bottle of liquid soap, 0.16 to 0.2 m high: round, or square."""
    height, radius = rng.uniform(0.11, 0.135), rng.uniform(0.032, 0.038)
    body = (ceramic(rng), plain(pick(rng, BRIGHTS), gloss=0.7), plain(linear("#5a3a20"), gloss=0.8))[rng.integers(3)]
    pump = metal(STEEL) if rng.random() < 0.5 else plain((BLACK, WHITE)[rng.integers(2)], gloss=0.4)
    if variant == "round":
        shell = [
            (0, 0),
            (radius, 0),
            (radius, 0.8 * height),
            (0.55 * radius, 0.95 * height),
            (0.4 * radius, height),
            (0, height),
        ]
        parts = [lathe(body, shell)]
        wrap = radius + 0.0006
        band = [
            (radius - 0.002, 0),
            (wrap, 0),
            (wrap, 0.42 * height),
            (radius - 0.002, 0.42 * height),
            (radius - 0.002, 0),
        ]
        parts.append(lathe(plain(linear("#f2efe6")), band, (0, 0, 0.18 * height)))
        parts.append(label_around(image("label", rng), wrap, 0.19 * height, 0.4 * height))
    else:
        parts = [box(body, (1.8 * radius, 1.8 * radius, height), (0, 0, 0), 0.008)]
        corner, span = (-0.6 * radius, -0.9 * radius - 0.0006, 0.2 * height), 1.2 * radius
        parts.append(flat(image("label", rng), corner, (span, 0, 0), (0, 0, 0.6 * height)))
    collar = [(0, 0), (0.45 * radius, 0), (0.45 * radius, 0.018), (0.006, 0.02), (0.006, 0.045), (0, 0.045)]
    parts.append(lathe(pump, collar, (0, 0, height - 0.001), 16))
    spout = [(0, 0.012, height + 0.05), (0, -0.03, height + 0.05), (0, -0.05, height + 0.042)]
    parts.append(tube(pump, spout, [0.012, 0.008, 0.005]))
    return standing("soap dispenser", parts)


def toothbrush_holder(rng: np.random.Generator) -> Asset:
    """Cup with one to three toothbrushes, often with a tube of paste."""
    radius, height, wall = rng.uniform(0.035, 0.04), rng.uniform(0.09, 0.105), 0.004
    profile = [
        (0, 0),
        (0.9 * radius, 0),
        (radius, height),
        (radius - wall, height),
        (0.9 * radius - wall, 0.006),
        (0, 0.006),
    ]
    parts = [lathe(ceramic(rng), profile)]
    for k in range(int(rng.integers(2, 4))):
        turn = 2.1 * k + rng.uniform(0, 1)
        out = np.array([np.cos(turn), np.sin(turn), 0])
        foot, tip = -0.5 * radius * out + [0, 0, 0.008], 1.05 * radius * out + [0, 0, 0.17]
        handle = plain(pick(rng, BRIGHTS), gloss=0.4)
        parts.append(
            tube(
                handle, [foot, 0.5 * (foot + tip), tip, tip + 0.16 * (tip - foot)], [0.0055, 0.0045, 0.0035, 0.0045], 8
            )
        )
        bristles = box(plain(WHITE), (0.011, 0.011, 0.026), (0, 0, 0), 0.002)
        lean = np.degrees(np.arctan2(1.55 * radius, 0.162))
        head = moved(
            turned(turned(moved(bristles, (0.009, 0, 0)), "y", lean), "z", np.degrees(turn)), tip + [0, 0, 0.0]
        )
        parts.append(head)
    if rng.random() < 0.6:
        paste = plain(linear(("#f2f1ee", "#c8402f", "#2f6fb5")[rng.integers(3)]), gloss=0.4)
        at = (0.0, -radius - 0.04, 0.0)
        turn = np.arange(12) * np.pi / 6
        rings = [
            np.column_stack([np.full(12, y), r * np.cos(turn), 0.02 + 0.9 * r * flat * np.sin(turn)])
            for y, r, flat in ((0.0, 0.014, 1.0), (0.02, 0.014, 1.0), (0.035, 0.019, 0.7), (0.15, 0.022, 0.15))
        ]
        parts.append(moved(loft(paste, np.stack(rings)), (-0.08, at[1], 0)))
    return standing("toothbrush holder", parts)


def toilet_brush(rng: np.random.Generator) -> Asset:
    """Brush in its pot on the floor, 0.36 to 0.42 m high."""
    height, radius = rng.uniform(0.36, 0.42), rng.uniform(0.045, 0.055)
    pot = (plain(WHITE, gloss=0.5), metal(STEEL), plain(BLACK, gloss=0.4), ceramic(rng))[rng.integers(4)]
    steel, bristle, rim = metal(GREY), plain(linear("#f2f1ee")), 0.13
    profile = [
        (0, 0),
        (0.9 * radius, 0),
        (radius, rim),
        (radius - 0.004, rim),
        (0.9 * radius - 0.004, 0.006),
        (0, 0.006),
    ]
    brush = [
        (0, 0),
        (0.5 * radius, 0.01),
        (0.72 * radius, 0.04),
        (0.72 * radius, 0.075),
        (0.4 * radius, 0.1),
        (0, 0.1),
    ]
    knob = [(0, 0), (0.012, 0.0), (0.016, 0.05), (0.01, 0.1), (0, 0.102)]
    parts = [
        lathe(pot, profile),
        lathe(bristle, brush, (0, 0, 0.05), 16),
        tube(steel, [(0, 0, 0.12), (0, 0, height - 0.08)], 0.005),
        lathe(steel, [(0, 0), (0.8 * radius, 0), (0.7 * radius, 0.008), (0, 0.012)], (0, 0, rim + 0.003)),
        lathe(pot, knob, (0, 0, height - 0.102), 14),
    ]
    return standing("toilet brush", parts)


CATEGORIES = (
    Category("bath mat", "rug", bath_mat, ((0.5, 0.35, 0.01), (1.0, 0.6, 0.03))),
    Category("toilet paper holder", "wall", toilet_paper_holder, ((0.1, 0.07, 0.15), (0.2, 0.16, 0.28))),
    Category(
        "soap dispenser", "surface", soap_dispenser, ((0.05, 0.05, 0.14), (0.09, 0.11, 0.22)), ("round", "square")
    ),
    Category("toothbrush holder", "surface", toothbrush_holder, ((0.06, 0.06, 0.15), (0.2, 0.18, 0.23))),
    Category("toilet brush", "floor", toilet_brush, ((0.08, 0.08, 0.33), (0.13, 0.13, 0.45))),
)
