"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dataset_builder.schema import LETTERS
from generation.tasks.base import Question


Blocks = dict[tuple, list[Question]]


def select(questions: Sequence[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Choose at most `quota` questions of one type, equally many of every stratum on every side.

    Questions are chosen in rounds of one match for each side; a match is one question of every stratum, all of one
    block. A round that cannot be completed is not begun: so Yes and No, the words of an axis and the like come out
    exactly even. First come the matches whose questions share all names of their block, then those that share all but
    the last, and so on, down to the names that they must share: what a match shares cannot tell its answers apart.
    Blocks take turns. Of a group at most one question is chosen.
    """
    shuffled = [questions[k] for k in rng.permutation(len(questions))]
    chosen: list[Question] = []
    used: Counter = Counter()  # how often each group, view set, block, cell and subject was chosen
    if not shuffled:
        return chosen
    first = shuffled[0]
    size = first.num_strata * first.num_sides
    for length in range(len(first.block), first.num_shared - 1, -1):
        sides: dict[str, Blocks] = defaultdict(lambda: defaultdict(list))
        for question in shuffled:
            sides[question.side][question.block[:length]].append(question)
        while len(sides) == first.num_sides and len(chosen) + size <= quota:
            round_, after = [], used.copy()
            for blocks in sides.values():
                match = _match(blocks, after)
                round_ += match
                after.update(key for question in match for key in _keys(question))
            if len(round_) < size:
                break
            chosen, used = chosen + round_, after
    return chosen


def _match(blocks: Blocks, used: Counter) -> list[Question]:
    """A match from the least used block that has one; empty when none has. Blocks without one are taken out."""
    while blocks:
        block = min(blocks, key=lambda names: [used["block", *names[: k + 1]] for k in range(len(names))])
        match = _one_of_each(blocks[block], used)
        if match:
            return match
        del blocks[block]
    return []


def _one_of_each(questions: list[Question], used: Counter) -> list[Question]:
    """One question of every stratum; empty when some stratum has none left."""
    strata: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.group not in used:
            strata[question.stratum].append(question)
    if len(strata) < questions[0].num_strata:
        return []
    used, match = used.copy(), []
    # the scarcest stratum picks first, while its groups are still free
    for stratum in sorted(strata, key=lambda name: (len(strata[name]), name)):
        free = [question for question in strata[stratum] if question.group not in used]
        if not free:
            return []
        best = min(free, key=lambda question: (question.fallback, *(used[key] for key in _keys(question)[:3])))
        used.update(_keys(best))
        match.append(best)
    return match


def _keys(question: Question) -> list[tuple]:
    """What is counted of a chosen question; the least used by the first three, in this order, come first."""
    blocks = [("block", *question.block[: k + 1]) for k in range(len(question.block))]
    views = ("views", question.frames)
    return [("cell", question.cell), ("subject", question.subject), views, question.group, *blocks]


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> list[str]:
    """Letters of the right options of `count` questions: each equally often up to one, and equally likely."""
    rounds = [rng.permutation(num_options) for _ in range(-(-count // num_options))]
    letters = [LETTERS[k] for round_ in rounds for k in round_][:count]
    return [letters[k] for k in rng.permutation(count)]
