"""What every task shares: a view set as a task sees it, a question, and the ways to name an object."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from generation.annotation.scene_annotation import ABSENT, MAX_MOVED_M, UNCLEAR, VISIBLE, SceneAnnotation
from generation.sampling import ViewSet


# A thing is partly hidden or cut from here on; the lowest level of occlusion ends here too (ANNOTATION section 6)
MIN_HIDDEN = 0.05

STARTS_WITH_VOWEL_SOUND = re.compile(r"(?!eu|one|uk|uni|us|ut)[aeiou]|hour|heir")


class Categories:
    """The L categories of a scene's K instances, in the order of their names.

    Args:
        names (`list` of `str`).
        of (`np.ndarray` of shape `(K,)`): category of every instance, index into `names`.
        members (`np.ndarray` of shape `(K, L)`): 1 where an instance is of a category.
        sizes (`np.ndarray` of shape `(L,)`): how many instances each has in the scene.
        twins (`np.ndarray` of shape `(2, P)`): every two different instances of one category, either way round.
        broader (`np.ndarray` of shape `(L, L)`): 1 at [a, b] where the name of b ends in that of a, as "chair" and
            "armchair".
        differ (`np.ndarray` of shape `(K, K)`): whether two instances are of different categories.
    """

    def __init__(self, annotation: SceneAnnotation):
        names, self.of = np.unique(annotation.labels, return_inverse=True)
        self.names: list[str] = names.tolist()
        self.members = (self.of[:, None] == np.arange(len(names))).astype(np.float32)
        self.sizes = np.bincount(self.of, minlength=len(names))
        self.differ = self.of[:, None] != self.of[None, :]
        self.twins = np.argwhere(~self.differ & ~np.eye(len(self.of), dtype=bool)).T
        ends = [[a != b and b.endswith(a) for b in self.names] for a in self.names]
        self.broader = np.array(ends, dtype=np.float32).reshape(len(names), len(names))


@lru_cache(maxsize=1)  # the view sets of a scene follow each other
def categories_of(annotation: SceneAnnotation) -> Categories:
    """The categories of a scene."""
    return Categories(annotation)


@dataclass(frozen=True, eq=False)
class View:
    """One view set with the annotation of its scene. Frames are positions 0 .. n-1 in the shown order."""

    annotation: SceneAnnotation
    view_set: ViewSet

    @cached_property
    def categories(self) -> Categories:
        return categories_of(self.annotation)

    def count(self, holds: np.ndarray) -> np.ndarray:
        """Of how many instances of each category it holds, `(..., K)` to `(..., L)`."""
        return holds @ self.categories.members

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
    def num_shown(self) -> np.ndarray:
        """How many instances of each category the set shows, `(L,)`."""
        return self.count(self.shown).astype(int)

    @cached_property
    def num_visible(self) -> np.ndarray:
        """How many instances of each category each view shows, `(n, L)`."""
        return self.count(self.visibility == VISIBLE).astype(int)

    @cached_property
    def doubted(self) -> np.ndarray:
        """Categories of which a person may or may not see one more, `(L,)`."""
        return self.count(self.doubtful) > 0

    @cached_property
    def broad(self) -> np.ndarray:
        """Categories whose name also fits another one in the set, as "chair" fits an armchair: `bool` of shape `(L,)`.

        A person may count or name either, so nothing is asked about them. A name is broad if another category that any
        view shows, even unclearly, ends in it.
        """
        present = self.count((self.visibility != ABSENT).any(axis=0)) > 0
        return present & (self.categories.broader @ present > 0)

    @cached_property
    def unique(self) -> np.ndarray:
        """Which instances "the {category}" names without doubt: the only one of its category in the set, `(K,)`."""
        alone = (self.num_shown == 1) & ~self.doubted & ~self.broad
        return self.shown & alone[self.categories.of]

    @cached_property
    def named(self) -> np.ndarray:
        """Which visible instances `reference_name` names without doubt, in each view, `(n, K)`.

        An instance that is not unique is pinned by the centre of its box, which must lie in no other box of its
        category, not even in one of an instance that is seen unclearly.
        """
        one, other = self.categories.twins
        boxes = self.annotation.visible_box[self.frames]  # (n, K, 4)
        box = boxes[:, other]  # (n, P, 4)
        at = (boxes[:, one, :2] + boxes[:, one, 2:]) / 2
        inside = ((box[..., :2] <= at) & (at <= box[..., 2:])).all(axis=2) & (self.visibility != ABSENT)[:, other]
        confused = np.zeros(self.visibility.shape, dtype=bool)
        view, pair = np.nonzero(inside)
        confused[view, one[pair]] = True
        pinned = ~confused & ~self.broad[self.categories.of]
        return (pinned | self.unique) & (self.visibility == VISIBLE)

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

    def shown_of(self, category: int) -> tuple[int, ...]:
        """Instances of a category that the set shows."""
        return self._shown_by_category.get(category, ())

    @cached_property
    def _shown_by_category(self) -> dict[int, tuple[int, ...]]:
        found = {}
        for k in np.flatnonzero(self.shown).tolist():
            category = int(self.categories.of[k])
            found[category] = (*found.get(category, ()), k)
        return found

    @cached_property
    def frame_ids(self) -> list[str]:
        """Ids of the frames in the shown order."""
        return self.annotation.frame_ids[self.frames].tolist()

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
    """A question in words.

    Args:
        question_type (`str`): one of the types in `dataset_builder.schema.TASK_OF`.
        text (`str`): the question.
        truth (`str`): the right option's text; the answer where there are no options.
        distractors (`tuple` of `str`): the other options' texts.
        targets, references (`tuple` of `int`): instance indices that the answer is about, and that it is told against.
        others (`tuple` of `int`): instance indices that make the wrong options wrong.
        asked_position (`int`, *optional*): view that is asked about; `None` when it is the whole set.
        bbox (`tuple` of 4 `float`, *optional*): box that the answer points at, pixels.
        numbers (`dict`): what else the answer follows from, for the evidence.
        answer_format (`str`): `"choice"`, `"number"` or `"point"`.
        letter (`str`, *optional*): of the right option.
    """

    question_type: str
    text: str
    truth: str
    distractors: tuple[str, ...]
    targets: tuple[int, ...]
    references: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    asked_position: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    numbers: dict = {}
    answer_format: str = "choice"
    letter: str | None = None


@dataclass
class Ledger:
    """Counts, for each question type, of the questions proposed and of what each rule turned down."""

    counts: Counter = field(default_factory=Counter)

    def reject(self, question_type: str, rule: str, count: int = 1) -> None:
        if count:
            self.counts[question_type, rule] += int(count)

    def propose(self, question_type: str, count: int = 1) -> None:
        self.counts[question_type, "proposed"] += int(count)


def box_centre(box: np.ndarray) -> tuple[int, int]:
    """Column and row of the pixel that holds the centre of a box; of boxes `(4, N)`, those of all."""
    return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2


def with_article(noun: str) -> str:
    """`noun` after its indefinite article: an umbrella, a utensil, an hourglass."""
    return f"{'an' if STARTS_WITH_VOWEL_SOUND.match(noun) else 'a'} {noun}"
