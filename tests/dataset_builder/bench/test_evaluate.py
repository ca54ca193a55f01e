"""The whole evaluation, with the tiny model and with scripted replies."""

import ast
import io
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

import dataset_builder
from dataset_builder.bench import models, run
from dataset_builder.bench.report import render_markdown
from dataset_builder.bench.run import evaluate
from dataset_builder.commands import run_evaluate
from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_rows
from dataset_builder.scene_rows import SceneRows
from dataset_builder.settings import EvaluateSettings
from dataset_builder.writer import write_dataset


CONTROLS = ("blind", "majority")


@pytest.fixture(scope="module")
def scored(dataset, model_dir, tmp_path_factory):
    output_dir = tmp_path_factory.mktemp("scores")
    return evaluate(
        str(model_dir), dataset, output_dir, batch_size=3, trust_remote_code=True, controls=CONTROLS
    ), output_dir


def read_replies(output_dir: Path) -> list[dict]:
    lines = (output_dir / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_files(scored):
    scores, output_dir = scored
    assert json.loads((output_dir / "scores.json").read_text(encoding="utf-8")) == scores
    assert (output_dir / "scores.md").read_text(encoding="utf-8") == render_markdown(scores)
    names = {"scores.json", "scores.md", "scores.png", "replies.jsonl", "asked"}
    assert {path.name for path in output_dir.iterdir()} == names


FRESH_PROCESS = """
import sys
from pathlib import Path

sys.modules["modeling_spatialmosaic"] = None  # importing it fails: the model's code comes from its folder
from dataset_builder.bench.run import evaluate
from dataset_builder.commands import run_evaluate
from dataset_builder.errors import DatasetError

model, dataset, output_dir = sys.argv[1:]
try:
    evaluate(model, Path(dataset), Path(output_dir))
except DatasetError as error:
    assert "carries its own code, which runs only if you allow it" in str(error), error
else:
    raise AssertionError("code of the folder must not run unasked")
controls = ("blind", "majority")
evaluate(model, Path(dataset), Path(output_dir), batch_size=3, trust_remote_code=True, controls=controls)
"""


def test_a_process_without_the_models_code_gives_the_same_scores(scored, dataset, model_dir, tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS, model_dir, dataset, tmp_path / "out"],
        cwd=Path(dataset_builder.__file__).parents[1],
        env=os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    assert json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8")) == scored[0]
    assert read_replies(tmp_path / "out") == read_replies(scored[1])


def test_what_is_recorded(scored, dataset, model_dir):
    scores, _ = scored
    assert scores["model"] == str(model_dir) and scores["dataset"] == str(dataset)
    assert (scores["split"], scores["seed"], scores["parser_version"]) == ("test", 0, 4)
    assert {"torch", "transformers"} <= set(scores["versions"])
    assert scores["dataset_sha256"] == sha256((dataset / "statistics.json").read_bytes()).hexdigest()
    assert scores["model_revision"].startswith("sha256:") and len(scores["model_revision"]) == 71
    assert (scores["prompt_version"], scores["scenes"]) == (1, 1)
    assert scores["rows"] == 9
    assert scores["skipped"] == {"obj_size_occ_na": 1}
    assert set(scores["results"]) == {"model", "published", "blind", "majority", "chance"}
    note = "The train split lacks obj_count_occ_na, obj_localization_occ: the majority control leaves them out."
    assert scores["notes"][-1] == note


def test_the_geometry_cache_leaves_the_replies_as_they_are(scored, dataset, model_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("SPATIALMOSAIC_GEOMETRY_CACHE", str(tmp_path / "tokens"))
    arguments = {"batch_size": 3, "trust_remote_code": True, "controls": ()}
    written = []
    for out in (tmp_path / "first", tmp_path / "second"):
        evaluate(str(model_dir), dataset, out, **arguments)
        written.append({path: path.stat().st_mtime_ns for path in (tmp_path / "tokens").rglob("*.safetensors")})
        told = [[reply["model"] for reply in read_replies(folder)] for folder in (scored[1], out)]
        assert told[0] == told[1]
    assert len(written[0]) == 2  # the test scene is seen in two view sets
    assert written[1] == written[0]  # the second run encoded none


def test_blind_replies_are_compared(scored):
    """Random weights may or may not reply differently without images: the note must say which."""
    scores, output_dir = scored
    same = all(reply["model"] == reply["blind"] for reply in read_replies(output_dir))
    assert ("The model gave the same replies without images." in scores["notes"]) == same


def test_controls_by_hand(scored):
    """Majority of the train scene: B for counts, Yes for existence; see the fixture's rows."""
    results = scored[0]["results"]
    by_type = {name: (part["count"], part["score"]) for name, part in results["majority"]["by_question_type"].items()}
    assert by_type == {"obj_count_occ": (3, pytest.approx(1 / 3)), "obj_existence_occ_lr": (2, 0.5)}
    chance = {name: part["score"] for name, part in results["chance"]["by_question_type"].items()}
    assert chance == {"obj_count_occ": 0.25, "obj_existence_occ_lr": 0.5, "obj_localization_occ": 0.25}
    assert results["chance"]["score"] == pytest.approx((6 * 0.25 + 2 * 0.5) / 8)


def test_replies_are_the_models_own(scored, dataset, model_dir, tmp_path):
    """Each reply equals greedy generation for that row alone, by the plain Transformers interface."""
    from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor

    model = SpatialMosaicForConditionalGeneration.from_pretrained(model_dir)
    processor = SpatialMosaicProcessor.from_pretrained(model_dir)
    rows = {row["id"]: row for row in load_rows(dataset, split="test")}
    short = evaluate(str(model_dir), dataset, tmp_path, max_new_tokens=3, controls=("blind",), trust_remote_code=True)
    assert (scored[0]["max_new_tokens"], short["max_new_tokens"]) == (16, 3)
    replies = [(reply, 16) for reply in read_replies(scored[1])] + [(reply, 3) for reply in read_replies(tmp_path)]
    assert len(replies) == 2 * 9
    for reply, most in replies:
        row = rows[reply["id"]]
        views = iter(row["images"])
        content = [
            {"type": "image", "image": Image.open(io.BytesIO(next(views)))} if part["type"] == "image" else part
            for part in row["prompt"][0]["content"]
        ]
        words = [part for part in content if part["type"] == "text"]
        for name, parts in (("model", content), ("blind", words)):
            inputs = processor.apply_chat_template(
                [{"role": "user", "content": parts}],
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            )
            tokens = model.generate(**inputs, max_new_tokens=most)[0, inputs["input_ids"].shape[1] :]
            assert reply[name] == processor.decode(tokens, skip_special_tokens=True)


@pytest.fixture
def scripted(monkeypatch):
    """Replies by question, instead of a model's; blind, it always says A."""

    def script(replies: dict[str, str]):
        def tell(self, rows, max_new_tokens):
            return [replies[row["question"]] if row["images"] else "A" for row in rows]

        monkeypatch.setattr(models.LocalModel, "replies", tell)

    return script


REPLIES = {
    "How many mug(s)?": "B",  # right
    "How many rug(s)?": "2",  # right
    "How many bed(s)?": "A or D",  # not understood
    "Is the mug left?": "No",  # wrong
    "Is the rug left?": "No.",  # right
    "Is there a mug?": "**B**",  # right
    "Is there a rug?": "A",  # wrong
    "Is there a bed?": "Yes; (1, 2)",  # right
    "How many mug(s) in all?": "about 4",  # a third off: four of ten thresholds
}


def test_scores_by_hand(scripted, dataset, model_dir, tmp_path):
    scripted(REPLIES)
    scores = evaluate(str(model_dir), dataset, tmp_path, trust_remote_code=True, controls=CONTROLS)
    results = scores["results"]
    assert not any("same replies" in note for note in scores["notes"])
    found = {name: part["score"] for name, part in results["model"]["by_question_type"].items()}
    assert found == pytest.approx(
        {"obj_count_occ": 2 / 3, "obj_count_occ_na": 0.4, "obj_existence_occ_lr": 1 / 2, "obj_localization_occ": 2 / 3}
    )
    assert results["model"]["mean_over_types"] == pytest.approx((2 / 3 + 0.4 + 1 / 2 + 2 / 3) / 4)
    assert results["model"]["score"] == pytest.approx(5.4 / 9)
    # the published rules read a bare letter only: "B" for the mugs, and "A" for the rug, which is wrong
    assert results["published"]["score"] == pytest.approx(1 / 9)
    assert results["model"]["parse_failures"] == 1
    assert results["model"]["by_level"]["occ_level"]["high"] == {
        "count": 2,
        "score": 1.0,
        "interval": None,
        "parse_failures": 0,
        "parse_failure_rate": 0.0,
    }
    # "A" is right for: mug left (Yes), rug left (No), the bed's place
    assert results["blind"]["score"] == pytest.approx(3 / 9)
    text = (tmp_path / "scores.md").read_text(encoding="utf-8")
    assert "| `obj_count_occ` | accuracy | 3 | 33.3 | 66.7 | 33.3 | 0.0 | 33.3 | 25.0 |" in text
    assert "| `obj_localization_occ` | accuracy | 3 | 0.0 | 66.7 | 0.0 | 33.3 | – | 25.0 |" in text
    assert "| `obj_count_occ_na` | MRA | 1 | 0.0 | 40.0 | 0.0 | 0.0 | – | – |" in text
    assert "| mean over questions | 60.0 | 11.1 | 33.3 | 40.0 | 31.2 |" in text
    assert "| `object_count` | 46.7 (3) | 100.0 (1) |" in text  # right, a hedge and 0.4 of a count; right
    assert "- not scored: 1 questions of type `obj_size_occ_na`" in text


def test_equal_replies_without_images_are_noted(scripted, dataset, model_dir, tmp_path):
    scripted(dict.fromkeys(REPLIES, "A"))
    scores = evaluate(str(model_dir), dataset, tmp_path, trust_remote_code=True, controls=("blind",))
    assert scores["notes"] == ["The model gave the same replies without images."]
    assert set(scores["results"]) == {"model", "published", "blind", "chance"}


def test_limit_is_per_question_type(scripted, dataset, model_dir, tmp_path):
    scripted(REPLIES)
    arguments = {"limit": 2, "controls": (), "trust_remote_code": True}
    scores = evaluate(str(model_dir), dataset, tmp_path, **arguments)
    assert {name: part["count"] for name, part in scores["results"]["model"]["by_question_type"].items()} == {
        "obj_count_occ": 2,
        "obj_count_occ_na": 1,
        "obj_existence_occ_lr": 2,
        "obj_localization_occ": 2,
    }
    chosen = [row["id"] for row in read_replies(tmp_path)]
    evaluate(str(model_dir), dataset, tmp_path, **arguments)
    assert [row["id"] for row in read_replies(tmp_path)] == chosen
    others = set()
    for seed in range(1, 6):
        evaluate(str(model_dir), dataset, tmp_path, seed=seed, **arguments)
        others |= {row["id"] for row in read_replies(tmp_path)}
    assert others > set(chosen), "other seeds draw other rows"


def test_a_run_that_was_stopped_goes_on(dataset, model_dir, tmp_path, monkeypatch):
    """Stopped in the middle of its second control: only what is missing is asked, and the scores are the same."""
    arguments = {"batch_size": 2, "trust_remote_code": True, "controls": ("blind", "single_view")}
    whole = evaluate(str(model_dir), dataset, tmp_path / "whole", **arguments)
    replies, asked = models.LocalModel.replies, []

    def counted(self, rows, most):
        if len(asked) == 13:
            raise KeyboardInterrupt
        asked.extend(row["id"] for row in rows)
        return replies(self, rows, most)

    monkeypatch.setattr(models.LocalModel, "replies", counted)
    with pytest.raises(KeyboardInterrupt):  # nine of the model, four blind
        evaluate(str(model_dir), dataset, tmp_path / "parts", **arguments)
    assert not (tmp_path / "parts" / "scores.json").exists()
    asked.clear()
    monkeypatch.setattr(
        models.LocalModel, "replies", lambda self, rows, most: asked.extend(rows) or replies(self, rows, most)
    )
    assert evaluate(str(model_dir), dataset, tmp_path / "parts", **arguments) == whole
    assert len(asked) == 27 - 13
    assert read_replies(tmp_path / "parts") == read_replies(tmp_path / "whole")


def test_other_weights_are_asked_anew(dataset, model_dir, tmp_path, capsys):
    """The same path, another model: the revision is that of the content; the card does not count."""
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder)
    arguments = {"trust_remote_code": True, "controls": ()}
    revisions = [evaluate(str(folder), dataset, tmp_path / "out", **arguments)["model_revision"]]
    (folder / "README.md").write_text("A card", encoding="utf-8")
    revisions.append(evaluate(str(folder), dataset, tmp_path / "out", **arguments)["model_revision"])
    assert "Going on from 9 replies" in capsys.readouterr().out
    (folder / "config.json").write_text(f"{(folder / 'config.json').read_text(encoding='utf-8')}\n", encoding="utf-8")
    revisions.append(evaluate(str(folder), dataset, tmp_path / "out", **arguments)["model_revision"])
    assert revisions[0] == revisions[1] != revisions[2]
    assert "Starting anew" in capsys.readouterr().out
    assert len(list((tmp_path / "out" / "asked").iterdir())) == 2


def test_a_dataset_without_a_train_split(scripted, make_row, make_images, model_dir, tmp_path):
    row = make_row("obj_count_occ", "How many mug(s)?", ["4", "3", "2", "1"], "B", "scene_c")
    write_dataset(tmp_path / "data", [SceneRows("scene_c", "test", [row], make_images(0))])
    scripted(REPLIES)
    scores = evaluate(str(model_dir), tmp_path / "data", tmp_path / "out", trust_remote_code=True, controls=CONTROLS)
    assert set(scores["results"]) == {"model", "published", "blind", "chance"}
    assert scores["notes"] == ["The train split lacks obj_count_occ: the majority control leaves them out."]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"model": "no/such/folder"}, r"no/such/folder cannot be loaded .* \(there is no such folder\)"),
        ({"split": "validation"}, "has no rows of config None in split 'validation'. It holds .*test"),
        ({"split": "tset"}, "Unknown split 'tset'"),
        ({"dataset": "nowhere"}, "nowhere is no dataset"),
        ({"controls": ("blink",)}, "`controls` may hold blind, single_view, .*majority; found blink"),
    ],
)
def test_bad_arguments(dataset, model_dir, tmp_path, arguments, match):
    arguments = {"model": str(model_dir), "dataset": dataset, "trust_remote_code": True} | arguments
    with pytest.raises(DatasetError, match=match):
        evaluate(output_dir=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_nothing_can_be_scored(make_row, make_images, model_dir, tmp_path):
    row = make_row("obj_count_occ_na", "How many mug(s)?", [], "many", "scene_c")
    write_dataset(tmp_path / "data", [SceneRows("scene_c", "test", [row], make_images(0))])
    with pytest.raises(DatasetError, match="no row to score in split 'test': of its 1 rows the true answer is"):
        evaluate(str(model_dir), tmp_path / "data", tmp_path / "out", trust_remote_code=True)


def test_rows_without_pixels(make_row, model_dir, tmp_path):
    row = make_row("obj_count_occ", "How many mug(s)?", ["4", "3", "2", "1"], "B", "scene_c")
    write_dataset(tmp_path / "data", [SceneRows("scene_c", "test", [row], {})])
    with pytest.raises(DatasetError, match=rf"row '{row['id']}' has no images"):
        evaluate(str(model_dir), tmp_path / "data", tmp_path / "out", trust_remote_code=True)


def test_a_model_without_vision(dataset, model_dir, tmp_path):
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=400,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    Qwen2ForCausalLM(config).save_pretrained(tmp_path / "text_model")
    AutoTokenizer.from_pretrained(model_dir).save_pretrained(tmp_path / "text_model")
    with pytest.raises(DatasetError, match="cannot be loaded as an image-text-to-text model"):
        evaluate(str(tmp_path / "text_model"), dataset, tmp_path / "out")


def test_a_processor_that_makes_nothing_of_images(dataset, model_dir, tmp_path, monkeypatch):
    load_model = run.load_model

    def text_only(*arguments):
        model = load_model(*arguments)
        monkeypatch.setattr(
            type(model.processor), "__call__", lambda self, text, images=None, **kwargs: self.tokenizer(text, **kwargs)
        )
        return model

    monkeypatch.setattr(run, "load_model", text_only)
    with pytest.raises(DatasetError, match="makes no model input of images"):
        evaluate(str(model_dir), dataset, tmp_path / "out", trust_remote_code=True)


def test_the_package_knows_no_scenes_and_no_model_of_ours():
    for path in Path(dataset_builder.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert not any(name.split(".")[0] in {"generation", "modeling_spatialmosaic"} for name in names), path


def test_the_command_takes_controls_by_name(scripted, dataset, model_dir, tmp_path):
    """By default all of them; the fixture's one test scene leaves none to lend its geometry."""
    scripted(REPLIES)
    arguments = {"model": str(model_dir), "dataset": dataset, "trust_remote_code": True}
    run_evaluate(EvaluateSettings(**arguments, out=tmp_path / "all"))
    found = json.loads((tmp_path / "all" / "scores.json").read_text(encoding="utf-8"))
    assert set(found["results"]) == {
        *("model", "published", "blind", "single_view", "geometry_zero", "majority", "chance")
    }
    assert "`geometry_shuffle` leaves out 9 questions: no other scene is seen in as many views." in found["notes"]
    run_evaluate(
        EvaluateSettings(**arguments, out=tmp_path / "two", controls=" single_view, majority", max_new_tokens=7)
    )
    found = json.loads((tmp_path / "two" / "scores.json").read_text(encoding="utf-8"))
    assert set(found["results"]) == {"model", "published", "single_view", "majority", "chance"}
    assert found["max_new_tokens"] == 7
    with pytest.raises(DatasetError, match="found blink"):
        run_evaluate(EvaluateSettings(**arguments, out=tmp_path / "none", controls="blink"))
