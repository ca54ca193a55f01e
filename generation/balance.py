"""Which of the possible questions of a scene are asked (ANNOTATION section 5, Balance)."""

import numpy as np

from generation.rounds import BLOCKS, add_rounds
from generation.tasks.codes import codes_of, first_of
from generation.tasks.proposed import Balance


# A type with fewer questions is filled up to this many
FLOOR = 8
# Of sets that want so many questions of a type, no category has more than this share of them
LARGE, MAX_SUBJECT_SHARE = 500, 0.1


def select(questions: np.ndarray, balance: Balance, quota: int, rng: np.random.Generator) -> np.ndarray:
    """Choose at most `quota` questions of one type, equally many of every stratum on every side.

    Questions are chosen in rounds of one match for each side; a match is one question of every stratum, all of one
    block. A round that cannot be completed is not begun: so Yes and No, the words of an axis and the like come out
    exactly even. First come the matches whose questions share all names of their block, then those that share all but
    the last, and so on, down to the names that they must share: what a match shares cannot tell its answers apart.
    Where that gives fewer than `FLOOR` questions, matches that share less fill up to there, so that a small set lacks
    no type. Blocks take turns. Of a group at most one question is chosen, and no subject gets more than its share of a
    large set.

    Args:
        questions (`np.ndarray` of shape `(N,)`): `PROPOSAL` records with the field `scene`.
        balance ([`Balance`]).
        quota (`int`).
        rng (`np.random.Generator`): breaks ties.

    Returns:
        `np.ndarray`: places of the chosen questions.
    """
    if not len(questions):
        return np.zeros(0, dtype=int)
    order = rng.permutation(len(questions))
    questions = questions[order]
    codes, used = _properties(questions, balance)
    size = balance.num_strata * balance.num_sides
    chosen, count = np.zeros(len(questions), dtype=int), 0
    cap = MAX_SUBJECT_SHARE * quota if quota >= LARGE else float(quota)
    for length in range(balance.depth, -1, -1):
        wanted = quota if length >= balance.num_shared else min(quota, FLOOR)
        if count + size > wanted:
            continue
        names = codes[BLOCKS + length - 1] if length else np.zeros(len(questions), dtype=int)
        places, strata, blocks, sides = _layout(questions, names, balance.num_strata)
        if len(sides) - 1 == balance.num_sides:
            count = add_rounds(
                (chosen, count),
                codes,
                used,
                np.ascontiguousarray(questions["fallback"]),
                cap,
                length,
                places,
                strata,
                blocks,
                sides,
                size,
                wanted,
            )
    return order[chosen[:count]]


def _properties(questions: np.ndarray, balance: Balance) -> tuple[np.ndarray, np.ndarray]:
    """Codes `(P, N)` of the properties that `rounds` names, and room to count how often each code is used."""
    scene, block = questions["scene"], questions["block"]
    columns = [
        [questions["cell"]],
        [questions["subject"]],
        [scene],
        [scene, questions["view_set"]],
        [scene, questions["group"]],
        *(block[:, : end + 1].T for end in range(balance.depth)),
    ]
    codes = np.stack([codes_of(*one)[0] for one in columns])
    return codes, np.zeros((len(codes), codes.max() + 1), dtype=int)


def _layout(
    questions: np.ndarray, names: np.ndarray, num_strata: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places of the questions by side, block and stratum, of all blocks that have all strata; where strata begin in
    them, blocks in the strata, and sides in the blocks, each with the end of all.

    Sides, and blocks of a side, stand in the order of their first questions.
    """
    block, num_blocks = codes_of(questions["side"], names)
    stratum, num_pairs = codes_of(block, questions["stratum"])
    block_of_pair = np.zeros(num_pairs, dtype=int)
    block_of_pair[stratum] = block
    places = np.flatnonzero((np.bincount(block_of_pair, minlength=num_blocks) >= num_strata)[block])
    side_first, block_first = (first_of(codes)[places] for codes in (codes_of(questions["side"])[0], block))
    order = np.lexsort((stratum[places], block_first, side_first))
    places = places[order]
    bounds = [
        np.append(np.flatnonzero(np.diff(values, prepend=-1)), len(values))
        for values in (stratum[places], block[places], side_first[order])
    ]
    strata, blocks, sides = bounds
    return places, strata, np.searchsorted(strata, blocks), np.searchsorted(blocks, sides)


def letter_order(count: int, num_options: int, rng: np.random.Generator) -> np.ndarray:
    """Places of the right options of `count` questions: each equally often up to one, and equally likely."""
    rounds = [rng.permutation(num_options) for _ in range(-(-count // num_options))]
    return np.array(rounds, dtype=int).ravel()[:count][rng.permutation(count)]
