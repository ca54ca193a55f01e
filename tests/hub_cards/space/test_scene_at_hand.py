"""The map's scene: the one that the row was made from, or none with the reason."""

import json

import numpy as np
import pytest
import scene_at_hand
from reading import Questions
from scene_at_hand import NoMapError, Scenes


RUN = {"source": "procedural", "seed": 3, "scenes": 2, "frames": 6, "version": "0.0"}  # as the dataset says


@pytest.fixture(scope="module")
def rows(dataset):
    questions = Questions(str(dataset))
    return [questions.row(row_id) for row_id in questions.index("object_count", None)["id"].to_pylist()]


@pytest.fixture(scope="module")
def scene_of(rooms, rows):
    return {name: rooms.load(name) for name in {row["scene_name"] for row in rows}}


def test_a_map_has_the_rows_cameras_and_the_objects_of_its_scene(rows, scene_of):
    scenes = Scenes(RUN, None)
    for row in rows:
        footprints, eyes = scenes.plan(row)
        scene = scene_of[row["scene_name"]]
        poses = {frame.frame_id: frame.camera.world_from_cam for frame in scene.frames}
        assert [(eye.x, eye.y) for eye in eyes] == [tuple(poses[name][:2, 3]) for name in row["frames"]]
        assert [eye.asked for eye in eyes] == [False, True, False]
        (target,) = (area for area in footprints if area.kind == "target")
        evidence = json.loads(row["evidence"])["targets"][0]
        points = scene.points_of(evidence["instance_id"])[:, :2]
        # the corners enclose all of its vertices, and not much more than their bounding box
        edges = np.roll(target.corners, -1, axis=0) - target.corners  # (4, 2), counter-clockwise
        away = points[:, None] - target.corners
        inside = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0]
        assert (inside > -1e-6).all()
        assert np.prod(np.linalg.norm(edges[:2], axis=1)) <= np.prod(np.ptp(points, axis=0)) + 1e-6


def test_a_scene_that_another_seed_made_is_not_shown(rows):
    with pytest.raises(NoMapError, match="not the one that this row was made from"):
        Scenes({**RUN, "seed": 4}, None).plan(rows[0])


def test_a_box_outside_the_objects_projection_tells_another_scene(rows, scene_of):
    scenes, tried = Scenes(RUN, None), 0
    for row in rows:
        evidence, scene = json.loads(row["evidence"]), scene_of[row["scene_name"]]
        cameras = {frame.frame_id: frame.camera for frame in scene.frames}
        target = evidence["targets"][0]
        for view, name in zip(target["views"], row["frames"], strict=True):
            pixels, depth_m = cameras[name].project(scene.points_of(target["instance_id"]))
            if view["visible_box"] and depth_m.min() > 1 and pixels[:, 0].min() > 60:  # all of it in front
                view["visible_box"] = [0, *view["visible_box"][1:]]
                tried += 1
                with pytest.raises(NoMapError, match=row["scene_name"]):
                    scenes.plan({**row, "evidence": json.dumps(evidence)})
                break
    assert tried


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ({}, "does not say how its scenes were made"),
        ({"source": "scannetpp"}, "scenes of scannetpp are not at hand. Start the app with --root"),
        ({**RUN, "scenes": 0}, "must be at least 1"),
    ],
)
def test_why_there_is_no_map(run, reason):
    with pytest.raises(NoMapError, match=f"There is no map: .*{reason}"):
        Scenes(run, None)


def test_without_the_package_there_is_no_map(monkeypatch):
    monkeypatch.setattr(scene_at_hand.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoMapError, match="spatialmosaic.* is not installed"):
        Scenes(RUN, None)


def test_a_missing_folder_of_scans_is_named(tmp_path, rows):
    with pytest.raises(NoMapError, match="There is no map"):
        Scenes({"source": "scannetpp"}, tmp_path / "nowhere").plan(rows[0])


def test_rooms_of_kinds_that_were_asked_for_are_made_again():
    """Of all kinds, every kitchen alone has a stove, every bathroom alone a toilet."""
    for kind, expected in (("kitchen", {"stove"}), ("bathroom", {"toilet"})):
        scene = Scenes(RUN | {"rooms": kind}, None).load("room_00000")
        assert {one.label for one in scene.instances} & {"stove", "toilet"} == expected
