"""Replies as models write them, each with the answer that a careful reader takes from it, or none; set by hand."""

import json
from collections import Counter
from pathlib import Path

import pytest

from dataset_builder.bench.metrics import SCORERS
from dataset_builder.bench.number_parser import parse_number, parse_point
from dataset_builder.bench.parser import parse_choice


PATH = Path(__file__).with_name("replies.jsonl")
REPLIES = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def read(entry: dict):
    if entry["format"] == "choice":
        return parse_choice(entry["reply"], entry["options"])
    if entry["format"] == "number":
        return parse_number(entry["reply"], entry["unit"])
    return parse_point(entry["reply"])


def test_size_of_the_set():
    counts = Counter(entry["format"] for entry in REPLIES)
    assert counts["choice"] >= 200 and counts["number"] >= 80 and counts["point"] >= 40
    assert sum(entry["answer"] is None for entry in REPLIES) > 150, "refusals, hedges, denials and the like"


@pytest.mark.parametrize("entry", REPLIES, ids=lambda entry: f"{entry['format']}: {entry['reply']}"[:60])
def test_it_reads_what_a_reader_reads(entry):
    """`unread` marks the few answers that the parser is too careful to take."""
    found = read(entry)
    if entry.get("unread"):
        assert found is None, "it is read now: delete `unread`"
    elif entry["format"] == "choice" or entry["answer"] is None:
        assert found == entry["answer"]
    else:
        assert found == pytest.approx(entry["answer"] if entry["format"] == "number" else tuple(entry["answer"]))


def test_few_answers_are_not_read():
    assert sum("unread" in entry for entry in REPLIES) <= 0.02 * len(REPLIES)


@pytest.mark.parametrize("entry", [entry for entry in REPLIES if entry["format"] == "choice"], ids=str)
def test_no_wrong_answer_becomes_right(entry):
    """Whatever option is the right one, a reply scores only where the reader takes that option from it."""
    for option in entry["options"]:
        row = {"options": entry["options"], "mc_answer": option[0]}
        assert SCORERS["choice"](row, entry["reply"]).score <= float(option[0] == entry["answer"])
