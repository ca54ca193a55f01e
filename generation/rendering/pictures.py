"""Flat patterns on the unit square: pictures, screens, rugs, dials, keyboards, book spines.

x runs right and y up, both in [0, 1]; the third coordinate is the width over the height. A seed picks the variant.
Shapes have hard edges: the renderer samples edges more finely.
"""

import numpy as np

from generation.rendering import prints
from generation.rendering.noise import band_coverage, hash_unit, value_noise, visible_detail
from generation.rendering.painting import INK, PAPER, inside, landscape, paint, pick
from generation.rendering.texels import Texels, blend, rgb


def picture(texels: Texels) -> np.ndarray:
    """A landscape, an abstract or a portrait on paper, within a mount."""
    x, y, aspect = texels.coords
    margin_x, margin_y = 0.07 / np.maximum(aspect, 1), 0.07 * np.minimum(aspect, 1)
    px, py = (x - margin_x) / (1 - 2 * margin_x), (y - margin_y) / (1 - 2 * margin_y)
    kind = texels.seed % 3
    color = np.where(kind == 0, landscape(px, py, aspect, texels), _abstract(px, py, aspect, texels))
    color = np.where(kind == 2, _portrait(px, py, aspect, texels), color)
    paint(color, ~inside(px, py, (0, 0, 1, 1)), PAPER)
    return color


def _abstract(x, y, aspect, texels: Texels) -> np.ndarray:
    """Fields of colour between bars, with a disc and a ring."""
    seed = texels.seed
    cut_x, cut_y = 0.3 + 0.4 * hash_unit(seed, 1), 0.3 + 0.4 * hash_unit(seed, 2)
    column, row = (x > cut_x).astype(int) + (x > 0.82), (y > cut_y).astype(int) + (y > 0.85)
    color = pick(seed, 10 + column, 20 + row).copy()
    paint(color, hash_unit(seed, 30 + column, row) < 0.4, PAPER)
    for index in range(2):
        centre = 0.25 + 0.5 * hash_unit(seed, 40 + index), 0.25 + 0.5 * hash_unit(seed, 50 + index)
        radius = np.hypot((x - centre[0]) * aspect, y - centre[1])
        shape = (radius < 0.24) if index == 0 else (np.abs(radius - 0.2) < 0.035)
        paint(color, shape, pick(seed, 60 + index))
    bars = (np.abs(x - cut_x) * aspect < 0.012) | (np.abs(y - cut_y) < 0.012)
    paint(color, bars, INK)
    return color


def _portrait(x, y, aspect, texels: Texels) -> np.ndarray:
    """Head and shoulders before a plain ground."""
    seed = texels.seed
    u, v = (x - 0.5) * aspect / np.minimum(aspect, 0.8), y
    color = pick(seed, 1) * (0.45 + 0.5 * np.clip(1.2 - 1.4 * np.hypot(u, v - 0.55), 0, 1))
    skin = blend(rgb(0.72, 0.46, 0.33), rgb(0.22, 0.11, 0.06), hash_unit(seed, 2))
    hair = blend(rgb(0.04, 0.025, 0.02), rgb(0.45, 0.26, 0.08), hash_unit(seed, 3) ** 2)
    paint(color, np.hypot(u / 0.25, (v - 0.62) / 0.29) < 1, hair)
    paint(color, (np.abs(u) < 0.09) & (v < 0.5) & (v > 0.2), skin * 0.8)
    paint(color, np.hypot(u / 0.46, (v + 0.02) / 0.36) < 1, pick(seed, 4) * 0.8)
    paint(color, np.hypot(u / 0.19, (v - 0.58) / 0.235) < 1, skin)
    paint(color, (np.hypot(u / 0.2, (v - 0.58) / 0.25) < 1) & (v > 0.72 + 0.3 * np.abs(u - 0.04)), hair)
    eyes = np.hypot((np.abs(u) - 0.075) / 0.026, (v - 0.6) / 0.014) < 1
    mouth = (np.abs(v - 0.45 - 0.6 * u * u) < 0.011) & (np.abs(u) < 0.07)
    paint(color, eyes, INK)
    paint(color, mouth, rgb(0.45, 0.10, 0.09))
    paint(color, (np.abs(u) < 0.012) & (v > 0.5) & (v < 0.58), skin * 0.75)
    return color


def screen(texels: Texels) -> np.ndarray:
    """A desktop: `color` behind two windows, one of text and one with a chart or a photo; title bars in `accent`."""
    x, y, aspect = texels.coords
    seed = texels.seed
    color = texels.color * (0.55 + 0.3 * y)
    paint(color, y < 0.06, INK)
    icon = x * aspect / 0.05
    paint(color, (y < 0.05) & (y > 0.012) & (x < 0.3) & (icon % 1 < 0.7), pick(seed, np.floor(icon)))
    left = 0.05 + 0.08 * hash_unit(seed, 1)
    text = inside(x, y, (left, 0.14, left + 0.42, 0.92))
    _window(color, texels, text, y > 0.86)
    line = np.floor((0.84 - y) / 0.05)
    length = left + 0.04 + 0.34 * (0.35 + 0.65 * hash_unit(seed, 2, line))
    written = text & (y < 0.82) & (y > 0.18) & (((0.84 - y) / 0.05) % 1 > 0.55) & (x > left + 0.03) & (x < length)
    paint(color, written, pick(seed, 3, np.floor(line / 4)) * 0.5)
    x0, x1 = left + 0.45, np.float32(0.97)
    chart = inside(x, y, (x0, 0.3, x1, 0.88))
    _window(color, texels, chart, y > 0.82)
    column = np.floor((x - x0) / (x1 - x0) * 8)
    bar = ((x - x0) / (x1 - x0) * 8) % 1
    height = 0.34 + 0.4 * hash_unit(seed, 4, column)
    is_chart = hash_unit(seed, 5) < 0.5
    paint(color, chart & is_chart & (bar > 0.25) & (bar < 0.8) & (y > 0.34) & (y < height), pick(seed, 6))
    photo = landscape((x - x0) / (x1 - x0), (y - 0.3) / 0.52, aspect * 0.8, texels)
    paint(color, chart & ~is_chart & (y < 0.82), photo)
    return color


def _window(color: np.ndarray, texels: Texels, inside: np.ndarray, is_bar: np.ndarray) -> None:
    paint(color, inside, PAPER)
    paint(color, inside & is_bar, texels.accent)


def rug(texels: Texels) -> np.ndarray:
    """Borders in `accent`, a lattice of diamonds and a medallion, with the tufts of the pile."""
    x, y, aspect = texels.coords
    seed = texels.seed
    u, v = (x - 0.5) * aspect, y - 0.5
    short = np.minimum(aspect, 1)
    edge = np.minimum(aspect / 2 - np.abs(u), 0.5 - np.abs(v)) / short
    color = texels.color.copy()
    count = 5 + (seed % 3)
    diamond = np.abs((u / short * count) % 1 - 0.5) + np.abs((v / short * count) % 1 - 0.5)
    paint(color, diamond < 0.16, texels.accent)
    paint(color, np.abs(diamond - 0.36) < 0.05, 0.55 * texels.color)
    star = (np.abs(u) + np.abs(v)) / short + 0.12 * np.cos(np.arctan2(v, u) * 8)
    paint(color, star < 0.34, 0.45 * texels.color)
    paint(color, star < 0.29, texels.accent)
    paint(color, star < 0.2, texels.color)
    paint(color, star < 0.1, PAPER * 0.9)
    paint(color, edge < 0.13, texels.accent)
    along = np.where(np.abs(u) * 2 / aspect > np.abs(v) * 2, v, u) / short
    paint(color, (np.abs(edge - 0.075) < 0.03) & (np.abs((along * 14) % 1 - 0.5) < 0.28), 0.6 * texels.color)
    paint(color, (edge < 0.03) | (np.abs(edge - 0.12) < 0.008), 0.4 * texels.color)
    tufts = value_noise(np.stack([u * 160, v * 160, 0 * u]).astype(np.float32), seed) - 0.5
    return color * (1 + 0.35 * tufts * visible_detail(np.float32(1 / 160), texels.footprint_m))


def clock(texels: Texels) -> np.ndarray:
    """A pale dial with twelve marks; the seed sets the hands."""
    x, y, aspect = texels.coords
    u, v = (x - 0.5) * np.maximum(aspect, 1), (y - 0.5) / np.minimum(aspect, 1)
    radius, angle = np.hypot(u, v), np.arctan2(u, v) / (2 * np.pi) % 1  # clockwise from twelve, in turns
    color = blend(rgb(0.88, 0.88, 0.86), texels.color, 0.12)
    off_mark = np.abs((angle * 12 + 0.5) % 1 - 0.5) / 12 * 2 * np.pi * radius
    is_quarter = np.abs((angle * 4 + 0.5) % 1 - 0.5) < 0.1
    paint(color, (radius > np.where(is_quarter, 0.33, 0.37)) & (radius < 0.43) & (off_mark < 0.014), INK)
    time = hash_unit(texels.seed, 1)
    for turn, length, width in ((time, 0.23, 0.020), (time * 12 % 1, 0.35, 0.014)):
        sine, cosine = np.sin(2 * np.pi * turn), np.cos(2 * np.pi * turn)
        along, across = u * sine + v * cosine, u * cosine - v * sine
        paint(color, (along > -0.05) & (along < length) & (np.abs(across) < width), INK)
    paint(color, radius < 0.03, texels.accent)
    paint(color, radius > 0.465, INK)
    return color


def keys(texels: Texels) -> np.ndarray:
    """A keyboard: five rows of caps in `color` on a base in `accent`, a space bar in the lowest."""
    x, y, aspect = texels.coords
    row = np.floor(y * 5)
    columns = np.round(5 * aspect)
    place = x * columns + 0.5 * (row % 2) * ((row > 0) & (x > 0.06) & (x < 0.94))
    is_space = (row == 0) & (x > 0.25) & (x < 0.62)
    cap = np.where(is_space, 99, np.floor(place))
    gap_x = np.where(is_space, 0.0, band_coverage(place + 0.09, 0.18, texels.footprint_m * columns))
    gap_y = band_coverage(y * 5 + 0.09, 0.18, texels.footprint_m * 5)
    shade = 0.9 + 0.2 * hash_unit(row, cap, texels.seed)
    dished = 1 + 0.25 * ((y * 5) % 1 - 0.5)
    color = blend(texels.color * (shade * dished), texels.accent, 1 - (1 - gap_x) * (1 - gap_y))
    letter = np.hypot(place % 1 - 0.42, (y * 5) % 1 - 0.6) < 0.09
    ink = np.where(texels.color.mean(axis=0) > 0.25, INK, PAPER)
    return blend(color, ink, 0.6 * (letter & ~is_space) * visible_detail(0.3 / columns, texels.footprint_m))


def book(texels: Texels) -> np.ndarray:
    """A spine: `color` with bands, a title and a publisher's mark in `accent`."""
    x, y, _ = texels.coords
    seed = texels.seed
    color = texels.color * (1 - 0.5 * (2 * x - 1) ** 4)  # rounded back
    low, high = 0.42 + 0.1 * hash_unit(seed, 1), 0.78 + 0.06 * hash_unit(seed, 2)
    is_label = (hash_unit(seed, 3) < 0.4) & (y > low - 0.03) & (y < high + 0.03)
    paint(color, is_label, texels.accent)
    letters = hash_unit(np.floor(y * 60), np.floor(x * 4 + 0.5), seed) < 0.72
    title = (y > low) & (y < high) & (np.abs(x - 0.5) < 0.2) & letters
    paint(color, title, np.where(is_label, INK, texels.accent))
    bands = (np.abs(y - 0.9) < 0.012) | (np.abs(y - 0.1) < 0.012) | (np.abs(y - 0.06) < 0.005)
    paint(color, bands & (hash_unit(seed, 4) < 0.75), texels.accent)
    paint(color, np.hypot(x - 0.5, (y - 0.2) * 6) < 0.25, texels.accent)
    return color


PATTERNS = {
    "picture": picture,
    "screen": screen,
    "rug": rug,
    "clock": clock,
    "keys": keys,
    "book": book,
    **prints.PATTERNS,
}
