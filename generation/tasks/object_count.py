"""object_count: how many distinct instances of a category the set shows."""

from collections.abc import Sequence

import numpy as np

from generation.tasks.base import UNCLEAR, Ledger, Question, View
from generation.tasks.finding import Found, count_rejects
from generation.tasks.proposed import Asked, Balance, Task, blocks, group_of, proposals


MAX_COUNT = 8
CHOICE, NUMBER = "obj_count_occ", "obj_count_occ_na"


def countable_categories(view: View, question_type: str, ledger: Ledger) -> np.ndarray:
    """Categories that can be counted without doubt.

    Every instance of the category must be visible or absent in every view (ANNOTATION section 5).
    """
    clear = view.count((view.visibility == UNCLEAR).any(axis=0)) == 0
    rules = [
        ("broad_category", ~view.broad),
        ("unclear_instance", clear),
        (f"more_than_{MAX_COUNT}", view.num_shown <= MAX_COUNT),
    ]
    return np.flatnonzero(count_rejects(ledger, question_type, rules, view.num_shown > 0))


def in_one_view(view: View, categories: np.ndarray) -> np.ndarray:
    """Of which of the categories one view shows all that the set shows."""
    return (view.num_visible[:, categories] == view.num_shown[categories]).any(axis=0)


def coverage_cells(in_one_view: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cells for selection: 2 where one view shows all, or else one of 0 and 1.

    Cells are used equally often, so two partial ones to one full one keep Partial Coverage above one half.
    """
    cells = np.full(len(in_one_view), 2)
    cells[~in_one_view] = rng.integers(2, size=np.count_nonzero(~in_one_view))
    return cells


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """Every category that can be counted; as a choice it is open, to be shown among other counts of the category."""
    found = Found(views)
    for view_set, view in enumerate(views):
        for kind in (CHOICE, NUMBER):
            categories = countable_categories(view, kind, ledger)
            cells = coverage_cells(in_one_view(view, categories), rng)
            found.add(kind, view_set, categories, view.num_shown[categories], cells)
    return {
        kind: proposals(
            len(view_set),
            view_set=view_set,
            target=category,
            value=count,
            subject=category,
            cell=cell,
            # every count up to eight takes its turn
            block=blocks(count),
            # the name alone tells the count of a category that the scene has once
            fallback=(views[0].categories.sizes[category] == 1) & (kind == NUMBER),
            group=group_of(view_set, category),
        )
        for kind, (view_set, category, count, cell) in found.columns()
    }


def ask(view: View, kind: str, asked: Asked) -> Question:
    """How many of the category `target` there are: the number `value`."""
    return Question(
        question_type=kind,
        text=f"How many {view.categories.names[asked.target]}(s) are visible across these frames?",
        truth=str(asked.value),
        distractors=tuple(map(str, asked.wrong)) if kind == CHOICE else (),
        targets=view.shown_of(asked.target),
        numbers={"count": asked.value},
        answer_format="choice" if kind == CHOICE else "number",
    )


OBJECT_COUNT = Task(propose, ask, {CHOICE: Balance(), NUMBER: Balance(depth=1)})
