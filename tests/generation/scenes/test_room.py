"""Empty rooms of all types, and flats: sealed, with their openings cut and filled, and covered as their type asks."""

import numpy as np
import pytest
import shapely

from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.flat import build_flat
from generation.scenes.procedural.plan import divided, passage
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.shell import REVEAL_M
from generation.scenes.procedural.styles import STYLES


LABELS = {"door": "door", "doorway": "door frame", "window": "window"}
Rooms = tuple[Room, ...]


@pytest.fixture(scope="module", params=STYLES, ids=lambda kind: kind.replace(" ", "_"))
def room(request: pytest.FixtureRequest) -> Room:
    return build_room(request.param, stage_rng(3, "room"))


@pytest.fixture(scope="module", params=range(6))
def flat(request: pytest.FixtureRequest) -> Rooms:
    return build_flat(stage_rng(request.param, "flat"))


def first_labels(rooms: Rooms, origins: np.ndarray, directions: np.ndarray) -> list[str]:
    """What rays meet first in the empty rooms; "nothing" where they leave them."""
    mesh, instances, _ = assemble([placed for room in rooms for placed in room.structure], (), (0.0, 0.0, 0.0))
    faces = RayCaster(mesh.vertices, mesh.faces).cast(origins.astype(np.float32), directions.astype(np.float32)).face
    return ["nothing" if face < 0 else instances[mesh.face_instance[face] - 1].label for face in faces]


def doorways_of(rooms: Rooms) -> list[shapely.Polygon]:
    """Floors of all doorways, each twice: once from either room."""
    openings = [(wall, opening) for room in rooms for wall in room.walls for opening in wall.openings]
    return [passage(wall, opening) for wall, opening in openings if opening.kind == "doorway"]


def test_size_and_plan(room: Room):
    style, (x0, y0, x1, y1) = STYLES[room.kind], room.plan.bounds
    short, long = sorted((x1 - x0, y1 - y0))
    assert style.short_m[0] <= short <= style.short_m[1] or style.long_m[0] <= short <= style.long_m[1]
    assert style.short_m[0] <= long <= style.long_m[1]
    assert style.height_m[0] <= room.height <= style.height_m[1]
    assert room.plan.exterior.is_ccw
    assert sum(wall.length for wall in room.walls) == pytest.approx(room.plan.length)


def test_no_ray_leaves_a_room(room: Room):
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(20_000, 3))
    inside = room.plan.representative_point()
    assert "nothing" not in first_labels((room,), np.tile([inside.x, inside.y, 1.0], (len(directions), 1)), directions)


def test_no_ray_leaves_a_flat(flat: Rooms):
    """Not even through the joints of the doorways, from a point in each of them."""
    rng = np.random.default_rng(0)
    points = [room.plan.representative_point().coords[0] for room in flat]
    points += [doorway.centroid.coords[0] for doorway in doorways_of(flat)]
    origins = np.repeat(np.column_stack([points, np.full(len(points), 1.1)]), 4000, axis=0)
    assert "nothing" not in first_labels(flat, origins, rng.normal(size=(len(origins), 3)))


def test_walls_look_inwards_and_the_floor_up(room: Room):
    for placed in room.structure:
        part = placed.asset.parts[0]
        points = placed.to_world(part.vertices)[part.faces]
        normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
        if placed.label == "wall":
            # the quads before the reveals lie in the wall's own plane; a step along their normal leads into the room
            in_plane = np.ptp(part.vertices[part.faces][:, :, 1], axis=1) == 0
            steps = points.mean(axis=1) + 0.05 * normals / np.linalg.norm(normals, axis=1, keepdims=True)
            assert shapely.contains_xy(room.plan, steps[in_plane, :2]).all()
        elif placed.label in ("floor", "ceiling"):
            assert (np.sign(normals[:, 2]) == (1 if placed.label == "floor" else -1)).all()


def test_openings_are_cut_and_filled(room: Room):
    kinds = [opening.kind for wall in room.walls for opening in wall.openings]
    assert kinds.count("door") == 1
    assert kinds.count("window") <= STYLES[room.kind].windows[1]
    for wall in room.walls:
        outwards = wall.at(0, 1, 0) - wall.at(0, 0, 0)
        for opening in wall.openings:
            x, z = sum(opening.x) / 2, sum(opening.z) / 2
            beside = opening.x[1] + 0.12 if opening.x[1] + 0.12 < wall.length / 2 else opening.x[0] - 0.12
            origins = np.array([wall.at(x, -0.5, z), wall.at(beside, -0.5, z), wall.at(x, -0.5, opening.z[1] + 0.1)])
            assert first_labels((room,), origins, np.tile(outwards, (3, 1))) == [opening.kind, "wall", "wall"]


def test_everything_built_in_is_structure(room: Room):
    assert all(placed.is_structure for placed in room.structure)
    labels = {placed.label for placed in room.structure}
    assert labels - {"window"} == {"floor", "ceiling", "ceiling light", "wall", "door"}


@pytest.mark.parametrize(
    ("kind", "height_m", "tiled"),
    [("bathroom", 1.0, True), ("kitchen", 1.2, True), ("kitchen", 0.5, False), ("bedroom", 1.0, False)],
)
def test_walls_are_tiled_where_water_is(kind, height_m, tiled):
    room = build_room(kind, stage_rng(5, "room"))
    for wall in (placed for placed in room.structure if placed.label == "wall"):
        sheets = [
            part for part in wall.asset.parts if np.ptp(part.vertices[:, 1]) < 0.2 and part.vertices[:, 1].min() >= 0
        ]
        covering = [part.material.pattern for part in sheets
                    if part.vertices[:, 2].min() <= height_m <= part.vertices[:, 2].max()]  # fmt: skip
        assert (covering == ["tile"]) is tiled


def test_a_classroom_is_larger_than_a_bathroom():
    areas = {kind: [build_room(kind, stage_rng(seed, "size")).plan.area for seed in range(6)]
             for kind in ("bathroom", "bedroom", "classroom")}  # fmt: skip
    assert max(areas["bathroom"]) < min(areas["classroom"]) / 2
    assert np.mean(areas["bathroom"]) < np.mean(areas["bedroom"]) < np.mean(areas["classroom"])


def test_some_rooms_are_l_shaped():
    corners = [len(build_room("studio", stage_rng(seed, "plan")).walls) for seed in range(30)]
    assert set(corners) == {4, 6}


def test_a_divided_floor_keeps_its_shares_and_its_walls_apart():
    areas = [20.0, 10.0, 5.0]
    rooms = divided(areas, 7.0, 5.0, np.random.default_rng(0))
    # without the walls, each has its share of 35 m2
    whole = [room.buffer(REVEAL_M / 2, join_style="mitre") for room in rooms]
    assert [room.area for room in whole] == pytest.approx(areas)
    assert shapely.union_all(whole).equals_exact(shapely.union_all([shapely.box(0, 0, 7, 5)]), 1e-9) or (
        shapely.union_all(whole).area == pytest.approx(35.0)
    )
    for k, room in enumerate(rooms):
        for other in rooms[:k]:
            assert room.distance(other) > REVEAL_M - 1e-9


def test_rooms_of_a_flat_are_apart_and_all_within_reach(flat: Rooms):
    for k, room in enumerate(flat):
        for other in flat[:k]:
            assert room.plan.distance(other.plan) > REVEAL_M - 1e-6
    doorways = doorways_of(flat)
    assert len(doorways) == 2 * (len(flat) - 1)  # each is there twice, as one half in either room
    assert shapely.union_all([room.plan for room in flat]).geom_type == "MultiPolygon"
    assert shapely.union_all([*(room.plan for room in flat), *doorways]).geom_type == "Polygon"


def test_both_halves_of_a_doorway_meet(flat: Rooms):
    """A ray through the middle of a doorway crosses the next room; one beside it meets this room's wall."""
    for k, room in enumerate(flat):
        for wall in room.walls:
            outwards = wall.at(0, 1, 0) - wall.at(0, 0, 0)
            for opening in (opening for opening in wall.openings if opening.kind == "doorway"):
                beyond = shapely.Point(wall.at(sum(opening.x) / 2, REVEAL_M + 0.05, 0)[:2])
                assert any(other.plan.contains(beyond) for j, other in enumerate(flat) if j != k)
                x, head = sum(opening.x) / 2, opening.z[1] + 0.1
                origins = np.array([wall.at(x, -0.5, head), wall.at(opening.x[0] - 0.11, -0.5, 1.0)])
                assert first_labels(flat, origins, np.tile(outwards, (2, 1))) == ["wall", "wall"]
                caster_labels = first_labels(flat, np.array([wall.at(x, -0.3, 1.0)]), outwards[None])
                assert caster_labels[0] != "door frame"


def test_flats_have_a_front_door_and_windows_only_outside(flat: Rooms):
    openings = [opening.kind for room in flat for wall in room.walls for opening in wall.openings]
    assert openings.count("door") == 1
    hull = shapely.union_all([room.plan for room in flat]).buffer(0.1, join_style="mitre").convex_hull
    for wall in (wall for room in flat for wall in room.walls):
        outside = shapely.Point(wall.at(0, 0.3, 0)[:2])
        if any(opening.kind in ("door", "window") for opening in wall.openings):
            assert not hull.contains(outside)
