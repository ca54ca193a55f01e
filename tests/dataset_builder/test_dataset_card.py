"""The card of a dataset folder: its YAML, its numbers, its licence."""

import re

import pytest
import yaml
from huggingface_hub import DatasetCard

from dataset_builder.errors import DatasetError
from dataset_builder.schema import FEATURES, TASKS
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


@pytest.fixture
def card(tmp_path, scenes):
    write_dataset(tmp_path / "d", scenes, run={"command": "spatialmosaic generate --seed 11", "seed": 11})
    return DatasetCard.load(write_card(tmp_path / "d"))


def test_configs_are_the_default_and_the_six_tasks(card, tmp_path):
    configs = {config["config_name"]: config for config in yaml.safe_load(card.data.to_yaml())["configs"]}
    assert list(configs) == ["default", *TASKS]
    assert [name for name, config in configs.items() if config.get("default")] == ["default"]
    for name, config in configs.items():
        for files in config["data_files"]:
            found = list((tmp_path / "d").glob(files["path"]))
            assert len(found) == (len(TASKS) if name == "default" else 1)
            assert all(path.name.startswith(files["split"]) for path in found)


def test_only_what_exists_is_named(tmp_path, scene):
    scene.rows[:] = [row for row in scene.rows if row["task"] == "object_count"]
    write_dataset(tmp_path / "d", [scene])
    card = DatasetCard.load(write_card(tmp_path / "d"))
    assert [config["config_name"] for config in card.data.configs] == ["default", "object_count"]
    assert [files["split"] for config in card.data.configs for files in config["data_files"]] == ["train", "train"]
    assert card.data.license == "apache-2.0"
    assert card.data.size_categories == "n<1K"


def test_licence_of_mixed_sources_is_told_for_each(card):
    assert card.data.license == "other"
    assert "under Apache-2.0" in card.text
    assert "Rows of `scannetpp` are under the terms of that source" in card.text


def test_text_has_the_numbers_of_the_run(card):
    assert "156\nrows about 7 scenes, 12 question types in 6 configs" in card.text
    assert "| `object_count` | `obj_count_occ` | 5 | 4 | 4 |" in card.text
    assert "| scannetpp | 1 | 0 | 12 |" in card.text
    assert card.text.count("spatialmosaic generate --seed 11") == 2
    assert "2512.23365" in card.text
    assert "{{" not in card.text


def test_what_the_rules_turned_down(tmp_path, scene):
    counts = {"obj_count_occ": {"broad_category": 1234, "kept": 3, "proposed": 40}}
    write_dataset(tmp_path / "d", [scene], run={"seed": 11, "candidates": counts})
    text = DatasetCard.load(write_card(tmp_path / "d")).text
    assert "| `obj_count_occ` | 40 | 3 | broad category 1,234 |" in text
    assert '"seed": 11' in text and '"candidates"' not in text


def test_every_column_is_explained(card):
    table = card.text.partition("## Columns")[2].partition("##")[0]
    assert set(FEATURES) <= set(re.findall(r"`(\w+)`", table))


def test_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no dataset"):
        write_card(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_writing_a_dataset_again_over_its_card(tmp_path, scene):
    write_dataset(tmp_path / "d", [scene])
    before = write_card(tmp_path / "d").read_bytes()
    write_dataset(tmp_path / "d", [scene], overwrite=True)
    assert write_card(tmp_path / "d").read_bytes() == before
