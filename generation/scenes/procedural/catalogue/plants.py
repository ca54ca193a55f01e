"""Plants in pots."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import ceramic, linear, plain, seed_of
from generation.scenes.procedural.shapes import lathe, leaf, tube


GREENS = ("#3f6b34", "#5b8a3c", "#2f5a3a", "#6d9448", "#4c7a52")


def _pot(rng: np.random.Generator, radius: float, height: float) -> list[Part]:
    pot = ceramic(rng) if rng.random() < 0.6 else plain(linear("#b5673f"))
    foot = radius * rng.uniform(0.6, 0.8)
    inner = radius - 0.02
    profile = [(0, 0), (foot, 0), (radius - 0.006, 0.8 * height), (radius, 0.82 * height), (radius, height)]
    soil = plain(linear("#3a2a1e"))
    return [
        lathe(pot, [*profile, (inner, height), (inner - 0.005, 0.8 * height), (0, 0.8 * height)]),
        lathe(soil, [(0, 0.82 * height), (inner, 0.82 * height), (inner - 0.01, 0.9 * height), (0, 0.92 * height)]),
    ]


def _arc(start: np.ndarray, azimuth: float, reach: float, rise: float, droop: float, steps: int = 6) -> np.ndarray:
    along = np.linspace(0, 1, steps)[:, None]
    out = np.array([np.cos(azimuth), np.sin(azimuth), 0.0]) * reach
    return start + along * out + np.array([0, 0, 1.0]) * (rise * along - droop * along**2)


def potted_plant(rng: np.random.Generator) -> Asset:
    """House plant in a pot, 0.55 to 1.3 m high: a tuft of arching leaves, or stems with broad leaves."""
    height = rng.uniform(0.55, 1.3)
    pot_radius, pot_height = rng.uniform(0.11, 0.14) + 0.05 * height, rng.uniform(0.16, 0.2) + 0.1 * height
    color = linear(GREENS[rng.integers(len(GREENS))])
    foliage = Material("leaf", color, tuple(0.6 * c for c in color), scale_m=0.05, gloss=0.15, seed=seed_of(rng))
    parts = _pot(rng, pot_radius, pot_height)
    start = np.array([0, 0, 0.88 * pot_height])
    tall = height - 0.88 * pot_height
    if rng.random() < 0.5:
        for i in range(26):
            azimuth = i * 2.4 + rng.uniform(-0.3, 0.3)
            upright = rng.uniform(0.2, 1.0)
            rise = tall * (0.7 + 0.9 * upright)
            path = _arc(
                start, azimuth, tall * (0.75 - 0.45 * upright), rise, rise - tall * rng.uniform(0.3, 1) * upright, 7
            )
            parts.append(leaf(foliage, path, rng.uniform(0.035, 0.055)))
    else:
        stem = plain(linear("#6b5a3a"))
        for _ in range(int(rng.integers(4, 7))):
            azimuth = rng.uniform(0, 2 * np.pi)
            top = _arc(start, azimuth, rng.uniform(0.05, 0.2) * tall, rng.uniform(0.7, 0.95) * tall, 0.0)
            parts.append(tube(stem, top, 0.008, sides=5))
            for k, point in enumerate(top[2:]):
                for turn in (0, 2.1, 4.2):
                    path = _arc(point, azimuth + turn + k, rng.uniform(0.12, 0.2), rng.uniform(0.05, 0.12), 0.1, 4)
                    parts.append(leaf(foliage, path, rng.uniform(0.07, 0.11)))
    return standing("potted plant", parts)


CATEGORIES = (Category("potted plant", "floor", potted_plant),)
