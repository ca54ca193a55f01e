"""Filling rooms with things, as the themes say."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from generation.scenes.base import SceneError
from generation.scenes.procedural.asset import Category
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.habits import add
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room
from generation.scenes.procedural.themes import EVERYWHERE, THEMES
from generation.scenes.procedural.themes.theme import Fill


# Room to walk: random pieces stop when this share of the floor is taken; below the other a room looks empty
MAX_FLOOR_SHARE, MIN_FLOOR_SHARE = 0.42, 0.2
# Each room of a flat gets this share of what a room of its own would hold
FLAT_SHARE = {1: 1.0, 2: 0.72, 3: 0.58, 4: 0.5}
# Fresh starts for a room in which too little fits, and draws of things in each
STARTS, DRAWS, MAX_AT_ONCE = 6, 160, 4
# How often things of one's own are drawn that the catalogue lacks, and up to how many, by where they go
ADDED: Fill = {
    "floor": (3.0, 3), "wall_side": (3.0, 2), "surface": (4.0, 6), "wall": (3.0, 4), "ceiling": (2.0, 3),
    "rug": (2.0, 1),
}  # fmt: skip


def furnish(
    rooms: Sequence[Room],
    rng: np.random.Generator,
    clutter: float = 1.0,
    catalogue: Mapping[str, Category] = CATEGORIES,
) -> list[Placement]:
    """Things for all rooms of a scene, at most 8 of each category; how many, the rooms' themes say.

    Args:
        rooms (sequence of [`Room`]).
        rng (`np.random.Generator`).
        clutter (`float`, *optional*, defaults to 1.0): how many things there are, as a factor.
        catalogue (`Mapping`, *optional*): categories by label; those of the project when left out. Labels that no
            theme names may turn up in every room.

    Raises:
        [`SceneError`]: if several starts leave a room emptier than its theme asks for.
    """
    share = FLAT_SHARE[len(rooms)]
    counts: Counter[str] = Counter()
    furniture = []
    for room in rooms:
        furniture += furnish_room(room, rng, clutter, catalogue, share, counts)
    return furniture


def furnish_room(
    room: Room,
    rng: np.random.Generator,
    clutter: float,
    catalogue: Mapping[str, Category],
    share: float,
    counts: Counter[str],
) -> list[Placement]:
    """Things for one room, `share` of what its theme asks for; adds them to the scene's `counts`."""
    theme = THEMES[room.kind]
    fewest, most = (round(number * share * clutter) for number in theme.objects)
    # what a room must have falls with a low clutter, but does not rise with a high one
    least, least_categories = (
        round(number * share * min(clutter, 1.0)) for number in (theme.objects[0], theme.categories)
    )
    everywhere = {label: (weight * theme.everywhere, limit) for label, (weight, limit) in EVERYWHERE.items()}
    added = {label: ADDED[category.place] for label, category in catalogue.items() if label not in CATEGORIES}
    fill = everywhere | theme.fill | added
    for _ in range(STARTS):
        arranger = Arranger(room, rng, clutter, counts.copy(), catalogue)
        for set_up, low, high in theme.groups:
            for _ in range(rng.integers(low, high + 1)):
                if arranger.floor_share() < MAX_FLOOR_SHARE:
                    set_up(arranger)
        for k in rng.permutation(len(theme.extras)):
            if arranger.floor_share() < MIN_FLOOR_SHARE:
                theme.extras[k](arranger)
        _fill(arranger, fill, int(rng.integers(fewest + (most - fewest) // 4, most + 1)))
        placements = arranger.placements[:most]
        labels = {placed.label for placed in placements}
        if len(placements) >= least and len(labels) >= least_categories and labels.issuperset(theme.needs):
            counts.update(placed.label for placed in placements)
            return placements
    raise SceneError(
        f"After {STARTS} starts, fewer than {least} objects of {least_categories} categories fit into a {room.kind}, "
        f"or one of {theme.needs} does not. Use another seed, or a lower clutter."
    )


def _fill(arranger: Arranger, fill: Fill, target: int) -> None:
    """Add what `fill` lists until `target` things are there or the draws are spent."""
    rng, labels = arranger.rng, list(fill)
    weights = np.array([fill[label][0] for label in labels])
    full = MAX_FLOOR_SHARE * min(1.15, arranger.clutter**0.2)
    for _ in range(round(DRAWS * max(1.0, arranger.clutter))):
        label = labels[rng.choice(len(labels), p=weights / weights.sum())]
        missing = fill[label][1] - arranger.counts[label]
        for _ in range(min(missing, rng.integers(1, MAX_AT_ONCE + 1))):
            if len(arranger.placements) >= target:
                return
            on_floor = arranger.catalogue[label].place in ("floor", "wall_side", "rug")
            if (on_floor and arranger.floor_share() > full) or not add(arranger, label):
                break
