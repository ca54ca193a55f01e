"""Options that do not tell the answer: several questions show the same ones, each time with another truth.

A task proposes open questions, which have a truth but no wrong options yet. Here they are closed, with options that
are the truth of some open questions and wrong in others. Whoever sees such options, and knows what is usual in the
world, still does not know which one is right.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from generation.tasks.codes import grouped
from generation.tasks.proposed import NONE, NUM_WRONG, Balance, xy_of


NUM_OPTIONS = 1 + NUM_WRONG
# Sets of options that are tried for a category
MAX_SETS = 40
# Open questions that are closed with one set for each of its truths
MAX_PER_TRUTH = 6
# Widest gap between the least and the largest number
MAX_SPREAD = 6
# How much more often than three times as often as right a category may be wrong; the next one where that gives too few
SLACKS = (2, 8, 32, 128)
# Share of a side in which one category may be right
MAX_SHARE = 0.1
# Questions of a side about categories that are closed in any case
FLOOR = 4
# Points keep this many box diagonals from each other
MIN_POINT_DISTANCE = 0.75


class Closed(NamedTuple):
    """Questions with their options; the same open one may be there several times, with other options.

    Args:
        places (`np.ndarray` of shape `(N,)`): which of the open questions.
        wrong (`np.ndarray` of shape `(N, 3)`): wrong options, as in `ASKED`.
        strata (`np.ndarray` of shape `(N,)`), blocks (`np.ndarray` of shape `(N, depth)`): in place of their own.
        balance ([`Balance`]).
    """

    places: np.ndarray
    wrong: np.ndarray
    strata: np.ndarray
    blocks: np.ndarray
    balance: Balance

    @classmethod
    def of(cls, found: Sequence[tuple[int, Sequence[int], int, tuple[int, ...]]], balance: Balance) -> "Closed":
        """From a place, wrong options, a stratum and a block for each."""
        places, wrong, strata, blocks = zip(*found, strict=True) if found else ([], [], [], [])
        return cls(
            np.array(places, dtype=int),
            np.array(wrong, dtype=int).reshape(-1, NUM_WRONG),
            np.array(strata, dtype=int),
            np.array(blocks, dtype=int).reshape(len(places), balance.depth),
            balance,
        )

    def applied_to(self, questions: np.ndarray) -> np.ndarray:
        """The open `questions` as they are closed."""
        closed = questions[self.places]
        closed["stratum"] = self.strata
        closed["block"][:, : self.balance.depth] = self.blocks
        return closed


# Open proposals, the number wanted, a generator -> closed questions, of which `select` chooses
Matcher = Callable[[np.ndarray, int, np.random.Generator], Closed]

# A match has each option as the truth once. The names of its block: the category, the set of options
_MATCHED = Balance(NUM_OPTIONS, num_strata=NUM_OPTIONS, depth=2, num_shared=2)


def match_categories(questions: np.ndarray, quota: int, rng: np.random.Generator) -> Closed:
    """Close at most `quota` questions whose `pool` holds the categories that are wrong, equally many of each side.

    With the same direction word, every category is to be wrong three times as often as it is right, so that its name
    does not tell. Questions that would tip the balance are taken only where there are not enough others.
    """
    sides = np.unique(questions["side"])
    quota_of_side, found = quota // max(len(sides), 1), []
    pools = [[category for category in pool if category != NONE] for pool in questions["pool"].tolist()]
    groups = list(zip(questions["scene"].tolist(), questions["group"].tolist(), strict=True))
    truths = questions["subject"].tolist()
    for side in sides:
        order = np.flatnonzero(questions["side"] == side)
        order = order[rng.permutation(len(order))].tolist()
        closed, taken = _balanced_categories(order, truths, pools, groups, quota_of_side)
        for place in order:
            if len(closed) >= min(FLOOR, quota_of_side):
                break
            if groups[place] not in taken:
                taken.add(groups[place])
                closed.append((place, rng.permutation(sorted(pools[place]))[:NUM_WRONG].tolist(), 0, ()))
        found.append(closed)
    even = min(map(len, found), default=0)
    closed = [one for of_side in found for one in of_side[:even]]
    return Closed.of(closed, Balance(NUM_OPTIONS, num_sides=2))


def _balanced_categories(
    order: list[int], truths: list[int], pools: list[list[int]], groups: list[tuple], quota: int
) -> tuple[list[tuple], set]:
    """Go through the questions again and again, and take those that keep the balance, until none does.

    Then the same with more slack: what is high in every room can hardly be balanced.
    """
    excess: Counter = Counter()  # of each category: three times right, less wrong
    right: Counter = Counter()
    closed, taken = [], set()
    for slack in SLACKS:
        before = -1
        while before < len(closed) < quota:
            before = len(closed)
            for place in order:
                truth = truths[place]
                if len(closed) == quota or right[truth] >= max(MAX_SHARE * quota, 2) or groups[place] in taken:
                    continue
                if excess[truth] > slack - SLACKS[0]:
                    continue
                wrong = sorted(pools[place], key=lambda category: -excess[category])[:NUM_WRONG]
                if excess[wrong[-1]] > -slack:
                    excess[truth] += NUM_WRONG
                    excess.subtract(wrong)
                    right[truth] += 1
                    taken.add(groups[place])
                    closed.append((place, wrong, 0, ()))
    return closed, taken


def match_counts(questions: np.ndarray, quota: int, rng: np.random.Generator) -> Closed:
    """Close questions whose truth is a number: four numbers, each the count of the category in sets of as many views.

    More views show more, so that the number of views must not tell them apart either.
    """
    closed, num_sets = [], 0
    for alike in grouped(questions["subject"], questions["num_views"]):
        counts, subject = questions["value"][alike], int(questions["subject"][alike[0]])
        by_count = {int(counts[of_count[0]]): alike[of_count].tolist() for of_count in grouped(counts)}
        if len(by_count) < NUM_OPTIONS:
            continue
        drawn = {
            tuple(sorted(rng.choice(sorted(by_count), NUM_OPTIONS, replace=False).tolist())) for _ in range(MAX_SETS)
        }
        for options in sorted(numbers for numbers in drawn if numbers[-1] - numbers[0] <= MAX_SPREAD):
            num_sets += 1
            for truth in options:
                wrong = [number for number in options if number != truth]
                closed += [(place, wrong, truth, (subject, num_sets)) for place in _some(by_count[truth], rng)]
    if closed or not len(questions):
        return Closed.of(closed, _MATCHED)
    near = [one for place, truth in enumerate(questions["value"].tolist()) for one in _near_numbers(place, truth)]
    return Closed.of(near, Balance(NUM_OPTIONS, num_strata=NUM_OPTIONS))


def _near_numbers(place: int, truth: int) -> Iterator[tuple]:
    """A question with neighbours of its truth, which may have any rank among them: for sets too small to match."""
    for rank in range(min(truth, NUM_OPTIONS - 1) + 1):
        numbers = range(truth - rank, truth - rank + NUM_OPTIONS)
        yield place, [number for number in numbers if number != truth], rank, ()


def match_points(questions: np.ndarray, quota: int, rng: np.random.Generator) -> Closed:
    """Close questions whose truth is "No" or a place: three places of a category in three frames, and "No"."""
    closed, num_sets = [], 0
    rank = {place: k for k, place in enumerate(sorted(set(questions["value"].tolist()), key=_text))}
    # the question states the size of the image, which is its cell
    for alike in grouped(questions["subject"], questions["cell"]):
        subject, by_place = int(questions["subject"][alike[0]]), {}
        for place, value, box in zip(
            alike.tolist(), questions["value"][alike].tolist(), questions["block"][alike].tolist(), strict=True
        ):
            by_place.setdefault((value, tuple(box)), []).append(place)
        absent = by_place.pop((NONE, (0, 0, 0, 0)), [])
        places = sorted(by_place, key=lambda place: (rank[place[0]], place[1]))
        sets = set()
        for _ in range(MAX_SETS if len(places) >= NUM_WRONG and absent else 0):
            drawn = sorted(rng.choice(len(places), NUM_WRONG, replace=False).tolist())
            chosen = tuple(places[k] for k in drawn)
            if chosen in sets or not _apart([box for _, box in chosen]):
                continue
            sets.add(chosen)
            num_sets += 1
            options = [*(value for value, _ in chosen), NONE]
            for found, truth in (*((by_place[place], place[0]) for place in chosen), (absent, NONE)):
                wrong = [option for option in options if option != truth]
                closed += [(place, wrong, rank[truth], (subject, num_sets)) for place in _some(found, rng)]
    return Closed.of(closed, _MATCHED)


def _text(place: int) -> str:
    """Options stand in the order of their texts."""
    return "" if place == NONE else "{}, {}".format(*xy_of(place))


def _apart(boxes: list[tuple[float, ...]]) -> bool:
    """Whether each box's centre is far enough from the others' centres, for its size."""
    centres = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in boxes]
    # centres are written as whole pixels, each up to a pixel off
    least = [MIN_POINT_DISTANCE * math.dist(box[:2], box[2:]) + 2 for box in boxes]
    return all(
        math.dist(one, other) >= max(least[j], least[k])
        for j, one in enumerate(centres)
        for k, other in enumerate(centres[:j])
    )


def _some(places: Sequence[int], rng: np.random.Generator) -> list[int]:
    return [places[k] for k in rng.permutation(len(places))[:MAX_PER_TRUTH]]
