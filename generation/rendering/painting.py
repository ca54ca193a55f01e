"""What flat patterns are painted with: colours, and shapes laid over one another."""

import numpy as np

from generation.rendering.noise import hash_unit, value_noise
from generation.rendering.texels import Texels, blend, rgb


PAPER, INK = rgb(0.86, 0.85, 0.82), rgb(0.03, 0.03, 0.035)
PALETTE = np.float32(
    [
        (0.60, 0.08, 0.06), (0.75, 0.30, 0.05), (0.80, 0.58, 0.12), (0.16, 0.36, 0.14),
        (0.05, 0.25, 0.30), (0.06, 0.13, 0.38), (0.28, 0.12, 0.30), (0.55, 0.42, 0.30),
    ]
).T  # fmt: skip


def pick(seed: np.ndarray, *keys) -> np.ndarray:
    """A colour `(3, N)` of the palette for each seed and key."""
    return PALETTE[:, (hash_unit(seed, *keys) * PALETTE.shape[1]).astype(int)]


def paint(color: np.ndarray, where: np.ndarray, coat: np.ndarray) -> None:
    """Lay a colour, `(3, 1)` or `(3, N)`, over the points `where`, in place."""
    color[:, where] = coat if coat.shape[1] == 1 else coat[:, where]


def inside(x: np.ndarray, y: np.ndarray, box: tuple) -> np.ndarray:
    """Whether points lie in the rectangle of lower left and upper right corner (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    return (x >= x0) & (x < x1) & (y >= y0) & (y < y1)


def landscape(x, y, aspect, texels: Texels) -> np.ndarray:
    """Sky with a sun or moon, three ranges of hills, a field or a lake."""
    seed = texels.seed
    dusk = hash_unit(seed, 1)
    low = blend(rgb(0.85, 0.85, 0.80), rgb(0.90, 0.50, 0.22), dusk)
    high = blend(rgb(0.22, 0.45, 0.75), rgb(0.25, 0.20, 0.42), dusk)
    color = blend(low, high, np.clip(1.7 * y - 0.7, 0, 1))
    sun = np.hypot((x - 0.2 - 0.6 * hash_unit(seed, 2)) * aspect, y - 0.72) < 0.09
    paint(color, sun, rgb(0.98, 0.88, 0.62))
    near = blend(rgb(0.06, 0.17, 0.05), rgb(0.12, 0.16, 0.03), hash_unit(seed, 4))
    for ridge in range(3):
        along = np.stack([(x * aspect + 7 * hash_unit(seed, 5)) * (1.5 + ridge), np.full_like(x, 9.0 * ridge), 0 * x])
        crest = 0.58 - 0.16 * ridge + (0.34 - 0.1 * ridge) * (value_noise(along, seed) - 0.4)
        paint(color, y < crest, blend(near, low * 0.55, 0.75 - 0.35 * ridge))
    lake = (y < 0.16) & (hash_unit(seed, 6) < 0.5)
    paint(color, lake, blend(high, low, np.clip(5 * y, 0, 1)) * 0.8)
    return color
