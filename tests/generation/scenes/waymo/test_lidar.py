"""Range images to points: by hand, and by matrices pixel by pixel."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from generation.scenes.waymo.lidar import LidarRays, inclinations


STANDING = np.zeros((1, 4, 6))


def rays(extrinsic: np.ndarray | None = None) -> LidarRays:
    return LidarRays(np.eye(4) if extrinsic is None else extrinsic, np.zeros(1), 4)


def test_columns_run_clockwise_from_behind():
    """Of four columns the middles are at 135, 45, -45 and -135 degrees from ahead to the left."""
    points = rays().points(np.ones((1, 4)), STANDING)
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        points, [[-half, half, 0], [half, half, 0], [half, -half, 0], [-half, -half, 0]], atol=1e-12
    )


def test_a_turned_lidar_sees_the_same_places():
    """The yaw of the extrinsic is taken out of the azimuth and put in again by it."""
    turned = np.eye(4)
    turned[:3, :3] = Rotation.from_euler("z", 148, degrees=True).as_matrix()
    turned[:3, 3] = 1.4, 0, 2.2
    expected = rays().points(np.full((1, 4), 7.0), STANDING) + [1.4, 0, 2.2]
    np.testing.assert_allclose(rays(turned).points(np.full((1, 4), 7.0), STANDING), expected, atol=1e-12)


def test_without_a_return_there_is_no_point():
    points = rays().points(np.array([[-1.0, 0.0, 5.0, -1.0]]), STANDING)
    np.testing.assert_allclose(points, [[5 * np.sqrt(0.5), -5 * np.sqrt(0.5), 0]], atol=1e-12)


@pytest.mark.parametrize("listed", [None, np.array([-0.3, -0.1, 0.1])])
def test_rows_go_from_the_top_down(listed):
    found = inclinations(listed, -0.35, 0.15, 3)
    expected = [0.1, -0.1, -0.3] if listed is not None else 0.15 - 0.5 / 3 * (np.arange(3) + 0.5)
    np.testing.assert_allclose(found, expected)


def test_every_pixel_has_its_own_pose():
    rng = np.random.default_rng(1)
    extrinsic = np.eye(4)
    extrinsic[:3, :3] = Rotation.from_euler("zyx", [2.5, 0.02, -0.01]).as_matrix()
    extrinsic[:3, 3] = 1.4, 0.1, 2.2
    angles, ranges_m = np.array([0.02, -0.2]), rng.uniform(2, 60, (2, 5))
    poses = np.concatenate([rng.uniform(-0.5, 0.5, (2, 5, 3)), rng.uniform(-900, 900, (2, 5, 3))], axis=2)
    found = LidarRays(extrinsic, angles, 5).points(ranges_m, poses).reshape(2, 5, 3)
    for i in range(2):
        for j in range(5):
            azimuth = (2 * (5 - j - 0.5) / 5 - 1) * np.pi - np.arctan2(extrinsic[1, 0], extrinsic[0, 0])
            direction = Rotation.from_euler("ZY", [azimuth, -angles[i]]).apply([1, 0, 0])
            in_vehicle = extrinsic[:3, :3] @ (ranges_m[i, j] * direction) + extrinsic[:3, 3]
            roll, pitch, yaw = poses[i, j, :3]
            expected = Rotation.from_euler("ZYX", [yaw, pitch, roll]).apply(in_vehicle) + poses[i, j, 3:]
            np.testing.assert_allclose(found[i, j], expected, atol=1e-9)
