"""Rows, filters and steps of the app against the Parquet files, read whole."""

import io
import itertools
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from reading import FILTERS, Questions, ReadingError, step


@pytest.fixture(scope="module")
def stored(dataset):
    """All rows, read in the order of the files, each with its config and split."""
    rows = []
    for name in json.loads((dataset / "statistics.json").read_text())["files"]:
        config, split = name.split("/")[1], name.split("/")[2].split("-")[0]
        rows += [{**row, "config": config, "split": split} for row in pq.read_table(dataset / name).to_pylist()]
    return rows


@pytest.fixture(scope="module")
def questions(dataset):
    return Questions(str(dataset))


def test_filters_leave_what_a_loop_over_all_rows_leaves(questions, stored):
    values = {name: [None, *sorted({row[name] for row in stored})] for name in FILTERS}
    configs, splits = ({row[name] for row in stored} for name in ("config", "split"))
    kept = 0
    for config, split in itertools.product([None, *configs], [None, *splits]):
        for chosen in itertools.product(*values.values()):
            wanted = dict(zip(FILTERS, chosen, strict=True))
            found = questions.select(config, split, **wanted)["id"].to_pylist()
            every = {"config": config, "split": split, **wanted}
            assert found == [
                row["id"] for row in stored if all(value in {None, row[name]} for name, value in every.items())
            ]
            kept += bool(found)
    assert kept > 100  # not all of them empty


def test_choices_count_what_choosing_them_leaves(questions):
    chosen = {"occ_level": "low", "vis_level": "Fully Visible"}
    counts = questions.choices(None, "train", **chosen)
    assert counts["overlap_level"] and counts["question_type"]
    for name, values in counts.items():
        for value, count in values.items():
            assert len(questions.select(None, "train", **{**chosen, name: value})) == count > 0


def test_levels_are_listed_from_low_to_high(questions):
    assert list(questions.choices(None, None)["occ_level"]) == ["none", "low", "medium", "high"]


def test_a_row_is_the_stored_one_with_its_images(questions, stored):
    for row in stored:
        found = questions.row(row["id"])
        assert questions.where(questions.place(row["id"])) == (row["config"], row["split"])
        assert found["images"] == [view["bytes"] for view in row["images"]]
        assert all(found[name] == row[name] for name in found if name != "images")
    assert questions.row("no such id") is None


def test_rows_without_pixels(bare_dataset):
    questions = Questions(str(bare_dataset))
    (row_id, _) = questions.index(None, None)["id"].to_pylist()
    assert questions.row(row_id)["images"] is None


def test_filters_read_no_images_and_a_row_only_its_group(dataset, monkeypatch):
    questions, taken = Questions(str(dataset)), []

    class Counted(io.BytesIO):
        def read(self, *size):
            taken.append(super().read(*size))
            return taken[-1]

    monkeypatch.setattr(questions.fs, "open", lambda path, mode, **options: Counted(Path(path).read_bytes()))
    size = sum(path.stat().st_size for path in dataset.rglob("*.parquet"))
    ids = questions.select(None, None, occ_level="low")["id"].to_pylist()
    filtered = sum(map(len, taken))
    assert 0 < filtered < 0.05 * size
    taken.clear()
    questions.row(ids[0])
    file = Path(questions.place(ids[0]).path)
    assert 0.9 * file.stat().st_size < sum(map(len, taken)) < 1.1 * file.stat().st_size < 0.2 * size


def test_steps_go_around_the_ring(questions):
    ids = questions.select("object_count", "train")["id"]
    order = ids.to_pylist()
    assert len(order) == 6
    assert [step(ids, row_id, 1) for row_id in order] == order[1:] + order[:1]
    assert [step(ids, row_id, -1) for row_id in order] == order[-1:] + order[:-1]
    assert step(ids, "elsewhere", 1) == step(ids, None, -1) == order[0]
    assert step(questions.select("object_count", "validation")["id"], order[0], 1) is None


def test_what_is_no_dataset_is_refused_with_a_remedy(tmp_path, dataset):
    with pytest.raises(ReadingError, match="statistics.json cannot be read.*spatialmosaic generate"):
        Questions(str(tmp_path))
    shutil.copytree(dataset, tmp_path / "other")
    statistics = tmp_path / "other" / "statistics.json"
    content = json.loads(statistics.read_text())
    statistics.write_text(json.dumps({**content, "format_version": 99}))
    with pytest.raises(ReadingError, match=r"has the format \('spatialmosaic', 99\)"):
        Questions(str(tmp_path / "other"))
    statistics.write_text(json.dumps(content))
    name = next(iter(content["files"]))
    (tmp_path / "other" / name).write_bytes(b"PAR1 cut short")
    with pytest.raises(ReadingError, match=f"{name} is not readable as Parquet"):
        Questions(str(tmp_path / "other")).index(None, None)
