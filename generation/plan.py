"""Which scenes a run has: their splits, the groups that are drawn together, and the tasks that the groups make up.

All of it follows from the settings and the names of the scenes, so every process makes the same plan by itself. A
scene that cannot be used drops out of its group and moves no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dataset_builder.schema import SPLITS
from generation.draw import groups_of
from generation.rng import stage_rng
from generation.scenes import open_source
from generation.scenes.base import FixesSplits
from generation.settings import GenerateSettings


# Shares of the scenes
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2


@dataclass(frozen=True)
class Plan:
    """What there is to do.

    Args:
        names (`list[str]`): all scenes, in the order of the source.
        splits (`dict[str, str]`): split of every scene.
        groups (`list[tuple[str, ...]]`): scenes whose questions are drawn together. A group needs no other.
    """

    names: list[str]
    splits: dict[str, str]
    groups: list[tuple[str, ...]]

    def groups_of_task(self, task: int, tasks: int) -> list[tuple[str, ...]]:
        """The groups of one of `tasks` tasks, from 0 on; none if there are more tasks than groups."""
        return self.groups[task::tasks]


def make_plan(settings: GenerateSettings) -> Plan:
    """The plan of a run.

    Raises:
        [`SceneError`]: the source cannot be opened.
    """
    source = open_source(settings)
    names = source.scene_names()
    splits = split_scenes(names, settings.seed, source.splits() if isinstance(source, FixesSplits) else {})
    groups = [group for split in SPLITS for group in groups_of([name for name in names if splits[name] == split])]
    return Plan(names, splits, groups)


def split_scenes(names: list[str], seed: int, listed: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Assign every scene to a split: the one in `listed`, or else a split at random.

    Of the scenes that are not listed a tenth goes to validation and a fifth to test, at least one each. One scene
    alone is for training; of two, the second is the test split.
    """
    drawn = [name for name in names if name not in listed]
    order = [drawn[k] for k in stage_rng(seed, "splits").permutation(len(drawn))]
    num_test = max(1, round(TEST_SHARE * len(drawn))) if len(drawn) > 1 else 0
    num_validation = max(1, round(VALIDATION_SHARE * len(drawn))) if len(drawn) > 2 else 0
    train, validation, test = SPLITS
    return {name: listed[name] for name in names if name in listed} | {
        name: test if k < num_test else validation if k < num_test + num_validation else train
        for k, name in enumerate(order)
    }
