"""What is on the page: the answer only when asked for, text as text, photos from the user's own copy."""

import base64
import io
import re

import page
import pytest
from evidence import read_points
from explorer import ALL, CHOOSERS, Explorer, Session
from own_copy import NoPhotosError, own_photos
from PIL import Image
from reading import Questions


NO_SCENES = "There is no map: this is a test."


@pytest.fixture(scope="module")
def row(dataset):
    questions = Questions(str(dataset))
    return questions.row(questions.index("object_localization", "train")["id"][0].as_py())


def session(row_id="", revealed=False, option=None, overlays=(), **chosen) -> Session:
    return Session(row_id, revealed, option, None, list(overlays), dict.fromkeys(CHOOSERS, ALL) | chosen)


def images(html: str) -> list[bytes]:
    return [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", html)]


def test_views_are_the_stored_files_until_something_is_drawn(row):
    assert images(page.views(row, [], [])) == row["images"]
    drawn = [Image.open(io.BytesIO(image)) for image in images(page.views(row, [], ["Boxes"]))]
    assert [image.size for image in drawn] == [(640, 480)] * 3


def test_texts_of_a_row_are_no_html(row):
    assert "<i>" in row["question"] and "<i>" not in page.question(row)
    assert "&lt;i&gt;" in page.question(row)
    assert "<b>$" not in page.answer({**row, "mc_answer": "D"}, "A. <script>") and "<script>" not in page.answer(
        row, "A. <script>"
    )


def test_the_answer_is_told_only_when_asked_for(dataset, row):
    explorer = Explorer(Questions(str(dataset)), NO_SCENES)
    shown = explorer.open(session(row["id"]))
    assert shown["answer"] == "" and not shown["revealed"]
    told = explorer.reveal(session(row["id"], option="C. Yes; (60, 70)"))
    assert told["revealed"] and "✓ Right. Answer: <b>C. Yes; (60, 70)</b>" in told["answer"]
    wrong = explorer.reveal(session(row["id"], option="B. No"))
    assert "✗ You chose B. No. Answer: <b>C. Yes; (60, 70)</b>" in wrong["answer"]
    assert explorer.reveal(session(row["id"], revealed=True))["answer"] == ""
    assert shown["map"] == f'<p class="sm-faint">{NO_SCENES}</p>'


def test_a_filter_that_the_next_config_does_not_know_is_set_back(dataset):
    explorer = Explorer(Questions(str(dataset)), NO_SCENES)
    shown = explorer.filter(session(config="object_existence", split="train", question_type="obj_count_occ"))
    assert shown["question_type"]["value"] == ALL and shown["split"]["value"] == "train"
    assert explorer.filter(session(config="object_count", split="validation"))["split"]["value"] == ALL


def test_filters_that_leave_nothing_say_so(dataset):
    explorer = Explorer(Questions(str(dataset)), NO_SCENES)
    for occlusion in ("none", "low", "medium", "high"):
        for overlap in ("low", "medium", "high"):
            for coverage in ("Full Coverage", "Partial Coverage"):
                chosen = {"occ_level": occlusion, "overlap_level": overlap, "gt_scenario": coverage}
                shown = explorer.filter(session(config="object_count", split="train", **chosen))
                if shown["row_id"] == "":
                    assert "No question has all of this" in shown["views"] and shown["question"] == ""
                    assert shown["reveal"]["visible"] is False
                    return
    pytest.fail("all combinations have rows")


def test_an_unknown_id_is_said_and_the_first_row_shown(dataset):
    shown = Explorer(Questions(str(dataset)), NO_SCENES).open(session("not-there"))
    assert "No question has the id &#x27;not-there&#x27;" in shown["status"] and shown["row_id"]


def test_rows_without_pixels_show_question_and_evidence(bare_dataset):
    questions = Questions(str(bare_dataset))
    (row_id, _) = questions.index(None, None)["id"].to_pylist()
    explorer = Explorer(questions, NO_SCENES)
    shown = explorer.reveal(session(row_id, overlays=["Boxes", "Occlusion"]))
    assert "holds no photos of scannetpp" in shown["views"] and "--images-root" in shown["views"]
    assert shown["views"].count(">no photo<") == 2 and "25 % hidden, 10 % cut off" in shown["views"]
    assert "<h3>Evidence</h3>" in shown["answer"]


def test_photos_come_from_the_users_own_copy(bare_dataset, tmp_path):
    folder = tmp_path / "0a1b2c" / "images"
    folder.mkdir(parents=True)
    photos = []
    for k in (1, 2):
        Image.new("RGB", (40, 30), (80 * k, 0, 0)).save(folder / f"frame_{k}.jpg")
        photos.append((folder / f"frame_{k}.jpg").read_bytes())
    questions = Questions(str(bare_dataset))
    (row_id, _) = questions.index(None, None)["id"].to_pylist()
    shown = Explorer(questions, NO_SCENES, tmp_path).redraw(session(row_id))
    assert images(shown["views"]) == photos
    (folder / "frame_2.jpg").unlink()
    with pytest.raises(NoPhotosError, match="0a1b2c/frame_2"):
        own_photos(questions.row(row_id), tmp_path)


def test_an_image_that_cannot_be_read_is_said_in_its_place(row):
    broken = {**row, "images": [row["images"][0], b"\x89PNG cut", row["images"][2]]}
    for overlays in ([], ["Boxes"]):
        html = page.views(broken, read_points(row, False), overlays)
        assert html.count("cannot be read") == 1 and len(images(html)) == 2
