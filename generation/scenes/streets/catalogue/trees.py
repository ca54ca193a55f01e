"""Street trees 4.5 to 8 m high, clipped or round, and shrubs in planters."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import linear, pick, plain, seed_of
from generation.scenes.procedural.shapes import box, ellipsoid, tube
from generation.scenes.streets.catalogue.paints import CONCRETE, foliage, slats
from generation.scenes.streets.solids import standing


LEAVES = 1300
FLOWERS = ("#c8402f", "#d9688f", "#e0a52d", "#e7e2d6", "#7b4fa0")


def tree(rng: np.random.Generator, crown_m: float = 1.9) -> Asset:
    """Deciduous tree; its crown is up to `crown_m` in radius and starts 2.3 to 2.9 m above the ground."""
    radius, clear = crown_m * rng.uniform(0.75, 1.0), rng.uniform(2.3, 2.9)
    tall = radius * rng.uniform(1.1, 1.7)  # half the crown's height
    middle = np.array([0, 0, clear + tall])
    bark = Material("wood", pick(rng, ("#5a4a3c", "#6b5b4b", "#4a4038")), linear("#3a3028"), 0.04, seed=seed_of(rng))
    leaves = foliage(rng)
    thick = rng.uniform(0.09, 0.16)
    lean = rng.normal(0, 0.06, 2)
    trunk = [(0, 0, 0), (*0.3 * lean, 0.25), (*lean, clear), (0.5 * lean[0], 0.5 * lean[1], clear + tall)]
    parts = [tube(bark, trunk, [1.5 * thick, thick, 0.8 * thick, 0.35 * thick], sides=9)]
    count = int(rng.integers(11, 16))
    where = _spread(count, rng) * np.array([radius, radius, tall]) * 0.62
    for offset in where:
        size = rng.uniform(0.62, 0.85) * np.array([radius, radius, 0.8 * tall]) * 0.95
        parts.append(clump(leaves, middle + offset, np.minimum(size, 1.6), rng))
        fork = np.array([*lean, clear - 0.1 + rng.uniform(0, 0.8) * tall * 0.6])
        parts.append(tube(bark, [fork, middle + 0.7 * offset], [0.4 * thick, 0.15 * thick], sides=5))
    parts.append(
        tufts(leaves, middle + where[rng.integers(count, size=LEAVES)], np.array([radius, radius, tall]) * 0.37, rng)
    )
    return standing("tree", parts)


def _spread(count: int, rng: np.random.Generator) -> np.ndarray:
    """Unit vectors `(count, 3)` spread evenly over the sphere (a golden spiral), a little disturbed."""
    k = np.arange(count) + 0.5
    polar, around = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k + rng.uniform(0, 6.28)
    points = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=1)
    return points * rng.uniform(0.8, 1.1, (count, 1))


def clump(material: Material, centre: np.ndarray, size: np.ndarray, rng: np.random.Generator, sides: int = 10) -> Part:
    """Lumpy ball of leaves."""
    ball = ellipsoid(material, size, (0, 0, 0), sides=sides)
    wave, phase = rng.normal(0, 2.2, (3, 3)), rng.uniform(0, 6.28, 3)
    lumps = 1 + 0.07 * np.sin(ball.vertices / size.max() * 2.0 @ wave.T + phase).sum(axis=1, keepdims=True)
    return Part(ball.vertices * lumps + centre, ball.faces, ball.normals, ball.texcoords + centre, material)


def tufts(
    material: Material, middles: np.ndarray, size: np.ndarray, rng: np.random.Generator, length: float = 0.2
) -> Part:
    """Leaves of up to `length` that stick out of the clumps about `middles` `(N, 3)`, one triangle each."""
    count = len(middles)
    out = rng.normal(size=(count, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    at = middles + out * size * rng.uniform(0.92, 1.12, (count, 1))
    across = np.cross(out, rng.normal(size=(count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    reach = length * rng.uniform(0.5, 1.0, (count, 1))
    droop = np.array([0, 0, -0.25 * length])
    corners = np.stack([at - 0.6 * reach * across, at + 0.6 * reach * across, at + reach * out + droop], axis=1)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    vertices = corners.reshape(-1, 3)
    return Part(vertices, np.arange(3 * count).reshape(-1, 3), np.repeat(normals, 3, axis=0), vertices, material)


def planter(rng: np.random.Generator) -> Asset:
    """Box of wood, stone or metal with shrubs or flowers, 0.8 to 1.4 m long and 0.7 to 1.2 m high."""
    width, depth, height = rng.uniform(0.8, 1.4), rng.uniform(0.4, 0.5), rng.uniform(0.42, 0.55)
    case = (slats(rng), CONCRETE, plain(linear("#3b4147"), gloss=0.2))[rng.integers(3)]
    leaves = foliage(rng)
    parts = [
        box(case, (width, depth, height), (0, 0, 0), 0.015),
        box(plain(linear("#3a2a1e")), (width - 0.08, depth - 0.08, 0.02), (0, 0, height - 0.01)),
    ]
    count, bloom = int(width / 0.24), rng.random() < 0.6
    flower = plain(pick(rng, FLOWERS))
    for x in (np.arange(count) - (count - 1) / 2) * width / (count + 0.6):
        tall = rng.uniform(0.25, 0.5)
        middle = np.array([x, rng.uniform(-0.03, 0.03), height + 0.36 * tall])
        parts.append(clump(leaves, middle, np.array([0.34, 0.34, tall]), rng))
        parts.append(tufts(leaves, np.tile(middle, (30, 1)), np.array([0.1, 0.1, 0.33 * tall]), rng))
        if bloom:
            for _ in range(4):
                spot = middle + [*rng.uniform(-0.13, 0.13, 2), 0.42 * tall + rng.uniform(0, 0.05)]
                parts.append(ellipsoid(flower, (0.06, 0.06, 0.05), spot, sides=6))
    return standing("planter", parts)
