"""`spatialmosaic shortcuts`: what can be guessed without looking (ANNOTATION section 7)."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.reader import SHORTCUTS_FILE, STATISTICS_FILE, load_rows, load_statistics
from dataset_builder.schema import TASK_OF
from dataset_builder.whole import file_hash, write_file
from generation.audit.guesses import classifier_scores, consensus_scores, expected_accuracy, majority_scores
from generation.audit.settings import ShortcutSettings
from generation.audit.single_view import one_view_is_enough
from generation.rng import stage_rng
from hub_cards.dataset_card import write_card


NUM_FOLDS = 5
NUM_RESAMPLES = 1000
GUESSERS: dict[str, Callable] = {
    "majority": majority_scores,
    "consensus": consensus_scores,
    "classifier": classifier_scores,
}
COLUMNS = ("scene_name", "task", "question_type", "answer_format", "frames", "question", "options", "mc_answer",
           "ground_truth", "bbox_2d_diag", "evidence")  # fmt: skip


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
        one_view (`float`): share of questions for which one of the views would do, percent.
    """

    questions: int
    scenes: int
    chance: float
    gains: dict[str, Gain]
    one_view: float


def run_shortcuts(settings: ShortcutSettings) -> None:
    """Measure, print the table, write `shortcuts.json` into the folder, and its card anew, which tells of it.

    Raises:
        [`DatasetError`]: the folder has too few scenes or no questions with options, or scikit-learn is missing.
    """
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise DatasetError("`shortcuts` needs scikit-learn. Run pip install 'spatialmosaic[audit]'.") from error
    groups = load_statistics(settings.folder)["run"].get("balanced_together", [])
    group_of = {name: number for number, group in enumerate(groups) for name in group}
    rows = [row for row in load_rows(settings.folder, columns=COLUMNS) if row["answer_format"] == "choice"]
    for row in rows:
        row["group"] = group_of.get(row["scene_name"], row["scene_name"])
    found_groups = {row["group"] for row in rows}
    if len(found_groups) < 2:
        raise DatasetError(
            f"{settings.folder} has questions with options in {len(found_groups)} groups of scenes that were balanced "
            "together. At least 2 are needed, so that what is learned in one can be tried in another."
        )
    with progress_bar("Guessing", len({row["question_type"] for row in rows}), "question types") as advance:
        found = shortcuts(rows, settings.seed, on_type=advance)
    path = settings.folder / SHORTCUTS_FILE
    content = {
        "statistics_sha256": file_hash(settings.folder / STATISTICS_FILE),
        "question_types": {kind: asdict(one) for kind, one in found.items()},
    }
    write_file(path, (json.dumps(content, indent=2) + "\n").encode())
    write_card(settings.folder)
    console = Console()
    console.print(table(found), f"Shortcuts: {path}", sep="\n")


def shortcuts(
    rows: Sequence[dict], seed: int, on_type: Callable[[int], None] = lambda count: None
) -> dict[str, Shortcut]:
    """Measure every question type of rows with options.

    Args:
        rows (sequence of `dict`): with the columns `COLUMNS` and `group`, which names the scenes that were balanced
            together. Guessers learn from about four fifths of the groups and guess in the others, five times: within a
            group what is right in one scene is wrong in another, by which one scene's answers tell another's.
        seed (`int`): see [`ShortcutSettings`].
        on_type (`Callable`): called with 1 for each question type that is done.
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
    names, groups = (sorted({row[column] for row in rows}) for column in ("scene_name", "group"))
    rng = stage_rng(seed, "shortcuts")
    fold_of = dict(zip(groups, rng.permutation(len(groups)) % NUM_FOLDS, strict=True))
    chance = np.array([1 / len(row["options"]) for row in rows])
    scene = np.searchsorted(names, [row["scene_name"] for row in rows])
    gains = {}
    for name, guess in GUESSERS.items():
        gained = -chance
        for fold in range(NUM_FOLDS):
            held_out = [k for k, row in enumerate(rows) if fold_of[row["group"]] == fold]
            train = [row for row in rows if fold_of[row["group"]] != fold]
            if not held_out or not train:
                continue
            for k, scores in zip(held_out, guess(train, [rows[k] for k in held_out]), strict=True):
                gained[k] += expected_accuracy(scores, rows[k])
        gains[name] = _interval(gained, scene, len(names), rng)
    one_view = 100 * float(np.mean([one_view_is_enough(row) for row in rows]))
    return Shortcut(len(rows), len(names), 100 * float(chance.mean()), gains, one_view)


def _interval(gained: np.ndarray, scene: np.ndarray, num_scenes: int, rng: np.random.Generator) -> Gain:
    """Mean of `gained` in points, and its interval over scenes drawn with replacement."""
    total, count = (np.bincount(scene, weights, num_scenes) for weights in (gained, np.ones_like(gained)))
    drawn = rng.integers(num_scenes, size=(NUM_RESAMPLES, num_scenes))
    means = 100 * total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Gain(100 * float(gained.mean()), float(low), float(high))


def table(found: dict[str, Shortcut]) -> Table:
    """One line for each question type."""
    made = Table(
        title="Accuracy minus chance of guesses without looking, points",
        caption="Below each number its 95 % interval. One view: share for which one of the views would do, percent.",
    )
    for name in ("", "questions", "chance", *GUESSERS, "one view"):
        made.add_column(name, justify="left" if not name else "right", no_wrap=True)
    for kind, one in found.items():
        gains = [f"{gain.mean:+.1f}\n{gain.low:+.1f} {gain.high:+.1f}" for gain in one.gains.values()]
        made.add_row(kind, f"{one.questions:,}", f"{one.chance:.0f} %", *gains, f"{one.one_view:.0f}")
    return made
