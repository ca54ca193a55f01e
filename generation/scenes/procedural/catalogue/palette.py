"""Materials of household things, drawn from small palettes of plausible colours."""

import numpy as np

from generation.scenes.appearance import Material


def linear(hex_color: str) -> tuple[float, float, float]:
    """Linear RGB of an sRGB colour written `"#rrggbb"` (IEC 61966-2-1)."""
    encoded = [int(hex_color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded)


# Pairs of main colour and grain
WOODS = (
    ("#c9a06c", "#a67c4a"),  # oak
    ("#e0c79c", "#c8a873"),  # birch
    ("#7a4f30", "#573520"),  # walnut
    ("#9c5b36", "#77401f"),  # cherry
    ("#60432f", "#452e21"),  # wenge
    ("#d8b384", "#b98d58"),  # pine
)
FABRICS = (
    "#5d6b78",
    "#8a8378",
    "#3f4a5a",
    "#a34a3c",
    "#6f7f5c",
    "#c2b49c",
    "#38506b",
    "#8d5a72",
    "#b8863a",
    "#4c4c50",
)
BRIGHTS = (
    "#c8402f",
    "#2f6fb5",
    "#3a9158",
    "#e0a52d",
    "#e7e2d6",
    "#7b4fa0",
    "#e06f3a",
    "#2a9aa0",
    "#d9688f",
    "#3b4048",
)
GLAZES = ("#f0ece2", "#c7d6dc", "#385f7d", "#a8503a", "#6d8a6a", "#e3c27a", "#4a4644", "#d7a7a0", "#2f7f86", "#f5f3ee")
TOOL_COLORS = ("#c8402f", "#e0a52d", "#2f6fb5", "#3a9158", "#e06f3a")
PLASTICS = ("#26272a", "#3b3e43", "#d9d9d6", "#f0f0ee", "#8b8f94")

BLACK, DARK, GREY, WHITE = (linear(color) for color in ("#26272b", "#4b4e54", "#94979c", "#f2f1ee"))
STEEL, BRASS, ALUMINIUM = (linear(color) for color in ("#b9bcc0", "#b08d57", "#c3c5c8"))


def pick(rng: np.random.Generator, colors: tuple[str, ...]) -> tuple[float, float, float]:
    """One colour of a palette, linear RGB."""
    return linear(colors[rng.integers(len(colors))])


def seed_of(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 16))


def wood(rng: np.random.Generator) -> Material:
    """Varnished wood."""
    color, accent = WOODS[rng.integers(len(WOODS))]
    return Material("wood", linear(color), linear(accent), scale_m=0.05, gloss=0.2, seed=seed_of(rng))


def wood_or_paint(rng: np.random.Generator) -> Material:
    """Wood, or now and then white or dark paint over it, as furniture has it."""
    return wood(rng) if rng.random() < 0.7 else plain((WHITE, DARK)[rng.integers(2)], gloss=0.2)


def plain(color: tuple[float, float, float], gloss: float = 0.0, emission: float = 0.0) -> Material:
    """One even colour."""
    return Material("plain", color, color, gloss=gloss, emission=emission)


def fabric(rng: np.random.Generator, colors: tuple[str, ...] = FABRICS) -> Material:
    """Woven upholstery."""
    color = pick(rng, colors)
    return Material("fabric", color, tuple(0.7 * c for c in color), scale_m=0.03, seed=seed_of(rng))


def leather(rng: np.random.Generator) -> Material:
    """Smooth, slightly shiny upholstery."""
    return plain(pick(rng, ("#2a2523", "#6b3f27", "#8c5a36", "#d8cfc0", "#5a1f1c")), gloss=0.3)


def upholstery(rng: np.random.Generator) -> Material:
    """Fabric, or sometimes leather."""
    return fabric(rng) if rng.random() < 0.75 else leather(rng)


def metal(color: tuple[float, float, float] = GREY) -> Material:
    """Polished or brushed metal."""
    return Material("metal", color, tuple(0.8 * c for c in color), scale_m=0.1, gloss=0.7)


def mirror_glass() -> Material:
    """The silvered side of a mirror."""
    return Material("mirror", linear("#dfe6e8"), gloss=1.0)


def plastic(rng: np.random.Generator, colors: tuple[str, ...] = PLASTICS) -> Material:
    """Moulded plastic."""
    return plain(pick(rng, colors), gloss=0.25)


def ceramic(rng: np.random.Generator) -> Material:
    """Glazed pottery."""
    return plain(pick(rng, GLAZES), gloss=0.5)


def glowing() -> Material:
    """A lamp's bulb or the shade around it."""
    return plain(linear("#fff0d0"), emission=1.5)


def image(pattern: str, rng: np.random.Generator, emission: float = 0.0) -> Material:
    """A flat pattern in texture coordinates from 0 to 1 (`"picture"`, `"screen"`, `"rug"`, `"label"`, ...)."""
    colors = (linear(BRIGHTS[k]) for k in rng.choice(len(BRIGHTS), 2, replace=False))
    return Material(pattern, *colors, scale_m=1.0, gloss=0.05, emission=emission, seed=seed_of(rng))


def machine_paint(rng: np.random.Generator) -> Material:
    """Enamel of machines and of workshop furniture."""
    return plain(pick(rng, ("#2f5f4a", "#34577a", "#c23a2c", "#6f7a80", "#d98a24")), gloss=0.4)


PORCELAIN = plain(WHITE, gloss=0.6)
CHROME = metal(STEEL)
PANE = plain(linear("#bcd3d6"), gloss=0.9)
