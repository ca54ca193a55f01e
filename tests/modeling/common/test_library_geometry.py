"""The tests that Transformers runs on its own models, run on the geometry encoders alone."""

import unittest

import pytest
import torch

from modeling_spatialmosaic import (
    SpatialMosaicDa3Config,
    SpatialMosaicDa3Model,
    SpatialMosaicPointmapConfig,
    SpatialMosaicPointmapModel,
    SpatialMosaicVggtConfig,
    SpatialMosaicVggtModel,
)


pytest.importorskip("parameterized", reason="The library's tests need the package parameterized")
library = pytest.importorskip(
    "transformers_tests.test_modeling_common",
    reason="The library's tests are not here; fetch them by `python tests/modeling/common/fetch.py`",
)


class VggtModelTester:
    """Two scenes of two frames, 4 x 4 patches a frame."""

    batch_size, num_frames, image_size, patch_size = 2, 2, 56, 14
    num_hidden_layers, num_attention_heads, hidden_size = 2, 4, 32
    is_training = False  # an encoder: it has no loss

    def __init__(self, parent):
        self.parent = parent

    def get_config(self) -> SpatialMosaicVggtConfig:
        return SpatialMosaicVggtConfig(
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            vit_num_hidden_layers=2,
            vit_num_attention_heads=4,
            image_size=self.image_size,
            patch_size=self.patch_size,
        )

    def prepare_config_and_inputs_for_common(self):
        shape = (self.batch_size, self.num_frames, 3, self.image_size, self.image_size)
        return self.get_config(), {"pixel_values": torch.rand(shape)}


class Da3ModelTester(VggtModelTester):
    """Three frames, so that a reference is chosen."""

    num_frames = 3

    def get_config(self) -> SpatialMosaicDa3Config:
        return SpatialMosaicDa3Config(
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            alternating_start=1,
            qk_norm_start=1,
            rope_start=1,
            image_size=self.image_size,
            patch_size=self.patch_size,
        )


class PointmapModelTester(VggtModelTester):
    def get_config(self) -> SpatialMosaicPointmapConfig:
        return SpatialMosaicPointmapConfig(hidden_size=self.hidden_size, patch_size=self.patch_size)

    def prepare_config_and_inputs_for_common(self):
        shape = (self.batch_size, self.num_frames, 4, self.image_size, self.image_size)
        return self.get_config(), {"geometry_values": torch.rand(shape)}


class GeometryModelTest(library.ModelTesterMixin):
    test_resize_embeddings = False  # there is no vocabulary
    # Layer outputs are returned by index, on request (`output_layers`): the whole list is what costs the memory.
    has_attentions = False
    test_can_init_all_missing_weights_before_2023 = True  # the test's way to tell which models to check

    @unittest.skip("The encoders return no list of hidden states; see `has_attentions`")
    def test_hidden_states_output(self):
        pass

    @unittest.skip("The encoders return no list of hidden states; see `has_attentions`")
    def test_retain_grad_hidden_states_attentions(self):
        pass

    # The input embedding is a convolution, as in the library's vision models, which replace this test likewise.
    def test_model_get_set_embeddings(self):
        for model_class in self.all_model_classes:
            model = model_class(self.model_tester.get_config())
            self.assertIsInstance(model.get_input_embeddings(), torch.nn.Conv2d)
            self.assertIsNone(model.get_output_embeddings())

    @unittest.skip("Images and point maps are the only inputs, there is nothing to embed")
    def test_inputs_embeds(self):
        pass


class VggtModelTest(GeometryModelTest, unittest.TestCase):
    all_model_classes = (SpatialMosaicVggtModel,)

    def setUp(self):
        self.model_tester = VggtModelTester(self)


class Da3ModelTest(GeometryModelTest, unittest.TestCase):
    all_model_classes = (SpatialMosaicDa3Model,)

    def setUp(self):
        self.model_tester = Da3ModelTester(self)


class PointmapModelTest(GeometryModelTest, unittest.TestCase):
    all_model_classes = (SpatialMosaicPointmapModel,)

    def setUp(self):
        self.model_tester = PointmapModelTester(self)
