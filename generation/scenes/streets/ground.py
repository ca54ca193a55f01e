"""Road, markings, kerbs and pavements."""

import numpy as np
import shapely

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import linear, pick, plain, seed_of
from generation.scenes.procedural.placement import Placement
from generation.scenes.streets.plan import KERB_M, KERB_WIDTH_M, Plan
from generation.scenes.streets.solids import quads, slab


PAINT_M = 0.001  # markings lie this far above the road
LINE_M, DASH_M, DASH_GAP_M, STRIPE_M = 0.12, 3.0, 4.0, 0.5
MENDS, COVERS = 7, 8  # stretches of newer asphalt; iron covers over drains
MENDED = Material("plaster", linear("#3f4043"), scale_m=0.4)
IRON = Material("checker", linear("#3a3733"), linear("#4b4741"), scale_m=0.08)
ROAD_PAINT = plain(linear("#cfcfc9"))
KERBSTONE = Material("plaster", linear("#b0ada5"), scale_m=0.4)


def build_ground(plan: Plan, rng: np.random.Generator) -> list[Placement]:
    """One road, one kerb and one pavement for the whole street; the road's height is 0."""
    asphalt = Material(
        "plaster",
        linear(("#4b4c4e", "#55544f", "#5c5d60", "#43454a")[rng.integers(4)]),
        scale_m=0.7,
        seed=seed_of(rng),
    )
    patches = _flat(_patches(plan, rng), 0.5 * PAINT_M)
    road = [
        quads(asphalt, _flat([*plan.roads, *_under(plan)], 0.0)),
        quads(MENDED, patches[:MENDS]),
        quads(IRON, patches[MENDS:]),
        quads(ROAD_PAINT, _flat(_markings(plan), PAINT_M)),
    ]
    inner = [block.buffer(-KERB_WIDTH_M, join_style="mitre") for block in plan.blocks]
    kerbs = [_kerb(block, within) for block, within in zip(plan.blocks, inner, strict=True)]
    paving = _paving(rng)
    pavement = [slab(paving, within, 0.0, KERB_M) for within in inner]
    made = (("road", road), ("kerb", kerbs), ("pavement", pavement))
    return [Placement(Asset(label, tuple(parts)), np.zeros(3), 0.0, is_structure=True) for label, parts in made]


def _under(plan: Plan) -> list[shapely.Polygon]:
    """What the roads' rectangles leave open at rounded corners."""
    return [square.difference(plan.carriageway) for square in plan.corners]


def _patches(plan: Plan, rng: np.random.Generator) -> list[shapely.Polygon]:
    """`MENDS` rectangles in the lanes, then `COVERS` squares; none of them overlap."""
    found: list[shapely.Polygon] = []
    while len(found) < MENDS + COVERS:
        x, y = rng.uniform(-0.95, 0.95) * plan.half_length, rng.choice([-1, 1]) * rng.uniform(0.3, 0.7) * plan.lane
        size = rng.uniform((1.2, 0.7), (5.0, 1.6)) if len(found) < MENDS else np.full(2, 0.62)
        one = shapely.box(*([x, y] - size / 2), *([x, y] + size / 2))
        if not any(one.dwithin(other, 0.1) for other in found):
            found.append(one)
    return found


def _paving(rng: np.random.Generator) -> Material:
    kind = rng.random()
    if kind < 0.6:
        color = pick(rng, ("#a9a59c", "#9b9a96", "#b3aa9a", "#8f8d88"))
        return Material("tile", color, tuple(0.6 * c for c in color), scale_m=rng.uniform(0.3, 0.6), seed=seed_of(rng))
    if kind < 0.8:
        return Material("brick", linear("#9a6a55"), linear("#8d8579"), scale_m=0.21, seed=seed_of(rng))
    return Material("plaster", linear("#8a8884"), scale_m=0.6, seed=seed_of(rng))


def _kerb(block: shapely.Polygon, inner: shapely.Polygon) -> Part:
    """Kerb stones around a block: their tops and outer sides."""
    outer = shapely.get_coordinates(shapely.orient_polygons(block, exterior_cw=False))
    within = shapely.get_coordinates(inner.exterior)
    # each outer corner joins the nearest inner one, so both outlines need the same corners
    place = within[np.linalg.norm(outer[:, None] - within[None], axis=2).argmin(axis=1)]
    a, b, c, d = outer[:-1], outer[1:], place[1:], place[:-1]
    top = np.stack([_at(p, KERB_M) for p in (a, b, c, d)], axis=1)
    side = np.stack([_at(a, 0.0), _at(b, 0.0), _at(b, KERB_M), _at(a, KERB_M)], axis=1)
    return quads(KERBSTONE, np.concatenate([top, side]))


def _at(points: np.ndarray, z: float) -> np.ndarray:
    return np.column_stack([points, np.full(len(points), z)])


def _flat(rectangles: list[shapely.Polygon], z: float) -> np.ndarray:
    """Corners `(Q, 4, 3)` of rectangles at height `z`, counter-clockwise from above."""
    corners = [shapely.get_coordinates(shapely.orient_polygons(one, exterior_cw=False))[:4] for one in rectangles]
    return np.array([_at(four, z) for four in corners])


def _markings(plan: Plan) -> list[shapely.Polygon]:
    """Dashes along the axes, lines along the parking lanes, crosswalks, stop lines."""
    keep_out = shapely.union_all(plan.zebras).buffer(1.2)
    near = plan.half_length - 1.0
    lines = [
        shapely.box(x, -LINE_M / 2, x + DASH_M, LINE_M / 2)
        for x in np.arange(-near, near - DASH_M, DASH_M + DASH_GAP_M)
    ]
    if plan.crossing is not None:
        keep_out = keep_out.union(
            shapely.box(plan.crossing - plan.side_lane - 5, -20, plan.crossing + plan.side_lane + 5, 20)
        )
        for side in (-1, 1):
            start = plan.kerb(side) + 6
            for y in np.arange(start, plan.reach - DASH_M, DASH_M + DASH_GAP_M):
                low, high = sorted((side * y, side * (y + DASH_M)))
                lines.append(shapely.box(plan.crossing - LINE_M / 2, low, plan.crossing + LINE_M / 2, high))
    for side in (-1, 1):
        if plan.parking[(side + 1) // 2]:
            y = side * plan.lane
            edges = np.arange(-near + 5, near - 5, 6.0)
            lines += [shapely.box(x, y - LINE_M / 2, x + 6.0, y + LINE_M / 2) for x in edges]
    lines = [line for line in lines if not line.intersects(keep_out)]
    for zebra in plan.zebras:
        lines += _stripes(zebra)
    return lines + _stop_lines(plan)


def _stripes(zebra: shapely.Polygon) -> list[shapely.Polygon]:
    """Stripes of a crosswalk, parallel to the traffic."""
    x0, y0, x1, y1 = zebra.bounds
    if y1 - y0 > x1 - x0:
        return [shapely.box(x0, y, x1, y + STRIPE_M) for y in np.arange(y0 + 0.25, y1 - STRIPE_M, 2 * STRIPE_M)]
    return [shapely.box(x, y0, x + STRIPE_M, y1) for x in np.arange(x0 + 0.25, x1 - STRIPE_M, 2 * STRIPE_M)]


def _stop_lines(plan: Plan) -> list[shapely.Polygon]:
    """Bars across each lane that comes to a crosswalk of the crossing."""
    if plan.crossing is None:
        return []
    lines = []
    for zebra in plan.zebras:
        x0, y0, x1, y1 = zebra.bounds
        if y1 - y0 > x1 - x0:  # across the street itself
            comes = x1 < plan.crossing  # traffic to +x keeps to y < 0
            x = x0 - 1.0 if comes else x1 + 0.6
            lines.append(
                shapely.box(x, -plan.lane, x + 0.4, -0.1) if comes else shapely.box(x, 0.1, x + 0.4, plan.lane)
            )
        else:
            comes = y1 < 0  # traffic to +y keeps to the right of the axis
            y = y0 - 1.0 if comes else y1 + 0.6
            x = plan.crossing
            lines.append(shapely.box(x + 0.1, y, x + plan.side_lane, y + 0.4) if comes
                         else shapely.box(x - plan.side_lane, y, x - 0.1, y + 0.4))  # fmt: skip
    return lines
