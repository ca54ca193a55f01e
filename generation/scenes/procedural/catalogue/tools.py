"""Tools and what lies about in a workshop."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    GREY,
    STEEL,
    TOOL_COLORS,
    linear,
    metal,
    pick,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    scaled,
    stacked,
    tube,
    turned,
)


def vise(rng: np.random.Generator) -> Asset:
    """Bench vise, 0.3 to 0.38 m long with its screw and handle, jaws to the front."""
    s = rng.uniform(0.9, 1.1)
    paint = plain(linear(("#2f5a7d", "#3b3e43", "#a33b32", "#4f6b52")[rng.integers(4)]), gloss=0.4)
    steel = metal(STEEL)
    base = [(0, 0), (0.085, 0), (0.085, 0.018), (0.05, 0.03), (0.045, 0.05), (0, 0.05)]
    parts = [
        lathe(paint, base, sides=20),
        box(paint, (0.09, 0.17, 0.06), (0, 0.03, 0.045), 0.01),
        box(paint, (0.14, 0.06, 0.075), (0, 0.02, 0.09), 0.01),
        box(paint, (0.075, 0.14, 0.045), (0, -0.09, 0.052), 0.008),
        box(paint, (0.14, 0.05, 0.095), (0, -0.085, 0.07), 0.01),
        box(steel, (0.142, 0.012, 0.03), (0, -0.014, 0.137), 0.002),
        box(steel, (0.142, 0.012, 0.03), (0, -0.057, 0.137), 0.002),
        box(steel, (0.09, 0.07, 0.02), (0, 0.08, 0.1), 0.006),
        tube(steel, [(0, 0.02, 0.075), (0, -0.2, 0.075)], 0.013),
        tube(steel, [(0, -0.18, 0.075), (0, -0.21, 0.075)], 0.02),
        tube(steel, [(-0.09, -0.195, 0.045), (0.09, -0.195, 0.105)], 0.006),
    ]
    for end in ((-0.09, -0.195, 0.045), (0.09, -0.195, 0.105)):
        parts.append(moved(lathe(steel, [(0, -0.01), (0.01, -0.006), (0.01, 0.006), (0, 0.01)], sides=10), end))
    return standing("vise", [scaled(part, s) for part in parts])


def hand_saw(rng: np.random.Generator) -> Asset:
    """Saw lying flat, 0.52 to 0.62 m long: tapered blade with teeth, wooden or coloured grip with a hole."""
    length = rng.uniform(0.4, 0.48)
    grip = wood(rng) if rng.random() < 0.6 else plain(pick(rng, TOOL_COLORS), gloss=0.3)
    teeth = 48
    x = np.linspace(0, length, 2 * teeth + 1)
    lower = np.stack([x, -0.004 * (np.arange(len(x)) % 2)], axis=1)
    upper = np.stack([x[::-1], 0.105 - 0.06 * x[::-1] / length], axis=1)
    parts = [_strip(metal(STEEL), lower, upper[::-1], 0.002)]
    turn = np.radians(np.linspace(0, 360, 20, endpoint=False))
    outer = np.stack([0.055 * np.cos(turn), 0.068 * np.sin(turn)], axis=1)
    outer[:, 0] += 0.012 * np.cos(3 * turn)
    inner = np.stack([0.026 * np.cos(turn), 0.038 * np.sin(turn)], axis=1)
    rings = stacked(np.stack([outer, outer, inner, inner]), (-0.011, 0.013, 0.013, -0.011))
    handle = loft(grip, rings, closed=True)
    parts.append(moved(turned(handle, "z", -18), (-0.045, 0.055, 0)))
    parts.append(box(grip, (0.06, 0.07, 0.02), (0.025, 0.055, -0.01), 0.005))
    for y in (0.035, 0.075):
        parts.append(
            lathe(metal(linear("#b08d57")), [(0, 0), (0.007, 0), (0.006, 0.0025), (0, 0.0025)], (0.035, y, 0.0095), 12)
        )
    return standing("hand saw", parts)


def _strip(material: Material, lower: np.ndarray, upper: np.ndarray, thick: float):
    """Flat bar between two lines of equally many points, lying."""
    rings = np.stack([
        np.stack([np.array([*low, 0.0]), np.array([*low, thick]), np.array([*high, thick]), np.array([*high, 0.0])])
        for low, high in zip(lower, upper, strict=True)
    ])  # fmt: skip
    return loft(material, rings[:, ::-1])


def hammer(rng: np.random.Generator, variant: str) -> Asset:
    """Hammer lying on its side, 0.28 to 0.34 m long: claw hammer, or a square mallet of wood or rubber."""
    length, z = rng.uniform(0.28, 0.34), 0.018
    if variant == "claw":
        steel, shaft = metal(GREY), wood(rng) if rng.random() < 0.5 else plain(pick(rng, TOOL_COLORS), gloss=0.3)
        parts = [
            tube(
                shaft,
                [(0, 0, z), (0.4 * length, 0, z), (0.8 * length, 0, z), (length - 0.01, 0, z)],
                [0.015, 0.013, 0.01, 0.01],
            ),
            tube(plain(BLACK), [(-0.004, 0, z), (0.35 * length, 0, z)], [0.0165, 0.0152]),
            box(steel, (0.026, 0.05, 0.028), (length, 0.0, z - 0.014), 0.004),
            moved(
                turned(
                    lathe(
                        steel,
                        [(0, 0), (0.012, 0), (0.012, 0.02), (0.0165, 0.026), (0.0165, 0.044), (0, 0.046)],
                        sides=16,
                    ),
                    "x",
                    90,
                ),
                (length, -0.02, z),
            ),
        ]
        for side in (-1, 1):
            claw = [
                (length, 0.02, z + side * 0.007),
                (length - 0.004, 0.05, z + side * 0.009),
                (length - 0.028, 0.085, z + side * 0.012),
            ]
            parts.append(tube(steel, claw, [0.01, 0.0075, 0.003], 8))
        return standing("hammer", parts)
    head = wood(rng) if rng.random() < 0.5 else plain(BLACK, gloss=0.1)
    z = 0.033
    parts = [
        tube(wood(rng), [(0, 0, z), (0.5 * length, 0, z), (length + 0.03, 0, z)], [0.015, 0.013, 0.014]),
        box(head, (0.065, 0.12, 0.065), (length, 0, 0), 0.006),
    ]
    return standing("hammer", parts)


def power_drill(rng: np.random.Generator) -> Asset:
    """Cordless drill standing on its battery, 0.2 to 0.25 m high, chuck to the right."""
    s = rng.uniform(0.92, 1.08)
    hue, black, steel = plain(pick(rng, TOOL_COLORS), gloss=0.3), plain(BLACK, gloss=0.2), metal(STEEL)
    barrel = [(0, 0), (0.03, 0.004), (0.034, 0.02), (0.034, 0.11), (0.03, 0.13), (0, 0.13)]
    collar = [(0, 0), (0.027, 0), (0.025, 0.025), (0, 0.025)]
    chuck = [(0, 0), (0.021, 0), (0.021, 0.03), (0.01, 0.045), (0, 0.045)]
    bit = [(0, 0), (0.004, 0), (0.004, 0.07), (0, 0.078)]
    axis = [(hue, barrel, -0.08), (black, collar, 0.045), (black, chuck, 0.068), (steel, bit, 0.11)]
    parts = [
        moved(turned(lathe(material, profile, sides=18), "y", 90), (x, 0, 0.185)) for material, profile, x in axis
    ]
    rings = [
        rounded_rectangle(w, d, 0.014, 3) + [x, 0]
        for x, w, d in ((-0.034, 0.055, 0.04), (-0.03, 0.042, 0.036), (-0.016, 0.048, 0.038))
    ]
    parts.append(loft(black, stacked(np.stack(rings), (0.045, 0.09, 0.165))))
    parts.append(box(hue, (0.1, 0.065, 0.018), (-0.02, 0, 0.034), 0.006))
    parts.append(box(black, (0.115, 0.07, 0.036), (-0.02, 0, 0), 0.008))
    parts.append(box(plain(linear("#c21f1f")), (0.014, 0.018, 0.03), (0.012, 0, 0.125), 0.004))
    parts += [box(black, (0.004, 0.069, 0.024), (-0.06 + 0.012 * k, 0, 0.173)) for k in range(3)]
    return standing("power drill", [scaled(part, s) for part in parts])


CATEGORIES = (
    Category("vise", "surface", vise, ((0.13, 0.25, 0.14), (0.26, 0.45, 0.22))),
    Category("hand saw", "surface", hand_saw, ((0.45, 0.1, 0.015), (0.65, 0.17, 0.04))),
    Category("hammer", "surface", hammer, ((0.26, 0.08, 0.03), (0.42, 0.18, 0.08)), ("claw", "mallet")),
    Category("power drill", "surface", power_drill, ((0.22, 0.06, 0.18), (0.32, 0.09, 0.26))),
)
