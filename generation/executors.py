"""`--executor slurm` and `--executor ray`: the tasks of a run as a datatrove step, on the machines of a cluster.

All machines must see the work folder and the scans under the same paths.
"""

import hashlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from datatrove.executor import RayPipelineExecutor, SlurmPipelineExecutor
from datatrove.executor.slurm import launch_slurm_job
from datatrove.pipeline.base import PipelineStep

from generation.finished import find_finished
from generation.locks import at_work
from generation.pipeline import run_task
from generation.plan import make_plan
from generation.settings import GenerateSettings, as_command


# Times that Ray starts a task again whose process was killed
RAY_RETRIES = 3


class MakeScenes(PipelineStep):
    """Makes the scenes of one task in the work folder; datatrove's `rank` is the task, its `world_size` their number.

    Args:
        settings ([`GenerateSettings`]): with absolute paths.
    """

    name = "Scenes to rows"
    type = "SpatialMosaic"

    def __init__(self, settings: GenerateSettings):
        super().__init__()
        self.settings = settings

    def run(self, data=None, rank: int = 0, world_size: int = 1):
        with at_work(self.settings.work_dir):
            failed = run_task(replace(self.settings, tasks=world_size), rank)
        self.stat_update("set_aside", value=len(failed))
        return data


class SlurmExecutor(SlurmPipelineExecutor):
    """datatrove's own, but what follows the tasks is `spatialmosaic merge` instead of a merge of its statistics."""

    merge_job_id: str

    def launch_merge_stats(self) -> None:
        # whatever became of the tasks: the merge says what is missing
        self.launch_merge(f"--dependency=afterany:{self.job_id}")

    def launch_merge(self, *options: str) -> None:
        """Submit the merge as a job of one processor."""
        log = str(Path(self.slurm_logs_folder) / "merge_%j.out")
        given = {**self.get_sbatch_args(), "cpus-per-task": 1, "output": log, "error": log}
        del given["array"]
        settings = replace(self.pipeline[0].settings, executor="local", partition=None, time=None)
        script = self.get_launch_file_contents(given, as_command("merge", settings))
        with self.logging_dir.open("merge_script.slurm", "w") as file:
            file.write(script)
        self.merge_job_id = launch_slurm_job(script, self.job_id_retriever, *options)


class RayExecutor(RayPipelineExecutor):
    """datatrove's own, but each rank is a plain Ray task, which Ray starts again when its process is killed.

    The library's `run` forks a process inside an actor, and waits for ever when that process is killed.
    """

    def run(self, on_task: Callable[[int], None]) -> None:
        import ray

        needed = {"CPU": self.cpus_per_task, "memory": self.mem_per_cpu_gb * self.cpus_per_task * 2**30}
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        if not any(all(node.get(name, 0) >= amount for name, amount in needed.items()) for node in nodes):
            raise ChildProcessError(
                f"No machine of the Ray cluster has the {self.cpus_per_task} CPUs with {self.mem_per_cpu_gb} GB each "
                "that a task needs. Give fewer `--workers` or less `--mem-per-cpu-gb`."
            )
        options = {"num_cpus": needed["CPU"], "memory": needed["memory"], "max_retries": RAY_RETRIES}
        run_rank, executor, failed = ray.remote(**options)(_run_rank), ray.put(self), {}
        running = {run_rank.remote(executor, rank): rank for rank in self.get_incomplete_ranks()}
        on_task(self.tasks - len(running))
        while running:
            for done in ray.wait(list(running))[0]:
                rank = running.pop(done)
                try:
                    ray.get(done)
                except ray.exceptions.RayError as error:
                    failed[rank] = str(error).strip().splitlines()[-1]
                on_task(1)
        if failed:
            reasons = "\n".join(f"  task {rank}: {reason}" for rank, reason in sorted(failed.items()))
            raise ChildProcessError(
                f"{len(failed)} of {self.tasks} tasks failed. What is finished is kept: run the same command again.\n"
                f"{reasons}\nThe logs are in {self.logging_dir.resolve_paths('logs')}."
            )


def _run_rank(executor: RayExecutor, rank: int) -> None:
    executor._run_for_rank(rank)


def submit_to_slurm(settings: GenerateSettings) -> str:
    """Submit the tasks as an array of jobs, and the merge as a job that waits for them; return what to tell the user.

    Raises:
        `ChildProcessError`: there is no Slurm here, or it refuses the job.
    """
    if shutil.which("sbatch") is None:
        raise ChildProcessError("There is no `sbatch` here. Run this on a machine from which Slurm takes jobs.")
    settings = _with_absolute_paths(settings)
    executor = SlurmExecutor(
        [MakeScenes(settings)],
        tasks=settings.tasks,
        time=settings.time,
        partition=settings.partition,
        cpus_per_task=settings.workers,
        mem_per_cpu_gb=settings.mem_per_cpu_gb,
        job_name="spatialmosaic",
        qos=None,
        # the commands of this environment, whatever the job's shell would find
        env_command=f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH",
        # a step of `srun` would get one processor, however many the job has
        with_srun=False,
        logging_dir=str(_tasks_folder(settings)),
    )
    try:
        executor.run()
        if executor.job_id == -1:  # nothing is left to do
            executor.launch_merge()
            return f"All tasks are done. Slurm job {executor.merge_job_id} writes {settings.out}."
    except subprocess.CalledProcessError as error:
        raise ChildProcessError(f"Slurm refused the job: {error}. Its message is above.") from error
    return (
        f"Slurm job {executor.job_id} runs the tasks, then job {executor.merge_job_id} writes {settings.out}. "
        f"Their logs: {executor.slurm_logs_folder}"
    )


def run_on_ray(settings: GenerateSettings, on_task: Callable[[int], None]) -> None:
    """Run the tasks on the Ray cluster that is running, and wait for them.

    Args:
        settings ([`GenerateSettings`]).
        on_task (`Callable[[int], None]`): called with how many more tasks are done.

    Raises:
        `ChildProcessError`: there is no cluster, it is too small, or tasks failed.
    """
    import ray

    try:
        ray.init(address="auto", log_to_driver=False)
    except ConnectionError as error:
        raise ChildProcessError(
            "No Ray cluster runs here. Start one by `ray start --head`, or set RAY_ADDRESS."
        ) from error
    settings = _with_absolute_paths(settings)
    executor = RayExecutor(
        [MakeScenes(settings)],
        tasks=settings.tasks,
        cpus_per_task=settings.workers,
        mem_per_cpu_gb=settings.mem_per_cpu_gb,
        logging_dir=str(_tasks_folder(settings)),
    )
    try:
        executor.run(on_task)
    finally:
        ray.shutdown()


def _with_absolute_paths(settings: GenerateSettings) -> GenerateSettings:
    return replace(settings, out=settings.out.absolute())


def _tasks_folder(settings: GenerateSettings) -> Path:
    """Folder of datatrove's logs and completion markers for this plan, cleared of markers that do not hold.

    A marker is believed only while every scene of its task is there; scenes that were set aside are tried again.
    """
    plan = make_plan(settings)
    key = hashlib.sha256(repr((settings.of_the_rows, settings.root, plan.groups)).encode()).hexdigest()[:16]
    folder = settings.work_dir / "tasks" / f"{key}-of-{settings.tasks}"
    done = find_finished(settings, plan).done.keys()
    for task in range(settings.tasks):
        if not all(done >= set(group) for group in plan.groups_of_task(task, settings.tasks)):
            (folder / "completions" / f"{task:05d}").unlink(missing_ok=True)
    return folder
