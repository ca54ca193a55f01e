"""The aggregator against the reference implementation's numbers."""

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicVggtConfig, SpatialMosaicVggtModel
from modeling_spatialmosaic.modeling_geometry_layers import apply_rotary, rotary_from_positions


GOLDEN_CONFIG = {
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "vit_num_hidden_layers": 3,
    "vit_num_attention_heads": 4,
    "image_size": 70,
    "patch_size": 14,
}
RENAMES = [
    ("aggregator.", ""),
    ("patch_embed.patch_embed.proj", "patch_embed.proj"),
    ("ls1.gamma", "layer_scale1"),
    ("ls2.gamma", "layer_scale2"),
]


def aggregator_state_dict(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    state_dict = {}
    for key, tensor in tensors.items():
        if key.startswith("weights/aggregator.") and not key.endswith("mask_token"):
            key = key.removeprefix("weights/")
            for published, ours in RENAMES:
                key = key.replace(published, ours)
            state_dict[key] = tensor
    return state_dict


@pytest.fixture(scope="module", params=["eager", "sdpa"])
def vggt(request, golden) -> SpatialMosaicVggtModel:
    model = SpatialMosaicVggtModel._from_config(
        SpatialMosaicVggtConfig(**GOLDEN_CONFIG), attn_implementation=request.param
    )
    model.load_state_dict(aggregator_state_dict(golden("vggt_tiny")), strict=True)
    return model.eval()


@pytest.mark.parametrize("case", ["square", "rect"])
def test_every_layer_output(vggt, golden, case):
    tensors = golden("vggt_tiny")
    images = tensors[f"inputs/{case}/images"]
    with torch.no_grad():
        output = vggt(images, output_layers=range(4))
    for layer in range(4):
        expected = tensors[f"outputs/{case}/aggregated_tokens.{layer}"]
        torch.testing.assert_close(output.layer_outputs[layer], expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(output.last_hidden_state, expected, atol=1e-4, rtol=0)
    # Camera and patches, without the four registers, of the last layer.
    with torch.no_grad():
        tokens = vggt.get_geometry_tokens(images)
    torch.testing.assert_close(tokens, torch.cat([expected[:, :, :1], expected[:, :, 5:]], dim=2), atol=1e-4, rtol=0)


@pytest.mark.parametrize("case", ["square", "rect"])
def test_patch_tokens(vggt, golden, case):
    tensors = golden("vggt_tiny")
    with torch.no_grad():
        tokens = vggt.patch_embed(tensors[f"inputs/{case}/images"].flatten(0, 1))
    torch.testing.assert_close(tokens, tensors[f"outputs/{case}/patch_tokens"], atol=1e-4, rtol=0)


def test_frame_block_at_given_positions(vggt, golden):
    tensors = golden("vggt_tiny")
    rotary = rotary_from_positions(tensors["unit/frame_block0/pos"], 16, 100.0)
    rotary = tuple(table.unsqueeze(1) for table in rotary)  # one table per scene, shared by the heads
    with torch.no_grad():
        output = vggt.frame_blocks[0](tensors["unit/frame_block0/x"], rotary)
    torch.testing.assert_close(output, tensors["unit/frame_block0/y"], atol=1e-5, rtol=0)


def test_rotary(golden_small):
    tensors = golden_small("vggt/")
    cos, sin = rotary_from_positions(tensors["unit/rope/pos"], 16, 100.0)
    output = apply_rotary(tensors["unit/rope/x"], cos.unsqueeze(1), sin.unsqueeze(1))
    torch.testing.assert_close(output, tensors["unit/rope/y"], atol=1e-5, rtol=0)


# `one_row` has as many patches as the table, but is not square: it is resampled all the same.
@pytest.mark.parametrize(("case", "height", "width"), [("square", 5, 5), ("rect", 4, 6), ("one_row", 1, 25)])
def test_position_table(golden_small, case, height, width):
    tensors = golden_small("vggt/")
    model = SpatialMosaicVggtModel(SpatialMosaicVggtConfig(**GOLDEN_CONFIG))
    with torch.no_grad():
        model.patch_embed.pos_embed.copy_(tensors["weights/aggregator.patch_embed.pos_embed"])
        table = model.patch_embed.resample_position_table(height, width)
    torch.testing.assert_close(table, tensors[f"unit/pos_embed/{case}"], atol=1e-5, rtol=0)


def test_released_size_has_the_published_tensors():
    with torch.device("meta"):
        model = SpatialMosaicVggtModel(SpatialMosaicVggtConfig())
    # Parameter counts of the tables in the published architecture, without the unused `mask_token`.
    patch_encoder, frame_blocks, global_blocks, special = 304_372_736 - 1024, 302_364_672, 302_364_672, 10_240
    count = sum(parameter.numel() for parameter in model.parameters())
    assert count == patch_encoder + frame_blocks + global_blocks + special


def test_only_requested_layers_are_kept(vggt):
    images = torch.rand(1, 2, 3, 28, 28)
    assert vggt(images).layer_outputs == ()
    first, third = vggt(images, output_layers=(0, 2)).layer_outputs
    every = vggt(images, output_layers=range(4)).layer_outputs
    torch.testing.assert_close(first, every[0])
    torch.testing.assert_close(third, every[2])


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        ((2, 3, 28, 28), r"must have shape \(scenes, frames, 3, height, width\), got \(2, 3, 28, 28\)"),
        ((1, 2, 1, 28, 28), "must have shape"),
        ((1, 2, 3, 28, 30), "multiples of the patch size 14, got 28 x 30"),
    ],
)
def test_bad_images(shape, match):
    model = SpatialMosaicVggtModel(SpatialMosaicVggtConfig(**GOLDEN_CONFIG))
    with pytest.raises(ValueError, match=match):
        model(torch.rand(shape))


def test_layer_index_that_does_not_exist():
    model = SpatialMosaicVggtModel(SpatialMosaicVggtConfig(**GOLDEN_CONFIG))
    with pytest.raises(ValueError, match=r"`output_layers` .* 0 to 3, got \[1, 4\]"):
        model(torch.rand(1, 1, 3, 28, 28), output_layers=(1, 4))
