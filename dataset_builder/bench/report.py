"""Scores as files: `scores.json` for programs, `scores.md` for readers, `replies.jsonl` for doubts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataset_builder.bench.metrics import LEVELS, METRICS, RowScore
from dataset_builder.bench.strict import POINT_TYPE
from dataset_builder.schema import TASKS


COLUMN_ORDER = (
    *("model", "published", "blind", "single_view", "geometry_zero", "geometry_shuffle"),
    *("majority", "chance"),
)
LEVEL_ORDER = ("none", "low", "medium", "high", "Fully Visible", "Partially Visible")  # others follow these
ABSENT = "–"
REPLIES_FILE = "replies.jsonl"


def write_report(
    scores: Mapping,
    rows: Sequence[Mapping],
    replies: Mapping[str, Mapping],
    scored: Mapping[str, Sequence[RowScore]],
    output_dir: Path,
) -> None:
    """
    Write the files.

    Args:
        scores (`Mapping`): what `evaluate` returns.
        rows (sequence of `Mapping`): the rows scored.
        replies (`Mapping`): for the model and each control, the reply by row id.
        scored (`Mapping`): the scores of each of them, and of others.
    """
    by_id = {name: {one.row["id"]: one.score for one in scored[name]} for name in scored}
    lines = [
        json.dumps(
            {
                "id": row["id"],
                "dataset": row["dataset"],
                "scene_name": row["scene_name"],
                "question_type": row["question_type"],
                "answer": row["mc_answer"] or row["ground_truth"],
                **{name: given.get(row["id"]) for name, given in replies.items()},
                "scores": {name: of[row["id"]] for name, of in by_id.items() if row["id"] in of},
            }
        )
        for row in rows
    ]
    write_text(output_dir / REPLIES_FILE, "\n".join(lines) + "\n")
    write_text(output_dir / "scores.json", json.dumps(scores, indent=2) + "\n")
    write_text(output_dir / "scores.md", render_markdown(scores))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.incomplete")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def render_markdown(scores: Mapping) -> str:
    """Scores as Markdown: what was scored, then the scores by question type, task and level."""
    results = scores["results"]
    names = [name for name in COLUMN_ORDER if name in results]
    types = [kind for kinds in TASKS.values() for kind in kinds if kind in results["model"]["by_question_type"]]
    tasks = [task for task in TASKS if task in results["model"]["by_task"]]
    overall = [
        ("mean over question types", "mean_over_types", "mean_over_types_interval"),
        ("mean over tasks", "mean_over_tasks", "mean_over_tasks_interval"),
        ("mean over questions", "score", "interval"),
    ]
    # The published rules do not tell a reply that they cannot read from a wrong one
    failures = [ABSENT if name == "published" else percent(results[name]["parse_failure_rate"]) for name in names]
    parts = [
        "# Scores\n",
        _facts(scores),
        "Percent: of choices the accuracy, of numbers the mean relative accuracy (MRA), of points the mean point "
        "accuracy (MPA). A reply that names no answer, or more than one, scores 0. `published` is the model by the "
        "rules of the published benchmark's code, for comparison with published scores. `majority` always gives the "
        "best constant answer; `chance` is defined for choices only. In brackets the model's 95 % interval, by "
        "drawing scenes; there is none where all questions are about one scene.\n",
        table(
            ["", *names],
            [
                *(
                    [
                        label,
                        with_interval(results["model"][key], results["model"][interval]),
                        *(percent(results[name][key]) for name in names[1:]),
                    ]
                    for label, key, interval in overall
                ),
                ["replies not understood", *failures],
            ],
        ),
        "## By question type\n",
        _breakdown(results, names, ("by_question_type",), types, {kind: METRICS[_format_of(kind)] for kind in types}),
        "## By task\n",
        _breakdown(results, names, ("by_task",), tasks),
        "## By diagnostic level\n",
    ]
    for level in LEVELS:
        values = levels_of(results["model"]["by_level"][level])
        parts += [f"`{level}`\n", _breakdown(results, names, ("by_level", level), values)]
    parts.append("## By task and diagnostic level\n")
    for level in LEVELS:
        values = levels_of(results["model"]["by_level"][level])
        found = {task: results["model"]["by_task_and_level"][task][level] for task in tasks}
        parts.append(
            table(
                [f"`{level}`: score (questions)", *(f"`{value}`" for value in values)],
                [[f"`{task}`", *(_cell(found[task].get(value)) for value in values)] for task in tasks],
            )
        )
    return "\n".join(parts)


def levels_of(found: Mapping) -> list[str]:
    """The values of a diagnostic level, from easy to hard."""
    return [value for value in LEVEL_ORDER if value in found] + [value for value in found if value not in LEVEL_ORDER]


def _facts(scores: Mapping) -> str:
    running = f"served at {scores['base_url']}" if scores["base_url"] else f"{scores['dtype']} on {scores['device']}"
    facts = [
        f"- model: `{scores['model']}`"
        + (f", revision `{scores['model_revision']}`" if scores["model_revision"] else "")
        + f", {running}",
        f"- dataset: `{scores['dataset']}`, content `{scores['dataset_sha256'][:12]}`, split `{scores['split']}`, "
        f"{scores['rows']:,} questions about {scores['scenes']:,} scenes"
        + (f" (at most {scores['limit']} of each type)" if scores["limit"] else ""),
        f"- seed {scores['seed']}, prompt version {scores['prompt_version']}, parser version "
        f"{scores['parser_version']}, greedy, at most "
        f"{scores['max_new_tokens']} new tokens, batches of {scores['batch_size']}",
        "- versions: " + ", ".join(f"{name} {number}" for name, number in scores["versions"].items()),
        *(f"- not scored: {count:,} questions of type `{kind}`" for kind, count in scores["skipped"].items()),
        *(f"- note: {note}" for note in scores["notes"]),
    ]
    return "\n".join(facts) + "\n"


def _format_of(question_type: str) -> str:
    if not question_type.endswith("_na"):
        return "choice"
    return "point" if question_type == POINT_TYPE else "number"


def _breakdown(
    results: Mapping,
    names: Sequence[str],
    path: Sequence[str],
    keys: Sequence[str],
    metrics: Mapping[str, str] | None = None,
) -> str:
    """Table of the parts `keys`: the name of their score, number of questions, percent of replies that were not
    understood, the scores of model and controls."""
    parts = {}
    for name in names:
        parts[name] = results[name]
        for step in path:
            parts[name] = parts[name][step]
    return table(
        ["", *(["score"] if metrics else []), "questions", "not understood", *names],
        [
            [
                f"`{key}`",
                *([metrics[key]] if metrics else []),
                f"{parts['model'][key]['count']:,}",
                percent(parts["model"][key]["parse_failure_rate"]),
                with_interval(parts["model"][key]["score"], parts["model"][key]["interval"]),
                *(percent(parts[name][key]["score"]) if key in parts[name] else ABSENT for name in names[1:]),
            ]
            for key in keys
        ],
    )


def with_interval(score: float, interval: Sequence[float] | None) -> str:
    """A share in percent, with its interval if it has one."""
    return percent(score) + (f" [{percent(interval[0])}, {percent(interval[1])}]" if interval else "")


def _cell(part: Mapping | None) -> str:
    return f"{percent(part['score'])} ({part['count']:,})" if part else ABSENT


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.1f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first hold numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
