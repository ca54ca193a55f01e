"""VGGT with its heads: cameras, depth maps and world points from unordered views (specification, sections 5 to 8).

Shapes: see `modeling_vggt.py`; `M = 2 * C` is the width of a layer output. The heads are kept and run in float32.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import layer_norm, relu, silu
from transformers import initialization as init
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_vggt import SpatialMosaicVggtConfig
from .modeling_dpt import SpatialMosaicDptHead
from .modeling_geometry_layers import SpatialMosaicGeometryMlp, camera_blocks
from .modeling_vggt import AGGREGATOR_NORM_EPS, SpatialMosaicVggtModel, SpatialMosaicVggtPreTrainedModel
from .pose_encoding import POSE_SIZE, decode_pose


ADAPTIVE_NORM_EPS = 1e-6
HEADS = ("camera", "depth", "points")


@dataclass
class SpatialMosaicVggtReconstructionOutput(ModelOutput):
    """
    What a head gives is `None` where it was not asked for. One unit of length holds for a scene; it is not metres.

    Args:
        pose_encodings (`tuple[torch.Tensor]`, each of shape `(B, S, 9)`):
            Encoding of every refinement, see `pose_encoding.py`; the last one is the prediction.
        cam_from_world (`torch.Tensor` of shape `(B, S, 3, 4)`):
            World-to-camera transforms `[R | t]`, OpenCV axes. The world is about the first frame's camera.
        intrinsics (`torch.Tensor` of shape `(B, S, 3, 3)`):
            In pixels of the given images, principal point at the centre.
        depth (`torch.Tensor` of shape `(B, S, H, W, 1)`):
            Distance along the camera's z axis, positive.
        depth_conf (`torch.Tensor` of shape `(B, S, H, W)`):
            Confidence of the depth, above 1.
        world_points (`torch.Tensor` of shape `(B, S, H, W, 3)`):
            What each pixel shows, in the world.
        world_points_conf (`torch.Tensor` of shape `(B, S, H, W)`):
            Confidence of the points, above 1.
    """

    pose_encodings: tuple[torch.Tensor, ...] | None = None
    cam_from_world: torch.Tensor | None = None
    intrinsics: torch.Tensor | None = None
    depth: torch.Tensor | None = None
    depth_conf: torch.Tensor | None = None
    world_points: torch.Tensor | None = None
    world_points_conf: torch.Tensor | None = None


def signed_expm1(values: torch.Tensor) -> torch.Tensor:
    """`sign(v) * (exp(|v|) - 1)`: lets a head span many orders of magnitude on both sides of zero."""
    return values.sign() * values.abs().expm1()


class SpatialMosaicVggtCameraHead(nn.Module):
    """Camera tokens `(B, S, M)` -> pose encodings, refined step by step (specification, section 5)."""

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__()
        self.num_iterations = config.camera_num_iterations
        width = 2 * config.hidden_size
        self.token_norm = nn.LayerNorm(width, eps=AGGREGATOR_NORM_EPS)
        self.empty_pose_tokens = nn.Parameter(torch.zeros(1, 1, POSE_SIZE))
        self.embed_pose = nn.Linear(POSE_SIZE, width)
        self.pose_modulation = nn.Linear(width, 3 * width)
        self.trunk = camera_blocks(config, width, AGGREGATOR_NORM_EPS, config.layer_scale_init)
        self.trunk_norm = nn.LayerNorm(width, eps=AGGREGATOR_NORM_EPS)
        self.pose_branch = SpatialMosaicGeometryMlp(width, width // 2, POSE_SIZE)

    def _refine(self, tokens: torch.Tensor, encoding: torch.Tensor) -> torch.Tensor:
        """Change of the encoding `(B, S, 9)`, given its current value."""
        shift, scale, gate = self.pose_modulation(silu(self.embed_pose(encoding))).chunk(3, dim=-1)
        normalised = layer_norm(tokens, tokens.shape[-1:], eps=ADAPTIVE_NORM_EPS)
        hidden_states = gate * (normalised * (1 + scale) + shift) + tokens
        for block in self.trunk:
            hidden_states = block(hidden_states)
        return self.pose_branch(self.trunk_norm(hidden_states))

    def forward(self, camera_tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        tokens = self.token_norm(camera_tokens.to(self.token_norm.weight.dtype))
        encoding = self._refine(tokens, self.empty_pose_tokens.expand(*tokens.shape[:2], -1))
        encodings = [encoding]
        for _ in range(self.num_iterations - 1):
            encoding = encoding.detach()  # each refinement is trained on its own
            encoding = encoding + self._refine(tokens, encoding)
            encodings.append(encoding)
        # Refinement goes on from negative fields of view; only what is returned is cut at zero
        return tuple(torch.cat([encoding[..., :7], relu(encoding[..., 7:])], dim=-1) for encoding in encodings)


class SpatialMosaicVggtDenseHead(SpatialMosaicDptHead):
    """Layer outputs -> values and confidence of every pixel (specification, section 7)."""

    def __init__(
        self,
        config: SpatialMosaicVggtConfig,
        num_values: int,
        activation: Callable[[torch.Tensor], torch.Tensor],
    ):
        super().__init__(config, num_values, activation, rectified_skip=True)


class SpatialMosaicVggtForReconstruction(SpatialMosaicVggtPreTrainedModel):
    """
    VGGT with camera, depth and point head.

    Each input is a whole scene, so the pipelines for single images do not apply. [`unproject_depth`] turns depth maps
    and cameras into points that are often cleaner than those of the point head.
    """

    _no_split_modules = [
        "SpatialMosaicVggtVitBlock",
        "SpatialMosaicVggtAggregatorBlock",
        "SpatialMosaicVggtCameraHead",
        "SpatialMosaicVggtDenseHead",
    ]
    _keep_in_fp32_modules_strict = ["camera_head", "depth_head", "point_head"]
    _auto_map = {
        **SpatialMosaicVggtPreTrainedModel._auto_map,
        "AutoModelForDepthEstimation": "modeling_vggt_heads.SpatialMosaicVggtForReconstruction",
    }

    def __init__(self, config: SpatialMosaicVggtConfig):
        super().__init__(config)
        self._check_out_indices()
        if 2 * config.hidden_size % config.camera_num_attention_heads:
            raise ValueError(
                "`2 * hidden_size` must be a multiple of `camera_num_attention_heads`, got "
                f"{2 * config.hidden_size} and {config.camera_num_attention_heads}."
            )
        self.vggt = SpatialMosaicVggtModel(config)
        self.camera_head = SpatialMosaicVggtCameraHead(config)
        self.depth_head = SpatialMosaicVggtDenseHead(config, num_values=1, activation=torch.exp)
        self.point_head = SpatialMosaicVggtDenseHead(config, num_values=3, activation=signed_expm1)
        self.post_init()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicVggtCameraHead):
            init.zeros_(module.empty_pose_tokens)

    @can_return_tuple
    def forward(
        self, pixel_values: torch.Tensor, heads: Sequence[str] = HEADS, **kwargs
    ) -> SpatialMosaicVggtReconstructionOutput:
        r"""
        Args:
            pixel_values (`torch.Tensor` of shape `(B, S, 3, H, W)`):
                RGB in [0, 1]. `H` and `W` must be multiples of the patch size. The first frame is the reference.
            heads (`Sequence[str]`, *optional*, defaults to `("camera", "depth", "points")`):
                What to predict. Layer outputs that only other heads read are not kept.
        """
        self._check_heads(heads, HEADS)
        dense = "depth" in heads or "points" in heads
        features = self.vggt(pixel_values, output_layers=self.config.out_indices if dense else ())
        height, width = pixel_values.shape[-2:]
        grid = (height // self.config.patch_size, width // self.config.patch_size)

        output = SpatialMosaicVggtReconstructionOutput()
        with torch.autocast(pixel_values.device.type, enabled=False):
            if "camera" in heads:
                output.pose_encodings = self.camera_head(features.last_hidden_state[:, :, 0])
                output.cam_from_world, output.intrinsics = decode_pose(output.pose_encodings[-1], height, width)
            if "depth" in heads:
                output.depth, output.depth_conf = self.depth_head(features.layer_outputs, *grid)
            if "points" in heads:
                output.world_points, output.world_points_conf = self.point_head(features.layer_outputs, *grid)
        return output


__all__ = [
    "SpatialMosaicVggtForReconstruction",
    "SpatialMosaicVggtReconstructionOutput",
]
