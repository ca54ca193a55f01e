"""What stands on a pavement on its own: bins, bollards, hydrants, post boxes, machines, cones, advertisements."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import image, linear, pick, plain
from generation.scenes.procedural.shapes import box, flat, lathe, moved, turned
from generation.scenes.streets.catalogue.paints import BLACK_TRIM, CONCRETE, GALVANISED, SIGN_WHITE, street_metal
from generation.scenes.streets.solids import both_sides, standing


def _band(material: Material, radius: float, low: float, high: float) -> Part:
    """Ring of 3 mm around a post."""
    inner, outer = radius + 0.001, radius + 0.004
    return lathe(material, [(inner, low), (outer, low), (outer, high), (inner, high), (inner, low)], sides=20)


def litter_bin(rng: np.random.Generator) -> Asset:
    """Round bin under a hood, or an open one on a post; 0.85 to 1.1 m high."""
    coat = plain(pick(rng, ("#2e5a3a", "#3b4147", "#23282c", "#c9602a", "#5c6468", "#2f5d8a")), gloss=0.25)
    if rng.random() < 0.5:
        r, h = rng.uniform(0.2, 0.26), rng.uniform(0.7, 0.8)
        foot, rim = [(0, 0), (0.92 * r, 0), (0.92 * r, 0.05), (r, 0.06)], [(r, h), (r - 0.02, h)]
        hood = [(0, 0.17), (r + 0.01, 0.17), (r + 0.01, 0.2), (0.5 * r, 0.29), (0, 0.3)]
        parts = [
            lathe(coat, [*foot, *rim, (r - 0.03, 0.3), (0, 0.3)], sides=20),
            lathe(coat, hood, (0, 0, h), sides=20),
            *both_sides(box(BLACK_TRIM, (0.03, 0.05, 0.2), (r - 0.03, 0, h - 0.01))),
            _band(plain(linear("#d8d8d4")), r, h - 0.12, h - 0.05),
        ]
    else:
        bowl = [(0, 0.42), (0.16, 0.42), (0.2, 0.95), (0.185, 0.95), (0.15, 0.5), (0, 0.5)]
        parts = [
            lathe(GALVANISED, [(0, 0), (0.03, 0), (0.03, 1.05), (0, 1.06)], sides=12),
            lathe(coat, bowl, (0, -0.235, 0), sides=18),
            box(GALVANISED, (0.05, 0.08, 0.05), (0, -0.035, 0.8)),
        ]
    return standing("litter bin", parts)


def bollard(rng: np.random.Generator) -> Asset:
    """Post of 0.85 to 1.05 m with a band."""
    h, r, coat = rng.uniform(0.85, 1.05), rng.uniform(0.05, 0.08), street_metal(rng)
    profile = [(0, 0), (1.3 * r, 0), (1.3 * r, 0.04), (r, 0.06), (r, h - 0.05), (0.75 * r, h - 0.01), (0, h)]
    return standing("bollard", [lathe(coat, profile, sides=16), _band(SIGN_WHITE, r, h - 0.22, h - 0.14)])


def fire_hydrant(rng: np.random.Generator) -> Asset:
    """Pillar hydrant of 0.75 to 0.9 m with two side outlets and a large one in front."""
    h, coat = rng.uniform(0.75, 0.9), plain(pick(rng, ("#b8251c", "#c23a1a", "#d8a21c", "#a81d22")), gloss=0.35)
    cap = plain(pick(rng, ("#c9cdd0", "#b8251c", "#e3c34a")), gloss=0.3)
    barrel = [
        (0, 0), (0.17, 0), (0.17, 0.05), (0.11, 0.06), (0.105, h - 0.22), (0.15, h - 0.21), (0.15, h - 0.17),
        (0.12, h - 0.1), (0.06, h - 0.04), (0, h - 0.03),
    ]  # fmt: skip
    nut = [(0, 0), (0.03, 0), (0.03, 0.06), (0, 0.06)]
    outlet = lathe(cap, [(0, 0), (0.055, 0), (0.055, 0.09), (0.03, 0.11), (0, 0.11)], sides=10)
    front = lathe(cap, [(0, 0), (0.075, 0), (0.075, 0.1), (0.04, 0.12), (0, 0.12)], sides=12)
    parts = [lathe(coat, barrel, sides=18), lathe(cap, nut, (0, 0, h - 0.045), sides=5)]
    parts += both_sides(moved(turned(outlet, "y", 90), (0.08, 0, 0.62 * h)))
    parts.append(moved(turned(front, "x", 90), (0, -0.07, 0.48 * h)))
    return standing("fire hydrant", parts)


def post_box(rng: np.random.Generator) -> Asset:
    """Round pillar or square box on a foot, red, yellow or blue; 1.2 to 1.55 m high."""
    coat = plain(linear(("#b5121b", "#e8b81a", "#1f3f8f")[rng.integers(3)]), gloss=0.35)
    if rng.random() < 0.5:
        h, r = rng.uniform(1.35, 1.55), rng.uniform(0.2, 0.24)
        profile = [
            (0, 0), (r + 0.02, 0), (r + 0.02, 0.18), (r, 0.2), (r, h - 0.2), (r + 0.04, h - 0.18),
            (r + 0.04, h - 0.1), (0.6 * r, h - 0.02), (0, h),
        ]  # fmt: skip
        parts = [
            lathe(coat, profile, sides=24),
            box(BLACK_TRIM, (0.22, 0.05, 0.04), (0, -r + 0.012, h - 0.33)),
            box(SIGN_WHITE, (0.14, 0.05, 0.18), (0, -r + 0.015, h - 0.62)),
        ]
        return standing("post box", parts)
    w, d = rng.uniform(0.45, 0.55), rng.uniform(0.35, 0.45)
    parts = [
        box(coat, (w, d, 0.75), (0, 0, 0.45), 0.03),
        *both_sides(box(BLACK_TRIM, (0.06, d - 0.1, 0.46), (w / 2 - 0.08, 0, 0))),
        box(BLACK_TRIM, (0.7 * w, 0.02, 0.05), (0, -d / 2, 1.02)),
        box(SIGN_WHITE, (0.5 * w, 0.014, 0.2), (0, -d / 2, 0.7)),
    ]
    return standing("post box", parts)


def parking_meter(rng: np.random.Generator) -> Asset:
    """Ticket machine on a post, 1.5 to 1.7 m high."""
    h, coat = rng.uniform(1.5, 1.7), plain(pick(rng, ("#2f4f7a", "#3b4147", "#5c6468", "#2e5a3a")), gloss=0.3)
    parts = [
        box(coat, (0.14, 0.14, h - 0.5), (0, 0, 0), 0.02),
        box(coat, (0.32, 0.24, 0.5), (0, 0, h - 0.52), 0.03),
        box(plain(linear("#9fb0a0"), gloss=0.6), (0.18, 0.02, 0.1), (0, -0.12, h - 0.2)),
        box(BLACK_TRIM, (0.2, 0.02, 0.14), (0, -0.12, h - 0.42)),
        box(SIGN_WHITE, (0.2, 0.02, 0.2), (0, 0, h)),
    ]
    return standing("parking meter", parts)


def electrical_cabinet(rng: np.random.Generator) -> Asset:
    """Grey or green cabinet on a plinth, 0.8 to 1.3 m wide and 1.0 to 1.3 m high."""
    w, h = rng.uniform(0.8, 1.3), rng.uniform(1.0, 1.3)
    coat = plain(pick(rng, ("#9a9d98", "#7d8078", "#4f6350", "#b3b0a6")), gloss=0.1)
    parts = [
        box(CONCRETE, (w + 0.06, 0.42, 0.1), (0, 0, 0)),
        box(coat, (w, 0.36, h - 0.1), (0, 0, 0.1)),
        box(coat, (w + 0.05, 0.41, 0.05), (0, 0, h - 0.02)),
    ]
    parts += [
        box(BLACK_TRIM, (0.008, 0.01, h - 0.25), (0, -0.18, 0.16)),
        *both_sides(box(BLACK_TRIM, (0.03, 0.03, 0.1), (0.06, -0.19, 0.55 * h))),
    ]
    parts += [
        box(BLACK_TRIM, (0.4 * w, 0.01, 0.012), (s * 0.24 * w, -0.18, h - 0.2 - 0.03 * k))
        for s in (-1, 1)
        for k in range(3)
    ]
    return standing("electrical cabinet", parts)


def traffic_cone(rng: np.random.Generator) -> Asset:
    """Orange cone of 0.5 to 0.75 m with white bands."""
    h = rng.uniform(0.5, 0.75)
    orange = plain(linear("#e0501a"), gloss=0.1)
    edges = np.array([0.03, 0.36, 0.55, 0.68, 0.85, 1.0]) * h
    radii = np.interp(edges, (0.03 * h, h), (0.26 * h, 0.05 * h))
    parts = [box(orange, (0.62 * h, 0.62 * h, 0.03 * h), (0, 0, 0))]
    for k in range(5):
        rings = [(0, edges[k]), (radii[k], edges[k]), (radii[k + 1], edges[k + 1]), (0, edges[k + 1])]
        parts.append(lathe(SIGN_WHITE if k % 2 else orange, rings, sides=16))
    return standing("traffic cone", parts)


def advertising_column(rng: np.random.Generator) -> Asset:
    """Round column with posters, 1.1 to 1.3 m wide and 2.9 to 3.3 m high."""
    r, h, iron = rng.uniform(0.55, 0.65), rng.uniform(2.9, 3.3), street_metal(rng)
    parts = [
        lathe(
            iron,
            [
                (0, 0),
                (r + 0.06, 0),
                (r + 0.06, 0.25),
                (r, 0.3),
                (r, h - 0.45),
                (r + 0.1, h - 0.42),
                (r + 0.1, h - 0.34),
                (0.3 * r, h - 0.06),
                (0, h),
            ],
            sides=24,
        ),
    ]
    wide, tall = 0.62, 0.88
    for k in range(6):
        for z in (0.42, 1.36):
            if rng.random() < 0.85:
                poster = flat(image("picture", rng), (-wide / 2, -r - 0.025, z), (wide, 0, 0), (0, 0, tall))
                board = box(SIGN_WHITE, (wide + 0.04, 0.05, tall + 0.04), (0, -r + 0.002, z - 0.02))
                parts += [turned(board, "z", 60 * k), turned(poster, "z", 60 * k)]
    return standing("advertising column", parts)


def advertising_board(rng: np.random.Generator) -> Asset:
    """Folding board before a shop, 0.6 m wide and 1 m high."""
    w, h, lean = rng.uniform(0.55, 0.65), rng.uniform(0.9, 1.1), 12.0
    frame = plain(linear(("#23282c", "#7b4a2b", "#d8d8d4")[rng.integers(3)]), gloss=0.1)
    parts = []
    for side in (0, 180):
        board = box(frame, (w, 0.02, h), (0, 0, 0))
        poster = flat(image("picture", rng), (-w / 2 + 0.04, -0.0115, 0.1), (w - 0.08, 0, 0), (0, 0, h - 0.15))
        leaning = (turned(moved(part, (0, 0, -h)), "x", -lean) for part in (board, poster))
        parts += [turned(moved(part, (0, -0.012, 0)), "z", side) for part in leaning]
    return standing("advertising board", parts)
