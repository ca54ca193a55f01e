"""Conversations about some photos as training samples: token ids, labels, and which frames they show.

Several questions about the same photos share one sample, as in LLaVA's training (arXiv:2304.08485, section 4.2): the
photos, which make up most of the tokens, are read once for all of them. Photos were decoded once and lie in memory, so
that a small model does not wait for them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from dataset_builder.bench.prompts import chat_text
from modeling_spatialmosaic import SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore


IGNORED = -100
END = "<|im_end|>\n"
NEXT_TURN = "<|im_start|>user\n{}" + END + "<|im_start|>assistant\n"


class Turn(NamedTuple):
    """A question and its answer.

    Args:
        question, answer (`str`).
        given (`tuple[str, ...]`, *optional*): parts of the answer, in their order, that the question gave away. They
            are read, and not learned.
    """

    question: str
    answer: str
    given: tuple[str, ...] = ()

    def parts(self) -> list[tuple[str, bool]]:
        """The answer in parts, and whether each is learned."""
        rest, parts = self.answer, []
        for one in self.given:
            before, _, rest = rest.partition(one)
            parts += [(before, True), (one, False)]
        return [(text, learned) for text, learned in (*parts, (rest + END, True)) if text]


class Conversation(NamedTuple):
    """Questions about some views.

    Args:
        frames (`list[int]`): the views, as positions in the [`FrameStore`].
        turns (`list[Turn]`): at least one.
    """

    frames: list[int]
    turns: list[Turn]


class Samples(Dataset):
    """
    Conversations as samples: `input_ids`, `labels` that are ignored outside the answers, and `index`, the frames.

    Args:
        conversations (sequence of [`Conversation`]).
        processor ([`SpatialMosaicProcessor`]).
    """

    def __init__(self, conversations: Sequence[Conversation], processor: SpatialMosaicProcessor):
        self.conversations, self.processor = conversations, processor

    def __len__(self) -> int:
        return len(self.conversations)

    def __getitem__(self, k: int) -> dict:
        frames, (first, *others) = self.conversations[k]
        parts = [(chat_text(self.processor, first_message(len(frames), first.question)), False), *first.parts()]
        for turn in others:
            parts += [(NEXT_TURN.format(turn.question), False), *turn.parts()]
        ids, labels = [], []
        for text, learned in parts:
            tokens = tokens_of(text, self.processor)
            ids += tokens
            labels += tokens if learned else [IGNORED] * len(tokens)
        return {"input_ids": ids, "labels": labels, "index": torch.tensor(frames)}


def first_message(views: int, question: str) -> list[dict]:
    """What opens a conversation, as in the rows of the dataset: the named views, then a question."""
    parts = [part for n in range(views) for part in ({"type": "text", "text": f"Frame {n + 1}:"}, {"type": "image"})]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": question}]}]


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
        with_pointmaps (`bool`, *optional*, defaults to `False`): whether the model takes the true geometry.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, store: FrameStore, with_pointmaps: bool = False):
        self.pad, self.store, self.with_pointmaps = tokenizer.pad_token_id, store, with_pointmaps

    def texts(self, samples: list[dict]) -> dict[str, torch.Tensor]:
        """The batch without its photos."""
        length = max(len(sample["input_ids"]) for sample in samples)

        def padded(name: str, filling: int) -> torch.Tensor:
            rows = [sample[name] + [filling] * (length - len(sample[name])) for sample in samples]
            return torch.tensor(rows)

        lengths = torch.tensor([len(sample["input_ids"]) for sample in samples])
        return {
            "input_ids": padded("input_ids", self.pad),
            "attention_mask": (torch.arange(length) < lengths[:, None]).long(),
            "labels": padded("labels", IGNORED),
        }

    def __call__(self, samples: list[dict]) -> dict[str, torch.Tensor]:
        index = torch.cat([sample["index"] for sample in samples])
        batch = self.texts(samples) | {"pixel_values": self.store.pixel_values(index)}
        if self.with_pointmaps:
            maps = [self.store.pointmaps(sample["index"]) for sample in samples]
            batch["geometry_values"] = torch.cat(maps)
        return batch


def tokens_of_labels(tokenizer: PreTrainedTokenizerBase, labels: Sequence[str]) -> torch.Tensor:
    """
    What share each token has in a label as it stands within a question, `(labels, tokens)`; the rows sum to one, but
    that of the label for nothing.
    """
    shares = torch.zeros(len(labels), len(tokenizer))
    for row, label in zip(shares, labels, strict=True):
        ids = tokenizer(f" {label}").input_ids if label else []
        for token in ids:
            row[token] += 1 / len(ids)
    return shares
