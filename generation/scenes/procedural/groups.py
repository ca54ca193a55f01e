"""Pieces of furniture that belong together, each set up around one of them."""

import numpy as np

from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement


# Sides of a table, as directions in its frame
FRONT, RIGHT, BACK, LEFT = -np.pi / 2, 0.0, np.pi / 2, np.pi


def workplace(arranger: Arranger) -> None:
    """Desk with monitor, keyboard and mouse or a laptop, and an office chair that faces it."""
    rng = arranger.rng
    desk = _put_up(arranger, "desk", open_share=0.3)
    if not desk:
        return
    middle = float(rng.uniform(-0.4, 0.4))
    arranger.seat(arranger.make("office chair"), desk, FRONT, 0.6 * middle)
    setting = [("laptop", middle, -0.2)]
    if rng.random() < 0.75:
        setting = [("monitor", middle, 0.7), ("keyboard", middle, -0.6), ("computer mouse", middle + 0.5, -0.55)]
    for label, x, y in setting:
        arranger.set_on(arranger.make(label), desk, desk.asset.surfaces[0], (x, y), rng.normal(0, 0.08))


def dining_place(arranger: Arranger) -> None:
    """Table in the open, two to six like chairs around it, tableware on it and a lamp above."""
    rng = arranger.rng
    table = arranger.free_standing(arranger.make("dining table"), gap_m=0.5, turn="square")
    if not table:
        return
    width, depth, _ = _size(table.asset)
    seats = [(side, share) for side in (FRONT, BACK) for share in ((-0.45, 0.45) if width > 1.15 * depth else (0.0,))]
    seats += [(LEFT, 0.0), (RIGHT, 0.0)]
    chair = arranger.make("dining chair")
    for k in rng.permutation(len(seats))[: rng.integers(2, 7)]:
        arranger.seat(chair, table, *seats[k])
    arranger.from_ceiling(arranger.make("pendant lamp"), over=table)
    for label, most in (("plate", 5), ("mug", 4), ("bowl", 2)):
        asset = arranger.make(label)
        for _ in range(rng.integers(0, most)):
            arranger.set_on(asset, table, table.asset.surfaces[0], yaw=rng.uniform(0, 6.28))


def lounge(arranger: Arranger) -> None:
    """Sofa with a low table before it, perhaps on a rug, pillows, an armchair or two, and a television opposite."""
    rng = arranger.rng
    sofa = _put_up(arranger, "sofa", open_share=0.5)
    if not sofa:
        return
    half_depth = _size(sofa.asset)[1] / 2
    rug, table = arranger.make("rug"), arranger.make("coffee table")
    distance = half_depth + 0.35 + _size(table)[1] / 2
    if rng.random() < 0.6:
        arranger.beside(rug, sofa, (0, -(half_depth + 0.05 + _size(rug)[1] / 2)))
    arranger.beside(table, sofa, (rng.normal(0, 0.1), -distance), rng.normal(0, 0.03))
    chair = arranger.make("armchair")
    for side in rng.permutation([-1, 1])[: rng.integers(0, 3)]:
        reach = _size(table)[0] / 2 + 0.3 + _size(chair)[1] / 2
        arranger.beside(chair, sofa, (side * reach, -distance), side * (np.pi / 2 + rng.normal(0.2, 0.15)) * -1)
    for _ in range(rng.integers(0, 4)):
        arranger.rest_on(arranger.make("pillow"), sofa)
    television(arranger)


def television(arranger: Arranger) -> None:
    """Low cabinet against a wall with a television on it."""
    stand = arranger.along_wall(arranger.make("tv stand"))
    if stand:
        top = max(stand.asset.surfaces, key=lambda surface: surface.z)
        arranger.set_on(arranger.make("television"), stand, top, (0.0, 0.2))


def sleeping_place(arranger: Arranger) -> None:
    """Bed with its head to a wall, nightstands beside it with a lamp each, pillows on it."""
    rng = arranger.rng
    bed = arranger.along_wall(arranger.make("bed"), gap_m=0.3) or arranger.along_wall(arranger.make("bed"))
    if not bed:
        return
    stand, lamp = arranger.make("nightstand"), arranger.make("table lamp")
    x, y = (_size(bed.asset) + _size(stand))[0] / 2 + 0.06, (_size(bed.asset) - _size(stand))[1] / 2
    for side in (-1, 1):
        placed = arranger.beside(stand, bed, (side * x, y))
        if placed and rng.random() < 0.7:
            arranger.set_on(lamp, placed, max(stand.surfaces, key=lambda surface: surface.z))
    for _ in range(rng.integers(1, 4)):
        arranger.rest_on(arranger.make("pillow"), bed)


def shelves(arranger: Arranger) -> None:
    """Bookshelf with books in some of its rows; one in three juts into the room and hides what is behind it."""
    rng = arranger.rng
    asset = arranger.make("bookshelf")
    shelf = arranger.jutting(asset) if rng.random() < 1 / 3 else arranger.along_wall(asset)
    if not shelf:
        return
    for k in rng.permutation(len(asset.surfaces))[:2]:
        if rng.random() < 0.7:
            books = [arranger.make("book") for _ in range(rng.integers(1, 6))]
            arranger.line_up(books, shelf, asset.surfaces[k])


def appliances(arranger: Arranger) -> None:
    """What a kitchen has along its walls, and a small thing to cook with on some of it."""
    for label, small in (("refrigerator", None), ("stove", "cooking pot"), ("cabinet", "microwave")):
        placed = arranger.along_wall(arranger.make(label), gap_m=0.01)
        if placed and small and arranger.rng.random() < 0.6:
            arranger.rest_on(arranger.make(small), placed)


def _put_up(arranger: Arranger, label: str, open_share: float) -> Placement | None:
    """Along a wall, or `open_share` of the times in the open, where it hides what is behind it."""
    asset = arranger.make(label)
    in_open = arranger.rng.random() < open_share
    placed = arranger.free_standing(asset, gap_m=0.5, turn="square") if in_open else None
    return placed or arranger.along_wall(asset, gap_m=0.15)


def _size(asset: Asset) -> np.ndarray:
    """Full extents `(3,)`, metres."""
    low, high = asset.bounds
    return high - low
