"""spatial_relation: where an object that the asked view lacks lies from one that it shows."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import Ledger, Question, View
from generation.tasks.directions import (
    COMPARISON,
    count_rejects,
    different_category,
    direction_signs,
    draw_pairs,
    elsewhere,
    visible,
)


PAIRS_PER_VIEW_SET = 8
# Two axes make four options that are equally likely; the published form gave the asked axis away (ANNOTATION section 7)
SECOND_AXIS = {"lr": "fb", "ab": "lr", "fb": "ab"}


def spatial_relation(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_spatial_occ_{lr,ab,fb}`: the four combinations of two directions on two axes."""
    seen = visible(view)  # (n, K)
    absent = np.stack([elsewhere(view, position) for position in range(view.size)])
    together = (seen[:, :, None] & seen[:, None, :]).any(axis=0)[None]  # (1, K, K)
    for axis, second in SECOND_AXIS.items():
        kind = f"obj_spatial_occ_{axis}"
        signs = [direction_signs(view, one) for one in (axis, second)]
        candidates = different_category(view) & absent[:, :, None] & seen[:, None, :]
        valid = count_rejects(
            ledger,
            kind,
            [
                ("name_not_unique", np.broadcast_to(view.unique[None, :, None], candidates.shape)),
                ("never_shown_together", together),
                ("direction_undefined", signs[0] != 0),
                ("second_direction_undefined", signs[1] != 0),
            ],
            candidates,
        )
        for pair in draw_pairs(valid, PAIRS_PER_VIEW_SET, rng):
            reference = view.reference_name(pair.position, pair.b)
            truth = tuple(int(sign[pair.position, pair.a, pair.b]) for sign in signs)
            texts = {
                (one, two): f"{COMPARISON[axis][one].capitalize()} and {COMPARISON[second][two]} the {reference}"
                for one in (-1, 1)
                for two in (-1, 1)
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
                group=(kind, view.view_set.frames, pair),
                asked_position=pair.position,
                numbers={"axes": [axis, second], "signs": list(truth)},
            )
