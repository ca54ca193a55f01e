"""What an audit found: a count for each check and question type, and every mismatch."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.table import Column, Table

from dataset_builder.reader import AUDIT_FILE, STATISTICS_FILE
from dataset_builder.whole import file_hash, write_file


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as it should be.

    Args:
        row_id (`str`): the row; empty where a whole set of rows is meant.
        scene_name (`str`): its scene; empty where rows of several scenes are meant.
        question_type, check (`str`): what was checked.
        expected, found (`str`): what the audit computed, and what the folder says.
    """

    row_id: str
    scene_name: str
    question_type: str
    check: str
    expected: str
    found: str


@dataclass
class AuditReport:
    """The result over a dataset folder.

    Args:
        rows, scenes (`int`): how many were audited.
        checked (`Counter`): by (check, question type), how often the check was made.
        mismatches (`list` of [`Mismatch`]).
        candidates (`dict`): of the run that made the folder: per question type, candidates proposed and kept, and
            those that each rule turned down.
    """

    rows: int = 0
    scenes: int = 0
    checked: Counter = field(default_factory=Counter)
    mismatches: list[Mismatch] = field(default_factory=list)
    candidates: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self, check: str, question_type: str, found: list[tuple], row_id: str = "", scene_name: str = "") -> None:
        """Count a check, and keep each (expected, found) that it gave as a mismatch."""
        self.checked[check, question_type] += 1
        self.mismatches += [
            Mismatch(row_id, scene_name, question_type, check, str(expected), str(got)) for expected, got in found
        ]

    def add(self, other: "AuditReport") -> None:
        """Take over the checks and mismatches of a part of the folder."""
        self.checked += other.checked
        self.mismatches += other.mismatches

    def table(self) -> Table:
        """Each check: how often it was made, how often it failed, and for which question types."""
        numbers = [Column(name, justify="right") for name in ("made", "mismatches")]
        title = f"Audit of {self.rows:,} rows of {self.scenes:,} scenes"
        table = Table("check", *numbers, "mismatches by question type", title=title)
        for check in sorted({check for check, _ in self.checked}):
            made = sum(count for (name, _), count in self.checked.items() if name == check)
            failed = Counter(one.question_type for one in self.mismatches if one.check == check)
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(failed.items()))
            table.add_row(check, f"{made:,}", f"{failed.total():,}", kinds)
        return table

    def mismatch_table(self, each: int = 3) -> Table:
        """The first few mismatches of every check and question type."""
        table = Table(
            "row", "scene", "question type", "check", "expected", "found", title="Mismatches, the first ones"
        )
        shown: Counter = Counter()
        for one in self.mismatches:
            shown[one.check, one.question_type] += 1
            if shown[one.check, one.question_type] <= each:
                table.add_row(one.row_id, one.scene_name, one.question_type, one.check, one.expected, one.found)
        return table

    def write(self, folder: Path) -> Path:
        """Write `audit.json` into the dataset folder, whole or not at all, and return its path."""
        path = folder / AUDIT_FILE
        failed = Counter((one.check, one.question_type) for one in self.mismatches)
        content = {
            "statistics_sha256": file_hash(folder / STATISTICS_FILE),
            "rows": self.rows,
            "scenes": self.scenes,
            "checks": [
                {"check": check, "question_type": kind, "checked": count, "mismatches": failed[check, kind]}
                for (check, kind), count in sorted(self.checked.items())
            ],
            "mismatches": [asdict(one) for one in self.mismatches],
            "candidates": self.candidates,
        }
        write_file(path, (json.dumps(content, indent=1) + "\n").encode())
        return path
