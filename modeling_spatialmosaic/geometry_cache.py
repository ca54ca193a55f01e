"""Cache of geometry tokens: many questions are asked about one view set, and a frozen encoder sees it once.

SPATIALMOSAIC_GEOMETRY_CACHE=runs/geometry_cache trl sft --config ...
SPATIALMOSAIC_GEOMETRY_CACHE=runs/geometry_cache spatialmosaic evaluate ...
model.model.geometry_cache = GeometryCache("runs/geometry_cache", max_bytes=4 * 2**30)
"""

import hashlib
import json
import os
import uuid
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from .checkpoints import read_weights


# Folder of the cache that every model gets when it is made; unset or empty for none
CACHE_VARIABLE = "SPATIALMOSAIC_GEOMETRY_CACHE"


def tensor_bytes(tensor: torch.Tensor) -> memoryview:
    """The memory of a tensor of any type, without its shape."""
    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data


class GeometryCache:
    r"""
    Geometry tokens by content: the key of a view set is a hash of its values and order, of the encoder's weights and
    settings, and of the precision. So nothing stale is found when data or model change; except where weights are
    written through `.data`, which PyTorch does not count as a change.

    Args:
        folder (`str` or `os.PathLike`, *optional*):
            Where tokens are kept from run to run, one safetensors file per view set; several processes may share it.
            It only grows: five views at full size take 28 MB in bfloat16. By default tokens live in memory alone.
        max_bytes (`int`, *optional*, defaults to one gibibyte):
            Tokens to keep in main memory; the least recently used go first.
    """

    def __init__(self, folder: str | os.PathLike | None = None, max_bytes: int = 2**30):
        if max_bytes < 0:
            raise ValueError(f"`max_bytes` must not be negative, got {max_bytes}.")
        self.folder = None if folder is None else Path(folder)
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._tokens: OrderedDict[str, torch.Tensor] = OrderedDict()  # least recently used first
        # Addresses and change counts of the encoder's tensors, their memory (kept, so that no other tensor gets the
        # same address), and the hash
        self._fingerprint: tuple[tuple, list, bytes] = ((), [], b"")

    def encode(
        self,
        scenes: list[torch.Tensor],
        encoder: nn.Module,
        compute: Callable[[list[torch.Tensor]], list[torch.Tensor]],
    ) -> list[torch.Tensor]:
        """
        Tokens of every scene; `compute` is called once, with the scenes that are neither in memory nor in the folder.

        Args:
            scenes (`list[torch.Tensor]`): the input of every scene, `(views, channels, height, width)`.
            encoder (`nn.Module`): the encoder; without trainable parameters, unless gradients are off.
            compute (`Callable`): encodes a list of scenes.

        Raises:
            `ValueError`: the encoder is being trained.
            `WeightsError`: a file of the folder is damaged.
        """
        if torch.is_grad_enabled() and any(parameter.requires_grad for parameter in encoder.parameters()):
            raise ValueError(
                "Only a frozen geometry encoder can be cached: training changes its tokens. Call "
                "`model.model.geometry_tower.requires_grad_(False)`, or do without the cache: unset "
                f"{CACHE_VARIABLE}, or set `model.model.geometry_cache = None`."
            )
        device = scenes[0].device.type
        precision = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
        prefix = self._hash_encoder(encoder) + str(precision).encode()
        keys = [self._key(prefix, scene) for scene in scenes]
        found = {key: self._load(key) for key in keys}
        missing = {key: scene for key, scene in zip(keys, scenes, strict=True) if found[key] is None}
        if missing:
            for key, tokens in zip(missing, compute(list(missing.values())), strict=True):
                found[key] = tokens.detach().to("cpu", copy=True)
                self._save(key, found[key])
        for key in keys:
            self._keep(key, found[key])
        return [found[key].to(scene.device) for key, scene in zip(keys, scenes, strict=True)]

    def _hash_encoder(self, encoder: nn.Module) -> bytes:
        """Hash of the encoder's weights and settings, made anew only when a tensor was written to or replaced."""
        tensors = dict([*encoder.named_parameters(), *encoder.named_buffers()])
        state = tuple((tensor.data_ptr(), tensor._version) for tensor in tensors.values())
        if state != self._fingerprint[0]:
            config = encoder.config
            settings = {name: getattr(config, name) for name in type(config).__annotations__}
            digest = hashlib.sha256(json.dumps([config.model_type, settings], sort_keys=True, default=str).encode())
            for name, tensor in tensors.items():
                digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
                digest.update(tensor_bytes(tensor))
            memory = [tensor.untyped_storage() for tensor in tensors.values()]
            self._fingerprint = (state, memory, digest.digest())
        return self._fingerprint[2]

    @classmethod
    def from_environment(cls) -> "GeometryCache | None":
        """The cache in the folder that `SPATIALMOSAIC_GEOMETRY_CACHE` names, `None` if it names none."""
        folder = os.environ.get(CACHE_VARIABLE)
        return cls(folder) if folder else None

    @staticmethod
    def _key(prefix: bytes, scene: torch.Tensor) -> str:
        digest = hashlib.sha256(prefix + f"{scene.dtype} {tuple(scene.shape)}".encode())
        digest.update(tensor_bytes(scene))
        return digest.hexdigest()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"

    def _load(self, key: str) -> torch.Tensor | None:
        if key in self._tokens:
            return self._tokens[key]
        if self.folder is None or not self._path(key).is_file():
            return None
        return read_weights(self._path(key))["tokens"]

    def _save(self, key: str, tokens: torch.Tensor):
        if self.folder is not None:
            path = self._path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{key}.{uuid.uuid4().hex}")
            try:
                save_file({"tokens": tokens}, unfinished)
                unfinished.rename(path)
            finally:
                unfinished.unlink(missing_ok=True)

    def _keep(self, key: str, tokens: torch.Tensor):
        """Make these tokens the most recently used ones, and forget the oldest that no longer fit."""
        if key not in self._tokens:
            self.num_bytes += tokens.nbytes
        self._tokens[key] = tokens
        self._tokens.move_to_end(key)
        while self.num_bytes > self.max_bytes:
            _, forgotten = self._tokens.popitem(last=False)
            self.num_bytes -= forgotten.nbytes


__all__ = ["GeometryCache"]
