"""Damaged evidence is caught, number by number, and evidence that tells another answer fails the proof from it."""

import json

import pytest

from generation.audit.proofs import PROOFS


@pytest.fixture(params=PROOFS)
def row(request, rows):
    """One good row of each question type."""
    return next(row for row in rows if row["question_type"] == request.param)


def changed(row: dict, change) -> dict:
    evidence = json.loads(row["evidence"])
    change(evidence)
    return row | {"evidence": json.dumps(evidence)}


def about_one(rows: list[dict], kind: str) -> dict:
    """A row of the type whose answer is about one thing."""
    of_type = (row for row in rows if row["question_type"] == kind)
    return next(row for row in of_type if len(json.loads(row["evidence"])["targets"]) == 1)


def seen(evidence: dict) -> dict:
    """The first view of the first target that shows it."""
    return next(view for view in evidence["targets"][0]["views"] if view["visibility"] == "visible")


@pytest.mark.parametrize("name", ["visible_pixels", "amodal_pixels", "extended_pixels", "occlusion", "truncation"])
def test_numbers_of_a_view(row, findings, name):
    def change(evidence):
        seen(evidence)[name] += 1

    assert f"{name} " in findings(changed(row, change))["evidence"]


def test_box_of_a_view(row, findings):
    def change(evidence):
        seen(evidence)["visible_box"][0] -= 1

    assert "visible_box " in findings(changed(row, change))["evidence"]


def test_visibility_of_a_view(row, findings):
    def change(evidence):
        seen(evidence)["visibility"] = "unclear"

    assert "visibility visible" in findings(changed(row, change))["evidence"]


@pytest.mark.parametrize("kind", ["obj_distance_occ_na", "obj_obj_distance_occ_na", "obj_size_occ_na"])
def test_a_thing_that_is_hardly_seen(rows, findings, kind):
    def change(evidence):
        for view in evidence["targets"][0]["views"]:
            view["occlusion"] = 0.6

    found = findings(changed(next(row for row in rows if row["question_type"] == kind), change))
    assert "no view shows more than 0." in found["answer from evidence"]


@pytest.mark.parametrize("name", ["horizontal_deg", "vertical_deg"])
def test_angles_in_the_viewpoint(row, findings, name):
    if json.loads(row["evidence"])["asked_frame"] is None:
        pytest.skip("a question about the whole set has no viewpoint")

    def change(evidence):
        evidence["targets"][0]["viewpoint"][name] = [-10.0, 10.0]

    assert f"{name} " in findings(changed(row, change))["evidence"]


@pytest.mark.parametrize("name", ["nearest_m", "mean_m"])
def test_distances_in_the_viewpoint(row, findings, name):
    if json.loads(row["evidence"])["asked_frame"] is None:
        pytest.skip("a question about the whole set has no viewpoint")

    def change(evidence):
        evidence["targets"][0]["viewpoint"][name] += 0.01

    assert f"{name} " in findings(changed(row, change))["evidence"]


def test_threshold(row, findings):
    def change(evidence):
        evidence["thresholds"]["min_visible_pixels"] = 10

    assert "thresholds" in findings(changed(row, change))["evidence"]


def test_another_thing(row, findings):
    def change(evidence):
        evidence["targets"][0]["instance_id"] = 9999

    assert "instance 9999 is None" in findings(changed(row, change))["evidence"]


def test_another_label(row, findings):
    def change(evidence):
        for target in evidence["targets"]:
            target["label"] = "unicorn"

    found = findings(changed(row, change))
    assert "'unicorn'" in found["evidence"] and "answer from evidence" in found


def test_another_frame(row, findings):
    def change(evidence):
        evidence["asked_frame"] = 1 if evidence["asked_frame"] != 1 else 2

    assert "asked_frame " in findings(changed(row, change))["evidence"]


def test_numbers_of_the_answer(row, findings):
    numbers = json.loads(row["evidence"])["numbers"]
    if not numbers:
        pytest.skip("this answer needs no further numbers")
    for name in numbers:

        def change(evidence, name=name):
            evidence["numbers"][name] = "other"

        assert f"{name} " in findings(changed(row, change))["evidence"]


def test_lost_target(row, findings):
    found = findings(changed(row, lambda evidence: evidence["targets"].pop()))
    assert "targets " in found["evidence"]


def test_a_view_is_missing(row, findings):
    found = findings(changed(row, lambda evidence: evidence["targets"][0]["views"].pop()))
    assert "the evidence has the views" in found["answer from evidence"]


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"targets": 3}', None])
def test_no_evidence_at_all(row, findings, text):
    assert "evidence cannot be read" in findings(row | {"evidence": text})["answer from evidence"]


def test_evidence_of_another_answer(row, findings):
    """Targets that the evidence shows nowhere."""

    def change(evidence):
        for target in evidence["targets"]:
            for view in target["views"]:
                view.update(visibility="absent", visible_pixels=0, visible_box=None)

    assert "answer from evidence" in findings(changed(row, change))


@pytest.mark.parametrize("axis, name", [("lr", "horizontal_deg"), ("ab", "vertical_deg")])
@pytest.mark.parametrize("kind", ["existence", "attribute", "spatial"])
def test_evidence_of_the_other_side(rows, findings, kind, axis, name):
    row = about_one(rows, f"obj_{kind}_occ_{axis}")

    def change(evidence):
        target, reference = evidence["targets"][0]["viewpoint"], evidence["references"][0]["viewpoint"]
        target[name], reference[name] = reference[name], target[name]

    assert " of A. " in findings(changed(row, change))["answer from evidence"]


@pytest.mark.parametrize("kind", ["existence", "attribute", "spatial"])
def test_evidence_of_the_other_distance(rows, findings, kind):
    row = about_one(rows, f"obj_{kind}_occ_fb")

    def change(evidence):
        target, reference = evidence["targets"][0]["viewpoint"], evidence["references"][0]["viewpoint"]
        for name in ("nearest_m", "mean_m"):
            target[name], reference[name] = reference[name], target[name]

    assert " of A. " in findings(changed(row, change))["answer from evidence"]
