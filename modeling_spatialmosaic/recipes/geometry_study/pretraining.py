"""What the arms start from, stage by stage: each method makes the folder of its name and returns what it found."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from rich.console import Console

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.alignment import align_projector
from modeling_spatialmosaic.recipes.geometry_study.build import count_parameters, device
from modeling_spatialmosaic.recipes.geometry_study.conversations import Collator, Conversation, Samples
from modeling_spatialmosaic.recipes.geometry_study.geometry import pretrain_vggt
from modeling_spatialmosaic.recipes.geometry_study.language import (
    ReadsTold,
    ToldCollator,
    build_language_model,
    keep_heads,
    keep_words,
    words_of_labels,
)
from modeling_spatialmosaic.recipes.geometry_study.questions import TURN_COLUMNS, question_rows, turn_of
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget
from modeling_spatialmosaic.recipes.geometry_study.told import ToldTokens
from modeling_spatialmosaic.recipes.geometry_study.tours import IN_SPACE, IN_THE_IMAGE, LISTS, tours
from modeling_spatialmosaic.recipes.geometry_study.train import train_language, validate
from modeling_spatialmosaic.recipes.geometry_study.turns import Kind
from modeling_spatialmosaic.recipes.geometry_study.vision import pretrain_vision


if TYPE_CHECKING:
    from modeling_spatialmosaic.recipes.geometry_study.study import Study


EVERYTHING = (*IN_THE_IMAGE, *IN_SPACE)
VALIDATION_TOURS = 256
TOKENIZER_TOURS = 1000
MAX_TOURS = 20_000


class Pretraining:
    """
    The stages before the arms.

    Args:
        study ([`Study`]): whose photos and questions they learn from.
    """

    def __init__(self, study: "Study"):
        self.study, self.settings = study, study.settings
        self.seed, self.max_views = study.settings.data.seed, study.settings.data.max_views

    def language(self, folder: Path) -> dict:
        """The language model, which learns to read told tokens."""
        store, settings = self.study.store, self.settings
        rows = question_rows(self.study.dataset, "train", settings.data, TURN_COLUMNS)
        toured = tours(store, "train", EVERYTHING, self.max_views, TOKENIZER_TOURS, self.seed)
        turns = [turn_of(row) for row in rows] + [turn for one in toured for turn in one.turns]
        torch.manual_seed(self.seed)
        texts = [text for turn in turns for text in (turn.question, turn.answer)]
        model, processor = build_language_model(settings, texts, store.labels)
        words = words_of_labels(model, processor, store.labels)
        keep_words(model.to(device()))
        reader = ReadsTold(model, ToldTokens(store, words, model.config.pooled_grid, self.seed))
        collator, facts = ToldCollator(processor.tokenizer, store), {}
        # Lists first: of all turns they say the most about the photos, word by word
        for part, budget, kinds, views, others in (
            ("lists", settings.list_budget, LISTS, 1, []),
            ("tours", settings.tour_budget, EVERYTHING, self.max_views, self.study.asked()),
        ):
            keep_heads(model, part == "lists")
            samples = self._samples(processor, budget, kinds, views, others)
            facts[part] = train_language(model, budget, samples, collator, self.seed, reader)
            facts[part] |= self._held_out(part, reader, processor, collator, budget, kinds, views)
        return self._saved(model, processor, folder, facts)

    def vision(self, folder: Path) -> dict:
        """The vision tower."""
        tower, facts = pretrain_vision(self.settings, self.study.store)
        torch.save(tower.state_dict(), folder / "tower.pt")
        return facts

    def vggt(self, folder: Path) -> dict:
        """VGGT."""
        model, facts = pretrain_vggt(self.settings, self.study.store)
        model.save_pretrained(folder)
        return facts | count_parameters(model)

    def base(self, folder: Path) -> dict:
        """The language model behind a tower whose tokens it can read."""
        store, settings, out = self.study.store, self.settings, self.study.out
        processor = SpatialMosaicProcessor.from_pretrained(out / "language")
        model = SpatialMosaicForConditionalGeneration.from_pretrained(out / "language").to(device())
        model.model.vision_tower.load_state_dict(torch.load(out / "vision" / "tower.pt"))
        words = words_of_labels(model, processor, store.labels)
        facts = {"alignment": align_projector(model, words, store, settings.alignment_budget, self.seed)}
        keep_words(model)
        collator, budget = Collator(processor.tokenizer, store), settings.photo_budget
        samples = self._samples(processor, budget, EVERYTHING, self.max_views, self.study.asked())
        facts["photos"] = train_language(model, budget, samples, collator, self.seed)
        facts["photos"] |= self._held_out("photos", model, processor, collator, budget, EVERYTHING, self.max_views)
        return self._saved(model, processor, folder, facts)

    def _samples(
        self,
        processor: SpatialMosaicProcessor,
        budget: Budget,
        kinds: Sequence[Kind],
        views: int,
        others: list[Conversation],
    ) -> Samples:
        """As many tours as a budget can use, and other conversations."""
        count = min(budget.steps * budget.batch_size, MAX_TOURS)
        return Samples(tours(self.study.store, "train", kinds, views, count, self.seed) + others, processor)

    def _held_out(
        self,
        part: str,
        reader: torch.nn.Module,
        processor: SpatialMosaicProcessor,
        collator: Collator,
        budget: Budget,
        kinds: Sequence[Kind],
        views: int,
    ) -> dict[str, float]:
        """How well a model knows the answers in rooms of the validation split, with their photos and with others'."""
        drawn = tours(self.study.store, "validation", kinds, views, VALIDATION_TOURS, self.seed)
        samples, facts = list(Samples(drawn, processor)), {}
        reader.eval()
        for suffix, swapped in (("", False), ("_with_others_photos", True)):
            found = validate(reader, samples, collator, budget.batch_size, swapped)
            facts |= {f"{name}{suffix}": value for name, value in found.items()}
            Console().print(f"{part}{suffix}: {found}")
        return facts

    def _saved(
        self,
        model: SpatialMosaicForConditionalGeneration,
        processor: SpatialMosaicProcessor,
        folder: Path,
        facts: dict,
    ) -> dict:
        model.cpu().save_pretrained(folder)
        processor.save_pretrained(folder)
        return facts | count_parameters(model)
