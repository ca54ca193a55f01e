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

from generation.distortion import distort, undistort, undistorted_grid


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera with its pose.

    Args:
        width (`int`): columns of the stored image, in pixels.
        height (`int`): rows of the stored image, in pixels.
        intrinsics (`np.ndarray` of shape `(3, 3)`): focal lengths and principal point, in pixels of the stored image.
        world_from_cam (`np.ndarray` of shape `(4, 4)`): rigid camera-to-world transform, metres, OpenCV camera axes.
        distortion (`np.ndarray` of shape `(4,)` or `(5,)`, *optional*): k1, k2, p1, p2 and k3 of
            `generation.distortion`; `None` for a pinhole camera.
    """

    width: int
    height: int
    intrinsics: np.ndarray
    world_from_cam: np.ndarray
    distortion: np.ndarray | None = None

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

        Pixel coordinates are meaningful only where Z is positive; they are NaN where a lens with distortion has none.
        """
        in_cam = self.points_in_cam(points_in_world)
        depth_m = in_cam[:, 2]
        safe = np.where(np.abs(depth_m) < 1e-9, 1e-9, depth_m)
        return self.pixels_of(in_cam[:, :2] / safe[:, None]), depth_m

    def pixels_of(self, plane: np.ndarray) -> np.ndarray:
        """Pixel coordinates `(N, 2)` of `(N, 2)` points of the plane at camera Z = 1."""
        if self.distortion is not None:
            plane = distort(plane, self.distortion)
        k = self.intrinsics
        return np.stack([k[0, 0] * plane[:, 0] + k[0, 2], k[1, 1] * plane[:, 1] + k[1, 2]], axis=1)

    def rays(self, box: tuple[int, int, int, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Rays through the pixel centres of `box`, which may lie outside the image.

        Directions have camera Z = 1, so a hit at ray parameter t has depth t. They are zero, and so hit nothing, at
        pixels outside the image that a lens with distortion cannot have.

        Args:
            box (`tuple` of 4 `int`, *optional*): x0, y0, x1, y1 in pixels; the whole image when left out.

        Returns:
            origins and directions in the world, each `np.float32` of shape `((y1-y0) * (x1-x0), 3)`, row-major.
        """
        x0, y0, x1, y1 = box or (0, 0, self.width, self.height)
        k, rotation = self.intrinsics, self.world_from_cam[:3, :3]
        if self.distortion is not None:
            plane = self._undistorted((x0, y0, x1, y1)).reshape(-1, 2)
            directions = plane @ rotation[:, :2].T.astype(np.float32) + rotation[:, 2].astype(np.float32)
            return self._origins(len(directions)), np.nan_to_num(directions)
        across = (np.arange(x0, x1) + 0.5 - k[0, 2])[:, None] / k[0, 0] * rotation[:, 0]  # (columns, 3)
        down = (np.arange(y0, y1) + 0.5 - k[1, 2])[:, None] / k[1, 1] * rotation[:, 1] + rotation[:, 2]  # (rows, 3)
        directions = (across[None] + down[:, None]).astype(np.float32).reshape(-1, 3)
        return self._origins(len(directions)), directions

    def rays_through(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rays through `(N, 2)` pixel coordinates: origins and directions as in `rays`."""
        k = self.intrinsics
        plane = np.stack([(pixels[:, 0] - k[0, 2]) / k[0, 0], (pixels[:, 1] - k[1, 2]) / k[1, 1]], axis=1)
        if self.distortion is not None:
            plane = undistort(plane, self.distortion)
        in_cam = np.concatenate([plane, np.ones((len(pixels), 1))], axis=1)
        return self._origins(len(pixels)), np.nan_to_num(in_cam @ self.world_from_cam[:3, :3].T).astype(np.float32)

    def _origins(self, count: int) -> np.ndarray:
        return np.tile(self.centre.astype(np.float32), (count, 1))

    def _undistorted(self, box: tuple[int, int, int, int]) -> np.ndarray:
        """Points of the plane at Z = 1 behind the pixels of `box`, `(rows, columns, 2)`."""
        k = self.intrinsics
        lens = (k[0, 0], k[1, 1], k[0, 2], k[1, 2]), tuple(self.distortion)
        x0, y0, x1, y1 = box
        left, top, right, bottom = canvas = extended_canvas(self)
        if left <= x0 and top <= y0 and x1 <= right and y1 <= bottom:
            return undistorted_grid(*lens, canvas)[y0 - top : y1 - top, x0 - left : x1 - left]
        return undistorted_grid(*lens, box)


def extended_canvas(camera: Camera) -> tuple[int, int, int, int]:
    """The canvas of twice the width and height (ANNOTATION section 1), as (x0, y0, x1, y1) in pixels of the image.

    The principal point doubles, so the canvas begins `cx` pixels left of the image; that offset is rounded to whole
    pixels so that image and canvas share one pixel grid and the amodal mask is always part of the extended one.
    """
    x0, y0 = -round(float(camera.intrinsics[0, 2])), -round(float(camera.intrinsics[1, 2]))
    return x0, y0, x0 + 2 * camera.width, y0 + 2 * camera.height


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
        yaws, spans, centres = ground_rectangles(points_in_world)
        best = int(np.argmin(spans.prod(axis=1)))
        return cls(
            centre=np.array([*centres[best], (low + high) / 2]),
            size=np.array([*spans[best], high - low]),
            yaw=float(yaws[best]),
        )


def ground_rectangles(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rectangles on the ground around `(N, 3)` points, one along each edge of their hull; the smallest is among them.

    Returns:
        Angles of their first sides from x, `(E,)` radians in [0, pi / 2); sides `(E, 2)` and centres `(E, 2)`, metres.
    """
    ground = points[:, :2]
    try:
        hull = ground[ConvexHull(ground).vertices]  # (V, 2)
    except QhullError:  # all points on one vertical plane or line: its two ends, whose direction is the box's
        end = ground[np.argmax(np.linalg.norm(ground - ground[0], axis=1))]
        hull = np.stack([end, ground[np.argmax(np.linalg.norm(ground - end, axis=1))]])
    edges = np.roll(hull, -1, axis=0) - hull
    yaws = np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2)  # (E,)
    cosine, sine = np.cos(yaws), np.sin(yaws)
    along = np.stack([cosine, sine], axis=1) @ hull.T  # (E, V)
    across = np.stack([-sine, cosine], axis=1) @ hull.T
    spans = np.stack([np.ptp(along, axis=1), np.ptp(across, axis=1)], axis=1)
    u, v = ((axis.max(axis=1) + axis.min(axis=1)) / 2 for axis in (along, across))
    return yaws, spans, np.stack([u * cosine - v * sine, u * sine + v * cosine], axis=1)
