import json

import pytest

from dataset_builder.bench.record import ReplyRecord
from dataset_builder.errors import DatasetError


SETTINGS = {"model": "m", "seed": 0}


def test_replies_outlive_the_process_that_asked(tmp_path):
    record = ReplyRecord(tmp_path, SETTINGS)
    assert record.replies("model") == {} and record.describe() == f"Replies are kept in {record.path}."
    record.add("model", {"r1": "A", "r2": "two\nlines, “quotes” and \u2028"})
    record.add("blind", {"r1": "B"})
    again = ReplyRecord(tmp_path, SETTINGS)
    assert again.replies("model") == {"r1": "A", "r2": "two\nlines, “quotes” and \u2028"}
    assert again.replies("blind") == {"r1": "B"}
    assert again.describe() == f"Going on from 3 replies in {again.path}."
    assert json.loads(again.path.read_text(encoding="utf-8").splitlines()[0]) == SETTINGS


def test_half_a_line_is_asked_again(tmp_path):
    record = ReplyRecord(tmp_path, SETTINGS)
    record.add("model", {"r1": "A", "r2": "B"})
    content = record.path.read_bytes()
    for cut in (1, 5, 20):
        record.path.write_bytes(content[:-cut])
        again = ReplyRecord(tmp_path, SETTINGS)
        assert again.replies("model") == {"r1": "A"}
        again.add("model", {"r2": "B"})
        assert record.path.read_bytes() == content


def test_a_run_killed_in_its_first_line_begins_again(tmp_path):
    record = ReplyRecord(tmp_path, SETTINGS)
    record.add("model", {"r1": "A"})
    content = record.path.read_bytes()
    record.path.write_bytes(content[:7])
    again = ReplyRecord(tmp_path, SETTINGS)
    assert again.replies("model") == {}
    again.add("model", {"r1": "A"})
    assert record.path.read_bytes() == content


def test_other_settings_take_no_reply(tmp_path):
    first = ReplyRecord(tmp_path, SETTINGS)
    first.add("model", {"r1": "A"})
    content = first.path.read_bytes()
    second = ReplyRecord(tmp_path, SETTINGS | {"seed": 1})
    assert second.replies("model") == {}
    assert f"Starting anew: {first.path.parent} holds replies of other settings only ({first.path.name};" in (
        second.describe()
    )
    second.add("model", {"r1": "B"})
    assert first.path.read_bytes() == content and second.path != first.path


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "r1"}'])
def test_a_damaged_line_is_named(tmp_path, line):
    record = ReplyRecord(tmp_path, SETTINGS)
    record.add("model", {"r1": "A"})
    record.path.write_text(record.path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"jsonl, line 3 is no reply of a run .* Delete that line"):
        ReplyRecord(tmp_path, SETTINGS)
