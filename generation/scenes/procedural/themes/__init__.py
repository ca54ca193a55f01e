"""What kinds of rooms there are, and how each is furnished: `THEMES` has the keys of `STYLES`.

A further type of room is a [`Style`], and a [`Theme`] in one of these files.
"""

from generation.scenes.procedural.themes import home, learning, making, wet, work
from generation.scenes.procedural.themes.theme import Fill, Theme


THEMES: dict[str, Theme] = {
    name: theme for module in (work, home, wet, learning, making) for name, theme in module.THEMES.items()
}
EVERYWHERE: Fill = {
    "potted plant": (5.0, 6), "picture": (6.0, 8), "floor lamp": (1.2, 2), "book": (2.0, 8), "vase": (1.2, 5),
    "clock": (1.0, 1), "trash can": (1.0, 2), "cardboard box": (1.6, 6), "stool": (0.8, 5), "backpack": (0.8, 3),
    "bottle": (0.8, 7), "suitcase": (0.8, 3), "basket": (1.0, 4), "umbrella": (0.4, 2), "fan": (0.4, 1),
    "radiator": (0.8, 1), "globe": (0.5, 1), "candle": (0.7, 5), "coat rack": (0.4, 1), "bicycle": (0.2, 1),
    "fire extinguisher": (0.1, 1), "table lamp": (0.9, 4), "wall shelf": (0.5, 3),
}  # fmt: skip
