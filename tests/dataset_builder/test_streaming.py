"""Streams of the folder: order, resuming, shuffling, filters that skip row groups, workers and nodes."""

import json
from collections import Counter
from itertools import islice

import pyarrow.dataset as pd
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from datasets.distributed import split_dataset_by_node
from torch.utils.data import DataLoader

from dataset_builder.schema import TASK_OF
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


@pytest.fixture(scope="module")
def folder(tmp_path_factory, scenes):
    folder = tmp_path_factory.mktemp("streams") / "spatialmosaic"
    write_dataset(folder, scenes)
    write_card(folder)
    return folder


@pytest.fixture
def stream(folder):
    return load_dataset(str(folder), split="train", streaming=True)


@pytest.fixture
def stored(folder):
    """Ids of the train split in the order of files and rows, read by pyarrow."""
    return [
        row_id
        for path in sorted(folder.glob("data/*/train-*.parquet"))
        for row_id in pq.read_table(path, columns=["id"]).column("id").to_pylist()
    ]


def ids(rows):
    return [row["id"] for row in rows]


def test_a_stream_goes_on_where_its_state_says(folder, stream, stored):
    seen = [row["id"] for row in islice(stream, 20)]
    again = load_dataset(str(folder), split="train", streaming=True)
    again.load_state_dict(json.loads(json.dumps(stream.state_dict())))  # as a checkpoint would keep it
    assert seen + ids(again) == stored


def test_a_shuffled_stream_is_a_permutation_fixed_by_its_seed(stream, stored):
    one, same, other = (ids(stream.shuffle(seed=seed, buffer_size=16)) for seed in (1, 1, 2))
    assert one == same != other
    assert one != stored and sorted(one) == sorted(stored)


@pytest.mark.parametrize("column", ["question_type", "occ_level", "overlap_level"])
def test_filters_give_just_the_rows_that_match(folder, scenes, column, tmp_path):
    value = {"question_type": "obj_count_occ", "occ_level": "low", "overlap_level": "high"}[column]
    expected = {row["id"] for scene in scenes if scene.split == "train" for row in scene.rows if row[column] == value}
    found = load_dataset(
        str(folder), split="train", streaming=True, filters=[(column, "==", value)]
    )  # fmt: skip
    assert set(ids(found)) == expected


def test_a_filter_on_the_question_type_reads_no_row_group_of_another_task(folder):
    for kind in ("obj_count_occ", "obj_spatial_occ_fb"):
        groups = Counter()
        for path in folder.glob("data/*/*.parquet"):
            (fragment,) = pd.dataset(path).get_fragments()
            groups[path.parent.name] += len(fragment.split_by_row_group(pd.field("question_type") == kind))
        assert {task for task, count in groups.items() if count} == {TASK_OF[kind]}


def test_a_filter_on_a_level_that_a_scene_lacks_skips_its_row_groups(folder):
    for path in folder.glob("data/*/*.parquet"):
        (fragment,) = pd.dataset(path).get_fragments()  # all rows of the fixture have these levels
        assert fragment.split_by_row_group(pd.field("occ_level") == "high") == []
        assert fragment.split_by_row_group(pd.field("overlap_level") == "low") == []


def test_workers_of_a_data_loader_share_the_rows(stream, stored):
    loader = DataLoader(stream, batch_size=None, num_workers=2)
    assert sorted(ids(loader)) == sorted(stored)


def test_nodes_share_the_rows(stream, stored):
    parts = [ids(split_dataset_by_node(stream, rank=rank, world_size=3)) for rank in range(3)]
    assert sorted(sum(parts, [])) == sorted(stored)
    assert min(map(len, parts)) > 0
    loaders = [
        DataLoader(split_dataset_by_node(stream, rank=rank, world_size=3), batch_size=None, num_workers=2)
        for rank in range(3)
    ]
    assert sorted(row_id for loader in loaders for row_id in ids(loader)) == sorted(stored)
