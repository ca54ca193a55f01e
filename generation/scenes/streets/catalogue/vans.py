"""Vans 4.9 to 5.9 m long, lorries of 6.4 to 7.6 m and buses of 9.5 to 11.5 m."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import linear, pick, plain
from generation.scenes.procedural.shapes import box, ellipsoid, loft, rounded_rectangle, turned
from generation.scenes.streets.catalogue.cars import HEADLIGHT, TAIL_LIGHT, sheet_metal, wheels
from generation.scenes.streets.catalogue.paints import BLACK_TRIM, GLASS, SIGN_WHITE, paint
from generation.scenes.streets.solids import both_sides, panel, patch, standing


VAN_COLORS = ("#eeeeea", "#eeeeea", "#eeeeea", "#c9ccce", "#2c3f6a", "#b93a2a", "#e0a526", "#39424a", "#4f7a4a")
BUS_COLORS = ("#b3202a", "#1f4f8f", "#e3b21f", "#2f7a4f", "#e9e9e4", "#d8662a")
AMBER = plain(linear("#f0a020"), emission=0.8)


def van(rng: np.random.Generator) -> Asset:
    """Delivery van: short sloping bonnet, tall closed body; 1.9 to 2.5 m high."""
    length, width, height = rng.uniform(4.9, 5.9), rng.uniform(1.92, 2.05), rng.uniform(1.95, 2.5)
    coat = paint(rng, VAN_COLORS)
    front, rear, radius = -length / 2, length / 2, 0.34
    axles = front + 0.95, rear - 1.05
    belt, brow = 1.12, front + 0.85 + 0.55 * height / 2
    outline = [(front, 0.72), (front + 0.05, 0.82), (front + 0.2, 0.92), (front + 0.85, belt), (brow, height - 0.09),
               (brow + 0.3, height - 0.01), (rear - 0.15, height - 0.01), (rear - 0.04, height - 0.08),
               (rear, height - 0.2)]  # fmt: skip
    y = np.array([front, front + 0.05, front + 0.12, front + 0.2, front + 0.45, front + 0.85,
                  (front + 0.85 + brow) / 2,
                  brow, brow + 0.3, 0.3, rear - 0.15, rear - 0.04, rear])  # fmt: skip
    parts = [sheet_metal(coat, y, outline, width, 0.2, axles, radius + 0.05), *wheels(radius, width, axles, rng)]
    parts.append(box(BLACK_TRIM, (width - 0.5, length - 0.5, 0.5), (0, 0, 0.22)))
    screen = [(-0.9, front + 0.85, belt + 0.012), (0.9, front + 0.85, belt + 0.012), (0.82, brow, height - 0.07),
              (-0.82, brow, height - 0.07)]  # fmt: skip
    parts.append(panel(GLASS, patch(screen, (0.02, 0.98), (0.04, 0.95)), proud=0.012))
    x, sill, head = width / 2 * 0.985, belt + 0.02, min(height - 0.3, 1.85)
    side = [(x + 0.004, front + 1.12, sill), (x + 0.004, front + 2.05, sill), (x - 0.012, front + 2.05, head),
            (x - 0.012, brow + 0.02, head)]  # fmt: skip
    parts += both_sides(panel(GLASS, np.array(side)))
    for start in (front + 2.2, front + 3.35) if rng.random() < 0.4 else ():
        quad = [
            (x + 0.004, start, sill),
            (x + 0.004, start + 1.0, sill),
            (x - 0.012, start + 1.0, head),
            (x - 0.012, start, head),
        ]
        parts += both_sides(panel(GLASS, np.array(quad)))
    half = width / 2
    for sign in (-1, 1):
        quad = [(sign * 0.42 + 0.33, rear - 0.012, belt), (sign * 0.42 - 0.33, rear - 0.012, belt),
                (sign * 0.42 - 0.33, rear - 0.012, head), (sign * 0.42 + 0.33, rear - 0.012, head)]  # fmt: skip
        parts.append(panel(GLASS, np.array(quad), proud=0.02))
    parts += [
        *both_sides(ellipsoid(HEADLIGHT, (0.3, 0.26, 0.24), (0.74 * half, front + 0.12, 0.78), sides=10)),
        *both_sides(box(TAIL_LIGHT, (0.12, 0.1, 0.4), (0.76 * half, rear - 0.042, 0.75), 0.02)),
        box(BLACK_TRIM, (0.6 * width, 0.1, 0.14), (0, front + 0.035, 0.56), 0.01),
        box(BLACK_TRIM, (0.8 * width, 0.12, 0.2), (0, front + 0.045, 0.3), 0.02),
        box(BLACK_TRIM, (0.84 * width, 0.12, 0.16), (0, rear - 0.045, 0.34), 0.02),
        *both_sides(box(BLACK_TRIM, (0.16, 0.1, 0.28), (half + 0.08, front + 1.15, belt + 0.05), 0.03)),
        box(SIGN_WHITE, (0.52, 0.02, 0.11), (0, front - 0.02, 0.42)),
        box(SIGN_WHITE, (0.52, 0.02, 0.11), (0, rear + 0.012, 0.6)),
        *both_sides(box(BLACK_TRIM, (0.02, length - 2.7, 0.1), (0.985 * half, 0.0, 0.42))),
    ]
    return standing("van", parts)


def _block(coat, width: float, start: float, end: float, low: float, high: float, radius: float) -> Part:
    """Box with rounded edges all along y."""
    turned_outline = rounded_rectangle(width, high - low, radius, steps=3)
    inset = rounded_rectangle(width - 0.12, high - low - 0.12, radius - 0.03, steps=3)
    rings = [
        np.column_stack([outline[:, 0], np.full(len(outline), y), outline[:, 1] + (low + high) / 2])
        for outline, y in ((inset, end), (turned_outline, end - 0.07), (turned_outline, start + 0.07), (inset, start))
    ]
    return loft(coat, np.stack(rings))


def bus(rng: np.random.Generator) -> Asset:
    """City bus, 2.5 m wide and 2.95 to 3.1 m high, doors on its right."""
    length, width, height = rng.uniform(9.5, 11.5), 2.5, rng.uniform(2.95, 3.1)
    coat, band = (
        plain(pick(rng, BUS_COLORS), gloss=0.5),
        plain(pick(rng, ("#f0f0ec", "#2b3036", "#d9d2bd")), gloss=0.5),
    )
    front, rear, half = -length / 2, length / 2, width / 2
    axles = front + 2.5, rear - 2.9
    parts = [_block(coat, width, front, rear, 0.32, height, 0.16), *wheels(0.48, width + 0.03, axles, rng, 0.3)]
    count = int(round((length - 1.0) / 1.45))
    edges = np.linspace(front + 0.35, rear - 0.45, count + 1)
    doors = {0, count // 2}
    for k, (start, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        for sign in (-1, 1):
            low = 0.5 if sign < 0 and k in doors else 1.22
            spans = [(start, (start + end) / 2), ((start + end) / 2, end)] if low < 1 else [(start, end)]
            for a, b in spans:
                quad = np.array(
                    [(half, a + 0.03, low), (half, b - 0.03, low), (half, b - 0.03, 2.45), (half, a + 0.03, 2.45)]
                )
                quad[:, 0] *= sign
                parts.append(panel(GLASS, quad if sign > 0 else quad[::-1]))
    for y, sill, sign in ((front, 1.0, 1), (rear, 1.5, -1)):
        quad = np.array([(-1.1, y, sill), (1.1, y, sill), (1.1, y, 2.5), (-1.1, y, 2.5)])
        parts.append(panel(GLASS, quad if sign > 0 else quad[::-1], proud=0.012))
    parts += [
        box(BLACK_TRIM, (1.9, 0.04, 0.28), (0, front - 0.005, 2.56), 0.01),
        box(AMBER, (0.9, 0.01, 0.14), (-0.1, front - 0.03, 2.63)),
        *both_sides(box(band, (0.03, length - 0.4, 0.22), (half - 0.003, 0, 2.5))),
        *both_sides(ellipsoid(HEADLIGHT, (0.3, 0.14, 0.2), (0.95, front - 0.005, 0.72), sides=10)),
        *both_sides(box(TAIL_LIGHT, (0.14, 0.06, 0.45), (1.08, rear - 0.01, 0.75), 0.02)),
        box(BLACK_TRIM, (2.2, 0.06, 0.22), (0, front - 0.01, 0.36), 0.02),
        box(BLACK_TRIM, (2.2, 0.06, 0.22), (0, rear + 0.01, 0.36), 0.02),
        *both_sides(box(BLACK_TRIM, (0.22, 0.12, 0.42), (half + 0.17, front - 0.02, 1.75), 0.04)),
        *both_sides(box(BLACK_TRIM, (0.3, 0.04, 0.04), (half + 0.1, front + 0.02, 2.17))),
        box(band, (1.7, 2.4, 0.18), (0, 0.1 * length, height - 0.004), 0.05),
    ]
    for y in axles:  # dark housings round the wheels
        parts += both_sides(turned(box(BLACK_TRIM, (1.15, 0.02, 0.66), (-y, half - 0.006, 0.34), 0.005), "z", -90))
    return standing("bus", parts)


def lorry(rng: np.random.Generator) -> Asset:
    """Box lorry: cab over the engine, tall cargo box, 3.0 to 3.4 m high."""
    length, width, height = rng.uniform(6.4, 7.6), 2.3, rng.uniform(3.0, 3.4)
    coat, cargo = (
        paint(rng, VAN_COLORS),
        plain(pick(rng, ("#ecece8", "#ecece8", "#c9cdd0", "#b7a98a", "#3c5f86")), gloss=0.2),
    )
    front, rear, half = -length / 2, length / 2, width / 2
    axles = front + 1.05, rear - 1.5
    cab_end = front + 1.95
    parts = [
        _block(coat, width - 0.15, front, cab_end, 0.42, 2.5, 0.12),
        box(cargo, (width, rear - cab_end - 0.12, height - 0.95), (0, (rear + cab_end + 0.12) / 2, 0.95), 0.02),
        box(BLACK_TRIM, (0.9, length - 0.6, 0.4), (0, 0.1, 0.56)),
        *wheels(0.42, width - 0.1, axles, rng, 0.28),
        *both_sides(box(BLACK_TRIM, (0.05, 1.6, 0.35), (half - 0.1, 0.2, 0.5), 0.01)),
        *both_sides(box(BLACK_TRIM, (0.2, 0.1, 0.4), (half + 0.08, front + 0.2, 1.65), 0.03)),
        *both_sides(box(BLACK_TRIM, (0.16, 0.04, 0.04), (half - 0.01, front + 0.22, 2.0))),
        *both_sides(ellipsoid(HEADLIGHT, (0.34, 0.12, 0.2), (0.8, front + 0.005, 0.75), sides=10)),
        *both_sides(box(TAIL_LIGHT, (0.3, 0.08, 0.12), (0.85, rear - 0.05, 0.72), 0.01)),
        box(BLACK_TRIM, (2.05, 0.1, 0.3), (0, front - 0.01, 0.34), 0.03),
        box(BLACK_TRIM, (1.5, 0.04, 0.26), (0, front - 0.005, 0.95), 0.01),
        box(BLACK_TRIM, (2.0, 0.06, 0.12), (0, rear - 0.04, 0.5), 0.01),
        box(BLACK_TRIM, (0.02, 0.02, height - 1.1), (0, rear + 0.004, 1.02)),
        box(SIGN_WHITE, (0.52, 0.02, 0.11), (0, front - 0.07, 0.44)),
    ]
    for sign in (-1, 1):  # mud guards and side windows
        quad = np.array([(half - 0.075, front + 0.3, 1.45), (half - 0.075, front + 1.45, 1.45),
                         (half - 0.075, front + 1.45, 2.22), (half - 0.075, front + 0.3, 2.22)])  # fmt: skip
        quad[:, 0] *= sign
        parts.append(panel(GLASS, quad if sign > 0 else quad[::-1]))
    screen = np.array([(-0.95, front, 1.4), (0.95, front, 1.4), (0.95, front, 2.28), (-0.95, front, 2.28)])
    parts.append(panel(GLASS, screen, proud=0.012))
    for y in axles[:1]:
        parts += both_sides(turned(box(BLACK_TRIM, (1.05, 0.03, 0.55), (-y, half - 0.08, 0.4), 0.01), "z", -90))
    return standing("lorry", parts)
