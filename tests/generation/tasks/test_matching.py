"""Options that do not tell the answer: whoever knows only them is right one time in four."""

import math
import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from generation.balance import select
from generation.tasks.base import Question
from generation.tasks.matching import MAX_SHARE, match_categories, match_counts, match_points


def rng():
    return np.random.default_rng(0)


def question(kind: str, truth: str, frames: tuple, subject: str = "chair", **fields) -> Question:
    return Question(
        question_type=kind,
        text=f"{subject}?",
        truth=truth,
        distractors=(),
        targets=(0,),
        subject=subject,
        stratum="",
        num_strata=1,
        group=(kind, frames, subject),
        **fields,
    )


def counts(numbers: list[int], size: int = 2, subject: str = "chair") -> list[Question]:
    return [question("obj_count_occ", str(n), (subject, *range(size - 2), k), subject) for k, n in enumerate(numbers)]


def options(one: Question) -> frozenset[str]:
    return frozenset({one.truth, *one.distractors})


def test_each_count_of_a_set_is_the_truth_equally_often():
    open_ones = counts([1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 6], 3) + counts([2, 3, 4, 5] * 3, 2, "mug")
    chosen = select(match_counts(open_ones, 100, rng()), 16, rng())
    assert len(chosen) >= 8
    found = defaultdict(Counter)
    for one in chosen:
        assert len(options(one)) == 4
        found[one.subject, options(one)][one.truth] += 1
    for (_, numbers), truths in found.items():
        assert set(truths) == numbers and len(set(truths.values())) == 1


def test_counts_of_sets_with_other_numbers_of_views_are_kept_apart():
    # a match has four truths: next to it, 1 and 2 in sets of three views, 3 and 4 in sets of five stay out
    matched = counts([1, 2, 3, 4])
    closed = match_counts(matched + counts([1, 2] * 4, 3) + counts([3, 4] * 4, 5), 100, rng())
    assert {one.group for one in closed} == {one.group for one in matched}
    closed = match_counts(matched + counts([1, 2, 3, 40] * 4, 3), 100, rng())  # nobody would mistake 3 for 40
    assert {one.group for one in closed} == {one.group for one in matched}


def test_counts_without_any_match_have_neighbours_and_every_rank():
    chosen = select(match_counts(counts([1, 2] * 6, 2) + counts([3, 5] * 6, 5), 100, rng()), 16, rng())
    ranks = Counter(sorted(map(int, options(one))).index(int(one.truth)) for one in chosen)
    assert ranks == {0: 4, 1: 4, 2: 4, 3: 4}
    for one in chosen:
        numbers = sorted(map(int, options(one)))
        assert numbers == list(range(numbers[0], numbers[0] + 4)) and numbers[0] >= 0


def place(x: int, y: int, size: int, frames: tuple) -> Question:
    box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return question("obj_localization_occ", f"Yes; ({x}, {y})", frames, "lamp", bbox=box)


def no(frames: tuple) -> Question:
    return question("obj_localization_occ", "No", frames, "lamp")


def test_every_place_of_a_set_and_no_are_the_truth_equally_often():
    open_ones = [place(100 * k, 50 * k, 40, (k, m)) for k in range(1, 6) for m in range(4)]
    open_ones += [no((k, k)) for k in range(10, 20)]
    chosen = select(match_points(open_ones, 100, rng()), 24, rng())
    assert len(chosen) == 24
    found = defaultdict(Counter)
    for one in chosen:
        assert len(options(one)) == 4 and "No" in options(one)
        found[options(one)][one.truth] += 1
    for texts, truths in found.items():
        assert set(truths) == texts and len(set(truths.values())) == 1


@pytest.mark.parametrize("seed", range(20))
def test_wrong_places_are_far_enough_from_the_truth(seed):
    generator = np.random.default_rng(seed)
    open_ones = [
        place(*generator.integers(0, 400, 2).tolist(), int(generator.integers(20, 150)), (k, k)) for k in range(12)
    ]
    for one in match_points([*open_ones, no((20, 20))], 100, generator):
        if one.bbox is None:
            continue
        x0, y0, x1, y1 = one.bbox
        for text in one.distractors:
            if text != "No":
                x, y = map(int, re.findall(r"\d+", text))
                apart = math.dist((x, y), ((x0 + x1) / 2, (y0 + y1) / 2))
                assert apart >= 0.75 * math.dist((x0, y0), (x1, y1))


def test_three_places_and_an_absence_are_needed():
    places = [place(100 * k, 100, 40, (k, k)) for k in range(1, 4)]
    assert match_points(places, 100, rng()) == []
    assert match_points([*places[:2], no((9, 9))], 100, rng()) == []
    assert len(match_points([*places, no((9, 9))], 100, rng())) == 4


def category(truth: str, pool: str, k: int) -> Question:
    wrong = {label: (ord(label),) for label in pool}
    return question("obj_attribute_occ_lr", truth, (k, k), truth, side="to the left of", num_sides=1, pool=wrong)


def any_category(names: str, count: int) -> list[Question]:
    generator = rng()
    drawn = [generator.permutation(list(names)).tolist() for _ in range(count)]
    return [category(truth, pool[:6], k) for k, (truth, *pool) in enumerate(drawn)]


def test_categories_are_wrong_about_three_times_as_often_as_right():
    closed = match_categories(any_category("abcdefghijkl", 1500), 300, rng())
    right = Counter(one.truth for one in closed)
    wrong = Counter(label for one in closed for label in one.distractors)
    assert len(closed) == 300
    for label in "abcdefghijkl":
        assert abs(3 * right[label] - wrong[label]) <= 5
    for one in closed:
        assert len(options(one)) == 4 and set(one.distractors) <= set(one.pool)
        assert one.others == tuple(ord(label) for label in one.distractors)


def test_a_category_that_is_always_right_is_hardly_asked():
    # a lamp hangs higher than everything: "lamp" would be a safe guess
    lamps = [category("z", "abcd", 10_000 + k) for k in range(100)]
    closed = match_categories(any_category("abcdefghijkl", 900) + lamps, 200, rng())
    assert sum(one.truth == "z" for one in closed) <= 1
    assert len(match_categories(lamps, 200, rng())) == 200 * MAX_SHARE  # where there is nothing else


def test_both_words_are_asked_equally_often():
    rare = [one._replace(side="to the right of", group=("r", *one.group)) for one in any_category("abcdefghijkl", 30)]
    closed = match_categories(any_category("abcdefghijkl", 900) + rare, 200, rng())
    counts = Counter(one.side for one in closed)
    assert counts["to the left of"] == counts["to the right of"] > 0


def test_one_question_about_a_group():
    twice = [one for one in any_category("abcdefghijkl", 40) for _ in range(2)]
    closed = match_categories(twice, 200, rng())
    assert len({one.group for one in closed}) == len(closed)
