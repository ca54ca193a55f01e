"""The audit of a whole folder, as a user runs it."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_statistics
from dataset_builder.writer import SceneRows, write_dataset
from generation.audit.audit import audit, run_audit
from generation.audit.proofs import PROOFS
from generation.audit.settings import AuditSettings


@pytest.fixture
def measured(monkeypatch, measures):
    """Scenes that the audit need not measure again."""
    module = "generation.audit.audit"
    monkeypatch.setattr(f"{module}.SceneMeasures", lambda scene, seed: measures[scene.scene_name])


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def rewrite(folder, change) -> None:
    """Put every Parquet file of the folder through `change(path, rows)`, which may add, change and drop rows."""
    for path in sorted(folder.glob("data/*/*.parquet")):
        with pq.ParquetFile(path) as file:
            schema, table = file.schema_arrow, file.read()
        rows = table.to_pylist()
        change(path, rows)
        pq.write_table(table.from_pylist(rows, schema=schema), path, store_schema=False)


def test_a_sound_folder(measured, copy, capsys):
    run_audit(AuditSettings(folder=copy))
    content = json.loads((copy / "audit.json").read_text(encoding="utf-8"))
    assert content["mismatches"] == [] and content["rows"] == load_statistics(copy)["rows"]
    checked = {(one["check"], one["question_type"]): one["checked"] for one in content["checks"]}
    for kind in PROOFS:
        of_type = sum(load_statistics(copy)["question_types"][kind].values())
        for check in (
            "answer from scene",
            "answer from evidence",
            "evidence",
            "diagnostics",
            "view set",
            "text",
            "id",
        ):
            assert checked[check, kind] == of_type
    assert "turned down" in capsys.readouterr().out  # the reject table


def test_the_folder_says_how_it_was_made(folder):
    run = load_statistics(folder)["run"]
    assert {name: run[name] for name in ("source", "seed", "scenes", "frames", "view_sets", "questions")} == {
        **{"source": "procedural", "seed": 3, "scenes": 2, "frames": 12, "view_sets": 40, "questions": 12}
    }
    assert "version" in run and not {"root", "out", "workers", "overwrite"} & set(run)
    counts = run["candidates"]["obj_count_occ"]
    assert counts["kept"] == sum(load_statistics(folder)["question_types"]["obj_count_occ"].values())
    assert counts["proposed"] > counts["kept"]


def test_mismatches_end_with_an_error_and_are_written(measured, copy, capsys):
    kinds = []

    def change(path, rows):
        if path.parent.name == "object_count" and path.name.startswith("train"):
            rows[0]["occ_level"] = "extreme"
            kinds.append(rows[0]["question_type"])

    rewrite(copy, change)
    with pytest.raises(DatasetError, match=r"1 mismatches.*diagnostics: expected occ_level '\w+', found 'extreme'"):
        run_audit(AuditSettings(folder=copy))
    assert "extreme" in capsys.readouterr().out
    (one,) = json.loads((copy / "audit.json").read_text(encoding="utf-8"))["mismatches"]
    assert (one["question_type"], one["check"], one["found"]) == (*kinds, "diagnostics", "'extreme'")


def test_scene_in_two_splits(measured, copy):
    files = sorted(copy.glob("data/object_count/*.parquet"))
    kept = {}

    def change(path, rows):
        if path in files:
            kept.setdefault("row", rows[0])
            if path == files[-1]:
                rows[0] = kept["row"]

    rewrite(copy, change)
    found = {(one.check, one.expected) for one in audit(AuditSettings(folder=copy)).mismatches}
    assert ("one split", "one split") in found and ("unique id", "an id of its own") in found


def test_rows_that_are_gone(measured, copy):
    rewrite(copy, lambda path, rows: rows.pop())
    (one,) = [one for one in audit(AuditSettings(folder=copy)).mismatches if one.check == "number of rows"]
    assert one.expected == f"{load_statistics(copy)['rows']} rows, as statistics.json says"


def test_letters_that_are_all_the_same(measured, copy):
    def change(path, rows):
        for row in rows:
            row["mc_answer"] = "A"

    rewrite(copy, change)
    checks = {one.check for one in audit(AuditSettings(folder=copy)).mismatches}
    assert {"balance of letters", "text"} <= checks


def test_a_dataset_that_is_written_over_loses_its_audit(copy, rows):
    (copy / "audit.json").write_text("{}", encoding="utf-8")
    scene = SceneRows("room_00000", "train", [row for row in rows if row["scene_name"] == "room_00000"], {})
    write_dataset(copy, [scene], overwrite=True)
    assert not (copy / "audit.json").exists()


def test_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no dataset"):
        run_audit(AuditSettings(folder=tmp_path))


def test_a_folder_of_unknown_origin(copy):
    path = copy / "statistics.json"
    statistics = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(statistics | {"run": {}}), encoding="utf-8")
    with pytest.raises(DatasetError, match="lacks `source` or `seed`"):
        run_audit(AuditSettings(folder=copy))
