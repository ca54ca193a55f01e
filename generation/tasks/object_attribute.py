"""object_attribute: which object, not shown in the asked view, lies in a direction from one that is."""

from collections.abc import Iterator

import numpy as np

from generation.annotation.relations import AXES
from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.directions import COMPARISON, absent_but_shown, count_rejects, direction_signs
from generation.tasks.matching import NUM_OPTIONS
from generation.tasks.measures import MIN_ERROR_RATIO, partly_seen, size_error_m, value_bin, well_seen


QUESTIONS_PER_VIEW_SET = 40
NUM_DISTRACTORS = NUM_OPTIONS - 1


def object_attribute(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_attribute_occ_{lr,ab,fb}` and `obj_size_occ_na`."""
    yield from _choices(view, rng, ledger)
    yield from _sizes(view, ledger)


def _sizes(view: View, ledger: Ledger) -> Iterator[Question]:
    """The longest dimension of a thing that the set shows in part."""
    kind, longest_m = "obj_size_occ_na", view.annotation.longest_m
    rules = [
        ("name_not_unique", view.unique),
        ("whole_in_every_view", partly_seen(view)),
        ("hardly_seen", well_seen(view)),
        ("leans", np.isfinite(longest_m)),
        ("too_small_to_measure", longest_m > MIN_ERROR_RATIO * size_error_m(view.annotation)),
    ]
    for k in np.flatnonzero(count_rejects(ledger, kind, rules, view.shown)):
        ledger.propose(kind)
        yield Question(
            question_type=kind,
            scene_name=view.annotation.scene_name,
            text=f"What is the length of the longest dimension of the {view.label(k)}, in centimeters?",
            truth=f"{100 * longest_m[k]:.0f}",
            distractors=(),
            targets=(int(k),),
            subject=view.label(k),
            stratum="",
            num_strata=1,
            cell=value_bin(longest_m[k]),
            group=(kind, view.view_set.frames, view.label(k)),
            numbers={"longest_m": round(float(longest_m[k]), 5)},
            answer_format="number",
        )


def _choices(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """Open: of four categories, one has the direction, the others its opposite.

    A category has a direction if all its instances that the set shows have it: one that no view shows cannot count,
    and categories with an instance that a person may or may not see are left out.
    """
    instances = {}
    for label, indices in view.members.items():
        if label not in view.broad and not view.doubtful[indices].any():
            instances[label] = indices[view.shown[indices]]
    labels = np.array(list(instances), dtype=str)  # (L,)
    absent = absent_but_shown(view)
    hidden = _all_of(absent, instances)  # (n, L)
    visible = view.visibility == VISIBLE
    other = labels[:, None] != view.annotation.labels  # (L, K)
    for axis in AXES:
        kind = f"obj_attribute_occ_{axis}"
        signs = direction_signs(view, axis)  # (n, K, K)
        ledger.reject(kind, "broad_or_unclear_category", len(view.members) - len(instances))
        ledger.reject(kind, "name_not_unique", int((visible & ~view.named).sum()))
        found = []
        for sign in (-1, 1):
            on_side, opposite = (_all_of(signs == s, instances) & other for s in (sign, -sign))  # (n, L, K)
            answers = on_side & hidden[:, :, None] & view.named[:, None, :]
            enough = opposite.sum(axis=1) >= NUM_DISTRACTORS  # (n, K)
            ledger.reject(kind, "no_hidden_category_on_that_side", int((view.named & ~answers.any(axis=1)).sum()))
            ledger.reject(kind, "too_few_categories_on_the_other_side", int((answers & ~enough[:, None]).sum()))
            found += [(sign, opposite, *at) for at in np.argwhere(answers & enough[:, None])]
        ledger.reject(kind, "more_than_a_view_set_is_asked", max(len(found) - QUESTIONS_PER_VIEW_SET, 0))
        for k in rng.permutation(len(found))[:QUESTIONS_PER_VIEW_SET]:
            sign, opposite, position, answer, b = found[k]
            # what the view lacks comes first, or the answer would be the only option that cannot be seen in it
            wrong = rng.permutation(np.flatnonzero(opposite[position, :, b]))
            wrong = wrong[np.argsort(~hidden[position, wrong], kind="stable")]
            ledger.propose(kind)
            yield Question(
                question_type=kind,
                scene_name=view.annotation.scene_name,
                text=(
                    f"In Frame {position + 1}, which object appears {COMPARISON[axis][sign]} "
                    f"the {view.reference_name(position, b)} in this viewpoint?"
                ),
                truth=str(labels[answer]),
                distractors=(),
                targets=tuple(int(k) for k in instances[labels[answer]]),
                references=(int(b),),
                subject=str(labels[answer]),
                stratum="",
                num_strata=1,
                side=COMPARISON[axis][sign],
                num_sides=2,
                pool={str(label): tuple(int(k) for k in instances[label]) for label in labels[wrong]},
                group=(kind, view.view_set.frames, int(position), int(b), sign),
                asked_position=int(position),
                numbers={"axis": axis, "sign": sign},
            )


def _all_of(holds: np.ndarray, instances: dict[str, np.ndarray]) -> np.ndarray:
    """Whether `holds`, `bool` of shape `(n, K, ...)`, is true for all instances of each category: `(n, L, ...)`."""
    all_of = np.array([holds[:, indices].all(axis=1) for indices in instances.values()], dtype=bool)
    return all_of.reshape(len(instances), len(holds), *holds.shape[2:]).swapaxes(0, 1)
