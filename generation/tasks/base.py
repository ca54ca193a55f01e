"""What every task shares: a view set as a task sees it, a question, and the ways to name an object."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from generation.annotation.scene_annotation import ABSENT, MAX_MOVED_M, UNCLEAR, VISIBLE, SceneAnnotation
from generation.sampling import ViewSet


# A thing is partly hidden or cut from here on; the lowest level of occlusion ends here too (ANNOTATION section 6)
MIN_HIDDEN = 0.05

STARTS_WITH_VOWEL_SOUND = re.compile(r"(?!eu|one|uk|uni|us|ut)[aeiou]|hour|heir")


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
        """Visibility classes in the set, `(n, K)`.

        What moves between the frames is unclear wherever it is seen: nobody can tell where it is in a frame that lacks
        it, nor that two sights of it are one thing.
        """
        found = self.annotation.visibility[self.frames]
        return np.where(self.moved & (found != ABSENT), UNCLEAR, found)

    @cached_property
    def moved(self) -> np.ndarray:
        """Which instances stand at places too far apart when the frames were taken, `(K,)`."""
        if self.annotation.frame_centres is None:
            return np.zeros(len(self.annotation.labels), dtype=bool)
        places = self.annotation.frame_centres[self.frames]  # (n, K, 3)
        apart_m = np.linalg.norm(places[:, None] - places[None, :], axis=3)  # (n, n, K), NaN where nobody knows
        return (apart_m > MAX_MOVED_M).any(axis=(0, 1))

    @cached_property
    def shown(self) -> np.ndarray:
        """Which instances are visible in at least one view, `(K,)`."""
        return (self.visibility == VISIBLE).any(axis=0)

    @cached_property
    def whole(self) -> np.ndarray:
        """Which instances are visible, and neither hidden in part nor cut, in each view, `(n, K)`."""
        annotation = self.annotation
        hidden = np.maximum(annotation.occlusion[self.frames], annotation.truncation[self.frames])
        return (self.visibility == VISIBLE) & (hidden <= MIN_HIDDEN)

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
    def broad(self) -> frozenset[str]:
        """Categories whose name also fits another one in the set, as "chair" fits an armchair and an office chair.

        A person may count or name either, so nothing is asked about them. A name is broad if another category that any
        view shows, even unclearly, ends in it.
        """
        present = {self.label(k) for k in np.flatnonzero((self.visibility != ABSENT).any(axis=0))}
        return frozenset(a for a in present for b in present if a != b and b.endswith(a))

    @cached_property
    def unique(self) -> np.ndarray:
        """Which instances "the {category}" names without doubt: the only one of its category in the set, `(K,)`."""
        alone = np.zeros(len(self.shown), dtype=bool)
        for label, indices in self.members.items():
            shown = indices[self.shown[indices]]
            if len(shown) == 1 and not self.doubtful[indices].any() and label not in self.broad:
                alone[shown] = True
        return alone

    @cached_property
    def named(self) -> np.ndarray:
        """Which visible instances `reference_name` names without doubt, in each view, `(n, K)`.

        An instance that is not unique is pinned by the centre of its box, which must lie in no other box of its
        category, not even in one of an instance that is seen unclearly.
        """
        named = np.zeros(self.visibility.shape, dtype=bool)
        boxes = self.annotation.visible_box[self.frames]  # (n, K, 4)
        centres = (boxes[..., :2] + boxes[..., 2:]) / 2
        for label, indices in self.members.items():
            if label in self.broad:
                continue
            low, high, at = boxes[:, None, indices, :2], boxes[:, None, indices, 2:], centres[:, indices, None]
            inside = ((low <= at) & (at <= high)).all(axis=3)  # (n, m, m): centre of one in the box of another
            inside &= (self.visibility[:, indices] != ABSENT)[:, None]
            named[:, indices] = inside.sum(axis=2) == 1
        return (named | self.unique) & (self.visibility == VISIBLE)

    @cached_property
    def pinned_in(self) -> np.ndarray:
        """First view in which `reference_name` names each instance without doubt, `(K,)`; -1 where none does.

        Outdoors alone, where few categories are, so that hardly anything is the only one of its own: there the name of
        what a view lacks tells the view that shows it. Indoors -1.
        """
        first = np.where(self.named.any(axis=0), self.named.argmax(axis=0), -1)
        return first if self.annotation.domain == "outdoor" else np.full_like(first, -1)

    @cached_property
    def nameable(self) -> np.ndarray:
        """Which instances `name` names without doubt in the viewpoint of each view, `(n, K)`."""
        lacking = (self.visibility == ABSENT) & self.shown
        return self.named | (lacking & (self.unique | (self.pinned_in >= 0)))

    def label(self, k: int) -> str:
        return self.annotation.names[k]

    def visible_box(self, position: int, k: int) -> np.ndarray:
        return self.annotation.visible_box[self.frames[position], k]

    def reference_name(self, position: int, k: int) -> str:
        """How to name an instance that is visible in the view: by category, pinned by its box centre unless unique."""
        if self.unique[k]:
            return self.label(k)
        x, y = box_centre(self.visible_box(position, k))
        return f"{self.label(k)}({x},{y})"

    def name(self, position: int, k: int) -> str:
        """How to name an instance in the viewpoint of a view that may lack it."""
        return self.reference_name(position, k) if self.named[position, k] else self.name_in_set(k)

    def name_in_set(self, k: int) -> str:
        """How to name an instance where no view is asked about: by category, or by its place in a view with it."""
        if self.unique[k]:
            return self.label(k)
        return f"{self.reference_name(self.pinned_in[k], k)} of Frame {self.pinned_in[k] + 1}"


class Question(NamedTuple):
    """A question, from its proposal on to the row. A plain tuple: a scene proposes thousands.

    Args:
        question_type (`str`): one of the types in `dataset_builder.schema.TASK_OF`.
        text (`str`): the question.
        truth (`str`): the right option's text; the answer where there are no options.
        distractors (`tuple` of `str`): the other options' texts; some types have them from `tasks.matching`.
        targets, references (`tuple` of `int`): instance indices that the answer is about, and that it is told against.
        others (`tuple` of `int`): instance indices that make the wrong options wrong.
        asked_position (`int`, *optional*): view that is asked about; `None` when it is the whole set.
        subject (`str`): category that the question is about, for balance.
        stratum, side (`str`): selection takes equally many questions of each of the type's `num_strata` strata on each
            of its `num_sides` sides.
        num_strata, num_sides (`int`).
        block (`tuple` of `str`): selection fills the strata of a side from one block where it can, so that what a
            block's questions have in common does not tell the answer. The names go from the most to the least
            important.
        num_shared (`int`): so many names of the block the strata of a side must share.
        pool (`dict` of `str` to `tuple` of `int`): of a question without wrong options yet, what they may be, each
            with the instances that make it wrong.
        fallback (`bool`): taken only where nothing else of its stratum is left.
        scene_name (`str`): scene that is asked about.
        letter (`str`, *optional*): of the right option, once it is drawn.
        cell (`str`): among equals, selection takes the least used cell first.
        group (`tuple`): at most one question of a group is taken, so that a view set is not asked twice the same. It
            begins with the question type and the frames of the view set.
        bbox (`tuple` of 4 `float`, *optional*): box that the answer points at, pixels.
        numbers (`dict`): what else the answer follows from, for the evidence.
        answer_format (`str`): `"choice"`, `"number"` or `"point"`.
    """

    question_type: str
    text: str
    truth: str
    distractors: tuple[str, ...]
    targets: tuple[int, ...]
    subject: str
    stratum: str
    num_strata: int
    group: tuple
    side: str = ""
    num_sides: int = 1
    block: tuple[str, ...] = ()
    num_shared: int = 0
    pool: dict[str, tuple[int, ...]] = {}
    fallback: bool = False
    references: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    asked_position: int | None = None
    cell: str = ""
    bbox: tuple[float, float, float, float] | None = None
    numbers: dict = {}
    answer_format: str = "choice"
    scene_name: str = ""
    letter: str | None = None

    @property
    def frames(self) -> tuple[int, ...]:
        """The view set that is asked about."""
        return self.group[1]


@dataclass
class Ledger:
    """Counts, for each question type, of the questions proposed and of what each rule turned down."""

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


def pinned_at(view: View, position: int, k: int, cells: int) -> str:
    """Which of `cells` x `cells` parts of the image the name of an instance points at; empty where it is unique."""
    if view.unique[k]:
        return ""
    width, height = view.annotation.image_sizes[view.frames[position]]
    x, y = box_centre(view.visible_box(position, k))
    return f"{cells * x // width}, {cells * y // height}"


def box_centre(box: np.ndarray) -> tuple[int, int]:
    """Column and row of the pixel that holds the centre of a box."""
    return int(box[0] + box[2]) // 2, int(box[1] + box[3]) // 2


def with_article(noun: str) -> str:
    """`noun` after its indefinite article: an umbrella, a utensil, an hourglass."""
    return f"{'an' if STARTS_WITH_VOWEL_SOUND.match(noun) else 'a'} {noun}"
