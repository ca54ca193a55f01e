"""Walls with openings: windows with reveals, frames and sills, doors and shop fronts.

A wall stands in the plane y = 0 of its own frame, is seen from -y, and begins at x = 0.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Part
from generation.scenes.procedural.catalogue.palette import BRIGHTS, linear, pick, plain
from generation.scenes.streets.solids import quads


REVEAL_M = 0.14
FRAME_M = 0.06
DISPLAY_M = 0.7  # depth of a shop window
NICHE = plain(linear("#a49a8a"))
GOODS = (*BRIGHTS, "#efe9da", "#2b2d31", "#9a7b55", "#c9b48c", "#d7d2c8")
Box = tuple[float, float, float, float]  # x0, z0, x1, z1


@dataclass
class Builder:
    """Quadrangles by material, for one building."""

    faces: dict[Material, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))

    def add(self, material: Material, corners: Iterable) -> None:
        """Quadrangles `(Q, 4, 3)`, each counter-clockwise from outside."""
        self.faces[material].append(np.asarray(corners, dtype=float).reshape(-1, 4, 3))

    def rectangles(self, material: Material, boxes: list[Box], y: float) -> None:
        """Upright rectangles that face -y."""
        x0, z0, x1, z1 = np.array(boxes, dtype=float).reshape(-1, 4).T
        y = np.full(len(x0), y)
        corners = [(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)]
        self.add(material, np.stack([np.stack(c, axis=1) for c in corners], axis=1))

    def cuboid(self, material: Material, low: tuple, high: tuple) -> None:
        """Box between two corners, all six sides."""
        x, y, z = zip(low, high, strict=True)
        index = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
        corner = np.array([(x[i], y[j], z[k]) for i, j, k in index])
        sides = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (4, 5, 6, 7), (3, 2, 1, 0)]
        self.add(material, corner[np.array(sides)])

    def place(self, other: "Builder", angle_deg: float, offset: tuple[float, float, float]) -> None:
        """Add what another builder has, turned about the vertical and moved."""
        cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
        turn = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
        for material, found in other.faces.items():
            self.faces[material] += [one @ turn + offset for one in found]

    def parts(self) -> tuple[Part, ...]:
        return tuple(quads(material, np.concatenate(found)) for material, found in self.faces.items())


def wall(builder: Builder, material: Material, length: float, low: float, high: float, openings: list[Box]) -> None:
    """A wall from height `low` to `high` with openings side by side, and their reveals."""
    openings = sorted(openings)
    edges = [0.0, *(x for x0, _, x1, _ in openings for x in (x0, x1)), length]
    solid = [(a, low, b, high) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1e-6]
    for x0, z0, x1, z1 in openings:
        solid += [(x0, a, x1, b) for a, b in ((low, z0), (z1, high)) if b - a > 1e-6]
    builder.rectangles(material, solid, 0.0)
    r = REVEAL_M
    for x0, z0, x1, z1 in openings:
        builder.add(material, [
            [(x0, r, z0), (x0, r, z1), (x0, 0, z1), (x0, 0, z0)], [(x1, r, z1), (x1, r, z0), (x1, 0, z0), (x1, 0, z1)],
            [(x1, 0, z0), (x1, r, z0), (x0, r, z0), (x0, 0, z0)], [(x1, r, z1), (x1, 0, z1), (x0, 0, z1), (x0, r, z1)],
        ])  # fmt: skip


def window(builder: Builder, box: Box, frame: Material, pane: Material, columns: int = 2, rows: int = 1) -> None:
    """Pane and bars within an opening, set back into the wall."""
    builder.rectangles(pane, [box], REVEAL_M)
    _bars(builder, box, frame, columns, rows)


def _bars(builder: Builder, box: Box, frame: Material, columns: int, rows: int) -> None:
    x0, z0, x1, z1 = box
    y, w = REVEAL_M - 0.045, FRAME_M
    bars = [(x0, z0, x0 + w, z1), (x1 - w, z0, x1, z1), (x0 + w, z0, x1 - w, z0 + w), (x0 + w, z1 - w, x1 - w, z1)]
    bars += [(x - 0.5 * w, z0 + w, x + 0.5 * w, z1 - w) for x in np.linspace(x0, x1, columns + 1)[1:-1]]
    builder.rectangles(frame, bars, y)
    cross = [(x0 + w, z - 0.4 * w, x1 - w, z + 0.4 * w) for z in z0 + (z1 - z0) * np.array([0.62, 0.3])[: rows - 1]]
    builder.rectangles(frame, cross, y - 0.005)


def display(builder: Builder, box: Box, frame: Material, back: Material, rng: np.random.Generator) -> None:
    """Shop window: a niche behind bars, with goods on its floor and on a shelf, as if the pane were clean."""
    x0, z0, x1, z1 = box
    _bars(builder, box, frame, max(2, round((x1 - x0) / 1.3)), 1)
    r, d = REVEAL_M, DISPLAY_M
    builder.rectangles(back, [box], d)
    builder.add(NICHE, [
        [(x0, d, z0), (x0, d, z1), (x0, r, z1), (x0, r, z0)], [(x1, d, z1), (x1, d, z0), (x1, r, z0), (x1, r, z1)],
        [(x1, r, z0), (x1, d, z0), (x0, d, z0), (x0, r, z0)], [(x1, d, z1), (x1, r, z1), (x0, r, z1), (x0, d, z1)],
    ])  # fmt: skip
    shelf = z0 + rng.uniform(0.95, 1.25)
    builder.cuboid(NICHE, (x0, d - 0.25, shelf), (x1, d - 0.01, shelf + 0.03))
    colors = [plain(pick(rng, GOODS), gloss=0.2) for _ in range(3)]
    for low, depth, tallest in ((z0, 0.3, 0.75), (shelf + 0.03, 0.2, 0.5)):
        x = x0 + 0.1
        while x < x1 - 0.35:
            wide, tall = rng.uniform(0.12, 0.4), tallest * rng.uniform(0.25, 1.0)
            near = d - depth + rng.uniform(0, 0.05)
            builder.cuboid(
                colors[rng.integers(3)], (x, near, low), (x + min(wide, x1 - x - 0.1), d - 0.05, low + tall)
            )
            x += wide + rng.uniform(0.05, 0.45)


def door(builder: Builder, box: Box, leaf: Material, frame: Material, pane: Material) -> None:
    """A door with a fanlight, two panels and a handle, set back into the wall."""
    x0, z0, x1, z1 = box
    y = REVEAL_M - 0.03
    head = min(z1 - 0.35, z0 + 2.15)
    builder.rectangles(pane, [(x0, head, x1, z1)], REVEAL_M)
    builder.rectangles(frame, [(x0, head - 0.03, x1, head + 0.05)], y - 0.01)
    builder.rectangles(leaf, [(x0, z0, x1, head)], y)
    dark = Material("plain", tuple(0.6 * c for c in leaf.color), gloss=0.2)
    w = x1 - x0
    builder.rectangles(
        dark, [(x0 + 0.16 * w, z0 + a, x1 - 0.16 * w, z0 + b) for a, b in ((0.2, 0.85), (1.1, 1.9))], y - 0.006
    )
    builder.cuboid(
        Material("metal", (0.5, 0.5, 0.5), (0.4, 0.4, 0.4), 0.1, 0.6),
        (x1 - 0.14 * w, y - 0.05, z0 + 0.95),
        (x1 - 0.07 * w, y - 0.01, z0 + 1.05),
    )
