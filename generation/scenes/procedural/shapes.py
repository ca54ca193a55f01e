"""Primitive solids from which the catalogue builds its objects.

Each function returns one [`Part`]. Positions and sizes are metres in the asset frame. Texture coordinates are those of
the part where it was made, x along the wood's grain, so moving or turning a part carries its pattern along.
"""

from collections.abc import Sequence

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Part
from generation.scenes.procedural.finish import shaded
from generation.scenes.procedural.outlines import Vector, circle, rounded_rectangle, stacked, with_points_along_sides


GRAIN_ORDER = {"x": [0, 1, 2], "y": [1, 2, 0], "z": [2, 0, 1]}


def loft(material: Material, rings: np.ndarray, closed: bool = False, grain: str = "x") -> Part:
    """Skin over a row of closed outlines, capped at both ends.

    Args:
        material ([`Material`]).
        rings (`np.ndarray` of shape `(R, N, 3)`): outlines, each counter-clockwise seen from where the row leads.
        closed (`bool`): whether the last outline joins the first, as in a torus, instead of the caps.
        grain (`str`): axis along which wood grain runs, `"x"`, `"y"` or `"z"`.
    """
    count, sides = rings.shape[:2]
    index = np.arange(count * sides).reshape(count, sides)
    low, high = (index, np.roll(index, -1, axis=0)) if closed else (index[:-1], index[1:])
    low_next, high_next = np.roll(low, -1, axis=1), np.roll(high, -1, axis=1)
    faces = [np.stack([low, low_next, high_next], axis=-1), np.stack([low, high_next, high], axis=-1)]
    vertices = rings.reshape(-1, 3)
    if not closed:
        start, end = index[0], index[-1]
        hubs = np.broadcast_to([[len(vertices)], [len(vertices) + 1]], (2, sides))
        faces += [np.stack([np.roll(start, -1), start, hubs[0]], 1), np.stack([end, np.roll(end, -1), hubs[1]], 1)]
        vertices = np.concatenate([vertices, rings[[0, -1]].mean(axis=1)])
    texcoords = (vertices - vertices.mean(axis=0))[:, GRAIN_ORDER[grain]]
    return shaded(material, vertices, np.concatenate([face.reshape(-1, 3) for face in faces]), texcoords)


def box(material: Material, size: Vector, base: Vector = (0, 0, 0), bevel: float = 0.0) -> Part:
    """Box of `size` whose underside is centred on `base`; grain along its longest side."""
    width, depth, height = size
    grain = "xyz"[int(np.argmax(size))]
    if bevel == 0:
        outline = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [width / 2, depth / 2]
        return loft(material, stacked(np.stack([outline, outline]), (0, height), base), grain=grain)
    full = rounded_rectangle(width, depth, bevel, steps=1)
    inset = rounded_rectangle(width - 2 * bevel, depth - 2 * bevel, 0.0, steps=1)
    heights = (0, bevel, height - bevel, height)
    return loft(material, stacked(np.stack([inset, full, full, inset]), heights, base), grain=grain)


def trough(
    material: Material,
    size: Vector,
    base: Vector = (0, 0, 0),
    wall: float = 0.02,
    floor: float = 0.02,
    radius: tuple[float, float] = (0.03, 0.03),
    foot: float = 1.0,
) -> Part:
    """Open vessel with round corners, of the radii `radius` outside and inside; `foot` is its width below, relative.

    Its rim is `wall` wide and its bottom `floor` thick.
    """
    width, depth, height = size
    outer = rounded_rectangle(width, depth, radius[0], steps=4)
    inner = rounded_rectangle(width - 2 * wall, depth - 2 * wall, radius[1], steps=4)
    outlines = np.stack([foot * outer, outer, inner, (1 - (1 - foot) * (height - floor) / height) * inner])
    return loft(material, stacked(outlines, (0, height, height, floor), base))


def ring(material: Material, outline: np.ndarray, inner: np.ndarray, height: float, base: Vector = (0, 0, 0)) -> Part:
    """Flat ring, `height` thick, between two outlines `(N, 2)`."""
    rings = stacked(np.stack([outline, outline, inner, inner]), (0, height, height, 0), base)
    return loft(material, rings, closed=True)


def leg(material: Material, foot: Vector, top: Vector, radius: float, top_radius: float, sides: int = 4) -> Part:
    """Straight tapered leg from `foot` to `top`, cut level at both ends; 4 sides make it square."""
    rings = np.stack([stacked(circle(sides)[None] * r, [0], at)[0] for r, at in ((radius, foot), (top_radius, top))])
    return loft(material, rings, grain="z")


def lathe(
    material: Material, profile: Sequence[Vector], base: Vector = (0, 0, 0), sides: int = 24, grain: str = "z"
) -> Part:
    """Solid of revolution about the vertical through `base`.

    Args:
        material ([`Material`]).
        profile (sequence of pairs): radius and height, from the middle of the underside along the outside, and for a
            vessel down the inside again; a profile that ends where it began makes a ring.
        base (vector): origin of the profile.
        sides (`int`): facets around.
        grain (`str`): axis along which wood grain runs: upright in a post, level in a round table top.
    """
    profile = np.asarray(profile, dtype=float)
    rings = stacked(profile[:, :1, None] * circle(sides), profile[:, 1], base)
    is_ring = profile[0, 0] > 0 and np.array_equal(profile[0], profile[-1])
    return loft(material, rings[:-1] if is_ring else rings, closed=is_ring, grain=grain)


def ellipsoid(material: Material, size: Vector, centre: Vector, sides: int = 16) -> Part:
    """Ellipsoid with full extents `size`."""
    polar = np.linspace(0, np.pi, sides // 2 + 1)
    outlines = np.sin(polar)[:, None, None] * circle(sides) * np.asarray(size)[:2] / 2
    return loft(material, stacked(outlines, -np.cos(polar) * size[2] / 2, centre))


def cushion(material: Material, size: Vector, base: Vector, radius: float, crown: float = 0.0) -> Part:
    """Upholstered block: rounded all over by `radius`, its top domed by `crown` within the height of `size`."""
    width, depth, height = size
    side = height - crown
    radius = min(radius, side / 2)
    bend = np.radians([-90, -45, 0, 45, 90])
    insets = radius * (1 - np.cos(bend))
    heights = np.where(bend < 0, radius, side - radius) + radius * np.sin(bend)
    heights = np.insert(heights, 2, radius)
    insets = np.insert(insets, 2, 0.0)
    outlines = np.stack([rounded_rectangle(width - 2 * i, depth - 2 * i, radius * 1.01 - i) for i in insets])
    if crown > 0:
        outlines = with_points_along_sides(outlines)
        rim, shares = outlines[-1], np.array([0.8, 0.55, 0.28])
        oval = rim / np.linalg.norm(rim / rim.max(axis=0), axis=1, keepdims=True)
        # Its level lines get rounder towards the middle, as those of a dome over a rectangle do
        rounder = rim + (1 - shares**2)[:, None, None] * (oval - rim)
        outlines = np.concatenate([outlines, shares[:, None, None] * rounder])
        heights = np.append(heights, side + crown * (1 - shares**2) / (1 - shares[-1] ** 2))
    return loft(material, stacked(outlines, heights, base))


def tube(material: Material, path: Sequence[Vector], radius: Vector | float, sides: int = 8, closed=False) -> Part:
    """Round bar along `path` `(N, 3)`; `radius` is one number or one for each point."""
    path = np.asarray(path, dtype=float)
    before, after = np.roll(path, 1, axis=0), np.roll(path, -1, axis=0)
    if not closed:
        before[0], after[-1] = path[0], path[-1]
    tangents = after - before
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    across = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    across = across - (across @ tangents[0]) * tangents[0]
    across /= np.linalg.norm(across)
    rings = []
    last = tangents[0]
    for point, tangent, r in zip(path, tangents, np.broadcast_to(radius, len(path)), strict=True):
        # Turning the ring by the least rotation from one tangent to the next keeps the bar from twisting
        across = across - (across @ tangent) / (1 + last @ tangent) * (last + tangent)
        last = tangent
        rings.append(point + r * circle(sides) @ np.stack([across, np.cross(tangent, across)]))
    return loft(material, np.stack(rings), closed=closed)


def leaf(material: Material, path: Sequence[Vector], width: float, thickness: float = 0.002) -> Part:
    """Pointed leaf along `path` `(N, 3)`, widest in the middle and folded up along its rib; grain along it."""
    path = np.asarray(path, dtype=float)
    along = np.linspace(0, 1, len(path))
    half = width / 2 * np.sin(np.pi * along**0.8)[:, None]
    across = np.cross(path[-1] - path[0], [0, 0, 1.0])
    across /= np.linalg.norm(across)
    up = np.cross(across, np.gradient(path, axis=0))
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    left, right = path - half * across + 0.3 * half * up, path + half * across + 0.3 * half * up
    rib = thickness / 2 * up
    return loft(material, np.stack([left, path + rib, right, path - rib], axis=1))


def flat(material: Material, corner: Vector, right: Vector, up: Vector) -> Part:
    """One-sided rectangle for a picture: `corner` is its lower left as seen from in front, along `right` and `up`."""
    corner, right, up = (np.asarray(vector, dtype=float) for vector in (corner, right, up))
    aspect = np.linalg.norm(right) / np.linalg.norm(up)
    texcoords = np.array([[0, 0, aspect], [1, 0, aspect], [1, 1, aspect], [0, 1, aspect]])
    vertices = corner + texcoords[:, :1] * right + texcoords[:, 1:2] * up
    return shaded(material, vertices, np.array([[0, 1, 2], [0, 2, 3]]), texcoords)


def bent(material: Material, path: Sequence[Vector], up: Vector) -> Part:
    """One-sided picture, bent: its lower edge runs along `path` `(N, 3)` from left to right, its height is `up`."""
    path, up = np.asarray(path, dtype=float), np.asarray(up, dtype=float)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    share, aspect = np.append(0, np.cumsum(steps)) / steps.sum(), steps.sum() / np.linalg.norm(up)
    low = np.arange(len(steps))
    high = low + len(path)
    faces = np.concatenate([np.stack([low, low + 1, high + 1], axis=1), np.stack([low, high + 1, high], axis=1)])
    texcoords = [np.column_stack([share, np.full(len(path), v), np.full(len(path), aspect)]) for v in (0.0, 1.0)]
    return shaded(material, np.concatenate([path, path + up]), faces, np.concatenate(texcoords))


def moved(part: Part, offset: Vector) -> Part:
    """The part, shifted by `offset`."""
    return Part(part.vertices + np.asarray(offset), part.faces, part.normals, part.texcoords, part.material)


def scaled(part: Part, factor: float) -> Part:
    """The part, `factor` times as large about the origin; its pattern keeps its size."""
    return Part(part.vertices * factor, part.faces, part.normals, part.texcoords, part.material)


def turned(part: Part, axis: str, angle_deg: float, about: Vector = (0, 0, 0)) -> Part:
    """The part, turned counter-clockwise about the `axis` (`"x"`, `"y"` or `"z"`) through the point `about`."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    rotation = np.eye(3)
    rotation[[first, second], [first, second]] = cosine
    rotation[second, first], rotation[first, second] = sine, -sine
    vertices = (part.vertices - about) @ rotation.T + about
    return Part(vertices, part.faces, part.normals @ rotation.T, part.texcoords, part.material)
