"""Drawn boxes and their tracks, sets of one moment, cells of the street and the fifth number of a lens, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.annotation.box_matching import match_drawn
from generation.annotation.box_overlap import CELL_M, StreetMap, seen_cells
from generation.distortion import distort, fold_radius, undistort
from generation.geometry import Camera, look_at
from generation.sampling import sample_view_sets
from generation.scenes.waymo.drive import PEDESTRIAN, VEHICLE, DrawnBoxes
from generation.scenes.waymo.shutter import GLOBAL, ShutterCamera


def drawn(*boxes, types=None, track=None) -> DrawnBoxes:
    count = len(boxes)
    return DrawnBoxes(
        np.array(types or [VEHICLE] * count),
        np.array(boxes, dtype=float).reshape(-1, 4),
        np.array(track or [-1] * count),
    )


def match(boxes: DrawnBoxes, *projected, types=None, has_points=None) -> list[int]:
    count = len(projected)
    return match_drawn(
        boxes,
        np.array(projected, dtype=float).reshape(-1, 4),
        np.array(types or [VEHICLE] * count),
        np.array([True] * count if has_points is None else has_points),
    ).tolist()


def test_each_has_its_own():
    assert match(drawn((0, 0, 10, 10), (50, 0, 60, 10)), (48, 0, 61, 11), (0, 0, 11, 11)) == [1, 0]


def test_another_type_is_no_partner():
    assert match(drawn((0, 0, 10, 10), types=[PEDESTRIAN]), (0, 0, 10, 10)) == [-1]


def test_two_tracks_that_fit_about_equally_well_have_none():
    assert match(drawn((0, 0, 10, 10)), (0, 0, 10, 11), (0, 0, 11, 10)) == [-1, -1]


def test_a_clear_lead_decides():
    """Overlaps 0.8 and 0.5."""
    assert match(drawn((0, 0, 10, 10)), (0, 0, 10, 12.5), (0, 0, 10, 20)) == [0, -1]


def test_a_track_has_one_box_at_most():
    assert match(drawn((0, 0, 10, 10), (0, 0, 10, 8)), (0, 0, 10, 10)) == [0]


def test_a_sliver_of_a_hidden_thing_is_its_own_if_no_other_is_left():
    sliver = drawn((0, 0, 10, 10), (30, 0, 32, 10))
    assert match(sliver, (0, 0, 10, 10), (12, 0, 32, 10)) == [0, 1]
    # not without a point on it, and not where a second one may be meant
    assert match(sliver, (0, 0, 10, 10), (12, 0, 32, 10), has_points=[True, False]) == [0, -1]
    assert match(sliver, (0, 0, 10, 10), (12, 0, 32, 10), (29, 0, 60, 30)) == [0, -1, -1]


def test_a_link_of_the_source_is_believed():
    people = [PEDESTRIAN] * 2
    boxes = drawn((0, 0, 10, 10), (20, 0, 30, 10), types=people, track=[1, 0])
    assert match(boxes, (0, 0, 10, 10), (20, 0, 30, 10), types=people) == [1, 0]


def test_a_link_to_what_the_image_does_not_show_is_none():
    """The second track's place is not known at that moment; its box may not be taken for the first one's either."""
    people = [PEDESTRIAN] * 2
    boxes = drawn((20, 0, 30, 10), types=people[:1], track=[1])
    assert match(boxes, (0, 0, 10, 10), (0, 0, 0, 0), types=people) == [-1, -1]


def test_nothing_drawn_and_nothing_labelled():
    assert match(drawn(), (0, 0, 1, 1)) == [-1]
    assert match(drawn((0, 0, 1, 1))) == []


# -- view sets


def test_every_second_set_is_of_one_moment():
    """Cameras 0 to 4 at 12 moments; neighbours at one moment, and one camera at all moments, overlap by 10 %."""
    camera, moment = (grid.ravel() for grid in np.meshgrid(np.arange(5), np.arange(12)))
    beside = (moment[:, None] == moment) & (np.abs(camera[:, None] - camera) == 1)
    overlap = np.where(beside | ((camera[:, None] == camera) & (moment[:, None] != moment)), 10.0, 0.0)
    np.fill_diagonal(overlap, 100)
    sets, _ = sample_view_sets(overlap, 60, np.random.default_rng(0), moment)
    of_one = [len(set(moment[list(one.frames)])) == 1 for one in sets]
    assert 0.35 < np.mean(of_one) < 0.65
    assert {len(one.frames) for one, alone in zip(sets, of_one, strict=True) if alone} == {2, 3, 4, 5}
    without, _ = sample_view_sets(overlap, 60, np.random.default_rng(0))
    assert np.mean([len(set(moment[list(one.frames)])) == 1 for one in without]) < 0.2


# -- the street


def ahead() -> ShutterCamera:
    intrinsics = np.array([[400.0, 0, 320], [0, 400, 240], [0, 0, 1]])
    pose = look_at(np.array([0.0, 0, 1.5]), np.array([0.0, 10, 1.5]))
    return ShutterCamera(Camera(640, 480, intrinsics, pose), np.eye(4), np.zeros(3), np.zeros(3), GLOBAL, 0.0, 0.0)


def wall(y: float, width: float) -> np.ndarray:
    """Points 5 cm apart on an upright wall of 3 m height."""
    x, z = np.meshgrid(np.arange(-width / 2, width / 2, 0.05), np.arange(0, 3, 0.05))
    return np.stack([x.ravel(), np.full(x.size, y), z.ravel()], axis=1)


def test_a_wall_hides_the_wall_behind_it():
    street = StreetMap()
    for points in (wall(6.1, 4), wall(12.1, 30)):
        street.add(points)
    cells = street.centres
    seen = seen_cells(cells, ahead())
    near = cells[:, 1] < 9
    shadow = ~near & (np.abs(cells[:, 0]) < 3.5)  # of 4 m at 6 m, at twice the distance
    lit = ~near & (np.abs(cells[:, 0]) > 4.6) & (np.abs(cells[:, 0]) < 9)
    assert seen[near & (cells[:, 2] > 0.3) & (cells[:, 2] < 2.7)].mean() > 0.98
    assert seen[shadow].mean() < 0.03
    assert seen[lit].mean() > 0.97


def test_cells_do_not_depend_on_the_order_of_points():
    points = np.random.default_rng(0).uniform(-20, 20, (5000, 3))
    one, other = StreetMap(), StreetMap()
    one.add(points)
    for part in np.array_split(points[::-1], 7):
        other.add(part)
    np.testing.assert_array_equal(one.centres, other.centres)
    expected = {tuple(cell) for cell in np.floor(points / CELL_M).astype(int).tolist()}
    assert {tuple(cell) for cell in np.round(one.centres / CELL_M - 0.5).astype(int).tolist()} == expected


def test_behind_the_camera_nothing_is_seen():
    street = StreetMap()
    street.add(wall(-6.0, 10))
    assert not seen_cells(street.centres, ahead()).any()


# -- the lens


def test_the_fifth_number_by_hand():
    """x = 0.5, y = 0: r2 = 0.25, radial 1 + 0.1 / 4 - 0.2 / 16 + 0.4 / 64."""
    lens = np.array([0.1, -0.2, 0, 0, 0.4])
    np.testing.assert_allclose(distort(np.array([[0.5, 0]]), lens), [[0.5 * 1.01875, 0]], rtol=1e-12)


@given(
    lens=st.tuples(*(st.floats(-limit, limit) for limit in (0.2, 0.4, 0.005, 0.005, 0.2))),
    point=st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7)),
)
def test_the_inverse_of_five_numbers(lens, point):
    lens, point = np.array(lens), np.array([point])
    if np.hypot(*point[0]) < 0.9 * fold_radius(lens):
        np.testing.assert_allclose(undistort(distort(point, lens), lens), point, atol=1e-9)


def test_a_fifth_number_of_zero_changes_nothing():
    points = np.random.default_rng(0).uniform(-0.8, 0.8, (100, 2))
    four = np.array([0.1, -0.3, 0.002, -0.001])
    np.testing.assert_array_equal(distort(points, four), distort(points, np.append(four, 0)))
    assert fold_radius(four) == pytest.approx(fold_radius(np.append(four, 0)), rel=1e-12)
