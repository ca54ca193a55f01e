"""Materials of things in the street."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.catalogue.palette import linear, pick, plain, seed_of


CAR_COLORS = (
    "#e9e9e6", "#e9e9e6", "#b4b8bb", "#b4b8bb", "#6f7478", "#3a3d41", "#1d1f22", "#1d1f22", "#23427a", "#31609c",
    "#9c1f1f", "#b8352a", "#2f4a3a", "#c9bfa8", "#6a4a35", "#c77a24", "#4d7f8f",
)  # fmt: skip
CLOTHES = (
    "#20232a", "#2d3b55", "#4a5a70", "#6d7f93", "#7b2f2f", "#a8443a", "#c9a23a", "#3f5b43", "#6a7a52", "#d8d3c6",
    "#efefec", "#8a6a4c", "#564438", "#5e4a72", "#b56a83", "#2f6f74", "#d8743a",
)  # fmt: skip
TROUSERS = ("#1f2430", "#2c3a56", "#3d4f70", "#26272b", "#4b4a48", "#7a6c58", "#a39a86", "#5b3f32")
SKINS = ("#e3b899", "#d3a07c", "#b97f5a", "#8d5a3c", "#5f3b28", "#f0cdb4")
HAIRS = ("#17120f", "#2e2018", "#4f3423", "#7a5232", "#a9834f", "#8c8a86", "#5c2a18")
GREENS = ("#4a6a2c", "#567a34", "#3f5f2e", "#68853c", "#75863a", "#43663a")

RUBBER, GLASS = plain(linear("#1b1c1e")), plain(linear("#1c2329"), gloss=0.9)
SHOP_GLASS = plain(linear("#3c464c"), gloss=0.9)
BLACK_TRIM, CHROME = (
    plain(linear("#202224"), gloss=0.15),
    Material("metal", linear("#c6c9cc"), linear("#9a9da0"), 0.1, 0.8),
)
SIGN_WHITE, SIGN_RED, SIGN_BLUE, SIGN_YELLOW, SIGN_BLACK = (
    plain(linear(color), gloss=0.1) for color in ("#eeeeea", "#b8121b", "#0f4a9c", "#f0b61c", "#15161a")
)
GALVANISED = Material("metal", linear("#9fa3a6"), linear("#85898c"), 0.3, 0.3)
CONCRETE = Material("plaster", linear("#a5a29b"), scale_m=0.5)


def paint(rng: np.random.Generator, colors: tuple[str, ...] = CAR_COLORS) -> Material:
    """Car paint."""
    return plain(pick(rng, colors), gloss=0.55)


def cloth(rng: np.random.Generator, colors: tuple[str, ...] = CLOTHES) -> Material:
    """Woven clothes."""
    color = pick(rng, colors)
    return Material("fabric", color, tuple(0.75 * c for c in color), scale_m=0.02, seed=seed_of(rng))


def street_metal(rng: np.random.Generator) -> Material:
    """Painted or galvanised steel of street furniture."""
    return (
        GALVANISED if rng.random() < 0.4 else plain(pick(rng, ("#23282c", "#1f3a2e", "#3b4147", "#5c6468")), gloss=0.3)
    )


def slats(rng: np.random.Generator) -> Material:
    """Weathered wood."""
    color, accent = (("#8a5f3a", "#6a4527"), ("#7b6a55", "#5f5140"), ("#a06f3f", "#7d522b"))[rng.integers(3)]
    return Material("wood", linear(color), linear(accent), scale_m=0.05, gloss=0.05, seed=seed_of(rng))


def foliage(rng: np.random.Generator) -> Material:
    """Leaves of a tree or shrub."""
    color = pick(rng, GREENS)
    return Material("leaf", color, tuple(0.55 * c for c in color), scale_m=0.12, gloss=0.05, seed=seed_of(rng))
