"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dataset_builder.schema import LETTERS
from generation.tasks.base import Question


def select(questions: Sequence[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """Choose about `quota` questions of one type, equally many of every stratum.

    Chosen in rounds of one question for each stratum that the type has; a round that cannot be completed is not begun,
    so Yes and No, the ranks of a count and the like come out exactly even. In its stratum a question comes first if its
    cell, then its subject, then its view set has been chosen least; ties are broken at random. Of a group at most one
    question is chosen.
    """
    strata: dict[str, list[Question]] = defaultdict(list)
    for k in rng.permutation(len(questions)):
        strata[questions[k].stratum].append(questions[k])
    chosen: list[Question] = []
    groups: set[tuple] = set()
    used: Counter = Counter()
    while strata and len(chosen) + len(strata) <= quota:
        round_ = []
        # the scarcest stratum picks first, while its groups are still free
        for stratum in sorted(strata, key=lambda name: (len(strata[name]), name)):
            strata[stratum] = [q for q in strata[stratum] if q.group not in groups]
            if not strata[stratum]:
                return chosen
            best = min(strata[stratum], key=lambda q: [used[key] for key in _keys(q)])
            groups.add(best.group)
            used.update(_keys(best))
            round_.append(best)
        chosen += round_
    return chosen


def _keys(question: Question) -> list[tuple]:
    return [("cell", question.cell), ("subject", question.subject), ("frames", question.group[1])]


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> list[str]:
    """Letters of the right options of `count` questions, each letter equally often up to one, in random order."""
    letters = (LETTERS[:num_options] * -(-count // num_options))[:count]
    return [letters[k] for k in rng.permutation(count)]
