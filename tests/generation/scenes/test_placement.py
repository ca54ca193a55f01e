import numpy as np
import pytest
import shapely

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.placement import Placement, solids_of
from generation.scenes.procedural.shapes import box


GREY = Material("plain", (0.5, 0.5, 0.5))


def cube(side: float = 1.0) -> Asset:
    return Asset("cube", (box(GREY, (side, side, side)),))


def table() -> Asset:
    """A top of 1 m x 1 m at 0.7 to 0.75 m, and four legs 0.1 m wide at its corners."""
    legs = [box(GREY, (0.1, 0.1, 0.7), (x, y, 0)) for x in (-0.45, 0.45) for y in (-0.45, 0.45)]
    return Asset("table", (box(GREY, (1, 1, 0.05), (0, 0, 0.7)), *legs))


def at(asset: Asset, x: float, y: float, z: float = 0.0, yaw: float = 0.0) -> Placement:
    return Placement(asset, np.array([x, y, z]), yaw)


def test_each_connected_piece_gets_its_own_prism():
    solids = solids_of(table())
    assert len(solids.low) == 5
    by_height = np.argsort(solids.low)
    np.testing.assert_allclose(solids.low[by_height], [0, 0, 0, 0, 0.7])
    np.testing.assert_allclose(solids.high[by_height], [0.7, 0.7, 0.7, 0.7, 0.75])
    np.testing.assert_allclose(sorted(shapely.area(solids.grounds)), [0.01, 0.01, 0.01, 0.01, 1.0], atol=1e-9)


def test_one_mesh_of_two_boxes_splits_in_two():
    a, b = box(GREY, (1, 1, 1)), box(GREY, (1, 1, 1), (3, 0, 0))
    vertices, faces = np.concatenate([a.vertices, b.vertices]), np.concatenate([a.faces, b.faces + len(a.vertices)])
    part = type(a)(vertices, faces, np.concatenate([a.normals, b.normals]), vertices, GREY)
    assert len(solids_of(Asset("boxes", (part,))).low) == 2


def test_points_turn_then_move():
    placed = at(cube(), 10, 20, 30, yaw=np.pi / 2)
    # x of the asset points along y of the world after a quarter turn
    np.testing.assert_allclose(placed.to_world(np.array([[1.0, 0, 0], [0, 1.0, 2]])), [[10, 21, 30], [9, 20, 32]])


@pytest.mark.parametrize(
    ("x", "z", "yaw", "gap_m", "expected"),
    [
        (0.9, 0.0, 0.0, 0.0, True),
        (1.1, 0.0, 0.0, 0.0, False),
        (1.1, 0.0, 0.0, 0.2, True),
        (0.0, 1.0, 0.0, 0.2, False),  # stacked: they touch, but share no height
        (0.0, 0.99, 0.0, 0.0, True),
        (1.1, 0.0, np.pi / 4, 0.0, True),  # turned by 45 degrees, the half diagonal 0.707 reaches over
        (1.3, 0.0, np.pi / 4, 0.0, False),
    ],
)
def test_cubes_collide_as_on_paper(x, z, yaw, gap_m, expected):
    fixed, moving = at(cube(), 0, 0), at(cube(), x, 0, z, yaw)
    assert fixed.solids.collide(moving.solids, gap_m) is expected
    assert moving.solids.collide(fixed.solids, gap_m) is expected


def test_a_low_thing_fits_under_a_table_and_a_high_one_does_not():
    assert not at(table(), 0, 0).solids.collide(at(cube(0.6), 0, 0).solids)
    assert at(table(), 0, 0).solids.collide(at(cube(0.8), 0, 0).solids)
    # the low one meets a leg when it stands off the middle
    assert at(table(), 0, 0).solids.collide(at(cube(0.6), 0.3, 0.3).solids)
