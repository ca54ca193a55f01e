"""Storage: what lies in the Parquet files, which folders may be written, and what is left after a failure."""

import hashlib
import json
import pickle
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.schema import TASKS
from dataset_builder.writer import SceneRows, write_dataset


def parquet_files(folder):
    return sorted((folder / "data").rglob("*.parquet"))


def row_groups(folder):
    """Rows of every row group."""
    for path in parquet_files(folder):
        file = pq.ParquetFile(path)
        for k in range(file.num_row_groups):
            yield file.read_row_group(k).to_pylist()


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_folder_for_each_config_and_shards_counted_in_their_names(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    names = {path.relative_to(tmp_path / "d" / "data").as_posix() for path in parquet_files(tmp_path / "d")}
    assert names == {
        f"{task}/{split}-00000-of-00001.parquet" for task in TASKS for split in ("train", "validation", "test")
    }


def test_shards_are_cut_at_the_given_size_and_keep_all_rows(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes, max_shard_bytes=1)
    files = parquet_files(tmp_path / "d")
    trains = [path.name for path in files if path.parent.name == "object_count" and path.name.startswith("train")]
    assert trains == [f"train-0000{k}-of-00003.parquet" for k in range(3)]
    assert sum(pq.read_metadata(path).num_rows for path in files) == sum(len(scene.rows) for scene in scenes)


def test_a_row_group_holds_one_scene_and_one_config(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    seen = [
        {(row["scene_name"], row["task"]) for row in rows}
        for rows in row_groups(tmp_path / "d")
    ]  # fmt: skip
    assert all(len(pairs) == 1 for pairs in seen)
    assert len(seen) == len(TASKS) * len(scenes)


def test_a_row_group_expands_to_no_more_than_the_cap(tmp_path, rng, make_scene):
    scene = make_scene("room", "train", rng, rows_per_type=40)
    cap = 60_000
    write_dataset(tmp_path / "d", [scene], max_group_bytes=cap)
    sizes = [
        sum(len(image["bytes"]) for row in rows for image in row["images"]) for rows in row_groups(tmp_path / "d")
    ]
    largest_row = max(sum(len(scene.images[frame]) for frame in row["frames"]) for row in scene.rows)
    assert max(sizes) <= cap
    assert len(sizes) > 2 * len(TASKS)
    # none is cut before it is full, apart from the last of its config
    assert sum(size < cap - largest_row for size in sizes) <= len(TASKS)


def test_groups_of_a_large_scene_touch_fewer_frames_than_rows_in_random_order(tmp_path, rng, make_row, jpeg):
    images = {f"frame_{k:04d}": jpeg(rng) for k in range(24)}
    sets = [list(rng.choice(list(images), 3, replace=False)) for _ in range(40)]
    rows = [
        make_row("room", "obj_count_occ", list(map(str, sets[k % 40])), f"question {k}") for k in range(400)
    ]  # fmt: skip
    size = len(next(iter(images.values())))
    write_dataset(tmp_path / "d", [SceneRows("room", "train", rows, images)], max_group_bytes=120 * size)
    stored = sum(len({frame for row in group for frame in row["frames"]}) for group in row_groups(tmp_path / "d"))
    shuffled = [rows[k] for k in rng.permutation(400)]
    at_random = sum(
        len({frame for row in shuffled[k : k + 40] for frame in row["frames"]}) for k in range(0, 400, 40)
    )  # fmt: skip
    assert stored < 0.6 * at_random


def test_every_image_is_stored_once_for_500_rows_over_24_frames(tmp_path, rng, make_row, jpeg):
    images = {f"frame_{k:04d}": jpeg(rng, 320, 240) for k in range(24)}
    rows = []
    for k in range(500):
        frames = [str(frame) for frame in rng.choice(list(images), rng.integers(2, 6), replace=False)]
        rows.append(make_row("room", "obj_count_occ", frames, f"How many mug(s), asked for the {k}th time?"))
    statistics = write_dataset(tmp_path / "d", [SceneRows("room", "train", rows, images)])
    unique = sum(map(len, images.values()))
    repeated = sum(len(images[frame]) for row in rows for frame in row["frames"])
    (path,) = parquet_files(tmp_path / "d")
    assert repeated > 60 * unique
    assert unique > 2**20  # pyarrow's limit for dictionaries of its own making
    assert path.stat().st_size <= 1.15 * unique
    assert statistics["unique_images"] == {"count": 24, "bytes": unique}


def test_same_rows_give_same_bytes_in_any_order_within_a_scene(tmp_path, scenes):
    write_dataset(tmp_path / "one", scenes, run={"seed": 3})
    turned = [SceneRows(s.scene_name, s.split, s.rows[::-1], dict(reversed(s.images.items()))) for s in scenes]
    write_dataset(tmp_path / "two", turned, run={"seed": 3})
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_statistics_count_what_was_written(tmp_path, scenes):
    returned = write_dataset(tmp_path / "d", [*scenes, SceneRows("bare", "test", [], {})], run={"seed": 3})
    statistics = json.loads((tmp_path / "d" / "statistics.json").read_text(encoding="utf-8"))
    assert statistics == returned
    assert statistics["run"] == {"seed": 3}
    assert statistics["rows"] == 6 * 24 + 12
    assert statistics["scenes"] == {"train": 3, "validation": 2, "test": 2}
    assert statistics["scenes_without_rows"] == 1
    assert statistics["sources"] == {
        "procedural": {"scenes": 6, "rows": 144, "scenes_with_pixels": 6},
        "scannetpp": {"scenes": 1, "rows": 12, "scenes_with_pixels": 0},
    }
    assert statistics["configs"]["object_existence"] == {"train": 15, "validation": 12, "test": 12}
    assert statistics["question_types"]["obj_count_occ"] == {"train": 5, "validation": 4, "test": 4}
    assert statistics["levels"]["occ_level"] == {"low": 156}
    shown = [{frame for row in scene.rows for frame in row["frames"]} for scene in scenes if scene.images]
    assert statistics["unique_images"]["count"] == sum(map(len, shown))
    files = {path.relative_to(tmp_path / "d").as_posix(): path for path in parquet_files(tmp_path / "d")}
    assert statistics["files"] == {
        name: {
            "rows": pq.read_metadata(path).num_rows,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for name, path in files.items()
    }


def test_scenes_are_taken_one_at_a_time(tmp_path, rng, make_scene):
    taken = []

    def stream():
        for k in range(3):
            if k:  # the scene before this one is already in its file
                (path,) = (tmp_path / ".d.incomplete" / "data" / "object_count").iterdir()
                taken.append(path.stat().st_size)
            yield make_scene(f"room_{k}", "train", rng)

    write_dataset(tmp_path / "d", stream())
    assert 0 < taken[0] < taken[1]


def test_an_existing_dataset_is_replaced_only_when_asked(tmp_path, scenes):
    folder = tmp_path / "d"
    write_dataset(folder, scenes)
    before = contents(folder)
    with pytest.raises(DatasetError, match="already holds a dataset"):
        write_dataset(folder, scenes[:2])
    assert contents(folder) == before
    write_dataset(folder, scenes[:2], overwrite=True)
    assert json.loads((folder / "statistics.json").read_text(encoding="utf-8"))["rows"] == 48
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_an_empty_folder_is_filled(tmp_path, scenes):
    (tmp_path / "d").mkdir()
    write_dataset(tmp_path / "d", scenes[:1])
    assert (tmp_path / "d" / "statistics.json").is_file()


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("thesis.tex", "years of work", "it holds 'thesis.tex'"),
        ("README.md", "# Mine", "it has no statistics.json"),
        ("statistics.json", '{"format": "other"}', "is no statistics of a dataset"),
        ("statistics.json", '{"format": "other", "format_version": 1}', r"has the format \('other', 1\)"),
    ],
)
def test_a_folder_of_someone_else_is_never_replaced(tmp_path, scenes, name, text, found):
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=found):
        write_dataset(folder, scenes, overwrite=True)
    assert contents(folder) == {name: text.encode()}


def test_a_file_is_no_target(tmp_path, scenes):
    (tmp_path / "d").write_text("text", encoding="utf-8")
    with pytest.raises(DatasetError, match="is a file"):
        write_dataset(tmp_path / "d", scenes, overwrite=True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError("the source failed")])
def test_an_interrupted_run_leaves_the_old_dataset_and_nothing_else(tmp_path, scenes, error):
    folder = tmp_path / "d"
    write_dataset(folder, scenes)
    before = contents(folder)

    def stream():
        yield scenes[0]
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        write_dataset(folder, stream(), overwrite=True)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_what_a_killed_run_left_is_cleared_away(tmp_path, scenes):
    (tmp_path / ".d.incomplete" / "data").mkdir(parents=True)
    (tmp_path / ".d.incomplete" / "data" / "half.parquet").write_bytes(b"PAR1")
    write_dataset(tmp_path / "d", scenes[:1])
    assert [path.name for path in tmp_path.iterdir()] == ["d"]
    assert "data/half.parquet" not in contents(tmp_path / "d")


FULL_DISK = """
import pickle, resource, signal, sys
from pathlib import Path
from dataset_builder.errors import DatasetError
from dataset_builder.writer import SceneRows, write_dataset
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
scenes = pickle.loads(Path(sys.argv[1]).read_bytes())
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    write_dataset(Path(sys.argv[2]), [SceneRows(*scene) for scene in scenes])
except DatasetError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 8_000])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, scenes, room):
    """A limit on the size of files makes the kernel refuse bytes just as a full disk does."""
    (tmp_path / "out").mkdir()
    (tmp_path / "scenes").write_bytes(pickle.dumps([(s.scene_name, s.split, s.rows, s.images) for s in scenes]))
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "scenes"), str(tmp_path / "out" / "d"), str(room)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{tmp_path / 'out' / 'd'} cannot be written" in done.stdout
    assert "Free some space" in done.stdout
    assert done.stderr == ""
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path, scenes):
    (tmp_path / "file").write_text("text", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be written"):
        write_dataset(tmp_path / "file" / "d", scenes)


def test_numbers_come_back_as_they_were(tmp_path, scene):
    write_dataset(tmp_path / "d", [scene])
    stored = {row["id"]: row for rows in row_groups(tmp_path / "d") for row in rows}
    for row in scene.rows:
        assert stored[row["id"]]["overlap_avg"] == np.float32(row["overlap_avg"])
        assert [image["bytes"] for image in stored[row["id"]]["images"]] == [scene.images[f] for f in row["frames"]]


def test_an_id_in_two_scenes_is_named(tmp_path, scenes):
    first, second = scenes[0], scenes[1]
    rows = [second.rows[0] | {"id": first.rows[3]["id"]}, *second.rows[1:]]
    again = SceneRows(second.scene_name, second.split, rows, second.images)
    match = rf"1 row ids are used in more than one scene, '{first.rows[3]['id']}' in room_0, room_1"
    with pytest.raises(DatasetError, match=match):
        write_dataset(tmp_path / "d", [first, again])
    assert not (tmp_path / "d").exists()


def test_a_folder_with_card_pictures_and_reports_can_be_replaced(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    for name in ("audit.json", "shortcuts.json", "README.md"):
        (tmp_path / "d" / name).write_text("{}", encoding="utf-8")
    (tmp_path / "d" / "pictures").mkdir()
    write_dataset(tmp_path / "d", scenes[:1], overwrite=True)
    assert {path.name for path in (tmp_path / "d").iterdir()} == {"data", "statistics.json"}
