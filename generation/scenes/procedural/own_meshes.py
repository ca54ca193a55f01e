"""Mesh files of others -> the parts of an [`Asset`]: axes, units, colours, and the level top that may carry things."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
import trimesh
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from trimesh.visual.color import ColorVisuals
from trimesh.visual.material import PBRMaterial

from generation.scenes.appearance import Material
from generation.scenes.base import SceneError
from generation.scenes.procedural.asset import Part, Surface
from generation.scenes.procedural.shapes import shaded


UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "foot": 0.3048}
AXES = {sign + axis: s * row for sign, s in (("+", 1), ("-", -1)) for axis, row in zip("xyz", np.eye(3), strict=True)}
MAX_TRIANGLES = 50_000
# Texture colours are told apart in so many steps of each channel; rarer ones join the nearest
COLOR_STEPS, RARE_SHARE = 4, 0.04
# A top is level where its faces are this steep at most and lie within this height, and large from this share on
LEVEL_COSINE, LEVEL_M, LEVEL_SHARE = 0.95, 0.01, 0.2
# What begins this low above it rises from it; the rest hangs over it
RISING_M = 0.1
MARGIN_M = 0.02
SHARES = np.arange(1.0, 0.4, -0.05)  # of the face's own extent, that are tried


@dataclass(frozen=True, eq=False)
class Geometry:
    """One piece of a file: triangles and a colour for each.

    Args:
        vertices (`np.ndarray` of shape `(V, 3)`): in the file's own unit and axes.
        faces (`np.ndarray` of shape `(T, 3)`).
        colors (`np.ndarray` of shape `(T, 3)`): linear RGB.
        pattern (`str`), gloss (`float`): see [`Material`].
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    pattern: str
    gloss: float


def read_geometries(path: Path) -> list[Geometry]:
    """All triangle meshes of a GLB, glTF or OBJ file, each where the file places it.

    Raises:
        [`SceneError`]: the file cannot be read, has no triangles, too many, or corners that are not finite.
    """
    try:
        loaded = trimesh.load_scene(path, process=False)
        meshes = [mesh for mesh in loaded.dump() if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces)]
        found = [_geometry(mesh, is_gltf=path.suffix.lower() != ".obj") for mesh in meshes]
    except Exception as error:  # trimesh's parsers raise whatever they stumble on
        raise SceneError(f"{path} is not readable as a mesh ({error}). Export it again as GLB or OBJ.") from error
    count = sum(len(one.faces) for one in found)
    if count == 0:
        raise SceneError(f"{path} has no triangles. Export it again with its faces, as GLB or OBJ.")
    if count > MAX_TRIANGLES:
        raise SceneError(
            f"{path} has {count:,} triangles; at most {MAX_TRIANGLES:,} are allowed, since a room holds many such "
            "things. Decimate it in a mesh editor."
        )
    if not all(np.isfinite(one.vertices).all() for one in found):
        raise SceneError(f"{path} has corners that are not finite numbers. Repair or export it again.")
    return found


def _geometry(mesh: trimesh.Trimesh, is_gltf: bool) -> Geometry:
    material = getattr(mesh.visual, "material", None)
    pattern, gloss = "plain", 0.1
    if isinstance(material, PBRMaterial):
        # Exporters that never thought of metal leave this out, though the standard then means metal
        pattern = "metal" if (material.metallicFactor or 0.0) > 0.5 else "plain"
        roughness = 1.0 if material.roughnessFactor is None else material.roughnessFactor
        gloss = float(np.clip((0.55 - roughness) / 0.47, 0, 1))
    return Geometry(
        np.array(mesh.vertices, dtype=float), np.array(mesh.faces), _colors(mesh, material, is_gltf), pattern, gloss
    )


def _colors(mesh: trimesh.Trimesh, material, is_gltf: bool) -> np.ndarray:
    """Linear RGB `(T, 3)` of the faces: that of the vertices, or the material's times its texture at their middle."""
    if isinstance(mesh.visual, ColorVisuals):
        colors = mesh.visual.face_colors[:, :3] / 255.0
        # glTF keeps vertex colours linear; OBJ files have those that a screen shows
        return colors if is_gltf and mesh.visual.kind == "vertex" else _linear(colors)
    is_pbr = isinstance(material, PBRMaterial)
    factor = material.baseColorFactor if is_pbr else material.diffuse
    factor = np.ones(3) if factor is None else np.asarray(factor)[:3] / 255.0
    factor = factor if is_pbr else _linear(factor)
    image = material.baseColorTexture if is_pbr else material.image
    if image is None or mesh.visual.uv is None:
        return np.tile(factor, (len(mesh.faces), 1))
    texture = np.asarray(image.convert("RGB")) / 255.0
    u, v = np.moveaxis(mesh.visual.uv[mesh.faces].mean(axis=1), -1, 0) % 1.0
    height, width = texture.shape[:2]
    rows = np.minimum(((1 - v) * height).astype(int), height - 1)
    columns = np.minimum((u * width).astype(int), width - 1)
    return _linear(texture[rows, columns]) * (factor if is_pbr else 1.0)


def _linear(srgb: np.ndarray) -> np.ndarray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def asset_from_file(up: str, front: str) -> np.ndarray:
    """Rotation `(3, 3)` from a file's axes to those of [`Asset`], by its directions upwards and to its front."""
    z, y = AXES[up], -AXES[front]
    return np.stack([np.cross(y, z), y, z])


def make_parts(geometries: list[Geometry], turn: np.ndarray, unit_m: float) -> tuple[Part, ...]:
    """Parts in metres and the axes of [`Asset`], one for each colour of each piece, without triangles of no area."""
    parts = []
    for one in geometries:
        vertices = unit_m * one.vertices @ turn.T
        area = trimesh.triangles.area(vertices[one.faces])
        for color, faces in _by_color(one.faces, one.colors, area):
            part = shaded(Material(one.pattern, color, color, gloss=one.gloss), vertices, faces, vertices)
            parts += [part] if len(part.faces) else []
    return tuple(parts)


def _by_color(faces: np.ndarray, colors: np.ndarray, area: np.ndarray) -> list[tuple[tuple, np.ndarray]]:
    """The faces of each of a few colours, which are the means of what they stand for."""
    steps = np.minimum((np.sqrt(colors) * COLOR_STEPS).astype(int), COLOR_STEPS - 1)  # about even to the eye
    _, group = np.unique(steps, axis=0, return_inverse=True)
    weight = np.maximum(area, 1e-12)
    total = np.bincount(group, weight)
    mean = np.stack([np.bincount(group, weight * channel) for channel in colors.T], axis=1) / total[:, None]
    common = np.flatnonzero(total >= min(RARE_SHARE * total.sum(), total.max()))
    nearest = common[np.linalg.norm(mean[:, None] - mean[common], axis=2).argmin(axis=1)]
    group = nearest[group]
    return [(tuple(np.clip(mean[k], 0, 1).round(4).tolist()), faces[group == k]) for k in common]


def count_pieces(part: Part) -> int:
    """Number of connected pieces of a part."""
    _, vertex = np.unique(np.round(part.vertices, 5), axis=0, return_inverse=True)
    corner = vertex[part.faces]
    size = (vertex.max() + 1,) * 2
    links = coo_array((np.ones(2 * len(corner)), (corner[:, [0, 1]].ravel(), corner[:, [1, 2]].ravel())), shape=size)
    return connected_components(links, directed=False, return_labels=False)


def level_top(parts: tuple[Part, ...]) -> Surface | None:
    """A rectangle on the highest large level face of an object, clear of all that rises from it.

    What hangs over it (the next board of a shelf) limits its free height.
    """
    triangles = np.concatenate([part.vertices[part.faces] for part in parts])  # (T, 3, 3)
    cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    area = np.linalg.norm(cross, axis=1) / 2
    # Meshes of others may be inside out: a face that looks down counts as well
    flat = np.flatnonzero(np.abs(cross[:, 2]) > LEVEL_COSINE * 2 * area)
    lowest, highest = triangles[:, :, 2].min(axis=1), triangles[:, :, 2].max(axis=1)
    level = np.floor((highest.max() - highest[flat]) / LEVEL_M).astype(int)
    footprint_m2 = np.ptp(triangles[:, :, :2].reshape(-1, 2), axis=0).prod()
    large = np.flatnonzero(np.bincount(level, area[flat]) > LEVEL_SHARE * footprint_m2)
    if not len(large):
        return None
    top = flat[level == large[0]]
    z = float(highest[top].max())
    above = highest > z + LEVEL_M
    rising = above & (lowest < z + RISING_M)
    obstacles = shapely.buffer(shapely.convex_hull(shapely.multipoints(triangles[rising][:, :, :2])), MARGIN_M)
    face = shapely.union_all(shapely.polygons(triangles[top][:, :, :2])).buffer(1e-4)
    face = max(shapely.get_parts(face.difference(shapely.union_all(obstacles))), key=shapely.area, default=None)
    if face is None:
        return None
    x0, y0, x1, y1 = face.bounds
    middle, half = np.array([x0 + x1, y0 + y1]) / 2, np.array([x1 - x0, y1 - y0]) / 2
    for share in SHARES:
        low, high = middle - share * half + MARGIN_M, middle + share * half - MARGIN_M
        if (low < high).all() and face.contains(shapely.box(*low, *high)):
            over = triangles[above & ~rising][:, :, :2]
            hanging = ((over.min(axis=1) < high) & (over.max(axis=1) > low)).all(axis=1)
            clearance_m = float((lowest[above & ~rising][hanging] - z).min(initial=np.inf))
            (x0, y0), (x1, y1) = low.tolist(), high.tolist()
            return Surface((x0, x1), (y0, y1), z, clearance_m)
    return None
