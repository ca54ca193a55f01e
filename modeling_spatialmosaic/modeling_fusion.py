"""How geometry reaches the visual tokens: as published, or patch by patch.

Shapes: `F` images of the whole batch, `T` visual tokens of an image, `G` geometry tokens of an image, those of its
patches last, row by row; `Dv` vision width, `Dg` geometry width.
"""

from collections.abc import Callable

import torch
from torch import nn
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from .configuration_spatialmosaic import SpatialMosaicConfig
from .modeling_geometry_layers import eager_attention_forward


class SpatialMosaicCrossAttention(nn.Module):
    """Multi-head attention with its own input and output projections, all of one width."""

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__()
        width = config.vision_config.hidden_size
        self.config = config
        self.head_dim = width // config.fusion_num_heads
        self.is_causal = False
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def _split_heads(self, states: torch.Tensor) -> torch.Tensor:
        return states.unflatten(-1, (-1, self.head_dim)).transpose(1, 2)  # (F, heads, tokens, head_dim)

    def weights(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        """Head-averaged attention weights `(F, T, G)`, float32; rows sum to one."""
        query, key = self._split_heads(self.q_proj(query)), self._split_heads(self.k_proj(key))
        scores = torch.matmul(query, key.transpose(-1, -2)) * self.head_dim**-0.5
        return scores.softmax(dim=-1, dtype=torch.float32).mean(dim=1)

    def forward(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            self._split_heads(proj(states))
            for proj, states in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        attention: Callable = ALL_ATTENTION_FUNCTIONS.get_interface(
            self.config._attn_implementation, eager_attention_forward
        )
        output, _ = attention(self, query, key, value, None, scaling=self.head_dim**-0.5, dropout=0.0)
        return self.out_proj(output.flatten(-2))


class SpatialMosaicFusion(nn.Module):
    """Adds to the visual tokens what a subclass makes of the geometry tokens, its `branch`."""

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__()
        self.dropout_placement = config.fusion_dropout_placement
        self.gate = nn.Parameter(torch.zeros(1)) if config.fusion_gate else None
        self.dropout = nn.Dropout(config.fusion_dropout)

    def branch(self, vision_tokens: torch.Tensor, geometry_tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, vision_tokens: torch.Tensor, geometry_tokens: torch.Tensor) -> torch.Tensor:
        """Fuse `(F, T, Dv)` visual tokens with `(F, G, Dg)` geometry tokens of the same images into `(F, T, Dv)`."""
        branch = self.branch(vision_tokens, geometry_tokens)
        if self.gate is not None:
            branch = self.gate.tanh() * branch
        if self.dropout_placement == "sum":
            return self.dropout(vision_tokens + branch)
        return vision_tokens + self.dropout(branch)


class SpatialMosaicFusionBlock(SpatialMosaicFusion):
    """
    Visual tokens query the geometry tokens of their own image (published model, specification section 4).

    The projections before the attention are followed by the attention's own: two linear maps in a row, as the trained
    weights expect.
    """

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__(config)
        vision_dim, geometry_dim = config.vision_config.hidden_size, config.geometry_config.geometry_dim
        self.vision_norm = nn.LayerNorm(vision_dim)
        self.geometry_norm = nn.LayerNorm(geometry_dim)
        self.query_proj = nn.Linear(vision_dim, vision_dim)
        self.key_proj = nn.Linear(geometry_dim, vision_dim)
        self.value_proj = nn.Linear(geometry_dim, vision_dim)
        self.attention = SpatialMosaicCrossAttention(config)
        self.out_proj = nn.Linear(vision_dim, vision_dim)
        self.out_norm = nn.LayerNorm(vision_dim)

    def branch(self, vision_tokens: torch.Tensor, geometry_tokens: torch.Tensor) -> torch.Tensor:
        geometry_tokens = self.geometry_norm(geometry_tokens)
        attended = self.attention(
            self.query_proj(self.vision_norm(vision_tokens)),
            self.key_proj(geometry_tokens),
            self.value_proj(geometry_tokens),
        )
        return self.out_norm(self.out_proj(attended))

    def attention_weights(self, vision_tokens: torch.Tensor, geometry_tokens: torch.Tensor) -> torch.Tensor:
        """
        Where the visual tokens look: head-averaged weights `(F, T, G)` of the tokens that `forward` takes, float32.

        Computed apart from `forward`, whose attention kernels never hold them.
        """
        return self.attention.weights(
            self.query_proj(self.vision_norm(vision_tokens)), self.key_proj(self.geometry_norm(geometry_tokens))
        )


class SpatialMosaicPatchwiseFusion(SpatialMosaicFusion):
    """
    Each visual token takes up the geometry at its own place, and that of the whole image, by a small network; as in
    Spatial-MLLM (arXiv:2505.23747, section 3.1). Nothing has to learn where to look.

    Its geometry tokens are those of [`sample_patches`], `(F, 1 + T, Dg)`.
    """

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__(config)
        vision_dim, geometry_dim = config.vision_config.hidden_size, config.geometry_config.geometry_dim
        self.geometry_norm = nn.LayerNorm(geometry_dim)
        self.frame_proj = nn.Linear(geometry_dim, vision_dim)
        self.patch_proj = nn.Linear(geometry_dim, vision_dim)
        self.out_proj = nn.Linear(vision_dim, vision_dim)

    def branch(self, vision_tokens: torch.Tensor, geometry_tokens: torch.Tensor) -> torch.Tensor:
        geometry_tokens = self.geometry_norm(geometry_tokens)
        states = self.frame_proj(geometry_tokens[:, :1]) + self.patch_proj(geometry_tokens[:, 1:])
        return self.out_proj(nn.functional.gelu(states))


FUSION_BLOCKS = {"cross_attention": SpatialMosaicFusionBlock, "patchwise": SpatialMosaicPatchwiseFusion}


def sample_patches(
    geometry_tokens: torch.Tensor, image_size: tuple[int, int], config: SpatialMosaicConfig
) -> torch.Tensor:
    """
    Bring geometry tokens to the places of the visual tokens, whatever the grids of the two.

    Args:
        geometry_tokens (`torch.Tensor` of shape `(F, G, Dg)`): those of the patches last, row by row.
        image_size (`tuple[int, int]`): height and width of what the geometry encoder saw, in pixels.

    Returns:
        `torch.Tensor` of shape `(F, 1 + T, Dg)`: the mean of the tokens that have no place, such as VGGT's camera
        token, zero if there is none; then the patches' tokens at the centre of each visual patch, bilinearly.
    """
    rows, columns = (size // config.geometry_config.patch_size for size in image_size)
    ahead, patches = geometry_tokens.split([geometry_tokens.shape[1] - rows * columns, rows * columns], dim=1)
    frame = ahead.mean(dim=1, keepdim=True) if ahead.shape[1] else torch.zeros_like(patches[:, :1])
    vision = config.vision_config
    centres = torch.arange(config.vision_grid, device=patches.device, dtype=patches.dtype) + 0.5
    centres = 2 * centres * vision.patch_size / vision.image_size - 1  # of an image from -1 to 1
    places = torch.stack(torch.meshgrid(centres, centres, indexing="xy"), dim=-1)  # (side, side, 2)
    sampled = nn.functional.grid_sample(
        patches.transpose(1, 2).unflatten(2, (rows, columns)),
        places.expand(len(patches), -1, -1, -1),
        padding_mode="border",
        align_corners=False,
    )
    return torch.cat([frame, sampled.flatten(2).transpose(1, 2)], dim=1)


__all__ = [
    "FUSION_BLOCKS",
    "SpatialMosaicFusion",
    "SpatialMosaicFusionBlock",
    "SpatialMosaicPatchwiseFusion",
    "sample_patches",
]
