"""Scores of a model beside its controls, as tables of its card and as the Hub's evaluation results."""

from pathlib import Path

from huggingface_hub import EvalResult

from dataset_builder.bench.metrics import METRICS
from dataset_builder.bench.report import percent, with_interval
from dataset_builder.bench.strict import POINT_TYPE
from dataset_builder.schema import TASK_OF
from hub_cards.markdown import code, table


# What any score must be held against, and what a reader must know of it
CONTROLS = {
    "blind": "is this model without the images",
    "single_view": "is this model with one view, that which the question names or else the first",
    "geometry_zero": "is this model with all geometry tokens zero",
    "geometry_shuffle": "is this model with the geometry tokens of another scene",
    "majority": "always gives the best constant answer of the train split",
    "chance": "is a guess at random, for choices alone",
}
# Who is better than these looks at the images, or uses their geometry
GUESSES = ("blind", "majority", "chance")
GEOMETRY = ("geometry_zero", "geometry_shuffle")
# A difference of so many standard errors is no accident
CLEAR = 2


def scores_section(scores: dict) -> dict:
    """Numbers and tables of a `scores.json` for the template."""
    results = scores["results"]
    controls = [name for name in CONTROLS if name in results]
    by_type = {name: results[name]["by_question_type"] for name in ("model", *controls)}
    model = by_type["model"]
    types = [kind for kind in TASK_OF if kind in model]
    means = [("mean over question types", "mean_over_types"), ("mean over tasks", "mean_over_tasks")]
    running = "served" if scores["base_url"] else f"{scores['dtype']}, {scores['device']}"

    def better(than: tuple[str, ...]) -> str:
        """Question types on which the model is clearly better than those of the controls that there are."""
        held = {name: by_type[name] for name in controls if name in than}
        return code([kind for kind in types if _is_clearly_better(kind, model, held)])

    return {
        "dataset": Path(scores["dataset"]).name,
        "split": scores["split"],
        "rows": f"{scores['rows']:,}",
        "limit": scores["limit"],
        "parse_failures": percent(results["model"]["parse_failure_rate"]),
        "versions": f"Transformers {scores['versions']['transformers']}, {running}",
        "controls": controls,
        "about_controls": [f"`{name}` {CONTROLS[name]}." for name in controls],
        "better": better(GUESSES),
        "better_than_one_view": better(("single_view",)),
        "better_than_without_geometry": better(GEOMETRY),
        "types": len(types),
        "means_table": table(
            ["percent", "model", *controls],
            [
                [
                    label,
                    with_interval(results["model"][key], results["model"][f"{key}_interval"]),
                    *(percent(results[name][key]) for name in controls),
                ]
                for label, key in means
            ],
        ),
        "types_table": table(
            ["question type", "score", "questions", "model", *controls],
            [
                [
                    code([kind]),
                    _metric(kind),
                    model[kind]["count"],
                    with_interval(model[kind]["score"], model[kind]["interval"]),
                    *(percent(by_type[name][kind]["score"]) if kind in by_type[name] else None for name in controls),
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


def _is_clearly_better(kind: str, model: dict[str, dict], controls: dict[str, dict[str, dict]]) -> bool:
    """Whether the model beats every control of this type by more than `CLEAR` standard errors of the difference.

    A score lies between 0 and 1, so its variance is at most mean * (1 - mean).
    """
    score, count = model[kind]["score"], model[kind]["count"]
    others = [parts[kind]["score"] for parts in controls.values() if kind in parts]
    return bool(others) and all(
        score - other > CLEAR * ((score * (1 - score) + other * (1 - other)) / count) ** 0.5 for other in others
    )


def _metric(kind: str) -> str:
    if not kind.endswith("_na"):
        return METRICS["choice"]
    return METRICS["point" if kind == POINT_TYPE else "number"]
