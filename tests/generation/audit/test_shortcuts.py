"""What can be guessed: sets whose answers are told by the text, and one whose answers are not."""

import json

import numpy as np
import pytest

from dataset_builder.errors import DatasetError
from dataset_builder.schema import LETTERS, TASK_OF
from generation.audit import shortcuts as module
from generation.audit.guesses import expected_accuracy, likeness
from generation.audit.shortcuts import ShortcutSettings, measure, run_shortcuts
from generation.audit.single_view import one_view_is_enough


pytest.importorskip("sklearn", reason="scikit-learn is in the extra 'audit'")


def row(scene: int, kind: str, question: str, texts: list[str], truth: str, rng) -> dict:
    texts = [texts[k] for k in rng.permutation(len(texts))]
    letter = LETTERS[texts.index(truth)]
    return {
        "scene_name": f"room_{scene}",
        "group": f"room_{scene}",
        "task": TASK_OF[kind],
        "question_type": kind,
        "answer_format": "choice",
        "frames": ["a", "b"],
        "question": question,
        "options": [f"{name}. {text}" for name, text in zip(LETTERS, texts, strict=False)],
        "mc_answer": letter,
        "ground_truth": truth,
        "bbox_2d_diag": None,
        "evidence": "{}",
    }


def counts(truth_of, num_scenes=20, per_scene=20) -> list[dict]:
    """Counts among 1, 2, 3, 4 of four categories, whose truth is `truth_of(category, rng)`."""
    rng, rows = np.random.default_rng(0), []
    for scene in range(num_scenes):
        for k in range(per_scene):
            category = ("lamp", "sofa", "book", "chair")[k % 4]
            question = f"How many {category}(s) are visible across these frames?"
            rows.append(row(scene, "obj_count_occ", question, list("1234"), truth_of(category, rng), rng))
    return rows


def test_nothing_to_guess():
    found = measure(counts(lambda category, rng: str(rng.integers(1, 5))), seed=0)
    assert (found.questions, found.scenes, found.chance) == (400, 20, 25.0)
    assert all(abs(gain.mean) < 8 and gain.low < 3 for gain in found.gains.values())


def test_a_category_that_tells_the_count():
    found = measure(counts(lambda category, rng: str(1 + ("lamp", "sofa", "book", "chair").index(category))), seed=0)
    assert found.gains["classifier"].low > 70  # always right would be 75
    assert abs(found.gains["majority"].mean) < 8


def test_a_rank_that_tells_the_count():
    """2 or 3 are always right: the numbers in the middle, which guesses one time in two."""
    found = measure(counts(lambda category, rng: str(rng.integers(2, 4))), seed=0)
    assert found.gains["consensus"].mean == pytest.approx(25)


def test_an_answer_that_is_yes_more_often():
    rng = np.random.default_rng(0)
    question = "In Frame 1, is the lamp to the left of the sofa in this viewpoint?"
    rows = [
        row(scene, "obj_existence_occ_lr", question, ["Yes", "No"], "Yes" if k < 15 else "No", rng)
        for scene in range(10)
        for k in range(20)
    ]
    gain = measure(rows, seed=0).gains["majority"]
    assert gain.mean == gain.low == gain.high == pytest.approx(25)  # in every scene 15 of 20


def test_groups_that_were_balanced_together_are_not_torn_apart():
    """In each group every category has every count equally often: three scenes would tell what the fourth has."""
    rows = [
        row(4 * group + scene, "obj_count_occ", f"How many {label}(s)?", list("1234"), str(1 + (scene + k) % 4), rng)
        for rng in [np.random.default_rng(0)]
        for group in range(20)
        for k, label in enumerate(3 * letter + chr(97 + group) for letter in "lsbc")
        for scene in range(4)
        for _ in range(3)
    ]
    torn = measure(rows, seed=0).gains["classifier"].mean
    for one in rows:
        one["group"] = int(one["scene_name"].removeprefix("room_")) // 4
    assert torn > 20 > 8 > abs(measure(rows, seed=0).gains["classifier"].mean)


def test_the_interval_is_over_scenes():
    """Ten scenes always right, ten never: no more is known than twenty coin flips tell."""
    gained, scene = np.repeat([0.75, -0.25], 500), np.repeat(np.arange(20), 50)
    gain = module._interval(gained, scene, 20, np.random.default_rng(0))
    assert gain.mean == pytest.approx(25)
    assert gain.low == pytest.approx(25 - 1.96 * 50 / np.sqrt(20), abs=3)


def test_likeness_by_hand():
    points = {"options": ["A. Yes; (0, 0)", "B. Yes; (10, 0)", "C. Yes; (20, 0)", "D. No"], "mc_answer": "B"}
    assert likeness(points)[:3].tolist() == [-10, 0, -10] and likeness(points).argmin() == 3
    words = {"options": ["A. Higher than the mug", "B. Lower than the mug", "C. Left", "D. Right"], "mc_answer": "A"}
    assert likeness(words)[0] == likeness(words)[1] > likeness(words)[2]
    assert expected_accuracy(likeness(words), words) == 0.5


@pytest.mark.parametrize(
    ("task", "asked", "things", "enough"),
    [
        ("object_count", None, ["v.", "v."], True),
        ("object_count", None, ["v.", ".v"], False),
        ("spatial_relation", 1, [".v", "vv"], False),  # seen together, but not in the view that is asked about
        ("spatial_relation", 2, [".v", "vv"], True),
        ("object_localization", 1, [".v"], True),
        ("object_count", None, ["u.", "v."], False),
    ],
)
def test_one_view_is_enough(task, asked, things, enough):
    names = {"v": "visible", "u": "unclear", ".": "absent"}
    views = [[{"frame": k, "visibility": names[x]} for k, x in enumerate(thing, start=1)] for thing in things]
    evidence = {"asked_frame": asked, "targets": [{"views": one} for one in views[:1]]}
    evidence["references"] = [{"views": one} for one in views[1:]]
    assert one_view_is_enough({"task": task, "evidence": json.dumps(evidence)}) == enough


def test_folder(tmp_path, monkeypatch):
    rows = counts(lambda category, rng: str(rng.integers(1, 5)))
    monkeypatch.setattr(module, "load_rows", lambda folder, columns: iter(rows))
    monkeypatch.setattr(module, "load_statistics", lambda folder: {"run": {}})
    (tmp_path / "statistics.json").write_text("{}", encoding="utf-8")
    told = []
    monkeypatch.setattr(module, "write_card", told.append)
    run_shortcuts(ShortcutSettings(folder=tmp_path))
    assert told == [tmp_path]
    found = json.loads((tmp_path / "shortcuts.json").read_text(encoding="utf-8"))["question_types"]
    assert found["obj_count_occ"]["questions"] == 400
    assert set(found["obj_count_occ"]["gains"]["classifier"]) == {"mean", "low", "high"}
    together = [[f"room_{k}" for k in range(20)]]
    monkeypatch.setattr(module, "load_statistics", lambda folder: {"run": {"balanced_together": together}})
    with pytest.raises(DatasetError, match="in 1 groups of scenes that were balanced together. At least 2 are needed"):
        run_shortcuts(ShortcutSettings(folder=tmp_path))
