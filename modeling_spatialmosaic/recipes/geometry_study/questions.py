"""Questions and captions as training samples: token ids, labels, and which frames they show.

Photos were decoded once and lie in memory, so that a small model does not wait for them.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from dataset_builder.bench.prompts import chat_text
from dataset_builder.reader import load_rows
from generation.rng import stage_rng
from modeling_spatialmosaic import SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.settings import DataSettings
from modeling_spatialmosaic.recipes.geometry_study.vision import patch_shares


IGNORED = -100
END = "<|im_end|>\n"
# Captions speak of pixels of the image that the questions speak of
QUESTION_WIDTH, QUESTION_HEIGHT = 640, 480
MAX_OBJECTS = 6
CELLS = 4
MAX_CAPTION_VIEWS = 3
COLUMNS = ("id", "scene_name", "frames", "question_type", "prompt", "completion")


def question_rows(dataset: Path, split: str, settings: DataSettings, columns: Sequence[str] = COLUMNS) -> list[dict]:
    """The rows of the study, without images."""
    wanted = set(settings.question_types)
    return [
        row
        for row in load_rows(dataset, split=split, columns=columns)
        if len(row["frames"]) <= settings.max_views and (not wanted or row["question_type"] in wanted)
    ]


def caption_rows(store: FrameStore, split: str, count: int, seed: int) -> list[dict]:
    """
    Rows that ask what one of a few views shows: in turn cell by cell, and object by object. They teach words, places
    and the names of the frames; a stand-in for the pretraining of a vision-language model.
    """
    rng = stage_rng(seed, "captions", split)
    names = [name for name in store.scenes if store.splits[name] == split]
    rows = []
    for k in range(count):
        frames = store.scenes[names[rng.integers(len(names))]]
        views = [int(frame) for frame in rng.permutation(frames)[: rng.integers(1, MAX_CAPTION_VIEWS + 1)]]
        asked = int(rng.integers(len(views)))
        question, caption = (
            ("What does each part of Frame {} show, row by row?", cell_caption),
            ("Which objects does Frame {} show, and where?", object_caption),
        )[k % 2]
        parts = [part for n in range(len(views)) for part in (("text", f"Frame {n + 1}:"), ("image", None))]
        parts.append(("text", question.format(asked + 1)))
        answer = [{"type": "text", "text": caption(store, views[asked])}]
        rows.append(
            {
                "id": f"caption_{k}",
                "views": views,
                "prompt": [{"role": "user", "content": [{"type": kind, "text": text} for kind, text in parts]}],
                "completion": [{"role": "assistant", "content": answer}],
            }
        )
    return rows


def cell_caption(store: FrameStore, frame: int) -> str:
    """The largest category of each of `CELLS x CELLS` cells of a frame, row by row."""
    shares = patch_shares(store.categories[frame][None], CELLS, len(store.labels))[0]  # (CELLS * CELLS, categories)
    words = [store.labels[k] or "nothing" for k in shares.argmax(-1).tolist()]
    return "; ".join(", ".join(words[k : k + CELLS]) for k in range(0, len(words), CELLS))


def object_caption(store: FrameStore, frame: int) -> str:
    """The objects of a frame from the largest on, each with the centre of its box."""
    shown = [
        f"{label}({round(x * QUESTION_WIDTH)},{round(y * QUESTION_HEIGHT)})"
        for label, x, y in store.objects(frame)[:MAX_OBJECTS]
    ]
    return " ".join(shown) or "nothing"


class Samples(Dataset):
    """
    Rows as samples: `input_ids`, `labels` that are ignored outside the answer, and `index`, the frames in the store.

    Args:
        rows (`list[dict]`): with `prompt` and `completion`, and `views` or `scene_name` and `frames`.
        processor ([`SpatialMosaicProcessor`]).
        store ([`FrameStore`]).
    """

    def __init__(self, rows: list[dict], processor: SpatialMosaicProcessor, store: FrameStore):
        self.rows, self.processor, self.store = rows, processor, store

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, k: int) -> dict:
        row = self.rows[k]
        prompt = tokens_of(chat_text(self.processor, row["prompt"]), self.processor)
        answer = tokens_of(row["completion"][0]["content"][0]["text"] + END, self.processor)
        index = torch.tensor(row["views"]) if "views" in row else self.store.index_of(row["scene_name"], row["frames"])
        return {"input_ids": prompt + answer, "labels": [IGNORED] * len(prompt) + answer, "index": index}


def tokens_of(text: str, processor: SpatialMosaicProcessor) -> list[int]:
    """Token ids of a chat text, with as many placeholders for each image as the model wants."""
    text = text.replace(processor.image_token, processor.image_token * processor.tokens_per_image)
    return processor.tokenizer(text).input_ids


class Collator:
    """
    Samples -> a batch of the model.

    Args:
        tokenizer (`PreTrainedTokenizerBase`): whose padding token fills the right.
        store ([`FrameStore`]): where photos and point maps are.
        with_pointmaps (`bool`): whether the model takes the true geometry.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, store: FrameStore, with_pointmaps: bool):
        self.pad, self.store = tokenizer.pad_token_id, store
        # Here, so that the processes that load batches share them
        self.pointmaps = store.pointmaps if with_pointmaps else None

    def __call__(self, samples: list[dict]) -> dict[str, torch.Tensor]:
        length = max(len(sample["input_ids"]) for sample in samples)

        def padded(name: str, filling: int) -> torch.Tensor:
            rows = [sample[name] + [filling] * (length - len(sample[name])) for sample in samples]
            return torch.tensor(rows)

        ids = padded("input_ids", self.pad)
        lengths = torch.tensor([len(sample["input_ids"]) for sample in samples])
        index = torch.cat([sample["index"] for sample in samples])
        batch = {
            "input_ids": ids,
            "attention_mask": (torch.arange(length) < lengths[:, None]).long(),
            "labels": padded("labels", IGNORED),
            "pixel_values": self.store.pixel_values(index),
        }
        if self.pointmaps is not None:
            batch["geometry_values"] = self.pointmaps[index]
        return batch
