"""Teaches the projector words before the language model reads its tokens, as in LLaVA's first stage (arXiv:2304.08485,
section 4.2), but by what each cell of a photo shows: an image token becomes the embedding of its cell's word.
"""

import torch
from torch.nn.functional import cross_entropy, normalize, rms_norm

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.recipes.geometry_study.build import autocast
from modeling_spatialmosaic.recipes.geometry_study.conversations import IGNORED, words_of_cells
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


def align_projector(
    model: SpatialMosaicForConditionalGeneration, words: torch.Tensor, store: FrameStore, budget: Budget, seed: int
) -> dict:
    """
    Train the projector and the word embeddings on photos of the train split; all else stays.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]): with a trained vision tower, and without geometry.
        words (`torch.Tensor` of shape `(labels,)`): token of every label, see `words_of_labels`.

    Returns:
        `dict`: what `fit` returns.
    """
    frames = torch.tensor(store.of_split("train"))
    generator = torch.Generator().manual_seed(seed)
    embedding, where = model.get_input_embeddings().weight, model.device

    def losses() -> dict[str, torch.Tensor]:
        index = frames[torch.randint(len(frames), (budget.batch_size,), generator=generator)]
        with autocast(where):
            images = store.pixel_values(index).to(where)
            tokens = model.get_image_features(images, num_views=[1] * len(index)).pooler_output  # (n, T, D)
        wanted = words_of_cells(words, store, index, tokens.shape[1]).to(where)
        known = wanted != IGNORED
        # lengths say nothing: what the language model reads is normalised first
        scores = rms_norm(tokens[known].float(), tokens.shape[-1:]) @ normalize(embedding, dim=-1).T
        return {"words": cross_entropy(scores, wanted[known])}

    return fit([*model.model.multi_modal_projector.parameters(), embedding], budget, losses)
