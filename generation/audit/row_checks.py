"""What must hold for one row by itself, before any scene is opened."""

import re
from collections.abc import Iterator

from dataset_builder.schema import LETTERS, TASK_OF, build_completion, build_prompt, row_id
from generation.audit.wording import option_texts


ANSWERS = {"number": re.compile(r"\d+(\.\d+)?"), "point": re.compile(r"\(\d+, \d+\)")}


def text(row: dict) -> Iterator[tuple]:
    """Options, letter, truth, prompt and completion agree with each other."""
    kind, choice = row["question_type"], row["answer_format"] == "choice"
    if TASK_OF.get(kind) != row["task"]:
        yield f"task {TASK_OF.get(kind)!r} of type {kind}", row["task"]
    answer_format = "choice" if not kind.endswith("_na") else "point" if "localization" in kind else "number"
    if row["answer_format"] != answer_format:
        yield f"the answer format {answer_format!r}", row["answer_format"]
        return  # nothing else can be read
    answer = row["mc_answer"] if choice else row["ground_truth"]
    if choice:
        texts = option_texts(row)
        lettered = [f"{letter}. {option}" for letter, option in zip(LETTERS, texts, strict=False)]
        if row["options"] != lettered or not all(texts):
            yield "options lettered in order, each with a text", row["options"]
        if len({re.sub(r"\W+", " ", option).casefold() for option in texts}) < len(texts):
            yield "options that differ", row["options"]
        if answer not in tuple(LETTERS[: len(texts)]):
            yield f"one of the letters {LETTERS[: len(texts)]}", answer
        elif texts[LETTERS.index(answer)] != row["ground_truth"]:
            yield f"the text of option {answer}: {texts[LETTERS.index(answer)]!r}", repr(row["ground_truth"])
    else:
        if row["mc_answer"] is not None or row["options"]:
            yield "neither options nor a letter", (row["options"], row["mc_answer"])
        if not ANSWERS[row["answer_format"]].fullmatch(answer):
            yield f"an answer in the form of a {row['answer_format']}", answer
    if row["prompt"] != build_prompt(len(row["frames"]), row["question"], row["options"] or [], row["answer_format"]):
        yield "a prompt of the views, the question and its options", row["prompt"]
    if row["completion"] != build_completion(answer):
        yield f"the completion {answer!r}", row["completion"]


def identity(row: dict) -> Iterator[tuple]:
    """The id is the hash of what it names."""
    made = row_id(row["dataset"], row["scene_name"], row["frames"], row["question_type"], row["question"])
    if row["id"] != made:
        yield made, row["id"]
