"""Plants in pots."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import ceramic, linear, plain, seed_of
from generation.scenes.procedural.shapes import circle, lathe, leaf, loft, stacked, tube


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


def potted_plant(rng: np.random.Generator, variant: str) -> Asset:
    """House plant in a pot, 0.4 to 1.4 m high: arching leaves, broad leaves on stems, a palm, cactus or fern."""
    height = rng.uniform(0.55, 1.3)
    if variant in ("cactus", "fern"):
        height = rng.uniform(0.4, 0.75)
    pot_radius, pot_height = rng.uniform(0.11, 0.14) + 0.05 * height, rng.uniform(0.16, 0.2) + 0.1 * height
    color = linear(GREENS[rng.integers(len(GREENS))])
    foliage = Material("leaf", color, tuple(0.6 * c for c in color), scale_m=0.05, gloss=0.15, seed=seed_of(rng))
    start = np.array([0, 0, 0.88 * pot_height])
    grow = {"arching leaves": _tuft, "broad leaves": _stems, "palm": _palm, "cactus": _cactus, "fern": _fern}[variant]
    grown = grow(rng, foliage, start, height - 0.88 * pot_height)
    return standing("potted plant", [*_pot(rng, pot_radius, pot_height), *grown])


def _tuft(rng: np.random.Generator, foliage: Material, start: np.ndarray, tall: float) -> list[Part]:
    parts = []
    for i in range(26):
        azimuth = i * 2.4 + rng.uniform(-0.3, 0.3)
        upright = rng.uniform(0.2, 1.0)
        rise = tall * (0.7 + 0.9 * upright)
        droop = rise - tall * rng.uniform(0.3, 1) * upright
        path = _arc(start, azimuth, tall * (0.75 - 0.45 * upright), rise, droop, 7)
        parts.append(leaf(foliage, path, rng.uniform(0.035, 0.055)))
    return parts


def _stems(rng: np.random.Generator, foliage: Material, start: np.ndarray, tall: float) -> list[Part]:
    stem, parts = plain(linear("#6b5a3a")), []
    for _ in range(int(rng.integers(4, 7))):
        azimuth = rng.uniform(0, 2 * np.pi)
        top = _arc(start, azimuth, rng.uniform(0.05, 0.2) * tall, rng.uniform(0.7, 0.95) * tall, 0.0)
        parts.append(tube(stem, top, 0.008, sides=5))
        for k, point in enumerate(top[2:]):
            for turn in (0, 2.1, 4.2):
                path = _arc(point, azimuth + turn + k, rng.uniform(0.12, 0.2), rng.uniform(0.05, 0.12), 0.1, 4)
                parts.append(leaf(foliage, path, rng.uniform(0.07, 0.11)))
    return parts


def _palm(rng: np.random.Generator, foliage: Material, start: np.ndarray, tall: float) -> list[Part]:
    """A ringed trunk with a crown of long leaves that hang over."""
    bark = Material("stripes", linear("#7a6244"), linear("#5d4932"), scale_m=0.03)
    trunk = _arc(start, rng.uniform(0, 6.28), 0.08 * tall, 0.62 * tall, 0.0, 5)
    parts = [tube(bark, trunk, [0.035, 0.03, 0.027, 0.025, 0.03])]
    for i in range(16):
        reach = rng.uniform(0.3, 0.5) * max(tall, 0.5)
        rise = rng.uniform(0.15, 0.5) * tall
        path = _arc(trunk[-1], i * 2.4 + rng.uniform(-0.2, 0.2), reach, 1.6 * rise, 1.5 * rise + 0.1, 7)
        parts.append(leaf(foliage, path, rng.uniform(0.05, 0.07)))
    return parts


def _cactus(rng: np.random.Generator, foliage: Material, start: np.ndarray, tall: float) -> list[Part]:
    """A ribbed column, perhaps with arms, or a ball, with pale spines along the ribs."""
    spines, parts = plain(linear("#e8dfb8")), []

    def column(foot: np.ndarray, height: float, radius: float) -> None:
        rise = np.radians(np.linspace(-40, 85, 9))
        ribs = 1 + 0.1 * np.cos(9 * 2 * np.pi * (np.arange(36) + 0.5) / 36)
        shares = np.where(
            rise < np.radians(20), 1.0 - 0.2 * (rise < 0) * np.abs(rise), np.cos(rise - np.radians(20)) ** 0.5
        )
        heights = height * (np.linspace(0, 1, 9) ** 0.85)
        rings = stacked(shares[:, None, None] * circle(36) * ribs[:, None] * radius, heights, foot)
        parts.append(loft(foliage, rings))
        for k in range(9):
            angle = 2 * np.pi * k / 9
            for level in (2, 4, 6):
                at = foot + [
                    1.09 * radius * shares[level] * np.cos(angle),
                    1.09 * radius * shares[level] * np.sin(angle),
                    heights[level],
                ]
                out = np.array([np.cos(angle), np.sin(angle), 0.3]) * 0.018
                parts.append(tube(spines, [at - 0.3 * out, at + out], [0.002, 0.0006], 3))

    if rng.random() < 0.65:
        column(start - [0, 0, 0.02], tall, 0.07)
        for side in (-1, 1)[: rng.integers(1, 3)]:
            z = start[2] + rng.uniform(0.35, 0.5) * tall
            elbow = [(0.05 * side, 0, z), (0.12 * side, 0, z + 0.01), (0.135 * side, 0, z + 0.06)]
            parts.append(tube(foliage, elbow, [0.033, 0.036, 0.036]))
            column(np.array([0.135 * side, 0, z + 0.05]), 0.3 * tall, 0.038)
    else:
        column(start - [0, 0, 0.03], min(tall, 0.28), 0.12)
    return parts


def _fern(rng: np.random.Generator, foliage: Material, start: np.ndarray, tall: float) -> list[Part]:
    """Fronds that hang over the rim, each a rib with leaflets on both sides."""
    parts = []
    for i in range(9):
        azimuth, reach = i * 2.4 + rng.uniform(-0.2, 0.2), rng.uniform(0.26, 0.4)
        rise = tall * rng.uniform(0.5, 1.0)
        rib = _arc(start, azimuth, reach, 2.2 * rise, 2.2 * rise - 0.3 * tall + rng.uniform(0.0, 0.2), 9)
        parts.append(tube(foliage, rib, [0.004] * 8 + [0.001], 4))
        side = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        for k in range(3, 9):
            size = 0.075 * np.sin(np.pi * (k + 0.5) / 10.5) + 0.015
            onward = (rib[k] - rib[k - 1]) / np.linalg.norm(rib[k] - rib[k - 1])
            for s in (-1, 1):
                tip = rib[k] + s * size * side + 0.4 * size * onward
                parts.append(leaf(foliage, [rib[k], (rib[k] + tip) / 2 + [0, 0, 0.006], tip], 0.028))
    return parts


CATEGORIES = (
    Category(
        "potted plant",
        "floor",
        potted_plant,
        ((0.25, 0.25, 0.28), (1.6, 1.6, 1.6)),
        ("arching leaves", "broad leaves", "palm", "cactus", "fern"),
    ),
)
