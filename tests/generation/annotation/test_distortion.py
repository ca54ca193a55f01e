"""Lens distortion against OpenCV's formula by hand, its inverse, and the rays and windows that follow it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.annotation.surface import Surface
from generation.annotation.visibility import VisibilityAnnotator, projected_window
from generation.distortion import distort, fold_radius, undistort
from generation.geometry import Camera, extended_canvas, look_at


INTRINSICS = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])
LENS = np.array([0.1, -0.05, 0.002, -0.003])
# a barrel whose polynomial turns back at r = 1 / sqrt(0.9)
BARREL = np.array([-0.3, 0, 0, 0])


def camera(lens=LENS, pose=None) -> Camera:
    pose = look_at(np.zeros(3), np.array([0.0, 1, 0])) if pose is None else pose
    return Camera(100, 80, INTRINSICS, pose, lens)


def test_distortion_by_hand():
    # x = 0.5, y = 0.25, r2 = 0.3125: radial 1 + 0.03125 - 0.0048828125 = 1.0263671875
    expected = [
        0.5 * 1.0263671875 + 2 * 0.002 * 0.125 - 0.003 * (0.3125 + 0.5),
        0.25 * 1.0263671875 + 0.002 * (0.3125 + 0.125) - 2 * 0.003 * 0.125,
    ]
    np.testing.assert_allclose(distort(np.array([[0.5, 0.25]]), LENS), [expected], rtol=1e-12)


def test_no_distortion_is_a_pinhole():
    points = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    np.testing.assert_array_equal(distort(points, np.zeros(4)), points)
    np.testing.assert_allclose(undistort(points, np.zeros(4)), points, atol=1e-15)
    plain, zero = camera(None), camera(np.zeros(4))
    for ours, theirs in zip(zero.rays(), plain.rays(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@given(
    k1=st.floats(-0.4, 0.4),
    k2=st.floats(-0.2, 0.2),
    p1=st.floats(-0.01, 0.01),
    p2=st.floats(-0.01, 0.01),
    point=st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2)),
)
def test_undistort_is_the_exact_inverse(k1, k2, p1, p2, point):
    lens, point = np.array([k1, k2, p1, p2]), np.array([point])
    if np.hypot(*point[0]) < 0.9 * fold_radius(lens):  # next to the fold, tangential terms move it a little
        np.testing.assert_allclose(undistort(distort(point, lens), lens), point, atol=1e-9)


def test_beyond_the_fold_there_is_neither_pixel_nor_ray():
    assert fold_radius(BARREL) == pytest.approx(0.99 / np.sqrt(0.9))
    assert fold_radius(np.array([0.3, 0, 0, 0])) == np.inf
    assert np.isnan(distort(np.array([[1.05, 0], [0, 4]]), BARREL)).all()
    # at most 0.7027 is shown: r - 0.3 r^3 at the turning point
    assert np.isnan(undistort(np.array([[0.71, 0], [-0.6, 0.5]]), BARREL)).all()
    assert np.isfinite(undistort(np.array([[0.70, 0], [-0.5, 0.4]]), BARREL)).all()


@pytest.mark.parametrize("lens", [LENS, BARREL], ids=["mild", "barrel"])
def test_rays_and_projection_are_inverse(lens):
    pose = look_at(np.array([1.0, -2, 0.5]), np.array([2.0, 3, 0]), roll_deg=20)
    found = camera(lens, pose)
    for box in [(0, 0, 100, 80), (-30, -20, 20, 100), (60, 30, 400, 60)]:  # the last beyond the extended canvas
        rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]]
        centres = np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5
        origins, directions = found.rays(box)
        known = directions.any(axis=1)
        assert known.any() and (lens is BARREL or box[2] > 200 or known.all())
        pixels, depth_m = found.project(origins[known].astype(float) + 3.0 * directions[known].astype(float))
        np.testing.assert_allclose(pixels, centres[known], atol=1e-3)
        np.testing.assert_allclose(depth_m, 3.0, rtol=1e-5)
        np.testing.assert_allclose(found.rays_through(centres)[1], directions, atol=1e-6)


def test_rays_without_direction_hit_nothing(box_scene):
    caster = VisibilityAnnotator(box_scene(((-1, 1), (-1, 1), (-1, 1))), np.array([1])).caster  # all around the camera
    origins, directions = camera(BARREL).rays((-40, -30, 140, 110))
    gone = ~directions.any(axis=1)
    assert gone.any() and not gone.all()
    np.testing.assert_array_equal(caster.hits_anything(origins, directions), ~gone)
    np.testing.assert_array_equal(caster.cast(origins, directions).face < 0, gone)


@pytest.mark.parametrize("lens", [LENS, BARREL, np.array([0.25, 0.1, 0, 0])], ids=["mild", "barrel", "pincushion"])
def test_a_window_holds_all_that_the_instance_shows(box_scene, lens):
    rng = np.random.default_rng(3)
    canvas = extended_canvas(camera())
    for _ in range(30):
        low, size = rng.uniform([-2, 0.3, -2], [2, 3, 2]), rng.uniform(0.02, 2, 3)
        scene = box_scene(tuple(zip(low, low + size, strict=True)))
        frame = replace(scene.frames[0], camera=replace(scene.frames[0].camera, distortion=lens))
        everywhere = VisibilityAnnotator(scene, np.array([1])).caster.hits_anything(*frame.camera.rays(canvas))
        everywhere = everywhere.reshape(canvas[3] - canvas[1], -1)
        window = projected_window(Surface.of_instance(scene, 1), frame.camera)
        if window is not None:
            x0, y0, x1, y1 = window
            everywhere[y0 - canvas[1] : y1 - canvas[1], x0 - canvas[0] : x1 - canvas[0]] = False
        assert not everywhere.any()


def test_a_straight_wall_bends(box_scene):
    # the wall's edge x = 0.2 at y = 1 lies at x = 0.2 of the plane; the lens shows it where the formula says
    scene = box_scene(((-3, 0.2), (1, 1.1), (-3, 3)))
    found = camera(np.array([0.2, 0, 0, 0]))
    ids, _ = VisibilityAnnotator(scene, np.array([1])).first_hits(found)
    down = (np.arange(80) + 0.5 - 40) / 100  # distorted y of each row
    for row in (0, 20, 40, 79):
        # find the undistorted y on the edge that lands in this row, by bisection
        low, high = -1.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if middle * (1 + 0.2 * (0.04 + middle**2)) < down[row] else (low, middle)
        edge = 50 + 100 * 0.2 * (1 + 0.2 * (0.04 + low**2))
        assert ids[row].sum() == pytest.approx(edge, abs=1)
