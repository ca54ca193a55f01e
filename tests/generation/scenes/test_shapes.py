"""Primitive solids against values known on paper."""

import numpy as np
import pytest

from generation.scenes.appearance import Material
from generation.scenes.procedural import outlines, shapes


PLAIN = Material("plain", (0.5, 0.5, 0.5))


def volume(part):
    return np.linalg.det(part.vertices[part.faces]).sum() / 6


def edge_counts(part):
    """How many triangles share each edge, by the positions of its ends."""
    _, weld = np.unique(part.vertices.round(5), axis=0, return_inverse=True)
    faces = weld[part.faces]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    return np.unique(edges, axis=0, return_counts=True)[1]


def test_sharp_box_has_six_flat_sides():
    part = shapes.box(PLAIN, (2, 3, 4), (1, 1, 1))
    assert np.allclose([part.vertices.min(axis=0), part.vertices.max(axis=0)], [[0, -0.5, 1], [2, 2.5, 5]])
    assert volume(part) == pytest.approx(24)
    assert len(np.unique(part.normals.round(6), axis=0)) == 6
    assert np.allclose(np.abs(part.normals).max(axis=1), 1)


def test_bevelled_box_keeps_its_sides_flat_and_loses_its_edges():
    part = shapes.box(PLAIN, (1, 1, 1), bevel=0.1)
    # Layers: full square less four corner triangles, and two frusta at the ends (trapezoid rule is exact to 1 %)
    assert 0.93 < volume(part) < 1
    on_top = np.isclose(part.vertices[:, 2], 1)
    assert (part.normals[on_top, 2] > 0.95).all()


def test_wood_grain_runs_along_the_longest_side():
    post = shapes.box(PLAIN, (0.1, 0.2, 2.0))
    assert np.ptp(post.texcoords, axis=0) == pytest.approx([2.0, 0.1, 0.2])
    assert np.ptp(shapes.leg(PLAIN, (0, 0, 0), (0, 0, 1), 0.1, 0.1).texcoords, axis=0)[0] == pytest.approx(1)


def test_lathe_makes_a_cylinder_smooth_round_and_sharp_at_its_rims():
    part = shapes.lathe(PLAIN, [(0, 0), (1, 0), (1, 2), (0, 2)], sides=64)
    assert volume(part) == pytest.approx(32 * np.sin(2 * np.pi / 64) * 2)  # a prism over a regular 64-gon
    side = np.abs(part.normals[:, 2]) < 0.5
    radial = part.vertices[side, :2] / np.linalg.norm(part.vertices[side, :2], axis=1, keepdims=True)
    assert np.allclose(part.normals[side, :2], radial, atol=1e-6)
    assert np.allclose(np.abs(part.normals[~side, 2]), 1)


def test_lathe_profile_that_ends_where_it_began_makes_a_ring():
    square = [(2, 0), (3, 0), (3, 1), (2, 1), (2, 0)]
    part = shapes.lathe(PLAIN, square, sides=200)
    assert volume(part) == pytest.approx(np.pi * (9 - 4), rel=1e-3)
    assert np.linalg.norm(part.vertices[:, :2], axis=1).min() == pytest.approx(2)


def test_ellipsoid_normals_are_its_gradient():
    size = np.array([2.0, 2.0, 1.0])
    part = shapes.ellipsoid(PLAIN, size, (0, 0, 0), sides=48)
    gradient = part.vertices / (size / 2) ** 2
    gradient /= np.linalg.norm(gradient, axis=1, keepdims=True)
    assert (np.einsum("vx,vx->v", part.normals, gradient) > 0.995).all()


@pytest.mark.parametrize(
    "part",
    [
        shapes.box(PLAIN, (1, 2, 3), bevel=0.05),
        shapes.leg(PLAIN, (0, 0, 0), (0.2, 0.1, 1), 0.05, 0.08),
        shapes.lathe(PLAIN, [(0, 0), (1, 0), (1, 1), (0.9, 1), (0.9, 0.1), (0, 0.1)]),
        shapes.cushion(PLAIN, (1, 0.8, 0.3), (0, 0, 0), 0.1, crown=0.05),
        shapes.tube(PLAIN, [(0, 0, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1)], 0.1),
        shapes.tube(PLAIN, [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)], 0.1, closed=True),
        shapes.leaf(PLAIN, [(0, 0, 0), (0.1, 0, 0.2), (0.2, 0, 0.2), (0.3, 0, 0.1)], 0.1),
        shapes.trough(PLAIN, (1, 0.6, 0.4), wall=0.05, floor=0.1, radius=(0.1, 0.08), foot=0.8),
        shapes.ring(PLAIN, 2 * shapes.circle(12), shapes.circle(12), 0.3),
    ],
    ids=["box", "leg", "vessel", "cushion", "tube", "hoop", "leaf", "trough", "ring"],
)
def test_solids_are_closed_and_face_outwards(part):
    assert (edge_counts(part) % 2 == 0).all()
    assert volume(part) > 0


def test_trough_holds_what_is_left_of_the_block():
    """With square corners: a block less the hollow within its walls and above its floor."""
    part = shapes.trough(PLAIN, (1, 0.6, 0.4), wall=0.05, floor=0.1, radius=(0.0, 0.0))
    assert volume(part) == pytest.approx(1 * 0.6 * 0.4 - 0.9 * 0.5 * 0.3)
    tapered = shapes.trough(PLAIN, (1, 0.6, 0.4), wall=0.05, floor=0.1, radius=(0.0, 0.0), foot=0.5)
    on_ground = np.isclose(tapered.vertices[:, 2], 0)
    assert np.ptp(tapered.vertices[on_ground], axis=0) == pytest.approx([0.5, 0.3, 0])


def test_ring_is_the_outer_prism_less_the_inner():
    part = shapes.ring(PLAIN, 2 * shapes.circle(64), shapes.circle(64), 0.5, (0, 0, 1))
    assert volume(part) == pytest.approx(32 * np.sin(2 * np.pi / 64) * (4 - 1) * 0.5)
    assert np.allclose([part.vertices[:, 2].min(), part.vertices[:, 2].max()], [1, 1.5])


def test_egg_is_wide_in_the_middle_and_longer_to_the_front():
    outline = outlines.egg(0.4, 0.3, 0.1, sides=400)
    assert np.abs(outline).max(axis=0) == pytest.approx([0.2, 0.3], rel=1e-3)
    assert outline[:, 1].max() == pytest.approx(0.1, rel=1e-3)
    # half an ellipse on each side of its widest line
    shoelace = (outline[:, 0] * np.roll(outline[:, 1], -1) - np.roll(outline[:, 0], -1) * outline[:, 1]).sum() / 2
    assert shoelace == pytest.approx(np.pi / 2 * 0.2 * (0.3 + 0.1), rel=1e-3)


def test_cushion_keeps_its_size_and_is_domed_evenly():
    part = shapes.cushion(PLAIN, (1.0, 0.6, 0.3), (0, 0, 0), 0.05, crown=0.1)
    assert np.allclose([part.vertices.min(axis=0), part.vertices.max(axis=0)], [[-0.5, -0.3, 0], [0.5, 0.3, 0.3]])
    # Across its top the surface leans to the front at the front, and to the back at the back
    top = part.vertices[:, 2] > 0.2
    middle = top & (np.abs(part.vertices[:, 0]) < 0.12)
    order = np.argsort(part.vertices[middle, 1])
    lean = part.normals[middle][order, 1]
    assert lean[0] < -0.1 < 0.1 < lean[-1]
    assert (part.normals[top, 2] > 0).all()


def test_scaled_grows_about_the_origin_and_keeps_its_pattern():
    part = shapes.box(PLAIN, (1, 2, 3), (1, 0, 0))
    grown = shapes.scaled(part, 2)
    assert volume(grown) == pytest.approx(8 * 6)
    assert np.allclose([grown.vertices.min(axis=0), grown.vertices.max(axis=0)], [[1, -2, 0], [3, 2, 6]])
    assert np.array_equal(grown.texcoords, part.texcoords)


def test_flat_faces_its_viewer_and_knows_its_aspect():
    part = shapes.flat(PLAIN, (-1, 0, 0), (2, 0, 0), (0, 0, 1))
    assert np.allclose(part.normals, [0, -1, 0])
    lower_left = np.isclose(part.vertices, [-1, 0, 0]).all(axis=1)
    assert np.allclose(part.texcoords[lower_left], [[0, 0, 2]])


def test_bent_wraps_a_picture_around_a_cylinder():
    angles = np.radians(np.linspace(-180, 0, 101))
    path = 0.5 * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    part = shapes.bent(PLAIN, path, (0, 0, 2))
    assert np.allclose(np.linalg.norm(part.vertices[:, :2], axis=1), 0.5)
    assert np.allclose(part.normals[:, :2], part.vertices[:, :2] / 0.5, atol=0.02)
    front = np.isclose(part.vertices, [0, -0.5, 2]).all(axis=1)
    assert np.allclose(part.texcoords[front], [[0.5, 1, np.pi / 2 / 2]], atol=1e-3)


def test_turned_is_counter_clockwise_about_each_axis():
    part = shapes.flat(PLAIN, (1, 2, 3), (1e-1, 0, 0), (0, 1e-1, 0))
    corner = part.vertices[np.isclose(part.texcoords[:, :2], 0).all(axis=1)]
    for axis, expected in (("x", (1, -3, 2)), ("y", (3, 2, -1)), ("z", (-2, 1, 3))):
        turned = shapes.turned(part, axis, 90)
        assert np.allclose(turned.vertices[np.isclose(part.texcoords[:, :2], 0).all(axis=1)], expected)
    assert np.allclose(corner, (1, 2, 3))
    assert np.allclose(shapes.turned(part, "z", 77, about=(1, 2, 3)).vertices[0], part.vertices[0])
