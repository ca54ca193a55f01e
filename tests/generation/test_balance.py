"""Selection: what comes out even, what is never chosen twice, and where it stops."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import balance
from generation.balance import FLOOR, LARGE, letter_order
from generation.tasks.proposed import Balance, proposals


class Question(NamedTuple):
    stratum: str
    group: tuple
    block: tuple[str, ...] = ()
    num_strata: int = 2
    subject: str = "chair"
    cell: str = ""
    fallback: bool = False
    side: str = ""
    num_sides: int = 1
    num_shared: int = 0
    scene_name: str = ""


def codes(values: list) -> list[int]:
    """A number for each different value."""
    places = {value: k for k, value in enumerate(dict.fromkeys(values))}
    return [places[value] for value in values]


def select(questions: list[Question], quota: int, rng: np.random.Generator) -> list[Question]:
    """The questions that `balance.select` chooses."""
    if not questions:
        return []
    first = questions[0]
    records = proposals(len(questions), fallback=[one.fallback for one in questions])
    for name in ("stratum", "group", "subject", "cell", "side"):
        records[name] = codes([getattr(one, name) for one in questions])
    records["scene"] = codes([one.scene_name for one in questions])
    for k in range(len(first.block)):
        records["block"][:, k] = codes([one.block[k] for one in questions])
    kind = Balance(
        num_strata=first.num_strata, num_sides=first.num_sides, depth=len(first.block), num_shared=first.num_shared
    )
    return [questions[k] for k in balance.select(records, kind, quota, rng)]


def rng():
    return np.random.default_rng(0)


def test_strata_come_out_even():
    questions = [Question("yes", (k,)) for k in range(50)] + [Question("no", (100 + k,)) for k in range(5)]
    assert Counter(q.stratum for q in select(questions, 20, rng())) == {"yes": 5, "no": 5}
    assert Counter(q.stratum for q in select(questions, 7, rng())) == {"yes": 3, "no": 3}  # no round is half done


def test_a_missing_stratum_stops_everything():
    # three of the four ranks of a count would not be uniform
    questions = [Question(f"rank {k % 3}", (k,), num_strata=4) for k in range(30)]
    assert select(questions, 8, rng()) == []


def test_of_a_group_at_most_one_is_chosen():
    questions = [Question(stratum, (k // 2,)) for k in range(12) for stratum in ("yes", "no")]
    chosen = select(questions, 20, rng())
    assert len(chosen) == 6 and len({q.group for q in chosen}) == 6


def test_the_scarcest_stratum_picks_first():
    # "no" can only be asked about view set 0: "yes" must leave it alone
    questions = [Question("no", (0,))] + [Question("yes", (k,)) for k in range(2)]
    for seed in range(10):
        chosen = select(questions, 2, np.random.default_rng(seed))
        assert {(q.stratum, q.group[0]) for q in chosen} == {("no", 0), ("yes", 1)}


def test_rounds_of_one_block_come_first():
    # lamps are mostly "yes": where blocks allow it, the lamp is asked about as often with "no"
    questions = [Question("yes", (k,), ("lamp",)) for k in range(40)]
    questions += [Question("no", (50 + k,), ("lamp",)) for k in range(2)]
    questions += [Question("no", (100 + k,), ("rug",)) for k in range(40)]
    chosen = select(questions, 4, rng())
    assert Counter((q.block[0], q.stratum) for q in chosen) == {("lamp", "yes"): 2, ("lamp", "no"): 2}
    more = select(questions, 8, rng())  # then any
    assert Counter((q.block[0], q.stratum) for q in more) == {
        ("lamp", "yes"): 4,
        ("lamp", "no"): 2,
        ("rug", "no"): 2,
    }


def test_blocks_take_turns_by_their_first_name():
    questions = [
        Question(stratum, (f"{a}{b}{k}{stratum}",), (a, b))
        for a, count in (("many", 9), ("few", 1))
        for b in map(str, range(count))
        for k in range(5)
        for stratum in ("yes", "no")
    ]
    assert Counter(q.block[0] for q in select(questions, 8, rng())) == {"many": 4, "few": 4}


def test_fallback_is_taken_last():
    questions = [Question(s, (f"{s}{k}",), fallback=k >= 2) for s in ("yes", "no") for k in range(10)]
    assert not any(q.fallback for q in select(questions, 4, rng()))
    assert sum(q.fallback for q in select(questions, 8, rng())) == 4


def test_cells_then_subjects_are_spread():
    questions = [
        Question(s, (f"{s}{c}{j}{k}",), cell=c, subject=j)
        for s in ("yes", "no")
        for c, number in (("full", 40), ("partial", 5))
        for j in ("chair", "sofa")
        for k in range(number)
    ]
    chosen = select(questions, 16, rng())
    assert Counter(q.cell for q in chosen) == {"full": 8, "partial": 8}
    assert Counter(q.subject for q in chosen) == {"chair": 8, "sofa": 8}


def test_sides_come_out_even_and_are_matched_each_by_itself():
    questions = [
        Question(stratum, (side, block, stratum, k), (block,), side=side, num_sides=2, num_shared=1)
        for side, blocks in (("left", "ab"), ("right", "c"))
        for block in blocks
        for stratum in ("yes", "no")
        for k in range(3)
    ]
    chosen = select(questions, 20, rng())
    assert Counter(q.side for q in chosen) == {"left": 6, "right": 6}  # the right side has three matches
    assert all(count == 3 for count in Counter((q.side, q.stratum) for q in chosen).values())
    assert select([q for q in questions if q.side == "left"], 20, rng()) == []  # one side without the other


def test_no_match_across_blocks_that_must_be_shared():
    # but for the few that keep a small set from lacking the type
    questions = [Question("yes", (k,), ("lamp",), num_shared=1) for k in range(20)]
    questions += [Question("no", (30 + k,), ("rug",), num_shared=1) for k in range(20)]
    assert len(select(questions, 30, rng())) == FLOOR < 30
    questions += [Question(s, (s, k), ("bed",), num_shared=1) for s in ("yes", "no") for k in range(8)]
    assert {q.block for q in select(questions, 30, rng())} == {("bed",)}


def test_a_large_set_caps_each_subject():
    names = ["chair"] * 900 + [f"thing {k}" for k in range(11)] * 20
    questions = [Question("yes", (k,), num_strata=1, subject=name) for k, name in enumerate(names)]
    counts = Counter(q.subject for q in select(questions, LARGE, rng()))
    assert counts["chair"] == LARGE // 10
    assert Counter(q.subject for q in select(questions, LARGE - 1, rng()))["chair"] > LARGE // 10


def test_questions_of_two_scenes_may_have_the_same_group():
    questions = [Question("yes", (0,), num_strata=1, scene_name=name) for name in ("a", "b")]
    assert len(select(questions, 5, rng())) == 2


def test_same_generator_same_choice():
    questions = [Question(s, (f"{s}{k}",)) for s in ("yes", "no") for k in range(30)]
    assert select(questions, 10, rng()) == select(questions, 10, rng())
    assert select(questions, 10, rng()) != select(questions, 10, np.random.default_rng(1))


def test_nothing_to_choose_from():
    assert not len(balance.select(proposals(0), Balance(), 10, rng()))


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=60), st.integers(0, 30))
def test_always_even_within_quota_and_without_repeats(drawn, quota):
    questions = [Question(str(s), (g,), (str(b),), num_strata=3) for s, g, b in drawn if s < 3]
    chosen = select(questions, quota, rng())
    counts = Counter(q.stratum for q in chosen)
    assert len(chosen) <= quota
    assert not chosen or (len(counts) == 3 and len(set(counts.values())) == 1)
    assert len({q.group for q in chosen}) == len(chosen)


@pytest.mark.parametrize(("count", "num_options"), [(16, 4), (16, 2), (7, 4), (1, 4), (0, 4)])
def test_letters_are_even(count, num_options):
    letters = letter_order(count, num_options, rng())
    numbers = [np.count_nonzero(letters == letter) for letter in range(num_options)]
    assert len(letters) == sum(numbers) == count
    assert max(numbers) - min(numbers) <= 1


def test_letters_are_even_over_many_short_scenes():
    # the odd one out of each scene must not always be A
    generator = rng()
    letters = Counter(int(letter) for _ in range(4000) for letter in letter_order(1, 4, generator))
    assert all(abs(letters[letter] - 1000) < 120 for letter in range(4))
    first = Counter(int(letter_order(4, 4, generator)[0]) for _ in range(4000))
    assert all(abs(first[letter] - 1000) < 120 for letter in range(4))
