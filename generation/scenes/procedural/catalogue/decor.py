"""Things that hang on walls or lie flat on floors."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import disc, forward, on_wall, standing
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    BRASS,
    BRIGHTS,
    GREY,
    WHITE,
    fabric,
    image,
    linear,
    metal,
    pick,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import box, flat, lathe, loft, rounded_rectangle, stacked, tube


def _frame(material: Material, width: float, height: float, rim: float, deep: float) -> list[Part]:
    parts = []
    for side in (-1, 1):
        parts.append(box(material, (width, deep, rim), (0, -deep / 2, 0 if side < 0 else height - rim), 0.004))
        parts.append(box(material, (rim, deep, height - 2 * rim), (side * (width - rim) / 2, -deep / 2, rim)))
    return parts


def picture(rng: np.random.Generator, variant: str) -> Asset:
    """Picture on a wall, 0.3 to 0.9 m on its longer side: framed, a bare canvas, a poster on rods, or between
    glass and board, held by clips."""
    longer = rng.uniform(0.3, 0.9)
    shorter = longer * rng.uniform(0.65, 1.0)
    width, height = (longer, shorter) if rng.random() < 0.5 else (shorter, longer)
    art = image("picture", rng)
    if variant == "canvas":
        parts = [
            box(plain(linear("#e9e4d8")), (width, 0.035, height), (0, -0.0175, 0), 0.003),
            flat(art, (-width / 2 + 0.003, -0.0356, 0.003), (width - 0.006, 0, 0), (0, 0, height - 0.006)),
        ]
        return on_wall("picture", parts)
    if variant == "poster":
        width, height, rod = 0.7 * longer + 0.1, longer + 0.1, wood(rng)
        parts = [
            box(plain(linear("#f2efe6")), (width - 0.02, 0.002, height), (0, -0.01, 0)),
            flat(art, (-width / 2 + 0.03, -0.0115, 0.05), (width - 0.06, 0, 0), (0, 0, height - 0.1)),
            *(box(rod, (width, 0.02, 0.022), (0, -0.0105, z), 0.004) for z in (-0.011, height - 0.011)),
        ]
        string = [
            (-0.4 * width, -0.01, height + 0.005),
            (0, -0.004, height + 0.09),
            (0.4 * width, -0.01, height + 0.005),
        ]
        return on_wall("picture", [*parts, tube(plain(BLACK), string, 0.0022, 5)])
    if variant == "clips":
        margin = rng.uniform(0.03, 0.07)
        inside = (width - 2 * margin, height - 2 * margin)
        parts = [
            box(plain(WHITE, gloss=0.5), (width, 0.012, height), (0, -0.006, 0)),
            flat(art, (-inside[0] / 2, -0.0125, margin), (inside[0], 0, 0), (0, 0, inside[1])),
            *(
                box(metal(GREY), (0.02, 0.016, 0.012), (x * width / 4, -0.008, z))
                for x in (-1, 1)
                for z in (-0.003, height - 0.009)
            ),
        ]
        return on_wall("picture", parts)
    frame = wood(rng) if rng.random() < 0.5 else plain((BLACK, WHITE, BRASS)[rng.integers(3)], gloss=0.3)
    rim = rng.uniform(0.02, 0.04)
    mount = rim + (rng.uniform(0.03, 0.07) if rng.random() < 0.6 else 0.0)
    inside = (width - 2 * mount, height - 2 * mount)
    parts = [
        *_frame(frame, width, height, rim, 0.025),
        box(plain(WHITE), (width - rim, 0.012, height - rim), (0, -0.006, rim / 2)),
        flat(art, (-inside[0] / 2, -0.014, mount), (inside[0], 0, 0), (0, 0, inside[1])),
    ]
    return on_wall("picture", parts)


def clock(rng: np.random.Generator, variant: str) -> Asset:
    """Wall clock, 0.24 to 0.6 m across: round, square, with rays around it, or with a pendulum below."""
    radius = rng.uniform(0.12, 0.2)
    rim = (wood(rng), plain(pick(rng, BRIGHTS), gloss=0.4), plain(BLACK, gloss=0.4), metal(GREY))[rng.integers(4)]
    dial = Material("clock", WHITE, pick(rng, BRIGHTS), scale_m=1.0, seed=seed_of(rng))
    inner = 0.88 * radius
    if variant == "square":
        side = 2 * radius
        body = rounded_rectangle(side, side, 0.02, 3)
        shell = stacked(np.stack([body, body, 0.92 * body, 0.92 * body]), (0, 0.03, 0.034, 0.02))
        return on_wall("clock", [forward(loft(rim, shell), (0, 0, 0)), _disc_face(dial, 0.88 * radius)])
    body = [(0, 0), (radius, 0), (radius, 0.025), (0.95 * radius, 0.035), (inner, 0.035), (inner, 0.02), (0, 0.02)]
    parts = [forward(lathe(rim, body, sides=40), (0, 0, 0)), _disc_face(dial, inner)]
    if variant == "rays":
        for k in range(24):
            angle, reach = np.radians(15 * k), (1.55 if k % 2 else 1.35) * radius
            out = np.array([np.cos(angle), 0, np.sin(angle)])
            start, end = 0.95 * radius * out + [0, -0.012, 0], reach * out + [0, -0.012, 0]
            parts.append(tube(rim, [start, end], [0.009, 0.003], 6))
    if variant == "pendulum":
        case = wood(rng)
        width, low = 1.5 * radius, -2.6 * radius
        parts.append(box(case, (width, 0.02, -low - 0.5 * radius), (0, -0.01, low)))
        for s in (-1, 1):
            parts.append(box(case, (0.025, 0.06, -low - 0.6 * radius), (s * width / 2, -0.03, low)))
        parts.append(box(case, (width + 0.05, 0.062, 0.03), (0, -0.031, low - 0.029), 0.005))
        brass = metal(BRASS)
        parts.append(box(brass, (0.008, 0.004, 1.35 * radius), (0.1 * radius, -0.035, -2.1 * radius)))
        parts.append(disc(brass, 0.28 * radius, 0.008, (0.1 * radius, -0.033, -2.1 * radius)))
    return on_wall("clock", parts)


def _disc_face(dial: Material, radius: float) -> Part:
    """Round picture facing -y: the flat rectangle around it would reach beyond the rim."""
    face = forward(
        lathe(dial, [(0, 0.0005), (radius, 0.0005), (radius, 0.001), (0, 0.001)], sides=40), (0, -0.0205, 0)
    )
    unit = face.vertices[:, [0, 2]] / (2 * radius) + 0.5
    texcoords = np.column_stack([unit, np.ones(len(unit))])
    return Part(face.vertices, face.faces, face.normals, texcoords, dial)


def whiteboard(rng: np.random.Generator) -> Asset:
    """White writing board, 0.9 to 1.5 m wide, with pen tray, pens and some scribbles."""
    width, height = rng.uniform(0.9, 1.5), rng.uniform(0.6, 0.9)
    steel = metal(ALUMINIUM)
    parts = [
        *_frame(steel, width, height, 0.02, 0.022),
        box(plain(linear("#fafaf8"), gloss=0.4), (width - 0.02, 0.014, height - 0.02), (0, -0.007, 0.01)),
        box(steel, (0.5 * width, 0.07, 0.012), (0, -0.045, -0.006)),
        box(plain(BLACK), (0.12, 0.045, 0.03), (0.14 * width, -0.05, 0.005), 0.004),
    ]
    pens = [plain(linear(color)) for color in ("#1d4fb8", "#c22a2a", "#1f8a4a", "#222222")]
    for k, pen in enumerate(pens[:3]):
        x = -0.2 * width + 0.1 * k * width
        parts.append(tube(pen, [(x, -0.05 - 0.008 * k, 0.013), (x + 0.12, -0.05 - 0.008 * k, 0.013)], 0.008, sides=6))
    for line in range(int(rng.integers(4, 7))):
        left, length, z = -0.42 * width, rng.uniform(0.3, 0.8) * width, height * (0.86 - 0.12 * line)
        xs = np.linspace(left, left + length, 40)
        wave = 0.014 * np.sin(np.arange(40) * 1.9) * rng.uniform(0.3, 1.0, 40)
        stroke = np.stack([xs, np.full(40, -0.0137), z + wave], axis=1)
        parts.append(tube(pens[rng.integers(4)], stroke, 0.003, sides=3))
    return on_wall("whiteboard", parts)


def rug(rng: np.random.Generator, variant: str) -> Asset:
    """Carpet of 1.2 to 2.4 m, 12 mm thick: patterned with a medallion, round with rings, or striped with fringes."""
    width, depth, pile = rng.uniform(1.4, 2.4), rng.uniform(0.9, 1.6), 0.012
    weave = image("rug", rng)
    if variant == "round":
        radius, hues = rng.uniform(0.6, 0.85), [fabric(rng, BRIGHTS) for _ in range(2)]
        parts = []
        for k in range(5):
            outer, z = radius * (1 - 0.19 * k), pile - 0.001 * (k == 0) - 0.0016 + 0.0004 * k
            parts.append(lathe(hues[k % 2], [(0, 0), (outer, 0), (outer, z), (0, z)], sides=48))
        return standing("rug", parts)
    if variant == "striped":
        cloth = Material("stripes", weave.color, weave.accent, scale_m=rng.uniform(0.15, 0.35))
        parts = [box(cloth, (width, depth, pile))]
        string = plain(linear("#e7e2d6"))
        for s in (-1, 1):
            for y in np.linspace(-0.48, 0.48, 30) * depth:
                parts.append(box(string, (0.06, 0.012, 0.004), (s * (width / 2 + 0.029), y, 0)))
        return standing("rug", parts)
    body = box(plain(weave.color), (width, depth, pile - 0.001))
    face = flat(weave, (-width / 2, -depth / 2, pile), (width, 0, 0), (0, depth, 0))
    return standing("rug", [body, face])


CATEGORIES = (
    Category(
        "picture",
        "wall",
        picture,
        ((0.18, 0.01, 0.18), (1.1, 0.05, 1.2)),
        ("framed", "canvas", "poster", "clips"),
    ),
    Category("clock", "wall", clock, ((0.2, 0.02, 0.2), (0.65, 0.08, 0.8)), ("round", "square", "rays", "pendulum")),
    Category("whiteboard", "wall", whiteboard, ((0.8, 0.02, 0.5), (1.6, 0.15, 1.0))),
    Category("rug", "rug", rug, ((1.1, 0.8, 0.005), (2.6, 1.8, 0.02)), ("medallion", "round", "striped")),
)
