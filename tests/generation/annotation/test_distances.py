"""Distances between meshes: by hand, and against dense samples of both."""

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from generation.annotation.distances import closest_distances
from generation.annotation.sizes import longest_side
from generation.annotation.surface import Surface
from generation.annotation.triangle_tree import TriangleTree
from generation.annotation.triangles import corner_points, point_triangle_squared, triangle_pair_squared
from generation.geometry import OrientedBox


def triangle(corners: np.ndarray) -> tuple:
    return corner_points(corners[None], 0)


def surface(mesh: trimesh.Trimesh) -> Surface:
    return Surface(np.array(mesh.vertices), np.array(mesh.faces))


def box(size, at) -> trimesh.Trimesh:
    return trimesh.creation.box(size, trimesh.transformations.translation_matrix(at))


def turned(mesh: trimesh.Trimesh, angle: float, axis) -> trimesh.Trimesh:
    return mesh.copy().apply_transform(trimesh.transformations.rotation_matrix(angle, axis))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (box((1, 1, 1), (3, 0, 0)), 2.0),  # face to face, whose corners are as far
        (box((0.1, 0.1, 0.1), (2, 0.2, -0.1)), 1.45),  # a small face before the middle of a large one
        (box((1, 1, 1), (3, 4, 0)), np.hypot(2, 3)),  # edge to edge
        (box((1, 1, 1), (3, 3, 3)), np.sqrt(12)),  # corner to corner
        (box((4, 0.1, 0.1), (0, 0, 0.2)), 0.0),  # a rod through the box, all corners outside
        (box((1, 1, 1), (1, 0, 0)), 0.0),  # they touch
        (box((0.2, 0.2, 0.2), (0, 0, 0)), 0.4),  # inside it, from the wall
    ],
)
def test_a_box_and_another_by_hand(other, expected):
    found = closest_distances([surface(box((1, 1, 1), (0, 0, 0))), surface(other)])
    assert found == pytest.approx(np.array([[0, expected], [expected, 0]]), abs=1e-9)


def test_crossed_rods():
    # the one along x, the other along y and 0.5 higher, axis to axis
    rods = [box((2, 0.1, 0.1), (0, 0, 0)), box((0.1, 2, 0.1), (0, 0, 0.5))]
    turned_rods = [turned(rod, 0.7, (1, 2, 3)) for rod in rods]
    for pair in (rods, turned_rods):
        assert closest_distances([surface(rod) for rod in pair])[0, 1] == pytest.approx(0.4)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_never_more_than_between_samples_and_close_to_it(seed):
    rng = np.random.default_rng(seed)
    meshes = []
    for shape in (trimesh.creation.torus(0.5, 0.2), trimesh.creation.cone(0.4, 1.0), box((1, 0.4, 0.2), (0, 0, 0))):
        move = trimesh.transformations.random_rotation_matrix(rng.random(3))
        move[:3, 3] = rng.uniform(-2, 2, 3)
        meshes.append(shape.apply_transform(move))
    found = closest_distances([surface(mesh) for mesh in meshes])
    points = [trimesh.sample.sample_surface_even(mesh, 1500, seed=seed)[0] for mesh in meshes]
    for a in range(3):
        for b in range(a):
            sampled = cdist(points[a], points[b]).min()
            assert found[a, b] <= sampled + 1e-9
            assert sampled - found[a, b] < 0.12  # samples are some 5 cm apart, on both sides
            assert found[a, b] == found[b, a]


def test_pairs_of_triangles_against_a_grid():
    rng = np.random.default_rng(0)
    one, other = rng.uniform(-1, 1, (2, 200, 3, 3))
    found = [np.sqrt(triangle_pair_squared(triangle(a), triangle(b), np.inf)) for a, b in zip(one, other, strict=True)]
    u, v = (axis.ravel() for axis in np.meshgrid(*[np.linspace(0, 1, 31)] * 2))
    weights = np.stack([u, v, 1 - u - v], axis=1)[u + v <= 1]
    for k in range(200):
        sampled = cdist(weights @ one[k], weights @ other[k]).min()
        assert found[k] <= sampled + 1e-9 and sampled - found[k] < 0.08


def test_a_point_and_a_triangle_against_a_library():
    rng = np.random.default_rng(1)
    corners, points = rng.uniform(-1, 1, (500, 3, 3)), rng.uniform(-2, 2, (500, 3))
    corners[:100, 2] = corners[:100, 1]  # no more than a segment
    corners[:20, 1:] = corners[:20, :1]  # and no more than a point
    found = [np.sqrt(point_triangle_squared(tuple(p), triangle(c))) for p, c in zip(points, corners, strict=True)]
    on_segment = np.clip(
        ((points - corners[:, 0]) * (corners[:, 1] - corners[:, 0])).sum(axis=1)
        / np.maximum(((corners[:, 1] - corners[:, 0]) ** 2).sum(axis=1), 1e-30), 0, 1,
    )  # fmt: skip
    closest = trimesh.triangles.closest_point(corners, points)
    closest[:100] = (corners[:, 0] + on_segment[:, None] * (corners[:, 1] - corners[:, 0]))[:100]
    np.testing.assert_allclose(found, np.linalg.norm(closest - points, axis=1), atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_tree_finds_what_looking_at_every_triangle_finds(seed):
    rng = np.random.default_rng(seed)
    one, other = (rng.uniform(-1, 1, (count, 1, 3)) + rng.uniform(-0.2, 0.2, (count, 3, 3)) for count in (90, 37))
    other += [2.5, 0.4, 0]
    pairs = [triangle_pair_squared(triangle(a), triangle(b), np.inf) for a in one for b in other]
    assert TriangleTree.of(one).closest_m(TriangleTree.of(other)) == pytest.approx(np.sqrt(min(pairs)), abs=1e-12)
    for point in rng.uniform(-3, 3, (50, 3)):
        expected = np.sqrt(min(point_triangle_squared(tuple(point), triangle(corners)) for corners in one))
        assert TriangleTree.of(one).nearest_m(point) == pytest.approx(expected, abs=1e-12)


def longest(mesh: trimesh.Trimesh) -> float:
    points = np.array(mesh.vertices)
    return longest_side(points, OrientedBox.from_points(points))


def test_longest_side():
    table = box((1.6, 0.8, 0.7), (3, 1, 0.35))
    assert longest(table) == pytest.approx(1.6)
    assert longest(turned(table, 0.6, (0, 0, 1))) == pytest.approx(1.6)
    assert longest(box((0.3, 0.3, 1.9), (0, 0, 0))) == pytest.approx(1.9)
    assert longest(trimesh.creation.cone(0.2, 0.5)) == pytest.approx(0.5)  # no rectangle around its profile is longer


def test_what_leans_has_no_longest_side():
    ladder = box((0.4, 0.05, 2.0), (0, 0, 1))
    assert longest(ladder) == pytest.approx(2.0)
    assert np.isnan(longest(turned(ladder, 0.5, (1, 0, 0))))
    # a keyboard on its feet leans along its short side, which nobody measures
    assert longest(turned(box((0.4, 0.15, 0.02), (0, 0, 0)), 0.1, (1, 0, 0))) == pytest.approx(0.4)
