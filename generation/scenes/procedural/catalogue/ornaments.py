"""Vases, globes and soft toys."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    ceramic,
    fabric,
    linear,
    metal,
    pick,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import ellipsoid, lathe, leaf, loft, moved, stacked, tube, turned


# Radius of a vase, in units of its widest, at these shares of its height
VASE_HEIGHTS = (0, 0.1, 0.25, 0.42, 0.58, 0.72, 0.84, 0.93, 1.0)
VASE_SHAPES = (
    (0.5, 0.68, 0.92, 1.0, 0.88, 0.6, 0.36, 0.34, 0.46),
    (0.42, 0.5, 0.66, 0.86, 0.99, 0.98, 0.72, 0.44, 0.5),
    (0.55, 0.8, 1.0, 0.86, 0.55, 0.36, 0.3, 0.32, 0.44),
)


def vase(rng: np.random.Generator, variant: str) -> Asset:
    """Vase, 0.2 to 0.38 m high: bellied with a narrow neck, with two handles, or with flowers in it."""
    height = rng.uniform(0.2, 0.38)
    radius = height * rng.uniform(0.26, 0.34)
    radii, heights = radius * np.array(VASE_SHAPES[rng.integers(3)]), height * np.array(VASE_HEIGHTS)
    outside = np.stack([radii, heights], axis=1)
    inside = [(radii[-1] - 0.005, height), (radii[-2] - 0.005, heights[-2]), (radii[-3] - 0.006, heights[-3])]
    glaze = ceramic(rng)
    parts = [lathe(glaze, [(0, 0), *outside, *inside, (0, heights[4])], sides=28)]
    if variant == "handles":
        bend = np.radians(np.linspace(-80, 95, 9))
        low, high = heights[4], heights[7]
        out = radii[4] - 0.012 + (radii[7] - radii[4]) * np.linspace(0, 1, 9) + 0.045 * np.cos(bend)
        for side in (-1, 1):
            rise = (low + high) / 2 + 0.5 * (high - low) * np.sin(bend)
            parts.append(tube(glaze, np.stack([side * out, 0 * bend, rise], axis=1), 0.008))
    if variant == "flowers":
        green, bloom = plain(linear("#3f6b34")), [plain(pick(rng, BRIGHTS)) for _ in range(2)]
        for k in range(int(rng.integers(5, 9))):
            angle, reach = 2.4 * k, rng.uniform(0.03, 0.11)
            top = np.array([reach * np.cos(angle), reach * np.sin(angle), height + rng.uniform(0.08, 0.2)])
            parts.append(tube(green, [(0, 0, 0.6 * height), (0.1 * top[0], 0.1 * top[1], height), top], 0.003, 5))
            parts += _flower(bloom[k % 2], top, rng.uniform(0.025, 0.035), angle)
            side = top * [0.6, 0.6, 0.0] + [0, 0, height + 0.03]
            out = np.array([np.cos(angle + 1), np.sin(angle + 1), 0.3]) * 0.06
            parts.append(leaf(green, [side, side + 0.6 * out + [0, 0, 0.01], side + out], 0.03))
    return standing("vase", parts)


def _flower(petal: Material, at: np.ndarray, radius: float, lean: float) -> list[Part]:
    """Cup of petals around a yellow middle, turned outwards."""
    turn = (np.arange(25) + 0.5) * 2 * np.pi / 25
    wave = radius * (0.72 + 0.28 * np.abs(np.cos(2.5 * turn)))
    outline = np.stack([wave * np.cos(turn), wave * np.sin(turn)], axis=1)
    cup = stacked(
        np.stack([0.2 * outline, outline, 0.95 * outline, 0.15 * outline]),
        (0, 0.35 * radius, 0.4 * radius, 0.12 * radius),
    )
    parts = [
        loft(petal, cup),
        ellipsoid(plain(linear("#e8c23a")), (0.6 * radius, 0.6 * radius, 0.35 * radius), (0, 0, 0.2 * radius), 8),
    ]
    return [moved(turned(turned(part, "y", 35), "z", np.degrees(lean)), at) for part in parts]


def globe(rng: np.random.Generator) -> Asset:
    """Terrestrial globe on a stand, tilted by 23.5 degrees, 0.3 to 0.4 m high."""
    radius = rng.uniform(0.11, 0.15)
    sea = linear(("#7fb2d3", "#5b96bd", "#d3c39a")[rng.integers(3)])
    earth = Material("map", sea, linear("#d8b97a"), scale_m=1.0, gloss=0.3, seed=seed_of(rng))
    stand = wood(rng) if rng.random() < 0.5 else metal(BRASS)
    centre = np.array([0, 0, radius + 0.08])
    arc, ring = np.radians(np.linspace(-90, 90, 15)), radius + 0.015
    meridian = centre + ring * np.stack([np.cos(arc), 0 * arc, np.sin(arc)], axis=1)
    axis = [centre - [0, 0, ring], centre + [0, 0, ring]]
    foot = [(0, 0), (0.75 * radius, 0), (0.7 * radius, 0.015), (0.02, 0.03), (0.012, 0.05), (0.012, 0.08), (0, 0.08)]
    tilted = [
        turned(_earth(earth, radius, centre), "z", rng.uniform(0, 360), centre),
        tube(stand, meridian, 0.006),
        tube(stand, axis, 0.004, 6),
    ]
    return standing("globe", [lathe(stand, foot), *(turned(part, "y", 23.5, centre) for part in tilted)])


def _earth(material: Material, radius: float, centre: np.ndarray) -> Part:
    """Sphere whose texture coordinates are longitude and latitude, both from 0 to 1; open along one meridian."""
    columns, rows = 32, 16
    across, up = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    longitude, latitude = 2 * np.pi * across.ravel(), np.pi * (up.ravel() - 0.5)
    level = np.cos(latitude)
    normals = np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=1)
    index = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    # At the poles one triangle of each pair has no area
    faces = np.concatenate([np.stack([a, b, c], -1)[1:].reshape(-1, 3), np.stack([a, c, d], -1)[:-1].reshape(-1, 3)])
    texcoords = np.stack([across.ravel(), up.ravel(), np.full(len(normals), 2.0)], axis=1)
    return Part(centre + radius * normals, faces, normals, texcoords, material)


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
        arm = ellipsoid(fur, (0.15 * s, 0.16 * s, 0.36 * s), (side * 0.26 * s, -0.05 * s, 0.34 * s), 12)
        parts.append(turned(arm, "y", -side * 25, (side * 0.22 * s, 0, 0.42 * s)))
        parts.append(ellipsoid(fur, (0.2 * s, 0.4 * s, 0.19 * s), (side * 0.2 * s, -0.22 * s, 0.095 * s), 12))
        parts.append(ellipsoid(pale, (0.14 * s, 0.03 * s, 0.14 * s), (side * 0.2 * s, -0.415 * s, 0.1 * s), 10))
    return standing("teddy bear", parts)


CATEGORIES = (
    Category("vase", "surface", vase, ((0.1, 0.1, 0.18), (0.42, 0.36, 0.64)), ("bellied", "handles", "flowers")),
    Category("globe", "surface", globe, ((0.2, 0.2, 0.28), (0.4, 0.4, 0.5))),
    Category("teddy bear", "surface", teddy_bear, ((0.18, 0.16, 0.2), (0.4, 0.4, 0.45))),
)
