"""The chart that the published scores are shown in: an axis for each of its tasks, a polygon for each model."""

import math
from collections.abc import Mapping

from PIL import Image, ImageDraw

from dataset_builder.bench.marks import (
    BAR,
    FAINT,
    INK,
    MARK_RADIUS,
    MARKS,
    PAPER,
    RULE,
    draw_mark,
    font,
    is_comparable,
)


# Question types of each axis; indoors all eleven, outdoors those without attributes and sizes
AXES = {
    "Count": ("obj_count_occ",),
    "Best view": ("bestview_count_occ",),
    "Existence": ("obj_existence_occ_lr", "obj_existence_occ_ab", "obj_existence_occ_fb"),
    "Attribute": ("obj_attribute_occ_lr", "obj_attribute_occ_ab", "obj_attribute_occ_fb"),
    "Relation": ("obj_spatial_occ_lr", "obj_spatial_occ_ab", "obj_spatial_occ_fb"),
    "Localization": ("obj_localization_occ",),
    "Count (number)": ("obj_count_occ_na",),
    "Camera to object (number)": ("obj_distance_occ_na",),
    "Object to object (number)": ("obj_obj_distance_occ_na",),
    "Size (number)": ("obj_size_occ_na",),
    "Localization (point)": ("obj_localization_occ_na",),
}
LINE = "#2f6fb3"
RINGS = 5
LABEL_SIZE, SMALL_SIZE = 20, 15
# Drawn so many times as large and then made smaller, for smooth lines
SCALE = 3


def axes_of(results: Mapping) -> dict[str, tuple[str, ...]]:
    """The axes that the model has scores for, with the question types of each that it has."""
    held = results["model"]["by_question_type"]
    axes = {axis: tuple(kind for kind in kinds if kind in held) for axis, kinds in AXES.items()}
    return {axis: kinds for axis, kinds in axes.items() if kinds}


def polygon(results: Mapping, name: str) -> list[float | None]:
    """Score of the model or of a control on each axis, the unweighted mean of its question types; `None` where a
    control was not scored on all the questions."""
    model, found = (results[who]["by_question_type"] for who in ("model", name))
    return [
        sum(found[kind]["score"] for kind in kinds) / len(kinds)
        if all(is_comparable(found.get(kind), model[kind]) for kind in kinds)
        else None
        for kinds in axes_of(results).values()
    ]


def draw_radar(picture: Image.Image, results: Mapping, center: tuple[int, int], radius: int) -> None:
    """Draw the chart; `radius` in pixels is where 100 % is, and the names of the axes stand around it."""
    axes, half = list(axes_of(results)), radius + 2 * MARK_RADIUS

    def place(k: int, share: float) -> tuple[float, float]:
        """Point of a share on axis k, from the centre."""
        angle = 2 * math.pi * k / len(axes)
        return share * radius * math.sin(angle), -share * radius * math.cos(angle)

    def large(k: int, share: float) -> tuple[float, float]:
        """The same point in the chart as it is drawn."""
        x, y = place(k, share)
        return SCALE * (half + x), SCALE * (half + y)

    chart = Image.new("RGB", (2 * SCALE * half, 2 * SCALE * half), PAPER)
    draw = ImageDraw.Draw(chart, "RGBA")
    for ring in range(1, RINGS + 1):
        draw.polygon([large(k, ring / RINGS) for k in range(len(axes))], outline=RULE, width=SCALE)
    for k in range(len(axes)):
        draw.line((*large(k, 0), *large(k, 1)), fill=RULE, width=SCALE)
    model = [large(k, share) for k, share in enumerate(polygon(results, "model"))]
    draw.polygon(model, fill=f"{BAR}88")
    for name in (name for name in MARKS if name in results):
        corners = [share if share is None else large(k, share) for k, share in enumerate(polygon(results, name))]
        _draw_control(draw, corners, name)
    draw.line([*model, model[0], model[1]], fill=LINE, width=4 * SCALE, joint="curve")
    left, top = center[0] - half, center[1] - half
    picture.paste(chart.resize((2 * half, 2 * half), Image.Resampling.LANCZOS), (left, top))

    draw, label = ImageDraw.Draw(picture), font(LABEL_SIZE)
    for ring in range(1, RINGS + 1):
        x, y = place(0, ring / RINGS)
        place_of_text = center[0] + x + 5, center[1] + y + 2
        draw.text(place_of_text, f"{100 * ring // RINGS} %", font=font(SMALL_SIZE), fill=FAINT)
    for k, axis in enumerate(axes):
        x, y = place(k, 1 + 1.2 * LABEL_SIZE / radius)
        side = "m" if abs(x) < LABEL_SIZE else "l" if x > 0 else "r"
        draw.text((center[0] + x, center[1] + y), axis, font=label, fill=INK, anchor=f"{side}m")


def _draw_control(draw: ImageDraw.ImageDraw, corners: list[tuple[float, float] | None], name: str) -> None:
    """Lines between corners on neighbouring axes, and the control's mark on each of them."""
    color, _ = MARKS[name]
    for corner, following in zip(corners, [*corners[1:], corners[0]], strict=True):
        if corner and following:
            draw.line((*corner, *following), fill=color, width=2 * SCALE)
    for corner in filter(None, corners):
        draw_mark(draw, *corner, name, SCALE)
