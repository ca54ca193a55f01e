"""Objects, points and reasons, against sentences and numbers written by hand."""

import json

import pytest
from evidence import Point, Sighting, read_points, read_subjects, reasons


def view(frame, visibility="visible", occlusion=0.0, truncation=0.0):
    box = [10, 20, 30, 40] if visibility == "visible" else None
    return {
        "frame": frame,
        "visibility": visibility,
        "visible_box": box,
        "visible_pixels": 300 if box else 0,
        "occlusion": occlusion,
        "truncation": truncation,
    }


def thing(instance_id, label, *views, **viewpoint):
    found = {"instance_id": instance_id, "label": label, "views": list(views)}
    return {**found, "viewpoint": viewpoint} if viewpoint else found


def row(question="?", options=(), task="object_count", answer_format="choice", truth="", letter=None, **evidence):
    return {
        "question": question,
        "options": list(options),
        "task": task,
        "answer_format": answer_format,
        "ground_truth": truth,
        "mc_answer": letter,
        "bbox_2d": evidence.pop("bbox_2d", None),
        "evidence": json.dumps(evidence),
    }


@pytest.mark.parametrize(
    ("visibility", "occlusion", "truncation", "summary"),
    [
        ("visible", 0.0, 0.0, "whole"),
        ("visible", 0.256, 0.0, "26 % hidden"),
        ("visible", 0.003, 0.5, "<1 % hidden, 50 % cut off"),
        ("unclear", 0.95, 0.0, "barely visible"),
        ("absent", 1.0, 0.0, "fully hidden"),
        ("absent", None, 1.0, "out of view"),
        ("absent", None, None, "out of view"),
    ],
)
def test_what_is_said_of_an_object_in_a_view(visibility, occlusion, truncation, summary):
    assert Sighting(1, visibility, None, 0, occlusion, truncation).summary == summary


def test_objects_of_one_category_are_told_apart():
    mugs = [thing(3, "mug", view(1)), thing(4, "mug", view(1))]
    subjects = read_subjects({"targets": mugs, "references": [thing(9, "desk", view(1))], "others": []})
    assert [(s.name, s.role) for s in subjects] == [("mug #3", "target"), ("mug #4", "target"), ("desk", "reference")]
    assert subjects[0].sightings[0].box == (10, 20, 30, 40)


def test_an_imported_row_has_neither_objects_nor_reasons():
    imported = row(released={"keys": [], "values": {}})
    assert read_subjects(json.loads(imported["evidence"])) == reasons(imported) == read_points(imported, True) == []


def test_points_of_options_and_of_the_answer():
    options = ["A. Yes; (201, 11)", "B. No", "C. Yes; (45, 16)"]
    asked = row("Is there a lamp in Frame 3?", options, "object_localization", letter="C", asked_frame=3)
    before = [Point(3, 201.5, 11.5, "A"), Point(3, 45.5, 16.5, "C")]
    assert read_points(asked, False) == before
    assert read_points(asked, True) == [before[0], Point(3, 45.5, 16.5, "C", True)]


def test_a_point_answer_is_hidden_until_asked_for():
    asked = row("What are the (x, y) coordinates?", (), "object_localization", "point", "(564, 344)", asked_frame=2)
    assert read_points(asked, False) == []
    assert read_points(asked, True) == [Point(2, 564.5, 344.5, "answer", True)]


def test_a_pinned_name_is_a_point():
    asked = row("In Frame 1, is the bowl lower than the dining chair(435,251) in this viewpoint?", asked_frame=1)
    assert read_points(asked, False) == [Point(1, 435.5, 251.5, "dining chair")]


def test_a_count_names_the_frames_of_each():
    mugs = [thing(3, "mug", view(1), view(2)), thing(4, "mug", view(1, "absent"), view(2))]
    assert reasons(row(targets=mugs, numbers={"count": 2})) == [
        "mug #3 is visible in Frame 1, Frame 2.",
        "mug #4 is visible in Frame 2.",
        "That makes 2.",
    ]


def test_directions_are_told_by_angles_and_distances():
    viewpoints = {"horizontal_deg": [-21.5, 3.25], "vertical_deg": [-4.0, 12.0], "nearest_m": 1.0, "mean_m": 1.5}
    asked = row(
        targets=[thing(3, "mug", view(1), **viewpoints)],
        references=[thing(4, "desk", view(1), **{**viewpoints, "horizontal_deg": [10.0, 20.0]})],
        asked_frame=2,
        numbers={"axes": ["lr", "fb"], "signs": [-1, 1]},
    )
    assert reasons(asked) == [
        "Seen from Frame 2, the mug spans 21.5° left to 3.2° right.",
        "Seen from Frame 2, the desk spans 10.0° right to 20.0° right.",
        "So the mug is to the left of the desk.",
        "Seen from Frame 2, the mug is 1.50 m away on average (1.00 m at its nearest).",
        "Seen from Frame 2, the desk is 1.50 m away on average (1.00 m at its nearest).",
        "So the mug is farther from the camera than the desk.",
    ]


def test_a_place_is_told_by_its_box():
    found = row(
        targets=[thing(3, "lamp", view(1), view(2, occlusion=0.2))], asked_frame=2, bbox_2d=[433.0, 0.0, 525.0, 51.0]
    )
    assert reasons(found) == [
        "In Frame 2 the lamp is 20 % hidden.",
        "Its visible part spans x 433-525, y 0-51; its centre is (479, 25).",
    ]


def test_measures_have_their_units():
    assert reasons(row(numbers={"distance_m": 2.0921})) == ["The distance measured in the scene is 2.09 m."]
    assert reasons(row(numbers={"longest_m": 0.2627})) == ["The longest side measured in the scene is 26.3 cm."]
