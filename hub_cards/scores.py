"""Scores of a model beside its controls, as tables of its card and as the Hub's evaluation results."""

from pathlib import Path

from huggingface_hub import EvalResult

from dataset_builder.bench.metrics import METRICS
from dataset_builder.bench.strict import POINT_TYPE
from dataset_builder.schema import TASK_OF
from hub_cards.markdown import code, table


# The model, then what any score must be held against
CONTROLS = ("blind", "majority", "chance")
# A difference of so many standard errors is no accident
CLEAR = 2


def scores_section(scores: dict) -> dict:
    """Numbers and tables of a `scores.json` for the template."""
    results = scores["results"]
    names = ["model", *(name for name in CONTROLS if name in results)]
    by_type = {name: results[name]["by_question_type"] for name in names}
    types = [kind for kind in TASK_OF if kind in by_type["model"]]
    means = [("mean over question types", "mean_over_types"), ("mean over tasks", "mean_over_tasks")]
    return {
        "dataset": Path(scores["dataset"]).name,
        "split": scores["split"],
        "rows": f"{scores['rows']:,}",
        "limit": scores["limit"],
        "parse_failures": f"{100 * results['model']['parse_failure_rate']:.1f}",
        "versions": f"Transformers {scores['versions']['transformers']}, {scores['dtype']}, {scores['device']}",
        "controls": names[1:],
        "better": code([kind for kind in types if _is_clearly_better(kind, by_type)]),
        "types": len(types),
        "means_table": table(
            ["percent", *names], [[label, *(_percent(results[name][key]) for name in names)] for label, key in means]
        ),
        "types_table": table(
            ["question type", "score", "questions", *names],
            [
                [
                    code([kind]),
                    _metric(kind),
                    by_type["model"][kind]["count"],
                    *(_percent(by_type[name][kind]["score"]) if kind in by_type[name] else None for name in names),
                ]
                for kind in types
            ],
            labels=2,
        ),
    }


def eval_results(scores: dict) -> list[EvalResult]:
    """The score of every question type as the Hub's metadata state it."""
    by_type = scores["results"]["model"]["by_question_type"]
    return [
        EvalResult(
            task_type="image-text-to-text",
            dataset_type=Path(scores["dataset"]).name,
            dataset_name="SpatialMosaic",
            dataset_config=TASK_OF[kind],
            dataset_split=scores["split"],
            metric_type=_metric(kind).lower(),
            metric_name=f"{_metric(kind)} of {kind}, percent",
            metric_value=round(100 * by_type[kind]["score"], 1),
        )
        for kind in TASK_OF
        if kind in by_type
    ]


def _is_clearly_better(kind: str, by_type: dict[str, dict]) -> bool:
    """Whether the model beats every control by more than `CLEAR` standard errors of the difference.

    A score lies between 0 and 1, so its variance is at most mean * (1 - mean).
    """
    model = by_type["model"][kind]
    controls = [parts[kind]["score"] for name, parts in by_type.items() if name != "model" and kind in parts]
    return bool(controls) and all(
        model["score"] - control
        > CLEAR * ((model["score"] * (1 - model["score"]) + control * (1 - control)) / model["count"]) ** 0.5
        for control in controls
    )


def _metric(kind: str) -> str:
    if not kind.endswith("_na"):
        return METRICS["choice"]
    return METRICS["point" if kind == POINT_TYPE else "number"]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
