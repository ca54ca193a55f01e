"""Attention maps add up, lie where the attention is, and point clouds are read back by another library."""

import numpy as np
import pytest
import torch
from transformers.dynamic_module_utils import get_class_from_dynamic_module

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.explain import attention_maps, paint_attention, spread, write_point_cloud
from modeling_spatialmosaic.modeling_fusion import SpatialMosaicFusionBlock


@pytest.fixture
def inputs(prepare, random_views):
    return prepare([random_views(3)])


def image_positions(model, inputs) -> torch.Tensor:
    return inputs.input_ids[0] == model.config.image_token_id


@torch.no_grad()
def test_maps_hold_the_attention_of_the_full_forward(model, inputs, monkeypatch):
    """Twin: every layer's full attention matrix, and the weights that the eager kernel returns."""
    before = model.config.text_config._attn_implementation
    maps = attention_maps(model, inputs)
    assert model.config.text_config._attn_implementation == before == "sdpa"
    assert maps.answer.shape == maps.geometry.shape == (3, *inputs.pixel_values.shape[2:])

    from modeling_spatialmosaic import modeling_fusion as module

    kept = []

    def keep(attention, *args, **kwargs):
        output, weights = eager(attention, *args, **kwargs)
        kept.append(weights)
        return output, weights

    eager = module.eager_attention_forward
    monkeypatch.setattr(module, "eager_attention_forward", keep)
    model.set_attn_implementation("eager")
    attentions = model(**inputs, output_attentions=True).attentions
    last = torch.stack([layer[0, :, -1] for layer in attentions]).mean(dim=(0, 1))
    side = model.config.pooled_grid
    expected = last[image_positions(model, inputs)].view(3, side, side + 1)[:, :, :side]
    torch.testing.assert_close(maps.answer.sum(dim=(1, 2)), expected.sum(dim=(1, 2)), atol=1e-5, rtol=0)
    camera_share = kept[0][..., 0].mean(dim=(1, 2))  # averaged over heads and visual tokens
    assert (camera_share > 0).all()
    torch.testing.assert_close(maps.geometry.sum(dim=(1, 2)), 1 - camera_share, atol=1e-5, rtol=0)
    patch = kept[0][1, :, :, 1 + 2 * 8 + 3].mean()  # second view, row 2, column 3 of 8 columns of patches
    torch.testing.assert_close(maps.geometry[1, 2 * 14 + 5, 3 * 14 + 5] * 14 * 14, patch, atol=1e-5, rtol=0)


def test_attention_to_one_geometry_patch_lights_its_pixels(model, inputs, monkeypatch):
    def all_to_one(block, vision_tokens, geometry_tokens):
        weights = torch.zeros(3, vision_tokens.shape[1], geometry_tokens.shape[1])
        weights[:, :, 1 + 4 * 8 + 6] = 1  # row 4, column 6, after the camera token
        return weights

    monkeypatch.setattr(SpatialMosaicFusionBlock, "attention_weights", all_to_one)
    maps = attention_maps(model, inputs).geometry
    inside = torch.zeros_like(maps, dtype=torch.bool)
    inside[:, 4 * 14 : 5 * 14, 6 * 14 : 7 * 14] = True
    assert torch.equal(maps > 0, inside)
    torch.testing.assert_close(maps.sum(dim=(1, 2)), torch.ones(3))
    grey = inputs.pixel_values.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    for picture, view, lit in zip(paint_attention(inputs.pixel_values, maps), grey, inside, strict=True):
        pixels = np.asarray(picture).transpose(2, 0, 1)
        np.testing.assert_allclose(pixels[:, ~lit], 255 * view[:, ~lit], atol=0.51)
        assert (pixels[0, lit].astype(int) - pixels[2, lit] > 200).all(), "orange"


@torch.no_grad()
def test_attention_to_one_image_token_lights_its_cell(model, inputs):
    """The last prompt token's queries and one image token's keys are made to agree in every layer and head."""
    position = image_positions(model, inputs).nonzero()[:, 0].view(3, -1)[2, 1 * 5 + 2]  # third view, row 1, column 2
    last = inputs.input_ids.shape[1] - 1
    for layer in model.model.language_model.layers:
        for name in ("q_proj", "k_proj"):
            projection = getattr(layer.self_attn, name)
            projection.register_forward_hook(aim(position if name == "k_proj" else last))
    model.model.language_model.rotary_emb.register_forward_hook(
        lambda module, args, output: (torch.ones_like(output[0]), torch.zeros_like(output[1]))
    )
    maps = attention_maps(model, inputs).answer
    height, width = maps.shape[1:]
    inside = torch.zeros_like(maps, dtype=torch.bool)
    # 4 x 4 cells over the whole view
    inside[2, height // 4 : height // 2, width // 2 : width * 3 // 4] = True
    assert maps[inside].sum() > 0.99
    assert maps[inside].min() > 100 * maps[~inside].max()


def aim(position: int):
    """Hook: the projected state at a position of the prompt is large, and all others are zero."""
    seen = [0]

    def hook(module, args, output):
        start, seen[0] = seen[0], seen[0] + output.shape[1]
        positions = torch.arange(start, seen[0])
        return 20.0 * (positions == position)[None, :, None].expand_as(output)

    return hook


def test_spread_by_hand():
    """Columns 0.36, 1.07, 1.79, 2.5 and rows 0.36, 1.07 in units of cells: the last of each lie outside."""
    spread_out = spread(torch.tensor([[[4.0, 8.0]]]), 2, 4, covered=0.7)
    assert spread_out.tolist() == [[[4.0, 4.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]


def test_paint_follows_a_fixed_scale():
    """An even share stays grey, four times as much gets half of the paint."""
    views = torch.full((1, 3, 1, 4), 0.5)
    even, uneven = torch.full((1, 1, 4), 0.1), torch.tensor([[[4.0, 0.0, 0.0, 0.0]]])
    assert len(np.unique(np.asarray(paint_attention(views, even)[0]))) == 1
    red = 0.575 * 127.5 + 0.425 * 255
    assert np.asarray(paint_attention(views, uneven)[0])[0, :, 0].tolist() == [round(red), 128, 128, 128]


def test_other_models(prepare, random_views, tiny_model_with_structure, tmp_path):
    folder = tiny_model_with_structure(tmp_path, "spatialmosaic_none")
    blind = SpatialMosaicForConditionalGeneration.from_pretrained(folder).eval()
    maps = attention_maps(blind, prepare([random_views(2)]))
    assert maps.geometry is None and 0 < maps.answer.sum() < 1


def test_inputs_that_cannot_be_painted(shared_model, prepare, random_views):
    with pytest.raises(ValueError, match="one prompt with views, got 2 prompts with views"):
        attention_maps(shared_model, prepare([random_views(1), random_views(1)]))
    with pytest.raises(ValueError, match="got 1 prompts without views"):
        attention_maps(shared_model, prepare([[]]))
    with pytest.raises(ValueError, match="Views and maps must match"):
        paint_attention(torch.zeros(2, 3, 4, 4), torch.zeros(1, 4, 4))


def test_point_cloud_is_read_back(tmp_path):
    trimesh = pytest.importorskip("trimesh")
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2, 5, 4, 3)).astype(np.float32)
    colors = rng.integers(0, 256, points.shape)
    valid = rng.random((2, 5, 4)) > 0.3
    points[0, 0, 0], valid[0, 0, 0] = np.nan, True
    count = write_point_cloud(tmp_path / "seen.ply", points, colors / 255, valid)
    valid[0, 0, 0] = False
    cloud = trimesh.load(tmp_path / "seen.ply")
    assert count == len(cloud.vertices) == valid.sum()
    np.testing.assert_array_equal(cloud.vertices, points[valid])
    np.testing.assert_array_equal(cloud.colors[:, :3], colors[valid])
    assert [path.name for path in tmp_path.iterdir()] == ["seen.ply"]
    with pytest.raises(ValueError, match=r"got \(2, 5, 4, 3\), \(2, 5, 4, 3\) and \(2, 5\)"):
        write_point_cloud(tmp_path / "other.ply", points, colors, valid[..., 0])


def test_a_model_that_carries_its_own_code(inputs, tiny_dir, model):
    """Its fusion block is of another class of the same name."""
    name = "modeling_spatialmosaic.SpatialMosaicForConditionalGeneration"
    remote = get_class_from_dynamic_module(name, str(tiny_dir)).from_pretrained(tiny_dir).eval()
    assert type(remote.model.fusion_block) is not SpatialMosaicFusionBlock
    torch.testing.assert_close(attention_maps(remote, inputs).geometry, attention_maps(model, inputs).geometry)
