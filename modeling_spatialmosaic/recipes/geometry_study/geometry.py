"""Pretrains the small VGGT on depth, points and cameras of the procedural scenes.

The losses are those of VGGT (arXiv:2503.11651, section 3.3), without the tracks: cameras by a Huber loss; depth and
points by their error and that of their gradient, both weighted with the predicted confidence, minus its logarithm.
Lengths are in units of the mean distance of a scene's points from its first camera, which is the world.

Shapes: `B` scenes, `S` frames of a scene, `H, W` pixels.
"""

import torch
from torch.nn.functional import huber_loss

from modeling_spatialmosaic.modeling_vggt_heads import (
    SpatialMosaicVggtForReconstruction,
    SpatialMosaicVggtReconstructionOutput,
)
from modeling_spatialmosaic.pose_encoding import encode_pose
from modeling_spatialmosaic.recipes.geometry_study.build import autocast, device, vggt_config
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import StudySettings


CONFIDENCE_WEIGHT = 0.2  # alpha of the paper
CAMERA_WEIGHT = 5.0
REFINEMENT_DECAY = 0.6  # an earlier refinement of the camera counts so much less than the next
HUBER_DELTA = 0.1
MAX_VIEWS = 5
VALIDATION_BATCHES = 16


def scene_truth(store: FrameStore, index: torch.Tensor) -> dict[str, torch.Tensor]:
    """
    What VGGT is to find.

    Args:
        index (`torch.Tensor` of shape `(B, S)`): frames; the first of a scene is its world.

    Returns:
        `dict[str, torch.Tensor]`: `pose_encoding` `(B, S, 9)`, `depth` `(B, S, H, W)`, `points` `(B, S, H, W, 3)` and
        `valid` `(B, S, H, W)`, whether a pixel hits anything; and `scale` `(B,)`, metres in a unit of length.
    """
    depth = store.depth_m[index].float()
    valid = depth.isfinite()
    depth = torch.where(valid, depth, 0.0)
    intrinsics = store.intrinsics[index].float()
    poses = store.world_from_cam[index]  # float64: the inverse of the first would lose digits
    first_from_cam = torch.linalg.inv(poses[:, :1]) @ poses  # (B, S, 4, 4)
    height, width = depth.shape[-2:]
    v, u = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    pixels = torch.stack([u, v, torch.ones_like(u)], dim=-1)  # (H, W, 3)
    directions = torch.einsum("bsij,hwj->bshwi", torch.linalg.inv(intrinsics), pixels)
    rotation, centre = first_from_cam[..., :3, :3].float(), first_from_cam[..., :3, 3].float()
    points = torch.einsum("bsij,bshwj->bshwi", rotation, directions * depth[..., None]) + centre[:, :, None, None]
    points = torch.where(valid[..., None], points, 0.0)
    counts = valid.flatten(1).sum(1).clamp(min=1)
    scale = points.norm(dim=-1).flatten(1).sum(1) / counts  # (B,)
    cam_from_first = torch.linalg.inv(first_from_cam).float()[..., :3, :]
    cam_from_first[..., 3] /= scale[:, None, None]
    return {
        "pose_encoding": encode_pose(cam_from_first, intrinsics, height, width),
        "depth": depth / scale[:, None, None, None],
        "points": points / scale[:, None, None, None, None],
        "valid": valid,
        "scale": scale,
    }


def dense_loss(
    found: torch.Tensor, confidence: torch.Tensor, truth: torch.Tensor, valid: torch.Tensor
) -> torch.Tensor:
    """
    Mean loss of predicted maps (paper, section 3.3).

    Args:
        found, truth (`torch.Tensor` of shape `(B, S, H, W, channels)`).
        confidence (`torch.Tensor` of shape `(B, S, H, W)`): above 1.
        valid (`torch.Tensor` of shape `(B, S, H, W)`): which pixels count; of a gradient both pixels must.
    """
    error = found - truth
    total = _mean(confidence * error.norm(dim=-1) - CONFIDENCE_WEIGHT * confidence.log(), valid)
    for axis in (2, 3):
        length = error.shape[axis] - 1
        both = valid.narrow(axis, 0, length) & valid.narrow(axis, 1, length)
        total = total + _mean(confidence.narrow(axis, 0, length) * error.diff(dim=axis).norm(dim=-1), both)
    return total


def camera_loss(encodings: tuple[torch.Tensor, ...], truth: torch.Tensor) -> torch.Tensor:
    """Huber loss of all refinements `(B, S, 9)`; the last one counts most."""
    weights = [REFINEMENT_DECAY ** (len(encodings) - 1 - k) for k in range(len(encodings))]
    losses = [huber_loss(encoding, truth, delta=HUBER_DELTA) for encoding in encodings]
    return sum(weight * loss for weight, loss in zip(weights, losses, strict=True)) / sum(weights)


def vggt_losses(
    output: SpatialMosaicVggtReconstructionOutput, truth: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Losses by name, weighted."""
    return {
        "camera": CAMERA_WEIGHT * camera_loss(output.pose_encodings, truth["pose_encoding"]),
        "depth": dense_loss(output.depth, output.depth_conf, truth["depth"][..., None], truth["valid"]),
        "points": dense_loss(output.world_points, output.world_points_conf, truth["points"], truth["valid"]),
    }


def draw_views(generator: torch.Generator) -> int:
    """How many views VGGT sees."""
    return int(torch.randint(2, MAX_VIEWS + 1, (), generator=generator))


def draw_scenes(
    store: FrameStore, names: list[str], count: int, views: int, generator: torch.Generator
) -> torch.Tensor:
    """Frames `(count, views)` of scenes drawn at random."""
    rows = []
    for k in torch.randint(len(names), (count,), generator=generator).tolist():
        frames = torch.tensor(store.scenes[names[k]])
        rows.append(frames[torch.randperm(len(frames), generator=generator)[:views]])
    return torch.stack(rows)


def pretrain_vggt(settings: StudySettings, store: FrameStore) -> tuple[SpatialMosaicVggtForReconstruction, dict]:
    """
    Train VGGT on the train split.

    Returns:
        `tuple[SpatialMosaicVggtForReconstruction, dict]`: the model; the curve and the errors on the validation split.
    """
    torch.manual_seed(settings.data.seed)
    where = device()
    model = SpatialMosaicVggtForReconstruction._from_config(vggt_config(settings)).to(where).train()
    generator = torch.Generator().manual_seed(settings.data.seed)
    train = [name for name in store.scenes if store.splits[name] == "train"]

    def losses() -> dict[str, torch.Tensor]:
        index = draw_scenes(store, train, settings.geometry_budget.batch_size, draw_views(generator), generator)
        truth = {name: value.to(where) for name, value in scene_truth(store, index).items()}
        images = store.pixel_values(index.flatten()).unflatten(0, index.shape).to(where)
        with autocast(where):
            output = model(images)
        return vggt_losses(output, truth)

    facts = fit(model.parameters(), settings.geometry_budget, losses, stack=model.vggt)
    facts["errors"] = validation_errors(settings, store, model.eval())
    return model.cpu(), facts


def validation_errors(settings: StudySettings, store: FrameStore, model: SpatialMosaicVggtForReconstruction) -> dict:
    """
    Errors on scenes that were not trained on, beside those of constants: the median depth of the same photos, and
    cameras that all stand where the first one does.
    """
    generator = torch.Generator().manual_seed(settings.data.seed)
    names = [name for name in store.scenes if store.splits[name] == "validation"]
    sums: dict[str, list[float]] = {}
    for _ in range(VALIDATION_BATCHES):
        index = draw_scenes(store, names, settings.geometry_budget.batch_size, draw_views(generator), generator)
        truth = scene_truth(store, index)
        images = store.pixel_values(index.flatten()).unflatten(0, index.shape)
        with torch.inference_mode():
            output = model(images.to(next(model.parameters()).device))
        depth, valid = truth["depth"], truth["valid"]
        median = depth[valid].median()
        place = truth["pose_encoding"][:, 1:, :3]
        for name, value in {
            "relative_depth_error": ((output.depth[..., 0].cpu() - depth).abs() / depth)[valid].mean(),
            "relative_depth_error_of_the_median": ((median - depth).abs() / depth)[valid].mean(),
            "point_error": (output.world_points.cpu() - truth["points"]).norm(dim=-1)[valid].mean(),
            "translation_error": (output.pose_encodings[-1].cpu()[:, 1:, :3] - place).norm(dim=-1).mean(),
            "translation_error_of_the_first_camera": place.norm(dim=-1).mean(),
        }.items():
            sums.setdefault(name, []).append(float(value))
    return {name: sum(values) / len(values) for name, values in sums.items()}


def _mean(values: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    return (values * valid).sum() / valid.sum().clamp(min=1)
