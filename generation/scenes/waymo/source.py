"""The Waymo Open Dataset, Perception, in its Parquet format (version 2), of which the user has an own copy.

    <root>/training/<component>/<segment>.parquet      and validation/ beside it

A scene is a segment: five cameras on a driving car, about 20 s. Its objects have boxes and no surfaces; of the rest
there are lidar points. Photos are not read to make questions, and may not be redistributed: rows are written without
pixels. docs/waymo.md says what is needed and how far the answers can be trusted.
"""

import hashlib
from pathlib import Path

import numpy as np

from dataset_builder.schema import SAFE_NAME
from dataset_builder.waymo_photos import frame_id, read_photos_of
from generation.scenes.base import Frame, Instance, Scene, SceneError
from generation.scenes.files import evenly_spaced, naming_scene
from generation.scenes.waymo.boxes import read_drawn_boxes, read_tracks
from generation.scenes.waymo.cameras import moved, read_cameras
from generation.scenes.waymo.components import COMPONENTS, TIME, SegmentFiles, matrices
from generation.scenes.waymo.drive import LABELS, Drive
from generation.scenes.waymo.shutter import ShutterCamera
from generation.scenes.waymo.sweeps import check_sweeps, read_sweeps


SPLITS = {"training": "train", "validation": "validation"}


class WaymoSource:
    """Segments under `root`.

    Args:
        root (`Path`): of the release; holds `training`, `validation` or both.
        scenes (`int`, *optional*): use only the first so many segments, by name.
        frames (`int`, *optional*): use at most so many frames of each camera, evenly spaced; by default all.
    """

    def __init__(self, root: Path | None, scenes: int | None = None, frames: int | None = None):
        if root is None or not any((Path(root) / name).is_dir() for name in SPLITS):
            raise SceneError(
                f"{root} has neither a folder `training` nor `validation`. Give the folder of version 2 of the "
                "Perception dataset as root (`--root`)."
            )
        self.root, self.scenes, self.frames = Path(root), scenes, frames

    def scene_names(self) -> list[str]:
        """Names of the segments that have camera calibrations, sorted."""
        return sorted(self._folders())[: self.scenes]

    def _folders(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in SPLITS:
            for path in sorted((self.root / name / "camera_calibration").glob("*.parquet")):
                if found.setdefault(path.stem, name) != name:
                    raise SceneError(
                        f"{path} is in {found[path.stem]} too. A segment belongs to one split; remove one."
                    )
        if not found:
            raise SceneError(
                f"{self.root} holds no file {'|'.join(SPLITS)}/camera_calibration/*.parquet. Download the components "
                f"{', '.join(COMPONENTS)}."
            )
        return found

    def splits(self) -> dict[str, str]:
        """Split of every segment, as the release has it."""
        return {name: SPLITS[folder] for name, folder in self._folders().items()}

    def scene_files(self, scene_name: str) -> list[Path]:
        """All files that `load` reads for the segment and that are there."""
        files = self._files(scene_name)
        return [files.path(component) for component in COMPONENTS if files.path(component).is_file()]

    def _files(self, scene_name: str) -> SegmentFiles:
        folder = self._folders().get(scene_name)
        if folder is None or not SAFE_NAME.match(scene_name):
            raise SceneError(f"Scene {scene_name!r}: {self.root} holds no segment of that name.")
        return SegmentFiles(self.root / folder, scene_name)

    def load(self, scene_name: str) -> Scene:
        """One segment, but for its points and photos, which are read when they are needed."""
        files = self._files(scene_name)
        with naming_scene(scene_name):
            drive, ids = _read_drive(files, self.frames)
        known = [Instance(k + 1, LABELS[kind]) for k, kind in enumerate(drive.tracks.types.tolist())]
        # what nobody labelled, of every type: it may be anywhere, so it is never clearly visible
        unknown = [Instance(len(known) + 1 + k, label) for k, label in enumerate(LABELS.values())]
        frames = tuple(Frame(name, one.camera) for name, one in zip(ids, drive.cameras, strict=True))
        return Scene(
            source="waymo",
            domain="outdoor",
            scene_name=scene_name,
            mesh=None,
            instances=(*known, *unknown),
            frames=frames,
            redistributable=False,
            drive=drive,
        )


def _read_drive(files: SegmentFiles, limit: int | None) -> tuple[Drive, list[str]]:
    """What the segment holds of at most `limit` moments, and the ids of its frames."""
    poses = files.read("vehicle_pose", {"world_from_vehicle.transform": "matrix"})
    if not len(poses):
        raise SceneError(f"{files.path('vehicle_pose')} has no rows. Copy it from the release again.")
    every, world_from_vehicle = poses[TIME].to_numpy(), matrices(poses["world_from_vehicle.transform"])
    for component in ("camera_image", "camera_box", "lidar_box"):
        _check_times(files, component, every)
    check_sweeps(files, every)
    origin = world_from_vehicle[0, :3, 3].copy()
    chosen = evenly_spaced(list(range(len(every))), limit)
    timestamps, world_from_vehicle = every[chosen], moved(world_from_vehicle[chosen], origin)
    frames, cameras = read_cameras(files, timestamps, origin)
    tracks = read_tracks(files, timestamps, world_from_vehicle)
    drive = Drive(
        timestamps=timestamps,
        world_from_vehicle=world_from_vehicle,
        moment=np.searchsorted(timestamps, [timestamp for timestamp, _ in frames]),
        cameras=tuple(cameras),
        drawn=read_drawn_boxes(files, frames, tracks.track_ids),
        tracks=tracks,
        sweeps=lambda: read_sweeps(files, timestamps, origin),
        photos=lambda names: dict(read_photos_of(files.path("camera_image"), names)),
        content=_content(files, cameras),
    )
    return drive, [frame_id(*frame) for frame in frames]


def _check_times(files: SegmentFiles, component: str, timestamps: np.ndarray) -> None:
    """Check that every row belongs to a timestamp with a vehicle pose."""
    others = np.setdiff1d(files.read(component, {})[TIME].to_numpy(), timestamps)
    if len(others):
        raise SceneError(
            f"{files.path(component)} has the timestamp {others[0]}, for which {files.path('vehicle_pose')} has no "
            "pose. The two are not of one release; copy both again."
        )


def _content(files: SegmentFiles, cameras: list[ShutterCamera]) -> str:
    """Hash of all files but the images, and of how the cameras move."""
    motion = [(one.linear.tolist(), one.angular.tolist(), one.direction, one.start_s, one.span_s) for one in cameras]
    digest = hashlib.sha256(repr(motion).encode())
    for component in COMPONENTS:
        path = files.path(component)
        if component != "camera_image" and path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
