"""Asks a model the questions of a dataset folder and scores its answers, beside the controls."""

import io
import platform
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, PreTrainedModel, ProcessorMixin

from dataset_builder.bench.controls import chance_score, majority_answers, majority_reply, without_images
from dataset_builder.bench.metrics import LEVELS, SCORERS, score_published, summarize, unscorable
from dataset_builder.bench.parser import PARSER_VERSION
from dataset_builder.bench.report import write_report
from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.reader import load_rows, load_statistics


MAX_NEW_TOKENS = 16
CONTROLS = ("blind", "majority")
ANSWER_COLUMNS = ("question_type", "answer_format", "options", "mc_answer", "ground_truth", "bbox_2d_diag")
COLUMNS = ("id", *ANSWER_COLUMNS, *LEVELS)
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
) -> dict:
    """
    Score a model on a dataset folder, and write `scores.json`, `scores.md` and `replies.jsonl`.

    Every question is answered greedily, by at most 16 new tokens, in the order in which it is stored.

    Args:
        model (`str`): folder or Hub id of an image-text-to-text model.
        dataset (`Path`): a folder made by `write_dataset`.
        output_dir (`Path`): where to write; it is made if need be.
        split (`str`, *optional*, defaults to `"test"`): split to score.
        limit (`int`, *optional*): score so many rows of each question type, drawn by `seed`; by default all.
        batch_size (`int`, *optional*, defaults to 16): questions answered at a time.
        seed (`int`, *optional*, defaults to 0): see `limit`; answers do not depend on it.
        controls (sequence of `str`, *optional*): any of `"blind"` (the same prompts without images) and `"majority"`
            (the best constant answer of the train split).
        trust_remote_code (`bool`, *optional*, defaults to `False`): run code that the model folder carries.
        images_root (`Path`, *optional*): see `load_rows`.

    Returns:
        `dict`: the content of `scores.json`.

    Raises:
        [`DatasetError`]: if there is no such model, dataset or split, no row to score, no pixels, or a model that
            takes no images.
    """
    unknown = set(controls) - set(CONTROLS)
    if unknown:
        raise DatasetError(f"`controls` may hold {', '.join(CONTROLS)}; found {', '.join(sorted(unknown))}.")
    rows, skipped = select_rows(dataset, split, limit, seed)
    majority = train_majority(dataset) if "majority" in controls else {}
    network, processor = load_model(model, trust_remote_code)

    ids = {row["id"] for row in rows}
    replies = {"model": ask(network, processor, dataset, split, ids, batch_size, blind=False, images_root=images_root)}
    notes = []
    if "blind" in controls:
        replies["blind"] = ask(network, processor, dataset, split, ids, batch_size, blind=True)
        if replies["blind"] == replies["model"]:
            notes.append("The model gave the same replies without images.")
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
        "model": str(model),
        "model_revision": getattr(network.config, "_commit_hash", None),
        "dataset": str(dataset),
        "split": split,
        "limit": limit,
        "seed": seed,
        "batch_size": batch_size,
        "max_new_tokens": MAX_NEW_TOKENS,
        "dtype": str(network.dtype).removeprefix("torch."),
        "device": network.device.type,
        "parser_version": PARSER_VERSION,
        "versions": {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        "rows": len(rows),
        "skipped": skipped,
        "notes": notes,
        "results": {name: summarize(row_scores) for name, row_scores in scored.items() if row_scores},
    }
    write_report(scores, rows, replies, Path(output_dir))
    return scores


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


def load_model(model: str, trust_remote_code: bool) -> tuple[PreTrainedModel, ProcessorMixin]:
    """Model and processor, on the accelerator if there is one."""
    try:
        processor = AutoProcessor.from_pretrained(model, trust_remote_code=trust_remote_code)
        network = AutoModelForImageTextToText.from_pretrained(model, trust_remote_code=trust_remote_code, dtype="auto")
    except (OSError, ValueError) as error:
        if "trust_remote_code" in str(error):
            raise DatasetError(
                f"{model} carries its own code, which runs only if you allow it. Read it, then set "
                "`trust_remote_code` (`--trust-remote-code`)."
            ) from error
        finding = "there is no such folder" if not Path(model).exists() else f"{type(error).__name__}: {error}"
        raise DatasetError(
            f"{model} cannot be loaded as an image-text-to-text model ({finding}). Give a folder that "
            "`save_pretrained` wrote for model and processor, or the id of such a model on the Hub."
        ) from error
    processor.tokenizer.padding_side = "left"  # generation continues at the right end
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return network.to(device).eval(), processor


def ask(
    model: PreTrainedModel,
    processor: ProcessorMixin,
    dataset: Path,
    split: str,
    ids: Collection[str],
    batch_size: int,
    blind: bool,
    images_root: Path | None = None,
) -> dict[str, str]:
    """
    The model's reply to each of the rows `ids`.

    Args:
        blind (`bool`): ask without images.
        images_root (`Path`, *optional*): see `load_rows`.

    Returns:
        `dict[str, str]`: reply by row id, in stored order.
    """
    columns = ("id", "prompt") if blind else ("id", "prompt", "images")
    rows = load_rows(dataset, split=split, columns=columns, ids=ids, images_root=images_root)
    replies: dict[str, str] = {}
    with progress_bar("Asking without images" if blind else "Asking the model", len(ids), "questions") as advance:
        for batch in batches(rows, batch_size):
            inputs = blind_inputs(processor, batch) if blind else image_inputs(processor, batch, str(dataset))
            inputs = inputs.to(model.device, model.dtype)
            with torch.inference_mode():
                tokens = model.generate(**inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False, num_beams=1)
            texts = processor.batch_decode(tokens[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
            replies |= {row["id"]: text for row, text in zip(batch, texts, strict=True)}
            advance(len(batch))
    return replies


def batches(rows: Iterator[dict], size: int) -> Iterator[list[dict]]:
    """Consecutive groups of rows."""
    while batch := list(islice(rows, size)):
        yield batch


def image_inputs(processor: ProcessorMixin, rows: list[dict], where: str):
    """Model inputs of prompts with their images."""
    samples = []
    for row in rows:
        if not row["images"]:
            raise DatasetError(
                f"{where}, row {row['id']!r} has no images. Give your copy of its source as `images_root`."
            )
        samples.append([Image.open(io.BytesIO(image)) for image in row["images"]])
    texts = [chat_text(processor, row["prompt"]) for row in rows]
    inputs = processor(text=texts, images=samples, padding=True, return_tensors="pt")
    if set(inputs) <= {"input_ids", "attention_mask", "token_type_ids"}:
        raise DatasetError(
            f"{type(processor).__name__} makes no model input of images (found only {', '.join(sorted(inputs))}). "
            "Choose an image-text-to-text model."
        )
    return inputs


def blind_inputs(processor: ProcessorMixin, rows: list[dict]):
    """Model inputs of prompts without their images."""
    texts = [chat_text(processor, without_images(row["prompt"])) for row in rows]
    return processor(text=texts, padding=True, return_tensors="pt")


def chat_text(processor: ProcessorMixin, prompt: list[Mapping]) -> str:
    """A prompt in the model's chat markup, up to where its answer begins."""
    messages = [
        {
            "role": message["role"],
            "content": [
                {key: value for key, value in part.items() if value is not None} for part in message["content"]
            ],
        }
        for message in prompt
    ]
    return processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
