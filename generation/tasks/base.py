"""What every task shares: a view set as a task sees it, a question, and the ways to name an object."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from generation.annotation.scene_annotation import UNCLEAR, VISIBLE, SceneAnnotation
from generation.sampling import ViewSet


@dataclass(frozen=True, eq=False)
class View:
    """One view set with the annotation of its scene. Frames are positions 0 .. n-1 in the shown order."""

    annotation: SceneAnnotation
    view_set: ViewSet

    @property
    def size(self) -> int:
        return len(self.view_set.frames)

    @cached_property
    def frames(self) -> np.ndarray:
        """Frame indices of the scene in the shown order, `(n,)`."""
        return np.array(self.view_set.frames)

    @cached_property
    def visibility(self) -> np.ndarray:
        """Visibility classes in the set, `(n, K)`."""
        return self.annotation.visibility[self.frames]

    @cached_property
    def shown(self) -> np.ndarray:
        """Which instances are visible in at least one view, `(K,)`."""
        return (self.visibility == VISIBLE).any(axis=0)

    @cached_property
    def doubtful(self) -> np.ndarray:
        """Which instances a person may or may not see: unclear in some view, visible in none, `(K,)`."""
        return (self.visibility == UNCLEAR).any(axis=0) & ~self.shown

    @cached_property
    def members(self) -> dict[str, np.ndarray]:
        """Instance indices of every category that the set shows, whether or not it shows that very instance."""
        labels = self.annotation.labels
        return {str(label): np.flatnonzero(labels == label) for label in np.unique(labels[self.shown])}

    @cached_property
    def unique(self) -> np.ndarray:
        """Which instances "the {category}" names without doubt: the only one of its category in the set, `(K,)`."""
        alone = np.zeros(len(self.shown), dtype=bool)
        for indices in self.members.values():
            shown = indices[self.shown[indices]]
            if len(shown) == 1 and not self.doubtful[indices].any():
                alone[shown] = True
        return alone

    def direction(self, axis: str, position: int) -> np.ndarray:
        """Direction signs `(K, K)` in the viewpoint of the view at `position`; see `SceneAnnotation.directions`."""
        return self.annotation.directions[axis][self.frames[position]]

    def label(self, k: int) -> str:
        return str(self.annotation.labels[k])

    def visible_box(self, position: int, k: int) -> np.ndarray:
        return self.annotation.visible_box[self.frames[position], k]

    def reference_name(self, position: int, k: int) -> str:
        """How `Frame position+1` names a visible instance: by category, pinned by its box centre unless unique."""
        if self.unique[k]:
            return self.label(k)
        x, y = box_centre(self.visible_box(position, k))
        return f"{self.label(k)}({x},{y})"


@dataclass(frozen=True)
class Question:
    """A question before its options have letters.

    Args:
        question_type (`str`): one of the types in `dataset_builder.schema.TASK_OF`.
        text (`str`): the question.
        truth (`str`): the right option's text.
        distractors (`tuple` of `str`): the other options' texts.
        targets, references (`tuple` of `int`): instance indices that the answer is about, and that it is told against.
        asked_position (`int`, *optional*): view that is asked about; `None` when it is the whole set.
        subject (`str`): category that the question is about, for balance.
        stratum (`str`): selection takes equally many questions of every stratum.
        cell (`str`): among equals, selection takes the least used cell first.
        group (`tuple`): at most one question of a group is taken, so that a view set is not asked twice the same.
        bbox (`tuple` of 4 `float`, *optional*): box that the answer points at, pixels.
        numbers (`dict`): what else the answer follows from, for the evidence.
    """

    question_type: str
    text: str
    truth: str
    distractors: tuple[str, ...]
    targets: tuple[int, ...]
    subject: str
    stratum: str
    group: tuple
    references: tuple[int, ...] = ()
    asked_position: int | None = None
    cell: str = ""
    bbox: tuple[float, float, float, float] | None = None
    numbers: dict = field(default_factory=dict)


@dataclass
class Ledger:
    """Counts, for each question type, of the candidates seen, what each ambiguity rule turned down, and what was kept."""

    counts: Counter = field(default_factory=Counter)

    def reject(self, question_type: str, rule: str, count: int = 1) -> None:
        if count:
            self.counts[question_type, rule] += int(count)

    def propose(self, question_type: str, count: int = 1) -> None:
        self.counts[question_type, "proposed"] += int(count)


class Task(Protocol):
    """One task's questions. A further task is one file with this function and one line in `TASKS`."""

    def __call__(self, view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
        """Yield the questions that hold for `view`; count in `ledger` what each rule turned down."""


def box_centre(box: np.ndarray) -> tuple[int, int]:
    """Centre of a box in whole pixels, rounded half up."""
    return int((box[0] + box[2]) / 2 + 0.5), int((box[1] + box[3]) / 2 + 0.5)


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
