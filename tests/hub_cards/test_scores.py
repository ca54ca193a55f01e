"""What a card tells of a run's scores: intervals, controls, and what the model is clearly better than."""

import re

import pytest

from dataset_builder.bench.metrics import RowScore, summarize
from dataset_builder.bench.run import CONTROLS as ASKED
from dataset_builder.schema import TASK_OF
from hub_cards.scores import CONTROLS, eval_results, scores_section


def result(right: dict[str, int], rows: int = 100) -> dict:
    """`right` of `rows` choices of each question type, in four scenes."""
    return summarize(
        RowScore({"dataset": "toy", "scene_name": f"scene_{k % 4}", "question_type": kind}, float(k < count), True)
        for kind, count in right.items()
        for k in range(rows)
    )


def run(base_url: str | None = None, **results: dict[str, int]) -> dict:
    return {
        "dataset": "/somewhere/toy",
        "split": "test",
        "rows": 200,
        "limit": None,
        "base_url": base_url,
        "dtype": "bfloat16",
        "device": "cuda",
        "versions": {"transformers": "5.21.3"},
        "results": {name: result(right) for name, right in results.items()},
    }


def cells(text: str) -> list[list[str]]:
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in text.splitlines()]


COUNT, EXISTENCE = "obj_count_occ", "obj_existence_occ_lr"


def test_every_control_of_the_evaluation_has_its_column_and_its_words():
    assert {*ASKED, "chance"} == set(CONTROLS)
    controls = {name: {COUNT: 20 + place, EXISTENCE: 50} for place, name in enumerate(CONTROLS)}
    section = scores_section(run(model={COUNT: 80, EXISTENCE: 50}, published={COUNT: 1}, **controls))
    header, _, row, _ = cells(section["types_table"])
    assert header == ["question type", "score", "questions", "model", *CONTROLS]
    assert row[4:] == ["20.0", "21.0", "22.0", "23.0", "24.0", "25.0"]
    assert cells(section["means_table"])[0] == ["percent", "model", *CONTROLS]
    assert [re.match(r"`(\w+)` ", sentence)[1] for sentence in section["about_controls"]] == list(CONTROLS)


def test_intervals_stand_beside_the_models_scores():
    scores = run(model={COUNT: 80, EXISTENCE: 50}, blind={COUNT: 40, EXISTENCE: 40})
    model = scores["results"]["model"]
    model["by_question_type"][COUNT]["interval"] = [0.7123, 0.85]
    model["by_question_type"][EXISTENCE]["interval"] = None
    model["mean_over_tasks_interval"] = [0.6, 0.7]
    section = scores_section(scores)
    assert [row[3] for row in cells(section["types_table"])[2:]] == ["80.0 [71.2, 85.0]", "50.0"]
    assert cells(section["means_table"])[3] == ["mean over tasks", "65.0 [60.0, 70.0]", "40.0"]


@pytest.mark.parametrize(
    ("controls", "better", "than_one_view", "than_without_geometry"),
    [
        # of 100 rows 80 are clearly more than 60, and no more than 75: two standard errors are about 0.12
        ({"blind": 60, "chance": 25}, True, False, False),
        ({"blind": 75, "chance": 25}, False, False, False),
        ({"blind": 60, "single_view": 60}, True, True, False),
        ({"blind": 60, "single_view": 75}, True, False, False),
        ({"blind": 60, "geometry_zero": 60, "geometry_shuffle": 60}, True, False, True),
        ({"blind": 60, "geometry_zero": 60, "geometry_shuffle": 75}, True, False, False),
    ],
)
def test_each_claim_is_held_against_its_own_controls(controls, better, than_one_view, than_without_geometry):
    section = scores_section(run(model={COUNT: 80}, **{name: {COUNT: right} for name, right in controls.items()}))
    found = [section[key] for key in ("better", "better_than_one_view", "better_than_without_geometry")]
    assert found == [f"`{COUNT}`" if claim else "" for claim in (better, than_one_view, than_without_geometry)]


def test_a_served_model_has_no_precision():
    assert scores_section(run(model={COUNT: 80}))["versions"] == "Transformers 5.21.3, bfloat16, cuda"
    assert scores_section(run("http://localhost/v1", model={COUNT: 80}))["versions"] == "Transformers 5.21.3, served"


def test_the_hub_gets_every_question_type():
    found = eval_results(run(model=dict.fromkeys(TASK_OF, 40)))
    assert [one.dataset_config for one in found] == list(TASK_OF.values())
    assert {one.metric_value for one in found} == {40.0}
