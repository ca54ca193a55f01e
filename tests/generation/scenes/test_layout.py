import importlib.util
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from generation.rng import stage_rng
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.layout import MAX_PER_CATEGORY, Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.themes import EVERYWHERE, THEMES, furnish


def _load_contact():
    """Test files are no package, so a helper beside them is loaded by its path."""
    spec = importlib.util.spec_from_file_location("contact", Path(__file__).with_name("contact.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contact = _load_contact()
# Direction, in the asset frame, in which each kind of thing leans on what carries it
SUPPORT_DIRECTION = {"wall": (0.0, 1.0, 0.0), "ceiling": (0.0, 0.0, 1.0)}
DOWN = (0.0, 0.0, -1.0)


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
    table = Placement(CATEGORIES["coffee table"].build(rng), np.zeros(3), 0.3)
    top = max(surface.z for surface in table.asset.surfaces)
    mug = Placement(CATEGORIES["mug"].build(rng), np.array([0.1, 0.05, top + shift_m]), 1.0)
    assert contact.penetrate(contact.triangles_of(table), contact.triangles_of(mug)) is expected


def test_nothing_crosses_anything(furnished):
    room, furniture = furnished
    placements = [*room.structure, *furniture]
    meshes = [contact.triangles_of(placed) for placed in placements]
    low, high = np.array([m.min(axis=(0, 1)) for m in meshes]), np.array([m.max(axis=(0, 1)) for m in meshes])
    for i, j in combinations(range(len(meshes)), 2):
        if j >= len(room.structure) and (low[i] < high[j]).all() and (low[j] < high[i]).all():
            names = f"{placements[i].label} and {placements[j].label} at {placements[j].position}"
            assert not contact.penetrate(meshes[i], meshes[j]), names
            assert not contact.is_inside(meshes[i], meshes[j]), names
            if i >= len(room.structure):  # everything is inside the room, but in nothing else
                assert not contact.is_inside(meshes[j], meshes[i]), names


def test_nothing_floats(furnished):
    """All of the lowest points (backs of hanging things) lie within 5 mm of what carries them."""
    room, furniture = furnished
    meshes = [contact.triangles_of(placed) for placed in (*room.structure, *furniture)]
    for k, placed in enumerate(furniture, start=len(room.structure)):
        towards = np.array(SUPPORT_DIRECTION.get(CATEGORIES[placed.label].place, DOWN))
        points = np.concatenate([part.vertices for part in placed.asset.parts])
        reach = points @ towards
        touching = points[reach > reach.max() - 0.0005] - 0.001 * towards
        origins = placed.to_world(touching).astype(np.float32)
        direction = placed.to_world(towards[None])[0] - placed.position
        rest = contact.caster_of(np.concatenate(meshes[:k] + meshes[k + 1 :]))
        hits = rest.cast(origins, np.tile(direction.astype(np.float32), (len(origins), 1)))
        assert hits.t.max() <= 0.001 + 0.005, f"{placed.label} at {placed.position} floats by {hits.t.max():.3f} m"


def test_doors_can_open_and_windows_stay_free(furnished):
    room, furniture = furnished
    for wall in room.walls:
        right, outwards = wall.at(1, 0, 0) - wall.at(0, 0, 0), wall.at(0, 1, 0) - wall.at(0, 0, 0)
        for opening in wall.openings:
            depth = 0.9 if opening.kind == "door" else 0.3
            for placed in furniture:
                # points all over the triangles, so that no large face slips past its corners
                triangles = contact.triangles_of(placed)
                weights = np.random.default_rng(0).dirichlet([1, 1, 1], 12)
                points = np.einsum("wk,tkc->twc", weights, triangles).reshape(-1, 3) - wall.at(0, 0, 0)
                x, y = points @ right, points @ outwards
                inside = (opening.x[0] < x) & (x < opening.x[1]) & (-depth < y) & (y < 0)
                inside &= (opening.z[0] < points[:, 2]) & (points[:, 2] < opening.z[1])
                assert not inside.any(), f"{placed.label} stands before the {opening.kind}"


def test_counts(furnished):
    _, furniture = furnished
    counts = Counter(placed.label for placed in furniture)
    assert 28 <= len(furniture) <= 48
    assert len(counts) >= 12
    assert max(counts.values()) <= MAX_PER_CATEGORY
    assert sum(count > 1 for count in counts.values()) >= 3


def test_all_counts_from_one_to_eight_occur():
    seen = set()
    for seed in range(10):
        furniture = furnish(build_room(stage_rng(seed, "room")), stage_rng(seed, "layout"))
        seen |= set(Counter(placed.label for placed in furniture).values())
    assert seen == set(range(1, MAX_PER_CATEGORY + 1))


class Recorder(Arranger):
    """Remembers what it was asked to make."""

    def __init__(self, *args):
        super().__init__(*args)
        self.made: set[str] = set()

    def make(self, label: str):
        self.made.add(label)
        return super().make(label)


def test_every_category_has_a_use_and_every_name_exists():
    named = set(EVERYWHERE).union(*(theme.fill for theme in THEMES.values()))
    for theme in THEMES.values():
        for set_up, _, _ in theme.groups:
            for seed in range(4):
                arranger = Recorder(build_room(stage_rng(seed, "room")), np.random.default_rng(seed))
                set_up(arranger)
                named |= arranger.made
    assert named == set(CATEGORIES)


@pytest.fixture
def arranger() -> Arranger:
    return Arranger(build_room(stage_rng(0, "room")), np.random.default_rng(0))


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
