"""Ladders, umbrellas, shoes and other things of a household."""

import numpy as np

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
    WHITE,
    image,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import box, circle, ellipsoid, lathe, leg, loft, stacked, tube, turned


def ladder(rng: np.random.Generator) -> Asset:
    """Stepladder, 1.1 to 1.7 m high, four to six treads."""
    height, width = rng.uniform(1.1, 1.7), rng.uniform(0.42, 0.5)
    rail = metal(STEEL) if rng.random() < 0.6 else wood(rng)
    treads, reach = int(round(height / 0.27)) - 1, 0.36 * height
    parts = [box(rail, (width - 0.06, 0.26, 0.03), (0, 0.02, height - 0.03), 0.006)]
    for side in (-1, 1):
        x, foot = side * width / 2, side * (width / 2 + 0.03)
        parts.append(leg(rail, (foot, -reach, 0), (x * 0.85, -0.06, height - 0.01), 0.03, 0.03))
        parts.append(leg(rail, (foot, reach * 0.9, 0), (x * 0.85, 0.1, height - 0.01), 0.022, 0.022))
        parts.append(box(metal(GREY), (0.008, 1.05 * reach, 0.012), (x, 0.0, 0.45 * height)))
    for step in range(1, treads + 1):
        share = step / (treads + 1)
        y, span = -reach + share * (reach - 0.06), width * (1 - 0.15 * share) + 0.06 * (1 - share) - 0.02
        parts.append(box(rail, (span, 0.1, 0.025), (0, y - 0.01, share * height - 0.02), 0.004))
    for share in (0.25, 0.6):
        y = 0.9 * reach + share * (0.1 - 0.9 * reach)
        parts.append(box(rail, (width * 0.95, 0.02, 0.03), (0, y, share * height)))
    return standing("ladder", parts)


def umbrella(rng: np.random.Generator) -> Asset:
    """Open umbrella lying on the floor, 0.95 to 1.1 m across."""
    radius = rng.uniform(0.48, 0.55)
    first, second = plain(pick(rng, BRIGHTS)), plain(pick(rng, BRIGHTS))
    two_tone = rng.random() < 0.4
    spread = np.linspace(0.02, 1.0, 7)
    drop = -0.5 * radius * spread**2.2
    parts = []
    for panel in range(8):
        edge = np.radians([45 * panel, 45 * panel + 22.5, 45 * panel + 45])
        sag = np.array([1.0, 0.93, 1.0])
        sheet = np.stack([np.cos(edge) * sag, np.sin(edge) * sag], axis=1) * spread[:, None, None] * radius
        top = np.concatenate([sheet, np.broadcast_to(drop[:, None, None], (7, 3, 1))], axis=2)
        lower = top[:, ::-1] - [0, 0, 0.004]
        cloth = second if two_tone and panel % 2 else first
        parts.append(loft(cloth, np.concatenate([lower, top], axis=1)[:, ::-1]))
        rib = top[:, 0] - [0, 0, 0.006]
        parts.append(tube(metal(GREY), rib, 0.003, 4))
    bend = np.radians(np.linspace(0, 200, 8))
    hook = np.stack([0.04 - 0.04 * np.cos(bend), 0 * bend, -0.78 - 0.04 * np.sin(bend)], axis=1)
    parts.append(tube(metal(GREY), [(0, 0, 0.06), (0, 0, -0.7)], 0.006, 8))
    parts.append(tube(wood(rng), [(0, 0, -0.66), *hook], 0.013, 8))
    tilt = np.degrees(np.arctan2(0.82 - 0.5 * radius, radius))
    return standing("umbrella", [turned(part, "y", 90 - tilt + 8) for part in parts])


def shoe(rng: np.random.Generator) -> Asset:
    """Trainer, 0.27 to 0.31 m long, toe to the front."""
    length = rng.uniform(0.27, 0.31)
    upper, sole = plain(pick(rng, BRIGHTS)), plain(WHITE if rng.random() < 0.7 else BLACK)
    trim = plain(WHITE)
    # Stations from heel to toe: share of the length, half width, height of the upper
    stations = np.array(
        [
            (0, 0.3, 0.55),
            (0.04, 0.62, 0.98),
            (0.14, 0.8, 1.0),
            (0.3, 0.78, 0.94),
            (0.42, 0.8, 0.9),
            (0.56, 0.92, 0.68),
            (0.72, 1.0, 0.5),
            (0.87, 0.86, 0.42),
            (0.96, 0.6, 0.34),
            (1, 0.25, 0.22),
        ]
    )
    along, half, top = length * (0.5 - stations[:, 0]), 0.048 * stations[:, 1], 0.105 * stations[:, 2]
    arc = np.radians(np.linspace(0, 180, 9))
    taper = 0.6 + 0.4 * np.cos(arc) ** 2
    across = np.cos(arc) * taper
    rings = np.stack(
        [
            np.stack([h * across, np.full(9, y), 0.02 + (t - 0.02) * np.sin(arc)], axis=1)
            for y, h, t in zip(along, half, top, strict=True)
        ]
    )
    ground = [
        np.stack(
            [h * 1.06 * circle(8)[:, 0].round(3) * 1.08, np.full(8, y), 0.0175 + 0.019 * circle(8)[:, 1].round(3)],
            axis=1,
        )
        for y, h in zip(along * 1.02, half, strict=True)
    ]
    parts = [loft(upper, rings), loft(sole, np.stack(ground))]
    collar = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    opening = stacked(np.stack([np.cos(collar) * 0.026, np.sin(collar) * 0.055], axis=1)[None], [0.0])[0]
    hole = np.stack(
        [
            opening * s + [0, 0.29 * length, z]
            for s, z in ((0.6, 0.08), (1.0, 0.093), (1.0, 0.1), (0.9, 0.104), (0.8, 0.098))
        ]
    )
    parts.append(loft(plain(linear("#26272a")), hole))
    for k in range(4):
        y, z = -0.05 * length + 0.13 * length - 0.045 * k * length, 0.096 - 0.009 * k
        parts.append(tube(trim, [(-0.022, y, z - 0.012), (0, y, z), (0.022, y, z - 0.012)], 0.0035, 5))
    return standing("shoe", parts)


def coat_rack(rng: np.random.Generator) -> Asset:
    """Hat and coat stand, 1.65 to 1.85 m high, six hooks on a pole with four feet."""
    height = rng.uniform(1.65, 1.85)
    frame = wood(rng) if rng.random() < 0.6 else plain(BLACK, gloss=0.3)
    pole = [(0, 0.2), (0.022, 0.2), (0.018, height - 0.04), (0.03, height - 0.02), (0, height)]
    parts = [lathe(frame, pole, sides=12)]
    for angle in np.radians([45, 135, 225, 315]):
        out = np.array([np.cos(angle), np.sin(angle), 0])
        path = [
            0.01 * out + [0, 0, 0.34],
            0.12 * out + [0, 0, 0.2],
            0.25 * out + [0, 0, 0.05],
            0.29 * out + [0, 0, 0.014],
        ]
        parts.append(tube(frame, path, 0.014, 6))
    for k, angle in enumerate(np.radians(np.arange(6) * 60)):
        out, z = np.array([np.cos(angle), np.sin(angle), 0]), height - 0.1 - 0.16 * (k % 2)
        path = [[0, 0, z], 0.09 * out + [0, 0, z + 0.01], 0.15 * out + [0, 0, z + 0.05], 0.16 * out + [0, 0, z + 0.11]]
        parts.append(tube(frame, path, 0.01, 6))
        parts.append(ellipsoid(frame, (0.035, 0.035, 0.035), path[-1], 8))
    return standing("coat rack", parts)


def fire_extinguisher(rng: np.random.Generator) -> Asset:
    """Red fire extinguisher, 0.48 to 0.6 m high, with valve, hose and label."""
    height, radius = rng.uniform(0.48, 0.6), rng.uniform(0.07, 0.085)
    red, black, steel = plain(linear("#c21f1f"), gloss=0.5), plain(BLACK), metal(GREY)
    wall = 0.76 * height
    tank = [
        (0, 0.02),
        (radius, 0.02),
        (radius, wall),
        (0.85 * radius, wall + 0.03),
        (0.5 * radius, wall + 0.05),
        (0.02, wall + 0.058),
    ]
    hose = [
        (0.02, 0, wall + 0.075),
        (radius + 0.02, 0, wall + 0.05),
        (radius + 0.03, 0, 0.5 * height),
        (radius + 0.02, 0, 0.3 * height),
    ]
    skin = radius + 0.0008
    label = [(radius - 0.003, 0), (skin, 0), (skin, 0.2 * height), (radius - 0.003, 0.2 * height), (radius - 0.003, 0)]
    parts = [
        lathe(black, [(0, 0), (radius * 1.03, 0), (radius * 1.03, 0.03), (0, 0.03)]),
        lathe(red, [*tank, (0, wall + 0.058)]),
        lathe(plain(linear("#efe9dc")), label, (0, 0, 0.38 * height)),
        label_around(image("label", rng), skin, 0.385 * height, 0.19 * height),
        lathe(steel, [(0, 0), (0.018, 0), (0.018, 0.05), (0, 0.05)], (0, 0, wall + 0.045), 12),
        turned(box(black, (0.15, 0.024, 0.012), (-0.05, 0, wall + 0.075), 0.003), "y", 0),
        turned(box(black, (0.16, 0.024, 0.012), (-0.055, 0, wall + 0.1), 0.003), "y", 14, (0, 0, wall + 0.1)),
        tube(black, hose, [0.011, 0.011, 0.011, 0.018]),
    ]
    return standing("fire extinguisher", parts)


CATEGORIES = (
    Category("ladder", "floor", ladder, ((0.4, 0.6, 1.0), (0.65, 1.3, 1.8))),
    Category("umbrella", "floor", umbrella, ((0.7, 0.85, 0.6), (1.2, 1.2, 1.1))),
    Category("shoe", "floor", shoe, ((0.08, 0.25, 0.08), (0.13, 0.34, 0.14))),
    Category("coat rack", "wall_side", coat_rack, ((0.35, 0.35, 1.6), (0.7, 0.7, 1.95))),
    Category("fire extinguisher", "wall_side", fire_extinguisher, ((0.15, 0.12, 0.45), (0.32, 0.2, 0.65))),
)
