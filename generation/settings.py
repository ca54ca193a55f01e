"""Settings of the generator's commands: frozen records whose fields are the options of the command line."""

import math
import shlex
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from generation.content import content_digest
from generation.rendering import RENDERERS


EXECUTORS = ("local", "slurm", "ray")


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """Which scenes."""

    source: str = field(
        default="procedural",
        metadata={"help": "Where scenes come from: procedural (rooms), streets, scannetpp, posed_rgbd or waymo."},
    )
    root: Path | None = field(default=None, metadata={"help": "Folder of the scans; rooms and streets need none."})
    assets: Path | None = field(
        default=None, metadata={"help": "Folder of your own meshes for procedural rooms (docs/own_assets.md)."}
    )
    rooms: str | None = field(
        default=None,
        metadata={
            "help": "Kinds of procedural rooms, with commas between, as kitchen,bathroom; left out: all, and flats."
        },
    )
    clutter: float = field(
        default=1.0, metadata={"help": "How much stands about in procedural rooms: 0.5 is sparse, 2 crowded."}
    )
    seed: int = field(default=0, metadata={"help": "Fixes everything that is drawn at random."})
    scenes: int | None = field(
        default=None, metadata={"help": "Number of scenes; left out: 8 rooms or streets, or all in the folder."}
    )
    frames: int | None = field(
        default=None, metadata={"help": "Frames of each scene; left out: 24 of a room or street, or all of a scan."}
    )
    workers: int = field(default=1, metadata={"help": "Processes to use; the result does not depend on it."})

    def __post_init__(self):
        for name in ("scenes", "frames", "workers"):
            check_positive(name, getattr(self, name))
        if not 0 < self.clutter < math.inf:
            raise ValueError(f"`clutter` must be positive, got {self.clutter}. 1.0 is usual, 0.5 sparse, 2 crowded.")
        if self.clutter != 1.0 and self.source != "procedural":
            raise ValueError(f"`clutter` is for the source procedural, not {self.source!r}. Leave one of them out.")
        for name in ("assets", "rooms"):
            if getattr(self, name) is not None and self.source != "procedural":
                raise ValueError(f"`{name}` is for the source procedural, not {self.source!r}. Leave one of them out.")
        for name in ("root", "assets"):
            if getattr(self, name) is not None:
                # The same folder for a process that starts elsewhere
                object.__setattr__(self, name, getattr(self, name).absolute())


@dataclass(frozen=True, kw_only=True)
class AnnotateSettings(SourceSettings):
    """Write every frame's numbers for every instance (masks, boxes, distances): one Parquet table a scene."""

    out: Path = field(default=Path("runs/annotations"), metadata={"help": "Folder for one Parquet table a scene."})


@dataclass(frozen=True, kw_only=True)
class ExecutorSettings:
    """How the work is spread over machines; no row depends on it."""

    executor: str = field(
        default="local", metadata={"help": "What runs the tasks: local (this machine), slurm or ray (a cluster)."}
    )
    tasks: int = field(
        default=1, metadata={"help": "Parts of the work, each on one machine; the result does not depend on it."}
    )
    task: int | None = field(
        default=None,
        metadata={"help": "Do only this task, from 0 on; `spatialmosaic merge` joins them. Without it: all."},
    )
    resume: bool = field(
        default=True, metadata={"help": "Go on where a stopped run ended; or else delete its work folder first."}
    )
    partition: str | None = field(default=None, metadata={"help": "Slurm: partition of the jobs."})
    time: str | None = field(default=None, metadata={"help": "Slurm: time limit of a task, as HH:MM:SS."})
    mem_per_cpu_gb: int = field(
        default=4, metadata={"help": "Slurm and Ray: memory to reserve for each worker, in GB."}
    )

    def __post_init__(self):
        for name in ("tasks", "mem_per_cpu_gb"):
            check_positive(name, getattr(self, name))
        if self.executor not in EXECUTORS:
            raise ValueError(f"Unknown executor {self.executor!r}. Use one of: {', '.join(EXECUTORS)}.")
        if self.task is not None and not 0 <= self.task < self.tasks:
            raise ValueError(f"`task` must be one of 0 to {self.tasks - 1}, got {self.task}. `tasks` says how many.")
        if self.task is not None and self.executor != "local":
            raise ValueError(f"The executor {self.executor} runs all tasks. Leave out `task`, or use the local one.")
        if self.task is not None and not self.resume:
            raise ValueError("Without `resume` the work of all tasks is deleted. Leave out `task`, or keep `resume`.")
        if self.executor == "slurm" and None in (self.partition, self.time):
            raise ValueError("The executor slurm needs `partition` and `time`. `sinfo` lists what the cluster has.")


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(ExecutorSettings, SourceSettings):
    """Make a dataset folder: scenes, rendered views, questions with answers and evidence, Parquet, card.

    Run it again after a stop: finished scenes are not made again. The same settings give the same bytes.
    """

    out: Path = field(default=Path("runs/spatialmosaic"), metadata={"help": "Dataset folder to write."})
    view_sets: int = field(default=60, metadata={"help": "View sets to draw in each scene."})
    questions: int = field(default=16, metadata={"help": "Questions of each type to keep in each scene."})
    renderer: str = field(
        default="raycast", metadata={"help": "What renders the views: raycast, or blender (slow, photoreal)."}
    )
    pixels: bool = field(
        default=True, metadata={"help": "Store the views; without them, nothing is rendered, which is far quicker."}
    )
    overwrite: bool = field(default=False, metadata={"help": "Replace the dataset folder if it exists."})

    def __post_init__(self):
        SourceSettings.__post_init__(self)
        ExecutorSettings.__post_init__(self)
        if self.renderer not in RENDERERS:
            raise ValueError(f"Unknown renderer {self.renderer!r}. Use one of: {', '.join(RENDERERS)}.")
        for name in ("view_sets", "questions"):
            check_positive(name, getattr(self, name))

    @property
    def work_dir(self) -> Path:
        """Folder for what every scene gave, from which a stopped run goes on: beside `out`."""
        return self.out.with_name(f"{self.out.name}.work")

    @property
    def of_the_rows(self) -> dict:
        """The settings on which rows depend, by name, without those that are left out; of `assets`, its content."""
        others = {"root", "assets", "workers", "out", "overwrite", *(one.name for one in fields(ExecutorSettings))}
        values = {name: value for name, value in asdict(self).items() if name not in others and value is not None}
        return values if self.assets is None else values | {"assets": content_digest(self.assets)}


@dataclass(frozen=True, kw_only=True)
class MergeSettings(GenerateSettings):
    """Join what the tasks of `spatialmosaic generate` made into the dataset folder.

    Takes the settings of `generate`, of which those that say where and how the work is done are not looked at. Refuses
    a set that is not complete, and says what is missing.
    """


def as_options(values: dict) -> list[str]:
    """Settings by name -> the options of the command line that give them."""
    options = []
    for name, value in values.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            options.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            options += [f"--{flag}", str(value)]
    return options


def as_command(name: str, settings: GenerateSettings) -> str:
    """The line for a shell that runs a command of `spatialmosaic` with these settings, from this folder."""
    given = {one.name: getattr(settings, one.name) for one in fields(GenerateSettings)}
    changed = {one.name: given[one.name] for one in fields(GenerateSettings) if given[one.name] != one.default}
    return shlex.join(["spatialmosaic", name, *as_options(changed)])


def check_positive(name: str, value: int | None) -> None:
    """Raise `ValueError` unless `value` is at least 1, or left out."""
    if value is not None and value < 1:
        raise ValueError(f"`{name}` must be at least 1, got {value}.")
