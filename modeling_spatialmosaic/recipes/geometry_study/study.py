"""The stages of the study, and where each leaves its result."""

import json
import platform
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import torch

from dataset_builder.bench.controls import majority_answers
from generation.commands import run_generate
from generation.plan import make_plan
from generation.rng import stage_rng
from generation.scenes import open_source
from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.geometry_cache import GeometryCache
from modeling_spatialmosaic.recipes.geometry_study.alignment import align_geometry
from modeling_spatialmosaic.recipes.geometry_study.build import (
    build_arm,
    count_parameters,
    device,
)
from modeling_spatialmosaic.recipes.geometry_study.conversations import (
    Collator,
    Conversation,
    Samples,
)
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore, generate_settings, render_scenes
from modeling_spatialmosaic.recipes.geometry_study.pretraining import Pretraining
from modeling_spatialmosaic.recipes.geometry_study.questions import (
    conversation_of,
    conversations_of,
    question_rows,
)
from modeling_spatialmosaic.recipes.geometry_study.report import write_report
from modeling_spatialmosaic.recipes.geometry_study.scoring import score_arm, train_rows
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.stages import is_finished, run_stage
from modeling_spatialmosaic.recipes.geometry_study.tours import IN_SPACE, tours
from modeling_spatialmosaic.recipes.geometry_study.train import (
    GEOMETRY_CACHE_BYTES,
    train_arm,
)


FACTS_FILE = "facts.json"
VALIDATION_ROWS = 128
# Of the settings: what these stages depend on
SECTIONS_OF_LANGUAGE = ("data", "vision", "text", "list_budget", "tour_budget")
SECTIONS_OF_BASE = (*SECTIONS_OF_LANGUAGE, "vision_budget", "alignment_budget", "photo_budget")
PRETRAINED = ("language", "vision", "vggt", "base")
PACKAGES = ("torch", "transformers", "numpy")


class Study:
    """
    One run of the study.

    Args:
        settings ([`StudySettings`]).
        out (`Path`): its folder: `data/`, `language/`, `vision/`, `vggt/`, `base/`, `arms/<arm>_<seed>/`, `report/`.
    """

    def __init__(self, settings: StudySettings, out: Path):
        self.settings, self.out = settings, out
        self.dataset, self.images = out / "data" / "questions", out / "data" / "images"

    @cached_property
    def store(self) -> FrameStore:
        """All photos, in memory."""
        made = {path.name for path in self.images.iterdir()}
        splits = make_plan(generate_settings(self.settings.data, self.dataset, 1)).splits
        splits |= dict.fromkeys(sorted(made - set(splits)), "train")
        return FrameStore(self.images, {name: split for name, split in splits.items() if name in made})

    def make_data(self, workers: int) -> None:
        """Questions by `spatialmosaic generate`, and the small photos."""

        def make(folder: Path) -> None:
            data = self.settings.data
            generated = generate_settings(data, folder / "questions", workers)
            run_generate(generated)
            names = make_plan(generated).names
            render_scenes(generated, names, data.image_size, folder / "images")
            more = replace(generated, scenes=data.scenes + data.photo_scenes, frames=data.photo_frames)
            names = open_source(more).scene_names()[data.scenes :]
            render_scenes(more, names, data.image_size, folder / "images")

        run_stage(self.out / "data", self.settings.key("data"), make)

    def pretrain(self) -> None:
        """Language model, vision tower, VGGT, and what all arms start from."""
        key, stages = self.settings.key, Pretraining(self)
        for name, sections in (
            ("language", SECTIONS_OF_LANGUAGE),
            ("vision", ("data", "vision", "vision_budget")),
            ("vggt", ("data", "geometry", "geometry_budget")),
            ("base", SECTIONS_OF_BASE),
        ):

            def make(folder: Path, name: str = name) -> None:
                self._note(folder, getattr(stages, name)(folder))

            run_stage(self.out / name, key(*sections), make)

    def asked(self) -> list[Conversation]:
        """The dataset's questions of the train split."""
        settings = self.settings
        return conversations_of(question_rows(self.dataset, "train", settings.data), self.store, settings.data.seed)

    def has_arm(self, arm: str, seed: int) -> bool:
        """Whether an arm is finished."""
        return is_finished(self._arm_folder(arm, seed), self._arm_key(arm, seed))

    def run_arm(self, arm: str, seed: int) -> None:
        """Train and score an arm."""
        settings = self.settings

        def make(folder: Path) -> None:
            model, processor = build_arm(settings, arm, seed, self.out / "base", self.out / "vggt")
            if arm == "vggt" and device().type == "cpu":
                # Many questions share a view set, and the encoder is frozen
                model.model.geometry_cache = GeometryCache(max_bytes=GEOMETRY_CACHE_BYTES)
            store, seed_of_data = self.store, settings.data.seed
            asked = self.asked()
            asked += tours(store, "train", IN_SPACE, settings.data.max_views, len(asked), seed_of_data)
            rows = question_rows(self.dataset, "validation", settings.data)
            order = stage_rng(seed_of_data, "validation rows").permutation(len(rows))
            validation = [rows[k] for k in order[:VALIDATION_ROWS]]
            base = SpatialMosaicForConditionalGeneration.from_pretrained(self.out / "base").to(device())
            most = settings.data.max_views
            aligned = align_geometry(model.to(device()), base, store, settings.space_budget, seed, most)
            facts = (
                count_parameters(model)
                | {"alignment": aligned}
                | train_arm(
                    model,
                    processor,
                    settings.answer_budget,
                    Samples(asked, processor),
                    Samples([conversation_of(row, store) for row in validation], processor),
                    Collator(processor.tokenizer, self.store, with_pointmaps=arm == "pointmap"),
                    seed,
                    folder,
                )
            )
            self._note(folder, facts | {"arm": arm, "seed": seed})
            score_arm(model.to(device()), processor, self.store, self.dataset, self.images, settings, folder)

        run_stage(self._arm_folder(arm, seed), self._arm_key(arm, seed), make)

    def report(self) -> None:
        """Table, plot, results and the best model, in `report/`."""
        arms = {(arm, seed): self._arm_folder(arm, seed) for seed in self.settings.seeds for arm in ARMS}
        pretraining = {name: json.loads((self.out / name / FACTS_FILE).read_text()) for name in PRETRAINED}
        write_report(
            self.settings,
            arms,
            pretraining,
            majority_answers(train_rows(self.dataset, self.settings)),
            self.dataset,
            self.images,
            self.out / "report",
        )

    def _arm_folder(self, arm: str, seed: int) -> Path:
        return self.out / "arms" / f"{arm}_{seed}"

    def _arm_key(self, arm: str, seed: int) -> str:
        sections = [*SECTIONS_OF_BASE, "space_budget", "answer_budget", "limit"]
        if arm == "vggt":
            sections += ["geometry_budget"]
        return f"{arm} {seed} {self.settings.key(*sections, 'geometry')}"

    def _note(self, folder: Path, facts: dict) -> None:
        """Write down what a stage found, with what it ran on."""
        versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
        where = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
        facts = facts | {"versions": versions, "device": where}
        (folder / FACTS_FILE).write_text(json.dumps(facts, indent=1), encoding="utf-8")
