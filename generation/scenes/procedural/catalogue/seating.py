"""Chairs, stools and benches; seats are 0.42 to 0.5 m high but for bar stools."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import four_legs, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    DARK,
    fabric,
    metal,
    plain,
    upholstery,
    wood,
    wood_or_paint,
)
from generation.scenes.procedural.shapes import box, cushion, lathe, leg, moved, tube, turned


def office_chair(rng: np.random.Generator) -> Asset:
    """Swivel chair: five castors, gas spring, padded seat and back, mostly with armrests."""
    width, depth = rng.uniform(0.46, 0.52), rng.uniform(0.44, 0.5)
    seat, back = rng.uniform(0.44, 0.52), rng.uniform(0.42, 0.62)
    cover = upholstery(rng)
    frame = plain(BLACK, gloss=0.2) if rng.random() < 0.6 else metal()
    black = plain(BLACK)
    parts = [
        lathe(frame, [(0, 0.08), (0.05, 0.08), (0.045, 0.13), (0.028, 0.14), (0.028, seat - 0.05), (0, seat - 0.05)]),
        box(black, (0.22, 0.26, 0.04), (0, 0.02, seat - 0.06)),
        cushion(cover, (width, depth, 0.09), (0, 0, seat - 0.03), 0.035, crown=0.015),
    ]
    for angle in np.arange(5) * 72 + 18:
        x, y = 0.29 * np.cos(np.radians(angle)), 0.29 * np.sin(np.radians(angle))
        parts.append(tube(frame, [(0, 0, 0.105), (x, y, 0.075)], [0.028, 0.018], sides=8))
        castor = turned(lathe(black, [(0, 0), (0.027, 0), (0.027, 0.04), (0, 0.04)], sides=12), "x", 90)
        parts.append(moved(turned(castor, "z", angle), (x - 0.02 * y / 0.29, y + 0.02 * x / 0.29, 0.027)))
    lean = -rng.uniform(6, 12)
    rest = turned(cushion(cover, (width - 0.04, back, 0.07), (0, 0, 0), 0.03, crown=0.012), "x", 90)
    rest = turned(moved(rest, (0, depth / 2 + 0.06, seat + 0.16 + back / 2)), "x", lean, (0, depth / 2, seat))
    post = [(0, 0.1, seat - 0.04), (0, depth / 2 + 0.06, seat - 0.02), (0, depth / 2 + 0.1, seat + 0.06)]
    parts += [rest, tube(frame, [*post, (0, depth / 2 + 0.13, seat + 0.16 + back / 2)], 0.022)]
    if rng.random() < 0.75:
        x, top = width / 2 + 0.03, seat + rng.uniform(0.2, 0.25)
        for side in (-1, 1):
            path = [(side * 0.1, 0.04, seat - 0.04), (side * x, 0.04, seat - 0.03), (side * x, 0.04, top)]
            parts.append(tube(frame, path, 0.016))
            parts.append(box(black, (0.07, 0.26, 0.03), (side * x, 0.0, top), 0.01))
    return standing("office chair", parts)


def _slats(material: Material, width: float, bottom: float, top: float, y: float, upright: bool) -> list[Part]:
    if upright:
        return [box(material, (0.028, 0.014, top - bottom), (x, y, bottom)) for x in np.linspace(-0.3, 0.3, 5) * width]
    heights = np.linspace(bottom, top, 4)[:-1]
    return [box(material, (width, 0.016, 0.055), (0, y, z), 0.004) for z in heights]


def dining_chair(rng: np.random.Generator) -> Asset:
    """Four-legged chair with a slatted, solid or padded back and no arms."""
    width, depth = rng.uniform(0.41, 0.47), rng.uniform(0.4, 0.46)
    seat, top = rng.uniform(0.43, 0.47), rng.uniform(0.82, 1.0)
    material, size = wood_or_paint(rng), rng.uniform(0.032, 0.04)
    style = rng.integers(3)
    padded = rng.random() < 0.5
    cover = fabric(rng)
    board = 0.022
    y = depth / 2 - size / 2
    parts = four_legs(material, width, depth, seat - board, size)
    parts.append(box(material, (width, depth, board), (0, 0, seat - board), 0.004))
    for side in (-1, 1):
        x = side * (width - size) / 2
        parts.append(box(material, (0.02, depth - 2 * size, 0.05), (x, 0, seat - board - 0.05)))
        parts.append(box(material, (width - 2 * size, 0.02, 0.05), (0, side * y, seat - board - 0.05)))
        post = box(material, (size, size * 0.8, top - seat + 0.01), (x, y, seat - 0.01), 0.004)
        parts.append(turned(post, "x", -8, (0, y, seat)))
    inner = width - 2 * size + 0.004
    if style == 2:
        pad = turned(cushion(cover, (inner, 0.3, 0.04), (0, 0, 0), 0.018, crown=0.008), "x", 90)
        back = [moved(pad, (0, y + 0.02, top - 0.17))]
    else:
        rail = [box(material, (inner, 0.02, 0.07), (0, y, top - 0.075), 0.004)]
        foot = [box(material, (inner, 0.02, 0.03), (0, y, seat + 0.1))] if style == 0 else []
        back = rail + foot + _slats(material, inner, seat + 0.12, top - 0.07, y, upright=style == 0)
    parts += [turned(part, "x", -8, (0, y, seat)) for part in back]
    if padded or style == 2:
        parts.append(cushion(cover, (width - 0.03, depth - 0.06, 0.05), (0, -0.015, seat - 0.004), 0.02, crown=0.012))
    return standing("dining chair", parts)


def stool(rng: np.random.Generator) -> Asset:
    """Backless round seat on three or four legs with a footring: 0.42 to 0.78 m high."""
    height, radius = rng.uniform(0.42, 0.78), rng.uniform(0.15, 0.19)
    material = wood(rng)
    legs = metal(DARK) if rng.random() < 0.4 else material
    seat = material if rng.random() < 0.6 else upholstery(rng)
    thick = 0.035 if seat is material else 0.06
    edge = 0.012
    profile = [(0, 0), (radius - edge, 0), (radius, edge), (radius, thick - edge), (radius - edge, thick), (0, thick)]
    parts = [lathe(seat, profile, (0, 0, height - thick), grain="x")]
    count = int(rng.integers(3, 5))
    for angle in (np.arange(count) + 0.5) * 2 * np.pi / count:
        x, y = np.cos(angle), np.sin(angle)
        reach = radius * 1.05
        foot, top = (reach * x, reach * y, 0), (0.7 * radius * x, 0.7 * radius * y, height - thick + 0.005)
        parts.append(leg(legs, foot, top, 0.013, 0.018, sides=10))
    ring_z = 0.3 * height
    ring = radius * (1.05 - 0.35 * 0.3)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    path = np.stack([ring * np.cos(angles), ring * np.sin(angles), np.full(20, ring_z)], axis=1)
    parts.append(tube(legs, path, 0.009, sides=6, closed=True))
    return standing("stool", parts)


def bench(rng: np.random.Generator) -> Asset:
    """Long backless seat of planks: 0.9 to 1.5 m."""
    width, depth, height = rng.uniform(0.9, 1.5), rng.uniform(0.3, 0.4), rng.uniform(0.42, 0.47)
    material = wood(rng)
    frame = material if rng.random() < 0.5 else metal(DARK)
    planks = int(rng.integers(2, 5))
    pitch = depth / planks
    parts = [
        box(material, (width, pitch - 0.008, 0.03), (0, (i + 0.5) * pitch - depth / 2, height - 0.03), 0.004)
        for i in range(planks)
    ]
    for side in (-1, 1):
        x = side * (width / 2 - 0.12)
        parts.append(box(frame, (0.05, depth - 0.02, 0.04), (x, 0, height - 0.07)))
        parts += [box(frame, (0.05, 0.05, height - 0.07), (x, s * (depth / 2 - 0.035), 0)) for s in (-1, 1)]
        parts.append(box(frame, (0.03, depth - 0.12, 0.03), (x, 0, 0.1)))
    parts.append(box(frame, (width - 0.28, 0.03, 0.03), (0, 0, 0.102)))
    return standing("bench", parts)


CATEGORIES = (
    Category("office chair", "floor", office_chair),
    Category("dining chair", "floor", dining_chair),
    Category("stool", "floor", stool),
    Category("bench", "wall_side", bench),
)
