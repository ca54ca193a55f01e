"""The rounds of the selection (`balance.select`) as compiled code: they look at every possible question many times.

A question is meant by its place. A property of all questions is a row of `codes`, and `used` tells for each code how
many of the chosen questions have it.
"""

import numpy as np
from numba import njit


# Rows of `codes`. Among the questions of a stratum the least used by the first four, in this order, come first; of a
# group at most one question is chosen. Then the names of the block follow: the first, the first two and so on
CELL, SUBJECT, SCENE, VIEW_SET, GROUP, BLOCKS = range(6)
# The best of so many random ones is nearly the best of all, and found in a time that does not grow with them
WINDOW = 200


@njit(cache=True)
def add_rounds(chosen, codes, used, fallback, cap, length, places, strata, blocks, sides, size, wanted):
    """Add rounds of one match for each side to `chosen` while they fit, and return how many are chosen then.

    Args:
        chosen (`tuple`): room for the places of chosen questions, and how many there are.
        codes (`np.ndarray` of shape `(P, N)`), used (`np.ndarray` of shape `(P, C)`): see above.
        fallback (`np.ndarray` of shape `(N,)`): questions that are taken only where nothing else is left.
        cap (`float`): how many questions may have the same subject.
        length (`int`): so many names of a block are looked at.
        places (`np.ndarray`): questions by side, block and stratum, in this order; those of a stratum that can no
            longer be chosen are moved to its beginning.
        strata, blocks, sides (`np.ndarray`): where each stratum begins in `places`, each block in `strata` and each
            side in `blocks`, with the end of all.
        size, wanted (`int`): questions of a round, and the most that may be chosen.
    """
    room, count = chosen
    begins = strata[:-1].copy()
    is_open = np.ones(len(blocks) - 1, dtype=np.bool_)  # blocks that may still have a match
    while count + size <= wanted:
        before = count
        for side in range(len(sides) - 1):
            after = count
            while after == count:
                block = _least_used_block(
                    sides[side], sides[side + 1], is_open, codes, used, length, places, strata, blocks
                )
                if block < 0:
                    return _take_back(room, before, count, codes, used)
                of_block = (places, begins, strata, blocks[block], blocks[block + 1])
                after = _add_one_of_each(room, count, codes, used, fallback, cap, of_block)
                is_open[block] = after > count
            count = after
    return count


@njit(cache=True)
def _least_used_block(first, last, is_open, codes, used, length, places, strata, blocks):
    """The first of the open blocks whose names are used least, the first name before the second; -1 without any."""
    best = -1
    for block in range(first, last):
        if is_open[block]:
            if best < 0:
                best = block
                continue
            here, there = places[strata[blocks[block]]], places[strata[blocks[best]]]
            if _is_less(here, there, codes, used, BLOCKS, BLOCKS + length):
                best = block
    return best


@njit(cache=True)
def _add_one_of_each(room, count, codes, used, fallback, cap, of_block):
    """Choose one question of every stratum; none where some stratum has none left."""
    places, begins, strata, first, last = of_block
    before, alone = count, last - first == 1
    for stratum in range(first, last):
        begin, end = begins[stratum], strata[stratum + 1]
        # how many are left matters only beside other strata
        looked_at = WINDOW if alone else end - begin
        begins[stratum] = _put_away(places, begin, end, looked_at, codes, used, cap)
    # the scarcest picks first, while its groups are still free
    left = strata[first + 1 : last + 1] - begins[first:last]
    for stratum in first + np.argsort(left, kind="mergesort"):
        best, seen = -1, 0
        for k in range(begins[stratum], strata[stratum + 1]):
            place = places[k]
            if not _is_free(place, codes, used, cap):
                continue
            better = best < 0 or fallback[place] < fallback[best]
            if not better and fallback[place] == fallback[best]:
                better = _is_less(place, best, codes, used, CELL, GROUP)
            if better:
                best = place
            seen += 1
            if seen == WINDOW:
                break
        if best < 0:
            return _take_back(room, before, count, codes, used)
        room[count] = best
        count += 1
        for row in range(len(codes)):
            used[row, codes[row, best]] += 1
    return count


@njit(cache=True)
def _put_away(places, begin, end, wanted, codes, used, cap):
    """Move those that can no longer be chosen before the first `wanted` that can, and return where these begin."""
    stop, found = begin, 0
    while stop < end and found < wanted:
        found += _is_free(places[stop], codes, used, cap)
        stop += 1
    kept = stop
    for k in range(stop - 1, begin - 1, -1):
        if _is_free(places[k], codes, used, cap):
            kept -= 1
            places[kept], places[k] = places[k], places[kept]
    return kept


@njit(cache=True)
def _is_free(place, codes, used, cap):
    """Whether a question may still be chosen."""
    return used[GROUP, codes[GROUP, place]] == 0 and used[SUBJECT, codes[SUBJECT, place]] + 1 <= cap


@njit(cache=True)
def _is_less(one, other, codes, used, first, last):
    """Whether the properties of `one` are used less than those of `other`, an earlier row before a later one."""
    for row in range(first, last):
        difference = used[row, codes[row, one]] - used[row, codes[row, other]]
        if difference != 0:
            return difference < 0
    return False


@njit(cache=True)
def _take_back(room, before, count, codes, used):
    """Forget the chosen questions from `before` on."""
    for k in range(before, count):
        for row in range(len(codes)):
            used[row, codes[row, room[k]]] -= 1
    return before
