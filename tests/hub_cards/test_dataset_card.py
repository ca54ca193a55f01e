"""The card of a dataset folder: its YAML, its numbers against the Parquet files, its pictures, its licences."""

import json
import re
from collections import Counter

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard
from huggingface_hub.repocard import metadata_load
from PIL import Image

from dataset_builder.errors import DatasetError
from dataset_builder.schema import FEATURES, SPLITS, TASKS
from dataset_builder.writer import SceneRows, write_dataset
from hub_cards.dataset_card import card_data, write_card


RUN = {"command": "spatialmosaic generate --seed 11", "seed": 11}
DIAGNOSTICS = ("occ_level", "overlap_level", "vis_level", "gt_scenario")


@pytest.fixture
def folder(tmp_path, scenes):
    write_dataset(tmp_path / "spatialmosaic", scenes, run=RUN)
    return tmp_path / "spatialmosaic"


@pytest.fixture
def card(folder):
    return DatasetCard.load(write_card(folder))


@pytest.fixture
def stored(folder):
    """Every row of the Parquet files without its images, with the split that its file names."""
    rows = []
    for path in folder.glob("data/*/*.parquet"):
        table = pq.read_table(path, columns=["task", "question_type", "dataset", "scene_name", "frames", *DIAGNOSTICS])
        rows += [{**row, "split": path.name.split("-")[0]} for row in table.to_pylist()]
    return rows


def tables(text: str) -> dict[tuple[str, ...], list[list[str]]]:
    """Tables of a card by their header, without code marks."""
    found = {}
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        lines = [[cell.strip(" `*") for cell in line.strip("|").split(" | ")] for line in block.splitlines()]
        found[tuple(lines[0])] = lines[2:]
    return found


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells]


def by_split(rows: list[dict], **wanted) -> list[int]:
    """How many rows have the wanted values: in each split, and in all."""
    counts = Counter(row["split"] for row in rows if all(row[name] == value for name, value in wanted.items()))
    return [*(counts[split] for split in SPLITS), counts.total()]


def test_metadata_are_valid(card, folder, hub):
    card.validate()
    configs = MetadataConfigs.from_dataset_card_data(metadata_load(folder / "README.md"))
    assert list(configs) == ["default", *TASKS]
    assert configs.get_default_config_name() == "default"
    for name, config in configs.items():
        for files in config["data_files"]:
            found = list(folder.glob(files["path"]))
            assert len(found) == (len(TASKS) if name == "default" else 1)
            assert all(path.name.startswith(files["split"]) for path in found)


def test_only_what_exists_is_named(tmp_path, scenes, hub):
    rows = [row for row in scenes[0].rows if row["task"] == "object_count"]
    write_dataset(tmp_path / "d", [SceneRows(scenes[0].scene_name, "train", rows, scenes[0].images)])
    card = DatasetCard.load(write_card(tmp_path / "d"))
    card.validate()
    assert [config["config_name"] for config in card.data.configs] == ["default", "object_count"]
    assert [files["split"] for config in card.data.configs for files in config["data_files"]] == ["train", "train"]
    assert card.data.license == "apache-2.0"
    assert card.data.size_categories == ["n<1K"]
    assert "extra_gated_prompt" not in card.data.to_dict()
    assert "best_view_selection" not in card.content


def test_rows_of_tasks_and_types(card, stored):
    found = tables(card.text)
    tasks = found["config", "asks", *SPLITS, "all"]
    scenes = {(row["split"], row["dataset"], row["scene_name"]) for row in stored}
    assert {line[0]: numbers(line[2:]) for line in tasks} == {
        **{task: by_split(stored, task=task) for task in TASKS},
        "rows": by_split(stored),
        "scenes": [*(sum(one[0] == split for one in scenes) for split in SPLITS), len(scenes)],
    }
    types = found["config", "question type", *SPLITS, "all"]
    assert {(line[0], line[1]): numbers(line[2:]) for line in types} == {
        (row["task"], row["question_type"]): by_split(stored, question_type=row["question_type"]) for row in stored
    }
    assert f"{len(stored):,}\nrows about {len(scenes)} scenes, {len(types)} question types in 6 configs" in card.text


def test_rows_of_levels(card, stored):
    found = tables(card.text)
    expected = {(field, row[field] or "unknown"): {field: row[field]} for row in stored for field in DIAGNOSTICS}
    assert ("overlap_level", "unknown") in expected
    of_splits = found["field", "level", *SPLITS, "all"]
    assert {(line[0], line[1]): numbers(line[2:]) for line in of_splits} == {
        level: by_split(stored, **wanted) for level, wanted in expected.items()
    }
    of_tasks = found["field", "level", *(task.replace("_", " ") for task in TASKS)]
    assert {(line[0], line[1]): numbers(line[2:]) for line in of_tasks} == {
        level: [by_split(stored, task=task, **wanted)[-1] for task in TASKS] for level, wanted in expected.items()
    }
    assert [line[1] for line in of_splits[:4]] == ["none", "low", "medium", "high"]


def test_views_and_sources(card, stored):
    found = tables(card.text)
    sizes = Counter(len(row["frames"]) for row in stored)
    (views,) = (lines[0] for header, lines in found.items() if header[0] == "views")
    assert ("views", *map(str, sorted(sizes))) in found
    assert numbers(views[1:]) == [sizes[size] for size in sorted(sizes)]
    expected = {
        name: [len({row["scene_name"] for row in rows}), scenes_with_pixels, len(rows)]
        for name, scenes_with_pixels in (("procedural", 7), ("scannetpp", 0))
        for rows in [[row for row in stored if row["dataset"] == name]]
    }
    sources = found["source", "scenes", "of these with pixels", "rows"]
    assert {line[0]: numbers(line[1:]) for line in sources} == expected


def test_every_number_is_of_a_file(card, folder):
    """Beyond the definitions of columns and task, and the tables that the tests above recount."""
    definitions = {"2", "5", "0", "2.0"}  # 2 to 5 views, a score of 0, Apache-2.0
    text = re.sub(r"2512\.23365", "", card.text.partition("## Citation")[0])
    columns = text.partition("## Columns")[2].partition("## Tasks")[0]
    prose = re.sub(r"^\|.*\n", "", text.replace(columns, ""), flags=re.MULTILINE)
    statistics = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))
    known = {
        f"{statistics['rows']:,}",
        str(sum(statistics["scenes"].values())),
        str(len(statistics["question_types"])),
        str(len(statistics["configs"])),
        *re.findall(r"\d+", statistics["run"]["command"]),
    }
    assert set(re.findall(r"\d(?:[\d.,]*\d)?", prose)) <= known | definitions


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (12_345, "10K<n<100K"),
        (999_999, "100K<n<1M"),
        (2_000_000, "1M<n<10M"),
        (10_000_000, "10M<n<100M"),
        (100_000_000, "100M<n<1B"),
    ],
)
def test_size(card, folder, hub, rows, size):
    statistics = json.loads((folder / "statistics.json").read_text(encoding="utf-8")) | {"rows": rows}
    card.data = card_data(statistics)
    card.validate()
    assert card.data.size_categories == [size]


def test_what_the_rules_turned_down(tmp_path, scenes):
    counts = {"obj_count_occ": {"broad_category": 1234, "kept": 3, "proposed": 40}, "view_sets": {"kept": 7}}
    write_dataset(tmp_path / "d", scenes[:1], run={"seed": 11, "candidates": counts})
    found = tables(DatasetCard.load(write_card(tmp_path / "d")).text)
    assert found["question type", "turned down", "proposed", "kept"] == [
        ["obj_count_occ", "broad category 1,234", "40", "3"],
        ["view_sets", "", "–", "7"],
    ]


def test_every_column_is_explained(card):
    table = card.text.partition("## Columns")[2].partition("##")[0]
    assert set(FEATURES) <= set(re.findall(r"`(\w+)`", table))


def test_every_link_leads_somewhere(card, folder):
    links = re.findall(r"\]\((?!https?://)([^)]*)\)", card.text)
    assert len([link for link in links if link.endswith(".jpg")]) == len(TASKS)
    assert all((folder / link).is_file() for link in links)
    assert "{{" not in card.content and "{%" not in card.content


def test_pictures_show_one_question_of_each_task(card, folder):
    pictures = {path.stem: path for path in (folder / "pictures").iterdir()}
    assert set(pictures) == set(TASKS)
    for path in pictures.values():
        with Image.open(path) as picture:
            assert picture.format == "JPEG"
            assert picture.width == 1600
        assert path.stat().st_size < 1_000_000


def test_a_dataset_without_pixels_has_no_pictures(tmp_path, scenes, hub):
    write_dataset(tmp_path / "d", [scenes[-1]])
    card = DatasetCard.load(write_card(tmp_path / "d"))
    card.validate()
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["README.md", "data", "statistics.json"]
    assert "![" not in card.text
    assert "Rows of `scannetpp` hold no pixels" in card.text


def test_the_loading_example_runs(card, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", card.text, flags=re.DOTALL)[1]
    names = {}
    exec(example, names)
    assert names["row"]["task"] == "object_count" and names["row"]["images"]


@pytest.mark.parametrize("config", [None, "object_count"])
def test_pictures_are_no_data(card, folder, stored, config, tmp_path):
    loaded = load_dataset(str(folder), config, cache_dir=str(tmp_path / "cache"))
    for split, rows in loaded.items():
        assert rows.column_names == list(FEATURES)
        assert len(rows) == sum(row["split"] == split and config in {None, row["task"]} for row in stored)


def test_licence_and_gate_of_mixed_sources(card, hub):
    assert card.data.license == "other"
    assert card.data.license_name == "terms-of-each-source"
    terms = tables(card.text)["source", "scenes, questions, answers and evidence", "pixels"]
    assert [line[0] for line in terms] == ["procedural", "scannetpp"]
    assert terms[0][1:] == ["apache-2.0", "apache-2.0"]
    assert "scannetpp-terms-of-use.pdf" in terms[1][1] and terms[1][2] == "not in these files"
    assert "under Apache-2.0" in card.text and "non-commercial research" in card.text
    assert "non-commercial research" in card.data.extra_gated_prompt
    assert list(card.data.extra_gated_fields.values()) == ["checkbox"]


def test_licence_of_a_gated_source(tmp_path, scenes, hub):
    write_dataset(tmp_path / "d", [scenes[-1]])
    card = DatasetCard.load(write_card(tmp_path / "d"))
    card.validate()
    assert (card.data.license, card.data.license_name) == ("other", "scannetpp-terms-of-use")
    assert card.data.license_link.startswith("https://")


def test_licence_of_own_scenes(tmp_path, make_row, hub):
    rows = [make_row("flat", "obj_count_occ", ["a.jpg", "b.jpg"], "How many?", "my_flat")]
    write_dataset(tmp_path / "d", [SceneRows("flat", "train", rows, {})])
    card = DatasetCard.load(write_card(tmp_path / "d"))
    card.validate()
    assert (card.data.license, card.data.license_name) == ("other", "terms-of-the-source")
    assert "Rows of `my_flat` are under the terms that the owner" in card.text
    assert "procedural" not in card.text.replace("spatialmosaic", "")


def test_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no dataset"):
        write_card(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_writing_a_dataset_again_over_its_card(folder, scenes):
    before = {path: path.read_bytes() for path in [write_card(folder), *(folder / "pictures").iterdir()]}
    write_dataset(folder, scenes, run=RUN, overwrite=True)
    write_card(folder)
    assert {path: path.read_bytes() for path in before} == before
