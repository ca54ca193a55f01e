"""Where single things go: each category has its ways, and each way is drawn with its weight.

Things of one category end up at many heights: pictures hang, or lean on the floor and on sideboards; boxes stand on
the floor and on wardrobes; lamps on tables and on the floor. So words alone do not tell what is higher than what.
"""

from collections.abc import Callable

import numpy as np

from generation.scenes.procedural.asset import Asset, Surface
from generation.scenes.procedural.catalogue.assembly import standing
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.shapes import turned


Way = Callable[[Arranger, Asset], Placement | None]

# A surface is high from here on, metres above the floor
HIGH_M = 1.2
# How many carriers are tried
HOSTS_TRIED = 5
LEAN_DEG = (7.0, 13.0)

SOFT_HOSTS = frozenset({"sofa", "armchair", "bed"})
SOFT_THINGS = frozenset({"pillow", "teddy bear", "laptop", "book"})
# Variants that are small enough for shelves
COMPACT = {"potted plant": ("cactus",)}
# What is too large to be put on a table, but may stand on something tall or long
BULKY = frozenset({"cardboard box", "suitcase", "basket", "picture"})


def on_floor(arranger: Arranger, asset: Asset) -> Placement | None:
    return arranger.free_standing(asset)


def square_on_floor(arranger: Arranger, asset: Asset) -> Placement | None:
    return arranger.free_standing(asset, turn="square")


def at_wall(arranger: Arranger, asset: Asset) -> Placement | None:
    return arranger.along_wall(asset)


def hung(arranger: Arranger, asset: Asset) -> Placement | None:
    return arranger.hang(asset)


def hung_anywhere(arranger: Arranger, asset: Asset) -> Placement | None:
    """Anywhere from knee height up to the ceiling."""
    low, high = asset.bounds
    half = (high - low)[2] / 2
    return arranger.hang(asset, (0.35 + half, 2.2))


def from_ceiling(arranger: Arranger, asset: Asset) -> Placement | None:
    return arranger.from_ceiling(asset)


def on_something(arranger: Arranger, asset: Asset) -> Placement | None:
    return _on_one_of(arranger, asset, lambda host, surface: True)


def up_high(arranger: Arranger, asset: Asset) -> Placement | None:
    """On a wardrobe, a refrigerator, a bookshelf."""
    return _on_one_of(arranger, asset, lambda host, surface: host.position[2] + surface.z >= HIGH_M)


def leaning_on_floor(arranger: Arranger, asset: Asset) -> Placement | None:
    """A picture that nobody has hung up yet."""
    return arranger.along_wall(leaning(asset, arranger.rng))


def leaning_on_something(arranger: Arranger, asset: Asset) -> Placement | None:
    """A picture on a sideboard, its foot a hand's breadth from the edge at the wall."""
    rng, leaned = arranger.rng, leaning(asset, arranger.rng)
    hosts = [placed for placed in arranger.placements if arranger.catalogue[placed.label].place == "wall_side"]
    for k in rng.permutation(len(hosts))[:HOSTS_TRIED]:
        for surface in _open_tops(hosts[k]):
            placed = arranger.set_on(leaned, hosts[k], surface, (float(rng.uniform(-1, 1)), 1.0))
            if placed:
                return placed
    return None


def piled(arranger: Arranger, asset: Asset) -> Placement | None:
    """Flat on the floor near a wall, on furniture, or on a thing of its kind that already lies there."""
    flat = laid_flat(asset)
    below = [placed for placed in arranger.placements if placed.label == asset.label and is_flat(placed.asset)]
    for k in arranger.rng.permutation(len(below))[:HOSTS_TRIED]:
        placed = pile_on(arranger, flat, below[k])
        if placed:
            return placed
    if arranger.rng.random() < 0.5:
        return arranger.along_wall(flat, gap_m=0.03)
    return on_something(arranger, flat)


WAYS: dict[str, tuple[tuple[Way, float], ...]] = {
    "floor": ((at_wall, 0.6), (on_floor, 0.4)),
    "wall_side": ((at_wall, 1.0),),
    "rug": ((square_on_floor, 1.0),),
    "wall": ((hung, 1.0),),
    "ceiling": ((from_ceiling, 1.0),),
    "surface": ((on_something, 1.0),),
}
HABITS: dict[str, tuple[tuple[Way, float], ...]] = {
    "picture": ((hung, 0.4), (hung_anywhere, 0.25), (leaning_on_something, 0.2), (leaning_on_floor, 0.15)),
    "clock": ((hung_anywhere, 1.0),),
    "mirror": ((hung, 0.6), (leaning_on_floor, 0.25), (leaning_on_something, 0.15)),
    "book": ((on_something, 0.45), (piled, 0.35), (up_high, 0.2)),
    "potted plant": ((at_wall, 0.35), (on_floor, 0.1), (on_something, 0.3), (up_high, 0.25)),
    "cardboard box": ((at_wall, 0.35), (on_floor, 0.1), (up_high, 0.35), (on_something, 0.2)),
    "suitcase": ((at_wall, 0.6), (up_high, 0.4)),
    "basket": ((at_wall, 0.45), (up_high, 0.25), (on_something, 0.3)),
    "backpack": ((at_wall, 0.6), (on_something, 0.4)),
    "table lamp": ((on_something, 0.4), (at_wall, 0.35), (up_high, 0.25)),
    "vase": ((on_something, 0.55), (up_high, 0.25), (at_wall, 0.2)),
    "globe": ((on_something, 0.5), (up_high, 0.4), (on_floor, 0.1)),
    "teddy bear": ((on_something, 0.5), (at_wall, 0.15), (on_floor, 0.1), (up_high, 0.25)),
    "speaker": ((on_something, 0.4), (at_wall, 0.35), (up_high, 0.25)),
    "bottle": ((on_something, 0.7), (at_wall, 0.15), (up_high, 0.15)),
    "candle": ((on_something, 0.8), (up_high, 0.2)),
    "printer": ((on_something, 0.8), (at_wall, 0.2)),
    "ball": ((on_floor, 0.4), (at_wall, 0.3), (up_high, 0.3)),
    "shoe": ((at_wall, 0.6), (on_floor, 0.4)),
    "cooking pot": ((on_something, 0.7), (up_high, 0.3)),
    "pillow": ((on_something, 0.85), (on_floor, 0.15)),
    "laptop": ((on_something, 0.9), (on_floor, 0.1)),
    "umbrella": ((at_wall, 1.0),),
    "wall shelf": ((hung_anywhere, 1.0),),
    "wall cabinet": ((hung, 1.0),),
    "towel rail": ((hung, 1.0),),
    "bulletin board": ((hung, 0.8), (leaning_on_floor, 0.1), (leaning_on_something, 0.1)),
    "whiteboard": ((hung, 0.85), (leaning_on_floor, 0.15)),
    "toolbox": ((on_something, 0.6), (at_wall, 0.4)),
    "paint can": ((on_something, 0.55), (at_wall, 0.3), (up_high, 0.15)),
    "towel": ((on_something, 0.8), (up_high, 0.2)),
    "bucket": ((at_wall, 0.75), (up_high, 0.25)),
    "jerrycan": ((at_wall, 0.8), (up_high, 0.2)),
    "laundry basket": ((at_wall, 0.85), (up_high, 0.15)),
    "vacuum cleaner": ((at_wall, 1.0),),
    "tissue box": ((on_something, 0.8), (up_high, 0.2)),
    "cereal box": ((on_something, 0.6), (up_high, 0.4)),
    "jar": ((on_something, 0.6), (up_high, 0.4)),
    "record player": ((on_something, 0.8), (at_wall, 0.2)),
    "microscope": ((on_something, 0.7), (up_high, 0.3)),
}  # fmt: skip


def add(arranger: Arranger, label: str) -> Placement | None:
    """One more of a category, in one of its ways; in another one if that fails."""
    ways = HABITS.get(label) or WAYS[arranger.catalogue[label].place]
    weights = np.array([weight for _, weight in ways])
    for k in arranger.rng.choice(len(ways), min(2, len(ways)), replace=False, p=weights / weights.sum()):
        way = ways[k][0]
        compact = COMPACT.get(label) if way in (on_something, up_high) else None
        placed = way(arranger, arranger.make(label, compact and compact[arranger.rng.integers(len(compact))]))
        if placed:
            return placed
    return None


def leaning(asset: Asset, rng: np.random.Generator) -> Asset:
    """A thing made for a wall, as it leans back against one, standing on its lower edge."""
    return standing(asset.label, [turned(part, "x", -float(rng.uniform(*LEAN_DEG))) for part in asset.parts])


def laid_flat(asset: Asset) -> Asset:
    """A book as it lies; the same asset if it lies already."""
    return asset if is_flat(asset) else standing(asset.label, [turned(part, "y", 90) for part in asset.parts])


def is_flat(asset: Asset) -> bool:
    low, high = asset.bounds
    return bool((high - low)[2] < (high - low)[:2].min())


def pile_on(arranger: Arranger, asset: Asset, below: Placement) -> Placement | None:
    """A flat thing on another that it does not overhang."""
    low, high = below.asset.bounds
    inset = 0.003
    top = Surface((low[0] + inset, high[0] - inset), (low[1] + inset, high[1] - inset), float(high[2]))
    return arranger.set_on(asset, below, top, (0.0, 0.0), float(arranger.rng.normal(0, 0.06)))


def _open_tops(host: Placement) -> list[Surface]:
    return [surface for surface in host.asset.surfaces if surface.clearance_m > 1.0]


def _on_one_of(arranger: Arranger, asset: Asset, is_fit: Callable[[Placement, Surface], bool]) -> Placement | None:
    """On a surface that `is_fit`, of a thing that carries such things; turned a little."""
    rng = arranger.rng
    spots = [
        (host, surface)
        for host in arranger.placements if may_carry(arranger, host, asset.label)
        for surface in host.asset.surfaces if is_fit(host, surface)
    ]  # fmt: skip
    for k in rng.permutation(len(spots))[:HOSTS_TRIED]:
        placed = arranger.set_on(asset, *spots[k], yaw=float(rng.normal(0, 0.2)))
        if placed:
            return placed
    return None


def may_carry(arranger: Arranger, host: Placement, label: str) -> bool:
    """Soft seats carry soft things, and only those; bulky things need something large."""
    if host.label in SOFT_HOSTS:
        return label in SOFT_THINGS
    if label in BULKY:
        return arranger.catalogue[host.label].place == "wall_side"
    return label != "pillow"
