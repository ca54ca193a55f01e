"""Lamps and candles."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import from_ceiling, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    ceramic,
    glowing,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import ellipsoid, lathe, leg, tube


def _shade(rng: np.random.Generator, radius: float, drop: float, top: float) -> list[Part]:
    """Glowing fabric drum or cone from `top` down by `drop`, open below, with a bulb."""
    narrow, cloth = radius * rng.uniform(0.55, 1.0), 0.004
    outside = [(radius - cloth, 0), (radius, 0), (narrow, drop), (0, drop)]
    inside = [(0, drop - cloth), (narrow - cloth, drop - cloth), (radius - cloth, 0)]
    color = linear(("#f6e7c8", "#f2d9b0", "#f7f1e2", "#e8c9a8")[rng.integers(4)])
    bulb = ellipsoid(glowing(), (0.06, 0.06, 0.09), (0, 0, top - 0.5 * drop), 10)
    return [lathe(plain(color, emission=0.8), outside + inside, (0, 0, top - drop)), bulb]


def floor_lamp(rng: np.random.Generator) -> Asset:
    """Shade on a tall pole with a round foot, or on three legs: 1.35 to 1.7 m high."""
    height, radius, drop = rng.uniform(1.35, 1.7), rng.uniform(0.17, 0.23), rng.uniform(0.24, 0.32)
    pole = metal(BLACK if rng.random() < 0.5 else BRASS)
    stem = [(0.011, height - 0.1), (0, height - 0.1)]
    if rng.random() < 0.5:
        parts = [lathe(pole, [(0, 0), (0.14, 0), (0.14, 0.015), (0.02, 0.03), (0.011, 0.04), *stem])]
    else:
        legs, joint = wood(rng), height - drop - 0.06
        feet = [(0.28 * np.cos(a), 0.28 * np.sin(a), 0) for a in np.radians([90, 210, 330])]
        parts = [leg(legs, foot, (foot[0] * 0.08, foot[1] * 0.08, joint), 0.013, 0.016, 8) for foot in feet]
        hub = [(0, joint - 0.02), (0.04, joint - 0.02), (0.04, joint), (0.011, joint + 0.02)]
        parts.append(lathe(pole, [*hub, *stem]))
    return standing("floor lamp", [*parts, *_shade(rng, radius, drop, height)])


def table_lamp(rng: np.random.Generator) -> Asset:
    """Shade on a pottery, wood or metal foot: 0.38 to 0.58 m high."""
    height = rng.uniform(0.38, 0.58)
    radius, drop = 0.3 * height, 0.42 * height
    foot = (ceramic(rng), wood(rng), metal(BRASS))[rng.integers(3)]
    belly, waist = rng.uniform(0.14, 0.2) * height, 0.55 * height
    if rng.random() < 0.6:
        body = [
            (0.6 * belly, 0),
            (0.7 * belly, 0.02),
            (belly, 0.35 * waist),
            (0.9 * belly, 0.6 * waist),
            (0.25 * belly, waist),
        ]
    else:
        body = [(1.2 * belly, 0), (1.2 * belly, 0.015), (0.2 * belly, 0.04), (0.2 * belly, waist)]
    neck = [(0.01, waist + 0.01), (0.01, height - 0.04), (0, height - 0.04)]
    return standing("table lamp", [lathe(foot, [(0, 0), *body, *neck]), *_shade(rng, radius, drop, height)])


def pendant_lamp(rng: np.random.Generator) -> Asset:
    """Metal or fabric shade of 0.3 to 0.46 m on a cord, hanging 0.6 to 0.9 m down."""
    length, radius = rng.uniform(0.6, 0.9), rng.uniform(0.15, 0.23)
    black, wall = plain(BLACK), 0.004
    rose = lathe(black, [(0, 0), (0.045, 0), (0.05, 0.02), (0, 0.02)], (0, 0, length - 0.02), 16)
    drop = 0.75 * radius
    cord = tube(black, [(0, 0, drop - 0.01), (0, 0, length - 0.01)], 0.004, 6)
    if rng.random() < 0.4:
        return from_ceiling("pendant lamp", [rose, cord, *_shade(rng, radius, drop, drop)])
    angles = np.radians([90, 75, 58, 38, 18])
    dome = np.stack([radius * np.sin(angles), drop * np.cos(angles)], axis=1)
    inside = (dome - [wall, wall])[::-1]
    inside[-1, 1] = 0.0
    shade = plain(pick(rng, BRIGHTS), gloss=0.3) if rng.random() < 0.7 else metal(BRASS)
    top, bulb = dome[-1, 1], ellipsoid(glowing(), (0.11, 0.11, 0.12), (0, 0, 0.07), 12)
    socket = lathe(shade, [(0, 0), (0.02, 0), (0.015, 0.04), (0, 0.05)], (0, 0, top), 12)
    shell = lathe(shade, [*dome, (0, top), (0, inside[0, 1]), *inside, dome[0]], sides=28)
    return from_ceiling("pendant lamp", [rose, cord, shell, socket, bulb])


def candle(rng: np.random.Generator) -> Asset:
    """Burning candle on a saucer, 0.1 to 0.22 m high."""
    height, radius = rng.uniform(0.08, 0.18), rng.uniform(0.028, 0.036)
    wax = plain(linear(("#f4ead2", "#b8322c", "#e8dcc0", "#4f6b5a")[rng.integers(4)]), gloss=0.2)
    rim = 0.004
    side = [(0, 0.006), (radius, 0.006), (radius, height - rim), (radius - rim, height), (0.6 * radius, height - rim)]
    dish = [(0, 0), (1.3 * radius, 0), (2 * radius, 0.014), (1.95 * radius, 0.017), (1.25 * radius, 0.005), (0, 0.005)]
    flame = [(0, 0), (0.007, 0.01), (0.008, 0.016), (0.004, 0.032), (0, 0.042)]
    parts = [
        lathe(metal(BRASS), dish),
        lathe(wax, [*side, (0, height - rim - 0.002)]),
        lathe(plain(BLACK), [(0, 0), (0.002, 0), (0.002, 0.02), (0, 0.02)], (0, 0, height - 0.008), 6),
        lathe(plain(linear("#ffc861"), emission=2.0), flame, (0, 0, height + 0.004), 10),
    ]
    return standing("candle", parts)


CATEGORIES = (
    Category("floor lamp", "wall_side", floor_lamp),
    Category("table lamp", "surface", table_lamp),
    Category("pendant lamp", "ceiling", pendant_lamp),
    Category("candle", "surface", candle),
)
