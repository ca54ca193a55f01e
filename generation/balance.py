"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dataset_builder.schema import LETTERS
from generation.tasks.base import Question


# A type with fewer questions is filled up to this many
FLOOR = 8
# Of sets that want so many questions of a type, no category has more than this share of them
LARGE, MAX_SUBJECT_SHARE = 500, 0.1

# The best of so many random ones is nearly the best of all, and found in a time that does not grow with them
WINDOW = 200

# Questions of every block, by stratum
Blocks = dict[tuple, dict[str, list[Question]]]


def select(questions: Sequence[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Choose at most `quota` questions of one type, equally many of every stratum on every side.

    Questions are chosen in rounds of one match for each side; a match is one question of every stratum, all of one
    block. A round that cannot be completed is not begun: so Yes and No, the words of an axis and the like come out
    exactly even. First come the matches whose questions share all names of their block, then those that share all but
    the last, and so on, down to the names that they must share: what a match shares cannot tell its answers apart.
    Where that gives fewer than `FLOOR` questions, matches that share less fill up to there, so that a small set lacks
    no type. Blocks take turns. Of a group at most one question is chosen, and no subject gets more than its share of a
    large set.
    """
    shuffled = [questions[k] for k in rng.permutation(len(questions))]
    chosen: list[Question] = []
    used: Counter = Counter()  # how often each group, view set, block, cell, scene and subject was chosen
    if not shuffled:
        return chosen
    first = shuffled[0]
    size = first.num_strata * first.num_sides
    subject_cap = MAX_SUBJECT_SHARE * quota if quota >= LARGE else quota
    for length in range(len(first.block), -1, -1):
        wanted = quota if length >= first.num_shared else min(quota, FLOOR)
        sides = _sides(shuffled, length)
        while len(sides) == first.num_sides and len(chosen) + size <= wanted:
            round_, after = [], used.copy()
            for blocks in sides.values():
                match = _match(blocks, after, subject_cap)
                round_ += match
                after.update(key for question in match for key in _keys(question))
            if len(round_) < size:
                break
            chosen, used = chosen + round_, after
    return chosen


def _sides(questions: Sequence[Question], length: int) -> dict[str, Blocks]:
    """Of every side, the blocks by their first `length` names that have all strata."""
    sides: dict[str, Blocks] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for question in questions:
        sides[question.side][question.block[:length]][question.stratum].append(question)
    return {
        side: {name: strata for name, strata in blocks.items() if len(strata) >= questions[0].num_strata}
        for side, blocks in sides.items()
    }


def _match(blocks: Blocks, used: Counter, subject_cap: float) -> list[Question]:
    """A match from the least used block that has one; empty when none has. Blocks without one are taken out."""
    while blocks:
        block = min(blocks, key=lambda names: [used["block", *names[: k + 1]] for k in range(len(names))])
        match = _one_of_each(blocks[block], used, subject_cap)
        if match:
            return match
        del blocks[block]
    return []


def _one_of_each(strata: dict[str, list[Question]], used: Counter, subject_cap: float) -> list[Question]:
    """One question of every stratum; empty when some stratum has none left."""
    used, match = used.copy(), []
    # the scarcest stratum picks first, while its groups are still free
    for stratum in sorted(strata, key=lambda name: (len(strata[name]), name)):
        free = _free(strata[stratum], used, subject_cap)
        if not free:
            return []
        best = min(free, key=lambda question: (question.fallback, *(used[key] for key in _keys(question)[:4])))
        used.update(_keys(best))
        match.append(best)
    return match


def _free(questions: list[Question], used: Counter, subject_cap: float) -> list[Question]:
    """The first `WINDOW` questions that may still be chosen; those before them that may not are taken out."""
    free = []
    for place, question in enumerate(questions):
        if _group(question) not in used and used["subject", question.subject] + 1 <= subject_cap:
            free.append(question)
        if len(free) == WINDOW:
            questions[: place + 1] = free
            return free
    questions[:] = free
    return free


def _group(question: Question) -> tuple:
    return ("group", question.scene_name, *question.group)


def _keys(question: Question) -> list[tuple]:
    """What is counted of a chosen question; the least used by the first four, in this order, come first."""
    scene = question.scene_name
    blocks = [("block", *question.block[: k + 1]) for k in range(len(question.block))]
    views = ("views", scene, question.frames)
    return [("cell", question.cell), ("subject", question.subject), ("scene", scene), views, _group(question), *blocks]


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> list[str]:
    """Letters of the right options of `count` questions: each equally often up to one, and equally likely."""
    rounds = [rng.permutation(num_options) for _ in range(-(-count // num_options))]
    letters = [LETTERS[k] for round_ in rounds for k in round_][:count]
    return [letters[k] for k in rng.permutation(count)]
