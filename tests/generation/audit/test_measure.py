"""The audit's own measures: by hand before one camera, and as the slow twin of the annotation on whole rooms."""

import numpy as np
import pytest
import trimesh

from generation.annotation.annotate import annotate_scene
from generation.audit.measure import SceneMeasures
from generation.geometry import Camera, look_at
from generation.scenes.base import Frame, Instance, Scene, SceneMesh


def boxes_before_a_camera(*boxes) -> SceneMeasures:
    """Boxes ((x0, x1), (y0, y1), (z0, z1)); a point (x, y, z) is at column 50 + 100 x / y and row 40 - 100 z / y."""
    mesh = trimesh.util.concatenate([trimesh.creation.box(bounds=np.array(box, dtype=float).T) for box in boxes])
    count = len(boxes)
    camera = Camera(100, 80, np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]]), look_at(np.zeros(3), [0, 1, 0]))
    scene = Scene(
        source="boxes",
        domain="indoor",
        scene_name="boxes",
        mesh=SceneMesh(np.array(mesh.vertices), np.array(mesh.faces), np.repeat(np.arange(count) + 1, 12)),
        instances=tuple(Instance(k + 1, f"thing {k + 1}") for k in range(count)),
        frames=(Frame("f", camera),),
    )
    return SceneMeasures(scene, seed=0)


# 10 x 20 pixels at columns 60-70 and rows 30-50, at 10 m
POST = ((1.001, 1.999), (10, 10.5), (-0.999, 0.999))


def test_masks_by_hand():
    # the screen at 5 m covers columns 65 to 75, so half of the post
    measures = boxes_before_a_camera(POST, ((0.751, 1.249), (5, 5.1), (-1, 1)))
    post = measures.frame("f")[1]
    assert (post.visible, post.amodal, post.extended, post.box) == (100, 200, 200, (60, 30, 65, 50))
    assert (post.occlusion, post.truncation, post.centre) == (0.5, 0, (62, 40))


def test_what_the_border_cuts():
    # columns 90 to 110 of an image that ends at 100; the canvas ends at 150
    cut = boxes_before_a_camera(((4.001, 5.999), (10, 10.001), (-0.999, 0.999))).frame("f")[1]
    assert (cut.visible, cut.amodal, cut.extended, cut.truncation) == (200, 200, 400, 0.5)


@pytest.mark.parametrize(
    "columns, visibility",
    [
        (0, "absent"),  # at most 4 pixels of a 640 x 480 image: a tenth of a pixel here
        (1, "visible"),  # 20 of 200 pixels: one tenth, and more than the 2.6 that an image of this size asks for
        (5, "visible"),
    ],
)
def test_classes(columns, visibility):
    screen = ((0.4, 0.999 - 0.05 * columns), (5, 5.1), (-1, 1))
    assert boxes_before_a_camera(POST, screen).visibility("f", 1) == visibility


def test_less_than_a_tenth_is_unclear():
    # a row of 10 of 200 pixels under the lower edge of the screen
    screen = ((0.4, 1.2), (5, 5.1), (-0.45, 1))
    measures = boxes_before_a_camera(POST, screen)
    assert (measures.frame("f")[1].visible, measures.visibility("f", 1)) == (10, "unclear")


def test_directions_by_hand():
    left_near_high = ((-0.9, -0.7), (2, 2.2), (0.4, 0.6))
    right_far_low = ((1.2, 1.6), (4, 4.2), (-1.0, -0.6))
    behind = ((-1, 1), (-3, -2), (-1, 1))
    measures = boxes_before_a_camera(left_near_high, right_far_low, behind)
    for axis in ("lr", "ab", "fb"):
        assert (measures.sign("f", axis, 1, 2), measures.sign("f", axis, 2, 1)) == (-1, 1)
        assert measures.sign("f", axis, 1, 3) == 0


def test_distances_by_hand():
    measures = boxes_before_a_camera(((-0.005, 0.005), (8, 8.01), (-0.005, 0.005)), ((-3, 3), (3, 3.001), (-3, 3)))
    assert measures.nearest_m("f", 1) == pytest.approx(8, abs=1e-4)
    assert measures.mean_m("f", 1) == pytest.approx(8.005, abs=1e-4)
    # mean distance of a square of side 2a, seen from a point at the height h = a above its centre
    x, y = np.meshgrid(*[(np.arange(2000) + 0.5) / 2000 * 3] * 2)
    assert measures.mean_m("f", 2) == pytest.approx(np.sqrt(9 + x**2 + y**2).mean(), abs=1e-3)


def test_length_of_a_thing_without_thickness():
    # a picture on a wall, as many scans have it
    measures = boxes_before_a_camera(((1, 2.5), (4, 4), (0.5, 1.5)))
    assert measures.longest_m(1) == pytest.approx(1.5)
    assert measures.centre_distance_m("f", 1) == pytest.approx(np.linalg.norm([1.75, 4, 1]))


def test_surfaces_are_known_all_round():
    assert boxes_before_a_camera(POST).extent_error_m(1) == 0


def test_overlap_of_a_frame_with_itself():
    measures = boxes_before_a_camera(POST)
    assert measures.overlap("f", "f") == 100


def test_twin_of_the_annotation(measures):
    """Two pieces of code, one of them slow and plain, find the same numbers for every frame and thing of a room."""
    measured = measures["room_00000"]
    annotation = annotate_scene(measured.scene, seed=3)
    for f, frame in enumerate(annotation.frame_ids[:3]):
        seen = [measured.frame(frame)[k] for k in annotation.instance_ids]
        for name in ("visible", "amodal", "extended"):
            found = [getattr(one, name) for one in seen]
            np.testing.assert_array_equal(found, getattr(annotation, f"{name}_pixels")[f])
        boxes = [one.box or (0, 0, 0, 0) for one in seen]
        np.testing.assert_array_equal(boxes, annotation.visible_box[f])
        for other in range(len(annotation.frame_ids)):
            assert measured.overlap(frame, annotation.frame_ids[other]) == pytest.approx(annotation.overlap[f, other])
        for a, k in enumerate(annotation.instance_ids):
            assert measured.nearest_m(frame, k) == pytest.approx(annotation.nearest_m[f, a], abs=1e-6)
            assert measured.mean_m(frame, k) == pytest.approx(annotation.mean_m[f, a], abs=2e-4)
            for b, other in enumerate(annotation.instance_ids):
                for axis in ("lr", "ab", "fb"):
                    sign = annotation.directions[axis][f, a, b]
                    assert sign in (0, measured.sign(frame, axis, k, other))
