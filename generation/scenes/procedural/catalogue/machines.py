"""Machines of a workshop; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, forward, four_legs, standing
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    DARK,
    GREY,
    STEEL,
    linear,
    machine_paint,
    metal,
    plain,
)
from generation.scenes.procedural.shapes import box, lathe, loft, moved, stacked, tube, turned


def drill_press(rng: np.random.Generator) -> Asset:
    """Pillar drill on the floor, 1.55 to 1.75 m high: table, motor, chuck, three-armed wheel."""
    height, paint, steel = rng.uniform(1.55, 1.75), machine_paint(rng), metal(STEEL)
    head = height - 0.42
    table_z = rng.uniform(0.85, 1.0)
    parts = [
        box(paint, (0.32, 0.5, 0.05), (0, -0.08, 0), 0.015),
        lathe(paint, [(0, 0), (0.08, 0), (0.08, 0.06), (0.05, 0.1), (0, 0.1)], (0, 0.08, 0.045)),
        lathe(steel, [(0, 0), (0.038, 0), (0.038, height - 0.14), (0, height - 0.14)], (0, 0.08, 0.06)),
        box(paint, (0.1, 0.2, 0.09), (0, 0.02, table_z - 0.1), 0.015),
        box(steel, (0.34, 0.32, 0.03), (0, -0.15, table_z), 0.006),
        box(paint, (0.26, 0.56, 0.11), (0, -0.02, height - 0.11), 0.03),
        box(paint, (0.22, 0.3, 0.31), (0, -0.13, head), 0.03),
        lathe(plain(DARK, gloss=0.3), [(0, 0), (0.09, 0), (0.09, 0.2), (0, 0.2)], (0, 0.2, height - 0.33)),
        lathe(steel, [(0, 0), (0.03, 0), (0.03, 0.12), (0, 0.12)], (0, -0.17, head - 0.1)),
        lathe(steel, [(0, 0), (0.014, 0), (0.026, 0.02), (0.026, 0.06), (0, 0.06)], (0, -0.17, head - 0.16), 16),
        lathe(steel, [(0, 0), (0.005, 0.01), (0.005, 0.1), (0, 0.1)], (0, -0.17, head - 0.25), 8),
        disc(plain(linear("#c21f1f"), gloss=0.4), 0.022, 0.015, (-0.06, -0.278, head + 0.2), 16),
        disc(plain(linear("#2f9a4a"), gloss=0.4), 0.022, 0.015, (0.02, -0.278, head + 0.2), 16),
        box(plain(BLACK, gloss=0.2), (0.16, 0.01, 0.08), (0, -0.281, head + 0.06), 0.003),
    ]
    hub = np.array([0.15, -0.15, head + 0.1])
    parts.append(
        moved(turned(lathe(steel, [(0, -0.05), (0.028, -0.05), (0.028, 0.02), (0, 0.02)], sides=16), "y", 90), hub)
    )
    for k in range(3):
        angle = np.radians(120 * k + 20)
        end = hub + 0.2 * np.array([0.1, np.cos(angle), np.sin(angle)])
        parts.append(tube(steel, [hub, end], 0.008, 6))
        parts.append(
            tube(plain(BLACK), [end, end + 0.05 * np.array([0, np.cos(angle), np.sin(angle)])], [0.014, 0.018], 8)
        )
    return standing("drill press", parts)


def air_compressor(rng: np.random.Generator) -> Asset:
    """Compressor, 0.75 to 0.95 m long: lying tank on wheels, motor and pump on top."""
    length, radius = rng.uniform(0.6, 0.75), rng.uniform(0.13, 0.16)
    paint, black, steel = machine_paint(rng), plain(BLACK, gloss=0.2), metal(GREY)
    middle = radius + 0.09
    cap = 0.3 * radius
    profile = [(0, 0), (0.6 * radius, 0.25 * cap), (0.92 * radius, 0.7 * cap), (radius, 1.2 * cap)]
    profile += [(r, length - z) for r, z in reversed(profile)]
    tank = moved(turned(lathe(paint, profile, sides=28), "y", 90), (-length / 2, 0, middle))
    deck = middle + radius
    parts = [
        tank,
        box(black, (0.55 * length, 0.22, 0.02), (0, 0, deck - 0.004), 0.004),
        moved(
            turned(lathe(black, [(0, 0), (0.085, 0), (0.085, 0.22), (0.06, 0.25), (0, 0.25)], sides=20), "y", 90),
            (-0.05, 0, deck + 0.1),
        ),
        box(black, (0.16, 0.14, 0.05), (0.06, 0, deck + 0.01), 0.006),
        box(steel, (0.13, 0.13, 0.2), (-0.14, 0, deck + 0.012), 0.01),
        *(box(steel, (0.16, 0.16, 0.01), (-0.14, 0, deck + 0.09 + 0.025 * k), 0.003) for k in range(5)),
        tube(
            black,
            [
                (-length / 2 + 0.03, 0, middle + 0.1),
                (-length / 2 - 0.07, 0, middle + 0.16),
                (-length / 2 - 0.13, 0, middle + 0.28),
            ],
            0.016,
        ),
        tube(
            steel,
            [(0.2 * length, 0, deck - 0.01), (0.2 * length, -0.08, deck + 0.05), (0.2 * length, -0.12, deck + 0.05)],
            0.009,
        ),
        disc(plain(linear("#f2f1ee")), 0.03, 0.015, (0.2 * length, -0.12, deck + 0.05), 20),
        disc(steel, 0.034, 0.012, (0.2 * length, -0.118, deck + 0.05), 20),
        box(black, (0.06, 0.16, middle - 0.75 * radius), (0.35 * length, 0, 0), 0.01),
        tube(steel, [(-0.33 * length, -radius - 0.02, 0.1), (-0.33 * length, radius + 0.02, 0.1)], 0.01),
    ]
    wheel = turned(
        lathe(black, [(0, -0.02), (0.08, -0.02), (0.1, -0.012), (0.1, 0.012), (0.08, 0.02), (0, 0.02)], sides=24),
        "x",
        90,
    )
    parts += [moved(wheel, (-0.33 * length, s * (radius + 0.02), 0.1)) for s in (-1, 1)]
    return standing("air compressor", parts)


def table_saw(rng: np.random.Generator) -> Asset:
    """Saw bench, 0.65 to 0.8 m wide, 0.86 to 0.95 m high: steel table with blade, guard, fence."""
    width, depth, height = rng.uniform(0.65, 0.8), rng.uniform(0.55, 0.65), rng.uniform(0.86, 0.95)
    paint, steel, black = machine_paint(rng), metal(STEEL), plain(BLACK, gloss=0.2)
    parts = [
        box(steel, (width, depth, 0.035), (0, 0, height - 0.035), 0.005),
        box(paint, (0.7 * width, 0.75 * depth, 0.28), (0, 0, height - 0.314), 0.01),
        box(black, (0.05, 0.36, 0.003), (0, 0, height - 0.001)),
        box(steel, (0.05, depth, 0.05), (0.3 * width, 0, height - 0.001), 0.004),
    ]
    legs = four_legs(black, 0.7 * width, 0.75 * depth, height - 0.3, 0.04)
    parts += legs
    teeth = 40
    turn = np.arange(2 * teeth) * np.pi / teeth
    reach = 0.125 - 0.006 * (np.arange(2 * teeth) % 2)
    outline = np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1)
    blade = loft(steel, stacked(np.stack([outline, outline]), (-0.0015, 0.0015)))
    parts.append(moved(turned(blade, "y", 90), (0, -0.02, height - 0.04)))
    parts.append(box(plain(linear("#e06f3a"), gloss=0.3), (0.012, 0.2, 0.05), (0, 0.04, height + 0.1), 0.004))
    parts.append(box(black, (0.006, 0.03, 0.12), (0, 0.13, height - 0.02)))
    wheel = [(0.05, -0.012), (0.065, -0.012), (0.065, 0.012), (0.05, 0.012), (0.05, -0.012)]
    at = (0, -0.375 * depth - 0.03, height - 0.19)
    parts.append(forward(lathe(black, wheel, sides=20), at))
    parts.append(disc(steel, 0.018, 0.035, (0, -0.375 * depth + 0.001, height - 0.19), 12))
    parts.append(box(steel, (0.105, 0.008, 0.012), (0, at[1], at[2] - 0.006)))
    parts.append(
        box(
            plain(linear("#c21f1f"), gloss=0.4),
            (0.05, 0.02, 0.05),
            (0.2 * width, -0.375 * depth - 0.008, height - 0.15),
            0.006,
        )
    )
    return standing("table saw", parts)


CATEGORIES = (
    Category("drill press", "floor", drill_press, ((0.3, 0.45, 1.4), (0.65, 0.8, 1.85))),
    Category("air compressor", "floor", air_compressor, ((0.65, 0.3, 0.55), (1.0, 0.5, 0.85))),
    Category("table saw", "floor", table_saw, ((0.6, 0.5, 0.85), (0.9, 0.75, 1.15))),
)
