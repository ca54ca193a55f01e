"""Cameras and boxes against numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.geometry import Camera, OrientedBox, look_at


INTRINSICS = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])


def test_look_at_along_y_has_opencv_axes():
    pose = look_at(np.zeros(3), np.array([0.0, 1, 0]))
    # x right is the world's x, y down is minus z, z forward is y
    np.testing.assert_allclose(pose[:3, :3].T, [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)


def test_positive_roll_turns_clockwise():
    pose = look_at(np.zeros(3), np.array([0.0, 1, 0]), roll_deg=90)
    np.testing.assert_allclose(pose[:3, 0], [0, 0, -1], atol=1e-12)  # the camera's right hand points down


def test_project_by_hand():
    camera = Camera(100, 80, INTRINSICS, look_at(np.array([1.0, -1, 2]), np.array([1.0, 5, 2])))
    pixels, depth_m = camera.project(np.array([[1.0, 1, 2], [1.5, 1, 2], [1, 3, 1.6], [1, -3, 2]]))
    np.testing.assert_allclose(pixels[:3], [[50, 40], [75, 40], [50, 50]])
    np.testing.assert_allclose(depth_m, [2, 2, 4, -2])


@given(
    centre=st.tuples(*[st.floats(-5, 5)] * 3),
    heading=st.tuples(*[st.floats(-5, 5)] * 2),
    roll=st.floats(-40, 40),
    pixel=st.tuples(st.floats(-20, 120), st.floats(-20, 100)),
    depth=st.floats(0.1, 20),
)
def test_ray_and_projection_are_inverse(centre, heading, roll, pixel, depth):
    centre = np.array(centre)
    target = centre + [heading[0], heading[1] + 11, 1.0]
    camera = Camera(100, 80, INTRINSICS, look_at(centre, target, roll))
    origins, directions = camera.rays_through(np.array([pixel]))
    found, depth_m = camera.project(origins.astype(float) + depth * directions.astype(float))
    np.testing.assert_allclose(found[0], pixel, atol=0.02)
    np.testing.assert_allclose(depth_m, depth, rtol=1e-3, atol=1e-3)


def test_rays_go_through_pixel_centres_row_by_row():
    camera = Camera(100, 80, INTRINSICS, look_at(np.array([0.3, 0.2, 1]), np.array([2.0, 1, 0]), 12))
    box = (-3, 70, 5, 83)  # partly outside the image
    rows, columns = np.mgrid[70:83, -3:5]
    expected = camera.rays_through(np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1))
    for found, wanted in zip(camera.rays(box), expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("yaw_deg", [0, 20, 44, 70])
def test_oriented_box_of_a_turned_box(yaw_deg):
    yaw = np.radians(yaw_deg)
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-0.25, 0.25) for z in (0, 0.5)])
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    box = OrientedBox.from_points(corners @ turn.T + [3, 4, 1])
    np.testing.assert_allclose(box.centre, [3, 4, 1.25], atol=1e-9)
    np.testing.assert_allclose(np.sort(box.size[:2]), [0.5, 2], atol=1e-9)
    assert box.size[2] == pytest.approx(0.5)
    long_axis = box.yaw + (np.pi / 2 if box.size[1] > box.size[0] else 0)
    assert np.sin(long_axis - yaw) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("direction", [(3, 4), (3, -4), (-4, 3), (0, 5)])
def test_oriented_box_of_a_picture_without_thickness(direction):
    corners = np.array([[t * direction[0], t * direction[1], z] for t in (0, 0.3, 1) for z in (1, 2)], dtype=float)
    box = OrientedBox.from_points(corners)
    np.testing.assert_allclose(np.sort(box.size), [0, 1, 5], atol=1e-9)
    np.testing.assert_allclose(box.centre, [direction[0] / 2, direction[1] / 2, 1.5], atol=1e-9)


def test_oriented_box_of_a_vertical_line():
    box = OrientedBox.from_points(np.array([[1.0, 2, 0], [1, 2, 3], [1, 2, 1]]))
    np.testing.assert_allclose(box.size, [0, 0, 3], atol=1e-12)
    np.testing.assert_allclose(box.centre, [1, 2, 1.5])
