"""Putting parts together: where an asset's origin lies, and what many pieces of furniture share."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part, Surface
from generation.scenes.procedural.shapes import bent, box, lathe, leg, moved, tube, turned


def _placed(label: str, parts: Iterable[Part], surfaces: Iterable[Surface], anchor: tuple) -> Asset:
    asset = Asset(label, tuple(parts))
    low, high = asset.bounds
    x, y, z = shift = -(low + (high - low) * anchor)
    surfaces = (replace(s, x=(s.x[0] + x, s.x[1] + x), y=(s.y[0] + y, s.y[1] + y), z=float(s.z + z)) for s in surfaces)
    return Asset(label, tuple(moved(part, shift) for part in asset.parts), tuple(surfaces))


def standing(label: str, parts: Iterable[Part], surfaces: Iterable[Surface] = ()) -> Asset:
    """Asset with its origin under the middle of its footprint, at its lowest point."""
    return _placed(label, parts, surfaces, (0.5, 0.5, 0.0))


def on_wall(label: str, parts: Iterable[Part], surfaces: Iterable[Surface] = ()) -> Asset:
    """Asset with its origin in the middle of its back, and its body at y <= 0."""
    return _placed(label, parts, surfaces, (0.5, 1.0, 0.5))


def from_ceiling(label: str, parts: Iterable[Part]) -> Asset:
    """Asset with its origin in the middle of its top."""
    return _placed(label, parts, (), (0.5, 0.5, 1.0))


def top_of(width: float, depth: float, z: float, clearance_m: float = float("inf"), margin: float = 0.03) -> Surface:
    """Surface over a `width` x `depth` board centred on the origin, less a `margin` at its edges."""
    x, y = width / 2 - margin, depth / 2 - margin
    return Surface((-x, x), (-y, y), z, clearance_m)


def four_legs(
    material: Material, width: float, depth: float, height: float, thickness: float, sides: int = 4
) -> list[Part]:
    """Legs at the corners of `width` x `depth`: square with 4 `sides`, else round and tapered by a quarter."""
    radius = thickness / np.sqrt(2) if sides == 4 else thickness / 2
    foot_radius = radius if sides == 4 else 0.75 * radius
    x, y = (width - thickness) / 2, (depth - thickness) / 2
    corners = [(sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)]
    return [leg(material, (*corner, 0.0), (*corner, height), foot_radius, radius, sides) for corner in corners]


def turned_leg(material: Material, at: tuple[float, float], height: float, thick: float) -> Part:
    """Leg from the lathe: a foot, a slender vase, rings, and a block of `thick` under the top."""
    r = thick / 2
    profile = [
        (0, 0),
        (0.5 * r, 0),
        (0.6 * r, 0.03),
        (0.45 * r, 0.05),
        (0.9 * r, 0.55 * height),
        (0.55 * r, 0.68 * height),
    ]
    profile += [(0.85 * r, 0.7 * height), (0.55 * r, 0.73 * height), (r, 0.78 * height), (r, height), (0, height)]
    return lathe(material, profile, (*at, 0.0), 12)


def carcass(material: Material, width: float, depth: float, height: float, base_z: float, board: float) -> list[Part]:
    """Sides, top, bottom and back of an open-fronted case; the sides reach between bottom and top board."""
    sides = [
        box(material, (board, depth, height - 2 * board), (s * (width - board) / 2, 0, base_z + board))
        for s in (-1, 1)
    ]
    back = box(material, (width - 2 * board, 0.01, height - 2 * board), (0, depth / 2 - 0.005, base_z + board))
    ends = [box(material, (width, depth, board), (0, 0, base_z + z), 0.002) for z in (0, height - board)]
    return [*sides, back, *ends]


def drawer_fronts(
    material: Material, handle: Material, width: float, heights: list[float], x: float, y: float, z: float
) -> list[Part]:
    """Drawers one above the other, their faces at `y` (towards -y), each with a bar handle; gaps of 4 mm."""
    parts = []
    for height in heights:
        parts.append(box(material, (width - 0.006, 0.018, height - 0.004), (x, y - 0.009, z + 0.002), 0.002))
        length = min(0.3 * width + 0.05, 0.3)
        parts.append(box(handle, (length, 0.012, 0.012), (x, y - 0.04, z + 0.62 * height), 0.003))
        for side in (-1, 1):
            parts.append(
                box(handle, (0.01, 0.02, 0.008), (x + side * 0.4 * length, y - 0.026, z + 0.62 * height + 0.002))
            )
        z += height
    return parts


def castors(frame: Material, radius: float, low: float) -> list[Part]:
    """Star of five arms about the vertical, each on a castor; the arms end at height `low`."""
    rubber, parts = Material("plain", (0.02, 0.02, 0.02)), []
    wheel = turned(lathe(rubber, [(0, 0), (0.027, 0), (0.027, 0.04), (0, 0.04)], sides=12), "x", 90)
    for angle in np.arange(5) * 72 + 18:
        x, y = radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle))
        parts.append(tube(frame, [(0, 0, low + 0.03), (x, y, low)], [0.028, 0.018], sides=8))
        parts.append(moved(turned(wheel, "z", angle), (x - 0.02 * y / radius, y + 0.02 * x / radius, 0.027)))
    return parts


def tap(material: Material, at: tuple[float, float, float], reach: float, height: float) -> list[Part]:
    """Mixer tap that stands on `at` and bends forward by `reach`, with its lever on top."""
    x, y, z = at
    bend = np.radians(np.linspace(0, 180, 7))
    arc = np.stack([0 * bend, -reach / 2 * (1 - np.cos(bend)), height - reach / 2 + reach / 2 * np.sin(bend)], axis=1)
    spout = np.array([(0, 0, 0.02), *arc, (0, -reach, height - 0.75 * reach)]) + [x, y, z]
    return [
        lathe(material, [(0, 0), (0.026, 0), (0.024, 0.03), (0.018, 0.045), (0, 0.045)], at, 12),
        tube(material, spout, 0.011),
        turned(box(material, (0.016, 0.012, 0.075), (x + 0.03, y, z + 0.035), 0.004), "y", 55, (x, y, z + 0.035)),
    ]


def tabletop(material: Material, width: float, depth: float, height: float, thick: float) -> Part:
    """Board whose upper side lies at `height`, its edges bevelled by 4 mm."""
    return box(material, (width, depth, thick), (0, 0, height - thick), 0.004)


def forward(part: Part, at: tuple[float, float, float]) -> Part:
    """A part that was made standing on the origin, laid so that its top faces -y, with its foot at `at`."""
    return moved(turned(part, "x", 90), at)


def label_around(material: Material, radius: float, z: float, height: float, reach_deg: float = 160.0) -> Part:
    """Picture on the front of an upright cylinder about the z axis, half a millimetre before it."""
    angles = np.radians(-90 + np.linspace(-0.5, 0.5, 21) * reach_deg)
    edge = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (radius + 0.0005)
    return bent(material, np.column_stack([edge, np.full(21, z)]), (0, 0, height))


def disc(material: Material, radius: float, thick: float, at: tuple[float, float, float], sides: int = 24) -> Part:
    """Round plate facing -y whose back is centred on `at`."""
    return forward(lathe(material, [(0, 0), (radius, 0), (radius, thick), (0, thick)], sides=sides), at)
