"""The tests that Transformers runs on its own models, run on the vision-language model."""

import unittest
import unittest.mock

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration, SpatialMosaicModel


pytest.importorskip("parameterized", reason="The library's tests need the package parameterized")
library = pytest.importorskip(
    "transformers_tests.test_modeling_common",
    reason="The library's tests are not here; fetch them by `python tests/modeling/common/fetch.py`",
)

# Neither among the first ids nor the last: the tests fill up with the former and cut off the latter
IMAGE_TOKEN_ID = 50


class SpatialMosaicModelTester:
    """Two samples of two views each, 2 x 3 tokens a view."""

    batch_size, num_views, image_size, patch_size = 2, 2, 56, 14
    num_hidden_layers, num_attention_heads, hidden_size = 2, 4, 32
    is_training = True

    def __init__(self, parent):
        self.parent = parent
        self.seq_length = self.num_views * 6 + 5

    def get_config(self) -> SpatialMosaicConfig:
        return SpatialMosaicConfig(
            vision_config={
                "hidden_size": 32,
                "intermediate_size": 37,
                "num_hidden_layers": 3,
                "num_attention_heads": 4,
                "image_size": self.image_size,
                "patch_size": self.patch_size,
            },
            geometry_config={
                "model_type": "spatialmosaic_vggt",
                "hidden_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "vit_num_hidden_layers": 2,
                "vit_num_attention_heads": 4,
                "image_size": self.image_size,
                "patch_size": self.patch_size,
            },
            text_config={
                "model_type": "qwen2",
                "vocab_size": 99,
                "hidden_size": self.hidden_size,
                "intermediate_size": 37,
                "num_hidden_layers": self.num_hidden_layers,
                "num_attention_heads": self.num_attention_heads,
                "num_key_value_heads": 2,
                "max_position_embeddings": 512,
                "bos_token_id": 0,
                "eos_token_id": 1,
                "pad_token_id": 2,
            },
            image_token_id=IMAGE_TOKEN_ID,
            fusion_num_heads=4,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[SpatialMosaicConfig, dict[str, torch.Tensor]]:
        config = self.get_config()
        num_placeholders = self.num_views * config.tokens_per_image
        input_ids = torch.randint(3, IMAGE_TOKEN_ID, (self.batch_size, self.seq_length))
        input_ids[:, 1 : 1 + num_placeholders] = IMAGE_TOKEN_ID
        inputs = {
            "input_ids": input_ids,
            "attention_mask": torch.ones_like(input_ids),
            "pixel_values": torch.rand(self.batch_size * self.num_views, 3, self.image_size, self.image_size),
        }
        return config, inputs


class SpatialMosaicModelTest(library.ModelTesterMixin, library.GenerationTesterMixin, unittest.TestCase):
    all_model_classes = (SpatialMosaicModel, SpatialMosaicForConditionalGeneration)
    all_generative_model_classes = (SpatialMosaicForConditionalGeneration,)
    _is_composite = True
    test_can_init_all_missing_weights_before_2023 = True  # the test's way to tell which models to check

    def setUp(self):
        self.model_tester = SpatialMosaicModelTester(self)

    @pytest.fixture(autouse=True)
    def list_classes(self, monkeypatch):
        """Let the tests find our classes where they look up by name what a class of the library is for."""
        ours = {
            id(library.MODEL_MAPPING_NAMES): ["SpatialMosaicModel"],
            id(library.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES): ["SpatialMosaicForConditionalGeneration"],
        }
        get_values = library.get_values
        monkeypatch.setattr(library, "get_values", lambda mapping: [*get_values(mapping), *ours.get(id(mapping), [])])

    @pytest.fixture(autouse=True)
    def draw_text_only(self, monkeypatch):
        """Ids drawn at random are text: a placeholder without its image is an error here, in the library it is not."""
        ids_tensor = library.ids_tensor
        monkeypatch.setattr(
            library,
            "ids_tensor",
            lambda *args, **kwargs: (ids := ids_tensor(*args, **kwargs)).masked_fill(ids == IMAGE_TOKEN_ID, 0),
        )

    def _prepare_for_class(self, inputs_dict, model_class, return_labels=False):
        inputs = super()._prepare_for_class(inputs_dict, model_class, return_labels)
        if "input_ids" in inputs and "pixel_values" not in inputs:
            # Some tests keep the ids alone; but a placeholder without its image is an error.
            num_images = (inputs["input_ids"] == IMAGE_TOKEN_ID).sum().item() // 6
            side = self.model_tester.image_size
            inputs["pixel_values"] = torch.rand(num_images, 3, side, side) if num_images else None
        return inputs

    # The test asks for one entry per sample, as the library's own expansion over beams does. Ours are one per image:
    # the model expands whole samples itself, which test_generation.py checks.
    @unittest.skip("Features are per image, not per sample")
    def test_get_image_features_pooler_output(self):
        pass

    # In models outside the library, Transformers passes over modules without parameters of their own when it makes up
    # missing weights, and SigLIP's attention is one. No checkpoint lacks those; the test is about our own modules.
    def test_can_init_all_missing_weights(self):
        with unittest.mock.patch.object(library.PreTrainedModel, "is_custom_code", return_value=False):
            super().test_can_init_all_missing_weights()
