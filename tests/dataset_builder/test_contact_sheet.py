"""The contact sheet, by the colours of its pixels on views of one plain grey."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from dataset_builder.contact_sheet import ANSWER, ASKED, COLORS, _chosen_rows, _facts, contact_sheet, task_pictures
from dataset_builder.errors import DatasetError
from dataset_builder.evidence import shown_boxes, shown_pixels
from dataset_builder.writer import SceneRows, write_dataset


GREY = 120


@pytest.fixture
def images():
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), (GREY, GREY, GREY)).save(stream, "PNG")
    return {f"frame_{k:04d}": stream.getvalue() for k in range(5)}


def is_color(pixels, color):
    rgb = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
    return (pixels == rgb).all(axis=-1)


def draw(tmp_path, scene):
    write_dataset(tmp_path / "d", [scene])
    contact_sheet(tmp_path / "d", tmp_path / "sheet.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", "sheet.png"]
    with Image.open(tmp_path / "sheet.png") as sheet:
        return np.asarray(sheet)


def test_boxes_lie_where_the_evidence_says(tmp_path, make_row, images):
    row = make_row("room", "obj_spatial_occ_lr", list(images)[:3], "Where does the mug appear relative to the desk?")
    evidence = json.loads(row["evidence"])
    for view in evidence["targets"][0]["views"][:2]:
        view["visible_box"] = [160, 240, 320, 360]
    for view in evidence["references"][0]["views"]:
        view["visible_box"] = [400, 120, 640, 480]
    row["evidence"] = json.dumps(evidence)
    sheet = draw(tmp_path, SceneRows("room", "train", [row], images))
    assert sheet.shape[1] == 1600

    grey = (sheet == GREY).all(axis=-1)
    lines = np.flatnonzero(grey.sum(axis=1) > 300)
    top, bottom = lines[0], lines[-1] + 1
    views = np.split(np.arange(1600), [560, 1076])  # three views of 504 px from 32, 12 px apart
    scale = 504 / 640
    assert bottom - top == pytest.approx(480 * scale, abs=1)
    for k, columns in enumerate(views):
        left = 32 + k * 516
        for role, box, shown in (("target", (160, 240, 320, 360), k < 2), ("reference", (400, 120, 640, 480), True)):
            drawn = is_color(sheet[top:bottom, columns], COLORS[role])
            # the box's lower part: its name stands above it
            low = drawn[round(box[1] * scale) :]
            assert low.any() == shown
            if shown:
                y, x = np.nonzero(low)
                assert x.min() + columns[0] - left == pytest.approx(box[0] * scale, abs=1.5)
                assert x.max() + columns[0] - left == pytest.approx(box[2] * scale - 1, abs=1.5)
                assert y.max() + round(box[1] * scale) == pytest.approx(box[3] * scale - 1, abs=1.5)
    asked = is_color(sheet[top:bottom], ASKED).any(axis=0)
    assert np.flatnonzero(asked).min() == pytest.approx(32 + 2 * 516 - 5, abs=1)


def test_one_question_of_each_task_and_the_clearest(tmp_path, make_row, images, scenes):
    names = list(images)
    rows = []
    for k, (count, pixels) in enumerate([(2, 9_000), (3, 500), (4, 4_000), (3, 3_000), (5, 9_000)]):
        row = make_row("room", "obj_existence_occ_fb", names[:count], f"question {k}")
        evidence = json.loads(row["evidence"])
        for subject in evidence["targets"] + evidence["references"]:
            subject["views"][0]["visible_pixels"] = pixels
        row["evidence"] = json.dumps(evidence)
        rows.append(row)
    write_dataset(tmp_path / "d", [*scenes, SceneRows("room", "train", rows, images)])
    chosen = {row["task"]: row for row in _chosen_rows(tmp_path / "d")}
    assert len(chosen) == 6
    # 4 views and 4,000 pixels: larger ones have too few views or too many
    assert chosen["object_existence"]["question"] == "question 2"
    assert all(row["images"] for row in chosen.values())


def test_same_dataset_gives_the_same_picture(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    contact_sheet(tmp_path / "d", tmp_path / "one.png")
    contact_sheet(tmp_path / "d", tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_dataset_without_pixels(tmp_path, scenes):
    write_dataset(tmp_path / "d", [scenes[-1]])
    with pytest.raises(DatasetError, match="no row with pixels"):
        contact_sheet(tmp_path / "d", tmp_path / "sheet.png")
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_what_a_view_does_not_clearly_show_has_no_box():
    def subject(*pixels):
        classes = {0: "absent", 50: "unclear", 400: "visible"}
        return {
            "label": "mug",
            "views": [
                {
                    "frame": k + 1,
                    "visibility": classes[n],
                    "visible_pixels": n,
                    "visible_box": [0, 0, 20, n / 20] if n else None,
                }
                for k, n in enumerate(pixels)
            ],
        }

    evidence = {"targets": [subject(400, 0, 50)], "references": [subject(0, 400, 400), subject(50, 50, 0)]}
    roles = [[shown.role for shown in view] for view in shown_boxes(evidence, 3)]
    assert roles == [["target"], ["reference"], ["reference"]]
    assert shown_pixels(evidence) == 50


def test_task_pictures_are_the_blocks_of_the_sheet(tmp_path, make_row, images):
    kinds = ["obj_count_occ", "obj_spatial_occ_lr"]
    rows = [make_row("room", kind, list(images)[: k + 2], f"{kind}: which one?") for k, kind in enumerate(kinds)]
    sheet = draw(tmp_path, SceneRows("room", "train", rows, images)).astype(int)
    drawn = task_pictures(tmp_path / "d", tmp_path / "pictures")
    assert [path.name for path in drawn.values()] == ["object_count.jpg", "spatial_relation.jpg"]
    assert sorted((tmp_path / "pictures").iterdir()) == list(drawn.values())
    pictures = []
    for path in drawn.values():
        with Image.open(path) as opened:
            pictures.append(np.asarray(opened).astype(int))
    # below the legend the pictures stand one upon another, but for what JPEG loses
    below = sheet[-sum(len(picture) for picture in pictures) :]
    assert np.abs(below - np.concatenate(pictures)).mean() < 1
    assert np.abs(below - np.concatenate(pictures[::-1])).mean() > 3


def test_a_row_without_pixels_is_not_drawn_where_its_source_has_some(tmp_path, make_row, images):
    def scene(name: str, pixels: dict) -> SceneRows:
        return SceneRows(name, "train", [make_row(name, "obj_count_occ", list(images)[:views], "How many?")], pixels)

    views = 2  # of two rows that are seen equally well, the one with 3 views would be drawn
    shown = scene("shown", images)
    views = 3
    write_dataset(tmp_path / "d", [shown, scene("hidden", {})])
    assert [row["scene_name"] for row in _chosen_rows(tmp_path / "d")] == ["shown"]


def test_a_row_made_elsewhere_may_leave_its_diagnostics_open(tmp_path, make_row, images):
    row = make_row("room", "obj_count_occ_na", list(images)[:2], "How many?")
    row |= dict.fromkeys(name for name in row if name.endswith(("_avg", "_level")) or name == "gt_scenario")
    row |= {"answer_format": "number", "mc_answer": None, "ground_truth": "3", "evidence": '{"released": {}}'}
    sheet = draw(tmp_path, SceneRows("room", "train", [row], images))
    legend = 60
    assert not is_color(sheet[legend:], ASKED).any() and not is_color(sheet[legend:], COLORS["target"]).any()
    assert is_color(sheet[legend:], ANSWER).any()
    assert _facts(row) == f"scene room · row {row['id']}"
