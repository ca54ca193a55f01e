import numpy as np
import pytest


KIND = "obj_attribute_occ_lr"
# the sofa is in the first view; the lamp is left of it, the others right
LABELS = ["sofa", "lamp", "bed", "desk", "rug"]
LR = [0, -20, 20, 30, 40]


def test_the_only_thing_to_the_left(view_of, ask):
    questions, _ = ask("object_attribute", view_of(LABELS, ["v....", ".vvvv"], lr=LR), KIND)
    (question,) = [q for q in questions if q.asked_position == 0]
    assert question.text == "In Frame 1, which object appears to the left of the sofa in this viewpoint?"
    assert question.truth == "lamp" and question.pool == {"bed": (2,), "desk": (3,), "rug": (4,)}
    assert (question.targets, question.references) == ((1,), (0,))
    assert question.side == -1 and question.num_sides == 2


@pytest.mark.parametrize(
    ("axis", "values", "words"),
    [
        ("ab", {"ab": LR}, "higher than"),
        ("fb", {"distance": [3, 1, 4, 5, 6]}, "closer to the camera than"),
        ("ab", {"ab": [-x for x in LR]}, "lower than"),
        ("fb", {"distance": [3, 4, 1, 1, 1]}, "farther from the camera than"),
        ("lr", {"lr": [-x for x in LR]}, "to the right of"),
    ],
)
def test_words(view_of, ask, axis, values, words):
    questions, _ = ask("object_attribute", view_of(LABELS, ["v....", ".vvvv"], **values), f"obj_attribute_occ_{axis}")
    found = [q for q in questions if q.asked_position == 0]
    assert [q.text for q in found] == [f"In Frame 1, which object appears {words} the sofa in this viewpoint?"]
    assert found[0].truth == "lamp"


def test_wrong_options_that_the_view_lacks_come_first(view_of, ask):
    labels, lr = [*LABELS, "fan", "vase"], [*LR, 50, 60]
    for seed in range(10):
        view = view_of(labels, ["v....vv", ".vvvvvv"], lr=lr)
        questions, _ = ask("object_attribute", view, KIND, seed)
        (question,) = [q for q in questions if q.text.endswith("left of the sofa in this viewpoint?")]
        assert set(list(question.pool)[:3]) == {"bed", "desk", "rug"} and set(question.pool) == set(labels) - {
            "sofa",
            "lamp",
        }


def test_one_stray_instance_disqualifies_its_category(view_of, ask):
    # a second rug on the sofa's left: rugs are neither right nor wrong, and too few wrong categories are left
    view = view_of([*LABELS, "rug"], ["v.....", ".vvvvv"], lr=[*LR, -30])
    questions, rejected = ask("object_attribute", view, KIND)
    assert not [q for q in questions if q.asked_position == 0]
    assert rejected["too_few_categories_on_the_other_side"] >= 1
    # unless no view shows it
    view = view_of([*LABELS, "rug"], ["v.....", ".vvvv."], lr=[*LR, -30])
    assert [q for q in ask("object_attribute", view, KIND)[0] if q.asked_position == 0]


def test_an_unclear_instance_disqualifies_its_category(view_of, ask):
    view = view_of([*LABELS, "rug"], ["v.....", ".vvvvu"], lr=[*LR, 50])
    questions, rejected = ask("object_attribute", view, KIND)
    assert not questions and rejected["broad_or_unclear_category"] == 1


def test_the_answer_must_be_absent_from_the_asked_view(view_of, ask):
    questions, rejected = ask("object_attribute", view_of(LABELS, ["vv...", ".vvvv"], lr=LR), KIND)
    assert not [q for q in questions if q.asked_position == 0 and q.truth == "lamp"]
    assert rejected["no_hidden_category_on_that_side"] >= 1


def test_a_reference_that_cannot_be_named(view_of, ask):
    boxes = {(0, 0): (20, 100, 60, 130), (0, 5): (20, 100, 60, 130)}
    view = view_of([*LABELS, "sofa"], ["v....v", ".vvvv."], lr=[*LR, 0], boxes=boxes)
    questions, rejected = ask("object_attribute", view, KIND)
    assert not [q for q in questions if q.asked_position == 0] and rejected["name_not_unique"] == 2


def test_nothing_shown(view_of, ask):
    assert ask("object_attribute", view_of(["lamp"], [".", "."]))[0] == []


def sizes(view, ask):
    return ask("object_attribute", view, "obj_size_occ_na")


def test_size_in_centimetres(view_of, ask):
    view = view_of(["bed", "mug"], ["v.", ".v"], longest_m=np.array([2.034, 0.099]))
    questions, rejected = sizes(view, ask)
    (question,) = questions
    assert question.text == "What is the length of the longest dimension of the bed, in centimeters?"
    assert (question.truth, question.distractors, question.targets, question.answer_format) == (
        "203",
        (),
        (0,),
        "number",
    )
    assert rejected == {"too_small_to_measure": 1}  # the mug is smaller than ten times the error of 1 cm


@pytest.mark.parametrize(
    ("labels", "frames", "fields", "rule"),
    [
        (["bed", "bed"], ["vv", "v."], {}, "name_not_unique"),
        (["bed"], ["v", "v"], {}, "whole_in_every_view"),
        (["bed"], ["v", "."], {"extended": {(0, 0): 2001}}, "hardly_seen"),  # 1000 pixels of it are visible
        (["bed"], ["v", "v"], {"extended": {(0, 0): 2001, (1, 0): 2000}}, None),
        (["bed"], ["v", "."], {"longest_m": np.array([np.nan])}, "leans"),
        (["bed"], ["v", "."], {"longest_m": np.array([0.1])}, "too_small_to_measure"),
        (["bed"], ["v", "."], {"extent_error_m": np.array([0.046])}, "too_small_to_measure"),  # 10 x (1 + 2 x 4.6) cm
        (["bed"], ["v", "."], {"extent_error_m": np.array([0.044])}, None),
    ],
)
def test_sizes_that_are_not_asked(view_of, ask, labels, frames, fields, rule):
    questions, rejected = sizes(view_of(labels, frames, **fields), ask)
    assert bool(questions) == (rule is None)
    assert rejected == ({rule: len(labels)} if rule else {})
