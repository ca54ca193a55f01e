"""Placements -> the scene's one mesh, its instances and its appearance."""

from collections.abc import Sequence

import numpy as np

from generation.scenes.appearance import Appearance, Light, Material
from generation.scenes.base import Instance, SceneMesh
from generation.scenes.procedural.placement import Placement, rotation


def assemble(
    placements: Sequence[Placement], lights: tuple[Light, ...], ambient: tuple[float, float, float]
) -> tuple[SceneMesh, tuple[Instance, ...], Appearance]:
    """Join all parts of all placements; the instance ids are 1, 2, ... in the order given."""
    materials: dict[Material, int] = {}
    vertices, normals, texcoords, faces, face_material, face_instance = [], [], [], [], [], []
    start = 0
    for instance_id, placement in enumerate(placements, start=1):
        for part in placement.asset.parts:
            vertices.append(placement.to_world(part.vertices))
            normals.append(part.normals @ rotation(placement.yaw).T)
            texcoords.append(part.texcoords)
            faces.append(part.faces + start)
            face_material.append(np.full(len(part.faces), materials.setdefault(part.material, len(materials))))
            face_instance.append(np.full(len(part.faces), instance_id))
            start += len(part.vertices)
    mesh = SceneMesh(np.concatenate(vertices), np.concatenate(faces), np.concatenate(face_instance))
    instances = tuple(Instance(k, placed.label, placed.is_structure) for k, placed in enumerate(placements, start=1))
    appearance = Appearance(
        materials=tuple(materials),
        face_material=np.concatenate(face_material),
        vertex_normals=np.concatenate(normals),
        vertex_texcoords=np.concatenate(texcoords),
        lights=lights,
        ambient=ambient,
    )
    return mesh, instances, appearance
