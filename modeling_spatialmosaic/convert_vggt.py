"""Released VGGT checkpoint -> a model folder with aggregator and heads."""

import json
import re
import shutil
from pathlib import Path

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors.torch import save_file

from .checkpoints import WeightsError, read_checkpoint
from .configuration_vggt import SpatialMosaicVggtConfig
from .image_processing_spatialmosaic import SpatialMosaicImageProcessor
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

    def shape(name: str, num_axes: int) -> torch.Size:
        if name not in weights or weights[name].ndim != num_axes:
            found = f"{tuple(weights[name].shape)}" if name in weights else "none"
            raise WeightsError(f"A VGGT checkpoint has a tensor {name!r} with {num_axes} axes, found {found}.")
        return weights[name].shape

    def count(prefix: str) -> int:
        indices = [int(match[1]) for name in weights if (match := re.match(rf"{re.escape(prefix)}\.(\d+)\.", name))]
        return 1 + max(indices, default=-1)

    width, _, patch_size, _ = shape("aggregator.patch_embed.patch_embed.proj.weight", 4)
    (head_dim,) = shape("aggregator.frame_blocks.0.attn.q_norm.weight", 1)
    num_patches = shape("aggregator.patch_embed.pos_embed", 3)[1] - 1
    sizes = {
        "hidden_size": width,
        "num_hidden_layers": count("aggregator.frame_blocks"),
        "num_attention_heads": width // head_dim,
        "vit_num_hidden_layers": count("aggregator.patch_embed.blocks"),
        "mlp_ratio": shape("aggregator.frame_blocks.0.mlp.fc1.weight", 2)[0] // width,
        "num_register_tokens": shape("aggregator.register_token", 4)[2],
        "image_size": round(num_patches**0.5) * patch_size,
        "patch_size": patch_size,
        "camera_num_hidden_layers": count("camera_head.trunk"),
        "neck_hidden_sizes": [shape(f"depth_head.projects.{k}.weight", 4)[0] for k in range(4)],
        "fusion_hidden_size": shape("depth_head.scratch.layer1_rn.weight", 4)[0],
        "head_hidden_size": shape("depth_head.scratch.output_conv2.0.weight", 4)[0],
    }
    try:
        return SpatialMosaicVggtConfig(**sizes, **settings)
    except StrictDataclassError as error:
        raise WeightsError(f"The sizes of the checkpoint's tensors do not fit each other: {error}") from error


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
    try:
        with torch.device("meta"):
            model = SpatialMosaicVggtForReconstruction(config)
    except ValueError as error:
        raise WeightsError(f"The released settings do not fit the checkpoint: {error}") from error
    unused = {prefix: sorted(name for name in weights if name.startswith(prefix)) for prefix in UNUSED}
    parameters = dict(model.named_parameters())
    released = {name: released_name(name) for name in parameters}
    missing = sorted(set(released.values()) - weights.keys())
    unknown = sorted(weights.keys() - set(released.values()) - set().union(*unused.values()))
    if missing or unknown:
        raise WeightsError(
            "A checkpoint must hold VGGT's aggregator and its camera, depth and point head, by their released names. "
            f"Missing: {_listed(missing)}. Unknown: {_listed(unknown)}."
        )
    wrong = [
        f"{released[name]} {tuple(weights[released[name]].shape)} instead of {tuple(parameter.shape)}"
        for name, parameter in parameters.items()
        if weights[released[name]].shape != parameter.shape
    ]
    if wrong:
        raise WeightsError(f"The shapes of the checkpoint's tensors must fit each other. Found {_listed(wrong)}.")
    model.load_state_dict({name: weights[released[name]] for name in parameters}, assign=True)
    return model.eval(), unused


def _listed(items: list[str], limit: int = 20) -> str:
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more if items else "none"


def write_vggt(checkpoint: Path, out: Path, keep_unused: bool = False, trust_pickle: bool = False) -> dict:
    """
    Write a model folder from a released checkpoint.

    Args:
        checkpoint (`Path`): the released file, or a folder with it or with its shards.
        out (`Path`): folder to write; must not exist.
        keep_unused (`bool`, *optional*, defaults to `False`): also write what is left out, to `unused.safetensors`.
        trust_pickle (`bool`, *optional*, defaults to `False`): open a file that is not safetensors.

    Returns:
        `dict`: the content of the folder's `conversion.json`: how many tensors there were and were converted, and the
        names of those left out, by rule.

    Raises:
        `WeightsError`: the checkpoint is no VGGT, or `out` exists.
    """
    if out.exists():
        raise WeightsError(f"{out} exists already. Choose another folder or remove it.")
    weights = read_checkpoint(checkpoint, trust_pickle)
    model, unused = convert_vggt(weights)
    unfinished = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        model.save_pretrained(unfinished)
        image_processor = SpatialMosaicImageProcessor(
            image_size=model.config.image_size, patch_size=model.config.patch_size
        )
        image_processor.save_pretrained(unfinished)
        left_out = {name: weights[name] for names in unused.values() for name in names}
        if keep_unused and left_out:
            save_file(
                {name: tensor.contiguous() for name, tensor in left_out.items()}, unfinished / "unused.safetensors"
            )
        report = {"tensors": len(weights), "converted": len(weights) - len(left_out), "left_out": unused}
        (unfinished / "conversion.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return report
