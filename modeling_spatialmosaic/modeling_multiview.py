"""What encoders of several views share around their blocks: image patches with positions, checks, weights, saving.

Shapes: `B` scenes, `S` frames of a scene, `H, W` image size in pixels, `h, w` patch grid, `N = h * w` patches, `C`
width.
"""

import os
from collections.abc import Sequence

import torch
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init

from .modeling_geometry_layers import SpatialMosaicGeometryBlock


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class SpatialMosaicPatchEmbeddings(nn.Module):
    """
    Images -> the tokens that the blocks read: a class token, registers, patches. Subclasses say how the position table
    is resampled.
    """

    def __init__(self, config: PreTrainedConfig, num_registers: int = 0):
        super().__init__()
        self.config = config
        width, side = config.hidden_size, config.image_size // config.patch_size
        self.proj = nn.Conv2d(3, width, kernel_size=config.patch_size, stride=config.patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_tokens = nn.Parameter(torch.zeros(1, num_registers, width)) if num_registers else None
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + side * side, width))

    def interpolation(self, height: int, width: int, side: int) -> dict:
        """Settings of the bicubic resampling of the table from `side x side` to `height x width` cells."""
        raise NotImplementedError

    def resample_position_table(self, height: int, width: int) -> torch.Tensor:
        """Position table for a grid of `height x width` patches, `(1, 1 + height * width, C)`."""
        side = self.config.image_size // self.config.patch_size
        if height == width == side:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].float().unflatten(1, (side, side)).permute(0, 3, 1, 2)  # (1, C, side, side)
        grid = nn.functional.interpolate(
            grid, mode="bicubic", align_corners=False, **self.interpolation(height, width, side)
        )
        grid = grid.flatten(2).transpose(1, 2)  # (1, N, C)
        return torch.cat([self.pos_embed[:, :1], grid.to(self.pos_embed.dtype)], dim=1)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Normalise images `(n, 3, H, W)`, RGB in [0, 1], and cut them into tokens `(n, 1 + registers + N, C)`."""
        images = images.float()
        mean, std = images.new_tensor(IMAGENET_MEAN), images.new_tensor(IMAGENET_STD)
        images = (images - mean[:, None, None]) / std[:, None, None]
        patches = self.proj(images.to(self.proj.weight.dtype))  # (n, C, h, w)
        table = self.resample_position_table(*patches.shape[-2:])
        special = self.cls_token + table[:, :1]
        if self.register_tokens is not None:
            special = torch.cat([special, self.register_tokens], dim=1)  # registers carry no position
        patches = patches.flatten(2).transpose(1, 2) + table[:, 1:]
        return torch.cat([special.expand(images.shape[0], -1, -1), patches], dim=1)


class SpatialMosaicMultiViewPreTrainedModel(PreTrainedModel):
    """Base of the encoders, with or without heads, that read the views of a scene together."""

    main_input_name = "pixel_values"
    input_modalities = ("image",)
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True
    _auto_map: dict[str, str]  # every class that a saved folder can be loaded as

    def save_pretrained(self, save_directory: str | os.PathLike, **kwargs):
        # Saving one class names that class only; a folder with heads can be loaded without them as well
        self.config.auto_map = dict(self._auto_map)
        super().save_pretrained(save_directory, **kwargs)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicGeometryBlock):
            init.constant_(module.layer_scale1, module.layer_scale_init)
            init.constant_(module.layer_scale2, module.layer_scale_init)
        elif isinstance(module, SpatialMosaicPatchEmbeddings):
            for parameter in (module.cls_token, module.register_tokens, module.pos_embed):
                if parameter is not None:
                    init.normal_(parameter, std=self.config.initializer_range)

    def _check_pixel_values(self, pixel_values: torch.Tensor):
        patch_size = self.config.patch_size
        if pixel_values.ndim != 5 or pixel_values.shape[2] != 3:
            raise ValueError(
                f"`pixel_values` must have shape (scenes, frames, 3, height, width), got {tuple(pixel_values.shape)}."
            )
        if pixel_values.shape[3] % patch_size or pixel_values.shape[4] % patch_size:
            raise ValueError(
                f"Image height and width must be multiples of the patch size {patch_size}, got "
                f"{pixel_values.shape[3]} x {pixel_values.shape[4]}. Use `SpatialMosaicImageProcessor`."
            )

    def _check_output_layers(self, output_layers: Sequence[int]):
        last_layer = self.config.num_hidden_layers - 1
        if not all(0 <= layer <= last_layer for layer in output_layers):
            raise ValueError(f"`output_layers` must be indices from 0 to {last_layer}, got {list(output_layers)}.")

    def _check_out_indices(self):
        last_layer, layers = self.config.num_hidden_layers - 1, self.config.out_indices
        if not all(0 <= layer <= last_layer for layer in layers):
            raise ValueError(f"`out_indices` must be layers of the encoder, 0 to {last_layer}, got {list(layers)}.")

    @staticmethod
    def _check_heads(heads: Sequence[str], known: Sequence[str]):
        if not heads or not set(heads) <= set(known):
            raise ValueError(f"`heads` must name some of {', '.join(known)}, got {list(heads)}.")


__all__ = ["SpatialMosaicMultiViewPreTrainedModel", "SpatialMosaicPatchEmbeddings"]
