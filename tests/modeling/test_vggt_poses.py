"""Pose encodings and unprojection against the reference, against SciPy, and against cameras known on paper."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from modeling_spatialmosaic.pose_encoding import (
    decode_pose,
    encode_pose,
    quaternion_from_rotation,
    rotation_from_quaternion,
    unproject_depth,
)


@pytest.fixture(scope="module")
def tensors(golden_small):
    return golden_small("vggt/")


def test_reference_rotations(tensors):
    rotations = rotation_from_quaternion(tensors["pose/quat_in"])
    torch.testing.assert_close(rotations, tensors["pose/rotmat_from_quat"], atol=1e-5, rtol=0)
    quaternions = quaternion_from_rotation(tensors["pose/rotmat_in"])
    torch.testing.assert_close(quaternions, tensors["pose/quat_from_rotmat"], atol=1e-5, rtol=0)


def test_reference_encoding(tensors):
    encoding = encode_pose(tensors["pose/extrinsics_in"], tensors["pose/intrinsics_in"], 56, 84)
    torch.testing.assert_close(encoding, tensors["pose/encoding"], atol=1e-5, rtol=0)
    cam_from_world, intrinsics = decode_pose(tensors["pose/encoding"], 56, 84)
    torch.testing.assert_close(cam_from_world, tensors["pose/extrinsics_roundtrip"], atol=1e-5, rtol=0)
    torch.testing.assert_close(intrinsics, tensors["pose/intrinsics_roundtrip"], atol=1e-3, rtol=1e-5)


def test_reference_unprojection(tensors):
    depth, cam_from_world = tensors["unproject/depth"], tensors["unproject/extrinsics"]
    points = unproject_depth(depth, cam_from_world, tensors["unproject/intrinsics"])
    torch.testing.assert_close(points, tensors["unproject/world_points"], atol=1e-5, rtol=0)


def test_camera_on_paper():
    # A quarter turn about z, of a quaternion that is not normalised; 90 degrees high, so fy = H / 2
    encoding = torch.tensor([1.0, 2.0, 3.0, 0.0, 0.0, 5.0, 5.0, math.pi / 2, 2 * math.atan(2.0)])
    cam_from_world, intrinsics = decode_pose(encoding, height=100, width=80)
    expected = torch.tensor([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0]])
    torch.testing.assert_close(cam_from_world, expected)
    expected = torch.tensor([[20.0, 0.0, 40.0], [0.0, 50.0, 50.0], [0.0, 0.0, 1.0]])
    torch.testing.assert_close(intrinsics, expected)


@pytest.mark.parametrize("field_of_view", [0.0, math.pi + 0.1])
def test_field_of_view_without_focal_length(field_of_view):
    encoding = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, field_of_view, 1.0])
    _, intrinsics = decode_pose(encoding, height=56, width=84)
    assert intrinsics.isfinite().all()
    assert intrinsics[1, 1].item() == pytest.approx(28e6)  # half the height over the bound of the tangent
    assert intrinsics[0, 0].item() == pytest.approx(42 / math.tan(0.5))


@pytest.mark.parametrize("axis", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, -2, 3]])
@pytest.mark.parametrize("angle_deg", [0.0, 1e-3, 90.0, 179.999, 180.0, 269.0])
def test_quaternions_equal_scipy(axis, angle_deg):
    vector = math.radians(angle_deg) * torch.nn.functional.normalize(torch.tensor(axis, dtype=torch.float64), dim=0)
    truth = Rotation.from_rotvec(vector.numpy())
    rotation = torch.from_numpy(truth.as_matrix())
    quaternion = quaternion_from_rotation(rotation)
    assert quaternion[3] >= 0
    # Both signs mean one rotation, and at half a turn both have w = 0
    assert abs(quaternion @ torch.from_numpy(truth.as_quat())) == pytest.approx(1, abs=1e-12)
    torch.testing.assert_close(rotation_from_quaternion(quaternion), rotation)


numbers = st.floats(-10, 10)
quaternions = st.tuples(numbers, numbers, numbers, numbers).filter(lambda q: math.hypot(*q) > 0.1)
fields_of_view = st.floats(0.05, 3.0)


@settings(max_examples=200, deadline=None)
@given(st.tuples(numbers, numbers, numbers), quaternions, fields_of_view, fields_of_view)
def test_round_trip(translation, quaternion, fov_v, fov_h):
    encoding = torch.tensor([*translation, *quaternion, fov_v, fov_h], dtype=torch.float64)
    cam_from_world, intrinsics = decode_pose(encoding, 56, 84)
    rotation = cam_from_world[:, :3]
    torch.testing.assert_close(rotation, torch.from_numpy(Rotation.from_quat(quaternion).as_matrix()))
    again = encode_pose(cam_from_world, intrinsics, 56, 84)
    torch.testing.assert_close(again[:3], encoding[:3])
    torch.testing.assert_close(again[7:], encoding[7:])
    assert abs(again[3:7] @ encoding[3:7]) == pytest.approx(math.hypot(*quaternion))


@settings(max_examples=50, deadline=None)
@given(st.tuples(numbers, numbers, numbers), quaternions, fields_of_view, fields_of_view, st.integers(0, 2**32 - 1))
def test_unprojection_undoes_projection(translation, quaternion, fov_v, fov_h, seed):
    encoding = torch.tensor([*translation, *quaternion, fov_v, fov_h], dtype=torch.float64)
    cam_from_world, intrinsics = decode_pose(encoding, 4, 6)
    depth = 0.1 + torch.rand(4, 6, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    points = unproject_depth(depth, cam_from_world, intrinsics)
    for v in range(4):
        for u in range(6):
            homogeneous = intrinsics @ (cam_from_world[:, :3] @ points[v, u] + cam_from_world[:, 3])
            expected = depth[v, u, 0] * torch.tensor([u, v, 1], dtype=torch.float64)
            torch.testing.assert_close(homogeneous, expected, atol=1e-9, rtol=1e-9)


def test_every_map_has_its_own_camera():
    """Camera 0 stands at the origin, camera 1 two units behind it; both see depth 5 at the principal point."""
    cam_from_world = torch.eye(4)[:3].repeat(2, 1, 1)
    cam_from_world[1, 2, 3] = 2
    intrinsics = torch.tensor([[10.0, 0.0, 1.0], [0.0, 10.0, 1.0], [0.0, 0.0, 1.0]]).expand(2, 3, 3)
    points = unproject_depth(torch.full((2, 3, 3, 1), 5.0), cam_from_world, intrinsics)
    assert points[:, 1, 1].tolist() == [[0, 0, 5], [0, 0, 3]]
    assert points[0, 1, 2].tolist() == [0.5, 0, 5]  # one pixel to the right
    assert points[0, 2, 1].tolist() == [0, 0.5, 5]  # one pixel down
