"""Boxes, leaning and distances of simple solids, by hand."""

import numpy as np
import pytest
import trimesh

from generation.audit.lengths import CLOSEST_SLACK_M, STEP_M, closest_m, leans, step_m, steps_along, upright_box


def turned(mesh: trimesh.Trimesh, yaw_deg: float = 0, tilt_deg: float = 0, at=(0, 0, 0)) -> trimesh.Trimesh:
    """`mesh` after a tilt about the x axis, then a turn about +Z, then a move."""
    mesh = mesh.copy()
    mesh.apply_transform(trimesh.transformations.rotation_matrix(np.radians(tilt_deg), [1, 0, 0]))
    mesh.apply_transform(trimesh.transformations.rotation_matrix(np.radians(yaw_deg), [0, 0, 1]))
    mesh.apply_translation(at)
    return mesh


def distance(one: trimesh.Trimesh, other: trimesh.Trimesh, size_m: float = STEP_M) -> float:
    steps = [steps_along(np.array(mesh.vertices), np.array(mesh.faces), size_m) for mesh in (one, other)]
    pairs = ((steps[0], steps[1], other.triangles), (steps[1], steps[0], one.triangles))
    return min(closest_m(*pair, size_m) for pair in pairs)


@pytest.mark.parametrize("yaw", [0, 17, 45, 133])
def test_box_of_a_turned_plank(yaw):
    plank = turned(trimesh.creation.box((2.0, 0.3, 0.1)), yaw, at=(1, 2, 3))
    box = upright_box(np.array(plank.vertices))
    np.testing.assert_allclose(box.centre, [1, 2, 3], atol=1e-9)
    np.testing.assert_allclose(sorted(box.size), [0.1, 0.3, 2.0], atol=1e-9)
    assert not leans(np.array(plank.vertices), box)


@pytest.mark.parametrize("tilt, leaning", [(0, False), (3, False), (30, True), (60, True), (90, False)])
def test_what_leans(tilt, leaning):
    ladder = turned(trimesh.creation.box((0.4, 0.05, 2.0)), yaw_deg=20, tilt_deg=tilt)
    points = np.array(ladder.vertices)
    assert leans(points, upright_box(points)) == leaning


def test_distances_by_hand():
    cube = trimesh.creation.box((1, 1, 1))
    assert distance(cube, turned(cube, at=(1.5, 0, 0))) == pytest.approx(0.5)  # face to face
    assert distance(cube, turned(cube, at=(1.3, 1.4, 0))) == pytest.approx(0.5)  # edge along edge
    assert distance(cube, turned(cube, at=(1.2, 1.3, 1.6))) == pytest.approx(0.7)  # corner to corner
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
    assert distance(cube, turned(ball, at=(1.2, 0, 0))) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("apart_m", [0.1, 0.4, 1.7, 6.5, 30.0])
def test_edges_that_cross(apart_m):
    """Two long rods at right angles, the worst case of stepping along them; far apart, the steps are longer."""
    along = trimesh.creation.box((2, 0.02, 0.02))
    across = turned(along, yaw_deg=90, at=(0.0137, 0.0071, apart_m + 0.02))
    found = distance(along, across, step_m(apart_m))
    assert apart_m - 1e-9 <= found <= apart_m + CLOSEST_SLACK_M
