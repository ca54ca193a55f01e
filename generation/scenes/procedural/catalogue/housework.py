"""Machines and things of a household that stand about; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    GREY,
    STEEL,
    linear,
    metal,
    pick,
    plain,
)
from generation.scenes.procedural.shapes import (
    box,
    circle,
    ellipsoid,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def vacuum_cleaner(rng: np.random.Generator, variant: str) -> Asset:
    """Vacuum cleaner: a sledge on wheels with hose and pipe, or upright with a bag and a handle."""
    hue, black, steel = plain(pick(rng, BRIGHTS), gloss=0.5), plain(BLACK, gloss=0.2), metal(GREY)
    if variant == "upright":
        height = rng.uniform(1.05, 1.15)
        nozzle = np.stack(
            [
                rounded_rectangle(0.3, 0.28, 0.05, 3),
                rounded_rectangle(0.3, 0.28, 0.05, 3),
                rounded_rectangle(0.22, 0.16, 0.05, 3),
            ]
        )
        body = np.stack([circle(22) * half for half in ([0.11, 0.09], [0.16, 0.13], [0.17, 0.13], [0.1, 0.08])])
        tilt = [
            loft(hue, stacked(body, (0.08, 0.22, 0.5, 0.74))),
            tube(steel, [(0, 0.02, 0.7), (0, 0.02, height - 0.06)], 0.013),
            tube(
                black,
                [(0, 0.02, height - 0.08), (0, -0.05, height), (0, -0.1, height - 0.03), (0, 0.0, height - 0.16)],
                0.014,
            ),
            tube(black, [(0.08, 0.05, 0.16), (0.12, 0.09, 0.4), (0.05, 0.06, 0.66)], 0.018),
        ]
        parts = [
            loft(black, stacked(nozzle, (0.012, 0.06, 0.11))),
            *(turned(part, "x", -14, (0, 0, 0.06)) for part in tilt),
        ]
        wheel = turned(lathe(black, [(0, -0.015), (0.04, -0.015), (0.04, 0.015), (0, 0.015)], sides=16), "y", 90)
        parts += [moved(wheel, (s * 0.12, 0.13, 0.04)) for s in (-1, 1)]
        return standing("vacuum cleaner", parts)
    length = rng.uniform(0.38, 0.44)
    shares = ((0.55, 0.03), (0.95, 0.05), (1.0, 0.12), (0.86, 0.2), (0.5, 0.25))
    outline = np.stack([circle(28)[:, 0] * 0.145, circle(28)[:, 1] * length / 2], axis=1)
    parts = [loft(hue, stacked(np.stack([s * outline for s, _ in shares]), [z for _, z in shares]))]
    wheel = turned(
        lathe(black, [(0, -0.025), (0.06, -0.025), (0.075, 0), (0.06, 0.025), (0, 0.025)], sides=20), "y", 90
    )
    parts += [moved(wheel, (s * 0.14, 0.1, 0.075)) for s in (-1, 1)]
    parts += [
        ellipsoid(black, (0.05, 0.05, 0.05), (0, -0.12, 0.025), 10),
        box(black, (0.06, 0.16, 0.02), (0, 0.03, 0.245), 0.008),
    ]
    hose = [
        (0, -0.15, 0.17),
        (0.02, -0.3, 0.3),
        (0.2, -0.42, 0.42),
        (0.42, -0.32, 0.42),
        (0.5, -0.15, 0.55),
        (0.48, -0.06, 0.74),
    ]
    parts.append(tube(plain(linear("#3b3e43")), _smooth(hose, 24), 0.02, 10))
    pipe = [(0.48, -0.06, 0.74), (0.42, -0.35, 0.4), (0.36, -0.62, 0.06)]
    parts.append(tube(black, [(0.485, -0.02, 0.79), pipe[0]], [0.018, 0.02]))
    parts.append(tube(steel, pipe, 0.016))
    head = np.stack(
        [
            rounded_rectangle(0.27, 0.08, 0.03, 3),
            rounded_rectangle(0.27, 0.08, 0.03, 3),
            rounded_rectangle(0.09, 0.04, 0.015, 3),
        ]
    )
    parts.append(moved(turned(loft(black, stacked(head, (0, 0.03, 0.07))), "z", 10), (0.355, -0.64, 0)))
    return standing("vacuum cleaner", parts)


def _smooth(points: list, count: int) -> np.ndarray:
    """`count` points of the curve through `points` (Catmull-Rom)."""
    p = np.asarray(points, dtype=float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    at = np.linspace(0, len(p) - 3.001, count)
    k, t = at.astype(int), (at % 1)[:, None]
    a, b, c, d = p[k], p[k + 1], p[k + 2], p[k + 3]
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def iron(rng: np.random.Generator) -> Asset:
    """Electric iron on its sole, 0.25 to 0.3 m long, tip to the right."""
    length = rng.uniform(0.25, 0.3)
    hue, steel, black = plain(pick(rng, BRIGHTS), gloss=0.5), metal(STEEL), plain(BLACK, gloss=0.2)
    along = np.linspace(0, 1, 11)
    half = 0.058 * np.sqrt(np.clip(1 - along**2.4, 0, 1)) + 0.001
    side = np.stack([length * (along - 0.5), -half], axis=1)
    sole = np.concatenate([side, (side * [1, -1])[::-1]])
    body = [(sole, 0.012), (0.97 * sole, 0.03), (0.8 * sole - [0.015, 0], 0.065), (0.45 * sole - [0.045, 0], 0.085)]
    parts = [
        loft(steel, stacked(np.stack([sole * 0.99, sole]), (0, 0.012))),
        loft(hue, stacked(np.stack([outline for outline, _ in body]), [z for _, z in body])),
        tube(
            hue,
            [
                (-0.3 * length, 0, 0.07),
                (-0.34 * length, 0, 0.12),
                (0.0, 0, 0.135),
                (0.2 * length, 0, 0.115),
                (0.26 * length, 0, 0.06),
            ],
            [0.018, 0.017, 0.016, 0.016, 0.014],
        ),
        tube(
            black,
            [(-0.36 * length, 0, 0.115), (-0.5 * length, 0, 0.14), (-0.62 * length, 0.02, 0.12)],
            [0.009, 0.006, 0.004],
            6,
        ),
        lathe(black, [(0, 0), (0.02, 0), (0.018, 0.012), (0, 0.012)], (-0.06 * length, 0, 0.08), 16),
        disc(plain(linear("#c8402f"), emission=0.4), 0.006, 0.004, (-0.1 * length, -0.05, 0.03), 8),
    ]
    return standing("iron", parts)


def hair_dryer(rng: np.random.Generator) -> Asset:
    """Hair dryer lying on its side, 0.2 to 0.25 m long, its handle to the front."""
    s = rng.uniform(0.95, 1.15)
    hue, black = plain(pick(rng, BRIGHTS), gloss=0.5), plain(BLACK, gloss=0.2)
    r = 0.042 * s
    barrel = [
        (0, 0),
        (0.7 * r, 0.004),
        (0.98 * r, 0.02),
        (r, 0.06),
        (0.75 * r, 0.15 * s),
        (0.7 * r, 0.16 * s),
        (0, 0.16 * s),
    ]
    nozzle = [(0, 0), (0.72 * r, 0), (0.6 * r, 0.02), (0.62 * r, 0.05), (0.5 * r, 0.05), (0.45 * r, 0.03), (0, 0.03)]
    parts = [
        moved(turned(lathe(hue, barrel, sides=22), "y", 90), (-0.09 * s, 0, r)),
        moved(turned(lathe(black, nozzle, sides=22), "y", 90), (0.068 * s, 0, r)),
        moved(
            turned(lathe(black, [(0, 0), (0.66 * r, 0), (0.66 * r, 0.006), (0, 0.006)], sides=20), "y", -90),
            (-0.088 * s, 0, r),
        ),
        tube(
            hue,
            [(-0.03 * s, -0.02, r), (-0.02 * s, -0.08 * s, 0.024), (-0.015 * s, -0.15 * s, 0.02)],
            [0.024, 0.019, 0.017],
        ),
        box(black, (0.016, 0.03, 0.006), (-0.02 * s, -0.075 * s, 0.041), 0.002),
        tube(
            black,
            [(-0.015 * s, -0.148 * s, 0.02), (0.0, -0.2 * s, 0.008), (0.05, -0.22 * s, 0.006)],
            [0.008, 0.004, 0.004],
            6,
        ),
    ]
    return standing("hair dryer", parts)


def tissue_box(rng: np.random.Generator) -> Asset:
    """Box of paper handkerchiefs, 0.22 to 0.25 m long, one standing out of its slot."""
    width, depth, height = rng.uniform(0.22, 0.25), rng.uniform(0.11, 0.13), rng.uniform(0.07, 0.1)
    card = Material(
        "checker" if rng.random() < 0.5 else "stripes",
        pick(rng, BRIGHTS),
        linear("#f2ecdc"),
        scale_m=rng.uniform(0.03, 0.06),
    )
    paper = plain(linear("#fbfbf8"))
    slot = rounded_rectangle(0.6 * width, 0.35 * depth, 0.17 * depth, 4)
    parts = [
        box(card, (width, depth, height), (0, 0, 0), 0.002),
        loft(plain(linear("#e9e6df")), stacked(np.stack([slot, slot]), (0, 0.0012), (0, 0, height - 0.0004))),
    ]
    along = np.linspace(-1, 1, 9)
    rings = []
    for z, reach, wave in ((0.0, 0.03, 0.006), (0.03, 0.05, 0.016), (0.06, 0.06, 0.022), (0.085, 0.02, 0.012)):
        x, bend = along * reach, wave * np.sin(3.2 * along + 20 * z)
        front = np.stack([x, bend - 0.0015, np.full(9, height + z)], axis=1)
        back = np.stack([x, bend + 0.0015, np.full(9, height + z)], axis=1)
        rings.append(np.concatenate([front, back[::-1]]))
    parts.append(loft(paper, np.stack(rings)))
    return standing("tissue box", parts)


CATEGORIES = (
    Category(
        "vacuum cleaner",
        "floor",
        vacuum_cleaner,
        ((0.28, 0.28, 0.7), (0.75, 0.95, 1.2)),
        ("sledge", "upright"),
    ),
    Category("iron", "surface", iron, ((0.26, 0.1, 0.12), (0.36, 0.14, 0.17))),
    Category("hair dryer", "surface", hair_dryer, ((0.18, 0.2, 0.07), (0.28, 0.34, 0.11))),
    Category("tissue box", "surface", tissue_box, ((0.2, 0.1, 0.12), (0.27, 0.15, 0.21))),
)
