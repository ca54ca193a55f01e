"""
Run by two processes without GPU: shard a model with PyTorch's FSDP2, cut as Accelerate would cut it.

Accelerate itself shards on accelerators only, so this calls PyTorch with the policy that Accelerate makes of the
environment that its launcher sets. Arguments: the model folder, and the file for the first process's findings.
"""

import json
import sys
from pathlib import Path

import torch
from accelerate.utils import FullyShardedDataParallelPlugin
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy
from torch.distributed.fsdp import fully_shard

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration


def inputs_of(model: SpatialMosaicForConditionalGeneration, rank: int) -> dict[str, torch.Tensor]:
    """One question about two views; every process has its own."""
    generator = torch.Generator().manual_seed(rank)
    config = model.config
    tokens = torch.full((1, 2 * config.tokens_per_image), config.image_token_id)
    text = torch.randint(10, 20, (1, 6), generator=generator)
    ids = torch.cat([tokens, text], dim=1)
    pixels = torch.rand(2, 3, 56, 84, generator=generator)
    return {"input_ids": ids, "pixel_values": pixels, "labels": ids}


def main(model_dir: str, output: str):
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()

    # The mean of both processes' losses, in one process
    whole = SpatialMosaicForConditionalGeneration.from_pretrained(model_dir)
    for k in range(2):
        (whole(**inputs_of(whole, k)).loss / 2).backward()

    model = SpatialMosaicForConditionalGeneration.from_pretrained(model_dir)
    policy = fsdp2_prepare_auto_wrap_policy(FullyShardedDataParallelPlugin(), model)
    mesh = torch.distributed.init_device_mesh("cpu", (2,))
    units = [name for name, module in model.named_modules() if policy(module)]
    for name in units:
        fully_shard(model.get_submodule(name), mesh=mesh, reshard_after_forward=True)
    fully_shard(model, mesh=mesh, reshard_after_forward=True)
    model(**inputs_of(model, rank)).loss.backward()

    differences = {}
    for (name, expected), parameter in zip(whole.named_parameters(), model.parameters(), strict=True):
        gradient = parameter.grad.full_tensor()
        differences[name] = float((gradient - expected.grad).norm() / expected.grad.norm().clamp(min=1e-4))
    share = sum(p.to_local().numel() for p in model.parameters()) / sum(p.numel() for p in model.parameters())
    if rank == 0:
        found = {"units": units, "gradient_differences": differences, "local_share": share}
        Path(output).write_text(json.dumps(found), encoding="utf-8")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
