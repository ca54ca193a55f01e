"""Do poses, intrinsics and mesh belong together? Points with a known place in photos decide, not a guess.

Structure from motion leaves, for every photo, the pixels at which it saw points of known position. A right camera
projects each point to its pixel, and a right mesh has a surface there. Where they do not, the usual mistakes are tried
in turn, and the error names the one that would fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from generation.geometry import Camera
from generation.rendering.raycast import RayCaster
from generation.scenes.base import Frame, SceneError, SceneMesh
from generation.scenes.sensor import read_depth


# A projection fits within this share of the image's diagonal: 4 pixels of 640 x 480
PIXEL_TOLERANCE = 0.005
# Structure from motion keeps few outliers: more misfits than these are no noise
MIN_SHARE_OF_SCENE, MIN_SHARE_OF_FRAME = 0.8, 0.5
MIN_SIGHTINGS = 10
# Scanned surfaces lie this near to the points (the larger counts), but for glass, mirrors and what moved
DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE = 0.05, 0.03
MIN_SHARE_ON_MESH = 0.5
# Sensors of phones err by a few percent, more at outlines
SENSOR_TOLERANCE_SHARE = 0.1

_FLIP = np.diag([1.0, -1, -1, 1])
# What a matrix that was taken for `world_from_cam` (OpenCV axes) may be instead, and how it is then read
MISREADINGS = {
    "OpenGL camera axes (x right, y up, z backward), which must be turned to OpenCV's": lambda pose: pose @ _FLIP,
    "the inverse transform (camera-to-world taken for world-to-camera, or the reverse)": np.linalg.inv,
    "the inverse transform with OpenGL camera axes": lambda pose: np.linalg.inv(pose) @ _FLIP,
}
MESH_MISREADINGS = {
    "coordinates in millimetres, which must be divided by 1000": np.diag([1e-3, 1e-3, 1e-3, 1]),
    "coordinates in centimetres, which must be divided by 100": np.diag([1e-2, 1e-2, 1e-2, 1]),
    "+Y up, which must be turned to +Z up": np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]),
}


@dataclass(frozen=True, eq=False)
class Sightings:
    """What one photo saw.

    Args:
        pixels (`np.ndarray` of shape `(N, 2)`): where it saw the points, in pixels of the photo.
        points (`np.ndarray` of shape `(N, 3)`): metres, world.
    """

    pixels: np.ndarray
    points: np.ndarray


def check_cameras(frames: Iterable[Frame], sightings: dict[str, Sightings]) -> None:
    """Check that every frame's camera projects the points to where its photo saw them.

    Args:
        frames (iterable of [`Frame`]).
        sightings (`dict[str, Sightings]`): by frame id.

    Raises:
        [`SceneError`]: there are no sightings, or cameras that do not fit; the message says which mistake would fit.
    """
    pairs = [(frame, sightings[frame.frame_id]) for frame in frames if len(sightings[frame.frame_id].points)]
    if sum(len(seen.points) for _, seen in pairs) < MIN_SIGHTINGS:
        raise SceneError(
            "Nothing shows whether its poses are right: no frame has points with known pixels. Copy the points of the "
            "reconstruction (points3D.txt) and its observations (images.txt) again."
        )
    shares = [_share_that_fits(frame.camera, seen) for frame, seen in pairs]
    weights = [len(seen.points) for _, seen in pairs]
    if np.average(shares, weights=weights) < MIN_SHARE_OF_SCENE:
        raise SceneError(
            f"Poses and intrinsics do not fit the photos: only {np.average(shares, weights=weights):.0%} of "
            f"{sum(weights)} points are projected to where they were seen. {_explain(pairs)}"
        )
    for (frame, seen), share in zip(pairs, shares, strict=True):
        if share < MIN_SHARE_OF_FRAME and len(seen.points) >= MIN_SIGHTINGS:
            raise SceneError(
                f"Frame {frame.frame_id!r} has a pose or intrinsics that do not fit its photo: only {share:.0%} of "
                f"{len(seen.points)} points are projected to where they were seen. {_explain([(frame, seen)])}"
            )


def check_mesh(mesh: SceneMesh, frames: Iterable[Frame], sightings: dict[str, Sightings]) -> None:
    """Check that the mesh has a surface where the photos saw points; `check_cameras` comes first.

    Raises:
        [`SceneError`]: it has not; the message says which mistake would fit.
    """
    pairs = [(frame.camera, sightings[frame.frame_id]) for frame in frames]
    share = _share_on_surface(mesh.vertices, mesh.faces, pairs)
    if share >= MIN_SHARE_ON_MESH:
        return
    for name, matrix in MESH_MISREADINGS.items():
        turned = mesh.vertices @ matrix[:3, :3].T
        if _share_on_surface(turned, mesh.faces, pairs) >= MIN_SHARE_ON_MESH:
            remedy = f"It would fit if the mesh had {name}."
            break
    else:
        remedy = "Neither another unit nor another up axis would help: is it the mesh of this scene?"
    raise SceneError(
        f"The mesh is not where the photos saw surfaces: only {share:.0%} of the points lie on it. {remedy}"
    )


def check_sensor(frames: Iterable[Frame], sightings: dict[str, Sightings]) -> None:
    """Check that depth sensors, where frames have them, measure the points at their distance.

    Raises:
        [`SceneError`]: they do not, or a depth image is damaged; the message names the factor that would fit.
    """
    measured, expected = [np.zeros(0)], [np.zeros(0)]
    for frame in frames:
        if frame.depth_path is not None:
            seen = sightings[frame.frame_id]
            column, row = np.clip(seen.pixels.T.astype(int), 0, [[frame.camera.width - 1], [frame.camera.height - 1]])
            measured.append(read_depth(frame)[row, column])
            expected.append(frame.camera.points_in_cam(seen.points)[:, 2])
    measured_m, expected_m = np.concatenate(measured), np.concatenate(expected)
    known = measured_m > 0
    if known.sum() < MIN_SIGHTINGS:
        return
    ratio = measured_m[known] / expected_m[known]
    share = float((np.abs(ratio - 1) <= SENSOR_TOLERANCE_SHARE).mean())
    if share < MIN_SHARE_ON_MESH:
        raise SceneError(
            f"The depth images do not fit the photos: only {share:.0%} of {known.sum()} points are measured at their "
            f"distance. They would fit best if they were multiplied by {1 / np.median(ratio):.4g}; 16-bit PNGs must "
            "be in millimetres."
        )


def _share_that_fits(camera: Camera, seen: Sightings) -> float:
    pixels, depth_m = camera.project(seen.points)
    gap = np.linalg.norm(pixels - seen.pixels, axis=1)
    fits = (depth_m > 0) & (gap <= PIXEL_TOLERANCE * np.hypot(camera.width, camera.height))
    return float(fits.mean())


def _explain(pairs: list[tuple[Frame, Sightings]]) -> str:
    """The mistake that would explain cameras that do not fit."""
    weights = [len(seen.points) for _, seen in pairs]

    def fits(changed) -> bool:
        shares = [_share_that_fits(changed(frame.camera), seen) for frame, seen in pairs]
        return np.average(shares, weights=weights) >= MIN_SHARE_OF_SCENE

    for name, reading in MISREADINGS.items():
        if fits(lambda camera, reading=reading: replace(camera, world_from_cam=reading(camera.world_from_cam))):
            return f"They would fit if the poses had {name}."
    for name, centred in (("the focal lengths were", True), ("the intrinsics (focal lengths and centre) were", False)):
        scale = _best_scale(pairs, centred)
        if fits(lambda camera, centred=centred, scale=scale: scaled_intrinsics(camera, scale, centred)):
            return f"They would fit if {name} multiplied by {scale:.3g}."
    return "No other axes, direction of the transform or scale would help: do the poses belong to these photos?"


def _best_scale(pairs: list[tuple[Frame, Sightings]], centred: bool) -> float:
    """Median ratio of seen to projected pixel coordinates, from the image's corner or its principal point."""
    ratios = [np.ones(0)]
    for frame, seen in pairs:
        projected, depth_m = frame.camera.project(seen.points)
        origin = frame.camera.intrinsics[:2, 2] if centred else np.zeros(2)
        far = (depth_m > 0)[:, None] & (np.abs(projected - origin) > 1)
        ratios.append(((seen.pixels - origin) / np.where(far, projected - origin, 1))[far])
    ratios = np.concatenate(ratios)
    return float(np.median(ratios)) if len(ratios) else 1.0


def scaled_intrinsics(camera: Camera, scale: float, centred: bool) -> Camera:
    """The camera with focal lengths, and unless `centred` the principal point, multiplied by `scale`."""
    factors = np.array([[scale, 1, 1 if centred else scale], [1, scale, 1 if centred else scale], [1, 1, 1]])
    return replace(camera, intrinsics=camera.intrinsics * factors)


def _share_on_surface(vertices: np.ndarray, faces: np.ndarray, pairs: list[tuple[Camera, Sightings]]) -> float:
    caster, gaps = RayCaster(vertices, faces), []
    for camera, seen in pairs:
        depth_m = camera.points_in_cam(seen.points)[:, 2]
        hit_m = caster.cast(*camera.rays_through(seen.pixels)).t
        gaps.append(np.abs(hit_m - depth_m) <= np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * depth_m))
    return float(np.concatenate(gaps).mean())
