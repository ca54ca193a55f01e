"""The built-in parts of a room: slabs, walls with openings, doors, doorways, windows, skirting, ceiling lamps.

A wall has the frame of an asset that hangs on it: origin in the middle of its foot, x to the right as seen from
inside, y outwards, z up.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from trimesh.creation import triangulate_polygon

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Part
from generation.scenes.procedural.shapes import box, lathe


# How far doors and windows reach into the wall; walls between two rooms are as thick as that
REVEAL_M = 0.14
# Doors and windows reach this far into the sides of their openings, so that no light slips by
LAP_M = 0.005
SKIRTING_M = (0.012, 0.08)
# Diameter and height of a round ceiling lamp; length, width and height of a long one
BOWL_M, PANEL_M = (0.5, 0.06), (1.2, 0.3, 0.05)
Interval = tuple[float, float]


@dataclass(frozen=True)
class Opening:
    """A hole in a wall.

    Args:
        kind (`str`): `"door"` (closed), `"doorway"` (open, into the next room, whose wall holds its other half) or
            `"window"`.
        x, z (`tuple` of 2 `float`): extent in the wall's frame, metres.
    """

    kind: str
    x: Interval
    z: Interval

    @property
    def depth_m(self) -> float:
        """How far it reaches into the wall."""
        return REVEAL_M / 2 if self.kind == "doorway" else REVEAL_M


@dataclass(frozen=True, eq=False)
class Wall:
    """One straight wall.

    Args:
        middle (`np.ndarray` of shape `(2,)`): middle of its foot, metres, world.
        yaw (`float`): turn of the wall's frame about +Z, radians.
        length (`float`): metres.
        openings (`tuple` of [`Opening`]).
    """

    middle: np.ndarray
    yaw: float
    length: float
    openings: tuple[Opening, ...] = ()

    def at(self, x: float, y: float, z: float) -> np.ndarray:
        """World position `(3,)` of a point of the wall's frame."""
        cosine, sine = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([self.middle[0] + x * cosine - y * sine, self.middle[1] + x * sine + y * cosine, z])


def slab(plan: shapely.Polygon, material: Material, faces_up: bool) -> Part:
    """A horizontal sheet at height 0 that reaches under the doors, half a reveal beyond the walls."""
    ground, faces = triangulate_polygon(plan.buffer(REVEAL_M / 2, join_style="mitre"), engine="earcut")
    vertices = np.column_stack([ground, np.zeros(len(ground))])
    corners = vertices[faces]
    is_up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 0
    faces = np.where((is_up == faces_up)[:, None], faces, faces[:, ::-1])
    normals = np.tile([0.0, 0.0, 1.0 if faces_up else -1.0], (len(vertices), 1))
    return Part(vertices, faces, normals, vertices, material)


def sheet(wall: Wall, band: Interval, material: Material) -> Part:
    """The inner face of a wall between two heights, with its openings cut out, and their reveals."""
    low, high = band
    cut = [
        replace(o, z=(max(low, o.z[0]), min(high, o.z[1]))) for o in wall.openings if o.z[0] < high and o.z[1] > low
    ]
    xs = sorted({-wall.length / 2, wall.length / 2, *(x for o in cut for x in o.x)})
    zs = sorted({low, high, *(z for o in cut for z in o.z)})
    quads = []
    for x0, x1 in zip(xs[:-1], xs[1:], strict=True):
        for z0, z1 in zip(zs[:-1], zs[1:], strict=True):
            if not any(o.x[0] <= x0 < o.x[1] and o.z[0] <= z0 < o.z[1] for o in cut):
                quads.append([(x0, 0, z0), (x1, 0, z0), (x1, 0, z1), (x0, 0, z1)])
    for opening in cut:
        (x0, x1), (z0, z1), back = opening.x, opening.z, opening.depth_m
        quads += [
            [(x0, 0, z0), (x0, 0, z1), (x0, back, z1), (x0, back, z0)],
            [(x1, back, z0), (x1, back, z1), (x1, 0, z1), (x1, 0, z0)],
        ]
        if z1 < high:
            quads.append([(x0, back, z1), (x0, 0, z1), (x1, 0, z1), (x1, back, z1)])
        if z0 > low:
            quads.append([(x0, 0, z0), (x0, back, z0), (x1, back, z0), (x1, 0, z0)])
    return _quads(quads, material)


def skirting(wall: Wall, trim: Material) -> list[Part]:
    """Boards along the foot of a wall, but for its doors."""
    doors = sorted(o.x for o in wall.openings if o.kind != "window")
    ends = [-wall.length / 2, *(x for door in doors for x in door), wall.length / 2]
    thick, high = SKIRTING_M
    return [_bar((a, b), (-thick, 0), (0, high), trim) for a, b in zip(ends[::2], ends[1::2], strict=True)]


def door(opening: Opening, trim: Material) -> list[Part]:
    """Casing and lining, closed leaf with two raised panels, and handle."""
    (x0, x1), (_, z1) = opening.x, opening.z
    steel = Material("metal", (0.55, 0.55, 0.56), (0.45, 0.45, 0.46), 0.02, gloss=0.7)
    return [
        *_surround(opening, (-0.016, 0.03), 0.02, 0.07, trim),
        _bar((x0 - LAP_M, x1 + LAP_M), (0.03, 0.07), (0.0, z1 + LAP_M), trim),
        *(_bar((x0 + 0.14, x1 - 0.14), (0.018, 0.03), z, trim) for z in ((0.16, 0.92), (1.1, z1 - 0.16))),
        _bar((x0 + 0.055, x0 + 0.085), (-0.03, 0.03), (1.0, 1.03), steel),
        _bar((x0 + 0.055, x0 + 0.18), (-0.045, -0.03), (1.0, 1.025), steel),
    ]


def doorway(opening: Opening, trim: Material) -> list[Part]:
    """Casing and lining of this room's half of a doorway."""
    return _surround(opening, (-0.016, opening.depth_m), 0.02, 0.07, trim)


def window(opening: Opening, trim: Material) -> list[Part]:
    """Frame, one or two mullions, sill board, and a pane that shows the world outside."""
    (x0, x1), (z0, z1) = opening.x, opening.z
    pane = Material("glass", (0.80, 0.88, 0.95), emission=1.3)
    count = 1 if x1 - x0 < 1.5 else 2
    mullions = [x0 + (x1 - x0) * (k + 1) / (count + 1) for k in range(count)]
    return [
        *_surround(opening, (0.07, 0.12), 0.06, LAP_M, trim),
        *(_bar((x - 0.03, x + 0.03), (0.07, 0.12), (z0 + 0.06, z1 - 0.06), trim) for x in mullions),
        _bar((x0 - 0.04, x1 + 0.04), (-0.05, 0.0), (z0 - 0.03, z0), trim),
        _quads([[(x0, 0.1, z0), (x1, 0.1, z0), (x1, 0.1, z1), (x0, 0.1, z1)]], pane),
    ]


def bowl_lamp(glow: Material) -> list[Part]:
    """A glowing bowl under the ceiling; its origin is the centre of its top."""
    width, height = BOWL_M
    return [lathe(glow, [(0.0, -height), (0.35 * width, -height), (0.48 * width, -0.4 * height), (0.5 * width, 0.0)])]


def panel_lamp(glow: Material) -> list[Part]:
    """A long box under the ceiling, glowing below, in a white frame; its origin is the centre of its top."""
    length, width, height = PANEL_M
    white = Material("plain", (0.8, 0.8, 0.8), gloss=0.2)
    return [
        box(white, PANEL_M, (0.0, 0.0, -height)),
        box(glow, (length - 0.04, width - 0.04, 0.004), (0.0, 0.0, -height - 0.004)),
    ]


def _surround(opening: Opening, y: Interval, inner: float, outer: float, material: Material) -> list[Part]:
    """Bars around an opening, reaching `inner` into it and `outer` beyond it; doors have none at their foot."""
    (x0, x1), (z0, z1) = opening.x, opening.z
    foot = z0 + inner if opening.kind == "window" else 0.0
    bars = [
        _bar((x0 - outer, x0 + inner), y, (foot, z1 - inner), material),
        _bar((x1 - inner, x1 + outer), y, (foot, z1 - inner), material),
        _bar((x0 - outer, x1 + outer), y, (z1 - inner, z1 + outer), material),
    ]
    if opening.kind == "window":
        bars.append(_bar((x0 - outer, x1 + outer), y, (z0 - outer, foot), material))
    return bars


def _bar(x: Interval, y: Interval, z: Interval, material: Material) -> Part:
    """Box given by its interval on each axis."""
    size = (x[1] - x[0], y[1] - y[0], z[1] - z[0])
    return box(material, size, ((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, z[0]))


def _quads(quads: list, material: Material) -> Part:
    """Flat rectangles `(Q, 4, 3)`, each counter-clockwise from the side that is seen."""
    corners = np.array(quads, dtype=float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    faces = (4 * np.arange(len(corners))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    vertices = corners.reshape(-1, 3)
    return Part(vertices, faces, np.repeat(normals, 4, axis=0), vertices, material)
