"""Scores of single rows, and their means by question type, task and diagnostic level.

A choice is right or wrong (accuracy). A number has its mean relative accuracy (MRA), a point its mean point accuracy
(MPA): the share of ten thresholds, from lenient to strict, that it keeps.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dataset_builder.bench.bootstrap import SceneBootstrap, mean_of
from dataset_builder.bench.number_parser import parse_number, parse_point
from dataset_builder.bench.parser import parse_choice
from dataset_builder.bench.strict import DIAGONALS, RELATIVE_ERRORS, score_strict
from dataset_builder.schema import TASK_OF


LEVELS = ("occ_level", "overlap_level", "vis_level")
MISSING = "missing"
# Name of the score by `answer_format`
METRICS = {"choice": "accuracy", "number": "MRA", "point": "MPA"}
# Unit that the numbers of a question type are asked for in; counts have none
UNITS = {"obj_distance_occ_na": "m", "obj_obj_distance_occ_na": "m", "obj_size_occ_na": "cm"}


@dataclass(frozen=True)
class RowScore:
    """
    Score of one reply.

    Args:
        row (`Mapping`): the row's `dataset`, `scene_name`, `question_type` and diagnostic levels.
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


def score_number(row: Mapping, reply: str) -> RowScore:
    """Score a reply to a row that asks for a number: its mean relative accuracy."""
    found = parse_number(reply, UNITS.get(row["question_type"]))
    score = 0.0 if found is None else float(relative_accuracy(found, float(row["ground_truth"])))
    return RowScore(row, score, found is not None)


def score_point(row: Mapping, reply: str) -> RowScore:
    """Score a reply to a row that asks for a point: its mean point accuracy."""
    found = parse_point(reply)
    score = 0.0 if found is None else float(point_accuracy(found, true_point(row), float(row["bbox_2d_diag"])))
    return RowScore(row, score, found is not None)


def relative_accuracy(found, truth) -> np.ndarray:
    """Share of the published thresholds that the relative error keeps; arrays broadcast.

    The error is relative to the size of the truth, also of a negative one. Of a truth of 0, only 0 is right.
    """
    found, truth = np.asarray(found, dtype=float), np.asarray(truth, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(found == truth, 0.0, np.abs(found - truth) / np.abs(truth))
    return (error[..., None] <= RELATIVE_ERRORS).mean(axis=-1)


def point_accuracy(found, truth, diagonal) -> np.ndarray:
    """Share of the published thresholds, in diagonals of the box, that the distance keeps; arrays `(..., 2)` and
    `(...)` broadcast."""
    distance = np.linalg.norm(np.asarray(found, dtype=float) - truth, axis=-1)
    return (distance[..., None] <= np.asarray(diagonal, dtype=float)[..., None] * DIAGONALS).mean(axis=-1)


def true_point(row: Mapping) -> tuple[float, float]:
    """The right answer of a row that asks for a point."""
    return parse_point(row["ground_truth"])


def score_published(row: Mapping, reply: str) -> RowScore:
    """Score a reply as the published code does, but where that code stops: such a row scores 0."""
    try:
        return RowScore(row, score_strict(row, reply), True)
    except (AttributeError, KeyError, ZeroDivisionError):
        return RowScore(row, 0.0, False)


def unscorable(row: Mapping) -> str | None:
    """Why no reply to the row can be scored, or `None`: a truth that is no number, a point without a box, ..."""
    if row["answer_format"] not in SCORERS:
        return "its answer format has no score"
    try:
        if row["answer_format"] == "choice":
            known = row["mc_answer"] in [option[:1] for option in row["options"]]
        elif row["answer_format"] == "number":
            known = math.isfinite(float(row["ground_truth"]))
        else:
            known = true_point(row) is not None and 0 < float(row["bbox_2d_diag"]) < math.inf
    except (TypeError, ValueError):
        known = False
    return None if known else "its true answer is missing or cannot be read"


# By `answer_format`. A further format needs one function here.
SCORERS: dict[str, Callable[[Mapping, str], RowScore]] = {
    "choice": score_choice,
    "number": score_number,
    "point": score_point,
}


def summarize(scores: Iterable[RowScore], seed: int = 0) -> dict:
    """
    Mean scores of a set of replies, with 95 % intervals by drawing scenes.

    Args:
        scores (iterable of [`RowScore`]): of all replies.
        seed (`int`, *optional*, defaults to 0): fixes the draws.

    Returns:
        `dict`: `count`, `score` (mean over rows), `interval` (`None` where all rows show one scene), `parse_failures`,
        `parse_failure_rate`; the same of every part, in `by_question_type`, `by_task`, `by_level` (a row without a
        level is in its part "missing") and `by_task_and_level`; and `mean_over_types`, `mean_over_tasks`, the
        unweighted means over the types and over the tasks present, with `mean_over_types_interval` and
        `mean_over_tasks_interval`.

    Raises:
        `ValueError`: if there are no scores.
    """
    scores = list(scores)
    if not scores:
        raise ValueError("There are no scores to take means of; found an empty list.")
    bootstrap = SceneBootstrap([(score.row["dataset"], score.row["scene_name"]) for score in scores], seed)
    every = range(len(scores))

    def parts(key: Callable[[Mapping], str], within: Iterable[int] = every) -> dict[str, dict]:
        members = grouped((key(scores[k].row), k) for k in within)
        return {name: _numbers(scores, rows, bootstrap) for name, rows in members.items()}

    def means(key: Callable[[Mapping], str], name: str) -> dict:
        members = grouped((key(score.row), k) for k, score in enumerate(scores)).values()
        drawn = [bootstrap.means([scores[k].score for k in rows], rows) for rows in members]
        return {
            name: mean(mean(scores[k].score for k in rows) for rows in members),
            f"{name}_interval": bootstrap.interval(mean_of(drawn), every),
        }

    def task(row: Mapping) -> str:
        return TASK_OF[row["question_type"]]

    rows_by_task = grouped((task(score.row), k) for k, score in enumerate(scores))
    return {
        **_numbers(scores, every, bootstrap),
        **means(lambda row: row["question_type"], "mean_over_types"),
        **means(task, "mean_over_tasks"),
        "by_question_type": parts(lambda row: row["question_type"]),
        "by_task": parts(task),
        "by_level": {level: parts(level_of(level)) for level in LEVELS},
        "by_task_and_level": {
            name: {level: parts(level_of(level), rows) for level in LEVELS} for name, rows in rows_by_task.items()
        },
    }


def level_of(level: str) -> Callable[[Mapping], str]:
    """Function from a row to its value of a diagnostic level."""
    return lambda row: row.get(level) or MISSING


def grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Numbers by name, the names in order of the alphabet."""
    members: dict[str, list[int]] = {}
    for name, k in pairs:
        members.setdefault(name, []).append(k)
    return {name: members[name] for name in sorted(members)}


def _numbers(scores: list[RowScore], rows: Sequence[int], bootstrap: SceneBootstrap) -> dict:
    values = [scores[k].score for k in rows]
    failures = sum(not scores[k].parsed for k in rows)
    return {
        "count": len(rows),
        "score": mean(values),
        "interval": bootstrap.interval(bootstrap.means(values, rows), rows),
        "parse_failures": failures,
        "parse_failure_rate": failures / len(rows),
    }


def mean(values: Iterable[float]) -> float:
    """Mean of the values; it is the same to the last digit in whatever order they come."""
    values = list(values)
    return math.fsum(values) / len(values)
