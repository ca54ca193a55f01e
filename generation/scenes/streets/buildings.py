"""Town houses of three to five storeys: shops or flats at the foot, rows of windows, cornices, roofs, balconies."""

from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.catalogue.palette import linear, plain
from generation.scenes.procedural.placement import Placement
from generation.scenes.streets.catalogue.paints import GLASS, SHOP_GLASS
from generation.scenes.streets.facades import Builder, display, door, wall, window
from generation.scenes.streets.plan import DEPTH_M, KERB_M, Plan, Row
from generation.scenes.streets.styles import Style, draw_style


WIDTH_M = (7.0, 13.0)
PROTRUSION_M, OVERHEAD_M = 0.9, 2.35  # balconies and awnings: how far, and from which height above the pavement on


@dataclass(frozen=True, eq=False)
class House:
    """A building, and how it looks."""

    placement: Placement
    style: Style


def build_rows(plan: Plan, is_dusk: bool, rng: np.random.Generator) -> list[House]:
    """Buildings along all rows of the plan."""
    return [house for row in plan.rows for house in _fill(row, is_dusk, rng)]


def _fill(row: Row, is_dusk: bool, rng: np.random.Generator) -> list[House]:
    count = max(1, round(row.length / rng.uniform(*WIDTH_M)))
    shares = rng.uniform(0.8, 1.25, count)
    edges = np.concatenate([[0], np.cumsum(shares)]) / shares.sum() * row.length
    houses = []
    for k, (start, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        style = draw_style(end - start, is_dusk, rng)
        ends = (k == 0 and row.open_ends[0], k == count - 1 and row.open_ends[1])
        position = np.array([*(row.start + start * row.along), KERB_M])
        asset = Asset("building", building(style, ends, rng))
        houses.append(House(Placement(asset, position, row.yaw, is_structure=True), style))
    return houses


def building(style: Style, open_ends: tuple[bool, bool], rng: np.random.Generator) -> tuple:
    """Parts of a building whose front begins at the origin and runs along x; windows also on its open ends."""
    whole = Builder()
    (_shop if style.is_shop else _flats)(whole, style, rng)
    _storeys(whole, style, style.width, rng, balconies=style.has_balconies)
    for is_open, angle, offset in (
        (open_ends[0], -90, (0.0, DEPTH_M, 0.0)),
        (open_ends[1], 90, (style.width, 0.0, 0.0)),
    ):
        end = Builder()
        if is_open:
            _windows_in(end, style, style.foot, DEPTH_M, 0, rng)
            _storeys(end, style, DEPTH_M, rng)
        else:
            end.rectangles(style.wall, [(0, 0, DEPTH_M, style.height)], 0.0)
        whole.place(end, angle, offset)
    _roof(whole, style)
    return whole.parts()


def _pane(style: Style, rng: np.random.Generator) -> Material:
    if style.lit is not None and rng.random() < 0.45:
        return style.lit
    return style.curtain if rng.random() < 0.3 else GLASS


def window_boxes(style: Style, length: float, storey: int) -> list[tuple[float, float, float, float]]:
    """Openings x0, z0, x1, z1 of the windows of one storey (0 is the ground floor) in a wall of this length."""
    low = style.ground + (storey - 1) * style.storey if storey else 0.0
    high = style.ground + storey * style.storey
    count = max(1, int((length - 0.9) / style.pitch))
    wide, tall = style.window
    sill = low + 0.85 + 0.1 * (high - low - 2.8)
    top = min(sill + tall, high - 0.3)
    middles = length * (np.arange(count) + 0.5) / count
    return [(x - wide / 2, sill, x + wide / 2, top) for x in middles.tolist()]


def _windows_in(
    builder: Builder, style: Style, face: Material, length: float, storey: int, rng: np.random.Generator
) -> list[tuple]:
    """One storey of a wall with evenly spaced windows, and their boxes."""
    low = style.ground + (storey - 1) * style.storey if storey else 0.0
    high = style.ground + storey * style.storey
    boxes = window_boxes(style, length, storey)
    wall(builder, face, length, low, high, boxes)
    for box in boxes:
        window(builder, box, style.frame, _pane(style, rng), *style.bars)
        builder.cuboid(style.trim, (box[0] - 0.08, -0.07, box[1] - 0.09), (box[2] + 0.08, 0.02, box[1]))
        builder.cuboid(style.trim, (box[0] - 0.1, -0.03, box[3]), (box[2] + 0.1, 0.02, box[3] + 0.16))
    return boxes


def _storeys(builder: Builder, style: Style, length: float, rng: np.random.Generator, balconies: bool = False) -> None:
    """All storeys above the ground floor, with a cornice above and a band below."""
    builder.cuboid(style.trim, (0, -0.08, style.ground - 0.12), (length, 0.02, style.ground + 0.1))
    for storey in range(1, style.storeys + 1):
        boxes = _windows_in(builder, style, style.wall, length, storey, rng)
        if balconies:
            for x0, _, x1, _ in boxes[storey % 2 :: 2]:
                _balcony(builder, style, x0 - 0.15, x1 + 0.15, style.ground + (storey - 1) * style.storey + 0.1)
    builder.cuboid(style.trim, (0, -0.28, style.height - 0.22), (length, 0.02, style.height))


def _balcony(builder: Builder, style: Style, x0: float, x1: float, z: float) -> None:
    out = -PROTRUSION_M + 0.05
    builder.cuboid(style.trim, (x0, out, z), (x1, 0.02, z + 0.12))
    iron = plain(linear("#2a2d30"), gloss=0.3)
    builder.cuboid(iron, (x0, out, z + 0.98), (x1, out + 0.04, z + 1.02))
    for x in (x0, x1 - 0.04):
        builder.cuboid(iron, (x, out + 0.04, z + 0.98), (x + 0.04, 0, z + 1.02))
    for x in np.linspace(x0 + 0.01, x1 - 0.03, int((x1 - x0) / 0.14)):
        builder.cuboid(iron, (x, out + 0.01, z + 0.12), (x + 0.02, out + 0.03, z + 0.98))


def _flats(builder: Builder, style: Style, rng: np.random.Generator) -> None:
    """Ground floor with a door among windows, above a plinth."""
    count = max(2, int((style.width - 0.9) / style.pitch))
    middles = style.width * (np.arange(count) + 0.5) / count
    entrance = int(rng.integers(count))
    wide, tall = style.window
    boxes = []
    for k, x in enumerate(middles):
        half = 0.55 if k == entrance else wide / 2
        boxes.append(
            (x - half, 0.0, x + half, 2.75)
            if k == entrance
            else (x - half, 0.95, x + half, min(0.95 + tall, style.ground - 0.35))
        )
    wall(builder, style.foot, style.width, 0.0, style.ground, boxes)
    for k, box in enumerate(boxes):
        if k == entrance:
            door(builder, box, style.leaf, style.frame, GLASS)
            builder.cuboid(style.trim, (box[0] - 0.2, -0.1, 2.75), (box[2] + 0.2, 0.02, 2.95))
        else:
            window(builder, box, style.frame, _pane(style, rng), *style.bars)
            builder.cuboid(style.trim, (box[0] - 0.08, -0.07, box[1] - 0.09), (box[2] + 0.08, 0.02, box[1]))
    edges = [0.0, boxes[entrance][0], boxes[entrance][2], style.width]
    for a, b in (edges[:2], edges[2:]):
        builder.cuboid(style.trim, (a, -0.04, 0.0), (b, 0.02, 0.45))


def _shop(builder: Builder, style: Style, rng: np.random.Generator) -> None:
    """Shop front: large panes over a low sill, a glazed door, a fascia with signs, perhaps an awning."""
    count = 2 if style.width < 9 else 3
    entrance, pillar = int(rng.integers(count)), 0.45
    bay = (style.width - pillar) / count
    boxes = []
    for k in range(count):
        x0, x1 = pillar + k * bay, (k + 1) * bay
        boxes.append(((x0 + x1) / 2 - 0.6, 0.0, (x0 + x1) / 2 + 0.6, 2.7) if k == entrance else (x0, 0.5, x1, 2.7))
    wall(builder, style.foot, style.width, 0.0, style.ground, boxes)
    for k, box in enumerate(boxes):
        if k == entrance:
            window(builder, box, style.shop, SHOP_GLASS, columns=1)
            x = box[2] - 0.16
            builder.cuboid(plain(linear("#b9bcc0"), gloss=0.6), (x, 0.03, 0.9), (x + 0.03, 0.06, 1.5))
        else:
            is_lit = style.lit is not None and rng.random() < 0.7
            display(builder, box, style.shop, style.lit if is_lit else style.back, rng)
            builder.cuboid(style.shop, (box[0], -0.05, 0.05), (box[2], 0.02, 0.5))
    builder.cuboid(style.shop, (0.12, -0.1, 2.78), (style.width - 0.12, 0.02, 3.32))
    letters = plain(linear("#f0ead8") if sum(style.shop.color) < 1.2 else linear("#22252a"))
    x = style.width / 2 - 0.5 * 0.26 * (n := int(rng.integers(5, 11)))
    for _ in range(n):  # strokes in place of letters
        tall, wide = rng.uniform(0.2, 0.3), rng.uniform(0.08, 0.17)
        builder.cuboid(letters, (x, -0.125, 2.92), (x + wide, -0.09, 2.92 + tall))
        x += 0.26
    if style.has_awning:
        out, z0, z1 = -PROTRUSION_M, OVERHEAD_M, 2.76
        cloth = Material("stripes", style.shop.color, (0.8, 0.78, 0.72), scale_m=0.5)
        for x0, x1 in ((box[0], box[2]) for k, box in enumerate(boxes) if k != entrance):
            builder.add(cloth, [[(x0, out, z0 + 0.02), (x1, out, z0 + 0.02), (x1, -0.101, z1), (x0, -0.101, z1)]])
            builder.rectangles(cloth, [(x0, z0, x1, z0 + 0.02)], out)


def _roof(builder: Builder, style: Style) -> None:
    """Flat behind a parapet, or a saddle along the street."""
    w, d, h = style.width, DEPTH_M, style.height
    if not style.has_gable_roof:
        builder.add(style.trim, [[(0, 0, h), (w, 0, h), (w, d, h), (0, d, h)]])
        builder.cuboid(style.wall, (0, 0, h), (w, 0.25, h + 0.6))
        builder.cuboid(style.trim, (0, -0.06, h + 0.6), (w, 0.31, h + 0.68))
        return
    ridge = h + 3.2
    low, half = h + 0.01, d / 2
    builder.add(style.roof, [
        [(0, -0.3, low), (w, -0.3, low), (w, half, ridge), (0, half, ridge)],
        [(w, d, low), (0, d, low), (0, half, ridge), (w, half, ridge)],
    ])  # fmt: skip
    for x in (0.0, w):
        gable = [(x, 0, h), (x, half - 0.01, ridge - 0.02), (x, half + 0.01, ridge - 0.02), (x, d, h)]
        builder.add(style.wall, [gable if x == 0 else gable[::-1]])
    builder.cuboid(style.wall, (0.15 * w, half - 0.3, ridge - 0.8), (0.15 * w + 0.7, half + 0.3, ridge + 0.9))
