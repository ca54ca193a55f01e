"""What people sit at and wait in: benches, shelters, café tables and chairs."""

import numpy as np

from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.catalogue.palette import image, linear, pick, plain
from generation.scenes.procedural.shapes import box, flat, lathe, leg, moved, tube, turned
from generation.scenes.streets.catalogue.paints import slats, street_metal
from generation.scenes.streets.solids import both_sides, standing


def bench(rng: np.random.Generator) -> Asset:
    """Bench 1.5 to 1.9 m wide with slats on iron legs, mostly with a back."""
    width, wood, iron = rng.uniform(1.5, 1.9), slats(rng), street_metal(rng)
    parts = [box(wood, (width, 0.085, 0.03), (0, y, 0.43), 0.006) for y in (-0.2, -0.1, 0.0, 0.1)]
    x = width / 2 - 0.2
    parts += both_sides(
        box(iron, (0.05, 0.42, 0.04), (x, -0.03, 0.39)),
        box(iron, (0.05, 0.05, 0.39), (x, -0.2, 0)),
        box(iron, (0.05, 0.05, 0.39), (x, 0.14, 0)),
    )
    if rng.random() < 0.75:
        back = [box(wood, (width, 0.03, 0.09), (0, 0.2 + 0.035 * k, 0.55 + 0.12 * k), 0.006) for k in range(3)]
        parts += back + both_sides(tube(iron, [(x, 0.15, 0.4), (x, 0.24, 0.56), (x, 0.31, 0.88)], 0.022, sides=6))
        parts += both_sides(tube(iron, [(x, -0.22, 0.44), (x, -0.22, 0.64), (x, 0.24, 0.66)], 0.018, sides=6))
    return standing("bench", parts)


def bus_shelter(rng: np.random.Generator) -> Asset:
    """Shelter open towards -y, 3.2 to 4.2 m wide and 2.4 to 2.6 m high: panes, roof, seat and a poster."""
    w, h, d, iron = rng.uniform(3.2, 4.2), rng.uniform(2.4, 2.6), 1.3, street_metal(rng)
    pane = plain(linear("#5f7f88"), gloss=0.8)
    x, y = w / 2 - 0.05, d / 2 - 0.05
    parts = [
        box(iron, (w + 0.2, d + 0.2, 0.1), (0, 0, h - 0.1), 0.03),
        *both_sides(box(iron, (0.08, 0.08, h - 0.1), (x, y, 0)), box(iron, (0.08, 0.08, h - 0.1), (x, -y, 0))),
        box(iron, (0.06, 0.06, h - 0.1), (0, y, 0)),
        box(iron, (w - 0.2, 0.04, 0.06), (0, y, 1.25)),
        *both_sides(box(pane, ((w - 0.26) / 2, 0.015, h - 0.5), (w / 4 - 0.015, y, 0.25))),
        box(pane, (0.015, d - 0.2, h - 0.5), (-x, 0, 0.25)),
        box(iron, (0.14, d - 0.25, h - 0.45), (x, 0.02, 0.2), 0.02),
        box(slats(rng), (w - 1.4, 0.32, 0.05), (-0.1, y - 0.3, 0.45), 0.01),
        *both_sides(box(iron, (0.06, 0.2, 0.45), (w / 2 - 1.0, y - 0.3, 0))),
    ]
    tall, deep = h - 0.75, d - 0.45
    for facing in (-90, 90):
        poster = flat(image("picture", rng, emission=0.3), (-deep / 2, -0.0715, 0.35), (deep, 0, 0), (0, 0, tall))
        parts.append(moved(turned(poster, "z", facing), (x, 0.02, 0)))
    return standing("bus shelter", parts)


def chair(rng: np.random.Generator) -> Asset:
    """Café chair, 0.42 m wide and 0.85 m high."""
    iron, seat = (
        street_metal(rng),
        plain(pick(rng, ("#b08a5a", "#c9b48c", "#a63a2e", "#2f6f4f", "#e6e2d6", "#2c3440")), gloss=0.15),
    )
    parts = [box(seat, (0.4, 0.4, 0.03), (0, 0, 0.44), 0.01)]
    parts += both_sides(leg(iron, (0.18, -0.18, 0), (0.165, -0.165, 0.44), 0.014, 0.014, 6))
    parts += both_sides(tube(iron, [(0.18, 0.21, 0.0), (0.17, 0.17, 0.44), (0.17, 0.24, 0.84)], 0.013, sides=6))
    parts += [box(seat, (0.34, 0.02, 0.1), (0, 0.21 + 0.03 * k, 0.56 + 0.15 * k), 0.006) for k in range(2)]
    return standing("chair", parts)


def table(rng: np.random.Generator) -> Asset:
    """Round café table, 0.6 to 0.75 m wide and 0.74 m high."""
    r, iron = rng.uniform(0.3, 0.37), street_metal(rng)
    top = plain(pick(rng, ("#d9d6cc", "#8a5f3a", "#5b6468", "#b4453a")), gloss=0.4)
    foot = [(0, 0), (0.22, 0), (0.22, 0.02), (0.03, 0.05), (0.025, 0.71), (0, 0.71)]
    parts = [lathe(top, [(0, 0.71), (r, 0.71), (r, 0.74), (0, 0.74)], sides=24), lathe(iron, foot, sides=14)]
    return standing("table", parts)
