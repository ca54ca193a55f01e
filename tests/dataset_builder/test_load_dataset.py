"""The folder as its users meet it: stock `datasets`, in a process that cannot import this project."""

import hashlib
import json

import pytest

from dataset_builder.schema import FEATURES, TASKS
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


@pytest.fixture
def folder(tmp_path, scenes):
    folder = tmp_path / "runs" / "spatialmosaic"
    write_dataset(folder, scenes, run={"command": "spatialmosaic generate --seed 1", "seed": 1})
    write_card(folder)
    return folder


DUMP = """
import hashlib, json
from datasets import Image, List, load_dataset

def content(row):
    images = row.pop("images")
    digests = images and [hashlib.sha256(image["bytes"]).hexdigest() for image in images]
    return {**row, "images": digests}

def dump(dataset):
    return [content(row) for row in dataset.cast_column("images", List(Image(decode=False)))]
"""


def expected_rows(scenes, split, task=None):
    """What went in, by id."""
    return {
        row["id"]: {
            **row,
            "images": [hashlib.sha256(scene.images[frame]).hexdigest() for frame in row["frames"]]
            if scene.images
            else None,
        }
        for scene in scenes
        if scene.split == split
        for row in scene.rows
        if task in (None, row["task"])
    }


def test_every_config_and_split_gives_back_the_rows_and_the_image_bytes(folder, scenes, run_outside):
    code = DUMP + (
        f"found = {{name: {{split: dump(rows) for split, rows in load_dataset('spatialmosaic', name).items()}}"
        f" for name in [None, {', '.join(map(repr, TASKS))}]}}\n"
        "print(json.dumps({str(name): splits for name, splits in found.items()}))"
    )
    found = json.loads(run_outside(code, cwd=folder.parent).splitlines()[-1])
    for name, splits in found.items():
        assert list(splits) == ["train", "validation", "test"]
        for split, rows in splits.items():
            expected = expected_rows(scenes, split, None if name == "None" else name)
            assert len(rows) == len(expected)
            assert {row["id"]: row for row in rows} == expected


def test_streaming_gives_the_same_rows_in_the_same_order(folder, run_outside):
    code = DUMP + (
        f"for name in [None, {', '.join(map(repr, TASKS))}]:\n"
        f"    for split in ['train', 'validation', 'test']:\n"
        f"        streamed = load_dataset({str(folder)!r}, name, split=split, streaming=True)\n"
        f"        loaded = load_dataset({str(folder)!r}, name, split=split)\n"
        "        assert streamed.features == loaded.features\n"
        "        assert dump(streamed) == dump(loaded)\n"
        "print(loaded.features)"
    )
    printed = run_outside(code, cwd=folder.parent.parent)
    assert printed.strip().splitlines()[-1] == str(FEATURES)


def test_stock_datasets_decodes_images_and_leaves_missing_pixels_null(folder, run_outside):
    code = (
        "from datasets import load_dataset\n"
        "rows = load_dataset('spatialmosaic', 'object_count', split='train')\n"
        "for row in rows:\n"
        "    if row['dataset'] == 'scannetpp':\n"
        "        assert row['images'] is None\n"
        "    else:\n"
        "        assert [image.size for image in row['images']] == [(64, 48)] * len(row['frames'])\n"
        "print(len(rows))"
    )
    assert run_outside(code, cwd=folder.parent).splitlines()[-1] == "5"  # 2 scenes x 2 rows, 1 row without pixels
