import pytest
import torch


@pytest.fixture
def samples(random_views):
    return [random_views(count) for count in (3, 1, 2)]


def generate(model, inputs, **kwargs) -> torch.Tensor:
    output = model.generate(**inputs, max_new_tokens=6, min_new_tokens=6, **kwargs)
    return output[:, inputs.input_ids.shape[1] :]


def test_cached_equals_uncached(shared_model, prepare, samples):
    inputs = prepare(samples)
    cached = generate(shared_model, inputs, use_cache=True)
    assert torch.equal(cached, generate(shared_model, inputs, use_cache=False))
    # A third way: greedy decoding by hand, with the plain forward pass on the grown text.
    grown = dict(inputs)
    for _ in range(6):
        logits = shared_model(**grown).logits[:, -1]
        logits[:, [shared_model.config.image_token_id, shared_model.generation_config.eos_token_id]] = -torch.inf
        token = logits.argmax(dim=-1, keepdim=True)
        grown["input_ids"] = torch.cat([grown["input_ids"], token], dim=1)
        grown["attention_mask"] = torch.cat([grown["attention_mask"], torch.ones_like(token)], dim=1)
    assert torch.equal(cached, grown["input_ids"][:, -6:])


def test_towers_run_once(shared_model, prepare, samples, monkeypatch):
    calls = []
    encode = shared_model.model.get_image_features
    monkeypatch.setattr(
        shared_model.model, "get_image_features", lambda *args, **kwargs: calls.append(1) or encode(*args, **kwargs)
    )
    generate(shared_model, prepare(samples))
    assert len(calls) == 1


def test_batched_generation_equals_single(shared_model, prepare, samples):
    together = generate(shared_model, prepare(samples))
    alone = torch.cat([generate(shared_model, prepare([views])) for views in samples])
    assert torch.equal(together, alone)


def test_beams_see_the_images_of_their_own_sample(shared_model, prepare, samples):
    arguments = {"num_beams": 2, "num_return_sequences": 2, "do_sample": False}
    together = generate(shared_model, prepare(samples), **arguments)
    assert together.shape == (6, 6)
    alone = torch.cat([generate(shared_model, prepare([views]), **arguments) for views in samples])
    assert torch.equal(together, alone)


def test_returned_samples_see_the_images_of_their_own_sample(shared_model, prepare, samples):
    """Sampling with a temperature near zero is greedy: both draws of a sample equal its greedy answer."""
    drawn = generate(shared_model, prepare(samples), do_sample=True, temperature=1e-6, num_return_sequences=2)
    assert torch.equal(drawn, generate(shared_model, prepare(samples)).repeat_interleave(2, dim=0))


def test_generation_from_embeddings(shared_model, prepare, samples):
    inputs = prepare(samples)
    embeddings = shared_model.get_input_embeddings()(inputs.input_ids).detach()
    output = shared_model.generate(
        inputs_embeds=embeddings,
        attention_mask=inputs.attention_mask,
        pixel_values=inputs.pixel_values,
        max_new_tokens=6,
        min_new_tokens=6,
        num_return_sequences=2,
        num_beams=2,
    )
    expected = generate(shared_model, inputs, num_beams=2, num_return_sequences=2)
    assert torch.equal(output, expected)


def test_no_image_token_is_generated(shared_model, prepare, samples):
    assert shared_model.generation_config.suppress_tokens == [shared_model.config.image_token_id]


def test_generation_without_images(shared_model, prepare):
    assert generate(shared_model, prepare([[]])).shape == (1, 6)


@pytest.mark.parametrize(
    "arguments",
    [
        {"num_beams": 3, "num_return_sequences": 3, "do_sample": False},
        {"num_beams": 3, "num_return_sequences": 1, "do_sample": False, "use_cache": False},
        {"num_beams": 1, "do_sample": False},
    ],
)
def test_every_number_of_views_in_one_batch(shared_model, prepare, random_views, arguments):
    samples = [random_views(count) for count in (0, 5, 1, 0, 2)]
    together = generate(shared_model, prepare(samples), **arguments)
    alone = torch.cat([generate(shared_model, prepare([views]), **arguments) for views in samples])
    assert torch.equal(together, alone)
