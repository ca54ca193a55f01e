"""A map from above: what stands where, and where each view was taken from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from drawing import COLORS, INK, PAPER, POINT, Rectangle, shared_area
from PIL import Image, ImageDraw, ImageFont


GROUND, THING, EDGE = "#eceff1", "#dfe3e6", "#a4abb1"
# What is built in, from the lowest to the topmost
BUILT_IN = {"floor": "#fbfbf9", "wall": "#8a9299", "opening": "#cfe3f1"}
# Pixels of the finished map; it is drawn larger and reduced, which smooths its lines
SIZE, MARGIN, FINER = 900, 40, 3
# Length of a camera's wedge, and how far behind the camera its number stands: cameras may share a place
WEDGE_M, BEHIND_M = 0.7, 0.14


@dataclass(frozen=True, eq=False)
class Footprint:
    """An area of the ground.

    Args:
        corners (`np.ndarray` of shape `(N, 2)`): metres, world x and y.
        kind (`str`): `"floor"`, `"wall"`, `"opening"`, `"thing"`, or the role of an object that the
            question is about.
        name (`str`): written beside it; empty for none.
    """

    corners: np.ndarray
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Eye:
    """A camera, seen from above.

    Args:
        frame (`int`): number of the view, from 1.
        x, y (`float`): metres, world.
        heading_deg (`float`): direction it looks in, counter-clockwise from +x.
        width_deg (`float`): horizontal angle of view.
        asked (`bool`): the question is about this view.
    """

    frame: int
    x: float
    y: float
    heading_deg: float
    width_deg: float
    asked: bool = False


class Projection:
    """World x and y in metres -> pixels: +x to the right, +y up, the largest scale that fits `points` (N, 2)."""

    def __init__(self, points: np.ndarray, size: int = SIZE, margin: int = MARGIN):
        low, high = points.min(axis=0), points.max(axis=0)
        self.scale = (size - 2 * margin) / max(float((high - low).max()), 1e-6)  # pixels per metre
        self.left, self.top, self.margin = low[0], high[1], margin
        width, height = (2 * margin + self.scale * (high - low)).round().astype(int)
        self.size = int(width), int(height)

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return self.margin + self.scale * (x - self.left), self.margin + self.scale * (self.top - y)


def draw_plan(footprints: Sequence[Footprint], eyes: Sequence[Eye]) -> Image.Image:
    """The map, as long as `SIZE` on its longer side; objects that take part, and cameras, lie on top."""
    points = np.concatenate([*(area.corners for area in footprints), [[eye.x, eye.y] for eye in eyes]])
    to_pixel = Projection(points)
    image = Image.new("RGB", tuple(FINER * side for side in to_pixel.size), GROUND)
    draw = ImageDraw.Draw(image)

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = to_pixel(x, y)
        return FINER * across, FINER * down

    order = [*BUILT_IN, "thing", *reversed(COLORS)]
    ordered = sorted(footprints, key=lambda area: (order.index(area.kind), -_area(area.corners)))
    for area in ordered:
        _footprint(draw, [place(*corner) for corner in area.corners], area.kind)
    for part in (_wedge, _disc):
        for eye in sorted(eyes, key=lambda eye: eye.asked):
            part(draw, eye, place)
    plates: list[Rectangle] = []
    for area in reversed(ordered):
        if area.name:
            _name(draw, image.size, place(*area.corners.mean(axis=0)), area, plates)
    _metre(draw, FINER * to_pixel.scale, image.height)
    return image.reduce(FINER)


def _area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def _footprint(draw: ImageDraw.ImageDraw, corners: list[tuple[float, float]], kind: str) -> None:
    if kind in COLORS:
        draw.polygon(corners, fill=COLORS[kind], outline=PAPER, width=FINER)
    elif kind == "thing":
        draw.polygon(corners, fill=THING, outline=EDGE, width=FINER)
    else:
        draw.polygon(corners, fill=BUILT_IN[kind])
        if kind == "wall":  # which may be a plane, of no thickness
            draw.line([*corners, corners[0]], fill=BUILT_IN[kind], width=6 * FINER)


def _wedge(draw: ImageDraw.ImageDraw, eye: Eye, place) -> None:
    """As wide as the angle of view, its tip at the camera."""
    tip = place(eye.x, eye.y)
    left, right = (_ahead(eye, turn * eye.width_deg / 2, WEDGE_M, place) for turn in (1, -1))
    for paint, width in ((PAPER, 6), (_color(eye), 3)):
        draw.line([tip, left, right, tip, left], fill=paint, width=width * FINER, joint="curve")


def _disc(draw: ImageDraw.ImageDraw, eye: Eye, place) -> None:
    """The number of the view, behind its camera."""
    centre = _ahead(eye, 180, BEHIND_M, place)
    draw.circle(centre, 13 * FINER, fill=_color(eye), outline=PAPER, width=2 * FINER)
    font, ink = ImageFont.load_default(17 * FINER), INK if eye.asked else PAPER
    draw.text(centre, str(eye.frame), font=font, fill=ink, anchor="mm")


def _color(eye: Eye) -> str:
    return POINT if eye.asked else INK


def _ahead(eye: Eye, turn_deg: float, metres: float, place) -> tuple[float, float]:
    """Where on the map one arrives from the camera, turned left by `turn_deg` from its heading."""
    angle = math.radians(eye.heading_deg + turn_deg)
    return place(eye.x + metres * math.cos(angle), eye.y + metres * math.sin(angle))


def _name(draw: ImageDraw.ImageDraw, size: tuple[int, int], centre, area: Footprint, plates: list[Rectangle]) -> None:
    """A name below the centre of its object, and below the names that are there already."""
    font, height = ImageFont.load_default(16 * FINER), 22 * FINER
    half = font.getlength(area.name) / 2 + 4 * FINER
    x, top = min(max(centre[0], half), size[0] - half), min(centre[1] + 14 * FINER, size[1] - height)
    plate = (x - half, top, x + half, top + height)
    while any(shared_area(plate, other) for other in plates) and plate[3] + height <= size[1]:
        plate = (plate[0], plate[3], plate[2], plate[3] + height)
    plates.append(plate)
    draw.rectangle(plate, fill=COLORS[area.kind], outline=PAPER, width=FINER)
    draw.text((x, plate[1] + height / 2), area.name, font=font, fill=PAPER, anchor="mm")


def _metre(draw: ImageDraw.ImageDraw, pixels_per_metre: float, height: int) -> None:
    """The bar of one metre in the lower left corner."""
    left, y = MARGIN * FINER, height - 14 * FINER
    draw.line((left, y, left + pixels_per_metre, y), fill=INK, width=3 * FINER)
    font = ImageFont.load_default(15 * FINER)
    draw.text((left + pixels_per_metre + 6 * FINER, y), "1 m", font=font, fill=INK, anchor="lm")
