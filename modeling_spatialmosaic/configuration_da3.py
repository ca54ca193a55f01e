"""Configuration of the native Depth Anything 3 geometry encoder."""

from typing import Literal

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_multiview import validate_multiview_config


# Settings of the released sizes: `SpatialMosaicDa3Config(**DA3_SIZES["small"])`
DA3_SIZES = {
    "small": {
        "hidden_size": 384,
        "num_attention_heads": 6,
        "neck_hidden_sizes": (48, 96, 192, 384),
        "fusion_hidden_size": 64,
    },
    "base": {},  # the defaults
    "large": {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "alternating_start": 8,
        "qk_norm_start": 8,
        "rope_start": 8,
        "out_indices": (11, 15, 19, 23),
        "neck_hidden_sizes": (256, 512, 1024, 1024),
        "fusion_hidden_size": 256,
    },
}


@strict
class SpatialMosaicDa3Config(PreTrainedConfig):
    r"""
    Configuration of [`SpatialMosaicDa3Model`] and [`SpatialMosaicDa3ForReconstruction`]. The defaults give the
    released BASE size; `DA3_SIZES` holds the others.

    Args:
        hidden_size (`int`, *optional*, defaults to 768):
            Width of the blocks. A layer output is twice as wide.
        num_hidden_layers (`int`, *optional*, defaults to 12):
            Number of blocks.
        num_attention_heads (`int`, *optional*, defaults to 12):
            Attention heads of the blocks. The head dimension must be a multiple of 4 (2-D RoPE).
        mlp_ratio (`int`, *optional*, defaults to 4):
            Width of every MLP, as a multiple of `hidden_size`.
        alternating_start (`int`, *optional*, defaults to 4):
            First block that sees a camera token. From it on, every block of odd index lets all tokens of a scene
            attend to each other; all other blocks stay within a frame.
        qk_norm_start (`int`, *optional*, defaults to 4):
            First block that normalises queries and keys.
        rope_start (`int`, *optional*, defaults to 4):
            First block with rotary positions.
        rope_frequency (`float`, *optional*, defaults to 100.0):
            Base of the rotary frequencies.
        reference_view (`str`, *optional*, defaults to `"saddle_balanced"`):
            How the reference is chosen among three or more frames: by their class tokens (`"saddle_balanced"` or
            `"saddle_sim_range"`, whose ties are decided by rounding), or the `"first"` or `"middle"` one.
        image_size (`int`, *optional*, defaults to 518):
            Side in pixels of the square image whose patches the position table describes. Images of other sizes
            are accepted; the table is resampled for them.
        patch_size (`int`, *optional*, defaults to 14):
            Side of a patch in pixels.
        layer_scale_init (`float`, *optional*, defaults to 1.0):
            Initial layer scale of the blocks.
        camera_num_hidden_layers (`int`, *optional*, defaults to 4):
            Number of blocks of the camera encoder, which reads given cameras.
        camera_num_attention_heads (`int`, *optional*, defaults to 16):
            Attention heads of the camera encoder, whose width is `hidden_size`.
        camera_layer_scale_init (`float`, *optional*, defaults to 0.01):
            Initial layer scale of the camera encoder.
        out_indices (`list[int]`, *optional*, defaults to `(5, 7, 9, 11)`):
            Zero-based blocks that the dense head reads, from fine to coarse.
        neck_hidden_sizes (`list[int]`, *optional*, defaults to `(96, 192, 384, 768)`):
            Width of each level of the dense head before fusion; multiples of 4.
        fusion_hidden_size (`int`, *optional*, defaults to 128):
            Width at which the dense head fuses its levels; a multiple of 8.
        head_hidden_size (`int`, *optional*, defaults to 32):
            Width of the last hidden layers of the dense head.
        dense_chunk_size (`int`, *optional*, defaults to 8):
            Number of frames that the dense head decodes at a time. It bounds memory and does not change results.
        initializer_range (`float`, *optional*, defaults to 0.02):
            Standard deviation of newly initialised weights.
    """

    model_type = "spatialmosaic_da3"
    base_config_key = "geometry_config"

    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    mlp_ratio: int = 4
    alternating_start: int = 4
    qk_norm_start: int = 4
    rope_start: int = 4
    rope_frequency: float = 100.0
    reference_view: Literal["saddle_balanced", "saddle_sim_range", "first", "middle"] = "saddle_balanced"
    image_size: int = 518
    patch_size: int = 14
    layer_scale_init: float = 1.0
    camera_num_hidden_layers: int = 4
    camera_num_attention_heads: int = 16
    camera_layer_scale_init: float = 0.01
    out_indices: list[int] | tuple[int, ...] = (5, 7, 9, 11)
    neck_hidden_sizes: list[int] | tuple[int, ...] = (96, 192, 384, 768)
    fusion_hidden_size: int = 128
    head_hidden_size: int = 32
    dense_chunk_size: int = 8
    initializer_range: float = 0.02

    @property
    def geometry_dim(self) -> int:
        """Width of the tokens offered to the fusion block: local half and global half of a layer output."""
        return 2 * self.hidden_size

    def validate_architecture(self):
        """Check that heads divide the width, the rotary halves, where the camera tokens enter, and the dense head."""
        validate_multiview_config(self, ("num_attention_heads",))
        if not 1 <= self.alternating_start < self.num_hidden_layers:
            raise ValueError(
                f"`alternating_start` must be a block from 1 to {self.num_hidden_layers - 1}, got "
                f"{self.alternating_start}."
            )


__all__ = ["DA3_SIZES", "SpatialMosaicDa3Config"]
