"""Two runs on the same questions: how far apart they are, and whether that may be an accident."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from scipy.stats import binomtest

from dataset_builder.bench.bootstrap import SceneBootstrap, mean_of
from dataset_builder.bench.metrics import grouped, mean
from dataset_builder.bench.report import ABSENT, REPLIES_FILE, percent, table, with_interval
from dataset_builder.errors import DatasetError
from dataset_builder.schema import TASK_OF, TASKS


# What must be the same in both runs, and how a reader would say it
SAME = {"dataset_sha256": "dataset content", "split": "split", "parser_version": "parser version"}


def compare(a: Path, b: Path, seed: int = 0) -> dict:
    """
    Compare the models of two runs of `evaluate`, question by question.

    Args:
        a (`Path`): `scores.json` of the first run, beside its `replies.jsonl`.
        b (`Path`): that of the second run.
        seed (`int`, *optional*, defaults to 0): fixes the draws of the intervals.

    Returns:
        `dict`: `a`, `b` (model and revision); `overall`, `by_task` and `by_question_type`, whose parts hold `count`,
        `a`, `b` (mean scores), `difference` (b - a), `interval` (95 %, by drawing scenes; `None` for one scene), and
        where there are choices `only_a_right`, `only_b_right` and `p_value` of McNemar's exact test; `mean_over_types`
        and `mean_over_tasks` with `a`, `b`, `difference` and `interval`.

    Raises:
        [`DatasetError`]: if a file is missing or no run's, or the runs are about different questions.
    """
    (scores_a, rows_a), (scores_b, rows_b) = _load(a), _load(b)
    for key, name in SAME.items():
        if scores_a[key] != scores_b[key]:
            raise DatasetError(
                f"Only runs with the same {name} can be compared: {a} has {scores_a[key]}, {b} has {scores_b[key]}. "
                "Evaluate both models alike; replies that a run has are not asked for again."
            )
    if set(rows_a) != set(rows_b):
        raise DatasetError(
            f"Only runs about the same questions can be compared: {len(set(rows_a) - set(rows_b)):,} are in {a} "
            f"alone, {len(set(rows_b) - set(rows_a)):,} in {b} alone. Give both runs the same `--limit` and `--seed`."
        )
    rows = list(rows_a.values())
    pairs = [(row["scores"]["model"], rows_b[row["id"]]["scores"]["model"]) for row in rows]
    bootstrap = SceneBootstrap([(row["dataset"], row["scene_name"]) for row in rows], seed)
    types = grouped((row["question_type"], k) for k, row in enumerate(rows))
    tasks = grouped((TASK_OF[row["question_type"]], k) for k, row in enumerate(rows))

    def part(members: Sequence[int]) -> dict:
        choices = [pairs[k] for k in members if not rows[k]["question_type"].endswith("_na")]
        return _difference(pairs, members, bootstrap) | (mcnemar(choices) if choices else {})

    return {
        "a": {key: scores_a[key] for key in ("model", "model_revision")},
        "b": {key: scores_b[key] for key in ("model", "model_revision")},
        **{name: scores_a[name] for name in SAME},
        "seed": seed,
        "overall": part(range(len(rows))),
        "mean_over_types": _mean_difference(pairs, types, bootstrap),
        "mean_over_tasks": _mean_difference(pairs, tasks, bootstrap),
        "by_task": {name: part(members) for name, members in tasks.items()},
        "by_question_type": {name: part(members) for name, members in types.items()},
    }


def mcnemar(pairs: Sequence[tuple[float, float]]) -> dict:
    """McNemar's exact test of paired right (1) and wrong (0) answers: are the two equally often alone in the right?"""
    only_a = sum(a > b for a, b in pairs)
    only_b = sum(b > a for a, b in pairs)
    p_value = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return {"only_a_right": only_a, "only_b_right": only_b, "p_value": float(p_value)}


def _load(path: Path) -> tuple[dict, dict[str, dict]]:
    """Content of a run's `scores.json`, and its rows by id."""
    replies = Path(path).with_name(REPLIES_FILE)
    try:
        scores = json.loads(Path(path).read_text(encoding="utf-8"))
        rows = {row["id"]: row for row in map(json.loads, replies.read_text(encoding="utf-8").split("\n")[:-1])}
        missing = {"model", "model_revision", *SAME} - set(scores)
        missing |= {key for row in rows.values() for key in ("dataset", "scene_name", "scores") if key not in row}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path} and {replies} are no run of `spatialmosaic evaluate` ({error!r}). Run it, or run it again."
        ) from error
    if missing:
        raise DatasetError(
            f"{path} and {replies} are of an older version: they lack {', '.join(sorted(missing))}. Run "
            "`spatialmosaic evaluate` again."
        )
    return scores, rows


def _difference(pairs: Sequence[tuple[float, float]], members: Sequence[int], bootstrap: SceneBootstrap) -> dict:
    a, b = (mean(pairs[k][side] for k in members) for side in (0, 1))
    interval = bootstrap.interval(_drawn(pairs, members, bootstrap), members)
    return {"count": len(members), "a": a, "b": b, "difference": b - a, "interval": interval}


def _mean_difference(
    pairs: Sequence[tuple[float, float]], parts: Mapping[str, list[int]], bootstrap: SceneBootstrap
) -> dict:
    """The unweighted mean of the parts' differences."""
    of_parts = [_difference(pairs, members, bootstrap) for members in parts.values()]
    means = {key: mean(part[key] for part in of_parts) for key in ("a", "b", "difference")}
    drawn = mean_of([_drawn(pairs, members, bootstrap) for members in parts.values()])
    return means | {"interval": bootstrap.interval(drawn, range(len(pairs)))}


def _drawn(pairs: Sequence[tuple[float, float]], members: Sequence[int], bootstrap: SceneBootstrap):
    """The difference of the members in every draw."""
    return bootstrap.means([pairs[k][1] - pairs[k][0] for k in members], members)


def render_comparison(comparison: Mapping) -> str:
    """A comparison as Markdown."""
    tasks, types = comparison["by_task"], comparison["by_question_type"]
    parts = {
        "mean over question types": comparison["mean_over_types"],
        "mean over tasks": comparison["mean_over_tasks"],
        "mean over questions": comparison["overall"],
        **{f"`{task}`": tasks[task] for task in TASKS if task in tasks},
        **{f"`{kind}`": types[kind] for kind in TASK_OF if kind in types},
    }
    models = [
        f"- {side}: `{comparison[side]['model']}`, revision `{comparison[side]['model_revision']}`" for side in "ab"
    ]
    return "\n".join(
        [
            "# Comparison\n",
            *models,
            f"- dataset content `{comparison['dataset_sha256'][:12]}`, split `{comparison['split']}`\n",
            "Percent. In brackets the 95 % interval of the difference b - a, by drawing scenes. p: McNemar's exact "
            "test of the choices, which takes questions as independent of each other; where many are about one scene, "
            "trust the interval.\n",
            table(
                ["", "questions", "a", "b", "difference", "only a right", "only b right", "p"],
                [_cells(name, part) for name, part in parts.items()],
            ),
        ]
    )


def _cells(name: str, part: Mapping) -> list[str]:
    return [
        name,
        f"{part['count']:,}" if "count" in part else ABSENT,
        percent(part["a"]),
        percent(part["b"]),
        with_interval(part["difference"], part["interval"]),
        *(f"{part[key]:,}" if key in part else ABSENT for key in ("only_a_right", "only_b_right")),
        f"{part['p_value']:.2g}" if "p_value" in part else ABSENT,
    ]
