"""Released VGGT checkpoint -> a model folder with aggregator and heads."""

import re
from pathlib import Path

import torch

from .configuration_vggt import SpatialMosaicVggtConfig
from .conversion import config_of, count_blocks, model_from_released, shape_of, write_model_folder
from .modeling_vggt_heads import SpatialMosaicVggtForReconstruction


# Released tensors that the model does not use, by the beginning of their names, and why
UNUSED = {
    "track_head.": "point tracking is not part of this project",
    "aggregator.patch_embed.mask_token": "only the pre-training of the patch encoder reads it",
}
# Our name -> released name, one rule after the other
RENAMES = (
    (r"^vggt\.patch_embed\.proj\.", "aggregator.patch_embed.patch_embed.proj."),
    (r"^vggt\.", "aggregator."),
    (r"\.layer_scale(\d)$", r".ls\1.gamma"),
    (r"\.pose_modulation\.", ".poseLN_modulation.1."),
    (r"\.neck\.(norm|projects|resize_layers)\.", r".\1."),
    (r"\.neck\.convs\.(\d)\.", lambda match: f".scratch.layer{int(match[1]) + 1}_rn."),
    (r"\.fusion\.layers\.(\d)\.", lambda match: f".scratch.refinenet{4 - int(match[1])}."),
    (r"\.residual_unit(\d)\.", r".resConfUnit\1."),
    (r"\.projection\.", ".out_conv."),
    (r"_head\.output_conv(\d)\.", r"_head.scratch.output_conv\1."),
)


def released_name(name: str) -> str:
    """Name in the released checkpoint of a parameter of [`SpatialMosaicVggtForReconstruction`]."""
    for pattern, replacement in RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def config_from_weights(weights: dict[str, torch.Tensor], **settings) -> SpatialMosaicVggtConfig:
    """
    Read the sizes of a model from its released tensors.

    Args:
        weights (`dict[str, torch.Tensor]`): under their released names.
        settings: what tensors cannot tell, where it is not as released: heads of the patch encoder and of the camera
            head, `out_indices`, `camera_num_iterations`, `rope_frequency`.

    Raises:
        `WeightsError`: a tensor that tells a size is missing, or the sizes do not fit each other.
    """

    width, _, patch_size, _ = shape_of(weights, "aggregator.patch_embed.patch_embed.proj.weight", 4)
    (head_dim,) = shape_of(weights, "aggregator.frame_blocks.0.attn.q_norm.weight", 1)
    num_patches = shape_of(weights, "aggregator.patch_embed.pos_embed", 3)[1] - 1
    sizes = {
        "hidden_size": width,
        "num_hidden_layers": count_blocks(weights, "aggregator.frame_blocks"),
        "num_attention_heads": width // head_dim,
        "vit_num_hidden_layers": count_blocks(weights, "aggregator.patch_embed.blocks"),
        "mlp_ratio": shape_of(weights, "aggregator.frame_blocks.0.mlp.fc1.weight", 2)[0] // width,
        "num_register_tokens": shape_of(weights, "aggregator.register_token", 4)[2],
        "image_size": round(num_patches**0.5) * patch_size,
        "patch_size": patch_size,
        "camera_num_hidden_layers": count_blocks(weights, "camera_head.trunk"),
        "neck_hidden_sizes": [shape_of(weights, f"depth_head.projects.{k}.weight", 4)[0] for k in range(4)],
        "fusion_hidden_size": shape_of(weights, "depth_head.scratch.layer1_rn.weight", 4)[0],
        "head_hidden_size": shape_of(weights, "depth_head.scratch.output_conv2.0.weight", 4)[0],
    }
    return config_of(SpatialMosaicVggtConfig, **sizes, **settings)


def convert_vggt(
    weights: dict[str, torch.Tensor], **settings
) -> tuple[SpatialMosaicVggtForReconstruction, dict[str, list[str]]]:
    """
    Build the model that a released checkpoint describes. Nothing is copied: the model holds the given tensors.

    Args:
        weights (`dict[str, torch.Tensor]`): under their released names.
        settings: see [`config_from_weights`].

    Returns:
        The model, and for each entry of `UNUSED` the names of the tensors that were left out by it.

    Raises:
        `WeightsError`: a tensor is missing, unknown or has another shape than the others ask for.
    """
    config = config_from_weights(weights, **settings)
    unused = {prefix: sorted(name for name in weights if name.startswith(prefix)) for prefix in UNUSED}
    parts = "VGGT's aggregator and its camera, depth and point head"
    model = model_from_released(SpatialMosaicVggtForReconstruction, config, weights, released_name, unused, parts)
    return model, unused


def write_vggt(checkpoint: Path, out: Path, keep_unused: bool = False, trust_pickle: bool = False) -> dict:
    """Write a model folder from a released checkpoint: [`write_model_folder`] with [`convert_vggt`]."""
    return write_model_folder(checkpoint, out, convert_vggt, keep_unused, trust_pickle)
