"""The sweeps of the top lidar of one segment, read one after the other."""

from collections.abc import Iterator

import numpy as np

from generation.scenes.base import SceneError
from generation.scenes.files import naming_scene
from generation.scenes.waymo.components import LASER, TIME, SegmentFiles, matrices
from generation.scenes.waymo.drive import Sweep
from generation.scenes.waymo.lidar import NO_LABEL_ZONE, RANGE, LidarRays, inclinations


TOP = 1
RETURNS = ("range_image_return1", "range_image_return2")


def check_sweeps(files: SegmentFiles, timestamps: np.ndarray) -> None:
    """Check that there is a sweep and its poses at every timestamp; reads keys alone."""
    for component in ("lidar", "lidar_pose"):
        table = files.read(component, {})
        missing = np.setdiff1d(timestamps, table[TIME].to_numpy()[table[LASER].to_numpy() == TOP])
        if len(missing):
            raise SceneError(
                f"{files.path(component)} lacks the top lidar (laser {TOP}) at {len(missing)} of {len(timestamps)} "
                f"timestamps, {missing[0]} among them. Its points tell what hides what; copy the file again."
            )


def read_sweeps(files: SegmentFiles, timestamps: np.ndarray, origin: np.ndarray) -> Iterator[Sweep]:
    """The sweeps at these timestamps, in a world that begins at `origin` `(3,)`, in the order of the file."""
    with naming_scene(files.segment):
        yield from _read_sweeps(files, timestamps, origin)


def _read_sweeps(files: SegmentFiles, timestamps: np.ndarray, origin: np.ndarray) -> Iterator[Sweep]:
    """Ranges and poses are read side by side. A row of poses waits in memory for its ranges; unless the two files
    differ in their order, these are the next ones."""
    moments = {int(timestamp): k for k, timestamp in enumerate(timestamps)}
    poses = files.stream("lidar_pose", _image_fields(RETURNS[0]), {LASER: TOP})
    waiting: dict[int, dict] = {}
    rays = None
    for row in files.stream("lidar", _image_fields(*RETURNS), {LASER: TOP}):
        timestamp = row[TIME]
        if timestamp not in moments:
            continue
        while timestamp not in waiting:
            pose = next(poses)
            if pose[TIME] in moments:
                waiting[pose[TIME]] = pose
        pose = _image(files, "lidar_pose", waiting.pop(timestamp), RETURNS[0], 6)
        images = [_image(files, "lidar", row, name, 4) for name in RETURNS if row[f"{name}.values"] is not None]
        for image in images:
            if image.shape[:2] != pose.shape[:2]:
                raise SceneError(
                    f"{files.path('lidar')} has a range image of {image.shape[:2]} pixels at {timestamp}, but "
                    f"{files.path('lidar_pose')} has poses for {pose.shape[:2]}. Copy both again."
                )
        if rays is None:
            rays = _read_rays(files, *pose.shape[:2])
        points = [rays.points(image[..., RANGE], pose) - origin for image in images]
        zones = [image[..., NO_LABEL_ZONE][image[..., RANGE] > 0] > 0 for image in images]
        yield Sweep(moments[timestamp], np.concatenate(points), np.concatenate(zones))


def _image_fields(*names: str) -> dict[str, str]:
    return {f"{name}.{part}": kind for name in names for part, kind in (("values", "floats"), ("shape", "shape"))}


def _image(files: SegmentFiles, component: str, row: dict, name: str, channels: int) -> np.ndarray:
    """A range image, `(H, W, channels)`."""
    values, shape = row[f"{name}.values"], row[f"{name}.shape"]
    if values is None or shape is None or len(values) != np.prod(shape) or shape[-1] != channels:
        raise SceneError(
            f"{files.path(component)}: {name} at {row[TIME]} has {0 if values is None else len(values)} values and "
            f"the shape {None if shape is None else shape.tolist()}, not H x W x {channels}. Copy the file again."
        )
    return values.reshape(shape)


def _read_rays(files: SegmentFiles, height: int, width: int) -> LidarRays:
    limits = ("beam_inclination.min", "beam_inclination.max")
    fields = {"extrinsic.transform": "matrix", "beam_inclination.values": "floats"} | dict.fromkeys(limits, "float")
    table = files.read("lidar_calibration", fields)
    top = np.flatnonzero(table[LASER].to_numpy() == TOP)
    if not len(top):
        raise SceneError(f"{files.path('lidar_calibration')} has no top lidar (laser {TOP}). Copy the file again.")
    row = int(top[0])
    listed = table["beam_inclination.values"][row].values
    if listed is not None and len(listed) != height:
        raise SceneError(
            f"{files.path('lidar_calibration')} has {len(listed)} inclinations of the top lidar, whose range images "
            f"have {height} rows. Copy the file again."
        )
    angles = inclinations(
        None if listed is None else listed.to_numpy(), *(table[name][row].as_py() for name in limits), height
    )
    return LidarRays(matrices(table["extrinsic.transform"])[row], angles, width)
