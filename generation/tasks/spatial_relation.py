"""spatial_relation: where an object that the asked view lacks lies from one that it shows, and how far things are."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.directions import COMPARISON, absent_but_shown, different_category, direction_signs
from generation.tasks.finding import Found, count_rejects, draw, pick
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
from generation.tasks.proposed import Asked, Balance, Task, blocks, group_of, proposals


# Pairs of each of the four answers
PAIRS_PER_VIEW_SET = 12
# A reference that points into the image is matched with one that points into the same of so many columns and rows
PIN_CELLS = 2
# Distances of each kind
DISTANCES_PER_VIEW_SET = 8
# Differences in height are told apart in steps of this
HEIGHT_RANGE_M = 0.4
# Two axes make four options that are equally likely; the published form gave the asked axis away (ANNOTATION
# section 7)
SECOND_AXIS = {"lr": "fb", "ab": "lr", "fb": "lr"}
AXES_OF = {f"obj_spatial_occ_{axis}": (axis, second) for axis, second in SECOND_AXIS.items()}
CAMERA, OBJECTS = "obj_distance_occ_na", "obj_obj_distance_occ_na"


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """`obj_spatial_occ_{lr,ab,fb}`, `obj_distance_occ_na` and `obj_obj_distance_occ_na`."""
    found = Found(views)
    for view_set, view in enumerate(views):
        _add_choices(found, view_set, view, rng, ledger)
        things = draw(_from_a_camera(view, ledger), DISTANCES_PER_VIEW_SET, rng, CAMERA, ledger)
        found.add(CAMERA, view_set, *things.T)
        pairs = draw(_between_things(view, ledger), DISTANCES_PER_VIEW_SET, rng, OBJECTS, ledger)
        for pair in pairs:
            pair[:] = pair[rng.permutation(2)]
        found.add(OBJECTS, view_set, *pairs.T)
    annotation, of = views[0].annotation, views[0].categories.of
    proposed = {}
    for kind, (view_set, *columns) in found.columns():
        if kind == CAMERA:
            position, k = columns
            distance_m = annotation.centre_distance_m[found.frames[view_set, position], k]
            fields = {"position": position, "target": k, "group": group_of(view_set, position, k)}
            fields |= {"subject": of[k], "cell": value_bin(distance_m)}
        elif kind == OBJECTS:
            a, b = columns
            fields = {"target": a, "reference": b, "group": group_of(view_set, np.minimum(a, b), np.maximum(a, b))}
            fields |= {"subject": of[a], "cell": value_bin(annotation.closest_m[a, b])}
        else:
            fields = _choice_fields(found, kind, view_set, *columns)
        proposed[kind] = proposals(len(view_set), view_set=view_set, **fields)
    return proposed


def _from_a_camera(view: View, ledger: Ledger) -> np.ndarray:
    """Which things' distance from which camera is asked, that sees them in part or does not see them: `(n, K)`."""
    distance_m = view.annotation.centre_distance_m[view.frames]  # (n, K)
    rules = [
        ("unclear_instance", (view.visibility == VISIBLE) | absent_but_shown(view)),
        ("name_not_unique", view.nameable),
        ("neither_hidden_nor_cut", ~view.whole),
        ("hardly_seen", well_seen(view)),
        ("centre_ambiguous", has_one_centre(view)),
        ("too_close_to_measure", distance_m > MIN_ERROR_RATIO * camera_distance_error_m(view.annotation)),
    ]
    return count_rejects(ledger, CAMERA, rules, np.broadcast_to(view.shown, distance_m.shape))


def _between_things(view: View, ledger: Ledger) -> np.ndarray:
    """Which two things' distance is asked, of which the set shows one at least in part: `(K, K)`."""
    part, well, named = partly_seen(view), well_seen(view), view.unique | (view.pinned_in >= 0)
    too_close_m = MIN_ERROR_RATIO * object_distance_error_m(view.annotation)
    rules = [
        ("name_not_unique", named[:, None] & named[None, :]),
        ("whole_in_every_view", part[:, None] | part[None, :]),
        ("hardly_seen", well[:, None] & well[None, :]),
        ("too_close_to_measure", view.annotation.closest_m > too_close_m),
    ]
    return count_rejects(ledger, OBJECTS, rules, np.triu(different_category(view)[0]))


def _add_choices(found: Found, view_set: int, view: View, rng: np.random.Generator, ledger: Ledger) -> None:
    """Pairs for each of the four combinations of two directions on two axes."""
    seen = view.visibility == VISIBLE  # (n, K)
    together = (seen[:, :, None] & seen[:, None, :]).any(axis=0)[None]  # (1, K, K)
    candidates = different_category(view) & absent_but_shown(view)[:, :, None] & seen[:, None, :]  # (n, K, K)
    for kind, axes in AXES_OF.items():
        signs = [direction_signs(view, axis) for axis in axes]
        rules = [
            ("name_not_unique", view.nameable[:, :, None] & view.named[:, None, :]),
            ("never_shown_together", together),
            ("direction_undefined", signs[0] != 0),
            ("second_direction_undefined", signs[1] != 0),
        ]
        pairs = np.argwhere(count_rejects(ledger, kind, rules, candidates))
        first, second = (sign[tuple(pairs.T)] for sign in signs)
        for truth in product((-1, 1), repeat=2):
            held = pairs[(first == truth[0]) & (second == truth[1])]
            position, a, b = pick(held, PAIRS_PER_VIEW_SET, rng, kind, ledger).T
            found.add(kind, view_set, position, a, b, *truth)


def _choice_fields(found: Found, kind: str, view_set, position, a, b, first, second) -> dict[str, np.ndarray]:
    """Each is matched with its opposite, for references whose names point into the same part of the image, and for the
    same category of the reference (`ab`: for a like difference in height). So these do not tell the answer. The sides
    are whether both signs are the same, so that one axis does not tell the other.
    """
    annotation, of = found.views[0].annotation, found.views[0].categories.of
    gap = 0
    if AXES_OF[kind][0] == "ab":
        # A lamp hangs higher than a rug in nearly every view; of two things at like heights, the view decides
        heights_m = annotation.box_centres[:, 2]
        gap = np.floor((heights_m[a] - heights_m[b]) / HEIGHT_RANGE_M)
    return {
        "position": position,
        "target": a,
        "reference": b,
        "subject": of[a],
        "stratum": first,
        "side": first * second,
        "block": blocks(found.pins(view_set, position, b, PIN_CELLS), gap, of[b], of[a]),
        "group": group_of(view_set, position, a, b),
    }


def ask(view: View, kind: str, asked: Asked) -> Question:
    """Where the thing `target` lies from `reference`, or how far it is from it or from the camera of `position`."""
    position, a, b = asked.position, asked.target, asked.reference
    if kind == CAMERA:
        name = view.name(position, a)
        return _ask_distance(
            kind,
            f"How far is the center of the {name} from the camera of Frame {position + 1}, in meters?",
            float(view.annotation.centre_distance_m[view.frames[position], a]),
            targets=(a,),
            asked_position=position,
        )
    if kind == OBJECTS:
        return _ask_distance(
            kind,
            f"What is the distance between the {view.name_in_set(a)} and the {view.name_in_set(b)}, in meters, "
            "measured between their closest points?",
            float(view.annotation.closest_m[a, b]),
            targets=(a, b),
        )
    axis, second = AXES_OF[kind]
    reference = view.reference_name(position, b)
    texts = {
        (one, two): f"{COMPARISON[axis][one].capitalize()} and {COMPARISON[second][two]} the {reference}"
        for one, two in product((-1, 1), repeat=2)
    }
    truth = tuple(int(view.annotation.directions[one][view.frames[position], a, b]) for one in (axis, second))
    return Question(
        question_type=kind,
        text=(
            f"In Frame {position + 1}, where does the {view.name_in_set(a)} appear in this view "
            f"relative to the {reference}?"
        ),
        truth=texts.pop(truth),
        distractors=tuple(texts.values()),
        targets=(a,),
        references=(b,),
        asked_position=position,
        numbers={"axes": [axis, second], "signs": list(truth)},
    )


def _ask_distance(kind: str, text: str, distance_m: float, **fields) -> Question:
    return Question(
        question_type=kind,
        text=text,
        truth=metres(distance_m),
        distractors=(),
        numbers={"distance_m": round(distance_m, 5)},
        answer_format="number",
        **fields,
    )


_CHOICE = Balance(4, num_strata=2, num_sides=2, depth=4, num_shared=3, categories=(2, 3))
SPATIAL_RELATION = Task(
    propose,
    ask,
    {
        # `ab`: a like difference in height says more than the category
        **{kind: _CHOICE._replace(num_shared=2 if axis == "ab" else 3) for kind, (axis, _) in AXES_OF.items()},
        CAMERA: Balance(),
        OBJECTS: Balance(),
    },
)
