"""Dense prediction transformers: patch tokens of four layers -> one fused map -> values and confidence of every pixel.

Shapes: `n` images, `h, w` patch grid, `N = h * w`, `F` fused width, `H, W` image size in pixels; `B` scenes of `S`
frames. The four levels go from fine to coarse.
"""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn.functional import interpolate, relu
from transformers import PreTrainedConfig


TOKEN_NORM_EPS = 1e-5
POSITION_MAP_FREQUENCY = 100.0
POSITION_MAP_SCALE = 0.1


def _sinusoids(coordinates: torch.Tensor, num_channels: int) -> torch.Tensor:
    """All sines, then all cosines, of every coordinate, `(num_channels, len(coordinates))`."""
    half = num_channels // 2
    frequencies = POSITION_MAP_FREQUENCY ** -(torch.arange(half, dtype=torch.float64, device="cpu") / half)
    angles = frequencies[:, None] * coordinates
    return torch.cat([angles.sin(), angles.cos()])


def position_map(
    num_channels: int, height: int, width: int, aspect_ratio: float, device: torch.device | None = None
) -> torch.Tensor:
    """
    Sinusoidal position map: the first half of the channels encodes the column, the second half the row.

    Cell centres are laid out on an image whose half diagonal is 1. Angles are evaluated in float64 on the CPU.

    Args:
        num_channels (`int`): a multiple of 4.
        height (`int`): rows of the map.
        width (`int`): columns of the map.
        aspect_ratio (`float`): width over height of the *image*, whatever the map's own.
        device (`torch.device`, *optional*): where the map is laid out.

    Returns:
        `torch.Tensor` of shape `(num_channels, height, width)`, float32.
    """
    diagonal = (aspect_ratio**2 + 1) ** 0.5
    end_x = aspect_ratio / diagonal * (width - 1) / width
    end_y = 1 / diagonal * (height - 1) / height
    columns, rows = (
        _sinusoids(torch.linspace(-end, end, steps, dtype=torch.float64, device="cpu"), num_channels // 2)
        .float()
        .to(device=device)
        for end, steps in ((end_x, width), (end_y, height))
    )
    return torch.cat([columns[:, None].expand(-1, height, -1), rows[:, :, None].expand(-1, -1, width)])


def add_position_map(features: torch.Tensor, aspect_ratio: float) -> torch.Tensor:
    """Add the scaled position map of the features' own size `(n, channels, height, width)`."""
    positions = position_map(*features.shape[1:], aspect_ratio, features.device)
    return torch.add(features, positions.to(features.dtype), alpha=POSITION_MAP_SCALE)


class SpatialMosaicDptResidualUnit(nn.Module):
    """
    Two convolutions around which the input is carried; `rectified_skip` says whether its ReLU is carried instead.

    VGGT's weights were trained with an in-place ReLU, so that its skip connections carry rectified values.
    """

    def __init__(self, size: int, rectified_skip: bool):
        super().__init__()
        self.rectified_skip = rectified_skip
        self.conv1 = nn.Conv2d(size, size, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(size, size, kernel_size=3, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        rectified = relu(features)
        skip = rectified if self.rectified_skip else features
        return skip + self.conv2(relu(self.conv1(rectified)))


class SpatialMosaicDptFusionLayer(nn.Module):
    """Add a finer level, refine, and resize. The coarsest layer has nothing to add to, hence no first unit."""

    def __init__(self, size: int, rectified_skip: bool, is_coarsest: bool):
        super().__init__()
        self.residual_unit1 = None if is_coarsest else SpatialMosaicDptResidualUnit(size, rectified_skip)
        self.residual_unit2 = SpatialMosaicDptResidualUnit(size, rectified_skip)
        self.projection = nn.Conv2d(size, size, kernel_size=1)

    def forward(
        self, fused: torch.Tensor, output_size: Sequence[int], level: torch.Tensor | None = None
    ) -> torch.Tensor:
        if level is not None:
            fused = fused + self.residual_unit1(level)
        fused = self.residual_unit2(fused)
        fused = interpolate(fused, size=tuple(output_size), mode="bilinear", align_corners=True)
        return self.projection(fused)


class SpatialMosaicDptNeck(nn.Module):
    """Tokens of four layers, each `(n, N, input_size)` -> maps of `F` channels at 4, 2, 1 and 1/2 of the grid."""

    def __init__(self, input_size: int, level_sizes: Sequence[int], fusion_size: int):
        super().__init__()
        first, second, _, last = level_sizes
        self.norm = nn.LayerNorm(input_size, eps=TOKEN_NORM_EPS)
        self.projects = nn.ModuleList(nn.Conv2d(input_size, size, kernel_size=1) for size in level_sizes)
        self.resize_layers = nn.ModuleList(
            [
                nn.ConvTranspose2d(first, first, kernel_size=4, stride=4),
                nn.ConvTranspose2d(second, second, kernel_size=2, stride=2),
                nn.Identity(),
                nn.Conv2d(last, last, kernel_size=3, stride=2, padding=1),
            ]
        )
        self.convs = nn.ModuleList(
            nn.Conv2d(size, fusion_size, kernel_size=3, padding=1, bias=False) for size in level_sizes
        )

    def forward(self, layers: Sequence[torch.Tensor], height: int, width: int) -> list[torch.Tensor]:
        maps = []
        for tokens, project, resize, conv in zip(layers, self.projects, self.resize_layers, self.convs, strict=True):
            features = self.norm(tokens).transpose(1, 2).unflatten(2, (height, width))  # (n, input_size, h, w)
            features = add_position_map(project(features), width / height)
            maps.append(conv(resize(features)))
        return maps


class SpatialMosaicDptFusion(nn.Module):
    """Four maps of `F` channels -> one `(n, F, 8 * h, 8 * w)`, from coarse to fine."""

    def __init__(self, size: int, rectified_skip: bool):
        super().__init__()
        self.layers = nn.ModuleList(
            SpatialMosaicDptFusionLayer(size, rectified_skip, is_coarsest=k == 0) for k in range(4)
        )

    def forward(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        *finer, fused = maps
        height, width = finer[0].shape[-2:]
        sizes = [level.shape[-2:] for level in reversed(finer)] + [(2 * height, 2 * width)]
        for layer, level, size in zip(self.layers, [None, *reversed(finer)], sizes, strict=True):
            fused = layer(fused, size, level)
        return fused


class SpatialMosaicDptHead(nn.Module):
    """
    Layer outputs -> values and confidence of every pixel.

    Frames are decoded `config.dense_chunk_size` at a time, which bounds memory.
    """

    def __init__(
        self,
        config: PreTrainedConfig,
        num_values: int,
        activation: Callable[[torch.Tensor], torch.Tensor],
        rectified_skip: bool,
    ):
        super().__init__()
        self.config = config
        self.activation = activation
        width = config.fusion_hidden_size
        self.neck = SpatialMosaicDptNeck(2 * config.hidden_size, config.neck_hidden_sizes, width)
        self.fusion = SpatialMosaicDptFusion(width, rectified_skip)
        self.output_conv1 = nn.Conv2d(width, width // 2, kernel_size=3, padding=1)
        self.output_conv2 = nn.Sequential(
            nn.Conv2d(width // 2, config.head_hidden_size, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(config.head_hidden_size, num_values + 1, kernel_size=1),
        )

    def _decode(self, layers: Sequence[torch.Tensor], height: int, width: int) -> tuple[torch.Tensor, ...]:
        """Values `(n, H, W, num_values)` and confidence `(n, H, W)` of some frames, whose patches are given."""
        return self._decode_pixels(self.fusion(self.neck(layers, height, width)), height, width)

    def _decode_pixels(self, features: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
        patch_size = self.config.patch_size
        features = interpolate(
            self.output_conv1(features),
            size=(height * patch_size, width * patch_size),
            mode="bilinear",
            align_corners=True,
        )
        output = self.output_conv2(add_position_map(features, width / height)).movedim(1, -1)
        return self.activation(output[..., :-1]), 1 + output[..., -1].exp()

    def forward(
        self, layer_outputs: Sequence[torch.Tensor], height: int, width: int, **kwargs
    ) -> tuple[torch.Tensor, ...]:
        """
        Args:
            layer_outputs (`Sequence[torch.Tensor]`, each of shape `(B, S, P, 2 * C)`):
                From fine to coarse; the patches are the last tokens of each frame.
            height (`int`): rows of patches.
            width (`int`): columns of patches.
            kwargs: what a subclass's `_decode` takes.

        Returns:
            `tuple[torch.Tensor, ...]`: values `(B, S, H, W, num_values)` and confidence `(B, S, H, W)`.
        """
        scene_shape, dtype = layer_outputs[0].shape[:2], self.output_conv1.weight.dtype
        patches = [output.flatten(0, 1)[:, -height * width :] for output in layer_outputs]  # (B * S, N, 2 * C)
        chunks = zip(*(tokens.split(self.config.dense_chunk_size) for tokens in patches), strict=True)
        decoded = [self._decode([tokens.to(dtype) for tokens in layers], height, width, **kwargs) for layers in chunks]
        return tuple(torch.cat(parts).unflatten(0, scene_shape) for parts in zip(*decoded, strict=True))


__all__ = [
    "SpatialMosaicDptFusion",
    "SpatialMosaicDptFusionLayer",
    "SpatialMosaicDptHead",
    "SpatialMosaicDptNeck",
    "SpatialMosaicDptResidualUnit",
    "add_position_map",
    "position_map",
]
