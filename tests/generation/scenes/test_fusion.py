"""Fused points lie where the surfaces are, and what frames contradict is dropped."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from PIL import Image

from generation.geometry import Camera, look_at
from generation.scenes.base import Frame, Instance, Scene, SceneError, SceneMesh
from generation.scenes.checks import check_scene
from generation.scenes.fusion import frame_points, fuse_frames


INTRINSICS = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])


@pytest.fixture
def frames(tmp_path, write_capture):
    """A ball (1) 2 m before a wall (2), from five places in a row; 100 x 80 pixels."""
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.5)
    wall = trimesh.creation.box(bounds=np.array([[-4, 2, -3], [4, 2.2, 3]], dtype=float))
    both = trimesh.util.concatenate([ball, wall])
    owner = np.repeat([1, 2], [len(ball.faces), len(wall.faces)])
    centres = [np.array([x, -3.0, 0.1]) for x in (-0.8, -0.4, 0.0, 0.4, 0.8)]
    shots = tuple(
        Frame(f"frame_{k}", Camera(100, 80, INTRINSICS, look_at(centre, np.zeros(3))))
        for k, centre in enumerate(centres)
    )
    labels = (Instance(1, "ball"), Instance(2, "wall", is_structure=True))
    scene = Scene("test", "indoor", "ball", SceneMesh(both.vertices, both.faces, owner), labels, shots)
    write_capture(tmp_path, scene)
    return [
        replace(
            shot,
            image_path=tmp_path / f"images/{shot.frame_id}.jpg",
            depth_path=tmp_path / f"depth/{shot.frame_id}.png",
            instance_path=tmp_path / f"instance/{shot.frame_id}.png",
        )
        for shot in shots
    ]


def edit(path, change) -> None:
    stored = np.array(Image.open(path))
    change(stored)
    Image.fromarray(stored).save(path)


def test_points_lie_on_their_surfaces(frames):
    cloud = fuse_frames(frames, [1, 2], [1])
    ball, wall = (cloud.points[cloud.point_instance == k] for k in (1, 2))
    # cells of 5 mm, depth in whole mm, a ball of flat triangles: within 4 mm of the radius
    np.testing.assert_allclose(np.linalg.norm(ball, axis=1), 0.5, atol=0.004)
    np.testing.assert_allclose(wall[:, 1], 2, atol=0.002)
    # the cameras see this part of the ball: all that faces any of them, and nothing of its back
    assert ball[:, 1].max() < 0.1 and ball[:, 1].min() == pytest.approx(-0.5, abs=0.005)
    assert cloud.views == {1: 5, 2: 5}
    # one point in each cell: 5 mm apart, 2 cm on the wall, where nobody asks for more
    assert len(np.unique(np.floor((wall - frames[0].camera.centre) / 0.02), axis=0)) == len(wall)


def test_halves_of_the_frames_are_told_apart(frames):
    cloud = fuse_frames(frames[:2], [1, 2], [1])  # one even frame, one odd
    ball = cloud.point_instance == 1
    on_the_left = ball & (cloud.points[:, 0] < -0.3)
    left, right = (cloud.points[on_the_left & cloud.seen_by[:, k]][:, 1].max() for k in (0, 1))
    assert left > right + 0.02  # the first camera stands further to the left, and sees further back on that side
    assert cloud.seen_by[ball].any(axis=1).all()


def test_without_frames_or_depth_there_are_no_points(frames):
    for frame in frames:
        edit(frame.depth_path, lambda depth: depth.fill(0))
    assert len(fuse_frames(frames, [1, 2], [1]).points) == 0


def test_ids_that_are_no_instances_belong_to_nothing(frames):
    assert set(fuse_frames(frames, [1], [1]).point_instance.tolist()) == {0, 1}


def test_points_in_mid_air_are_dropped(frames):
    def float_away(depth):
        depth[0:12, 0:12] = 1000  # a patch of the wall at 1 m, which the other frames see through

    edit(frames[2].depth_path, float_away)
    cloud = fuse_frames(frames, [1, 2], [1])
    assert cloud.points[cloud.point_instance == 2][:, 1].min() > 1.9


def test_wall_that_one_mask_calls_a_ball_is_dropped(frames):
    def spill(ids):
        ids[0:20, 40:60] = 1

    edit(frames[2].instance_path, spill)
    cloud = fuse_frames(frames, [1, 2], [1])
    assert cloud.points[cloud.point_instance == 1][:, 1].max() < 0.1


def test_specks_are_dropped(frames):
    def speck(depth):
        depth[5, 5] = 300  # a single pixel close to the lens, where no other frame looks

    edit(frames[0].depth_path, speck)
    assert fuse_frames(frames, [1, 2], [1]).points[:, 1].min() > -0.6


def test_spacing_on_paper():
    camera = Camera(4, 3, np.array([[100.0, 0, 2], [0, 100, 1.5], [0, 0, 1]]), np.eye(4))
    ids = np.ones((3, 4), dtype=int)
    points, spacing_m = frame_points(camera, np.full((3, 4), 2.0), ids)
    np.testing.assert_allclose(points[1, 2], [0.01, 0, 2], atol=1e-6)
    np.testing.assert_allclose(spacing_m, 0.02, rtol=1e-5)  # 2 m / 100 pixels
    slanted = np.tile([2.0, 2.03, 2.06, 2.09], (3, 1))  # 2 cm to the side, 3 cm into the depth
    _, spacing_m = frame_points(camera, slanted, ids)
    assert spacing_m[0, 0] == pytest.approx(np.hypot(0.02, 0.03), rel=0.02)
    _, spacing_m = frame_points(camera, np.tile([2.0, 2.0, 5.0, 5.0], (3, 1)), ids)
    assert spacing_m[0, 1] == pytest.approx(0.08)  # a step between two parts is no slant: four pixels' widths
    _, spacing_m = frame_points(camera, slanted, np.arange(12).reshape(3, 4))
    np.testing.assert_allclose(spacing_m, slanted / 100)  # neighbours of other things do not count


def test_a_scene_of_points_is_checked(frames):
    cloud = fuse_frames(frames, [1, 2], [1])
    labels = (Instance(1, "ball"), Instance(2, "wall", is_structure=True))
    scene = Scene("test", "indoor", "ball", None, labels, tuple(frames), points=cloud)
    assert check_scene(scene) is scene
    assert scene.boxes[2].centre[1] == pytest.approx(2, abs=0.01)
    for broken, message in (
        (replace(scene, points=None), "it has neither a mesh nor points. Give it one of the two"),
        (replace(scene, instances=labels[:1]), "instance 2 is in the points but not in the list"),
        (replace(scene, instances=(*labels, Instance(3, "cup"))), "instance 3 is in the list but has no point"),
        (replace(scene, frames=(replace(frames[0], depth_path=None),)), "'frame_0' has no depth or no instance ids"),
        (replace(scene, points=replace(cloud, points=1e5 * cloud.points)), "the points span .* must be metres"),
    ):
        with pytest.raises(SceneError, match=f"Scene 'ball': .*{message}"):
            check_scene(broken)
