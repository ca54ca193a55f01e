"""Scores a model on a dataset folder, beside the controls."""

import hashlib
import platform
from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import Console

from dataset_builder.bench.asking import GEOMETRY_CONTROLS, Asker
from dataset_builder.bench.controls import chance_score, majority_answers, majority_reply
from dataset_builder.bench.endpoint import EndpointModel
from dataset_builder.bench.figure import draw_scores
from dataset_builder.bench.geometry import FUSION, scene_of
from dataset_builder.bench.metrics import LEVELS, SCORERS, score_published, summarize, unscorable
from dataset_builder.bench.models import load_model
from dataset_builder.bench.parser import PARSER_VERSION
from dataset_builder.bench.prompts import MAX_NEW_TOKENS, PROMPT_VERSION
from dataset_builder.bench.record import ReplyRecord
from dataset_builder.bench.report import write_report
from dataset_builder.errors import DatasetError
from dataset_builder.reader import STATISTICS_FILE, load_rows, load_statistics


CONTROLS = ("blind", "single_view", *GEOMETRY_CONTROLS, "majority")
ANSWER_COLUMNS = ("question_type", "answer_format", "options", "mc_answer", "ground_truth", "bbox_2d_diag")
COLUMNS = ("id", "dataset", "scene_name", "frames", *ANSWER_COLUMNS, *LEVELS)
PACKAGES = ("torch", "transformers", "datasets", "pillow", "numpy")


def evaluate(
    model: str,
    dataset: Path,
    output_dir: Path,
    split: str = "test",
    limit: int | None = None,
    batch_size: int = 16,
    seed: int = 0,
    controls: Sequence[str] = CONTROLS,
    trust_remote_code: bool = False,
    images_root: Path | None = None,
    base_url: str | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> dict:
    """
    Score a model on a dataset folder, and write `scores.json`, `.md` and `.png`, and `replies.jsonl`.

    Every question is answered greedily, in the order in which it is stored. Replies are kept as they come, in
    `asked/`: a run that was stopped goes on there when it is started again.

    Args:
        model (`str`): folder or Hub id of an image-text-to-text model.
        dataset (`Path`): a folder made by `write_dataset`.
        output_dir (`Path`): where to write; it is made if need be.
        split (`str`, *optional*, defaults to `"test"`): split to score.
        limit (`int`, *optional*): score so many rows of each question type, drawn by `seed`; by default all.
        batch_size (`int`, *optional*, defaults to 16): questions answered at a time.
        seed (`int`, *optional*, defaults to 0): see `limit`; also of the intervals and of `"geometry_shuffle"`.
        controls (sequence of `str`, *optional*): any of `"blind"` (the same prompts without images), `"single_view"`
            (with the view that the question names, or the first), `"geometry_zero"` (all geometry tokens zero),
            `"geometry_shuffle"` (those of another scene) and `"majority"` (the best constant answer of the train
            split).
        trust_remote_code (`bool`, *optional*, defaults to `False`): run code that the model folder carries.
        images_root (`Path`, *optional*): see `load_rows`.
        base_url (`str`, *optional*): address of an OpenAI-compatible server, up to `/v1`, that serves the model under
            the name `model`.
        max_new_tokens (`int`, *optional*, defaults to 16): the most tokens of a reply; the default is the published
            one, and too few for a model that reasons before it answers.

    Returns:
        `dict`: the content of `scores.json`.

    Raises:
        [`DatasetError`]: if there is no such model, dataset or split, no row to score, no pixels, a model that takes
            no images, or a damaged record of replies.
    """
    unknown = set(controls) - set(CONTROLS)
    if unknown:
        raise DatasetError(f"`controls` may hold {', '.join(CONTROLS)}; found {', '.join(sorted(unknown))}.")
    rows, skipped = select_rows(dataset, split, limit, seed)
    majority = train_majority(dataset) if "majority" in controls else {}
    asked_model = EndpointModel(base_url, model) if base_url else load_model(str(model), trust_remote_code)
    settings = {
        "model": str(model),
        "base_url": base_url,
        **asked_model.facts(),
        "dataset_sha256": hashlib.sha256((Path(dataset) / STATISTICS_FILE).read_bytes()).hexdigest(),
        "split": split,
        "limit": limit,
        "seed": seed,
        "max_new_tokens": max_new_tokens,
        "prompt_version": PROMPT_VERSION,
        "versions": {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
    }
    record = ReplyRecord(output_dir, settings)
    Console(soft_wrap=True).print(record.describe())

    asked, notes = [name for name in CONTROLS if name in controls and name != "majority"], []
    if not asked_model.has_geometry and set(asked) & set(GEOMETRY_CONTROLS):
        finding = "A served model shows no" if base_url else f"The model has no sub-module `{FUSION}`, so no"
        notes.append(f"{finding} geometry branch: {' and '.join(GEOMETRY_CONTROLS)} are left out.")
        asked = [name for name in asked if name not in GEOMETRY_CONTROLS]
    asker = Asker(asked_model, dataset, split, batch_size, seed, images_root, max_new_tokens)
    replies = {name: asker.ask(name, rows, record) for name in ("model", *asked)}
    notes += control_notes(rows, replies)
    if "majority" in controls:
        replies["majority"] = {
            row["id"]: majority_reply(row, majority) for row in rows if row["question_type"] in majority
        }
        absent = sorted({row["question_type"] for row in rows} - set(majority))
        if absent:
            notes.append(f"The train split lacks {', '.join(absent)}: the majority control leaves them out.")

    scored = {
        name: [SCORERS[row["answer_format"]](row, given[row["id"]]) for row in rows if row["id"] in given]
        for name, given in replies.items()
    }
    scored["published"] = [score_published(row, replies["model"][row["id"]]) for row in rows]
    scored["chance"] = [chance_score(row) for row in rows if row["options"]]
    scores = {
        **settings,
        "dataset": str(dataset),
        "batch_size": batch_size,
        "parser_version": PARSER_VERSION,
        "rows": len(rows),
        "scenes": len({scene_of(row) for row in rows}),
        "skipped": skipped,
        "notes": notes,
        "results": {name: summarize(row_scores, seed) for name, row_scores in scored.items() if row_scores},
    }
    write_report(scores, rows, replies, scored, Path(output_dir))
    draw_scores(scores, Path(output_dir) / "scores.png")
    return scores


def control_notes(rows: Sequence[dict], replies: dict[str, dict[str, str]]) -> list[str]:
    """What a reader must know of the controls: rows that one leaves out, and those that change no reply."""
    changes = {
        "blind": "without images",
        "single_view": "with one view",
        "geometry_zero": "without geometry",
        "geometry_shuffle": "with another scene's geometry",
    }
    notes = []
    for name, given in replies.items():
        if name == "model":
            continue
        if len(given) < len(rows):
            notes.append(
                f"`{name}` leaves out {len(rows) - len(given):,} questions: no other scene is seen in as many views."
            )
        if given and all(reply == replies["model"][row_id] for row_id, reply in given.items()):
            notes.append(f"The model gave the same replies {changes[name]}.")
    return notes


def select_rows(dataset: Path, split: str, limit: int | None, seed: int) -> tuple[list[dict], dict[str, int]]:
    """
    The rows to score, without images, in stored order.

    Returns:
        `tuple[list[dict], dict[str, int]]`: rows, and how many rows of each question type are left out because no
        reply to them can be scored.
    """
    skipped: Counter = Counter()
    by_type: dict[str, list[dict]] = defaultdict(list)
    for row in load_rows(dataset, split=split, columns=COLUMNS):
        if unscorable(row) is None:
            by_type[row["question_type"]].append(row)
        else:
            skipped[row["question_type"]] += 1
    if not by_type:
        raise DatasetError(
            f"{dataset} has no row to score in split {split!r}: of its {sum(skipped.values())} rows the true answer "
            "is missing or cannot be read. Choose another split or dataset."
        )
    rng = np.random.default_rng(seed)
    rows = []
    for of_type in by_type.values():
        kept = range(len(of_type)) if limit is None else np.sort(rng.permutation(len(of_type))[:limit])
        rows += [of_type[k] for k in kept]
    return rows, dict(skipped)


def train_majority(dataset: Path) -> dict[str, str]:
    """Best constant answer to every question type of the train split; none without such a split."""
    if "train" not in load_statistics(dataset)["scenes"]:
        return {}
    rows = load_rows(dataset, split="train", columns=ANSWER_COLUMNS)
    return majority_answers(row for row in rows if unscorable(row) is None)
