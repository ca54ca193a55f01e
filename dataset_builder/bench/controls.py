"""What can be scored without a model: the best constant answer, chance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from dataset_builder.bench.metrics import RowScore, point_accuracy, relative_accuracy, true_point
from dataset_builder.bench.parser import option_texts


def majority_answers(train_rows: Iterable[Mapping]) -> dict[str, str]:
    """
    The answer to every question type that is the best when it is always given.

    Args:
        train_rows (iterable of `Mapping`): rows with `question_type`, `answer_format`, `options`, `mc_answer`,
            `ground_truth` and `bbox_2d_diag`.

    Returns:
        `dict[str, str]`: for each question type `"Yes"` or `"No"` where these are its options, else a letter; the most
        frequent one, and of equally frequent answers the first in the alphabet. For numbers and points the true answer
        of the train rows that scores best on them.
    """
    counts: dict[str, Counter] = defaultdict(Counter)
    measured: dict[str, list[Mapping]] = defaultdict(list)
    for row in train_rows:
        if row["answer_format"] != "choice":
            measured[row["question_type"]].append(row)
            continue
        texts = option_texts(row["options"])
        yes_no = set(texts.values()) == {"Yes", "No"}
        counts[row["question_type"]][texts[row["mc_answer"]] if yes_no else row["mc_answer"]] += 1
    chosen = {kind: min(answers, key=lambda answer: (-answers[answer], answer)) for kind, answers in counts.items()}
    return chosen | {kind: _best_constant(rows) for kind, rows in measured.items()}


def _best_constant(rows: list[Mapping]) -> str:
    """The true answer of one of the rows that, given to all of them, scores best; the first of equally good ones."""
    answers = sorted({row["ground_truth"] for row in rows})
    if rows[0]["answer_format"] == "number":
        truths = np.array([float(row["ground_truth"]) for row in rows])
        scores = [relative_accuracy(float(answer), truths).mean() for answer in answers]
    else:
        truths, diagonals = np.array([true_point(row) for row in rows]), [float(row["bbox_2d_diag"]) for row in rows]
        scores = [point_accuracy(true_point({"ground_truth": a}), truths, diagonals).mean() for a in answers]
    return answers[int(np.argmax(scores))]


def majority_reply(row: Mapping, answers: Mapping[str, str]) -> str:
    """What the majority control replies to a row whose question type is in `answers`."""
    answer = answers[row["question_type"]]
    if row["answer_format"] != "choice":
        return answer
    return next((letter for letter, text in option_texts(row["options"]).items() if text == answer), answer)


def chance_score(row: Mapping) -> RowScore:
    """Expected score of a guess among the options of a row that has some."""
    return RowScore(row, 1 / len(row["options"]), True)
