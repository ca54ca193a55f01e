"""Colours at pixels that are known by hand."""

import io

import numpy as np
import pytest
from drawing import draw_view
from evidence import Point, Sighting, Subject
from PIL import Image


GREY, WHITE = (120, 120, 120), (255, 255, 255)
ORANGE, BLUE, AMBER, GREEN, INK = (
    (0xD5, 0x5E, 0),
    (0, 0x72, 0xB2),
    (0xE6, 0x9F, 0),
    (0, 0x7A, 0x5A),
    (0x16, 0x18, 0x1B),
)


@pytest.fixture(scope="module")
def image() -> bytes:
    """Grey, 320x240: lines are 2 pixels wide."""
    stream = io.BytesIO()
    Image.new("RGB", (320, 240), GREY).save(stream, "PNG")
    return stream.getvalue()


def subject(role: str, box, frame: int = 1) -> Subject:
    return Subject(1, "mug", "mug", role, (Sighting(frame, "visible", box, 10, 0.25, 0.0),), None)


def test_nothing_is_drawn_unless_it_is_switched_on(image):
    view = draw_view(image, 1, [subject("target", (100, 60, 140, 100))])
    assert view.size == (320, 240) and view.getcolors() == [(320 * 240, GREY)]


def test_a_target_has_an_unbroken_frame_around_its_pixels(image):
    view = draw_view(image, 1, [subject("target", (100, 60, 140, 100))], boxes=True)
    for y in range(57, 103):
        row = [view.getpixel((x, y)) for x in (97, 98, 141, 142)]
        assert row == [ORANGE] * 4
    assert [view.getpixel((x, 80)) for x in (95, 96, 99, 100)] == [GREY, WHITE, WHITE, GREY]
    assert [view.getpixel((x, 80)) for x in (139, 140, 143, 144)] == [GREY, WHITE, WHITE, GREY]
    inside = np.asarray(view)[60:100, 100:140]
    assert (inside == GREY).all()


def test_a_reference_has_a_broken_line(image):
    view = draw_view(image, 1, [subject("reference", (100, 60, 140, 100))], boxes=True)
    # 8 pixels painted, 4 free, from the outer corner on
    assert [view.getpixel((x, 102)) for x in range(97, 109)] == [BLUE] * 8 + [WHITE] * 4
    assert [view.getpixel((142, y)) for y in range(57, 69)] == [BLUE] * 8 + [WHITE] * 4


def test_at_the_border_the_frame_lies_inside(image):
    view = draw_view(image, 1, [subject("target", (0, 100, 320, 240))], boxes=True)
    assert view.getpixel((0, 170)) == view.getpixel((319, 170)) == view.getpixel((160, 239)) == ORANGE
    assert view.getpixel((160, 170)) == GREY


def test_boxes_of_other_views_are_not_drawn(image):
    view = draw_view(image, 2, [subject("target", (100, 60, 140, 100), frame=1)], boxes=True, occlusion=True)
    assert view.getcolors() == [(320 * 240, GREY)]


def test_occlusion_alone_writes_a_longer_name_and_draws_no_frame(image):
    def painted(**switches) -> tuple[int, int]:
        pixels = np.asarray(draw_view(image, 1, [subject("target", (100, 60, 140, 100))], **switches))
        above = (pixels[:56] == ORANGE).all(axis=2).sum()
        return int(above), int((pixels[70:90] == ORANGE).all(axis=2).sum())

    name, frame = painted(boxes=True)
    assert name > 0 and frame == 20 * 4
    longer, no_frame = painted(occlusion=True)
    assert longer > 2 * name and no_frame == 0


def test_names_do_not_cover_each_other(image):
    boxes = [(100, 100, 130, 110), (104, 102, 134, 112), (108, 100, 138, 110)]
    roles = ("target", "reference", "other")
    both = draw_view(image, 1, [subject(role, box) for role, box in zip(roles, boxes, strict=True)], occlusion=True)
    for role, box in zip(roles, boxes, strict=True):
        alone = np.asarray(draw_view(image, 1, [subject(role, box)], occlusion=True))
        color = {"target": ORANGE, "reference": BLUE, "other": (0x8F, 0x4F, 0x7F)}[role]
        area = (np.asarray(both) == color).all(axis=2).sum()
        assert area >= 0.9 * (alone == color).all(axis=2).sum()


def test_a_point_is_ringed_and_stays_visible(image):
    for point, color in ((Point(1, 200.5, 120.5, "A"), AMBER), (Point(1, 200.5, 120.5, "A", True), GREEN)):
        view = draw_view(image, 1, points=[point])
        assert view.getpixel((200, 120)) == GREY
        # radius 6, line width 2, a dark line around it
        assert [view.getpixel((200 + x, 120)) for x in (-8, -7, -6, -5, -4)] == [GREY, INK, color, color, INK]
    assert draw_view(image, 2, points=[point]).getcolors() == [(320 * 240, GREY)]
