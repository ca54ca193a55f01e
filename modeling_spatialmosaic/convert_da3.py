"""Released Depth Anything 3 checkpoint, of an any-view size up to LARGE -> a model folder with backbone and heads."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import torch

from .checkpoints import WeightsError
from .configuration_da3 import DA3_SIZES, SpatialMosaicDa3Config
from .conversion import config_of, count_blocks, model_from_released, shape_of, write_model_folder
from .modeling_da3_heads import SpatialMosaicDa3ForReconstruction


# Released tensors that the model does not use, by the beginning of their names, and why. Of the four levels of rays
# only the last is run. All share one norm, which checkpoints hold under the first, some under the others as well.
COPIES = "model.head.scratch.output_conv2_aux.[123].2."
UNUSED = {
    "model.head.scratch.output_conv1_aux.[012].": "they make coarser rays, which the network drops",
    "model.head.scratch.output_conv2_aux.[012].[05].": "they make coarser rays, which the network drops",
    COPIES: "they are copies of a norm that is kept once",
}
SHARED_NORM = "model.head.scratch.output_conv2_aux.0.2."
# Our name -> released name, one rule after the other
RENAMES = (
    (r"^da3\.patch_embed\.(cls_token|pos_embed)$", r"da3.\1"),
    (r"^da3\.", "backbone.pretrained."),
    (r"\.layer_scale(\d)$", r".ls\1.gamma"),
    (r"^camera_encoder\.", "cam_enc."),
    (r"^camera_decoder\.fc1\.", "cam_dec.backbone.0."),
    (r"^camera_decoder\.fc2\.", "cam_dec.backbone.2."),
    (r"^camera_decoder\.translation\.", "cam_dec.fc_t."),
    (r"^camera_decoder\.quaternion\.", "cam_dec.fc_qvec."),
    (r"^camera_decoder\.field_of_view\.", "cam_dec.fc_fov.0."),
    (r"^dense_head\.neck\.(norm|projects|resize_layers)\.", r"head.\1."),
    (r"^dense_head\.neck\.convs\.(\d)\.", lambda match: f"head.scratch.layer{int(match[1]) + 1}_rn."),
    (r"^dense_head\.fusion\.layers\.(\d)\.", lambda match: f"head.scratch.refinenet{4 - int(match[1])}."),
    (r"^dense_head\.ray_fusion\.layers\.(\d)\.", lambda match: f"head.scratch.refinenet{4 - int(match[1])}_aux."),
    (r"\.residual_unit(\d)\.", r".resConfUnit\1."),
    (r"\.projection\.", ".out_conv."),
    (r"^dense_head\.output_conv(\d)\.", r"head.scratch.output_conv\1."),
    (r"^dense_head\.ray_convs\.", "head.scratch.output_conv1_aux.3."),
    (r"^dense_head\.ray_hidden\.", "head.scratch.output_conv2_aux.3.0."),
    (r"^dense_head\.ray_norm\.", "head.scratch.output_conv2_aux.0.2."),
    (r"^dense_head\.ray_output\.", "head.scratch.output_conv2_aux.3.5."),
    (r"^", "model."),
)


def released_name(name: str) -> str:
    """Name in the released checkpoint of a parameter of [`SpatialMosaicDa3ForReconstruction`]."""
    for pattern, replacement in RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def config_from_weights(weights: dict[str, torch.Tensor], **settings) -> SpatialMosaicDa3Config:
    """
    Read the sizes of a model from its released tensors.

    Args:
        weights (`dict[str, torch.Tensor]`): under their released names.
        settings: what tensors cannot tell, where it is not as released: `out_indices`, heads of the camera encoder,
            `alternating_start` and `rope_start` where they differ from the first block with a query/key norm.

    Raises:
        `WeightsError`: a tensor that tells a size is missing, or the sizes do not fit each other.
    """
    backbone = "model.backbone.pretrained"
    width, _, patch_size, _ = shape_of(weights, f"{backbone}.patch_embed.proj.weight", 4)
    num_patches = shape_of(weights, f"{backbone}.pos_embed", 3)[1] - 1
    num_layers = count_blocks(weights, f"{backbone}.blocks")
    norms = [f"{backbone}.blocks.{layer}.attn.q_norm.weight" for layer in range(num_layers)]
    start = next((layer for layer, name in enumerate(norms) if name in weights), 0)
    (head_dim,) = shape_of(weights, f"{backbone}.blocks.{start}.attn.q_norm.weight", 1)
    sizes = {
        "hidden_size": width,
        "num_hidden_layers": num_layers,
        "num_attention_heads": width // head_dim,
        "mlp_ratio": shape_of(weights, f"{backbone}.blocks.0.mlp.fc1.weight", 2)[0] // width,
        # One number in all released sizes
        "alternating_start": start,
        "qk_norm_start": start,
        "rope_start": start,
        "image_size": round(num_patches**0.5) * patch_size,
        "patch_size": patch_size,
        "camera_num_hidden_layers": count_blocks(weights, "model.cam_enc.trunk"),
        "neck_hidden_sizes": [shape_of(weights, f"model.head.projects.{k}.weight", 4)[0] for k in range(4)],
        "fusion_hidden_size": shape_of(weights, "model.head.scratch.layer1_rn.weight", 4)[0],
        "head_hidden_size": shape_of(weights, "model.head.scratch.output_conv2.0.weight", 4)[0],
    }
    released = [SpatialMosaicDa3Config(**size) for size in DA3_SIZES.values()]
    layers_of_head = {config.num_hidden_layers: config.out_indices for config in released}
    if num_layers in layers_of_head:
        sizes["out_indices"] = layers_of_head[num_layers]
    elif "out_indices" not in settings:
        raise WeightsError(
            "No tensor tells which blocks the head reads; it is known for the released depths "
            f"{', '.join(map(str, layers_of_head))}, found {num_layers} blocks. This is another model."
        )
    return config_of(SpatialMosaicDa3Config, **{**sizes, **settings})


def convert_da3(
    weights: dict[str, torch.Tensor], **settings
) -> tuple[SpatialMosaicDa3ForReconstruction, dict[str, list[str]]]:
    """
    Build the model that a released checkpoint describes. Nothing is copied: the model holds the given tensors.

    Args:
        weights (`dict[str, torch.Tensor]`): under their released names.
        settings: see [`config_from_weights`].

    Returns:
        The model, and for each entry of `UNUSED` the names of the tensors that were left out by it.

    Raises:
        `WeightsError`: a tensor is missing, unknown or has another shape than the others ask for, or the copies of the
            shared norm differ.
    """
    config = config_from_weights(weights, **settings)
    unused = {start: sorted(name for name in weights if fnmatchcase(name, f"{start}*")) for start in UNUSED}
    parts = "the backbone, camera encoder, camera decoder and depth head of Depth Anything 3"
    model = model_from_released(SpatialMosaicDa3ForReconstruction, config, weights, released_name, unused, parts)
    for name in unused[COPIES]:
        original = SHARED_NORM + name.rsplit(".", 1)[1]
        if not torch.equal(weights[name], weights[original]):
            raise WeightsError(f"{name} must be a copy of {original}: the levels of the ray branch share one norm.")
    return model, unused


def write_da3(checkpoint: Path, out: Path, keep_unused: bool = False, trust_pickle: bool = False) -> dict:
    """Write a model folder from a released checkpoint: [`write_model_folder`] with [`convert_da3`]."""
    return write_model_folder(checkpoint, out, convert_da3, keep_unused, trust_pickle)
