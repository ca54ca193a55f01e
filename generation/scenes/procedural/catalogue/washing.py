"""Small things of bathrooms and of washing; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    GREY,
    STEEL,
    WHITE,
    fabric,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    cushion,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    trough,
    tube,
    turned,
)


def laundry_basket(rng: np.random.Generator, variant: str) -> Asset:
    """Basket for clothes, lidded wicker, a plastic tub with slots, or a cloth bag on crossed legs."""
    height = rng.uniform(0.5, 0.62)
    if variant == "cloth bag":
        width, depth = rng.uniform(0.4, 0.48), rng.uniform(0.34, 0.4)
        frame, cloth = wood(rng), fabric(rng)
        parts = [trough(cloth, (width, depth, height - 0.1), (0, 0, 0.09), 0.006, 0.01, (0.03, 0.028), foot=0.85)]
        for side in (-1, 1):
            x = side * (width / 2 + 0.012)
            parts += [
                tube(frame, [(x, s * (depth / 2 + 0.02), 0.0), (x, -s * (depth / 2 - 0.02), height + 0.02)], 0.011)
                for s in (-1, 1)
            ]
        for s in (-1, 1):
            y = s * (depth / 2 - 0.02)
            parts.append(
                tube(frame, [(-width / 2 - 0.012, y, height + 0.015), (width / 2 + 0.012, y, height + 0.015)], 0.011)
            )
        return standing("laundry basket", parts)
    if variant == "wicker":
        dark, pale = linear("#8a6238"), linear("#d3ad74")
        weave = Material("checker", dark, pale, scale_m=0.035)
        width, depth = rng.uniform(0.4, 0.48), rng.uniform(0.3, 0.36)
        parts = [trough(weave, (width, depth, height), (0, 0, 0), 0.015, 0.015, (0.04, 0.03), foot=0.88)]
        outline = rounded_rectangle(width + 0.02, depth + 0.02, 0.045, 4)
        lid = stacked(np.stack([outline, outline, 0.94 * outline]), (0, 0.025, 0.045), (0, 0, height - 0.001))
        parts.append(loft(weave, lid))
        rim = Material("stripes", pale, dark, scale_m=0.02)
        parts.append(trough(rim, (width * 0.97, depth * 0.97, 0.03), (0, 0, height - 0.1), 0.01, 0.0, (0.04, 0.03)))
        grip = [
            (-0.06, 0, height + 0.04),
            (-0.05, 0, height + 0.075),
            (0.05, 0, height + 0.075),
            (0.06, 0, height + 0.04),
        ]
        parts.append(tube(plain(linear("#6b4526"), gloss=0.2), grip, 0.009))
        return standing("laundry basket", parts)
    width, depth, height = rng.uniform(0.52, 0.62), rng.uniform(0.38, 0.44), rng.uniform(0.27, 0.34)
    color = pick(rng, BRIGHTS)
    tub, slot = plain(color, gloss=0.3), plain(tuple(0.35 * c for c in color))
    parts = [trough(tub, (width, depth, height), (0, 0, 0), 0.02, 0.012, (0.07, 0.06), foot=0.8)]
    for row in range(3):
        z = 0.2 * height + row * 0.24 * height
        share = 0.8 + 0.2 * (z + 0.04) / height
        for x in np.linspace(-0.32, 0.32, 7) * width:
            for s in (-1, 1):
                slit = box(slot, (0.03, 0.004, 0.15 * height), (x, 0, 0))
                tilt = np.degrees(np.arctan2(0.1 * depth, height))
                parts.append(moved(turned(slit, "x", -s * tilt), (0, s * (share * depth / 2 - 0.01), z)))
    for s in (-1, 1):
        parts.append(box(tub, (0.05, 0.2, 0.02), (s * (width / 2 + 0.005), 0, height - 0.019), 0.008))
    folds = [fabric(rng, BRIGHTS + ("#f2f1ee",)) for _ in range(3)]
    for k, cloth in enumerate(folds):
        size = (0.3 * width, 0.6 * depth, 0.2)
        parts.append(
            cushion(
                cloth,
                size,
                ((k - 1) * 0.24 * width, rng.uniform(-0.02, 0.02), height - 0.19 + rng.uniform(0, 0.05)),
                0.06,
                crown=0.04,
            )
        )
    return standing("laundry basket", parts)


def bathroom_scale(rng: np.random.Generator, variant: str) -> Asset:
    """Scale to stand on, 0.28 to 0.32 m wide: glass with a display, or with a dial."""
    width = rng.uniform(0.28, 0.32)
    depth = width * rng.uniform(0.9, 1.0)
    color = linear(("#f2f1ee", "#26272b", "#9fc3cf", "#d8c7b0")[rng.integers(4)])
    parts = [
        box(plain(DARK), (0.05, 0.05, 0.02), (sx * 0.36 * width, sy * 0.36 * depth, 0), 0.004)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    outline = rounded_rectangle(width, depth, 0.04, 4)
    if variant == "display":
        slab = stacked(
            np.stack([outline, outline, outline - 0.002 * np.sign(outline)]), (0, 0.008, 0.01), (0, 0, 0.018)
        )
        parts.append(loft(plain(color, gloss=0.8), slab))
        parts.append(box(plain(linear("#1a1d20"), gloss=0.5), (0.1, 0.045, 0.004), (0, 0.3 * depth, 0.0255), 0.001))
        for k in range(3):
            parts.append(
                box(
                    plain(linear("#9fe0ff"), emission=0.6),
                    (0.012, 0.024, 0.002),
                    (-0.025 + 0.024 * k, 0.3 * depth, 0.0287),
                )
            )
        plate = metal(STEEL)
        for s in (-1, 1):
            parts += [
                box(plate, (0.055, 0.02, 0.002), (s * 0.26 * width, y * depth, 0.027)) for y in (-0.28, -0.05, 0.1)
            ]
        return standing("bathroom scale", parts)
    slab = stacked(np.stack([outline, outline, 0.97 * outline]), (0, 0.03, 0.036), (0, 0, 0.018))
    parts.append(loft(plain(color, gloss=0.4), slab))
    parts.append(
        box(
            Material("stripes", DARK, GREY, scale_m=0.016),
            (0.8 * width, 0.56 * depth, 0.004),
            (0, -0.12 * depth, 0.0525),
            0.001,
        )
    )
    parts.append(
        lathe(metal(STEEL), [(0, 0), (0.042, 0), (0.042, 0.008), (0.037, 0.01), (0, 0.01)], (0, 0.31 * depth, 0.052))
    )
    face = lathe(plain(WHITE), [(0, 0), (0.036, 0), (0.036, 0.002), (0, 0.002)], (0, 0.31 * depth, 0.0615))
    parts.append(face)
    parts.append(box(plain(linear("#c8402f")), (0.003, 0.03, 0.0015), (0, 0.31 * depth + 0.015, 0.0633)))
    for k in range(9):
        tick = box(plain(BLACK), (0.0025, 0.008, 0.0012), (0, 0.03, 0.0633))
        parts.append(moved(turned(tick, "z", -120 + 30 * k), (0, 0.31 * depth, 0)))
    return standing("bathroom scale", parts)


def towel(rng: np.random.Generator, variant: str) -> Asset:
    """Folded towels: a pile of two to four, or one rolled up."""
    if variant == "rolled":
        cloth, radius, length = fabric(rng, BRIGHTS), rng.uniform(0.055, 0.07), rng.uniform(0.3, 0.38)
        turn = np.linspace(0, 6 * np.pi, 60)
        roll = lathe(
            cloth,
            [
                (0, 0),
                (0.5 * radius, 0.004),
                (0.55 * radius, 0),
                (radius - 0.008, 0.003),
                (radius, 0.012),
                (radius, length - 0.012),
                (radius - 0.008, length - 0.003),
                (0.55 * radius, length),
                (0.5 * radius, length - 0.004),
                (0, length),
            ],
        )
        spiral = np.stack(
            [
                (0.1 + 0.85 * turn / turn[-1]) * radius * np.cos(turn),
                (0.1 + 0.85 * turn / turn[-1]) * radius * np.sin(turn),
                np.full(60, length),
            ],
            axis=1,
        )
        seam = tube(plain(tuple(0.5 * c for c in cloth.color)), spiral, 0.0022, 4)
        flap = box(cloth, (0.01, 0.012, length - 0.004), (0, radius - 0.002, 0.002), 0.003)
        parts = [turned(part, "x", 90) for part in (roll, seam, flap)]
        return standing("towel", [moved(turned(part, "y", 40), (0, 0, 0)) for part in parts])
    width, depth, z = rng.uniform(0.28, 0.36), rng.uniform(0.22, 0.26), 0.0
    parts = []
    for _ in range(int(rng.integers(2, 5))):
        cloth = fabric(rng, BRIGHTS + ("#f2f1ee", "#9fb7c4"))
        for _ in range(2):
            rise = rng.uniform(0.018, 0.024)
            parts.append(
                cushion(
                    cloth,
                    (width + rng.uniform(-0.008, 0.008), depth, rise),
                    (rng.uniform(-0.004, 0.004), 0, z),
                    0.4 * rise,
                )
            )
            z += rise - 0.001
        fold = np.array([(0, -depth / 2 + 0.008, z - 1.15 * rise)])
        parts.append(
            tube(
                cloth,
                [(-width / 2 + 0.01, fold[0, 1], fold[0, 2]), (width / 2 - 0.01, fold[0, 1], fold[0, 2])],
                0.018,
                8,
            )
        )
    return standing("towel", parts)


CATEGORIES = (
    Category(
        "laundry basket",
        "floor",
        laundry_basket,
        ((0.38, 0.28, 0.25), (0.7, 0.5, 0.72)),
        ("wicker", "cloth bag", "tub"),
    ),
    Category("bathroom scale", "floor", bathroom_scale, ((0.25, 0.24, 0.02), (0.35, 0.35, 0.08)), ("display", "dial")),
    Category("towel", "surface", towel, ((0.1, 0.1, 0.05), (0.45, 0.45, 0.25)), ("folded", "rolled")),
)
