"""What `spatialmosaic audit` and `spatialmosaic shortcuts` left in a dataset folder, if it is about the data there."""

import json
from collections import Counter
from pathlib import Path

from dataset_builder.errors import DatasetError
from dataset_builder.reader import AUDIT_FILE, SHORTCUTS_FILE, STATISTICS_FILE
from dataset_builder.whole import file_hash
from hub_cards.markdown import code, table


def audit_section(folder: Path) -> dict | None:
    """Numbers and table of `audit.json` for the template, or `None` where there is none.

    Raises:
        [`DatasetError`]: the file is no report of an audit.
    """
    return _section(folder / AUDIT_FILE, "audit", _audit)


def _audit(audit: dict) -> dict:
    made, failed = Counter(), Counter()
    for one in audit["checks"]:
        made[one["check"]] += one["checked"]
        failed[one["check"]] += one["mismatches"]
    return {
        "rows": f"{audit['rows']:,}",
        "scenes": f"{audit['scenes']:,}",
        "from_scenes": f"{made['answer from scene']:,}",
        "from_evidence": f"{made['answer from evidence']:,}",
        "checks": f"{made.total():,}",
        "mismatches": f"{failed.total():,}",
        "table": table(["check", "made", "mismatches"], [[name, made[name], failed[name]] for name in sorted(made)]),
    }


def shortcuts_section(folder: Path) -> dict | None:
    """Numbers and table of `shortcuts.json` for the template, or `None` where there is none.

    Raises:
        [`DatasetError`]: the file is no report of shortcuts.
    """
    return _section(folder / SHORTCUTS_FILE, "shortcuts", _shortcuts)


def _shortcuts(report: dict) -> dict:
    found = report["question_types"]
    guessed = {kind: one["gains"]["classifier"] for kind, one in found.items()}
    leaking = sorted((kind for kind in guessed if guessed[kind]["low"] > 0), key=lambda kind: -guessed[kind]["mean"])
    return {
        "leaking": ", ".join(f"`{kind}` ({_interval(guessed[kind])})" for kind in leaking),
        "types": len(found),
        "table": table(
            ["question type", "questions", "chance", "classifier minus chance", "one view is enough"],
            [
                [
                    code([kind]),
                    one["questions"],
                    f"{one['chance']:.0f} %",
                    _interval(guessed[kind]),
                    f"{one['one_view']:.0f} %",
                ]
                for kind, one in found.items()
            ],
        ),
    }


def _interval(gain: dict[str, float]) -> str:
    return f"{gain['mean']:+.1f} [{gain['low']:+.1f}, {gain['high']:+.1f}]"


def _section(path: Path, command: str, read) -> dict | None:
    if not path.is_file():
        return None
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        current = report["statistics_sha256"] == file_hash(path.with_name(STATISTICS_FILE))
        return read(report) | {"current": current}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} is no report of `spatialmosaic {command}` ({error!r}). Run it again, or delete the file."
        ) from error
