"""Registry of geometry encoders: `geometry_config.model_type` -> configuration class and model class.

A further encoder is one file and one line in `GEOMETRY_ENCODERS`. Its configuration offers `geometry_dim`, the width
of its tokens. Its model is a `PreTrainedModel` with

    get_geometry_tokens(pixel_values) -> torch.Tensor

where `pixel_values` is `(scenes, frames, 3, height, width)`, RGB in [0, 1], and the result is
`(scenes, frames, tokens, geometry_dim)`. Scenes must not influence each other.
"""

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_vggt import SpatialMosaicVggtConfig
from .modeling_vggt import SpatialMosaicVggtModel


@strict
class SpatialMosaicNoGeometryConfig(PreTrainedConfig):
    """No geometry encoder: the control. The model then has no fusion block either."""

    model_type = "spatialmosaic_none"
    base_config_key = "geometry_config"


GEOMETRY_ENCODERS = {
    "spatialmosaic_vggt": (SpatialMosaicVggtConfig, SpatialMosaicVggtModel),
    "spatialmosaic_none": (SpatialMosaicNoGeometryConfig, None),
}


__all__ = ["GEOMETRY_ENCODERS", "SpatialMosaicNoGeometryConfig"]
