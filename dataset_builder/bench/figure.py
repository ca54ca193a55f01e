"""Scores as a picture: the published chart, then bars by type, task and level.

A bar is the model's score, with its interval and a mark for each control.
A control's mark stands only where it was scored on all the questions of the bar: chance, say, knows choices alone.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from dataset_builder.bench.marks import BAR, FAINT, INK, MARKS, PAPER, RULE, draw_mark, font, is_comparable
from dataset_builder.bench.metrics import LEVELS
from dataset_builder.bench.radar import axes_of, draw_radar
from dataset_builder.bench.report import levels_of
from dataset_builder.schema import TASK_OF, TASKS


WIDTH, MARGIN, LABELS, COUNTS, ROW = 1600, 40, 420, 110, 34
RADAR_RADIUS = 350
RADAR_HEIGHT = 2 * RADAR_RADIUS + 6 * ROW
LEFT, RIGHT = MARGIN + LABELS, WIDTH - MARGIN - COUNTS
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 28, 20, 17


def draw_scores(scores: Mapping, path: Path) -> None:
    """Draw what `evaluate` returns as a PNG file, 1600 pixels wide."""
    results = scores["results"]
    sections = _sections(results)
    top = MARGIN + 2 * ROW + 20
    radar = RADAR_HEIGHT if len(axes_of(results)) > 2 else 0
    height = top + radar + sum((len(rows) + 3) * ROW for _, rows in sections)
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN // 2), f"Scores of {Path(scores['model']).name}", font=font(TITLE_SIZE), fill=INK)
    _draw_legend(draw, MARGIN // 2 + ROW + 14, [name for name in MARKS if name in results])
    if radar:
        draw_radar(picture, results, (WIDTH // 2, top + 2 * ROW + RADAR_RADIUS), RADAR_RADIUS)
        draw.text((MARGIN, top), "By the tasks of the published charts", font=font(TEXT_SIZE), fill=INK)
    top += radar
    for title, rows in sections:
        draw.text((MARGIN, top), title, font=font(TEXT_SIZE), fill=INK)
        top += ROW
        _draw_grid(draw, top, top + len(rows) * ROW)
        for label, parts in rows:
            _draw_row(draw, top, label, parts)
            top += ROW
        top += 2 * ROW
    _save(picture, Path(path))


def _sections(results: Mapping) -> list[tuple[str, list[tuple[str, dict]]]]:
    """Titles, and the rows below them: a label, and the numbers of the model and of each control."""

    def rows(of: Sequence[str], *steps: str) -> list[tuple[str, dict]]:
        parts = {}
        for name, result in results.items():
            parts[name] = result
            for step in steps:
                parts[name] = parts[name][step]
        return [(label, {name: found[label] for name, found in parts.items() if label in found}) for label in of]

    model = results["model"]
    means = [
        (
            f"mean over {unit}",
            {
                name: {"score": result[key], "interval": result[f"{key}_interval"], "count": result["count"]}
                for name, result in results.items()
            },
        )
        for unit, key in (("question types", "mean_over_types"), ("tasks", "mean_over_tasks"))
    ]
    return [
        ("Overall", means),
        (
            "By question type",
            rows([kind for kind in TASK_OF if kind in model["by_question_type"]], "by_question_type"),
        ),
        ("By task", rows([task for task in TASKS if task in model["by_task"]], "by_task")),
        *((f"By {level}", rows(levels_of(model["by_level"][level]), "by_level", level)) for level in LEVELS),
    ]


def _x(score: float) -> float:
    return LEFT + score * (RIGHT - LEFT)


def _draw_legend(draw: ImageDraw.ImageDraw, top: int, controls: Sequence[str]) -> None:
    small, left = font(SMALL_SIZE), MARGIN
    draw.rectangle((left, top + 3, left + 30, top + 17), fill=BAR)
    draw.line((left + 20, top + 10, left + 40, top + 10), fill=INK, width=3)
    left += 50
    text = "model, 95 % interval by drawing scenes"
    draw.text((left, top), text, font=small, fill=FAINT)
    left += small.getlength(text) + 30
    for name in controls:
        draw_mark(draw, left, top + 10, name)
        draw.text((left + 14, top), name, font=small, fill=FAINT)
        left += small.getlength(name) + 44


def _draw_grid(draw: ImageDraw.ImageDraw, top: int, bottom: int) -> None:
    small = font(SMALL_SIZE)
    for tenths in range(0, 11, 2):
        x = _x(tenths / 10)
        draw.line((x, top, x, bottom), fill=RULE, width=1)
        text = f"{10 * tenths} %"
        draw.text((x - small.getlength(text) / 2, bottom + 4), text, font=small, fill=FAINT)
    draw.text((RIGHT + 46, top - SMALL_SIZE - 8), "questions", font=small, fill=FAINT)


def _draw_row(draw: ImageDraw.ImageDraw, top: int, label: str, parts: Mapping[str, Mapping]) -> None:
    small, middle = font(SMALL_SIZE), top + ROW // 2
    draw.text((LEFT - 12 - small.getlength(label), middle - SMALL_SIZE // 2 - 2), label, font=small, fill=INK)
    model = parts["model"]
    draw.rectangle((LEFT, middle - 9, _x(model["score"]), middle + 9), fill=BAR)
    if model["interval"]:
        low, high = map(_x, model["interval"])
        draw.line((low, middle, high, middle), fill=INK, width=3)
        for end in (low, high):
            draw.line((end, middle - 6, end, middle + 6), fill=INK, width=3)
    for name in MARKS:
        if is_comparable(parts.get(name), model):
            draw_mark(draw, _x(parts[name]["score"]), middle, name)
    count = f"{model['count']:,}"
    draw.text((WIDTH - MARGIN - small.getlength(count), middle - SMALL_SIZE // 2 - 2), count, font=small, fill=FAINT)


def _save(picture: Image.Image, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    picture.save(partial, "PNG")
    os.replace(partial, path)
