"""What stands where: support, contact, lanes, pavements, counts."""

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from generation.rng import stage_rng
from generation.scenes.streets.catalogue.cars import HEADLIGHT
from generation.scenes.streets.plan import KERB_M, draw_plan


def _load_contact():
    """Test files are no package, so a helper beside them is loaded by its path."""
    spec = importlib.util.spec_from_file_location("contact", Path(__file__).parent.with_name("contact.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contact = _load_contact()
HUNG = {"clock", "flag", "hanging sign", "air conditioner", "satellite dish"}
VEHICLES = {"car", "van", "bus", "lorry"}


@pytest.fixture(scope="module")
def meshes(street) -> list[np.ndarray]:
    """Triangles of everything, the structure first."""
    return [contact.triangles_of(placed) for placed in (*street.structure, *street.things)]


def _near(triangles: np.ndarray, low: np.ndarray, high: np.ndarray, margin_m: float) -> np.ndarray:
    """Those triangles whose bounds come near a box."""
    inside = (triangles.min(axis=1) <= high + margin_m) & (triangles.max(axis=1) >= low - margin_m)
    return triangles[inside.all(axis=1)]


def test_nothing_crosses_anything(street, meshes):
    placements = [*street.structure, *street.things]
    low, high = (np.array([getattr(m, end)(axis=(0, 1)) for m in meshes]) for end in ("min", "max"))
    for j in range(len(street.structure), len(meshes)):
        for i in np.flatnonzero((low[:j] < high[j]).all(axis=1) & (low[j] < high[:j]).all(axis=1)):
            names = f"{placements[i].label} and {placements[j].label} at {placements[j].position}"
            near = _near(meshes[i], low[j], high[j], 0.01)
            assert not len(near) or not contact.penetrate(near, meshes[j]), names
            if i >= len(street.structure):
                assert not contact.is_inside(meshes[i], meshes[j]) and not contact.is_inside(meshes[j], meshes[i]), (
                    names
                )


def test_nothing_floats(street, meshes):
    """Lowest points (backmost ones of what hangs) lie within 5 mm of what carries them.

    All of them, but of cyclists: their soles are wider than the pedals.
    """
    rng = np.random.default_rng(0)
    lows, highs = (np.array([getattr(m, end)(axis=(0, 1)) for m in meshes]) for end in ("min", "max"))
    for j, placed in enumerate(street.things, start=len(street.structure)):
        towards = np.array([0.0, 1.0, 0.0] if placed.label in HUNG else [0.0, 0.0, -1.0])
        corners = np.concatenate([part.vertices[part.faces] for part in placed.asset.parts])
        points = np.concatenate(
            [corners.reshape(-1, 3), np.einsum("tcx,nc->ntx", corners, rng.dirichlet([1, 1, 1], 4)).reshape(-1, 3)]
        )
        reach = points @ towards
        origins = placed.to_world(points[reach > reach.max() - 0.0005] - 0.001 * towards)
        direction = placed.to_world(towards[None])[0] - placed.position
        close = ((lows <= highs[j] + 0.1) & (highs >= lows[j] - 0.1)).all(axis=1)
        rest = [_near(meshes[i], lows[j], highs[j], 0.1) for i in np.flatnonzero(close) if i != j]
        hits = contact.caster_of(np.concatenate(rest)).cast(
            origins.astype(np.float32), np.tile(direction.astype(np.float32), (len(origins), 1))
        )
        gap = (hits.t.min() if placed.label == "cyclist" else hits.t.max()) - 0.001
        assert gap <= 0.005, f"{placed.label} at {placed.position} floats by {gap:.3f} m"


def _front(placed) -> np.ndarray:
    """Direction from a vehicle's middle to its headlights, in the world."""
    lamps = np.concatenate([part.vertices for part in placed.asset.parts if part.material == HEADLIGHT])
    return placed.to_world(lamps.mean(axis=0)[None])[0] - placed.position


def test_traffic_keeps_to_the_right(street):
    plan, seen = street.plan, 0
    for placed in street.things:
        if placed.label not in VEHICLES:
            continue
        seen += 1
        x, y, z = placed.position
        front = _front(placed)
        assert z == 0.0
        if abs(y) < plan.kerb(int(np.sign(y))):  # the street itself: what heads for +x is on its right, at y < 0
            assert np.sign(front[0]) == -np.sign(y)
            assert abs(front[0]) > 0.95 * np.linalg.norm(front[:2])
        else:
            assert np.sign(front[1]) == np.sign(x - plan.crossing)
    assert seen >= 3


def test_nothing_drives_across_the_axis_or_over_the_kerb(street):
    for placed in street.things:
        if placed.label in VEHICLES | {"cyclist"} and abs(placed.position[1]) < street.plan.lane:
            y = np.concatenate([placed.to_world(part.vertices)[:, 1] for part in placed.asset.parts])
            side = int(np.sign(placed.position[1]))
            assert (side * y).min() > 0 and (side * y).max() < street.plan.kerb(side)


def test_cyclists_ride_a_bicycle_at_the_right_edge(street):
    bicycles = [placed for placed in street.things if placed.label == "bicycle"]
    for rider in (placed for placed in street.things if placed.label == "cyclist"):
        ridden = [one for one in bicycles if np.allclose(one.position, rider.position)]
        assert len(ridden) == 1 and ridden[0].yaw == rider.yaw
        head_first = rider.to_world(np.array([[0.0, -1.0, 0.0]]))[0] - rider.position
        assert head_first[0] * rider.position[1] < 0
        assert 0.2 < street.plan.lane - abs(rider.position[1]) < 0.7


def test_people_are_on_pavements_or_crosswalks(street):
    zebras = shapely.union_all(street.plan.zebras)
    for placed in street.things:
        if placed.label == "pedestrian":
            body = shapely.Point(placed.position[:2])
            assert placed.position[2] == KERB_M or (placed.position[2] == 0 and zebras.contains(body))
            assert placed.position[2] == 0 or street.plan.pavements.contains(body)


def test_furniture_is_off_the_road(street):
    on_road = VEHICLES | {"motorcycle", "bicycle", "cyclist", "pedestrian"}
    for placed in street.things:
        if placed.label not in on_road:
            assert placed.position[2] >= KERB_M
            assert not street.plan.carriageway.contains(shapely.Point(placed.position[:2])), placed.label


def test_counts(street):
    counts = Counter(placed.label for placed in street.things)
    assert 30 <= len(street.things) <= 90
    assert len(counts) >= 12
    assert max(counts.values()) <= 11
    assert sum(count > 1 for count in counts.values()) >= 5


def test_signs_and_lamps_face_the_right_way(street):
    """A sign shows its face to the traffic of its side; a lamp's arm reaches over the road."""
    for placed in street.things:
        face = placed.to_world(np.array([[0.0, -1.0, 0.0]]))[0] - placed.position
        if placed.label == "street lamp":
            assert face[1] * placed.position[1] < 0
        elif (
            placed.label == "traffic sign"
            and abs(placed.position[1]) < street.plan.kerb(int(np.sign(placed.position[1]))) + 1.2
        ):
            assert face[0] * placed.position[1] > 0.9


def test_streets_differ():
    plans = [draw_plan(stage_rng(seed, "plan")) for seed in range(30)]
    assert 10 <= sum(plan.crossing is not None for plan in plans) <= 25
    assert {plan.parking for plan in plans} >= {(2.1, 2.1), (0.0, 2.1), (2.1, 0.0)}
