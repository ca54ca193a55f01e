"""The published scores: against reference vectors, and by hand."""

import json
from pathlib import Path

import pytest

from dataset_builder.bench.strict import first_token, score_strict
from dataset_builder.schema import TASK_OF


GOLDEN = Path(__file__).resolve().parents[3] / "../shared/reference/golden"
with_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="the reference vectors are not part of the repository")


def outcome(row: dict):
    try:
        return score_strict(row, row["prediction"])
    except Exception as error:
        return type(error).__name__


@with_golden
def test_every_reference_score_and_error():
    rows = [json.loads(line) for line in (GOLDEN / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 653 and {row["question_type"] for row in rows} >= set(TASK_OF)
    for row in rows:
        expected = row["error_type"] if row["score"] == "error" else row["score"]
        assert outcome(row) == expected, row


@with_golden
def test_reference_means():
    rows = [json.loads(line) for line in (GOLDEN / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    for part in json.loads((GOLDEN / "metrics_aggregate.json").read_text(encoding="utf-8")):
        chosen = [rows[k] for k in part["row_ids"]]
        for name, mean in part["per_question_type"].items():
            scores = [outcome(row) for row in chosen if row["question_type"] == name.rpartition("_")[0]]
            assert sum(scores) / len(scores) == pytest.approx(mean, abs=1e-9)


def number(truth, reply, kind="obj_size_occ_na") -> float:
    return score_strict({"question_type": kind, "ground_truth": truth}, reply)


def test_numbers_by_hand():
    assert number("10", "10") == 1.0
    assert number("10", "10.4 cm") == 1.0  # 4 % off: within all ten
    assert number("10", "14.2") == pytest.approx(0.2)  # 42 % off: within 50 and 45 %
    assert number("10", "16") == number("10", "10cm") == number("many", "10") == 0.0
    assert number("-5", "1000") == 1.0  # as the published code has it
    with pytest.raises(ZeroDivisionError):
        number("0", "0")
    assert number("0", "none") == 0.0


def point(reply, truth="(100, 100)", diagonal="50") -> float:
    return score_strict(
        {"question_type": "obj_localization_occ_na", "ground_truth": truth, "bbox_2d_diag": diagonal}, reply
    )


def test_points_by_hand():
    assert point("(100, 125)") == 1.0  # half a diagonal
    assert point("(100, 144)") == pytest.approx(0.6)  # 0.88: within 0.9 ... 1.4
    assert point("(100, 171)") == point(None) == point("12") == point("(1, 1)", diagonal=None) == 0.0
    assert point("Frame 4, 100, 100") == 0.0  # the frame is taken for a coordinate
    assert point("x 100 and y 100") == 1.0


def test_first_token():
    assert [first_token(text) for text in ("A. 4", "A.\n", " A", "A..", "A)")] == ["A", "A.", "", "A", "A)"]
