"""spatial_relation: where an object that the asked view lacks lies from one that it shows."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.directions import (
    COMPARISON,
    absent_but_shown,
    count_rejects,
    different_category,
    direction_signs,
    draw_pairs,
)


# Pairs of each of the four answers
PAIRS_PER_VIEW_SET = 3
# Two axes make four options that are equally likely; the published form gave the asked axis away (ANNOTATION
# section 7)
SECOND_AXIS = {"lr": "fb", "ab": "lr", "fb": "ab"}


def spatial_relation(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_spatial_occ_{lr,ab,fb}`: the four combinations of two directions on two axes."""
    seen = view.visibility == VISIBLE  # (n, K)
    together = (seen[:, :, None] & seen[:, None, :]).any(axis=0)[None]  # (1, K, K)
    candidates = different_category(view) & absent_but_shown(view)[:, :, None] & seen[:, None, :]  # (n, K, K)
    for axis, second in SECOND_AXIS.items():
        kind = f"obj_spatial_occ_{axis}"
        signs = [direction_signs(view, one) for one in (axis, second)]
        rules = [
            ("name_not_unique", view.unique[None, :, None] & view.named[:, None, :]),
            ("never_shown_together", together),
            ("direction_undefined", signs[0] != 0),
            ("second_direction_undefined", signs[1] != 0),
        ]
        valid = count_rejects(ledger, kind, rules, candidates)
        for truth in product((-1, 1), repeat=2):
            held = valid & (signs[0] == truth[0]) & (signs[1] == truth[1])
            for pair in draw_pairs(held, PAIRS_PER_VIEW_SET, rng, kind, ledger):
                reference = view.reference_name(pair.position, pair.b)
                texts = {
                    (one, two): f"{COMPARISON[axis][one].capitalize()} and {COMPARISON[second][two]} the {reference}"
                    for one, two in product((-1, 1), repeat=2)
                }
                ledger.propose(kind)
                yield Question(
                    question_type=kind,
                    text=(
                        f"In Frame {pair.position + 1}, where does the {view.label(pair.a)} appear in this view "
                        f"relative to the {reference}?"
                    ),
                    truth=texts.pop(truth),
                    distractors=tuple(texts.values()),
                    targets=(pair.a,),
                    references=(pair.b,),
                    subject=view.label(pair.a),
                    stratum=str(truth),
                    num_strata=4,
                    block=(view.label(pair.a), view.label(pair.b)),
                    group=(kind, view.view_set.frames, pair),
                    asked_position=pair.position,
                    numbers={"axes": [axis, second], "signs": list(truth)},
                )
