"""What is on the road: lights and signs at the crossing, vehicles that drive or are parked, cyclists, buses."""

from collections.abc import Callable

import numpy as np
import shapely

from generation.scenes.procedural.asset import Asset
from generation.scenes.streets.catalogue import cars, cycles, furniture, people, posts, signs, vans
from generation.scenes.streets.layout import EAST, NORTH, SOUTH, WEST, Arranger, facing_road
from generation.scenes.streets.plan import ZEBRA_GAP_M, ZEBRA_M


LANE_SHARES: tuple[tuple[Callable[[np.random.Generator], Asset], float], ...] = (
    (cars.car, 0.62), (vans.van, 0.2), (vans.lorry, 0.1), (vans.bus, 0.08),
)  # fmt: skip
BEHIND_M = 1.0  # least distance between vehicles that drive
FROM_ZEBRA_M, PARKED_FROM_ZEBRA_M = 2.0, 3.2
CYCLIST_M = 0.42  # of a cyclist from the edge of the lane


def control_crossing(arranger: Arranger) -> None:
    """Lights, or signs of right of way, at the corners of a crossing; signs at the crosswalk of a street without."""
    plan, rng = arranger.plan, arranger.rng
    if plan.crossing is None:
        for side in (-1, 1):
            spot = side * (ZEBRA_M / 2 + 0.5), side * (plan.kerb(side) + 0.62)
            arranger.put(signs.traffic_sign(rng, ("crossing",)), spot, _against_traffic(side))
        return
    has_lights, is_green = rng.random() < 0.7, rng.random() < 0.5
    colors = ("green", "red") if is_green else ("red", "green")
    beyond = ZEBRA_GAP_M + ZEBRA_M + 0.7
    for side in (-1, 1):
        along = plan.crossing + side * (plan.side_lane + beyond), side * (plan.kerb(side) + 0.62)
        across = plan.crossing - side * (plan.side_lane + 0.62), side * (plan.kerb(side) + beyond)
        for color, spot, heading, right_of_way in (
            (colors[0], along, _against_traffic(side), ("priority",)),
            (colors[1], across, NORTH if side > 0 else SOUTH, ("stop", "give way")),
        ):
            made = signs.traffic_light(rng, color) if has_lights else signs.traffic_sign(rng, right_of_way)
            arranger.put(made, spot, heading)
    if rng.random() < 0.6:  # bollards along a corner, all alike
        seed = int(rng.integers(1 << 30))
        for y in plan.kerb(1) + 2.9 + 1.4 * np.arange(rng.integers(3, 7)):
            spot = plan.crossing + plan.side_lane + 0.45, float(y)
            arranger.put(posts.bollard(np.random.default_rng(seed)), spot, NORTH)


def _against_traffic(side: int) -> float:
    """Heading of what the traffic on `side` shall read: towards those who come."""
    return WEST if side < 0 else EAST


def add_bus_stop(arranger: Arranger) -> None:
    """In six of ten streets a shelter, at the far side sometimes with a bus."""
    plan, rng = arranger.plan, arranger.rng
    if rng.random() > 0.6:
        return
    side, shelter = int(rng.choice([-1, 1])), furniture.bus_shelter(rng)
    for x in rng.uniform(-0.7, 0.7, 6) * plan.half_length:
        if arranger.put(shelter, (x, side * (plan.kerb(side) + 1.35)), facing_road(side)):
            if side > 0 and rng.random() < 0.6:
                arranger.put(vans.bus(rng), (x - 2, plan.lane / 2 + 0.1), WEST, on="road")
            return


def add_traffic(arranger: Arranger) -> None:
    """Cyclists at the right edge of the lanes, and vehicles that drive or wait in all lanes."""
    plan, rng = arranger.plan, arranger.rng
    for _ in range(int(rng.integers(2, 4))):
        side = int(rng.choice([-1, 1]))
        spot = rng.uniform(-0.85, 0.85) * plan.half_length, side * (plan.lane - CYCLIST_M)
        _add_cyclist(arranger, spot, EAST if side < 0 else WEST)
    lanes = [(WEST, plan.lane / 2 + 0.1), (EAST, -plan.lane / 2)]
    if plan.crossing is not None:
        lanes += [(NORTH, plan.crossing + plan.side_lane / 2), (SOUTH, plan.crossing - plan.side_lane / 2)]
    builds, shares = zip(*LANE_SHARES, strict=True)
    for heading, offset in lanes:
        is_along = heading in (EAST, WEST)
        for _ in range(int(rng.integers(2, 5)) if is_along else 2):
            build = builds[rng.choice(len(builds), p=shares)]
            place = rng.uniform(-0.95, 0.95) * (plan.half_length if is_along else plan.reach)
            spot = (place, offset) if is_along else (offset, place)
            if not arranger.is_taken(spot, 2.0) and not _is_near_zebra(arranger, spot, FROM_ZEBRA_M):
                arranger.put(build(rng), spot, heading, on="road", gap_m=BEHIND_M)


def _add_cyclist(arranger: Arranger, spot: tuple[float, float], heading: float) -> None:
    if arranger.has_room_for("cyclist") and arranger.has_room_for("bicycle"):
        ridden = cycles.make_bicycle(arranger.rng, ridden=True)
        host = arranger.put(ridden.asset, spot, heading, on="road", gap_m=0.35)
        if host:
            arranger.add_to(host, people.cyclist(ridden, arranger.rng))


def park(arranger: Arranger) -> None:
    """Cars, vans and motorcycles along the kerbs, cars and vans in the direction of their lane."""
    plan, rng = arranger.plan, arranger.rng
    for side in (-1, 1):
        if not plan.parking[(side + 1) // 2]:
            continue
        heading, share = EAST if side < 0 else WEST, rng.uniform(0.15, 0.65)
        for x in np.arange(-plan.half_length + rng.uniform(11, 13), plan.half_length - 6, 6.0):
            spot = x + rng.uniform(-0.3, 0.3), side * (plan.kerb(side) - rng.uniform(1.07, 1.12))
            if rng.random() > share or _is_near_zebra(arranger, spot, PARKED_FROM_ZEBRA_M):
                continue
            kind = rng.random()
            if kind < 0.08:
                for k in range(int(rng.integers(1, 3))):  # at right angles to the kerb
                    turn = facing_road(side) + rng.normal(0, 0.06)
                    arranger.put(cycles.motorcycle(rng), (x + 1.1 * k, spot[1]), turn, on="road")
            else:
                vehicle = (vans.van if kind < 0.24 else cars.car)(rng)
                arranger.put(vehicle, spot, heading + rng.normal(0, 0.01), on="road", gap_m=0.5)


def _is_near_zebra(arranger: Arranger, spot: tuple[float, float], gap_m: float) -> bool:
    return any(zebra.dwithin(shapely.Point(spot), gap_m) for zebra in arranger.plan.zebras)
