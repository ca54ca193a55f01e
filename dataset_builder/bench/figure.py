"""Scores as a picture: a bar for the model, its interval, and a mark for each control, by type, task and level.

A control's mark stands only where it was scored on all the questions of the bar: chance, say, knows choices alone.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dataset_builder.bench.metrics import LEVELS
from dataset_builder.bench.report import levels_of
from dataset_builder.schema import TASK_OF, TASKS


WIDTH, MARGIN, LABELS, COUNTS, ROW = 1600, 40, 420, 110, 34
LEFT, RIGHT = MARGIN + LABELS, WIDTH - MARGIN - COUNTS
INK, FAINT, PAPER, RULE, BAR = "#1c1e21", "#60666d", "#ffffff", "#d5d9de", "#9ec5f0"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 28, 20, 17
# Colour and shape of each control's mark; shapes differ, so that they can be told apart without colours
MARKS = {
    "blind": ("#e8590c", "circle"),
    "single_view": ("#2b8a3e", "square"),
    "geometry_zero": ("#862e9c", "up"),
    "geometry_shuffle": ("#c2255c", "down"),
    "majority": ("#846a00", "diamond"),
    "chance": ("#1c1e21", "line"),
}
MARK_RADIUS = 7


def draw_scores(scores: Mapping, path: Path) -> None:
    """Draw what `evaluate` returns as a PNG file, 1600 pixels wide."""
    results = scores["results"]
    sections = _sections(results)
    height = MARGIN + 3 * ROW + sum((len(rows) + 3) * ROW for _, rows in sections)
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN // 2), f"Scores of {Path(scores['model']).name}", font=_font(TITLE_SIZE), fill=INK)
    _draw_legend(draw, MARGIN // 2 + ROW + 14, [name for name in MARKS if name in results])
    top = MARGIN + 2 * ROW + 20
    for title, rows in sections:
        draw.text((MARGIN, top), title, font=_font(TEXT_SIZE), fill=INK)
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
    font, left = _font(SMALL_SIZE), MARGIN
    draw.rectangle((left, top + 3, left + 30, top + 17), fill=BAR)
    draw.line((left + 20, top + 10, left + 40, top + 10), fill=INK, width=3)
    left += 50
    text = "model, 95 % interval by drawing scenes"
    draw.text((left, top), text, font=font, fill=FAINT)
    left += font.getlength(text) + 30
    for name in controls:
        _draw_mark(draw, left, top + 10, name)
        draw.text((left + 14, top), name, font=font, fill=FAINT)
        left += font.getlength(name) + 44


def _draw_grid(draw: ImageDraw.ImageDraw, top: int, bottom: int) -> None:
    font = _font(SMALL_SIZE)
    for tenths in range(0, 11, 2):
        x = _x(tenths / 10)
        draw.line((x, top, x, bottom), fill=RULE, width=1)
        text = f"{10 * tenths} %"
        draw.text((x - font.getlength(text) / 2, bottom + 4), text, font=font, fill=FAINT)
    draw.text((RIGHT + 46, top - SMALL_SIZE - 8), "questions", font=font, fill=FAINT)


def _draw_row(draw: ImageDraw.ImageDraw, top: int, label: str, parts: Mapping[str, Mapping]) -> None:
    font, middle = _font(SMALL_SIZE), top + ROW // 2
    draw.text((LEFT - 12 - font.getlength(label), middle - SMALL_SIZE // 2 - 2), label, font=font, fill=INK)
    model = parts["model"]
    draw.rectangle((LEFT, middle - 9, _x(model["score"]), middle + 9), fill=BAR)
    if model["interval"]:
        low, high = map(_x, model["interval"])
        draw.line((low, middle, high, middle), fill=INK, width=3)
        for end in (low, high):
            draw.line((end, middle - 6, end, middle + 6), fill=INK, width=3)
    for name in MARKS:
        if name in parts and parts[name]["count"] == model["count"]:
            _draw_mark(draw, _x(parts[name]["score"]), middle, name)
    count = f"{model['count']:,}"
    draw.text((WIDTH - MARGIN - font.getlength(count), middle - SMALL_SIZE // 2 - 2), count, font=font, fill=FAINT)


def _draw_mark(draw: ImageDraw.ImageDraw, x: float, y: float, name: str) -> None:
    color, shape = MARKS[name]
    r = MARK_RADIUS
    if shape == "line":
        draw.line((x, y - 13, x, y + 13), fill=color, width=3)
    elif shape == "circle":
        draw.ellipse((x - r, y - r, x + r, y + r), fill=color, outline=PAPER)
    else:
        corners = {
            "square": ((-r, -r), (r, -r), (r, r), (-r, r)),
            "up": ((-r, r), (r, r), (0, -r)),
            "down": ((-r, -r), (r, -r), (0, r)),
            "diamond": ((-r, 0), (0, -r), (r, 0), (0, r)),
        }[shape]
        draw.polygon([(x + dx, y + dy) for dx, dy in corners], fill=color, outline=PAPER)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _save(picture: Image.Image, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    picture.save(partial, "PNG")
    os.replace(partial, path)
