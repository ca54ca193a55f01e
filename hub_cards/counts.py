"""Tables of the counts in `statistics.json`."""

from dataset_builder.schema import TASK_OF
from hub_cards.markdown import code, table


# What the questions of a task ask
ASKS = {
    "object_count": "How many objects of one kind do the views show together?",
    "best_view_selection": "How many do they show together, and which view shows the most of them?",
    "object_localization": "Is the object in Frame k, and where in its image?",
    "object_existence": "Is this object left of (above, in front of) that one in Frame k?",
    "object_attribute": "Which object appears left of (higher than, closer than) that one in Frame k? How long is it?",
    "spatial_relation": "Where does this object appear relative to that one in Frame k? How far is it?",
}
# Levels by difficulty; values that are not listed follow
LEVEL_ORDER = ("none", "low", "medium", "high", "Fully Visible", "Partially Visible")


def tasks_table(statistics: dict) -> str:
    """Rows of each task in each split, with the totals."""
    splits, configs = list(statistics["scenes"]), statistics["configs"]
    totals = [sum(counts.get(split, 0) for counts in configs.values()) for split in splits]
    scenes = list(statistics["scenes"].values())
    return table(
        ["config", "asks", *splits, "all"],
        [
            *([code([task]), ASKS[task], *_by_split(counts, splits)] for task, counts in configs.items()),
            ["**rows**", "", *totals, sum(totals)],
            ["**scenes**", "", *scenes, sum(scenes)],
        ],
        labels=2,
    )


def types_table(statistics: dict) -> str:
    """Rows of each question type in each split."""
    splits = list(statistics["scenes"])
    return table(
        ["config", "question type", *splits, "all"],
        [
            [code([TASK_OF[kind]]), code([kind]), *_by_split(counts, splits)]
            for kind, counts in statistics["question_types"].items()
        ],
        labels=2,
    )


def levels_by_split_table(statistics: dict) -> str:
    """Rows of each diagnostic level in each split."""
    splits = list(statistics["scenes"])
    rows = []
    for field, value, tasks in _levels(statistics):
        counts = {split: sum(by_split.get(split, 0) for by_split in tasks.values()) for split in splits}
        rows.append([code([field]), value, *_by_split(counts, splits)])
    return table(["field", "level", *splits, "all"], rows, labels=2)


def levels_by_task_table(statistics: dict) -> str:
    """Rows of each diagnostic level in each task."""
    configs = list(statistics["configs"])
    return table(
        ["field", "level", *map(_breakable, configs)],
        [
            [code([field]), value, *(sum(tasks.get(task, {}).values()) for task in configs)]
            for field, value, tasks in _levels(statistics)
        ],
        labels=2,
    )


def views_table(statistics: dict) -> str:
    """Rows by number of views."""
    views = statistics["views"]
    return table(["views", *views], [["rows", *views.values()]])


def sources_table(statistics: dict) -> str:
    """Scenes and rows of each source."""
    return table(
        ["source", "scenes", "of these with pixels", "rows"],
        [
            [name, counts["scenes"], counts["scenes_with_pixels"], counts["rows"]]
            for name, counts in statistics["sources"].items()
        ],
    )


def candidates_table(candidates: dict[str, dict[str, int]]) -> str:
    """Of every question type, what was proposed, what was kept, and what each rule turned down."""
    rows = []
    for kind, counts in candidates.items():
        rules = [f"{rule.replace('_', ' ')} {n:,}" for rule, n in counts.items() if rule not in ("proposed", "kept")]
        rows.append([code([kind]), ", ".join(rules), counts.get("proposed"), counts.get("kept", 0)])
    return table(["question type", "turned down", "proposed", "kept"], rows, labels=2)


def _by_split(counts: dict[str, int], splits: list[str]) -> list[int]:
    return [*(counts.get(split, 0) for split in splits), sum(counts.values())]


def _levels(statistics: dict):
    """Yield (field, value, counts by task and split), the levels of a field in the order of their difficulty."""
    for field, values in statistics["levels_by_task"].items():
        for value in sorted(values, key=lambda value: LEVEL_ORDER.index(value) if value in LEVEL_ORDER else 99):
            yield field, value, values[value]


def _breakable(task: str) -> str:
    """A task's name that may be broken into lines, so that six columns fit on a page."""
    return task.replace("_", " ")
