"""Comparison of two runs, written by hand."""

import json
from itertools import product
from pathlib import Path

import pytest

from dataset_builder.bench import models
from dataset_builder.bench.compare import compare, mcnemar, render_comparison
from dataset_builder.bench.run import evaluate
from dataset_builder.commands import run_compare
from dataset_builder.errors import DatasetError
from dataset_builder.settings import CompareSettings


@pytest.fixture
def write_run(tmp_path):
    """A run by the scores of its rows: `(scene, question type, score)`; row k has the id "rk"."""

    def write(name: str, rows: list[tuple[str, str, float]], **settings) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        scores = {
            "model": name,
            "model_revision": "1",
            "dataset_sha256": "0123456789abcdef",
            "split": "test",
            "parser_version": 3,
        }
        (folder / "scores.json").write_text(json.dumps(scores | settings), encoding="utf-8")
        lines = [
            {"id": f"r{k}", "dataset": "toy", "scene_name": scene, "question_type": kind, "scores": {"model": score}}
            for k, (scene, kind, score) in enumerate(rows)
        ]
        (folder / "replies.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
        return folder / "scores.json"

    return write


def test_by_hand(write_run):
    kinds = ["obj_count_occ"] * 4 + ["obj_size_occ_na"] * 2
    scenes = ["s", "s", "t", "t", "s", "t"]
    a = write_run("a", list(zip(scenes, kinds, [1, 0, 0, 1, 0.4, 0.2], strict=True)))
    b = write_run("b", list(zip(scenes, kinds, [1, 1, 1, 0, 0.8, 0.6], strict=True)))
    found = compare(a, b)
    counts = found["by_question_type"]["obj_count_occ"]
    assert (counts["count"], counts["a"], counts["b"], counts["difference"]) == (4, 0.5, 0.75, 0.25)
    # of three fair tosses one falls at least as lopsided as 1 : 2 always
    assert (counts["only_a_right"], counts["only_b_right"], counts["p_value"]) == (1, 2, 1.0)
    assert counts["interval"] == pytest.approx([0.0, 0.5])  # scene t twice, scene s twice
    sizes = found["by_question_type"]["obj_size_occ_na"]
    assert sizes["difference"] == pytest.approx(0.4) and sizes["interval"] == pytest.approx([0.4, 0.4])
    assert "p_value" not in sizes
    assert found["overall"]["difference"] == pytest.approx((1 + 0.8) / 6)
    assert found["mean_over_types"]["difference"] == pytest.approx((0.25 + 0.4) / 2)
    assert found["mean_over_types"]["interval"] == pytest.approx([0.2, 0.45])
    text = render_comparison(found)
    assert "| `obj_count_occ` | 4 | 50.0 | 75.0 | 25.0 [0.0, 50.0] | 1 | 2 | 1 |" in text
    assert "| mean over tasks | – | 40.0 | 72.5 | 32.5 [20.0, 45.0] | – | – | – |" in text


def test_pairs_are_by_id_not_by_place(write_run):
    a = write_run("a", [("s", "obj_count_occ", 1), ("t", "obj_count_occ", 0)])
    b = write_run("b", [("s", "obj_count_occ", 1), ("t", "obj_count_occ", 0)])
    lines = (b.parent / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    (b.parent / "replies.jsonl").write_text("\n".join(lines[::-1]) + "\n", encoding="utf-8")
    found = compare(a, b)["overall"]
    assert (found["difference"], found["only_a_right"], found["only_b_right"]) == (0, 0, 0)
    assert found["p_value"] == 1.0


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (0, 5), (3, 9), (6, 6), (8, 1)])
def test_mcnemar_counts_tosses(only_a, only_b):
    """Share of all sequences of fair tosses that are at least as lopsided."""
    pairs = [(1, 0)] * only_a + [(0, 1)] * only_b + [(1, 1)] * 4 + [(0, 0)] * 3
    n = only_a + only_b
    lopsided = sum(abs(2 * sum(tosses) - n) >= abs(only_a - only_b) for tosses in product((0, 1), repeat=n))
    assert mcnemar(pairs)["p_value"] == pytest.approx(lopsided / 2**n)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"dataset_sha256": "other"}, "same dataset content can be compared: .* has 0123456789abcdef, .* has other"),
        ({"split": "validation"}, "same split can be compared: .* has test, .* has validation"),
        ({"parser_version": 2}, "same parser version can be compared: .* has 3, .* has 2"),
    ],
)
def test_runs_that_differ(write_run, settings, match):
    rows = [("s", "obj_count_occ", 1)]
    with pytest.raises(DatasetError, match=match):
        compare(write_run("a", rows), write_run("b", rows, **settings))


def test_runs_about_other_questions(write_run):
    rows = [("s", "obj_count_occ", 1)] * 3
    with pytest.raises(DatasetError, match=r"same questions .*: 2 are in .* alone, 0 in .* alone. .*`--limit`"):
        compare(write_run("a", rows), write_run("b", rows[:1]))


def test_files_that_are_no_run(write_run, tmp_path):
    good = write_run("a", [("s", "obj_count_occ", 1)])
    with pytest.raises(DatasetError, match=r"missing.json and .* are no run of `spatialmosaic evaluate`"):
        compare(good, tmp_path / "missing.json")
    (good.parent / "replies.jsonl").write_text('{"id": "r0"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match="are of an older version: they lack dataset, scene_name, scores"):
        compare(good, good)


def test_two_real_runs(dataset, model_dir, tmp_path, monkeypatch, capsys):
    """One always says A, the other always B. Of the fixture's eight choices A is right in three, B in two."""
    for reply in "AB":
        monkeypatch.setattr(models.LocalModel, "replies", lambda self, rows, most, r=reply: [r] * len(rows))
        evaluate(str(model_dir), dataset, tmp_path / reply, controls=(), trust_remote_code=True)
    a, b = (tmp_path / reply / "scores.json" for reply in "AB")
    run_compare(CompareSettings(a=a, b=b, out=tmp_path / "out" / "comparison.json"))
    found = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))["overall"]
    assert (found["only_a_right"], found["only_b_right"], found["p_value"], found["interval"]) == (3, 2, 1.0, None)
    assert "Comparison" in capsys.readouterr().out
