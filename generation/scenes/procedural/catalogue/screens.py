"""Televisions and computer screens; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import disc, standing
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    DARK,
    GREY,
    PLASTICS,
    image,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    bent,
    box,
    flat,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def television(rng: np.random.Generator, variant: str) -> Asset:
    """Flat television, 0.95 to 1.35 m wide, 16:9: on two feet or a middle stand; or an old tube set."""
    if variant == "tube":
        return standing("television", _tube_set(rng))
    width, lift = rng.uniform(0.95, 1.35), 0.07
    height, rim, chin = width * 9 / 16 + 0.02, 0.012, 0.028
    case = plain(BLACK, gloss=0.4)
    shown = image("screen", rng, emission=0.8) if rng.random() < 0.3 else plain(linear("#101114"), gloss=0.7)
    corner, inside = (-width / 2 + rim, -0.0165, lift + chin), (width - 2 * rim, height - rim - chin)
    parts = [
        box(case, (width, 0.03, height), (0, 0, lift), 0.004),
        box(plain(DARK), (0.5 * width, 0.03, 0.6 * height), (0, 0.027, lift + 0.08), 0.008),
        box(metal(GREY), (0.05, 0.004, 0.006), (0, -0.0155, lift + 0.011)),
        flat(shown, corner, (inside[0], 0, 0), (0, 0, inside[1])),
    ]
    if variant == "middle stand":
        foot = [(0, 0), (0.17, 0), (0.17, 0.01), (0.05, 0.02), (0.035, 0.03), (0.035, lift + 0.1), (0, lift + 0.1)]
        return standing("television", [*parts, lathe(case, foot, (0, 0.04, 0), sides=32)])
    for x in (-0.36 * width, 0.36 * width):
        parts += [tube(case, [(x, 0, lift + 0.02), (x, y, 0.012)], 0.012, 6) for y in (-0.11, 0.11)]
    return standing("television", parts)


def _tube_set(rng: np.random.Generator) -> list[Part]:
    """Old set with a bulging screen in a deep case, two knobs, a loudspeaker and an aerial."""
    width, depth, height = rng.uniform(0.6, 0.75), rng.uniform(0.42, 0.5), rng.uniform(0.45, 0.52)
    case = wood(rng) if rng.random() < 0.6 else plain(pick(rng, PLASTICS), gloss=0.3)
    black, steel, y = plain(BLACK, gloss=0.2), metal(GREY), -depth / 2
    outline = rounded_rectangle(0.68 * width, 0.74 * height, 0.06, 4)
    bulge = stacked(np.stack([outline, 0.97 * outline, 0.8 * outline, 0.4 * outline]), (0, 0.012, 0.026, 0.034))
    shown = moved(
        turned(loft(plain(linear("#2b332f"), gloss=0.8), bulge), "x", 90), (-0.12 * width, y - 0.006, 0.53 * height)
    )
    parts = [
        box(case, (width, depth, height - 0.03), (0, 0, 0.03), 0.02),
        box(black, (width - 0.04, 0.014, height - 0.07), (0, y - 0.002, 0.05), 0.006),
        shown,
        *(
            box(black, (0.05, 0.05, 0.04), (sx * 0.4 * width, sy * 0.36 * depth, 0), 0.004)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
        *(disc(steel, 0.028, 0.025, (0.375 * width, y - 0.008, z * height), 16) for z in (0.82, 0.66)),
        *(
            box(plain(GREY), (0.14 * width, 0.006, 0.008), (0.375 * width, y - 0.01, 0.2 * height + 0.022 * k))
            for k in range(7)
        ),
    ]
    for side in (-1, 1):
        parts.append(tube(steel, [(0, 0.1, height - 0.005), (side * 0.2, 0.1, height + 0.24)], [0.004, 0.0025], 5))
    parts.append(lathe(black, [(0, 0), (0.04, 0), (0.025, 0.025), (0, 0.028)], (0, 0.1, height - 0.002), 16))
    return parts


def monitor(rng: np.random.Generator, variant: str) -> Asset:
    """Computer screen, 0.5 to 0.8 m wide: on a post, wide and curved on a splayed foot, or all in one with a chin."""
    width = rng.uniform(0.5, 0.68)
    height, lift = width * 9 / 16, rng.uniform(0.1, 0.16)
    case = plain(BLACK, gloss=0.2) if rng.random() < 0.7 else metal(ALUMINIUM)
    rim, chin = 0.01, 0.022
    shown = image("screen", rng, emission=0.9)
    if variant == "curved":
        return standing("monitor", _curved(rng, case, shown))
    if variant == "all in one":
        case, chin, rim = metal(ALUMINIUM), 0.075, 0.02
        height += 0.06
    corner, inside = (-width / 2 + rim, -0.0135, lift + chin), (width - 2 * rim, height - rim - chin)
    panel = [
        box(case, (width, 0.025, height), (0, 0, lift), 0.004),
        flat(shown, corner, (inside[0], 0, 0), (0, 0, inside[1])),
    ]
    if variant == "all in one":
        foot = box(case, (0.2, 0.22, 0.008), (0, 0.02, 0), 0.002)
        neck = turned(box(case, (0.17, 0.008, lift + 0.3 * height), (0, 0.13, 0.0), 0.002), "x", 18, (0, 0.13, 0.002))
        return standing("monitor", [*(turned(part, "x", -5, (0, 0.02, lift)) for part in panel), foot, neck])
    panel.append(box(case, (0.55 * width, 0.025, 0.6 * height), (0, 0.025, lift + 0.15 * height), 0.008))
    parts = [turned(part, "x", -4, (0, 0.02, lift)) for part in panel]
    parts.append(box(case, (0.05, 0.018, lift + 0.3 * height), (0, 0.045, 0), 0.003))
    if rng.random() < 0.5:
        parts.append(box(case, (0.24, 0.17, 0.012), (0, 0.02, 0), 0.004))
    else:
        parts.append(lathe(case, [(0, 0), (0.11, 0), (0.11, 0.008), (0.1, 0.013), (0, 0.013)], (0, 0.02, 0)))
    return standing("monitor", parts)


def _curved(rng: np.random.Generator, case: Material, shown: Material) -> list[Part]:
    """Wide screen bent around its viewer, on a foot of two splayed legs."""
    width, radius, lift = rng.uniform(0.7, 0.82), 1.3, rng.uniform(0.12, 0.16)
    height, steps = 0.42 * width, 9
    angle = np.linspace(-0.5, 0.5, steps) * width / radius
    x, y = radius * np.sin(angle), radius * (np.cos(angle) - 1)
    inward = np.stack([-np.sin(angle), -np.cos(angle)], axis=1)

    def ring(front: float, back: float, low: float, high: float) -> np.ndarray:
        corners = [(front, low), (back, low), (back, high), (front, high)]
        return np.stack(
            [np.column_stack([np.stack([x, y], 1) + d * inward, np.full(steps, z)]) for d, z in corners], axis=1
        )

    shell = loft(case, ring(0.012, -0.016, lift, lift + height))
    edge = np.column_stack([np.stack([x, y], axis=1) + 0.0126 * inward, np.full(steps, lift + 0.018)])
    edge[[0, -1], :2] *= (x[-1] - 0.01) / x[-1]
    parts = [shell, bent(shown, edge, (0, 0, height - 0.028))]
    parts.append(box(case, (0.05, 0.03, lift + 0.5 * height), (0, 0.045, 0.01), 0.006))
    parts.append(box(case, (0.22, 0.04, 0.16), (0, 0.028, lift + 0.3 * height), 0.012))
    for side in (-1, 1):
        parts.append(tube(case, [(0, 0.05, 0.014), (side * 0.2, -0.12, 0.01)], [0.014, 0.01], 8))
    parts.append(tube(case, [(0, 0.02, 0.014), (0, 0.12, 0.012)], [0.016, 0.012], 8))
    return parts


CATEGORIES = (
    Category(
        "television",
        "surface",
        television,
        ((0.55, 0.15, 0.45), (1.5, 0.58, 0.95)),
        ("two feet", "middle stand", "tube"),
    ),
    Category(
        "monitor", "surface", monitor, ((0.45, 0.14, 0.35), (0.85, 0.32, 0.65)), ("post", "curved", "all in one")
    ),
)
