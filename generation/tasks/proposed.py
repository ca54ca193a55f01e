"""What a scene could be asked, as numbers: one record for each possible question.

A scene proposes ten times as many questions as it is asked, so a proposal holds only what the draw looks at, and by
which the question can be put into words once it is drawn: all proposals of one type are one numpy array.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dataset_builder.schema import TASK_OF
from generation.sampling import MAX_VIEWS
from generation.tasks.base import Ledger, Question, View


MAX_BLOCK = 4
# More categories than this are never kept as wrong options of one question
MAX_POOL = 32
NONE = -1

# Categories are meant by their place among the names of the scene's, instances and view sets by their index
PROPOSAL = np.dtype(
    [
        # which view set is asked about and which of its views (-1: all), which instance or category, against which
        # other instance, and what else tells one question from the next
        ("view_set", "<i4"),
        ("position", "<i4"),
        ("target", "<i4"),
        ("reference", "<i4"),
        ("value", "<i4"),
        # what the draw balances, see `Balance`
        ("subject", "<i4"),
        ("stratum", "<i4"),
        ("side", "<i4"),
        ("cell", "<i4"),
        ("block", "<i4", (MAX_BLOCK,)),
        ("fallback", "?"),
        ("group", "<i8"),
        ("num_views", "<i4"),
        ("scene", "<i4"),  # set by the draw
    ]
)
# Open proposals of questions whose wrong options are categories: those that are wrong, then -1
WITH_POOL = np.dtype([*PROPOSAL.descr, ("pool", "<i4", (MAX_POOL,))])

# A question that is drawn
NUM_WRONG = 3
ASKED = np.dtype(
    [
        ("question_type", "u1"),  # index into `QUESTION_TYPES`
        ("frames", "<i4", (MAX_VIEWS,)),  # of the view set, in the order shown; then -1
        *PROPOSAL.descr[1:5],
        ("wrong", "<i4", (NUM_WRONG,)),  # of an open proposal, its wrong options: numbers, places or categories
        ("letter", "i1"),  # place of the right option among the options, -1 where there are none
    ]
)
QUESTION_TYPES = tuple(TASK_OF)
Asked = namedtuple("Asked", ASKED.names)


def drawn(
    question_type: str, proposals: np.ndarray, frames: np.ndarray, wrong: np.ndarray | int, letters: np.ndarray | int
) -> np.ndarray:
    """Proposals of one type as `ASKED`, by the frames of all view sets of their scene `(V, 5)`."""
    found = np.zeros(len(proposals), ASKED)
    found["question_type"] = QUESTION_TYPES.index(question_type)
    found["frames"] = frames[proposals["view_set"]]
    for name in ("position", "target", "reference", "value"):
        found[name] = proposals[name]
    found["wrong"], found["letter"] = wrong, letters
    return found


def as_asked(records: np.ndarray) -> list[Asked]:
    """`ASKED` records as tuples of plain numbers, of which single ones are read far quicker."""
    columns = {name: records[name].tolist() for name in ASKED.names}
    return [Asked(*values) for values in zip(*columns.values(), strict=True)]


class Balance(NamedTuple):
    """How the questions of one type are balanced (`generation.balance.select`).

    Of every proposal,
    - `subject` is the category that the question is about;
    - selection takes equally many questions of each `stratum` on each `side`;
    - selection fills the strata of a side from one `block` where it can, so that what a block's questions have in
      common does not tell the answer. Its names go from the most to the least important;
    - among equals, selection takes the least used `cell` first;
    - at most one question of a `group` of a scene is taken, so that a view set is not asked twice the same;
    - one that is a `fallback` is taken only where nothing else of its stratum is left.

    Args:
        num_options (`int`): how many options a question has; 0 where the answer is a number, a point, or still open.
        num_strata, num_sides (`int`).
        depth (`int`): how many names a block has.
        num_shared (`int`): so many of them the strata of a side must share.
        categories (`tuple` of `int`): which of them are categories.
    """

    num_options: int = 0
    num_strata: int = 1
    num_sides: int = 1
    depth: int = 0
    num_shared: int = 0
    categories: tuple[int, ...] = ()


@dataclass(frozen=True)
class Task:
    """One task's questions. A further task is one file and one line in `TASKS`.

    Args:
        propose (`Callable`): takes the view sets of a scene, a generator and a [`Ledger`], in which it counts what
            each rule turned down; returns the questions that hold for them, by type, as `PROPOSAL` records.
        ask (`Callable`): takes a view set, a question type and one of that type that was drawn; returns the
            [`Question`] in words, without its letter.
        balance (`Mapping`): the task's question types, and how each is balanced.
    """

    propose: Callable[[Sequence[View], np.random.Generator, Ledger], dict[str, np.ndarray]]
    ask: Callable[[View, str, Asked], Question]
    balance: Mapping[str, Balance]


def proposals(count: int, dtype: np.dtype = PROPOSAL, **columns: np.ndarray | int) -> np.ndarray:
    """`count` proposals with these columns. Without one, position and instances are -1, everything else is 0."""
    found = np.zeros(count, dtype)
    for name, column in ({"position": NONE, "target": NONE, "reference": NONE} | columns).items():
        found[name] = column
    return found


def blocks(*names: np.ndarray | int) -> np.ndarray:
    """The column `block` from its names, `(N, MAX_BLOCK)`."""
    names = np.broadcast_arrays(*names, *[0] * (MAX_BLOCK - len(names)))
    return np.stack(names, axis=-1)


def group_of(*numbers: np.ndarray | int) -> np.ndarray:
    """One number for each combination of at most four: a view set, then views, instances or categories."""
    code = np.int64(0)
    for number in numbers:
        code = (code << 16) | np.asarray(number, dtype=np.int64)  # no scene has 2^15 view sets or 2^16 instances
    return code


def frames_of(view_sets: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Frames of view sets in the order shown, then -1: `(V, 5)`."""
    frames = np.full((len(view_sets), MAX_VIEWS), NONE)
    for row, of_set in zip(frames, view_sets, strict=True):
        row[: len(of_set)] = of_set
    return frames


def place_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One number for a point of an image."""
    return (x << 16) | y


def xy_of(place: int) -> tuple[int, int]:
    """The point of an image that `place_of` made a number of."""
    return place >> 16, place & 0xFFFF
