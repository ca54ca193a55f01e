"""Options that do not tell the answer: several questions show the same ones, each time with another truth.

A task proposes open questions, which have a truth but no wrong options yet. Here they are closed, with options that
are the truth of some open questions and wrong in others. Whoever sees such options, and knows what is usual in the
world, still does not know which one is right.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from generation.tasks.base import Question


NUM_OPTIONS = 4
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

# Open questions, the number wanted, a generator -> closed questions, of which `select` chooses
Matcher = Callable[[list[Question], int, np.random.Generator], list[Question]]


def match_categories(questions: list[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Close at most `quota` questions whose `pool` holds the categories that are wrong, equally many of each side.

    With the same direction word, every category is to be wrong three times as often as it is right, so that its name
    does not tell. Questions that would tip the balance are taken only where there are not enough others.
    """
    sides = sorted({question.side for question in questions})
    found = []
    for side in sides:
        of_side = [question for question in questions if question.side == side]
        order = [of_side[k] for k in rng.permutation(len(of_side))]
        closed = _balanced_categories(order, quota // len(sides))
        taken = {(one.scene_name, one.group) for one in closed}
        for question in order:
            if len(closed) >= min(FLOOR, quota // len(sides)):
                break
            if (question.scene_name, question.group) not in taken:
                wrong = rng.permutation(sorted(question.pool))[: NUM_OPTIONS - 1].tolist()
                taken.add((question.scene_name, question.group))
                closed.append(_with_wrong(question, wrong))
        found.append(closed)
    even = min(map(len, found), default=0)
    return [question for closed in found for question in closed[:even]]


def _balanced_categories(questions: list[Question], quota: int) -> list[Question]:
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
            for question in questions:
                group = (question.scene_name, question.group)
                if group in taken or len(closed) == quota or right[question.truth] >= max(MAX_SHARE * quota, 2):
                    continue
                wrong = sorted(question.pool, key=lambda label: -excess[label])[: NUM_OPTIONS - 1]
                if excess[question.truth] <= slack - SLACKS[0] and excess[wrong[-1]] > -slack:
                    excess[question.truth] += NUM_OPTIONS - 1
                    excess.subtract(wrong)
                    right[question.truth] += 1
                    taken.add(group)
                    closed.append(_with_wrong(question, wrong))
    return closed


def _with_wrong(question: Question, wrong: Sequence[str]) -> Question:
    """The question with these of its pool as wrong options."""
    others = tuple(k for label in wrong for k in question.pool[label])
    return question._replace(distractors=tuple(wrong), others=others)


def match_counts(questions: list[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Close questions whose truth is a number: four numbers, each the count of the category in sets of as many views.

    More views show more, so that the number of views must not tell them apart either.
    """
    closed = []
    for (label, size), alike in sorted(_grouped(questions, lambda one: (one.subject, len(one.frames))).items()):
        by_count = _grouped(alike, lambda question: int(question.truth))
        if len(by_count) < NUM_OPTIONS:
            continue
        drawn = {
            tuple(sorted(rng.choice(sorted(by_count), NUM_OPTIONS, replace=False).tolist())) for _ in range(MAX_SETS)
        }
        for options in sorted(numbers for numbers in drawn if numbers[-1] - numbers[0] <= MAX_SPREAD):
            for truth in options:
                for question in _some(by_count[truth], rng):
                    distractors = tuple(str(number) for number in options if number != truth)
                    closed.append(_closed(question, distractors, (label, f"{options} in {size} views")))
    return closed or [near for question in questions for near in _near_numbers(question)]


def _near_numbers(question: Question) -> Iterator[Question]:
    """The question with neighbours of its truth, which may have any rank among them: for sets too small to match."""
    truth = int(question.truth)
    for rank in range(min(truth, NUM_OPTIONS - 1) + 1):
        numbers = range(truth - rank, truth - rank + NUM_OPTIONS)
        distractors = tuple(str(number) for number in numbers if number != truth)
        yield question._replace(distractors=distractors, stratum=f"rank {rank}", num_strata=NUM_OPTIONS)


def match_points(questions: list[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Close questions whose truth is "No" or a place: three places of a category in three frames, and "No"."""
    closed = []
    # the question states the size of the image, which is its cell
    for (label, _), of_label in sorted(
        _grouped(questions, lambda question: (question.subject, question.cell)).items()
    ):
        absent = [question for question in of_label if question.bbox is None]
        by_place = _grouped([one for one in of_label if one.bbox is not None], lambda one: (one.truth, one.bbox))
        places = sorted(by_place)
        sets = set()
        for _ in range(MAX_SETS if len(places) >= NUM_OPTIONS - 1 and absent else 0):
            drawn = sorted(rng.choice(len(places), NUM_OPTIONS - 1, replace=False).tolist())
            chosen = tuple(places[k] for k in drawn)
            if chosen in sets or not _apart([box for _, box in chosen]):
                continue
            sets.add(chosen)
            options = [*(truth for truth, _ in chosen), "No"]
            block = (label, "; ".join(options))
            for found in (*(by_place[place] for place in chosen), absent):
                for question in _some(found, rng):
                    distractors = tuple(option for option in options if option != question.truth)
                    closed.append(_closed(question, distractors, block))
    return closed


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


def _grouped(questions: list[Question], key: Callable) -> dict:
    found = defaultdict(list)
    for question in questions:
        found[key(question)].append(question)
    return dict(found)


def _some(questions: list[Question], rng: np.random.Generator) -> list[Question]:
    return [questions[k] for k in rng.permutation(len(questions))[:MAX_PER_TRUTH]]


def _closed(question: Question, distractors: tuple[str, ...], block: tuple[str, ...]) -> Question:
    """The question with its options; a match of its block has each of them as the truth once."""
    return question._replace(
        distractors=distractors,
        stratum=question.truth,
        num_strata=NUM_OPTIONS,
        block=block,
        num_shared=len(block),
    )
