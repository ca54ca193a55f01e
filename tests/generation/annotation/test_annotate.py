"""The annotation of a scene, and its cache."""

import logging
from dataclasses import fields, replace

import numpy as np
import pytest

import generation.annotation.annotate as module
from generation.annotation.annotate import annotate_scene, cached_annotation
from generation.annotation.scene_annotation import SceneAnnotation
from generation.scenes.base import Instance


BOXES = (((-0.4, 0.4), (2, 2.5), (-0.2, 0.2)), ((0, 1.6), (4, 5), (-0.8, 0.8)), ((-3, 3), (6, 6.1), (-3, 3)))


@pytest.fixture
def scene(box_scene):
    return box_scene(
        *BOXES, centres=((0, 0, 0), (0.3, 0, 0), (0, 20, 0)), labels=["chair", "sofa", "wall"], structure={2}
    )


def assert_equal(a: SceneAnnotation, b: SceneAnnotation) -> None:
    for field in fields(SceneAnnotation):
        one, other = getattr(a, field.name), getattr(b, field.name)
        if one is None or isinstance(one, str):
            assert one == other, field.name
        else:
            assert one.dtype == other.dtype, field.name
            np.testing.assert_array_equal(one, other, err_msg=field.name)


def test_structure_hides_but_is_not_listed(scene):
    assert annotate_scene(scene, seed=0).labels.tolist() == ["chair", "sofa"]
    assert annotate_scene(scene, seed=0, with_structure=True).labels.tolist() == ["chair", "sofa", "wall"]
    # without the sofa's frame beside it, the wall would be seen: its samples count for the overlap either way
    assert np.unpackbits(annotate_scene(scene, seed=0).surface_bits[0]).sum() > 0


def test_a_frame_that_looks_away_sees_nothing(scene):
    a = annotate_scene(scene, seed=0)
    assert a.visible_pixels[2].sum() == 0 and a.surface_bits[2].sum() == 0
    np.testing.assert_array_equal(a.overlap[2], [0, 0, 0])


def test_same_seed_same_numbers(scene):
    assert_equal(annotate_scene(scene, seed=3), annotate_scene(scene, seed=3))


def test_scene_without_askable_instances(scene):
    walls = tuple(replace(instance, is_structure=True) for instance in scene.instances)
    a = annotate_scene(replace(scene, instances=walls), seed=0)
    assert a.visible_pixels.shape == (3, 0) and a.directions["lr"].shape == (3, 0, 0)


def test_save_and_load(scene, tmp_path):
    a = annotate_scene(scene, seed=0)
    a.save(tmp_path / "deep" / "a.npz")
    assert_equal(SceneAnnotation.load(tmp_path / "deep" / "a.npz"), a)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.npz"]  # no partial file is left


def test_cache_is_read(scene, tmp_path, monkeypatch):
    a = cached_annotation(scene, 0, tmp_path)
    monkeypatch.setattr(module, "annotate_scene", None)  # would fail if it were called
    assert_equal(cached_annotation(scene, 0, tmp_path), a)


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "not an archive"])
def test_damaged_cache_is_made_again(scene, tmp_path, damage, caplog):
    a = cached_annotation(scene, 0, tmp_path)
    (path,) = tmp_path.iterdir()
    raw = bytearray(path.read_bytes())
    if damage == "flipped":
        raw[50:-300:100] = bytes(byte ^ 0x5A for byte in raw[50:-300:100])
    path.write_bytes({"truncated": raw[:1000], "empty": b"", "flipped": raw, "not an archive": b"x" * 999}[damage])
    with caplog.at_level(logging.WARNING):
        assert_equal(cached_annotation(scene, 0, tmp_path), a)
    assert path.name in caplog.text
    caplog.clear()
    cached_annotation(scene, 0, tmp_path)
    assert not caplog.text  # the cache is whole again


def test_every_change_has_its_own_key(scene, tmp_path):
    moved = replace(scene.mesh, vertices=scene.mesh.vertices + [0, 0, 1e-6])
    camera = scene.frames[0].camera
    longer = replace(camera, intrinsics=camera.intrinsics * [[1.01], [1], [1]])
    changed = [
        (scene, 0),
        (scene, 1),
        (replace(scene, mesh=moved), 0),
        (replace(scene, source="other"), 0),
        (replace(scene, instances=(Instance(1, "stool"), *scene.instances[1:])), 0),
        (replace(scene, frames=scene.frames[:2]), 0),
        (replace(scene, frames=(replace(scene.frames[0], camera=longer), *scene.frames[1:])), 0),
        (replace(scene, frames=(replace(scene.frames[0], frame_id="renamed"), *scene.frames[1:])), 0),
    ]
    for one, seed in changed:
        cached_annotation(one, seed, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(changed)
