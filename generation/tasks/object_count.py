"""object_count: how many distinct instances of a category the set shows."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View


MAX_COUNT = 8
NUM_OPTIONS = 4


def countable_categories(view: View, question_type: str, ledger: Ledger) -> Iterator[tuple[str, np.ndarray]]:
    """Categories that can be counted without doubt, with the instance indices that are visible.

    Every instance of the category must be visible or absent in every view (ANNOTATION section 5).
    """
    for label, indices in view.members.items():
        seen = indices[view.shown[indices]]
        if (view.visibility[:, indices] == UNCLEAR).any():
            ledger.reject(question_type, "unclear_instance")
        elif len(seen) > MAX_COUNT:
            ledger.reject(question_type, f"more_than_{MAX_COUNT}")
        else:
            yield label, seen


def scenario(view: View, seen: np.ndarray) -> str:
    """`full` when one view shows all of `seen`, else `partial`."""
    return "full" if (view.visibility[:, seen] == VISIBLE).all(axis=1).any() else "partial"


def object_count(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_count_occ`: four whole numbers around the truth; one candidate for each rank that the truth can take."""
    kind = "obj_count_occ"
    for label, seen in countable_categories(view, kind, ledger):
        truth = len(seen)
        for rank in range(min(truth, NUM_OPTIONS - 1) + 1):
            numbers = [truth - rank + k for k in range(NUM_OPTIONS)]
            ledger.propose(kind)
            yield Question(
                question_type=kind,
                text=f"How many {label}(s) are visible across these frames?",
                truth=str(truth),
                distractors=tuple(str(number) for number in numbers if number != truth),
                targets=tuple(int(k) for k in seen),
                subject=label,
                stratum=f"rank {rank}",
                cell=f"{scenario(view, seen)}",
                group=(kind, view.view_set.frames, label),
                numbers={"count": truth},
            )
