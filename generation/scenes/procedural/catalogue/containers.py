"""Bags, boxes and bins."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    DARK,
    GREY,
    STEEL,
    WHITE,
    fabric,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    circle,
    cushion,
    ellipsoid,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    trough,
    tube,
    turned,
)


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


def suitcase(rng: np.random.Generator, variant: str) -> Asset:
    """Trolley case, 0.55 to 0.7 m high without its drawn-out handle, or an old case of leather with straps."""
    if variant == "leather":
        return standing("suitcase", _leather_case(rng))
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


def _leather_case(rng: np.random.Generator) -> list[Part]:
    """Upright case with corners of brass, two straps, locks and a handle on top."""
    width, depth, height = rng.uniform(0.55, 0.68), rng.uniform(0.17, 0.22), rng.uniform(0.4, 0.46)
    hide = plain(linear(("#7a4a2a", "#5a3424", "#3f4a3a", "#8a6a44")[rng.integers(4)]), gloss=0.3)
    strap, brass, y = plain(linear("#3a2418"), gloss=0.2), metal(BRASS), -depth / 2
    parts = [
        cushion(hide, (width, depth, height), (0, 0, 0), 0.02),
        box(strap, (width + 0.004, 0.008, height - 0.03), (0, 0.1 * depth, 0.015)),
        tube(
            strap,
            [
                (-0.07, 0, height - 0.004),
                (-0.06, 0, height + 0.03),
                (0.06, 0, height + 0.03),
                (0.07, 0, height - 0.004),
            ],
            0.011,
        ),
    ]
    for x in (-0.3 * width, 0.3 * width):
        parts.append(box(strap, (0.035, depth + 0.008, height + 0.008), (x, 0, -0.004), 0.003))
        parts.append(box(brass, (0.05, 0.006, 0.035), (x, y - 0.006, 0.7 * height), 0.002))
        parts.append(box(brass, (0.04, 0.03, 0.012), (0.5 * x, y + 0.012, height - 0.004), 0.003))
    for sx in (-1, 1):
        for z in (0, 1):
            parts.append(
                box(
                    brass,
                    (0.05, depth + 0.003, 0.05),
                    (sx * (width / 2 - 0.0235), 0, z * (height - 0.047) - 0.0015),
                    0.015,
                )
            )
    return parts


def trash_can(rng: np.random.Generator, variant: str) -> Asset:
    """Bin, 0.28 to 0.65 m high: with pedal and domed lid, open with a bag over its rim, or square with a swing lid."""
    if variant == "open":
        return standing("trash can", _open_bin(rng))
    height = rng.uniform(0.35, 0.65)
    if variant == "swing lid":
        return standing("trash can", _swing_bin(rng, height))
    radius = rng.uniform(0.24, 0.3) * height + 0.03
    body = metal(STEEL) if rng.random() < 0.6 else plain(pick(rng, BRIGHTS), gloss=0.4)
    black, lid = plain(BLACK, gloss=0.2), body if rng.random() < 0.5 else plain(BLACK, gloss=0.4)
    wall, r = height - 0.08, 1.03 * radius
    dome = [(0, 0), (r, 0), (r, 0.02), (0.85 * radius, 0.055), (0.45 * radius, 0.074), (0, 0.08)]
    parts = [
        lathe(black, [(0, 0), (radius * 1.03, 0), (radius * 1.03, 0.035), (0, 0.035)]),
        lathe(body, [(0, 0.03), (radius, 0.03), (radius, wall), (0, wall)]),
        lathe(black, [(0, 0), (radius * 1.015, 0), (radius * 1.015, 0.014), (0, 0.014)], (0, 0, wall - 0.01)),
        lathe(lid, dome, (0, 0, wall)),
        box(black, (0.09, 0.09, 0.014), (0, -radius - 0.02, 0.008), 0.004),
        box(black, (0.1, 0.03, 0.04), (0, radius, wall - 0.02), 0.006),
    ]
    return standing("trash can", parts)


def _open_bin(rng: np.random.Generator) -> list[Part]:
    """Round waste-paper bin with crumpled sheets, and mostly the edge of a bag around it."""
    height, radius = rng.uniform(0.28, 0.36), rng.uniform(0.125, 0.15)
    body = plain(pick(rng, BRIGHTS), gloss=0.2) if rng.random() < 0.6 else metal(DARK)
    foot = 0.8 * radius
    profile = [(0, 0), (foot, 0), (radius, height), (radius - 0.004, height), (foot - 0.004, 0.006), (0, 0.006)]
    parts, paper = [lathe(body, profile, sides=28)], plain(linear("#f4f2ea"))
    for k in range(5):
        angle, reach = 2.4 * k, 0.45 * radius * (k > 0)
        size = rng.uniform(0.09, 0.11)
        ball = ellipsoid(paper, (size, 0.85 * size, 0.8 * size), (0, 0, 0), 6)
        at = (reach * np.cos(angle), reach * np.sin(angle), height - 0.05 + 0.02 * (k == 0))
        parts.append(moved(turned(turned(ball, "x", 50 * k), "z", 40 * k), at))
    if rng.random() < 0.7:
        bag, z = plain(linear(("#e8e8e6", "#26272b", "#9fb7c4")[rng.integers(3)]), gloss=0.4), height - 0.07
        wave = radius * (1.035 + 0.025 * np.cos(np.arange(48) * 2 * np.pi / 48 * 12))
        turn = (np.arange(48) + 0.5) * 2 * np.pi / 48
        skirt = np.stack([wave * np.cos(turn), wave * np.sin(turn)], axis=1)
        rim = circle(48) * (radius + 0.003)
        inner = circle(48) * (radius - 0.006)
        outlines = np.stack([skirt, rim, inner, inner * 0.97])
        parts.append(loft(bag, stacked(outlines, (z, height + 0.004, height + 0.004, z)), closed=True))
    return parts


def _swing_bin(rng: np.random.Generator, height: float) -> list[Part]:
    """Tapered square bin under a hood whose flap swings."""
    width, depth, body_z = 0.5 * height + 0.05, 0.4 * height + 0.04, 0.74 * height
    body, hood = plain(pick(rng, BRIGHTS), gloss=0.3), plain((BLACK, GREY, WHITE)[rng.integers(3)], gloss=0.3)
    low, high = (rounded_rectangle(width * s, depth * s, 0.04 * s, 4) for s in (0.82, 1.0))
    rim = rounded_rectangle(width + 0.012, depth + 0.012, 0.045, 4)
    parts = [loft(body, stacked(np.stack([low, high]), (0, body_z)))]
    roof = stacked(
        np.stack([rim, rim, 0.9 * rim, rim * [0.72, 0.3]]),
        (0, 0.03, 0.16 * height, 0.262 * height),
        (0, 0, body_z - 0.001),
    )
    parts.append(loft(hood, roof))
    flap = box(plain(DARK, gloss=0.3), (0.58 * width, 0.012, 0.17 * height), (0, 0, 0), 0.004)
    at = (0, -0.46 * depth, body_z + 0.05 * height)
    parts.append(moved(turned(flap, "x", -18), at))
    return parts


def basket(rng: np.random.Generator, variant: str) -> Asset:
    """Open basket, 0.34 to 0.46 m wide: round wicker with two handles, a wicker tray with a bow, or wire."""
    dark, pale = linear("#8a6238"), linear("#c79c62")
    wicker = Material("checker", dark, pale, scale_m=0.03)
    rope = Material("stripes", pale, dark, scale_m=0.02)
    if variant == "round":
        return standing("basket", _round_basket(wicker, rope, rng.uniform(0.17, 0.23), rng.uniform(0.2, 0.3)))
    width, depth, height = rng.uniform(0.36, 0.46), rng.uniform(0.26, 0.32), rng.uniform(0.14, 0.18)
    if variant == "bow":
        rim = np.insert(rounded_rectangle(width - 0.01, depth - 0.01, 0.06, 5), 2, height, axis=1)
        bend = np.radians(np.linspace(0, 180, 13))
        bow = np.stack([0.49 * width * np.cos(bend), 0 * bend, 0.9 * height + 0.2 * np.sin(bend)], axis=1)
        parts = [
            trough(wicker, (width, depth, height), (0, 0, 0), 0.012, 0.012, (0.065, 0.055), foot=0.84),
            tube(rope, rim, 0.011, 6, closed=True),
            tube(rope, bow, 0.012, 6),
        ]
        return standing("basket", parts)
    steel, parts = plain(BLACK, gloss=0.3) if rng.random() < 0.6 else metal(GREY), []
    for share, z in ((0.8, 0.004), (0.9, 0.5 * height), (1.0, height)):
        outline = share * rounded_rectangle(width, depth, 0.05, 3)
        parts.append(tube(steel, np.insert(outline, 2, z, axis=1), 0.004 if share < 1 else 0.006, 5, closed=True))
    for x in np.linspace(-0.4, 0.4, 7) * width:
        path = [
            (x, -depth / 2, height),
            (0.82 * x, -0.4 * depth, 0.004),
            (0.82 * x, 0.4 * depth, 0.004),
            (x, depth / 2, height),
        ]
        parts.append(tube(steel, path, 0.0028, 4))
    for y in np.linspace(-0.36, 0.36, 5) * depth:
        path = [
            (-width / 2, y, height),
            (-0.4 * width, 0.82 * y, 0.006),
            (0.4 * width, 0.82 * y, 0.006),
            (width / 2, y, height),
        ]
        parts.append(tube(steel, path, 0.0028, 4))
    for side in (-1, 1):
        grip = [(side * width / 2, -0.06, height), (side * (width / 2 + 0.03), -0.05, height + 0.03)]
        parts.append(tube(wood(rng), [*grip, *((x, -y, z) for x, y, z in grip[::-1])], 0.007, 6))
    return standing("basket", parts)


def _round_basket(wicker: Material, rope: Material, radius: float, height: float) -> list[Part]:
    wall, foot = 0.012, 0.8 * radius
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
    return parts


def cardboard_box(rng: np.random.Generator, variant: str) -> Asset:
    """Cardboard carton, 0.3 to 0.55 m wide: taped shut, or empty with its four flaps open."""
    width = rng.uniform(0.3, 0.55)
    depth, height = width * rng.uniform(0.65, 0.9), width * rng.uniform(0.5, 0.85)
    card, board = plain(linear(("#b98d5b", "#c39a68", "#a97f50")[rng.integers(3)])), 0.005
    if variant == "taped":
        tape = plain(linear("#d9c39a"), gloss=0.4)
        parts = [
            box(card, (width, depth, height), (0, 0, 0), 0.002),
            box(tape, (width + 0.002, 0.055, 0.002), (0, 0, height - 0.001)),
            *(box(tape, (0.0014, 0.055, 0.09), (s * width / 2, 0, height - 0.0905)) for s in (-1, 1)),
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
    Category("backpack", "floor", backpack, ((0.25, 0.15, 0.4), (0.45, 0.4, 0.6))),
    Category("suitcase", "floor", suitcase, ((0.33, 0.16, 0.42), (0.72, 0.32, 1.15)), ("trolley", "leather")),
    Category("trash can", "floor", trash_can, ((0.2, 0.18, 0.26), (0.5, 0.6, 0.7)), ("pedal", "open", "swing lid")),
    Category("basket", "floor", basket, ((0.3, 0.24, 0.13), (0.55, 0.5, 0.45)), ("round", "bow", "wire")),
    Category("cardboard box", "floor", cardboard_box, ((0.25, 0.15, 0.12), (1.2, 1.0, 0.8)), ("taped", "open")),
)
