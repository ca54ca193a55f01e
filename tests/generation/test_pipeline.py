"""The run as a whole: the same bytes however it is run, and no scene lost without a word."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from generation import pipeline
from generation.pipeline import generate, split_scenes
from generation.scenes import open_source
from generation.scenes.base import SceneError
from generation.settings import GenerateSettings
from hub_cards.dataset_card import write_card
from spatialmosaic_cli.main import app


SIZE = {"scenes": 2, "frames": 8, "view_sets": 12, "questions": 4}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Settings and files of one run on one worker."""
    settings = GenerateSettings(out=tmp_path_factory.mktemp("one") / "spatialmosaic", **SIZE)
    generate(settings)
    write_card(settings.out)
    return settings, content(settings.out)


def test_the_card_tells_the_command_that_made_it(reference):
    settings, files = reference
    run = json.loads(files["statistics.json"])["run"]
    assert (run["seed"], run["scenes"], run["questions"]) == (0, 2, 4)
    assert "--scenes 2 --frames 8 --view-sets 12 --questions 4" in files["README.md"].decode()
    result = CliRunner().invoke(app, [*run["command"].split()[1:], "--help"])
    assert result.exit_code == 0  # every option of it exists
    assert str(settings.out.parent) not in files["statistics.json"].decode()


def test_two_workers_give_the_same_bytes(reference, tmp_path):
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", workers=2, **SIZE)
    generate(settings)
    write_card(settings.out)
    assert content(settings.out) == reference[1]
    assert any(name.endswith(".parquet") for name in reference[1])


def test_a_stopped_run_goes_on_to_the_same_bytes(reference):
    settings, files = reference
    scenes = sorted((settings.work_dir / "scenes").iterdir())
    images_before = {path: path.stat().st_mtime_ns for path in (scenes[0] / "images").iterdir()}
    # as a kill leaves it: one scene whole, the other without its marker, and half a file of a third
    (scenes[1] / "done.json").unlink()
    (scenes[1].parent / ".room.partial-1" / "images").mkdir(parents=True)
    again = GenerateSettings(out=settings.out, overwrite=True, **SIZE)
    generate(again)
    write_card(settings.out)
    assert content(settings.out) == files
    assert {path: path.stat().st_mtime_ns for path in (scenes[0] / "images").iterdir()} == images_before


def test_another_seed_gives_other_questions(reference, tmp_path):
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", seed=1, **SIZE | {"scenes": 1})
    generate(settings)
    assert content(settings.out) != reference[1]


def test_a_scene_that_fails_is_set_aside_with_its_reason(reference, monkeypatch):
    settings, _ = reference

    class OneBroken:
        def __init__(self, source):
            self.source = source

        def scene_names(self):
            return ["broken", *self.source.scene_names()]

        def load(self, name):
            if name == "broken":
                raise SceneError("Scene 'broken': the mesh has no triangles. Check that the mesh file is complete.")
            return self.source.load(name)

    monkeypatch.setattr(pipeline, "open_source", lambda settings: OneBroken(open_source(settings)))
    report = generate(GenerateSettings(out=settings.out, overwrite=True, **SIZE))
    assert list(report.failed) == ["broken"] and "no triangles" in report.failed["broken"]
    assert sum(counts["kept"] for counts in report.counts.values()) > 0


def test_nothing_but_failures_is_an_error(tmp_path, monkeypatch):
    class Broken:
        def scene_names(self):
            return ["broken"]

        def load(self, name):
            raise SceneError("no frames")

    monkeypatch.setattr(pipeline, "open_source", lambda settings: Broken())
    with pytest.raises(SceneError, match="None of the 1 scenes could be used. The first one: broken: no frames"):
        generate(GenerateSettings(out=tmp_path / "spatialmosaic"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count, test, validation", [(1, 0, 0), (2, 1, 0), (3, 1, 1), (8, 2, 1), (100, 20, 10)])
def test_splits(count, test, validation):
    names = [f"room_{k}" for k in range(count)]
    splits = split_scenes(names, seed=0)
    assert sorted(splits) == sorted(names)
    found = list(splits.values())
    assert (found.count("test"), found.count("validation")) == (test, validation)
    assert found.count("train") == count - test - validation
