"""Native PyTorch VGGT: patch encoder and alternating-attention aggregator.

The heads are in `modeling_vggt_heads.py`: they read the layer outputs that [`SpatialMosaicVggtModel`] returns on
request.

Shapes: `B` scenes, `S` frames of a scene, `H, W` image size in pixels, `h, w` patch grid, `N = h * w` patches,
`P = 1 + R + N` tokens of a frame (camera, `R` registers, patches), `C` width, `D` head dimension.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_vggt import SpatialMosaicVggtConfig


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# The two stacks of the released model were trained with different epsilons; trained weights depend on them.
VIT_NORM_EPS = 1e-6
AGGREGATOR_NORM_EPS = 1e-5


@dataclass
class SpatialMosaicVggtOutput(ModelOutput):
    """
    Args:
        last_hidden_state (`torch.Tensor` of shape `(B, S, P, 2 * C)`):
            Output of the last layer: frame block output, then global block output, on the last axis.
        layer_outputs (`tuple[torch.Tensor]`, *optional*):
            The layer outputs asked for, in the order asked for, each of shape `(B, S, P, 2 * C)`.
    """

    last_hidden_state: torch.Tensor | None = None
    layer_outputs: tuple[torch.Tensor, ...] | None = None


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


class SpatialMosaicVggtAttention(nn.Module):
    """Self-attention with one fused projection; `qk_norm` normalises queries and keys before the rotation."""

    def __init__(self, config: PreTrainedConfig, hidden_size: int, num_heads: int, qk_norm: bool):
        super().__init__()
        self.config = config
        self.head_dim = hidden_size // num_heads
        self.is_causal = False
        self.qkv = nn.Linear(hidden_size, 3 * hidden_size)
        self.q_norm = nn.LayerNorm(self.head_dim, eps=AGGREGATOR_NORM_EPS) if qk_norm else nn.Identity()
        self.k_norm = nn.LayerNorm(self.head_dim, eps=AGGREGATOR_NORM_EPS) if qk_norm else nn.Identity()
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


class SpatialMosaicVggtMlp(nn.Module):
    """Two linear maps around the exact GELU; the tanh form would shift trained outputs by 1e-3."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.fc2 = nn.Linear(hidden_size, output_size)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return self.fc2(nn.functional.gelu(self.fc1(hidden_states)))


class SpatialMosaicVggtBlock(GradientCheckpointingLayer):
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
        self.attn = SpatialMosaicVggtAttention(config, hidden_size, num_heads, qk_norm)
        self.layer_scale1 = nn.Parameter(torch.full((hidden_size,), layer_scale_init))
        self.norm2 = nn.LayerNorm(hidden_size, eps=norm_eps)
        self.mlp = SpatialMosaicVggtMlp(hidden_size, config.mlp_ratio * hidden_size, hidden_size)
        self.layer_scale2 = nn.Parameter(torch.full((hidden_size,), layer_scale_init))

    def forward(
        self, hidden_states: torch.Tensor, rotary: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> torch.Tensor:
        hidden_states = hidden_states + self.layer_scale1 * self.attn(self.norm1(hidden_states), rotary)
        return hidden_states + self.layer_scale2 * self.mlp(self.norm2(hidden_states))


class SpatialMosaicVggtVitBlock(SpatialMosaicVggtBlock):
    """Block of the patch encoder: no query/key norm, no rotation."""

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__(
            config,
            config.hidden_size,
            config.vit_num_attention_heads,
            norm_eps=VIT_NORM_EPS,
            qk_norm=False,
            layer_scale_init=config.vit_layer_scale_init,
        )


class SpatialMosaicVggtAggregatorBlock(SpatialMosaicVggtBlock):
    """Frame or global block of the aggregator."""

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__(
            config,
            config.hidden_size,
            config.num_attention_heads,
            norm_eps=AGGREGATOR_NORM_EPS,
            qk_norm=True,
            layer_scale_init=config.layer_scale_init,
        )


class SpatialMosaicVggtPatchEncoder(nn.Module):
    """DINOv2-style vision transformer with registers that keeps only its patch tokens (specification, section 3)."""

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__()
        self.config = config
        width, side = config.hidden_size, config.image_size // config.patch_size
        self.proj = nn.Conv2d(3, width, kernel_size=config.patch_size, stride=config.patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_tokens = nn.Parameter(torch.zeros(1, config.num_register_tokens, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + side * side, width))
        self.blocks = nn.ModuleList(SpatialMosaicVggtVitBlock(config) for _ in range(config.vit_num_hidden_layers))
        self.norm = nn.LayerNorm(width, eps=VIT_NORM_EPS)

    def resample_position_table(self, height: int, width: int) -> torch.Tensor:
        """Position table for a grid of `height x width` patches, `(1, 1 + height * width, C)`."""
        side = self.config.image_size // self.config.patch_size
        if height == width == side:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].float().unflatten(1, (side, side)).permute(0, 3, 1, 2)  # (1, C, side, side)
        grid = nn.functional.interpolate(
            grid, size=(height, width), mode="bicubic", antialias=True, align_corners=False
        )
        grid = grid.flatten(2).transpose(1, 2)  # (1, N, C)
        return torch.cat([self.pos_embed[:, :1], grid.to(self.pos_embed.dtype)], dim=1)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Normalise images and cut them into the tokens that the blocks read, `(B * S, 1 + R + N, C)`."""
        images = images.float()
        mean, std = images.new_tensor(IMAGENET_MEAN), images.new_tensor(IMAGENET_STD)
        images = (images - mean[:, None, None]) / std[:, None, None]
        patches = self.proj(images.to(self.proj.weight.dtype))  # (B * S, C, h, w)
        table = self.resample_position_table(*patches.shape[-2:])
        num_images = images.shape[0]
        # Registers go between the class token and the patches and carry no position.
        return torch.cat(
            [
                (self.cls_token + table[:, :1]).expand(num_images, -1, -1),
                self.register_tokens.expand(num_images, -1, -1),
                patches.flatten(2).transpose(1, 2) + table[:, 1:],
            ],
            dim=1,
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Encode images `(B * S, 3, H, W)`, RGB in [0, 1], into patch tokens `(B * S, N, C)`, row-major."""
        hidden_states = self.embed(images)
        for block in self.blocks:
            hidden_states = block(hidden_states)
        return self.norm(hidden_states)[:, 1 + self.config.num_register_tokens :]


class SpatialMosaicVggtPreTrainedModel(PreTrainedModel):
    config: SpatialMosaicVggtConfig
    base_model_prefix = "vggt"
    main_input_name = "pixel_values"
    input_modalities = ("image",)
    supports_gradient_checkpointing = True
    _no_split_modules = ["SpatialMosaicVggtVitBlock", "SpatialMosaicVggtAggregatorBlock"]
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True
    _auto_map = {
        "AutoConfig": "configuration_vggt.SpatialMosaicVggtConfig",
        "AutoModel": "modeling_vggt.SpatialMosaicVggtModel",
    }

    def save_pretrained(self, save_directory: str | os.PathLike, **kwargs):
        # Saving one class names that class only; a folder with heads can be loaded without them as well
        self.config.auto_map = dict(self._auto_map)
        super().save_pretrained(save_directory, **kwargs)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        std = self.config.initializer_range
        if isinstance(module, SpatialMosaicVggtBlock):
            init.constant_(module.layer_scale1, module.layer_scale_init)
            init.constant_(module.layer_scale2, module.layer_scale_init)
        elif isinstance(module, SpatialMosaicVggtPatchEncoder):
            for parameter in (module.cls_token, module.register_tokens, module.pos_embed):
                init.normal_(parameter, std=std)
        elif isinstance(module, SpatialMosaicVggtModel):
            init.normal_(module.camera_token, std=std)
            init.normal_(module.register_token, std=std)


class SpatialMosaicVggtModel(SpatialMosaicVggtPreTrainedModel):
    """
    VGGT aggregator (specification, section 4): every layer lets the tokens of each frame attend to each other, then
    all tokens of the scene. Scenes of a batch never mix.

    As a geometry encoder it offers the camera token and the patch tokens of the last layer.
    """

    # A checkpoint of the model with heads may be loaded for its aggregator alone
    _keys_to_ignore_on_load_unexpected = [r"^(camera|depth|point)_head\."]

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__(config)
        width, depth = config.hidden_size, config.num_hidden_layers
        self.patch_embed = SpatialMosaicVggtPatchEncoder(config)
        # Second axis: entry 0 is for the first frame of a scene, entry 1 for every other frame.
        self.camera_token = nn.Parameter(torch.zeros(1, 2, 1, width))
        self.register_token = nn.Parameter(torch.zeros(1, 2, config.num_register_tokens, width))
        self.frame_blocks = nn.ModuleList(SpatialMosaicVggtAggregatorBlock(config) for _ in range(depth))
        self.global_blocks = nn.ModuleList(SpatialMosaicVggtAggregatorBlock(config) for _ in range(depth))
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.patch_embed.proj

    def _special_tokens(self, num_scenes: int, num_frames: int) -> torch.Tensor:
        """Camera and register tokens of every frame, `(B * S, 1 + R, C)`."""
        tokens = torch.cat([self.camera_token, self.register_token], dim=2)  # (1, 2, 1 + R, C)
        first, others = tokens[:, :1], tokens[:, 1:]
        tokens = torch.cat([first, others.expand(-1, num_frames - 1, -1, -1)], dim=1)  # (1, S, 1 + R, C)
        return tokens.expand(num_scenes, -1, -1, -1).flatten(0, 1)

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

    @can_return_tuple
    def forward(
        self, pixel_values: torch.Tensor, output_layers: Sequence[int] = (), **kwargs
    ) -> SpatialMosaicVggtOutput:
        r"""
        Args:
            pixel_values (`torch.Tensor` of shape `(B, S, 3, H, W)`):
                RGB in [0, 1]. `H` and `W` must be multiples of the patch size. The first frame is the reference.
            output_layers (`Sequence[int]`, *optional*, defaults to `()`):
                Zero-based indices of the layers whose outputs are returned; no other layer output is kept in memory.
        """
        self._check_pixel_values(pixel_values)
        last_layer = len(self.frame_blocks) - 1
        if not all(0 <= layer <= last_layer for layer in output_layers):
            raise ValueError(f"`output_layers` must be indices from 0 to {last_layer}, got {list(output_layers)}.")
        num_scenes, num_frames, _, height, width = pixel_values.shape
        special_tokens = self._special_tokens(num_scenes, num_frames)
        hidden_states = torch.cat(
            [special_tokens, self.patch_embed(pixel_values.flatten(0, 1))], dim=1
        )  # (B * S, P, C)

        grid = (height // self.config.patch_size, width // self.config.patch_size)
        positions = grid_positions(*grid, special_tokens.shape[1], pixel_values.device)
        head_dim = self.config.hidden_size // self.config.num_attention_heads
        frame_rotary = rotary_from_positions(positions, head_dim, self.config.rope_frequency)  # 2 x (P, D)
        global_rotary = tuple(table.repeat(num_frames, 1) for table in frame_rotary)  # 2 x (S * P, D)

        kept: dict[int, torch.Tensor] = {}
        scene_shape = (num_scenes, num_frames, *hidden_states.shape[1:])  # (B, S, P, C)
        for layer, (frame_block, global_block) in enumerate(zip(self.frame_blocks, self.global_blocks, strict=True)):
            hidden_states = frame_block(hidden_states.view(-1, *scene_shape[2:]), frame_rotary)  # (B * S, P, C)
            # No other name may hold states: each would stay in memory through the next block
            frame_states = hidden_states.view(scene_shape) if layer == last_layer or layer in output_layers else None
            hidden_states = global_block(hidden_states.view(num_scenes, -1, scene_shape[3]), global_rotary)
            if frame_states is not None:
                # A device map may have put the two blocks on different devices
                frame_states = frame_states.to(hidden_states.device)
                kept[layer] = torch.cat([frame_states, hidden_states.view(scene_shape)], dim=-1)  # (B, S, P, 2 * C)
                frame_states = None
        return SpatialMosaicVggtOutput(
            last_hidden_state=kept[last_layer], layer_outputs=tuple(kept[layer] for layer in output_layers)
        )

    def get_geometry_tokens(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Tokens for the fusion block, `(B, S, 1 + N, 2 * C)`: the camera token, then the patches; no registers."""
        tokens = self(pixel_values).last_hidden_state  # (B, S, P, 2 * C)
        return torch.cat([tokens[:, :, :1], tokens[:, :, 1 + self.config.num_register_tokens :]], dim=2)


__all__ = ["SpatialMosaicVggtModel", "SpatialMosaicVggtOutput", "SpatialMosaicVggtPreTrainedModel"]
