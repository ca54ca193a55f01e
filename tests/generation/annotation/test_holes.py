"""Things behind holes in scanned surfaces, on scenes whose every pixel can be told on paper."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.annotation.annotate import annotate_scene
from generation.annotation.holes import patches
from generation.annotation.scene_annotation import ABSENT, UNCLEAR, VISIBLE
from generation.scenes.base import SceneMesh


# The camera of conftest.py: a point (x, y, z) is at column 50 + 100 x / y and row 40 - 100 z / y
HIDDEN = ((-0.28, 0.28), (4, 5), (-0.28, 0.28))  # columns 43-57 and rows 33-47, all behind the screen


def screen(hole: bool):
    """Vertices and faces of a screen of 2 x 2 m at y = 2, as 20 x 20 squares, without the middle 4 x 4."""
    steps = np.linspace(-1, 1, 21)
    x, z = np.meshgrid(steps, steps)
    vertices = np.stack([x.ravel(), np.full(441, 2.0), z.ravel()], axis=1)
    faces = []
    for row in range(20):
        for column in range(20):
            if hole and 8 <= row < 12 and 8 <= column < 12:
                continue
            a = 21 * row + column
            faces += [(a, a + 1, a + 22), (a, a + 22, a + 21)]
    return vertices, np.array(faces)


def room(box_scene, hole: bool, scanned: bool = True):
    """A box (1) behind a screen (2)."""
    scene = box_scene(HIDDEN, ((-9, -8), (2, 3), (0, 1)))
    box = scene.mesh.vertices[:8], scene.mesh.faces[:12]
    vertices, faces = screen(hole)
    mesh = SceneMesh(
        np.concatenate([box[0], vertices]),
        np.concatenate([box[1], faces + 8]),
        np.repeat([1, 2], [12, len(faces)]),
        scanned,
    )
    return replace(scene, mesh=mesh)


def test_behind_a_whole_screen_nothing_is_seen(box_scene):
    a = annotate_scene(room(box_scene, hole=False), seed=0)
    assert a.visible_pixels[0, 0] == 0 and not a.in_doubt.any() and not a.doubtful_pixels.any()


def test_what_is_seen_through_a_hole_is_in_doubt(box_scene):
    # the hole is 0.4 m wide at 2 m: columns 40-60; the box behind fills columns 43-57 of it, seen as if visible
    a = annotate_scene(room(box_scene, hole=True), seed=0)
    assert a.visible_pixels[0, 0] == 14 * 14
    np.testing.assert_array_equal(a.doubtful_pixels[0, 0], [196, 0])  # all of it may be the screen in truth
    assert a.doubtful_pixels[0, 1, 1] == 20 * 20  # and these may all be the screen
    assert a.in_doubt[0, 0] and a.visibility[0, 0] == UNCLEAR
    # the screen is seen either way
    assert not a.in_doubt[0, 1] and a.visibility[0, 1] == VISIBLE
    exact = annotate_scene(room(box_scene, hole=True, scanned=False), seed=0)  # a made mesh may be meant so
    assert exact.visibility[0, 0] == VISIBLE and not exact.in_doubt.any()


@pytest.mark.parametrize(("depth_m", "expected"), [(4.0, VISIBLE), (2.0, UNCLEAR), (0.0, UNCLEAR)])
def test_a_depth_sensor_decides(box_scene, tmp_path, depth_m, expected):
    scene = room(box_scene, hole=True)
    stored = np.full((8, 10), round(1000 * depth_m), dtype=np.uint16)  # 10 pixels of the photo to one of the sensor
    Image.fromarray(stored).save(tmp_path / "depth.png")
    scene = replace(scene, frames=(replace(scene.frames[0], depth_path=tmp_path / "depth.png"),))
    a = annotate_scene(scene, seed=0)
    assert a.visibility[0, 0] == expected
    if depth_m == 4.0:
        assert a.doubtful_pixels[0, 0, 0] == 0


def test_a_sensor_sees_what_the_mesh_lacks(box_scene, tmp_path):
    # no hole anywhere, but something that was never scanned stands before the box
    scene = box_scene(HIDDEN)
    scene = replace(scene, mesh=replace(scene.mesh, scanned=True))
    Image.fromarray(np.full((80, 100), 1000, dtype=np.uint16)).save(tmp_path / "depth.png")
    seen = annotate_scene(scene, seed=0)
    assert seen.visibility[0, 0] == VISIBLE
    scene = replace(scene, frames=(replace(scene.frames[0], depth_path=tmp_path / "depth.png"),))
    assert annotate_scene(scene, seed=0).visibility[0, 0] == UNCLEAR


def test_own_holes_do_not_matter(box_scene):
    # an open box is seen into, but what is seen is the box
    scene = box_scene(((-0.4, 0.4), (2, 3), (-0.4, 0.4)))
    front = np.flatnonzero((scene.mesh.vertices[scene.mesh.faces][:, :, 1] == 2).all(axis=1))
    assert len(front) == 2
    mesh = SceneMesh(scene.mesh.vertices, np.delete(scene.mesh.faces, front, 0), np.ones(10, dtype=int), True)
    a = annotate_scene(replace(scene, mesh=mesh), seed=0)
    # every ray that enters by the front ends inside, some 1 m behind; nothing is in doubt
    assert not a.in_doubt.any() and not a.doubtful_pixels.any() and a.visibility[0, 0] == VISIBLE


def test_split_vertices_and_long_rims_are_no_holes(box_scene):
    vertices, faces = screen(hole=False)
    split = SceneMesh(vertices[faces].reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3), np.ones(len(faces)))
    assert len(patches(split)[0]) == 0  # one surface in pieces; its outer rim is 8 m long
    holed = SceneMesh(*screen(hole=True), np.ones(768, dtype=int))
    corners, owner = patches(holed)
    # its rim has 16 edges of 0.1 m
    assert len(corners) == 16 and (owner == 1).all() and np.allclose(corners[:, 2], [0, 2, 0])


def test_a_frame_without_holes_is_absent_where_hidden(box_scene):
    a = annotate_scene(room(box_scene, hole=False), seed=0)
    assert a.visibility[0, 0] == ABSENT
