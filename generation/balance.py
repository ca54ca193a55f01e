"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from dataset_builder.schema import LETTERS
from generation.tasks.base import Question


# A type with fewer questions is filled up to this many
FLOOR = 8
# Of sets that want so many questions of a type, no category has more than this share of them
LARGE, MAX_SUBJECT_SHARE = 500, 0.1

# The best of so many random ones is nearly the best of all, and found in a time that does not grow with them
WINDOW = 200


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
    if not questions:
        return []
    first = questions[0]
    selection = _Selection([questions[k] for k in rng.permutation(len(questions))], quota)
    size = first.num_strata * first.num_sides
    for length in range(len(first.block), -1, -1):
        wanted = quota if length >= first.num_shared else min(quota, FLOOR)
        sides = selection.sides(length) if len(selection.chosen) + size <= wanted else []
        while len(sides) == first.num_sides and len(selection.chosen) + size <= wanted:
            if not selection.add_round(sides):
                break
    return [selection.questions[k] for k in selection.chosen]


class _Side:
    """The blocks of a side that have all strata, by their first `length` names.

    Args:
        prefixes (`np.ndarray` of shape `(blocks, length)`): codes of the first name, the first two and so on.
        strata (`list` of `list` of `np.ndarray`): of every block, the places of the questions of each stratum.
    """

    def __init__(self, prefixes: np.ndarray, strata: list[list[np.ndarray]]):
        self.prefixes, self.strata = prefixes, strata
        self.open = np.arange(len(strata))  # blocks that may still have a match


class _Selection:
    """Questions of one type, which of them are chosen, and how often the chosen ones have each of their properties.

    A question is meant by its place in `questions`; a property is a column of codes, one for every question, with the
    number of times that each code is used.
    """

    def __init__(self, questions: list[Question], quota: int):
        self.questions = questions
        self.chosen: list[int] = []
        self.subject_cap = MAX_SUBJECT_SHARE * quota if quota >= LARGE else quota
        self.fallback = np.array([question.fallback for question in questions])
        self.group = _Property(questions, lambda one: (one.scene_name, one.group))
        self.subject = _Property(questions, lambda one: one.subject)
        # among the questions of a stratum the least used by these, in this order, come first
        self.order = [
            _Property(questions, lambda one: one.cell),
            self.subject,
            _Property(questions, lambda one: one.scene_name),
            _Property(questions, lambda one: (one.scene_name, one.frames)),
        ]
        depth = len(questions[0].block)
        self.blocks = [_Property(questions, lambda one, end=end: one.block[:end]) for end in range(1, depth + 1)]
        self.properties = [*self.order, self.group, *self.blocks]

    def sides(self, length: int) -> list[_Side]:
        """Every side that has a block with all strata."""
        places: dict[str, dict] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for place, question in enumerate(self.questions):
            places[question.side][question.block[:length]][question.stratum].append(place)
        sides = []
        for blocks in places.values():
            strata = [
                [np.array(found[stratum]) for stratum in sorted(found)]
                for found in blocks.values()
                if len(found) >= self.questions[0].num_strata
            ]
            if strata:
                members = [one[0][0] for one in strata]
                prefixes = np.array([block.codes[members] for block in self.blocks[:length]], dtype=int)
                sides.append(_Side(prefixes.reshape(length, len(strata)).T, strata))
        return sides

    def add_round(self, sides: list[_Side]) -> bool:
        """Choose one match for each side; none, and `False`, where some side has none."""
        before = len(self.chosen)
        for side in sides:
            if not self._add_match(side):
                self._take_back(before)
                return False
        return True

    def _add_match(self, side: _Side) -> bool:
        """A match of the least used block that has one. Blocks without one are closed."""
        while len(side.open):
            used = [block.used[side.prefixes[:, k]] for k, block in enumerate(self.blocks[: side.prefixes.shape[1]])]
            block = _first_least(side.open, used)
            if self._add_one_of_each(side.strata[block]):
                return True
            side.open = side.open[side.open != block]
        return False

    def _add_one_of_each(self, strata: list[np.ndarray]) -> bool:
        """One question of every stratum; none where some stratum has none left."""
        before = len(self.chosen)
        strata[:] = map(self._free, strata)
        for places in sorted(strata, key=len):  # the scarcest picks first, while its groups are still free
            window = self._free(places)[:WINDOW]
            if not len(window):
                self._take_back(before)
                return False
            used = (one.used[one.codes[window]] for one in self.order)
            best = window[_first_least(np.arange(len(window)), [self.fallback[window], *used])]
            self.chosen.append(int(best))
            for one in self.properties:
                one.used[one.codes[best]] += 1
        return True

    def _free(self, places: np.ndarray) -> np.ndarray:
        """Those that may still be chosen."""
        group, subject = self.group.used[self.group.codes[places]], self.subject.used[self.subject.codes[places]]
        return places[(group == 0) & (subject + 1 <= self.subject_cap)]

    def _take_back(self, length: int) -> None:
        """Forget all chosen questions but the first `length`."""
        for place in self.chosen[length:]:
            for one in self.properties:
                one.used[one.codes[place]] -= 1
        del self.chosen[length:]


class _Property:
    """Codes of a property, one for every question, and how often each code is used."""

    def __init__(self, questions: list[Question], value: Callable[[Question], object]):
        found: dict = {}
        self.codes = np.array([found.setdefault(value(question), len(found)) for question in questions])
        self.used = np.zeros(len(found), dtype=int)


def _first_least(places: np.ndarray, columns: Sequence[np.ndarray]) -> int:
    """The first of `places` at which the columns are least, the first column before the second and so on."""
    for column in columns:
        values = column[places]
        places = places[values == values.min()]
        if len(places) == 1:
            break
    return int(places[0])


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> list[str]:
    """Letters of the right options of `count` questions: each equally often up to one, and equally likely."""
    rounds = [rng.permutation(num_options) for _ in range(-(-count // num_options))]
    letters = [LETTERS[k] for round_ in rounds for k in round_][:count]
    return [letters[k] for k in rng.permutation(count)]
