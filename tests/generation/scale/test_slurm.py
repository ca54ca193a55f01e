"""`--executor slurm`: the job scripts, and array tasks run by hand; `sbatch` is a script that takes notes."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from generation.finished import find_finished
from generation.plan import make_plan


SBATCH = """#!/bin/bash
count=$(ls {notes} | wc -l)
printf '%s\\n' "$@" > {notes}/$count.args
cp "${{@: -1}}" {notes}/$count.script
echo "Submitted batch job $((700 + count / 2))"
"""
SCONTROL = """#!/bin/bash
echo node-1
"""
OPTIONS = ("--executor", "slurm", "--partition", "cpu", "--time", "01:30:00", "--mem-per-cpu-gb", "3")


@pytest.fixture
def slurm(tmp_path):
    """PATH with the stand-ins, and a function from the number of a submission to its options and its script."""
    commands, notes = tmp_path / "bin", tmp_path / "notes"
    commands.mkdir()
    notes.mkdir()
    for name, text in (("sbatch", SBATCH), ("scontrol", SCONTROL)):
        (commands / name).write_text(text.format(notes=notes), encoding="utf-8")
        (commands / name).chmod(0o755)

    def submission(number: int) -> tuple[str, str]:
        return tuple((notes / f"{2 * number}.{kind}").read_text(encoding="utf-8") for kind in ("args", "script"))

    return f"{commands}:{os.environ['PATH']}", submission, notes


def run_by_hand(script: Path, path: str, **environment: str) -> None:
    """What Slurm does on a node."""
    given = {**os.environ, "PATH": path, "PYTHONPATH": str(Path(__file__).resolve().parents[3]), **environment}
    result = subprocess.run(
        ["bash", str(script)], env=given, cwd="/", capture_output=True, text=True, timeout=280, check=False
    )
    assert result.returncode == 0, result.stderr


def test_an_array_of_tasks_and_a_merge(settings, slurm, start, finish, assert_as_if_undisturbed):
    path, submission, notes = slurm
    settings = replace(settings, tasks=3, workers=2)
    code, output = finish("generate", settings, *OPTIONS, PATH=path)
    assert code == 0 and "Slurm job 700 runs the tasks, then job 701 writes" in output, output
    array_options, array_script = submission(0)
    merge_options, merge_script = submission(1)
    lines = array_script.splitlines()
    assert lines[0] == "#!/bin/bash"
    for wanted in ("array=0-2", "cpus-per-task=2", "mem-per-cpu=3G", "time=01:30:00", "partition=cpu", "nodes=1"):
        assert f"#SBATCH --{wanted}" in lines
    assert not re.search("--qos|--account", array_script)  # the cluster's own defaults
    assert lines[-1].startswith("launch_pickled_pipeline /")
    assert "--dependency" not in array_options
    assert "--dependency=afterany:700" in merge_options.splitlines()
    assert "#SBATCH --cpus-per-task=1" in merge_script and "--array" not in merge_script
    assert merge_script.splitlines()[-1].startswith("spatialmosaic merge --scenes 3 ")
    assert str(settings.out) in merge_script

    (folder,) = settings.work_dir.glob("tasks/*-of-3")
    run_by_hand(folder / "launch_script.slurm", path, SLURM_ARRAY_TASK_ID="1", SLURM_NODELIST="node-1")
    plan = make_plan(settings)
    assert set(find_finished(settings, plan).done) == {*plan.groups_of_task(1, 3)[0]}
    assert [one.name for one in (folder / "completions").iterdir()] == ["00001"]

    # A second submission has two tasks left; and none believes a marker whose scenes are gone
    code, output = finish("generate", settings, *OPTIONS, PATH=path)
    assert code == 0 and "#SBATCH --array=0-1" in submission(2)[1].splitlines(), output
    (settings.work_dir / "scenes" / plan.groups_of_task(1, 3)[0][0] / "done.json").unlink()
    code, output = finish("generate", settings, *OPTIONS, PATH=path)
    assert code == 0 and "#SBATCH --array=0-2" in submission(4)[1].splitlines(), output

    # However the rest is made, the merge job joins it
    for task in range(3):
        code, output = finish("generate", settings, "--task", str(task))
        assert code == 0, output
    run_by_hand(folder / "merge_script.slurm", path, SLURM_NODELIST="node-1")
    assert_as_if_undisturbed(settings.out)


def test_where_there_is_no_slurm(settings, finish):
    code, output = finish("generate", settings, *OPTIONS, PATH="/usr/bin:/bin")
    assert code == 2 and "There is no `sbatch` here" in output


def test_a_refusal_of_slurm_is_told(settings, slurm, finish):
    path, _, notes = slurm
    (notes.parent / "bin" / "sbatch").write_text("#!/bin/bash\necho invalid partition >&2\nexit 1\n", encoding="utf-8")
    code, output = finish("generate", settings, *OPTIONS, PATH=path)
    assert code == 2 and "invalid partition" in output and "Slurm refused the job" in output
    assert "Traceback" not in output


def test_without_datatrove_the_remedy_is_told(settings, tmp_path, start, finish):
    (tmp_path / "datatrove").mkdir()
    (tmp_path / "datatrove" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'datatrove'\", name='datatrove')", encoding="utf-8"
    )
    root = Path(__file__).resolve().parents[3]
    code, output = finish("generate", settings, *OPTIONS, PYTHONPATH=f"{tmp_path}:{root}")
    assert code == 2 and "needs the package datatrove. Run pip install 'spatialmosaic[cluster]'" in output, output
