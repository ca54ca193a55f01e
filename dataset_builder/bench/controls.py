"""What can be scored without looking: no images, the most frequent answer, chance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from dataset_builder.bench.metrics import RowScore
from dataset_builder.bench.parser import option_texts


def without_images(prompt: list[dict]) -> list[dict]:
    """The blind control's prompt: every word of the original, no image."""
    return [
        {**message, "content": [part for part in message["content"] if part["type"] != "image"]} for message in prompt
    ]


def majority_answers(train_rows: Iterable[Mapping]) -> dict[str, str]:
    """
    Most frequent answer of every question type.

    Args:
        train_rows (iterable of `Mapping`): multiple-choice rows with `question_type`, `options` and `mc_answer`.

    Returns:
        `dict[str, str]`: for each question type `"Yes"` or `"No"` where these are its options, else a letter. Of
        equally frequent answers it is the first in the alphabet.
    """
    counts: dict[str, Counter] = defaultdict(Counter)
    for row in train_rows:
        texts = option_texts(row["options"])
        yes_no = set(texts.values()) == {"Yes", "No"}
        counts[row["question_type"]][texts[row["mc_answer"]] if yes_no else row["mc_answer"]] += 1
    return {kind: min(answers, key=lambda answer: (-answers[answer], answer)) for kind, answers in counts.items()}


def majority_reply(row: Mapping, answers: Mapping[str, str]) -> str:
    """The letter that the majority control gives to a row whose question type is in `answers`."""
    answer = answers[row["question_type"]]
    return next((letter for letter, text in option_texts(row["options"]).items() if text == answer), answer)


def chance_score(row: Mapping) -> RowScore:
    """Expected score of a guess among the options."""
    return RowScore(row, 1 / len(row["options"]), True)
