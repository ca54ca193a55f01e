"""Words for directions, and the pairs of objects that a direction question may be about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from generation.tasks.base import ABSENT, VISIBLE, Ledger, View


# For signs -1 and +1 of `SceneAnnotation.directions`
COMPARISON = {
    "lr": {-1: "to the left of", 1: "to the right of"},
    "ab": {-1: "higher than", 1: "lower than"},
    "fb": {-1: "closer to the camera than", 1: "farther from the camera than"},
}


@dataclass(frozen=True)
class Pair:
    """Target `a` against reference `b` in the viewpoint of the view at `position` (instance indices)."""

    position: int
    a: int
    b: int


def elsewhere(view: View, position: int) -> np.ndarray:
    """Instances absent from the view at `position` and visible in another one, `(K,)`."""
    return (view.visibility[position] == ABSENT) & view.shown


def draw_pairs(valid: np.ndarray, limit: int, rng: np.random.Generator) -> Iterator[Pair]:
    """Up to `limit` random pairs of `valid`, `bool` of shape `(n, K, K)` at [position, a, b]."""
    found = np.argwhere(valid)
    for position, a, b in found[rng.permutation(len(found))[:limit]]:
        yield Pair(int(position), int(a), int(b))


def count_rejects(
    ledger: Ledger, kind: str, rules: list[tuple[str, np.ndarray]], candidates: np.ndarray
) -> np.ndarray:
    """Apply named masks to `candidates` `(n, K, K)` in turn, count what each turns down, and return what is left."""
    for rule, holds in rules:
        ledger.reject(kind, rule, int((candidates & ~holds).sum()))
        candidates = candidates & holds
    return candidates


def different_category(view: View) -> np.ndarray:
    """`bool` of shape `(1, K, K)`: both shown, and of different categories."""
    labels = view.annotation.labels
    return ((labels[:, None] != labels[None, :]) & view.shown[:, None] & view.shown[None, :])[None]


def direction_signs(view: View, axis: str) -> np.ndarray:
    """Direction signs in every view of the set, `(n, K, K)`."""
    return np.stack([view.direction(axis, position) for position in range(view.size)])


def visible(view: View) -> np.ndarray:
    """`bool` of shape `(n, K)`."""
    return view.visibility == VISIBLE
