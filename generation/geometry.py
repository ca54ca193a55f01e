"""Cameras, projection and boxes, in one set of conventions.

Conventions, kept everywhere in `generation`: metres; world +Z up; camera axes as in OpenCV (x right, y down, z
forward); `a_from_b` is the 4x4 matrix that takes homogeneous points of frame b to frame a; pixel (column x, row y)
covers [x, x+1) x [y, y+1) and its centre is (x + 0.5, y + 0.5); boxes are (x0, y0, x1, y1) with x1, y1 exclusive.

Letters in shape comments: F frames, K instances, N points or rays, V vertices, T triangles, H W image rows and
columns.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera with its pose.

    Args:
        width (`int`): columns of the stored image, in pixels.
        height (`int`): rows of the stored image, in pixels.
        intrinsics (`np.ndarray` of shape `(3, 3)`): focal lengths and principal point, in pixels of the stored image.
        world_from_cam (`np.ndarray` of shape `(4, 4)`): rigid camera-to-world transform, metres, OpenCV camera axes.
    """

    width: int
    height: int
    intrinsics: np.ndarray
    world_from_cam: np.ndarray

    @property
    def cam_from_world(self) -> np.ndarray:
        rotation = self.world_from_cam[:3, :3]
        matrix = np.eye(4)
        matrix[:3, :3] = rotation.T
        matrix[:3, 3] = -rotation.T @ self.world_from_cam[:3, 3]
        return matrix

    @property
    def centre(self) -> np.ndarray:
        """Camera centre in the world, shape `(3,)`, metres."""
        return self.world_from_cam[:3, 3]

    def points_in_cam(self, points_in_world: np.ndarray) -> np.ndarray:
        """Transform `(N, 3)` world points to camera coordinates `(N, 3)`, metres."""
        matrix = self.cam_from_world
        return points_in_world @ matrix[:3, :3].T + matrix[:3, 3]

    def project(self, points_in_world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project `(N, 3)` world points: pixel coordinates `(N, 2)` and camera Z `(N,)`.

        Pixel coordinates are meaningful only where Z is positive.
        """
        in_cam = self.points_in_cam(points_in_world)
        depth_m = in_cam[:, 2]
        safe = np.where(np.abs(depth_m) < 1e-9, 1e-9, depth_m)
        fx, fy, cx, cy = self.intrinsics[0, 0], self.intrinsics[1, 1], self.intrinsics[0, 2], self.intrinsics[1, 2]
        pixels = np.stack([fx * in_cam[:, 0] / safe + cx, fy * in_cam[:, 1] / safe + cy], axis=1)
        return pixels, depth_m

    def rays(self, box: tuple[int, int, int, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Rays through the pixel centres of `box`, which may lie outside the image.

        Directions have camera Z = 1, so a hit at ray parameter t has depth t.

        Args:
            box (`tuple` of 4 `int`, *optional*): x0, y0, x1, y1 in pixels; the whole image when left out.

        Returns:
            origins and directions in the world, each `np.float32` of shape `((y1-y0) * (x1-x0), 3)`, row-major.
        """
        x0, y0, x1, y1 = box or (0, 0, self.width, self.height)
        k, rotation = self.intrinsics, self.world_from_cam[:3, :3]
        across = (np.arange(x0, x1) + 0.5 - k[0, 2])[:, None] / k[0, 0] * rotation[:, 0]  # (columns, 3)
        down = (np.arange(y0, y1) + 0.5 - k[1, 2])[:, None] / k[1, 1] * rotation[:, 1] + rotation[:, 2]  # (rows, 3)
        directions = (across[None] + down[:, None]).astype(np.float32).reshape(-1, 3)
        return self._origins(len(directions)), directions

    def rays_through(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rays through `(N, 2)` pixel coordinates: origins and directions as in `rays`."""
        k = self.intrinsics
        in_cam = np.stack(
            [(pixels[:, 0] - k[0, 2]) / k[0, 0], (pixels[:, 1] - k[1, 2]) / k[1, 1], np.ones(len(pixels))], axis=1
        )
        return self._origins(len(pixels)), (in_cam @ self.world_from_cam[:3, :3].T).astype(np.float32)

    def _origins(self, count: int) -> np.ndarray:
        return np.tile(self.centre.astype(np.float32), (count, 1))


def look_at(centre: np.ndarray, target: np.ndarray, roll_deg: float = 0.0) -> np.ndarray:
    """`world_from_cam` (4, 4) of a camera at `centre` that looks at `target` (metres), upright but for `roll_deg`.

    A positive roll turns the camera clockwise as seen from behind it. No camera looks straight up or down.
    """
    forward = np.asarray(target, dtype=float) - centre
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    cosine, sine = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    matrix = np.eye(4)
    matrix[:3, 0] = cosine * right + sine * down
    matrix[:3, 1] = cosine * down - sine * right
    matrix[:3, 2] = forward
    matrix[:3, 3] = centre
    return matrix


@dataclass(frozen=True, eq=False)
class OrientedBox:
    """A gravity-aligned box.

    Args:
        centre (`np.ndarray` of shape `(3,)`): metres, world.
        size (`np.ndarray` of shape `(3,)`): full extents along the box's own x, y and the world's z, metres.
        yaw (`float`): rotation of the box about +Z, radians.
    """

    centre: np.ndarray
    size: np.ndarray
    yaw: float

    @classmethod
    def from_points(cls, points_in_world: np.ndarray) -> "OrientedBox":
        """The upright box around `(N, 3)` points whose ground rectangle has the least area."""
        low, high = points_in_world[:, 2].min(), points_in_world[:, 2].max()
        ground = points_in_world[:, :2]
        try:
            hull = ground[ConvexHull(ground).vertices]  # (E, 2)
        except QhullError:  # all points on one vertical plane or line: its two ends, whose direction is the box's
            end = ground[np.argmax(np.linalg.norm(ground - ground[0], axis=1))]
            hull = np.stack([end, ground[np.argmax(np.linalg.norm(ground - end, axis=1))]])
        edges = np.roll(hull, -1, axis=0) - hull
        yaws = np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2)  # (E,)
        along = np.stack([np.cos(yaws), np.sin(yaws)], axis=1) @ hull.T  # (E, E)
        across = np.stack([-np.sin(yaws), np.cos(yaws)], axis=1) @ hull.T
        spans = np.stack([np.ptp(along, axis=1), np.ptp(across, axis=1)], axis=1)
        best = int(np.argmin(spans.prod(axis=1)))
        middle = [(axis[best].max() + axis[best].min()) / 2 for axis in (along, across)]
        yaw = float(yaws[best])
        centre_xy = [
            middle[0] * np.cos(yaw) - middle[1] * np.sin(yaw),
            middle[0] * np.sin(yaw) + middle[1] * np.cos(yaw),
        ]
        return cls(
            centre=np.array([*centre_xy, (low + high) / 2]),
            size=np.array([*spans[best], high - low]),
            yaw=yaw,
        )
