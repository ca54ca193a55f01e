"""Teaches the language model to read image tokens before there are towers that make them.

Its attention begins with the heads of `circuits.py`, its image tokens are those of `told.py`. Its words stay as they
begin, so that the towers can be aligned with them whenever they are ready.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import nn
from torch.nn.functional import normalize

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.build import FRAME_NAMES, build_model, build_processor
from modeling_spatialmosaic.recipes.geometry_study.circuits import FEWEST_LAYERS, bare_words, mark_words, wire
from modeling_spatialmosaic.recipes.geometry_study.conversations import Collator, tokens_of_labels
from modeling_spatialmosaic.recipes.geometry_study.settings import StudySettings
from modeling_spatialmosaic.recipes.geometry_study.told import ToldTokens


# Part of names, but of all questions as well: "the bounding box center of the lamp"
NO_NOUNS = ("box",)
# What stands before a column and before a row in "(480,240)", and before a length or another answer
BEFORE = (("(", " ("), (",",), (" ", "\n"))


def build_language_model(
    settings: StudySettings, texts: Iterable[str], labels: Sequence[str]
) -> tuple[SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor]:
    """A model without geometry and its processor, whose words and attention are as `circuits.py` says; weights are
    drawn from PyTorch's global generator.

    Args:
        texts (iterable of `str`): texts to train the tokenizer on.
        labels (sequence of `str`): names of things.
    """
    processor = build_processor(settings, texts)
    tokenizer = processor.tokenizer
    model = build_model(settings, processor, "none")
    wire(model.model.language_model.layers)
    in_names = tokens_of_labels(tokenizer, labels).sum(0) > 0
    said = [tokenizer.decode([k]).strip() for k in range(len(tokenizer))]
    # A space or a letter may be a token of a rare name, and of anything else
    nouns = in_names & torch.tensor([len(one) > 1 and one not in NO_NOUNS for one in said])
    embedding = model.get_input_embeddings().weight
    asking = [[k for k in range(len(tokenizer)) if tokenizer.decode([k]) in said_before] for said_before in BEFORE]
    mark_words(embedding, nouns, tokenizer.convert_tokens_to_ids(FRAME_NAMES), asking)
    with torch.no_grad():
        # What attention finds can be said from the start
        model.get_output_embeddings().weight.copy_(bare_words(embedding))
    return model, processor


def words_of_labels(
    model: SpatialMosaicForConditionalGeneration, processor: SpatialMosaicProcessor, labels: Sequence[str]
) -> torch.Tensor:
    """Unit vectors `(labels, D)` of names of things, without the marks of their words."""
    words = bare_words(model.get_input_embeddings().weight.detach())
    return normalize(tokens_of_labels(processor.tokenizer, labels).to(words) @ words, dim=-1)


def keep_words(model: SpatialMosaicForConditionalGeneration) -> None:
    """
    Let only the language model's layers and its readout learn. At the rate that they need, words and projector would
    forget what they have in common.
    """
    for part in (model.model.vision_tower, model.model.multi_modal_projector, model.get_input_embeddings()):
        part.requires_grad_(False)


def keep_heads(model: SpatialMosaicForConditionalGeneration, kept: bool) -> None:
    """
    Whether the attention of the layers with written heads stays. It must while nothing reads what it finds: it would
    forget sooner than the rest has learned to use it. Later it learns to find more.
    """
    for layer in model.model.language_model.layers[:FEWEST_LAYERS]:
        layer.self_attn.requires_grad_(not kept)


class ToldCollator(Collator):
    """Samples -> a batch without photos: `index` names the frames of all samples instead."""

    def __call__(self, samples: list[dict]) -> dict[str, torch.Tensor]:
        return self.texts(samples) | {"index": torch.cat([sample["index"] for sample in samples])}


class ReadsTold(nn.Module):
    """
    A model that reads told tokens in place of those of its towers.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]).
        told ([`ToldTokens`]).
    """

    def __init__(self, model: SpatialMosaicForConditionalGeneration, told: ToldTokens):
        super().__init__()
        self.model, self.told = model, told

    def forward(self, input_ids: torch.Tensor, index: torch.Tensor, **others: torch.Tensor):
        """What the model returns for a batch of [`ToldCollator`]."""
        config, rows = self.model.config, self.model.model.image_newline
        of_images = input_ids == config.image_token_id
        views = of_images.sum(dim=1) // config.tokens_per_image
        cells = self.told(index.cpu().split(views.tolist())).to(rows)
        cells = cells.unflatten(1, (config.pooled_grid, config.pooled_grid))
        cells = torch.cat([cells, rows.expand(*cells.shape[:2], 1, -1)], dim=2)
        embedded = self.model.get_input_embeddings()(input_ids)
        embedded = embedded.masked_scatter(of_images[..., None], cells.flatten(0, 2))
        return self.model(inputs_embeds=embedded, **others)
