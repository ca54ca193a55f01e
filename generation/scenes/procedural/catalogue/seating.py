"""Chairs, stools and benches; seats are 0.42 to 0.5 m high but for bar stools."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import castors, four_legs, standing, turned_leg
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    DARK,
    GREY,
    fabric,
    metal,
    plain,
    upholstery,
    wood,
    wood_or_paint,
)
from generation.scenes.procedural.shapes import box, cushion, lathe, leg, moved, rounded_rectangle, tube, turned


def office_chair(rng: np.random.Generator, variant: str) -> Asset:
    """Swivel chair: five castors, gas spring and seat; its back padded, high with a headrest, or a net in a frame."""
    width, depth = rng.uniform(0.46, 0.52), rng.uniform(0.44, 0.5)
    seat = rng.uniform(0.44, 0.52)
    cover = upholstery(rng)
    frame = plain(BLACK, gloss=0.2) if rng.random() < 0.6 else metal()
    black = plain(BLACK)
    parts = [
        lathe(frame, [(0, 0.08), (0.05, 0.08), (0.045, 0.13), (0.028, 0.14), (0.028, seat - 0.05), (0, seat - 0.05)]),
        box(black, (0.22, 0.26, 0.04), (0, 0.02, seat - 0.06)),
        cushion(cover, (width, depth, 0.09), (0, 0, seat - 0.03), 0.035, crown=0.015),
        *castors(frame, 0.29, 0.075),
    ]
    back = {"with headrest": rng.uniform(0.5, 0.57)}.get(variant, rng.uniform(0.4, 0.5))
    rise, middle = depth / 2 + 0.06, seat + 0.16 + back / 2
    if variant == "net back":
        rests = [moved(part, (0, rise, middle)) for part in _net(frame, black, width - 0.04, back)]
    else:
        rests = [
            moved(
                turned(cushion(cover, (width - 0.04, back, 0.07), (0, 0, 0), 0.03, crown=0.012), "x", 90),
                (0, rise, middle),
            )
        ]
    if variant == "with headrest":
        head = turned(cushion(cover, (0.28, 0.15, 0.06), (0, 0, 0), 0.025), "x", 90)
        rests.append(moved(head, (0, rise, middle + back / 2 + 0.1)))
        rests += [
            tube(frame, [(x, rise - 0.02, middle + 0.4 * back), (x, rise - 0.02, middle + back / 2 + 0.1)], 0.008)
            for x in (-0.06, 0.06)
        ]
    lean = -rng.uniform(6, 12)
    parts += [turned(part, "x", lean, (0, depth / 2, seat)) for part in rests]
    post = [(0, 0.1, seat - 0.04), (0, rise, seat - 0.02), (0, depth / 2 + 0.1, seat + 0.06)]
    parts.append(tube(frame, [*post, (0, depth / 2 + 0.13, middle)], 0.022))
    if variant != "without arms":
        x, top = width / 2 + 0.03, seat + rng.uniform(0.2, 0.25)
        for side in (-1, 1):
            path = [(side * 0.1, 0.04, seat - 0.04), (side * x, 0.04, seat - 0.03), (side * x, 0.04, top)]
            parts.append(tube(frame, path, 0.016))
            parts.append(box(black, (0.07, 0.26, 0.03), (side * x, 0.0, top), 0.01))
    return standing("office chair", parts)


def _net(frame: Material, net: Material, width: float, height: float) -> list[Part]:
    """Upright frame around a net of thin bands, about the origin."""
    outline = rounded_rectangle(width, height, 0.07, 4)
    ring = tube(frame, np.insert(outline, 1, 0, axis=1), 0.013, 6, closed=True)
    bands = [box(net, (width - 0.01, 0.006, 0.012), (0, 0, z)) for z in np.linspace(-0.44, 0.42, 14) * height]
    return [ring, *bands, box(net, (0.05, 0.012, height - 0.01), (0, 0.012, -height / 2 + 0.005), 0.003)]


def _slats(material: Material, width: float, bottom: float, top: float, y: float, upright: bool) -> list[Part]:
    if upright:
        return [box(material, (0.028, 0.014, top - bottom), (x, y, bottom)) for x in np.linspace(-0.3, 0.3, 5) * width]
    heights = np.linspace(bottom, top, 4)[:-1]
    return [box(material, (width, 0.016, 0.055), (0, y, z), 0.004) for z in heights]


def dining_chair(rng: np.random.Generator, variant: str) -> Asset:
    """Chair without wheels: a slatted, ladder, padded or spindled back, arms, or a cantilever."""
    if variant == "cantilever":
        return standing("dining chair", _cantilever(rng))
    if variant == "spindles":
        return standing("dining chair", _windsor(rng))
    width, depth = rng.uniform(0.41, 0.47), rng.uniform(0.4, 0.46)
    seat, top = rng.uniform(0.43, 0.47), rng.uniform(0.82, 1.0)
    material, size = wood_or_paint(rng), rng.uniform(0.032, 0.04)
    padded = rng.random() < 0.5 or variant in ("padded", "with arms")
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
        if variant == "with arms":
            arm = seat + 0.21
            parts.append(box(material, (0.03, 0.03, 0.212), (1.02 * x, -depth / 2 + 0.07, seat - 0.001), 0.004))
            parts.append(box(material, (0.05, depth - 0.02, 0.022), (1.02 * x, 0.01, arm), 0.007))
    inner = width - 2 * size + 0.004
    if variant in ("padded", "with arms"):
        pad = turned(cushion(cover, (inner, 0.3, 0.04), (0, 0, 0), 0.018, crown=0.008), "x", 90)
        back = [moved(pad, (0, y + 0.02, top - 0.17))]
    else:
        rail = [box(material, (inner, 0.02, 0.07), (0, y, top - 0.075), 0.004)]
        foot = [box(material, (inner, 0.02, 0.03), (0, y, seat + 0.1))] if variant == "slats" else []
        back = rail + foot + _slats(material, inner, seat + 0.12, top - 0.07, y, upright=variant == "slats")
    parts += [turned(part, "x", -8, (0, y, seat)) for part in back]
    if padded:
        parts.append(cushion(cover, (width - 0.03, depth - 0.06, 0.05), (0, -0.015, seat - 0.004), 0.02, crown=0.012))
    return standing("dining chair", parts)


def _cantilever(rng: np.random.Generator) -> list[Part]:
    """Seat and back in one bent steel tube that stands on runners and has no rear legs."""
    width, depth, seat = rng.uniform(0.44, 0.48), 0.44, rng.uniform(0.44, 0.47)
    steel = metal(GREY) if rng.random() < 0.7 else plain(BLACK, gloss=0.4)
    cover, x, y, top = upholstery(rng), width / 2, depth / 2, rng.uniform(0.8, 0.88)
    side = [(y + 0.02, 0.013), (-y + 0.04, 0.013), (-y, 0.05), (-y, seat - 0.05), (-y + 0.04, seat - 0.012)]
    side += [(y - 0.03, seat - 0.012), (y + 0.01, seat + 0.05), (y + 0.06, top)]
    parts = [tube(steel, [(s * x, py, pz) for py, pz in side], 0.0125) for s in (-1, 1)]
    parts.append(tube(steel, [(-x, y + 0.02, 0.013), (x, y + 0.02, 0.013)], 0.0125))
    parts.append(cushion(cover, (width - 0.01, depth - 0.02, 0.05), (0, 0, seat - 0.016), 0.02, crown=0.01))
    rest = turned(cushion(cover, (width - 0.01, 0.26, 0.045), (0, 0, 0), 0.018, crown=0.008), "x", 90)
    parts.append(turned(moved(rest, (0, y + 0.055, top - 0.12)), "x", -7, (0, y + 0.04, top - 0.12)))
    return parts


def _windsor(rng: np.random.Generator) -> list[Part]:
    """Saddle seat on splayed turned legs, with spindles under a bowed rail."""
    material, seat, radius = wood_or_paint(rng), rng.uniform(0.43, 0.46), rng.uniform(0.205, 0.225)
    height = rng.uniform(0.4, 0.48)
    edge = [(0, 0), (radius - 0.02, 0), (radius, 0.015), (radius, 0.028), (radius - 0.02, 0.036), (0, 0.03)]
    parts = [lathe(material, edge, (0, 0, seat - 0.035), sides=28, grain="x")]
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot, top = np.array([sx * 0.2, sy * 0.2, 0.0]), np.array([sx * 0.13, sy * 0.13, seat - 0.03])
            path = [foot, foot + 0.45 * (top - foot), foot + 0.5 * (top - foot), foot + 0.55 * (top - foot), top]
            parts.append(tube(material, path, [0.011, 0.018, 0.014, 0.019, 0.014], 10))
        parts.append(tube(material, [(sx * 0.175, -0.18, 0.16), (sx * 0.175, 0.18, 0.16)], 0.011))
    parts.append(tube(material, [(-0.175, 0, 0.16), (0.175, 0, 0.16)], 0.011))
    bend = np.radians(np.linspace(0, 180, 13))

    def bowed(angle: np.ndarray) -> np.ndarray:
        sine = np.sin(angle)
        return np.stack([0.165 * np.cos(angle), 0.1 + 0.12 * sine, seat - 0.01 + height * sine**0.6], axis=-1)

    parts.append(tube(material, bowed(bend), 0.0125))
    for angle in np.pi * np.arange(1, 8) / 8:
        top = bowed(angle)
        parts.append(tube(material, [(0.75 * top[0], 0.15, seat - 0.005), top], 0.006, 6))
    return parts


def stool(rng: np.random.Generator, variant: str) -> Asset:
    """Backless seat, 0.42 to 0.78 m high: on splayed legs with a ring, on a column, or on a square frame."""
    height, radius = rng.uniform(0.42, 0.78), rng.uniform(0.15, 0.19)
    material = wood(rng)
    legs = metal(DARK) if rng.random() < 0.4 or variant == "column" else material
    seat = material if rng.random() < 0.6 else upholstery(rng)
    thick = 0.035 if seat is material else 0.06
    edge = 0.012
    if variant == "square frame":
        side, post = 1.75 * radius, 0.032
        parts = [box(seat, (side, side, thick), (0, 0, height - thick), edge)]
        parts += four_legs(legs, side - 0.01, side - 0.01, height - thick + 0.001, post)
        for s in (-1, 1):
            parts.append(box(legs, (0.02, side - 2 * post, 0.03), (s * (side - post - 0.01) / 2, 0, 0.3 * height)))
            parts.append(box(legs, (side - 2 * post, 0.02, 0.03), (0, s * (side - post - 0.01) / 2, 0.38 * height)))
        return standing("stool", parts)
    profile = [(0, 0), (radius - edge, 0), (radius, edge), (radius, thick - edge), (radius - edge, thick), (0, thick)]
    parts = [lathe(seat, profile, (0, 0, height - thick), grain="x")]
    ring_z, ring = 0.3 * height, radius * (1.05 - 0.35 * 0.3)
    if variant == "column":
        foot = [(0, 0), (1.15 * radius, 0), (1.15 * radius, 0.008), (0.05, 0.025), (0.03, 0.04)]
        parts.append(
            lathe(
                legs,
                [
                    *foot,
                    (0.03, 0.5 * height),
                    (0.02, 0.5 * height),
                    (0.02, height - thick + 0.002),
                    (0, height - thick + 0.002),
                ],
            )
        )
        ring = 0.85 * radius
        parts.append(tube(legs, [(0, 0, ring_z), (0, -ring, ring_z)], 0.009, 6))
    else:
        count = int(rng.integers(3, 5))
        for angle in (np.arange(count) + 0.5) * 2 * np.pi / count:
            x, y = np.cos(angle), np.sin(angle)
            reach = radius * 1.05
            foot, top = (reach * x, reach * y, 0), (0.7 * radius * x, 0.7 * radius * y, height - thick + 0.005)
            parts.append(leg(legs, foot, top, 0.013, 0.018, sides=10))
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    path = np.stack([ring * np.cos(angles), ring * np.sin(angles), np.full(20, ring_z)], axis=1)
    parts.append(tube(legs, path, 0.009, sides=6, closed=True))
    return standing("stool", parts)


def bench(rng: np.random.Generator, variant: str) -> Asset:
    """Long seat for two or three, 0.9 to 1.5 m: planks on a frame, padded on turned legs, or with a slatted back."""
    width, depth, height = rng.uniform(0.9, 1.5), rng.uniform(0.34, 0.42), rng.uniform(0.42, 0.47)
    material = wood(rng)
    if variant == "padded":
        parts = [
            turned_leg(material, (sx * (width / 2 - 0.05), sy * (depth / 2 - 0.05)), height - 0.12, 0.06)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        parts.append(box(material, (width - 0.04, depth - 0.04, 0.05), (0, 0, height - 0.125), 0.004))
        parts.append(cushion(upholstery(rng), (width, depth, 0.09), (0, 0, height - 0.08), 0.03, crown=0.02))
        return standing("bench", parts)
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
    if variant == "with back":
        y, lean = depth / 2 - 0.01, -10
        back = [box(material, (width, 0.02, 0.075), (0, y, height + 0.1 + 0.1 * k), 0.004) for k in range(3)]
        back += [
            box(frame, (0.045, 0.025, 0.44), (s * (width / 2 - 0.12), y + 0.0224, height - 0.06), 0.004)
            for s in (-1, 1)
        ]
        parts += [turned(part, "x", lean, (0, y, height)) for part in back]
    return standing("bench", parts)


CATEGORIES = (
    Category(
        "office chair",
        "floor",
        office_chair,
        ((0.5, 0.5, 0.85), (0.75, 0.85, 1.45)),
        ("with arms", "without arms", "with headrest", "net back"),
    ),
    Category(
        "dining chair",
        "floor",
        dining_chair,
        ((0.38, 0.38, 0.75), (0.56, 0.62, 1.1)),
        ("slats", "ladder back", "padded", "with arms", "spindles", "cantilever"),
    ),
    Category(
        "stool", "floor", stool, ((0.25, 0.25, 0.4), (0.5, 0.5, 0.82)), ("splayed legs", "column", "square frame")
    ),
    Category("bench", "wall_side", bench, ((0.8, 0.25, 0.4), (1.6, 0.6, 0.95)), ("planks", "padded", "with back")),
)
