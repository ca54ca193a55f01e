"""Rooms shared by the tests of the procedural source."""

import pytest

from generation.rng import stage_rng
from generation.scenes.base import Scene
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.source import ProceduralSource
from generation.scenes.procedural.themes import furnish


Furnished = tuple[Room, list[Placement]]


@pytest.fixture(scope="session", params=range(8), ids=lambda seed: f"seed{seed}")
def furnished(request: pytest.FixtureRequest) -> Furnished:
    """A room and everything that stands or hangs in it."""
    room = build_room(stage_rng(request.param, "room"))
    return room, furnish(room, stage_rng(request.param, "layout"))


@pytest.fixture(scope="session", params=range(4), ids=lambda k: f"room{k}")
def scene(request: pytest.FixtureRequest) -> Scene:
    """A whole procedural scene."""
    source = ProceduralSource(seed=11, num_scenes=4)
    return source.load(source.scene_names()[request.param])
