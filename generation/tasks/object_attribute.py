"""object_attribute: which object, not shown in the asked view, lies in a direction from one that is."""

from collections.abc import Sequence

import numpy as np

from generation.annotation.relations import AXES
from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.directions import COMPARISON, absent_but_shown, direction_signs
from generation.tasks.finding import Found, count_rejects, pick
from generation.tasks.measures import MIN_ERROR_RATIO, partly_seen, size_error_m, value_bin, well_seen
from generation.tasks.proposed import MAX_POOL, NONE, NUM_WRONG, WITH_POOL, Asked, Balance, Task, group_of, proposals


QUESTIONS_PER_VIEW_SET = 40
AXIS_OF = {f"obj_attribute_occ_{axis}": axis for axis in AXES}
SIZE = "obj_size_occ_na"


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """`obj_attribute_occ_{lr,ab,fb}`, which are open, and `obj_size_occ_na`."""
    found = Found(views)
    for view_set, view in enumerate(views):
        _add_choices(found, view_set, view, rng, ledger)
        found.add(SIZE, view_set, _measurable(view, ledger))
    annotation, categories = views[0].annotation, views[0].categories
    proposed = {}
    for kind, (view_set, *columns) in found.columns():
        if kind == SIZE:
            (k,) = columns
            proposed[kind] = proposals(
                len(k),
                view_set=view_set,
                target=k,
                subject=categories.of[k],
                cell=value_bin(annotation.longest_m[k]),
                group=group_of(view_set, k),
            )
        else:
            sign, position, category, b, *pool = columns
            proposed[kind] = proposals(
                len(b),
                WITH_POOL,
                view_set=view_set,
                position=position,
                target=category,
                reference=b,
                value=sign,
                subject=category,
                side=sign,
                group=group_of(view_set, position, b, sign + 1),
                pool=np.stack(pool, axis=1),
            )
    return proposed


def _measurable(view: View, ledger: Ledger) -> np.ndarray:
    """Things that the set shows in part, of which the longest dimension is asked."""
    longest_m = view.annotation.longest_m
    rules = [
        ("name_not_unique", view.unique),
        ("whole_in_every_view", partly_seen(view)),
        ("hardly_seen", well_seen(view)),
        ("leans", np.isfinite(longest_m)),
        ("too_small_to_measure", longest_m > MIN_ERROR_RATIO * size_error_m(view.annotation)),
    ]
    return np.flatnonzero(count_rejects(ledger, SIZE, rules, view.shown))


def _add_choices(found: Found, view_set: int, view: View, rng: np.random.Generator, ledger: Ledger) -> None:
    """Of four categories, one has the direction, the others its opposite; so many that are wrong are the pool.

    A category has a direction if all its instances that the set shows have it: one that no view shows cannot count,
    and categories with an instance that a person may or may not see are left out.
    """
    categories = view.categories
    usable = (view.num_shown > 0) & ~view.broad & ~view.doubted
    labels = np.flatnonzero(usable)  # (L,) of those that are usable
    instances = np.flatnonzero(view.shown & usable[categories.of])
    instances = instances[np.argsort(categories.of[instances], kind="stable")]
    starts = np.searchsorted(categories.of[instances], labels)
    other = labels[:, None] != categories.of  # (L, K)
    visible = view.visibility == VISIBLE

    def all_of(holds: np.ndarray) -> np.ndarray:
        """Whether `holds`, `(n, K, ...)`, is true for all instances of each usable category: `(n, L, ...)`."""
        if not len(labels):
            return np.zeros((len(holds), 0, *holds.shape[2:]), dtype=bool)
        return np.logical_and.reduceat(holds[:, instances], starts, axis=1)

    hidden = all_of(absent_but_shown(view))  # (n, L)
    for kind, axis in AXIS_OF.items():
        signs = direction_signs(view, axis)  # (n, K, K)
        ledger.reject(kind, "broad_or_unclear_category", np.count_nonzero((view.num_shown > 0) & ~usable))
        ledger.reject(kind, "name_not_unique", np.count_nonzero(visible & ~view.named))
        on_side = {sign: all_of(signs == sign) & other for sign in (-1, 1)}  # (n, L, K)
        candidates = []
        for sign in (-1, 1):
            answers = on_side[sign] & hidden[:, :, None] & view.named[:, None, :]
            enough = on_side[-sign].sum(axis=1) >= NUM_WRONG  # (n, K)
            ledger.reject(kind, "no_hidden_category_on_that_side", np.count_nonzero(view.named & ~answers.any(axis=1)))
            ledger.reject(kind, "too_few_categories_on_the_other_side", np.count_nonzero(answers & ~enough[:, None]))
            at = np.argwhere(answers & enough[:, None])
            candidates.append(np.column_stack([np.full(len(at), sign), at]))
        chosen = pick(np.concatenate(candidates), QUESTIONS_PER_VIEW_SET, rng, kind, ledger)
        pools = np.full((len(chosen), MAX_POOL), NONE)
        for pool, (sign, position, _, b) in zip(pools, chosen.tolist(), strict=True):
            wrong = rng.permutation(on_side[-sign][position, :, b].nonzero()[0])
            # what the view lacks comes first, or the answer would be the only option that cannot be seen in it
            lacking = hidden[position, wrong]
            wrong = np.concatenate((wrong[lacking], wrong[~lacking]))[:MAX_POOL]
            pool[: len(wrong)] = labels[wrong]
        sign, position, answer, b = chosen.T
        found.add(kind, view_set, sign, position, labels[answer], b, pools.T)


def ask(view: View, kind: str, asked: Asked) -> Question:
    """How long the thing `target` is; or what lies from `reference` in the direction of sign `value`."""
    if kind == SIZE:
        return _ask_size(view, asked.target)
    axis, (position, b, sign) = AXIS_OF[kind], (asked.position, asked.reference, asked.value)
    names, wrong = view.categories.names, asked.wrong
    return Question(
        question_type=kind,
        text=(
            f"In Frame {position + 1}, which object appears {COMPARISON[axis][sign]} "
            f"the {view.reference_name(position, b)} in this viewpoint?"
        ),
        truth=names[asked.target],
        distractors=tuple(names[category] for category in wrong),
        targets=view.shown_of(asked.target),
        references=(b,),
        others=tuple(k for category in wrong for k in view.shown_of(category)),
        asked_position=position,
        numbers={"axis": axis, "sign": sign},
    )


def _ask_size(view: View, k: int) -> Question:
    longest_m = float(view.annotation.longest_m[k])
    return Question(
        question_type=SIZE,
        text=f"What is the length of the longest dimension of the {view.label(k)}, in centimeters?",
        truth=f"{100 * longest_m:.0f}",
        distractors=(),
        targets=(k,),
        numbers={"longest_m": round(longest_m, 5)},
        answer_format="number",
    )


OBJECT_ATTRIBUTE = Task(propose, ask, {**dict.fromkeys(AXIS_OF, Balance(num_sides=2)), SIZE: Balance()})
