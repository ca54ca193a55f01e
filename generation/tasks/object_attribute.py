"""object_attribute: which object, not shown in the asked view, lies in a direction from one that is."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.directions import AXES, COMPARISON, elsewhere


QUESTIONS_PER_VIEW_SET = 4
NUM_DISTRACTORS = 3


def object_attribute(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_attribute_occ_{lr,ab,fb}`: of four categories, one has the direction, the others its opposite."""
    clear = {}
    for label, indices in view.members.items():
        if not view.doubtful[indices].any():
            clear[label] = indices[view.shown[indices]]
    for axis in AXES:
        kind = f"obj_attribute_occ_{axis}"
        ledger.reject(kind, "unclear_instance", len(view.members) - len(clear))
        found = [
            (position, int(b), sign, answer, tuple(sorted(wrong)))
            for position in range(view.size)
            for b, sign, answers, wrong in _sides(view, axis, position, clear, kind, ledger)
            for answer in answers
        ]
        for k in rng.permutation(len(found))[:QUESTIONS_PER_VIEW_SET]:
            position, b, sign, answer, wrong = found[k]
            ledger.propose(kind)
            yield Question(
                question_type=kind,
                text=(
                    f"In Frame {position + 1}, which object appears {COMPARISON[axis][sign]} "
                    f"the {view.reference_name(position, b)} in this viewpoint?"
                ),
                truth=answer,
                distractors=tuple(str(label) for label in rng.choice(wrong, NUM_DISTRACTORS, replace=False)),
                targets=tuple(int(k) for k in clear[answer]),
                references=(b,),
                subject=answer,
                stratum=str(sign),
                group=(kind, view.view_set.frames, position, b, sign),
                asked_position=position,
                numbers={"axis": axis, "sign": sign},
            )


def _sides(view: View, axis: str, position: int, clear: dict, kind: str, ledger: Ledger) -> Iterator[tuple]:
    """Yield (reference, sign, answer categories, wrong categories) for the view at `position`."""
    signs = view.direction(axis, position)  # (K, K)
    lowest = {label: signs[indices].min(axis=0) for label, indices in clear.items()}  # each (K,)
    highest = {label: signs[indices].max(axis=0) for label, indices in clear.items()}
    hidden = elsewhere(view, position)
    for b in np.flatnonzero(view.visibility[position] == VISIBLE):
        others = [label for label in clear if label != view.label(b)]
        for sign in (-1, 1):
            # all instances of a category on one side of the reference: -1 when even the highest sign is -1
            on_side = [label for label in others if (lowest if sign > 0 else highest)[label][b] == sign]
            opposite = [label for label in others if (highest if sign > 0 else lowest)[label][b] == -sign]
            answers = [label for label in on_side if hidden[clear[label]].all()]
            if not answers:
                ledger.reject(kind, "no_hidden_category_on_that_side")
            elif len(opposite) < NUM_DISTRACTORS:
                ledger.reject(kind, "too_few_categories_on_the_other_side")
            else:
                yield b, sign, answers, opposite
