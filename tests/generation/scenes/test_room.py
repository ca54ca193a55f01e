import numpy as np
import pytest
import shapely

from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.room import DEPTH_M, HEIGHT_M, WIDTH_M, Room, build_room


@pytest.fixture(scope="module", params=range(12))
def room(request: pytest.FixtureRequest) -> Room:
    return build_room(stage_rng(request.param, "room"))


def first_labels(room: Room, origins: np.ndarray, directions: np.ndarray) -> list[str]:
    """What rays meet first in the empty room; "nothing" where they leave it."""
    mesh, instances, _ = assemble(room.structure, room.lights, room.ambient)
    faces = RayCaster(mesh.vertices, mesh.faces).cast(origins.astype(np.float32), directions.astype(np.float32)).face
    return ["nothing" if face < 0 else instances[mesh.face_instance[face] - 1].label for face in faces]


def test_size_and_plan(room: Room):
    x0, y0, x1, y1 = room.plan.bounds
    assert WIDTH_M[0] <= x1 - x0 <= WIDTH_M[1]
    assert DEPTH_M[0] <= y1 - y0 <= DEPTH_M[1]
    assert HEIGHT_M[0] <= room.height <= HEIGHT_M[1]
    assert room.plan.exterior.is_ccw
    assert sum(wall.length for wall in room.walls) == pytest.approx(room.plan.length)


def test_no_ray_leaves_the_room(room: Room):
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(20_000, 3))
    inside = room.plan.representative_point()
    origins = np.tile([inside.x, inside.y, 1.0], (len(directions), 1))
    assert "nothing" not in first_labels(room, origins, directions)


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
    assert 1 <= kinds.count("window") <= 3
    for wall in room.walls:
        outwards = wall.at(0, 1, 0) - wall.at(0, 0, 0)
        for opening in wall.openings:
            x, z = sum(opening.x) / 2, sum(opening.z) / 2
            beside = opening.x[1] + 0.12 if opening.x[1] + 0.12 < wall.length / 2 else opening.x[0] - 0.12
            origins = np.array([wall.at(x, -0.5, z), wall.at(beside, -0.5, z), wall.at(x, -0.5, opening.z[1] + 0.1)])
            assert first_labels(room, origins, np.tile(outwards, (3, 1))) == [opening.kind, "wall", "wall"]


def test_everything_built_in_is_structure(room: Room):
    assert all(placed.is_structure for placed in room.structure)
    labels = {placed.label for placed in room.structure}
    assert labels == {"floor", "ceiling", "ceiling light", "wall", "door", "window"}


def test_lights_are_inside_and_the_sun_shines_in(room: Room):
    area = [light for light in room.lights if light.kind == "area"]
    suns = [light for light in room.lights if light.kind == "sun"]
    for light in area:
        assert room.plan.buffer(0.1).contains(shapely.Point(light.position[:2]))
        assert 0 < light.position[2] < room.height
    assert len(suns) == 1
    direction = np.array(suns[0].direction)
    assert np.linalg.norm(direction) == pytest.approx(1)
    inwards = [
        wall.at(0, -1, 0) - wall.at(0, 0, 0)
        for wall in room.walls
        if any(opening.kind == "window" for opening in wall.openings)
    ]
    assert max(direction @ inward for inward in inwards) > 0.3
    assert direction[2] < 0


def test_some_rooms_are_l_shaped():
    corners = [len(build_room(stage_rng(seed, "plan")).walls) for seed in range(60)]
    assert set(corners) == {4, 6}
