"""Scores as the published benchmark's code gives them, bit for bit, for comparison with published numbers.

It reads a reply by its first word, raises where the published code stops, and scores a negative true value as reached.
`dataset_builder.bench.metrics` is what this project recommends.
"""

import math
import re
from collections.abc import Mapping

import numpy as np

from dataset_builder.schema import TASK_OF


# Score of a number: the share of these that its relative error does not exceed; of a point: of these, times the box
# diagonal, that its distance does not exceed
RELATIVE_ERRORS = (1 - np.linspace(0.5, 0.95, 10)).tolist()
DIAGONALS = np.arange(0.5, 1.45, 0.1).tolist()

POINT_TYPE = "obj_localization_occ_na"
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_POINTS = (
    re.compile(rf"\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)"),
    re.compile(rf"{_NUMBER}\s*,\s*{_NUMBER}"),
)


def score_strict(row: Mapping, reply: str | None) -> float:
    """Score of a reply to a row of any question type, from 0 to 1.

    Raises:
        `ValueError`: for an unknown question type.
        `KeyError`: where the row lacks `mc_answer`, `ground_truth` or `bbox_2d_diag`, and its type needs it.
        `AttributeError`: for a reply that is `None`, unless a point is asked for; for an `mc_answer` that is.
        `ZeroDivisionError`: for a true number of 0.
    """
    kind = row["question_type"]
    if kind not in TASK_OF:
        raise ValueError(f"Unknown question type {kind!r}. The known ones are {', '.join(TASK_OF)}.")
    if kind == POINT_TYPE:
        return _point_score(reply, row["ground_truth"], row["bbox_2d_diag"])
    if kind.endswith("_na"):
        return _number_score(first_token(reply), row["ground_truth"])
    return float(first_token(reply).lower() == row["mc_answer"].lower())


def first_token(reply: str) -> str:
    """What comes before the first space, less final dots and then less white space."""
    return reply.split(" ")[0].rstrip(".").strip()


def _number_score(token: str, truth: str) -> float:
    try:
        found, true = float(token), float(truth)
    except (TypeError, ValueError):
        return 0.0
    error = abs(found - true) / true
    return float(np.mean([error <= most for most in RELATIVE_ERRORS]))


def _point_score(reply: str | None, truth: str | None, diagonal) -> float:
    found, true = _point(reply), _point(truth)
    try:
        diagonal = float(diagonal)
    except (TypeError, ValueError):
        return 0.0
    if found is None or true is None or diagonal <= 0:
        return 0.0
    distance = math.dist(found, true)
    return float(np.mean([distance <= diagonal * most for most in DIAGONALS]))


def _point(text: str | None) -> tuple[float, float] | None:
    """The first two numbers in brackets, else with a comma between them, else anywhere."""
    for pattern in _POINTS if text else ():
        match = pattern.search(text)
        if match:
            return float(match[1]), float(match[2])
    numbers = re.findall(_NUMBER, text or "")
    return (float(numbers[0]), float(numbers[1])) if len(numbers) > 1 else None
