"""A scene's raw folder: whole or absent, and only for the settings that made it."""

import json

import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.raw import read_raw_scene, write_raw_scene


ROWS = [{"id": "a", "question": "Wie groß?"}, {"id": "b", "question": "How many\nlines?"}]
IMAGES = {"frame_000010": b"\xff\xd8one", "frame_000020": b"\xff\xd8two"}
COUNTS = {"obj_count_occ": {"proposed": 2, "kept": 2}}


def test_round_trip(tmp_path):
    write_raw_scene(tmp_path / "room", "key", ROWS, IMAGES, COUNTS)
    scene = read_raw_scene(tmp_path / "room", "key")
    assert scene.rows == ROWS and scene.images == IMAGES and scene.counts == COUNTS
    assert [path.name for path in tmp_path.iterdir()] == ["room"]


def test_other_settings_are_not_mistaken_for_these(tmp_path):
    write_raw_scene(tmp_path / "room", "key", ROWS, IMAGES, COUNTS)
    assert read_raw_scene(tmp_path / "room", "other key") is None
    assert read_raw_scene(tmp_path / "no such room", "key") is None


def test_a_stopped_scene_leaves_nothing_under_its_name(tmp_path):
    with pytest.raises(TypeError):
        write_raw_scene(tmp_path / "room", "key", [{"id": object()}], IMAGES, COUNTS)
    assert list(tmp_path.iterdir()) == []


def test_rewriting_replaces_old_images(tmp_path):
    write_raw_scene(tmp_path / "room", "key", ROWS, IMAGES, COUNTS)
    write_raw_scene(tmp_path / "room", "key 2", ROWS[:1], {"frame_000030": b"new"}, COUNTS)
    assert read_raw_scene(tmp_path / "room", "key 2").images == {"frame_000030": b"new"}


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"key": "key"})])
def test_damaged_marker_is_named(tmp_path, text):
    write_raw_scene(tmp_path / "room", "key", ROWS, IMAGES, COUNTS)
    (tmp_path / "room" / "done.json").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"done\.json cannot be read .* Delete the folder"):
        read_raw_scene(tmp_path / "room", "key")
