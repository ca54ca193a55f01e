"""The picture of the scores: bars and marks are where the numbers are."""

import pytest
from PIL import Image, ImageColor

from dataset_builder.bench.figure import LEFT, RIGHT, draw_scores
from dataset_builder.bench.marks import BAR, INK, MARKS
from dataset_builder.bench.metrics import RowScore, summarize


def result(score: float, kinds=("obj_count_occ", "obj_size_occ_na")) -> dict:
    """All rows of the same score, in two scenes: an interval without width."""
    rows = [
        {"dataset": "toy", "scene_name": scene, "question_type": kind, "occ_level": "low"}
        for scene in "ab"
        for kind in kinds
    ]
    return summarize([RowScore(row, score, True) for row in rows])


def at(score: float) -> int:
    return round(LEFT + score * (RIGHT - LEFT))


def columns_of(image: Image.Image, color: str, left: int = LEFT) -> list[int]:
    """Columns of the plot that hold the colour."""
    rgb = ImageColor.getrgb(color)
    pixels = image.load()
    return [x for x in range(left, RIGHT + 1) if any(pixels[x, y] == rgb for y in range(120, image.height))]


def test_the_bar_ends_at_the_score(tmp_path):
    draw_scores({"model": "m", "results": {"model": result(0.6)}}, tmp_path / "scores.png")
    image = Image.open(tmp_path / "scores.png")
    assert image.width == 1600
    bar = columns_of(image, BAR)
    assert (bar[0], bar[-1]) == (LEFT, pytest.approx(at(0.6), abs=3))


def test_the_interval_is_drawn(tmp_path):
    results = {"model": result(0.6)}
    for part in results["model"]["by_question_type"].values():
        part["interval"] = [0.5, 0.8]
    draw_scores({"model": "m", "results": results}, tmp_path / "scores.png")
    ink = columns_of(Image.open(tmp_path / "scores.png"), INK)
    assert (ink[0], ink[-1]) == (pytest.approx(at(0.5), abs=2), pytest.approx(at(0.8), abs=2))


@pytest.mark.parametrize("name", sorted(set(MARKS) - {"chance"}))
def test_a_control_is_marked_at_its_score(tmp_path, name):
    draw_scores({"model": "m", "results": {"model": result(0.9), name: result(0.3)}}, tmp_path / "scores.png")
    found = columns_of(Image.open(tmp_path / "scores.png"), MARKS[name][0])
    assert sum(found) / len(found) == pytest.approx(at(0.3), abs=1) and len(found) > 8


def test_a_control_of_other_questions_is_not_marked(tmp_path):
    """It knows the counts alone: it stands beside their type and their task, and nowhere else."""
    results = {"model": result(0.6), "majority": result(0.25, kinds=("obj_count_occ",))}
    draw_scores({"model": "m", "results": results}, tmp_path / "scores.png")
    image = Image.open(tmp_path / "scores.png")
    rgb, pixels = ImageColor.getrgb(MARKS["majority"][0]), image.load()
    rows = [y for y in range(120, image.height) if pixels[at(0.25), y] == rgb]
    assert sum(y - 1 not in rows for y in rows) == 2, "two marks"
