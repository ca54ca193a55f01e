import pytest


def texts(questions):
    return {q.text: q.truth for q in questions}


def test_lamp_left_of_a_sofa(view_of, ask):
    view = view_of(["lamp", "sofa"], [".v", "v."], lr=[-10, 10])
    questions, _ = ask("object_existence", view, "obj_existence_occ_lr")
    assert texts(q for q in questions if q.asked_position == 0) == {
        "In Frame 1, is the lamp to the left of the sofa in this viewpoint?": "Yes",
        "In Frame 1, is the lamp to the right of the sofa in this viewpoint?": "No",
        "In Frame 1, is the sofa to the left of the lamp in this viewpoint?": "No",
        "In Frame 1, is the sofa to the right of the lamp in this viewpoint?": "Yes",
    }
    assert {q.distractors for q in questions} == {("Yes",), ("No",)}
    # a Yes and a No of either word, and only one of the four may be asked
    assert len({(q.side, q.stratum) for q in questions if q.asked_position == 0}) == 4
    assert len({q.group for q in questions if q.asked_position == 0}) == 1
    (question,) = [q for q in questions if q.text.startswith("In Frame 1, is the lamp to the left")]
    assert (question.targets, question.references) == ((0,), (1,))
    assert question.block == ("lamp", "sofa", -1, -1) and question.numbers == {"axis": "lr", "sign": -1}


def test_words_of_the_other_axes(view_of, ask):
    view = view_of(["lamp", "sofa"], [".v", "v."], ab=[-10, 10], distance=[1, 2])
    above = texts(ask("object_existence", view, "obj_existence_occ_ab")[0])
    assert above["In Frame 1, is the lamp higher than the sofa in this viewpoint?"] == "Yes"
    assert above["In Frame 2, is the sofa lower than the lamp in this viewpoint?"] == "Yes"
    near = texts(ask("object_existence", view, "obj_existence_occ_fb")[0])
    assert near["In Frame 1, is the lamp closer to the camera than the sofa in this viewpoint?"] == "Yes"
    assert near["In Frame 1, is the lamp farther from the camera than the sofa in this viewpoint?"] == "No"


def test_answer_follows_the_asked_viewpoint(view_of, ask):
    view = view_of(["lamp", "sofa"], [".v", "v."], lr=[[-10, 10], [10, -10]])
    found = texts(ask("object_existence", view, "obj_existence_occ_lr")[0])
    assert found["In Frame 1, is the lamp to the left of the sofa in this viewpoint?"] == "Yes"
    assert found["In Frame 2, is the lamp to the left of the sofa in this viewpoint?"] == "No"


def test_a_visible_reference_is_pinned_but_an_absent_one_must_be_unique(view_of, ask):
    view = view_of(["lamp", "sofa", "sofa"], [".vv", "v.."], lr=[-10, 10, 20])
    found = texts(ask("object_existence", view, "obj_existence_occ_lr")[0])
    assert "In Frame 1, is the lamp to the left of the sofa(100,115) in this viewpoint?" in found
    assert "In Frame 1, is the lamp to the left of the sofa(160,115) in this viewpoint?" in found
    assert not any("Frame 2" in text for text in found)  # "the sofa" that Frame 2 lacks could be either


@pytest.mark.parametrize(
    ("labels", "frames", "lr", "rule"),
    [
        (["lamp", "sofa"], [".v", "v."], [0, 3], "direction_undefined"),
        (["lamp", "sofa"], ["uv", "v."], [-10, 10], "unclear_instance"),
        (["lamp", "lamp", "sofa"], ["..v", "vv."], [-10, -9, 10], "name_not_unique"),
    ],
)
def test_declines(view_of, ask, labels, frames, lr, rule):
    questions, rejected = ask("object_existence", view_of(labels, frames, lr=lr), "obj_existence_occ_lr")
    assert not any(q.asked_position == 0 for q in questions)
    assert rejected[rule] >= 1


def test_both_in_view_or_of_one_category_is_no_candidate(view_of, ask):
    for labels, frames in ((["lamp", "sofa"], ["vv", "vv"]), (["lamp", "lamp"], ["v.", ".v"])):
        questions, rejected = ask("object_existence", view_of(labels, frames, lr=[-10, 10]))
        assert not questions and not rejected


def test_matches_point_at_the_same_part_of_the_image(view_of, ask):
    # two sofas in a 640 x 480 image, at (100, 115) and (600, 400): columns 0 and 3, rows 0 and 3 of four
    boxes = {(0, 2): (580, 385, 620, 415)}
    view = view_of(["lamp", "sofa", "sofa"], [".vv", "v.."], lr=[-10, 10, 20], boxes=boxes)
    found = {q.text: q.block for q in ask("object_existence", view, "obj_existence_occ_lr")[0]}
    assert found["In Frame 1, is the lamp to the left of the sofa(100,115) in this viewpoint?"][2:] == (-1, 0)
    assert found["In Frame 1, is the sofa(600,400) to the left of the lamp in this viewpoint?"][2:] == (15, -1)
