"""PEFT, accelerate and sharded folders: a model like any other."""

import json

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration


LORA = LoraConfig(
    r=4,
    lora_alpha=8,
    target_modules=r".*\.(language_model|fusion_block)\..*_proj",
    modules_to_save=["multi_modal_projector"],
    task_type="CAUSAL_LM",
)


@pytest.fixture
def inputs(prepare, random_views):
    return prepare([random_views(2), random_views(3)], ["A", "Is the lamp left of the table?"])


@pytest.fixture
def adapted(model):
    torch.manual_seed(0)
    return get_peft_model(model, LORA)


def train_one_step(adapted, inputs):
    adapted.train()
    labels = inputs.input_ids.masked_fill(inputs.input_ids == adapted.config.image_token_id, -100)
    trained = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
    for _ in range(2):  # B starts at zero, so A moves in the second step only
        loss = adapted(**inputs, labels=labels, use_cache=False).loss
        torch.optim.SGD(trained, lr=0.1).zero_grad()
        loss.backward()
        torch.optim.SGD(trained, lr=0.1).step()
    adapted.eval()


@torch.no_grad()
def logits_of(model, inputs) -> torch.Tensor:
    return model.eval()(**inputs).logits


class TestLora:
    @pytest.mark.parametrize("checkpointing", [False, True])
    def test_a_step_moves_adapters_of_language_model_and_fusion_and_nothing_else(self, adapted, inputs, checkpointing):
        if checkpointing:
            adapted.enable_input_require_grads()
            adapted.gradient_checkpointing_enable()
        before = {name: parameter.detach().clone() for name, parameter in adapted.named_parameters()}
        train_one_step(adapted, inputs)
        moved = {name for name, parameter in adapted.named_parameters() if not torch.equal(parameter, before[name])}
        trained = {name for name in before if "lora_" in name or ".modules_to_save." in name}
        assert moved <= trained
        for part in (".language_model.", ".fusion_block.", ".multi_modal_projector."):
            assert any(part in name for name in moved), part
        # The adapters of a key projection before another projection have hardly any effect, but all others move
        assert {name for name in trained - moved if "k_proj" not in name and "key_proj" not in name} == set()

    def test_adapters_alone_are_saved(self, adapted, inputs, tiny_dir, tmp_path):
        train_one_step(adapted, inputs)
        adapted.save_pretrained(tmp_path)
        saved = load_file(tmp_path / "adapter_model.safetensors")
        assert not (tmp_path / "model.safetensors").exists()
        assert all("lora_" in name or ".multi_modal_projector." in name for name in saved)
        base = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir)
        reloaded = PeftModel.from_pretrained(base, tmp_path)
        torch.testing.assert_close(logits_of(reloaded, inputs), logits_of(adapted, inputs), atol=1e-5, rtol=1e-4)

    def test_merge_and_unload(self, adapted, inputs, shared_model, tmp_path):
        train_one_step(adapted, inputs)
        expected = logits_of(adapted, inputs)
        assert (expected - logits_of(shared_model, inputs)).abs().max() > 1e-3
        merged = adapted.merge_and_unload()
        assert type(merged) is SpatialMosaicForConditionalGeneration
        torch.testing.assert_close(logits_of(merged, inputs), expected, atol=1e-4, rtol=1e-3)
        merged.save_pretrained(tmp_path)
        reloaded, info = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
        assert not info["missing_keys"] and not info["unexpected_keys"]
        torch.testing.assert_close(logits_of(reloaded, inputs), expected, atol=1e-4, rtol=1e-3)

    def test_generation_through_the_adapter(self, adapted, inputs, shared_model):
        """A fresh adapter changes nothing, with beams too."""
        arguments = {"max_new_tokens": 4, "min_new_tokens": 4, "num_beams": 2}
        assert torch.equal(adapted.generate(**inputs, **arguments), shared_model.generate(**inputs, **arguments))


class TestFolders:
    def test_shards(self, shared_model, inputs, tmp_path):
        shared_model.save_pretrained(tmp_path, max_shard_size="200kB")
        index = json.loads((tmp_path / "model.safetensors.index.json").read_text(encoding="utf-8"))
        assert len(set(index["weight_map"].values())) > 3
        reloaded = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path)
        torch.testing.assert_close(logits_of(reloaded, inputs), logits_of(shared_model, inputs), atol=1e-5, rtol=1e-4)

    @pytest.mark.parametrize(
        "geometry", ["spatialmosaic_vggt", "spatialmosaic_da3", "spatialmosaic_pointmap", "spatialmosaic_none"]
    )
    @pytest.mark.parametrize("share", [0.3, 0.6])
    def test_a_model_larger_than_the_memory(self, geometry, share, tiny_model_with_structure, inputs, tmp_path):
        """`device_map="auto"` keeps what fits and fetches the rest from disk as it is needed."""
        folder = tiny_model_with_structure(tmp_path / "model", geometry)
        whole = SpatialMosaicForConditionalGeneration.from_pretrained(folder)
        if geometry == "spatialmosaic_pointmap":
            inputs["geometry_values"] = torch.rand(5, 4, *inputs["pixel_values"].shape[2:])
        offloaded = SpatialMosaicForConditionalGeneration.from_pretrained(
            folder,
            device_map="auto",
            max_memory={"cpu": int(share * whole.get_memory_footprint())},
            offload_folder=tmp_path / "offload",
        )
        assert "disk" in offloaded.hf_device_map.values()
        torch.testing.assert_close(logits_of(offloaded, inputs), logits_of(whole, inputs), atol=1e-5, rtol=1e-4)
        answer = offloaded.generate(**inputs, max_new_tokens=3, min_new_tokens=3)
        assert torch.equal(answer, whole.generate(**inputs, max_new_tokens=3, min_new_tokens=3))
