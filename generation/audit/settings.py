"""Settings of `spatialmosaic audit` and `spatialmosaic shortcuts`."""

from dataclasses import dataclass, field
from pathlib import Path

from generation.settings import check_positive


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """Prove every answer of a dataset folder: from its scenes, measured anew, and from its evidence alone.

    Prints what was checked how often, writes `audit.json` into the folder, and fails on any mismatch.
    """

    folder: Path = field(metadata={"help": "Dataset folder to audit.", "positional": True})
    root: Path | None = field(
        default=None, metadata={"help": "Folder of the scans that it was made from; procedural scenes need none."}
    )
    assets: Path | None = field(
        default=None, metadata={"help": "Folder of the meshes that procedural rooms were furnished with, if any."}
    )
    workers: int = field(default=1, metadata={"help": "Processes to use."})

    def __post_init__(self):
        check_positive("workers", self.workers)


@dataclass(frozen=True, kw_only=True)
class ShortcutSettings:
    """Measure how much of a dataset folder can be guessed from the text of its questions alone.

    Prints and writes to `shortcuts.json`, for each question type with options, accuracy minus chance in points.
    """

    folder: Path = field(metadata={"help": "Dataset folder to measure.", "positional": True})
    seed: int = field(default=0, metadata={"help": "Fixes the folds and the confidence intervals."})
