"""Things at the fronts of the buildings: between the windows, under them and on their sills."""

from collections.abc import Sequence

import numpy as np

from generation.scenes.procedural.asset import Asset
from generation.scenes.streets.buildings import House, window_boxes
from generation.scenes.streets.catalogue import hanging
from generation.scenes.streets.layout import Arranger


# A hanging thing does not share its back with the wall, so that rays tell them apart
GAP_M = 0.001
SHARE = 0.42  # of the buildings along the street have something at their fronts


def adorn(arranger: Arranger, houses: Sequence[House]) -> None:
    """Hang things at the buildings along the street itself, none of them too high to be seen from it."""
    rng = arranger.rng
    for house in houses:
        along_street = abs(np.cos(house.placement.yaw)) > 0.5 and abs(house.placement.position[1]) < 12
        if not along_street or rng.random() > SHARE:
            continue
        kinds = (_sign, _flags, _clock, _dishes, _units, _flowers)
        kinds[rng.choice(len(kinds), p=(0.3, 0.16, 0.08, 0.14, 0.14, 0.18))](arranger, house)


def _hang(arranger: Arranger, house: House, asset: Asset, x: float, y: float, z: float) -> None:
    position = house.placement.to_world(np.array([[x, y, z]]))[0]
    arranger.hang(asset, position, house.placement.yaw)


def _piers(house: House, rng: np.random.Generator) -> np.ndarray:
    """Middles between neighbouring windows, in random order."""
    count = len(window_boxes(house.style, house.style.width, 1))
    return rng.permutation(house.style.width * np.arange(1, count) / count)


def _sign(arranger: Arranger, house: House) -> None:
    for x in _piers(house, arranger.rng)[:1]:
        _hang(arranger, house, hanging.hanging_sign(arranger.rng), x, -GAP_M, house.style.ground + 0.95)


def _clock(arranger: Arranger, house: House) -> None:
    for x in _piers(house, arranger.rng)[:1]:
        _hang(arranger, house, hanging.clock(arranger.rng), x, -GAP_M, house.style.ground + 0.8)


def _flags(arranger: Arranger, house: House) -> None:
    seed = int(arranger.rng.integers(1 << 30))  # flags of one building are alike
    for x in _piers(house, arranger.rng)[: arranger.rng.integers(1, 4)]:
        _hang(arranger, house, hanging.flag(np.random.default_rng(seed)), x, -GAP_M, house.style.ground + 0.75)


def _dishes(arranger: Arranger, house: House) -> None:
    for x in _piers(house, arranger.rng)[: arranger.rng.integers(1, 3)]:
        z = house.style.ground + arranger.rng.uniform(0.7, 1.6)
        _hang(arranger, house, hanging.satellite_dish(arranger.rng), x, -GAP_M, z)


def _units(arranger: Arranger, house: House) -> None:
    """Air conditioners under windows of the second storey, or between those of the first."""
    style, rng = house.style, arranger.rng
    if style.has_balconies or style.storeys < 2:
        return
    boxes = window_boxes(style, style.width, 2)
    for k in rng.permutation(len(boxes))[: rng.integers(1, 4)]:
        x0, sill, x1, _ = boxes[k]
        _hang(arranger, house, hanging.air_conditioner(rng), (x0 + x1) / 2, -GAP_M, sill - 0.46)


def _flowers(arranger: Arranger, house: House) -> None:
    style, rng = house.style, arranger.rng
    boxes = window_boxes(style, style.width, 1)
    if style.has_balconies:
        return
    seed = int(rng.integers(1 << 30))
    for k in rng.permutation(len(boxes))[: rng.integers(1, 5)]:
        x0, sill, x1, _ = boxes[k]
        made = hanging.flower_box(np.random.default_rng(seed), 0.8 * (x1 - x0))
        _hang(arranger, house, made, (x0 + x1) / 2, 0.012, sill)
