"""What must hold over all rows together: ids, splits, balance."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scipy.stats import binomtest, chisquare

from generation.audit.wording import DIRECTIONS


# A fair set fails a balance test with this probability; a folder has some thirty such tests
BALANCE_LEVEL = 1e-6
_WORD = re.compile("|".join(DIRECTIONS))


@dataclass(frozen=True)
class RowKey:
    """What the checks over all rows need of one.

    Args:
        row_id, dataset, scene_name, split, question_type, word, letter, truth (`str`): `word` is the direction that
            an existence question asks about, else empty.
        num_options (`int`).
    """

    row_id: str
    dataset: str
    scene_name: str
    split: str
    question_type: str
    word: str
    letter: str | None
    truth: str
    num_options: int

    @classmethod
    def of(cls, row: dict, split: str) -> "RowKey":
        existence = row["task"] == "object_existence"
        word = _WORD.search(row["question"]) if existence else None
        return cls(
            row_id=row["id"],
            dataset=row["dataset"],
            scene_name=row["scene_name"],
            split=split,
            question_type=row["question_type"],
            word=word[0] if word else "",
            letter=row["mc_answer"],
            truth=row["ground_truth"],
            num_options=len(row["options"] or ()),
        )


def ids(keys: list[RowKey]) -> Iterator[tuple[RowKey, list[tuple]]]:
    """For each row, whether its id is its own."""
    counts = Counter(key.row_id for key in keys)
    for key in keys:
        several = counts[key.row_id] > 1
        yield key, [("an id of its own", f"{counts[key.row_id]} rows with it")] if several else []


def splits(keys: Iterable[RowKey]) -> Iterator[tuple[str, list[tuple]]]:
    """For each scene, whether all its rows are in one split."""
    found = defaultdict(set)
    for key in keys:
        found[key.dataset, key.scene_name].add(key.split)
    for (_, scene_name), names in sorted(found.items()):
        yield scene_name, [("one split", ", ".join(sorted(names)))] if len(names) > 1 else []


def letters(keys: Iterable[RowKey]) -> Iterator[tuple[str, list[tuple]]]:
    """For each question type with options, whether the right letters may be drawn uniformly (chi-square)."""
    found: dict[tuple[str, int], Counter] = defaultdict(Counter)
    for key in keys:
        if key.num_options:
            found[key.question_type, key.num_options][key.letter] += 1
    for (kind, num_options), counts in sorted(found.items()):
        known = [counts[letter] for letter in "ABCD"[:num_options]]
        if sum(known) < counts.total():
            yield kind, [(f"letters up to {'ABCD'[num_options - 1]}", dict(counts))]
        elif chisquare(known).pvalue < BALANCE_LEVEL:
            yield kind, [(f"each letter about {counts.total() / num_options:.0f} times", dict(sorted(counts.items())))]
        else:
            yield kind, []


def truths(keys: Iterable[RowKey]) -> Iterator[tuple[str, list[tuple]]]:
    """Whether "No" is as often the truth as it should be (binomial): for each direction word one time in two, in
    localization one time in four."""
    found: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for key in keys:
        if key.word or key.question_type == "obj_localization_occ":
            found[key.question_type, key.word][key.truth == "No"] += 1
    for (kind, word), counts in sorted(found.items()):
        share = 0.5 if word else 0.25
        if binomtest(counts[True], counts.total(), share).pvalue < BALANCE_LEVEL:
            about = f" about {word!r}" if word else ""
            expected = f"'No' in about {math.floor(share * counts.total())} of {counts.total()} questions{about}"
            yield kind, [(expected, counts[True])]
        else:
            yield kind, []
