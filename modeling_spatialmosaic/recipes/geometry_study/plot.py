"""The study in one picture: scores of the arms with their intervals, and the curves of their training."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from dataset_builder.bench.marks import FAINT, INK, PAPER, RULE, font
from modeling_spatialmosaic.recipes.geometry_study.comparison import LEVELS, OVERALL
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS


COLORS = {"vggt": "#1971c2", "pointmap": "#2b8a3e", "none": "#e8590c", "other": "#60666d"}
WIDTH, MARGIN, LABELS, LINE, GAP = 1500, 40, 360, 17, 14
TITLE_SIZE, TEXT_SIZE = 22, 16
PANEL_HEIGHT = 300
CONSTANT = "best constant answer"
CONTROLS = ("blind", "single_view", "geometry_zero", "geometry_shuffle")


def draw_study(
    results: Mapping, curves: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]], path: Path
) -> None:
    """
    Draw a PNG file.

    Args:
        results (`Mapping`): what `Comparison.results` returns.
        curves (`Mapping`): for each panel, points `(step, loss)` of each line; a line's name begins with its arm.
    """
    scores = results["scores"]
    sections = [
        (f"Score, {OVERALL}, percent", _controls(scores)),
        ("By question type", _parts(scores, "question_type: ")),
        *((f"By {level}, {OVERALL}", _parts(scores, f"{level}: ")) for level in LEVELS),
    ]
    heights = [2 * GAP + TITLE_SIZE + sum(len(rows) * LINE + GAP for _, rows in groups) for _, groups in sections]
    panel_rows = -(-len(curves) // 2)
    picture = Image.new("RGB", (WIDTH, 2 * MARGIN + sum(heights) + panel_rows * PANEL_HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    x = WIDTH - MARGIN - 540
    for color, label in zip(COLORS, (*ARMS, CONSTANT), strict=True):
        draw.ellipse((x, MARGIN - 14, x + 12, MARGIN - 2), fill=COLORS[color])
        draw.text((x + 18, MARGIN - 18), label, font=font(TEXT_SIZE), fill=INK)
        x += 115
    top = MARGIN
    for (title, groups), height in zip(sections, heights, strict=True):
        _draw_section(draw, top, title, groups)
        top += height
    for k, (title, lines) in enumerate(curves.items()):
        half = (WIDTH - 3 * MARGIN) // 2
        left = MARGIN + (k % 2) * (half + MARGIN)
        _draw_curves(draw, left, top + (k // 2) * PANEL_HEIGHT, half, title, lines)
    picture.save(path, format="PNG")


def _controls(scores: Mapping) -> list[tuple[str, list[tuple[str, dict]]]]:
    """Groups of one row each: label, and colour with numbers."""
    groups = []
    for arm in ARMS:
        names = [arm, *(f"{arm}/{control}" for control in CONTROLS if f"{arm}/{control}" in scores)]
        groups += [(name.replace("/", ", "), [(arm, scores[name][OVERALL])]) for name in names]
    groups.append((CONSTANT, [("other", scores["majority"][OVERALL])]))
    return [(label, rows) for label, rows in groups if rows[0][1]]


def _parts(scores: Mapping, start: str) -> list[tuple[str, list[tuple[str, dict]]]]:
    names = [part for part in scores[ARMS[0]] if part.startswith(start)]
    groups = []
    for part in names:
        rows = [(arm, scores[arm][part]) for arm in ARMS] + [("other", scores["majority"][part])]
        label = f"{part.removeprefix(start)}  ({scores[ARMS[0]][part]['count']})"
        groups.append((label, [(color, numbers) for color, numbers in rows if numbers]))
    return groups


def _draw_section(draw: ImageDraw.ImageDraw, top: int, title: str, groups: Sequence) -> None:
    left, right = MARGIN + LABELS, WIDTH - MARGIN - 60
    draw.text((MARGIN, top), title, font=font(TITLE_SIZE), fill=INK)
    top += TITLE_SIZE + GAP
    bottom = top + sum(len(rows) * LINE + GAP for _, rows in groups) - GAP
    for percent in range(0, 101, 20):
        x = left + (right - left) * percent / 100
        draw.line((x, top, x, bottom), fill=RULE)
        draw.text((x, bottom), str(percent), font=font(12), fill=FAINT, anchor="mt")
    for label, rows in groups:
        draw.text((left - 14, top + len(rows) * LINE / 2), label, font=font(TEXT_SIZE), fill=INK, anchor="rm")
        for color, numbers in rows:
            y = top + LINE / 2
            if numbers["interval"]:
                low, high = (left + (right - left) * end for end in numbers["interval"])
                draw.line((low, y, high, y), fill=COLORS[color], width=3)
            x = left + (right - left) * numbers["score"]
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=COLORS[color])
            draw.text((right + 10, y), f"{100 * numbers['score']:.1f}", font=font(13), fill=COLORS[color], anchor="lm")
            top += LINE
        top += GAP


def _draw_curves(draw: ImageDraw.ImageDraw, left: int, top: int, width: int, title: str, lines: Mapping) -> None:
    """One panel: steps to the right, loss upwards, both linear."""
    draw.text((left, top), title, font=font(TEXT_SIZE), fill=INK)
    x0, y0, x1, y1 = left + 50, top + 30, left + width, top + PANEL_HEIGHT - 40
    points = [point for line in lines.values() for point in line]
    if not points:
        return
    low, high = min(y for _, y in points), max(y for _, y in points)
    steps, span = max(x for x, _ in points), max(high - low, 1e-6)
    draw.rectangle((x0, y0, x1, y1), outline=RULE)
    for value, y in ((high, y0), (low, y1)):
        draw.text((x0 - 6, y), f"{value:.2f}", font=font(12), fill=FAINT, anchor="rm")
    draw.text((x1, y1 + 4), f"{steps:,.0f} steps", font=font(12), fill=FAINT, anchor="rt")
    for name, line in lines.items():
        places = [(x0 + (x1 - x0) * x / steps, y1 - (y1 - y0) * (y - low) / span) for x, y in line]
        draw.line(places, fill=COLORS.get(name.split()[0], COLORS["other"]), width=2)
        if name.split()[0] not in COLORS:
            draw.text(places[-1], name, font=font(12), fill=FAINT, anchor="rb")
