"""What moves between the frames of a set, and names outdoors, where hardly anything is the only one of its kind."""

from dataclasses import replace

import numpy as np
import pytest

from generation.annotation.scene_annotation import ABSENT, UNCLEAR, VISIBLE
from generation.tasks.base import View
from generation.tasks.best_view import best_views


def changed(view: View, **fields) -> View:
    return View(replace(view.annotation, **fields), view.view_set)


def placed(view: View, *along: list[float]) -> View:
    """The view with instance k at `along[k][f]` metres along x when frame f was taken."""
    centres = np.full((view.size, len(along), 3), [0.0, 0, 5])  # before the cameras
    centres[..., 0] = np.array(along).T
    return changed(view, frame_centres=centres)


def test_what_moved_is_unclear_wherever_it_is_seen(view_of):
    view = placed(view_of(["car", "bus"], ["vv", "v.", ".v"]), [0, 0.6, 0.6], [0, 0.2, 0.4])
    assert view.moved.tolist() == [True, False]
    assert view.visibility[:, 0].tolist() == [UNCLEAR, UNCLEAR, ABSENT]
    assert view.visibility[:, 1].tolist() == [VISIBLE, ABSENT, VISIBLE]


def test_the_way_counts_from_any_frame_to_any_other(view_of):
    """0.4 m and 0.4 m in one direction are 0.8 m; half a metre itself is not too far."""
    assert placed(view_of(["car"], ["v", "v", "v"]), [0, 0.4, 0.8]).moved.tolist() == [True]
    assert placed(view_of(["car"], ["v", "v", "v"]), [0, 0.5, 0.25]).moved.tolist() == [False]


def test_where_nobody_knows_the_place_nothing_has_moved(view_of):
    assert placed(view_of(["car"], ["v", ".", "v"]), [0, np.nan, 0.1]).moved.tolist() == [False]


def test_indoors_nothing_moves(view_of):
    assert view_of(["car", "bus"], ["vv", "v."]).moved.tolist() == [False, False]


@pytest.mark.parametrize("task", ["object_count", "best_view_selection", "object_localization", "spatial_relation"])
def test_nothing_is_asked_about_what_moved(view_of, ask, task):
    view = view_of(["car", "car", "van", "bike"], ["vvv.", ".vvv", "v..v"], lr=[0, 10, 20, 30], ab=[0, 10, 20, 30])
    assert ask(task, placed(view, [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]))[0]
    moved = placed(view, [0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2])
    assert not ask(task, moved)[0]


def outdoors(view: View) -> View:
    return changed(view, domain="outdoor")


def test_what_a_view_lacks_is_named_by_a_view_that_shows_it(view_of):
    """Two cars and a sign; the second car is absent from the first view."""
    view = outdoors(view_of(["car", "car", "sign"], ["v.v", "vvv"]))
    assert view.unique.tolist() == [False, False, True]
    assert view.pinned_in.tolist() == [0, 1, 0]
    assert view.name(0, 0) == "car(40,115)"
    assert view.name(0, 1) == "car(100,115) of Frame 2"
    assert view.name(0, 2) == "sign"
    assert view.name_in_set(0) == "car(40,115) of Frame 1"
    assert view.nameable.all()


def test_indoors_it_has_no_name(view_of):
    view = view_of(["car", "car", "sign"], ["v.v", "vvv"])
    assert view.nameable.tolist() == [[True, False, True], [True, True, True]]


def test_a_place_that_two_boxes_hold_is_no_name_outdoors_either(view_of):
    boxes = {(1, 0): (0, 0, 200, 200), (1, 1): (50, 50, 150, 150)}
    view = outdoors(view_of(["car", "car"], ["..", "vv"], boxes=boxes))
    assert view.pinned_in.tolist() == [-1, -1]
    assert not view.nameable.any()


def test_relations_outdoors_tell_the_frame(view_of, ask):
    view = view_of(["car", "car", "sign"], ["v.v", "vvv"], lr=[-20, 0, 20], ab=[5, 5, -5], distance=[5, 10, 20])
    questions, _ = ask("object_existence", outdoors(view))
    texts = {question.text for question in questions}
    assert "In Frame 1, is the car(100,115) of Frame 2 to the left of the sign in this viewpoint?" in texts
    assert not any("of Frame" in question.text for question in ask("object_existence", view)[0])


def test_the_best_view_must_win_with_the_pixels_that_are_certain(view_of):
    view = view_of(["car"], ["v", "v"], amodal={(0, 0): 1000})
    pixels = np.array([[1000], [700]])
    sure = changed(view, visible_pixels=pixels, doubtful_pixels=np.zeros((2, 1, 2), dtype=int))
    assert best_views(sure)[0].tolist() == [0]
    for doubt in ([[100, 0], [0, 50]], [[150, 0], [0, 0]], [[0, 0], [0, 120]]):
        open_ = changed(view, visible_pixels=pixels, doubtful_pixels=np.array(doubt)[:, None])
        assert best_views(open_)[0].tolist() == [-1]
