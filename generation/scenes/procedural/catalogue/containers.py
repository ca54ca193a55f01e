"""Bags, boxes and bins."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    GREY,
    STEEL,
    fabric,
    linear,
    metal,
    pick,
    plain,
)
from generation.scenes.procedural.shapes import box, cushion, lathe, moved, tube, turned


def backpack(rng: np.random.Generator) -> Asset:
    """Rucksack, 0.42 to 0.5 m high, with front pocket, side pockets, straps and top loop."""
    width, depth, height = rng.uniform(0.28, 0.33), rng.uniform(0.15, 0.19), rng.uniform(0.42, 0.5)
    cloth, black = fabric(rng, BRIGHTS), plain(linear("#26272a"))
    trim = black if rng.random() < 0.6 else fabric(rng, BRIGHTS)
    front = -depth / 2
    arch = [(0, front + 0.03, height - 0.02), (0, front + 0.03, height + 0.02), (0, depth / 2 - 0.03, height + 0.02)]
    parts = [
        cushion(cloth, (width, depth, height), (0, 0, 0), 0.065),
        cushion(trim, (0.78 * width, 0.09, 0.42 * height), (0, front, 0.05), 0.04),
        tube(black, [*arch, (0, depth / 2 - 0.03, height - 0.02)], 0.009, 6),
        box(black, (0.72 * width, 0.006, 0.008), (0, front - 0.044, 0.05 + 0.33 * height)),
    ]
    seam = [(-0.43 * width, front + 0.035, 0.45 * height), (-0.41 * width, front + 0.035, 0.82 * height)]
    seam += [(-0.28 * width, front + 0.04, 0.955 * height), (0, front + 0.04, 0.985 * height)]
    seam += [(-x, y, z) for x, y, z in seam[-2::-1]]
    parts.append(tube(black, seam, 0.012, 5))
    for side in (-1, 1):
        parts.append(cushion(trim, (0.06, 0.6 * depth, 0.35 * height), (side * width / 2, 0, 0.03), 0.028))
        x, y = side * 0.28 * width, depth / 2
        strap = [
            (x * 0.7, y - 0.01, 0.93 * height),
            (x, y + 0.05, 0.8 * height),
            (x * 1.2, y + 0.06, 0.45 * height),
            (x * 1.4, y - 0.01, 0.1 * height),
        ]
        parts.append(tube(black, strap, [0.02, 0.024, 0.022, 0.01], 6))
    return standing("backpack", parts)


def suitcase(rng: np.random.Generator) -> Asset:
    """Trolley case, 0.55 to 0.7 m high without its drawn-out handle, ribbed shell, four wheels."""
    height = rng.uniform(0.55, 0.7)
    width, depth, lift = 0.66 * height, 0.38 * height, 0.045
    shell, black, steel = plain(pick(rng, BRIGHTS), gloss=0.4), plain(BLACK), metal(GREY)
    parts = [cushion(shell, (width, depth, height - lift), (0, 0, lift), 0.045)]
    for x in np.linspace(-0.34, 0.34, 5) * width:
        for side in (-1, 1):
            parts.append(box(shell, (0.028, 0.012, height - lift - 0.12), (x, side * depth / 2, lift + 0.06), 0.005))
    parts.append(box(black, (width + 0.006, 0.012, height - lift - 0.1), (0, 0, lift + 0.05)))
    for x in (-0.38 * width, 0.38 * width):
        for y in (-0.32 * depth, 0.32 * depth):
            parts.append(box(black, (0.035, 0.035, 0.04), (x, y, 0.022), 0.005))
            wheel = turned(lathe(black, [(0, -0.01), (0.022, -0.01), (0.022, 0.01), (0, 0.01)], sides=12), "y", 90)
            parts.append(moved(wheel, (x, y, 0.022)))
    top = height + rng.uniform(0.2, 0.4)
    y = depth / 2 - 0.05
    parts += [tube(steel, [(x, y, height - 0.02), (x, y, top)], 0.008, 6) for x in (-0.08, 0.08)]
    parts += [
        box(black, (0.2, 0.03, 0.03), (0, y, top - 0.015), 0.01),
        box(black, (0.14, 0.03, 0.025), (0, -0.02, height - 0.004), 0.008),
    ]
    return standing("suitcase", parts)


def trash_can(rng: np.random.Generator) -> Asset:
    """Pedal bin with a domed lid, 0.35 to 0.65 m high."""
    height = rng.uniform(0.35, 0.65)
    radius = rng.uniform(0.24, 0.3) * height + 0.03
    body = metal(STEEL) if rng.random() < 0.6 else plain(pick(rng, BRIGHTS), gloss=0.4)
    black, lid = plain(BLACK, gloss=0.2), body if rng.random() < 0.5 else plain(BLACK, gloss=0.4)
    wall, dome = (
        height - 0.08,
        [(0, 0), (radius * 1.03, 0), (radius * 1.03, 0.02), (0.85 * radius, 0.055), (0.45 * radius, 0.074), (0, 0.08)],
    )
    parts = [
        lathe(black, [(0, 0), (radius * 1.03, 0), (radius * 1.03, 0.035), (0, 0.035)]),
        lathe(body, [(0, 0.03), (radius, 0.03), (radius, wall), (0, wall)]),
        lathe(black, [(0, 0), (radius * 1.015, 0), (radius * 1.015, 0.014), (0, 0.014)], (0, 0, wall - 0.01)),
        lathe(lid, dome, (0, 0, wall)),
        box(black, (0.09, 0.09, 0.014), (0, -radius - 0.02, 0.008), 0.004),
        box(black, (0.1, 0.03, 0.04), (0, radius, wall - 0.02), 0.006),
    ]
    return standing("trash can", parts)


def basket(rng: np.random.Generator) -> Asset:
    """Open wicker basket with two handles, 0.34 to 0.46 m across."""
    radius, height = rng.uniform(0.17, 0.23), rng.uniform(0.2, 0.3)
    dark, pale = linear("#8a6238"), linear("#c79c62")
    wicker = Material("checker", dark, pale, scale_m=0.03)
    rope, wall = Material("stripes", pale, dark, scale_m=0.02), 0.012
    foot = 0.8 * radius
    outside = [(0, 0), (foot, 0), (radius, 0.6 * height), (0.97 * radius, height)]
    inside = [(0.97 * radius - wall, height), (radius - wall, 0.6 * height), (foot - wall, wall), (0, wall)]
    turn = 2 * np.pi * np.arange(32) / 32
    parts = [lathe(wicker, outside + inside, sides=28)]
    for z, reach in ((height, 0.97 * radius - wall / 2), (0.62 * height, radius), (0.012, foot - 0.002)):
        ring = np.stack([reach * np.cos(turn), reach * np.sin(turn), np.full(32, z)], axis=1)
        parts.append(tube(rope, ring, 0.012, 6, closed=True))
    bend = np.radians(np.linspace(0, 180, 9))
    for side in (-1, 1):
        loop = np.stack([np.full(9, side * 0.95 * radius), 0.08 * np.cos(bend), height + 0.08 * np.sin(bend)], axis=1)
        parts.append(tube(rope, loop, 0.01, 6))
    return standing("basket", parts)


def cardboard_box(rng: np.random.Generator) -> Asset:
    """Cardboard carton, 0.3 to 0.55 m wide: taped shut, or empty with its four flaps open."""
    width = rng.uniform(0.3, 0.55)
    depth, height = width * rng.uniform(0.65, 0.9), width * rng.uniform(0.5, 0.85)
    card, board = plain(linear(("#b98d5b", "#c39a68", "#a97f50")[rng.integers(3)])), 0.005
    if rng.random() < 0.5:
        tape = plain(linear("#d9c39a"), gloss=0.4)
        parts = [
            box(card, (width, depth, height), (0, 0, 0), 0.002),
            box(tape, (width + 0.002, 0.055, 0.002), (0, 0, height - 0.001)),
            *(box(tape, (0.002, 0.055, 0.09), (s * width / 2, 0, height - 0.089)) for s in (-1, 1)),
            box(plain(linear("#f2efe6")), (0.3 * width, 0.002, 0.3 * height), (0.2 * width, -depth / 2, 0.5 * height)),
        ]
        return standing("cardboard box", parts)
    parts = [box(card, (width, depth, board))]
    for side in (-1, 1):
        parts.append(box(card, (width, board, height - board), (0, side * (depth - board) / 2, board)))
        parts.append(box(card, (board, depth - 2 * board, height - board), (side * (width - board) / 2, 0, board)))
        flap = box(card, (width, board, depth / 2), (0, side * (depth - board) / 2, height))
        parts.append(turned(flap, "x", -side * rng.uniform(60, 125), (0, side * (depth - board) / 2, height)))
        flap = box(card, (board, depth, 0.45 * depth), (side * (width - board) / 2, 0, height))
        parts.append(turned(flap, "y", side * rng.uniform(60, 125), (side * (width - board) / 2, 0, height)))
    return standing("cardboard box", parts)


CATEGORIES = (
    Category("backpack", "floor", backpack),
    Category("suitcase", "floor", suitcase),
    Category("trash can", "floor", trash_can),
    Category("basket", "floor", basket),
    Category("cardboard box", "floor", cardboard_box),
)
