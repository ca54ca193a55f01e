"""The point-map encoder alone, and inside the whole model."""

import numpy as np
import pytest
import torch
from datasets import Dataset

from modeling_spatialmosaic import (
    SpatialMosaicForConditionalGeneration,
    SpatialMosaicPointmapConfig,
    SpatialMosaicPointmapModel,
)
from modeling_spatialmosaic.modeling_pointmap import normalize_scene
from modeling_spatialmosaic.pointmaps import PointmapCollator, prepare_pointmaps


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    model = SpatialMosaicPointmapModel(SpatialMosaicPointmapConfig(hidden_size=32)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    return model


def random_maps(*shape: int, seed: int = 0, share: float = 0.7) -> torch.Tensor:
    """Points around (5, -3, 1) m with a share of valid pixels, `(*shape, 4, 28, 42)`."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(*shape, 3, 28, 42, generator=generator) + torch.tensor([5.0, -3, 1])[:, None, None]
    valid = torch.rand(*shape, 1, 28, 42, generator=generator) < share
    return torch.cat([points, valid.float()], dim=-3)


class TestNormalization:
    def test_by_hand(self):
        """Three points on a line: the middle one is the origin, the median distance 1, and 10 is drawn in to 1.9."""
        points = torch.tensor([0.0, 1, 11])
        points = torch.stack([points, torch.zeros(3), torch.full((3,), 7.0)]).reshape(1, 1, 3, 1, 3)
        normalized, scale = normalize_scene(points, torch.ones(1, 1, 1, 1, 3, dtype=torch.bool))
        assert scale.item() == 1
        torch.testing.assert_close(normalized[0, 0, :, 0], torch.tensor([[-1, 0, 1.9], [0.0] * 3, [0.0] * 3]))

    def test_shift_and_scale_do_not_matter_and_the_scale_is_reported(self):
        maps = random_maps(2, 3)
        points, valid = maps[:, :, :3], maps[:, :, 3:] > 0
        normalized, scale = normalize_scene(points, valid)
        moved, moved_scale = normalize_scene(points * 4 + torch.tensor([100.0, 2, -7])[:, None, None], valid)
        torch.testing.assert_close(moved, normalized, atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(moved_scale, 4 * scale, atol=1e-3, rtol=1e-4)
        assert normalized.norm(dim=2).max() <= 2

    def test_outliers_hardly_move_it(self):
        maps = random_maps(1, 2)
        points, valid = maps[:, :, :3], maps[:, :, 3:] > 0
        normalized, _ = normalize_scene(points, valid)
        points = points.clone()
        points[:, :, :, 0, :5] = 1e6
        other, _ = normalize_scene(points, valid)
        assert (other - normalized)[..., 1:, :].abs().max() < 0.05
        assert other.norm(dim=2).max() <= 2

    @pytest.mark.parametrize("num_valid", [0, 1])
    def test_scenes_with_hardly_any_point(self, num_valid):
        points = torch.rand(1, 2, 3, 14, 14)
        valid = torch.zeros(1, 2, 1, 14, 14, dtype=torch.bool)
        valid.flatten()[:num_valid] = True
        normalized, scale = normalize_scene(points, valid)
        assert (normalized == 0).all() and scale.item() == 1


class TestEncoder:
    @pytest.fixture(autouse=True)
    def without_gradients(self):
        with torch.no_grad():
            yield

    def test_shape(self, encoder):
        assert encoder.get_geometry_tokens(random_maps(2, 3)).shape == (2, 3, 1 + 2 * 3, 32)

    def test_invalid_pixels_have_no_influence(self, encoder):
        maps = random_maps(1, 2)
        expected = encoder.get_geometry_tokens(maps)
        for value in (1e9, float("nan"), float("inf")):
            changed = maps.clone()
            changed[:, :, :3] = changed[:, :, :3].masked_fill(changed[:, :, 3:] == 0, value)
            torch.testing.assert_close(encoder.get_geometry_tokens(changed), expected)

    def test_points_that_are_not_finite_count_as_invalid(self, encoder):
        maps = random_maps(1, 2)
        invalid, not_finite = maps.clone(), maps.clone()
        invalid[:, :, 3, 5:9] = 0
        not_finite[:, :, 1, 5:9] = float("nan")
        tokens = encoder.get_geometry_tokens(not_finite)
        torch.testing.assert_close(tokens, encoder.get_geometry_tokens(invalid))

    def test_patches_without_points_differ_by_place_only(self, encoder):
        """They become the missing token: what the other patches hold does not matter to them."""
        first, second = random_maps(1, 1), random_maps(1, 1, seed=1)
        first[..., :14, :14] = second[..., :14, :14] = 0
        tokens = [encoder.get_geometry_tokens(maps)[0, 0] for maps in (first, second)]
        torch.testing.assert_close(tokens[0][1], tokens[1][1])
        assert (tokens[0][2:] - tokens[1][2:]).abs().amax(dim=1).min() > 0.1

    def test_a_patch_tells_the_mean_of_its_valid_points(self, encoder):
        """However few they are: the sines and cosines of the mean, written out for one frequency after the other."""
        maps = random_maps(1, 1, share=0.05)
        normalized, _ = normalize_scene(maps[:, :, :3], maps[:, :, 3:] > 0)
        seen = []
        hook = encoder.point_proj.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        encoder.get_geometry_tokens(maps)
        hook.remove()
        for patch in range(6):
            rows = slice(patch // 3 * 14, patch // 3 * 14 + 14)
            columns = slice(patch % 3 * 14, patch % 3 * 14 + 14)
            valid = maps[0, 0, 3, rows, columns] > 0
            mean = normalized[0, 0, :, rows, columns][:, valid].mean(dim=1)
            angles = [axis.item() * np.pi * 2**k for axis in mean for k in range(8)]
            expected = torch.tensor([*np.sin(angles), *np.cos(angles)], dtype=torch.float32)
            torch.testing.assert_close(seen[0][0, patch], expected, atol=1e-3, rtol=0)

    def test_an_empty_scene(self, encoder):
        tokens = encoder.get_geometry_tokens(torch.zeros(1, 2, 4, 28, 42))
        assert tokens.isfinite().all()
        assert (tokens[0, 0, 1] - tokens[0, 0, 2]).abs().max() > 0.01, "places still differ"

    def test_scenes_do_not_influence_each_other(self, encoder):
        maps = random_maps(3, 2)
        together = encoder.get_geometry_tokens(maps)
        for index in range(3):
            alone = encoder.get_geometry_tokens(maps[index : index + 1])
            torch.testing.assert_close(together[index : index + 1], alone, atol=1e-6, rtol=1e-5)

    def test_the_scale_is_in_the_first_token_alone(self, encoder):
        maps = random_maps(1, 2)
        larger = torch.cat([3 * maps[:, :, :3], maps[:, :, 3:]], dim=2)
        tokens, others = encoder.get_geometry_tokens(maps), encoder.get_geometry_tokens(larger)
        torch.testing.assert_close(others[:, :, 1:], tokens[:, :, 1:], atol=1e-3, rtol=1e-3)
        assert (others[:, :, 0] - tokens[:, :, 0]).abs().max() > 0.1

    def test_half_precision_keeps_the_digits_of_the_points(self, encoder):
        """Far from the world origin a half-precision coordinate has no decimals left; the encoder still sees them."""
        maps = random_maps(1, 2)
        maps[:, :, :3] += 1000
        half = SpatialMosaicPointmapModel(encoder.config).eval()
        half.load_state_dict(encoder.state_dict())
        tokens = half.to(torch.bfloat16).get_geometry_tokens(maps)
        assert tokens.dtype == torch.bfloat16
        cosine = torch.nn.functional.cosine_similarity(tokens.float(), encoder.get_geometry_tokens(maps), dim=-1)
        assert cosine.min() > 0.99

    def test_bad_shapes(self, encoder):
        with pytest.raises(ValueError, match=r"x, y, z and validity; got \(1, 2, 3, 28, 42\)"):
            encoder.get_geometry_tokens(torch.zeros(1, 2, 3, 28, 42))
        with pytest.raises(ValueError, match="multiples of the patch size 14, got 28 x 40. Use `prepare_pointmaps`"):
            encoder.get_geometry_tokens(torch.zeros(1, 2, 4, 28, 40))

    def test_save_and_reload(self, encoder, tmp_path):
        encoder.save_pretrained(tmp_path)
        reloaded = SpatialMosaicPointmapModel.from_pretrained(tmp_path).eval()
        maps = random_maps(1, 2)
        assert torch.equal(reloaded.get_geometry_tokens(maps), encoder.get_geometry_tokens(maps))


@pytest.fixture(scope="module")
def pointmap_dir(tmp_path_factory, tiny_model_with_structure):
    return tiny_model_with_structure(tmp_path_factory.mktemp("pointmap"), "spatialmosaic_pointmap")


@pytest.fixture
def pointmap_model(pointmap_dir):
    return SpatialMosaicForConditionalGeneration.from_pretrained(pointmap_dir).eval()


@pytest.fixture
def prepare_with_maps(prepare):
    """Model inputs with a point map for every view, made from the view's own colours."""

    def build(samples, questions=None):
        inputs = prepare(samples, questions)
        if "pixel_values" in inputs:
            pixels = inputs["pixel_values"]
            inputs["geometry_values"] = torch.cat([pixels, (pixels[:, :1] > 0.3).float()], dim=1)
        return inputs

    return build


class TestInTheModel:
    @torch.no_grad()
    def test_a_batch_equals_its_samples(self, pointmap_model, prepare_with_maps, random_views):
        samples = [random_views(count) for count in (3, 1, 0, 2, 3)]
        together = pointmap_model(**prepare_with_maps(samples)).logits[:, -1]
        for index, views in enumerate(samples):
            alone = pointmap_model(**prepare_with_maps([views])).logits[0, -1]
            torch.testing.assert_close(together[index], alone, atol=2e-5, rtol=1e-4)

    @torch.no_grad()
    def test_points_reach_the_answer(self, pointmap_model, prepare_with_maps, random_views):
        inputs = prepare_with_maps([random_views(2), random_views(2)])
        logits = pointmap_model(**inputs).logits[:, -1]
        inputs["geometry_values"][2:, :3] = inputs["geometry_values"][2:, :3].flip(-1)
        changed = pointmap_model(**inputs).logits[:, -1]
        torch.testing.assert_close(changed[0], logits[0])
        assert (changed[1] - logits[1]).abs().max() > 1e-3

    @pytest.mark.parametrize(
        "arguments", [{}, {"use_cache": False}, {"num_beams": 3, "num_return_sequences": 2, "do_sample": False}]
    )
    def test_batched_generation_equals_single(self, pointmap_model, prepare_with_maps, random_views, arguments):
        samples = [random_views(count) for count in (3, 1, 2)]
        settings = {"max_new_tokens": 5, "min_new_tokens": 5} | arguments
        together = pointmap_model.generate(**prepare_with_maps(samples), **settings)[:, -5:]
        alone = [pointmap_model.generate(**prepare_with_maps([views]), **settings)[:, -5:] for views in samples]
        assert torch.equal(together, torch.cat(alone))

    def test_beams_repeat_whole_samples(self, pointmap_model, prepare_with_maps, random_views):
        inputs = prepare_with_maps([random_views(2), [], random_views(1)])
        _, expanded = pointmap_model._expand_inputs_for_generation(expand_size=2, **inputs)
        for name in ("pixel_values", "geometry_values"):
            a, b, c = inputs[name]
            assert torch.equal(expanded[name], torch.stack([a, b, a, b, c, c])), name

    def test_the_encoder_runs_once_per_answer(self, pointmap_model, prepare_with_maps, random_views, monkeypatch):
        calls = []
        tower = pointmap_model.model.geometry_tower
        encode = tower.get_geometry_tokens
        monkeypatch.setattr(tower, "get_geometry_tokens", lambda values: calls.append(1) or encode(values))
        pointmap_model.generate(**prepare_with_maps([random_views(2)]), max_new_tokens=4, min_new_tokens=4)
        assert len(calls) == 1

    def test_every_parameter_learns(self, pointmap_model, prepare_with_maps, random_views):
        inputs = prepare_with_maps([random_views(2)])
        inputs["geometry_values"][:, 3, :14] = 0  # a row of patches without points, for the missing token
        pointmap_model(**inputs, labels=inputs.input_ids).loss.backward()
        for name, parameter in pointmap_model.model.geometry_tower.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().max() > 0, name

    def test_inputs_that_do_not_fit_the_encoder(self, pointmap_model, shared_model, prepare_with_maps, random_views):
        inputs = prepare_with_maps([random_views(2)])
        with pytest.raises(ValueError, match="'spatialmosaic_vggt' takes no `geometry_values`"):
            shared_model(**inputs)
        maps = inputs.pop("geometry_values")
        with pytest.raises(ValueError, match="'spatialmosaic_pointmap' takes `geometry_values`, found none"):
            pointmap_model(**inputs)
        with pytest.raises(ValueError, match="must describe the same images.*got 1 and 2"):
            pointmap_model(**inputs, geometry_values=maps[:1])
        with pytest.raises(ValueError, match="pass their `pixel_values` as well"):
            pointmap_model(**prepare_with_maps([[]]), geometry_values=maps)

    def test_training_with_trl(self, pointmap_dir, processor, random_views, tmp_path):
        """Stock SFTTrainer with this project's collator: the point maps arrive, and the encoder learns."""
        from trl import SFTConfig, SFTTrainer
        from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

        rng = np.random.default_rng(0)

        def row(num_views: int) -> dict:
            views = [{"type": "image"} for _ in range(num_views)]
            return {
                "images": random_views(num_views),
                "pointmaps": [rng.random((4, 12, 16), np.float32).round(3).tolist() for _ in range(num_views)],
                "prompt": [{"role": "user", "content": [*views, {"type": "text", "text": "How many?"}]}],
                "completion": [{"role": "assistant", "content": [{"type": "text", "text": "A"}]}],
            }

        model = SpatialMosaicForConditionalGeneration.from_pretrained(pointmap_dir)
        before = {name: tensor.clone() for name, tensor in model.model.geometry_tower.state_dict().items()}
        trainer = SFTTrainer(
            model,
            args=SFTConfig(
                output_dir=str(tmp_path),
                max_steps=2,
                per_device_train_batch_size=2,
                learning_rate=1e-3,
                max_length=None,
                use_cpu=True,
                bf16=False,
                gradient_checkpointing=False,
                report_to="none",
                save_strategy="no",
                remove_unused_columns=False,
                warmup_steps=0,
            ),
            train_dataset=Dataset.from_list([row(2), row(1), row(3), row(2)]),
            processing_class=processor,
            data_collator=PointmapCollator(
                DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True),
                processor.image_processor,
            ),
        )
        trainer.train()
        after = model.model.geometry_tower.state_dict()
        still = [name for name in before if torch.equal(before[name], after[name])]
        assert still in ([], ["missing_token"])  # random validity leaves no patch empty

    def test_a_map_of_another_size_than_its_image_is_brought_to_it(self, processor, random_views):
        pixels = processor.image_processor(random_views(1), return_tensors="pt").pixel_values
        sizes = {
            "image_size": processor.image_processor.image_size,
            "patch_size": processor.image_processor.patch_size,
        }
        assert prepare_pointmaps([np.ones((4, 12, 16), np.float32)], **sizes).shape[2:] == pixels.shape[2:]
