"""`sft_lora` and `sft_lora_qlora`: what they train, what they save, and that a stopped run goes on."""

import re
import shutil

import pytest
import torch
import yaml
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText, BitsAndBytesConfig
from transformers.quantizers.quantizers_utils import should_convert_module

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration


# The seven linear maps of a layer, 28 times at full size
LANGUAGE_MODEL = re.compile(r"language_model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\Z")
NUM_LAYERS = 4  # of the tiny model


def trained_modules(folder) -> dict[str, dict[str, torch.Tensor]]:
    """The saved tensors of every module, by its name in `SpatialMosaicModel`."""
    modules: dict = {}
    for name, tensor in load_file(folder / "adapter_model.safetensors").items():
        module, _, kind = name.removeprefix("base_model.model.model.").partition(".lora_")
        modules.setdefault(module, {})[kind] = tensor
    return modules


@pytest.fixture(scope="module")
def qlora(train, tiny_dir, few_steps):
    """Without the four bits, which need a library and a GPU."""
    return train("sft", "sft_lora_qlora.yaml", tiny_dir, *few_steps(2), "--model_init_kwargs", "{}")


def test_the_adapter_is_saved_alone(lora, qlora):
    for folder in (lora, lora / "checkpoint-2", qlora):
        assert (folder / "adapter_model.safetensors").is_file()
        assert not list(folder.glob("model*.safetensors"))


def test_lora_trains_language_model_fusion_and_projector(lora, tiny_dir):
    """All of fusion block and projector moved; every adapter did; nothing else is in the file."""
    modules, before = trained_modules(lora), load_file(tiny_dir / "model.safetensors")
    adapted = {name for name, tensors in modules.items() if set(tensors) == {"A.weight", "B.weight"}}
    assert all(LANGUAGE_MODEL.match(name) for name in adapted) and len(adapted) == 7 * NUM_LAYERS
    assert all(modules[name]["A.weight"].shape[0] == 128 for name in adapted)
    assert all(modules[name]["B.weight"].any() for name in adapted)  # zero at first
    whole = modules.keys() - adapted
    expected = {
        name.removeprefix("model.")
        for name in before
        if name.startswith(("model.fusion_block.", "model.multi_modal_projector."))
    }
    assert whole == expected
    still = {name for name in whole if torch.equal(modules[name][""], before[f"model.{name}"])}
    # A key bias shifts all scores of a query alike: the softmax cancels it, but for rounding
    assert still <= {"fusion_block.attention.k_proj.bias", "fusion_block.key_proj.bias"}


def test_qlora_adapts_fusion_and_projector_too(qlora):
    modules = trained_modules(qlora)
    fusion = {f"fusion_block.{name}_proj" for name in ("query", "key", "value", "out")}
    fusion |= {f"fusion_block.attention.{name}_proj" for name in ("q", "k", "v", "out")}
    beside = {*fusion, "multi_modal_projector.linear_1", "multi_modal_projector.linear_2"}
    assert {name for name in modules if not LANGUAGE_MODEL.match(name)} == beside
    assert len(modules) == len(beside) + 7 * NUM_LAYERS
    assert all(tensors["B.weight"].any() for tensors in modules.values())


def test_qlora_quantises_the_language_model_alone(recipes, shared_model):
    """By the rule with which Transformers picks the linear maps to replace."""
    recipe = yaml.safe_load((recipes / "sft_lora_qlora.yaml").read_text(encoding="utf-8"))
    config = BitsAndBytesConfig.from_dict(recipe["model_init_kwargs"]["quantization_config"])
    assert config.load_in_4bit and config.bnb_4bit_compute_dtype is torch.bfloat16
    linear = [name for name, module in shared_model.named_modules() if isinstance(module, torch.nn.Linear)]
    chosen = [name for name in linear if should_convert_module(name, config.llm_int8_skip_modules)]
    assert all(LANGUAGE_MODEL.match(name.removeprefix("model.")) for name in chosen)
    assert len(chosen) == 7 * NUM_LAYERS


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_why_lora_is_not_trained_from_bfloat16(dtype):
    """Steps of the published rate, 2e-5, are lost on a bfloat16 weight of a usual size; the recipe loads float32."""
    weight = torch.full((1,), 0.02, dtype=dtype, requires_grad=True)
    optimizer = torch.optim.AdamW([weight], lr=2e-5, weight_decay=0.0)
    for _ in range(100):
        weight.grad = torch.ones_like(weight)
        optimizer.step()
    assert (weight.item() == torch.tensor(0.02, dtype=dtype).item()) == (dtype is torch.bfloat16)


def test_frozen_parts_do_not_move(lora, tiny_dir):
    """Merged into the base, the adapter changes what it should and leaves the towers, bit for bit."""
    base = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir)
    merged = PeftModel.from_pretrained(base, lora).merge_and_unload().state_dict()
    before = load_file(tiny_dir / "model.safetensors")
    moved = {name for name, tensor in before.items() if not torch.equal(merged[name], tensor)}
    assert not [name for name in moved if name.startswith(("model.vision_tower.", "model.geometry_tower."))]
    assert not moved & {"model.image_newline", "model.language_model.embed_tokens.weight"}
    assert {name.split(".")[1] for name in moved} == {"language_model", "fusion_block", "multi_modal_projector"}


@torch.no_grad()
def test_the_adapter_reloads_and_merges(lora, tiny_dir, prepare, random_views):
    """By PEFT, by the Auto class on the adapter's folder, and merged: one and the same model, not the base."""
    inputs = prepare([random_views(2), random_views(3)])

    def base():
        return SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir)

    before = base().eval()(**inputs).logits
    adapted = PeftModel.from_pretrained(base(), lora).eval()
    expected = adapted(**inputs).logits
    assert (expected - before).abs().max() > 1e-2
    by_auto = AutoModelForImageTextToText.from_pretrained(lora, trust_remote_code=True).eval()
    torch.testing.assert_close(by_auto(**inputs).logits, expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(adapted.merge_and_unload()(**inputs).logits, expected, atol=1e-4, rtol=1e-3)


def test_a_stopped_run_goes_on_as_if_it_had_not(train, lora, tiny_dir, few_steps, logged, tmp_path):
    """The random numbers of its dropout included."""
    checkpoint = tmp_path / "checkpoint-2"
    shutil.copytree(lora / "checkpoint-2", checkpoint)
    resumed = train("sft", "sft_lora.yaml", tiny_dir, *few_steps(4), "--resume_from_checkpoint", checkpoint)
    losses = logged(lora / "checkpoint-4")
    assert len(losses) == 4 and len(set(losses)) == 4
    assert logged(resumed / "checkpoint-4") == pytest.approx(losses, rel=1e-5)
    expected, found = (load_file(folder / "adapter_model.safetensors") for folder in (lora, resumed))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_the_geometry_cache_leaves_the_losses_as_they_are(train, lora, tiny_dir, few_steps, logged, tmp_path):
    """LoRA freezes the towers; by an environment variable the stock command keeps what the geometry encoder gave."""
    folder = tmp_path / "tokens"
    variables = {"SPATIALMOSAIC_GEOMETRY_CACHE": str(folder)}
    cached = train("sft", "sft_lora.yaml", tiny_dir, *few_steps(4), **variables)
    assert len(list(folder.rglob("*.safetensors"))) == 8  # 4 steps of 2 rows; each row has views of its own
    assert logged(cached / "checkpoint-4") == pytest.approx(logged(lora / "checkpoint-4"), rel=1e-5)
