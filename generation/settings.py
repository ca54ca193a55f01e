"""Settings of the generator's commands: frozen records whose fields are the options of the command line."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """Which scenes."""

    source: str = field(
        default="procedural", metadata={"help": "Where scenes come from: procedural, scannetpp or posed_rgbd."}
    )
    root: Path | None = field(default=None, metadata={"help": "Folder of the scans; procedural scenes need none."})
    seed: int = field(default=0, metadata={"help": "Fixes everything that is drawn at random."})
    scenes: int | None = field(
        default=None, metadata={"help": "Number of scenes; left out: 8 procedural ones, or all that the folder holds."}
    )
    frames: int | None = field(
        default=None, metadata={"help": "Frames of each scene; left out: 24 procedural ones, or all that a scan has."}
    )
    workers: int = field(default=1, metadata={"help": "Processes to use; the result does not depend on it."})

    def __post_init__(self):
        for name in ("scenes", "frames", "workers"):
            check_positive(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class AnnotateSettings(SourceSettings):
    """Write every frame's numbers for every instance (masks, boxes, distances): one Parquet table a scene."""

    out: Path = field(default=Path("runs/annotations"), metadata={"help": "Folder for one Parquet table a scene."})


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(SourceSettings):
    """Make a dataset folder: scenes, rendered views, questions with answers and evidence, Parquet, card.

    Run it again after a stop: finished scenes are not made again. The same settings give the same bytes.
    """

    out: Path = field(default=Path("runs/spatialmosaic"), metadata={"help": "Dataset folder to write."})
    view_sets: int = field(default=60, metadata={"help": "View sets to draw in each scene."})
    questions: int = field(default=16, metadata={"help": "Questions of each type to keep in each scene."})
    pixels: bool = field(
        default=True, metadata={"help": "Store the views; without them, nothing is rendered, which is far quicker."}
    )
    overwrite: bool = field(default=False, metadata={"help": "Replace the dataset folder if it exists."})

    def __post_init__(self):
        super().__post_init__()
        for name in ("view_sets", "questions"):
            check_positive(name, getattr(self, name))

    @property
    def work_dir(self) -> Path:
        """Folder for what every scene gave, from which a stopped run goes on: beside `out`."""
        return self.out.with_name(f"{self.out.name}.work")


def check_positive(name: str, value: int | None) -> None:
    """Raise `ValueError` unless `value` is at least 1, or left out."""
    if value is not None and value < 1:
        raise ValueError(f"`{name}` must be at least 1, got {value}.")
