"""object_existence: does a direction hold between two objects of which the asked view lacks at least one."""

from collections.abc import Iterator

import numpy as np

from generation.annotation.relations import AXES
from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View, pinned_at
from generation.tasks.directions import (
    COMPARISON,
    count_rejects,
    different_category,
    direction_signs,
    draw_pairs,
)


PAIRS_PER_VIEW_SET = 12
# A name that points into the image is matched with one that points into the same of so many columns and rows
PIN_CELLS = 4


def object_existence(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_existence_occ_{lr,ab,fb}`: every pair of objects, either way round, is a candidate for Yes and for No.

    Each word of the axis is a side. A Yes is matched with a No about the same two categories, so that they do not tell
    the answer (lamps hang higher than rugs), and neither does the place that a name points at.
    """
    seen, clear = view.visibility == VISIBLE, view.visibility != UNCLEAR  # (n, K)
    candidates = np.triu(different_category(view) & ~(seen[:, :, None] & seen[:, None, :]))  # (n, K, K)
    for axis in AXES:
        kind = f"obj_existence_occ_{axis}"
        signs = direction_signs(view, axis)
        rules = [
            ("unclear_instance", clear[:, :, None] & clear[:, None, :]),
            ("name_not_unique", view.nameable[:, :, None] & view.nameable[:, None, :]),
            ("direction_undefined", signs != 0),
        ]
        valid = count_rejects(ledger, kind, rules, candidates)
        for pair in draw_pairs(valid, PAIRS_PER_VIEW_SET, rng, kind, ledger):
            for a, b in ((pair.a, pair.b), (pair.b, pair.a)):
                sign = int(signs[pair.position, a, b])
                names = [view.name(pair.position, k) for k in (a, b)]
                pins = [pinned_at(view, pair.position, k, PIN_CELLS) if seen[pair.position, k] else "" for k in (a, b)]
                for asked in (-1, 1):
                    ledger.propose(kind)
                    yield Question(
                        question_type=kind,
                        scene_name=view.annotation.scene_name,
                        text=(
                            f"In Frame {pair.position + 1}, is the {names[0]} {COMPARISON[axis][asked]} "
                            f"the {names[1]} in this viewpoint?"
                        ),
                        truth="Yes" if asked == sign else "No",
                        distractors=("No" if asked == sign else "Yes",),
                        targets=(a,),
                        references=(b,),
                        subject=view.label(a),
                        stratum="Yes" if asked == sign else "No",
                        num_strata=2,
                        side=COMPARISON[axis][asked],
                        num_sides=2,
                        block=(view.label(a), view.label(b), *pins),
                        num_shared=4,
                        group=(kind, view.view_set.frames, *pair),
                        asked_position=pair.position,
                        numbers={"axis": axis, "sign": sign},
                    )
