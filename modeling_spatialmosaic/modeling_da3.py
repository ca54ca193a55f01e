"""Native PyTorch Depth Anything 3: one vision transformer whose later blocks attend across the views of a scene.

The heads are in `modeling_da3_heads.py`: they read the layer outputs that [`SpatialMosaicDa3Model`] returns on
request.

Shapes: `B` scenes, `S` frames of a scene, `H, W` image size in pixels, `N` patches of a frame, `P = 1 + N` tokens of a
frame (class or camera token, patches), `C` width, `D` head dimension.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from transformers import initialization as init
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_da3 import SpatialMosaicDa3Config
from .modeling_geometry_layers import SpatialMosaicGeometryBlock, grid_positions, rotary_from_positions
from .modeling_multiview import SpatialMosaicMultiViewPreTrainedModel, SpatialMosaicPatchEmbeddings


# Trained weights depend on the epsilons, which differ within the released model
BLOCK_NORM_EPS = 1e-6
FINAL_NORM_EPS = 1e-5
# Added to the size of the resampled position table; it shifts where the table is read
TABLE_OFFSET = 0.1


@dataclass
class SpatialMosaicDa3Output(ModelOutput):
    """
    A layer output holds, on its last axis, what the last block within frames gave, then what the block itself gave,
    the patches of which went through the final norm: `output[:, :, 1:, C:]` are the block's normalised patches.

    Args:
        last_hidden_state (`torch.Tensor` of shape `(B, S, P, 2 * C)`):
            Output of the last block: the camera token, then the patches, frames in the order given.
        layer_outputs (`tuple[torch.Tensor]`, *optional*):
            The layer outputs asked for, in the order asked for, each of shape `(B, S, P, 2 * C)`.
    """

    last_hidden_state: torch.Tensor | None = None
    layer_outputs: tuple[torch.Tensor, ...] | None = None


def choose_reference(class_tokens: torch.Tensor, strategy: str) -> torch.Tensor:
    """
    Choose the frame whose camera the others are seen from (specification, section 4.3).

    Args:
        class_tokens (`torch.Tensor` of shape `(B, S, C)`): one token of every frame.
        strategy (`str`): see [`SpatialMosaicDa3Config`].

    Returns:
        `torch.Tensor` of shape `(B,)`: index of the reference frame of every scene.
    """
    num_scenes, num_frames, _ = class_tokens.shape
    if strategy in {"first", "middle"}:
        index = 0 if strategy == "first" else num_frames // 2
        return torch.full((num_scenes,), index, device=class_tokens.device)
    class_tokens = class_tokens.float()
    lengths = class_tokens.norm(dim=-1)  # (B, S)
    directions = class_tokens / lengths.unsqueeze(-1)
    # No matrix product: under autocast it would round, and the choice with it
    similarity = (directions.unsqueeze(2) * directions.unsqueeze(1)).sum(dim=-1)  # (B, S, S)
    if strategy == "saddle_sim_range":
        similarity = similarity - torch.eye(num_frames, device=similarity.device)
        return (similarity.amax(dim=-1) - similarity.amin(dim=-1)).argmax(dim=-1)
    metrics = torch.stack([(similarity.sum(dim=-1) - 1) / (num_frames - 1), lengths, directions.var(dim=-1)])
    low, high = metrics.aminmax(dim=-1, keepdim=True)
    return ((metrics - low) / (high - low + 1e-8) - 0.5).abs().sum(dim=0).argmin(dim=-1)


def reference_first(reference: torch.Tensor, num_frames: int) -> torch.Tensor:
    """Order of the frames, `(B, S)`: the reference of each scene, `(B,)`, comes first, the others stay in order."""
    frames = torch.arange(num_frames, device=reference.device)
    return torch.where(frames == reference[:, None], -1, frames).argsort(dim=-1)


def take_frames(states: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Bring the frames of each scene of `(B, S, ...)` states into an order `(B, S)`."""
    return states[torch.arange(len(order), device=order.device)[:, None], order]


class SpatialMosaicDa3Embeddings(SpatialMosaicPatchEmbeddings):
    """Images -> class token and patches (specification, section 3)."""

    def interpolation(self, height: int, width: int, side: int) -> dict:
        return {"scale_factor": ((height + TABLE_OFFSET) / side, (width + TABLE_OFFSET) / side)}

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images `(B * S, 3, H, W)`, RGB in [0, 1], as tokens `(B * S, P, C)`."""
        return self.embed(images)


class SpatialMosaicDa3Block(SpatialMosaicGeometryBlock):
    """Block of the backbone; some of the first have no query/key norm."""

    def __init__(self, config: SpatialMosaicDa3Config, layer: int):
        super().__init__(
            config,
            config.hidden_size,
            config.num_attention_heads,
            norm_eps=BLOCK_NORM_EPS,
            qk_norm=layer >= config.qk_norm_start,
            layer_scale_init=config.layer_scale_init,
        )


class SpatialMosaicDa3PreTrainedModel(SpatialMosaicMultiViewPreTrainedModel):
    config: SpatialMosaicDa3Config
    base_model_prefix = "da3"
    _no_split_modules = ["SpatialMosaicDa3Block"]
    _auto_map = {
        "AutoConfig": "configuration_da3.SpatialMosaicDa3Config",
        "AutoModel": "modeling_da3.SpatialMosaicDa3Model",
    }

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicDa3Model):
            init.normal_(module.camera_token, std=self.config.initializer_range)


class SpatialMosaicDa3Model(SpatialMosaicDa3PreTrainedModel):
    """
    Depth Anything 3 without heads (specification, sections 3 to 5): first the tokens of each frame attend to each
    other; then a camera token takes the place of each class token, and every other block lets all tokens of the scene
    attend to each other. Scenes of a batch never mix.

    As a geometry encoder it offers the camera token and the patch tokens of the last layer.
    """

    # A checkpoint of the model with heads may be loaded for its backbone alone
    _keys_to_ignore_on_load_unexpected = [r"^(camera_encoder|camera_decoder|dense_head)\."]

    def __init__(self, config: SpatialMosaicDa3Config):
        super().__init__(config)
        self.patch_embed = SpatialMosaicDa3Embeddings(config)
        # Entry 0 is for the reference frame of a scene, entry 1 for every other frame
        self.camera_token = nn.Parameter(torch.zeros(1, 2, config.hidden_size))
        self.blocks = nn.ModuleList(SpatialMosaicDa3Block(config, layer) for layer in range(config.num_hidden_layers))
        self.norm = nn.LayerNorm(config.hidden_size, eps=FINAL_NORM_EPS)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.patch_embed.proj

    def _learned_camera_tokens(self, num_scenes: int, num_frames: int) -> torch.Tensor:
        """Camera tokens of frames that come with the reference first, `(B, S, C)`."""
        first, others = self.camera_token[:, :1], self.camera_token[:, 1:]
        return torch.cat([first, others.expand(-1, num_frames - 1, -1)], dim=1).expand(num_scenes, -1, -1)

    def _rotary_tables(self, height: int, width: int, num_frames: int, device: torch.device) -> dict[bool, tuple]:
        """Rotary tables of blocks within frames, `(P, D)`, and of those across them, `(S * P, D)`, by `is_global`."""
        head_dim, frequency = self.config.hidden_size // self.config.num_attention_heads, self.config.rope_frequency
        positions = grid_positions(height, width, 1, device)
        # Across frames, all patches stand at one place: no token tells where in its image it is
        together = positions.clamp(max=1).repeat(num_frames, 1)
        return {
            False: rotary_from_positions(positions, head_dim, frequency),
            True: rotary_from_positions(together, head_dim, frequency),
        }

    def _layer_output(
        self, local_states: torch.Tensor, states: torch.Tensor, order: torch.Tensor | None
    ) -> torch.Tensor:
        """Both halves of a layer output from `(B, S, P, C)` states, frames in the order in which they were given."""
        states = torch.cat([states[:, :, :1], self.norm(states[:, :, 1:]).to(states.device)], dim=2)
        # A device map may have put two blocks on different devices
        output = torch.cat([local_states.to(states.device), states], dim=-1)  # (B, S, P, 2 * C)
        return output if order is None else take_frames(output, order.argsort(dim=-1).to(output.device))

    @can_return_tuple
    def forward(
        self,
        pixel_values: torch.Tensor,
        output_layers: Sequence[int] = (),
        camera_tokens: torch.Tensor | None = None,
        **kwargs,
    ) -> SpatialMosaicDa3Output:
        r"""
        Args:
            pixel_values (`torch.Tensor` of shape `(B, S, 3, H, W)`):
                RGB in [0, 1]. `H` and `W` must be multiples of the patch size.
            output_layers (`Sequence[int]`, *optional*, defaults to `()`):
                Zero-based indices of the blocks whose outputs are returned; no other layer output is kept in memory.
            camera_tokens (`torch.Tensor` of shape `(B, S, C)`, *optional*):
                Tokens of known cameras. By default the learned ones are used, and where a scene has three or more
                frames a reference is chosen among them.
        """
        self._check_pixel_values(pixel_values)
        self._check_output_layers(output_layers)
        config, last_layer = self.config, self.config.num_hidden_layers - 1
        num_scenes, num_frames, _, height, width = pixel_values.shape
        chooses_reference = camera_tokens is None and num_frames > 2
        hidden_states = self.patch_embed(pixel_values.flatten(0, 1))  # (B * S, P, C)
        grid = (height // config.patch_size, width // config.patch_size)
        rotary = self._rotary_tables(*grid, num_frames, pixel_values.device)

        order: torch.Tensor | None = None
        kept: dict[int, torch.Tensor] = {}
        frame_shape = hidden_states.shape[1:]  # (P, C)
        scene_shape = (num_scenes, num_frames, *frame_shape)  # (B, S, P, C)
        for layer, block in enumerate(self.blocks):
            if layer == config.alternating_start - 1 and chooses_reference:
                hidden_states = hidden_states.view(scene_shape)
                reference = choose_reference(hidden_states[:, :, 0], config.reference_view)
                order = reference_first(reference, num_frames)
                hidden_states = take_frames(hidden_states, order)
            if layer == config.alternating_start:
                if camera_tokens is None:
                    camera_tokens = self._learned_camera_tokens(num_scenes, num_frames)
                camera_tokens = camera_tokens.to(hidden_states).reshape(-1, 1, frame_shape[1])  # (B * S, 1, C)
                hidden_states = torch.cat([camera_tokens, hidden_states.view(-1, *frame_shape)[:, 1:]], dim=1)
            is_global = layer >= config.alternating_start and layer % 2 == 1
            is_kept = layer == last_layer or layer in output_layers
            # No other name may hold states: each would stay in memory through the next block
            local_states = hidden_states.view(scene_shape) if is_kept and is_global else None
            block_shape = (num_scenes, -1, frame_shape[1]) if is_global else (-1, *frame_shape)
            hidden_states = block(
                hidden_states.view(block_shape), rotary[is_global] if layer >= config.rope_start else None
            )
            if is_kept:
                states = hidden_states.view(scene_shape)
                kept[layer] = self._layer_output(states if local_states is None else local_states, states, order)
                local_states = states = None
        return SpatialMosaicDa3Output(
            last_hidden_state=kept[last_layer], layer_outputs=tuple(kept[layer] for layer in output_layers)
        )

    def get_geometry_tokens(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Tokens for the fusion block, `(B, S, 1 + N, 2 * C)`: the camera token, then the patches."""
        return self(pixel_values).last_hidden_state


__all__ = [
    "SpatialMosaicDa3Model",
    "SpatialMosaicDa3Output",
    "SpatialMosaicDa3PreTrainedModel",
    "choose_reference",
    "reference_first",
]
