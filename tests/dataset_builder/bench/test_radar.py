"""The radar chart: its corners are where the numbers are."""

import math

import numpy as np
import pytest
from PIL import Image, ImageColor

from dataset_builder.bench.figure import RADAR_HEIGHT, draw_scores
from dataset_builder.bench.marks import MARKS
from dataset_builder.bench.metrics import RowScore, summarize
from dataset_builder.bench.radar import AXES, LINE, axes_of, draw_radar, polygon
from dataset_builder.schema import TASK_OF


SIZE = 600


def result(by_type: dict[str, float]) -> dict:
    """Two rows of each question type, both of its score."""
    rows = [
        RowScore({"dataset": "toy", "scene_name": "a", "question_type": kind}, score, True)
        for kind, score in by_type.items()
        for _ in range(2)
    ]
    return summarize(rows)


def test_every_question_type_is_on_one_axis():
    assert sorted(kind for kinds in AXES.values() for kind in kinds) == sorted(TASK_OF)


def test_an_axis_is_the_mean_of_its_types():
    model = result({"obj_spatial_occ_lr": 0.9, "obj_spatial_occ_fb": 0.3, "obj_count_occ": 0.5})
    assert axes_of({"model": model}) == {
        "Count": ("obj_count_occ",),
        "Relation": ("obj_spatial_occ_lr", "obj_spatial_occ_fb"),
    }
    assert polygon({"model": model}, "model") == pytest.approx([0.5, 0.6])


def test_a_control_has_a_corner_where_it_was_scored_on_all_the_questions():
    model = result(dict.fromkeys(TASK_OF, 0.7))
    kinds = [kind for kind in TASK_OF if not kind.endswith("_na") and kind != "obj_existence_occ_ab"]
    corners = polygon({"model": model, "chance": result(dict.fromkeys(kinds, 0.25))}, "chance")
    assert corners == [0.25, 0.25, None, 0.25, 0.25, 0.25, *[None] * 5]


def distance_of(picture: Image.Image, color: str, angle: float) -> float:
    """How far from the centre the colour is farthest out, in that direction from the top, clockwise."""
    pixels = np.asarray(picture, dtype=int)
    steps = np.arange(SIZE // 2)
    x, y = SIZE / 2 + steps * math.sin(angle), SIZE / 2 - steps * math.cos(angle)
    along = pixels[y.astype(int), x.astype(int)]
    return steps[np.abs(along - ImageColor.getrgb(color)).sum(axis=1) < 60].max()


@pytest.mark.parametrize("k", range(len(AXES)))
def test_corners_are_drawn_where_they_are(k):
    """Scores differ between axes; the full share is as far out for all."""
    shares = {axis: 0.4 + 0.05 * place for place, axis in enumerate(AXES)}
    model = result({kind: shares[axis] for axis, kinds in AXES.items() for kind in kinds})
    blind = result({kind: shares[axis] - 0.25 for axis, kinds in AXES.items() for kind in kinds})
    picture = Image.new("RGB", (SIZE, SIZE), "white")
    radius = SIZE // 2 - 60
    draw_radar(picture, {"model": model, "blind": blind}, (SIZE // 2, SIZE // 2), radius)
    angle = 2 * math.pi * k / len(AXES)
    share = list(shares.values())[k]
    assert distance_of(picture, LINE, angle) == pytest.approx(share * radius, abs=5)
    assert distance_of(picture, MARKS["blind"][0], angle) == pytest.approx((share - 0.25) * radius, abs=9)


def test_it_stands_above_the_bars_where_there_are_axes_enough(tmp_path):
    heights = []
    for kinds in (["obj_count_occ", "obj_size_occ_na"], ["obj_count_occ", "obj_size_occ_na", "bestview_count_occ"]):
        draw_scores({"model": "m", "results": {"model": result(dict.fromkeys(kinds, 0.5))}}, tmp_path / "scores.png")
        heights.append(Image.open(tmp_path / "scores.png").height)
    assert heights[1] - heights[0] == pytest.approx(RADAR_HEIGHT, abs=100), "two more rows of bars"
