"""Cleaning of labels, word by word."""

import pytest

from generation.scenes.labels import JUNK, STRUCTURE, SYNONYMS, clean_label, is_junk, is_plural, is_structure


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Office Chair", "office chair"),
        ("  office   chairs ", "office chair"),
        ("Book_Shelves", "bookshelf"),
        ("boxes", "box"),
        ("benches", "bench"),
        ("batteries", "battery"),
        ("computer mice", "mouse"),
        ("couches", "sofa"),
        ("Sofa / couch", "sofa"),
        ("trash bin", "trash can"),
        ("waste bins", "trash can"),
        ("Television", "tv"),
        ("glasses", "glasses"),
        ("scissors", "scissors"),
        ("bus", "bus"),
        ("mattress", "mattress"),
        ("cactus", "cactus"),
        ("shoes", "shoe"),
        ("vases", "vase"),
        ("", ""),
    ],
)
def test_clean_label(raw, clean):
    assert clean_label(raw) == clean
    assert clean_label(clean) == clean


@pytest.mark.parametrize("raw", ["REMOVE", "split", "objects", "Unknown", "", "-", "12", "?"])
def test_junk(raw):
    assert is_junk(clean_label(raw))


@pytest.mark.parametrize("raw", ["wall", "Walls", "window frames", "Ceiling", "doors", "light switches", "blinds"])
def test_structure(raw):
    assert is_structure(clean_label(raw))


@pytest.mark.parametrize("raw", ["wallet", "window cleaner", "floor lamp", "object tracker", "splitter", "chair"])
def test_neither(raw):
    assert not is_structure(clean_label(raw)) and not is_junk(clean_label(raw))


def test_plural():
    assert is_plural("Books") and is_plural("office chairs") and not is_plural("glass") and not is_plural("jeans")


def test_tables_are_in_clean_form():
    for word in (*SYNONYMS.values(), *STRUCTURE, *JUNK):
        assert clean_label(word) == word
    assert not STRUCTURE & JUNK
