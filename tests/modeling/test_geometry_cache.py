"""Cached geometry tokens are the encoder's own, whatever happens to views, weights, memory and disk."""

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.checkpoints import WeightsError
from modeling_spatialmosaic.geometry_cache import GeometryCache
from modeling_spatialmosaic.modeling_vggt import SpatialMosaicVggtModel


@pytest.fixture
def frozen(model):
    model.model.geometry_tower.requires_grad_(False)
    return model


@pytest.fixture
def encoded(monkeypatch):
    """The number of scenes in every call of the encoder."""
    calls = []
    encode = SpatialMosaicVggtModel.get_geometry_tokens

    def count(self, pixel_values):
        calls.append(len(pixel_values))
        return encode(self, pixel_values)

    monkeypatch.setattr(SpatialMosaicVggtModel, "get_geometry_tokens", count)
    return calls


@pytest.fixture
def inputs(prepare, random_views):
    first, second = random_views(2), random_views(3)
    # two questions about the first view set
    return prepare([first, second, first], ["A", "Is the lamp left of the table?", "How many?"])


def other_weights(tower) -> torch.Tensor:
    """What makes the weights others; norms would take out what is the same in all channels."""
    return torch.linspace(-3, 3, tower.camera_token.shape[-1])


def loss_of(model, inputs) -> torch.Tensor:
    labels = inputs.input_ids.masked_fill(inputs.input_ids == model.config.image_token_id, -100)
    return model(**inputs, labels=labels).loss


def test_cached_and_fresh_give_the_same_loss_and_gradients(frozen, inputs, encoded, tmp_path):
    frozen.model.fusion_block.dropout.p = 0.0
    frozen.train()
    cache = GeometryCache(tmp_path)
    results = []
    for geometry_cache, num_calls in ((None, 2), (cache, 2), (cache, 0)):  # a call for each number of views
        frozen.model.geometry_cache = geometry_cache
        encoded.clear()
        frozen.zero_grad()
        loss = loss_of(frozen, inputs)
        loss.backward()
        assert len(encoded) == num_calls
        results.append((loss.detach(), [p.grad.clone() for p in frozen.parameters() if p.requires_grad]))
    for loss, gradients in results[1:]:
        torch.testing.assert_close(loss, results[0][0], atol=1e-6, rtol=1e-6)
        for gradient, expected in zip(gradients, results[0][1], strict=True):
            torch.testing.assert_close(gradient, expected, atol=1e-6, rtol=1e-4)


@torch.no_grad()
def test_a_view_set_is_encoded_once(frozen, inputs, encoded):
    frozen.model.geometry_cache = GeometryCache()
    loss = loss_of(frozen, inputs)
    assert sorted(encoded) == [1, 1], "the two questions about one view set share its tokens"
    assert loss_of(frozen, inputs) == loss
    assert len(encoded) == 2


@torch.no_grad()
def test_another_run_finds_the_tokens_on_disk(frozen, inputs, encoded, tiny_dir, tmp_path):
    frozen.model.geometry_cache = GeometryCache(tmp_path)
    loss = loss_of(frozen, inputs)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2 and all(path.suffix == ".safetensors" for path in files)
    encoded.clear()
    other = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).eval()
    other.model.geometry_tower.requires_grad_(False)
    other.model.geometry_cache = GeometryCache(tmp_path)
    torch.testing.assert_close(loss_of(other, inputs), loss)
    assert not encoded


@torch.no_grad()
def test_views_that_differ_in_a_bit_or_in_order_are_other_view_sets(frozen, prepare, random_views, encoded):
    frozen.model.geometry_cache = GeometryCache()
    first, second = random_views(2)
    inputs = prepare([[first, second]])
    frozen(**inputs)
    frozen(**prepare([[second, first]]))
    inputs["pixel_values"][0, 0, 0, 0] += 2**-20
    frozen(**inputs)
    frozen(**prepare([[first]]))
    assert len(encoded) == 4


@torch.no_grad()
def test_changed_weights_and_precision_make_other_tokens(frozen, inputs, encoded, tmp_path):
    frozen.model.geometry_cache = GeometryCache(tmp_path)
    loss = loss_of(frozen, inputs)
    tower = frozen.model.geometry_tower
    tower.camera_token.add_(other_weights(tower))
    changed = loss_of(frozen, inputs)
    assert changed != loss and len(encoded) == 4
    tower.camera_token.data = tower.camera_token.data - other_weights(tower)
    torch.testing.assert_close(loss_of(frozen, inputs), loss, atol=1e-4, rtol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        before = len(encoded)
        loss_of(frozen, inputs)
        assert len(encoded) == before + 2


@torch.no_grad()
def test_models_that_follow_each_other_do_not_share_tokens(inputs, tiny_dir):
    """A new model may get the memory, and so the addresses, of one that is gone."""
    cache = GeometryCache()
    for shift in (0.0, 0.5, 1.0):
        model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).eval()
        model.model.geometry_tower.requires_grad_(False)
        model.model.geometry_tower.camera_token.add_(shift * other_weights(model.model.geometry_tower))
        fresh = loss_of(model, inputs)
        model.model.geometry_cache = cache
        torch.testing.assert_close(loss_of(model, inputs), fresh)
        del model


@torch.no_grad()
def test_half_precision_tokens_survive_the_disk(tiny_dir, inputs, encoded, tmp_path):
    losses = []
    for _ in range(2):
        model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir, dtype=torch.bfloat16).eval()
        model.model.geometry_tower.requires_grad_(False)
        model.model.geometry_cache = GeometryCache(tmp_path)
        losses.append(loss_of(model, inputs))
    assert losses[0] == losses[1] and len(encoded) == 2


def test_generation_with_beams_and_samples_without_views(frozen, prepare, random_views, encoded):
    inputs = prepare([random_views(2), [], random_views(3)])
    settings = {"num_beams": 2, "max_new_tokens": 4, "min_new_tokens": 4}
    expected = frozen.generate(**inputs, **settings)
    encoded.clear()
    frozen.model.geometry_cache = GeometryCache()
    assert torch.equal(frozen.generate(**inputs, **settings), expected)
    assert torch.equal(frozen.generate(**inputs, **settings), expected)
    assert sorted(encoded) == [1, 1], "beams are view sets that are known already"


class TestMemory:
    """A stand-in for an encoder: its tokens are its input, 16 bytes a scene."""

    @pytest.fixture
    def encoder(self):
        encoder = torch.nn.Linear(1, 1).requires_grad_(False)
        encoder.config = type("Config", (), {"model_type": "stand_in", "__annotations__": {}})()
        return encoder

    @pytest.fixture
    def ask(self, encoder):
        def ask(cache, *numbers: int) -> list[int]:
            computed = []

            def compute(scenes):
                computed.extend(int(scene[0]) for scene in scenes)
                return [scene * 2 for scene in scenes]

            tokens = cache.encode([torch.full((4,), float(number)) for number in numbers], encoder, compute)
            assert [int(token[0]) for token in tokens] == [2 * number for number in numbers]
            return computed

        return ask

    def test_the_least_recently_used_go_first(self, ask):
        cache = GeometryCache(max_bytes=32)
        assert ask(cache, 1, 2) == [1, 2]
        assert ask(cache, 1) == []
        assert ask(cache, 3) == [3]  # forgets 2
        assert cache.num_bytes == 32
        assert ask(cache, 1) == []
        assert ask(cache, 2) == [2]  # forgets 3
        assert ask(cache, 3) == [3]

    @pytest.mark.parametrize("max_bytes", [0, 15, 16, 100])
    def test_the_bound_is_kept(self, ask, max_bytes):
        cache = GeometryCache(max_bytes=max_bytes)
        for number in range(20):
            ask(cache, number, number + 1, number)
            assert cache.num_bytes == sum(tokens.nbytes for tokens in cache._tokens.values()) <= max_bytes

    def test_what_memory_forgets_the_disk_keeps(self, ask, tmp_path):
        cache = GeometryCache(tmp_path, max_bytes=0)
        assert ask(cache, 1, 2, 1) == [1, 2]
        assert ask(cache, 2, 1) == []


def test_an_encoder_in_training_is_refused(model, inputs):
    model.model.geometry_cache = GeometryCache()
    with pytest.raises(ValueError, match="Only a frozen geometry encoder can be cached"):
        model(**inputs)


def test_damaged_files_are_named(frozen, inputs, tmp_path):
    frozen.model.geometry_cache = GeometryCache(tmp_path)
    frozen(**inputs)
    path = next(tmp_path.rglob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-8])
    frozen.model.geometry_cache = GeometryCache(tmp_path)
    with pytest.raises(WeightsError, match=path.name):
        frozen(**inputs)


def test_an_interrupted_write_leaves_nothing(frozen, inputs, tmp_path, monkeypatch):
    def fail(tensors, path):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr("modeling_spatialmosaic.geometry_cache.save_file", fail)
    frozen.model.geometry_cache = GeometryCache(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        frozen(**inputs)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_negative_bound():
    with pytest.raises(ValueError, match="`max_bytes` must not be negative, got -1"):
        GeometryCache(max_bytes=-1)


def test_the_cache_is_not_saved_with_the_model(frozen, tmp_path):
    frozen.model.geometry_cache = GeometryCache(tmp_path / "cache")
    frozen.save_pretrained(tmp_path / "model")
    reloaded = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path / "model")
    assert reloaded.model.geometry_cache is None


def test_the_environment_gives_every_model_its_cache(tiny_dir, frozen, inputs, encoded, monkeypatch, tmp_path):
    with torch.no_grad():
        expected = frozen(**inputs).logits
    monkeypatch.setenv("SPATIALMOSAIC_GEOMETRY_CACHE", str(tmp_path / "cache"))
    for num_calls in (2, 0):  # the second process-to-be finds what the first left
        encoded.clear()
        model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).eval()
        with torch.no_grad():
            torch.testing.assert_close(model(**inputs).logits, expected, atol=1e-6, rtol=1e-6)
        assert len(encoded) == num_calls
    assert len(list((tmp_path / "cache").rglob("*.safetensors"))) == 2
    monkeypatch.setenv("SPATIALMOSAIC_GEOMETRY_CACHE", "")
    assert SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).model.geometry_cache is None


def test_training_with_trl_gives_the_same_losses(tiny_dir, processor, random_views, encoded, tmp_path):
    """Stock SFTTrainer over two epochs of four questions about two view sets: each is encoded once, none again."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    def row(views, answer: str) -> dict:
        content = [*({"type": "image"} for _ in views), {"type": "text", "text": "How many?"}]
        return {
            "images": views,
            "prompt": [{"role": "user", "content": content}],
            "completion": [{"role": "assistant", "content": [{"type": "text", "text": answer}]}],
        }

    first, second = random_views(2), [view.rotate(180) for view in random_views(2)]
    rows = Dataset.from_list([row(first, "A"), row(second, "B"), row(first, "B"), row(second, "A")])
    runs = []
    for cache in (None, GeometryCache(tmp_path / "cache")):
        encoded.clear()
        model = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir)
        model.model.geometry_tower.requires_grad_(False)
        model.model.geometry_cache = cache
        arguments = SFTConfig(
            output_dir=str(tmp_path / "model"),
            num_train_epochs=2,
            per_device_train_batch_size=2,
            learning_rate=1e-3,
            max_length=None,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            logging_steps=1,
        )
        trainer = SFTTrainer(model, args=arguments, train_dataset=rows, processing_class=processor)
        trainer.train()
        runs.append([entry["loss"] for entry in trainer.state.log_history if "loss" in entry])
        assert sum(encoded) == (8 if cache is None else 2)
    assert len(runs[0]) == 4 and len(set(runs[0])) > 1
    assert runs[1] == pytest.approx(runs[0], rel=1e-5)
