"""Crockery, bottles and pans."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import (
    label_around,
    standing,
)
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    STEEL,
    ceramic,
    image,
    linear,
    metal,
    pick,
    plain,
)
from generation.scenes.procedural.shapes import lathe, tube


def mug(rng: np.random.Generator) -> Asset:
    """Cup with a handle, 0.085 to 0.11 m high."""
    height, radius = rng.uniform(0.085, 0.11), rng.uniform(0.038, 0.045)
    glaze, wall = ceramic(rng), 0.004
    foot = radius * rng.uniform(0.75, 1.0)
    outside = [(0, 0), (foot - 0.004, 0), (foot, 0.004), (radius, 0.3 * height), (radius, height)]
    inside = [(radius - wall, height), (radius - wall, 0.3 * height), (foot - wall, 0.008), (0, 0.008)]
    bend = np.linspace(np.radians(-80), np.radians(80), 9)
    reach, rise = radius - 0.006 + 0.034 * np.cos(bend), height * (0.52 + 0.32 * np.sin(bend))
    loop = np.stack([reach, 0 * bend, rise], axis=1)
    return standing("mug", [lathe(glaze, outside + inside), tube(glaze, loop, 0.0055, sides=8)])


def bowl(rng: np.random.Generator) -> Asset:
    """Round bowl, 0.15 to 0.28 m across, empty."""
    radius, wall = rng.uniform(0.075, 0.14), 0.005
    height = radius * rng.uniform(0.65, 0.85)
    angles = np.radians([20, 40, 60, 75, 90])
    outside = np.stack([radius * np.sin(angles), 0.008 + (height - 0.008) * (1 - np.cos(angles))], axis=1)
    inside = (outside + [-wall, 0.003])[::-1]
    inside[0, 1] = height
    foot = [(0, 0), (0.36 * radius, 0), (0.36 * radius, 0.01)]
    return standing("bowl", [lathe(ceramic(rng), [*foot, *outside, *inside, (0, 0.012)], sides=32)])


def plate(rng: np.random.Generator) -> Asset:
    """Dinner plate, 0.22 to 0.28 m across, with a line around its well and now and then its rim."""
    radius = rng.uniform(0.11, 0.14)
    glaze, band = ceramic(rng), ceramic(rng)
    profile = [
        (0, 0),
        (0.6 * radius, 0),
        (radius, 0.02),
        (radius, 0.024),
        (0.72 * radius, 0.014),
        (0.65 * radius, 0.005),
        (0, 0.005),
    ]
    parts = [lathe(glaze, profile, sides=36)]
    line = band if band != glaze else plain(tuple(0.5 * c for c in glaze.color), gloss=0.5)
    if rng.random() < 0.5:
        rim = [(0.93 * radius, 0.0205), (radius + 0.001, 0.021), (radius + 0.001, 0.0255), (0.93 * radius, 0.0225)]
        parts.append(lathe(line, [*rim, rim[0]], sides=36))
    # A line around the well
    ring_profile = [
        (0.655 * radius, 0.004),
        (0.685 * radius, 0.008),
        (0.672 * radius, 0.011),
        (0.645 * radius, 0.0056),
    ]
    parts.append(lathe(line, [*ring_profile, ring_profile[0]], sides=36))
    return standing("plate", parts)


def bottle(rng: np.random.Generator, variant: str) -> Asset:
    """Bottle of 0.2 to 0.33 m with a label: of wine, of water (ribbed), or of beer (with a crown cap)."""
    height, radius = rng.uniform(0.28, 0.33), rng.uniform(0.036, 0.041)
    glass = plain(linear(("#1f4a2c", "#3b2413", "#234a3a", "#5a1622")[rng.integers(4)]), gloss=0.8)
    neck, share, paper, band_z, band = 0.0145, 0.6, plain(linear("#efe6cf")), 0.045, 0.09
    top = lathe(plain(pick(rng, BRIGHTS), gloss=0.4), _capsule(neck, 0.05), (0, 0, height - 0.048))
    if variant == "water":
        height, radius, neck = rng.uniform(0.22, 0.3), rng.uniform(0.032, 0.038), 0.012
        glass, paper = plain(linear("#bfdbe6"), gloss=0.8), plain(pick(rng, BRIGHTS), gloss=0.3)
        share, band_z, band = 0.62, 0.36 * height, 0.2 * height
        top = lathe(
            plain(linear(("#2f6fb5", "#f2f1ee", "#3a9158")[rng.integers(3)])),
            _capsule(neck + 0.002, 0.02),
            (0, 0, height - 0.018),
        )
    elif variant == "beer":
        height, radius, neck = rng.uniform(0.2, 0.24), rng.uniform(0.029, 0.032), 0.0125
        glass = plain(linear("#4a2a12" if rng.random() < 0.6 else "#1f4a2c"), gloss=0.8)
        share, band_z, band = 0.52, 0.035, 0.06
        paper = plain(pick(rng, BRIGHTS), gloss=0.2)
        top = lathe(metal(STEEL), [(0, 0), (0.0155, 0), (0.014, 0.006), (0, 0.007)], (0, 0, height - 0.004), 14)
    shoulder = share * height
    profile = [(0, 0), (radius - 0.004, 0), (radius, 0.005)]
    if variant == "water":
        for z in (0.12, 0.2, 0.28):
            profile += [(radius, z * height - 0.006), (0.93 * radius, z * height), (radius, z * height + 0.006)]
    profile += [(radius, shoulder), (0.85 * radius, shoulder + 0.025), (0.5 * radius, shoulder + 0.045)]
    profile += [(neck, shoulder + 0.065), (neck, height), (0, height)]
    skin = radius + 0.0006
    printed = label_around(image("label", rng), skin, band_z + 0.002, band - 0.004)
    wrap = [(radius - 0.002, 0), (skin, 0), (skin, band), (radius - 0.002, band), (radius - 0.002, 0)]
    return standing("bottle", [lathe(glass, profile), lathe(paper, wrap, (0, 0, band_z)), printed, top])


def _capsule(neck: float, height: float) -> list[tuple[float, float]]:
    """Profile of a cap over a neck of that radius."""
    return [(0, 0), (neck + 0.001, 0), (neck + 0.001, height), (0, height)]


def wine_glass(rng: np.random.Generator) -> Asset:
    """Stemmed glass, 0.17 to 0.22 m high, a third full of red or white wine."""
    height, radius = rng.uniform(0.17, 0.22), rng.uniform(0.036, 0.042)
    glass = Material("glass", linear("#e4eef0"), gloss=0.9)
    stem, cup = 0.45 * height, 0.55 * height
    foot = [(0, 0), (0.85 * radius, 0), (0.85 * radius, 0.002), (0.004, 0.008), (0.004, stem)]
    # A bowl that is widest at two fifths of its height and narrows to its rim
    rise = np.linspace(0.06, 1, 12)
    low, high = np.minimum(rise / 0.4, 1), np.maximum((rise - 0.4) / 0.6, 0)
    reach = radius * (np.sin(np.pi / 2 * low) ** 0.6 - 0.25 * high**1.6)
    bowl = np.stack([reach, stem + cup * rise], axis=1)
    inside = (bowl - [0.0016, 0.0])[::-1]
    wine = plain(linear("#5a0f1e" if rng.random() < 0.6 else "#e3cf7a"), gloss=0.6)
    level = int(rng.integers(4, 7))
    # What is in the glass shows through it: a skin just outside
    skin = bowl[:level] + [0.0005, 0.0]
    parts = [
        lathe(glass, [*foot, *bowl, *inside, (0, stem + 0.05 * cup)], sides=24),
        lathe(wine, [(0, skin[0, 1] - 0.0005), *skin, (skin[-1, 0] - 0.001, skin[-1, 1]), (0, skin[-1, 1])], sides=24),
    ]
    return standing("wine glass", parts)


def frying_pan(rng: np.random.Generator) -> Asset:
    """Frying pan, 0.22 to 0.3 m across, with a long handle."""
    radius = rng.uniform(0.11, 0.15)
    iron = plain(linear("#222326"), gloss=0.4)
    outer = plain(pick(rng, BRIGHTS), gloss=0.4) if rng.random() < 0.4 else metal(DARK)
    wall = 0.004
    outside = [(0, 0), (0.8 * radius, 0), (radius, 0.045)]
    rim = [(radius - wall, 0.045), (0.8 * radius - wall, 0.004), (0, 0.004)]
    lining = [(0, 0.003), (0.8 * radius - 0.75 * wall, 0.003), (radius - 0.75 * wall, 0.044)]
    inside = [(radius - 1.5 * wall, 0.046), (0.8 * radius - 1.5 * wall, 0.006), (0, 0.006)]
    grip = [(0.93 * radius, 0, 0.034), (radius + 0.04, 0, 0.05), (radius + 0.19, 0, 0.062)]
    parts = [
        lathe(outer, [*outside, *rim], sides=32),
        lathe(iron, [*lining, *inside], sides=32),
        tube(plain(BLACK), grip, [0.008, 0.01, 0.013]),
    ]
    return standing("frying pan", parts)


def cooking_pot(rng: np.random.Generator) -> Asset:
    """Lidded pot with two handles, 0.2 to 0.28 m across."""
    radius = rng.uniform(0.1, 0.14)
    height = radius * rng.uniform(1.0, 1.3)
    body = metal(STEEL) if rng.random() < 0.6 else plain(pick(rng, BRIGHTS), gloss=0.5)
    black = plain(BLACK, gloss=0.2)
    lid = [(0, 0), (radius + 0.004, 0), (radius + 0.004, 0.006), (0.6 * radius, 0.024), (0, 0.03)]
    parts = [
        lathe(body, [(0, 0), (radius - 0.006, 0), (radius, 0.008), (radius, height), (0, height)], sides=32),
        lathe(body, lid, (0, 0, height - 0.001), sides=32),
        lathe(black, [(0, 0), (0.008, 0), (0.02, 0.018), (0.018, 0.026), (0, 0.028)], (0, 0, height + 0.028), 16),
    ]
    for side in (-1, 1):
        x = side * radius
        loop = [(0.97 * x, -0.04, 0.75 * height), (x + side * 0.035, -0.035, 0.77 * height)]
        loop += [(px, -py, pz) for px, py, pz in reversed(loop)]
        parts.append(tube(black, loop, 0.008))
    return standing("cooking pot", parts)


CATEGORIES = (
    Category("mug", "surface", mug, ((0.08, 0.06, 0.08), (0.14, 0.1, 0.12))),
    Category("bowl", "surface", bowl, ((0.12, 0.12, 0.04), (0.3, 0.3, 0.15))),
    Category("plate", "surface", plate, ((0.2, 0.2, 0.015), (0.3, 0.3, 0.04))),
    Category("bottle", "surface", bottle, ((0.05, 0.05, 0.18), (0.1, 0.1, 0.36)), ("wine", "water", "beer")),
    Category("wine glass", "surface", wine_glass, ((0.06, 0.06, 0.15), (0.1, 0.1, 0.24))),
    Category("frying pan", "surface", frying_pan, ((0.35, 0.2, 0.04), (0.55, 0.32, 0.1))),
    Category("cooking pot", "surface", cooking_pot, ((0.24, 0.18, 0.12), (0.4, 0.32, 0.3))),
)
