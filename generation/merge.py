"""`spatialmosaic merge`: what all tasks left in the work folder -> the dataset folder."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from dataset_builder.errors import DatasetError
from dataset_builder.raw import write_splits
from dataset_builder.schema import TASK_OF
from dataset_builder.whole import remove_partial
from dataset_builder.writer import SceneRows, check_target, write_dataset
from generation.finished import Finished, find_finished
from generation.locks import at_work, take
from generation.plan import Plan, make_plan
from generation.proposals import BEYOND_LIMIT
from generation.scenes.base import SceneError
from generation.settings import GenerateSettings, as_command, as_options
from hub_cards.dataset_card import write_card


# Of an incomplete set, how many tasks and how many scenes of each are named
SHOWN_TASKS, SHOWN_SCENES = 10, 4


@dataclass
class RunReport:
    """What a run did.

    Args:
        counts (`dict[str, Counter]`): per question type, candidates proposed, kept, and rejected by each rule.
        failed (`dict[str, str]`): scenes that were set aside, with the reason.
    """

    counts: dict[str, Counter] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        for question_type, found in counts.items():
            self.counts.setdefault(question_type, Counter()).update(found)


def check_out(settings: GenerateSettings) -> None:
    """Raise [`DatasetError`] if `merge` may not write the dataset folder: to be known before the work, not after."""
    check_target(settings.out, settings.overwrite or _was_killed(settings))


def merge(settings: GenerateSettings) -> RunReport:
    """Write the dataset folder and its card from what the tasks made, one scene in memory at a time.

    Raises:
        [`DatasetError`]: scenes are missing; or the folder exists and may not be replaced, or cannot be written.
        [`SceneError`]: no scene could be made at all.
    """
    plan = make_plan(settings)
    found = find_finished(settings, plan)
    if found.missing:
        raise DatasetError(_what_is_missing(settings, plan, found))
    if not found.done:
        name, reason = next(iter(found.failed.items()))
        raise SceneError(f"None of the {len(plan.names)} scenes could be used. The first one: {name}: {reason}")
    ordered = [name for name in plan.names if name in found.done]
    report = RunReport(failed=found.failed)
    for name in ordered:
        report.add(found.proposed[name])
        report.add(found.done[name].counts)
    for kind in TASK_OF.keys() & report.counts.keys():
        counts = report.counts[kind]
        counts["not_drawn"] = counts["proposed"] - counts[BEYOND_LIMIT] - counts["kept"]
    raw = {name: found.done[name] for name in ordered}
    scenes = (SceneRows(name, plan.splits[name], one.rows, one.images, one.photos) for name, one in raw.items())
    with at_work(settings.work_dir), _alone(settings) as overwrite:
        run = run_record(settings, plan, found, report)
        write_dataset(settings.out, scenes, run=run, overwrite=overwrite, finish=write_card)
        write_splits(settings.work_dir, {name: plan.splits[name] for name in ordered})
    remove_partial(settings.work_dir, "*/.*.partial-*")
    return report


def run_record(settings: GenerateSettings, plan: Plan, found: Finished, report: RunReport) -> dict:
    """How the rows came about, for `statistics.json` and the card: version, settings, command, the groups of scenes
    that were balanced together, and what each rule turned down. Folders and what ran where stay out of it: no row
    depends on them."""
    folders = {n: word for n, word in (("root", "SCANS"), ("assets", "MESHES")) if getattr(settings, n) is not None}
    options = as_options({n: value for n, value in (settings.of_the_rows | folders).items() if value is not True})
    drawn = [[name for name in group if name in found.proposed] for group in plan.groups]
    return {
        "version": version("spatialmosaic"),
        **settings.of_the_rows,
        "command": " ".join(["spatialmosaic generate", *options]),
        "balanced_together": [group for group in drawn if group],
        "candidates": {kind: dict(sorted(counts.items())) for kind, counts in sorted(report.counts.items())},
    }


def _what_is_missing(settings: GenerateSettings, plan: Plan, found: Finished) -> str:
    """The tasks that are not finished, scenes of each, and the commands that finish them."""
    local = replace(settings, executor="local", partition=None, time=None)
    lines = []
    for task in range(settings.tasks):
        missing = [n for group in plan.groups_of_task(task, settings.tasks) for n in group if n in found.missing]
        if missing:
            more = f" and {len(missing) - SHOWN_SCENES} more" if len(missing) > SHOWN_SCENES else ""
            command = as_command("generate", replace(local, task=task if settings.tasks > 1 else None, resume=True))
            lines.append(f"  task {task}: {', '.join(missing[:SHOWN_SCENES])}{more}\n    {command}")
    more = f"\n  and {len(lines) - SHOWN_TASKS} more tasks" if len(lines) > SHOWN_TASKS else ""
    return (
        f"{settings.out} cannot be written: {len(found.missing)} of {len(plan.names)} scenes are not finished under "
        f"these settings, in {len(lines)} of {settings.tasks} tasks. Make them by these commands, or by the "
        "`generate` that you ran before, which goes on where it ended; then merge again.\n"
        + "\n".join(lines[:SHOWN_TASKS])
        + more
    )


@contextmanager
def _alone(settings: GenerateSettings) -> Iterator[bool]:
    """Wait until no other process merges this work folder, and say whether the dataset folder may be replaced.

    A merge that is killed leaves its mark in the lock file: what stands in the dataset folder is then its own.
    """
    with _lock_file(settings).open("a+", encoding="utf-8") as file:
        take(file, alone=True)
        killed = _was_killed(settings)
        if not settings.out.exists():
            file.write("merging")
            file.flush()
        yield settings.overwrite or killed
        file.truncate(0)


def _was_killed(settings: GenerateSettings) -> bool:
    """Whether a merge has left its mark."""
    return _lock_file(settings).exists() and _lock_file(settings).stat().st_size > 0


def _lock_file(settings: GenerateSettings) -> Path:
    return settings.work_dir / "merge.lock"
