import hashlib

import numpy as np
import pytest

from generation.rng import stage_rng
from generation.scenes import open_source
from generation.scenes.base import Scene, SceneError
from generation.scenes.checks import check_scene
from generation.scenes.procedural.source import FLAT_SHARE, ProceduralSource, draw_rooms
from generation.settings import GenerateSettings, SourceSettings


SEED = 12  # that of the shared scenes


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
    said = (scene.scene_name, scene.instances, ids, look.materials, look.lights, look.ambient, look.sky, look.sensor)
    whole.update(repr(said).encode())
    return whole.hexdigest()


def test_scene_keeps_the_conventions(scene: Scene):
    assert check_scene(scene) is scene
    assert (scene.source, scene.domain) == ("procedural", "indoor")
    assert len(scene.frames) == 24
    assert [instance.instance_id for instance in scene.instances] == list(range(1, len(scene.instances) + 1))
    structure = {instance.label for instance in scene.instances if instance.is_structure}
    assert {"wall", "floor", "ceiling", "door"} <= structure


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


def test_same_seed_same_bytes_and_other_seed_other_bytes(all_scenes):
    again = ProceduralSource(seed=SEED, num_scenes=3).load("room_00002")
    assert digest(again) == digest(all_scenes[2])
    assert len({digest(scene) for scene in all_scenes}) == len(all_scenes)
    assert digest(ProceduralSource(seed=SEED + 2, num_scenes=1).load("room_00000")) != digest(all_scenes[0])


def test_a_scene_does_not_depend_on_the_others(all_scenes):
    many = ProceduralSource(seed=SEED, num_scenes=9)
    many.load("room_00001")  # what was loaded before must not matter either
    assert digest(many.load("room_00002")) == digest(all_scenes[2])


def test_names_and_sizes():
    source = ProceduralSource(seed=11, num_scenes=3, frames_per_scene=2, width=320, height=200)
    assert source.scene_names() == ["room_00000", "room_00001", "room_00002"]
    camera = source.load("room_00000").frames[0].camera
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


@pytest.mark.parametrize("clutter", [0.0, -1.0, float("inf"), float("nan")])
def test_a_clutter_that_is_not_positive_is_refused(clutter):
    with pytest.raises(SceneError, match="`clutter` is .*It must be a positive number"):
        ProceduralSource(seed=0, num_scenes=1, clutter=clutter)


def test_clutter_changes_the_scene_and_not_its_rooms():
    sparse, usual = (ProceduralSource(seed=11, num_scenes=1, frames_per_scene=2, clutter=k) for k in (0.5, 1.0))
    a, b = sparse.load("room_00000"), usual.load("room_00000")
    structure = [[instance.label for instance in scene.instances if instance.is_structure] for scene in (a, b)]
    assert structure[0] == structure[1]
    assert len(b.instances) > len(a.instances)


def test_rooms_of_the_kinds_that_are_asked_for():
    """Told by what no other kind has: every bathroom a toilet, every kitchen a stove."""
    source = open_source(SourceSettings(scenes=6, frames=2, rooms="kitchen, bathroom", seed=3))
    kinds = []
    for name in source.scene_names():
        labels = {instance.label for instance in source.load(name).instances}
        kinds.append(("toilet" in labels, "stove" in labels))
    assert set(kinds) == {(True, False), (False, True)}
    assert GenerateSettings(rooms="kitchen").of_the_rows["rooms"] == "kitchen"
    assert "rooms" not in GenerateSettings().of_the_rows
    with pytest.raises(SceneError, match="no rooms of the kind 'barn'. Use any of: office, meeting room"):
        open_source(SourceSettings(rooms="barn,kitchen"))
    with pytest.raises(ValueError, match="`rooms` is for the source procedural, not 'waymo'"):
        SourceSettings(source="waymo", rooms="kitchen")


def test_the_stated_share_of_the_scenes_are_flats():
    flats = sum(len(draw_rooms(stage_rng(0, f"room_{k:05d}", "room"))) > 1 for k in range(60))
    assert abs(flats / 60 - FLAT_SHARE) < 3 * (FLAT_SHARE * (1 - FLAT_SHARE) / 60) ** 0.5


def test_settings_hand_the_clutter_on():
    settings = SourceSettings(scenes=1, frames=2, clutter=0.5)
    assert open_source(settings).clutter == 0.5
    assert GenerateSettings(clutter=0.5).of_the_rows["clutter"] == 0.5
    with pytest.raises(ValueError, match="`clutter` must be positive, got 0.0"):
        SourceSettings(clutter=0.0)
    with pytest.raises(ValueError, match="`clutter` is for the source procedural, not 'scannetpp'"):
        SourceSettings(source="scannetpp", clutter=2.0)
