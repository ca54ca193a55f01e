"""Teaches the language model to read image tokens before there are towers that make them.

Its attention begins with the heads of `circuits.py`, its image tokens are those of `told.py`. Its words stay as they
begin, so that the towers can be aligned with them whenever they are ready.
"""

from collections.abc import Iterable, Sequence

import torch
from torch.nn.functional import cross_entropy, normalize

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.build import FRAME_NAMES, autocast, build_model, build_processor
from modeling_spatialmosaic.recipes.geometry_study.circuits import FEWEST_LAYERS, bare_words, mark_words, wire
from modeling_spatialmosaic.recipes.geometry_study.conversations import IGNORED, Collator, tokens_of_labels
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.told import ToldTokens


# What stands before a column and before a row in "(480, 240)", and before an answer
BEFORE = (("(", " ("), (" ",), ("\n",))


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
    # A space or a letter may be a token of a rare name, and of anything else
    nouns = in_names & torch.tensor([len(tokenizer.decode([k]).strip()) > 1 for k in range(len(tokenizer))])
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


def keep_what_is_written(model: SpatialMosaicForConditionalGeneration) -> None:
    """
    Let only the rest of the language model learn. At the rate that it needs, words and projector would forget what
    they have in common, and the written heads what they find, sooner than the rest has learned to use it.
    """
    heads = (layer.self_attn for layer in model.model.language_model.layers[:FEWEST_LAYERS])
    for part in (model.model.vision_tower, model.model.multi_modal_projector, model.get_input_embeddings(), *heads):
        part.requires_grad_(False)


def read_told(
    model: SpatialMosaicForConditionalGeneration, told: ToldTokens, batch: dict[str, torch.Tensor]
) -> torch.Tensor:
    """
    Embeddings `(B, L, D)` of a batch of conversations, with told tokens in place of those of the towers.

    Args:
        batch (`dict`): of [`ToldCollator`].
    """
    rows, side = model.model.image_newline, model.config.pooled_grid
    cells = told(batch["index"]).to(model.device).unflatten(1, (side, side))
    cells = torch.cat([cells, rows.expand(len(cells), side, 1, -1)], dim=2)
    embedded = model.get_input_embeddings()(batch["input_ids"].to(model.device))
    of_images = batch["input_ids"].to(model.device) == model.config.image_token_id
    return embedded.masked_scatter(of_images[..., None], cells.flatten(0, 2))


class ToldCollator(Collator):
    """Samples -> a batch without photos: `index` names the frames of each sample instead."""

    def __call__(self, samples: list[dict]) -> dict:
        return self.texts(samples) | {"index": [sample["index"] for sample in samples]}


def train_language(
    model: SpatialMosaicForConditionalGeneration,
    told: ToldTokens,
    budget: Budget,
    samples: Sequence[dict],
    collator: ToldCollator,
    seed: int,
) -> dict:
    """
    Train the language model on told tokens; its layers by Muon, with which words found what they name in fewer steps.

    Args:
        samples (sequence of `dict`): drawn with replacement, by the seed.

    Returns:
        `dict`: what `fit` returns; the loss is called `answers`.
    """
    generator, model = torch.Generator().manual_seed(seed), model.train()

    def losses() -> dict[str, torch.Tensor]:
        chosen = torch.randint(len(samples), (budget.batch_size,), generator=generator)
        batch = collator([samples[k] for k in chosen.tolist()])
        return {"answers": told_loss(model, told, batch).mean()}

    parameters = [one for one in model.parameters() if one.requires_grad]
    return fit(parameters, budget, losses, stack=model.model.language_model, readout=model.lm_head.weight)


def told_loss(model: SpatialMosaicForConditionalGeneration, told: ToldTokens, batch: dict) -> torch.Tensor:
    """Cross-entropy of each token that is learned, `(n,)`. Others are not scored at all, which saves a fifth of the
    time."""
    labels = batch["labels"].to(model.device)[:, 1:]
    with autocast(model.device):
        states = model.model.language_model(
            inputs_embeds=read_told(model, told, batch),
            attention_mask=batch["attention_mask"].to(model.device),
            use_cache=False,
        ).last_hidden_state[:, :-1]
        scores = model.lm_head(states[labels != IGNORED]).float()
    return cross_entropy(scores, labels[labels != IGNORED], reduction="none")
