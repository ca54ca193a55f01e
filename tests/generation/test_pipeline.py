"""The run as a whole: the same bytes however it is run, and no scene lost without a word."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataset_builder.reader import load_rows
from dataset_builder.schema import TASK_OF
from generation import make_scene, plan, proposals
from generation.pipeline import generate
from generation.plan import make_plan, split_scenes
from generation.scenes import open_source
from generation.scenes.base import SceneError
from generation.settings import GenerateSettings
from spatialmosaic_cli.main import app


SIZE = {"scenes": 2, "frames": 8, "view_sets": 12, "questions": 4}


@pytest.fixture
def use_source(monkeypatch):
    """Function that puts a source in the place of every other."""

    def use(source):
        for module in (plan, proposals, make_scene):
            monkeypatch.setattr(module, "open_source", lambda settings: source)

    return use


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Settings and files of one run on one worker."""
    settings = GenerateSettings(out=tmp_path_factory.mktemp("one") / "spatialmosaic", **SIZE)
    generate(settings)
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
    assert content(settings.out) == files
    assert sorted((settings.work_dir / "scenes").iterdir()) == scenes
    assert {path: path.stat().st_mtime_ns for path in (scenes[0] / "images").iterdir()} == images_before


def test_every_candidate_is_accounted_for(reference):
    candidates = json.loads(reference[1]["statistics.json"])["run"]["candidates"]
    for kind, counts in candidates.items():
        if kind in TASK_OF:
            after = ("kept", "not_drawn", "more_than_a_scene_may_propose")
            assert counts["proposed"] == sum(counts.get(rule, 0) for rule in after) and counts["not_drawn"] >= 0


def test_without_pixels_the_questions_are_the_same(reference, tmp_path):
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", pixels=False, **SIZE)
    generate(settings)
    rows, others = (
        {row["id"]: {**row, "images": None} for split in ("train", "test") for row in load_rows(folder, split=split)}
        for folder in (settings.out, reference[0].out)
    )
    assert rows == others and rows
    run = json.loads((settings.out / "statistics.json").read_text(encoding="utf-8"))["run"]
    assert run["command"].endswith("--no-pixels")


def test_another_seed_gives_other_questions(reference, tmp_path):
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", seed=1, **SIZE | {"scenes": 1})
    generate(settings)
    assert content(settings.out) != reference[1]


class Failing:
    """A source of which some scenes cannot be loaded, for a reason that may go away."""

    def __init__(self, source, failing: set[str]):
        self.source, self.failing = source, failing

    def scene_names(self):
        return self.source.scene_names()

    def load(self, name):
        if name in self.failing:
            raise SceneError(f"Scene {name!r}: the mesh has no triangles. Check that the mesh file is complete.")
        return self.source.load(name)


def test_a_scene_that_fails_drops_out_of_its_group_and_comes_back(tmp_path, use_source):
    """It is set aside with its reason and moves no scene to another split or group; the next run tries it again."""
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", pixels=False, **SIZE | {"scenes": 4})
    groups = make_plan(settings).groups
    (together,) = [group for group in groups if len(group) == 2]
    source = Failing(open_source(settings), {together[0]})
    use_source(source)
    report = generate(settings)
    assert list(report.failed) == [together[0]] and "no triangles" in report.failed[together[0]]
    run = json.loads((settings.out / "statistics.json").read_text(encoding="utf-8"))["run"]
    assert run["balanced_together"] == [[name for name in group if name != together[0]] for group in groups]
    rows = load_rows(settings.out, columns=["scene_name"])
    assert {row["scene_name"] for row in rows} == {name for group in groups for name in group} - {together[0]}

    source.failing.clear()
    other = replace(settings, out=tmp_path / "other" / "spatialmosaic")
    assert generate(replace(settings, overwrite=True)).failed == generate(other).failed == {}
    assert content(settings.out) == content(other.out)


def test_a_scene_that_fails_late_is_set_aside(tmp_path, use_source, monkeypatch):
    """Its questions were drawn, its pictures cannot be had: the others' questions stay as they are."""
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", pixels=False, **SIZE)
    broken, good = make_plan(settings).names

    def build_rows(annotation, questions, seed):
        if annotation.scene_name == broken:
            raise SceneError("photo 7 cannot be read")
        return whole(annotation, questions, seed)

    whole = make_scene.build_rows
    with monkeypatch.context() as patch:
        patch.setattr(make_scene, "build_rows", build_rows)
        assert generate(settings).failed == {broken: "photo 7 cannot be read"}
    rows = load_rows(settings.out, columns=["scene_name"])
    assert {row["scene_name"] for row in rows} == {good}
    assert generate(replace(settings, overwrite=True)).failed == {}


def test_nothing_but_failures_is_an_error(tmp_path, use_source):
    class Broken:
        def scene_names(self):
            return ["broken"]

        def load(self, name):
            raise SceneError("no frames")

    use_source(Broken())
    with pytest.raises(SceneError, match="None of the 1 scenes could be used. The first one: broken: no frames"):
        generate(GenerateSettings(out=tmp_path / "spatialmosaic"))
    assert [path.name for path in tmp_path.iterdir()] == ["spatialmosaic.work"]


@pytest.mark.parametrize("count, test, validation", [(1, 0, 0), (2, 1, 0), (3, 1, 1), (8, 2, 1), (100, 20, 10)])
def test_splits(count, test, validation):
    names = [f"room_{k}" for k in range(count)]
    splits = split_scenes(names, seed=0)
    assert sorted(splits) == sorted(names)
    found = list(splits.values())
    assert (found.count("test"), found.count("validation")) == (test, validation)
    assert found.count("train") == count - test - validation


def test_listed_scenes_keep_their_split():
    names = [f"room_{k}" for k in range(10)]
    listed = {"room_3": "test", "room_4": "train", "room_5": "validation", "elsewhere": "test"}
    splits = split_scenes(names, 0, listed)
    assert sorted(splits) == names
    assert {name: splits[name] for name in listed if name in names} == {k: listed[k] for k in names[3:6]}
    others = [name for name in names if name not in listed]  # the same as if they were alone
    assert {name: splits[name] for name in others} == split_scenes(others, 0)


class Gated:
    """One procedural room as if it were a scan that must not be passed on."""

    def __init__(self, source):
        self.source = source

    def scene_names(self):
        return self.source.scene_names()

    def splits(self):
        return {"room_00000": "validation"}

    def load(self, name):
        return replace(self.source.load(name), redistributable=False, left_out={"label says nothing": 3})


def test_a_gated_scene_leaves_no_pixels_and_counts_what_it_lacks(tmp_path, use_source):
    settings = GenerateSettings(out=tmp_path / "spatialmosaic", **SIZE | {"scenes": 1})
    use_source(Gated(open_source(settings)))
    report = generate(settings)
    assert report.counts["instances"] == {"label says nothing": 3}
    rows = list(load_rows(settings.out, split="validation"))
    assert rows and all(row["images"] is None for row in rows)
    assert not [path for path in tmp_path.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"}]
