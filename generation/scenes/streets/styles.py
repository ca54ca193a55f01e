"""How a town house looks: proportions, materials, and what its fronts have."""

from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.catalogue.palette import linear, pick, plain, seed_of


GROUND_M, STOREY_M, STOREYS = (3.5, 4.1), (2.85, 3.3), (2, 5)
PLASTERS = ("#d8cfb8", "#e3dccb", "#c9b79a", "#d9b98a", "#c58f6a", "#b7c0b4", "#9fb0b8", "#d4a59a", "#e9e4d8",
            "#c4c2bb",
            "#cdb06f", "#a9b89a", "#b98d7a")  # fmt: skip
BRICKS = (
    ("#8a4a38", "#a89c8c"),
    ("#9c5a40", "#b3a796"),
    ("#73402f", "#8f8578"),
    ("#b08a62", "#bdb29f"),
    ("#a2715a", "#c2b8a8"),
)
STONES = (("#bdb39f", "#8f8675"), ("#a7a49c", "#7e7b74"), ("#cbbfa6", "#a09480"))
TRIMS = ("#efece4", "#d9d2c2", "#b8b2a4", "#5a564f")
FRAMES = ("#f0efea", "#f0efea", "#4a3a2c", "#2f3a36", "#6b6f72")
SHOPS = ("#23415e", "#7a2b26", "#2f5a44", "#1f2226", "#b3852e", "#5c3b5e", "#e2ddd0", "#9c4a22", "#2d6a72")
BACKS = ("#8f8676", "#b5a58a", "#6f7f86", "#a07a66", "#7b8a6f", "#d0c8b6")
LAMPLIGHTS = ("#ffcf8a", "#ffe0b0", "#ffc070", "#fff0d8")
ROOFS = (("#7c3f2f", "#5c2d22"), ("#4a4d52", "#35373b"), ("#6b4a3c", "#4f362c"))


@dataclass(frozen=True)
class Style:
    """How one building looks.

    Args:
        width, ground, storey (`float`): metres; the ground floor's and the others' height.
        storeys (`int`): above the ground floor.
        wall, foot, trim, frame, leaf, shop, roof ([`Material`]): of the front, of its ground floor, ...
        curtain ([`Material`]): behind some of the panes.
        lit ([`Material`], *optional*): of panes behind which a lamp burns.
        back ([`Material`]): of the walls behind the shop windows.
        pitch, window (`float`, `tuple` of 2 `float`): distance of the windows' middles, their width and height.
        bars (`tuple` of 2 `int`): columns and rows of each window.
        is_shop, has_gable_roof, has_balconies, has_awning (`bool`).
    """

    width: float
    ground: float
    storey: float
    storeys: int
    wall: Material
    foot: Material
    trim: Material
    frame: Material
    leaf: Material
    shop: Material
    roof: Material
    curtain: Material
    lit: Material | None
    back: Material
    pitch: float
    window: tuple[float, float]
    bars: tuple[int, int]
    is_shop: bool
    has_gable_roof: bool
    has_balconies: bool
    has_awning: bool

    @property
    def height(self) -> float:
        """Of the eaves, metres."""
        return self.ground + self.storeys * self.storey


def draw_style(width: float, is_dusk: bool, rng: np.random.Generator) -> Style:
    """A random style for a plot of this width."""
    kind = rng.random()
    if kind < 0.5:
        face = Material("plaster", pick(rng, PLASTERS), scale_m=1.0, seed=seed_of(rng))
    elif kind < 0.85:
        color, mortar = BRICKS[rng.integers(len(BRICKS))]
        face = Material("brick", linear(color), linear(mortar), scale_m=0.24, seed=seed_of(rng))
    else:
        color, joint = STONES[rng.integers(len(STONES))]
        face = Material("tile", linear(color), linear(joint), scale_m=0.6, seed=seed_of(rng))
    stone, joint = STONES[rng.integers(len(STONES))]
    foot = (
        Material("tile", linear(stone), linear(joint), scale_m=0.5, seed=seed_of(rng)) if rng.random() < 0.4 else face
    )
    tiles, gap = ROOFS[rng.integers(len(ROOFS))]
    size = rng.uniform(0.95, 1.5), rng.uniform(1.45, 1.95)
    return Style(
        width=width,
        ground=rng.uniform(*GROUND_M),
        storey=rng.uniform(*STOREY_M),
        storeys=int(rng.integers(*STOREYS)),
        wall=face,
        foot=foot,
        trim=Material("plaster", pick(rng, TRIMS), scale_m=0.8),
        frame=plain(pick(rng, FRAMES), gloss=0.2),
        leaf=plain(pick(rng, ("#5a2f22", "#2f4a3a", "#23364e", "#6b4a30", "#3a3a3c", "#7b1f22")), gloss=0.3),
        shop=plain(pick(rng, SHOPS), gloss=0.25),
        roof=Material("tile", linear(tiles), linear(gap), scale_m=0.3, seed=seed_of(rng)),
        curtain=plain(pick(rng, ("#7d7a72", "#8d8a84", "#6b6a68")), gloss=0.8),
        lit=plain(pick(rng, LAMPLIGHTS), emission=rng.uniform(0.35, 0.75)) if is_dusk else None,
        back=Material("plaster", pick(rng, BACKS)),
        pitch=size[0] + rng.uniform(0.9, 1.6),
        window=size,
        bars=((1, 2, 2, 3)[rng.integers(4)], int(rng.integers(1, 3))),
        is_shop=rng.random() < 0.6,
        has_gable_roof=rng.random() < 0.55,
        has_balconies=rng.random() < 0.3,
        has_awning=rng.random() < 0.5,
    )
