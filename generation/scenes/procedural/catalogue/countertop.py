"""Small kitchen machines, and the fan; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, forward, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    GREY,
    STEEL,
    WHITE,
    linear,
    metal,
    pick,
    plain,
)
from generation.scenes.procedural.shapes import box, circle, cushion, lathe, loft, moved, tube, turned


def microwave(rng: np.random.Generator) -> Asset:
    """Microwave oven, 0.45 to 0.52 m wide: dark window on the left, keys and display on the right."""
    width, depth, height = rng.uniform(0.45, 0.52), rng.uniform(0.34, 0.4), rng.uniform(0.26, 0.3)
    case = (plain(WHITE, gloss=0.3), plain(BLACK, gloss=0.3), metal(STEEL))[rng.integers(3)]
    door, front = 0.7 * width, -depth / 2
    key = plain(GREY if case.color == BLACK else DARK)
    panel = width / 2 - 0.14 * width
    parts = [
        box(case, (width, depth, height - 0.012), (0, 0, 0.012), 0.006),
        box(plain(BLACK), (width - 0.06, depth - 0.06, 0.02), (0, 0, 0)),
        box(case, (door, 0.02, height - 0.03), (-width / 2 + door / 2 + 0.004, front - 0.008, 0.02), 0.004),
        box(
            plain(linear("#15181b"), gloss=0.7),
            (door - 0.09, 0.004, height - 0.1),
            (-width / 2 + door / 2 - 0.01, front - 0.019, 0.055),
        ),
        box(metal(GREY), (0.016, 0.02, height - 0.1), (-width / 2 + door - 0.016, front - 0.035, 0.055), 0.004),
        box(
            plain(linear("#7fe8b0"), emission=0.7), (0.18 * width, 0.004, 0.03), (panel, front - 0.001, height - 0.06)
        ),
    ]
    for row in range(4):
        for column in (-1, 0, 1):
            parts.append(box(key, (0.018, 0.004, 0.014), (panel + column * 0.028, front - 0.001, 0.05 + row * 0.03)))
    return standing("microwave", parts)


def toaster(rng: np.random.Generator) -> Asset:
    """Two-slot toaster, 0.26 to 0.3 m long, lever at one end, now and then with toast."""
    width, depth, height = rng.uniform(0.26, 0.3), rng.uniform(0.16, 0.18), rng.uniform(0.18, 0.2)
    case = metal(STEEL) if rng.random() < 0.5 else plain(pick(rng, BRIGHTS), gloss=0.5)
    black = plain(BLACK)
    parts = [
        box(black, (width - 0.01, depth - 0.01, 0.025), (0, 0, 0), 0.005),
        cushion(case, (width, depth, height - 0.015), (0, 0, 0.015), 0.035),
        box(black, (0.012, 0.012, 0.09), (width / 2, 0, 0.06)),
        box(black, (0.03, 0.05, 0.016), (width / 2 + 0.012, 0, 0.13), 0.004),
    ]
    bread = rng.random() < 0.5
    for y in (-0.032, 0.032):
        parts.append(box(black, (0.7 * width, 0.026, 0.006), (0, y, height - 0.005)))
        if bread:
            parts.append(box(plain(linear("#b9783c")), (0.1, 0.014, 0.06), (0, y, height - 0.03), 0.005))
    return standing("toaster", parts)


def kettle(rng: np.random.Generator) -> Asset:
    """Electric kettle, 0.22 to 0.26 m high: spout, lid and a handle that stands off its back."""
    height, radius = rng.uniform(0.22, 0.26), rng.uniform(0.075, 0.085)
    body = metal(STEEL) if rng.random() < 0.5 else plain(pick(rng, BRIGHTS), gloss=0.5)
    black, top = plain(BLACK, gloss=0.2), 0.72 * radius
    shell = [(0, 0), (radius, 0), (radius * 1.02, 0.03), (top, height - 0.045), (0, height - 0.045)]
    lid = [(0, 0), (top, 0), (top * 0.95, 0.012), (0.02, 0.022), (0.012, 0.03), (0.014, 0.042), (0, 0.046)]
    grip = [(0.6 * top, 0, height - 0.03), (radius + 0.03, 0, height - 0.02), (radius + 0.06, 0, height - 0.05)]
    grip += [(radius + 0.055, 0, 0.35 * height), (radius - 0.005, 0, 0.2 * height)]
    spout = [(-0.5 * top, 0, height - 0.1), (-top - 0.01, 0, height - 0.07), (-top - 0.045, 0, height - 0.045)]
    parts = [
        lathe(black, [(0, 0), (radius * 1.08, 0), (radius * 1.08, 0.018), (0, 0.018)]),
        lathe(body, shell, (0, 0, 0.017)),
        lathe(black, lid, (0, 0, height - 0.029)),
        tube(black, grip, 0.012),
        tube(body, spout, [0.034, 0.024, 0.012]),
    ]
    return standing("kettle", parts)


def fan(rng: np.random.Generator) -> Asset:
    """Pedestal fan, 1.1 to 1.35 m high: round foot, pole, and four blades in a wire cage."""
    hub, radius = rng.uniform(0.95, 1.1), rng.uniform(0.19, 0.23)
    plastic = plain((WHITE, BLACK, linear("#9fb6c4"))[rng.integers(3)], gloss=0.3)
    wire, blade = metal(GREY), plain(linear(("#2f6fb5", "#3a9158", "#3b4048")[rng.integers(3)]), gloss=0.3)
    pole = [(0.02, 0.04), (0.016, hub - 0.05), (0, hub - 0.05)]
    parts = [lathe(plastic, [(0, 0), (0.2, 0), (0.2, 0.012), (0.06, 0.03), *pole])]
    parts.append(
        forward(lathe(plastic, [(0, -0.14), (0.05, -0.13), (0.065, -0.06), (0.06, 0), (0, 0)], sides=16), (0, 0, hub))
    )
    turn = 2 * np.pi * np.arange(24) / 24
    for r, y in ((radius, -0.05), (0.98 * radius, -0.1), (0.6 * radius, -0.125), (0.98 * radius, 0.0)):
        ring = np.stack([r * np.cos(turn), np.full(24, y), hub + r * np.sin(turn)], axis=1)
        parts.append(tube(wire, ring, 0.004, sides=4, closed=True))
    for angle in turn:
        out = np.array([np.cos(angle), 0, np.sin(angle)])
        path = [(0, -0.13, hub), (0, -0.1, hub), (0, -0.05, hub), (0, 0.0, hub), (0, 0.01, hub)]
        reach = np.array([0.2, 0.98, 1.0, 0.98, 0.25])[:, None] * radius
        parts.append(tube(wire, np.array(path) + reach * out, 0.0018, sides=4))
    parts.append(disc(plastic, 0.25 * radius, 0.012, (0, -0.122, hub)))
    for angle in range(0, 360, 90):
        outline = circle(10) * [0.4 * radius, 0.22 * radius] + [0.5 * radius, 0]
        slab = np.stack([np.c_[outline, np.full(10, z)] for z in (0.0, 0.004)])
        vane = moved(turned(loft(blade, slab), "x", 25), (0, 0, 0))
        parts.append(moved(turned(turned(vane, "x", 90), "y", angle + 20), (0, -0.055, hub)))
    parts.append(disc(blade, 0.05, 0.06, (0, -0.01, hub), 16))
    return standing("fan", parts)


CATEGORIES = (
    Category("microwave", "surface", microwave, ((0.42, 0.3, 0.22), (0.55, 0.47, 0.34))),
    Category("toaster", "surface", toaster, ((0.24, 0.14, 0.15), (0.36, 0.22, 0.25))),
    Category("kettle", "surface", kettle, ((0.2, 0.13, 0.2), (0.32, 0.2, 0.32))),
    Category("fan", "floor", fan, ((0.35, 0.35, 1.0), (0.55, 0.5, 1.4))),
)
