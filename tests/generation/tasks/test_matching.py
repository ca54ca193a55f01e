"""Options that do not tell the answer: whoever knows only them is right one time in four."""

import math
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
import pytest

from generation.balance import select
from generation.tasks.matching import MAX_SHARE, match_categories, match_counts, match_points
from generation.tasks.proposed import NONE, WITH_POOL, place_of, proposals, xy_of


NAMES = "abcdefghijklmnopqrstuvwxyz"


class Asked(NamedTuple):
    """A question with its options: the open one by its place, its category, the right option and the wrong ones."""

    place: int
    subject: int
    truth: int
    wrong: tuple[int, ...]

    @property
    def options(self) -> frozenset[int]:
        return frozenset({self.truth, *self.wrong})


def rng():
    return np.random.default_rng(0)


def open_ones(number: int, **columns) -> np.ndarray:
    """Open proposals, each of a group of its own unless `columns` say otherwise."""
    return proposals(number, WITH_POOL, **{"group": np.arange(number), "pool": NONE} | columns)


def close(matcher, questions: np.ndarray, quota: int, seed=0, wanted: int | None = None) -> list[Asked]:
    """What `matcher` makes of the questions; of these, with `wanted`, what is selected."""
    generator = np.random.default_rng(seed)
    closed = matcher(questions, quota, generator)
    found = closed.applied_to(questions)
    chosen = range(len(found)) if wanted is None else select(found, closed.balance, wanted, generator)
    truths = found["subject"] if matcher is match_categories else found["value"]
    return [
        Asked(int(closed.places[k]), int(found["subject"][k]), int(truths[k]), tuple(closed.wrong[k].tolist()))
        for k in chosen
    ]


def counts(numbers: list[int], size: int = 2, subject: int = 0) -> np.ndarray:
    return open_ones(len(numbers), value=numbers, num_views=size, subject=subject, group=group(subject, size, numbers))


def group(subject: int, size: int, numbers: list[int]) -> np.ndarray:
    return 10_000 * subject + 1000 * size + np.arange(len(numbers))


def together(*questions: np.ndarray) -> np.ndarray:
    return np.concatenate(questions)


def test_each_count_of_a_set_is_the_truth_equally_often():
    several = together(counts([1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 6], 3), counts([2, 3, 4, 5] * 3, 2, subject=1))
    chosen = close(match_counts, several, 100, wanted=16)
    assert len(chosen) >= 8
    found = defaultdict(Counter)
    for one in chosen:
        assert len(one.options) == 4
        found[one.subject, one.options][one.truth] += 1
    for (_, numbers), truths in found.items():
        assert set(truths) == numbers and len(set(truths.values())) == 1


def test_counts_of_sets_with_other_numbers_of_views_are_kept_apart():
    # a match has four truths: next to it, 1 and 2 in sets of three views, 3 and 4 in sets of five stay out
    matched = counts([1, 2, 3, 4])
    closed = close(match_counts, together(matched, counts([1, 2] * 4, 3), counts([3, 4] * 4, 5)), 100)
    assert {one.place for one in closed} == {0, 1, 2, 3}
    closed = close(match_counts, together(matched, counts([1, 2, 3, 40] * 4, 3)), 100)  # nobody mistakes 3 for 40
    assert {one.place for one in closed} == {0, 1, 2, 3}


def test_counts_without_any_match_have_neighbours_and_every_rank():
    chosen = close(match_counts, together(counts([1, 2] * 6, 2), counts([3, 5] * 6, 5)), 100, wanted=16)
    assert Counter(sorted(one.options).index(one.truth) for one in chosen) == {0: 4, 1: 4, 2: 4, 3: 4}
    for one in chosen:
        least = min(one.options)
        assert one.options == set(range(least, least + 4)) and least >= 0


def places(points: list[tuple[int, int]], size: int | list[int], subject: int = 0) -> np.ndarray:
    """Places of lamps, each the centre of a square box of `size` pixels."""
    x, y = np.array(points).T
    half = np.broadcast_to(size, x.shape) // 2
    boxes = np.stack([x - half, y - half, x + half, y + half], axis=1)
    return open_ones(len(x), value=place_of(x, y), block=boxes, stratum=1, subject=subject)


def lacking(number: int, subject: int = 0) -> np.ndarray:
    return open_ones(number, value=NONE, subject=subject, group=1000 + np.arange(number))


def test_every_place_of_a_set_and_no_are_the_truth_equally_often():
    points = [(100 * k, 50 * k) for k in range(1, 6) for _ in range(4)]
    chosen = close(match_points, together(places(points, 40), lacking(10)), 100, wanted=24)
    assert len(chosen) == 24
    found = defaultdict(Counter)
    for one in chosen:
        assert len(one.options) == 4 and NONE in one.options
        found[one.options][one.truth] += 1
    for options, truths in found.items():
        assert set(truths) == options and len(set(truths.values())) == 1


@pytest.mark.parametrize("seed", range(20))
def test_wrong_places_are_far_enough_from_the_truth(seed):
    generator = np.random.default_rng(seed)
    points = [tuple(generator.integers(80, 400, 2).tolist()) for _ in range(12)]
    sizes = generator.integers(20, 150, 12)
    closed = close(match_points, together(places(points, sizes), lacking(1)), 100, seed)
    for one in closed:
        if one.truth == NONE:
            continue
        for wrong in one.wrong:
            if wrong != NONE:
                diagonal = math.sqrt(2) * 2 * (sizes[one.place] // 2)
                assert math.dist(xy_of(wrong), points[one.place]) >= 0.75 * diagonal


def test_three_places_and_an_absence_are_needed():
    three = places([(100 * k, 100) for k in range(1, 4)], 40)
    assert close(match_points, three, 100) == []
    assert close(match_points, together(three[:2], lacking(1)), 100) == []
    assert len(close(match_points, together(three, lacking(1)), 100)) == 4


def categories(truths_and_pools: list[str], side: int = -1, first_group: int = 0) -> np.ndarray:
    """Questions of which the first letter is the category that is right, the others those that are wrong."""
    found = open_ones(len(truths_and_pools), side=side, group=first_group + np.arange(len(truths_and_pools)))
    for one, (truth, *pool) in zip(found, truths_and_pools, strict=True):
        one["subject"] = NAMES.index(truth)
        one["pool"][: len(pool)] = [NAMES.index(label) for label in pool]
    return found


def any_category(count: int, **fields) -> np.ndarray:
    generator = rng()
    drawn = ["".join(generator.permutation(list("abcdefghijkl"))[:7]) for _ in range(count)]
    return categories(drawn, **fields)


def test_categories_are_wrong_about_three_times_as_often_as_right():
    questions = any_category(1500)
    closed = close(match_categories, questions, 300)
    right = Counter(one.truth for one in closed)
    wrong = Counter(label for one in closed for label in one.wrong)
    assert len(closed) == 300
    for label in range(12):
        assert abs(3 * right[label] - wrong[label]) <= 5
    for one in closed:
        assert len(one.options) == 4 and set(one.wrong) <= set(questions["pool"][one.place].tolist()) - {NONE}


def test_a_category_that_is_always_right_is_hardly_asked():
    # a lamp hangs higher than everything: "lamp" would be a safe guess
    lamps = categories(["zabcd"] * 100, first_group=10_000)
    closed = close(match_categories, together(any_category(900), lamps), 200)
    assert sum(one.truth == NAMES.index("z") for one in closed) <= 1
    assert len(close(match_categories, lamps, 200)) == 200 * MAX_SHARE  # where there is nothing else


def test_both_words_are_asked_equally_often():
    questions = together(any_category(900), any_category(30, side=1, first_group=5000))
    sides = Counter(int(questions["side"][one.place]) for one in close(match_categories, questions, 200))
    assert sides[-1] == sides[1] > 0


def test_one_question_about_a_group():
    questions = np.repeat(any_category(40), 2)
    closed = close(match_categories, questions, 200)
    assert len({int(questions["group"][one.place]) for one in closed}) == len(closed) > 0
