"""Image tokens made from the truth: what towers would tell that see much, not all.

They stand in for the tokens of the towers while the language model learns to read them, which it can so before there
are towers.

Shapes: `n` photos, `cells` of each, `D` width of the language model.
"""

from collections.abc import Sequence

import torch
from torch.nn.functional import normalize

from modeling_spatialmosaic.recipes.geometry_study.cells import cells_in_image, cells_in_space
from modeling_spatialmosaic.recipes.geometry_study.circuits import MARK_LENGTH, WORD_LENGTH, marks
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore, patch_shares
from modeling_spatialmosaic.recipes.geometry_study.places import IMAGE_BINS, SPACE_BINS, directions


# Parts of a token: its words, each number of its place, and what means nothing
WORDS, IN_IMAGE, IN_SPACE, NOISE = 0.6, 0.3, 0.2, 0.35
MISTAKEN = 0.3  # of the kinds of things in a photo, which look like another kind
SPACE_NOISE = 0.08  # of the range of a number in space
# Of an object's share in a cell, beside the building's: so that small things on large ones are told as well
OBJECTS_COUNT = 5.0


class ToldTokens:
    """
    Makes the tokens of conversations, with other errors each time.

    Args:
        store ([`FrameStore`]): the truth.
        words (`torch.Tensor` of shape `(labels, D)`): unit vectors.
        side (`int`): cells in a row and in a column.
        seed (`int`): of the errors.
    """

    def __init__(self, store: FrameStore, words: torch.Tensor, side: int, seed: int):
        self.store, self.words, self.side = store, words, side
        self.objects = store.is_object.nonzero().flatten()
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, frames: Sequence[torch.Tensor]) -> torch.Tensor:
        """Tokens `(n, cells, D)` of the views of some scenes, each the index of its frames."""
        index, width = torch.cat(list(frames)), self.words.shape[1]
        in_image, _ = cells_in_image(index[:, None], self.side)
        of_scenes = [cells_in_space(self.store, one[None], self.side) for one in frames]
        in_space, known = (torch.cat(parts).flatten(1, 2) for parts in zip(*of_scenes, strict=True))
        ranges = SPACE_BINS[:, -1] - SPACE_BINS[:, 0]
        in_space = in_space + SPACE_NOISE * ranges * torch.randn(in_space.shape, generator=self.generator)
        token = WORDS * self._looks(index)
        token += IN_IMAGE * telling(in_image.flatten(1, 2), IMAGE_BINS, width)
        token += IN_SPACE * known[..., None] * telling(in_space, SPACE_BINS, width)
        token += NOISE * normalize(torch.randn(token.shape, generator=self.generator), dim=-1)
        return WORD_LENGTH * normalize(token, dim=-1) + MARK_LENGTH * marks(width).image

    def _looks(self, index: torch.Tensor) -> torch.Tensor:
        """Words `(n, cells, D)` of what the cells show; some kinds of things in a photo look like another."""
        size = len(index), len(self.words)
        shares = patch_shares(self.store.categories[index], self.side, size[1])
        shares = shares * (1 + (OBJECTS_COUNT - 1) * self.store.is_object)
        others = self.objects[torch.randint(len(self.objects), size, generator=self.generator)]
        mistaken = torch.rand(size, generator=self.generator) < MISTAKEN
        looks = torch.where(mistaken & self.store.is_object, others, torch.arange(size[1]))
        return normalize(torch.einsum("ncl,nld->ncd", shares, self.words[looks]), dim=-1)


def telling(values: torch.Tensor, middles: torch.Tensor, width: int) -> torch.Tensor:
    """Sum of the directions `(..., D)` that tell some numbers `(..., numbers)`."""
    nearest = (values[..., None] - middles).abs().argmin(-1)
    vectors = directions(*middles.shape, width)
    return sum(of_bin[nearest[..., number]] for number, of_bin in enumerate(vectors))
