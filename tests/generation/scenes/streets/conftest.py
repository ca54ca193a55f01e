"""Streets shared by the tests of their source."""

from dataclasses import dataclass

import pytest

from generation.rng import stage_rng
from generation.scenes.base import Scene
from generation.scenes.procedural.placement import Placement
from generation.scenes.streets.buildings import build_rows
from generation.scenes.streets.furnish import furnish
from generation.scenes.streets.ground import build_ground
from generation.scenes.streets.plan import Plan, draw_plan
from generation.scenes.streets.source import StreetSource


@dataclass(frozen=True, eq=False)
class Street:
    """A street's plan, what is built in it and what stands in it."""

    plan: Plan
    structure: list[Placement]
    things: list[Placement]


def build_street(seed: int) -> Street:
    plan = draw_plan(stage_rng(seed, "plan"))
    houses = build_rows(plan, False, stage_rng(seed, "buildings"))
    structure = [*build_ground(plan, stage_rng(seed, "ground")), *(house.placement for house in houses)]
    return Street(plan, structure, furnish(plan, houses, False, stage_rng(seed, "layout")))


@pytest.fixture(scope="session", params=(0, 1, 3), ids=lambda seed: f"seed{seed}")
def street(request: pytest.FixtureRequest) -> Street:
    """Two of the three streets have a crossing."""
    return build_street(request.param)


@pytest.fixture(scope="session", params=range(2), ids=lambda k: f"street{k}")
def street_scene(request: pytest.FixtureRequest) -> Scene:
    """A whole scene with 24 frames."""
    source = StreetSource(seed=11, num_scenes=2)
    return source.load(source.scene_names()[request.param])
