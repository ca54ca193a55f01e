"""`spatialmosaic shortcuts`: what can be guessed without looking (ANNOTATION section 7)."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.reader import load_rows
from dataset_builder.schema import TASK_OF
from generation.audit.guesses import classifier_scores, consensus_scores, expected_accuracy, majority_scores
from generation.rng import stage_rng


NUM_FOLDS = 5
NUM_RESAMPLES = 1000
GUESSERS: dict[str, Callable] = {
    "majority": majority_scores,
    "consensus": consensus_scores,
    "classifier": classifier_scores,
}
COLUMNS = ("scene_name", "question_type", "answer_format", "frames", "question", "options", "mc_answer",
           "ground_truth", "bbox_2d_diag")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ShortcutSettings:
    """Measure how much of a dataset folder can be guessed from the text of its questions alone.

    Prints and writes to `shortcuts.json`, for each question type with options, accuracy minus chance in points.
    """

    folder: Path = field(metadata={"help": "Dataset folder."})
    seed: int = field(default=0, metadata={"help": "Fixes the folds and the confidence intervals."})


@dataclass(frozen=True)
class Gain:
    """Accuracy minus chance of one guesser, in points.

    Args:
        mean (`float`).
        low, high (`float`): 95 % confidence interval, by drawing scenes anew.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Shortcut:
    """What can be guessed of one question type.

    Args:
        questions, scenes (`int`): how many there are.
        chance (`float`): accuracy of a guess at random, percent.
        gains (`dict` of `str` to [`Gain`]): by guesser.
    """

    questions: int
    scenes: int
    chance: float
    gains: dict[str, Gain]


def run_shortcuts(settings: ShortcutSettings) -> None:
    """Measure, print the table and write `shortcuts.json` into the folder.

    Raises:
        [`DatasetError`]: the folder has too few scenes or no questions with options, or scikit-learn is missing.
    """
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise DatasetError("`shortcuts` needs scikit-learn. Run pip install 'spatialmosaic[audit]'.") from error
    rows = [row for row in load_rows(settings.folder, columns=COLUMNS) if row["answer_format"] == "choice"]
    scenes = {row["scene_name"] for row in rows}
    if len(scenes) < NUM_FOLDS:
        raise DatasetError(
            f"{settings.folder} has questions with options in {len(scenes)} scenes. At least {NUM_FOLDS} are needed, "
            "so that what is learned in some can be tried in others."
        )
    with progress_bar("Guessing", len({row["question_type"] for row in rows}), "question types") as advance:
        found = shortcuts(rows, settings.seed, on_type=advance)
    path = settings.folder / "shortcuts.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({kind: asdict(one) for kind, one in found.items()}, indent=2) + "\n", "utf-8")
    partial.replace(path)
    console = Console()
    console.print(table(found), f"Shortcuts: {path}", sep="\n")


def shortcuts(
    rows: Sequence[dict], seed: int, on_type: Callable[[int], None] = lambda count: None
) -> dict[str, Shortcut]:
    """Measure every question type of rows with options.

    Guessers learn from four fifths of the scenes and guess in the other fifth, five times.
    """
    by_type = defaultdict(list)
    for row in rows:
        by_type[row["question_type"]].append(row)
    found = {}
    for kind in (kind for kind in TASK_OF if kind in by_type):
        found[kind] = measure(by_type[kind], seed)
        on_type(1)
    return found


def measure(rows: Sequence[dict], seed: int) -> Shortcut:
    """What can be guessed of rows of one question type."""
    names = sorted({row["scene_name"] for row in rows})
    rng = stage_rng(seed, "shortcuts")
    fold_of = dict(zip(names, rng.permutation(len(names)) % NUM_FOLDS, strict=True))
    chance = np.array([1 / len(row["options"]) for row in rows])
    scene = np.searchsorted(names, [row["scene_name"] for row in rows])
    gains = {}
    for name, guess in GUESSERS.items():
        gained = -chance
        for fold in range(NUM_FOLDS):
            held_out = [k for k, row in enumerate(rows) if fold_of[row["scene_name"]] == fold]
            train = [row for row in rows if fold_of[row["scene_name"]] != fold]
            if not held_out or not train:
                continue
            for k, scores in zip(held_out, guess(train, [rows[k] for k in held_out]), strict=True):
                gained[k] += expected_accuracy(scores, rows[k])
        gains[name] = _interval(gained, scene, len(names), rng)
    return Shortcut(len(rows), len(names), 100 * float(chance.mean()), gains)


def _interval(gained: np.ndarray, scene: np.ndarray, num_scenes: int, rng: np.random.Generator) -> Gain:
    """Mean of `gained` in points, and its interval over scenes drawn with replacement."""
    total, count = (np.bincount(scene, weights, num_scenes) for weights in (gained, np.ones_like(gained)))
    drawn = rng.integers(num_scenes, size=(NUM_RESAMPLES, num_scenes))
    means = 100 * total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Gain(100 * float(gained.mean()), float(low), float(high))


def table(found: dict[str, Shortcut]) -> Table:
    """One line for each question type."""
    made = Table(title="Accuracy minus chance of guesses without looking, points (95 % interval)")
    for name in ("", "questions", "scenes", "chance", *GUESSERS):
        made.add_column(name, justify="left" if not name else "right", no_wrap=not name)
    for kind, one in found.items():
        gains = [f"{gain.mean:+.1f} ({gain.low:+.1f} to {gain.high:+.1f})" for gain in one.gains.values()]
        made.add_row(kind, f"{one.questions:,}", str(one.scenes), f"{one.chance:.0f} %", *gains)
    return made
