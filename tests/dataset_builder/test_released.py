"""Published records: read, and written again as they were."""

import copy
import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_rows, load_statistics
from dataset_builder.released import read_released, record_of_row, row_of_record, write_released
from dataset_builder.scene_rows import TEXT_SCHEMA, SceneRows
from dataset_builder.schema import TASK_OF
from dataset_builder.writer import write_dataset


COUNT = {
    "dataset": "scannetpp",
    "scene_name": "2ab7bea148",
    "question_type": "obj_count_occ",
    "frames": ["frame_009170", "frame_016110"],
    "question": "How many mouse(s) are visible across these frames?",
    "options": ["A. 4", "B. 3", "C. 2", "D. 1"],
    "ground_truth": "1",
    "mc_answer": "D",
    "overlap_avg": 3.9537576,
    "occlusion_avg": 0.0,
    "occ_level": "low",
    "overlap_level": "high",
    "vis_level": "Fully Visible",
    "GT Scenario": "Full Coverage",
    "id": 0,
    "bbox_2d": [],
    "bbox_2d_diag": "0",
}
ATTRIBUTE = {
    **COUNT,
    "question_type": "obj_attribute_occ_lr",
    "question": 'In frame_016110, which object appears left the desk(10,20) in this viewpoint?"',
    "options": ["A. mug", "B. bed", "C. lamp", "D. rug"],
    "mc_answer": "B",
    **dict.fromkeys(("ground_truth", "overlap_avg", "occlusion_avg", "occ_level", "GT Scenario", "bbox_2d")),
    "bbox_2d_diag": None,
}
POINT = {
    **COUNT,
    "question_type": "obj_localization_occ_na",
    "ground_truth": "(465,72)",
    "bbox_2d": [450, 60, 480, 84],
    "bbox_2d_diag": "38.4187454",
}


def row(record: dict, index: int = 7) -> dict:
    return row_of_record(record, index, "indoor", "the record")


def test_a_count_by_hand():
    found = row(COUNT)
    assert (found["id"], found["dataset"], found["domain"], found["task"]) == (
        "released-0",
        "scannetpp",
        "indoor",
        "object_count",
    )
    assert (found["mc_answer"], found["ground_truth"], found["answer_format"]) == ("D", "1", "choice")
    assert found["overlap_avg"] == pytest.approx(3.9537576) and found["overlap_level"] == "high"
    assert (found["gt_scenario"], found["bbox_2d"], found["bbox_2d_diag"]) == ("Full Coverage", None, None)
    assert found["completion"][0]["content"][0]["text"] == "D"


def test_what_a_record_leaves_open():
    found = row(ATTRIBUTE)
    assert found["ground_truth"] == "bed"  # told by the letter
    assert found["overlap_avg"] is found["occ_level"] is found["gt_scenario"] is found["truncation_avg"] is None


def test_prompts_number_the_frames():
    found = row(ATTRIBUTE)
    assert found["question"] == ATTRIBUTE["question"]
    assert found["prompt"][0]["content"][-1]["text"].startswith("In Frame 2, which object appears left the desk")


def test_a_point():
    found = row(POINT)
    assert (found["answer_format"], found["ground_truth"], found["options"], found["mc_answer"]) == (
        "point",
        "(465,72)",
        [],
        None,
    )
    assert found["bbox_2d"] == [450, 60, 480, 84] and found["bbox_2d_diag"] == pytest.approx(38.4187454)


def test_frames_that_are_paths():
    found = row({**COUNT, "frames": ["2ab7bea148/images/frame_1.jpg", "frame_2.png"]})
    assert found["frames"] == ["frame_1", "frame_2"]


@pytest.mark.parametrize("record", [COUNT, ATTRIBUTE, POINT], ids=["count", "attribute", "point"])
@pytest.mark.parametrize(
    "change",
    [{}, {"overlap_avg": "3.95"}, {"id": "17"}, {"note": [1, None]}, {"bbox_2d": None}, {"options": None}]
    + [{"bbox_2d_diag": 12.5}, {"ground_truth": 3}, {"mc_answer": None}, {"mc_answer": "E"}, {"occlusion_avg": 1}],
    ids=str,
)
def test_odd_values_come_back(record, change):
    record = {**record, **change}
    assert json.dumps(record_of_row(row(record), 3)) == json.dumps(record)
    for key in set(record) - {"scene_name", "question_type", "frames", "question"}:
        lacking = {name: value for name, value in record.items() if name != key}
        assert json.dumps(record_of_row(row(lacking), 3)) == json.dumps(lacking)


values = st.none() | st.integers(-5, 2000) | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=4)
optional = ("dataset", "options", "ground_truth", "mc_answer", "overlap_avg", "occlusion_avg", "occ_level", "id")
optional += ("overlap_level", "vis_level", "GT Scenario", "bbox_2d", "bbox_2d_diag", "extra", "video id")


@st.composite
def records(draw):
    record = {
        "scene_name": draw(st.text("abc019", min_size=1)),
        "question_type": draw(st.sampled_from(sorted(TASK_OF))),
        "frames": draw(st.lists(st.sampled_from(["frame_1", "frame_2", "a/b.jpg"]), min_size=1, max_size=5)),
        "question": draw(st.text(min_size=1)),
    }
    plausible = draw(st.sampled_from([COUNT, ATTRIBUTE, POINT]))
    for name in draw(st.sets(st.sampled_from(optional))):
        record[name] = draw(values | st.just(plausible.get(name)))
    return {name: record[name] for name in draw(st.permutations(list(record)))}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(records())
def test_every_record_comes_back_through_parquets_types(record):
    found = row(copy.deepcopy(record))
    stored = pa.Table.from_pylist([found], schema=TEXT_SCHEMA).to_pylist()[0]
    for one in (found, stored):
        assert json.dumps(record_of_row(one, 7)) == json.dumps(record)


def test_files(tmp_path):
    source, again = tmp_path / "merged_indoor_test.json", tmp_path / "out" / "again.json"
    source.write_text(json.dumps([COUNT, ATTRIBUTE, POINT]), encoding="utf-8")
    rows = read_released(source, "indoor")
    write_released(rows, again)
    assert json.loads(again.read_text(encoding="utf-8")) == [COUNT, ATTRIBUTE, POINT]
    assert [path.name for path in again.parent.iterdir()] == ["again.json"]


def test_a_dataset_of_published_records(tmp_path):
    """Written without pixels, loaded by the library, and written again as the records that they were."""
    source, again = tmp_path / "merged_indoor_test.json", tmp_path / "again.json"
    source.write_text(json.dumps([COUNT, {**POINT, "id": 1, "occ_level": None}]), encoding="utf-8")
    write_dataset(tmp_path / "d", [SceneRows(COUNT["scene_name"], "test", read_released(source, "indoor"), {})])
    rows = sorted(load_rows(tmp_path / "d", split="test"), key=lambda row: row["id"])
    assert [row["occ_level"] for row in rows] == ["low", None] and rows[0]["truncation_avg"] is None
    write_released(rows, again)
    records = [COUNT, {**POINT, "id": 1, "occ_level": None}]
    assert json.loads(again.read_text(encoding="utf-8")) == records
    assert load_statistics(tmp_path / "d")["levels"]["occ_level"] == {"low": 1, "unknown": 1}


def test_rows_of_our_own():
    ours = row(POINT) | {"evidence": '{"version": 2}', "id": "5f2c", "bbox_2d": [450.0, 60.0, 480.0, 84.0]}
    record = record_of_row(ours, 12)
    assert set(record) == set(COUNT)
    assert (record["id"], record["GT Scenario"], record["options"]) == (12, "Full Coverage", [])
    assert (record["bbox_2d"], record["bbox_2d_diag"], record["ground_truth"]) == (
        [450, 60, 480, 84],
        "38.4187",
        "(465,72)",
    )
    shared = set(ours) - {"id", "evidence", "bbox_2d_diag", "truncation_avg"}
    again = row(record, 12)
    assert {name: again[name] for name in shared} == {name: ours[name] for name in shared}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[{", "cannot be read as JSON"),
        ("{}", "holds a JSON dict. The published form is a list"),
        ("[3]", "record 0 is a JSON int"),
        (json.dumps([COUNT, {**COUNT, "frames": []}]), "record 1: 'frames' is missing or empty"),
        (json.dumps([{**COUNT, "question_type": "obj_depth_occ"}]), "unknown question type 'obj_depth_occ'"),
        (json.dumps([{**COUNT, "frames": "frame_1"}]), "'frames' is 'frame_1'. It must be a list"),
    ],
)
def test_bad_files(tmp_path, content, message):
    path = tmp_path / "records.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_released(path, "indoor")
