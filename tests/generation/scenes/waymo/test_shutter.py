"""The rolling shutter against a camera that is moved step by step through the exposure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from generation.geometry import Camera
from generation.scenes.waymo.cameras import CAM_FROM_OPENCV
from generation.scenes.waymo.shutter import GLOBAL, ShutterCamera


LENS = np.array([0.04, -0.34, 0.001, -0.0005, 0.05])
WIDTH, HEIGHT = 1920, 1280


def make(direction: int, linear, angular, yaw_deg: float = 0.0, span_s: float = 0.04) -> ShutterCamera:
    """A camera on a car at the origin that heads along x, turned by `yaw_deg` to the left."""
    vehicle_from_cam = np.eye(4)
    vehicle_from_cam[:3, :3] = Rotation.from_euler("z", yaw_deg, degrees=True).as_matrix()
    vehicle_from_cam[:3, 3] = 1.5, 0.2, 2.0
    world_from_vehicle = np.eye(4)
    world_from_vehicle[:3, :3] = Rotation.from_euler("zyx", [0.3, 0.02, -0.01]).as_matrix()
    pose = world_from_vehicle @ vehicle_from_cam @ CAM_FROM_OPENCV
    intrinsics = np.array([[2050.0, 0, 950], [0, 2050, 640], [0, 0, 1]])
    camera = Camera(WIDTH, HEIGHT, intrinsics, pose, LENS)
    return ShutterCamera(
        camera, world_from_vehicle, np.array(linear), np.array(angular), direction, -span_s / 2, span_s
    )


def moved(shutter: ShutterCamera, seconds: float) -> Camera:
    """The camera at another moment: the car went on, and turned about its own axes."""
    world_from_vehicle = shutter.world_from_vehicle.copy()
    turn = Rotation.from_rotvec(shutter.angular * seconds).as_matrix()
    world_from_vehicle[:3, :3] = world_from_vehicle[:3, :3] @ turn
    world_from_vehicle[:3, 3] += shutter.linear * seconds
    vehicle_from_cam = np.linalg.inv(shutter.world_from_vehicle) @ shutter.camera.world_from_cam
    camera = shutter.camera
    return Camera(WIDTH, HEIGHT, camera.intrinsics, world_from_vehicle @ vehicle_from_cam, camera.distortion)


def line_of(direction: int, pixel: np.ndarray) -> float:
    """Share of the exposure after which the line of a pixel comes."""
    column, row = pixel / [WIDTH, HEIGHT]
    return {1: row, 2: column, 3: 1 - row, 4: 1 - column}[direction]


@given(
    direction=st.integers(1, 4),
    speed=st.floats(-20, 20),
    turn=st.floats(-0.5, 0.5),
    yaw_deg=st.sampled_from([0, 45, -90]),
    column=st.floats(20, WIDTH - 20),
    row=st.floats(20, HEIGHT - 20),
    depth_m=st.floats(5, 60),
)
@settings(max_examples=60, deadline=None)
def test_a_point_is_seen_when_its_line_is_exposed(direction, speed, turn, yaw_deg, column, row, depth_m):
    shutter = make(direction, [speed, 0.3 * speed, 0.0], [0.01, 0.02, turn], yaw_deg)
    # the point that the pixel shows when its line is exposed
    seconds = shutter.start_s + line_of(direction, np.array([column, row])) * shutter.span_s
    then = moved(shutter, seconds)
    origin, ray = then.rays_through(np.array([[column, row]]))
    point = origin + depth_m * ray
    in_cam = shutter.in_cam(point.astype(float))
    (pixel,) = shutter.camera.pixels_of(in_cam[:, :2] / in_cam[:, 2:])
    np.testing.assert_allclose(pixel, (column, row), atol=0.01)  # rays are of single precision
    assert in_cam[0, 2] == pytest.approx(depth_m, abs=1e-3)


def test_what_it_costs_to_leave_it_out():
    """At 50 km/h, 10 m to the side, a border column of a side camera is tens of pixels off (spec)."""
    shutter = make(2, [13.9, 0, 0], [0, 0, 0], yaw_deg=90)
    then = moved(shutter, shutter.start_s)
    origin, ray = then.rays_through(np.array([[0.0, 640.0]]))
    point = (origin + 10 * ray).astype(float)
    (still,), _ = shutter.camera.project(point)
    assert 20 < abs(still[0]) < 100


def test_a_global_shutter_is_the_camera_itself():
    shutter = make(GLOBAL, [15.0, 0, 0], [0, 0, 0.4])
    points = np.random.default_rng(0).uniform(-30, 30, (50, 3))
    np.testing.assert_array_equal(shutter.in_cam(points), shutter.camera.points_in_cam(points))


def test_a_car_that_stands_has_no_rolling_shutter():
    shutter = make(2, [0.0, 0, 0], [0, 0, 0])
    points = np.random.default_rng(0).uniform(-30, 30, (50, 3))
    np.testing.assert_allclose(shutter.in_cam(points), shutter.camera.points_in_cam(points), atol=1e-9)
