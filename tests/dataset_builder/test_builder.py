"""The builder against what went in: same rows, same image bytes, each image stored once."""

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasets import Image, List

from dataset_builder.builder import SpatialMosaic, load
from dataset_builder.errors import DatasetError
from dataset_builder.raw import scene_folder, write_raw_scene, write_splits
from dataset_builder.schema import FEATURES, TASKS
from dataset_builder.writer import write_dataset


@pytest.fixture
def folder(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    return tmp_path / "d"


@pytest.fixture
def work_dir(tmp_path, scenes):
    """The generator's raw output of the same scenes."""
    for scene in scenes:
        place = scene_folder(tmp_path / "d.work", scene.scene_name)
        write_raw_scene(place, "key", scene.rows, scene.images, counts={})
    write_splits(tmp_path / "d.work", {scene.scene_name: scene.split for scene in scenes})
    return tmp_path / "d.work"


def expected(scenes, split, task):
    """Rows that went in, by id, with the bytes of their images."""
    return {
        row["id"]: row | {"images": [scene.images[frame] for frame in row["frames"]] if scene.images else None}
        for scene in scenes
        if scene.split == split
        for row in scene.rows
        if task in {None, row["task"]}
    }


def content(dataset):
    """Rows by id, their images read from the files that they name."""
    rows = {}
    for row in dataset.cast_column("images", List(Image(decode=False))):
        for view in row["images"] or []:
            assert view["bytes"] is None
        images = row["images"] and [Path(view["path"]).read_bytes() for view in row["images"]]
        rows[row["id"]] = row | {"images": images}
    assert len(rows) == len(dataset)
    return rows


@pytest.mark.parametrize("task", [None, *TASKS])
@pytest.mark.parametrize("source", ["folder", "work_dir"])
def test_rows_and_images_are_those_that_went_in(source, task, scenes, tmp_path, request):
    dataset = load(request.getfixturevalue(source), task, cache_dir=tmp_path / "cache")
    assert list(dataset) == ["train", "validation", "test"]
    for split, rows in dataset.items():
        assert rows.features == FEATURES
        assert content(rows) == expected(scenes, split, task)


def test_an_image_is_stored_once_for_all_configs(folder, scenes, tmp_path):
    for task in (None, *TASKS):
        load(folder, task, cache_dir=tmp_path / "cache")
    shown = {s.images[frame] for s in scenes if s.images for row in s.rows for frame in row["frames"]}
    stored = [path for path in (tmp_path / "cache" / "spatialmosaic_images").rglob("*") if path.is_file()]
    assert sorted(hashlib.sha256(image).hexdigest() for image in shown) == sorted(path.stem for path in stored)
    assert {path.read_bytes() for path in stored} == shown


def test_the_raw_output_is_not_copied(work_dir, tmp_path):
    dataset = load(work_dir, split="test", cache_dir=tmp_path / "cache")
    views = dataset.cast_column("images", List(Image(decode=False)))[0]["images"]
    assert all(view["path"].startswith(str(work_dir)) for view in views)
    assert not (tmp_path / "cache" / "spatialmosaic_images").exists()


def test_processes_and_streams_give_the_same_rows(folder, tmp_path):
    one = load(folder, split="train", cache_dir=tmp_path / "one")
    two = load(folder, split="train", cache_dir=tmp_path / "two", num_proc=2)
    assert one.select_columns(["id", "question"])[:] == two.select_columns(["id", "question"])[:]
    streamed = SpatialMosaic(data_dir=folder, cache_dir=str(tmp_path / "three")).as_streaming_dataset("train")
    assert streamed.num_shards == 6 * 3  # a row group for each task and scene
    rows = list(streamed)
    assert [row["id"] for row in rows] == one["id"]
    assert [image.tobytes() for row in rows for image in row["images"] or []] == [
        image.tobytes() for row in one for image in row["images"] or []
    ]


def test_another_content_is_not_taken_for_the_cached_one(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes[:1])
    assert len(load(tmp_path / "d", split="train", cache_dir=tmp_path / "cache")) == len(scenes[0].rows)
    write_dataset(tmp_path / "d", [scenes[0], scenes[2]], overwrite=True)
    both = len(scenes[0].rows) + len(scenes[2].rows)
    assert len(load(tmp_path / "d", split="train", cache_dir=tmp_path / "cache")) == both


def test_an_id_that_comes_twice_is_named(folder, work_dir, scenes, tmp_path):
    twice = scenes[0].rows[0]["id"]
    write_raw_scene(scene_folder(work_dir, "room_1"), "other", scenes[0].rows[:1], scenes[0].images, counts={})
    with pytest.raises(DatasetError, match=f"1 row ids occur more than once, '{twice}' among them"):
        load(work_dir, cache_dir=tmp_path / "cache")
    statistics = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))
    name = next(name for name in statistics["files"] if "object_count/train" in name)
    added = name.replace("train-", "train-again-")
    shutil.copy(folder / name, folder / added)
    statistics["files"][added] = statistics["files"][name]
    (folder / "statistics.json").write_text(json.dumps(statistics), encoding="utf-8")
    rows = pq.read_metadata(folder / name).num_rows
    with pytest.raises(DatasetError, match=f"{rows} row ids occur more than once"):
        load(folder, "object_count", cache_dir=tmp_path / "cache")


def test_bad_input(folder, work_dir, tmp_path):
    with pytest.raises(DatasetError, match=r"has neither a statistics\.json.*nor a splits\.json"):
        load(tmp_path)
    with pytest.raises(DatasetError, match="Unknown config 'objects'. Use one of object_count"):
        load(folder, "objects")
    with pytest.raises(DatasetError, match="has no split 'dev'. It has train, validation, test"):
        load(folder, split="dev", cache_dir=tmp_path / "cache")
    (work_dir / "splits.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"splits\.json cannot be read"):
        load(work_dir, cache_dir=tmp_path / "cache")
    path = next(folder.rglob("train-*.parquet"))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=f"{path.name} is not readable as Parquet"):
        load(folder, cache_dir=tmp_path / "other")
