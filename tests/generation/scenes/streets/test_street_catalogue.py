"""Every kind of thing, several variants: sizes as in the world, and meshes that face outwards."""

from functools import cache

import numpy as np
import pytest

from generation.rng import stage_rng
from generation.scenes.procedural.asset import Asset
from generation.scenes.streets.catalogue import cars, cycles, furniture, hanging, people, posts, signs, trees, vans


VARIANTS = 6
# Least and most width, depth (length of a vehicle) and height in metres that such a thing has in a real street
SIZES_M = {
    cars.car: ((1.85, 3.6, 1.38), (2.25, 5.5, 1.9)),
    vans.van: ((2.1, 4.8, 1.9), (2.45, 6.0, 2.6)),
    vans.lorry: ((2.3, 6.3, 2.95), (2.7, 7.8, 3.5)),
    vans.bus: ((2.6, 9.4, 2.9), (3.15, 11.7, 3.3)),
    cycles.bicycle: ((0.45, 1.6, 0.9), (0.7, 1.95, 1.2)),
    cycles.motorcycle: ((0.6, 1.6, 1.1), (0.95, 2.3, 1.35)),
    people.pedestrian: ((0.25, 0.2, 1.0), (0.8, 1.1, 1.95)),
    signs.traffic_sign: ((0.5, 0.05, 2.3), (0.8, 0.12, 3.7)),
    signs.traffic_light: ((0.4, 0.4, 3.2), (0.6, 0.6, 3.6)),
    signs.street_lamp: ((0.15, 0.15, 3.5), (0.6, 2.3, 6.7)),
    trees.tree: ((1.8, 1.8, 4.0), (5.0, 5.0, 10.0)),
    trees.planter: ((0.7, 0.38, 0.6), (1.7, 0.9, 1.3)),
    furniture.bench: ((1.4, 0.3, 0.42), (2.0, 0.7, 0.95)),
    posts.litter_bin: ((0.3, 0.3, 0.8), (0.6, 0.6, 1.2)),
    posts.bollard: ((0.1, 0.1, 0.8), (0.25, 0.25, 1.1)),
    posts.fire_hydrant: ((0.3, 0.25, 0.7), (0.45, 0.45, 1.0)),
    posts.post_box: ((0.4, 0.3, 1.1), (0.65, 0.65, 1.6)),
    posts.parking_meter: ((0.25, 0.2, 1.4), (0.4, 0.3, 2.0)),
    posts.electrical_cabinet: ((0.8, 0.35, 0.95), (1.4, 0.5, 1.4)),
    posts.traffic_cone: ((0.3, 0.3, 0.45), (0.5, 0.5, 0.8)),
    posts.advertising_column: ((1.1, 1.1, 2.8), (1.5, 1.5, 3.4)),
    posts.advertising_board: ((0.5, 0.3, 0.8), (0.7, 0.6, 1.15)),
    furniture.bus_shelter: ((3.1, 1.3, 2.3), (4.5, 1.7, 2.7)),
    furniture.chair: ((0.35, 0.35, 0.8), (0.5, 0.55, 0.95)),
    furniture.table: ((0.55, 0.55, 0.7), (0.8, 0.8, 0.8)),
    hanging.clock: ((0.1, 0.7, 0.6), (0.3, 0.95, 1.0)),
    hanging.hanging_sign: ((0.05, 0.6, 0.5), (0.2, 0.95, 1.0)),
    hanging.flag: ((0.05, 0.8, 0.9), (0.2, 0.95, 1.6)),
    hanging.air_conditioner: ((0.7, 0.3, 0.45), (0.9, 0.4, 0.65)),
    hanging.satellite_dish: ((0.5, 0.5, 0.5), (0.7, 0.8, 0.75)),
    hanging.flower_box: ((0.7, 0.14, 0.2), (0.95, 0.3, 0.5)),
}


def rider(rng: np.random.Generator) -> Asset:
    return people.cyclist(cycles.make_bicycle(rng, ridden=True), rng)


@pytest.fixture(params=[*SIZES_M, rider], ids=lambda build: build.__name__)
def build(request):
    return request.param


@pytest.fixture
def variants(build) -> tuple[Asset, ...]:
    return _variants(build)


@cache
def _variants(build) -> tuple[Asset, ...]:
    return tuple(build(stage_rng(variant, build.__name__)) for variant in range(VARIANTS))


def test_sizes_are_those_of_the_world(build, variants):
    least, most = SIZES_M.get(build, ((0.4, 0.6, 1.3), (0.9, 1.2, 1.9)))
    for asset in variants:
        low, high = asset.bounds
        assert (high - low >= least).all() and (high - low <= most).all(), high - low
        assert len(asset.label) > 2 and asset.label == asset.label.lower().strip()


def test_things_stand_on_the_ground_or_lean_on_the_wall(build, variants):
    for asset in variants:
        low, high = asset.bounds
        if build is rider:
            assert low[2] > 0.05  # above the ground, on the pedals
        elif build.__module__.endswith("hanging") and asset.label != "flower box":
            assert high[1] == pytest.approx(0, abs=1e-6)
        else:
            assert low[2] == pytest.approx(0, abs=1e-6)


def test_meshes_face_outwards(variants):
    """Closed parts have a positive volume (divergence theorem); shading normals are on the outer side."""
    for asset in variants:
        for part in asset.parts:
            corners = part.vertices[part.faces]
            flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            assert np.allclose(np.linalg.norm(part.normals, axis=1), 1, atol=1e-6)
            assert (np.einsum("tx,tcx->tc", flat, part.normals[part.faces]) >= 0).mean() > 0.99
            is_sheet = len(np.unique(part.faces)) == part.faces.size or len(part.faces) <= 2  # leaves, posters
            if not is_sheet:
                assert np.linalg.det(corners - part.vertices.mean(axis=0)).sum() > 0, asset.label


def test_same_seed_same_thing(build, variants):
    again = build(stage_rng(0, build.__name__))
    for one, other in zip(variants[0].parts, again.parts, strict=True):
        assert one.material == other.material
        assert one.vertices.tobytes() == other.vertices.tobytes() and one.faces.tobytes() == other.faces.tobytes()


def test_variants_differ_and_are_light(variants):
    looks = {
        b"".join(part.vertices.tobytes() for part in a.parts) + repr([p.material for p in a.parts]).encode()
        for a in variants
    }
    assert len(looks) > 1
    assert max(sum(len(part.faces) for part in asset.parts) for asset in variants) <= 4600


@pytest.mark.parametrize("seed", range(8))
def test_wheels_touch_the_ground_on_all_sides(seed):
    """A vehicle's lowest points are under its four wheels, at both axles and both sides."""
    for build in (cars.car, vans.van, vans.lorry, vans.bus):
        vertices = np.concatenate([part.vertices for part in build(stage_rng(seed, "wheels")).parts])
        low = vertices[vertices[:, 2] < 0.02]
        assert {(x > 0, y > 0) for x, y, _ in low} == {(a, b) for a in (False, True) for b in (False, True)}
