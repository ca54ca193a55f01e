"""The cameras of one segment at their moments."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generation.geometry import Camera
from generation.scenes.base import SceneError
from generation.scenes.waymo.components import CAMERA, TIME, SegmentFiles, matrices, numbers
from generation.scenes.waymo.shutter import GLOBAL, ShutterCamera


# Camera axes of the source: x forward, y left, z up
CAM_FROM_OPENCV = np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
LENS = ("intrinsic.k1", "intrinsic.k2", "intrinsic.p1", "intrinsic.p2", "intrinsic.k3")
PINHOLE = ("intrinsic.f_u", "intrinsic.f_v", "intrinsic.c_u", "intrinsic.c_v")
SENSOR = ("width", "height", "rolling_shutter_direction")
SHUTTER = (
    "pose_timestamp",
    "rolling_shutter_params.shutter",
    "rolling_shutter_params.camera_trigger_time",
    "rolling_shutter_params.camera_readout_done_time",
)
VELOCITY = tuple(f"velocity.{kind}_velocity.{axis}" for kind in ("linear", "angular") for axis in "xyz")


def read_cameras(
    files: SegmentFiles, timestamps: np.ndarray, origin: np.ndarray
) -> tuple[list[tuple[int, int]], list[ShutterCamera]]:
    """(timestamp, camera) of every frame at these timestamps, and its camera in a world that begins at `origin`."""
    fields = dict.fromkeys(SENSOR, "int") | dict.fromkeys((*PINHOLE, *LENS), "float")
    rigs = files.read("camera_calibration", fields | {"extrinsic.transform": "matrix"})
    table = files.read("camera_image", {"pose.transform": "matrix"} | dict.fromkeys((*SHUTTER, *VELOCITY), "float"))
    table = table.filter(pc.is_in(table[TIME], pa.array(timestamps)))
    row_of = {camera: k for k, camera in enumerate(rigs[CAMERA].to_pylist())}
    vehicle_from_cam = matrices(rigs["extrinsic.transform"]) @ CAM_FROM_OPENCV
    pinhole, lens, sensor = numbers(rigs, *PINHOLE), numbers(rigs, *LENS), numbers(rigs, *SENSOR).astype(int)
    poses = moved(matrices(table["pose.transform"]), origin)
    motion, shutter = numbers(table, *VELOCITY), numbers(table, *SHUTTER)
    frames = list(zip(table[TIME].to_pylist(), table[CAMERA].to_pylist(), strict=True))
    cameras = []
    for row, (timestamp, name) in enumerate(frames):
        if name not in row_of:
            raise SceneError(
                f"{files.path('camera_image')} has images of camera {name}, for which "
                f"{files.path('camera_calibration')} has no calibration. Copy both again."
            )
        k = row_of[name]
        (f_u, f_v, c_u, c_v), (width, height, direction) = pinhole[k], sensor[k].tolist()
        middle, exposure, trigger, done = shutter[row]
        if direction != GLOBAL and not np.isfinite([*shutter[row], *motion[row]]).all():
            raise SceneError(
                f"{files.path('camera_image')} does not tell when the lines of camera {name} were exposed at "
                f"{timestamp}. Copy the file again."
            )
        camera = Camera(
            width=width,
            height=height,
            intrinsics=np.array([[f_u, 0, c_u], [0, f_v, c_v], [0, 0, 1]]),
            world_from_cam=poses[row] @ vehicle_from_cam[k],
            distortion=lens[k] if lens[k].any() else None,
        )
        start_s, span_s = trigger + exposure / 2 - middle, done - trigger - exposure
        cameras.append(ShutterCamera(camera, poses[row], motion[row, :3], motion[row, 3:], direction, start_s, span_s))
    return frames, cameras


def moved(poses: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Poses `(n, 4, 4)` in a world that begins at `origin` `(3,)`; the source's begins kilometres away."""
    poses = poses.copy()
    poses[:, :3, 3] -= origin
    return poses
