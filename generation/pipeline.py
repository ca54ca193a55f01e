"""Scenes -> rows, then one dataset folder. Each task makes its own groups of scenes, and the merge joins them.

A task has three steps that each run on any number of processes:

1. every scene proposes questions (`proposals`);
2. of each group of scenes, the questions that are asked are drawn (`draw`);
3. every scene gives the rows and the images of its questions (`make_scene`).

What a step gives depends on the settings and on what it reads alone, so neither the number of tasks or workers nor a
stop and a restart changes a byte. Everything is left in the work folder; a run that finds it goes on there.
"""

from collections.abc import Callable

from generation.draw import draw_group
from generation.locks import at_work
from generation.make_scene import make_scene
from generation.merge import RunReport, merge
from generation.plan import make_plan
from generation.processes import run_step
from generation.proposals import propose_scene
from generation.set_aside import set_aside
from generation.settings import GenerateSettings


STEPS_PER_SCENE = 2


def generate(settings: GenerateSettings, on_step: Callable[[int], None] = lambda count: None) -> RunReport:
    """Make the dataset folder `settings.out` on this machine.

    Args:
        settings ([`GenerateSettings`]).
        on_step (`Callable[[int], None]`): called with how many more of `STEPS_PER_SCENE` are done for some scene.

    Returns:
        [`RunReport`]; scenes in `failed` are not in the folder.

    Raises:
        [`DatasetError`]: the folder exists and may not be replaced, or cannot be written.
        [`SceneError`]: no scene could be made at all.
    """
    with at_work(settings.work_dir):
        for task in range(settings.tasks):
            run_task(settings, task, on_step)
        return merge(settings)


def run_task(
    settings: GenerateSettings, task: int, on_step: Callable[[int], None] = lambda count: None
) -> dict[str, str]:
    """Make the scenes of one of `settings.tasks` tasks, from 0 on, in the work folder.

    Returns:
        `dict[str, str]`: scenes that were set aside, with the reason.
    """
    groups = make_plan(settings).groups_of_task(task, settings.tasks)
    failed = {}
    for name, result in run_step(propose_scene, settings, [name for group in groups for name in group]):
        if isinstance(result, str):
            failed[name] = result
        on_step(STEPS_PER_SCENE if name in failed else 1)
    usable = [tuple(name for name in group if name not in failed) for group in groups]
    usable = [group for group in usable if group]
    for group, reason in run_step(draw_group, settings, usable):
        if reason is not None:
            failed |= dict.fromkeys(group, reason)
            on_step(len(group))
    for name, result in run_step(make_scene, settings, [n for group in usable for n in group if n not in failed]):
        if isinstance(result, str):
            failed[name] = result
        on_step(1)
    for name, reason in failed.items():
        set_aside(settings, name, reason)
    return failed
