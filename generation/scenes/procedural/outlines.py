"""Outlines `(N, 2)` from which solids are built: counter-clockwise, about the origin."""

from collections.abc import Sequence

import numpy as np


Vector = Sequence[float] | np.ndarray


def circle(sides: int) -> np.ndarray:
    """Unit circle `(sides, 2)`, counter-clockwise; with 4 sides its edges are along the axes."""
    angles = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def rounded_rectangle(width: float, depth: float, radius: float, steps: int = 2) -> np.ndarray:
    """Outline `(4 * (steps + 1), 2)` of a rectangle with round corners, counter-clockwise about the origin."""
    quarter = np.linspace(0, np.pi / 2, steps + 1)
    angles = (quarter + np.pi / 2 * np.arange(4)[:, None]).ravel()
    signs = np.repeat([[1, 1], [-1, 1], [-1, -1], [1, -1]], steps + 1, axis=0)
    corner = np.array([width / 2 - radius, depth / 2 - radius])
    return signs * corner + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def egg(width: float, front: float, back: float, sides: int = 24) -> np.ndarray:
    """Oval outline `(sides, 2)` about the origin that reaches to y = `-front` and y = `back`."""
    unit = circle(sides)
    return unit * np.stack([np.full(sides, width / 2), np.where(unit[:, 1] < 0, front, back)], axis=1)


def with_points_along_sides(outlines: np.ndarray) -> np.ndarray:
    """Rounded rectangles `(R, 12, 2)` with two more points on each side: a dome over them is shaded evenly."""
    ends = outlines[:, 2::3], np.roll(outlines, -1, axis=1)[:, 2::3]  # where each side begins and ends
    between = [ends[0] + share * (ends[1] - ends[0]) for share in (1 / 3, 2 / 3)]
    corners = outlines.reshape(len(outlines), 4, 3, 2)
    return np.concatenate([corners, np.stack(between, axis=2)], axis=2).reshape(len(outlines), 20, 2)


def stacked(outlines: np.ndarray, heights: Vector, base: Vector = (0, 0, 0)) -> np.ndarray:
    """Rings `(R, N, 3)` for [`loft`] from horizontal outlines `(R, N, 2)` at `heights` above `base`."""
    heights = np.broadcast_to(np.asarray(heights, dtype=float)[:, None, None], (*outlines.shape[:2], 1))
    return np.concatenate([outlines, heights], axis=2) + np.asarray(base, dtype=float)
