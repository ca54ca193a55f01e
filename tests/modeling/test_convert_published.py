"""Published fusion and projector weights -> ours, against PyTorch's own attention and the reference's numbers."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from modeling_spatialmosaic import (
    SpatialMosaicConfig,
    SpatialMosaicForConditionalGeneration,
    SpatialMosaicModel,
    SpatialMosaicProcessor,
)
from modeling_spatialmosaic.checkpoints import WeightsError, read_weights
from modeling_spatialmosaic.convert_published import (
    convert_published_weights,
    load_published_weights,
    write_with_published,
)


# Section 4 of the specification, full size
PUBLISHED_SHAPES = {
    "fusion_block.clip_norm.weight": (1152,),
    "fusion_block.clip_norm.bias": (1152,),
    "fusion_block.spatial_encoder_norm.weight": (2048,),
    "fusion_block.spatial_encoder_norm.bias": (2048,),
    "fusion_block.clip_query_proj.weight": (1152, 1152),
    "fusion_block.clip_query_proj.bias": (1152,),
    "fusion_block.spatial_encoder_key_proj.weight": (1152, 2048),
    "fusion_block.spatial_encoder_key_proj.bias": (1152,),
    "fusion_block.spatial_encoder_value_proj.weight": (1152, 2048),
    "fusion_block.spatial_encoder_value_proj.bias": (1152,),
    "fusion_block.cross_attention.in_proj_weight": (3456, 1152),
    "fusion_block.cross_attention.in_proj_bias": (3456,),
    "fusion_block.cross_attention.out_proj.weight": (1152, 1152),
    "fusion_block.cross_attention.out_proj.bias": (1152,),
    "fusion_block.out_norm.weight": (1152,),
    "fusion_block.out_norm.bias": (1152,),
    "fusion_block.out_proj.weight": (1152, 1152),
    "fusion_block.out_proj.bias": (1152,),
    "mm_projector.0.weight": (3584, 1152),
    "mm_projector.0.bias": (3584,),
    "mm_projector.2.weight": (3584, 3584),
    "mm_projector.2.bias": (3584,),
    "image_newline": (3584,),
}


class PublishedFusionBlock(nn.Module):
    """The published block, written from its specification around PyTorch's attention with its packed projection."""

    def __init__(self, vision_dim: int, geometry_dim: int, num_heads: int):
        super().__init__()
        self.clip_norm = nn.LayerNorm(vision_dim)
        self.spatial_encoder_norm = nn.LayerNorm(geometry_dim)
        self.clip_query_proj = nn.Linear(vision_dim, vision_dim)
        self.spatial_encoder_key_proj = nn.Linear(geometry_dim, vision_dim)
        self.spatial_encoder_value_proj = nn.Linear(geometry_dim, vision_dim)
        self.cross_attention = nn.MultiheadAttention(vision_dim, num_heads, batch_first=True)
        self.out_norm = nn.LayerNorm(vision_dim)
        self.out_proj = nn.Linear(vision_dim, vision_dim)

    def forward(self, vision, geometry):
        geometry = self.spatial_encoder_norm(geometry)
        output, _ = self.cross_attention(
            self.clip_query_proj(self.clip_norm(vision)),
            self.spatial_encoder_key_proj(geometry),
            self.spatial_encoder_value_proj(geometry),
        )
        return vision + self.out_norm(self.out_proj(output))


class PublishedParts(nn.Module):
    def __init__(self, config: SpatialMosaicConfig):
        super().__init__()
        vision_dim, text_dim = config.vision_config.hidden_size, config.text_config.hidden_size
        self.fusion_block = PublishedFusionBlock(
            vision_dim, config.geometry_config.geometry_dim, config.fusion_num_heads
        )
        self.mm_projector = nn.Sequential(nn.Linear(vision_dim, text_dim), nn.GELU(), nn.Linear(text_dim, text_dim))
        self.image_newline = nn.Parameter(torch.zeros(text_dim))


@pytest.fixture
def published(model):
    parts = PublishedParts(model.config).eval()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in parts.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return parts


@torch.no_grad()
def test_converted_parts_compute_the_same(model, published):
    load_published_weights(model.model, published.state_dict())
    config = model.config
    vision = torch.randn(2, 9, config.vision_config.hidden_size)
    geometry = torch.randn(2, 7, config.geometry_config.geometry_dim)
    fused = published.fusion_block(vision, geometry)
    torch.testing.assert_close(model.model.fusion_block(vision, geometry), fused, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.model.multi_modal_projector(fused), published.mm_projector(fused))
    assert torch.equal(model.model.image_newline, published.image_newline)


def test_every_published_tensor_of_the_full_size_has_a_place():
    with torch.device("meta"):
        expected = SpatialMosaicModel(SpatialMosaicConfig()).state_dict()
        weights = {name: torch.zeros(shape) for name, shape in PUBLISHED_SHAPES.items()}
    converted = convert_published_weights(weights)
    trained = ("fusion_block.", "multi_modal_projector.", "image_newline")
    assert {name: tensor.shape for name, tensor in converted.items()} == {
        name: tensor.shape for name, tensor in expected.items() if name.startswith(trained)
    }
    assert sum(tensor.numel() for tensor in converted.values()) == 12_699_136 + 16_980_992 + 3584


def test_golden_vectors(golden):
    tensors = golden("fusion_tiny")
    weights = {
        name.removeprefix("weights/"): tensor for name, tensor in tensors.items() if name.startswith("weights/")
    }
    config = SpatialMosaicConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": 384,
            "patch_size": 14,
        },
        geometry_config={"model_type": "spatialmosaic_vggt", "hidden_size": 24, "num_attention_heads": 2}
        | {"num_hidden_layers": 1, "vit_num_hidden_layers": 1, "vit_num_attention_heads": 2, "image_size": 28},
        text_config={"model_type": "qwen2", "vocab_size": 64, "hidden_size": 40, "intermediate_size": 40}
        | {"num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2},
        image_token_id=3,
        fusion_num_heads=4,
    )
    model = SpatialMosaicModel(config).eval()
    load_published_weights(model, weights)
    with torch.no_grad():
        fused = model.fusion_block(tensors["block/vision"], tensors["block/geometry"])
        projected = model.multi_modal_projector(tensors["e2e/fused"][0])
    torch.testing.assert_close(fused, tensors["block/fused"], atol=1e-4, rtol=0)
    torch.testing.assert_close(projected, tensors["e2e/projected_frame0"], atol=1e-4, rtol=0)


@pytest.mark.parametrize("wrapper", ["model.", "base_model.model.", "base_model.model.model."])
def test_names_may_be_wrapped(published, wrapper):
    plain = published.state_dict()
    converted = convert_published_weights({wrapper + name: tensor for name, tensor in plain.items()})
    expected = convert_published_weights(plain)
    assert converted.keys() == expected.keys()
    assert all(torch.equal(converted[name], expected[name]) for name in expected)


def test_the_newline_vector_may_be_left_out(model, published):
    before = model.model.image_newline.clone()
    weights = published.state_dict()
    del weights["image_newline"]
    load_published_weights(model.model, weights)
    assert torch.equal(model.model.image_newline, before)


def test_no_tensor_is_dropped_or_made_up(published):
    weights = published.state_dict()
    del weights["fusion_block.out_norm.bias"]
    weights["fusion_block.cross_attention.bias_k"] = torch.zeros(1)
    with pytest.raises(
        WeightsError, match=r"Missing: fusion_block.out_norm.bias. Unknown: fusion_block.cross_attention.bias_k"
    ):
        convert_published_weights(weights)
    weights = published.state_dict()
    weights["model.image_newline"] = weights["image_newline"]
    with pytest.raises(WeightsError, match="Under several names: image_newline"):
        convert_published_weights(weights)


def test_models_of_another_form(published, tiny_dir):
    config = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).config
    gated = SpatialMosaicModel(SpatialMosaicConfig(**{**config.to_dict(), "fusion_gate": True}))
    with pytest.raises(WeightsError, match="Without weights: fusion_block.gate. Of another shape: none"):
        load_published_weights(gated, published.state_dict())
    control = SpatialMosaicModel(
        SpatialMosaicConfig(**{**config.to_dict(), "geometry_config": {"model_type": "spatialmosaic_none"}})
    )
    with pytest.raises(WeightsError, match=r"fusion_block.query_proj.weight \(64, 64\) instead of none"):
        load_published_weights(control, published.state_dict())


def test_the_command_writes_a_complete_folder(tiny_dir, published, tmp_path):
    save_file(published.state_dict(), tmp_path / "published.safetensors")
    settings = {"weights": tmp_path / "published.safetensors", "model": tiny_dir, "out": tmp_path / "out"}
    write_with_published(**settings)
    before = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).state_dict()
    after = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path / "out").state_dict()
    assert torch.equal(after["model.image_newline"], published.image_newline)
    packed = published.fusion_block.cross_attention.in_proj_weight
    assert torch.equal(after["model.fusion_block.attention.k_proj.weight"], packed[64:128])
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert all(name.startswith(("model.fusion", "model.multi_modal", "model.image_newline")) for name in changed)
    SpatialMosaicProcessor.from_pretrained(tmp_path / "out")
    with pytest.raises(WeightsError, match="exists already"):
        write_with_published(**settings)


def test_a_folder_that_holds_no_model(tmp_path):
    with pytest.raises(WeightsError, match="it has no config.json.*from_components"):
        write_with_published(weights=tmp_path / "w.safetensors", model=tmp_path, out=tmp_path / "out")


class TestReadWeights:
    def test_pickles_are_opened_only_when_told(self, tmp_path):
        path = tmp_path / "weights.bin"
        torch.save({"a": torch.arange(3)}, path)
        with pytest.raises(WeightsError, match="is not a safetensors file.*trust-pickle"):
            read_weights(path)
        assert torch.equal(read_weights(path, trust_pickle=True)["a"], torch.arange(3))

    def test_code_in_a_trusted_pickle_does_not_run(self, tmp_path):
        class Evil:
            def __reduce__(self):
                return exec, (f"open({str(tmp_path / 'touched')!r}, 'w')",)

        torch.save({"a": Evil()}, tmp_path / "weights.bin")
        with pytest.raises(WeightsError, match="cannot be read as weights"):
            read_weights(tmp_path / "weights.bin", trust_pickle=True)
        assert not (tmp_path / "touched").exists()

    def test_damaged_and_missing_files(self, tmp_path):
        path = tmp_path / "weights.safetensors"
        save_file({"a": torch.arange(300)}, path)
        path.write_bytes(path.read_bytes()[:-10])
        with pytest.raises(WeightsError, match="not a complete safetensors file"):
            read_weights(path)
        with pytest.raises(WeightsError, match="is not a file"):
            read_weights(tmp_path / "other.safetensors")
        torch.save([torch.arange(3)], tmp_path / "list.pt")
        with pytest.raises(WeightsError, match="must hold named tensors and nothing else, found list"):
            read_weights(tmp_path / "list.pt", trust_pickle=True)
        (tmp_path / "text.pt").write_text("no weights", encoding="utf-8")
        with pytest.raises(WeightsError, match="cannot be read as weights"):
            read_weights(tmp_path / "text.pt", trust_pickle=True)
