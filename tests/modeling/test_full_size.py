"""The default configuration has the published sizes, counted on the meta device: no memory, no weights."""

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration


def num_parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.fixture(scope="module")
def full_size():
    with torch.device("meta"):
        return SpatialMosaicForConditionalGeneration(SpatialMosaicConfig())


def test_the_parts_that_the_specification_counts(full_size):
    assert num_parameters(full_size.model.fusion_block) == 12_699_136
    assert num_parameters(full_size.model.multi_modal_projector) == 16_980_992
    assert full_size.model.image_newline.shape == (3584,)
    assert full_size.config.tokens_per_image == 210


def test_the_language_model_is_qwen2_7b(full_size):
    """7,615,616,512 parameters is the size of the released Qwen2-7B; its rotary base is a million."""
    assert num_parameters(full_size.model.language_model) + num_parameters(full_size.lm_head) == 7_615_616_512
    assert full_size.model.language_model.config.rope_parameters["rope_theta"] == 1e6


def test_the_vision_tower_ends_before_its_last_layer(full_size):
    """26 of 27 layers of so400m, no final norm, no pooling head; the count by hand."""
    width, mlp = 1152, 4304
    layer = 4 * (width * width + width) + 2 * width * mlp + mlp + width + 4 * width
    embeddings = 3 * 14 * 14 * width + width + 27 * 27 * width
    tower = full_size.model.vision_tower
    assert len(tower.encoder.layers) == 26
    assert num_parameters(tower) == 26 * layer + embeddings


def test_the_geometry_tower_is_the_aggregator_of_vggt_1b(full_size):
    tower = full_size.model.geometry_tower
    assert (len(tower.frame_blocks), len(tower.global_blocks), len(tower.patch_embed.blocks)) == (24, 24, 24)
    block = 4 * 1024 * 1024 + 4 * 1024 + 2 * 4 * 1024 * 1024 + 5 * 1024 + 6 * 1024  # attention, MLP, norms and scales
    query_key_norms = 4 * 64
    embeddings = 3 * 14 * 14 * 1024 + 1024 + (1 + 37 * 37) * 1024 + (1 + 4) * 1024 + 2 * 1024  # and the final norm
    assert num_parameters(tower) == 24 * (3 * block + 2 * query_key_norms) + embeddings + 2 * (1 + 4) * 1024
