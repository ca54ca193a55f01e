"""What fills a street: traffic, trees, lamps, furniture, things at the fronts, and people."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely

from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.placement import Placement, Solids
from generation.scenes.streets.adorn import adorn
from generation.scenes.streets.buildings import House
from generation.scenes.streets.catalogue import cycles, furniture, people, posts, signs, trees
from generation.scenes.streets.layout import EAST, NORTH, SOUTH, WEST, Arranger, facing_road
from generation.scenes.streets.plan import Plan
from generation.scenes.streets.traffic import add_bus_stop, add_traffic, control_crossing, park


Build = Callable[[np.random.Generator], Asset]
CAMERA_CAR_M = (3.5, 1.05, 2.25)  # room ahead of the car, to its sides and above the road
# What stands along the kerb and what along the fronts, and how many of each there are at most
KERB_THINGS: tuple[tuple[Build, int], ...] = (
    (posts.litter_bin, 3), (posts.fire_hydrant, 2), (posts.post_box, 2), (posts.parking_meter, 2),
    (posts.electrical_cabinet, 1), (signs.traffic_sign, 5), (cycles.bicycle, 3), (posts.advertising_column, 1),
    (trees.planter, 2), (posts.traffic_cone, 2),
)  # fmt: skip
FRONT_THINGS: tuple[tuple[Build, int], ...] = (
    (furniture.bench, 5), (trees.planter, 3), (posts.advertising_board, 2), (cycles.bicycle, 2), (posts.litter_bin, 1),
)  # fmt: skip


def furnish(plan: Plan, houses: Sequence[House], is_dusk: bool, rng: np.random.Generator) -> list[Placement]:
    """Everything that stands in the street but for its structure."""
    start, end, y = plan.drive
    ahead, aside, above = CAMERA_CAR_M
    free = shapely.box(start - ahead, y - aside, end + ahead, y + aside)
    arranger = Arranger(plan, rng, Solids(np.array([free]), np.array([0.0]), np.array([above])))
    control_crossing(arranger)
    _plant_and_light(arranger, is_dusk)
    add_bus_stop(arranger)
    add_traffic(arranger)
    park(arranger)
    _set_tables(arranger)
    _along_kerbs(arranger)
    _along_fronts(arranger)
    _add_pedestrians(arranger)
    adorn(arranger, houses)
    return arranger.placements


def _plant_and_light(arranger: Arranger, is_dusk: bool) -> None:
    """Trees 8 to 11 m apart along one or both kerbs, and lamps 20 to 26 m apart."""
    plan, rng = arranger.plan, arranger.rng
    has_arm, side_of_trees = bool(rng.random() < 0.6), rng.choice([-1, 0, 1])
    crown = min(1.95, plan.pavement - 1.75)
    for side in (-1, 1):
        if side_of_trees in (0, side):
            for x in _every(plan, rng.uniform(8, 11), rng):
                if rng.random() < 0.7:
                    spot = x, side * (plan.kerb(side) + 0.75)
                    arranger.put(trees.tree(rng, crown), spot, rng.uniform(0, 2 * np.pi))
        for x in _every(plan, rng.uniform(20, 26), rng):
            lamp = signs.street_lamp(rng, is_dusk, has_arm)
            for shift in (0.0, 2.5, -2.5, 5.0):  # beside a tree, if need be
                if arranger.put(lamp, (x + shift, side * (plan.kerb(side) + 0.55)), facing_road(side)):
                    break


def _every(plan: Plan, step: float, rng: np.random.Generator) -> np.ndarray:
    """Places along the street `step` apart."""
    return np.arange(-0.88 * plan.half_length + rng.uniform(0, step), 0.92 * plan.half_length, step)


def _set_tables(arranger: Arranger) -> None:
    """Tables with chairs before a front, where the pavement is wide enough."""
    plan, rng = arranger.plan, arranger.rng
    if rng.random() < 0.5 or plan.pavement < 3.6:
        return
    side, x = int(rng.choice([-1, 1])), rng.uniform(-0.6, 0.6) * plan.half_length
    seed = int(rng.integers(1 << 30))  # a café has tables and chairs of one kind
    for k in range(int(rng.integers(1, 3))):
        at = np.array([x + 2.3 * k, side * (plan.front(side) - 0.95)])
        if not arranger.put(furniture.table(np.random.default_rng(seed)), tuple(at), 0.0):
            continue
        for angle in rng.choice([0.0, 2.1, 3.14, 4.2], int(rng.integers(1, 4)), replace=False):
            seat = at + 0.72 * np.array([np.cos(angle), np.sin(angle)])
            chair = furniture.chair(np.random.default_rng(seed + 1))
            arranger.put(chair, tuple(seat), angle + np.pi + rng.normal(0, 0.15), gap_m=0.02)


def _along_kerbs(arranger: Arranger) -> None:
    plan, rng = arranger.plan, arranger.rng
    for build, most in KERB_THINGS:
        for _ in range(int(rng.integers(0, most + 1))):
            side, asset = int(rng.choice([-1, 1])), build(rng)
            heading, depth = facing_road(side) + np.pi, _depth(asset)  # its front towards those who walk
            if asset.label == "traffic sign":
                heading, depth = WEST if side < 0 else EAST, 0.75  # it stands across the kerb
            elif asset.label == "bicycle":
                heading, depth = EAST + rng.normal(0, 0.08), 0.6
            _somewhere(arranger, asset, side * (plan.kerb(side) + 0.3 + min(depth, 1.4) / 2), heading)


def _along_fronts(arranger: Arranger) -> None:
    plan, rng = arranger.plan, arranger.rng
    for build, most in FRONT_THINGS:
        for _ in range(int(rng.integers(0, most + 1))):
            side, asset = int(rng.choice([-1, 1])), build(rng)
            heading, depth = facing_road(side), _depth(asset)
            if asset.label in ("bicycle", "advertising board"):  # seen by those who pass
                heading, depth = (EAST, WEST)[rng.integers(2)], 0.6 if asset.label == "bicycle" else 1.2
            _somewhere(arranger, asset, side * (plan.front(side) - 0.25 - depth / 2), heading)


def _depth(asset: Asset) -> float:
    low, high = asset.bounds
    return float(high[1] - low[1])


def _somewhere(arranger: Arranger, asset: Asset, y: float, heading: float, tries: int = 4) -> Placement | None:
    """At this distance from the axis, wherever along the street there is room."""
    for _ in range(tries):
        x = arranger.rng.uniform(-0.88, 0.92) * arranger.plan.half_length
        placed = arranger.put(asset, (x, y), heading)
        if placed:
            return placed
    return None


def _add_pedestrians(arranger: Arranger) -> None:
    """On the crosswalks, and on the pavements, alone or in pairs."""
    plan, rng = arranger.plan, arranger.rng
    for _ in range(int(rng.integers(0, 3))):
        x0, y0, x1, y1 = plan.zebras[rng.integers(min(2, len(plan.zebras)))].bounds
        spot = rng.uniform(x0 + 0.5, x1 - 0.5), rng.uniform(y0 + 0.6, y1 - 0.6)
        arranger.put(people.pedestrian(rng, walking=True), spot, (NORTH, SOUTH)[rng.integers(2)], on="road", gap_m=0.3)
    for _ in range(int(rng.integers(4, 8))):
        side = int(rng.choice([-1, 1]))
        low, high = plan.kerb(side) + 1.1, plan.front(side) - 0.7
        y, walks = side * rng.uniform(low, high), rng.random() < 0.7
        heading = (EAST, WEST)[rng.integers(2)] + rng.normal(0, 0.12) if walks else rng.uniform(0, 2 * np.pi)
        placed = _somewhere(arranger, people.pedestrian(rng, walks), y, heading)
        if placed and rng.random() < 0.35:  # a companion, abreast or face to face
            beside = placed.position[:2] + [0.1, -0.75 * side if abs(y) > (low + high) / 2 else 0.75 * side]
            turn = heading if walks else np.arctan2(*(placed.position[:2] - beside)[::-1])
            arranger.put(people.pedestrian(rng, walks), tuple(beside), turn, gap_m=0.02)
