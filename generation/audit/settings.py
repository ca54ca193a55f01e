"""Settings of `spatialmosaic audit`."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """Prove every answer of a dataset folder: from its scenes by fresh ray casts, and from its evidence alone.

    Prints what was checked how often, writes `audit.json` into the folder, and fails on any mismatch.
    """

    folder: Path = field(metadata={"help": "Dataset folder to audit.", "positional": True})
    root: Path | None = field(
        default=None, metadata={"help": "Folder of the scans that it was made from; procedural scenes need none."}
    )
