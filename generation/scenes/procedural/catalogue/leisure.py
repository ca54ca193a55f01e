"""Balls, instruments and wheels."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import forward, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    GREY,
    WHITE,
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
    stacked,
    tube,
    turned,
)


GOLDEN = (1 + np.sqrt(5)) / 2


def _ring(material: Material, radius: float, thick: float, steps: int = 24, sides: int = 6) -> Part:
    """Hoop about the y axis, around the origin."""
    turn = 2 * np.pi * np.arange(steps) / steps
    path = radius * np.stack([np.cos(turn), 0 * turn, np.sin(turn)], axis=1)
    return tube(material, path, thick, sides, closed=True)


def ball(rng: np.random.Generator, variant: str) -> Asset:
    """Basketball or football, 0.21 to 0.24 m across."""
    radius = rng.uniform(0.105, 0.12)
    if variant == "basketball":
        seam = plain(BLACK)
        parts = [ellipsoid(plain(linear("#cf6a2e"), gloss=0.1), [2 * radius] * 3, (0, 0, 0), 24)]
        hoop = _ring(seam, radius - 0.001, 0.003, 32, 5)
        tilt = rng.uniform(20, 70)
        parts += [hoop, turned(hoop, "z", 90), turned(hoop, "x", 90)]
        parts = [turned(turned(part, "x", tilt), "y", 30) for part in parts]
        return standing("ball", parts)
    parts = [ellipsoid(plain(WHITE, gloss=0.3), [2 * radius] * 3, (0, 0, 0), 24)]
    black = plain(pick(rng, ("#1b1c1f", "#1b1c1f", "#2f6fb5", "#c8402f")), gloss=0.3)
    angles = np.radians(np.arange(15) * 24)
    pentagon = np.cos(np.pi / 5) / np.cos((angles + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)
    outline = 0.4 * np.stack([np.cos(angles), np.sin(angles)], axis=1) * pentagon[:, None]
    rings = stacked(np.array([1, 0.7, 0.35, 0])[:, None, None] * outline, np.ones(4))
    rings *= 1.004 * radius / np.linalg.norm(rings, axis=2, keepdims=True)
    patch = loft(black, np.concatenate([0.95 * rings[:1], rings]))
    corners = [(0, s, t * GOLDEN) for s in (-1, 1) for t in (-1, 1)]
    for x, y, z in [c[k:] + c[:k] for c in corners for k in range(3)]:
        tilt, azimuth = np.degrees(np.arctan2(np.hypot(x, y), z)), np.degrees(np.arctan2(y, x))
        parts.append(turned(turned(patch, "y", tilt), "z", azimuth))
    return standing("ball", parts)


def guitar(rng: np.random.Generator) -> Asset:
    """Acoustic guitar, 1.0 m long, leaning back by 12 degrees."""
    top, side, black = wood(rng), wood(rng), plain(BLACK)
    half = np.array(
        [0.0, 0.06, 0.11, 0.16, 0.184, 0.188, 0.176, 0.147, 0.131, 0.13, 0.142, 0.147, 0.138, 0.1, 0.05, 0.0]
    )
    rise = np.array(
        [0.0, 0.008, 0.024, 0.058, 0.1, 0.14, 0.18, 0.23, 0.265, 0.3, 0.345, 0.38, 0.42, 0.462, 0.482, 0.488]
    )
    right = np.stack([half, rise], axis=1)
    outline = np.concatenate([right, right[-2:0:-1] * [-1, 1]])
    middle = np.array([0.0, 0.24])
    shell = np.stack([outline, outline])
    parts = [
        forward(loft(side, stacked(shell, (0, 0.095))), (0, 0.0475, 0)),
        forward(loft(top, stacked((shell - middle) * 0.985 + middle, (0, 0.003))), (0, -0.0465, 0)),
        forward(lathe(black, [(0, 0), (0.048, 0), (0.048, 0.002), (0, 0.002)]), (0, -0.0485, 0.31)),
        box(black, (0.13, 0.01, 0.025), (0, -0.053, 0.13), 0.003),
        box(side, (0.055, 0.022, 0.62), (0, -0.042, 0.36)),
        box(black, (0.053, 0.006, 0.6), (0, -0.0555, 0.36)),
        turned(box(side, (0.075, 0.018, 0.16), (0, -0.042, 0.96), 0.004), "x", -12, (0, -0.042, 0.96)),
    ]
    for k in range(6):
        x = (k - 2.5) * 0.008
        parts.append(tube(metal(GREY), [(x * 1.3, -0.06, 0.14), (x, -0.06, 0.97)], 0.0012, sides=3))
        x, z = (-1 if k < 3 else 1) * 0.047, 0.99 + 0.04 * (k % 3)
        parts.append(ellipsoid(metal(GREY), (0.022, 0.02, 0.016), (x, -0.035, z), 6))
    return standing("guitar", [turned(part, "x", -12) for part in parts])


def _wheel(tyre: Material, rim: Material, radius: float) -> list[Part]:
    angles = np.arange(14) * 2 * np.pi / 14
    ends = [np.array([np.cos(a), 0, np.sin(a)]) * (radius - 0.03) for a in angles]
    spokes = [tube(rim, [(0, 0.01 * (-1) ** k, 0), end], 0.002, sides=3) for k, end in enumerate(ends)]
    hub = turned(lathe(rim, [(0, -0.05), (0.02, -0.05), (0.02, 0.05), (0, 0.05)], sides=10), "x", 90)
    return [_ring(tyre, radius - 0.018, 0.018, 28), _ring(rim, radius - 0.037, 0.009, 28, 5), hub, *spokes]


def bicycle(rng: np.random.Generator) -> Asset:
    """Bicycle on its side stand, 1.65 to 1.75 m long, front wheel to the right."""
    paint, black, steel = plain(pick(rng, BRIGHTS), gloss=0.5), plain(BLACK), metal(GREY)
    radius, base = rng.uniform(0.33, 0.345), rng.uniform(1.0, 1.05)
    rear, front = np.array([-base / 2, 0, radius]), np.array([base / 2, 0, radius])
    crank, seat = np.array([-0.09, 0, 0.28]), np.array([-0.24, 0, 0.8])
    head, stem = np.array([0.31, 0, 0.84]), np.array([0.34, 0, 0.72])
    step_through = rng.random() < 0.4
    middle = crank + 0.45 * (seat - crank) if step_through else crank + 0.9 * (seat - crank)
    bars = [(stem, crank), (head + [0.01, 0, -0.03], middle), (crank, seat)]
    parts = [tube(paint, bar, 0.017) for bar in bars]
    for y in (-0.06, 0.06):
        off = np.array([0, y, 0])
        parts.append(tube(paint, [rear + off, crank + off / 3], 0.009, 6))
        parts.append(tube(paint, [rear + off, crank + 0.88 * (seat - crank) + off / 4], 0.008, 6))
        parts.append(tube(paint, [front + off, stem + off / 2 + [0.01, 0, -0.02]], 0.012, 6))
    grip = 0.27
    bar = [
        (0.2, -grip, 1.0),
        (0.3, -grip, 1.02),
        (0.36, -0.1, 1.0),
        (0.36, 0.1, 1.0),
        (0.3, grip, 1.02),
        (0.2, grip, 1.0),
    ]
    parts += [tube(steel, [stem, head, (0.36, 0, 1.0)], 0.014), tube(steel, bar, 0.011)]
    parts += [tube(black, [(0.18, s * grip, 0.996), (0.3, s * grip, 1.02)], 0.017) for s in (-1, 1)]
    parts.append(tube(steel, [seat - [0, 0, 0.02], seat + [-0.03, 0, 0.1]], 0.013))
    parts.append(
        tube(black, [seat + [-0.17, 0, 0.11], seat + [-0.08, 0, 0.115], seat + [0.12, 0, 0.1]], [0.06, 0.06, 0.016])
    )
    parts.append(
        moved(
            turned(lathe(steel, [(0, -0.003), (0.09, -0.003), (0.09, 0.003), (0, 0.003)], sides=20), "x", 90),
            crank - [0, 0.055, 0],
        )
    )
    parts += [
        tube(steel, [crank + [0, s * 0.06, 0], crank + [s * 0.12, s * 0.07, -s * 0.12]], 0.009, 6) for s in (-1, 1)
    ]
    parts += [box(black, (0.09, 0.09, 0.022), crank + [s * 0.12, s * 0.12, -s * 0.12 - 0.011], 0.004) for s in (-1, 1)]
    parts.append(tube(steel, [crank + [-0.03, -0.03, -0.02], crank + [-0.1, -0.16, 0.008 - crank[2]]], 0.008, 6))
    for hub in (rear, front):
        parts += [moved(part, hub) for part in _wheel(black, steel, radius)]
    return standing("bicycle", parts)


def skateboard(rng: np.random.Generator) -> Asset:
    """Skateboard, 0.78 to 0.84 m long, its ends bent up."""
    length, width = rng.uniform(0.78, 0.84), rng.uniform(0.2, 0.22)
    grip, deck, steel = plain(linear("#2a2b2e")), plain(pick(rng, BRIGHTS), gloss=0.3), metal(GREY)
    wheel = plain(pick(rng, ("#f0f0ee", "#e0a52d", "#c8402f")), gloss=0.2)
    # Stations along the board: its ends are round, and bent up from 30 % of the length on
    x = length / 2 * np.sin(np.radians(np.linspace(-90, 90, 25)))
    half = np.sqrt(np.clip((width / 2) ** 2 - np.maximum(np.abs(x) - length / 2 + width / 2, 0) ** 2, 0, None))
    z = 0.095 + 0.35 * np.maximum(np.abs(x) - 0.3 * length, 0)
    parts = []
    for material, low, high, share in ((deck, 0.0, 0.011, 1.0), (grip, 0.009, 0.013, 0.97)):
        corners = [(half, low), (half, high), (-half, high), (-half, low)]
        rings = np.stack([np.stack([share * x, share * y, z + rise], axis=1) for y, rise in corners], axis=1)
        parts.append(loft(material, rings))
    for x in (-0.26 * length, 0.26 * length):
        parts.append(box(steel, (0.06, 0.05, 0.055), (x, 0, 0.042), 0.01))
        parts.append(tube(steel, [(x, -0.09, 0.028), (x, 0.09, 0.028)], 0.006))
        roller = turned(
            lathe(wheel, [(0, -0.018), (0.024, -0.018), (0.028, 0), (0.024, 0.018), (0, 0.018)], sides=16), "x", 90
        )
        parts += [moved(roller, (x, y, 0.028)) for y in (-0.085, 0.085)]
    return standing("skateboard", parts)


def piano(rng: np.random.Generator) -> Asset:
    """Upright piano, 1.4 to 1.5 m wide and 1.1 to 1.25 m high."""
    width, height, depth = rng.uniform(1.4, 1.5), rng.uniform(1.1, 1.25), 0.6
    case = plain(BLACK, gloss=0.7) if rng.random() < 0.6 else wood(rng)
    brass, ivory = metal(BRASS), plain(linear("#f5f2e8"), gloss=0.4)
    back, key_z, front = 0.3, 0.72, -depth / 2
    body = depth / 2 - back / 2
    parts = [
        box(case, (width, back, height - 0.03), (0, body, 0), 0.004),
        box(case, (width + 0.03, back + 0.03, 0.03), (0, body, height - 0.03), 0.008),
        box(case, (width - 0.02, depth - back + 0.02, 0.1), (0, front + (depth - back) / 2, key_z - 0.12), 0.006),
        box(case, (width - 0.16, 0.02, 0.26), (0, body - back / 2 - 0.01, 0.22)),
        turned(
            box(case, (0.7, 0.015, 0.2), (0, body - back / 2 - 0.04, 0.88)),
            "x",
            -12,
            (0, body - back / 2 - 0.04, 0.88),
        ),
    ]
    for side in (-1, 1):
        x = side * (width / 2 - 0.04)
        parts.append(
            box(case, (0.08, depth - back + 0.01, 0.12), (x, front + (depth - back) / 2, key_z - 0.021), 0.01)
        )
        parts.append(box(case, (0.07, 0.07, key_z - 0.11), (x, front + 0.06, 0), 0.008))
    keys = width - 0.2
    pitch = keys / 36
    for k in range(36):
        x = (k - 17.5) * pitch
        parts.append(box(ivory, (pitch - 0.002, 0.15, 0.022), (x, front + 0.1, key_z - 0.022)))
        if k % 7 in (0, 1, 3, 4, 5) and k < 35:
            parts.append(
                box(
                    plain(BLACK, gloss=0.4), (0.5 * pitch, 0.095, 0.024), (x + pitch / 2, front + 0.128, key_z - 0.012)
                )
            )
    parts += [box(brass, (0.03, 0.12, 0.012), (x, body - back / 2 - 0.05, 0.05)) for x in (-0.1, 0, 0.1)]
    return standing("piano", parts)


CATEGORIES = (
    Category("ball", "floor", ball, ((0.2, 0.2, 0.2), (0.25, 0.25, 0.25)), ("basketball", "football")),
    Category("guitar", "wall_side", guitar, ((0.32, 0.12, 0.95), (0.45, 0.35, 1.15))),
    Category("bicycle", "wall_side", bicycle, ((1.5, 0.4, 0.95), (1.85, 0.7, 1.15))),
    Category("skateboard", "floor", skateboard, ((0.7, 0.18, 0.1), (0.9, 0.25, 0.2))),
    Category("piano", "wall_side", piano, ((1.3, 0.5, 1.0), (1.6, 0.75, 1.35))),
)
