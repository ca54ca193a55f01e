"""Places shared by the tests of the procedural source."""

from collections import defaultdict
from functools import cache

import pytest

from generation.rng import stage_rng
from generation.scenes.base import Scene
from generation.scenes.procedural.flat import build_flat
from generation.scenes.procedural.furnish import furnish
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.source import ProceduralSource
from generation.scenes.procedural.themes import THEMES


Rooms = tuple[Room, ...]
Furnished = tuple[Rooms, list[Placement]]
# One place of each type and three flats, each of another seed
# A flat, a classroom and a children's room
SEED, SCENES = 12, 3
PLACES = [*((kind, seed) for seed, kind in enumerate(THEMES)), *(("flat", seed) for seed in range(3))]


def empty_place(kind: str, seed: int) -> Rooms:
    rng = stage_rng(seed, "room", kind)
    return build_flat(rng) if kind == "flat" else (build_room(kind, rng),)


@cache
def furnished_place(kind: str, seed: int) -> Furnished:
    rooms = empty_place(kind, seed)
    return rooms, furnish(rooms, stage_rng(seed, "layout", kind))


@cache
def procedural_scene(number: int) -> Scene:
    source = ProceduralSource(seed=SEED, num_scenes=SCENES)
    return source.load(source.scene_names()[number])


@pytest.fixture(params=PLACES, ids=lambda place: f"{place[0].replace(' ', '_')}{place[1]}")
def furnished(request: pytest.FixtureRequest) -> Furnished:
    """The rooms of a place, and everything that stands or hangs in them."""
    return furnished_place(*request.param)


@pytest.fixture
def all_furnished() -> dict[str, list[Furnished]]:
    """All places that `furnished` gives one by one, by their type."""
    places = defaultdict(list)
    for kind, seed in PLACES:
        places[kind].append(furnished_place(kind, seed))
    return places


@pytest.fixture(params=range(SCENES), ids=lambda k: f"room{k}")
def scene(request: pytest.FixtureRequest) -> Scene:
    """A whole procedural scene."""
    return procedural_scene(request.param)


@pytest.fixture
def all_scenes() -> list[Scene]:
    return [procedural_scene(number) for number in range(SCENES)]
