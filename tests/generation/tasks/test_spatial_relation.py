import pytest


def test_four_combinations_of_two_axes(view_of, ask):
    # the lamp is left of, higher than and farther away than the sofa; the second view shows both
    view = view_of(["lamp", "sofa"], [".v", "vv"], lr=[-10, 10], ab=[-10, 10], distance=[2, 1])
    found = {q.question_type: q for q in ask("spatial_relation", view)[0]}
    assert {kind: q.truth for kind, q in found.items()} == {
        "obj_spatial_occ_lr": "To the left of and farther from the camera than the sofa",
        "obj_spatial_occ_ab": "Higher than and to the left of the sofa",
        "obj_spatial_occ_fb": "Farther from the camera than and higher than the sofa",
    }
    question = found["obj_spatial_occ_lr"]
    assert question.text == "In Frame 1, where does the lamp appear in this view relative to the sofa?"
    assert set(question.distractors) == {
        "To the left of and closer to the camera than the sofa",
        "To the right of and closer to the camera than the sofa",
        "To the right of and farther from the camera than the sofa",
    }
    assert (question.targets, question.references, question.asked_position) == ((0,), (1,), 0)
    assert question.stratum == "(-1, 1)" and question.num_strata == 4
    assert question.numbers == {"axes": ["lr", "fb"], "signs": [-1, 1]}


def test_opposite_directions(view_of, ask):
    view = view_of(["lamp", "sofa"], [".v", "vv"], lr=[10, -10], ab=[10, -10], distance=[1, 2])
    assert {q.truth for q in ask("spatial_relation", view)[0]} == {
        "To the right of and closer to the camera than the sofa",
        "Lower than and to the right of the sofa",
        "Closer to the camera than and lower than the sofa",
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
    labels = ["sofa", *(f"thing {k}" for k in range(5))]
    view = view_of(labels, ["v.....", "vvvvvv"], lr=[0, -10, -10, -10, -10, -10], distance=[1, 2, 2, 2, 2, 2])
    questions, rejected = ask("spatial_relation", view, "obj_spatial_occ_lr")
    assert len(questions) == 3 and rejected == {"more_than_a_view_set_is_asked": 2}
