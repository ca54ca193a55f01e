"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dataset_builder.schema import LETTERS
from generation.tasks.base import Question


def select(questions: Sequence[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Choose at most `quota` questions of one type, equally many of every stratum.

    Questions are chosen in rounds of one for each stratum, and a round that cannot be completed is not begun: so Yes
    and No, the ranks of a count and the like come out exactly even. First come the rounds whose questions are of one
    block, then those that share all but the last name of their block, and so on, at last any: so a category that is
    mostly Yes is asked about mostly where it is No as often. Blocks take turns. Of a group at most one question is
    chosen.
    """
    shuffled = [questions[k] for k in rng.permutation(len(questions))]
    chosen: list[Question] = []
    used: Counter = Counter()  # how often each group, view set, block, cell and subject was chosen
    for length in range(len(shuffled[0].block) if shuffled else -1, -1, -1):
        blocks: dict[tuple, list[Question]] = defaultdict(list)
        for question in shuffled:
            blocks[question.block[:length]].append(question)
        while blocks and len(chosen) + shuffled[0].num_strata <= quota:
            block = min(blocks, key=lambda names: [used["block", *names[: k + 1]] for k in range(len(names))])
            round_ = _round(blocks[block], used)
            if round_ is None:
                del blocks[block]
            else:
                chosen += round_
                used.update(key for question in round_ for key in _keys(question))
    return chosen


def _round(questions: list[Question], used: Counter) -> list[Question] | None:
    """One question of every stratum, or `None` when some stratum has none left."""
    strata: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.group not in used:
            strata[question.stratum].append(question)
    if len(strata) < questions[0].num_strata:
        return None
    used, round_ = used.copy(), []
    # the scarcest stratum picks first, while its groups are still free
    for stratum in sorted(strata, key=lambda name: (len(strata[name]), name)):
        free = [question for question in strata[stratum] if question.group not in used]
        if not free:
            return None
        best = min(free, key=lambda question: (question.fallback, *(used[key] for key in _keys(question)[:3])))
        used.update(_keys(best))
        round_.append(best)
    return round_


def _keys(question: Question) -> list[tuple]:
    """What is counted of a chosen question; the least used by the first three, in this order, come first."""
    blocks = [("block", *question.block[: k + 1]) for k in range(len(question.block))]
    views = question.group[:2]
    return [("cell", question.cell), ("subject", question.subject), views, question.group, *blocks]


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> list[str]:
    """Letters of the right options of `count` questions: each equally often up to one, and equally likely."""
    rounds = [rng.permutation(num_options) for _ in range(-(-count // num_options))]
    letters = [LETTERS[k] for round_ in rounds for k in round_][:count]
    return [letters[k] for k in rng.permutation(count)]
