"""Configuration of the native VGGT geometry encoder."""

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_multiview import validate_multiview_config


@strict
class SpatialMosaicVggtConfig(PreTrainedConfig):
    r"""
    Configuration of [`SpatialMosaicVggtModel`] and [`SpatialMosaicVggtForReconstruction`]. The defaults give the
    released 1B size.

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
            Initial layer scale of the aggregator blocks and of the camera head.
        camera_num_hidden_layers (`int`, *optional*, defaults to 4):
            Number of blocks of the camera head.
        camera_num_attention_heads (`int`, *optional*, defaults to 16):
            Attention heads of the camera head, whose width is `2 * hidden_size`.
        camera_num_iterations (`int`, *optional*, defaults to 4):
            Number of times that the camera head refines its estimate.
        out_indices (`list[int]`, *optional*, defaults to `(4, 11, 17, 23)`):
            Zero-based aggregator layers that the dense heads read, from fine to coarse.
        neck_hidden_sizes (`list[int]`, *optional*, defaults to `(256, 512, 1024, 1024)`):
            Width of each level of the dense heads before fusion; multiples of 4.
        fusion_hidden_size (`int`, *optional*, defaults to 256):
            Width at which the dense heads fuse their levels; a multiple of 8.
        head_hidden_size (`int`, *optional*, defaults to 32):
            Width of the last hidden layer of the dense heads.
        dense_chunk_size (`int`, *optional*, defaults to 8):
            Number of frames that a dense head decodes at a time. It bounds memory and does not change results.
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
    camera_num_hidden_layers: int = 4
    camera_num_attention_heads: int = 16
    camera_num_iterations: int = 4
    out_indices: list[int] | tuple[int, ...] = (4, 11, 17, 23)
    neck_hidden_sizes: list[int] | tuple[int, ...] = (256, 512, 1024, 1024)
    fusion_hidden_size: int = 256
    head_hidden_size: int = 32
    dense_chunk_size: int = 8
    initializer_range: float = 0.02

    @property
    def geometry_dim(self) -> int:
        """Width of the tokens offered to the fusion block: frame half and global half of a layer output."""
        return 2 * self.hidden_size

    def validate_architecture(self):
        """Check that heads divide the width, that the rotary halves are even, and the levels of the dense heads."""
        validate_multiview_config(self, ("num_attention_heads", "vit_num_attention_heads"))
        if self.camera_num_iterations < 1:
            raise ValueError(f"`camera_num_iterations` must be at least 1, got {self.camera_num_iterations}.")


__all__ = ["SpatialMosaicVggtConfig"]
