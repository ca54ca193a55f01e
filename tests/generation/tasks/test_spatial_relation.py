import numpy as np
import pytest


def test_four_combinations_of_two_axes(view_of, ask):
    # the lamp is left of, higher than and farther away than the sofa; the second view shows both
    view = view_of(["lamp", "sofa"], [".v", "vv"], lr=[-10, 10], ab=[-10, 10], distance=[2, 1])
    found = {q.question_type: q for q in ask("spatial_relation", view)[0]}
    assert {kind: q.truth for kind, q in found.items()} == {
        "obj_spatial_occ_lr": "To the left of and farther from the camera than the sofa",
        "obj_spatial_occ_ab": "Higher than and to the left of the sofa",
        "obj_spatial_occ_fb": "Farther from the camera than and to the left of the sofa",
    }
    question = found["obj_spatial_occ_lr"]
    assert question.text == "In Frame 1, where does the lamp appear in this view relative to the sofa?"
    assert set(question.distractors) == {
        "To the left of and closer to the camera than the sofa",
        "To the right of and closer to the camera than the sofa",
        "To the right of and farther from the camera than the sofa",
    }
    assert (question.targets, question.references, question.asked_position) == ((0,), (1,), 0)
    assert (question.stratum, question.side, question.num_strata, question.num_sides) == (-1, -1, 2, 2)
    assert question.numbers == {"axes": ["lr", "fb"], "signs": [-1, 1]}


def test_opposite_directions(view_of, ask):
    view = view_of(["lamp", "sofa"], [".v", "vv"], lr=[10, -10], ab=[10, -10], distance=[1, 2])
    assert {q.truth for q in ask("spatial_relation", view)[0]} == {
        "To the right of and closer to the camera than the sofa",
        "Lower than and to the right of the sofa",
        "Closer to the camera than and to the right of the sofa",
    }


def test_reference_is_pinned_where_it_is_not_unique(view_of, ask):
    view = view_of(["lamp", "sofa", "sofa"], [".vv", "vvv"], lr=[-10, 10, 20], distance=[2, 1, 1])
    texts = {q.text for q in ask("spatial_relation", view, "obj_spatial_occ_lr")[0]}
    assert texts == {
        "In Frame 1, where does the lamp appear in this view relative to the sofa(100,115)?",
        "In Frame 1, where does the lamp appear in this view relative to the sofa(160,115)?",
    }


@pytest.mark.parametrize(
    ("labels", "frames", "lr", "distance", "rule"),
    [
        (["lamp", "sofa"], [".v", "vv"], [0, 3], [2, 1], "direction_undefined"),
        (["lamp", "sofa"], [".v", "vv"], [-10, 10], [1, 1.2], "second_direction_undefined"),
        (["lamp", "sofa"], [".v", "v."], [-10, 10], [2, 1], "never_shown_together"),
        (["lamp", "sofa", "lamp"], [".v.", "vvv"], [-10, 10, -20], [2, 1, 2], "name_not_unique"),
        (["lamp", "sofa", "lamp"], [".v.", "vvu"], [-10, 10, -20], [2, 1, 2], "name_not_unique"),
    ],
)
def test_declines(view_of, ask, labels, frames, lr, distance, rule):
    view = view_of(labels, frames, lr=lr, distance=distance)
    questions, rejected = ask("spatial_relation", view, "obj_spatial_occ_lr")
    assert not questions and set(rejected) == {rule}


def test_a_target_in_view_or_unclear_is_no_candidate(view_of, ask):
    for frame in ("vv", "uv"):
        questions, rejected = ask("spatial_relation", view_of(["lamp", "sofa"], [frame, "vv"], lr=[-10, 10]))
        assert not questions and not rejected


def test_pairs_beyond_the_limit_are_counted(view_of, ask):
    labels = ["sofa", *(f"thing {k}" for k in range(14))]
    view = view_of(labels, ["v" + 14 * ".", 15 * "v"], lr=[0, *[-10] * 14], distance=[1, *[2] * 14])
    questions, rejected = ask("spatial_relation", view, "obj_spatial_occ_lr")
    assert len(questions) == 12 and rejected == {"more_than_a_view_set_is_asked": 2}


def test_distance_from_a_camera(view_of, ask):
    # the lamp is absent from the first view, the sofa cut by the border of the second
    view = view_of(["lamp", "sofa"], [".v", "vv"], distance=[[2, 1.5], [3.126, 4]], extended={(1, 1): 2000})
    questions, rejected = ask("spatial_relation", view, "obj_distance_occ_na")
    assert {q.text: q.truth for q in questions} == {
        "How far is the center of the lamp from the camera of Frame 1, in meters?": "2.00",
        "How far is the center of the sofa from the camera of Frame 2, in meters?": "4.00",
    }
    assert {q.targets: q.asked_position for q in questions} == {(0,): 0, (1,): 1}
    assert all(q.answer_format == "number" and not q.distractors for q in questions)
    assert rejected == {"neither_hidden_nor_cut": 2}


def test_a_visible_thing_is_pinned_for_its_distance(view_of, ask):
    view = view_of(["sofa", "sofa"], ["vv", "vv"], amodal={(0, 0): 2000})
    (question,), _ = ask("spatial_relation", view, "obj_distance_occ_na")
    assert question.text == "How far is the center of the sofa(40,115) from the camera of Frame 1, in meters?"


@pytest.mark.parametrize(("metres", "error", "asked"), [(0.2, 0.0, False), (0.21, 0.0, True), (2.0, 0.19, False)])
def test_distances_exceed_ten_times_their_error(view_of, ask, metres, error, asked):
    view = view_of(["lamp"], [".", "v"], distance=[[metres], [0.1]], extent_error_m=np.array([error]))
    questions, _ = ask("spatial_relation", view, "obj_distance_occ_na")
    assert bool(questions) == asked


def test_distance_between_things(view_of, ask):
    closest_m = np.array([[0, 1.234, 0.1], [1.234, 0, 2], [0.1, 2, 0]])
    view = view_of(["lamp", "sofa", "rug"], [".v.", "v.v"], closest_m=closest_m)
    questions, rejected = ask("spatial_relation", view, "obj_obj_distance_occ_na")
    assert {frozenset(q.targets): q.truth for q in questions} == {
        frozenset({0, 1}): "1.23",
        frozenset({1, 2}): "2.00",
    }
    assert {q.text for q in questions if 0 in q.targets} <= {
        f"What is the distance between the {a} and the {b}, in meters, measured between their closest points?"
        for a, b in (("lamp", "sofa"), ("sofa", "lamp"))
    }
    assert rejected == {"too_close_to_measure": 1}  # lamp and rug: ten times the error of 1 cm


def test_distance_between_things_that_can_be_named(view_of, ask):
    several = view_of(["lamp", "sofa", "sofa"], [".vv", "v.."])
    assert ask("spatial_relation", several, "obj_obj_distance_occ_na") == ([], {"name_not_unique": 2})
    whole = view_of(["lamp", "sofa"], ["vv", "vv"])
    assert ask("spatial_relation", whole, "obj_obj_distance_occ_na") == ([], {"whole_in_every_view": 1})
    sliver = view_of(["lamp", "sofa"], ["v.", ".v"], extended={(1, 1): 2001})
    assert ask("spatial_relation", sliver, "obj_obj_distance_occ_na") == ([], {"hardly_seen": 1})


def test_distance_to_a_centre_that_is_uncertain(view_of, ask):
    for spread_m, count in ((0.002, 0), (0.0005, 2)):
        view = view_of(["mug"], ["v", "."], extended={(0, 0): 1200}, centre_spread_m=np.array([spread_m]))
        questions, rejected = ask("spatial_relation", view, "obj_distance_occ_na")
        assert len(questions) == count and rejected == ({} if count else {"centre_ambiguous": 2})


def test_distance_to_the_centre_of_what_is_hardly_seen(view_of, ask):
    view = view_of(["lamp"], ["v", "."], amodal={(0, 0): 1500}, extended={(0, 0): 2001})
    assert ask("spatial_relation", view, "obj_distance_occ_na") == ([], {"hardly_seen": 2})
    view = view_of(["lamp"], ["v", "."], amodal={(0, 0): 1500}, extended={(0, 0): 2000})
    assert len(ask("spatial_relation", view, "obj_distance_occ_na")[0]) == 2
