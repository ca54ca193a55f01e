"""The README.md of a dataset folder: YAML that tells `load_dataset` its configs, and a text with the run's counts."""

import json
import os
from pathlib import Path

from huggingface_hub import DatasetCard, DatasetCardData

from dataset_builder.reader import CARD_FILE, DATA_FOLDER, load_statistics
from dataset_builder.schema import SPLITS, TASK_OF


TEMPLATE = Path(__file__).with_name("dataset.md")
PRETTY_NAME = "SpatialMosaic"
# Hub licence and a sentence for each source; rows of any other source are under that source's own terms
LICENSES = {
    "procedural": ("apache-2.0", "Procedural scenes, their images and the questions about them are under Apache-2.0."),
}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(folder: Path) -> Path:
    """Write the README.md of a dataset folder from its `statistics.json`, and return its path.

    Raises:
        [`DatasetError`]: if `folder` is no dataset folder.
    """
    folder = Path(folder)
    statistics = load_statistics(folder)
    types, run = statistics["question_types"], dict(statistics["run"])
    candidates = run.pop("candidates", {})
    run.pop("balanced_together", None)  # thousands of names
    card = DatasetCard.from_template(
        card_data(statistics),
        template_path=str(TEMPLATE),
        pretty_name=PRETTY_NAME,
        rows=f"{statistics['rows']:,}",
        scenes=f"{sum(statistics['scenes'].values()):,}",
        num_types=len(types),
        num_configs=len(statistics["configs"]),
        example_config=next(iter(statistics["configs"])),
        example_split=next(iter(statistics["scenes"])),
        types_table=_table(
            ["config", "question type", *statistics["scenes"]],
            [
                [f"`{TASK_OF[kind]}`", f"`{kind}`", *(f"{counts.get(split, 0):,}" for split in statistics["scenes"])]
                for kind, counts in types.items()
            ],
        ),
        views_table=_table(
            ["views per question", "rows"], [[size, f"{count:,}"] for size, count in statistics["views"].items()]
        ),
        levels_table=_table(
            ["level", "value", "rows"],
            [
                [f"`{field}`", value, f"{count:,}"]
                for field, values in statistics["levels"].items()
                for value, count in values.items()
            ],
        ),
        sources_table=_table(
            ["source", "scenes", "of these with pixels", "rows"],
            [
                [name, *(f"{counts[key]:,}" for key in ("scenes", "scenes_with_pixels", "rows"))]
                for name, counts in statistics["sources"].items()
            ],
        ),
        run=json.dumps(run, indent=2) if run else None,
        candidates_table=_candidates(candidates) if candidates else None,
        command=run.get("command"),
        licence_text=" ".join(_license(source)[1] for source in statistics["sources"]),
    )
    path, partial = folder / CARD_FILE, folder / f".{CARD_FILE}.partial"
    try:
        partial.write_text(f"{card}\n", encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def card_data(statistics: dict) -> DatasetCardData:
    """The YAML of the card: `default` (all tasks) and one config for each task, with the splits that exist."""
    licenses = {_license(source)[0] for source in statistics["sources"]}
    return DatasetCardData(
        pretty_name=PRETTY_NAME,
        license=licenses.pop() if len(licenses) == 1 else "other",
        language="en",
        task_categories=["visual-question-answering", "image-text-to-text", "multiple-choice"],
        tags=["spatial-reasoning", "multi-view", "occlusion", "3d", "vision-language", *statistics["sources"]],
        size_categories=next((name for top, name in SIZES if statistics["rows"] < top), "n>1M"),
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


def _license(source: str) -> tuple[str, str]:
    other = f"Rows of `{source}` are under the terms of that source, which you accept with your own copy of it."
    return LICENSES.get(source, ("other", other))


def _candidates(candidates: dict[str, dict[str, int]]) -> str:
    """Of every question type, what was proposed, what was kept, and what each rule turned down."""
    rows = []
    for kind, counts in candidates.items():
        rules = [f"{rule.replace('_', ' ')} {n:,}" for rule, n in counts.items() if rule not in ("proposed", "kept")]
        rows.append([f"`{kind}`", f"{counts.get('proposed', 0):,}", f"{counts.get('kept', 0):,}", ", ".join(rules)])
    return _table(["candidates", "proposed", "kept", "turned down"], rows)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
