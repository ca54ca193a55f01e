"""Speed of the whole model with each geometry encoder: `python -m benchmarks.model`.

On CUDA in bfloat16; otherwise on the CPU in float32 on one thread, in seconds of that thread. Prints a Markdown table:

- prefill: one prompt of four views and 64 tokens of text, until the logits of the next token;
- tokens/s: greedy decoding after that prompt, without the prefill;
- training step: two such samples, forward, backward and AdamW, vision and geometry tower frozen;
- with cache: the same when a `GeometryCache` holds the geometry tokens of all view sets, hashing included.

Weights are random. `tiny` is the model of `create_tiny_model`; `medium` is as large as a CPU measures within a minute.
"""

import tempfile
import time
from collections.abc import Callable

import torch
from transformers.utils import logging

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.geometry_cache import GeometryCache
from modeling_spatialmosaic.tiny import create_tiny_model


VIEWS, TEXT_TOKENS, NEW_TOKENS, SAMPLES, REPEATS = 4, 64, 32, 2, 3
IMAGE_SIZES = {"tiny": (84, 112), "medium": (210, 280)}
ENCODERS = ("none", "pointmap", "da3", "vggt")
MEDIUM_ENCODERS = {
    "none": {},
    "pointmap": {"hidden_size": 256},
    "da3": {"hidden_size": 256, "num_hidden_layers": 12, "num_attention_heads": 4, "image_size": 280},
    "vggt": {
        "hidden_size": 256,
        "num_hidden_layers": 6,
        "num_attention_heads": 4,
        "vit_num_hidden_layers": 6,
        "vit_num_attention_heads": 4,
        "image_size": 280,
    },
}


def build(size: str, encoder: str) -> SpatialMosaicForConditionalGeneration:
    if size == "tiny":
        with tempfile.TemporaryDirectory() as folder:
            create_tiny_model([], folder, geometry=f"spatialmosaic_{encoder}")
            return SpatialMosaicForConditionalGeneration.from_pretrained(folder)
    vision = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 4}
    text = {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 6}
    config = SpatialMosaicConfig(
        vision_config={**vision, "image_size": 224, "patch_size": 14},
        geometry_config={"model_type": f"spatialmosaic_{encoder}", **MEDIUM_ENCODERS[encoder]},
        text_config={"model_type": "qwen2", "vocab_size": 8192, "num_key_value_heads": 2, **text},
        image_token_id=3,
        fusion_num_heads=4,
    )
    return SpatialMosaicForConditionalGeneration(config)


def make_inputs(model: SpatialMosaicForConditionalGeneration, size: str, samples: int) -> dict[str, torch.Tensor]:
    config, device = model.config, model.device
    views = torch.full((samples, VIEWS * config.tokens_per_image), config.image_token_id)
    input_ids = torch.cat([views, torch.randint(4, 256, (samples, TEXT_TOKENS))], dim=1).to(device)
    pixel_values = torch.rand(samples * VIEWS, 3, *IMAGE_SIZES[size], device=device)
    inputs = {"input_ids": input_ids, "pixel_values": pixel_values}
    if config.geometry_config.model_type == "spatialmosaic_pointmap":
        known = pixel_values.new_ones(samples * VIEWS, 1, *IMAGE_SIZES[size])
        inputs["geometry_values"] = torch.cat([pixel_values, known], dim=1)
    return inputs


def seconds(run: Callable[[], object], device: torch.device) -> float:
    """Best of some calls, after one that warms up."""
    # On the CPU only what this process did counts, not what else the machine was busy with
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    spent = []
    for _ in range(1 + REPEATS):
        start = clock()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        spent.append(clock() - start)
    return min(spent[1:])


def measure(model: SpatialMosaicForConditionalGeneration, size: str) -> tuple[float, float, float, float | None]:
    """Seconds of a prefill, tokens per second, seconds of a training step without and with cached tokens."""
    device = model.device
    prompt = make_inputs(model, size, 1)

    def generate(count: int) -> Callable[[], object]:
        return lambda: model.generate(**prompt, min_new_tokens=count, max_new_tokens=count, do_sample=False)

    with torch.inference_mode():
        prefill = seconds(lambda: model.eval()(**prompt, logits_to_keep=1), device)
        decoding = seconds(generate(1 + NEW_TOKENS), device) - seconds(generate(1), device)

    network = model.model
    has_geometry = network.geometry_tower is not None
    for tower in (network.vision_tower, network.geometry_tower) if has_geometry else (network.vision_tower,):
        tower.requires_grad_(False)
    model.train()
    optimizer = torch.optim.AdamW([parameter for parameter in model.parameters() if parameter.requires_grad])
    batch = make_inputs(model, size, SAMPLES)
    labels = batch["input_ids"].masked_fill(batch["input_ids"] == model.config.image_token_id, -100)

    def step() -> None:
        model(**batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    fresh = seconds(step, device)
    if not has_geometry:
        return prefill, NEW_TOKENS / decoding, fresh, None
    network.geometry_cache = GeometryCache()
    return prefill, NEW_TOKENS / decoding, fresh, seconds(step, device)


def main() -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU, one thread"
    print(f"{name}, {dtype}, {VIEWS} views, torch {torch.__version__}; best of {REPEATS} runs\n")  # noqa: T201
    print("| size | geometry | million parameters | prefill, ms | tokens/s | training step, ms | with cache, ms |")  # noqa: T201
    print("| --- | --- " + "| ---: " * 5 + "|")  # noqa: T201
    for size in IMAGE_SIZES:
        for encoder in ENCODERS:
            model = build(size, encoder).to(device, dtype)
            prefill, rate, fresh, cached = measure(model, size)
            cells = [f"{model.num_parameters() / 1e6:.1f}", f"{1e3 * prefill:.0f}"]
            cells += [f"{rate:.0f}", f"{1e3 * fresh:.0f}"]
            cells.append("" if cached is None else f"{1e3 * cached:.0f}")
            print(f"| {size} | {encoder} | " + " | ".join(cells) + " |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
