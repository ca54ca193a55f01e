"""Rows of a hand-made annotation: two frames, one box seen whole in the first and half hidden in the second."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dataset_builder.schema import FEATURES
from generation.annotation.scene_annotation import SceneAnnotation
from generation.rows import build_row
from generation.sampling import ViewSet
from generation.tasks.base import Question, View


NAN = np.nan


@pytest.fixture
def view():
    """Frames `b`, `a` in the shown order. Instance 7 is whole in `a` and half hidden in `b`; 9 is absent from `b`."""
    boxes = np.array([[[100, 100, 200, 140], [0, 0, 50, 50]], [[300, 200, 350, 240], [0, 0, 0, 0]]])  # frames a, b
    annotation = SceneAnnotation(
        scene_name="room",
        dataset="procedural",
        domain="indoor",
        method="raycast",
        frame_ids=np.array(["a", "b"]),
        image_sizes=np.array([[640, 480], [640, 480]]),
        intrinsics=np.tile(np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]]), (2, 1, 1)),
        world_from_cam=np.tile(np.eye(4), (2, 1, 1)),
        instance_ids=np.array([7, 9]),
        labels=np.array(["mug", "lamp"]),
        box_centres=np.zeros((2, 3)),
        amodal_pixels=np.array([[4000, 2500], [4000, 0]]),
        visible_pixels=np.array([[4000, 2500], [2000, 0]]),
        extended_pixels=np.array([[4000, 5000], [8000, 0]]),
        amodal_box=boxes,
        visible_box=boxes,
        depth_min_m=np.ones((2, 2)),
        depth_mean_m=np.ones((2, 2)),
        centre_distance_m=np.ones((2, 2)),
        nearest_m=np.array([[1.0, 2.0], [1.5, 2.5]]),
        mean_m=np.array([[1.1, 2.1], [1.6, 2.6]]),
        angles_deg=np.array([[[[-5.0, 5], [-2, 2]]] * 2, [[[1.0, 3], [0, 1]], [[NAN, NAN], [NAN, NAN]]]]),
        surface_bits=np.zeros((2, 1), dtype=np.uint8),
    )
    return View(annotation, ViewSet((1, 0), 12.5))


QUESTION = Question(
    question_type="obj_existence_occ_lr",
    text="In Frame 1, is the mug to the left of the lamp in this viewpoint?",
    truth="Yes",
    distractors=("No",),
    targets=(0,),
    references=(1,),
    asked_position=0,
    letter="A",
)


def test_letter_options_and_completion(view):
    row = build_row(view, QUESTION._replace(letter="B"), np.random.default_rng(0))
    assert row["options"] == ["A. No", "B. Yes"]
    assert (row["mc_answer"], row["ground_truth"]) == ("B", "Yes")
    assert row["completion"] == [{"role": "assistant", "content": [{"type": "text", "text": "B"}]}]
    assert row["frames"] == ["b", "a"]
    assert set(row) == set(FEATURES) - {"images"}


def test_prompt_names_every_view_before_its_image(view):
    (turn,) = build_row(view, QUESTION, np.random.default_rng(0))["prompt"]
    parts = turn["content"]
    assert [part["type"] for part in parts] == ["text", "image", "text", "image", "text"]
    assert [part["text"] for part in parts[:4]] == ["Frame 1:", None, "Frame 2:", None]
    assert parts[4]["text"].splitlines() == [
        "In Frame 1, is the mug to the left of the lamp in this viewpoint?",
        "Options:",
        "A. Yes",
        "B. No",
        "Answer with the option's letter from the given choices directly.",
    ]


def test_diagnostics_by_hand(view):
    row = build_row(view, QUESTION, np.random.default_rng(0))
    # the mug: occlusion 0 in a, 1 - 2000/4000 in b; truncation 0 in a, 1 - 4000/8000 in b
    assert (row["occlusion_avg"], row["truncation_avg"], row["overlap_avg"]) == (0.25, 0.25, 12.5)
    assert (row["occ_level"], row["overlap_level"]) == ("low", "medium")
    assert (row["vis_level"], row["gt_scenario"]) == ("Fully Visible", "Full Coverage")
    # the lamp is visible in a alone, uncovered, half of it beyond the border
    other = build_row(view, QUESTION._replace(targets=(1,)), np.random.default_rng(0))
    assert (other["occlusion_avg"], other["truncation_avg"]) == (0.0, 0.5)
    assert (other["occ_level"], other["vis_level"], other["gt_scenario"]) == (
        "none",
        "Partially Visible",
        "Full Coverage",
    )


def test_partial_coverage_when_no_frame_shows_all_targets(view):
    annotation = view.annotation
    hidden = replace(annotation, visible_pixels=np.array([[0, 2500], [2000, 0]]))
    row = build_row(View(hidden, view.view_set), QUESTION._replace(targets=(0, 1)), np.random.default_rng(0))
    assert row["gt_scenario"] == "Partial Coverage"


def test_box_and_its_diagonal(view):
    row = build_row(view, QUESTION._replace(bbox=(10.0, 20.0, 13.0, 24.0)), np.random.default_rng(0))
    assert (row["bbox_2d"], row["bbox_2d_diag"]) == ([10.0, 20.0, 13.0, 24.0], 5.0)


def test_evidence_follows_the_shown_order(view):
    evidence = json.loads(build_row(view, QUESTION, np.random.default_rng(0))["evidence"])
    assert evidence["asked_frame"] == 1
    (mug,), (lamp,) = evidence["targets"], evidence["references"]
    assert (mug["instance_id"], lamp["label"]) == (7, "lamp")
    assert [(v["frame"], v["visible_pixels"], v["occlusion"]) for v in mug["views"]] == [
        (1, 2000, 0.5),
        (2, 4000, 0.0),
    ]
    assert mug["views"][0]["visible_box"] == [300, 200, 350, 240]
    assert (lamp["views"][0]["visibility"], lamp["views"][0]["visible_box"]) == ("absent", None)
    assert lamp["views"][0]["occlusion"] is None
    assert mug["viewpoint"]["horizontal_deg"] == [1.0, 3.0] and lamp["viewpoint"]["horizontal_deg"] == [None, None]


def test_id_depends_on_frames_in_order_and_question(view):
    def row_id(view, question):
        return build_row(view, question, np.random.default_rng(0))["id"]

    first = row_id(view, QUESTION)
    assert first == row_id(view, QUESTION)
    assert first != row_id(View(view.annotation, ViewSet((0, 1), 12.5)), QUESTION)
    assert first != row_id(view, QUESTION._replace(text="Another one?"))
