"""The map, by cameras and areas made by hand."""

import numpy as np
import pytest
from floor_plan import Eye, Footprint, Projection, draw_plan
from scene_at_hand import eye_of

from generation.geometry import Camera


FLOOR, INK, AMBER, ORANGE = (0xFB, 0xFB, 0xF9), (0x16, 0x18, 0x1B), (0xE6, 0x9F, 0), (0xD5, 0x5E, 0)
ROOM = Footprint(np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]]), "floor")
# 4 m on 900 - 2 * 40 pixels
SCALE = 205


def camera(x: float, y: float, forward: tuple[float, float]) -> Camera:
    """A level camera at 1.5 m height whose image is as wide as twice its focal length: it sees 90 degrees."""
    pose = np.eye(4)
    pose[:3, 0] = forward[1], -forward[0], 0  # right of it
    pose[:3, 1] = 0, 0, -1
    pose[:3, 2] = *forward, 0
    pose[:3, 3] = x, y, 1.5
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)
    return Camera(640, 480, np.array([[320.0, 0, 320], [0, 320, 240], [0, 0, 1]]), pose)


def test_north_is_up_and_east_is_right():
    to_pixel = Projection(ROOM.corners)
    assert to_pixel.size == (900, 900) and to_pixel.scale == SCALE
    assert [to_pixel(*corner) for corner in ROOM.corners] == [(40, 860), (860, 860), (860, 40), (40, 40)]
    assert to_pixel(1, 2) == (40 + SCALE, 40 + 2 * SCALE)


@pytest.mark.parametrize(("forward", "heading"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), -90)])
def test_a_camera_looks_where_its_z_axis_points(forward, heading):
    eye = eye_of(camera(1, 2, forward), 3, True)
    assert (eye.frame, eye.x, eye.y, eye.asked) == (3, 1, 2, True)
    assert eye.heading_deg == pytest.approx(heading) and eye.width_deg == pytest.approx(90)


def test_a_camera_that_looks_along_x_is_a_wedge_to_the_right():
    image = draw_plan([ROOM], [eye_of(camera(1, 2, (1, 0)), 1, False)])
    tip, reach = (245, 450), 0.7 * SCALE * 0.5**0.5  # 101.5 pixels along both axes
    assert image.size == (900, 900)
    assert image.getpixel((tip[0] + 1, tip[1])) == INK
    assert image.getpixel((tip[0] + 101, tip[1])) == INK  # the far side
    for t in (0.3, 0.6, 0.9):
        for sign in (1, -1):
            assert image.getpixel((round(tip[0] + t * reach), round(tip[1] + sign * t * reach))) == INK
    for clear in ((tip[0] + 60, tip[1]), (tip[0] + 120, tip[1]), (tip[0], tip[1] - 60), (tip[0], tip[1] + 60)):
        assert image.getpixel(clear) == FLOOR
    # the number's disc lies behind it, 0.14 m away
    assert image.getpixel((tip[0] - 29 - 9, tip[1])) == INK


def test_a_camera_that_looks_along_y_is_a_wedge_upwards():
    image = draw_plan([ROOM], [eye_of(camera(1, 2, (0, 1)), 1, True)])
    assert image.getpixel((245, 450 - 101)) == AMBER
    assert image.getpixel((245, 450 - 60)) == image.getpixel((245, 450 - 120)) == FLOOR


def test_an_object_covers_its_ground_and_lies_on_top_of_others():
    table = Footprint(np.array([[1.0, 1], [3, 1], [3, 3], [1, 3]]), "thing")
    mug = Footprint(np.array([[2.0, 2], [2.4, 2], [2.4, 2.4], [2, 2.4]]), "target")
    image = draw_plan([mug, table, ROOM], [Eye(1, 0.2, 3.8, 0, 60)])
    to_pixel = Projection(ROOM.corners)

    def color(x: float, y: float):
        return image.getpixel(tuple(map(round, to_pixel(x, y))))

    assert color(2.2, 2.2) == ORANGE
    assert color(1.2, 1.2) == color(2.8, 2.8) == (0xDF, 0xE3, 0xE6)
    assert color(0.5, 0.5) == color(3.5, 3.5) == FLOOR


def test_the_bar_is_one_metre_long():
    image = np.asarray(draw_plan([ROOM], [Eye(1, 1, 2, 0, 60)]))
    dark = (image[886] == INK).all(axis=1)
    assert dark.argmax() == 40 and np.argmin(dark[40:]) == pytest.approx(SCALE, abs=1)
