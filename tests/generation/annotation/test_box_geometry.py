"""Outlines, extents and places of boxes: by hand, by drawing pixels, and against what the segment says itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from generation.annotation.box_extents import box_extents, closest_of_boxes, mean_of_boxes, nearest_of_boxes
from generation.annotation.box_hulls import Hulls, bounds_in_image, image_border, outline
from generation.annotation.box_places import CORNERS, Places, nearest_labelled
from generation.geometry import Camera, look_at
from generation.scenes.waymo.drive import Drive
from generation.scenes.waymo.shutter import GLOBAL, ShutterCamera
from generation.scenes.waymo.source import WaymoSource


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/waymo_mini"
needs_fixture = pytest.mark.skipif(not FIXTURE.exists(), reason="the fixture ../shared/fixtures/waymo_mini is absent")
LENS = np.array([0.04, -0.34, 0.001, -0.0005, 0.05])


def camera(lens: np.ndarray | None = None) -> Camera:
    """192 x 128 pixels, 50 degrees wide, at the origin, looking along y."""
    intrinsics = np.array([[205.0, 0, 95], [0, 205, 65], [0, 0, 1]])
    return Camera(192, 128, intrinsics, look_at(np.zeros(3), np.array([0.0, 1, 0])), lens)


def standing(lens: np.ndarray | None = None) -> ShutterCamera:
    return ShutterCamera(camera(lens), np.eye(4), np.zeros(3), np.zeros(3), GLOBAL, 0.0, 0.0)


def box(centre, size=(1.0, 1.0, 1.0), yaw: float = 0.0) -> np.ndarray:
    """Corners `(8, 3)`."""
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    return (CORNERS * size) @ turn.T + centre


# -- outlines


def test_a_square_seen_from_the_front():
    """The near face, 2 m wide at 9 m, is what shows: 2 / 9 focal lengths, and the far face lies within it."""
    hulls = Hulls.of(box((0, 10, 0), (2, 2, 2))[None], standing())
    side = 205 * 2 / 9
    assert hulls.image_area[0] == hulls.extended_area[0] == pytest.approx(side**2)
    assert hulls.nearest_m[0] == pytest.approx(9)
    np.testing.assert_allclose(
        bounds_in_image(hulls.inside, camera())[0],
        [95 - side / 2, 65 - side / 2, 95 + side / 2, 65 + side / 2],
    )


def test_half_of_a_box_beyond_the_border():
    border_x = 9 * (192 - 95) / 205  # the plane at 9 m ends here
    hulls = Hulls.of(box((border_x, 9, 0), (2, 1e-9, 2))[None], standing())
    assert hulls.image_area[0] == pytest.approx((205 / 9) ** 2 * 2)


def test_unknown_and_behind_have_no_outline():
    hulls = Hulls.of(np.stack([np.full((8, 3), np.nan), box((0, -5, 0))]), standing())
    np.testing.assert_array_equal(hulls.image_area, 0)
    np.testing.assert_array_equal(hulls.extended_area, 0)
    assert shapely.is_empty(hulls.whole).all()
    assert np.isnan(hulls.nearest_m[0]) and hulls.nearest_m[1] < 0


def test_a_box_beside_the_camera_is_cut_and_not_turned_over():
    """It reaches from 5 m ahead to 5 m behind, one metre to the right: all it shows lies to the right."""
    polygon = outline(camera().points_in_cam(box((2, 0, 0), (2, 10, 1))))
    left, _, right, _ = polygon.bounds
    assert left == pytest.approx(1 / 5)
    assert right == pytest.approx(3 / 0.1)


@pytest.mark.parametrize("lens", [None, LENS])
def test_areas_are_the_pixels_that_a_drawing_has(lens):
    rng = np.random.default_rng(2)
    shutter = standing(lens)
    for _ in range(6):
        corners = box(rng.uniform((-3, 6, -1), (3, 12, 1)), rng.uniform(0.5, 3, 3), rng.uniform(0, 6))
        hulls = Hulls.of(corners[None], shutter)
        y, x = np.mgrid[: 4 * 128, : 4 * 192]
        pixels = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1) / 4
        origin, rays = shutter.camera.rays_through(pixels)
        rays = shutter.camera.points_in_cam((origin + rays).astype(float))
        drawn = shapely.contains_xy(hulls.whole[0], rays[:, :2] / rays[:, 2:]).sum() / 16
        # a lens makes the pixels of a part of the image a little larger or smaller
        assert hulls.image_area[0] == pytest.approx(drawn, rel=0.06 if lens is not None else 0.01, abs=2)


def test_the_border_of_a_lens_is_the_border_of_its_image():
    points = shapely.get_coordinates(image_border(camera(LENS)))
    pixels = camera(LENS).pixels_of(points)
    on_border = (np.abs(pixels) < 1e-6).any(axis=1) | (np.abs(pixels - [192, 128]) < 1e-6).any(axis=1)
    assert on_border.all()


# -- extents


def test_angles_are_wider_by_the_error_of_the_place():
    corners = box((0, 10, 0), (2, 2, 2))[None]
    exact, wider = (box_extents(corners, np.array([error]), camera()) for error in (0.0, 0.5))
    edge = np.degrees(np.arctan2(1, 9))
    np.testing.assert_allclose(exact.angles_deg[0], [[-edge, edge], [-edge, edge]])
    more = np.degrees(np.arctan2(0.5, 10))
    np.testing.assert_allclose(wider.angles_deg[0], exact.angles_deg[0] + [-more, more])


def test_distances_of_a_box_are_those_of_many_points_on_it():
    rng = np.random.default_rng(0)
    corners = box((3, 8, -1), (4, 2, 1.5), 0.7)
    local = rng.uniform(-0.5, 0.5, (400_000, 3))
    areas = np.array([2 * 1.5, 4 * 1.5, 4 * 2])
    axis = rng.choice(3, len(local), p=areas / areas.sum())
    local[np.arange(len(local)), axis] = rng.choice([-0.5, 0.5], len(local))
    turn = np.array([[np.cos(0.7), -np.sin(0.7), 0], [np.sin(0.7), np.cos(0.7), 0], [0, 0, 1]])
    distances = np.linalg.norm((local * (4, 2, 1.5)) @ turn.T + (3, 8, -1), axis=1)
    assert mean_of_boxes(corners[None])[0] == pytest.approx(distances.mean(), abs=5e-3)
    assert nearest_of_boxes(corners[None])[0] == pytest.approx(distances.min(), abs=2e-2)


def test_a_camera_within_a_box_is_at_no_distance_from_it():
    assert nearest_of_boxes(box((0.1, 0.1, 0))[None])[0] == 0


def test_closest_points_of_boxes():
    found = closest_of_boxes(np.stack([box((0, 0, 0)), box((4, 0, 0)), box((4, 4, 0), yaw=np.pi / 4)]))
    side = np.hypot(3.5, 3.5) - 0.5  # from the corner (0.5, 0.5) to the side of the turned one that faces it
    corner = 3.5 - np.sqrt(0.5)  # from the side of the second to the corner of the turned one
    np.testing.assert_allclose(found, [[0, 3, side], [3, 0, corner], [side, corner, 0]], atol=1e-6)


# -- places


@pytest.fixture(scope="module")
def drive() -> Drive:
    source = WaymoSource(FIXTURE)
    return source.load(source.scene_names()[0]).drive


def test_the_nearest_moment_with_a_label():
    labelled = np.array([[0, 1], [1, 0], [0, 0], [0, 1], [0, 0]], dtype=bool)
    np.testing.assert_array_equal(nearest_labelled(labelled).T, [[1, 1, 1, 1, 1], [0, 0, 3, 3, 3]])


@needs_fixture
def test_what_stays_is_known_at_all_times_and_what_goes_is_not(drive):
    k_still, k_moving = (int(np.flatnonzero(one)[0]) for one in (Places.of(drive).still, ~Places.of(drive).still))
    labelled = drive.tracks.labelled.copy()
    assert labelled[4:, [k_still, k_moving]].all()
    labelled[5, [k_still, k_moving]] = False
    centre = np.where(labelled[..., None], drive.tracks.centre, np.nan)
    places = Places.of(replace(drive, tracks=replace(drive.tracks, labelled=labelled, centre=centre)))
    np.testing.assert_array_equal(places.corners[5, k_still], places.corners[4, k_still])
    assert np.isfinite(places.error_m[5, k_still])
    assert np.isnan(places.corners[5, k_moving]).all()
    assert np.isinf(places.error_m[5, k_moving])


@needs_fixture
def test_moving_objects_are_those_that_the_renderer_moved(drive):
    rows = pq.read_table(FIXTURE / "oracle/objects.parquet").to_pylist()
    moving = {row["laser_object_id"]: row["moving"] for row in rows}
    still = Places.of(drive).still
    for k, track in enumerate(drive.tracks.track_ids):
        if drive.tracks.labelled[:, k].sum() > 2:
            assert still[k] != moving[track]


@needs_fixture
def test_rectangles_are_the_projected_boxes_of_the_release(drive):
    table = pq.read_table(next(FIXTURE.glob("training/projected_lidar_box/*.parquet"))).to_pylist()
    places, checked = Places.of(drive), 0
    of_frame = {}
    for row in table:
        s = int(np.searchsorted(drive.timestamps, row["key.frame_timestamp_micros"]))
        k = drive.tracks.track_ids.index(row["key.laser_object_id"])
        f = int(np.flatnonzero(drive.moment == s)[row["key.camera_name"] - 1])
        if f not in of_frame:
            hulls = Hulls.of(places.corners[s], drive.cameras[f])
            size = [drive.cameras[f].camera.width, drive.cameras[f].camera.height]
            of_frame[f] = np.clip(bounds_in_image(hulls.whole, drive.cameras[f].camera), 0, size * 2)
        x, y, w, h = (
            row[f"[ProjectedLiDARBoxComponent].box.{one}"] for one in ("center.x", "center.y", "size.x", "size.y")
        )
        found = of_frame[f][k]
        np.testing.assert_allclose(found, [x - w / 2, y - h / 2, x + w / 2, y + h / 2], atol=0.01)
        checked += 1
    assert checked == len(table) > 200
