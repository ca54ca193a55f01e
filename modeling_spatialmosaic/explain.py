"""What a model looked at, painted over its views, and the points that its geometry encoder saw, as a PLY file.

    maps = attention_maps(model, inputs)
    pictures = paint_attention(inputs["pixel_values"], maps.answer)

Attention tells where information was taken from, not whether it decided the answer. Not part of the code that a saved
model carries.
"""

import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import PreTrainedModel


HEAT = (255, 96, 0)
STRONGEST_PAINT = 0.85  # of the colour; the rest is photo
FULL_RATIO = 16  # attention over an even share from which paint no longer grows


@dataclass
class AttentionMaps:
    """
    Attention of one question, over the pixels of its `F` views as the model received them, `(H, W)`. A patch's
    attention is spread evenly over its pixels, so the sum over pixels is the attention that the patches got.

    Args:
        answer (`torch.Tensor` of shape `(F, H, W)`):
            Attention of the position that the answer's first token is read from, averaged over the layers and heads of
            the language model. What all views lack to a sum of 1 went to text and to the ends of rows.
        geometry (`torch.Tensor` of shape `(F, H, W)`, *optional*):
            Attention of a view's visual tokens to its geometry tokens, averaged over visual tokens and heads. What a
            view lacks to 1 went to tokens without a place, such as VGGT's camera token. `None` without a geometry
            encoder, and with a fusion that has no attention.
    """

    answer: torch.Tensor
    geometry: torch.Tensor | None


def spread(grid: torch.Tensor, height: int, width: int, covered: float = 1.0) -> torch.Tensor:
    """
    Spread the values of cells evenly over their pixels.

    Args:
        grid (`torch.Tensor` of shape `(F, rows, columns)`): a value of every cell; no more cells than pixels.
        height, width (`int`): size of the result.
        covered (`float`, *optional*, defaults to 1.0): share of either side that the cells cover, from the top left.

    Returns:
        `torch.Tensor` of shape `(F, height, width)`: zero outside the cells, and with the sum of the grid.
    """
    for axis, size in ((1, height), (2, width)):
        count = grid.shape[axis]
        cells = ((torch.arange(size) + 0.5) / size / covered * count).long()  # of every pixel; `count` is outside
        sizes = cells.bincount(minlength=count)[:count]
        shape = [-1 if k == axis else 1 for k in range(3)]
        grid = grid / sizes.clamp(min=1).view(shape)
        outside = grid.new_zeros(()).expand(*grid.shape[:axis], 1, *grid.shape[axis + 1 :])
        grid = torch.cat([grid, outside], dim=axis).index_select(axis, cells.clamp(max=count))
    return grid


@torch.no_grad()
def attention_maps(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> AttentionMaps:
    """
    Where the model looked before it answered.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]): in evaluation mode.
        inputs (`Mapping[str, torch.Tensor]`): what the processor gives for one prompt with views, on the model's
            device; with `geometry_values` where the encoder takes them.

    Returns:
        [`AttentionMaps`], float32 on the CPU.

    Raises:
        `ValueError`: the inputs hold several prompts or no views, or the geometry tokens have no place in the image.
    """
    input_ids, pixel_values = inputs["input_ids"], inputs.get("pixel_values")
    if len(input_ids) != 1 or pixel_values is None:
        raise ValueError(
            f"Attention maps are made of one prompt with views, got {len(input_ids)} prompts "
            f"{'without' if pixel_values is None else 'with'} views. Process one prompt with its images."
        )
    config, fusion_block = model.config, model.model.fusion_block
    # Not by its class: a model that carries its own code has classes of its own
    has_attention = hasattr(fusion_block, "attention_weights")
    fused: list[tuple] = []
    if has_attention:
        hook = fusion_block.register_forward_pre_hook(lambda block, tokens: fused.append(tokens))
    # Only the last row of the attention matrices is wanted: what comes before it may use any kernel.
    mask = inputs.get("attention_mask", torch.ones_like(input_ids))
    before = {**inputs, "input_ids": input_ids[:, :-1], "attention_mask": mask[:, :-1]}
    implementation = config.text_config._attn_implementation
    try:
        past = model(**before, use_cache=True, logits_to_keep=1).past_key_values
        model.set_attn_implementation({"text_config": "eager"})
        attentions = model(
            input_ids=input_ids[:, -1:], attention_mask=mask, past_key_values=past, output_attentions=True
        ).attentions
    finally:
        model.set_attn_implementation({"text_config": implementation})
        if has_attention:
            hook.remove()

    height, width = pixel_values.shape[-2:]
    attention = torch.stack([layer[0, :, 0].float().mean(dim=0).cpu() for layer in attentions]).mean(dim=0)  # (L,)
    side = config.pooled_grid
    answer = attention[(input_ids[0] == config.image_token_id).cpu()].view(-1, side, side + 1)[:, :, :side]
    covered = config.vision_grid * config.vision_config.patch_size / config.vision_config.image_size
    answer = spread(answer, height, width, covered)
    if not has_attention:
        return AttentionMaps(answer, None)

    rows, columns = (size // config.geometry_config.patch_size for size in (height, width))
    weights = fusion_block.attention_weights(*fused[0]).mean(dim=1).cpu()  # (F, G)
    if weights.shape[1] < rows * columns:
        raise ValueError(
            f"The last geometry tokens of a view must be its {rows} x {columns} patches, row by row; found "
            f"{weights.shape[1]} tokens. The geometry encoder {config.geometry_config.model_type!r} cannot be painted."
        )
    patches = weights[:, -rows * columns :].unflatten(1, (rows, columns))
    return AttentionMaps(answer, spread(patches, height, width))


def paint_attention(pixel_values: torch.Tensor, maps: torch.Tensor) -> list[Image.Image]:
    """
    Paint attention over grey photos, in orange. The scale is fixed: a pixel that gets no more than an even share of
    all views' attention stays grey, each doubling adds a quarter of the paint, and 16 times as much is full. So
    attention that is spread evenly looks like it.

    Args:
        pixel_values (`torch.Tensor` of shape `(F, 3, H, W)`): the views, RGB in [0, 1].
        maps (`torch.Tensor` of shape `(F, H, W)`): one of [`AttentionMaps`].

    Returns:
        `list[Image.Image]`: a picture of every view, `H` by `W` pixels.
    """
    if pixel_values.shape[0] != maps.shape[0] or pixel_values.shape[2:] != maps.shape[1:]:
        raise ValueError(f"Views and maps must match, got {tuple(pixel_values.shape)} and {tuple(maps.shape)}.")
    grey = 255 * pixel_values.float().mean(dim=1).cpu().numpy()[..., None]  # (F, H, W, 1)
    ratio = maps / maps.mean().clamp(min=torch.finfo(maps.dtype).tiny)
    paint = STRONGEST_PAINT * (ratio.clamp(1, FULL_RATIO).log2() / math.log2(FULL_RATIO)).numpy()[..., None]
    painted = (1 - paint) * grey + paint * np.array(HEAT)
    return [Image.fromarray(view) for view in painted.round().clip(0, 255).astype(np.uint8)]


def write_point_cloud(path: str | os.PathLike, points: np.ndarray, colors: np.ndarray, valid: np.ndarray) -> int:
    """
    Write points as a binary PLY file.

    Args:
        path (`str` or `os.PathLike`): the file to write.
        points (`np.ndarray` of shape `(..., 3)`): world points, from a point map or a point head.
        colors (`np.ndarray` of shape `(..., 3)`): RGB in [0, 1], such as the pixels that see the points.
        valid (`np.ndarray` of shape `(...,)`): which points to write; others that are not finite are left out too.

    Returns:
        `int`: the number of points written.
    """
    points, colors, valid = np.asarray(points), np.asarray(colors), np.asarray(valid)
    if points.shape[-1:] != (3,) or colors.shape != points.shape or valid.shape != points.shape[:-1]:
        raise ValueError(
            "`points` and `colors` must have shape (..., 3) and `valid` the same without the last axis, got "
            f"{points.shape}, {colors.shape} and {valid.shape}."
        )
    valid = valid.astype(bool) & np.isfinite(points).all(axis=-1)
    vertices = np.zeros(valid.sum(), dtype=[("point", "<f4", 3), ("color", "u1", 3)])
    vertices["point"] = points[valid]
    vertices["color"] = (255 * colors[valid]).round().clip(0, 255)
    properties = [f"property float {axis}" for axis in "xyz"]
    properties += [f"property uchar {color}" for color in ("red", "green", "blue")]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(vertices)}", *properties, "end_header"]
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_bytes(("\n".join(header) + "\n").encode("ascii") + vertices.tobytes())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(vertices)


__all__ = ["AttentionMaps", "attention_maps", "paint_attention", "write_point_cloud"]
