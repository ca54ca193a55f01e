"""Printed and written sheets on the unit square: documents, slides, boards, maps, labels of products.

Coordinates are those of `pictures.py`.
"""

import numpy as np

from generation.rendering.noise import hash_unit, value_noise
from generation.rendering.painting import INK, PALETTE, PAPER, inside, landscape, paint, pick
from generation.rendering.texels import Texels, blend, rgb


def document(texels: Texels) -> np.ndarray:
    """A printed page: a heading, paragraphs of text, perhaps a picture."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = np.repeat(PAPER, len(x), axis=1)
    line = np.floor((0.9 - y) * 32)
    length = np.where(hash_unit(seed, 1, line) < 0.15, 0.45, 0.86 + 0.04 * hash_unit(seed, 2, line))
    letters = hash_unit(np.floor(x * aspect * 90), line, seed) < 0.8
    rows = (((0.9 - y) * 32) % 1 > 0.5) & (y < 0.82) & (y > 0.1) & (x > 0.1) & (x < length) & letters
    paint(color, rows, INK * 5)
    paint(color, inside(x, y, (0.1, 0.86, 0.62, 0.9)), texels.accent * 0.5)
    box = inside(x, y, (0.1, 0.3, 0.9, 0.52)) & (hash_unit(seed, 3) < 0.5)
    paint(color, box, landscape((x - 0.1) / 0.8, (y - 0.3) / 0.22, aspect * 3.6, texels))
    return color


def chart(texels: Texels) -> np.ndarray:
    """A sheet written on with felt pens: a heading, a list with bullets, and a bar or line chart."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = np.repeat(PAPER, len(x), axis=1)
    wave = 0.012 * np.sin(x * aspect * 130 + 5 * hash_unit(seed, np.floor(y * 14)))
    heading = (np.abs(y - 0.9 - 2 * wave) < 0.008) & (x > 0.1) & (x < 0.7)
    line = np.floor((0.84 - y) / 0.085)
    at = ((0.84 - y) / 0.085) % 1 - 0.5
    length = 0.5 + 0.38 * hash_unit(seed, 1, line)
    written = (np.abs(at - wave / 0.085) < 0.09) & (x > 0.2) & (x < length) & (line >= 0) & (line < 4)
    bullet = (np.hypot((x - 0.13) * aspect, at * 0.085) < 0.014) & (line >= 0) & (line < 4)
    paint(color, written | bullet, _pen(seed, line))
    paint(color, heading | ((np.abs(y - 0.855) < 0.004) & (x > 0.1) & (x < 0.7)), _pen(seed, 9))
    column = np.floor((x - 0.15) / 0.14)
    is_bar = ((x - 0.15) / 0.14 % 1 > 0.3) & (x > 0.15) & (x < 0.85) & (y > 0.1)
    paint(color, is_bar & (y < 0.14 + 0.3 * hash_unit(seed, 3, column)), _pen(seed, 20 + column))
    axes = ((np.abs(x - 0.13) * aspect < 0.006) & (y > 0.09) & (y < 0.47)) | (
        (np.abs(y - 0.095) < 0.006) & (x > 0.13) & (x < 0.9)
    )
    paint(color, axes, INK)
    return color


def _pen(seed: np.ndarray, *keys) -> np.ndarray:
    """Ink of a felt pen: blue, red, green or black."""
    pens = np.float32([(0.02, 0.08, 0.5), (0.55, 0.03, 0.03), (0.02, 0.3, 0.08), (0.03, 0.03, 0.035)]).T
    return pens[:, (hash_unit(seed, *keys) * 4).astype(int)]


def slide(texels: Texels) -> np.ndarray:
    """A slide on a pale ground: title bar in `color`, bullets on the left, a pie or a photo on the right."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = np.repeat(PAPER * 1.05, len(x), axis=1)
    paint(color, y > 0.82, texels.color * 0.7)
    letters = hash_unit(np.floor(x * 40), seed) < 0.85
    paint(color, inside(x, y, (0.06, 0.875, 0.6, 0.93)) & letters, PAPER)
    line = np.floor((0.74 - y) / 0.11)
    at = ((0.74 - y) / 0.11) % 1
    length = 0.24 + 0.22 * hash_unit(seed, 1, line)
    text = (at > 0.3) & (at < 0.6) & (x > 0.1) & (x < length) & (y > 0.16) & (y < 0.74)
    paint(color, text & (hash_unit(np.floor(x * 60), line, seed) < 0.85), INK * 3)
    paint(color, (at > 0.35) & (at < 0.55) & (np.abs(x - 0.075) < 0.008) & (y > 0.16) & (y < 0.74), texels.color)
    u, v = (x - 0.74) * aspect, y - 0.45
    turn = np.arctan2(v, u) / (2 * np.pi) % 1
    is_pie = hash_unit(seed, 5) < 0.5
    paint(color, is_pie & (np.hypot(u, v) < 0.28), pick(seed, 30 + np.floor(turn * (3 + seed % 3))))
    photo = inside(x, y, (0.52, 0.18, 0.95, 0.74)) & ~is_pie
    paint(color, photo, landscape((x - 0.52) / 0.43, (y - 0.18) / 0.56, aspect * 0.77, texels))
    paint(color, y < 0.05, texels.color * 0.7)
    return color


def chalkboard(texels: Texels) -> np.ndarray:
    """A board in `color` with writing, a sum and a triangle in chalk of `accent`, and the smears of the sponge."""
    x, y, aspect = texels.coords
    seed = texels.seed
    u = x * aspect
    smear = value_noise(np.stack([u * 2, y * 5, 0 * u]).astype(np.float32), seed) - 0.4
    color = blend(texels.color, texels.accent, 0.12 * np.clip(smear, 0, 1))
    line = np.floor((0.9 - y) / 0.13)
    at = ((0.9 - y) / 0.13) % 1 - 0.5
    word = np.floor(u * 7 + 3 * hash_unit(seed, 1, line))
    wave = 0.25 * np.sin(u * 95 + 6 * hash_unit(seed, 2, word)) * (0.4 + 0.6 * hash_unit(seed, 3, word, line))
    stroke = (np.abs(at - wave) < 0.1) & ((u * 7 + 3 * hash_unit(seed, 1, line)) % 1 < 0.8) & (line >= 0) & (line < 5)
    written = stroke & (u > 0.06) & (u < aspect * (0.3 + 0.25 * hash_unit(seed, 4, line)))
    left, low, base = aspect - 0.62, 0.2, 0.5
    side = (u - left) / base
    within = (side > 0) & (side < 1) & (y > low) & (y - low < 0.55 * side)
    deeper = (side > 0.05) & (side < 0.965) & (y > low + 0.02) & (y - low < 0.55 * side - 0.022)
    drawn = within & ~deeper & (aspect > 1.1)
    grain = 0.55 + 0.45 * value_noise(np.stack([u * 150, y * 150, 0 * u]).astype(np.float32), seed)
    return blend(color, texels.accent, (written | drawn) * grain)


def world_map(texels: Texels) -> np.ndarray:
    """Continents in `accent` and other colours of countries on a sea in `color`, with the lines of the globe."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = texels.color.copy()
    grid = (np.abs((x * 12) % 1 - 0.5) > 0.485) | (np.abs((y * 6) % 1 - 0.5) > 0.49)
    paint(color, grid, texels.color * 0.8)
    # Ellipses that make up the continents: centre, half axes and slant
    land = np.zeros_like(x, dtype=bool)
    coast = 0.05 * (value_noise(np.stack([x * 22, y * 14, 0 * x]).astype(np.float32), 0 * seed) - 0.5)
    for cx, cy, rx, ry, slant in CONTINENTS:
        u, v = x - cx - slant * (y - cy), y - cy
        land |= np.hypot(u / rx, v / ry) + 6 * coast < 1
    countries = np.floor(6 * value_noise(np.stack([x * 9, y * 7, 0 * x + 5]).astype(np.float32), 0 * seed))
    paint(color, land, pick(seed, 1 + countries) * 0.6 + 0.35 * texels.accent)
    return color


def label(texels: Texels) -> np.ndarray:
    """A product's label: bands in `color` and `accent`, a name, small print and a bar code."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = np.repeat(PAPER, len(x), axis=1)
    paint(color, (y > 0.8) | (y < 0.08), texels.color)
    paint(color, np.abs(y - 0.78) < 0.02, texels.accent)
    letters = hash_unit(np.floor(x * aspect * 14), seed) < 0.85
    paint(color, inside(x, y, (0.12, 0.6, 0.88, 0.7)) & letters, texels.accent * 0.6)
    line = np.floor(y * 28)
    print_ = ((y * 28) % 1 > 0.5) & inside(x, y, (0.12, 0.32, 0.86, 0.54))
    paint(color, print_ & (hash_unit(np.floor(x * aspect * 60), line, seed) < 0.75), INK * 5)
    code = inside(x, y, (0.2, 0.13, 0.8, 0.26)) & (hash_unit(np.floor(x * 50), seed, 3) < 0.5)
    paint(color, code, INK)
    return color


def cereals(texels: Texels) -> np.ndarray:
    """The front of a carton in `color`: a name on a slanted band in `accent`, and a bowl of rings and milk."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = texels.color * (0.75 + 0.45 * y)
    rays = np.arctan2(y - 0.33, (x - 0.5) * aspect) * 9 % 1 < 0.5
    paint(color, rays & (y < 0.68), texels.color * 0.7)
    slant = y - 0.12 * x
    paint(color, (slant > 0.64) & (slant < 0.86), texels.accent)
    letters = (hash_unit(np.floor(x * 8), seed) < 0.9) & (x * 8 % 1 < 0.75)
    paint(color, (slant > 0.69) & (slant < 0.81) & (x > 0.1) & (x < 0.9) & letters, PAPER)
    u, v = (x - 0.5) * aspect, y - 0.33
    bowl = (np.hypot(u / 0.27, v / 0.24) < 1) & (v < 0.02)
    paint(color, np.hypot(u / 0.29, (v - 0.03) / 0.075) < 1, PAPER)
    paint(color, bowl, PALETTE[:, 5:6] * 1.5)
    milk = np.hypot(u / 0.25, (v - 0.03) / 0.055) < 1
    paint(color, milk, PAPER * 1.05)
    ring = np.hypot((u * 14) % 1 - 0.5, (v * 22) % 1 - 0.5)
    paint(color, milk & (ring < 0.42) & (ring > 0.16), rgb(0.62, 0.33, 0.08))
    return color


CONTINENTS = np.float32(
    [
        (0.2, 0.72, 0.12, 0.15, 0.3), (0.13, 0.83, 0.08, 0.07, 0.0), (0.24, 0.52, 0.03, 0.07, -0.5),
        (0.31, 0.36, 0.06, 0.15, 0.2), (0.29, 0.24, 0.03, 0.12, 0.1), (0.36, 0.88, 0.05, 0.06, 0.0),
        (0.52, 0.73, 0.06, 0.08, 0.3), (0.5, 0.52, 0.085, 0.1, 0.0), (0.54, 0.38, 0.05, 0.16, 0.1),
        (0.72, 0.76, 0.18, 0.14, 0.0), (0.62, 0.58, 0.05, 0.08, -0.2), (0.7, 0.55, 0.035, 0.09, -0.1),
        (0.79, 0.58, 0.06, 0.1, -0.2), (0.84, 0.44, 0.06, 0.03, -0.5), (0.87, 0.28, 0.07, 0.085, 0.0),
    ]
)  # fmt: skip


PATTERNS = {
    "document": document,
    "chart": chart,
    "slide": slide,
    "chalkboard": chalkboard,
    "map": world_map,
    "label": label,
    "cereals": cereals,
}
