"""Scenes of a few boxes before one small camera, on which everything can be worked out on paper.

The camera stands at the origin and looks along +y: a point (x, y, z) is at column 50 + 100 x / y and row
40 - 100 z / y.
"""

import numpy as np
import pytest
import trimesh

from generation.geometry import Camera, look_at
from generation.scenes.base import Frame, Instance, Scene, SceneMesh


INTRINSICS = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])


def _camera(centre=(0, 0, 0)) -> Camera:
    centre = np.array(centre, dtype=float)
    return Camera(100, 80, INTRINSICS, look_at(centre, centre + [0, 1, 0]))


def _box_scene(*boxes, centres=((0, 0, 0),), labels=None, structure=()) -> Scene:
    """Scene of axis-parallel boxes, each ((x0, x1), (y0, y1), (z0, z1)); ids from 1; a camera at each of `centres`."""
    meshes = [trimesh.creation.box(bounds=np.array(box, dtype=float).T) for box in boxes]
    mesh = trimesh.util.concatenate(meshes)
    labels = labels or [f"thing {k}" for k in range(len(boxes))]
    return Scene(
        source="boxes",
        domain="indoor",
        scene_name="boxes",
        mesh=SceneMesh(np.array(mesh.vertices), np.array(mesh.faces), np.repeat(np.arange(len(boxes)) + 1, 12)),
        instances=tuple(Instance(k + 1, label, k in structure) for k, label in enumerate(labels)),
        frames=tuple(Frame(f"frame_{k}", _camera(centre)) for k, centre in enumerate(centres)),
    )


@pytest.fixture(scope="session")
def camera_at():
    return _camera


@pytest.fixture(scope="session")
def box_scene():
    return _box_scene
