"""The tasks and the plugin in the real lmms-eval: what it shows, and that its scores are those of `evaluate`."""

import io
import json
import os
import runpy
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dataset_builder import bench
from dataset_builder.bench import models
from dataset_builder.bench.metrics import SCORERS
from dataset_builder.bench.prompts import MAX_NEW_TOKENS
from dataset_builder.bench.run import evaluate
from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_rows
from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import TASK_OF, TASKS, build_prompt
from dataset_builder.writer import write_dataset


HERE = Path(__file__).parent
TASKS_FOLDER = Path(bench.__file__).with_name("lmms_eval")
ENTRIES = [json.loads(line) for line in (HERE / "replies.jsonl").read_text(encoding="utf-8").splitlines()]
NUMBER_TYPES = {None: "obj_count_occ_na", "m": "obj_distance_occ_na", "cm": "obj_size_occ_na"}
needs_harness = pytest.mark.skipif(
    find_spec("lmms_eval") is None, reason="lmms-eval is not installed: pip install --no-deps lmms-eval==0.7.3"
)


@pytest.fixture(scope="module")
def replied(tmp_path_factory, make_row, make_images) -> tuple[Path, dict[str, str]]:
    """Rows of all question types in three scenes, and a reply to each, of every kind that models write."""
    rng, choice_types = np.random.default_rng(5), cycle(kind for kind in TASK_OF if not kind.endswith("_na"))
    rows, replies = [], {}
    for k, entry in enumerate(ENTRIES):
        scene, frames = f"scene_{rng.integers(3)}", [f"frame_{n}" for n in rng.permutation(4)[: rng.integers(2, 5)]]
        about = {"frames": frames, "overlap_avg": float(k)}
        if entry["format"] == "choice":
            texts = [option[3:] for option in entry["options"]]
            answer = "ABCD"[rng.integers(len(texts))] if k % 3 else entry["answer"] or "A"
            row = make_row(next(choice_types), f"Which one, {k}?", texts, answer, scene, **about)
        elif entry["format"] == "number":
            kind = "obj_obj_distance_occ_na" if entry["unit"] == "m" and k % 2 else NUMBER_TYPES[entry["unit"]]
            truth = (entry["answer"] or 3) * rng.uniform(0.7, 1.3)
            row = make_row(kind, f"How many, {k}?", [], f"{truth:.3f}", scene, **about)
        else:
            x, y = np.array(entry["answer"] or (3, 4)) + rng.uniform(-20, 20, 2)
            point = {"answer_format": "point", "bbox_2d_diag": 20.0}
            row = make_row(
                "obj_localization_occ_na", f"Where, {k}?", [], f"({x:.1f}, {y:.1f})", scene, **about, **point
            )
        rows.append(row)
        replies[row["id"]] = entry["reply"]
    folder = tmp_path_factory.mktemp("replied") / "toy"
    scenes = {name: [row for row in rows if row["scene_name"] == name] for name in ("scene_0", "scene_1", "scene_2")}
    write_dataset(folder, [SceneRows(name, "test", of, make_images(7)) for name, of in scenes.items()])
    return folder, replies


@pytest.fixture(scope="module")
def harness(replied, dataset, model_dir, tmp_path_factory) -> dict:
    """What lmms-eval found with scripted replies, and with the tiny model as its plugin."""
    folder = tmp_path_factory.mktemp("harness")
    scripted = {"dataset": str(replied[0]), "replies": replied[1]}
    plugin = {
        "dataset": str(dataset),
        "model_args": f"pretrained={model_dir},trust_remote_code=True",
        "tasks": ["spatialmosaic_object_count", "spatialmosaic_object_existence"],
    }
    (folder / "settings.json").write_text(json.dumps([scripted, plugin]), encoding="utf-8")
    process = subprocess.run(
        [sys.executable, HERE / "harness_run.py", TASKS_FOLDER, folder / "settings.json", folder / "out.json"],
        cwd=TASKS_FOLDER.parents[2],
        env=os.environ | {"HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return json.loads((folder / "out.json").read_text(encoding="utf-8"))


@needs_harness
def test_the_same_replies_have_the_same_scores(harness, replied, model_dir, tmp_path, monkeypatch):
    """To the last digit: of every question type, every task, and overall by each definition."""
    folder, replies = replied
    monkeypatch.setattr(models.LocalModel, "replies", lambda self, rows, most: [replies[row["id"]] for row in rows])
    ours = evaluate(str(model_dir), folder, tmp_path, trust_remote_code=True, controls=())["results"]["model"]
    theirs = harness["scripted"]["results"]
    assert harness["scripted"]["replies"] == replies
    assert len(ours["by_question_type"]) == 17 and 0.2 < ours["score"] < 0.8
    for task, kinds in TASKS.items():
        found, part = theirs[f"spatialmosaic_{task}"], ours["by_task"][task]
        by_type = [ours["by_question_type"][kind]["score"] for kind in kinds]
        assert found["score,none"] == found["mean_over_tasks,none"] == part["score"]
        assert found["parse_failure_rate,none"] == part["parse_failure_rate"]
        assert [found[f"{kind},none"] for kind in kinds] == by_type
        assert found["mean_over_types,none"] == pytest.approx(np.mean(by_type))
        assert found["score_stderr_clustered,none"] > 0, "scenes are drawn, not questions"
        assert found["mean_over_types_stderr_clustered,none"] == "N/A"
    group = theirs["spatialmosaic"]
    for name in ("score", "mean_over_types", "mean_over_tasks", "parse_failure_rate"):
        assert group[f"{name},none"] == ours[name]


@needs_harness
def test_a_model_is_shown_the_rows_prompt(harness, replied):
    """Every view's name, its pixels, ..., the question, in this order."""
    rows = list(load_rows(replied[0], split="test"))
    assert len(rows) == len(ENTRIES) and {len(row["frames"]) for row in rows} == {2, 3, 4}
    for row in rows:
        prompt = build_prompt(len(row["frames"]), row["question"], row["options"], row["answer_format"])
        expected = [part["text"] for part in prompt[0]["content"]]
        for k, file in enumerate(row["images"]):
            assert expected[2 * k : 2 * k + 2] == [f"Frame {k + 1}:", None]
            expected[2 * k + 1] = sha256(Image.open(io.BytesIO(file)).tobytes()).hexdigest()
        assert harness["shown"][row["id"]] == expected


@needs_harness
def test_the_plugin_replies_as_evaluate_does(harness, dataset, model_dir, tmp_path):
    """The row whose answer cannot be read is in neither."""
    evaluate(str(model_dir), dataset, tmp_path, trust_remote_code=True, controls=())
    lines = (tmp_path / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if "localization" not in row["question_type"]]
    assert harness["plugin"]["replies"] == {row["id"]: row["model"] for row in rows}
    assert len(rows) == 6 and len({row["model"] for row in rows}) == 6


@needs_harness
def test_the_plugin_keeps_to_what_a_task_wants(harness):
    (config, *_) = harness["plugin"]["configs"].values()
    assert config["generation_kwargs"]["max_new_tokens"] == MAX_NEW_TOKENS
    for row_id, reply in harness["plugin"]["replies"].items():
        assert reply.startswith(harness["short"][row_id]) and len(harness["short"][row_id]) < len(reply)
    assert harness["ends"] == ["one\n\ntwo", "one", *["one\n\ntwo. three"] * 3]
    assert "The model is asked greedily; a task wants samples" in harness["refusal"]


def test_the_tasks_name_the_variable_that_they_miss(monkeypatch):
    monkeypatch.delenv("SPATIALMOSAIC_DATASET", raising=False)
    with pytest.raises(
        DatasetError, match="environment variable SPATIALMOSAIC_DATASET is not set. Set it to a folder"
    ):
        runpy.run_path(str(TASKS_FOLDER / "dataset.py"))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ENTRIES)
    | st.builds(lambda entry, text: entry | {"reply": text}, st.sampled_from(ENTRIES), st.text())
)
def test_white_space_around_a_reply_changes_no_score(entry):
    """The harness cuts it off."""
    row = {
        "question_type": NUMBER_TYPES[entry.get("unit")],
        "options": entry.get("options"),
        "mc_answer": "B",
        "ground_truth": "(3, 4)" if entry["format"] == "point" else "3",
        "bbox_2d_diag": 20,
    }
    bare, padded = (
        SCORERS[entry["format"]](row, reply) for reply in (entry["reply"].strip(), f" \n{entry['reply']}\t\n ")
    )
    assert (bare.score, bare.parsed) == (padded.score, padded.parsed)
