"""Screens, computers and what belongs to them; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import forward, standing
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    DARK,
    GREY,
    WHITE,
    image,
    linear,
    metal,
    plain,
    plastic,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    circle,
    flat,
    lathe,
    loft,
    moved,
    stacked,
    turned,
)


def laptop(rng: np.random.Generator) -> Asset:
    """Open laptop, 0.31 to 0.36 m wide."""
    width, opening = rng.uniform(0.31, 0.36), rng.uniform(12, 28)
    depth, rim = 0.68 * width, 0.01
    case = metal(ALUMINIUM if rng.random() < 0.6 else DARK)
    keys = flat(
        Material("keys", BLACK, DARK, scale_m=1.0, seed=seed_of(rng)),
        (-0.44 * width, -0.02 * depth, 0.0165),
        (0.88 * width, 0, 0),
        (0, 0.38 * depth, 0),
    )
    lid = [
        box(case, (width, 0.008, depth), (0, depth / 2 + 0.006, 0.008), 0.003),
        box(plain(BLACK, gloss=0.3), (width - 0.006, 0.002, depth - 0.008), (0, depth / 2 + 0.0015, 0.013)),
        flat(
            image("screen", rng, emission=0.9),
            (-width / 2 + rim, depth / 2 - 0.0005, 0.026),
            (width - 2 * rim, 0, 0),
            (0, 0, depth - 0.038),
        ),
    ]
    parts = [
        box(case, (width, depth, 0.015), (0, 0, 0), 0.004),
        keys,
        box(plain(GREY, gloss=0.2), (0.34 * width, 0.26 * depth, 0.002), (0, -0.3 * depth, 0.014)),
        *(turned(part, "x", -opening, (0, depth / 2, 0.012)) for part in lid),
    ]
    return standing("laptop", parts)


def keyboard(rng: np.random.Generator) -> Asset:
    """Computer keyboard, 0.36 to 0.45 m wide, slightly raised at its back."""
    width, depth = rng.uniform(0.36, 0.45), rng.uniform(0.13, 0.15)
    dark = rng.random() < 0.6
    case = plain(BLACK if dark else WHITE, gloss=0.2)
    colors = (linear("#5b5f66"), BLACK) if dark else (linear("#e8e8e6"), linear("#a9abae"))
    caps = Material("keys", *colors, scale_m=1.0, seed=seed_of(rng))
    body = [
        box(case, (width, depth, 0.018), (0, 0, 0), 0.004),
        flat(caps, (-width / 2 + 0.008, -depth / 2 + 0.008, 0.0192), (width - 0.016, 0, 0), (0, depth - 0.016, 0)),
    ]
    return standing("keyboard", [turned(part, "x", 4) for part in body])


def computer_mouse(rng: np.random.Generator) -> Asset:
    """Computer mouse, 0.1 to 0.12 m long, with two buttons and a wheel."""
    length = rng.uniform(0.1, 0.12)
    width, height = 0.6 * length, 0.34 * length
    case = plastic(rng)
    wheel = turned(lathe(plain(DARK), [(0, -0.004), (0.01, -0.004), (0.01, 0.004), (0, 0.004)], sides=12), "y", 90)
    rise = np.radians([0, 20, 45, 65, 80, 90])
    outlines = np.cos(rise)[:, None, None] ** 0.7 * circle(20) * [width / 2, length / 2]
    parts = [
        loft(case, stacked(outlines, height * np.sin(rise))),
        box(plain(DARK), (0.0025, 0.2 * length, 0.004), (0, -0.16 * length, 0.9 * height)),
        moved(wheel, (0, -0.27 * length, 0.82 * height)),
    ]
    return standing("computer mouse", parts)


def printer(rng: np.random.Generator) -> Asset:
    """Desktop printer, 0.4 to 0.48 m wide: paper standing in its back, a sheet on the tray in front."""
    width, depth, height = rng.uniform(0.4, 0.48), rng.uniform(0.3, 0.36), rng.uniform(0.17, 0.22)
    case = plain((WHITE, linear("#3b3e43"), linear("#d9d9d6"))[rng.integers(3)], gloss=0.2)
    dark, paper = plain(BLACK, gloss=0.2), plain(linear("#fbfbf8"))
    front = -depth / 2
    feed = [box(case, (0.26, 0.008, 0.2), (0, 0, 0)), box(paper, (0.21, 0.006, 0.25), (0, -0.006, 0.02))]
    parts = [
        box(case, (width, depth, height), (0, 0, 0), 0.015),
        box(dark, (0.3, 0.03, 0.055), (0, front + 0.012, 0.05)),
        box(dark, (0.26, 0.16, 0.01), (0, front - 0.06, 0.052)),
        box(paper, (0.21, 0.2, 0.003), (0, front - 0.06, 0.061)),
        box(dark, (0.14, 0.06, 0.006), (0.5 * width - 0.1, front + 0.06, height - 0.002), 0.002),
        box(
            plain(linear("#8fd0ff"), emission=0.5),
            (0.05, 0.03, 0.002),
            (0.5 * width - 0.12, front + 0.06, height + 0.003),
        ),
        *(moved(turned(part, "x", -20), (0, depth / 2 - 0.06, height - 0.03)) for part in feed),
    ]
    return standing("printer", parts)


def speaker(rng: np.random.Generator) -> Asset:
    """Bookshelf loudspeaker, 0.28 to 0.4 m high, with a large and a small cone."""
    height = rng.uniform(0.28, 0.4)
    width, depth = 0.6 * height, 0.65 * height
    case, cone, ring = (
        wood(rng) if rng.random() < 0.6 else plain(BLACK),
        plain(linear("#2c2d30"), gloss=0.1),
        metal(GREY),
    )
    parts = [
        box(case, (width, depth, height), (0, 0, 0), 0.004),
        box(plain(BLACK), (width - 0.012, 0.004, height - 0.012), (0, -depth / 2 - 0.001, 0.006)),
    ]
    for radius, z in ((0.38 * width, 0.34 * height), (0.2 * width, 0.76 * height)):
        at = (0, -depth / 2 - 0.0025, z)
        dish = [
            (0, 0),
            (radius, 0),
            (radius, 0.012),
            (0.85 * radius, 0.014),
            (0.35 * radius, 0.002),
            (0.2 * radius, 0.01),
            (0, 0.013),
        ]
        parts.append(forward(lathe(cone, dish), at))
        parts.append(
            forward(
                lathe(
                    ring,
                    [
                        (radius - 0.002, 0),
                        (1.1 * radius, 0),
                        (1.1 * radius, 0.008),
                        (radius - 0.002, 0.013),
                        (radius - 0.002, 0),
                    ],
                ),
                at,
            )
        )
    return standing("speaker", parts)


CATEGORIES = (
    Category("laptop", "surface", laptop, ((0.28, 0.2, 0.15), (0.4, 0.4, 0.3))),
    Category("keyboard", "surface", keyboard, ((0.35, 0.11, 0.015), (0.48, 0.17, 0.05))),
    Category("computer mouse", "surface", computer_mouse, ((0.05, 0.09, 0.025), (0.08, 0.13, 0.05))),
    Category("printer", "surface", printer, ((0.35, 0.3, 0.2), (0.55, 0.65, 0.55))),
    Category("speaker", "surface", speaker, ((0.14, 0.15, 0.25), (0.28, 0.35, 0.42))),
)
