"""What hangs at the front of a building: clocks, flags, signs, dishes, air conditioners; and flower boxes on sills.

The origin of all but the flower box is on the wall, and their bodies lie at y <= 0, as those of indoor wall objects.
"""

from collections.abc import Iterable

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import BRIGHTS, linear, pick, plain, seed_of
from generation.scenes.procedural.shapes import box, flat, lathe, moved, tube, turned
from generation.scenes.streets.catalogue.paints import BLACK_TRIM, SIGN_WHITE, foliage, slats
from generation.scenes.streets.catalogue.trees import FLOWERS, clump, tufts
from generation.scenes.streets.solids import both_sides, disc_outline, plate, skin


IRON = plain(linear("#25282b"), gloss=0.3)


def _hung(label: str, parts: Iterable[Part]) -> Asset:
    """Asset whose back touches y = 0."""
    parts = tuple(parts)
    back = max(part.vertices[:, 1].max() for part in parts)
    return Asset(label, tuple(moved(part, (0, -back, 0)) for part in parts))


def _bracket(reach: float, z: float) -> list[Part]:
    """Iron bar that juts out from a wall plate."""
    return [
        box(IRON, (0.1, 0.02, 0.3), (0, -0.01, z - 0.2)),
        tube(IRON, [(0, -0.01, z), (0, -reach, z)], 0.015, sides=6),
        tube(IRON, [(0, -0.01, z - 0.18), (0, -0.45 * reach, z - 0.012)], 0.01, sides=5),
    ]


def clock(rng: np.random.Generator) -> Asset:
    """Two-faced clock of 0.6 to 0.75 m on a bracket."""
    r = rng.uniform(0.3, 0.37)
    face = Material("clock", SIGN_WHITE.color, linear("#1c1d20"), 1.0, seed=seed_of(rng))
    parts = _bracket(0.82 - r, r + 0.04)
    case = turned(lathe(IRON, [(0, 0), (r, 0), (r, 0.16), (0, 0.16)], (0, 0, -0.08), sides=24), "y", 90)
    parts.append(moved(case, (0, -0.45, 0)))
    parts.append(tube(IRON, [(0, -0.45, r - 0.01), (0, -0.45, r + 0.04)], 0.015, sides=6))
    dial = flat(face, (-0.9 * r, -0.0815, -0.9 * r), (1.8 * r, 0, 0), (0, 0, 1.8 * r))
    for angle in (-90, 90):
        parts.append(moved(turned(dial, "z", angle), (0, -0.45, 0)))
    return _hung("clock", parts)


def hanging_sign(rng: np.random.Generator) -> Asset:
    """Board of 0.5 to 0.65 m on a bracket, with a shape of another colour on both faces."""
    w, h = rng.uniform(0.5, 0.62), rng.uniform(0.45, 0.65)
    board, mark = plain(pick(rng, BRIGHTS), gloss=0.2), plain(pick(rng, ("#f2ead2", "#1d2024", "#e8c33a")), gloss=0.2)
    middle = np.array([0.0, -0.16 - w / 2, -h / 2])
    parts = _bracket(0.2 + w, 0.07)
    parts += [
        tube(IRON, [(0, -0.2 - s * (w - 0.08), -0.01), (0, -0.2 - s * (w - 0.08), 0.07)], 0.006, sides=5)
        for s in (0, 1)
    ]
    outline = disc_outline(0.36 * min(w, h), (24, 4, 6)[rng.integers(3)])
    for angle in (-90, 90):
        panels = box(board, (w, 0.02, h), (0, -0.0105, -h / 2)), plate(mark, outline, -0.026, 0.01)
        parts += [moved(turned(part, "z", angle), middle) for part in panels]
    return _hung("hanging sign", parts)


def flag(rng: np.random.Generator) -> Asset:
    """Three bars of colour on a pole that leans out from the wall; 0.9 m out and up to 1.3 m high."""
    reach, rise = 0.85, rng.uniform(0.9, 1.1)
    colors = [plain(linear(BRIGHTS[k])) for k in rng.permutation(5)[:3]]
    pole = [(0, -0.01, 0), (0, -reach, rise)]
    parts = [box(IRON, (0.1, 0.03, 0.14), (0, -0.015, -0.07)), tube(IRON, pole, 0.014, sides=7)]
    along = (np.array(pole[1]) - pole[0]) * 0.24
    start = np.array(pole[0]) + 0.26 * (np.array(pole[1]) - pole[0])
    for k, color in enumerate(colors):
        a, b = start + k * along, start + (k + 1) * along
        drop = np.array([0, 0, -0.62])
        corners = np.stack([a + drop, b + drop, b, a])
        sheet = np.stack([corners + [side * 0.004, 0, 0] for side in (-1, 1)])
        parts.append(skin(color, sheet))
    return _hung("flag", parts)


def air_conditioner(rng: np.random.Generator) -> Asset:
    """Outdoor unit on two brackets, 0.75 to 0.85 m wide."""
    w, h, d = rng.uniform(0.75, 0.85), rng.uniform(0.5, 0.56), 0.28
    shell = plain(pick(rng, ("#e2e1dc", "#d2d0c8", "#c5c3ba")), gloss=0.15)
    parts = [box(shell, (w, d, h), (0, -0.06 - d / 2, -h / 2), 0.015)]
    parts.append(plate(BLACK_TRIM, disc_outline(0.4 * h), -0.06 - d - 0.004, 0.01, (-0.13 * w, 0)))
    parts += [
        plate(shell, disc_outline(r * h), -0.06 - d - 0.008 - 0.003 * k, 0.006, (-0.13 * w, 0))
        for k, r in enumerate((0.08,))
    ]
    parts += [
        box(shell, (0.78 * h, 0.008, 0.012), (-0.13 * w, -0.06 - d - 0.01, z * h))
        for z in (-0.24, -0.12, 0.0, 0.12, 0.24)
    ]
    parts += both_sides(box(IRON, (0.03, 0.3, 0.03), (0.36 * w, -0.15, -h / 2 - 0.03)))
    return _hung("air conditioner", parts)


def satellite_dish(rng: np.random.Generator) -> Asset:
    """Dish of 0.55 to 0.65 m on an arm."""
    r = rng.uniform(0.275, 0.32)
    coat = plain(pick(rng, ("#d8d8d4", "#b9bbb9", "#8c5a46", "#5b5f63")), gloss=0.2)
    bowl = [(0, 0.0), (0.5 * r, 0.02), (r, 0.085), (r, 0.095), (0.5 * r, 0.03), (0, 0.012)]
    dish = turned(turned(lathe(coat, bowl, sides=20), "x", 66), "z", rng.uniform(-25, 25))
    parts = [
        moved(dish, (0, -0.28, 0.0)),
        tube(IRON, [(0, -0.01, -0.18), (0, -0.25, -0.16), (0, -0.27, -0.01)], 0.018, sides=6),
    ]
    parts += [
        box(IRON, (0.12, 0.02, 0.16), (0, -0.01, -0.26)),
        tube(IRON, [(0, -0.3, -0.25), (0, -0.62, -0.02)], 0.01, sides=5),
    ]
    parts.append(box(coat, (0.06, 0.1, 0.06), (0, -0.64, -0.03), 0.01))
    return _hung("satellite dish", parts)


def flower_box(rng: np.random.Generator, width: float = 0.8) -> Asset:
    """Box of flowers that stands on a window sill, 0.16 m deep; its origin is under its middle."""
    case, leaves, flower = slats(rng), foliage(rng), plain(pick(rng, FLOWERS))
    parts = [box(case, (width, 0.15, 0.15), (0, 0, 0), 0.01)]
    for x in np.linspace(-0.38, 0.38, 5) * width:
        middle = np.array([x, -0.03, 0.2])
        parts += [
            clump(leaves, middle, np.array([0.24 * width, 0.13, 0.2]), rng),
            tufts(leaves, np.tile(middle, (14, 1)), np.full(3, 0.04), rng, 0.05),
        ]
        for _ in range(2):
            spot = middle + [rng.uniform(-0.07, 0.07), rng.uniform(-0.06, 0.0), rng.uniform(0.04, 0.1)]
            parts.append(clump(flower, spot, np.full(3, 0.06), rng, 6))
    return Asset("flower box", tuple(parts))
