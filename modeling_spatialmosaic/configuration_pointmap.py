"""Configuration of the point-map geometry encoder."""

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig


@strict
class SpatialMosaicPointmapConfig(PreTrainedConfig):
    r"""
    Configuration of [`SpatialMosaicPointmapModel`].

    Args:
        hidden_size (`int`, *optional*, defaults to 1024):
            Width of the tokens.
        patch_size (`int`, *optional*, defaults to 14):
            Side of a patch in pixels.
        num_frequencies (`int`, *optional*, defaults to 8):
            Frequencies of the position encoding of a patch: pi, 2 pi, 4 pi, ...
        layer_norm_eps (`float`, *optional*, defaults to 1e-6):
            Epsilon of the final norm.
        initializer_range (`float`, *optional*, defaults to 0.02):
            Standard deviation of newly initialised weights.
    """

    model_type = "spatialmosaic_pointmap"
    base_config_key = "geometry_config"

    hidden_size: int = 1024
    patch_size: int = 14
    num_frequencies: int = 8
    layer_norm_eps: float = 1e-6
    initializer_range: float = 0.02

    @property
    def geometry_dim(self) -> int:
        """Width of the tokens offered to the fusion block."""
        return self.hidden_size


__all__ = ["SpatialMosaicPointmapConfig"]
