"""Primitive solids from which the catalogue builds its objects.

Each function returns one [`Part`]. Positions and sizes are metres in the asset frame. Texture coordinates are those of
the part where it was made, x along the wood's grain, so moving or turning a part carries its pattern along.
"""

from collections.abc import Sequence

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Part


# Faces that meet at a smaller angle are shaded as one smooth surface
CREASE_DEG = 60.0
WELD_M = 1e-5
GRAIN_ORDER = {"x": [0, 1, 2], "y": [1, 2, 0], "z": [2, 0, 1]}

Vector = Sequence[float] | np.ndarray


def shaded(material: Material, vertices: np.ndarray, faces: np.ndarray, texcoords: np.ndarray) -> Part:
    """Turn a triangle soup into a [`Part`]: weld it, drop triangles without area, split vertices at creases.

    A corner's normal is the mean of the normals around its vertex that lie within `CREASE_DEG` of its own face's,
    weighted by area and corner angle, so a large flat face stays flat beside a narrow bevel.

    Args:
        material ([`Material`]).
        vertices (`np.ndarray` of shape `(V, 3)`): metres, asset frame.
        faces (`np.ndarray` of shape `(T, 3)`): counter-clockwise from outside.
        texcoords (`np.ndarray` of shape `(V, 3)`): see `Appearance.vertex_texcoords`.
    """
    grid = np.round(vertices / WELD_M).astype(np.int64) + (1 << 20)  # (V, 3), 21 bits a coordinate: 10 m either way
    _, first, weld = np.unique((grid[:, 0] << 42) | (grid[:, 1] << 21) | grid[:, 2], True, True)
    faces = first[weld][faces]
    corners = vertices[faces]  # (T, 3, 3)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    kept = area > WELD_M**2
    faces, corners, normals, area = faces[kept], corners[kept], cross[kept] / area[kept, None], area[kept]

    onward = np.roll(corners, -1, axis=1) - corners
    backward = np.roll(corners, 1, axis=1) - corners
    lengths = np.linalg.norm(onward, axis=2) * np.linalg.norm(backward, axis=2)
    weights = area[:, None] * np.arccos(np.clip((onward * backward).sum(axis=2) / lengths, -1, 1))  # (T, 3)

    # All pairs (mine, other) of corners that share a vertex
    vertex = faces.ravel()
    by_vertex = np.argsort(vertex, kind="stable")
    counts = np.bincount(vertex)
    shared = counts[vertex]
    mine = np.repeat(np.arange(len(vertex)), shared)
    rank = np.arange(len(mine)) - np.repeat(np.cumsum(shared) - shared, shared)
    other = by_vertex[np.repeat((np.cumsum(counts) - counts)[vertex], shared) + rank]
    smooth = (normals[mine // 3] * normals[other // 3]).sum(axis=1) > np.cos(np.radians(CREASE_DEG))
    mine, other = mine[smooth], other[smooth]
    weighted = normals[other // 3] * weights.ravel()[other, None]
    summed = np.stack([np.bincount(mine, weighted[:, axis], len(vertex)) for axis in range(3)], axis=1)
    corner_normals = summed / np.linalg.norm(summed, axis=1, keepdims=True)  # (3T, 3)

    steps = np.round(corner_normals * 500).astype(np.int64) + 512
    key = (vertex << 30) | (steps[:, 0] << 20) | (steps[:, 1] << 10) | steps[:, 2]
    _, first, split = np.unique(key, True, True)
    return Part(
        vertices[vertex[first]], split.reshape(-1, 3), corner_normals[first], texcoords[vertex[first]], material
    )


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


def stacked(outlines: np.ndarray, heights: Vector, base: Vector = (0, 0, 0)) -> np.ndarray:
    """Rings `(R, N, 3)` for [`loft`] from horizontal outlines `(R, N, 2)` at `heights` above `base`."""
    heights = np.broadcast_to(np.asarray(heights, dtype=float)[:, None, None], (*outlines.shape[:2], 1))
    return np.concatenate([outlines, heights], axis=2) + np.asarray(base, dtype=float)


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
        outlines = np.concatenate([outlines, outlines[-1:] * 0.7, outlines[-1:] * 0.3])
        heights = np.append(heights, [side + 0.6 * crown, height])
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


def moved(part: Part, offset: Vector) -> Part:
    """The part, shifted by `offset`."""
    return Part(part.vertices + np.asarray(offset), part.faces, part.normals, part.texcoords, part.material)


def turned(part: Part, axis: str, angle_deg: float, about: Vector = (0, 0, 0)) -> Part:
    """The part, turned counter-clockwise about the `axis` (`"x"`, `"y"` or `"z"`) through the point `about`."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    rotation = np.eye(3)
    rotation[[first, second], [first, second]] = cosine
    rotation[second, first], rotation[first, second] = sine, -sine
    vertices = (part.vertices - about) @ rotation.T + about
    return Part(vertices, part.faces, part.normals @ rotation.T, part.texcoords, part.material)
