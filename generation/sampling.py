"""Which 2-5 views are asked about (ANNOTATION section 3)."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np


MIN_VIEWS, MAX_VIEWS = 2, 5
MAX_OVERLAP_PERCENT = 30.0
# Every view must share at least this much with another one of the set, or their geometry cannot be related at all
MIN_LINK_PERCENT = 1.0
# How many sets of a scene may have all but one frame in common
MAX_NEAR_TWINS = 6
ATTEMPTS_PER_SET = 40
NUM_SIZES = MAX_VIEWS - MIN_VIEWS + 1


@dataclass(frozen=True)
class ViewSet:
    """Views that are shown together.

    Args:
        frames (`tuple` of `int`): frame indices in the order shown; `frames[k - 1]` is `Frame k`.
        overlap_avg (`float`): mean pairwise overlap, percent.
    """

    frames: tuple[int, ...]
    overlap_avg: float

    @classmethod
    def of(cls, frames: tuple[int, ...], overlap: np.ndarray) -> "ViewSet":
        """The set of these frames, by the overlaps `(F, F)` of all frames in percent."""
        return cls(frames, float(np.mean([overlap[pair] for pair in combinations(frames, 2)])))


def sample_view_sets(
    overlap: np.ndarray, count: int, rng: np.random.Generator, moments: np.ndarray | None = None
) -> tuple[list[ViewSet], Counter]:
    """Draw up to `count` different view sets, sizes 2 to 5 equally often asked for.

    Every pair of a set overlaps at most 30 %, and the set is connected by pairs of at least 1 %.

    Args:
        overlap (`np.ndarray` of shape `(F, F)`): pairwise overlap in percent.
        count (`int`): how many sets to look for; a scene with few compatible frames gives fewer.
        rng (`np.random.Generator`): fixes the draw.
        moments (`np.ndarray` of shape `(F,)`, *optional*): where things move, when each frame was taken. Then every
            second set is looked for among the frames of one moment, in which nothing moves.

    Returns:
        The sets, and how often each rule turned a draw down.
    """
    compatible = overlap <= MAX_OVERLAP_PERCENT
    linked = compatible & (overlap >= MIN_LINK_PERCENT)
    of_one_moment = compatible if moments is None else compatible & (moments[:, None] == moments[None, :])
    sets: dict[frozenset[int], ViewSet] = {}
    twins: Counter[frozenset[int]] = Counter()
    rejected: Counter[str] = Counter()
    for attempt in range(count * ATTEMPTS_PER_SET):
        if len(sets) == count:
            break
        size = MIN_VIEWS + attempt % NUM_SIZES
        frames = _grow(of_one_moment if attempt // NUM_SIZES % 2 else compatible, linked, size, rng)
        key = frozenset(frames)
        near_twins = [frozenset(subset) for subset in combinations(sorted(key), len(key) - 1)]
        if len(frames) < size:
            rejected["no_further_compatible_view"] += 1
        elif key in sets:
            rejected["drawn_before"] += 1
        elif any(twins[subset] >= MAX_NEAR_TWINS for subset in near_twins):
            rejected["too_many_near_twins"] += 1
        else:
            twins.update(near_twins)
            shown = tuple(int(f) for f in rng.permutation(frames))
            sets[key] = ViewSet.of(shown, overlap)
    return list(sets.values()), rejected


def _grow(compatible: np.ndarray, linked: np.ndarray, size: int, rng: np.random.Generator) -> list[int]:
    """Start at a random frame; add frames that fit all members and are linked to one, until `size` or none is left."""
    frames = [int(rng.integers(len(compatible)))]
    while len(frames) < size:
        fits = compatible[frames].all(axis=0) & linked[frames].any(axis=0)
        fits[frames] = False
        if not fits.any():
            break
        frames.append(int(rng.choice(np.flatnonzero(fits))))
    return frames
