"""Audit and shortcuts on the card of a dataset folder, from reports made by hand."""

import hashlib
import json
import re

import pytest
from huggingface_hub import DatasetCard

from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_statistics
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


CANDIDATES = {"obj_count_occ": {"kept": 3, "proposed": 40}}


@pytest.fixture
def folder(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes, run={"seed": 1, "candidates": CANDIDATES})
    return tmp_path / "d"


@pytest.fixture
def rows_of_types(folder):
    return {kind: sum(counts.values()) for kind, counts in load_statistics(folder)["question_types"].items()}


def section(folder, title: str) -> str:
    text = DatasetCard.load(write_card(folder)).text
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def write_audit(folder, rows_of_types, failed=0):
    checks = [
        {"check": check, "question_type": kind, "checked": count, "mismatches": 0}
        for check in ("text", "answer from scene", "answer from evidence")
        for kind, count in rows_of_types.items()
    ]
    checks[-1]["mismatches"] = failed
    content = {"rows": 1234, "scenes": 8, "checks": checks, "mismatches": [], "candidates": CANDIDATES}
    content["statistics_sha256"] = hashlib.sha256((folder / "statistics.json").read_bytes()).hexdigest()
    (folder / "audit.json").write_text(json.dumps(content), encoding="utf-8")


def write_shortcuts(folder, rows_of_types, gains):
    content = {
        kind: {
            "questions": count,
            "scenes": 8,
            "chance": 25.0,
            "gains": {"classifier": dict(zip(("mean", "low", "high"), gains.get(kind, (0.5, -2, 3)), strict=True))},
            "one_view": 12.6,
        }
        for kind, count in rows_of_types.items()
    }
    digest = hashlib.sha256((folder / "statistics.json").read_bytes()).hexdigest()
    report = {"statistics_sha256": digest, "question_types": content}
    (folder / "shortcuts.json").write_text(json.dumps(report), encoding="utf-8")


def test_nothing_was_measured(folder):
    assert "has not been audited" in section(folder, "Audit")
    assert "Not measured" in section(folder, "Shortcuts")
    assert "is not known for this folder" in section(folder, "Limits")


def test_audit(folder, rows_of_types):
    write_audit(folder, rows_of_types, failed=2)
    text, rows = section(folder, "Audit"), sum(rows_of_types.values())
    assert "went through 1,234 rows of 8 scenes" in text
    assert f"{rows:,} from the scenes, {rows:,} from the evidence" in text
    assert f"**{3 * rows:,} checks found 2 mismatches**" in text
    assert f"| answer from evidence | {rows:,} | 2 |" in text
    assert f"| answer from scene | {rows:,} | 0 |" in text


def test_reports_about_other_data(folder, rows_of_types, scenes):
    write_audit(folder, rows_of_types)
    write_shortcuts(folder, rows_of_types, {})
    kept = {name: (folder / name).read_bytes() for name in ("audit.json", "shortcuts.json")}
    write_dataset(folder, scenes[1:], overwrite=True)
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    for title in ("Audit", "Shortcuts"):
        text = section(folder, title)
        assert "about other data" in text and "|" not in text
    assert "is not known for this folder" in section(folder, "Limits")


def test_shortcuts(folder, rows_of_types):
    leaking, harmless = list(rows_of_types)[:2]
    write_shortcuts(folder, rows_of_types, {leaking: (17.14, 2.5, 30.06), harmless: (9, -0.1, 18)})
    text = section(folder, "Shortcuts")
    assert f"| `{leaking}` | {rows_of_types[leaking]} | 25 % | +17.1 [+2.5, +30.1] | 13 % |" in text
    limits = section(folder, "Limits")
    assert f"by so many points: `{leaking}` (+17.1 [+2.5, +30.1])." in limits
    assert harmless not in limits


def test_no_shortcut(folder, rows_of_types):
    write_shortcuts(folder, rows_of_types, {})
    assert f"For none of {len(rows_of_types)} question types" in section(folder, "Limits")


@pytest.mark.parametrize("name", ["audit.json", "shortcuts.json"])
@pytest.mark.parametrize("content", ["{", "[]", '{"checks": 3}'])
def test_damaged_report(folder, name, content):
    card = write_card(folder).read_bytes()
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=rf"{re.escape(name)} is no report of `spatialmosaic {name[:-5]}`"):
        write_card(folder)
    assert (folder / "README.md").read_bytes() == card
