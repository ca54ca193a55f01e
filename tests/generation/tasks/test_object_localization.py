import pytest


def test_a_half_hidden_umbrella(view_of, ask):
    # half of it is hidden in the first view: its visible box is 40 x 30, diagonal 50, centre (40, 115)
    view = view_of(["umbrella", "lamp", "lamp"], ["vvv", ".v."], amodal={(0, 0): 2000}, extended={(0, 0): 2000})
    questions, _ = ask("object_localization", view)
    (question,) = [q for q in questions if q.asked_position == 0 and q.subject == "umbrella"]
    assert question.text == (
        "Is there an umbrella in Frame 1? If so, what is the bounding box center coordinates of its visible part, "
        "in pixels of the 640x480 image?"
    )
    assert question.truth == "Yes; (40, 115)"
    assert question.bbox == (20, 100, 60, 130)
    assert question.numbers == {"occlusion": 0.5, "truncation": 0.0}


def test_an_absent_umbrella(view_of, ask):
    view = view_of(["umbrella", "lamp"], ["v.", ".v"])
    questions, _ = ask("object_localization", view)
    (question,) = [q for q in questions if q.subject == "umbrella"]
    assert (question.asked_position, question.truth, question.targets) == (1, "No", (0,))
    assert question.bbox is None


@pytest.mark.parametrize(
    ("whole", "asked"), [(1052, False), (1053, True)], ids=["4.94 % is hidden", "5.03 % is hidden"]
)
def test_least_occlusion(view_of, ask, whole, asked):
    view = view_of(["umbrella"], ["v", "v"], amodal={(0, 0): whole}, extended={(0, 0): whole})
    questions, rejected = ask("object_localization", view)
    assert any(q.asked_position == 0 for q in questions) == asked
    assert rejected["neither_hidden_nor_cut"] == (1 if asked else 2)


def test_cut_by_the_border_is_enough(view_of, ask):
    questions, _ = ask("object_localization", view_of(["umbrella"], ["v", "v"], extended={(0, 0): 2000}))
    assert [q.asked_position for q in questions] == [0]


@pytest.mark.parametrize(
    ("labels", "frames", "rules"),
    [
        (["cup", "cup"], ["vv"], {"several_in_the_frame": 1}),
        (["cup", "cup"], ["vu"], {"unclear_instance": 1}),
        (["chair", "armchair"], ["vu"], {"broad_category": 1}),
    ],
)
def test_declines(view_of, ask, labels, frames, rules):
    questions, rejected = ask("object_localization", view_of(labels, frames, amodal={(0, 0): 3000}))
    assert not questions and rejected == rules


def test_a_point_as_the_answer(view_of, ask):
    view = view_of(["umbrella", "lamp", "lamp"], ["vvv", ".v."], amodal={(0, 0): 2000}, extended={(0, 0): 2000})
    (question,), rejected = ask("object_localization", view, "obj_localization_occ_na")
    assert question.text == (
        "What are the (x, y) coordinates of the bounding box center of the visible part of the umbrella in Frame 1, "
        "in pixels of the 640x480 image?"
    )
    assert (question.truth, question.answer_format, question.bbox) == ("(40, 115)", "point", (20, 100, 60, 130))
    assert rejected == {"name_not_unique": 3}


def test_points_that_are_not_asked(view_of, ask):
    whole = view_of(["umbrella"], ["v", "."])
    assert ask("object_localization", whole, "obj_localization_occ_na") == ([], {"neither_hidden_nor_cut": 1})
    small = view_of(["umbrella"], ["v", "."], boxes={(0, 0): (0, 0, 8, 6)}, amodal={(0, 0): 2000})
    assert ask("object_localization", small, "obj_localization_occ_na") == ([], {"too_small_to_measure": 1})
