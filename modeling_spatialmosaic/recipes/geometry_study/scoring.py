"""Asks a trained arm the held-out questions, as they are and as the controls change them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from dataset_builder.bench.asking import GEOMETRY_CONTROLS, Asker
from dataset_builder.bench.metrics import LEVELS, SCORERS, unscorable
from dataset_builder.bench.models import LocalModel
from dataset_builder.bench.prompts import chat_text, kept_view
from dataset_builder.bench.record import ReplyRecord
from dataset_builder.bench.run import ANSWER_COLUMNS, COLUMNS
from generation.rng import stage_rng
from modeling_spatialmosaic.recipes.geometry_study.build import MAX_NEW_TOKENS
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.questions import question_rows
from modeling_spatialmosaic.recipes.geometry_study.settings import StudySettings


KEPT = ("id", "dataset", "scene_name", "question_type", *LEVELS)


@dataclass(frozen=True)
class StudyModel(LocalModel):
    """
    A local model whose photos, and point maps if it takes them, come from memory.

    Args:
        store ([`FrameStore`]): where they are.
        places (`Mapping`): scene and frames of every row, by its id.
    """

    store: FrameStore
    places: Mapping[str, tuple[str, list[str]]]

    def inputs(self, rows: list[dict]):
        """Model inputs of the rows as a control changed them: without images, or with one of them."""
        processor, texts, index = self.processor, [], []
        for row in rows:
            scene, frames = self.places[row["id"]]
            if row["images"] and len(row["images"]) < len(frames):
                frames = [frames[kept_view(row["question"], len(frames))]]
            if row["images"]:
                index.append(self.store.index_of(scene, frames))
            image = processor.image_token
            texts.append(chat_text(processor, row["prompt"]).replace(image, image * processor.tokens_per_image))
        inputs = processor.tokenizer(texts, padding=True, padding_side="left", return_tensors="pt")
        inputs.pop("token_type_ids", None)
        if index:
            inputs["pixel_values"] = self.store.pixel_values(torch.cat(index))
            if self.network.config.geometry_config.model_type == "spatialmosaic_pointmap":
                inputs["geometry_values"] = torch.cat([self.store.pointmaps(one) for one in index])
        return inputs.to(self.network.device)


def held_out_rows(dataset: Path, settings: StudySettings) -> list[dict]:
    """So many rows of each type of the test split as the settings say, drawn by the seed; in stored order."""
    rows = question_rows(dataset, "test", settings.data, COLUMNS)
    rng, chosen = stage_rng(settings.data.seed, "test rows"), []
    for kind in sorted({row["question_type"] for row in rows}):
        of_type = [row for row in rows if row["question_type"] == kind and unscorable(row) is None]
        chosen += [of_type[k] for k in sorted(rng.permutation(len(of_type))[: settings.limit])]
    return chosen


def score_arm(
    network: torch.nn.Module,
    processor,
    store: FrameStore,
    dataset: Path,
    images: Path,
    settings: StudySettings,
    folder: Path,
) -> None:
    """Ask all test questions and write `scores.jsonl`: one line for each row, with a score for each control."""
    rows = held_out_rows(dataset, settings)
    places = {row["id"]: (row["scene_name"], row["frames"]) for row in rows}
    model = StudyModel(str(folder), network.eval(), processor, store, places)
    asker = Asker(model, dataset, "test", settings.score_batch_size, settings.data.seed, images, MAX_NEW_TOKENS)
    record = ReplyRecord(folder, {"study": folder.name})
    names = ["model", "blind", "single_view", *(GEOMETRY_CONTROLS if model.has_geometry else ())]
    replies = {name: asker.ask(name, rows, record) for name in names}
    with (folder / "scores.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            scored = {
                name: SCORERS[row["answer_format"]](row, given[row["id"]])
                for name, given in replies.items()
                if row["id"] in given
            }
            line = {name: row[name] for name in KEPT} | {
                "views": len(row["frames"]),
                "scores": {name: one.score for name, one in scored.items()},
                "replies": {name: given[row["id"]] for name, given in replies.items() if row["id"] in given},
                "parsed": scored["model"].parsed,
            }
            file.write(json.dumps(line) + "\n")


def train_rows(dataset: Path, settings: StudySettings) -> list[dict]:
    """Answers of the train split, for the majority control."""
    rows = question_rows(dataset, "train", settings.data, ("frames", *ANSWER_COLUMNS))
    return [row for row in rows if unscorable(row) is None]
