"""Outlines of points against outlines on paper."""

import numpy as np
import pytest
from scipy import ndimage

from generation.annotation.splats import _close, splat


def sheet(x, y, z, step):
    """Points `step` apart on a sheet from (x0, y0, z0) to (x1, y1, z1): x and z alone, y follows x."""
    across = np.arange(x[0], x[1], step) + step / 2
    up = np.arange(z[0], z[1], step) + step / 2
    grid_x, grid_z = (axis.ravel() for axis in np.meshgrid(across, up))
    return np.stack([grid_x, np.interp(grid_x, x, y), grid_z], axis=1)


def whole(found, camera):
    """Its mask on the canvas of 200 x 160 pixels, which begins at (-50, -40)."""
    canvas = np.zeros((2 * camera.height, 2 * camera.width), dtype=bool)
    x0, y0, x1, y1 = found.window
    canvas[y0 + 40 : y1 + 40, x0 + 50 : x1 + 50] = found.mask
    return canvas


@pytest.mark.parametrize("step", [0.005, 0.02, 0.06])
def test_a_facing_sheet_is_a_full_rectangle(camera_at, step):
    camera = camera_at()
    # 0.6 m x 0.4 m at 2 m: columns 50 +- 15, rows 40 +- 10 of the image; points are inside by half a step
    points = sheet((-0.3, 0.3), (2, 2), (-0.2, 0.2), step)
    found = splat(points, np.full(len(points), step), camera)
    mask, depth_m = found.in_image(camera)
    rows, columns = np.nonzero(mask)
    inset = step / 2 * 100 / 2 + 1  # pixels
    for edge, expected in ((columns.min(), 35), (rows.min(), 30)):
        assert expected <= edge <= expected + inset
    for edge, expected in ((columns.max() + 1, 65), (rows.max() + 1, 50)):
        assert expected - inset <= edge <= expected
    assert mask.sum() == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)  # without holes
    np.testing.assert_allclose(depth_m[mask], 2)


def test_a_slanted_sheet_has_no_seam(camera_at):
    camera = camera_at()
    # from 0.4 m to 4 m: gaps of 10 pixels in front, of one behind
    points = sheet((-0.15, 1.5), (0.4, 4.0), (-0.15, 0.15), 0.02)
    spacing_m = np.full(len(points), 0.02 * np.hypot(1, 3.6 / 1.65))
    mask = whole(splat(points, spacing_m, camera), camera)
    assert ndimage.label(mask)[1] == 1
    assert (ndimage.binary_fill_holes(mask) == mask).all()
    # every column is filled from top to bottom as far as the perspective says
    for column in range(20, 80):
        a = (column + 0.5 - 50) / 100  # x = a y, and x = -0.15 + 1.65 / 3.6 (y - 0.4)
        y = (-0.15 - 1.65 / 3.6 * 0.4) / (a - 1.65 / 3.6)
        height = mask[:, column + 50].sum()
        assert abs(height - 30 / y) <= 2 + 4 / y, column


def test_gaps_that_are_wider_than_the_spacing_stay_open(camera_at):
    camera = camera_at()
    left, right = sheet((-0.4, -0.1), (2, 2), (-0.2, 0.2), 0.02), sheet((0.1, 0.4), (2, 2), (-0.2, 0.2), 0.02)
    points = np.concatenate([left, right])
    mask, _ = splat(points, np.full(len(points), 0.02), camera).in_image(camera)
    assert ndimage.label(mask)[1] == 2
    assert not mask[:, 46:54].any()


def test_what_lies_behind_or_beside_the_canvas(camera_at):
    camera = camera_at()
    points = sheet((-0.3, 0.3), (2, 2), (-0.2, 0.2), 0.02)
    spacing_m = np.full(len(points), 0.02)
    assert splat(points * [1, -1, 1], spacing_m, camera) is None
    assert splat(points + [40, 0, 0], spacing_m, camera) is None
    # half beyond the right border of the image: there it is cut, on the canvas it is not
    moved = splat(points + [1.0, 0, 0], spacing_m, camera)  # columns 85 to 115
    mask, _ = moved.in_image(camera)
    assert np.flatnonzero(mask.any(axis=0)).tolist() == list(range(85, 100))
    assert moved.mask.sum() == splat(points, spacing_m, camera).mask.sum()
    # beyond the left border of the canvas: columns -65 to -35
    assert moved.mask.sum() / 2 == pytest.approx(splat(points - [2.0, 0, 0], spacing_m, camera).mask.sum(), rel=0.05)


def test_of_two_parts_far_apart_the_depth_is_that_of_the_rear_one(camera_at):
    camera = camera_at()
    front, rear = sheet((-0.3, 0.3), (1, 1), (-0.2, 0.2), 0.01), sheet((-0.3, 0.3), (3, 3), (-0.2, 0.2), 0.03)
    points = np.concatenate([front, rear])
    _, depth_m = splat(points, np.repeat([0.01, 0.2], [len(front), len(rear)]), camera).in_image(camera)
    assert depth_m[40, 50] == 3 and depth_m[40, 25] == 1  # behind the front, and beside the rear


def test_closing_by_its_definition():
    rng = np.random.default_rng(0)
    row, column = rng.integers(6, 24, (2, 40))
    depth_m = rng.uniform(1, 2, 40)
    closed, nearest_m = _close(row, column, depth_m, (30, 30), 5)
    hit = {(r, c) for r, c in zip(row.tolist(), column.tolist(), strict=True)}

    def near(r, c):  # what dilation would give
        return any((r + i, c + j) in hit for i in range(-2, 3) for j in range(-2, 3))

    for r in range(4, 26):
        for c in range(4, 26):
            assert closed[r, c] == all(near(r + i, c + j) for i in range(-2, 3) for j in range(-2, 3))
            around = [d for d, y, x in zip(depth_m, row, column, strict=True) if max(abs(y - r), abs(x - c)) <= 2]
            assert nearest_m[r, c] == min(around, default=np.inf)
