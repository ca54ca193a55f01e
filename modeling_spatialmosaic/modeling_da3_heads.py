"""Depth Anything 3 with its heads: cameras, depth maps and ray maps from unordered views (specification, 6 to 9).

Shapes: see `modeling_da3.py`; `h, w` patch grid. The heads are kept and run in float32.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import relu
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_da3 import SpatialMosaicDa3Config
from .modeling_da3 import SpatialMosaicDa3Model, SpatialMosaicDa3PreTrainedModel
from .modeling_dpt import SpatialMosaicDptFusion, SpatialMosaicDptHead, add_position_map
from .modeling_geometry_layers import SpatialMosaicGeometryMlp, camera_blocks
from .pose_encoding import POSE_SIZE, decode_pose, encode_pose, invert_transform


HEAD_NORM_EPS = 1e-5
MIN_SCALE = 0.1
RAY_SIZE = 6
HEADS = ("camera", "depth", "rays")


@dataclass
class SpatialMosaicDa3ReconstructionOutput(ModelOutput):
    """
    What a head gives is `None` where it was not asked for. One unit of length holds for a scene; it is not metres.

    Args:
        pose_encoding (`torch.Tensor` of shape `(B, S, 9)`):
            Camera-to-world transforms and fields of view, see `pose_encoding.py`.
        cam_from_world (`torch.Tensor` of shape `(B, S, 3, 4)`):
            World-to-camera transforms `[R | t]`, OpenCV axes. The world is about the reference frame's camera, or that
            of the given cameras.
        intrinsics (`torch.Tensor` of shape `(B, S, 3, 3)`):
            In pixels of the given images, principal point at the centre.
        depth (`torch.Tensor` of shape `(B, S, H, W, 1)`):
            Distance along the camera's z axis, positive.
        depth_conf (`torch.Tensor` of shape `(B, S, H, W)`):
            Confidence of the depth, above 1.
        rays (`torch.Tensor` of shape `(B, S, 8 * h, 8 * w, 6)`):
            Direction of the ray of each cell, not normalised, then the camera's centre, both in the world.
        rays_conf (`torch.Tensor` of shape `(B, S, 8 * h, 8 * w)`):
            Confidence of the rays, above 1.
    """

    pose_encoding: torch.Tensor | None = None
    cam_from_world: torch.Tensor | None = None
    intrinsics: torch.Tensor | None = None
    depth: torch.Tensor | None = None
    depth_conf: torch.Tensor | None = None
    rays: torch.Tensor | None = None
    rays_conf: torch.Tensor | None = None


def normalize_cameras(cam_from_world: torch.Tensor) -> torch.Tensor:
    """
    Bring given cameras to the world that the network expects: the first camera at the origin, and the median distance
    of all cameras from it 1 (where it is not below `MIN_SCALE`, which then is the unit).

    Args:
        cam_from_world (`torch.Tensor` of shape `(B, S, 3, 4)`): world-to-camera transforms.

    Returns:
        `torch.Tensor` of shape `(B, S, 3, 4)`. Divide depths that belong to the cameras by the same scale.
    """
    world_from_first = invert_transform(cam_from_world[:, :1])
    rotation, translation = cam_from_world.split([3, 1], dim=-1)
    translation = rotation @ world_from_first[..., 3:] + translation
    distances = translation.squeeze(-1).norm(dim=-1)  # (B, S)
    scale = distances.median(dim=1).values.clamp_min(MIN_SCALE)  # of an even number of views, the lower middle one
    return torch.cat([rotation @ world_from_first[..., :3], translation / scale[:, None, None, None]], dim=-1)


class SpatialMosaicDa3CameraEncoder(nn.Module):
    """Encodings of known cameras `(B, S, 9)` -> camera tokens `(B, S, C)` (specification, section 6)."""

    def __init__(self, config: SpatialMosaicDa3Config):
        super().__init__()
        width = config.hidden_size
        self.pose_branch = SpatialMosaicGeometryMlp(POSE_SIZE, width // 2, width)
        self.token_norm = nn.LayerNorm(width, eps=HEAD_NORM_EPS)
        self.trunk = camera_blocks(config, width, HEAD_NORM_EPS, config.camera_layer_scale_init)
        self.trunk_norm = nn.LayerNorm(width, eps=HEAD_NORM_EPS)

    def forward(self, pose_encoding: torch.Tensor) -> torch.Tensor:
        tokens = self.token_norm(self.pose_branch(pose_encoding.to(self.token_norm.weight.dtype)))
        for block in self.trunk:
            tokens = block(tokens)
        return self.trunk_norm(tokens)


class SpatialMosaicDa3CameraDecoder(nn.Module):
    """Camera tokens `(B, S, 2 * C)` -> pose encodings `(B, S, 9)`, each frame by itself (specification, section 7)."""

    def __init__(self, config: SpatialMosaicDa3Config):
        super().__init__()
        width = 2 * config.hidden_size
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.translation = nn.Linear(width, 3)
        self.quaternion = nn.Linear(width, 4)
        self.field_of_view = nn.Linear(width, 2)

    def forward(self, camera_tokens: torch.Tensor) -> torch.Tensor:
        states = relu(self.fc2(relu(self.fc1(camera_tokens.to(self.fc1.weight.dtype)))))
        return torch.cat([self.translation(states), self.quaternion(states), relu(self.field_of_view(states))], dim=-1)


class SpatialMosaicDa3DenseHead(SpatialMosaicDptHead):
    """Layer outputs -> depth and rays, by two fusion chains over one neck (specification, section 9)."""

    def __init__(self, config: SpatialMosaicDa3Config):
        super().__init__(config, num_values=1, activation=torch.exp, rectified_skip=False)
        width, hidden = config.fusion_hidden_size, config.head_hidden_size
        self.ray_fusion = SpatialMosaicDptFusion(width, rectified_skip=False)
        sizes = [width, width // 2] * 3  # of the maps before, between and after the convolutions
        self.ray_convs = nn.Sequential(
            *(nn.Conv2d(*pair, kernel_size=3, padding=1) for pair in itertools.pairwise(sizes))
        )
        self.ray_hidden = nn.Conv2d(width // 2, hidden, kernel_size=3, padding=1)
        self.ray_norm = nn.LayerNorm(hidden, eps=HEAD_NORM_EPS)
        self.ray_output = nn.Conv2d(hidden, RAY_SIZE + 1, kernel_size=1)

    def _decode(
        self, layers: Sequence[torch.Tensor], height: int, width: int, heads: Sequence[str]
    ) -> tuple[torch.Tensor, ...]:
        maps, outputs = self.neck(layers, height, width), ()
        if "depth" in heads:
            outputs += self._decode_pixels(self.fusion(maps), height, width)
        if "rays" in heads:
            outputs += self._decode_rays(self.ray_fusion(maps), width / height)
        return outputs

    def _decode_rays(self, features: torch.Tensor, aspect_ratio: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Rays `(n, 8 * h, 8 * w, 6)` and confidence `(n, 8 * h, 8 * w)` from fused maps."""
        features = self.ray_hidden(add_position_map(self.ray_convs(features), aspect_ratio))
        features = relu(self.ray_norm(features.movedim(1, -1)).movedim(-1, 1))  # the norm is over channels
        output = self.ray_output(features).movedim(1, -1)
        return output[..., :-1], 1 + output[..., -1].exp()


class SpatialMosaicDa3ForReconstruction(SpatialMosaicDa3PreTrainedModel):
    """
    Depth Anything 3 with camera encoder, camera decoder, depth and ray head.

    Each input is a whole scene, so the pipelines for single images do not apply. [`unproject_depth`] turns depth maps
    and cameras into points.
    """

    _no_split_modules = [
        "SpatialMosaicDa3Block",
        "SpatialMosaicDa3CameraEncoder",
        "SpatialMosaicDa3CameraDecoder",
        "SpatialMosaicDa3DenseHead",
    ]
    _keep_in_fp32_modules_strict = ["camera_encoder", "camera_decoder", "dense_head"]
    _auto_map = {
        **SpatialMosaicDa3PreTrainedModel._auto_map,
        "AutoModelForDepthEstimation": "modeling_da3_heads.SpatialMosaicDa3ForReconstruction",
    }

    def __init__(self, config: SpatialMosaicDa3Config):
        super().__init__(config)
        self._check_out_indices()
        if config.hidden_size % config.camera_num_attention_heads:
            raise ValueError(
                "`hidden_size` must be a multiple of `camera_num_attention_heads`, got "
                f"{config.hidden_size} and {config.camera_num_attention_heads}."
            )
        self.da3 = SpatialMosaicDa3Model(config)
        self.camera_encoder = SpatialMosaicDa3CameraEncoder(config)
        self.camera_decoder = SpatialMosaicDa3CameraDecoder(config)
        self.dense_head = SpatialMosaicDa3DenseHead(config)
        self.post_init()

    def _encode_cameras(
        self, pixel_values: torch.Tensor, cam_from_world: torch.Tensor | None, intrinsics: torch.Tensor | None
    ) -> torch.Tensor | None:
        """Tokens of the given cameras, `(B, S, C)`; `None` where none are given."""
        if cam_from_world is None and intrinsics is None:
            return None
        frames = pixel_values.shape[:2]
        found = [None if given is None else tuple(given.shape) for given in (cam_from_world, intrinsics)]
        if found != [(*frames, 3, 4), (*frames, 3, 3)]:
            raise ValueError(
                f"Known cameras are given by `cam_from_world` of shape {(*frames, 3, 4)} and `intrinsics` of shape "
                f"{(*frames, 3, 3)} for these images, both or neither; got {found[0]} and {found[1]}."
            )
        world_from_cam = invert_transform(cam_from_world.float())
        return self.camera_encoder(encode_pose(world_from_cam, intrinsics.float(), *pixel_values.shape[-2:]))

    @can_return_tuple
    def forward(
        self,
        pixel_values: torch.Tensor,
        heads: Sequence[str] = HEADS,
        cam_from_world: torch.Tensor | None = None,
        intrinsics: torch.Tensor | None = None,
        **kwargs,
    ) -> SpatialMosaicDa3ReconstructionOutput:
        r"""
        Args:
            pixel_values (`torch.Tensor` of shape `(B, S, 3, H, W)`):
                RGB in [0, 1]. `H` and `W` must be multiples of the patch size.
            heads (`Sequence[str]`, *optional*, defaults to `("camera", "depth", "rays")`):
                What to predict. Layer outputs that only other heads read are not kept.
            cam_from_world (`torch.Tensor` of shape `(B, S, 3, 4)`, *optional*):
                Known cameras, as [`normalize_cameras`] gives them; only together with `intrinsics`.
            intrinsics (`torch.Tensor` of shape `(B, S, 3, 3)`, *optional*):
                In pixels of the given images. The principal point has no influence.
        """
        self._check_pixel_values(pixel_values)
        self._check_heads(heads, HEADS)
        height, width = pixel_values.shape[-2:]
        with torch.autocast(pixel_values.device.type, enabled=False):
            camera_tokens = self._encode_cameras(pixel_values, cam_from_world, intrinsics)
        dense = [head for head in heads if head != "camera"]
        layers = self.config.out_indices if dense else self.config.out_indices[-1:]
        features = self.da3(pixel_values, output_layers=layers, camera_tokens=camera_tokens)

        output = SpatialMosaicDa3ReconstructionOutput()
        with torch.autocast(pixel_values.device.type, enabled=False):
            if "camera" in heads:
                output.pose_encoding = self.camera_decoder(features.layer_outputs[-1][:, :, 0])
                world_from_cam, output.intrinsics = decode_pose(output.pose_encoding, height, width)
                output.cam_from_world = invert_transform(world_from_cam)
            if dense:
                grid = (height // self.config.patch_size, width // self.config.patch_size)
                maps = self.dense_head(features.layer_outputs, *grid, heads=dense)
                if "depth" in dense:
                    output.depth, output.depth_conf = maps[:2]
                if "rays" in dense:
                    output.rays, output.rays_conf = maps[-2:]
        return output


__all__ = [
    "SpatialMosaicDa3ForReconstruction",
    "SpatialMosaicDa3ReconstructionOutput",
    "normalize_cameras",
]
