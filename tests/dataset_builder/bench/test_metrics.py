import pytest

from dataset_builder.bench.metrics import SCORERS, RowScore, score_choice, summarize
from dataset_builder.schema import INSTRUCTIONS


OPTIONS = ["A. 4", "B. 3", "C. 2", "D. 1"]


def row(question_type: str, answer: str, **levels) -> dict:
    return {"question_type": question_type, "options": OPTIONS, "mc_answer": answer, **levels}


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
    assert summary["accuracy"] == pytest.approx(3 / 6)
    assert summary["parse_failures"] == 1
    assert summary["parse_failure_rate"] == pytest.approx(1 / 6)

    by_type = {name: part["accuracy"] for name, part in summary["by_question_type"].items()}
    assert by_type == pytest.approx({"obj_count_occ": 1 / 3, "obj_existence_occ_lr": 1, "obj_existence_occ_ab": 1 / 2})
    assert summary["mean_over_types"] == pytest.approx((1 / 3 + 1 + 1 / 2) / 3)
    by_task = {name: part["accuracy"] for name, part in summary["by_task"].items()}
    assert by_task == pytest.approx({"object_count": 1 / 3, "object_existence": 2 / 3})
    assert summary["mean_over_tasks"] == pytest.approx((1 / 3 + 2 / 3) / 2)

    levels = summary["by_level"]
    assert {name: (part["count"], part["accuracy"]) for name, part in levels["occ_level"].items()} == {
        "low": (4, 0.5),
        "high": (1, 0.0),
        "missing": (1, 1.0),
    }
    assert {name: part["count"] for name, part in levels["overlap_level"].items()} == {"low": 1, "missing": 5}
    assert levels["vis_level"]["x"]["accuracy"] == pytest.approx(1 / 3)
    assert levels["vis_level"]["x"]["parse_failure_rate"] == pytest.approx(1 / 3)


def test_parts_add_up():
    scores = [RowScore(row("obj_count_occ", "A", occ_level=level), 0.25, True) for level in ("low", "high", None)]
    summary = summarize(scores)
    for parts in (summary["by_question_type"], summary["by_task"], *summary["by_level"].values()):
        assert sum(part["count"] for part in parts.values()) == 3
        assert all(part["accuracy"] == pytest.approx(0.25) for part in parts.values())


def test_no_scores():
    with pytest.raises(ValueError, match="There are no scores"):
        summarize([])


def test_scorers_are_for_known_formats():
    assert set(SCORERS) <= set(INSTRUCTIONS)
