"""Configuration of the native VGGT geometry encoder."""

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig


@strict
class SpatialMosaicVggtConfig(PreTrainedConfig):
    r"""
    Configuration of [`SpatialMosaicVggtModel`]. The defaults give the released 1B size.

    Args:
        hidden_size (`int`, *optional*, defaults to 1024):
            Width of the patch encoder and of the aggregator. A layer output is twice as wide.
        num_hidden_layers (`int`, *optional*, defaults to 24):
            Number of aggregator layers. Each is one frame block followed by one global block.
        num_attention_heads (`int`, *optional*, defaults to 16):
            Attention heads of the aggregator blocks. The head dimension must be a multiple of 4 (2-D RoPE).
        vit_num_hidden_layers (`int`, *optional*, defaults to 24):
            Number of blocks of the patch encoder.
        vit_num_attention_heads (`int`, *optional*, defaults to 16):
            Attention heads of the patch encoder.
        mlp_ratio (`int`, *optional*, defaults to 4):
            Width of every MLP, as a multiple of `hidden_size`.
        num_register_tokens (`int`, *optional*, defaults to 4):
            Register tokens of the patch encoder and, independently, of the aggregator.
        image_size (`int`, *optional*, defaults to 518):
            Side in pixels of the square image whose patches the position table describes. Images of other sizes
            are accepted; the table is resampled for them.
        patch_size (`int`, *optional*, defaults to 14):
            Side of a patch in pixels.
        rope_frequency (`float`, *optional*, defaults to 100.0):
            Base of the rotary frequencies.
        vit_layer_scale_init (`float`, *optional*, defaults to 1.0):
            Initial layer scale of the patch encoder.
        layer_scale_init (`float`, *optional*, defaults to 0.01):
            Initial layer scale of the aggregator blocks.
        initializer_range (`float`, *optional*, defaults to 0.02):
            Standard deviation of newly initialised weights.
    """

    model_type = "spatialmosaic_vggt"
    base_config_key = "geometry_config"

    hidden_size: int = 1024
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    vit_num_hidden_layers: int = 24
    vit_num_attention_heads: int = 16
    mlp_ratio: int = 4
    num_register_tokens: int = 4
    image_size: int = 518
    patch_size: int = 14
    rope_frequency: float = 100.0
    vit_layer_scale_init: float = 1.0
    layer_scale_init: float = 0.01
    initializer_range: float = 0.02

    @property
    def geometry_dim(self) -> int:
        """Width of the tokens offered to the fusion block: frame half and global half of a layer output."""
        return 2 * self.hidden_size

    def validate_architecture(self):
        """Check that heads divide the width, and that the rotary halves are even."""
        for name in ("num_attention_heads", "vit_num_attention_heads"):
            if self.hidden_size % getattr(self, name):
                raise ValueError(
                    f"`hidden_size` must be a multiple of `{name}`, got {self.hidden_size} and {getattr(self, name)}."
                )
        head_dim = self.hidden_size // self.num_attention_heads
        if head_dim % 4:
            raise ValueError(
                "The aggregator's head dimension `hidden_size / num_attention_heads` must be a multiple of 4 for 2-D "
                f"RoPE, got {head_dim}."
            )
        if self.image_size % self.patch_size:
            raise ValueError(
                f"`image_size` must be a multiple of `patch_size`, got {self.image_size} and {self.patch_size}."
            )


__all__ = ["SpatialMosaicVggtConfig"]
