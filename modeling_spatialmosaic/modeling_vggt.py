"""Native PyTorch VGGT: patch encoder and alternating-attention aggregator.

The heads are in `modeling_vggt_heads.py`: they read the layer outputs that [`SpatialMosaicVggtModel`] returns on
request.

Shapes: `B` scenes, `S` frames of a scene, `H, W` image size in pixels, `h, w` patch grid, `N = h * w` patches,
`P = 1 + R + N` tokens of a frame (camera, `R` registers, patches), `C` width, `D` head dimension.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from transformers import initialization as init
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_vggt import SpatialMosaicVggtConfig
from .modeling_geometry_layers import SpatialMosaicGeometryBlock, grid_positions, rotary_from_positions
from .modeling_multiview import SpatialMosaicMultiViewPreTrainedModel, SpatialMosaicPatchEmbeddings


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


class SpatialMosaicVggtVitBlock(SpatialMosaicGeometryBlock):
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


class SpatialMosaicVggtAggregatorBlock(SpatialMosaicGeometryBlock):
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


class SpatialMosaicVggtPatchEncoder(SpatialMosaicPatchEmbeddings):
    """DINOv2-style vision transformer with registers that keeps only its patch tokens (specification, section 3)."""

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__(config, config.num_register_tokens)
        self.blocks = nn.ModuleList(SpatialMosaicVggtVitBlock(config) for _ in range(config.vit_num_hidden_layers))
        self.norm = nn.LayerNorm(config.hidden_size, eps=VIT_NORM_EPS)

    def interpolation(self, height: int, width: int, side: int) -> dict:
        return {"size": (height, width), "antialias": True}

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Encode images `(B * S, 3, H, W)`, RGB in [0, 1], into patch tokens `(B * S, N, C)`, row-major."""
        hidden_states = self.embed(images)  # (B * S, 1 + R + N, C)
        for block in self.blocks:
            hidden_states = block(hidden_states)
        return self.norm(hidden_states)[:, 1 + self.config.num_register_tokens :]


class SpatialMosaicVggtPreTrainedModel(SpatialMosaicMultiViewPreTrainedModel):
    config: SpatialMosaicVggtConfig
    base_model_prefix = "vggt"
    _no_split_modules = ["SpatialMosaicVggtVitBlock", "SpatialMosaicVggtAggregatorBlock"]
    _auto_map = {
        "AutoConfig": "configuration_vggt.SpatialMosaicVggtConfig",
        "AutoModel": "modeling_vggt.SpatialMosaicVggtModel",
    }

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicVggtModel):
            init.normal_(module.camera_token, std=self.config.initializer_range)
            init.normal_(module.register_token, std=self.config.initializer_range)


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
        self._check_output_layers(output_layers)
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
