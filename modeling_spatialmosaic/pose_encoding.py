"""Nine numbers per camera <-> transform and intrinsics; depth maps -> points in the world.

A pose encoding is translation (3), quaternion x, y, z, w (4), vertical and horizontal field of view in radians (2).
Camera axes are OpenCV's (x right, y down, z forward). Pixel coordinates follow VGGT and Depth Anything 3: the centre
of the first pixel is (0, 0), where the rest of this project has (0.5, 0.5).
"""

import torch
from torch.nn.functional import normalize


POSE_SIZE = 9
# Bounds the focal length at half a million image sides: a field of view of 0 (or above pi) has none.
MIN_TANGENT = 1e-6


def rotation_from_quaternion(quaternion: torch.Tensor) -> torch.Tensor:
    """Rotation matrices `(..., 3, 3)` from quaternions `(..., 4)` in order x, y, z, w, of any length but zero."""
    x, y, z, w = quaternion.unbind(-1)
    scale = 2 / (quaternion * quaternion).sum(-1)
    rows = [
        [1 - scale * (y * y + z * z), scale * (x * y - z * w), scale * (x * z + y * w)],
        [scale * (x * y + z * w), 1 - scale * (x * x + z * z), scale * (y * z - x * w)],
        [scale * (x * z - y * w), scale * (y * z + x * w), 1 - scale * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def quaternion_from_rotation(rotation: torch.Tensor) -> torch.Tensor:
    """
    Unit quaternions with `w >= 0` from rotation matrices.

    The entries of a rotation give every product of two components of its quaternion `q`. The row of `4 q q^T` with the
    largest diagonal entry is the best-conditioned multiple of `q`.

    Args:
        rotation (`torch.Tensor` of shape `(..., 3, 3)`): rotation matrices.

    Returns:
        `torch.Tensor` of shape `(..., 4)`: components x, y, z, w.
    """
    (r00, r01, r02), (r10, r11, r12), (r20, r21, r22) = (row.unbind(-1) for row in rotation.unbind(-2))
    rows = [
        [1 + r00 - r11 - r22, r01 + r10, r02 + r20, r21 - r12],
        [r01 + r10, 1 - r00 + r11 - r22, r12 + r21, r02 - r20],
        [r02 + r20, r12 + r21, 1 - r00 - r11 + r22, r10 - r01],
        [r21 - r12, r02 - r20, r10 - r01, 1 + r00 + r11 + r22],
    ]
    products = torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)  # (..., 4, 4)
    best = products.diagonal(dim1=-2, dim2=-1).argmax(-1)  # (...)
    quaternion = normalize(products.take_along_dim(best[..., None, None], dim=-2).squeeze(-2), dim=-1)
    return torch.where(quaternion[..., 3:] < 0, -quaternion, quaternion)


def decode_pose(pose_encoding: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Transforms and intrinsics from pose encodings.

    Args:
        pose_encoding (`torch.Tensor` of shape `(..., 9)`): see the top of this file.
        height (`int`): height of the images in pixels.
        width (`int`): width of the images in pixels.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: `[R | t]` of shape `(..., 3, 4)`, which is `cam_from_world` for VGGT and
        `world_from_cam` for Depth Anything 3, and intrinsics in pixels of shape `(..., 3, 3)` with the principal point
        at `(width / 2, height / 2)`.
    """
    rotation = rotation_from_quaternion(pose_encoding[..., 3:7])
    transform = torch.cat([rotation, pose_encoding[..., :3, None]], dim=-1)
    tangents = torch.tan(pose_encoding[..., 7:] / 2).clamp_min(MIN_TANGENT)
    half_size = tangents.new_tensor([height / 2, width / 2])
    focal_y, focal_x = (half_size / tangents).unbind(-1)
    intrinsics = tangents.new_zeros(*tangents.shape[:-1], 3, 3)
    intrinsics[..., 0, 0], intrinsics[..., 1, 1], intrinsics[..., 2, 2] = focal_x, focal_y, 1
    intrinsics[..., 0, 2], intrinsics[..., 1, 2] = width / 2, height / 2
    return transform, intrinsics


def encode_pose(transform: torch.Tensor, intrinsics: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """
    Pose encodings `(..., 9)` from transforms `(..., 3, 4)` and intrinsics `(..., 3, 3)` in pixels.

    The inverse of [`decode_pose`], except that the principal point is not encoded.
    """
    half_size = intrinsics.new_tensor([height / 2, width / 2])
    focal = torch.stack([intrinsics[..., 1, 1], intrinsics[..., 0, 0]], dim=-1)
    fields_of_view = 2 * torch.atan(half_size / focal)
    return torch.cat([transform[..., 3], quaternion_from_rotation(transform[..., :3]), fields_of_view], dim=-1)


def invert_transform(transform: torch.Tensor) -> torch.Tensor:
    """Inverse of rigid transforms `[R | t]`, `(..., 3, 4)`: from `world_from_cam` to `cam_from_world` and back."""
    rotation = transform[..., :3].mT
    return torch.cat([rotation, -rotation @ transform[..., 3:]], dim=-1)


def unproject_depth(depth: torch.Tensor, cam_from_world: torch.Tensor, intrinsics: torch.Tensor) -> torch.Tensor:
    """
    World points that a depth map shows.

    Args:
        depth (`torch.Tensor` of shape `(..., H, W, 1)`): distance along the camera's z axis.
        cam_from_world (`torch.Tensor` of shape `(..., 3, 4)`): world-to-camera transform of each map.
        intrinsics (`torch.Tensor` of shape `(..., 3, 3)`): in pixels, without skew.

    Returns:
        `torch.Tensor` of shape `(..., H, W, 3)`: one point per pixel, in the unit of depth and transforms.
    """
    height, width = depth.shape[-3:-1]
    v, u = torch.meshgrid(
        torch.arange(height, device=depth.device, dtype=depth.dtype),
        torch.arange(width, device=depth.device, dtype=depth.dtype),
        indexing="ij",
    )
    pixels = torch.stack([u, v], dim=-1)  # (H, W, 2)
    centre = intrinsics[..., None, None, :2, 2]
    focal = intrinsics.diagonal(dim1=-2, dim2=-1)[..., None, None, :2]
    camera_points = torch.cat([(pixels - centre) / focal * depth, depth], dim=-1)  # (..., H, W, 3)
    rotation, translation = cam_from_world[..., None, :, :3], cam_from_world[..., None, None, :, 3]
    # Rows times R is R^T times columns: the inverse rotation
    return (camera_points - translation) @ rotation


__all__ = [
    "decode_pose",
    "encode_pose",
    "invert_transform",
    "quaternion_from_rotation",
    "rotation_from_quaternion",
    "unproject_depth",
]
