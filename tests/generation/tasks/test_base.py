"""How objects are named, and when a name is not enough."""

import pytest

from dataset_builder.schema import TASK_OF
from generation.annotation.scene_annotation import ABSENT, UNCLEAR, VISIBLE
from generation.tasks import tasks_of
from generation.tasks.base import box_centre, with_article


def test_letters_of_the_hand_made_views(view_of):
    assert view_of(["a", "b", "c"], ["vu."]).visibility.tolist() == [[VISIBLE, UNCLEAR, ABSENT]]


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("chair", "a chair"),
        ("office chair", "an office chair"),
        ("umbrella", "an umbrella"),
        ("unicycle", "a unicycle"),
        ("utensil", "a utensil"),
        ("ukulele", "a ukulele"),
        ("hourglass", "an hourglass"),
        ("house plant", "a house plant"),
        ("armchair", "an armchair"),
    ],
)
def test_article(noun, expected):
    assert with_article(noun) == expected


def test_box_centre_is_a_pixel_of_the_box():
    assert box_centre((30, 30, 70, 50)) == (50, 40)
    assert box_centre((639, 0, 640, 3)) == (639, 1)  # at the border of the image, not beyond it


def test_unique_and_pinned_names(view_of):
    view = view_of(["chair", "chair", "lamp"], ["v.v", ".v."])
    assert view.unique.tolist() == [False, False, True]
    assert view.named.tolist() == [[True, False, True], [False, True, False]]
    assert view.reference_name(0, 0) == "chair(40,115)"
    assert view.reference_name(0, 2) == "lamp"


def test_an_instance_that_no_view_shows_does_not_disturb(view_of):
    assert view_of(["chair", "chair"], ["v.", "v."]).unique.tolist() == [True, False]


def test_an_unclear_second_instance_makes_the_name_doubtful(view_of):
    view = view_of(["chair", "chair"], ["v.", "vu"])
    assert view.unique.tolist() == [False, False]
    assert view.named.tolist() == [[True, False], [True, False]]  # but pinned by its centre it is one of a kind


@pytest.mark.parametrize(
    ("second", "frame", "pinned"),
    [
        ((70, 100, 110, 130), "vv", True),  # beside it
        ((45, 100, 85, 130), "vv", True),  # overlapping, but the centre (40, 115) is outside
        ((30, 90, 90, 140), "vv", False),  # the first one's centre is in its box
        ((30, 90, 90, 140), "vu", False),  # even when it is seen unclearly
        ((30, 90, 90, 140), "v.", True),
    ],
)
def test_a_pinned_point_must_lie_in_one_box_of_its_category(view_of, second, frame, pinned):
    # the second view shows both, so that neither is unique in the set
    view = view_of(["chair", "chair"], [frame, "vv"], boxes={(0, 0): (20, 100, 60, 130), (0, 1): second})
    assert view.named[0, 0] == pinned


def test_two_with_one_centre_cannot_be_told_apart(view_of):
    same = (20, 100, 60, 130)
    view = view_of(["chair", "chair"], ["vv"], boxes={(0, 0): same, (0, 1): same})
    assert not view.named.any()


def test_a_name_that_fits_two_categories_is_not_used(view_of):
    view = view_of(["chair", "armchair", "desk lamp"], ["v.v", "vuv"])
    assert view.broad.tolist() == [False, True, False]  # armchair, chair, desk lamp
    assert view.unique.tolist() == [False, False, True]
    assert not view.named[:, 0].any()
    # without the armchair in any view, a chair is a chair
    assert not view_of(["chair", "armchair", "desk lamp"], ["v.v", "v.v"]).broad.any()


def test_outdoor_scenes_are_not_asked_for_attributes_and_sizes():
    def types(domain: str) -> set[str]:
        return {kind for kind, task in TASK_OF.items() if task in tasks_of(domain)}

    lacking = {"obj_attribute_occ_lr", "obj_attribute_occ_ab", "obj_attribute_occ_fb", "obj_size_occ_na"}
    assert types("indoor") == set(TASK_OF)
    assert types("outdoor") == set(TASK_OF) - lacking
