"""Files of weights that others made."""

import json
import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file


class WeightsError(ValueError):
    """A file of weights that cannot be used; the message names it, the finding and the remedy."""


def read_weights(path: Path, trust_pickle: bool = False) -> dict[str, torch.Tensor]:
    """
    Read a file of weights into memory.

    Args:
        path (`Path`): a `.safetensors` file, or a file saved by PyTorch.
        trust_pickle (`bool`, *optional*, defaults to `False`):
            Whether to open files of the second kind. They are pickles; even PyTorch's restricted reader, which is
            used here, has let foreign code through in the past.

    Raises:
        `WeightsError`: the file is missing, damaged, a pickle that is not trusted, or holds other things than tensors.
    """
    if not path.is_file():
        raise WeightsError(f"{path} is not a file.")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise WeightsError(f"{path} is not a complete safetensors file: {error}. Fetch it again.") from error
    if not trust_pickle:
        raise WeightsError(
            f"{path} is not a safetensors file but of a kind that can run code of whoever wrote it. If you trust its "
            "source, say so: `trust_pickle=True`, on the command line `--trust-pickle`."
        )
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"{path} cannot be read as weights saved by PyTorch: {error}") from error
    if not isinstance(weights, dict) or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise WeightsError(f"{path} must hold named tensors and nothing else, found {type(weights).__name__}.")
    return weights


def read_checkpoint(path: Path, trust_pickle: bool = False) -> dict[str, torch.Tensor]:
    """
    Read the weights of a whole model into memory.

    Args:
        path (`Path`):
            A file, see [`read_weights`], or a folder with `model.safetensors` or with shards and
            `model.safetensors.index.json`.
        trust_pickle (`bool`, *optional*, defaults to `False`): see [`read_weights`].

    Raises:
        `WeightsError`: as for [`read_weights`], or the index of a folder is damaged or does not fit its shards.
    """
    if not path.is_dir():
        return read_weights(path, trust_pickle)
    whole, index = path / "model.safetensors", path / "model.safetensors.index.json"
    if whole.is_file():
        return read_weights(whole)
    if not index.is_file():
        raise WeightsError(
            f"{path} must hold {whole.name} or {index.name}. Give the file itself if it has another name."
        )
    try:
        shard_of = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        shards = sorted(set(shard_of.values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{index} must be JSON with a `weight_map` from tensors to files: {error!r}.") from error
    weights = {}
    for shard in shards:
        if Path(shard).name != shard:
            raise WeightsError(f"{index} must name files of its own folder, found {shard!r}.")
        tensors = read_weights(path / shard)
        differing = sorted({name for name in shard_of if shard_of[name] == shard} ^ tensors.keys())
        if differing:
            raise WeightsError(
                f"{path / shard} must hold the tensors that {index.name} says. Only in one of them: "
                f"{', '.join(differing)}. Fetch both again."
            )
        weights |= tensors
    return weights
