"""Registry of geometry encoders: `geometry_config.model_type` -> configuration class and model class.

A further encoder is one file and one line in `GEOMETRY_ENCODERS`. Its configuration offers `geometry_dim`, the width
of its tokens. Its model is a `PreTrainedModel` with

    get_geometry_tokens(values) -> torch.Tensor of shape (scenes, frames, tokens, geometry_dim)

where `values` is the input that its `main_input_name` names, `(scenes, frames, channels, height, width)`: either
`pixel_values`, RGB in [0, 1], or `geometry_values`, whatever its users pass beside the images. Scenes must not
influence each other. docs/geometry_encoders.md shows one.
"""

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_da3 import SpatialMosaicDa3Config
from .configuration_pointmap import SpatialMosaicPointmapConfig
from .configuration_vggt import SpatialMosaicVggtConfig
from .modeling_da3 import SpatialMosaicDa3Model
from .modeling_pointmap import SpatialMosaicPointmapModel
from .modeling_vggt import SpatialMosaicVggtModel


@strict
class SpatialMosaicNoGeometryConfig(PreTrainedConfig):
    """No geometry encoder: the control. The model then has no fusion block either."""

    model_type = "spatialmosaic_none"
    base_config_key = "geometry_config"


GEOMETRY_ENCODERS = {
    "spatialmosaic_vggt": (SpatialMosaicVggtConfig, SpatialMosaicVggtModel),
    "spatialmosaic_da3": (SpatialMosaicDa3Config, SpatialMosaicDa3Model),
    "spatialmosaic_pointmap": (SpatialMosaicPointmapConfig, SpatialMosaicPointmapModel),
    "spatialmosaic_none": (SpatialMosaicNoGeometryConfig, None),
}


__all__ = ["GEOMETRY_ENCODERS", "SpatialMosaicNoGeometryConfig"]
