"""The study's photos: small renderings of the frames that the questions are about, with the truth behind them.

Shapes: `N` frames, `H, W` their size in pixels.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from generation.geometry import Camera
from generation.processes import run_step
from generation.rendering.renderer import SceneRenderer
from generation.rng import stage_rng
from generation.scenes import open_source
from generation.settings import GenerateSettings
from modeling_spatialmosaic.pointmaps import pointmaps_from_depth
from modeling_spatialmosaic.recipes.geometry_study.settings import DataSettings


JPEG_QUALITY = 95
MIN_CELL_SHARE = 0.15
TRUTH_FILE = "truth.npz"
LABELS_FILE = "labels.json"


def generate_settings(settings: DataSettings, out: Path, workers: int) -> GenerateSettings:
    """The settings of `spatialmosaic generate` that give the study's questions."""
    return GenerateSettings(
        out=out,
        seed=settings.seed,
        rooms=settings.rooms,
        scenes=settings.scenes,
        frames=settings.frames,
        view_sets=settings.view_sets,
        questions=settings.questions,
        pixels=False,
        workers=workers,
    )


def shrunk(camera: Camera, width: int) -> Camera:
    """The same view in so many columns."""
    factor = width / camera.width
    intrinsics = np.diag([factor, factor, 1.0]) @ camera.intrinsics
    return replace(camera, width=width, height=round(camera.height * factor), intrinsics=intrinsics)


def render_scene(generated: GenerateSettings, job: tuple[str, int, Path]) -> None:
    """Render the frames of a scene, so wide, to `<folder>/<name>/`, in the layout that `images_root` takes."""
    name, width, folder = job
    scene = open_source(generated).load(name)
    renderer = SceneRenderer(scene)
    cameras = [shrunk(frame.camera, width) for frame in scene.frames]
    rendered = [
        renderer.render(camera, stage_rng(generated.seed, name, frame.frame_id, "study"))
        for frame, camera in zip(scene.frames, cameras, strict=True)
    ]
    (folder / name / "images").mkdir(parents=True)
    for frame, photo in zip(scene.frames, rendered, strict=True):
        Image.fromarray(photo.rgb).save(folder / name / "images" / f"{frame.frame_id}.jpg", quality=JPEG_QUALITY)
    np.savez_compressed(
        folder / name / TRUTH_FILE,
        frame_ids=[frame.frame_id for frame in scene.frames],
        depth_m=np.stack([photo.depth_m for photo in rendered]).astype(np.float16),
        instance=np.stack([photo.instance for photo in rendered]).astype(np.uint16),
        intrinsics=np.stack([camera.intrinsics for camera in cameras]),
        world_from_cam=np.stack([camera.world_from_cam for camera in cameras]),
    )
    labels = {instance.instance_id: (instance.label, instance.is_structure) for instance in scene.instances}
    (folder / name / LABELS_FILE).write_text(json.dumps(labels), encoding="utf-8")


def render_scenes(generated: GenerateSettings, names: list[str], width: int, folder: Path) -> None:
    """Render scenes; those that cannot be made, which `generate` has named, are left out."""
    for _ in run_step(render_scene, generated, [(name, width, folder) for name in names]):
        pass


def patch_shares(categories: torch.Tensor, side: int, num_categories: int) -> torch.Tensor:
    """
    Part of each patch that every category covers.

    Args:
        categories (`torch.Tensor` of shape `(n, H, W)`): category of every pixel.
        side (`int`): rows and columns of patches, into which the tower cuts the photo. A pixel belongs to the patch
            that its centre lies in.

    Returns:
        `torch.Tensor` of shape `(n, side * side, num_categories)`; the last axis sums to one.
    """
    count, height, width = categories.shape
    rows, columns = ((torch.arange(n, device=categories.device) + 0.5) * side // n for n in (height, width))
    patches = (rows[:, None] * side + columns).long().flatten()  # (H * W,)
    cells = patches * num_categories + categories.flatten(1).long()
    shares = torch.zeros(count, side * side * num_categories, device=categories.device)
    shares.scatter_add_(1, cells, torch.ones_like(cells, dtype=shares.dtype))
    shares = shares.unflatten(1, (side * side, num_categories))
    return shares / shares.sum(-1, keepdim=True)


class ShownObject(NamedTuple):
    """
    What a photo shows of an instance.

    Args:
        label (`str`).
        pixels (`int`), share (`float`): how many, and which part of the photo they are.
        centre (`tuple[float, float]`): x and y of the centre of the box around them, in parts of width and height.
        point (`tuple[float, float, float]`): mean of what they show, in the scene's world and metres.
        distance_m (`float`): of that point from the camera.
    """

    label: str
    pixels: int
    share: float
    centre: tuple[float, float]
    point: tuple[float, float, float]
    distance_m: float


class FrameStore:
    """
    All photos of some scenes in memory.

    Args:
        folder (`Path`): what `render_scenes` filled.
        splits (`dict[str, str]`): split of every scene.

    Attributes:
        images (`torch.Tensor` of shape `(N, 3, H, W)`): `uint8`, as the image processor finds them in the files.
        depth_m (`torch.Tensor` of shape `(N, H, W)`): float16, `inf` where nothing is hit.
        intrinsics (`torch.Tensor` of shape `(N, 3, 3)`): in pixels.
        world_from_cam (`torch.Tensor` of shape `(N, 4, 4)`).
        categories (`torch.Tensor` of shape `(N, H, W)`): `uint8`, index into `labels`.
        labels (`list[str]`): what train scenes hold; the first entry stands for nothing and for all else.
        is_object (`torch.Tensor` of shape `(labels,)`): which of the labels are no parts of the building.
        scenes (`dict[str, list[int]]`): frames of every scene.
    """

    def __init__(self, folder: Path, splits: dict[str, str]):
        self.splits, self.scenes, self._index, self._objects = splits, {}, {}, []
        instances = {
            name: {int(k): one for k, one in json.loads((folder / name / LABELS_FILE).read_text()).items()}
            for name in splits
        }
        trained = dict(one for name in splits if splits[name] == "train" for one in instances[name].values())
        self.labels = ["", *sorted(trained)]
        self.is_object = torch.tensor([False] + [not trained[label] for label in self.labels[1:]])
        number = {label: k for k, label in enumerate(self.labels)}
        parts: dict[str, list] = {
            key: [] for key in ("images", "depth_m", "intrinsics", "world_from_cam", "categories")
        }
        for name in splits:
            truth = np.load(folder / name / TRUTH_FILE)
            self.scenes[name] = list(range(len(self._index), len(self._index) + len(truth["frame_ids"])))
            self._index |= {(name, str(one)): k for one, k in zip(truth["frame_ids"], self.scenes[name], strict=True)}
            table = np.zeros(max(instances[name]) + 1, dtype=np.uint8)
            for instance, (label, _) in instances[name].items():
                table[instance] = number.get(label, 0)
            parts["categories"].append(table[truth["instance"]])
            for key in ("depth_m", "intrinsics", "world_from_cam"):
                parts[key].append(truth[key])
            for frame_id, instance in zip(truth["frame_ids"], truth["instance"], strict=True):
                with Image.open(folder / name / "images" / f"{frame_id}.jpg") as image:
                    parts["images"].append(np.asarray(image).transpose(2, 0, 1)[None])
                self._objects.append((instance, instances[name]))
        for key, arrays in parts.items():
            setattr(self, key, torch.from_numpy(np.concatenate(arrays)))

    def index_of(self, scene: str, frames: list[str]) -> torch.Tensor:
        """
        Positions of frames in the arrays.

        Raises:
            `ValueError`: a frame was not rendered.
        """
        missing = [frame for frame in frames if (scene, frame) not in self._index]
        if missing:
            raise ValueError(
                f"Every frame that a question shows must be rendered; scene {scene!r} lacks {', '.join(missing)}. "
                "Questions and photos are of different versions: delete the folder `data`, and run the study again."
            )
        return torch.tensor([self._index[scene, frame] for frame in frames])

    def of_split(self, split: str) -> list[int]:
        """All frames of a split."""
        return [k for name, frames in self.scenes.items() if self.splits[name] == split for k in frames]

    def pixel_values(self, index: torch.Tensor) -> torch.Tensor:
        """RGB in [0, 1], `(n, 3, H, W)`, of some frames: what the image processor makes of the same photos."""
        return self.images[index].float() / 255

    def cells(self, index: torch.Tensor, side: int) -> torch.Tensor:
        """
        What each of `side * side` cells of some frames shows, as an index into `labels`, `(n, side * side)`: the
        object that takes most of it, if that is at least `MIN_CELL_SHARE`, or else the part of the building.
        """
        shares = patch_shares(self.categories[index], side, len(self.labels))
        largest, found = (shares * self.is_object).max(dim=-1)
        return torch.where(largest >= MIN_CELL_SHARE, found, (shares * ~self.is_object).argmax(dim=-1))

    def pointmaps(self, index: torch.Tensor) -> torch.Tensor:
        """
        True point maps of some frames of a scene, `(n, 4, H, W)`: the model's `geometry_values`. Their world is the
        first camera, as for VGGT.
        """
        poses = self.world_from_cam[index].numpy()
        first_from_cam = np.linalg.inv(poses[0]) @ poses
        depth_m, intrinsics = self.depth_m[index].float().numpy(), self.intrinsics[index].numpy()
        return torch.from_numpy(pointmaps_from_depth(depth_m, intrinsics, first_from_cam))

    @cache  # noqa: B019 - one store lives as long as the study
    def objects(self, frame: int) -> list[ShownObject]:
        """The objects that a frame shows, the largest first; not the parts of the building."""
        instance, labels = self._objects[frame]
        height, width = instance.shape
        depth_m, intrinsics = self.depth_m[frame].float().numpy(), self.intrinsics[frame].numpy()
        pose = self.world_from_cam[frame].numpy()
        *points, _ = pointmaps_from_depth(depth_m[None], intrinsics[None], pose[None])[0]
        found = []
        for number, box in enumerate(ndimage.find_objects(instance), start=1):
            label, is_structure = labels.get(number, (None, True))
            if box is None or is_structure:
                continue
            shown = instance[box] == number
            y, x = ((side.start + side.stop) / 2 for side in box)
            point = np.array([axis[box][shown].mean() for axis in points])
            distance_m = float(np.linalg.norm(point - pose[:3, 3]))
            count = int(shown.sum())
            centre = (x / width, y / height)
            found.append(ShownObject(label, count, count / instance.size, centre, tuple(point.tolist()), distance_m))
        return sorted(found, key=lambda one: (-one.pixels, one))
