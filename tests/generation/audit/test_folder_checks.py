"""Checks over all rows together: ids, splits, balance, near twins."""

from dataclasses import replace

import numpy as np
import pytest

from generation.audit.folder_checks import RowKey, ids, letters, splits, truths
from generation.audit.scene_checks import near_twins


def keys(count: int, kind: str = "obj_count_occ", **fields) -> list[RowKey]:
    key = RowKey("", "procedural", "room_0", "train", kind, "", "A", "1", 4)
    return [replace(key, row_id=str(k), **fields) for k in range(count)]


def lettered(rng, shares, count: int = 2000) -> list[RowKey]:
    drawn = rng.choice(list("ABCD")[: len(shares)], size=count, p=shares)
    return [replace(key, letter=str(a), num_options=len(shares)) for key, a in zip(keys(count), drawn, strict=True)]


def answered(rng, share: float, count: int = 2000, **fields) -> list[RowKey]:
    drawn = rng.random(count) < share
    return [replace(key, truth="No" if no else "Yes") for key, no in zip(keys(count, **fields), drawn, strict=True)]


def test_ids_are_unique():
    assert [found for _, found in ids(keys(5))] == [[]] * 5
    rows = [*keys(3), *keys(1, kind="obj_existence_occ_lr", scene_name="room_1")]
    wrong = [(key.scene_name, found) for key, found in ids(rows) if found]
    assert wrong == [(name, [("an id of its own", "2 rows with it")]) for name in ("room_0", "room_1")]


def test_a_scene_in_two_splits():
    apart = [*keys(3), *keys(3, scene_name="room_1", split="test")]
    assert list(splits(apart)) == [("room_0", []), ("room_1", [])]
    assert list(splits([*keys(3), *keys(1, split="test")])) == [("room_0", [("one split", "test, train")])]


def test_the_same_name_in_two_sources_is_two_scenes():
    assert all(not found for _, found in splits([*keys(1), *keys(1, dataset="scannetpp", split="test")]))


@pytest.mark.parametrize("shares", [[0.25] * 4, [0.5, 0.5]])
def test_fair_letters_pass(shares):
    for seed in range(50):
        assert list(letters(lettered(np.random.default_rng(seed), shares))) == [("obj_count_occ", [])]


@pytest.mark.parametrize("shares", [[0.34, 0.22, 0.22, 0.22], [0.4, 0.6]])
def test_unfair_letters_fail(shares):
    for seed in range(10):
        ((kind, ((expected, _),)),) = letters(lettered(np.random.default_rng(seed), shares))
        assert kind == "obj_count_occ" and expected == f"each letter about {2000 / len(shares):.0f} times"


def test_a_letter_beyond_the_options():
    ((_, ((expected, found),)),) = letters([*keys(4), *keys(1, letter="E")])
    assert expected == "letters up to D" and found == {"A": 4, "E": 1}


@pytest.mark.parametrize(
    "fields, share, unfair",
    [
        ({"kind": "obj_existence_occ_lr", "word": "to the left of"}, 0.5, (0.4, 0.6)),
        ({"kind": "obj_localization_occ"}, 0.25, (0.15, 0.35)),
    ],
)
def test_share_of_no(fields, share, unfair):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert [found for _, found in truths(answered(rng, share, **fields))] == [[]]
        for other in unfair:
            ((_, ((expected, _),)),) = truths(answered(rng, other, **fields))
            assert expected.startswith(f"'No' in about {share * 2000:.0f} of 2000 questions")


def test_words_are_balanced_one_by_one():
    """Left always Yes and right always No: even in sum, but the word tells the answer."""
    sides = {"to the left of": "Yes", "to the right of": "No"}
    rows = [key for word, truth in sides.items() for key in keys(100, "obj_existence_occ_lr", word=word, truth=truth)]
    assert [len(found) for _, found in truths(rows)] == [1, 1]


def test_word_of_a_row():
    row = {
        **{"id": "1", "dataset": "d", "scene_name": "s", "question_type": "obj_existence_occ_fb"},
        "question": "In Frame 1, is the mug farther from the camera than the lamp in this viewpoint?",
        **{"task": "object_existence", "options": ["A. Yes", "B. No"], "mc_answer": "A", "ground_truth": "Yes"},
    }
    key = RowKey.of(row, "test")
    assert (key.word, key.num_options, key.split) == ("farther from the camera than", 2, "test")


def test_near_twins():
    rows = [{"frames": ["a", "b", str(k)]} for k in range(6)]
    assert list(near_twins(rows + rows)) == []
    ((expected, found),) = near_twins([*rows, {"frames": ["6", "b", "a"]}])
    assert expected.startswith("a, b in at most 6 sets") and found == "7 sets"
