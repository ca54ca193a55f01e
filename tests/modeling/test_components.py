"""A model made of a VLM and a geometry encoder computes what they compute; tiny random parts, nothing downloaded."""

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import (
    CLIPVisionConfig,
    GenerationConfig,
    LlavaOnevisionConfig,
    LlavaOnevisionForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
    SiglipVisionConfig,
)

from modeling_spatialmosaic import (
    SpatialMosaicForConditionalGeneration,
    SpatialMosaicProcessor,
    SpatialMosaicVggtConfig,
    SpatialMosaicVggtModel,
)
from modeling_spatialmosaic.tiny import tokenizer_from_texts


VISION = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "image_size": 56,
    "patch_size": 14,
}


def build_vlm(tokenizer, vision: dict | None = None, **kwargs) -> LlavaOnevisionForConditionalGeneration:
    text_config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=40,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    settings = {"vision_config": SiglipVisionConfig(**(vision or VISION)), "text_config": text_config} | kwargs
    settings.setdefault("image_token_index", tokenizer.convert_tokens_to_ids("<image>"))
    torch.manual_seed(0)
    vlm = LlavaOnevisionForConditionalGeneration(LlavaOnevisionConfig(**settings)).eval()
    with torch.no_grad():
        for parameter in vlm.parameters():  # so that no norm is the identity
            parameter += 0.1 * torch.randn(parameter.shape)
    return vlm


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_from_texts(["Is the lamp left of the table?"])


@pytest.fixture(scope="module")
def vlm(tokenizer):
    return build_vlm(tokenizer)


@pytest.fixture(scope="module")
def geometry():
    torch.manual_seed(1)
    return SpatialMosaicVggtModel(
        SpatialMosaicVggtConfig(
            hidden_size=24,
            num_hidden_layers=1,
            num_attention_heads=2,
            vit_num_hidden_layers=1,
            vit_num_attention_heads=2,
            image_size=56,
        )
    ).eval()


def build(vlm, geometry, **kwargs) -> SpatialMosaicForConditionalGeneration:
    return SpatialMosaicForConditionalGeneration.from_components(vlm, geometry, fusion_num_heads=4, **kwargs).eval()


@pytest.fixture(scope="module", params=["instances", "folders"])
def model(request, vlm, geometry, tmp_path_factory):
    if request.param == "instances":
        return build(vlm, geometry)
    root = tmp_path_factory.mktemp("components")
    vlm.save_pretrained(root / "vlm")
    geometry.save_pretrained(root / "geometry")
    return build(root / "vlm", root / "geometry")


@torch.no_grad()
def test_the_language_model_answers_as_in_the_vlm(model, vlm, tokenizer):
    inputs = tokenizer(["Is the lamp left of the table?"], return_tensors="pt", return_token_type_ids=False)
    assert torch.equal(model(**inputs).logits, vlm(**inputs).logits)


@torch.no_grad()
def test_vision_features_and_projection_are_those_of_the_vlm(model, vlm):
    images = torch.rand(2, 3, 56, 56)
    states = vlm.model.vision_tower(images * 2 - 1, output_hidden_states=True).hidden_states[-1]
    features = model.model._encode_vision(images).last_hidden_state
    torch.testing.assert_close(features, states, atol=1e-5, rtol=1e-5)
    projected = vlm.model.multi_modal_projector(states)
    torch.testing.assert_close(model.model.multi_modal_projector(states), projected)
    assert torch.equal(model.model.image_newline, vlm.model.image_newline)


@torch.no_grad()
def test_geometry_tokens_are_those_of_the_encoder(model, geometry):
    images = torch.rand(1, 2, 3, 56, 42)
    expected = geometry.get_geometry_tokens(images)
    assert torch.equal(model.model.geometry_tower.get_geometry_tokens(images), expected)


@pytest.mark.parametrize(("layer", "num_layers"), [(-2, 2), (1, 1), (3, 3), (-1, 3)])
@torch.no_grad()
def test_layers_after_the_feature_layer_are_dropped(tokenizer, geometry, layer, num_layers):
    """The published tower has its last layer removed; other VLMs keep it and name the layer. State 0 is the input."""
    vlm = build_vlm(tokenizer, vision_feature_layer=layer)
    model = build(vlm, geometry)
    assert len(model.model.vision_tower.encoder.layers) == num_layers
    images = torch.rand(1, 3, 56, 56)
    states = vlm.model.vision_tower(images * 2 - 1, output_hidden_states=True).hidden_states[layer]
    torch.testing.assert_close(model.model._encode_vision(images).last_hidden_state, states, atol=1e-5, rtol=1e-5)


def test_new_parts_are_initialised(model):
    fusion = model.model.fusion_block
    for name, parameter in fusion.named_parameters():
        if "norm" in name:
            assert (parameter == float(name.endswith("weight"))).all(), name
        elif name.endswith("bias"):
            assert (parameter == 0).all(), name
        else:
            assert parameter.std().item() == pytest.approx(model.config.text_config.initializer_range, rel=0.2), name


def test_the_new_model_shares_no_memory_with_the_given_one(vlm, geometry):
    model = build(vlm, geometry)
    given = {tensor.data_ptr() for part in (vlm, geometry) for tensor in part.parameters()}
    assert not given & {tensor.data_ptr() for tensor in model.parameters()}


def test_the_control_without_geometry(vlm, tokenizer):
    model = SpatialMosaicForConditionalGeneration.from_components(vlm, None, fusion_num_heads=4)
    assert model.model.geometry_tower is None and model.config.geometry_config.model_type == "spatialmosaic_none"


def test_tied_embeddings_stay_tied(tokenizer, geometry):
    vlm = build_vlm(tokenizer, tie_word_embeddings=True)
    assert vlm.lm_head.weight is vlm.get_input_embeddings().weight
    model = build(vlm, geometry)
    assert model.lm_head.weight is model.get_input_embeddings().weight
    assert torch.equal(model.lm_head.weight, vlm.lm_head.weight)


def test_precision(vlm, geometry):
    model = build(vlm, geometry, dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}


def test_generation_settings_come_from_the_vlm(tokenizer, geometry):
    vlm = build_vlm(tokenizer)
    vlm.generation_config = GenerationConfig(eos_token_id=7, max_new_tokens=11)
    model = build(vlm, geometry)
    assert (model.generation_config.eos_token_id, model.generation_config.max_new_tokens) == (7, 11)
    assert model.generation_config.suppress_tokens == [model.config.image_token_id]
    assert vlm.generation_config.suppress_tokens is None


def test_model_and_processor_work_together_and_reload(model, tokenizer, messages, random_views, tmp_path):
    processor = SpatialMosaicProcessor.from_components(tokenizer, model.config)
    assert processor.image_processor.image_size == 56
    text = processor.apply_chat_template(messages(2), add_generation_prompt=True)
    assert "Frame 2:<image>" in text
    inputs = processor(images=random_views(2), text=text, return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    reloaded = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert torch.equal(reloaded(**inputs).logits, logits)
    again = SpatialMosaicProcessor.from_pretrained(tmp_path)(images=random_views(2), text=text, return_tensors="pt")
    assert torch.equal(again.input_ids, inputs.input_ids)


def test_a_tokenizer_without_the_placeholder_gets_it(model, tokenizer):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    bare = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE({"a": 0, "b": 1}, [])))
    with pytest.raises(ValueError, match="found 2 and .*Build the model with `image_token_id=2`"):
        SpatialMosaicProcessor.from_components(bare, model.config)
    model.config.image_token_id, old = 2, model.config.image_token_id
    try:
        processor = SpatialMosaicProcessor.from_components(bare, model.config)
    finally:
        model.config.image_token_id = old
    assert processor.tokenizer("a<image>b").input_ids == [0, 2, 1]


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"vision_feature_layer": [-1, -2]}, r"`vision_feature_layer` must be a single layer, got \[-1, -2\]"),
        ({"projector_hidden_act": "relu"}, "`projector_hidden_act` must be 'gelu', got 'relu'"),
        ({"multimodal_projector_bias": False}, "`multimodal_projector_bias` must be True, got False"),
        ({"vision_feature_select_strategy": "default"}, "must be 'full', got 'default'"),
        ({"image_token_index": 99999}, "`image_token_id` is 99999, but the VLM has embeddings for"),
    ],
)
def test_vlms_of_another_form(tokenizer, geometry, kwargs, match):
    with pytest.raises(ValueError, match=match):
        build(build_vlm(tokenizer, **kwargs), geometry)


def test_another_vision_tower(tokenizer, geometry):
    vlm = build_vlm(tokenizer, vision_config=CLIPVisionConfig(**VISION))
    with pytest.raises(ValueError, match="must be SigLIP, got 'clip_vision_model'"):
        build(vlm, geometry)


def test_heads_that_do_not_divide_the_width(vlm, geometry):
    """The published number of heads fits its own width, 1152, only."""
    with pytest.raises(StrictDataclassError, match="multiple of `fusion_num_heads`, got 32 and 18"):
        SpatialMosaicForConditionalGeneration.from_components(vlm, geometry)


def test_parts_of_another_type(vlm, geometry, tmp_path):
    vlm.model.language_model.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="model type 'llava_onevision'. Found 'qwen2' in the configuration of"):
        build(tmp_path, geometry)
    with pytest.raises(ValueError, match="Found 'qwen2' in the configuration of"):
        build(vlm, tmp_path)
    language_model = Qwen2ForCausalLM(vlm.config.text_config)
    with pytest.raises(ValueError, match="got Qwen2ForCausalLM"):
        build(language_model, geometry)
    with pytest.raises(ValueError, match="got a model of type 'qwen2'"):
        build(vlm, language_model)


def test_parts_of_another_size(vlm, geometry):
    """A setting that contradicts the weights must stop, not leave a part with random weights."""
    vision = SiglipVisionConfig(**{**VISION, "num_hidden_layers": 4})
    with pytest.raises(ValueError, match="another shape: model.vision_tower.encoder.layers.3"):
        build(vlm, geometry, vision_config=vision)


def test_parts_of_another_width(vlm, geometry):
    text_config = Qwen2Config(**{**vlm.config.text_config.to_dict(), "hidden_size": 48})
    with pytest.raises(ValueError, match="of another shape: .*model.image_newline.*Leave out the settings"):
        build(vlm, geometry, text_config=text_config)
