"""object_count: how many distinct instances of a category the set shows."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View
from generation.tasks.matching import NUM_OPTIONS


MAX_COUNT = 8


def countable_categories(view: View, question_type: str, ledger: Ledger) -> Iterator[tuple[str, np.ndarray]]:
    """Categories that can be counted without doubt, with the instance indices that are visible.

    Every instance of the category must be visible or absent in every view (ANNOTATION section 5).
    """
    for label, indices in view.members.items():
        seen = indices[view.shown[indices]]
        if label in view.broad:
            ledger.reject(question_type, "broad_category")
        elif (view.visibility[:, indices] == UNCLEAR).any():
            ledger.reject(question_type, "unclear_instance")
        elif len(seen) > MAX_COUNT:
            ledger.reject(question_type, f"more_than_{MAX_COUNT}")
        else:
            yield label, seen


def coverage_cell(view: View, seen: np.ndarray, rng: np.random.Generator) -> str:
    """Cell for selection: `"full"` when one view shows all of `seen`, else one of two partial ones.

    Cells are used equally often, so two partial ones to one full one keep Partial Coverage above one half.
    """
    full = (view.visibility[:, seen] == VISIBLE).all(axis=1).any()
    return "full" if full else f"partial {rng.integers(2)}"


def always_one(view: View, label: str) -> bool:
    """Whether the scene has but one instance of the category, so that its name alone would tell the count."""
    return len(view.members[label]) == 1


def object_count(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_count_occ` and `obj_count_occ_na`."""
    yield from _choices(view, rng, ledger)
    yield from _numbers(view, rng, ledger)


def _text(label: str) -> str:
    return f"How many {label}(s) are visible across these frames?"


def _numbers(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """The count as a number; every count up to eight takes its turn."""
    kind = "obj_count_occ_na"
    for label, seen in countable_categories(view, kind, ledger):
        ledger.propose(kind)
        yield Question(
            question_type=kind,
            scene_name=view.annotation.scene_name,
            text=_text(label),
            truth=str(len(seen)),
            distractors=(),
            targets=tuple(int(k) for k in seen),
            subject=label,
            stratum="",
            num_strata=1,
            block=(f"count {len(seen)}",),
            fallback=always_one(view, label),
            cell=coverage_cell(view, seen, rng),
            group=(kind, view.view_set.frames, label),
            numbers={"count": len(seen)},
            answer_format="number",
        )


def _choices(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """Open: the count, to be shown among other counts of the same category."""
    kind = "obj_count_occ"
    for label, seen in countable_categories(view, kind, ledger):
        ledger.propose(kind)
        yield Question(
            question_type=kind,
            scene_name=view.annotation.scene_name,
            text=_text(label),
            truth=str(len(seen)),
            distractors=(),
            targets=tuple(int(k) for k in seen),
            subject=label,
            stratum=f"count {len(seen)}",
            num_strata=NUM_OPTIONS,
            cell=coverage_cell(view, seen, rng),
            group=(kind, view.view_set.frames, label),
            numbers={"count": len(seen)},
        )
