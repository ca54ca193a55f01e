"""The README.md of a dataset folder: YAML that tells `load_dataset` its configs, and a text with the run's counts."""

from pathlib import Path

from huggingface_hub import DatasetCard, DatasetCardData

from dataset_builder.contact_sheet import task_pictures
from dataset_builder.reader import DATA_FOLDER, PICTURES_FOLDER, load_statistics
from dataset_builder.schema import SPLITS
from dataset_builder.sources import terms_of
from hub_cards import counts
from hub_cards.findings import audit_section, shortcuts_section
from hub_cards.markdown import save
from hub_cards.terms import gate_fields, license_fields, terms_table


TEMPLATE = Path(__file__).with_name("dataset.md")
PRETTY_NAME = "SpatialMosaic"
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def write_card(folder: Path) -> Path:
    """Write the README.md of a dataset folder and one picture for each task, and return the path of the card.

    All numbers come from `statistics.json` and, where `spatialmosaic audit` and `spatialmosaic shortcuts` have run,
    from what they left in the folder. Write the card again after them.

    Raises:
        [`DatasetError`]: if `folder` is no dataset folder, or a report in it cannot be read.
    """
    folder = Path(folder)
    statistics = load_statistics(folder)
    audit, shortcuts = audit_section(folder), shortcuts_section(folder)
    run, sources = statistics["run"], statistics["sources"]
    pictures = task_pictures(folder, folder / PICTURES_FOLDER)
    card = DatasetCard.from_template(
        card_data(statistics),
        template_path=str(TEMPLATE),
        pretty_name=PRETTY_NAME,
        rows=f"{statistics['rows']:,}",
        scenes=f"{sum(statistics['scenes'].values()):,}",
        num_types=len(statistics["question_types"]),
        num_configs=len(statistics["configs"]),
        example_config=next(iter(statistics["configs"])),
        example_split=next(iter(statistics["scenes"])),
        pictures={task: path.relative_to(folder).as_posix() for task, path in pictures.items()},
        tasks_table=counts.tasks_table(statistics),
        types_table=counts.types_table(statistics),
        views_table=counts.views_table(statistics),
        levels_by_split_table=counts.levels_by_split_table(statistics),
        levels_by_task_table=counts.levels_by_task_table(statistics),
        sources_table=counts.sources_table(statistics),
        candidates_table=counts.candidates_table(run["candidates"]) if run.get("candidates") else None,
        command=run.get("command"),
        version=run.get("version"),
        seed=run.get("seed"),
        audit=audit,
        shortcuts=shortcuts,
        synthetic="procedural" in sources,
        terms_table=terms_table(sources),
        terms_texts=[terms_of(source).text for source in sources],
        without_pixels=[name for name, found in sources.items() if found["scenes_with_pixels"] < found["scenes"]],
    )
    return save(card, folder)


def card_data(statistics: dict) -> DatasetCardData:
    """The YAML of the card: `default` (all tasks) and one config for each task, with the splits that exist."""
    sources = list(statistics["sources"])
    return DatasetCardData(
        pretty_name=PRETTY_NAME,
        language=["en"],
        **license_fields(sources),
        **gate_fields(sources),
        annotations_creators=["machine-generated"],
        task_categories=["visual-question-answering", "image-text-to-text", "multiple-choice"],
        tags=["spatial-reasoning", "multi-view", "occlusion", "3d", "vision-language", *sources],
        size_categories=[next((name for top, name in SIZES if statistics["rows"] < top), "100M<n<1B")],
        configs=[
            {"config_name": "default", "default": True, "data_files": _data_files("*", statistics["scenes"])},
            *(
                {"config_name": config, "data_files": _data_files(config, splits)}
                for config, splits in statistics["configs"].items()
            ),
        ],
    )


def _data_files(config: str, splits: dict[str, int]) -> list[dict[str, str]]:
    return [
        {"split": split, "path": f"{DATA_FOLDER}/{config}/{split}-*.parquet"} for split in SPLITS if split in splits
    ]
