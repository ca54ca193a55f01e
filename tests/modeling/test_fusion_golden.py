"""Fusion, projector, pooling and newline tokens against the reference implementation's numbers."""

import pytest
import torch
from torch import nn
from transformers.modeling_outputs import BaseModelOutputWithPooling

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicModel
from modeling_spatialmosaic.modeling_fusion import SpatialMosaicFusionBlock
from modeling_spatialmosaic.modeling_spatialmosaic import pool_rows


RENAMES = {
    "clip_norm": "vision_norm",
    "spatial_encoder_norm": "geometry_norm",
    "clip_query_proj": "query_proj",
    "spatial_encoder_key_proj": "key_proj",
    "spatial_encoder_value_proj": "value_proj",
    "cross_attention": "attention",
}


def fusion_config(**kwargs) -> SpatialMosaicConfig:
    return SpatialMosaicConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": 384,  # 27 x 27 patches of 14; the last 6 pixels are unused
            "patch_size": 14,
        },
        geometry_config={
            "model_type": "spatialmosaic_vggt",
            "hidden_size": 24,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "vit_num_hidden_layers": 1,
            "vit_num_attention_heads": 2,
            "image_size": 28,
        },
        text_config={
            "model_type": "qwen2",
            "vocab_size": 64,
            "hidden_size": 40,
            "intermediate_size": 40,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
        },
        image_token_id=3,
        fusion_num_heads=4,
        **kwargs,
    )


def fusion_state_dict(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    state_dict = {}
    for key, tensor in tensors.items():
        if not key.startswith("weights/fusion_block."):
            continue
        key = key.removeprefix("weights/fusion_block.")
        module, rest = key.split(".", 1)
        module = RENAMES.get(module, module)
        if rest.startswith("in_proj_"):
            kind = rest.removeprefix("in_proj_")
            for name, part in zip(("q", "k", "v"), tensor.chunk(3), strict=True):
                state_dict[f"{module}.{name}_proj.{kind}"] = part
        else:
            state_dict[f"{module}.{rest}"] = tensor
    return state_dict


@pytest.fixture(params=["eager", "sdpa"])
def config(request) -> SpatialMosaicConfig:
    config = fusion_config()
    config._attn_implementation = request.param
    return config


def test_fusion_block(config, golden_small):
    tensors = golden_small("fusion/")
    block = SpatialMosaicFusionBlock(config).eval()
    block.load_state_dict(fusion_state_dict(tensors), strict=True)
    with torch.no_grad():
        fused = block(tensors["block/vision"], tensors["block/geometry"])
    torch.testing.assert_close(fused, tensors["block/fused"], atol=1e-4, rtol=0)


def test_fusion_attention_weights(config, golden):
    tensors = golden("fusion_tiny")
    block = SpatialMosaicFusionBlock(config).eval()
    block.load_state_dict(fusion_state_dict(tensors), strict=True)
    with torch.no_grad():
        weights = block.attention_weights(tensors["block/vision"], tensors["block/geometry"])
    torch.testing.assert_close(weights, tensors["block/attn_weights_mean"], atol=1e-5, rtol=0)


def test_pooling_and_newlines(golden):
    tensors = golden("fusion_tiny")
    tokens = pool_rows(tensors["pool/features"], 27, 14, tensors["pool/image_newline"])
    torch.testing.assert_close(tokens.flatten(0, 1), tensors["pool/tokens"], atol=1e-5, rtol=0)


class ConstantVision(nn.Module):
    """Stands for the vision tower: returns the reference's visual tokens."""

    def __init__(self, tokens: torch.Tensor):
        super().__init__()
        self.tokens = tokens

    def forward(self, pixel_values: torch.Tensor):
        return BaseModelOutputWithPooling(last_hidden_state=self.tokens)


def test_images_to_language_model_tokens(config, golden, monkeypatch):
    """From tower outputs to the sequence that the language model receives, through `get_image_features`."""
    tensors = golden("fusion_tiny")
    model = SpatialMosaicModel(config).eval()
    model.fusion_block.load_state_dict(fusion_state_dict(tensors), strict=True)
    projector = {
        "linear_1.weight": tensors["weights/mm_projector.0.weight"],
        "linear_1.bias": tensors["weights/mm_projector.0.bias"],
        "linear_2.weight": tensors["weights/mm_projector.2.weight"],
        "linear_2.bias": tensors["weights/mm_projector.2.bias"],
    }
    model.multi_modal_projector.load_state_dict(projector, strict=True)
    model.image_newline.data = tensors["weights/image_newline"]
    model.vision_tower = ConstantVision(tensors["e2e/vision"])
    geometry_output = type("Output", (), {"last_hidden_state": tensors["e2e/aggregated_last"]})
    monkeypatch.setattr(model.geometry_tower, "forward", lambda pixel_values: geometry_output)

    with torch.no_grad():
        output = model.get_image_features(torch.rand(2, 3, 28, 28), num_views=[2])
    torch.testing.assert_close(output.last_hidden_state, tensors["e2e/fused"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.pooler_output.flatten(0, 1), tensors["e2e/tokens"], atol=1e-4, rtol=0)
    assert config.tokens_per_image == 210


def test_dropout_placement(golden_small):
    """With everything dropped, the published form loses the visual tokens; ours keeps them."""
    tensors = golden_small("fusion/")
    vision, geometry = tensors["block/vision"], tensors["block/geometry"]
    branch_only = SpatialMosaicFusionBlock(fusion_config(fusion_dropout=1.0)).train()
    torch.testing.assert_close(branch_only(vision, geometry), vision)
    whole_sum = SpatialMosaicFusionBlock(fusion_config(fusion_dropout=1.0, fusion_dropout_placement="sum")).train()
    torch.testing.assert_close(whole_sum(vision, geometry), torch.zeros_like(vision))


def test_closed_gate_is_the_identity(golden_small):
    tensors = golden_small("fusion/")
    block = SpatialMosaicFusionBlock(fusion_config(fusion_gate=True)).eval()
    torch.testing.assert_close(block(tensors["block/vision"], tensors["block/geometry"]), tensors["block/vision"])
    block.gate.data.fill_(0.5)
    assert not torch.allclose(block(tensors["block/vision"], tensors["block/geometry"]), tensors["block/vision"])


def test_vision_features_are_the_state_before_the_last_layer(random_views, shared_model, processor):
    """The feature layer counts from the end of the full tower, and no final norm is applied."""
    from transformers import SiglipVisionModel

    tower = shared_model.model.vision_tower
    full = SiglipVisionModel(shared_model.config.vision_config).eval()
    missing = full.load_state_dict(tower.state_dict(), strict=False).missing_keys
    assert all("layers.2." in key or "post_layernorm" in key or "head" in key for key in missing)
    pixel_values = processor.image_processor(random_views(2), return_tensors="pt").pixel_values
    # The tiny size needs no resizing in width; a square image needs none at all.
    pixel_values = pixel_values[..., : pixel_values.shape[-2]]
    square = nn.functional.interpolate(pixel_values, (112, 112), mode="bilinear", antialias=True)
    with torch.no_grad():
        expected = full(square * 2 - 1, output_hidden_states=True).hidden_states[-2]
        found = shared_model.model._encode_vision(pixel_values).last_hidden_state
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
