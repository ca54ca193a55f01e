"""Tasks that are made one by one, and their merge."""

import json
import os
import time
from dataclasses import replace

import pytest

from dataset_builder.errors import DatasetError
from generation import draw
from generation import merge as merge_module
from generation.commands import run_generate
from generation.finished import find_finished
from generation.merge import merge
from generation.pipeline import generate, run_task
from generation.plan import make_plan
from generation.settings import GenerateSettings, as_command


def test_tasks_in_any_order_give_the_same_bytes(settings, assert_as_if_undisturbed):
    """Two of three tasks are refused, with the one that is missing and a command for it; three are the whole."""
    settings = replace(settings, tasks=3)
    plan = make_plan(settings)
    for task in (2, 0):
        assert run_task(settings, task) == {}
    with pytest.raises(DatasetError) as refused:
        merge(settings)
    (missing,) = plan.groups_of_task(1, 3)
    assert "1 of 3 scenes are not finished under these settings, in 1 of 3 tasks" in str(refused.value)
    assert f"task 1: {missing[0]}\n    {as_command('generate', replace(settings, task=1))}" in str(refused.value)
    assert "--tasks 3 --task 1" in str(refused.value) and str(settings.out) in str(refused.value)
    assert not settings.out.exists()
    run_task(settings, 1)
    merge(settings)
    assert_as_if_undisturbed(settings.out)


@pytest.mark.parametrize("tasks", [1, 2, 5, 40])
def test_every_group_is_in_one_task(tasks):
    plan = make_plan(GenerateSettings(scenes=1000, seed=3))
    assert len(plan.groups) == 11 + 2 + 4  # of 700, 100 and 200 scenes, at most 64 in each
    of_tasks = [group for task in range(tasks) for group in plan.groups_of_task(task, tasks)]
    assert sorted(of_tasks) == sorted(plan.groups)
    assert sorted(name for group in plan.groups for name in group) == sorted(plan.names)
    assert all(len({plan.splits[name] for name in group}) == 1 for group in plan.groups)


def test_what_is_there_counts_only_under_its_own_settings(undisturbed):
    """Nothing is missing; for other settings everything is; without pixels set otherwise, the scenes are."""
    plan = make_plan(undisturbed)
    assert set(find_finished(undisturbed, plan).done) == set(plan.names)
    for other in ({"seed": 1}, {"view_sets": 9}, {"questions": 4}, {"frames": 7}, {"pixels": True}):
        found = find_finished(replace(undisturbed, **other), plan)
        assert found.missing == set(plan.names) and not found.done
    assert set(find_finished(replace(undisturbed, workers=7, tasks=5), plan).done) == set(plan.names)


def test_a_scene_of_another_draw_is_missing(undisturbed, settings):
    """Its folder is whole and of these settings, but its questions were drawn beside other scenes."""
    os.symlink(undisturbed.work_dir, settings.work_dir)
    plan = make_plan(settings)
    together = replace(plan, groups=[tuple(plan.names)])
    assert find_finished(settings, together).missing == set(plan.names)


def test_long_lists_are_cut(settings):
    settings = replace(settings, scenes=1000, tasks=40)
    with pytest.raises(DatasetError, match="1000 of 1000 scenes .* in 17 of 40 tasks") as refused:
        merge(settings)
    text = str(refused.value)
    assert text.count("spatialmosaic generate") == 10 and text.endswith("and 7 more tasks")
    assert "and 60 more" in text  # 64 scenes of a train group, four of them named


@pytest.mark.parametrize("last, stands", [("write_card", False), ("write_splits", True)])
def test_a_merge_that_was_killed_is_done_again(
    settings, undisturbed, assert_as_if_undisturbed, monkeypatch, last, stands
):
    """No dataset stands without its card; where it stands, the next run may replace it without being asked to."""
    generate_with = replace(settings, overwrite=False)

    class Killed(BaseException):
        pass

    def killed(*given):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(merge_module, last, killed)
        with pytest.raises(Killed):
            generate(generate_with)
    assert settings.out.exists() == (settings.out / "README.md").exists() == stands
    merge(generate_with)
    assert_as_if_undisturbed(settings.out)
    with pytest.raises(DatasetError, match="already holds a dataset"):
        merge(generate_with)


def test_a_dataset_of_somebody_else_is_not_replaced(settings):
    settings.out.mkdir(parents=True)
    (settings.out / "mine.txt").touch()
    for _ in range(2):
        with pytest.raises(DatasetError, match="holds more than a dataset"):
            generate(settings)
    assert [path.name for path in settings.out.iterdir()] == ["mine.txt"]


def test_a_folder_that_may_not_be_replaced_is_refused_before_the_work(settings):
    settings.out.mkdir(parents=True)
    (settings.out / "mine.txt").touch()
    with pytest.raises(DatasetError, match="holds more than a dataset"):
        run_generate(settings)
    assert not settings.work_dir.exists()


def test_two_drivers_at_once(settings, start, assert_as_if_undisturbed):
    """Both run the whole; half-written work of a killed third is in their way."""
    (settings.work_dir / "scenes" / ".room_00000.partial-00ff").mkdir(parents=True)
    first, second = (start("generate", replace(settings, workers=2), "--overwrite") for _ in range(2))
    outputs = [process.communicate(timeout=280)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    assert_as_if_undisturbed(settings.out)


def test_without_resume_the_work_folder_is_made_anew(settings, undisturbed, finish, assert_as_if_undisturbed):
    run_task(settings, 0)
    before = {path: path.stat().st_mtime_ns for path in settings.work_dir.glob("scenes/*/rows.jsonl")}
    (settings.work_dir / "scenes" / "stale").mkdir()
    time.sleep(0.01)
    code, output = finish("generate", settings, "--no-resume")
    assert code == 0, output
    assert not (settings.work_dir / "scenes" / "stale").exists()
    assert len(before) == 3 and all(path.stat().st_mtime_ns > changed for path, changed in before.items())
    assert_as_if_undisturbed(settings.out)


def test_the_command_line_makes_one_task_and_merges(settings, undisturbed, finish, assert_as_if_undisturbed):
    """`--tasks 3 --task 1` makes its own scenes only; a finished set is merged by `merge`, by options or by a file."""
    settings = replace(settings, tasks=3)
    code, output = finish("generate", settings, "--task", "1")
    assert code == 0 and "Task 1 of 3: 1 scenes, 0 of them set aside." in output, output
    plan = make_plan(settings)
    assert set(find_finished(settings, plan).done) == {*plan.groups_of_task(1, 3)[0]} and not settings.out.exists()
    code, output = finish("merge", settings)
    assert code == 2 and "Error:" in output and "task 0: " in output and "task 1: " not in output, output
    for task in (0, 2):
        run_task(settings, task)
    file = settings.out.parent / "settings.yaml"
    file.write_text("executor: slurm\npartition: any\ntime: '1:00:00'\n", encoding="utf-8")
    code, output = finish("merge", settings, "--config", str(file))
    assert code == 0 and "Candidates" in output, output
    file.unlink()
    assert_as_if_undisturbed(settings.out)


def test_a_draw_that_is_there_is_not_made_again(settings, undisturbed, monkeypatch):
    os.symlink(undisturbed.work_dir, settings.work_dir)
    monkeypatch.setattr(draw, "Drawing", None)
    assert run_task(settings, 0) == {}
    with pytest.raises(TypeError):
        run_task(replace(settings, questions=4), 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"executor": "cloud"}, "Use one of: local, slurm, ray"),
        ({"tasks": 0}, "`tasks` must be at least 1"),
        ({"tasks": 4, "task": 4}, "one of 0 to 3, got 4"),
        ({"tasks": 4, "task": -1}, "one of 0 to 3, got -1"),
        ({"tasks": 4, "task": 1, "executor": "ray"}, "runs all tasks"),
        ({"tasks": 4, "task": 1, "resume": False}, "work of all tasks is deleted"),
        ({"executor": "slurm", "partition": "cpu"}, "needs `partition` and `time`"),
    ],
)
def test_settings_that_contradict_each_other(given, message):
    with pytest.raises(ValueError, match=message):
        GenerateSettings(**given)


def test_how_it_is_run_is_not_in_the_record(undisturbed):
    run = json.loads((undisturbed.out / "statistics.json").read_text(encoding="utf-8"))["run"]
    rows = {"source", "seed", "clutter", "scenes", "frames", "view_sets", "questions", "renderer", "pixels"}
    assert set(run) == rows | {"version", "command", "balanced_together", "candidates"}


def test_the_step_runs_in_datatroves_own_local_executor(settings, assert_as_if_undisturbed):
    executors = pytest.importorskip("datatrove.executor", reason="needs the extra [cluster]")
    from generation.executors import MakeScenes

    logs = settings.out.parent / "logs"
    executors.LocalPipelineExecutor([MakeScenes(settings)], tasks=2, workers=1, logging_dir=str(logs)).run()
    assert sorted(path.name for path in (logs / "completions").iterdir()) == ["00000", "00001"]
    merge(settings)
    assert_as_if_undisturbed(settings.out)
