"""What `spatialmosaic generate`, `merge` and `annotate` do; the console command hands over their settings."""

from collections import Counter
from importlib import import_module
from types import ModuleType

from rich.console import Console
from rich.table import Table

from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from generation.annotation.annotate import annotate_scene
from generation.annotation.table import write_table
from generation.locks import at_work, remove_work
from generation.merge import check_out, merge
from generation.pipeline import STEPS_PER_SCENE, run_task
from generation.plan import make_plan
from generation.processes import run_step
from generation.rendering.blender.session import check_installed
from generation.scenes import open_source
from generation.scenes.base import SceneError
from generation.scenes.checks import check_scene
from generation.settings import AnnotateSettings, GenerateSettings


def run_generate(settings: GenerateSettings) -> None:
    """Make the dataset folder, or one task of it, and print what was proposed, kept and turned down."""
    if settings.task is None:
        check_out(settings)
    if settings.pixels and settings.renderer == "blender":
        check_installed()  # before hours of work, not after
    if not settings.resume:
        remove_work(settings.work_dir)
    if settings.executor == "slurm":
        Console().print(_executors(settings).submit_to_slurm(settings))
        return
    with at_work(settings.work_dir):
        if settings.executor == "ray":
            with progress_bar("Generating", settings.tasks, "tasks") as advance:
                _executors(settings).run_on_ray(settings, on_task=advance)
        else:
            run_here(settings)
        if settings.task is None:
            run_merge(settings)


def _executors(settings: GenerateSettings) -> ModuleType:
    """The module `executors`, whose packages a run on this machine does without."""
    try:
        if settings.executor == "ray":
            import_module("ray")
        return import_module("generation.executors")
    except ModuleNotFoundError as error:
        raise DatasetError(
            f"The executor {settings.executor} needs the package {error.name}. "
            f"Run pip install 'spatialmosaic[{'ray' if settings.executor == 'ray' else 'cluster'}]'."
        ) from error


def run_here(settings: GenerateSettings) -> None:
    """Run all tasks, or the one that is asked for, in this process."""
    tasks = range(settings.tasks) if settings.task is None else [settings.task]
    plan, failed = make_plan(settings), {}
    scenes = sum(len(group) for task in tasks for group in plan.groups_of_task(task, settings.tasks))
    with progress_bar("Generating", STEPS_PER_SCENE * scenes, "scene steps") as advance:
        for task in tasks:
            failed |= run_task(settings, task, on_step=advance)
    if settings.task is not None:
        lines = [f"  {name}: {reason}" for name, reason in sorted(failed.items())]
        Console().print(
            f"Task {settings.task} of {settings.tasks}: {scenes} scenes, {len(failed)} of them set aside.",
            *lines,
            "When all tasks are done, `spatialmosaic merge` with the same settings writes the dataset.",
            sep="\n",
        )


def run_merge(settings: GenerateSettings) -> None:
    """Write the dataset folder from what the tasks made."""
    report = merge(settings)
    Console().print(reject_table(report.counts), f"Dataset: {settings.out}", sep="\n")
    raise_for_failed(report.failed)


def run_annotate(settings: AnnotateSettings) -> None:
    """Write one table for every scene."""
    names = open_source(settings).scene_names()
    failed = {}
    with progress_bar("Annotating", len(names), "scenes") as advance:
        for name, result in run_step(annotate_to_table, settings, names):
            if isinstance(result, str):
                failed[name] = result
            advance(1)
    Console().print(f"Tables of {len(names) - len(failed)} scenes: {settings.out}")
    raise_for_failed(failed)


def annotate_to_table(settings: AnnotateSettings, name: str) -> None:
    """Annotate one scene, structure included, and write its table."""
    scene = check_scene(open_source(settings).load(name))
    write_table(annotate_scene(scene, settings.seed, with_structure=True), settings.out)


def reject_table(counts: dict[str, Counter]) -> Table:
    """Per question type: candidates proposed and kept, and how many each rule turned down."""
    table = Table("question type", "proposed", "kept", "turned down", title="Candidates")
    for question_type, found in sorted(counts.items()):
        rules = sorted((rule, n) for rule, n in found.items() if rule not in ("proposed", "kept"))
        turned_down = ", ".join(f"{rule} {n:,}" for rule, n in rules)
        table.add_row(question_type, f"{found['proposed']:,}", f"{found['kept']:,}", turned_down)
    return table


def raise_for_failed(failed: dict[str, str]) -> None:
    """Raise [`SceneError`] that lists the scenes set aside, so that the command does not end as if all were well."""
    if failed:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in sorted(failed.items()))
        raise SceneError(f"Scenes that were set aside, and why:\n{lines}")
