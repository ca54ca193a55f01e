"""How tasks find what can be asked: rules that turn candidates down, random ones of the rest, and their records."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from generation.tasks.base import Ledger, View, box_centre
from generation.tasks.proposed import NONE, frames_of


class Found:
    """Collects what a task finds, view set by view set; the task makes records of it for all of them at once.

    Args:
        views (`Sequence` of [`View`]): the view sets of one scene.
    """

    def __init__(self, views: Sequence[View]):
        self.views = views
        self.parts: dict[str, list[np.ndarray]] = {}

    def add(self, kind: str, view_set: int, first: np.ndarray, *others: np.ndarray | int) -> None:
        """Columns of numbers that tell what was found: `(n,)`, one number for all, or several columns `(m, n)`."""
        if len(first):
            heights = [len(one) if isinstance(one, np.ndarray) and one.ndim == 2 else 1 for one in others]
            lines = np.full((2 + sum(heights), len(first)), view_set)
            lines[1], place = first, 2
            for one, height in zip(others, heights, strict=True):
                lines[place : place + height] = one
                place += height
            self.parts.setdefault(kind, []).append(lines)

    def columns(self) -> Iterator[tuple[str, np.ndarray]]:
        """By type, the view sets and then the other columns, `(1 + m, N)`."""
        for kind, parts in self.parts.items():
            yield kind, np.concatenate(parts, axis=1)

    @cached_property
    def frames(self) -> np.ndarray:
        """Frame of the scene by view set and position, `(V, 5)`."""
        return frames_of([view.view_set.frames for view in self.views])

    def pins(self, view_set: np.ndarray, position: np.ndarray, k: np.ndarray, cells: int) -> np.ndarray:
        """Which of `cells` x `cells` parts of the image the name of an instance points at; -1 where it is unique."""
        unique = np.array([view.unique for view in self.views])  # (V, K)
        annotation, frame = self.views[0].annotation, self.frames[view_set, position]
        (width, height), (x, y) = annotation.image_sizes[frame].T, box_centre(annotation.visible_box[frame, k].T)
        return np.where(unique[view_set, k], NONE, cells * (cells * x // width) + cells * y // height)


def count_rejects(
    ledger: Ledger, kind: str, rules: list[tuple[str, np.ndarray]], candidates: np.ndarray
) -> np.ndarray:
    """Apply named masks to `candidates`, of any shape, in turn; count what each turns down and return what is left."""
    left = np.count_nonzero(candidates)
    for rule, holds in rules:
        candidates = candidates & holds
        before, left = left, np.count_nonzero(candidates)
        ledger.reject(kind, rule, before - left)
    return candidates


def draw(valid: np.ndarray, limit: int, rng: np.random.Generator, kind: str, ledger: Ledger) -> np.ndarray:
    """Places of up to `limit` random true values of `valid`, `(n, valid.ndim)`; the rest is counted."""
    return pick(np.argwhere(valid), limit, rng, kind, ledger)


def pick(found: np.ndarray, limit: int, rng: np.random.Generator, kind: str, ledger: Ledger) -> np.ndarray:
    """Up to `limit` random ones of `found`; the rest is counted."""
    ledger.reject(kind, "more_than_a_view_set_is_asked", max(len(found) - limit, 0))
    return found[rng.permutation(len(found))[:limit]]
