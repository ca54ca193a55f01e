"""What a proof finds: the answer to a question, and the things that it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dataset_builder.schema import LETTERS


@dataclass(frozen=True)
class Proof:
    """What a question's answer is.

    Args:
        truths (`tuple` of `bool`): for each option in order, whether it is true.
        targets, references, others (`tuple` of `int`): the instances that the answer is about, that it is told
            against, and that make the wrong options wrong.
        asked (`int`, *optional*): position of the view that is asked about; `None` when it is the whole set.
        box (`tuple` of 4 `int`, *optional*): box that the answer points at.
        numbers (`dict`): what else the answer follows from, as the evidence has it.
        values (`tuple` of `float`): the numbers of an answer without options, in the question's unit.
        unit_m (`float`): that unit, where it is one of length.
    """

    truths: tuple[bool, ...] = ()
    targets: tuple[int, ...] = ()
    references: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    asked: int | None = None
    box: tuple[int, int, int, int] | None = None
    numbers: dict = field(default_factory=dict)
    values: tuple[float, ...] = ()
    unit_m: float = 1.0

    def mismatches(self, row: dict, slack_m: float) -> Iterator[tuple[str, str]]:
        """(expected, found) where the row's answer is not the one true option, or not the value as it is rounded."""
        if not row["options"]:
            yield from self._other_values(row["ground_truth"], slack_m)
            return
        true = [letter for letter, truth in zip(LETTERS, self.truths, strict=False) if truth]
        if true != [row["mc_answer"]]:
            yield f"{' and '.join(true) or 'no option'} of {', '.join(row['options'])}", row["mc_answer"]

    def _other_values(self, answer: str, slack_m: float) -> Iterator[tuple[str, str]]:
        written = re.findall(r"\d+(?:\.\d+)?", answer)
        rounding = [0.5 * 10.0 ** -len(number.partition(".")[2]) for number in written]
        close = [
            abs(float(number) - value) <= half + slack_m / self.unit_m
            for number, value, half in zip(written, self.values, rounding, strict=False)
        ]
        if len(written) != len(self.values) or not all(close):
            yield ", ".join(f"{value:.4f}" for value in self.values), answer
