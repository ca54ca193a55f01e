"""Things that hang on walls or lie flat on floors."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import forward, on_wall, standing
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    BRASS,
    BRIGHTS,
    GREY,
    WHITE,
    image,
    linear,
    metal,
    pick,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import box, flat, lathe, tube


def _frame(material: Material, width: float, height: float, rim: float, deep: float) -> list[Part]:
    parts = []
    for side in (-1, 1):
        parts.append(box(material, (width, deep, rim), (0, -deep / 2, 0 if side < 0 else height - rim), 0.004))
        parts.append(box(material, (rim, deep, height - 2 * rim), (side * (width - rim) / 2, -deep / 2, rim)))
    return parts


def picture(rng: np.random.Generator) -> Asset:
    """Framed picture, 0.3 to 0.9 m on its longer side, mostly with a mount."""
    longer = rng.uniform(0.3, 0.9)
    shorter = longer * rng.uniform(0.65, 1.0)
    width, height = (longer, shorter) if rng.random() < 0.5 else (shorter, longer)
    frame = wood(rng) if rng.random() < 0.5 else plain((BLACK, WHITE, BRASS)[rng.integers(3)], gloss=0.3)
    rim = rng.uniform(0.02, 0.04)
    mount = rim + (rng.uniform(0.03, 0.07) if rng.random() < 0.6 else 0.0)
    inside = (width - 2 * mount, height - 2 * mount)
    parts = [
        *_frame(frame, width, height, rim, 0.025),
        box(plain(WHITE), (width - rim, 0.012, height - rim), (0, -0.006, rim / 2)),
        flat(image("picture", rng), (-inside[0] / 2, -0.014, mount), (inside[0], 0, 0), (0, 0, inside[1])),
    ]
    return on_wall("picture", parts)


def clock(rng: np.random.Generator) -> Asset:
    """Round wall clock, 0.24 to 0.4 m across."""
    radius = rng.uniform(0.12, 0.2)
    rim = (wood(rng), plain(pick(rng, BRIGHTS), gloss=0.4), plain(BLACK, gloss=0.4), metal(GREY))[rng.integers(4)]
    dial = Material("clock", WHITE, pick(rng, BRIGHTS), scale_m=1.0, seed=seed_of(rng))
    inner = 0.88 * radius
    body = [(0, 0), (radius, 0), (radius, 0.025), (0.95 * radius, 0.035), (inner, 0.035), (inner, 0.02), (0, 0.02)]
    return on_wall("clock", [forward(lathe(rim, body, sides=40), (0, 0, 0)), _disc_face(dial, inner)])


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


def rug(rng: np.random.Generator) -> Asset:
    """Patterned carpet, 1.4 to 2.4 m by 0.9 to 1.6 m, 12 mm thick."""
    width, depth, pile = rng.uniform(1.4, 2.4), rng.uniform(0.9, 1.6), 0.012
    weave = image("rug", rng)
    body = box(plain(weave.color), (width, depth, pile - 0.001))
    face = flat(weave, (-width / 2, -depth / 2, pile), (width, 0, 0), (0, depth, 0))
    return standing("rug", [body, face])


CATEGORIES = (
    Category("picture", "wall", picture),
    Category("clock", "wall", clock),
    Category("whiteboard", "wall", whiteboard),
    Category("rug", "rug", rug),
)
