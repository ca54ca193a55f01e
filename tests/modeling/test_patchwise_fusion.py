"""Patchwise fusion: each visual token gets the geometry of its own place, and of no other."""

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import PreTrainedConfig

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.explain import attention_maps
from modeling_spatialmosaic.geometry_encoders import GEOMETRY_ENCODERS
from modeling_spatialmosaic.modeling_fusion import SpatialMosaicPatchwiseFusion, sample_patches


def fusion_config(image_size: int, width: int = 2, **kwargs) -> SpatialMosaicConfig:
    """Visual patches and geometry patches of 14 pixels; geometry tokens so wide."""
    return SpatialMosaicConfig(
        vision_config={"hidden_size": 8, "num_attention_heads": 2, "image_size": image_size, "patch_size": 14},
        geometry_config={"model_type": "spatialmosaic_pointmap", "hidden_size": width},
        fusion_type="patchwise",
        fusion_dropout=0.0,
        **kwargs,
    )


@pytest.fixture
def patchwise(tiny_dir) -> SpatialMosaicForConditionalGeneration:
    torch.manual_seed(0)
    return SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, fusion_type="patchwise").eval()


def test_tokens_that_tell_their_place_tell_that_of_the_visual_patch():
    """The visual tower sees 27 patches of 384 pixels, not the last 6 pixels; the encoder 20 rows, 37 columns."""
    rows, columns, side = 20, 37, 27
    y, x = torch.meshgrid((torch.arange(rows) + 0.5) / rows, (torch.arange(columns) + 0.5) / columns, indexing="ij")
    ahead = torch.tensor([[3.0, 4.0], [5.0, 8.0]])  # two tokens without a place
    tokens = torch.cat([ahead, torch.stack([x, y], dim=-1).flatten(0, 1)])[None]
    sampled = sample_patches(tokens, (rows * 14, columns * 14), fusion_config(384))
    assert sampled.shape == (1, 1 + side**2, 2)
    assert sampled[0, 0].tolist() == [4.0, 6.0], "the mean of those without a place"
    found = sampled[0, 1:].unflatten(0, (side, side))
    centre = (torch.arange(side) + 0.5) * 14 / 384
    # nearer to the edge than the centre of a geometry patch there is nothing to interpolate with
    expected_x = centre.clamp(0.5 / columns, 1 - 0.5 / columns)
    expected_y = centre.clamp(0.5 / rows, 1 - 0.5 / rows)
    torch.testing.assert_close(found[..., 0], expected_x.expand(side, side), atol=1e-5, rtol=0)
    torch.testing.assert_close(found[..., 1], expected_y[:, None].expand(side, side), atol=1e-5, rtol=0)


def test_an_encoder_without_other_tokens():
    sampled = sample_patches(torch.ones(1, 6, 2), (28, 42), fusion_config(28))
    assert torch.equal(sampled[0], torch.tensor([[0.0, 0.0]] + [[1.0, 1.0]] * 4))


@torch.no_grad()
def test_a_patch_changes_its_own_visual_token_alone():
    config = fusion_config(56, width=4)
    torch.manual_seed(0)
    block = SpatialMosaicPatchwiseFusion(config).eval()
    vision, geometry = torch.randn(1, 16, 8), torch.randn(1, 17, 4)

    def fuse(tokens):
        return block(vision, sample_patches(tokens, (56, 56), config))

    before = fuse(geometry)
    for token, touched in ((0, set(range(16))), (1, {0}), (12, {11})):
        other = geometry.clone()
        other[0, token] = torch.tensor([2.0, -3.0, 0.5, 1.0])
        changed = (fuse(other) - before).abs().amax(dim=-1)[0] > 1e-6
        assert set(changed.nonzero().flatten().tolist()) == touched


@torch.no_grad()
def test_a_closed_gate_is_the_identity():
    block = SpatialMosaicPatchwiseFusion(fusion_config(56, fusion_gate=True)).eval()
    vision = torch.randn(1, 16, 8)
    assert torch.equal(block(vision, torch.randn(1, 17, 2)), vision)


@torch.no_grad()
def test_in_the_model(patchwise, prepare, random_views, tmp_path):
    """It answers, comes back from disk the same, and has no geometry attention to paint."""
    inputs = prepare([random_views(2)])
    logits = patchwise(**inputs).logits
    patchwise.save_pretrained(tmp_path)
    again = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert isinstance(again.model.fusion_block, SpatialMosaicPatchwiseFusion)
    torch.testing.assert_close(again(**inputs).logits, logits)
    weight = patchwise.model.geometry_tower.camera_token
    weight.add_(torch.linspace(-9, 9, weight.shape[-1]))
    assert not torch.allclose(patchwise(**inputs).logits, logits), "geometry reaches the answer"
    assert attention_maps(patchwise, inputs).geometry is None


def test_an_encoder_without_patches_is_refused(monkeypatch):
    class NoPatches(PreTrainedConfig):
        model_type = "no_patches"
        geometry_dim: int = 2

    monkeypatch.setitem(GEOMETRY_ENCODERS, "no_patches", (NoPatches, None))
    with pytest.raises(StrictDataclassError, match="'patchwise' needs a geometry encoder whose configuration has a"):
        SpatialMosaicConfig(geometry_config={"model_type": "no_patches"}, fusion_type="patchwise")
