import pytest

from dataset_builder.bench.metrics import (
    METRICS,
    SCORERS,
    RowScore,
    relative_accuracy,
    score_choice,
    score_number,
    score_point,
    summarize,
    unscorable,
)
from dataset_builder.schema import INSTRUCTIONS


OPTIONS = ["A. 4", "B. 3", "C. 2", "D. 1"]


def row(question_type: str, answer: str, **levels) -> dict:
    place = {"dataset": "toy", "scene_name": "scene_a"}
    return {**place, "question_type": question_type, "options": OPTIONS, "mc_answer": answer, **levels}


@pytest.mark.parametrize(
    ("reply", "score", "parsed"), [("B", 1.0, True), ("3", 1.0, True), ("C", 0.0, True), ("B or C", 0.0, False)]
)
def test_score_of_a_choice(reply, score, parsed):
    found = score_choice(row("obj_count_occ", "B"), reply)
    assert (found.score, found.parsed) == (score, parsed)


def test_six_rows_by_hand():
    scores = [
        score_choice(row("obj_count_occ", "A", occ_level="low", overlap_level="low", vis_level="x"), "A"),  # right
        score_choice(row("obj_count_occ", "A", occ_level="low", overlap_level=None, vis_level="x"), "B"),  # wrong
        score_choice(row("obj_count_occ", "A", occ_level="high", vis_level="x"), "what?"),  # not understood
        score_choice(row("obj_existence_occ_lr", "A", occ_level=None, vis_level="y"), "A"),  # right
        score_choice(row("obj_existence_occ_ab", "B", occ_level="low", vis_level="y"), "A"),  # wrong
        score_choice(row("obj_existence_occ_ab", "B", occ_level="low", vis_level="y"), "(B)"),  # right
    ]
    summary = summarize(scores)
    assert summary["count"] == 6
    assert summary["score"] == pytest.approx(3 / 6)
    assert summary["parse_failures"] == 1
    assert summary["parse_failure_rate"] == pytest.approx(1 / 6)

    by_type = {name: part["score"] for name, part in summary["by_question_type"].items()}
    assert by_type == pytest.approx({"obj_count_occ": 1 / 3, "obj_existence_occ_lr": 1, "obj_existence_occ_ab": 1 / 2})
    assert summary["mean_over_types"] == pytest.approx((1 / 3 + 1 + 1 / 2) / 3)
    by_task = {name: part["score"] for name, part in summary["by_task"].items()}
    assert by_task == pytest.approx({"object_count": 1 / 3, "object_existence": 2 / 3})
    assert summary["mean_over_tasks"] == pytest.approx((1 / 3 + 2 / 3) / 2)

    levels = summary["by_level"]
    assert {name: (part["count"], part["score"]) for name, part in levels["occ_level"].items()} == {
        "low": (4, 0.5),
        "high": (1, 0.0),
        "missing": (1, 1.0),
    }
    assert {name: part["count"] for name, part in levels["overlap_level"].items()} == {"low": 1, "missing": 5}
    assert levels["vis_level"]["x"]["score"] == pytest.approx(1 / 3)
    assert levels["vis_level"]["x"]["parse_failure_rate"] == pytest.approx(1 / 3)


def test_parts_add_up():
    scores = [RowScore(row("obj_count_occ", "A", occ_level=level), 0.25, True) for level in ("low", "high", None)]
    summary = summarize(scores)
    for parts in (summary["by_question_type"], summary["by_task"], *summary["by_level"].values()):
        assert sum(part["count"] for part in parts.values()) == 3
        assert all(part["score"] == pytest.approx(0.25) for part in parts.values())


def test_no_scores():
    with pytest.raises(ValueError, match="There are no scores"):
        summarize([])


def test_scorers_are_for_known_formats():
    assert set(SCORERS) == set(INSTRUCTIONS) == set(METRICS)


@pytest.mark.parametrize(
    ("kind", "truth", "reply", "score"),
    [
        ("obj_size_occ_na", "120", "120", 1.0),
        ("obj_size_occ_na", "120", "1.2 m", 1.0),
        ("obj_size_occ_na", "120", "150 cm", 0.6),  # 25 % off: within 50, 45, 40, 35, 30 and 25 %
        ("obj_distance_occ_na", "2.00", "about 2.9 meters", 0.2),  # 45 % off
        ("obj_count_occ_na", "4", "three", 0.6),  # 25 % off
        ("obj_count_occ_na", "4", "9", 0.0),
        ("obj_count_occ_na", "0", "0", 1.0),  # of none, only none is right
        ("obj_count_occ_na", "0", "1", 0.0),
    ],
)
def test_numbers_by_hand(kind, truth, reply, score):
    found = score_number({"question_type": kind, "ground_truth": truth}, reply)
    assert (found.score, found.parsed) == (pytest.approx(score), True)


def test_a_negative_truth_is_no_free_point():
    assert relative_accuracy([-5.0, -4.1, 100.0, 5.0], -5.0).tolist() == [1.0, pytest.approx(0.7), 0.0, 0.0]


def test_points_by_hand():
    row = {"question_type": "obj_localization_occ_na", "ground_truth": "(100, 100)", "bbox_2d_diag": 50.0}
    scores = [score_point(row, reply).score for reply in ("(100, 125)", "x=100, y=144", "(100, 171)", "left")]
    assert scores == [1.0, pytest.approx(0.6), 0.0, 0.0]
    assert not score_point(row, "left").parsed


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"answer_format": "choice", "options": OPTIONS, "mc_answer": "B"}, True),
        ({"answer_format": "choice", "options": OPTIONS, "mc_answer": None}, False),
        ({"answer_format": "number", "ground_truth": "1.5"}, True),
        ({"answer_format": "number", "ground_truth": "nan"}, False),
        ({"answer_format": "number", "ground_truth": None}, False),
        ({"answer_format": "point", "ground_truth": "(1, 2)", "bbox_2d_diag": 3.0}, True),
        ({"answer_format": "point", "ground_truth": "(1, 2)", "bbox_2d_diag": None}, False),
        ({"answer_format": "point", "ground_truth": "here", "bbox_2d_diag": 3.0}, False),
        ({"answer_format": "essay"}, False),
    ],
)
def test_what_can_be_scored(fields, known):
    assert (unscorable(fields) is None) == known
