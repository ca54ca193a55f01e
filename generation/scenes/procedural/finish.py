"""From a triangle soup to a [`Part`]: welded, and shaded smooth but for its creases."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Part


# Faces that meet at a smaller angle are shaded as one smooth surface
CREASE_DEG = 60.0
WELD_M = 1e-5


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
