"""Point maps, the input of the `spatialmosaic_pointmap` encoder, from what people have.

A point map is a float32 array `(4, H, W)`: the world point x, y, z that each pixel sees, then 1 where it is known and
0 elsewhere. All maps of a sample share one world frame, in metres where the source has metres. Cameras look along +z
with x right and y down, and pixel centres lie at integer + 0.5.

Not part of the code that a saved model carries.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import BaseImageProcessor


def pointmaps_from_points(points: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """
    Point maps from world points, such as those of a network's point head with a threshold on its confidence.

    Args:
        points (`np.ndarray` of shape `(F, H, W, 3)`): world points.
        valid (`np.ndarray` of shape `(F, H, W)`): which of them to use; others that are not finite are left out too.

    Returns:
        `np.ndarray` of shape `(F, 4, H, W)`.
    """
    if points.ndim != 4 or points.shape[3] != 3 or valid.shape != points.shape[:3]:
        raise ValueError(
            f"`points` must have shape (F, H, W, 3) and `valid` (F, H, W), got {points.shape} and {valid.shape}."
        )
    valid = valid.astype(bool) & np.isfinite(points).all(axis=3)
    points = np.where(valid[..., None], points, 0)
    return np.concatenate([points, valid[..., None]], axis=3, dtype=np.float32).transpose(0, 3, 1, 2)


def pointmaps_from_depth(depth_m: np.ndarray, intrinsics: np.ndarray, world_from_cam: np.ndarray) -> np.ndarray:
    """
    Point maps from depth maps of known cameras.

    Args:
        depth_m (`np.ndarray` of shape `(F, H, W)`): depth along the optical axis; 0, NaN or inf where unknown.
        intrinsics (`np.ndarray` of shape `(F, 3, 3)`): in pixels of the depth maps.
        world_from_cam (`np.ndarray` of shape `(F, 4, 4)`): poses of the cameras.

    Returns:
        `np.ndarray` of shape `(F, 4, H, W)`.
    """
    num_frames = len(depth_m)
    for name, array, shape in (
        ("depth_m", depth_m, (num_frames, *depth_m.shape[-2:])),
        ("intrinsics", intrinsics, (num_frames, 3, 3)),
        ("world_from_cam", world_from_cam, (num_frames, 4, 4)),
    ):
        if array.shape != shape:
            raise ValueError(f"`{name}` must have shape {shape} for {num_frames} frames, got {array.shape}.")
    height, width = depth_m.shape[1:]
    pixels = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1)  # (H, W, 2)
    pixels = np.concatenate([pixels, np.ones((height, width, 1))], axis=-1)
    valid = np.isfinite(depth_m) & (depth_m > 0)
    points_in_cam = (
        np.einsum("fij,hwj->fhwi", np.linalg.inv(intrinsics), pixels) * np.where(valid, depth_m, 0)[..., None]
    )
    points = (
        np.einsum("fij,fhwj->fhwi", world_from_cam[:, :3, :3], points_in_cam) + world_from_cam[:, None, None, :3, 3]
    )
    return pointmaps_from_points(points, valid)


def pointmaps_from_colmap(folder: str | os.PathLike, names: Sequence[str], width: int) -> list[np.ndarray]:
    """
    Sparse point maps from a COLMAP reconstruction: every triangulated point, at the pixel where the image saw it.

    Args:
        folder (`str` or `os.PathLike`): folder with cameras, images and points3D as `.bin` or `.txt`.
        names (`Sequence[str]`): names of the images, in the order wanted.
        width (`int`): width of the maps in pixels, such as the image processor's `image_size`. Where two points fall
            on one pixel, the nearer is kept.

    Returns:
        `list[np.ndarray]`: maps `(4, H, width)` with the aspect ratio of each image, in the world frame and the unit
            of the reconstruction (metres only if it was scaled to metres).
    """
    try:
        import pycolmap
    except ImportError as error:
        raise ImportError("Reading COLMAP reconstructions needs pycolmap: `pip install pycolmap`.") from error
    try:
        reconstruction = pycolmap.Reconstruction(folder)
    except Exception as error:  # pycolmap raises several types of its own
        raise ValueError(f"{folder} cannot be read as a COLMAP reconstruction: {error}") from error
    images = {image.name: image for image in reconstruction.images.values() if image.has_pose}
    missing = [name for name in names if name not in images]
    if missing:
        raise ValueError(
            f"The reconstruction {folder} must hold the pose of every image asked for; it lacks {missing[0]!r}."
        )
    points = {point_id: point.xyz for point_id, point in reconstruction.points3D.items()}
    maps = []
    for name in names:
        image = images[name]
        camera = reconstruction.cameras[image.camera_id]
        scale = width / camera.width
        pointmap = np.zeros((4, max(round(camera.height * scale), 1), width), dtype=np.float32)
        seen = [point for point in image.points2D if point.has_point3D()]
        if seen:
            xyz = np.array([points[point.point3D_id] for point in seen])  # (N, 3)
            columns, rows = np.floor(np.array([point.xy for point in seen]) * scale).astype(int).T
            order = np.argsort(-(image.cam_from_world() * xyz)[:, 2], kind="stable")  # the nearest is written last
            in_image = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < pointmap.shape[1])
            order = order[in_image[order]]
            pointmap[:3, rows[order], columns[order]] = xyz[order].T
            pointmap[3, rows[order], columns[order]] = 1
        maps.append(pointmap)
    return maps


def prepare_pointmaps(pointmaps: Sequence[np.ndarray], image_size: int, patch_size: int) -> torch.Tensor:
    """
    Bring point maps to the frame of [`SpatialMosaicImageProcessor`]: same width, same central rows, same padding, so
    that a patch of the map and the same patch of the image show one place. Pixels are taken, never mixed: the mean of
    two points lies on neither surface.

    Args:
        pointmaps (`Sequence[np.ndarray]`): maps `(4, H, W)` of all images of a batch, with the images' aspect ratios.
        image_size, patch_size (`int`): as in the image processor.

    Returns:
        `torch.Tensor` of shape `(F, 4, height, image_size)`: the model's `geometry_values`.
    """
    resized = []
    for pointmap in pointmaps:
        if pointmap.ndim != 3 or pointmap.shape[0] != 4:
            raise ValueError(f"A point map must have shape (4, H, W), got {pointmap.shape}.")
        height = patch_size * round(pointmap.shape[1] * (image_size / pointmap.shape[2]) / patch_size)
        rows = ((np.arange(height) + 0.5) * pointmap.shape[1] / height).astype(int)
        columns = ((np.arange(image_size) + 0.5) * pointmap.shape[2] / image_size).astype(int)
        top = max(height - image_size, 0) // 2
        resized.append(pointmap[:, rows[top : top + image_size, None], columns])
    height = max(pointmap.shape[1] for pointmap in resized)
    values = np.zeros((len(resized), 4, height, image_size), dtype=np.float32)
    for padded, pointmap in zip(values, resized, strict=True):
        top = (height - pointmap.shape[1]) // 2
        padded[:, top : top + pointmap.shape[1]] = pointmap
    return torch.from_numpy(values)


@dataclass
class PointmapCollator:
    """
    Training collator for rows with a column `pointmaps` beside `images`: another collator makes the rest of the batch.

    The trainer must keep that column: `remove_unused_columns=False`.

    Args:
        collator (`Callable`): collator for the other columns, such as TRL's `DataCollatorForVisionLanguageModeling`.
        image_processor ([`SpatialMosaicImageProcessor`]): whose sizes the maps follow.
    """

    collator: Callable[[list[dict]], dict]
    image_processor: BaseImageProcessor

    def __call__(self, examples: list[dict]) -> dict:
        for index, example in enumerate(examples):
            if len(example["pointmaps"]) != len(example["images"]):
                raise ValueError(
                    "Every image needs one point map. Found "
                    f"{len(example['images'])} images and {len(example['pointmaps'])} maps in row {index} of a batch."
                )
        batch = self.collator([{k: v for k, v in example.items() if k != "pointmaps"} for example in examples])
        maps = [np.asarray(pointmap, dtype=np.float32) for example in examples for pointmap in example["pointmaps"]]
        if maps:
            batch["geometry_values"] = prepare_pointmaps(
                maps, self.image_processor.image_size, self.image_processor.patch_size
            )
        return batch
