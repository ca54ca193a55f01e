"""Geometry encoder for known geometry: per-pixel world points and their validity -> tokens.

The points come from depth sensors, from COLMAP, from ground truth or from another network's point head. They arrive as
`geometry_values`, `(..., 4, H, W)`: x, y, z in one world frame per scene, then 1 where the point is valid and 0 where
it is not. The values of invalid pixels have no influence; points that are not finite count as invalid.

Shapes: `B` scenes, `S` frames of a scene, `H, W` size in pixels, `N` patches of a frame, `C` width.
"""

import math

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import can_return_tuple

from .configuration_pointmap import SpatialMosaicPointmapConfig


def normalize_scene(points: torch.Tensor, valid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Bring the points of each scene to a common origin and scale, whatever its world frame.

    The origin is the median of each coordinate over the valid points of all frames, the scale the median distance from
    it; medians, because sensors and COLMAP make outliers. Points beyond one scale are drawn in, so that the result
    lies within a radius of 2 (the contraction of Mip-NeRF 360, equation 10).

    Args:
        points (`torch.Tensor` of shape `(B, S, 3, H, W)`): world points.
        valid (`torch.Tensor` of shape `(B, S, 1, H, W)`): which of them count.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: normalised points, zero where invalid, of the shape of `points`; and the
        scale in units of the points, `(B,)`, 1 for a scene with fewer than two distinct valid points.
    """
    known = points.masked_fill(~valid, torch.nan).transpose(1, 2).flatten(2)  # (B, 3, S * H * W)
    origin = known.nanmedian(dim=-1, keepdim=True).values.nan_to_num()  # (B, 3, 1)
    scale = (known - origin).norm(dim=1).nanmedian(dim=-1).values.nan_to_num()  # (B,)
    scale = torch.where(scale > 0, scale, 1.0)
    relative = (points - origin[:, None, :, :, None]) / scale[:, None, None, None, None]
    radius = relative.norm(dim=2, keepdim=True).clamp(min=1)  # (B, S, 1, H, W)
    return torch.where(valid, relative * (2 - 1 / radius) / radius, 0.0), scale


class SpatialMosaicPointmapPreTrainedModel(PreTrainedModel):
    config: SpatialMosaicPointmapConfig
    base_model_prefix = "pointmap"
    main_input_name = "geometry_values"
    input_modalities = ("image",)
    _no_split_modules = ["SpatialMosaicPointmapModel"]

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicPointmapModel):
            init.normal_(module.missing_token, std=self.config.initializer_range)


class SpatialMosaicPointmapModel(SpatialMosaicPointmapPreTrainedModel):
    """
    Tokens of a frame: one that tells the scale of its scene (metres stay readable after the normalisation), then one
    per patch, row-major. A patch token holds the normalised points of the patch, their mean and the patch's place in
    the image at several frequencies; a patch without any valid point becomes the learned `missing_token` in its place.

    Frames meet in the common world frame only: no token depends on another frame's points, except through the scene's
    origin and scale.
    """

    def __init__(self, config: SpatialMosaicPointmapConfig):
        super().__init__(config)
        width = config.hidden_size
        self.patch_proj = nn.Conv2d(4, width, kernel_size=config.patch_size, stride=config.patch_size)
        self.point_proj = nn.Linear(6 * config.num_frequencies, width)
        self.place_proj = nn.Linear(4 * config.num_frequencies, width)
        self.scale_proj = nn.Linear(2 * config.num_frequencies, width)
        self.missing_token = nn.Parameter(torch.zeros(width))
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.patch_proj

    def _encode(self, positions: torch.Tensor) -> torch.Tensor:
        """Sines and cosines of `(..., n)` positions at every frequency, `(..., 2 * n * num_frequencies)`."""
        exponents = torch.arange(self.config.num_frequencies, device=positions.device)
        angles = (positions.unsqueeze(-1) * (math.pi * 2.0**exponents)).flatten(-2)
        return torch.cat([angles.sin(), angles.cos()], dim=-1).to(self.dtype)

    def _check_geometry_values(self, geometry_values: torch.Tensor):
        patch_size = self.config.patch_size
        if geometry_values.ndim != 5 or geometry_values.shape[2] != 4:
            raise ValueError(
                "`geometry_values` must have shape (scenes, frames, 4, height, width): x, y, z and validity; got "
                f"{tuple(geometry_values.shape)}."
            )
        if geometry_values.shape[3] % patch_size or geometry_values.shape[4] % patch_size:
            raise ValueError(
                f"Height and width of the point maps must be multiples of the patch size {patch_size}, got "
                f"{geometry_values.shape[3]} x {geometry_values.shape[4]}. Use `prepare_pointmaps`."
            )

    @can_return_tuple
    def forward(self, geometry_values: torch.Tensor, **kwargs) -> BaseModelOutput:
        r"""
        Args:
            geometry_values (`torch.Tensor` of shape `(B, S, 4, H, W)`):
                World points and validity. `H` and `W` must be multiples of the patch size.

        Returns:
            `BaseModelOutput`: `last_hidden_state` of shape `(B, S, 1 + N, C)`.
        """
        self._check_geometry_values(geometry_values)
        # Half precision has too few digits for world coordinates
        points, valid = geometry_values.float().split([3, 1], dim=2)
        valid = (valid > 0.5) & points.isfinite().all(dim=2, keepdim=True)  # (B, S, 1, H, W)
        points, scale = normalize_scene(points, valid)

        maps = torch.cat([points, valid.float()], dim=2).flatten(0, 1)  # (B * S, 4, H, W)
        patches = self.patch_proj(maps.to(self.dtype)).flatten(2).transpose(1, 2)  # (B * S, N, C)
        means = nn.functional.avg_pool2d(maps, self.config.patch_size)  # (B * S, 4, h, w)
        height, width = means.shape[-2:]
        means = means.flatten(2).transpose(1, 2)  # (B * S, N, 4)
        share = means[..., 3:]  # of the patch's pixels that are valid
        patches = patches + self.point_proj(self._encode(means[..., :3] / share.clamp(min=1e-6)))
        patches = torch.where(share > 0, patches, self.missing_token)

        rows, columns = ((torch.arange(n, device=maps.device) + 0.5) / n for n in (height, width))
        places = torch.cartesian_prod(rows, columns)  # (N, 2)
        patches = patches + self.place_proj(self._encode(places))
        # A factor of 1000 in scale is one period of the lowest frequency
        scale_token = self.scale_proj(self._encode(scale.log10()[:, None] / 3 * 2))  # (B, C)
        scale_token = scale_token.repeat_interleave(geometry_values.shape[1], dim=0).unsqueeze(1)

        hidden_states = torch.cat([scale_token, patches], dim=1)  # (B * S, 1 + N, C)
        hidden_states = hidden_states + self.fc2(nn.functional.gelu(self.fc1(hidden_states)))
        return BaseModelOutput(last_hidden_state=self.norm(hidden_states).unflatten(0, geometry_values.shape[:2]))

    def get_geometry_tokens(self, geometry_values: torch.Tensor) -> torch.Tensor:
        """Tokens for the fusion block, `(B, S, 1 + N, C)`."""
        return self(geometry_values).last_hidden_state


__all__ = ["SpatialMosaicPointmapModel", "SpatialMosaicPointmapPreTrainedModel", "normalize_scene"]
