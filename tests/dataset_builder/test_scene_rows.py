"""Every rule at the door of the writer, broken once."""

import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from dataset_builder.errors import DatasetError
from dataset_builder.writer import write_dataset


def refused(tmp_path, *scenes, match, **options):
    with pytest.raises(DatasetError, match=match):
        write_dataset(tmp_path / "d", scenes, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"question_type": "obj_colour"}, "unknown question type 'obj_colour'.*obj_count_occ"),
        ({"task": "object_existence"}, "'task' is 'object_existence', not 'object_count'"),
        ({"scene_name": "room_9"}, "'scene_name' is 'room_9', not 'room_0'"),
        ({"answer_format": "essay"}, "unknown answer format 'essay'.*choice"),
        ({"mc_answer": "E"}, "the answer 'E' names none of the options"),
        ({"mc_answer": None}, "the answer None names none of the options"),
        ({"evidence": "the mug is left of the desk"}, "'evidence' is not JSON"),
        ({"evidence": None}, "'evidence' is null"),
        ({"evidence": '{"angle_deg": NaN}'}, r"'evidence' is not JSON.*column 15"),
        ({"evidence": "[1, 2]"}, "'evidence' is a JSON list. It must be an object"),
        ({"occlusion_avg": float("nan")}, "'occlusion_avg' is nan. It must be a finite number"),
        ({"overlap_avg": "much"}, "'overlap_avg' is 'much'. It must have the type float"),
        ({"question": 7}, "'question' is 7. It must have the type string"),
        ({"options": 4}, "'options' is 4. It must have the type list"),
        ({"prompt": "Where is the mug?"}, "'prompt' is 'Where is the mug.'. It must have the type list"),
        ({"prompt": [{"role": "user"}]}, "frames but 0 images in the prompt"),
        ({"id": ["a"]}, r"'id' is \['a'\]. It must have the type string"),
        ({"frames": ["frame_0000", "frame_9999"]}, "frame 'frame_9999' has no image"),
        ({"frames": ["frame_0000", "../frame_0001"]}, "the frame id '../frame_0001' is not a plain name"),
        ({"frames": []}, "0 frames but"),
        ({"frames": ["frame_0000"] * 9}, "9 frames but . images in the prompt"),
        ({"colour": "red"}, "'colour' is no column of a row"),
    ],
)
def test_bad_row(tmp_path, scene, change, match):
    scene.rows[0].update(change)
    row_id = re.escape(repr(scene.rows[0]["id"]))
    refused(tmp_path, scene, match=f"Scene 'room_0', row {row_id}: .*{match}")


def test_missing_column(tmp_path, scene):
    del scene.rows[3]["gt_scenario"]
    refused(tmp_path, scene, match=f"row '{scene.rows[3]['id']}': 'gt_scenario' is missing")


def test_unknown_split(tmp_path, scene):
    refused(tmp_path, replace(scene, split="val"), match="unknown split 'val'. Use one of train, validation, test")


@pytest.mark.parametrize("name", ["../room", "room/0", "", ".room", "room 0", "room\n"])
def test_unsafe_scene_name(tmp_path, scene, name):
    refused(tmp_path, replace(scene, scene_name=name), match="the scene id .* is not a plain name")


def test_unsafe_image_name(tmp_path, scene):
    scene.images["a/b"] = scene.images["frame_0000"]
    refused(tmp_path, scene, match="the frame id 'a/b' is not a plain name")


def test_same_question_twice_in_a_scene(tmp_path, scene):
    scene.rows.append(scene.rows[0])
    refused(tmp_path, scene, match=f"the row id '{scene.rows[0]['id']}' occurs more than once")


@pytest.mark.parametrize("split", ["test", "train"])
def test_same_scene_twice(tmp_path, scene, split):
    again = replace(scene, split=split, rows=[{**row, "id": f"{row['id']}-again"} for row in scene.rows])
    refused(tmp_path, scene, again, match=f"'room_0' of 'procedural' came twice: in split 'train', then in '{split}'")


def test_two_sources_may_use_one_scene_name(tmp_path, scene, make_row):
    rows = [make_row("room_0", "obj_count_occ", ["frame_0000", "frame_0001"], "How many?", "posed_rgbd")]
    statistics = write_dataset(tmp_path / "d", [scene, replace(scene, split="test", rows=rows)])
    assert statistics["scenes"] == {"train": 1, "test": 1}


def test_rows_of_two_sources_in_one_scene(tmp_path, scene):
    scene.rows[0]["dataset"] = "waymo"
    refused(tmp_path, scene, match="its rows name the sources procedural, waymo")


def test_image_that_is_neither_jpeg_nor_png(tmp_path, scene):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "GIF")
    scene.images["frame_0002"] = stream.getvalue()
    refused(tmp_path, scene, match="frame 'frame_0002': the image is neither JPEG nor PNG, it begins with b'GIF8")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_image_that_was_cut_short(tmp_path, scene, rng, kind):
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(stream, kind)
    scene.images["frame_0001"] = stream.getvalue()[: len(stream.getvalue()) // 2]
    refused(tmp_path, scene, match="frame 'frame_0001': the image cannot be read")


def test_empty_image(tmp_path, scene):
    scene.images["frame_0001"] = b""
    refused(tmp_path, scene, match="frame 'frame_0001': the image is neither JPEG nor PNG")


def test_png_is_taken_as_it_is(tmp_path, scene):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    scene.images["frame_0000"] = stream.getvalue()
    assert write_dataset(tmp_path / "d", [scene])["rows"] == len(scene.rows)


def test_row_whose_images_exceed_a_row_group(tmp_path, scene):
    refused(tmp_path, scene, match="more than the 100 of a row group. Store smaller images", max_group_bytes=100)


def test_no_rows_at_all(tmp_path, scene):
    refused(tmp_path, replace(scene, rows=[]), match="There are no rows to write")
    refused(tmp_path, match="There are no rows to write")
