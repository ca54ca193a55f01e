"""Small scenes built by hand: boxes and cylinders with their appearance. The builders are fixtures: test modules
cannot import this file."""

import numpy as np
import pytest
import trimesh

from generation.geometry import Camera, look_at
from generation.scenes.appearance import Appearance, Light, Material
from generation.scenes.base import Frame, Instance, Scene, SceneMesh


def camera_at(centre, target, width=160, height=120, focal=None) -> Camera:
    focal = focal or 0.8 * width
    intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    return Camera(width, height, intrinsics, look_at(np.array(centre, dtype=float), np.array(target, dtype=float)))


def box(low, high):
    """Vertices, faces, normals and texture coordinates of an axis-aligned box, split at its edges."""
    mesh = trimesh.creation.box(bounds=[low, high])
    mesh.unmerge_vertices()
    normals = np.repeat(mesh.face_normals, 3, axis=0)
    return mesh.vertices, mesh.faces, normals, mesh.vertices - np.array(low)


def cylinder(foot, radius, height):
    mesh = trimesh.creation.cylinder(radius, height, sections=32)
    mesh = trimesh.graph.smooth_shade(mesh, angle=np.pi / 4)
    offset = np.array(foot) + [0, 0, height / 2]
    return mesh.vertices + offset, mesh.faces, mesh.vertex_normals, mesh.vertices


def upright_picture(low, high):
    """A rectangle that faces -y, with flat texture coordinates; `low` and `high` differ in x and z."""
    (x0, y, z0), (x1, _, z1) = low, high
    vertices = np.array([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], dtype=float)
    aspect = (x1 - x0) / (z1 - z0)
    texcoords = np.array([(0, 0, aspect), (1, 0, aspect), (1, 1, aspect), (0, 1, aspect)], dtype=float)
    return vertices, np.array([(0, 1, 2), (0, 2, 3)]), np.tile([0.0, -1.0, 0.0], (4, 1)), texcoords


def assemble(parts, lights=(), ambient=(0.3, 0.3, 0.3), cameras=(), scene_name="by_hand") -> Scene:
    """Scene of `(geometry, instance id, label, material)` parts."""
    vertices, faces, normals, texcoords, instance, material, start = [], [], [], [], [], [], 0
    for index, ((part_vertices, part_faces, part_normals, part_texcoords), instance_id, _, _) in enumerate(parts):
        vertices.append(part_vertices)
        faces.append(part_faces + start)
        normals.append(part_normals)
        texcoords.append(part_texcoords)
        instance.append(np.full(len(part_faces), instance_id))
        material.append(np.full(len(part_faces), index))
        start += len(part_vertices)
    labels = {instance_id: label for _, instance_id, label, _ in parts if instance_id}
    return Scene(
        source="test",
        domain="indoor",
        scene_name=scene_name,
        mesh=SceneMesh(np.concatenate(vertices), np.concatenate(faces), np.concatenate(instance)),
        instances=tuple(Instance(key, labels[key]) for key in sorted(labels)),
        frames=tuple(Frame(f"frame_{index:06d}", camera) for index, camera in enumerate(cameras)),
        appearance=Appearance(
            materials=tuple(part[3] for part in parts),
            face_material=np.concatenate(material),
            vertex_normals=np.concatenate(normals),
            vertex_texcoords=np.concatenate(texcoords),
            lights=tuple(lights),
            ambient=ambient,
        ),
    )


def furnished_room() -> Scene:
    """A 4 x 5 x 2.6 m room with a window to the left, and one thing for many patterns."""
    oak, dark = (0.55, 0.36, 0.19), (0.30, 0.17, 0.08)
    wall, varnished = Material("plaster", (0.72, 0.70, 0.65), scale_m=0.5), Material("wood", oak, dark, 0.1, 0.3)
    bricks = Material("brick", (0.5, 0.2, 0.13), (0.6, 0.58, 0.55), 0.24)
    legs = [box((x, y, 0), (x + 0.05, y + 0.05, 0.7)) for x in (1.25, 2.5) for y in (2.65, 3.3)]
    dial = upright_picture((2.4, 4.98, 1.5), (2.8, 4.98, 1.9))
    glow = upright_picture((1.5, 3.19, 0.84), (2.2, 3.19, 1.22))
    parts = [
        (box((0, 0, -0.1), (4, 5, 0)), 0, "", Material("planks", oak, dark, 0.12, 0.35)),
        (box((0, 0, 2.6), (4, 5, 2.7)), 0, "", Material("plain", (0.8, 0.8, 0.8))),
        (box((0, 5, 0), (4, 5.1, 2.6)), 0, "", Material("plaster", (0.25, 0.42, 0.55), scale_m=0.5)),
        (box((4, 0, 0), (4.1, 5, 2.6)), 0, "", bricks),
        (box((0, -0.1, 0), (4, 0, 2.6)), 0, "", wall),
        (box((-0.1, 0, 0), (0, 5, 0.9)), 0, "", wall),
        (box((-0.1, 0, 2.2), (0, 5, 2.6)), 0, "", wall),
        (box((-0.1, 0, 0.9), (0, 2.0, 2.2)), 0, "", wall),
        (box((-0.1, 3.6, 0.9), (0, 5, 2.2)), 0, "", wall),
        (box((-0.06, 2.0, 0.9), (-0.04, 3.6, 2.2)), 0, "", Material("glass", (0.8, 0.9, 1.0), emission=1.5)),
        (box((1.2, 2.6, 0.70), (2.6, 3.4, 0.74)), 1, "table", varnished),
        *((leg, 1, "table", varnished) for leg in legs),
        (cylinder((1.5, 2.9, 0.74), 0.04, 0.1), 2, "mug", Material("plain", (0.7, 0.05, 0.04), gloss=0.6)),
        (cylinder((2.3, 3.1, 0.74), 0.06, 0.25), 3, "vase", Material("marble", (0.8,) * 3, (0.2,) * 3, 0.1, 0.5)),
        (box((3.0, 4.2, 0), (3.9, 4.9, 0.45)), 4, "ottoman", Material("fabric", (0.1, 0.3, 0.3), scale_m=0.03)),
        (cylinder((3.4, 2.2, 0), 0.15, 0.5), 5, "bin", Material("metal", (0.6, 0.6, 0.62), scale_m=0.2, gloss=0.7)),
        (box((1.75, 3.2, 0.74), (1.95, 3.23, 0.84)), 6, "monitor", Material("plain", (0.02, 0.02, 0.02), gloss=0.3)),
        (glow, 6, "monitor", Material("screen", (0.1, 0.2, 0.5), emission=1.0)),
        (upright_picture((0.6, 4.98, 1.2), (1.6, 4.98, 1.9)), 7, "picture", Material("picture", (0.8,) * 3, seed=3)),
        (dial, 8, "clock", Material("clock", (0.9, 0.9, 0.9), (0.02,) * 3, seed=5)),
    ]
    sun = np.array([0.75, 0.25, -0.6])
    lights = [
        Light("sun", (0, 0, 0), tuple(sun / np.linalg.norm(sun)), (0, 0), (6.0, 5.4, 4.5)),
        Light("area", (0.0, 2.8, 1.55), (1, 0, 0), (1.6, 1.3), (2.4, 2.7, 3.0)),
        Light("area", (2.0, 2.5, 2.58), (0, 0, -1), (0.5, 0.5), (3.0, 2.7, 2.2)),
    ]
    ends = [((3.4, 0.5, 1.6), (1.6, 3.6, 0.8)), ((0.6, 0.6, 1.5), (2.6, 3.8, 0.8))]
    cameras = [camera_at(centre, target, 640, 480, 460) for centre, target in ends]
    return assemble(parts, lights, (0.25, 0.26, 0.28), cameras)


@pytest.fixture(scope="session")
def room() -> Scene:
    return furnished_room()


GREY = Material("plain", (0.5, 0.5, 0.5))


@pytest.fixture(scope="session", name="grey_box")
def grey_box_fixture():
    """`(low, high, instance_id=0, material=grey)` -> a part for `assemble`."""

    def build(low, high, instance_id=0, material=GREY):
        return box(low, high), instance_id, f"box {instance_id}", material

    return build


@pytest.fixture(scope="session", name="assemble")
def assemble_fixture():
    return assemble


@pytest.fixture(scope="session", name="camera_at")
def camera_at_fixture():
    return camera_at
