"""What the converters of released encoders share: sizes from tensors, every tensor accounted for, the folder."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors.torch import save_file
from transformers import PreTrainedConfig, PreTrainedModel

from .checkpoints import WeightsError, read_checkpoint
from .image_processing_spatialmosaic import SpatialMosaicImageProcessor


def shape_of(weights: Mapping[str, torch.Tensor], name: str, num_axes: int) -> torch.Size:
    """Shape of a tensor that tells sizes of its model; raises `WeightsError` where it is missing or has other axes."""
    if name not in weights or weights[name].ndim != num_axes:
        found = f"{tuple(weights[name].shape)}" if name in weights else "none"
        raise WeightsError(f"A released checkpoint has a tensor {name!r} with {num_axes} axes, found {found}.")
    return weights[name].shape


def count_blocks(weights: Mapping[str, torch.Tensor], prefix: str) -> int:
    """Number of blocks `prefix.0.`, `prefix.1.`, ... that a checkpoint holds."""
    indices = [int(match[1]) for name in weights if (match := re.match(rf"{re.escape(prefix)}\.(\d+)\.", name))]
    return 1 + max(indices, default=-1)


def config_of(config_class: type[PreTrainedConfig], **sizes) -> PreTrainedConfig:
    """The configuration with sizes that tensors told; raises `WeightsError` where they do not fit each other."""
    try:
        return config_class(**sizes)
    except StrictDataclassError as error:
        raise WeightsError(f"The sizes of the checkpoint's tensors do not fit each other: {error}") from error


def model_from_released(
    model_class: type[PreTrainedModel],
    config: PreTrainedConfig,
    weights: Mapping[str, torch.Tensor],
    released_name: Callable[[str], str],
    unused: Mapping[str, list[str]],
    parts: str,
) -> PreTrainedModel:
    """
    Build a model from released tensors. Nothing is copied: the model holds the given ones.

    Args:
        model_class (`type`): class of the model.
        config (`PreTrainedConfig`): its configuration.
        weights (`Mapping[str, torch.Tensor]`): under their released names.
        released_name (`Callable`): from the name of a parameter of the model to that of its tensor.
        unused (`Mapping[str, list[str]]`): names of the tensors that are left out, by the rule that says so.
        parts (`str`): what the checkpoint must hold, for the message.

    Raises:
        `WeightsError`: a tensor is missing, unknown or has another shape than the others ask for.
    """
    try:
        with torch.device("meta"):
            model = model_class(config)
    except ValueError as error:
        raise WeightsError(f"The released settings do not fit the checkpoint: {error}") from error
    parameters = dict(model.named_parameters())
    released = {name: released_name(name) for name in parameters}
    missing = sorted(set(released.values()) - weights.keys())
    unknown = sorted(weights.keys() - set(released.values()) - set().union(*unused.values()))
    if missing or unknown:
        raise WeightsError(
            f"A checkpoint must hold {parts}, by their released names. "
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
    return model.eval()


def _listed(items: list[str], limit: int = 20) -> str:
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more if items else "none"


def write_model_folder(
    checkpoint: Path,
    out: Path,
    convert: Callable[[dict[str, torch.Tensor]], tuple[PreTrainedModel, dict[str, list[str]]]],
    keep_unused: bool = False,
    trust_pickle: bool = False,
) -> dict:
    """
    Write the folder of the model that a released checkpoint holds, with its image processor.

    Args:
        checkpoint (`Path`): the released file, or a folder with it or with its shards.
        out (`Path`): folder to write; must not exist.
        convert (`Callable`):
            From the tensors to the model and, by rule, the names of those that were left out.
        keep_unused (`bool`, *optional*, defaults to `False`): also write what is left out, to `unused.safetensors`.
        trust_pickle (`bool`, *optional*, defaults to `False`): open a file that is not safetensors.

    Returns:
        `dict`: the content of the folder's `conversion.json`: how many tensors there were and were converted, and the
        names of those left out, by rule.

    Raises:
        `WeightsError`: the checkpoint is not what `convert` knows, or `out` exists.
    """
    if out.exists():
        raise WeightsError(f"{out} exists already. Choose another folder or remove it.")
    weights = read_checkpoint(checkpoint, trust_pickle)
    model, unused = convert(weights)
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
