"""Lamps and candles."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import from_ceiling, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    GREY,
    ceramic,
    glowing,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import ellipsoid, lathe, leg, moved, tube, turned


def _shade(rng: np.random.Generator, radius: float, drop: float, top: float) -> list[Part]:
    """Glowing fabric drum or cone from `top` down by `drop`, open below, with a bulb."""
    narrow, cloth = radius * rng.uniform(0.55, 1.0), 0.004
    outside = [(radius - cloth, 0), (radius, 0), (narrow, drop), (0, drop)]
    inside = [(0, drop - cloth), (narrow - cloth, drop - cloth), (radius - cloth, 0)]
    color = linear(("#f6e7c8", "#f2d9b0", "#f7f1e2", "#e8c9a8")[rng.integers(4)])
    bulb = ellipsoid(glowing(), (0.06, 0.06, 0.09), (0, 0, top - 0.5 * drop), 10)
    return [lathe(plain(color, emission=0.8), outside + inside, (0, 0, top - drop)), bulb]


def floor_lamp(rng: np.random.Generator, variant: str) -> Asset:
    """Lamp that stands on the floor, 1.35 to 1.9 m high: shade on a pole or three legs, bowed arm, or uplighter."""
    height, radius, drop = rng.uniform(1.35, 1.7), rng.uniform(0.17, 0.23), rng.uniform(0.24, 0.32)
    pole = metal(BLACK if rng.random() < 0.5 else BRASS)
    stem = [(0.011, height - 0.1), (0, height - 0.1)]
    foot = [(0, 0), (0.14, 0), (0.14, 0.015), (0.02, 0.03), (0.011, 0.04)]
    if variant == "bowed arm":
        height = rng.uniform(1.65, 1.85)
        bend = np.radians(np.linspace(0, 150, 12))
        reach = 0.42
        arc = np.stack([reach - reach * np.cos(bend), 0 * bend, height - 0.42 + 0.4 * np.sin(bend)], axis=1)
        end = arc[-1]
        parts = [lathe(pole, [(0, 0), (0.16, 0), (0.16, 0.03), (0.02, 0.05), (0, 0.05)], sides=32)]
        parts.append(tube(pole, [(0, 0, 0.04), (0, 0, 0.7), *arc], 0.011))
        dome = [
            (0.02, 0.13),
            (0.09, 0.1),
            (0.15, 0.03),
            (0.16, 0),
            (0.155, 0),
            (0.145, 0.028),
            (0.085, 0.095),
            (0, 0.12),
        ]
        shade = lathe(pole, [(0, 0.13), *dome][::-1])
        bulb = ellipsoid(glowing(), (0.09, 0.09, 0.1), (0, 0, 0.045), 12)
        parts += [moved(part, (end[0], 0, end[2] - 0.125)) for part in (shade, bulb)]
        return standing("floor lamp", parts)
    if variant == "uplighter":
        height = rng.uniform(1.6, 1.85)
        bowl = [(0.02, 0), (0.09, 0.03), (0.15, 0.11), (0.146, 0.112), (0.085, 0.036), (0, 0.03)]
        parts = [
            lathe(pole, [*foot, (0.011, height - 0.1), (0, height - 0.1)]),
            lathe(pole, [(0, 0), *bowl], (0, 0, height - 0.112)),
            lathe(glowing(), [(0, 0), (0.08, 0), (0.12, 0.05), (0, 0.05)], (0, 0, height - 0.074)),
        ]
        arm = [(0, 0, 0.62 * height), (0.1, -0.03, 0.66 * height), (0.2, -0.06, 0.64 * height)]
        cone = [(0, 0.1), (0.02, 0.1), (0.06, 0), (0.056, 0), (0.016, 0.09), (0, 0.09)]
        parts += [
            tube(pole, arm, 0.007, 6),
            moved(lathe(pole, cone[::-1], sides=18), (0.2, -0.06, 0.64 * height - 0.09)),
        ]
        parts.append(ellipsoid(glowing(), (0.045, 0.045, 0.06), (0.2, -0.06, 0.64 * height - 0.06), 10))
        return standing("floor lamp", parts)
    if variant == "pole":
        parts = [lathe(pole, [*foot, *stem])]
    else:
        legs, joint = wood(rng), height - drop - 0.06
        feet = [(0.28 * np.cos(a), 0.28 * np.sin(a), 0) for a in np.radians([90, 210, 330])]
        parts = [leg(legs, foot, (foot[0] * 0.08, foot[1] * 0.08, joint), 0.013, 0.016, 8) for foot in feet]
        hub = [(0, joint - 0.02), (0.04, joint - 0.02), (0.04, joint), (0.011, joint + 0.02)]
        parts.append(lathe(pole, [*hub, *stem]))
    return standing("floor lamp", [*parts, *_shade(rng, radius, drop, height)])


def table_lamp(rng: np.random.Generator, variant: str) -> Asset:
    """Lamp of 0.3 to 0.58 m: shade on a bellied or slender foot, jointed arm, or a glowing mushroom."""
    height = rng.uniform(0.38, 0.58)
    radius, drop = 0.3 * height, 0.42 * height
    foot = (ceramic(rng), wood(rng), metal(BRASS))[rng.integers(3)]
    belly, waist = rng.uniform(0.14, 0.2) * height, 0.55 * height
    if variant == "jointed arm":
        return standing("table lamp", _jointed(rng))
    if variant == "mushroom":
        height = rng.uniform(0.32, 0.42)
        glow = plain(linear(("#f6e7c8", "#f7f1e2", "#f2d9b0")[rng.integers(3)]), emission=0.9)
        r = 0.42 * height
        cap = [
            (0, 0),
            (0.5 * r, 0.02),
            (r, 0),
            (0.97 * r, 0.3 * r),
            (0.75 * r, 0.62 * r),
            (0.4 * r, 0.8 * r),
            (0, 0.85 * r),
        ]
        stem = [(0, 0), (0.5 * r, 0), (0.5 * r, 0.02), (0.25 * r, 0.06), (0.22 * r, 0.6 * height), (0, 0.6 * height)]
        return standing("table lamp", [lathe(foot, stem), lathe(glow, cap, (0, 0, height - 0.85 * r))])
    if variant == "bellied foot":
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


def _jointed(rng: np.random.Generator) -> list[Part]:
    """Two arms with a joint on a heavy foot, and a cone with a bulb that looks down before it."""
    paint = plain(pick(rng, BRIGHTS), gloss=0.4) if rng.random() < 0.6 else metal(BLACK)
    steel, elbow, head = metal(GREY), np.array([0, 0.1, 0.26]), np.array([0, -0.12, 0.44])
    parts = [lathe(paint, [(0, 0), (0.085, 0), (0.085, 0.02), (0.03, 0.032), (0, 0.034)])]
    for x in (-0.014, 0.014):
        parts += [
            tube(steel, [(x, 0, 0.03), elbow + [x, 0, 0]], 0.005, 6),
            tube(steel, [elbow + [x, 0, 0], head + [x, 0, 0]], 0.005, 6),
        ]
    for at, size in ((np.array([0, 0, 0.035]), 0.02), (elbow, 0.018), (head, 0.018)):
        pin = turned(lathe(paint, [(0, -0.024), (size, -0.024), (size, 0.024), (0, 0.024)], sides=14), "y", 90)
        parts.append(moved(pin, at))
    cone = [(0, 0.02), (0.028, 0.02), (0.032, -0.03), (0.08, -0.11), (0.077, -0.11), (0.028, -0.035), (0, -0.03)]
    shade = lathe(paint, [(r, -z) for r, z in cone], sides=20)
    bulb = ellipsoid(glowing(), (0.05, 0.05, 0.06), (0, 0, 0.08), 12)
    parts += [moved(turned(part, "x", 150), head - [0, 0.01, 0.0]) for part in (shade, bulb)]
    return parts


def pendant_lamp(rng: np.random.Generator, variant: str) -> Asset:
    """Lamp on a cord, hanging 0.6 to 0.9 m down: dome, fabric drum, or glass ball."""
    length, radius = rng.uniform(0.6, 0.9), rng.uniform(0.15, 0.23)
    black, wall = plain(BLACK), 0.004
    rose = lathe(black, [(0, 0), (0.045, 0), (0.05, 0.02), (0, 0.02)], (0, 0, length - 0.02), 16)
    drop = 0.75 * radius
    cord = tube(black, [(0, 0, drop - 0.01), (0, 0, length - 0.01)], 0.004, 6)
    if variant == "drum":
        return from_ceiling("pendant lamp", [rose, cord, *_shade(rng, radius, drop, drop)])
    if variant == "ball":
        glow = plain(linear("#f7f1e2"), emission=0.9)
        cap = lathe(
            metal(BRASS), [(0, 0), (0.05, 0), (0.045, 0.03), (0.015, 0.05), (0, 0.05)], (0, 0, 1.4 * radius - 0.014)
        )
        cord = tube(black, [(0, 0, 1.4 * radius + 0.03), (0, 0, length - 0.01)], 0.004, 6)
        return from_ceiling(
            "pendant lamp", [rose, cord, cap, ellipsoid(glow, [1.4 * radius] * 3, (0, 0, 0.7 * radius), 20)]
        )
    angles = np.radians([90, 75, 58, 38, 18])
    dome = np.stack([radius * np.sin(angles), drop * np.cos(angles)], axis=1)
    inside = (dome - [wall, wall])[::-1]
    inside[-1, 1] = 0.0
    shade = plain(pick(rng, BRIGHTS), gloss=0.3) if rng.random() < 0.7 else metal(BRASS)
    top, bulb = dome[-1, 1], ellipsoid(glowing(), (0.11, 0.11, 0.12), (0, 0, 0.07), 12)
    socket = lathe(shade, [(0, 0), (0.02, 0), (0.015, 0.04), (0, 0.05)], (0, 0, top), 12)
    shell = lathe(shade, [*dome, (0, top), (0, inside[0, 1]), *inside, dome[0]], sides=28)
    return from_ceiling("pendant lamp", [rose, cord, shell, socket, bulb])


def chandelier(rng: np.random.Generator) -> Asset:
    """Six curved arms with electric candles around a turned column, hanging 0.6 to 0.9 m down."""
    length, reach = rng.uniform(0.6, 0.9), rng.uniform(0.9, 1.3)
    brass, parts = metal(BRASS if rng.random() < 0.6 else BLACK), []
    wax, flame = plain(linear("#f4ead2")), [(0, 0), (0.009, 0.015), (0.006, 0.03), (0, 0.045)]
    count = int(rng.integers(5, 9))
    for angle in 2 * np.pi * np.arange(count) / count:
        out = reach * np.array([np.cos(angle), np.sin(angle), 0.0])
        x, y, _ = 0.24 * out
        arm = [
            0.02 * out + [0, 0, 0.1],
            0.13 * out + [0, 0, 0.02],
            0.22 * out + [0, 0, 0.05],
            0.24 * out + [0, 0, 0.1],
        ]
        parts.append(tube(brass, arm, 0.007, 6))
        parts.append(lathe(brass, [(0, 0), (0.012, 0), (0.028, 0.014), (0, 0.016)], (x, y, 0.095), 12))
        parts.append(lathe(wax, [(0, 0), (0.01, 0), (0.01, 0.07), (0, 0.07)], (x, y, 0.11), 10))
        parts.append(lathe(glowing(), flame, (x, y, 0.18), 10))
    hub = [(0, 0), (0.02, 0.02), (0.035, 0.07), (0.02, 0.13), (0.012, 0.25), (0, 0.25)]
    rose = [(0, 0), (0.05, 0), (0.055, 0.02), (0, 0.02)]
    parts += [
        lathe(brass, hub, sides=16),
        lathe(brass, rose, (0, 0, length - 0.02), 16),
        tube(brass, [(0, 0, 0.24), (0, 0, length - 0.01)], 0.005, 6),
    ]
    return from_ceiling("chandelier", parts)


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
    Category(
        "floor lamp",
        "wall_side",
        floor_lamp,
        ((0.25, 0.25, 1.3), (1.2, 0.6, 1.95)),
        ("pole", "three legs", "bowed arm", "uplighter"),
    ),
    Category(
        "table lamp",
        "surface",
        table_lamp,
        ((0.16, 0.18, 0.3), (0.42, 0.42, 0.65)),
        ("bellied foot", "slender foot", "jointed arm", "mushroom"),
    ),
    Category(
        "pendant lamp",
        "ceiling",
        pendant_lamp,
        ((0.18, 0.18, 0.5), (0.5, 0.5, 1.0)),
        ("dome", "drum", "ball"),
    ),
    Category("chandelier", "ceiling", chandelier, ((0.4, 0.4, 0.55), (0.8, 0.8, 1.0))),
    Category("candle", "surface", candle, ((0.08, 0.08, 0.1), (0.16, 0.16, 0.26))),
)
