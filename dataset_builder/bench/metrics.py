"""Scores of single rows, and their means by question type, task and diagnostic level."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dataset_builder.bench.parser import parse_choice
from dataset_builder.schema import TASK_OF


LEVELS = ("occ_level", "overlap_level", "vis_level")
MISSING = "missing"


@dataclass(frozen=True)
class RowScore:
    """
    Score of one reply.

    Args:
        row (`Mapping`): the row's `question_type` and diagnostic levels.
        score (`float`): from 0 to 1; for a choice, 1 where it is right.
        parsed (`bool`): whether an answer could be read from the reply.
    """

    row: Mapping
    score: float
    parsed: bool


def score_choice(row: Mapping, reply: str) -> RowScore:
    """Score a reply to a multiple-choice row."""
    letter = parse_choice(reply, row["options"])
    return RowScore(row, float(letter == row["mc_answer"]), letter is not None)


# By `answer_format`. A further format needs one function here; rows of the others are counted as skipped.
SCORERS: dict[str, Callable[[Mapping, str], RowScore]] = {"choice": score_choice}


def summarize(scores: Iterable[RowScore]) -> dict:
    """
    Mean scores of a set of replies.

    Returns:
        `dict`: `count`, `accuracy` (mean over rows), `parse_failures`, `parse_failure_rate`; the same four numbers of
        every part, in `by_question_type`, `by_task` and `by_level` (a row without a level is in its part "missing");
        and `mean_over_types`, `mean_over_tasks`, the unweighted means over the types and over the tasks present.

    Raises:
        `ValueError`: if there are no scores.
    """
    scores = list(scores)
    if not scores:
        raise ValueError("There are no scores to take means of; found an empty list.")
    by_question_type = _parts(scores, lambda row: row["question_type"])
    by_task = _parts(scores, lambda row: TASK_OF[row["question_type"]])
    return {
        **_numbers(scores),
        "mean_over_types": _mean(part["accuracy"] for part in by_question_type.values()),
        "mean_over_tasks": _mean(part["accuracy"] for part in by_task.values()),
        "by_question_type": by_question_type,
        "by_task": by_task,
        "by_level": {level: _parts(scores, lambda row, level=level: row.get(level) or MISSING) for level in LEVELS},
    }


def _parts(scores: list[RowScore], key: Callable[[Mapping], str]) -> dict[str, dict]:
    parts: dict[str, list[RowScore]] = {}
    for score in scores:
        parts.setdefault(key(score.row), []).append(score)
    return {name: _numbers(parts[name]) for name in sorted(parts)}


def _numbers(scores: list[RowScore]) -> dict:
    failures = sum(not score.parsed for score in scores)
    return {
        "count": len(scores),
        "accuracy": _mean(score.score for score in scores),
        "parse_failures": failures,
        "parse_failure_rate": failures / len(scores),
    }


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
