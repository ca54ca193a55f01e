"""What the tasks are made of: the prompts, scores and means of `spatialmosaic evaluate`.

A reply scores the same to the last digit there and here. lmms-eval cuts white space off both ends of a reply, which
the parser does not mind, but the published rules do: so scores by those are left to `spatialmosaic evaluate`.
"""

from collections.abc import Mapping, Sequence

from datasets import Dataset
from PIL import Image

from dataset_builder.bench.metrics import SCORERS, mean, unscorable
from dataset_builder.bench.parser import PARSER_VERSION
from dataset_builder.bench.prompts import PROMPT_VERSION, with_images
from dataset_builder.errors import DatasetError
from dataset_builder.schema import TASK_OF


VERSION = f"prompt {PROMPT_VERSION}, parser {PARSER_VERSION}"
ANSWER_COLUMNS = ["question_type", "answer_format", "options", "mc_answer", "ground_truth", "bbox_2d_diag"]


def process_docs(docs: Dataset) -> Dataset:
    """The rows to which a reply can be scored."""
    kept = [k for k, row in enumerate(docs.select_columns(ANSWER_COLUMNS)) if unscorable(row) is None]
    if not kept:
        raise DatasetError(
            f"None of the {len(docs):,} rows can be scored: their true answers are missing or cannot be read. Leave "
            "the task out, or choose another dataset."
        )
    return docs.select(kept)


def doc_to_messages(doc: Mapping) -> list[dict]:
    """The row's prompt for a chat model: every view named before its image, then the question."""
    return with_images(doc["prompt"], doc_to_visual(doc), lambda image: {"type": "image", "url": image})


def doc_to_visual(doc: Mapping) -> list[Image.Image]:
    """The row's views in their order."""
    if not doc["images"]:
        raise DatasetError(
            f"Row {doc['id']!r} has no images. Score this dataset by `spatialmosaic evaluate`, which takes them from "
            "your copy of its source."
        )
    return doc["images"]


def doc_to_text(doc: Mapping) -> str:
    """The row's prompt for a model without a chat template: `<image>` in the place of each image."""
    parts = [part for message in doc["prompt"] for part in message["content"]]
    return "".join("<image>\n" if part["type"] == "image" else part["text"] for part in parts)


def doc_to_target(doc: Mapping) -> str:
    """The right letter, number or point."""
    return doc["mc_answer"] or doc["ground_truth"]


def process_results(doc: Mapping, results: Sequence[str]) -> dict[str, dict]:
    """Score of the reply, for every mean that it is part of."""
    scored = SCORERS[doc["answer_format"]](doc, results[0])
    kind, scene = doc["question_type"], f"{doc['dataset']}/{doc['scene_name']}"
    return {
        **dict.fromkeys(("score", kind), {"score": scored.score, "scene": scene}),
        "parse_failure_rate": {"score": float(not scored.parsed), "scene": scene},
        # by another name: their error is not that of a mean over questions, which lmms-eval makes of each `score`
        "mean_over_types": {"part": kind, "value": scored.score},
        "mean_over_tasks": {"part": TASK_OF[kind], "value": scored.score},
    }


class Mean(float):
    """A mean that knows what it is a mean of: a group's mean is over the parts of all its tasks."""

    parts: list[float]


def mean_of(parts: list[float]) -> Mean:
    """The unweighted mean of the parts."""
    result = Mean(mean(parts))
    result.parts = parts
    return result


def mean_over_questions(items: Sequence[Mapping]) -> Mean:
    """Mean over all replies."""
    return mean_of([item["score"] for item in items])


def mean_over_parts(items: Sequence[Mapping]) -> Mean:
    """Unweighted mean over the question types or over the tasks present; of a single task the latter is its score."""
    parts: dict[str, list[float]] = {}
    for item in items:
        parts.setdefault(item["part"], []).append(item["value"])
    return mean_of([mean(values) for values in parts.values()])


def group_mean(means: Sequence[Mean], sizes: Sequence[int], weight_by_size: bool) -> Mean:
    """The group's mean over the parts of all its tasks."""
    return mean_of([part for one in means for part in one.parts])


METRICS = [
    {"metric": name, "aggregation": aggregation, "higher_is_better": name != "parse_failure_rate"}
    for name, aggregation in {
        "score": mean_over_questions,
        "mean_over_types": mean_over_parts,
        "mean_over_tasks": mean_over_parts,
        "parse_failure_rate": mean_over_questions,
        **dict.fromkeys(TASK_OF, mean_over_questions),
    }.items()
]
