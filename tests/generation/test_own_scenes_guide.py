"""What docs/own_scenes.md shows works as it says."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dataset_builder.reader import load_rows
from generation.pipeline import generate
from generation.scenes import SOURCES, open_source
from generation.settings import GenerateSettings, SourceSettings


GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "own_scenes.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def capture(tmp_path_factory, write_capture, small_room):
    """A folder as the guide describes it, and its `transforms.json`."""
    folder = tmp_path_factory.mktemp("captures") / "kitchen"
    return folder, write_capture(folder, small_room)


def test_the_minimal_file_has_all_that_a_scene_needs(capture):
    (block,) = blocks("json")
    shown, (_, written) = json.loads(block), capture
    assert set(shown) == set(written) and set(shown["frames"][0]) == set(written["frames"][0])
    # "stands at (0.5, -2, 1.6) and looks along +y": OpenGL's camera looks along its -z
    matrix = np.array(shown["frames"][0]["transform_matrix"])
    assert matrix[:3, 3].tolist() == [0.5, -2, 1.6] and (-matrix[:3, 2]).tolist() == [0, 1, 0]
    assert np.linalg.det(matrix[:3, :3]) == 1


def test_from_the_folder_to_questions(capture, tmp_path):
    folder, _ = capture
    settings = GenerateSettings(
        source="posed_rgbd", root=folder, out=tmp_path / "spatialmosaic", view_sets=12, questions=4
    )
    report = generate(settings)
    rows = list(load_rows(settings.out, split="train"))
    assert len(rows) >= 20 and {row["dataset"] for row in rows} == {"posed_rgbd"} and not report.failed
    row = rows[0]
    for name, image in zip(row["frames"], row["images"], strict=True):
        assert image == (folder / f"images/{name}.jpg").read_bytes()  # the photo as it is


def test_a_corrected_label_is_asked_about(capture, tmp_path):
    folder = tmp_path / "kitchen"
    shutil.copytree(capture[0], folder)
    settings = GenerateSettings(
        source="posed_rgbd", root=folder, out=tmp_path / "d", view_sets=12, questions=4, pixels=False, overwrite=True
    )
    generate(settings)
    subjects = Counter(
        target["label"]
        for row in load_rows(settings.out, split="train")
        for target in json.loads(row["evidence"])["targets"]
    )
    label = max(subjects, key=subjects.get)
    text = (folder / "instances.json").read_text(encoding="utf-8")
    (folder / "instances.json").write_text(text.replace(f'"{label}"', '"samovar"'), encoding="utf-8")
    generate(settings)
    questions = " ".join(row["question"] for row in load_rows(settings.out, split="train"))
    assert "samovar" in questions and f"the {label} " not in questions


def test_the_further_source(capture, tmp_path, small_room):
    folder, _ = capture
    plain = tmp_path / "plain" / "kitchen"
    plain.mkdir(parents=True)
    for kind in ("images", "depth", "instance"):
        (plain / kind).symlink_to(folder / kind)
    poses = [
        " ".join([frame.frame_id, *(repr(float(x)) for x in frame.camera.world_from_cam.ravel())])
        for frame in small_room.frames
    ]
    (plain / "poses.txt").write_text("\n".join(poses) + "\n", encoding="utf-8")
    k = small_room.frames[0].camera.intrinsics
    (plain / "intrinsics.txt").write_text(f"{k[0, 0]} {k[1, 1]} {k[0, 2]} {k[1, 2]}\n", encoding="utf-8")
    labels = [f"{one.instance_id} {one.label}" for one in small_room.instances]
    (plain / "labels.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")

    code, line = blocks("python")
    assert len(code.splitlines()) <= 50
    namespace = {"SOURCES": dict(SOURCES)}
    exec(code, namespace)
    exec(line, namespace)
    settings = SourceSettings(source="plain", root=tmp_path / "plain")
    source = namespace["SOURCES"]["plain"](settings)
    assert source.scene_names() == ["kitchen"]
    scene = source.load("kitchen")
    # the same capture by the source that comes with the project
    same = open_source(SourceSettings(source="posed_rgbd", root=folder)).load("kitchen")
    assert scene.instances == same.instances
    np.testing.assert_allclose(scene.points.points, same.points.points, atol=1e-9)


def test_messages_that_the_guide_explains_exist():
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).resolve().parents[2] / "generation").rglob("*.py")
    )
    for message in (
        "in no frame",
        "category with an instance without depth",
        "frame that shares no surface with another",
        "seen in one frame only",
        "too few points with depth",
        "seen in part, and no frame shows how far it goes on",
        "the inverse transform",
        "OpenCV camera axes",
        "No other axes",
        "a pose that is not rigid",
        "no two frames see one surface",
    ):
        assert message in GUIDE and message in source, message
