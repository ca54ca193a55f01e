"""Pieces of furniture that belong together and are found in rooms of several types."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Surface
from generation.scenes.procedural.habits import laid_flat, pile_on
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement


# Sides of a table, as directions in its frame
FRONT, RIGHT, BACK, LEFT = -np.pi / 2, 0.0, np.pi / 2, np.pi


def workplace(arranger: Arranger) -> None:
    """Desk with monitor, keyboard and mouse or a laptop, and an office chair that faces it."""
    desk = put_up(arranger, "desk", open_share=0.3)
    if desk:
        equip_desk(arranger, desk)


def equip_desk(arranger: Arranger, desk: Placement) -> None:
    """An office chair before a desk, and before the chair what one works with, turned towards it."""
    rng = arranger.rng
    middle = float(rng.uniform(-0.4, 0.4))
    arranger.seat(arranger.make("office chair"), desk, FRONT, 0.6 * middle)
    setting = [("laptop", middle, -0.2)]
    if rng.random() < 0.75:
        setting = [("monitor", middle, 0.7), ("keyboard", middle, -0.6), ("computer mouse", middle + 0.5, -0.55)]
    side = -1.0 if middle > 0 else 1.0
    extras = [("table lamp", 0.92 * side, 0.8), ("document tray", 0.7 * side, 0.2), ("pen holder", 0.45 * side, 0.8),
              ("telephone", -0.95 * side, 0.4)]  # fmt: skip
    setting += [extras[k] for k in rng.permutation(len(extras))[: arranger.some(0, 3)]]
    for label, x, y in setting:
        arranger.set_on(arranger.make(label), desk, desk.asset.surfaces[0], (x, y), rng.normal(0, 0.08))


def dining_place(arranger: Arranger) -> None:
    """Table in the open, two to six like chairs around it, tableware on it and perhaps a lamp above."""
    rng = arranger.rng
    asset = arranger.make("dining table")
    table = arranger.free_standing(asset, gap_m=0.5, turn="square") or arranger.along_wall(asset, gap_m=0.3)
    if not table:
        return
    width, depth, _ = size_of(table.asset)
    seats = [(side, share) for side in (FRONT, BACK) for share in ((-0.45, 0.45) if width > 1.15 * depth else (0.0,))]
    seats += [(LEFT, 0.0), (RIGHT, 0.0)]
    chair = arranger.make("dining chair")
    for k in rng.permutation(len(seats))[: rng.integers(2, 7)]:
        arranger.seat(chair, table, *seats[k])
    if rng.random() < 0.7:
        arranger.from_ceiling(arranger.make("pendant lamp" if rng.random() < 0.7 else "chandelier"), over=table)
    for label, most in (("plate", 4), ("mug", 3), ("bowl", 1)):
        asset = arranger.make(label)
        for _ in range(arranger.some(0, most)):
            arranger.set_on(asset, table, table.asset.surfaces[0], yaw=rng.uniform(0, 6.28))


def lounge(arranger: Arranger) -> None:
    """Sofa with a low table before it, perhaps on a rug, pillows, an armchair or two, and a television opposite."""
    rng = arranger.rng
    sofa = put_up(arranger, "sofa", open_share=0.4)
    if not sofa:
        return
    half_depth = size_of(sofa.asset)[1] / 2
    rug, table = arranger.make("rug"), arranger.make("coffee table")
    distance = half_depth + 0.35 + size_of(table)[1] / 2
    if rng.random() < 0.6:
        arranger.beside(rug, sofa, (0, -(half_depth + 0.05 + size_of(rug)[1] / 2)))
    arranger.beside(table, sofa, (rng.normal(0, 0.1), -distance), rng.normal(0, 0.03))
    chair = arranger.make("armchair")
    for side in rng.permutation([-1, 1])[: rng.integers(0, 3)]:
        reach = size_of(table)[0] / 2 + 0.3 + size_of(chair)[1] / 2
        arranger.beside(chair, sofa, (side * reach, -distance), side * (np.pi / 2 + rng.normal(0.2, 0.15)) * -1)
    for _ in range(arranger.some(0, 4)):
        arranger.rest_on(arranger.make("pillow"), sofa)
    if rng.random() < 0.6:
        side_table = arranger.make("side table")
        side = rng.choice([-1, 1]) * ((size_of(sofa.asset) + size_of(side_table))[0] / 2 + 0.06)
        placed = arranger.beside(side_table, sofa, (side, 0.0))
        if placed:
            arranger.rest_on(arranger.make(("table lamp", "mug", "vase", "book")[rng.integers(4)]), placed)
    television(arranger, facing=sofa)


def television(arranger: Arranger, facing: Placement | None = None) -> None:
    """Low cabinet with a television on it against a wall: opposite a sofa where that wall is free."""
    stand = None
    asset = arranger.make("tv stand")
    if facing:
        stand = arranger.opposite(asset, facing)
    stand = stand or arranger.along_wall(asset)
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
    things = ("alarm clock", "mug", "book", "tissue box")
    x, y = (size_of(bed.asset) + size_of(stand))[0] / 2 + 0.06, (size_of(bed.asset) - size_of(stand))[1] / 2
    for side in (-1, 1):
        placed = arranger.beside(stand, bed, (side * x, y))
        if placed and rng.random() < 0.7:
            arranger.set_on(lamp, placed, top_of(placed))
        if placed:
            arranger.set_on(arranger.make(things[rng.integers(len(things))]), placed, top_of(placed))
    for _ in range(rng.integers(1, 4)):
        arranger.rest_on(arranger.make("pillow"), bed)


def shelves(arranger: Arranger) -> None:
    """Bookshelf with rows of books and other things; one in three juts into the room and hides what is behind it."""
    rng = arranger.rng
    asset = arranger.make("bookshelf")
    shelf = arranger.jutting(asset) if rng.random() < 1 / 3 else arranger.along_wall(asset)
    if not shelf:
        return
    for k in rng.permutation(len(asset.surfaces))[:4]:
        if rng.random() < 0.5:
            books = [arranger.make("book") for _ in range(arranger.some(1, 4))]
            arranger.line_up(books, shelf, asset.surfaces[k])
        else:
            fill_shelf(arranger, shelf, asset.surfaces[k])


def wall_shelf(arranger: Arranger) -> None:
    """Shelf on a wall, at any height, with something on it."""
    asset = arranger.make("wall shelf")
    shelf = arranger.hang(asset, (0.7, 2.1))
    if shelf:
        for surface in asset.surfaces:
            fill_shelf(arranger, shelf, surface)


# What is kept on shelves, side by side, by the type of the room; `None` for all others
SHELF_THINGS: dict[str | None, tuple[tuple[str, ...], ...]] = {
    None: (("vase", "candle"), ("globe",), ("speaker",), ("mug", "bowl"), ("teddy bear",), ("bottle", "vase")),
    "office": (("document tray",), ("pen holder", "globe"), ("telephone",), ("mug", "mug"), ("speaker", "vase")),
    "classroom": (("globe",), ("microscope", "microscope"), ("pen holder", "document tray"), ("ball", "speaker")),
    "kitchen": (
        ("jar", "jar", "jar"),
        ("cereal box", "cereal box"),
        ("teapot", "mug"),
        ("mug", "mug", "mug"),
        ("bowl", "bowl"),
        ("bottle", "bottle"),
        ("cooking pot",),
        ("wine glass",) * 3,
    ),
    "bathroom": (("towel",), ("bottle", "soap dispenser"), ("candle", "vase"), ("toothbrush holder", "bottle")),
    "workshop": (("paint can", "paint can"), ("toolbox",), ("power drill", "bottle"), ("cardboard box",), ("hammer",)),
}


def fill_shelf(arranger: Arranger, shelf: Placement, surface: Surface) -> None:
    """Things side by side on one board."""
    kinds = SHELF_THINGS.get(arranger.room.kind, SHELF_THINGS[None])
    things = kinds[arranger.rng.integers(len(kinds))]
    arranger.line_up([arranger.make(label) for label in things[: max(1, arranger.some(1, 3))]], shelf, surface)


def pile_of_books(arranger: Arranger) -> None:
    """Two to four books, the largest lowest, on the floor by a wall or on something."""
    rng = arranger.rng
    books = [laid_flat(arranger.make("book")) for _ in range(rng.integers(2, 5))]
    books.sort(key=lambda book: -size_of(book)[:2].min())
    hosts = [placed for placed in arranger.placements if placed.label in ("coffee table", "nightstand", "desk")]
    if hosts and rng.random() < 0.5:
        below = arranger.rest_on(books[0], hosts[rng.integers(len(hosts))])
    else:
        below = arranger.along_wall(books[0], gap_m=0.03)
    for book in books[1:]:
        below = below and pile_on(arranger, book, below)


def put_up(arranger: Arranger, label: str, open_share: float) -> Placement | None:
    """Along a wall, or `open_share` of the times in the open, where it hides what is behind it."""
    asset = arranger.make(label)
    in_open = arranger.rng.random() < open_share
    placed = arranger.free_standing(asset, gap_m=0.5, turn="square") if in_open else None
    return placed or arranger.along_wall(asset, gap_m=0.15)


def top_of(placed: Placement) -> Surface:
    """The highest of the surfaces on which things may stand."""
    return max(placed.asset.surfaces, key=lambda surface: surface.z)


def size_of(asset: Asset) -> np.ndarray:
    """Full extents `(3,)`, metres."""
    low, high = asset.bounds
    return high - low
