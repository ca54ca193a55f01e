import hashlib

import numpy as np
import pytest

from generation.scenes import SOURCES, open_source
from generation.scenes.base import Scene, SceneError
from generation.scenes.checks import check_scene
from generation.scenes.streets.source import StreetSource
from generation.settings import SourceSettings


def digest(scene: Scene) -> str:
    """Hash of everything in a scene."""
    look, whole = scene.appearance, hashlib.sha256()
    for array in (
        scene.mesh.vertices, scene.mesh.faces, scene.mesh.face_instance, look.face_material, look.vertex_normals,
        look.vertex_texcoords, *(frame.camera.world_from_cam for frame in scene.frames),
        *(frame.camera.intrinsics for frame in scene.frames),
    ):  # fmt: skip
        whole.update(np.ascontiguousarray(array).tobytes())
    ids = [frame.frame_id for frame in scene.frames]
    rest = (scene.scene_name, scene.instances, ids, look.materials, look.lights, look.ambient, look.sky, look.sensor)
    whole.update(repr(rest).encode())
    return whole.hexdigest()


def test_scene_keeps_the_conventions(street_scene):
    assert check_scene(street_scene) is street_scene
    assert (street_scene.source, street_scene.domain) == ("streets", "outdoor")
    assert street_scene.redistributable
    structure = {one.label for one in street_scene.instances if one.is_structure}
    assert structure == {"road", "kerb", "pavement", "building"}
    assert len(street_scene.mesh.faces) <= 165_000
    extent = np.ptp(street_scene.mesh.vertices, axis=0)
    assert 90 < extent[0] < 140 and extent[1] < 100 and extent[2] < 30


def test_appearance_matches_the_mesh(street_scene):
    look, mesh = street_scene.appearance, street_scene.mesh
    assert len(look.face_material) == len(mesh.faces)
    assert look.face_material.max() < len(look.materials)
    assert look.vertex_normals.shape == look.vertex_texcoords.shape == mesh.vertices.shape
    np.testing.assert_allclose(np.linalg.norm(look.vertex_normals, axis=1), 1, atol=1e-3)
    corners = mesh.vertices[mesh.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tx,tx->t", flat, look.vertex_normals[mesh.faces].mean(axis=1)) > 0).mean() > 0.99


def test_light_is_that_of_the_open_air(street_scene):
    look = street_scene.appearance
    sun = [light for light in look.lights if light.kind == "sun"]
    assert len(sun) == 1 and sun[0].direction[2] < 0
    assert np.linalg.norm(sun[0].direction) == pytest.approx(1)
    assert not look.sky.skyline
    assert max(look.sky.zenith + look.sky.horizon) <= 1.05
    assert look.sensor.noise < 0.03 and look.sensor.blur_px < 1


def test_same_seed_same_bytes_and_the_others_do_not_matter():
    few, many, other = (StreetSource(seed, count, 2) for seed, count in ((5, 1), (5, 9), (6, 1)))
    many.load("street_00004")  # what was loaded before must not matter either
    first = digest(few.load("street_00000"))
    assert first == digest(many.load("street_00000"))
    assert first != digest(other.load("street_00000"))


def test_names_sizes_and_few_frames():
    source = StreetSource(0, 3, 2, width=320, height=200)
    assert source.scene_names() == ["street_00000", "street_00001", "street_00002"]
    frames = source.load("street_00002").frames
    assert [frame.frame_id for frame in frames] == ["walk_00", "walk_01"]  # too few for all five cameras of the car
    assert (frames[0].camera.width, frames[0].camera.height) == (320, 200)
    assert abs(frames[0].camera.intrinsics[0, 2] - 160) < 10


def test_the_command_line_knows_it():
    assert "streets" in SOURCES
    source = open_source(SourceSettings(source="streets", scenes=3, frames=7, seed=2))
    assert len(source.scene_names()) == 3 and source.frames_per_scene == 7 and source.seed == 2


@pytest.mark.parametrize("name", ["street_00003", "room_00000", "../street_00000", ""])
def test_unknown_names_are_refused(name):
    with pytest.raises(SceneError, match="is not one of the 3 streets. Use a name from street_00000 to street_00002"):
        StreetSource(0, 3).load(name)


@pytest.mark.parametrize("field", ["num_scenes", "frames_per_scene", "width", "height"])
def test_counts_below_one_are_refused(field):
    with pytest.raises(SceneError, match=f"`{field}` is 0. It must be at least 1"):
        StreetSource(**{"seed": 0, "num_scenes": 1, field: 0})
