"""Fusion and projector weights of the published model -> a SpatialMosaic model folder.

The published training saves them in a file of their own, beside the adapter of the language model.
"""

import re
from pathlib import Path

import torch

from .checkpoints import WeightsError, read_weights
from .modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicModel
from .processing_spatialmosaic import SpatialMosaicProcessor


# Published module -> ours
MODULES = {
    "fusion_block.clip_norm": "fusion_block.vision_norm",
    "fusion_block.spatial_encoder_norm": "fusion_block.geometry_norm",
    "fusion_block.clip_query_proj": "fusion_block.query_proj",
    "fusion_block.spatial_encoder_key_proj": "fusion_block.key_proj",
    "fusion_block.spatial_encoder_value_proj": "fusion_block.value_proj",
    "fusion_block.cross_attention.out_proj": "fusion_block.attention.out_proj",
    "fusion_block.out_norm": "fusion_block.out_norm",
    "fusion_block.out_proj": "fusion_block.out_proj",
    "mm_projector.0": "multi_modal_projector.linear_1",
    "mm_projector.2": "multi_modal_projector.linear_2",
}
# Published tensor -> the tensors of ours that it is cut into, along its first axis
TENSORS = {
    f"{published}.{kind}": [f"{ours}.{kind}"] for published, ours in MODULES.items() for kind in ("weight", "bias")
} | {
    f"fusion_block.cross_attention.in_proj_{kind}": [f"fusion_block.attention.{name}_proj.{kind}" for name in "qkv"]
    for kind in ("weight", "bias")
}
# Frozen in the published training, so it may be left out: the base model has the same
OPTIONAL_TENSORS = {"image_newline": ["image_newline"]}
WRAPPERS = re.compile(r"^(base_model\.model\.)?(model\.)?")  # what adapters and the head model put before a name


def convert_published_weights(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """
    Rename the published tensors and cut the packed input projection of the attention into query, key and value.

    Returns:
        `dict[str, torch.Tensor]`: under the names of [`SpatialMosaicModel`].

    Raises:
        `WeightsError`: a tensor is missing, unknown or there twice.
    """
    names = [WRAPPERS.sub("", name) for name in weights]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WeightsError(f"Every tensor must be there once. Under several names: {', '.join(twice)}.")
    weights = dict(zip(names, weights.values(), strict=True))
    missing = sorted(TENSORS.keys() - weights.keys())
    unknown = sorted(weights.keys() - TENSORS.keys() - OPTIONAL_TENSORS.keys())
    if missing or unknown:
        raise WeightsError(
            "The weights must be those of the published cross-attention fusion block and projector. "
            f"Missing: {', '.join(missing) or 'none'}. Unknown: {', '.join(unknown) or 'none'}."
        )
    converted = {}
    for published, ours in (TENSORS | OPTIONAL_TENSORS).items():
        if published in weights:
            converted |= zip(ours, weights[published].chunk(len(ours)), strict=True)
    return converted


def load_published_weights(model: SpatialMosaicModel, weights: dict[str, torch.Tensor]) -> None:
    """
    Put converted weights into a model, in its precision.

    Raises:
        `WeightsError`: the model has no fusion block, has other sizes, or has a part that the weights lack.
    """
    converted = convert_published_weights(weights)
    state_dict = model.state_dict()
    places = {name for name in state_dict if name.startswith(("fusion_block.", "multi_modal_projector."))}
    lacking = sorted(places - converted.keys())
    wrong = [
        f"{name} {tuple(tensor.shape)} instead of {tuple(state_dict[name].shape) if name in state_dict else 'none'}"
        for name, tensor in converted.items()
        if name not in state_dict or state_dict[name].shape != tensor.shape
    ]
    if lacking or wrong:
        raise WeightsError(
            "The weights must fit the model's fusion block and projector. Without weights: "
            f"{', '.join(lacking) or 'none'}. Of another shape: {', '.join(wrong) or 'none'}."
        )
    model.load_state_dict(converted, strict=False)


def write_with_published(weights: Path, model: Path, out: Path, trust_pickle: bool = False) -> None:
    """
    Write the model folder `model` with the published fusion and projector weights to `out`.

    Args:
        weights (`Path`): file with the published weights.
        model (`Path`): folder of the model that takes them; it is left as it is.
        out (`Path`): folder to write; must not exist.
        trust_pickle (`bool`, *optional*, defaults to `False`): open a file that is not safetensors.

    Raises:
        `WeightsError`: the folder holds no model, the weights do not fit, or `out` exists.
    """
    for name in ("config.json", "processor_config.json"):
        if not (model / name).is_file():
            raise WeightsError(
                f"{model} must be a folder with a SpatialMosaic model and its processor; it has no {name}. "
                "Make one by `SpatialMosaicForConditionalGeneration.from_components(...).save_pretrained(...)`."
            )
    if out.exists():
        raise WeightsError(f"{out} exists already. Choose another folder or remove it.")
    published = read_weights(weights, trust_pickle)
    taker = SpatialMosaicForConditionalGeneration.from_pretrained(model, dtype="auto")
    load_published_weights(taker.model, published)
    unfinished = out.with_name(f".{out.name}.unfinished")
    taker.save_pretrained(unfinished)
    SpatialMosaicProcessor.from_pretrained(model).save_pretrained(unfinished)
    unfinished.rename(out)
