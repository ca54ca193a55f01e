"""Draws on a view what a question is about: boxes, the points that it names, how much of each object is hidden.

Roles differ in colour (Okabe and Ito's, which colour-blind people can tell apart) and in the stroke of their lines.
"""

import io
from collections.abc import Sequence

from evidence import Point, Subject
from PIL import Image, ImageDraw, ImageFont


COLORS = {"target": "#d55e00", "reference": "#0072b2", "other": "#8f4f7f"}
POINT, ANSWER = "#e69f00", "#007a5a"
PAPER, INK = "#ffffff", "#16181b"
# Lengths of the painted and of the free parts of a line, in line widths; None is an unbroken line
DASHES = {"target": None, "reference": (4, 2), "other": (1, 1)}

Rectangle = tuple[float, float, float, float]


def line_width(image_width: int) -> int:
    """Pixels: 3 for a view of 640 columns."""
    return max(2, round(image_width / 213))


def draw_view(
    image: bytes,
    frame: int,
    subjects: Sequence[Subject] = (),
    points: Sequence[Point] = (),
    *,
    boxes: bool = False,
    occlusion: bool = False,
) -> Image.Image:
    """A view, at its stored size, with what takes part in the question.

    Args:
        image (`bytes`): the stored file.
        frame (`int`): number of the view, from 1.
        subjects (sequence of [`Subject`]): drawn where the view shows them.
        points (sequence of [`Point`]): those of other views are left out.
        boxes (`bool`): draw the boxes of visible pixels, with names.
        occlusion (`bool`): write how much of each object is hidden and cut off.
    """
    with Image.open(io.BytesIO(image)) as opened:
        view = opened.convert("RGB")
    draw, width = ImageDraw.Draw(view), line_width(view.width)
    # targets last, on top of all else
    shown = [(s, seen) for s in reversed(subjects) for seen in s.sightings if seen.frame == frame and seen.box]
    if boxes:
        for subject, seen in shown:
            _box(draw, view.size, seen.box, subject.role, width)
    plates: list[Rectangle] = []
    if boxes or occlusion:
        for subject, seen in reversed(shown):
            text = f"{subject.name}: {seen.summary}" if occlusion else subject.name
            _plate(draw, view.size, seen.box, text, COLORS[subject.role], plates)
    for point in points:
        if point.frame == frame:
            _point(draw, view.size, point, width, plates)
    return view


def _box(draw: ImageDraw.ImageDraw, size: tuple[int, int], box: Rectangle, role: str, width: int) -> None:
    """A frame around `box` (right and bottom exclusive) between white hairlines; it hides nothing of what it holds.

    Where the box reaches the border of the image, the frame lies just inside of it.
    """
    reach = width + 1
    x0, y0 = (max(int(side), reach) - reach for side in box[:2])
    x1, y1 = (min(int(side), limit - reach) + reach - 1 for side, limit in zip(box[2:], size, strict=True))
    draw.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=PAPER, width=width + 2)
    if DASHES[role] is None:
        draw.rectangle((x0, y0, x1, y1), outline=COLORS[role], width=width)
        return
    painted, free = (width * length for length in DASHES[role])
    for left in range(x0, x1 + 1, painted + free):
        for top in (y0, y1 - width + 1):
            draw.rectangle((left, top, min(left + painted - 1, x1), top + width - 1), fill=COLORS[role])
    for top in range(y0, y1 + 1, painted + free):
        for left in (x0, x1 - width + 1):
            draw.rectangle((left, top, left + width - 1, min(top + painted - 1, y1)), fill=COLORS[role])


def _point(draw: ImageDraw.ImageDraw, size: tuple[int, int], point: Point, width: int, plates: list) -> None:
    """A ring around the pixel, with its name beside it; the pixel itself stays as it is."""
    color, radius = (ANSWER if point.is_answer else POINT), 3 * width
    x, y = int(point.x), int(point.y)
    for grow, paint in ((1, INK), (0, color)):
        reach = radius + grow
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=paint, width=width + 2 * grow)
    name = f"{point.name} (right)" if point.is_answer and len(point.name) == 1 else point.name
    around = (x - radius, y - radius, x + radius + 1, y + radius + 1)
    _plate(draw, size, around, name, color, plates, ink=PAPER if point.is_answer else INK)


def _plate(draw, size: tuple[int, int], box: Rectangle, text: str, color: str, plates: list, ink: str = PAPER) -> None:
    """A name beside `box`, inside the image, where it covers none of the `plates` if there is such a place."""
    font = ImageFont.load_default(max(11, size[0] / 32))
    pad = font.size / 4
    width, height = font.getlength(text) + 2 * pad, 1.3 * font.size
    x0, y0, x1, y1 = box
    gap = line_width(size[0]) + 2  # the box's own frame
    corners = ((x0 - gap, y0 - gap - height), (x0 - gap, y1 + gap), (x1 + gap, y0), (x0 - gap - width, y0))
    places = []
    for x, y in corners:
        left, top = min(max(x, 0), size[0] - width), min(max(y, 0), size[1] - height)
        places.append((left, top, left + width, top + height))
    # as near as possible to its own place, and on no other name
    left, top, right, bottom = place = min(
        places, key=lambda place: sum(shared_area(place, other) for other in plates)
    )
    plates.append(place)
    draw.rectangle((round(left), round(top), round(right) - 1, round(bottom) - 1), fill=color)
    draw.text((left + pad, top + height / 2), text, font=font, fill=ink, anchor="lm")


def shared_area(a: Rectangle, b: Rectangle) -> float:
    """Area that two rectangles share."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
