"""Time and peak memory of the VGGT aggregator at 518 x 518 against the same architecture written plainly.

`python -m benchmarks.vggt [width] [layers]`: on CUDA in bfloat16, by default at the released size; otherwise on the
CPU in float32 on one thread, in seconds of that thread, by default at 192 and 6, because the released size would take
minutes per cell. Prints a Markdown table.

Every variant has the same weights; they differ in what is done in which order. `plain` follows the specification to
the letter: each block computes its own rotation and the outputs of all layers are kept, with its attention written out
(`eager`) or fused (`sdpa`, as in the published code). `ours` gives the last layer, or the four that the heads read.
"""

import itertools
import math
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from modeling_spatialmosaic import SpatialMosaicVggtConfig, SpatialMosaicVggtModel


IMAGE_SIZE, PATCH_SIZE, SPECIAL_TOKENS, HEAD_DIM = 518, 14, 5, 64
VIEWS = (2, 3, 4, 5)
REPEATS = 3


def rotate(states: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """First half of the last axis by the row, second half by the column (specification, section 4.2)."""
    halves = []
    for half, position in zip(states.chunk(2, dim=-1), positions.unbind(-1), strict=True):
        size = half.shape[-1]
        exponents = torch.arange(0, size, 2, device=half.device) / size
        angles = (position[:, None] * 100.0**-exponents).repeat(1, 2)
        first, second = half.chunk(2, dim=-1)
        turned = torch.cat([-second, first], dim=-1)
        halves.append(half * angles.cos().to(half.dtype) + turned * angles.sin().to(half.dtype))
    return torch.cat(halves, dim=-1)


class PlainAggregator:
    """The specification step by step, with the weights of a [`SpatialMosaicVggtModel`]."""

    def __init__(self, model: SpatialMosaicVggtModel, fused: bool):
        self.model = model
        self.fused = fused

    def block(self, block: nn.Module, x: torch.Tensor, positions: torch.Tensor | None) -> torch.Tensor:
        batch, tokens, width = x.shape
        attention = block.attn
        qkv = attention.qkv(block.norm1(x)).view(batch, tokens, 3, -1, HEAD_DIM).permute(2, 0, 3, 1, 4)
        query, key, value = qkv
        query, key = attention.q_norm(query), attention.k_norm(key)
        if positions is not None:
            query, key = rotate(query, positions), rotate(key, positions)
        if self.fused:
            output = scaled_dot_product_attention(query, key, value)
        else:
            output = (query @ key.transpose(-1, -2) * HEAD_DIM**-0.5).softmax(dim=-1) @ value
        x = x + block.layer_scale1 * attention.proj(output.transpose(1, 2).reshape(batch, tokens, width))
        return x + block.layer_scale2 * block.mlp.fc2(gelu(block.mlp.fc1(block.norm2(x))))

    def __call__(self, images: torch.Tensor) -> list[torch.Tensor]:
        scenes, frames = images.shape[:2]
        mean = images.new_tensor([0.485, 0.456, 0.406])[:, None, None]
        std = images.new_tensor([0.229, 0.224, 0.225])[:, None, None]
        encoder = self.model.patch_embed
        x = encoder.proj(((images.flatten(0, 1) - mean) / std).to(self.model.dtype)).flatten(2).transpose(1, 2)
        x = torch.cat([encoder.cls_token.expand(len(x), -1, -1), x], dim=1) + encoder.pos_embed
        x = torch.cat([x[:, :1], encoder.register_tokens.expand(len(x), -1, -1), x[:, 1:]], dim=1)
        for block in encoder.blocks:
            x = self.block(block, x, None)
        x = encoder.norm(x)[:, SPECIAL_TOKENS:]

        special = torch.cat([self.model.camera_token, self.model.register_token], dim=2)
        special = torch.stack([special[0, min(frame, 1)] for frame in range(frames)]).repeat(scenes, 1, 1)
        x = torch.cat([special, x], dim=1)
        side = IMAGE_SIZE // PATCH_SIZE
        cells = torch.arange(1, side + 1, device=x.device)
        positions = torch.cat([cells.new_zeros(SPECIAL_TOKENS, 2), torch.cartesian_prod(cells, cells)])
        shape, outputs = (scenes, frames, *x.shape[1:]), []
        for frame_block, global_block in zip(self.model.frame_blocks, self.model.global_blocks, strict=True):
            frame = self.block(frame_block, x.reshape(-1, *shape[2:]), positions)
            x = self.block(global_block, frame.reshape(scenes, -1, shape[3]), positions.repeat(frames, 1))
            outputs.append(torch.cat([frame.view(shape), x.view(shape)], dim=-1))
        return outputs


def peak_memory(run: Callable[[torch.Tensor], object], images: torch.Tensor) -> float:
    """MiB that `run` held at most, over what was held before."""
    if images.is_cuda:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        run(images)
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    with torch.profiler.profile(profile_memory=True) as profiler:
        run(images)
    events = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = itertools.accumulate(event.nbytes() for event in sorted(events, key=lambda event: event.start_ns()))
    return max(held) / 2**20


def seconds(run: Callable[[torch.Tensor], object], images: torch.Tensor) -> float:
    # On the CPU only what this process did counts, not what else the machine was busy with
    clock = time.perf_counter if images.is_cuda else time.process_time
    start = clock()
    run(images)
    if images.is_cuda:
        torch.cuda.synchronize()
    return clock() - start


@torch.no_grad()
def main(width: int | None = None, layers: int | None = None) -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    width, layers = width or (1024 if device.type == "cuda" else 192), layers or (24 if device.type == "cuda" else 6)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    heads = width // HEAD_DIM
    config = SpatialMosaicVggtConfig(
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        vit_num_hidden_layers=layers,
        vit_num_attention_heads=heads,
        layer_scale_init=1.0,
    )
    model = SpatialMosaicVggtModel._from_config(config, attn_implementation="sdpa").eval()
    model.to(device, torch.bfloat16 if device.type == "cuda" else torch.float32)
    read_by_heads = [math.ceil(layers * k / 4) - 1 for k in (1, 2, 3, 4)]
    variants = {
        "plain, eager": PlainAggregator(model, fused=False),
        "plain, sdpa": PlainAggregator(model, fused=True),
        "ours, last layer": model,
        "ours, four layers": lambda images: model(images, output_layers=read_by_heads),
    }
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU, one thread"
    print(f"{name}, {model.dtype}, width {width}, {layers} layers; best of {REPEATS} runs\n")  # noqa: T201
    print("| views | " + " | ".join(f"{variant}: s | MiB" for variant in variants) + " |")  # noqa: T201
    print("| --- |" + " ---: |" * 2 * len(variants))  # noqa: T201
    for views in VIEWS:
        images = torch.rand(1, views, 3, IMAGE_SIZE, IMAGE_SIZE, device=device)
        # The first runs warm up, and show that all compute the same
        expected = variants["plain, sdpa"](images)[-1]
        tolerance = 16 * torch.finfo(model.dtype).eps
        if not (model(images).last_hidden_state - expected).norm() < tolerance * expected.norm():
            raise AssertionError("The variants must agree, or their times mean nothing.")
        # In turns, so that a change of the machine's speed meets all variants alike
        rounds = [[seconds(run, images) for run in variants.values()] for _ in range(REPEATS)]
        best = map(min, zip(*rounds, strict=True))
        cells = [
            f"{spent:.3g} | {peak_memory(run, images):.0f}" for spent, run in zip(best, variants.values(), strict=True)
        ]
        print(f"| {views} | " + " | ".join(cells) + " |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
