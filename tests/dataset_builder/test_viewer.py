"""The page of questions: what is in its file, and what a browser makes of it."""

import base64
import json
import re
import shutil
import subprocess

import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.viewer import write_page
from dataset_builder.writer import SceneRows, write_dataset


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def page_data(path):
    html = path.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(data)


@pytest.fixture
def folder(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes)
    return tmp_path / "d"


def test_every_image_is_embedded_once_and_unchanged(tmp_path, folder, scenes):
    write_page(folder, tmp_path / "page.html", limit=1000)
    data = page_data(tmp_path / "page.html")
    assert len(data["rows"]) == 156
    stored = [base64.b64decode(image["uri"].partition("base64,")[2]) for image in data["images"]]
    bytes_of = {(s.scene_name, frame): image for s in scenes for frame, image in s.images.items()}
    shown = {(s.scene_name, frame) for s in scenes if s.images for row in s.rows for frame in row["frames"]}
    assert len(stored) == len(shown)
    for row in data["rows"]:
        if row["dataset"] == "scannetpp":
            assert row["images"] is None
        else:
            expected = [bytes_of[row["scene_name"], frame] for frame in row["frames"]]
            assert [stored[k] for k in row["images"]] == expected
    assert {(image["width"], image["height"]) for image in data["images"]} == {(64, 48)}


def test_limit_is_spread_over_types_and_scenes(tmp_path, folder):
    write_page(folder, tmp_path / "page.html", split="train", limit=24)
    rows = page_data(tmp_path / "page.html")["rows"]
    types = [row["question_type"] for row in rows]
    assert len(rows) == 24
    assert {types.count(kind) for kind in types} == {2}
    assert {row["scene_name"] for row in rows} <= {"room_0", "room_2", "5f99900f09"}
    assert len({row["scene_name"] for row in rows}) > 1


def test_config_and_split_narrow_the_page(tmp_path, folder):
    write_page(folder, tmp_path / "page.html", config="object_localization", split="validation")
    rows = page_data(tmp_path / "page.html")["rows"]
    assert {(row["task"], row["scene_name"]) for row in rows} == {
        ("object_localization", "room_3"),
        ("object_localization", "room_5"),
    }


def test_page_refers_to_nothing_outside(tmp_path, folder):
    write_page(folder, tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"' ]+", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link|@import|url\(|<script[^>]*src", html)


def test_no_dataset_and_no_page(tmp_path):
    with pytest.raises(DatasetError, match="is no dataset"):
        write_page(tmp_path / "d", tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


ACTIONS = """
const list = document.createElement("pre");
const seen = name => list.append(name + "=" + [...document.querySelectorAll("article:not([hidden])")].length + ";");
seen("all");
selects[0].select.value = "object_count";
selects[0].select.dispatchEvent(new Event("change"));
seen("counting");
list.append(document.getElementById("count").textContent + ";");
const first = document.querySelector("article:not([hidden])");
const truth = () => getComputedStyle(first.querySelector(".truth")).display;
list.append("before=" + truth() + ";");
first.querySelector("button").click();
list.append("after=" + truth() + ";");
const box = () => getComputedStyle(first.querySelector("svg")).display;
list.append("box=" + box() + ";");
document.getElementById("boxes").click();
list.append("nobox=" + box() + ";");
list.append("rects=" + first.querySelectorAll("rect").length + ";");
list.append("options=" + [...first.querySelectorAll("li")].map(li => li.textContent).join("|") + ";");
list.append("size=" + first.querySelector("img").naturalWidth + ";");
list.id = "report";
document.body.append(list);
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium to run the page's script")
def test_page_in_a_browser(tmp_path, make_row, scene):
    """The first question has three views; its mug is visible in two, its desk in all."""
    frames = ["frame_0000", "frame_0001", "frame_0002"]
    rows = [make_row("room_0", "obj_count_occ", frames, "How many </script><b>mugs</b>?"), *scene.rows[2:]]
    write_dataset(tmp_path / "d", [SceneRows("room_0", "train", rows, scene.images)])
    write_page(tmp_path / "d", tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    before, script_end, after = html.rpartition("</script>")
    acted = f"window.addEventListener('load', () => {{{ACTIONS}}});{script_end}"
    (tmp_path / "acted.html").write_text(before + acted + after, encoding="utf-8")
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path / 'acted.html'}"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    report = re.search(r'<pre id="report">(.*?)</pre>', done.stdout, re.DOTALL)[1]
    assert report.split(";") == [
        "all=23",
        "counting=1",
        "1 of 23 questions",
        "before=none",
        "after=inline",
        "box=block",
        "nobox=none",
        "rects=5",
        "options=A. cup &amp",
        " saucer|B. mug|C. &lt",
        "plate&gt",
        "|D. lamp",
        "size=64",
        "",
    ]
