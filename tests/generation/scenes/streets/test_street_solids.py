"""Solids against values known on paper."""

import numpy as np
import pytest
import shapely

from generation.scenes.appearance import Material
from generation.scenes.streets import solids
from generation.scenes.streets.facades import Builder, wall


PLAIN = Material("plain", (0.5, 0.5, 0.5))


def volume(part) -> float:
    return np.linalg.det(part.vertices[part.faces]).sum() / 6


def area(part) -> float:
    corners = part.vertices[part.faces]
    return np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2


@pytest.mark.parametrize("order", [1, -1])
def test_a_skin_faces_outwards_whichever_way_its_outlines_run(order):
    square = np.array([[0, 0], [2, 0], [2, 3], [0, 3]], dtype=float)[::order]
    rings = [np.column_stack([square[:, 0], np.full(4, y), square[:, 1]]) for y in (1.0, 5.0)]
    assert volume(solids.skin(PLAIN, np.stack(rings))) == pytest.approx(24)


def test_a_slab_has_a_top_and_sides_but_no_underside():
    shape = shapely.Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (0, 3)])  # an L of 6 m2, 14 m around
    part = solids.slab(PLAIN, shape, 0.0, 0.5)
    assert area(part) == pytest.approx(6 + 14 * 0.5)
    corners = part.vertices[part.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tx,tx->t", flat, part.normals[part.faces[:, 0]]) > 0).all()
    assert part.normals[:, 2].min() == 0  # nothing faces down


def test_a_panel_is_proud_of_its_quadrangle():
    quad = np.array([(0, 0, 0), (2, 0, 0), (2, 0, 1), (0, 0, 1)], dtype=float)  # faces -y
    part = solids.panel(PLAIN, quad, proud=0.01, sunk=0.03)
    assert part.vertices[:, 1].min() == pytest.approx(-0.01) and part.vertices[:, 1].max() == pytest.approx(0.03)
    assert volume(part) == pytest.approx(2 * 0.04)


def test_a_patch_is_a_share_of_its_quadrangle():
    quad = [(0, 0, 0), (4, 0, 0), (3, 0, 2), (1, 0, 2)]
    assert np.allclose(solids.patch(quad, (0.5, 1), (0, 1)), [(2, 0, 0), (4, 0, 0), (3, 0, 2), (2, 0, 2)])


def test_a_mirror_image_faces_outwards_on_the_other_side():
    part = solids.panel(PLAIN, np.array([(1, 0, 0), (2, 0, 0), (2, 0, 1), (1, 0, 1)], dtype=float))
    other = solids.mirrored(part)
    assert volume(other) == pytest.approx(volume(part))
    assert np.allclose(np.sort(other.vertices[:, 0]), np.sort(-part.vertices[:, 0]))


def test_a_wall_has_holes_where_its_openings_are():
    builder = Builder()
    openings = [(1.0, 1.0, 2.0, 2.0), (3.0, 0.0, 4.0, 2.5)]
    wall(builder, PLAIN, 6.0, 0.0, 3.0, openings)
    (part,) = builder.parts()
    facing = np.isclose(part.normals[:, 1], -1)
    corners = part.vertices[part.faces][facing[part.faces[:, 0]]]
    front = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    assert front == pytest.approx(6 * 3 - 1 - 2.5)
    for x0, z0, x1, z1 in openings:  # reveals look into the opening
        middle = np.array([(x0 + x1) / 2, 0.07, (z0 + z1) / 2])
        inside = (np.abs(part.vertices - middle) <= [(x1 - x0) / 2 + 1e-6, 0.08, (z1 - z0) / 2 + 1e-6]).all(
            axis=1
        ) & ~facing
        assert ((middle - part.vertices[inside]) * part.normals[inside]).sum(axis=1).min() > 0
