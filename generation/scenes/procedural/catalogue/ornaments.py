"""Vases, globes and soft toys."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    ceramic,
    fabric,
    linear,
    metal,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import ellipsoid, lathe, tube, turned


# Radius of a vase, in units of its widest, at these shares of its height
VASE_HEIGHTS = (0, 0.1, 0.25, 0.42, 0.58, 0.72, 0.84, 0.93, 1.0)
VASE_SHAPES = (
    (0.5, 0.68, 0.92, 1.0, 0.88, 0.6, 0.36, 0.34, 0.46),
    (0.42, 0.5, 0.66, 0.86, 0.99, 0.98, 0.72, 0.44, 0.5),
    (0.55, 0.8, 1.0, 0.86, 0.55, 0.36, 0.3, 0.32, 0.44),
)


def vase(rng: np.random.Generator) -> Asset:
    """Bellied vase with a narrow neck, 0.2 to 0.38 m high."""
    height = rng.uniform(0.2, 0.38)
    radius = height * rng.uniform(0.26, 0.34)
    radii, heights = radius * np.array(VASE_SHAPES[rng.integers(3)]), height * np.array(VASE_HEIGHTS)
    outside = np.stack([radii, heights], axis=1)
    inside = [(radii[-1] - 0.005, height), (radii[-2] - 0.005, heights[-2]), (radii[-3] - 0.006, heights[-3])]
    return standing("vase", [lathe(ceramic(rng), [(0, 0), *outside, *inside, (0, heights[4])], sides=28)])


def globe(rng: np.random.Generator) -> Asset:
    """Terrestrial globe on a stand, tilted by 23.5 degrees, 0.3 to 0.4 m high."""
    radius = rng.uniform(0.11, 0.15)
    sea, land = linear(("#3f7fb5", "#2f6a94", "#b99a68")[rng.integers(3)]), linear("#6f9a4a")
    earth = Material("marble", sea, land, scale_m=radius, gloss=0.3, seed=seed_of(rng))
    stand = wood(rng) if rng.random() < 0.5 else metal(BRASS)
    centre = np.array([0, 0, radius + 0.08])
    arc, ring = np.radians(np.linspace(-90, 90, 15)), radius + 0.015
    meridian = centre + ring * np.stack([np.cos(arc), 0 * arc, np.sin(arc)], axis=1)
    axis = [centre - [0, 0, ring], centre + [0, 0, ring]]
    foot = [(0, 0), (0.75 * radius, 0), (0.7 * radius, 0.015), (0.02, 0.03), (0.012, 0.05), (0.012, 0.08), (0, 0.08)]
    tilted = [
        ellipsoid(earth, [2 * radius] * 3, centre, 24),
        tube(stand, meridian, 0.006),
        tube(stand, axis, 0.004, 6),
    ]
    return standing("globe", [lathe(stand, foot), *(turned(part, "y", 23.5, centre) for part in tilted)])


def teddy_bear(rng: np.random.Generator) -> Asset:
    """Sitting teddy bear, 0.26 to 0.42 m high."""
    s = rng.uniform(0.26, 0.42)
    fur = fabric(rng, ("#8a5a34", "#b07a45", "#d2a56d", "#5a3a26", "#e6d8c0"))
    pale, black = plain(linear("#e8cfa6")), plain(BLACK, gloss=0.6)
    parts = [
        ellipsoid(fur, (0.5 * s, 0.42 * s, 0.52 * s), (0, 0, 0.26 * s), 20),
        ellipsoid(pale, (0.32 * s, 0.16 * s, 0.34 * s), (0, -0.145 * s, 0.25 * s)),
        ellipsoid(fur, (0.44 * s, 0.38 * s, 0.38 * s), (0, -0.02 * s, 0.67 * s), 20),
        ellipsoid(pale, (0.2 * s, 0.18 * s, 0.15 * s), (0, -0.18 * s, 0.62 * s)),
        ellipsoid(black, (0.07 * s, 0.05 * s, 0.05 * s), (0, -0.265 * s, 0.65 * s), 8),
    ]
    for side in (-1, 1):
        parts.append(ellipsoid(fur, (0.15 * s, 0.08 * s, 0.15 * s), (side * 0.17 * s, 0, 0.86 * s), 12))
        parts.append(ellipsoid(pale, (0.09 * s, 0.05 * s, 0.09 * s), (side * 0.17 * s, -0.025 * s, 0.86 * s), 10))
        parts.append(ellipsoid(black, (0.045 * s, 0.03 * s, 0.05 * s), (side * 0.085 * s, -0.195 * s, 0.73 * s), 8))
        arm = ellipsoid(fur, (0.15 * s, 0.16 * s, 0.36 * s), (side * 0.28 * s, -0.06 * s, 0.33 * s), 12)
        parts.append(turned(arm, "y", -side * 25, (side * 0.22 * s, 0, 0.42 * s)))
        parts.append(ellipsoid(fur, (0.2 * s, 0.4 * s, 0.19 * s), (side * 0.2 * s, -0.22 * s, 0.095 * s), 12))
        parts.append(ellipsoid(pale, (0.14 * s, 0.03 * s, 0.14 * s), (side * 0.2 * s, -0.415 * s, 0.1 * s), 10))
    return standing("teddy bear", parts)


CATEGORIES = (
    Category("vase", "surface", vase),
    Category("globe", "surface", globe),
    Category("teddy bear", "surface", teddy_bear),
)
