"""spatial_relation: where an object that the asked view lacks lies from one that it shows."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View, pinned_at
from generation.tasks.directions import (
    COMPARISON,
    absent_but_shown,
    count_rejects,
    different_category,
    direction_signs,
    draw,
    draw_pairs,
    height_gap,
)
from generation.tasks.measures import (
    MIN_ERROR_RATIO,
    camera_distance_error_m,
    has_one_centre,
    metres,
    object_distance_error_m,
    partly_seen,
    value_bin,
    well_seen,
)


# Pairs of each of the four answers
PAIRS_PER_VIEW_SET = 12
# A reference that points into the image is matched with one that points into the same of so many columns and rows
PIN_CELLS = 2
# Distances of each kind
DISTANCES_PER_VIEW_SET = 8
# Two axes make four options that are equally likely; the published form gave the asked axis away (ANNOTATION
# section 7)
SECOND_AXIS = {"lr": "fb", "ab": "lr", "fb": "lr"}


def spatial_relation(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_spatial_occ_{lr,ab,fb}`, `obj_distance_occ_na` and `obj_obj_distance_occ_na`."""
    yield from _choices(view, rng, ledger)
    yield from _camera_distances(view, rng, ledger)
    yield from _object_distances(view, rng, ledger)


def _camera_distances(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """The distance of a thing from a camera that sees it in part, or that does not see it."""
    kind, distance_m = "obj_distance_occ_na", view.annotation.centre_distance_m[view.frames]  # (n, K)
    clear = (view.visibility == VISIBLE) | absent_but_shown(view)
    rules = [
        ("unclear_instance", clear),
        ("name_not_unique", view.nameable),
        ("neither_hidden_nor_cut", ~view.whole),
        ("hardly_seen", np.broadcast_to(well_seen(view), clear.shape)),
        ("centre_ambiguous", np.broadcast_to(has_one_centre(view), clear.shape)),
        ("too_close_to_measure", distance_m > MIN_ERROR_RATIO * camera_distance_error_m(view.annotation)),
    ]
    valid = count_rejects(ledger, kind, rules, np.broadcast_to(view.shown, clear.shape))
    for position, k in draw(valid, DISTANCES_PER_VIEW_SET, rng, kind, ledger):
        name = view.name(position, k)
        ledger.propose(kind)
        yield Question(
            question_type=kind,
            scene_name=view.annotation.scene_name,
            text=f"How far is the center of the {name} from the camera of Frame {position + 1}, in meters?",
            truth=metres(distance_m[position, k]),
            distractors=(),
            targets=(k,),
            subject=view.label(k),
            stratum="",
            num_strata=1,
            cell=value_bin(distance_m[position, k]),
            group=(kind, view.view_set.frames, position, k),
            asked_position=position,
            numbers={"distance_m": round(float(distance_m[position, k]), 5)},
            answer_format="number",
        )


def _object_distances(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """The distance between two things, one of which at least the set shows in part."""
    kind, distance_m = "obj_obj_distance_occ_na", view.annotation.closest_m
    part, well, named = partly_seen(view), well_seen(view), view.unique | (view.pinned_in >= 0)
    rules = [
        ("name_not_unique", named[:, None] & named[None, :]),
        ("whole_in_every_view", part[:, None] | part[None, :]),
        ("hardly_seen", well[:, None] & well[None, :]),
        ("too_close_to_measure", distance_m > MIN_ERROR_RATIO * object_distance_error_m(view.annotation)),
    ]
    valid = count_rejects(ledger, kind, rules, np.triu(different_category(view)[0]))
    for pair in draw(valid, DISTANCES_PER_VIEW_SET, rng, kind, ledger):
        a, b = (pair[k] for k in rng.permutation(2))
        ledger.propose(kind)
        yield Question(
            question_type=kind,
            scene_name=view.annotation.scene_name,
            text=(
                f"What is the distance between the {view.name_in_set(a)} and the {view.name_in_set(b)}, in meters, "
                "measured between their closest points?"
            ),
            truth=metres(distance_m[a, b]),
            distractors=(),
            targets=(a, b),
            subject=view.label(a),
            stratum="",
            num_strata=1,
            cell=value_bin(distance_m[a, b]),
            group=(kind, view.view_set.frames, *pair),
            numbers={"distance_m": round(float(distance_m[a, b]), 5)},
            answer_format="number",
        )


def _choices(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """The four combinations of two directions on two axes.

    Each is matched with its opposite, for references whose names point into the same part of the image, and for the
    same category of the reference (`ab`: for a like difference in height). So these do not tell the answer. The sides
    are whether both signs are the same, so that one axis does not tell the other.
    """
    seen = view.visibility == VISIBLE  # (n, K)
    together = (seen[:, :, None] & seen[:, None, :]).any(axis=0)[None]  # (1, K, K)
    candidates = different_category(view) & absent_but_shown(view)[:, :, None] & seen[:, None, :]  # (n, K, K)
    for axis, second in SECOND_AXIS.items():
        kind = f"obj_spatial_occ_{axis}"
        signs = [direction_signs(view, one) for one in (axis, second)]
        rules = [
            ("name_not_unique", view.nameable[:, :, None] & view.named[:, None, :]),
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
                    scene_name=view.annotation.scene_name,
                    text=(
                        f"In Frame {pair.position + 1}, where does the {view.name_in_set(pair.a)} appear in this view "
                        f"relative to the {reference}?"
                    ),
                    truth=texts.pop(truth),
                    distractors=tuple(texts.values()),
                    targets=(pair.a,),
                    references=(pair.b,),
                    subject=view.label(pair.a),
                    stratum=str(truth[0]),
                    num_strata=2,
                    side=str(truth[0] * truth[1]),
                    num_sides=2,
                    block=(
                        pinned_at(view, pair.position, pair.b, PIN_CELLS),
                        height_gap(view, axis, pair.a, pair.b),
                        view.label(pair.b),
                        view.label(pair.a),
                    ),
                    num_shared=2 if axis == "ab" else 3,
                    group=(kind, view.view_set.frames, *pair),
                    asked_position=pair.position,
                    numbers={"axes": [axis, second], "signs": list(truth)},
                )
