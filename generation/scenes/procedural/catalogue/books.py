"""Books."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.catalogue.palette import BRIGHTS, WHITE, linear, pick, plain, seed_of
from generation.scenes.procedural.shapes import box, flat, turned


def book(rng: np.random.Generator, variant: str) -> Asset:
    """Hardback of 0.19 to 0.28 m: standing with its spine to the front, or lying flat."""
    height, thick = rng.uniform(0.19, 0.28), rng.uniform(0.018, 0.045)
    depth = height * rng.uniform(0.66, 0.78)
    color = pick(rng, BRIGHTS)
    cover = plain(color, gloss=0.15)
    board = 0.003
    parts = [
        box(cover, (thick, board, height), (0, -depth / 2 + board / 2, 0)),
        box(plain(linear("#e9e2cf")), (thick - 2 * board, depth - 0.01, height - 0.008), (0, 0, 0.004)),
    ]
    parts += [box(cover, (board, depth - board, height), (s * (thick - board) / 2, board / 2, 0)) for s in (-1, 1)]
    accent = WHITE if rng.random() < 0.5 else linear("#d9b45a")
    spine = Material("book", color, accent, scale_m=1.0, gloss=0.15, seed=seed_of(rng))
    inset = 0.001
    parts.append(flat(spine, (-thick / 2, -depth / 2 - inset, 0), (thick, 0, 0), (0, 0, height)))
    if variant == "lying":
        parts = [turned(part, "y", 90) for part in parts]
    return standing("book", parts)


CATEGORIES = (Category("book", "surface", book, ((0.015, 0.1, 0.015), (0.3, 0.25, 0.3)), ("standing", "lying")),)
