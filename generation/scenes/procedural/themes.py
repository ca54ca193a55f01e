"""What kinds of rooms there are, and how each is furnished."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generation.scenes.base import SceneError
from generation.scenes.procedural import groups
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.layout import MAX_FLOOR_SHARE, Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room


MIN_OBJECTS, MAX_OBJECTS, MIN_CATEGORIES = 28, 48, 12
# Below this share of covered floor a room looks empty, and gets a few of these besides what its theme asks for
MIN_FLOOR_SHARE = 0.2
EXTRAS = (groups.shelves, groups.lounge, groups.dining_place, groups.workplace)
# Fresh starts for a room in which too little fits
STARTS = 12
DRAWS = 120

SOFT_HOSTS = frozenset({"sofa", "armchair", "bed"})
SOFT_THINGS = frozenset({"pillow", "teddy bear", "laptop", "book"})

# Label -> how often it is drawn, and up to how many the room is filled with
Fill = dict[str, tuple[float, int]]
MAX_AT_ONCE = 4
EVERYWHERE: Fill = {
    "potted plant": (1.6, 6), "picture": (2.4, 8), "floor lamp": (0.7, 2), "book": (1.2, 8), "vase": (0.9, 5),
    "clock": (0.6, 1), "trash can": (0.6, 2), "cardboard box": (0.8, 6), "stool": (0.6, 5), "backpack": (0.5, 3),
    "bottle": (0.7, 7), "suitcase": (0.5, 3), "basket": (0.6, 4), "umbrella": (0.3, 2), "fan": (0.4, 1),
    "radiator": (0.5, 1), "globe": (0.3, 1), "candle": (0.5, 5), "coat rack": (0.4, 1), "bicycle": (0.3, 1),
    "fire extinguisher": (0.2, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Theme:
    """A kind of room.

    Args:
        groups (`tuple`): what is set up first: function, fewest and most times.
        fill (`dict`): what is added, besides `EVERYWHERE`.
    """

    groups: tuple[tuple[Callable[[Arranger], None], int, int], ...]
    fill: Fill


THEMES = {
    "office": Theme(
        groups=((groups.workplace, 2, 4), (groups.shelves, 1, 3)),
        fill={
            "mug": (1.5, 7), "table lamp": (0.8, 4), "whiteboard": (0.8, 1), "cabinet": (0.8, 3), "printer": (0.7, 1),
            "laptop": (0.7, 5), "monitor": (0.5, 6), "office chair": (0.7, 7), "speaker": (0.5, 4), "ladder": (0.2, 1),
        },
    ),
    "living room": Theme(
        groups=((groups.lounge, 1, 1), (groups.shelves, 1, 3)),
        fill={
            "mug": (0.8, 5), "pillow": (1.6, 7), "armchair": (0.7, 3), "wine glass": (0.6, 6), "bowl": (0.7, 4),
            "speaker": (0.7, 4), "table lamp": (0.8, 3), "bench": (0.4, 1), "guitar": (0.5, 3), "piano": (0.4, 1),
            "ball": (0.5, 4), "teddy bear": (0.4, 3), "cabinet": (0.5, 2),
        },
    ),
    "bedroom": Theme(
        groups=((groups.sleeping_place, 1, 2), (groups.workplace, 0, 1), (groups.shelves, 0, 2)),
        fill={
            "wardrobe": (1.0, 2), "dresser": (1.0, 1), "teddy bear": (1.0, 6), "rug": (0.8, 1), "shoe": (1.0, 8),
            "table lamp": (0.8, 4), "armchair": (0.5, 2), "bench": (0.4, 1), "pillow": (0.8, 6), "mug": (0.6, 3),
            "ball": (0.8, 5), "skateboard": (0.5, 3), "guitar": (0.5, 2), "laptop": (0.4, 2),
        },
    ),
    "kitchen": Theme(
        groups=((groups.dining_place, 1, 2), (groups.appliances, 1, 1), (groups.shelves, 0, 1)),
        fill={
            "mug": (1.0, 8), "bowl": (1.0, 7), "plate": (1.0, 8), "cabinet": (1.2, 5), "bench": (0.5, 2),
            "kettle": (0.8, 1), "cooking pot": (0.8, 5), "frying pan": (0.7, 4), "microwave": (0.7, 1),
            "toaster": (0.7, 1), "wine glass": (0.8, 8), "pendant lamp": (0.5, 4),
        },
    ),
    "studio": Theme(
        groups=(
            (groups.sleeping_place, 0, 1), (groups.lounge, 0, 1), (groups.dining_place, 0, 1),
            (groups.workplace, 1, 2), (groups.shelves, 1, 2),
        ),
        fill={
            "mug": (1.0, 6), "pillow": (0.8, 6), "armchair": (0.7, 3), "table lamp": (0.7, 4), "bowl": (0.6, 4),
            "wardrobe": (0.5, 1), "guitar": (0.5, 3), "skateboard": (0.6, 4), "shoe": (0.8, 8), "rug": (0.6, 1),
            "ball": (0.6, 5), "ladder": (0.3, 1), "washing machine": (0.3, 1),
        },
    ),
}  # fmt: skip


def furnish(room: Room, rng: np.random.Generator) -> list[Placement]:
    """Things for one room: 28 to 48 of at least 12 categories, at most 8 of each.

    Raises:
        [`SceneError`]: if several starts leave the room emptier than that.
    """
    for _ in range(STARTS):
        theme = list(THEMES.values())[rng.integers(len(THEMES))]
        arranger = Arranger(room, rng)
        for set_up, fewest, most in theme.groups:
            for _ in range(rng.integers(fewest, most + 1)):
                if arranger.floor_share() < MAX_FLOOR_SHARE:
                    set_up(arranger)
        for k in rng.permutation(len(EXTRAS)):
            if arranger.floor_share() < MIN_FLOOR_SHARE:
                EXTRAS[k](arranger)
        _fill(arranger, EVERYWHERE | theme.fill, int(rng.integers(MIN_OBJECTS + 4, MAX_OBJECTS + 1)))
        placements = arranger.placements[:MAX_OBJECTS]
        if len(placements) >= MIN_OBJECTS and len({placed.label for placed in placements}) >= MIN_CATEGORIES:
            return placements
    raise SceneError(
        f"Fewer than {MIN_OBJECTS} objects of {MIN_CATEGORIES} categories fit in after {STARTS} starts. "
        "Use another seed."
    )


def _fill(arranger: Arranger, fill: Fill, target: int) -> None:
    """Add what `fill` lists until `target` things are there or `DRAWS` draws are spent."""
    rng, labels = arranger.rng, list(fill)
    weights = np.array([fill[label][0] for label in labels])
    for _ in range(DRAWS):
        label = labels[rng.choice(len(labels), p=weights / weights.sum())]
        missing = fill[label][1] - arranger.counts[label]
        for _ in range(min(missing, rng.integers(1, MAX_AT_ONCE + 1))):
            if len(arranger.placements) >= target:
                return
            if not _add(arranger, label):
                break


def _add(arranger: Arranger, label: str) -> Placement | None:
    """One more of a category, where such things go."""
    place = CATEGORIES[label].place
    if place in ("floor", "wall_side", "rug") and arranger.floor_share() > MAX_FLOOR_SHARE:
        return None
    asset = arranger.make(label)
    if place == "surface":
        return _on_something(arranger, asset)
    if place == "wall_side":
        return arranger.along_wall(asset)
    if place == "wall":
        return arranger.hang(asset)
    if place == "ceiling":
        return arranger.from_ceiling(asset)
    return arranger.free_standing(asset, turn="square" if place == "rug" else "any")


def _on_something(arranger: Arranger, asset: Asset) -> Placement | None:
    hosts = [placed for placed in arranger.placements if _may_carry(placed, asset.label)]
    for k in arranger.rng.permutation(len(hosts))[:4]:
        placed = arranger.rest_on(asset, hosts[k])
        if placed:
            return placed
    return None


def _may_carry(host: Placement, label: str) -> bool:
    if not host.asset.surfaces:
        return False
    return label in SOFT_THINGS if host.label in SOFT_HOSTS else label != "pillow"
