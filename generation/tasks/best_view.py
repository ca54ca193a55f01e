"""best_view_selection: the count, and the view that shows the category best."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import VISIBLE, Ledger, Question, View
from generation.tasks.object_count import always_one, countable_categories, coverage_cell


# The best view wins by one more visible instance, or at equal counts by this factor of visible area
MIN_AREA_RATIO = 1.25


def best_view(view: View, indices: np.ndarray) -> tuple[int | None, np.ndarray, np.ndarray]:
    """Position of the most informative view of `indices` (`None` without a clear winner), counts and areas `(n,)`.

    Where areas decide and pixels are in doubt, the winner's are as few and the others' as many as they may be.
    """
    visible = view.visibility[:, indices] == VISIBLE
    counts = visible.sum(axis=1)
    areas = np.where(visible, view.annotation.visible_pixels[view.frames][:, indices], 0).sum(axis=1)
    first = np.lexsort((areas, counts))[-1]
    doubtful = np.zeros((view.size, 2))
    if view.annotation.doubtful_pixels is not None:
        in_doubt = view.annotation.doubtful_pixels[view.frames][:, indices]  # (n, m, 2)
        doubtful = np.where(visible[..., None], in_doubt, 0).sum(axis=1)
    least, most = areas[first] - doubtful[first, 0], areas + doubtful[:, 1]
    beaten = (counts < counts[first]) | (MIN_AREA_RATIO * most <= least)
    beaten[first] = True
    return (int(first) if beaten.all() else None), counts, areas


def best_view_selection(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`bestview_count_occ`: right or wrong count with right or wrong frame, so that no value is the more frequent.

    Where the smaller of two counts is right, the larger one is so in another set of as many views.
    """
    kind = "bestview_count_occ"
    for label, seen in countable_categories(view, kind, ledger):
        winner, counts, areas = best_view(view, seen)
        if winner is None:
            ledger.reject(kind, "no_clear_best_view")
            continue
        others = np.flatnonzero(np.arange(view.size) != winner)
        showing = others[counts[others] > 0]
        if not len(showing):
            ledger.reject(kind, "only_one_view_shows_it")
            continue
        other = int(rng.choice(showing))
        truth = len(seen)
        cell = coverage_cell(view, seen, rng)
        for wrong in (truth - 1, truth + 1):
            if wrong < 1:
                continue
            ledger.propose(kind)
            yield Question(
                question_type=kind,
                scene_name=view.annotation.scene_name,
                text=(
                    f"How many {label}(s) are visible across these frames? "
                    f"And tell me which frame provides the most informative view of the {label}(s)."
                ),
                truth=option(label, truth, winner),
                distractors=(
                    option(label, truth, other),
                    option(label, wrong, winner),
                    option(label, wrong, other),
                ),
                targets=tuple(int(k) for k in seen),
                subject=label,
                stratum="truth is the larger count" if wrong < truth else "truth is the smaller count",
                num_strata=2,
                block=(f"from {min(wrong, truth)} in {view.size} views", label),
                num_shared=2,
                fallback=always_one(view, label),
                cell=cell,
                group=(kind, view.view_set.frames, label),
                numbers={
                    "count": truth,
                    "best_frame": winner + 1,
                    "visible_per_frame": counts.tolist(),
                    "area_per_frame": areas.tolist(),
                },
            )


def option(label: str, count: int, position: int) -> str:
    return f"{count} {label}(s); Frame {position + 1}"
