"""Depths that agree and depths that do not, in a room whose surfaces are known; poses here are OpenCV's."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.scenes.base import SceneError
from generation.scenes.depth_agreement import check_depth


FLIP = np.diag([1.0, -1, -1, 1])


@pytest.fixture(scope="module")
def frames(tmp_path_factory, write_capture, small_room):
    folder = tmp_path_factory.mktemp("capture") / "room"
    write_capture(folder, small_room)
    return [replace(frame, depth_path=folder / f"depth/{frame.frame_id}.png") for frame in small_room.frames]


def with_poses(frames, change):
    return [
        replace(frame, camera=replace(frame.camera, world_from_cam=change(frame.camera.world_from_cam)))
        for frame in frames
    ]


def test_good_frames_pass(frames):
    assert check_depth(frames) == frames


def test_a_noisy_sensor_passes(frames, tmp_path):
    noisy = []
    for k, frame in enumerate(frames):
        rng = np.random.default_rng(k)
        depth = np.array(Image.open(frame.depth_path)) * rng.normal(1, 0.01, (240, 320))
        depth[rng.random(depth.shape) < 0.1] = 0  # a tenth of the pixels without depth
        noisy.append(replace(frame, depth_path=tmp_path / f"{frame.frame_id}.png"))
        Image.fromarray(depth.astype(np.uint16)).save(noisy[-1].depth_path)
    assert check_depth(noisy) == noisy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda pose: pose @ FLIP, r"OpenGL camera axes \(x right, y up, z backward\), which must be turned"),
        (np.linalg.inv, "the inverse transform"),
        (lambda pose: np.linalg.inv(pose @ FLIP), "the inverse transform with OpenGL camera axes"),
    ],
    ids=["OpenGL", "inverse", "inverse OpenGL"],
)
def test_another_convention(frames, change, message):
    with pytest.raises(SceneError, match=f"They would fit if the poses had {message}"):
        check_depth(with_poses(frames, change))


def test_nonsense_is_not_explained(frames):
    rng = np.random.default_rng(0)
    order = iter(rng.permutation(len(frames)))
    shuffled = with_poses(frames, lambda pose: frames[next(order)].camera.world_from_cam)
    with pytest.raises(SceneError, match="No other axes, .* would help; frame '.*' fits least .* Do the poses belong"):
        check_depth(shuffled)


def test_one_bad_frame_is_named(frames):
    turned = with_poses(
        frames[:1], lambda pose: pose @ np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    )
    with pytest.raises(SceneError, match=f"[Ff]rame '{frames[0].frame_id}'"):
        check_depth([*turned, *frames[1:]])
