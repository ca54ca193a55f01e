"""Reading a folder back, and folders that are not or no longer a dataset."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_rows
from dataset_builder.writer import write_dataset


@pytest.fixture
def folder(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    return tmp_path / "d"


def test_rows_and_image_bytes_come_back(folder, scenes):
    expected = {
        row["id"]: {**row, "images": [scene.images[f] for f in row["frames"]] if scene.images else None}
        for scene in scenes
        for row in scene.rows
    }
    found = list(load_rows(folder))
    assert len(found) == len(expected)
    assert {row["id"]: row for row in found} == expected


def test_config_split_columns_and_ids_narrow_the_rows(folder, scenes):
    expected = sorted(
        row["id"]
        for scene in scenes
        for row in scene.rows
        if scene.split == "test" and row["task"] == "object_attribute"
    )
    rows = list(load_rows(folder, "object_attribute", "test", columns=["id", "question"]))
    assert sorted(row["id"] for row in rows) == expected
    assert all(list(row) == ["id", "question"] for row in rows)
    picked = {expected[0], expected[-1], "no such id"}
    narrowed = list(load_rows(folder, split="test", ids=picked))
    assert {row["id"] for row in narrowed} == {expected[0], expected[-1]}
    assert all(isinstance(image, bytes) for row in narrowed for image in row["images"])


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (("counting", None), "Unknown config 'counting'. Use one of object_count"),
        ((None, "val"), "Unknown split 'val'"),
    ],
)
def test_unknown_config_or_split(folder, names, match):
    with pytest.raises(DatasetError, match=match):
        list(load_rows(folder, *names))


def test_split_without_rows(tmp_path, scene):
    write_dataset(tmp_path / "one", [scene])
    with pytest.raises(
        DatasetError, match=r"no rows of config 'object_count' in split 'test'. It holds .*count/train"
    ):
        list(load_rows(tmp_path / "one", "object_count", "test"))


@pytest.mark.parametrize("make", [False, True])
def test_no_dataset(tmp_path, make):
    if make:
        (tmp_path / "d").mkdir()
    with pytest.raises(DatasetError, match=r"statistics.json is missing. Make one with `spatialmosaic generate`"):
        list(load_rows(tmp_path / "d"))


@pytest.mark.parametrize("damage", ["cut", "noise", "empty"])
def test_damaged_parquet_is_named(folder, damage):
    path = next((folder / "data" / "object_count").glob("test-*"))
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "noise": whole[:-200] + bytes(200), "empty": b""}[damage])
    with pytest.raises(DatasetError, match=f"{path} is not readable as Parquet"):
        list(load_rows(folder))


def test_parquet_of_something_else_is_named(folder):
    path = next((folder / "data" / "object_count").glob("test-*"))
    pq.write_table(pa.table({"price": [1, 2]}), path)
    with pytest.raises(DatasetError, match=f"{path} has the columns price, not those of a row"):
        list(load_rows(folder))


def test_missing_file_is_named(folder):
    path = next((folder / "data" / "object_count").glob("test-*"))
    path.unlink()
    with pytest.raises(DatasetError, match=f"{path} is missing"):
        list(load_rows(folder))


def test_damaged_statistics_are_named(folder):
    (folder / "statistics.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"statistics.json is no statistics of a dataset"):
        list(load_rows(folder))
