"""best_view_selection: the count, and the view that shows the category best."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.finding import Found
from generation.tasks.object_count import countable_categories, coverage_cells, in_one_view
from generation.tasks.proposed import NONE, Asked, Balance, Task, blocks, group_of, proposals


KIND = "bestview_count_occ"
# The best view wins by one more visible instance, or at equal counts by this factor of visible area
MIN_AREA_RATIO = 1.25
# Strata
LARGER, SMALLER = 0, 1


@lru_cache(maxsize=256)
def best_views(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Position of the most informative view of each category `(L,)`, -1 without a clear winner; areas `(n, L)`.

    Where areas decide and pixels are in doubt, the winner's are as few and the others' as many as they may be.
    """
    visible, counts = view.visibility == VISIBLE, view.num_visible
    members = view.categories.members.astype(float)  # sums of pixels would not be exact in single precision
    areas = np.where(visible, view.annotation.visible_pixels[view.frames], 0) @ members
    order = counts * (areas.max(initial=0) + 1) + areas
    first = view.size - 1 - order[::-1].argmax(axis=0)  # of equal ones the last
    columns = np.arange(len(first))
    least, most = areas[first, columns], areas
    if view.annotation.doubtful_pixels is not None:
        in_doubt = np.where(visible[..., None], view.annotation.doubtful_pixels[view.frames], 0)  # (n, K, 2)
        least = least - (in_doubt[..., 0] @ members)[first, columns]
        most = areas + in_doubt[..., 1] @ members
    beaten = (counts < counts[first, columns]) | (MIN_AREA_RATIO * most <= least)
    beaten[first, columns] = True
    return np.where(beaten.all(axis=0), first, NONE), areas


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """Right or wrong count with right or wrong frame, so that no value is the more frequent.

    Where the smaller of two counts is right, the larger one is so in another set of as many views.
    """
    found = Found(views)
    for view_set, view in enumerate(views):
        winners, _ = best_views(view)
        categories = countable_categories(view, KIND, ledger)
        full, proposed = in_one_view(view, categories), []
        for category, in_one in zip(categories.tolist(), full, strict=True):
            winner = winners[category]
            if winner == NONE:
                ledger.reject(KIND, "no_clear_best_view")
                continue
            showing = np.flatnonzero(view.num_visible[:, category])
            showing = showing[showing != winner]
            if not len(showing):
                ledger.reject(KIND, "only_one_view_shows_it")
                continue
            other = showing[rng.integers(len(showing))]
            (cell,) = coverage_cells(np.array([in_one]), rng)
            truth = view.num_shown[category]
            strata = [LARGER, SMALLER] if truth > 1 else [SMALLER]
            proposed += [(category, other, truth, stratum, cell) for stratum in strata]
        found.add(KIND, view_set, *np.array(proposed, dtype=int).reshape(-1, 5).T)
    return {
        kind: proposals(
            len(view_set),
            view_set=view_set,
            target=category,
            reference=other,
            value=np.where(stratum == LARGER, truth - 1, truth + 1),
            subject=category,
            stratum=stratum,
            cell=cell,
            block=blocks(
                # the smaller count, in sets of so many views
                np.where(stratum == LARGER, truth - 1, truth) * 8 + np.array([view.size for view in views])[view_set],
                category,
            ),
            fallback=views[0].categories.sizes[category] == 1,
            group=group_of(view_set, category),
        )
        for kind, (view_set, category, other, truth, stratum, cell) in found.columns()
    }


def ask(view: View, kind: str, asked: Asked) -> Question:
    """How many of the category `target` there are (not `value`), and which view shows it best (not `reference`)."""
    category, other, wrong = asked.target, asked.reference, asked.value
    label, truth = view.categories.names[category], int(view.num_shown[category])
    winners, areas = best_views(view)
    winner = int(winners[category])
    return Question(
        question_type=kind,
        text=(
            f"How many {label}(s) are visible across these frames? "
            f"And tell me which frame provides the most informative view of the {label}(s)."
        ),
        truth=option(label, truth, winner),
        distractors=(option(label, truth, other), option(label, wrong, winner), option(label, wrong, other)),
        targets=view.shown_of(category),
        numbers={
            "count": truth,
            "best_frame": winner + 1,
            "visible_per_frame": view.num_visible[:, category].tolist(),
            "area_per_frame": areas[:, category].astype(int).tolist(),
        },
    )


def option(label: str, count: int, position: int) -> str:
    return f"{count} {label}(s); Frame {position + 1}"


BEST_VIEW_SELECTION = Task(propose, ask, {KIND: Balance(4, num_strata=2, depth=2, num_shared=2, categories=(1,))})
