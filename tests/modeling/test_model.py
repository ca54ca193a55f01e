"""Behaviour of the whole model: batches, isolation of samples, losses, precisions."""

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.tiny import create_tiny_model


QUESTIONS = ["Is the lamp left of the table?", "How many?", "A", "B or A?", "chair", "", "Is the lamp right of it?"]


def last_logits(model, inputs) -> torch.Tensor:
    with torch.no_grad():
        return model(**inputs).logits[:, -1]


@pytest.fixture
def mixed_samples(random_views):
    """One to five views, one sample without any: left padding of every length."""
    return [random_views(count) for count in (3, 1, 0, 5, 2, 4, 3)]


def test_a_batch_equals_its_samples(shared_model, prepare, mixed_samples):
    batch = prepare(mixed_samples, QUESTIONS)
    assert batch.input_ids.shape[0] == 7
    assert (batch.attention_mask[:, 0] == 0).sum() >= 5, "the samples differ in length, so most are padded"
    together = last_logits(shared_model, batch)
    for index, (views, question) in enumerate(zip(mixed_samples, QUESTIONS, strict=True)):
        alone = last_logits(shared_model, prepare([views], [question]))
        torch.testing.assert_close(together[index], alone[0], atol=2e-5, rtol=1e-4)


def test_right_padding_gives_the_same_answer(shared_model, processor, prepare, random_views):
    samples = [random_views(1), random_views(3)]
    left = last_logits(shared_model, prepare(samples))
    processor.tokenizer.padding_side = "right"
    try:
        inputs = prepare(samples)
    finally:
        processor.tokenizer.padding_side = "left"
    assert inputs.attention_mask[0, -1] == 0
    with torch.no_grad():
        logits = shared_model(**inputs).logits
    last = inputs.attention_mask.sum(dim=1) - 1
    torch.testing.assert_close(logits[torch.arange(2), last], left, atol=2e-5, rtol=1e-4)


def test_views_of_other_samples_have_no_influence(shared_model, prepare, random_views):
    first, second, other = random_views(3), random_views(3), random_views(3)
    base = shared_model(**prepare([first, second])).image_hidden_states
    changed = shared_model(**prepare([first, other])).image_hidden_states
    torch.testing.assert_close(changed[:3], base[:3], atol=1e-6, rtol=1e-5)
    assert (changed[3:] - base[3:]).abs().max() > 0.01


def test_views_of_a_sample_inform_each_other(shared_model, prepare, random_views):
    """Through the geometry encoder: the tokens of the first view change with the second."""
    first, second, other = random_views(3)
    base = shared_model(**prepare([[first, second]])).image_hidden_states[0]
    changed = shared_model(**prepare([[first, other]])).image_hidden_states[0]
    assert (changed - base).abs().max() > 0.001


def test_the_first_view_is_the_reference(shared_model, prepare, random_views):
    first, second = random_views(2)
    forward = shared_model(**prepare([[first, second]])).image_hidden_states
    backward = shared_model(**prepare([[second, first]])).image_hidden_states
    assert (forward[0] - backward[1]).abs().max() > 0.001


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
def test_attention_implementations_reach_every_part(tiny_dir, implementation):
    model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, attn_implementation=implementation)
    for part in (model, model.model.vision_tower, model.model.geometry_tower, model.model.language_model):
        assert part.config._attn_implementation == implementation


def test_eager_equals_sdpa(tiny_dir, prepare, random_views):
    inputs = prepare([random_views(2), random_views(3)])
    logits = [
        last_logits(SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, attn_implementation=name), inputs)
        for name in ("eager", "sdpa")
    ]
    torch.testing.assert_close(*logits, atol=2e-5, rtol=1e-4)


def test_bfloat16(tiny_dir, shared_model, prepare, random_views):
    model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, dtype=torch.bfloat16)
    inputs = prepare([random_views(2), random_views(3)])
    logits = last_logits(model, inputs)
    assert logits.dtype == torch.bfloat16
    expected = last_logits(shared_model, inputs)
    assert torch.nn.functional.cosine_similarity(logits.float(), expected).min() > 0.99


@pytest.mark.parametrize("num_images", [1, 3, 0])
def test_images_that_do_not_match_the_placeholders(shared_model, prepare, random_views, num_images):
    inputs = prepare([random_views(2)])
    inputs["pixel_values"] = inputs["pixel_values"].repeat(2, 1, 1, 1)[:num_images] if num_images else None
    with pytest.raises(
        ValueError, match=rf"Found \[40\] placeholder tokens in the samples of this batch and {num_images} images"
    ):
        shared_model(**inputs)


def test_a_truncated_image(shared_model, prepare, random_views):
    """The number of placeholders is right over the batch, but one sample has half an image too few."""
    inputs = prepare([random_views(2), random_views(2)])
    image_id, pad_id = shared_model.config.image_token_id, shared_model.config.text_config.pad_token_id
    places = (inputs.input_ids[0] == image_id).nonzero().flatten()
    inputs.input_ids[0, places[:10]] = pad_id
    inputs.input_ids[1, (inputs.input_ids[1] != image_id).nonzero().flatten()[:10]] = image_id
    with pytest.raises(ValueError, match=r"Found \[30, 50\] placeholder tokens .* and 4 images"):
        shared_model(**inputs)


def test_ids_or_embeddings(shared_model, prepare, random_views):
    inputs = prepare([random_views(2)])
    expected = last_logits(shared_model, inputs)
    embeddings = shared_model.get_input_embeddings()(inputs.input_ids).detach()
    arguments = {"attention_mask": inputs.attention_mask, "pixel_values": inputs.pixel_values}
    torch.testing.assert_close(last_logits(shared_model, {"inputs_embeds": embeddings, **arguments}), expected)
    with pytest.raises(ValueError, match="exactly one of `input_ids` and `inputs_embeds`"):
        shared_model(**inputs, inputs_embeds=embeddings)
    with pytest.raises(ValueError, match="exactly one of `input_ids` and `inputs_embeds`"):
        shared_model(**arguments)


def test_logits_to_keep(shared_model, prepare, random_views):
    inputs = prepare([random_views(1)])
    with torch.no_grad():
        every = shared_model(**inputs).logits
        torch.testing.assert_close(shared_model(**inputs, logits_to_keep=1).logits, every[:, -1:])


def test_one_step_moves_every_parameter(model, prepare, random_views):
    inputs = prepare([random_views(2), random_views(3)], ["A", "Is the lamp right of it?"])
    labels = inputs.input_ids.masked_fill(inputs.input_ids == model.config.image_token_id, -100)
    model.train()
    loss = model(**inputs, labels=labels).loss
    assert torch.isfinite(loss)
    loss.backward()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    negligible = [name for name, parameter in model.named_parameters() if parameter.grad.abs().max() < 1e-7]
    assert set(negligible) <= {
        "model.vision_tower.encoder.layers.0.self_attn.k_proj.bias",
        "model.vision_tower.encoder.layers.1.self_attn.k_proj.bias",
        "model.fusion_block.key_proj.bias",
        "model.fusion_block.attention.k_proj.bias",
    }, "only a key bias without rotation may have no gradient: it shifts all scores of a query alike"
    torch.optim.AdamW(model.parameters(), lr=1e-3).step()
    for name, parameter in model.named_parameters():
        if name not in negligible:
            assert not torch.equal(parameter, before[name]), name


def test_the_loss_is_the_mean_cross_entropy_of_the_labels(shared_model, prepare, random_views):
    inputs = prepare([random_views(2)])
    labels = torch.full_like(inputs.input_ids, -100)
    labels[:, -2:] = inputs.input_ids[:, -2:]
    with torch.no_grad():
        output = shared_model(**inputs, labels=labels)
    log_probabilities = output.logits[0, -3:-1].double().log_softmax(dim=-1)
    expected = -(log_probabilities[0, labels[0, -2]] + log_probabilities[1, labels[0, -1]]) / 2
    assert output.loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_frozen_towers_run_without_gradients_in_evaluation_mode(model, prepare, random_views):
    model.model.vision_tower.requires_grad_(False)
    model.model.geometry_tower.requires_grad_(False)
    model.train()
    assert model.model.fusion_block.training and model.model.language_model.training
    assert not model.model.vision_tower.training and not model.model.geometry_tower.training
    inputs = prepare([random_views(2)])
    model(**inputs, labels=inputs.input_ids).loss.backward()
    assert model.model.fusion_block.key_proj.weight.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in model.model.geometry_tower.parameters())


def test_gradient_checkpointing_does_not_change_the_gradients(model, prepare, random_views):
    model.model.fusion_block.dropout.p = 0.0
    inputs = prepare([random_views(2)])
    gradients = []
    for checkpointing in (False, True):
        model.train()
        if checkpointing:
            model.gradient_checkpointing_enable()
        model.zero_grad()
        model(**inputs, labels=inputs.input_ids, use_cache=False).loss.backward()
        gradients.append([parameter.grad.clone() for parameter in model.parameters()])
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, recomputed, atol=1e-6, rtol=1e-4)


def test_without_geometry(tmp_path, processor, prepare, random_views):
    """The control: no geometry tower, no fusion; then views do not inform each other before the language model."""
    create_tiny_model(["A", "B"], tmp_path, geometry="spatialmosaic_none")
    model = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert model.model.geometry_tower is None and model.model.fusion_block is None
    assert not any("fusion" in name or "geometry" in name for name, _ in model.named_parameters())
    pixel_values = processor.image_processor(random_views(3), return_tensors="pt").pixel_values
    with torch.no_grad():
        together = model.get_image_features(pixel_values).pooler_output
        alone = model.get_image_features(pixel_values[:1]).pooler_output
    torch.testing.assert_close(together[:1], alone, atol=1e-6, rtol=1e-5)


def test_creation_is_deterministic_and_leaves_the_global_random_state(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    for name in ("a", "b"):
        create_tiny_model(["A", "B"], tmp_path / name, seed=3)
    assert torch.equal(torch.rand(1), expected)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_unknown_geometry(tmp_path):
    with pytest.raises(ValueError, match="must be one of .*, got 'vggt'"):
        create_tiny_model(["A"], tmp_path, geometry="vggt")
