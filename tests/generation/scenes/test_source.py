import hashlib

import numpy as np
import pytest

from generation.scenes.base import Scene, SceneError
from generation.scenes.checks import check_scene
from generation.scenes.procedural.source import ProceduralSource


def digest(scene: Scene) -> str:
    """Hash of everything in a scene."""
    look = scene.appearance
    whole = hashlib.sha256()
    for array in (
        scene.mesh.vertices, scene.mesh.faces, scene.mesh.face_instance, look.face_material, look.vertex_normals,
        look.vertex_texcoords, *(frame.camera.world_from_cam for frame in scene.frames),
        *(frame.camera.intrinsics for frame in scene.frames),
    ):  # fmt: skip
        whole.update(np.ascontiguousarray(array).tobytes())
    ids = [frame.frame_id for frame in scene.frames]
    whole.update(repr((scene.scene_name, scene.instances, ids, look.materials, look.lights, look.ambient)).encode())
    return whole.hexdigest()


def test_scene_keeps_the_conventions(scene: Scene):
    assert check_scene(scene) is scene
    assert (scene.source, scene.domain) == ("procedural", "indoor")
    assert len(scene.frames) == 24
    assert [instance.instance_id for instance in scene.instances] == list(range(1, len(scene.instances) + 1))
    structure = {instance.label for instance in scene.instances if instance.is_structure}
    assert {"wall", "floor", "ceiling", "door", "window"} <= structure


def test_appearance_matches_the_mesh(scene: Scene):
    look, mesh = scene.appearance, scene.mesh
    assert len(look.face_material) == len(mesh.faces)
    assert look.face_material.min() >= 0
    assert look.face_material.max() < len(look.materials)
    assert look.vertex_normals.shape == look.vertex_texcoords.shape == mesh.vertices.shape
    np.testing.assert_allclose(np.linalg.norm(look.vertex_normals, axis=1), 1, atol=1e-3)
    # shading normals are on the outer side of their triangles
    corners = mesh.vertices[mesh.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    shading = look.vertex_normals[mesh.faces].mean(axis=1)
    assert ((flat * shading).sum(axis=1) > 0).mean() > 0.99


def test_same_seed_same_bytes_and_other_seed_other_bytes():
    first, again, other = (ProceduralSource(seed=seed, num_scenes=1, frames_per_scene=4) for seed in (5, 5, 6))
    assert digest(first.load("room_00000")) == digest(again.load("room_00000"))
    assert digest(first.load("room_00000")) != digest(other.load("room_00000"))


def test_a_scene_does_not_depend_on_the_others():
    few, many = (ProceduralSource(seed=5, num_scenes=n, frames_per_scene=4) for n in (2, 9))
    many.load("room_00004")  # what was loaded before must not matter either
    assert digest(few.load("room_00001")) == digest(many.load("room_00001"))
    assert digest(few.load("room_00000")) != digest(few.load("room_00001"))


def test_names_and_sizes():
    source = ProceduralSource(seed=0, num_scenes=3, frames_per_scene=2, width=320, height=200)
    assert source.scene_names() == ["room_00000", "room_00001", "room_00002"]
    camera = source.load("room_00002").frames[0].camera
    assert (camera.width, camera.height) == (320, 200)
    assert abs(camera.intrinsics[0, 2] - 160) < 10
    assert abs(camera.intrinsics[1, 2] - 100) < 10


@pytest.mark.parametrize("name", ["room_00003", "room_3", "../room_00000", ""])
def test_unknown_names_are_refused(name):
    with pytest.raises(SceneError, match="is not one of the 3 procedural rooms. Use a name from room_00000 to"):
        ProceduralSource(seed=0, num_scenes=3).load(name)


@pytest.mark.parametrize("field", ["num_scenes", "frames_per_scene", "width", "height"])
def test_counts_below_one_are_refused(field):
    with pytest.raises(SceneError, match=f"`{field}` is 0. It must be at least 1"):
        ProceduralSource(**{"seed": 0, "num_scenes": 1, field: 0})
