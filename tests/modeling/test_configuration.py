import pytest
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicNoGeometryConfig, SpatialMosaicVggtConfig


def test_defaults_are_the_published_sizes():
    config = SpatialMosaicConfig()
    assert (config.vision_grid, config.pooled_grid, config.tokens_per_image) == (27, 14, 210)
    assert config.geometry_config.geometry_dim == 2048
    assert config.text_config.hidden_size == 3584


@pytest.mark.parametrize(
    "geometry", ["spatialmosaic_vggt", "spatialmosaic_da3", "spatialmosaic_pointmap", "spatialmosaic_none"]
)
def test_save_and_reload(tmp_path, geometry):
    config = SpatialMosaicConfig(geometry_config={"model_type": geometry}, fusion_gate=True)
    config.save_pretrained(tmp_path)
    reloaded = AutoConfig.from_pretrained(tmp_path)
    assert {**reloaded.to_dict(), "_name_or_path": ""} == config.to_dict()
    assert type(reloaded.geometry_config) is type(config.geometry_config)


def test_sub_configurations_may_be_objects():
    config = SpatialMosaicConfig(geometry_config=SpatialMosaicNoGeometryConfig())
    assert isinstance(config.geometry_config, SpatialMosaicNoGeometryConfig)


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"fusion_num_heads": 7}, "must be a multiple of `fusion_num_heads`, got 1152 and 7"),
        ({"vision_feature_layer": 0}, "expected -27 to -1 for a tower of 27 layers, got 0"),
        ({"vision_feature_layer": -28}, "got -28"),
        ({"fusion_dropout_placement": "all"}, "fusion_dropout_placement"),
        ({"fusion_dropout": "much"}, "fusion_dropout"),
    ],
)
def test_bad_values(kwargs, match):
    with pytest.raises(StrictDataclassError, match=match):
        SpatialMosaicConfig(**kwargs)


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        (
            {"geometry_config": {"model_type": "vggt"}},
            "must be one of spatialmosaic_da3, spatialmosaic_none, .*, spatialmosaic_vggt; found 'vggt'",
        ),
        ({"text_config": {"hidden_size": 8}}, r"`text_config.model_type` must be .*; found None"),
    ],
)
def test_unknown_parts(kwargs, match):
    with pytest.raises(ValueError, match=match):
        SpatialMosaicConfig(**kwargs)


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"num_attention_heads": 7}, "`hidden_size` must be a multiple of `num_attention_heads`, got 1024 and 7"),
        ({"hidden_size": 60, "num_attention_heads": 10}, "must be a multiple of 4 for 2-D RoPE, got 6"),
        ({"image_size": 500}, "`image_size` must be a multiple of `patch_size`, got 500 and 14"),
    ],
)
def test_bad_vggt_values(kwargs, match):
    with pytest.raises(StrictDataclassError, match=match):
        SpatialMosaicVggtConfig(**{"vit_num_attention_heads": 1, **kwargs})
