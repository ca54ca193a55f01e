"""Words for directions, and the pairs of objects that a direction question may be about."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from generation.tasks.base import ABSENT, Ledger, View


# For signs -1 and +1 of `SceneAnnotation.directions`
COMPARISON = {
    "lr": {-1: "to the left of", 1: "to the right of"},
    "ab": {-1: "higher than", 1: "lower than"},
    "fb": {-1: "closer to the camera than", 1: "farther from the camera than"},
}


# Differences in height are told apart in steps of this
HEIGHT_RANGE_M = 0.4


class Pair(NamedTuple):
    """Target `a` against reference `b` in the viewpoint of the view at `position` (instance indices)."""

    position: int
    a: int
    b: int


def absent_but_shown(view: View) -> np.ndarray:
    """Which instances each view lacks and another one shows, `(n, K)`."""
    return (view.visibility == ABSENT) & view.shown


def different_category(view: View) -> np.ndarray:
    """`bool` of shape `(1, K, K)`: both shown, and of different categories."""
    labels = view.annotation.labels
    return ((labels[:, None] != labels[None, :]) & view.shown[:, None] & view.shown[None, :])[None]


def direction_signs(view: View, axis: str) -> np.ndarray:
    """Direction signs in every view of the set, `(n, K, K)`; see `SceneAnnotation.directions`."""
    return view.annotation.directions[axis][view.frames]


def height_gap(view: View, axis: str, a: int, b: int) -> str:
    """For `ab`, range of the difference in height between two things, which may be known from their categories.

    A lamp hangs higher than a rug in nearly every view; of two things at like heights, the view decides.
    """
    heights_m = view.annotation.box_centres[[a, b], 2]
    return f"{np.floor((heights_m[0] - heights_m[1]) / HEIGHT_RANGE_M):.0f}" if axis == "ab" else ""


def count_rejects(
    ledger: Ledger, kind: str, rules: list[tuple[str, np.ndarray]], candidates: np.ndarray
) -> np.ndarray:
    """Apply named masks to `candidates`, of any shape, in turn; count what each turns down and return what is left."""
    for rule, holds in rules:
        ledger.reject(kind, rule, int((candidates & ~holds).sum()))
        candidates = candidates & holds
    return candidates


def draw_pairs(valid: np.ndarray, limit: int, rng: np.random.Generator, kind: str, ledger: Ledger) -> Iterator[Pair]:
    """Up to `limit` random pairs of `valid`, `bool` of shape `(n, K, K)` at [position, a, b]; the rest is counted."""
    for at in draw(valid, limit, rng, kind, ledger):
        yield Pair(*at)


def draw(
    valid: np.ndarray, limit: int, rng: np.random.Generator, kind: str, ledger: Ledger
) -> Iterator[tuple[int, ...]]:
    """Indices of up to `limit` random true values of `valid`; the rest is counted."""
    found = np.argwhere(valid)
    ledger.reject(kind, "more_than_a_view_set_is_asked", max(len(found) - limit, 0))
    for at in found[rng.permutation(len(found))[:limit]]:
        yield tuple(int(k) for k in at)
