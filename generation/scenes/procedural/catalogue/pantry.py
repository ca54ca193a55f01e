"""Food and what it is kept or cut on."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import (
    label_around,
    standing,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    STEEL,
    ceramic,
    image,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    ellipsoid,
    flat,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def cutting_board(rng: np.random.Generator) -> Asset:
    """Board of 0.32 to 0.42 m, lying, with a knife and a cut loaf or some vegetables on it."""
    width, depth, thick = rng.uniform(0.32, 0.42), rng.uniform(0.2, 0.26), 0.02
    board, steel = wood(rng), metal(STEEL)
    outline = rounded_rectangle(width, depth, 0.03, 4)
    parts = [
        loft(
            board,
            stacked(np.stack([0.985 * outline, outline, outline, 0.985 * outline]), (0, 0.004, thick - 0.004, thick)),
        )
    ]
    blade = np.array([(0, 0.0), (0.17, 0.0), (0.2, 0.028), (0.0, 0.032)])
    knife = [
        loft(steel, stacked(np.stack([blade, blade]), (0, 0.002))),
        box(plain(BLACK, gloss=0.3), (0.11, 0.024, 0.015), (-0.054, 0.018, -0.0005), 0.005),
    ]
    parts += [moved(turned(part, "z", 12), (-0.02, -0.4 * depth, thick + 0.0005)) for part in knife]
    if rng.random() < 0.5:
        crust, crumb = plain(linear("#a8682f")), plain(linear("#ead9b5"))
        turn = np.radians(np.linspace(0, 360, 18, endpoint=False))
        arch = np.stack([0.05 * np.cos(turn), np.maximum(0.045 * np.sin(turn), -0.025) + 0.025], axis=1)
        loaf = [
            np.column_stack([np.full(18, x), arch * s])
            for x, s in ((-0.13, 0.7), (-0.11, 0.95), (0.0, 1.0), (0.04, 1.0))
        ]
        parts.append(moved(loft(crust, np.stack(loaf)), (-0.02, 0.14 * depth, thick)))
        for k in range(2):
            slice_ = np.stack([np.column_stack([np.full(18, x), 0.97 * arch]) for x in (0.0, 0.012)])
            parts.append(
                moved(turned(loft(crumb, slice_), "y", 25 + 20 * k), (0.045 + 0.035 * k, 0.14 * depth, thick + 0.001))
            )
    else:
        red, green = plain(linear("#c0301f"), gloss=0.5), plain(linear("#5b8a3c"), gloss=0.2)
        for k in range(3):
            at = ((k - 1) * 0.085, (0.2 - 0.06 * (k % 2)) * depth, thick + 0.027)
            parts.append(ellipsoid(red, (0.066, 0.066, 0.054), at, 14))
            parts.append(
                lathe(green, [(0, 0), (0.014, 0), (0.006, 0.006), (0, 0.007)], (at[0], at[1], at[2] + 0.0255), 6)
            )
    return standing("cutting board", parts)


def cereal_box(rng: np.random.Generator) -> Asset:
    """Carton of cereals, 0.26 to 0.32 m high, with a bowl pictured on its front."""
    width, depth, height = rng.uniform(0.18, 0.21), rng.uniform(0.05, 0.07), rng.uniform(0.26, 0.32)
    front = image("cereals", rng)
    card = plain(front.color, gloss=0.2)
    parts = [box(card, (width, depth, height))]
    inset = 0.0004
    parts.append(flat(front, (-width / 2, -depth / 2 - inset, 0), (width, 0, 0), (0, 0, height)))
    parts.append(
        flat(
            image("label", rng),
            (width / 2 + inset, -depth / 2 + 0.004, 0.02),
            (0, depth - 0.008, 0),
            (0, 0, height - 0.04),
        )
    )
    parts.append(
        box(plain(tuple(0.8 * c for c in card.color)), (width, 0.5 * depth, 0.002), (0, 0.1 * depth, height - 0.001))
    )
    return standing("cereal box", parts)


def jar(rng: np.random.Generator) -> Asset:
    """Preserving jar with a screw lid and a label, 0.11 to 0.18 m high: jam, honey or gherkins."""
    height, radius = rng.uniform(0.11, 0.18), rng.uniform(0.035, 0.045)
    filling = plain(linear(("#8f1f2a", "#c98a22", "#5f7a35", "#d8c9a0", "#5a3421")[rng.integers(5)]), gloss=0.8)
    cap = plain(pick(rng, BRIGHTS), gloss=0.4) if rng.random() < 0.6 else metal(linear("#b08d57"))
    lid, skin = 0.018, radius + 0.0006
    profile = [
        (0, 0),
        (radius - 0.004, 0),
        (radius, 0.006),
        (radius, 0.8 * height),
        (0.82 * radius, 0.9 * height),
        (0.82 * radius, height - lid),
        (0, height - lid),
    ]
    band = [(radius - 0.003, 0), (skin, 0), (skin, 0.4 * height), (radius - 0.003, 0.4 * height), (radius - 0.003, 0)]
    parts = [
        lathe(filling, profile),
        lathe(
            cap,
            [(0, 0), (0.92 * radius, 0), (0.92 * radius, lid), (0.88 * radius, lid + 0.002), (0, lid + 0.002)],
            (0, 0, height - lid - 0.002),
            32,
        ),
        lathe(plain(linear("#f2ecdc")), band, (0, 0, 0.2 * height)),
        label_around(image("label", rng), skin, 0.2 * height + 0.001, 0.4 * height - 0.002),
    ]
    return standing("jar", parts)


def fruit_bowl(rng: np.random.Generator) -> Asset:
    """Bowl of 0.24 to 0.3 m with apples, oranges and bananas heaped in it."""
    radius, wall = rng.uniform(0.12, 0.15), 0.006
    height = 0.5 * radius
    angles = np.radians([25, 45, 65, 90])
    outside = np.stack([radius * np.sin(angles), 0.01 + (height - 0.01) * (1 - np.cos(angles))], axis=1)
    inside = (outside + [-wall, 0.004])[::-1]
    inside[0, 1] = height
    parts = [
        lathe(
            ceramic(rng) if rng.random() < 0.6 else wood(rng),
            [(0, 0), (0.4 * radius, 0), *outside, *inside, (0, 0.016)],
            sides=28,
        )
    ]
    hues = ("#b8281f", "#7fa03a", "#e08a24", "#d8b43a")
    spots = [
        (0.52 * radius * np.cos(a), 0.52 * radius * np.sin(a), 0.55 * height + 0.025)
        for a in np.radians(np.arange(5) * 72 + 10)
    ]
    spots.append((0.0, 0.0, 0.55 * height + 0.06))
    stalk = plain(linear("#4a3524"))
    for x, y, z in spots:
        size = rng.uniform(0.068, 0.08)
        parts.append(
            ellipsoid(plain(linear(hues[rng.integers(4)]), gloss=0.4), (size, size, 0.92 * size), (x, y, z), 14)
        )
        parts.append(tube(stalk, [(x, y, z + 0.43 * size), (x + 0.004, y, z + 0.58 * size)], 0.0018, 5))
    skin = plain(linear("#e3c23a"), gloss=0.2)
    bend = np.radians(np.linspace(-55, 55, 7))
    for k in range(2):
        curve = np.stack(
            [0.1 * np.sin(bend), -0.05 - 0.03 * k + 0.1 * (1 - np.cos(bend)), np.full(7, 0.55 * height + 0.085)],
            axis=1,
        )
        parts.append(tube(skin, curve, [0.004, 0.013, 0.017, 0.018, 0.017, 0.013, 0.005]))
    return standing("fruit bowl", parts)


CATEGORIES = (
    Category("cutting board", "surface", cutting_board, ((0.3, 0.18, 0.06), (0.45, 0.3, 0.14))),
    Category("cereal box", "surface", cereal_box, ((0.17, 0.045, 0.24), (0.23, 0.08, 0.34))),
    Category("jar", "surface", jar, ((0.06, 0.06, 0.1), (0.1, 0.1, 0.2))),
    Category("fruit bowl", "surface", fruit_bowl, ((0.22, 0.22, 0.1), (0.32, 0.32, 0.2))),
)
