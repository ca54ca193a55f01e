"""Masks of boxes whose projections are rectangles known on paper."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.annotation.annotate import annotate_scene
from generation.annotation.scene_annotation import ABSENT, UNCLEAR, VISIBLE
from generation.annotation.visibility import VisibilityAnnotator, projected_window, tight_box
from generation.geometry import extended_canvas


# front faces project to columns 30-70, rows 30-50 and to columns 50-90, rows 20-60
NEAR = ((-0.4, 0.4), (2, 2.5), (-0.2, 0.2))
FAR = ((0, 1.6), (4, 5), (-0.8, 0.8))
# columns 50-150, rows 30-50: half of it is right of the image, which ends at column 100; the canvas ends at 150
CUT = ((0, 2), (2, 2.5), (-0.2, 0.2))


def test_two_boxes_one_before_the_other(box_scene):
    a = annotate_scene(box_scene(NEAR, FAR), seed=0)
    np.testing.assert_array_equal(a.amodal_pixels, [[40 * 20, 40 * 40]])
    np.testing.assert_array_equal(a.visible_pixels, [[800, 1600 - 20 * 20]])
    np.testing.assert_array_equal(a.extended_pixels, [[800, 1600]])
    np.testing.assert_array_equal(a.amodal_box[0], [[30, 30, 70, 50], [50, 20, 90, 60]])
    np.testing.assert_array_equal(a.visible_box[0], [[30, 30, 70, 50], [50, 20, 90, 60]])
    np.testing.assert_allclose(a.occlusion, [[0, 0.25]])
    np.testing.assert_allclose(a.truncation, [[0, 0]])
    np.testing.assert_allclose(a.depth_min_m, [[2, 4]], atol=1e-5)
    np.testing.assert_allclose(a.depth_mean_m, [[2, 4]], atol=1e-5)
    np.testing.assert_allclose(a.centre_distance_m, [[2.25, np.hypot(0.8, 4.5)]], atol=1e-9)
    np.testing.assert_allclose(a.nearest_m, [[2, 4]], atol=1e-9)


def test_box_cut_by_the_image_border(box_scene):
    a = annotate_scene(box_scene(CUT), seed=0)
    assert (a.amodal_pixels, a.visible_pixels, a.extended_pixels) == (1000, 1000, 2000)
    np.testing.assert_array_equal(a.amodal_box[0, 0], [50, 30, 100, 50])
    assert a.truncation[0, 0] == 0.5 and a.occlusion[0, 0] == 0


def test_extended_canvas_cuts_too(box_scene):
    a = annotate_scene(box_scene(((0, 40), (2, 2.5), (-0.2, 0.2))), seed=0)
    assert (a.amodal_pixels, a.extended_pixels) == (1000, 2000)


def test_box_outside_the_image_but_on_the_canvas(box_scene):
    a = annotate_scene(box_scene(((1.2, 1.8), (2, 2.001), (-0.2, 0.2))), seed=0)  # columns 110-140
    assert (a.amodal_pixels, a.visible_pixels) == (0, 0)
    assert a.extended_pixels[0, 0] == pytest.approx(30 * 20, abs=20)  # the thin left face may add one column
    assert np.isnan(a.occlusion[0, 0]) and a.truncation[0, 0] == 1 and np.isnan(a.depth_min_m[0, 0])
    np.testing.assert_array_equal(a.visible_box[0, 0], [0, 0, 0, 0])


def test_box_behind_the_camera_has_empty_masks(box_scene):
    a = annotate_scene(box_scene(((-1, 1), (-3, -2), (-1, 1)), NEAR), seed=0)
    assert (a.amodal_pixels[0, 0], a.visible_pixels[0, 0], a.extended_pixels[0, 0]) == (0, 0, 0)
    assert np.isnan(a.truncation[0, 0]) and np.isnan(a.angles_deg[0, 0]).all()
    assert a.visibility[0, 0] == ABSENT


def test_slab_under_the_camera_is_cut_at_the_near_plane(box_scene):
    # its far edge is at row 40 + 100 / 3 = 73.3, so rows 73-79 of the image and 73-119 of the canvas show it
    a = annotate_scene(box_scene(((-10, 10), (-1, 3), (-1.2, -1.0))), seed=0)
    assert a.amodal_pixels[0, 0] == 7 * 100
    assert a.extended_pixels[0, 0] == 47 * 200
    assert np.isnan(a.angles_deg[0, 0]).all()  # partly behind the camera: its directions are undefined


def test_thin_things(box_scene):
    # a pole at 4 m, thinner than a column: it is seen where it covers the column's centre, 51.5
    between = annotate_scene(box_scene(((0.044, 0.058), (4, 4.1), (-1, 1)), ((-9, 9), (9, 9.1), (-9, 9))), seed=0)
    assert between.visible_pixels[0, 0] == 0 and between.extended_pixels[0, 0] == 0  # 51.1-51.45
    hit = annotate_scene(box_scene(((0.05, 0.07), (4, 4.1), (-1, 1)), ((-9, 9), (9, 9.1), (-9, 9))), seed=0)
    assert hit.visible_pixels[0, 0] == hit.amodal_pixels[0, 0] == 50  # 51.25-51.75, rows 15-65
    np.testing.assert_array_equal(hit.visible_box[0, 0], [51, 15, 52, 65])
    assert hit.visible_pixels[0, 1] == 8000 - 50 and hit.amodal_pixels[0, 1] == 8000


def test_things_that_touch(box_scene):
    # side by side at 2 m, columns 30-50 and 50-70: each pixel belongs to one of them, none to both or neither
    a = annotate_scene(box_scene(((-0.4, 0), (2, 3), (-0.2, 0.2)), ((0, 0.4), (2, 3), (-0.2, 0.2))), seed=0)
    np.testing.assert_array_equal(a.visible_pixels, [[400, 400]])
    np.testing.assert_array_equal(a.visible_box[0], [[30, 30, 50, 50], [50, 30, 70, 50]])
    # one on the other: a slab of rows 20-30 on a box of rows 30-50, whose common face is seen by nobody
    a = annotate_scene(box_scene(((-0.4, 0.4), (2, 3), (-0.2, 0.2)), ((-0.4, 0.4), (2, 3), (0.2, 0.4))), seed=0)
    np.testing.assert_array_equal(a.visible_pixels, [[800, 400]])
    # alone, the slab would show its underside: rows 30.5, 31.5, 32.5 lie 2.1, 2.4, 2.7 m away, 38, 34, 30 pixels wide
    np.testing.assert_array_equal(a.amodal_pixels, [[800, 400 + 38 + 34 + 30]])


def test_camera_close_to_a_wall(box_scene):
    # 4 cm before a wall that ends 1 cm to the right of the axis: its front covers columns up to 50 + 100 / 4 = 75
    wall, far = ((-5, 0.01), (0.04, 0.2), (-5, 5)), ((-5, 5), (4, 5), (-5, 5))
    a = annotate_scene(box_scene(wall, far), seed=0)
    assert a.visible_pixels[0, 0] == 75 * 80
    assert a.visible_pixels[0, 1] == 25 * 80 and a.amodal_pixels[0, 1] == 100 * 80
    assert a.depth_min_m[0, 0] == pytest.approx(0.04) and a.nearest_m[0, 0] == pytest.approx(0.04)
    np.testing.assert_array_equal(a.visible_box[0], [[0, 0, 75, 80], [75, 0, 100, 80]])


def test_window_holds_the_projection_only(box_scene, camera_at):
    annotator = VisibilityAnnotator(box_scene(NEAR), np.array([1]))
    x0, y0, x1, y1 = projected_window(annotator.surfaces[0], camera_at())
    assert 28 <= x0 <= 30 and 28 <= y0 <= 30 and 70 <= x1 <= 72 and 50 <= y1 <= 52
    assert projected_window(annotator.surfaces[0], camera_at((0, 10, 0))) is None
    assert projected_window(annotator.surfaces[0], camera_at((50, 0, 0))) is None
    assert extended_canvas(camera_at()) == (-50, -40, 150, 120)


def test_tight_box():
    mask = np.zeros((6, 8), dtype=bool)
    assert tight_box(mask) == (0, 0, 0, 0)
    mask[2, 3] = mask[4, 6] = True
    assert tight_box(mask) == (3, 2, 7, 5)


def test_visibility_classes_at_their_limits(box_scene):
    a = annotate_scene(box_scene(NEAR), seed=0)
    pixels = np.array([[0, 4, 5, 99, 100, 100, 100]])
    amodal = np.array([[0, 900, 900, 99, 1000, 1001, 100]])
    for scale in (1, 4):  # the limits grow with the area of the image
        one = replace(
            a,
            image_sizes=np.array([[640, 480 * scale]]),
            visible_pixels=pixels * scale,
            amodal_pixels=amodal * scale,
        )
        expected = [[ABSENT, ABSENT, UNCLEAR, UNCLEAR, VISIBLE, UNCLEAR, VISIBLE]]
        np.testing.assert_array_equal(one.visibility, expected)


@st.composite
def several_boxes(draw):
    """1 to 5 boxes, each in a depth range of its own: two surfaces in one plane have no first hit."""
    spans = st.tuples(st.floats(-1.5, 1.5), st.floats(0.1, 1)).map(lambda pair: (pair[0], pair[0] + pair[1]))
    ranges = draw(st.permutations([(1.5 + k, 1.5 + k + 0.8) for k in range(5)]))
    return [(draw(spans), depth, draw(spans)) for depth in ranges[: draw(st.integers(1, 5))]]


@settings(max_examples=40, deadline=None)
@given(boxes=several_boxes())
def test_an_added_box_never_raises_a_visible_count(box_scene, boxes):
    wall = ((-9, 9), (20, 21), (-9, 9))
    before = annotate_scene(box_scene(*boxes[:-1], wall), seed=0)
    after = annotate_scene(box_scene(*boxes[:-1], wall, boxes[-1]), seed=0)
    assert (after.visible_pixels[:, :-1] <= before.visible_pixels).all()
    np.testing.assert_array_equal(after.extended_pixels[:, :-1], before.extended_pixels)


@settings(max_examples=40, deadline=None)
@given(boxes=several_boxes())
def test_masks_are_nested(box_scene, boxes):
    a = annotate_scene(box_scene(*boxes), seed=0)
    assert (a.visible_pixels <= a.amodal_pixels).all() and (a.amodal_pixels <= a.extended_pixels).all()
    seen = a.visible_pixels > 0
    assert (a.visible_box[seen][:, :2] >= a.amodal_box[seen][:, :2]).all()
    assert (a.visible_box[seen][:, 2:] <= a.amodal_box[seen][:, 2:]).all()


@settings(max_examples=40, deadline=None)
@given(boxes=several_boxes())
def test_mirroring_flips_left_and_right_and_nothing_else(box_scene, boxes):
    a = annotate_scene(box_scene(*boxes), seed=0)
    scene = box_scene(*boxes)
    scene.mesh.vertices[:, 0] *= -1
    mirrored = annotate_scene(scene, seed=0)
    np.testing.assert_array_equal(mirrored.directions["lr"], -a.directions["lr"])
    np.testing.assert_array_equal(mirrored.directions["ab"], a.directions["ab"])
    np.testing.assert_array_equal(mirrored.directions["fb"], a.directions["fb"])
    # an edge that runs exactly through pixel centres may fall to either side
    assert np.abs(mirrored.visible_pixels - a.visible_pixels).max() <= 4
