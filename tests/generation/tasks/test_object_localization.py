import re

import numpy as np
import pytest


def points_of(question):
    options = [question.truth, *question.distractors]
    return [tuple(map(int, re.findall(r"\d+", option))) for option in options if option != "No"]


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
    # the other two points are the lamps' centres, which are far enough away
    assert set(question.distractors) == {"Yes; (100, 115)", "Yes; (160, 115)", "No"}
    assert question.bbox == (20, 100, 60, 130)
    assert question.numbers == {"occlusion": 0.5, "truncation": 0.0}
    assert question.stratum in ("yes 0", "yes 1", "yes 2") and question.block == ("umbrella",)


def test_an_absent_umbrella(view_of, ask):
    view = view_of(["umbrella", "lamp"], ["v.", ".v"])
    questions, _ = ask("object_localization", view)
    (question,) = [q for q in questions if q.subject == "umbrella"]
    assert (question.asked_position, question.truth, question.stratum) == (1, "No", "no")
    assert "Yes; (100, 115)" in question.distractors and question.targets == (0,)
    assert question.bbox is None


@pytest.mark.parametrize("seed", range(20))
def test_points_are_apart_and_inside(view_of, ask, seed):
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, (500, 380), (8, 2))
    sizes = rng.integers(20, 140, (8, 2))
    boxes = {(0, k): (*corners[k], *(corners[k] + sizes[k])) for k in range(8)}
    labels = [f"thing {k}" for k in range(8)]
    view = view_of(labels, ["v" * 8, "........"], boxes=boxes, amodal={(0, k): 3000 for k in range(8)})
    for question in ask("object_localization", view, seed=seed)[0]:
        width, height = sizes[question.targets[0]]
        points = points_of(question)
        assert all(0 <= x < 640 and 0 <= y < 480 for x, y in points)
        for k, one in enumerate(points):
            for other in points[:k]:
                assert np.hypot(one[0] - other[0], one[1] - other[1]) >= 0.75 * np.hypot(width, height)


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


def test_declines_where_the_object_fills_the_image(view_of, ask):
    view = view_of(["rug"], ["v", "v"], boxes={(0, 0): (0, 0, 640, 480)}, amodal={(0, 0): 3000})
    questions, rejected = ask("object_localization", view)
    assert not questions and rejected["no_room_for_wrong_points"] == 1
