"""object_existence: does a direction hold between two objects of which the asked view lacks at least one."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import UNCLEAR, Ledger, Question, View
from generation.tasks.directions import (
    AXES,
    COMPARISON,
    count_rejects,
    different_category,
    direction_signs,
    draw_pairs,
    elsewhere,
    visible,
)


PAIRS_PER_VIEW_SET = 6


def object_existence(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_existence_occ_{lr,ab,fb}`: Yes or No; every pair of objects is a candidate for both."""
    seen = visible(view)  # (n, K)
    absent = np.stack([elsewhere(view, position) for position in range(view.size)])  # (n, K)
    clear = view.visibility != UNCLEAR
    named = seen | (absent & view.unique)
    for axis in AXES:
        kind = f"obj_existence_occ_{axis}"
        sign = direction_signs(view, axis)
        candidates = different_category(view) & ~(seen[:, :, None] & seen[:, None, :])
        valid = count_rejects(
            ledger,
            kind,
            [
                ("unclear_instance", clear[:, :, None] & clear[:, None, :]),
                ("name_not_unique", named[:, :, None] & named[:, None, :]),
                ("direction_undefined", sign != 0),
            ],
            candidates,
        )
        for pair in draw_pairs(valid, PAIRS_PER_VIEW_SET, rng):
            names = [
                view.reference_name(pair.position, k) if seen[pair.position, k] else view.label(k)
                for k in (pair.a, pair.b)
            ]
            truth_sign = int(sign[pair.position, pair.a, pair.b])
            for asked_sign in (-1, 1):
                ledger.propose(kind)
                yield Question(
                    question_type=kind,
                    text=(
                        f"In Frame {pair.position + 1}, is the {names[0]} {COMPARISON[axis][asked_sign]} "
                        f"the {names[1]} in this viewpoint?"
                    ),
                    truth="Yes" if asked_sign == truth_sign else "No",
                    distractors=("No" if asked_sign == truth_sign else "Yes",),
                    targets=(pair.a,),
                    references=(pair.b,),
                    subject=view.label(pair.a),
                    stratum=str(asked_sign == truth_sign),
                    cell=str(asked_sign),
                    group=(kind, view.view_set.frames, pair),
                    asked_position=pair.position,
                    numbers={"axis": axis, "sign": truth_sign},
                )
