"""Scores of all arms and seeds as numbers with intervals.

An interval covers 95 % of means over scenes and seeds that are drawn anew, with replacement: both are samples.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dataset_builder.bench.bootstrap import SceneBootstrap, mean_of
from dataset_builder.bench.controls import chance_score, majority_reply
from dataset_builder.bench.metrics import SCORERS, grouped, level_of
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS


LEVELS = ("occ_level", "overlap_level")
OVERALL = "mean over question types"
# Differences that answer the study's question: what is better than what. A name alone is an arm as it is.
QUESTIONS = (
    *(("vggt", "none"), ("pointmap", "none"), ("pointmap", "vggt")),
    *((arm, f"{arm}/{control}") for arm in ARMS for control in ("blind", "single_view")),
    *((arm, f"{arm}/{control}") for arm in ARMS[:2] for control in ("geometry_zero", "geometry_shuffle")),
    *((arm, "majority") for arm in ARMS),
)


class Comparison:
    """
    Test rows with the scores of every arm and control.

    Args:
        arms (`Mapping`): folder of every arm and seed.
        truths (sequence of `Mapping`): the test rows, with their answers, in the order of the scores.
        majority (`Mapping`): best constant answer of every question type.
        seed (`int`): fixes the draws.

    Attributes:
        series (`dict[str, np.ndarray]`): scores `(seeds, rows)` by arm, arm and control, or control; NaN where a
            control leaves a row out.
        parts (`dict[str, list[list[int]]]`): rows by the name of a part; a part is the mean over groups of rows.
    """

    def __init__(
        self,
        arms: Mapping[tuple[str, int], Path],
        truths: Sequence[Mapping],
        majority: Mapping[str, str],
        seed: int,
    ):
        self.seed, self.series = seed, {}
        for (arm, _), folder in arms.items():
            lines = [json.loads(line) for line in (folder / "scores.jsonl").read_text(encoding="utf-8").splitlines()]
            by_id = {line["id"]: line["scores"] for line in lines}
            for control in {name for line in lines for name in line["scores"]}:
                name = arm if control == "model" else f"{arm}/{control}"
                values = [by_id[row["id"]].get(control, np.nan) for row in truths]
                self.series.setdefault(name, []).append(values)
        self.series["majority"] = [
            [
                SCORERS[row["answer_format"]](row, majority_reply(row, majority)).score
                if row["question_type"] in majority
                else np.nan
                for row in truths
            ]
        ]
        self.series["chance"] = [[chance_score(row).score if row["options"] else np.nan for row in truths]]
        self.series = {name: np.array(self.series[name]) for name in sorted(self.series)}
        self._bootstrap = SceneBootstrap([(row["dataset"], row["scene_name"]) for row in truths], seed)
        types = grouped((row["question_type"], k) for k, row in enumerate(truths))
        self.parts = {OVERALL: list(types.values())}
        self.parts |= {f"question_type: {name}": [rows] for name, rows in types.items()}
        for level in LEVELS:
            found = grouped((level_of(level)(row), k) for k, row in enumerate(truths))
            # The mix of question types must not tell the levels apart: a mean over types again
            self.parts |= {
                f"{level}: {name}": list(grouped((truths[k]["question_type"], k) for k in rows).values())
                for name, rows in found.items()
            }

    def numbers(self, name: str, part: str) -> dict | None:
        """`score`, `interval`, `count` and, for several seeds, `by_seed`; `None` where nothing was scored."""
        groups = self._scored(part, name)
        if not groups:
            return None
        by_seed = self._by_seed(name, groups)
        return {
            "score": float(by_seed.mean()),
            "interval": self._interval(self._drawn(name, groups), groups),
            "by_seed": by_seed.tolist(),
            "count": sum(map(len, groups)),
        }

    def difference(self, a: str, b: str, part: str) -> dict | None:
        """a - b on the rows that both have: `score`, `interval`, `count`."""
        groups = self._scored(part, a, b)
        if not groups:
            return None
        return {
            "score": float(self._by_seed(a, groups).mean() - self._by_seed(b, groups).mean()),
            "interval": self._interval(self._drawn(a, groups) - self._drawn(b, groups), groups),
            "count": sum(map(len, groups)),
        }

    def results(self) -> dict:
        """Everything, for a file: `scores` by series and part, `differences` by the pairs of `QUESTIONS`."""
        return {
            "scores": {name: {part: self.numbers(name, part) for part in self.parts} for name in self.series},
            "differences": {
                f"{a} - {b}": {part: self.difference(a, b, part) for part in self.parts}
                for a, b in QUESTIONS
                if a in self.series and b in self.series
            },
        }

    def _scored(self, part: str, *names: str) -> list[list[int]]:
        """Rows of a part, by groups, that all of these series have."""
        known = np.logical_and.reduce([np.isfinite(self.series[name]).all(axis=0) for name in names])
        groups = [[k for k in rows if known[k]] for rows in self.parts[part]]
        return [rows for rows in groups if rows]

    def _by_seed(self, name: str, groups: list[list[int]]) -> np.ndarray:
        """Score of every seed, `(seeds,)`."""
        return np.mean([self.series[name][:, rows].mean(axis=1) for rows in groups], axis=0)

    def _drawn(self, name: str, groups: list[list[int]]) -> np.ndarray:
        """Score in every draw of scenes and seeds, `(R,)`."""
        values = self.series[name]
        with np.errstate(invalid="ignore"):  # a draw may hold none of the rows, and has no mean
            means = np.stack(
                [mean_of([self._bootstrap.means(one[rows], rows) for rows in groups]) for one in values]
            )  # (seeds, R)
        # The seeds of one arm have nothing to do with those of another
        rng = np.random.default_rng([self.seed, *name.encode()])
        return np.take_along_axis(means, rng.integers(len(values), size=means.shape), axis=0).mean(axis=0)

    def _interval(self, drawn: np.ndarray, groups: list[list[int]]) -> list[float] | None:
        return self._bootstrap.interval(drawn, [k for rows in groups for k in rows])
