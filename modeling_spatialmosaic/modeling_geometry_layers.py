"""Layers of the encoders of multi-view reconstruction networks: 2-D rotary positions, attention, transformer block.

Shapes: `P` tokens of a sequence, `D` head dimension. Sequences are the tokens of one image, or of all images of a
scene.
"""

from collections.abc import Callable

import torch
from torch import nn
from transformers import PreTrainedConfig
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS


QK_NORM_EPS = 1e-5


def rotary_from_positions(
    positions: torch.Tensor, head_dim: int, frequency: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Cosine and sine of the 2-D rotary angles.

    Args:
        positions (`torch.Tensor` of shape `(..., P, 2)`): integer row and column of every token.
        head_dim (`int`): size of an attention head; its first half follows the row, its second half the column.
        frequency (`float`): base of the frequencies.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: float32 tensors of shape `(..., P, head_dim)`.
    """
    half = head_dim // 2
    exponents = torch.arange(0, half, 2, device=positions.device, dtype=torch.float32) / half  # (half / 2,)
    angles = positions.float().unsqueeze(-1) * frequency**-exponents  # (..., P, 2, half / 2)
    angles = torch.cat([angles, angles], dim=-1).flatten(-2)  # (..., P, head_dim)
    return angles.cos(), angles.sin()


def apply_rotary(states: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotate both halves of `(..., P, head_dim)` states, each by its own angles."""
    first, second = states.unflatten(-1, (2, 2, -1)).unbind(-2)  # each (..., P, 2, half / 2)
    rotated = torch.stack([-second, first], dim=-2).flatten(-3)  # (..., P, head_dim)
    return (states * cos.to(states.dtype)).addcmul_(rotated, sin.to(states.dtype))


def grid_positions(height: int, width: int, num_special_tokens: int, device: torch.device) -> torch.Tensor:
    """Row and column of every token of a frame, `(P, 2)`: patches count from 1, special tokens stand at (0, 0)."""
    rows = torch.arange(1, height + 1, device=device)
    columns = torch.arange(1, width + 1, device=device)
    patches = torch.cartesian_prod(rows, columns)  # (N, 2)
    return torch.cat([patches.new_zeros(num_special_tokens, 2), patches])


def eager_attention_forward(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **kwargs,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Plain attention over `(batch, heads, tokens, head_dim)` states; returns `(batch, tokens, heads, head_dim)`."""
    weights = torch.matmul(query, key.transpose(-1, -2)) * scaling
    if attention_mask is not None:
        weights = weights + attention_mask
    weights = nn.functional.softmax(weights, dim=-1, dtype=torch.float32).to(query.dtype)
    return torch.matmul(weights, value).transpose(1, 2), weights


class SpatialMosaicGeometryAttention(nn.Module):
    """Self-attention with one fused projection; `qk_norm` normalises queries and keys before the rotation."""

    def __init__(self, config: PreTrainedConfig, hidden_size: int, num_heads: int, qk_norm: bool):
        super().__init__()
        self.config = config
        self.head_dim = hidden_size // num_heads
        self.is_causal = False
        self.qkv = nn.Linear(hidden_size, 3 * hidden_size)
        self.q_norm = nn.LayerNorm(self.head_dim, eps=QK_NORM_EPS) if qk_norm else nn.Identity()
        self.k_norm = nn.LayerNorm(self.head_dim, eps=QK_NORM_EPS) if qk_norm else nn.Identity()
        self.proj = nn.Linear(hidden_size, hidden_size)

    def forward(
        self, hidden_states: torch.Tensor, rotary: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> torch.Tensor:
        qkv = self.qkv(hidden_states).unflatten(-1, (3, -1, self.head_dim))  # (batch, tokens, 3, heads, D)
        query, key, value = qkv.transpose(1, 3).unbind(2)  # each (batch, heads, tokens, D)
        query, key = self.q_norm(query), self.k_norm(key)
        if rotary is not None:
            query = apply_rotary(query, *rotary)  # one after the other: what each replaces is freed at once
            key = apply_rotary(key, *rotary)

        implementation = self.config._attn_implementation
        if "flash" in implementation and query.dtype == torch.float32:
            implementation = "sdpa"  # FlashAttention has half-precision kernels only; the heads run in float32
        attention: Callable = ALL_ATTENTION_FUNCTIONS.get_interface(implementation, eager_attention_forward)
        output, _ = attention(self, query, key, value, None, scaling=self.head_dim**-0.5, dropout=0.0)
        return self.proj(output.flatten(-2))


class SpatialMosaicGeometryMlp(nn.Module):
    """Two linear maps around the exact GELU; the tanh form would shift trained outputs by 1e-3."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.fc2 = nn.Linear(hidden_size, output_size)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return self.fc2(nn.functional.gelu(self.fc1(hidden_states)))


class SpatialMosaicGeometryBlock(GradientCheckpointingLayer):
    """Pre-norm transformer block with layer scale. Subclasses fix the settings of the stacks."""

    def __init__(
        self,
        config: PreTrainedConfig,
        hidden_size: int,
        num_heads: int,
        norm_eps: float,
        qk_norm: bool,
        layer_scale_init: float,
    ):
        super().__init__()
        self.layer_scale_init = layer_scale_init
        self.norm1 = nn.LayerNorm(hidden_size, eps=norm_eps)
        self.attn = SpatialMosaicGeometryAttention(config, hidden_size, num_heads, qk_norm)
        self.layer_scale1 = nn.Parameter(torch.full((hidden_size,), layer_scale_init))
        self.norm2 = nn.LayerNorm(hidden_size, eps=norm_eps)
        self.mlp = SpatialMosaicGeometryMlp(hidden_size, config.mlp_ratio * hidden_size, hidden_size)
        self.layer_scale2 = nn.Parameter(torch.full((hidden_size,), layer_scale_init))

    def forward(
        self, hidden_states: torch.Tensor, rotary: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> torch.Tensor:
        hidden_states = hidden_states + self.layer_scale1 * self.attn(self.norm1(hidden_states), rotary)
        return hidden_states + self.layer_scale2 * self.mlp(self.norm2(hidden_states))


def camera_blocks(config: PreTrainedConfig, width: int, norm_eps: float, layer_scale_init: float) -> nn.ModuleList:
    """Blocks in which the frames of a scene attend to each other's cameras: no query/key norm, no rotation."""
    heads, count = config.camera_num_attention_heads, config.camera_num_hidden_layers
    return nn.ModuleList(
        SpatialMosaicGeometryBlock(config, width, heads, norm_eps, qk_norm=False, layer_scale_init=layer_scale_init)
        for _ in range(count)
    )


__all__ = [
    "SpatialMosaicGeometryAttention",
    "SpatialMosaicGeometryBlock",
    "SpatialMosaicGeometryMlp",
    "apply_rotary",
    "camera_blocks",
    "eager_attention_forward",
    "grid_positions",
    "rotary_from_positions",
]
