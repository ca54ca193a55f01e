"""A line chart without a plotting library."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from dataset_builder.bench.marks import BAR, FAINT, INK, PAPER, RULE, font


WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 90, 30, 60, 70
POINT = 6


def draw_chart(title: str, x_label: str, x: Sequence[float], lines: dict[str, Sequence[float]], unit: str) -> Image:
    """Measured points with the straight line that fits each best.

    Args:
        title, x_label, unit (`str`): words; `unit` is that of all values.
        x (`Sequence` of `float`), lines (`dict[str, Sequence[float]]`): values by name, one for each of `x`.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    top_value = 1.1 * max(max(values) for values in lines.values())
    right_value = 1.05 * max(x)

    def at(across: float, up: float) -> tuple[float, float]:
        return (
            LEFT + across / right_value * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up / top_value * (HEIGHT - TOP - BOTTOM),
        )

    draw.text((LEFT, 16), f"{title}, {unit}", font=font(22), fill=INK)
    for share in range(6):
        value = top_value * share / 5
        draw.line((*at(0, value), *at(right_value, value)), fill=RULE)
        draw.text((LEFT - 12, at(0, value)[1]), f"{value:.3g}", font=font(16), fill=FAINT, anchor="rm")
    for value in x:
        draw.text((at(value, 0)[0], HEIGHT - BOTTOM + 10), f"{value:g}", font=font(16), fill=FAINT, anchor="ma")
    draw.text((at(right_value / 2, 0)[0], HEIGHT - 30), x_label, font=font(18), fill=INK, anchor="ma")
    for number, (name, values) in enumerate(lines.items()):
        color = ("#1864ab", "#e8590c", "#2b8a3e")[number]
        slope, start = fit_line(x, values)[:2]
        draw.line((*at(0, max(start, 0)), *at(right_value, start + slope * right_value)), fill=BAR, width=3)
        for across, value in zip(x, values, strict=True):
            px, py = at(across, value)
            draw.ellipse((px - POINT, py - POINT, px + POINT, py + POINT), fill=color)
        row = TOP + 24 * number
        draw.ellipse((LEFT + 14, row + 4, LEFT + 26, row + 16), fill=color)
        draw.text((LEFT + 36, row), name, font=font(17), fill=INK)
    return image


def fit_line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Slope and start of the straight line that fits points best, and the share of their variance that it explains."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    start = mean_y - slope * mean_x
    rest = sum((b - start - slope * a) ** 2 for a, b in zip(x, y, strict=True))
    return slope, start, 1 - rest / max(sum((b - mean_y) ** 2 for b in y), 1e-12)
