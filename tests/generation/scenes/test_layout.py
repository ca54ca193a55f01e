"""Contact: nothing crosses, floats or bars a door, in any type of room; and the single ways to place things."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from generation.rng import stage_rng
from generation.scenes.procedural.asset import Asset, Surface
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.habits import laid_flat, leaning, pile_on
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room, build_room


def _load_contact():
    """Test files are no package, so a helper beside them is loaded by its path."""
    spec = importlib.util.spec_from_file_location("contact", Path(__file__).with_name("contact.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contact = _load_contact()
DOWN = (0.0, 0.0, -1.0)


def support_direction(placed: Placement) -> np.ndarray:
    """Direction, in the asset frame, in which a thing leans on what carries it."""
    place = CATEGORIES[placed.label].place
    stands = abs(placed.asset.bounds[0][2]) < 1e-6  # pictures on a sideboard or on the floor do, too
    return np.array(
        (0.0, 0.0, 1.0) if place == "ceiling" else (0.0, 1.0, 0.0) if place == "wall" and not stands else DOWN
    )


def test_containment_is_measured_right():
    rng = np.random.default_rng(0)
    wardrobe = contact.triangles_of(Placement(CATEGORIES["wardrobe"].build(rng), np.zeros(3), 0.0))
    for z, expected in ((0.8, True), (3.0, False)):
        mug = contact.triangles_of(Placement(CATEGORIES["mug"].build(rng), np.array([0.1, 0.02, z]), 0.0))
        assert contact.is_inside(mug, wardrobe) is expected
        assert not contact.is_inside(wardrobe, mug)


@pytest.mark.parametrize(("shift_m", "expected"), [(0.0, False), (-0.001, False), (-0.01, True), (0.01, False)])
def test_penetration_is_measured_right(shift_m, expected):
    """The measure itself: a mug sunk into a table by less, and by more, than 2 mm."""
    rng = np.random.default_rng(0)
    table = Placement(CATEGORIES["coffee table"].build(rng, "hairpins"), np.zeros(3), 0.3)
    top = max(surface.z for surface in table.asset.surfaces)
    mug = Placement(CATEGORIES["mug"].build(rng), np.array([0.1, 0.05, top + shift_m]), 1.0)
    assert contact.penetrate(contact.triangles_of(table), contact.triangles_of(mug)) is expected


def test_nothing_crosses_anything(furnished):
    rooms, furniture = furnished
    structure = [placed for room in rooms for placed in room.structure]
    placements = [*structure, *furniture]
    meshes = [contact.triangles_of(placed) for placed in placements]
    low, high = np.array([m.min(axis=(0, 1)) for m in meshes]), np.array([m.max(axis=(0, 1)) for m in meshes])
    for j in range(len(structure), len(meshes)):
        for i in np.flatnonzero(((low[:j] < high[j]) & (low[j] < high[:j])).all(axis=1)):
            names = f"{placements[i].label} and {placements[j].label} at {placements[j].position}"
            assert not contact.penetrate(meshes[i], meshes[j]), names
            assert not contact.is_inside(meshes[i], meshes[j]), names
            if i >= len(structure):  # everything is inside the room, but in nothing else
                assert not contact.is_inside(meshes[j], meshes[i]), names


def test_nothing_floats(furnished):
    """All of the lowest points (backs of hanging things) lie within 5 mm of what carries them."""
    rooms, furniture = furnished
    structure = [placed for room in rooms for placed in room.structure]
    meshes = [contact.triangles_of(placed) for placed in (*structure, *furniture)]
    low, high = np.array([m.min(axis=(0, 1)) for m in meshes]), np.array([m.max(axis=(0, 1)) for m in meshes])
    for k, placed in enumerate(furniture, start=len(structure)):
        towards = support_direction(placed)
        points = np.concatenate([part.vertices for part in placed.asset.parts])
        reach = points @ towards
        touching = points[reach > reach.max() - 0.0005] - 0.001 * towards
        origins = placed.to_world(touching).astype(np.float32)
        direction = placed.to_world(towards[None])[0] - placed.position
        near = ((low <= high[k] + 0.01) & (low[k] - 0.01 <= high)).all(axis=1)
        near[k] = False
        rest = contact.caster_of(np.concatenate([meshes[other] for other in np.flatnonzero(near)]))
        hits = rest.cast(origins, np.tile(direction.astype(np.float32), (len(origins), 1)))
        assert hits.t.max() <= 0.001 + 0.005, f"{placed.label} at {placed.position} floats by {hits.t.max():.3f} m"


def test_doors_can_open_doorways_are_free_and_windows_too(furnished):
    rooms, furniture = furnished
    depth_m = {"door": 0.9, "doorway": 0.9, "window": 0.3}
    # points all over the triangles, so that no large face slips past its corners
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], 12)
    clouds = [(placed.label, np.einsum("wk,tkc->twc", weights, contact.triangles_of(placed)).reshape(-1, 3))
              for placed in furniture]  # fmt: skip
    for wall in (wall for room in rooms for wall in room.walls):
        right, outwards = wall.at(1, 0, 0) - wall.at(0, 0, 0), wall.at(0, 1, 0) - wall.at(0, 0, 0)
        for opening in wall.openings:
            for label, cloud in clouds:
                points = cloud - wall.at(0, 0, 0)
                x, y = points @ right, points @ outwards
                inside = (opening.x[0] < x) & (x < opening.x[1]) & (-depth_m[opening.kind] < y) & (y < 0)
                inside &= (opening.z[0] < points[:, 2]) & (points[:, 2] < opening.z[1])
                assert not inside.any(), f"{label} stands before the {opening.kind}"


@pytest.fixture
def arranger() -> Arranger:
    return Arranger(build_room("studio", stage_rng(0, "room")), np.random.default_rng(0))


def middle(room: Room) -> np.ndarray:
    point = room.plan.representative_point()
    return np.array([point.x, point.y])


def test_a_taken_place_is_refused(arranger):
    assert arranger.stand(arranger.make("wardrobe"), middle(arranger.room), 0.0)
    assert arranger.stand(arranger.make("wardrobe"), middle(arranger.room), 0.5) is None
    assert len(arranger.placements) == 1


@pytest.mark.parametrize("side", [-np.pi / 2, 0.0, np.pi / 2, np.pi])
def test_a_seat_faces_its_table_from_any_side(arranger, side):
    table = arranger.stand(arranger.make("dining table"), middle(arranger.room), 0.7)
    chair = arranger.seat(arranger.make("dining chair"), table, side)
    front = (chair.to_world(np.array([[0.0, -1.0, 0.0]]))[0] - chair.position)[:2]
    to_table = (table.position - chair.position)[:2]
    assert front @ to_table / np.linalg.norm(to_table) > np.cos(np.radians(35))
    assert chair.solids.ground.distance(table.solids.ground) < 0.25


def test_outside_the_room_is_refused(arranger):
    assert arranger.stand(arranger.make("stool"), np.array([-3.0, 1.0]), 0.0) is None


def test_things_stand_wholly_on_a_rug_or_not_at_all(arranger):
    rug = arranger.stand(arranger.make("rug"), middle(arranger.room), 0.0)
    low, high = rug.asset.bounds
    table = arranger.stand(arranger.make("stool"), middle(arranger.room), 0.0)
    assert table.position[2] == pytest.approx(high[2] - low[2])
    at_its_edge = middle(arranger.room) + [high[0], 0.0]
    assert arranger.stand(arranger.make("stool"), at_its_edge, 0.0) is None


def test_a_shelf_takes_nothing_too_high(arranger):
    shelf = arranger.stand(arranger.make("bookshelf"), middle(arranger.room), 0.0)
    row = next(surface for surface in shelf.asset.surfaces if np.isfinite(surface.clearance_m))
    lamp = arranger.make("table lamp")
    assert (lamp.bounds[1] - lamp.bounds[0])[2] > row.clearance_m
    assert arranger.set_on(lamp, shelf, row) is None
    mug = arranger.set_on(arranger.make("mug"), shelf, row)
    assert mug.position[2] == pytest.approx(row.z)


def test_what_stands_in_a_row_shares_its_wall_and_touches_nothing(arranger):
    labels = ["kitchen counter", "kitchen sink", "stove", "kitchen counter"]
    row = arranger.row([arranger.make(label) for label in labels], front_m=0.8)
    assert len(row) >= 3
    assert len({round(placed.yaw, 6) for placed in row}) == 1
    along = row[0].to_world(np.array([[1.0, 0.0, 0.0]]))[0] - row[0].position
    ends = sorted(
        (placed.position @ along + placed.asset.bounds[0][0], placed.position @ along + placed.asset.bounds[1][0])
        for placed in row
    )
    gaps = [right[0] - left[1] for left, right in zip(ends, ends[1:], strict=False)]
    assert min(gaps) > 0
    assert sum(gap < 0.11 for gap in gaps) >= len(gaps) - 1  # a door or window may part the row once


def test_the_floor_before_a_thing_stays_free(arranger):
    toilet = arranger.along_wall(arranger.make("toilet"), front_m=0.6)
    before = toilet.to_world(np.array([[0.0, toilet.asset.bounds[0][1] - 0.3, 0.0]]))[0, :2]
    assert arranger.stand(arranger.make("stool"), before, 0.0) is None
    arranger.take_back(toilet)
    assert not arranger.placements
    assert arranger.counts["toilet"] == 0


def test_a_leaning_picture_stands_on_its_edge_and_leans_back():
    rng = np.random.default_rng(0)
    hung = CATEGORIES["picture"].build(rng)
    leaned = leaning(hung, rng)
    points = np.concatenate([part.vertices for part in leaned.parts])
    top, foot = points[points[:, 2].argmax()], points[points[:, 2].argmin()]
    assert foot[2] == pytest.approx(0)
    height = (hung.bounds[1] - hung.bounds[0])[2]
    assert np.cos(np.radians(13)) - 0.01 < top[2] / height < 1.02
    assert top[1] - foot[1] > 0.1 * height  # its top is behind its foot
    assert points[:, 1].max() - points[:, 1].min() == pytest.approx(-2 * points[:, 1].min(), abs=1e-6)


def test_books_lie_flat_in_piles_that_nothing_overhangs(arranger):
    books = sorted(
        (laid_flat(arranger.make("book")) for _ in range(4)), key=lambda book: -np.ptp(book.bounds, axis=0)[1]
    )
    below = arranger.stand(books[0], middle(arranger.room), 0.4)
    placed = pile_on(arranger, books[-1], below)
    assert placed.position[2] == pytest.approx(below.asset.bounds[1][2])
    assert below.solids.ground.buffer(1e-6).contains(placed.solids.ground)
    assert pile_on(arranger, books[0], placed) is None  # the larger one does not go on the smaller


def test_a_variant_that_an_own_category_lacks_is_not_asked_for(arranger):
    """Groups ask for variants of the catalogue; meshes from elsewhere have others."""
    asset = arranger.make("mug", "no such variant")
    assert isinstance(asset, Asset)
    assert all(isinstance(surface, Surface) for surface in asset.surfaces)
