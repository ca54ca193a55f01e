"""Solids for streets, beyond those that the indoor catalogue is built from.

Asset frames are those of `generation.scenes.procedural.asset`: the front of a thing faces -y.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from trimesh.creation import triangulate_polygon

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.shapes import Vector, circle, loft, moved, tube


def skin(material: Material, rings: np.ndarray) -> Part:
    """Skin over a row of closed outlines `(R, N, 3)`, capped at both ends; the outlines may run either way round."""
    hub = rings.mean(axis=(0, 1))
    one, other = rings[:-1] - hub, rings[1:] - hub
    volume = np.einsum("rnc,rnc->", one, np.cross(np.roll(one, -1, axis=1), np.roll(other, -1, axis=1)))
    return loft(material, rings if volume > 0 else rings[:, ::-1])


def quads(material: Material, corners: np.ndarray) -> Part:
    """Flat rectangles or other planar quadrangles `(Q, 4, 3)`, each counter-clockwise from outside.

    Their texture coordinates are their positions, so patterns run on from one to the next.
    """
    corners = np.asarray(corners, dtype=float)
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    vertices = corners.reshape(-1, 3)
    faces = (4 * np.arange(len(corners))[:, None, None] + [[0, 1, 2], [0, 2, 3]]).reshape(-1, 3)
    return Part(vertices, faces, np.repeat(normals, 4, axis=0), vertices, material)


def slab(material: Material, ground: shapely.Polygon, low: float, high: float) -> Part:
    """Upright prism over a polygon without holes, with a top and sides but no underside, for what lies on the road."""
    flat, faces = triangulate_polygon(ground, engine="earcut")
    top = np.column_stack([flat, np.full(len(flat), high)])
    along, across = (flat[faces[:, k]] - flat[faces[:, 0]] for k in (1, 2))
    clockwise = along[:, 0] * across[:, 1] < along[:, 1] * across[:, 0]
    faces[clockwise] = faces[clockwise][:, ::-1]
    around = shapely.get_coordinates(shapely.orient_polygons(ground, exterior_cw=False))
    foot, next_foot = around[:-1], around[1:]
    corners = np.stack([foot, next_foot, next_foot, foot], axis=1)  # (E, 4, 2)
    heights = np.broadcast_to(np.array([low, low, high, high])[:, None], (len(foot), 4, 1))
    sides = quads(material, np.concatenate([corners, heights], axis=2))
    return Part(
        np.concatenate([top, sides.vertices]),
        np.concatenate([faces, sides.faces + len(top)]),
        np.concatenate([np.tile([0.0, 0.0, 1.0], (len(top), 1)), sides.normals]),
        np.concatenate([top, sides.texcoords]),
        material,
    )


def patch(quad: Vector, u: tuple[float, float], v: tuple[float, float]) -> np.ndarray:
    """Part of a quadrangle `(4, 3)`: shares `u` along its first side and `v` along its second, as `(4, 3)`."""
    low_left, low_right, high_right, high_left = np.asarray(quad, dtype=float)

    def at(a: float, b: float) -> np.ndarray:
        return (1 - b) * ((1 - a) * low_left + a * low_right) + b * ((1 - a) * high_left + a * high_right)

    return np.stack([at(u[0], v[0]), at(u[1], v[0]), at(u[1], v[1]), at(u[0], v[1])])


def panel(material: Material, corners: np.ndarray, proud: float = 0.006, sunk: float = 0.02) -> Part:
    """Thin sheet over a quadrangle `(4, 3)`, counter-clockwise from outside: `proud` above it and `sunk` below."""
    normal = np.cross(corners[2] - corners[0], corners[3] - corners[1])
    normal /= np.linalg.norm(normal)
    return loft(material, np.stack([corners - sunk * normal, corners + proud * normal]))


def plate(material: Material, outline: np.ndarray, front: float, thick: float, at: Vector = (0, 0)) -> Part:
    """Upright sheet that faces -y: a convex outline `(N, 2)` in x and z about `at`, from y = `front` backwards."""
    points = np.asarray(outline) + at
    rings = [np.column_stack([points[:, 0], np.full(len(points), y), points[:, 1]]) for y in (front + thick, front)]
    return skin(material, np.stack(rings))


def disc_outline(radius: float, sides: int = 24) -> np.ndarray:
    """Outline `(sides, 2)` of a disc."""
    return radius * circle(sides)


def rectangle(width: float, height: float) -> np.ndarray:
    """Outline `(4, 2)` of a rectangle about the origin."""
    return np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [width / 2, height / 2]


def limb(material: Material, points: Sequence[Vector], radii: Sequence[float], sides: int = 8) -> Part:
    """Bar along `points` whose ends are rounded off."""
    points, radii = np.asarray(points, dtype=float), np.asarray(radii, dtype=float)
    first, last = points[0] - points[1], points[-1] - points[-2]
    first, last = first / np.linalg.norm(first), last / np.linalg.norm(last)
    path = np.concatenate([[points[0] + 0.8 * radii[0] * first], points, [points[-1] + 0.8 * radii[-1] * last]])
    return tube(material, path, [0.55 * radii[0], *radii, 0.55 * radii[-1]], sides=sides)


def mirrored(part: Part) -> Part:
    """The part's mirror image on the other side of x = 0."""
    flip = np.array([-1.0, 1.0, 1.0])
    return Part(part.vertices * flip, part.faces[:, ::-1], part.normals * flip, part.texcoords * flip, part.material)


def both_sides(*parts: Part) -> list[Part]:
    """The parts and their mirror images."""
    return [one for part in parts for one in (part, mirrored(part))]


def standing(label: str, parts: Iterable[Part]) -> Asset:
    """Asset lowered or raised so that its lowest point has height 0; its axis stays where it is."""
    parts = tuple(parts)
    low = min(part.vertices[:, 2].min() for part in parts)
    return Asset(label, tuple(moved(part, (0, 0, -low)) for part in parts))
