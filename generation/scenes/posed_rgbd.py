"""A user's own capture: photos with poses, depth and instance ids, in nerfstudio's form.

    <root>/transforms.json       poses (camera-to-world, OpenGL axes) and intrinsics, paths relative to its folder
    <root>/instances.json        {"7": "office chair", ...}
    <root>/images, depth, instance/     as transforms.json names them

`root` may be one scene or a folder of such scenes. There is no mesh: the depth of all frames is fused to points. The
guide is docs/own_scenes.md.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from dataset_builder.schema import SAFE_NAME
from generation.geometry import Camera
from generation.scenes.base import Frame, Scene, SceneError
from generation.scenes.checks import check_frames, check_scene
from generation.scenes.depth_agreement import check_depth
from generation.scenes.files import check_photo, evenly_spaced, naming_scene, read_json, require
from generation.scenes.fusion import fuse_frames
from generation.scenes.labels import name_instances
from generation.scenes.sensor import read_instances


TRANSFORMS, INSTANCES = "transforms.json", "instances.json"
OPENGL_FROM_OPENCV = np.diag([1.0, -1, -1, 1])
# Lenses that `Camera` follows; the others' numbers must be zero
DISTORTION, OTHER_LENSES = ("k1", "k2", "p1", "p2"), ("k3", "k4", "k5", "k6")
MILLIMETRE = 0.001
# What `transform_matrix` may hold instead, and how the `world_from_cam` that was read is then put right
MISREADINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "OpenCV camera axes (x right, y down, z forward); multiply each `transform_matrix` by diag(1, -1, -1, 1) from the "
    "right": lambda pose: pose @ OPENGL_FROM_OPENCV,
    "the inverse transform (world-to-camera); invert each `transform_matrix`": lambda pose: np.linalg.inv(
        OPENGL_FROM_OPENCV @ pose @ OPENGL_FROM_OPENCV
    ),
    "the inverse transform with OpenCV camera axes, as COLMAP has them; invert each `transform_matrix`, then multiply "
    "it by diag(1, -1, -1, 1) from the right": lambda pose: np.linalg.inv(pose @ OPENGL_FROM_OPENCV),
}


class PosedRgbdSource:
    """Scenes under `root`, or the one scene that `root` is.

    Args:
        root (`Path`).
        scenes (`int`, *optional*): use only the first so many scenes, by name.
        frames (`int`, *optional*): use at most so many frames, evenly spaced; by default all.
    """

    def __init__(self, root: Path | None, scenes: int | None = None, frames: int | None = None):
        if root is None or not Path(root).is_dir():
            raise SceneError(f"There is no folder {root}. Give the folder of the capture as root (`--root`).")
        self.root, self.scenes, self.frames = Path(root).resolve(), scenes, frames

    def scene_names(self) -> list[str]:
        """Names of the scenes, sorted: of the folders that hold `transforms.json`."""
        return sorted(self._folders())[: self.scenes]

    def _folders(self) -> dict[str, Path]:
        paths = [self.root] if (self.root / TRANSFORMS).is_file() else sorted(self.root.iterdir())
        folders = {path.name: path for path in paths if (path / TRANSFORMS).is_file()}
        if not folders:
            raise SceneError(f"Neither {self.root} nor a folder in it holds {TRANSFORMS}. See docs/own_scenes.md.")
        return folders

    def scene_folder(self, scene_name: str) -> Path:
        """Folder of the scene's files."""
        folder = self._folders().get(scene_name)
        if folder is None or not SAFE_NAME.match(scene_name):
            raise SceneError(
                f"Scene {scene_name!r}: {self.root} holds no scene of that name. Names have letters, digits, '_', '-' "
                "and '.' only."
            )
        return folder

    def load(self, scene_name: str) -> Scene:
        """One scene; its files are checked, and its depths against each other."""
        folder = self.scene_folder(scene_name)
        with naming_scene(scene_name):
            labels = _read_labels(folder / INSTANCES)
            frames = _read_frames(folder, self.frames)
        scene = Scene("posed_rgbd", "indoor", scene_name, None, (), frames)
        check_frames(scene)
        with naming_scene(scene_name):
            shown = {frame.frame_id: _check_files(frame, labels) for frame in frames}
            linked = tuple(check_depth(list(frames), MISREADINGS))
            shown_ids = set().union(*(shown[frame.frame_id] for frame in linked))
            scene = _with_points(replace(scene, frames=linked), labels, shown_ids)
        if len(linked) < len(frames):
            scene.left_out["frame that shares no surface with another"] = len(frames) - len(linked)
        return check_scene(scene)


def _with_points(scene: Scene, labels: dict[int, str], shown: set[int]) -> Scene:
    """The scene with its instances and their fused points; `shown` are the instances that some frame shows."""
    named, left_out = name_instances(labels, shown, "in no frame")
    askable = [one.instance_id for one in named if not one.is_structure]
    points = fuse_frames(scene.frames, [one.instance_id for one in named], askable)
    measured = set(np.unique(points.point_instance).tolist())
    # what is seen and lies nowhere makes every question about the things of its category wrong
    lost = {one.label for one in named if one.instance_id not in measured}
    instances = tuple(
        replace(one, is_structure=one.is_structure or one.label in lost)
        for one in named
        if one.instance_id in measured
    )
    unasked = sum(one.label in lost and not one.is_structure for one in named)
    if unasked:
        left_out["category with an instance without depth"] = unasked
    return replace(scene, points=points, instances=instances, left_out=left_out)


def _read_labels(path: Path) -> dict[int, str]:
    """Raw label of every instance."""
    content = read_json(path, "the label of every instance id")
    if not isinstance(content, dict):
        raise SceneError(f'{path} is not an object of ids and labels. Write it as {{"1": "chair", "2": "table"}}.')
    labels: dict[int, str] = {}
    for key, label in content.items():
        if not key.strip().isdecimal() or int(key) < 1:
            raise SceneError(f"{path} has the id {key!r}. Ids are whole numbers from 1; 0 means no instance.")
        if int(key) in labels:
            raise SceneError(f"{path} has the id {int(key)} twice. Give every instance its own id.")
        if not isinstance(label, str) or not label.strip():
            raise SceneError(f"{path}: the instance {key} has no label. Name what it is, in the singular.")
        labels[int(key)] = label
    return labels


def _read_frames(folder: Path, limit: int | None) -> tuple[Frame, ...]:
    path = folder / TRANSFORMS
    content = read_json(path, "the poses")
    entries = content.get("frames") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise SceneError(f"{path} has no frames. List at least two in `frames`.")
    return tuple(_read_frame(folder, content, entry) for entry in evenly_spaced(entries, limit))


def _read_frame(folder: Path, shared: dict, entry: dict) -> Frame:
    """One frame; numbers that its entry lacks are the file's."""
    path = folder / TRANSFORMS
    if not isinstance(entry, dict):
        raise SceneError(f"{path} has the frame {json.dumps(entry)[:80]}, which is not an object.")
    paths = {key: _inside(folder, entry, key) for key in ("file_path", "depth_file_path", "instance_file_path")}
    name = entry["file_path"]

    def number(key: str, default: float | None = None) -> float:
        value = entry.get(key, shared.get(key, default))
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise SceneError(f"{path}: {name!r} has the {key} {value!r}. Give a number, for it or for all frames.")
        return float(value)

    if entry.get("camera_model", shared.get("camera_model", "OPENCV")) not in ("OPENCV", "PINHOLE"):
        raise SceneError(f"{path}: {name!r} has a lens other than OPENCV or PINHOLE. Undistort the frames.")
    if any(number(key, 0) for key in OTHER_LENSES):
        raise SceneError(f"{path}: {name!r} has distortion beyond k1, k2, p1, p2. Undistort the frames.")
    if number("depth_unit_scale_factor", MILLIMETRE) != MILLIMETRE:
        raise SceneError(f"{path} has another `depth_unit_scale_factor` than 0.001. Write depth in millimetres.")
    try:
        matrix = np.array(entry["transform_matrix"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise SceneError(f"{path}: {name!r} has no `transform_matrix` of 4 rows of 4 numbers.") from error
    if matrix.shape != (4, 4):
        raise SceneError(f"{path}: {name!r} has a `transform_matrix` of shape {matrix.shape}. It must be (4, 4).")
    lens = np.array([number(key, 0) for key in DISTORTION])
    camera = Camera(
        width=int(number("w")),
        height=int(number("h")),
        intrinsics=np.array([[number("fl_x"), 0, number("cx")], [0, number("fl_y"), number("cy")], [0, 0, 1]]),
        world_from_cam=matrix @ OPENGL_FROM_OPENCV,
        distortion=lens if lens.any() else None,
    )
    return Frame(PurePosixPath(name).stem, camera, *paths.values())


def _inside(folder: Path, entry: dict, key: str) -> Path:
    """The file that `entry[key]` names, which must lie in `folder`."""
    name = entry.get(key)
    if not isinstance(name, str) or not name:
        raise SceneError(f"{folder / TRANSFORMS}: the frame {entry.get('file_path')!r} has no `{key}`. Give its path.")
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise SceneError(
            f"{folder / TRANSFORMS} has the path {name!r}, which leaves the folder. Move the file into it."
        )
    return folder / name


def _check_files(frame: Frame, labels: dict[int, str]) -> set[int]:
    """Check that the frame's photo, depth and instance ids are whole and cover the same pixels; return the ids."""
    check_photo(frame)
    size = frame.camera.width, frame.camera.height
    for path, what in ((frame.depth_path, "depth in millimetres"), (frame.instance_path, "instance ids")):
        require(path, f"the {what} of frame {frame.frame_id!r}")
        try:
            with Image.open(path, formats=("PNG",)) as stored:
                stored.load()
                found, mode = stored.size, stored.mode
        except (OSError, SyntaxError, ValueError) as error:
            raise SceneError(f"{path} is not readable as a PNG ({error}). It is damaged; copy it again.") from error
        if mode not in ("I;16", "I", "L"):
            raise SceneError(f"{path} is a PNG of mode {mode}. Write the {what} as one channel of whole numbers.")
        if found != size:
            raise SceneError(
                f"{path} has {found[0]}x{found[1]} pixels, but its photo has {size[0]}x{size[1]}. Write the {what} at "
                "the size of the photo (enlarge it without interpolation)."
            )
    shown = set(np.unique(read_instances(frame)).tolist()) - {0}
    unknown = sorted(shown - labels.keys())
    if unknown:
        raise SceneError(
            f"{frame.instance_path} shows the instance {unknown[0]}, which {INSTANCES} lacks. Add its label, or write "
            "0 where there is no instance."
        )
    return shown
