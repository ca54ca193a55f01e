"""What the pictures of scores have in common: colours, letters, and the mark of each control."""

from collections.abc import Mapping

from PIL import ImageDraw, ImageFont


INK, FAINT, PAPER, RULE, BAR = "#1c1e21", "#60666d", "#ffffff", "#d5d9de", "#9ec5f0"
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


def is_comparable(control: Mapping | None, model: Mapping) -> bool:
    """Whether a control was scored on all the questions of the model's part."""
    return control is not None and control["count"] == model["count"]


def draw_mark(draw: ImageDraw.ImageDraw, x: float, y: float, name: str, scale: int = 1) -> None:
    """Draw the mark of a control, `scale` times as large."""
    color, shape = MARKS[name]
    r = MARK_RADIUS * scale
    if shape == "line":
        draw.line((x, y - 13 * scale, x, y + 13 * scale), fill=color, width=3 * scale)
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


def font(size: int) -> ImageFont.FreeTypeFont:
    """Letters of a size in pixels."""
    return ImageFont.load_default(size)
