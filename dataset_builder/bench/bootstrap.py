"""Confidence intervals of mean scores, by drawing scenes: questions about one scene are not independent."""

from collections.abc import Hashable, Sequence

import numpy as np


RESAMPLES = 1000
CONFIDENCE = 0.95


class SceneBootstrap:
    """
    Means over `RESAMPLES` draws of as many scenes as there are, with replacement.

    Args:
        scenes (sequence): the scene of every row.
        seed (`int`): fixes the draws.
    """

    def __init__(self, scenes: Sequence[Hashable], seed: int):
        numbers = {scene: k for k, scene in enumerate(dict.fromkeys(scenes))}
        self.scene = np.array([numbers[scene] for scene in scenes])  # (rows,)
        count = len(numbers)
        rng = np.random.default_rng(seed)
        self.draws = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(float)  # (R, scenes)

    def means(self, values: Sequence[float], rows: Sequence[int]) -> np.ndarray:
        """Mean of `values`, one for each of `rows`, in every draw, `(R,)`; NaN where a draw holds none of the rows."""
        scene, count = self.scene[np.asarray(rows)], self.draws.shape[1]
        sums = self.draws @ np.bincount(scene, weights=values, minlength=count)
        sizes = self.draws @ np.bincount(scene, minlength=count)
        return np.divide(sums, sizes, out=np.full(RESAMPLES, np.nan), where=sizes > 0)

    def interval(self, means: np.ndarray, rows: Sequence[int]) -> list[float] | None:
        """Ends of the interval of `means`; `None` where `rows` show one scene, which tells nothing about others."""
        if len(set(self.scene[np.asarray(rows)])) < 2:
            return None
        return np.nanquantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]).tolist()


def mean_of(means: Sequence[np.ndarray]) -> np.ndarray:
    """Unweighted mean of several parts in every draw, `(R,)`, over the parts that the draw holds."""
    held = np.isfinite(means)
    return np.where(held, means, 0.0).sum(axis=0) / held.sum(axis=0)
