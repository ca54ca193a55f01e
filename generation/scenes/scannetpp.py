"""ScanNet++ scenes, in the layout of the official release.

    <root>/data/<scene>/scans/           mesh_aligned_0.05.ply, segments.json, segments_anno.json
    <root>/data/<scene>/iphone/rgb/      photos, extracted from the video; depth/ beside it, if extracted too
    <root>/data/<scene>/iphone/colmap/   poses (world-to-camera, OpenCV axes, in the mesh's metres), observed points
    <root>/data/<scene>/dslr/            optional: resized_undistorted_images/, nerfstudio/, colmap/
    <root>/splits/*.txt                  optional: lists of scenes, by split

The photos may not be redistributed: rows are written without pixels, and filled from the user's copy at load.
"""

import re
from pathlib import Path

import numpy as np

from dataset_builder.schema import SAFE_NAME
from generation.geometry import Camera
from generation.scenes.base import Frame, Instance, Scene, SceneError, SceneMesh
from generation.scenes.checks import check_scene
from generation.scenes.colmap import ColmapModel
from generation.scenes.files import check_photo, evenly_spaced, label_faces, naming_scene, read_json, read_mesh
from generation.scenes.labels import name_instances
from generation.scenes.reprojection import Sightings, check_cameras, check_mesh, check_sensor


MESH_FILE = "mesh_aligned_0.05.ply"
SPLIT_NAMES = {"train": "train", "val": "validation", "test": "test"}
# `transforms_undistorted.json` was made by nerfstudio's COLMAP converter, which turns the camera axes to OpenGL's,
# swaps the world's x and y and mirrors its z; this takes its world back to the mesh's
WORLD_FROM_NERFSTUDIO = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]])
OPENGL_FROM_OPENCV = np.diag([1.0, -1, -1, 1])

# The frames of one device, and what each of their photos saw, by frame id
Recording = tuple[list[Frame], dict[str, Sightings]]


class ScannetppSource:
    """Scenes under `root`, which holds `data/` of the release.

    Args:
        root (`Path`).
        scenes (`int`, *optional*): use only the first so many scenes, by name.
        frames (`int`, *optional*): use at most so many photos of each camera, evenly spaced; by default all.
    """

    def __init__(self, root: Path | None, scenes: int | None = None, frames: int | None = None):
        if root is None or not (Path(root) / "data").is_dir():
            raise SceneError(
                f"{root} has no folder `data`. Give the folder of the ScanNet++ release as root (`--root`)."
            )
        self.root, self.scenes, self.frames = Path(root), scenes, frames

    def scene_names(self) -> list[str]:
        """Names of the scenes that the folder holds, sorted."""
        names = sorted(path.name for path in (self.root / "data").iterdir() if (path / "scans").is_dir())
        if not names:
            raise SceneError(f"{self.root / 'data'} holds no scene. Each needs a folder with `scans` and `iphone`.")
        return names[: self.scenes]

    def splits(self) -> dict[str, str]:
        """Split of every scene that a list of the release names."""
        found = {}
        for path in sorted((self.root / "splits").glob("*.txt")):
            kind = re.search(r"(?:^|_)(train|val|test)(?:_|$)", path.stem)
            if kind is None:
                continue
            split = SPLIT_NAMES[kind[1]]
            for name in path.read_text(encoding="utf-8").split():
                if found.setdefault(name, split) != split:
                    raise SceneError(
                        f"{path} puts the scene {name!r} into {split}, but another list puts it into {found[name]}. "
                        "A scene belongs to one split; correct the lists."
                    )
        return found

    def scene_folder(self, scene_name: str) -> Path:
        """Folder of the scene's files."""
        folder = self.root / "data" / scene_name
        if not SAFE_NAME.match(scene_name) or not folder.is_dir():
            raise SceneError(f"Scene {scene_name!r}: there is no such folder in {self.root / 'data'}.")
        return folder

    def load(self, scene_name: str) -> Scene:
        """One scene; every file of it is checked against the others."""
        folder = self.scene_folder(scene_name)
        with naming_scene(scene_name):
            scene, devices = self._read(scene_name, folder)
        check_scene(scene)
        with naming_scene(scene_name):
            for frames, sightings in devices:
                check_cameras(frames, sightings)
                check_mesh(scene.mesh, frames, sightings)
                check_sensor(frames, sightings)
        return scene

    def _read(self, scene_name: str, folder: Path) -> tuple[Scene, list[Recording]]:
        """A scene, and what each of its devices recorded."""
        mesh, instances, left_out = _read_instances(folder / "scans")
        devices = [_iphone_frames(folder / "iphone", self.frames)]
        if (folder / "dslr").is_dir():
            recording, blurred = _dslr_frames(folder / "dslr", self.frames)
            devices.append(recording)
            left_out |= blurred
        frames = tuple(frame for recorded, _ in devices for frame in recorded)
        for frame in frames:
            check_photo(frame)
        scene = Scene(
            source="scannetpp",
            domain="indoor",
            scene_name=scene_name,
            mesh=mesh,
            instances=instances,
            frames=frames,
            redistributable=False,
            left_out=left_out,
        )
        return scene, devices


def _read_instances(scans: Path) -> tuple[SceneMesh, tuple[Instance, ...], dict[str, int]]:
    """The labelled mesh, its instances, and how many annotated instances were left out, by reason."""
    vertices, faces = read_mesh(scans / MESH_FILE)
    segments = _field(scans / "segments.json", "segIndices", "the segment of every vertex")
    groups = _field(scans / "segments_anno.json", "segGroups", "the objects")
    if len(segments) != len(vertices):
        raise SceneError(
            f"{scans / 'segments.json'} has {len(segments)} vertices, but {MESH_FILE} has {len(vertices)}. They "
            "belong to two versions of the scan, or one is cut short; copy both again."
        )
    labels = _labels(groups, scans / "segments_anno.json")
    mesh = label_faces(vertices, faces, _vertex_instance(np.array(segments, dtype=np.int64), groups, labels))
    shown = set(np.unique(mesh.face_instance).tolist())
    instances, left_out = name_instances(labels, shown, "no triangle of its own")
    kept = [instance.instance_id for instance in instances]
    face_instance = np.where(np.isin(mesh.face_instance, kept), mesh.face_instance, 0)
    return SceneMesh(vertices, faces, face_instance, scanned=True), instances, left_out


def _labels(groups: list[dict], path: Path) -> dict[int, str]:
    """Raw label of every instance."""
    labels = {}
    for group in groups:
        try:
            instance_id, label = int(group["objectId"]), group.get("label")
        except (KeyError, TypeError, ValueError) as error:
            raise SceneError(f"{path} has a group without `objectId`: {str(group)[:80]}. Copy it again.") from error
        if instance_id in labels:
            raise SceneError(f"{path} has two objects with the id {instance_id}. Give each object its own `objectId`.")
        if instance_id < 1:
            raise SceneError(f"{path} has an object with the id {instance_id}. Ids begin at 1; 0 means no object.")
        if not isinstance(label, str) or not label.strip():
            raise SceneError(f"{path}: the object {instance_id} has no label. Label it, or remove the group.")
        labels[instance_id] = label
    return labels


def _vertex_instance(segments: np.ndarray, groups: list[dict], labels: dict[int, str]) -> np.ndarray:
    """Instance of every vertex, 0 where it has none. Where several claim a vertex, the smallest of them wins.

    So does the release's own toolbox, which lists the labels of a vertex from the smallest instance to the largest:
    the cushion on the sofa is a cushion.
    """
    names, segment_of_vertex, sizes = np.unique(segments, return_inverse=True, return_counts=True)
    claims = []  # (size in vertices, id, the group's segments)
    for group in groups:
        if not isinstance(group.get("segments"), list):
            raise SceneError(f"The object {group['objectId']} has no list `segments`. Copy segments_anno.json again.")
        own = np.isin(names, group["segments"])
        claims.append((int(sizes[own].sum()), int(group["objectId"]), own))
    instance = np.zeros(len(names), dtype=np.int64)
    for _, instance_id, own in sorted(claims, key=lambda claim: claim[:2], reverse=True):
        instance[own] = instance_id
    return instance[segment_of_vertex]


def _iphone_frames(folder: Path, limit: int | None) -> Recording:
    model = ColmapModel(folder / "colmap")
    if not (folder / "rgb").is_dir():
        raise SceneError(f"{folder / 'rgb'} is missing. Extract the photos from rgb.mkv with the release's toolbox.")
    frames, sightings = [], {}
    for name in evenly_spaced(model.names, limit):
        frame_id = Path(name).stem
        depth_path = folder / "depth" / f"{frame_id}.png"
        frames.append(
            Frame(frame_id, model.camera(name), folder / "rgb" / name, depth_path if depth_path.is_file() else None)
        )
        sightings[frame_id] = model.sightings(name)
    return frames, sightings


def _dslr_frames(folder: Path, limit: int | None) -> tuple[Recording, dict[str, int]]:
    """Undistorted frames, and how many the release marks as bad."""
    path = folder / "nerfstudio" / "transforms_undistorted.json"
    transforms = read_json(path, "poses of the undistorted DSLR photos")
    model = ColmapModel(folder / "colmap")
    try:
        listed = {Path(entry["file_path"]).name: entry for entry in transforms["frames"]}
        good = sorted(name for name, entry in listed.items() if not entry.get("is_bad", False))
        intrinsics = np.array([[transforms["fl_x"], 0, transforms["cx"]], [0, transforms["fl_y"], transforms["cy"]],
                               [0, 0, 1]], dtype=np.float64)  # fmt: skip
        size = int(transforms["w"]), int(transforms["h"])
        poses = {name: np.array(listed[name]["transform_matrix"], dtype=np.float64) for name in good}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SceneError(f"{path} is not in nerfstudio's form ({error!r}). Copy it again.") from error
    frames, sightings = [], {}
    for name in evenly_spaced([name for name in good if name in model.names], limit):
        if poses[name].shape != (4, 4):
            raise SceneError(f"{path}: {name!r} has a pose of shape {poses[name].shape}, not (4, 4). Copy it again.")
        camera = Camera(*size, intrinsics, WORLD_FROM_NERFSTUDIO @ poses[name] @ OPENGL_FROM_OPENCV)
        frame_id = Path(name).stem
        frames.append(Frame(frame_id, camera, folder / "resized_undistorted_images" / name))
        sightings[frame_id] = model.undistorted_sightings(name, camera)
    bad = len(listed) - len(good)
    return (frames, sightings), {"DSLR photo marked as bad": bad} if bad else {}


def _field(path: Path, name: str, what: str) -> list:
    content = read_json(path, what)
    if not isinstance(content, dict) or not isinstance(content.get(name), list):
        raise SceneError(f"{path} has no list {name!r}. It is damaged or of another format; copy it again.")
    return content[name]
