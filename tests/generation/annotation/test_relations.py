"""Direction words: margins just inside and just outside, and what is undefined."""

import numpy as np
import pytest
import trimesh

from generation.annotation.annotate import annotate_scene
from generation.annotation.relations import distance_signs, frame_extents, interval_signs
from generation.annotation.surface import Surface


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ((0, 2), (4.0, 6.0), -1),  # centres 4 degrees apart
        ((0, 2), (3.9, 5.9), 0),  # 3.9 degrees
        ((4.0, 6.0), (0, 2), 1),
        ((0, 10), (9.0, 19.0), -1),  # overlap 1 degree: 10 % of the smaller
        ((0, 10), (8.9, 18.9), 0),  # 11 %
        ((0, 20), (18.8, 22.8), 0),  # overlap 1.2 of the smaller's 4 degrees, for all that the centres are far apart
        ((0, 20), (19.7, 23.7), -1),
        ((0, 20), (5, 6), 0),  # one inside the other
        ((np.nan, np.nan), (5, 6), 0),
    ],
)
def test_angle_margins(a, b, sign):
    signs = interval_signs(np.array([a, b], dtype=float))
    assert signs[0, 1] == sign and signs[1, 0] == -sign
    assert signs[0, 0] == signs[1, 1] == 0


@pytest.mark.parametrize(
    ("nearest", "mean", "sign"),
    [
        ((1, 1.31), (1.5, 1.81), -1),
        ((1, 1.29), (1.5, 1.79), 0),  # less than 0.3 m
        ((4, 4.5), (4.5, 4.96), -1),
        ((4, 4.5), (4.5, 4.94), 0),  # more than 0.3 m but less than 10 %
        ((1, 0.9), (1.5, 2.5), 0),  # the one whose mean is farther has the nearer point
        ((2, 1), (3, 2), 1),
    ],
)
def test_distance_margins(nearest, mean, sign):
    signs = distance_signs(np.array(nearest, dtype=float), np.array(mean, dtype=float))
    assert signs[0, 1] == sign and signs[1, 0] == -sign


def test_angles_of_a_box_by_hand(box_scene, camera_at):
    # front face from (-1, 2) to (2, 2): azimuths -45 to 45 degrees; the back at y = 4 is inside them
    scene = box_scene(((-2, 2), (2, 4), (0.5, 1)))
    surface = Surface.of_instance(scene, 1)
    extents = frame_extents([surface], camera_at())
    np.testing.assert_allclose(extents.angles_deg[0, 0], [-45, 45])
    # up is negative: the top edge of the front is the highest, the bottom edge of the back the lowest
    expected = -np.degrees(np.arctan([1 / 2, 0.5 / 4]))
    np.testing.assert_allclose(extents.angles_deg[0, 1], expected)
    assert extents.nearest_m[0] == pytest.approx(np.hypot(2, 0.5))


def test_nearest_point_is_inside_a_face_of_a_detailed_mesh():
    box = trimesh.creation.box((2, 2, 2)).subdivide().subdivide().subdivide()
    surface = Surface(np.array(box.vertices), np.array(box.faces))
    for point in np.random.default_rng(0).normal(size=(20, 3)) * 2 + [0, 4, 0]:
        expected = np.linalg.norm(np.maximum(np.abs(point) - 1, 0))  # of a point outside the box
        assert surface.nearest_m(point) == pytest.approx(expected, abs=1e-9)


def test_mean_distance_of_a_plate(box_scene, camera_at):
    # a small thing far away: every distance is nearly that of its centre
    scene = box_scene(((-0.05, 0.05), (8, 8.01), (-0.05, 0.05)))
    surface = Surface.of_instance(scene, 1)
    extents = frame_extents([surface], camera_at())
    assert extents.mean_m[0] == pytest.approx(8.005, abs=0.006)


def test_mean_distance_of_a_square_from_its_centre_and_corner():
    """The integral in closed form: side * (sqrt 2 + ln(1 + sqrt 2)) / 6 from the centre, twice that from a corner."""
    side = 2.0
    corners = np.array([(0, 0, 0), (side, 0, 0), (side, side, 0), (0, side, 0)], dtype=float)
    surface = Surface(corners, np.array([(0, 1, 2), (0, 2, 3)]))
    expected = side * (np.sqrt(2) + np.log(1 + np.sqrt(2))) / 6
    assert surface.mean_m(np.array([side / 2, side / 2, 0])) == pytest.approx(expected, abs=1e-3)
    assert surface.mean_m(corners[0]) == pytest.approx(2 * expected, abs=1e-3)


def test_mean_distance_does_not_depend_on_how_a_surface_is_cut():
    coarse = trimesh.creation.box((1, 1, 1))
    # some sides in many more triangles than others: they must not count more
    uneven = coarse.subdivide(np.arange(2)).subdivide(np.arange(8))
    point = np.array([0.3, 5.0, 0.2])
    means = [Surface(np.array(mesh.vertices), np.array(mesh.faces)).mean_m(point) for mesh in (coarse, uneven)]
    assert means[0] == pytest.approx(means[1], abs=1e-4)


def test_directions_between_boxes(box_scene):
    left_near_high = ((-0.9, -0.7), (2, 2.2), (0.4, 0.6))
    right_far_low = ((1.2, 1.6), (4, 4.2), (-1.0, -0.6))
    behind = ((-1, 1), (-3, -2), (-1, 1))
    a = annotate_scene(box_scene(left_near_high, right_far_low, behind), seed=0)
    for axis in ("lr", "ab", "fb"):
        signs = a.directions[axis][0]
        assert (signs[0, 1], signs[1, 0]) == (-1, 1), axis
        assert not signs[2].any() and not signs[:, 2].any(), axis  # behind the camera: undefined, distance too


def test_outside_the_canvas_left_and_right_are_undefined_but_distance_is_not(box_scene):
    inside = ((-0.2, 0.2), (4, 4.2), (-0.2, 0.2))
    on_canvas = ((1.5, 1.8), (2, 2.2), (-0.2, 0.2))  # columns 125-140 of the canvas that ends at 150
    outside = ((2.2, 2.5), (2, 2.2), (-0.2, 0.2))  # column 160 and on
    signs = annotate_scene(box_scene(inside, on_canvas, outside), seed=0).directions
    assert signs["lr"][0, 1, 0] == 1
    assert signs["lr"][0, 2, 0] == 0
    assert signs["fb"][0, 1, 0] == -1 and signs["fb"][0, 2, 0] == -1
