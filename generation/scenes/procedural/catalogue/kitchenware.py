"""Crockery, bottles and pans."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRIGHTS,
    DARK,
    STEEL,
    ceramic,
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
    """Dinner plate, 0.22 to 0.28 m across, its rim in a second colour now and then."""
    radius = rng.uniform(0.11, 0.14)
    glaze, band = ceramic(rng), ceramic(rng)
    profile = [(0, 0), (0.6 * radius, 0), (radius, 0.02), (radius, 0.024), (0.66 * radius, 0.008), (0, 0.006)]
    parts = [lathe(glaze, profile, sides=36)]
    if rng.random() < 0.5:
        rim = [(0.93 * radius, 0.0205), (radius + 0.001, 0.021), (radius + 0.001, 0.0253), (0.93 * radius, 0.022)]
        parts.append(lathe(band, [*rim, rim[0]], sides=36))
    return standing("plate", parts)


def bottle(rng: np.random.Generator) -> Asset:
    """Wine bottle, 0.28 to 0.33 m high, with label and capsule."""
    height, radius = rng.uniform(0.28, 0.33), rng.uniform(0.036, 0.041)
    glass = plain(linear(("#1f4a2c", "#3b2413", "#234a3a", "#5a1622")[rng.integers(4)]), gloss=0.8)
    shoulder, neck = 0.6 * height, 0.0145
    profile = [(0, 0), (radius - 0.004, 0), (radius, 0.005), (radius, shoulder), (0.85 * radius, shoulder + 0.025)]
    profile += [(0.5 * radius, shoulder + 0.045), (neck, shoulder + 0.065), (neck, height), (0, height)]
    label, wrap = plain(linear("#efe6cf")), radius + 0.0006
    cap = [(0, 0), (neck + 0.001, 0), (neck + 0.001, 0.05), (0, 0.05)]
    parts = [
        lathe(glass, profile),
        lathe(
            label,
            [(radius - 0.002, 0), (wrap, 0), (wrap, 0.09), (radius - 0.002, 0.09), (radius - 0.002, 0)],
            (0, 0, 0.045),
        ),
        lathe(plain(pick(rng, BRIGHTS), gloss=0.4), cap, (0, 0, height - 0.048)),
    ]
    return standing("bottle", parts)


def wine_glass(rng: np.random.Generator) -> Asset:
    """Stemmed glass, 0.17 to 0.22 m high, a third full of red or white wine."""
    height, radius = rng.uniform(0.17, 0.22), rng.uniform(0.036, 0.042)
    glass = Material("glass", linear("#e4eef0"), gloss=0.9)
    stem, cup = 0.45 * height, 0.55 * height
    foot = [(0, 0), (0.85 * radius, 0), (0.85 * radius, 0.002), (0.004, 0.008), (0.004, stem)]
    outside = [(0.6 * radius, stem + 0.12 * cup), (radius, stem + 0.42 * cup), (0.78 * radius, height)]
    inside = [(0.78 * radius - 0.002, height), (radius - 0.002, stem + 0.42 * cup), (0.58 * radius, stem + 0.13 * cup)]
    wine = plain(linear("#5a0f1e" if rng.random() < 0.6 else "#e3cf7a"), gloss=0.6)
    level = stem + 0.45 * cup
    filling = [(0, stem + 0.04 * cup), (0.6 * radius + 0.001, stem + 0.12 * cup), (radius + 0.001, stem + 0.42 * cup)]
    parts = [
        lathe(glass, [*foot, *outside, *inside, (0, stem + 0.05 * cup)], sides=20),
        lathe(wine, [*filling, (radius - 0.001, level), (0, level)], sides=20),
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
    Category("mug", "surface", mug),
    Category("bowl", "surface", bowl),
    Category("plate", "surface", plate),
    Category("bottle", "surface", bottle),
    Category("wine glass", "surface", wine_glass),
    Category("frying pan", "surface", frying_pan),
    Category("cooking pot", "surface", cooking_pot),
)
