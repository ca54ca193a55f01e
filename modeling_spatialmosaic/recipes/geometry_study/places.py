"""Where things are, as directions of image tokens, so that a language model can read it as it reads words.

Each number (column, row, depth, and so on) has a few bins, and each bin a fixed direction. A token tells a number by
being like the direction of its bin: so each is a part of the token that cannot be small, as what a linear map tells
from it may be.
"""

from functools import cache

import torch
from torch.nn.functional import cross_entropy, normalize


# Of the cosines of a token with words and directions: so low that it must be much like its own
SHARPNESS = 10.0
# Middles of the bins. Columns and rows are parts of width and height
IMAGE_BINS = torch.linspace(1 / 16, 15 / 16, 8).expand(2, -1)
# x, y, z of a point in the frame of its scene's first camera, and the depth from the photo's own, in metres
SPACE_BINS = torch.stack(
    [
        torch.linspace(-4, 4, 12),
        torch.linspace(-1.5, 1.5, 12),
        torch.linspace(-2, 7, 12),
        torch.logspace(torch.log10(torch.tensor(0.5)), 1, 12),
    ]
)


@cache
def directions(numbers: int, bins: int, width: int) -> torch.Tensor:
    """Unit vectors `(numbers, bins, width)`, the same for all models of a width: an arm tells as its base does."""
    generator = torch.Generator().manual_seed(numbers)
    return normalize(torch.randn(numbers, bins, width, generator=generator), dim=-1)


def likeness(tokens: torch.Tensor, middles: torch.Tensor) -> torch.Tensor:
    """
    Scores of the bins.

    Args:
        tokens (`torch.Tensor` of shape `(..., D)`).
        middles (`torch.Tensor` of shape `(numbers, bins)`): `IMAGE_BINS` or `SPACE_BINS`.

    Returns:
        `torch.Tensor` of shape `(..., numbers, bins)`.
    """
    vectors = directions(*middles.shape, tokens.shape[-1]).to(tokens.device)
    return SHARPNESS * torch.einsum("...d,nbd->...nb", normalize(tokens, dim=-1), vectors)


def telling_loss(
    tokens: torch.Tensor, places: torch.Tensor, known: torch.Tensor, middles: torch.Tensor
) -> torch.Tensor:
    """
    Mean cross-entropy of the bins, of which the nearest one is right.

    Args:
        tokens, middles: as of [`likeness`].
        places (`torch.Tensor` of shape `(..., numbers)`): what the tokens should tell.
        known (`torch.Tensor` of shape `(...)`): where that is known.
    """
    right = (places.to(tokens.device)[known][..., None] - middles.to(tokens.device)).abs().argmin(-1)
    return cross_entropy(likeness(tokens[known], middles).flatten(0, 1), right.flatten())


def told_places(tokens: torch.Tensor, middles: torch.Tensor) -> torch.Tensor:
    """What the tokens tell, `(..., numbers)`: the mean of the bins' middles, each as likely as its score says."""
    return (likeness(tokens, middles).softmax(-1) * middles.to(tokens.device)).sum(-1)
