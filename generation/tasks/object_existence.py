"""object_existence: does a direction hold between two objects of which the asked view lacks at least one."""

from collections.abc import Sequence

import numpy as np

from generation.annotation.relations import AXES
from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View
from generation.tasks.directions import COMPARISON, different_category, direction_signs
from generation.tasks.finding import Found, count_rejects, draw
from generation.tasks.proposed import NONE, Asked, Balance, Task, blocks, group_of, proposals


PAIRS_PER_VIEW_SET = 12
# A name that points into the image is matched with one that points into the same of so many columns and rows
PIN_CELLS = 4
AXIS_OF = {f"obj_existence_occ_{axis}": axis for axis in AXES}
# Strata
NO, YES = 0, 1


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """`obj_existence_occ_{lr,ab,fb}`: every pair of objects, either way round, is a candidate for Yes and for No.

    Each word of the axis is a side. A Yes is matched with a No about the same two categories, so that they do not tell
    the answer (lamps hang higher than rugs), and neither does the place that a name points at.
    """
    found = Found(views)
    for view_set, view in enumerate(views):
        seen, clear = view.visibility == VISIBLE, view.visibility != UNCLEAR  # (n, K)
        candidates = np.triu(different_category(view) & ~(seen[:, :, None] & seen[:, None, :]))  # (n, K, K)
        for kind, axis in AXIS_OF.items():
            rules = [
                ("unclear_instance", clear[:, :, None] & clear[:, None, :]),
                ("name_not_unique", view.nameable[:, :, None] & view.nameable[:, None, :]),
                ("direction_undefined", direction_signs(view, axis) != 0),
            ]
            valid = count_rejects(ledger, kind, rules, candidates)
            position, a, b = draw(valid, PAIRS_PER_VIEW_SET, rng, kind, ledger).T
            found.add(kind, view_set, position, a, b, *(seen[position, k] for k in (a, b)))
    return {kind: _records(found, kind, *columns) for kind, columns in found.columns()}


def _records(found: Found, kind: str, view_set, position, a, b, a_seen, b_seen) -> np.ndarray:
    """Of every pair, either way round, both words: four records that follow each other."""
    annotation, categories = found.views[0].annotation, found.views[0].categories
    sign = annotation.directions[AXIS_OF[kind]][found.frames[view_set, position], a, b]
    pins = [
        np.where(k_seen, found.pins(view_set, position, k, PIN_CELLS), NONE)
        for k, k_seen in ((a, a_seen), (b, b_seen))
    ]
    both = [np.stack(pair, axis=1) for pair in ((a, b), (b, a), pins, pins[::-1], (sign, -sign))]  # (N, 2) each
    target, reference, target_pin, reference_pin, sign = (np.repeat(one.ravel(), 2) for one in both)
    view_set, position, a, b = (np.repeat(one, 4) for one in (view_set, position, a, b))
    word = np.tile([-1, 1], len(target) // 2)
    return proposals(
        len(target),
        view_set=view_set,
        position=position,
        target=target,
        reference=reference,
        value=word,
        subject=categories.of[target],
        stratum=np.where(word == sign, YES, NO),
        side=word,
        block=blocks(categories.of[target], categories.of[reference], target_pin, reference_pin),
        group=group_of(view_set, position, a, b),
    )


def ask(view: View, kind: str, asked: Asked) -> Question:
    """Whether `target` lies from `reference` as the word of sign `value` says, in the viewpoint of `position`."""
    axis, (position, a, b, word) = AXIS_OF[kind], (asked.position, asked.target, asked.reference, asked.value)
    sign = int(view.annotation.directions[axis][view.frames[position], a, b])
    return Question(
        question_type=kind,
        text=(
            f"In Frame {position + 1}, is the {view.name(position, a)} {COMPARISON[axis][word]} "
            f"the {view.name(position, b)} in this viewpoint?"
        ),
        truth="Yes" if word == sign else "No",
        distractors=("No" if word == sign else "Yes",),
        targets=(a,),
        references=(b,),
        asked_position=position,
        numbers={"axis": axis, "sign": sign},
    )


OBJECT_EXISTENCE = Task(
    propose,
    ask,
    dict.fromkeys(AXIS_OF, Balance(2, num_strata=2, num_sides=2, depth=4, num_shared=4, categories=(0, 1))),
)
