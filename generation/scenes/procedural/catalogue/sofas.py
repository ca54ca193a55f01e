"""Upholstered seats."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import four_legs, standing
from generation.scenes.procedural.catalogue.palette import DARK, metal, upholstery, wood
from generation.scenes.procedural.shapes import box, cushion, moved, turned


LEG_HEIGHT_M = (0.06, 0.16)
SEAT_HEIGHT_M = (0.4, 0.46)


def _upholstered(
    rng: np.random.Generator, width: float, depth: float, height: float, places: int, cover: Material
) -> tuple[list[Part], list[Surface]]:
    """Legs, base, arms, and a seat and back cushion for each of `places`; things may lie on the seats."""
    seat, lift = rng.uniform(*SEAT_HEIGHT_M), rng.uniform(*LEG_HEIGHT_M)
    arm, arm_height = rng.uniform(0.1, 0.2), seat + rng.uniform(0.12, 0.2)
    back = 0.16
    round_arms = rng.random() < 0.5
    inner = width - 2 * arm
    legs = wood(rng) if rng.random() < 0.6 else metal(DARK)
    parts = four_legs(legs, width - 0.06, depth - 0.06, lift + 0.01, 0.045, sides=8)
    parts.append(box(cover, (inner + 0.02, depth - 0.04, seat - 0.13 - lift), (0, 0, lift), 0.01))
    parts.append(cushion(cover, (inner + 0.04, back, height - lift), (0, (depth - back) / 2, lift), 0.05))
    for side in (-1, 1):
        size = (arm, depth - 0.03, arm_height - lift)
        radius = arm / 2 - 0.002 if round_arms else 0.03
        parts.append(cushion(cover, size, (side * (width - arm) / 2, -0.008, lift), radius))
    pitch = inner / places
    front, rear = -depth / 2 + 0.01, depth / 2 - back
    surfaces = []
    for place in range(places):
        x = (place + 0.5) * pitch - inner / 2
        size = (pitch - 0.006, rear - front, 0.16)
        parts.append(cushion(cover, size, (x, (front + rear) / 2, seat - 0.16), 0.04))
        surfaces.append(Surface((x - pitch / 2 + 0.05, x + pitch / 2 - 0.05), (front + 0.05, rear - 0.13), seat))
        rest = turned(
            cushion(cover, (pitch - 0.012, height - seat + 0.02, 0.15), (0, 0, 0), 0.05, crown=0.03), "x", 90
        )
        rest = moved(rest, (0, rear + 0.03, seat + (height - seat) / 2 + 0.01))
        parts.append(moved(turned(rest, "x", -10, (0, rear, seat)), (x, 0, 0)))
    return parts, surfaces


def sofa(rng: np.random.Generator) -> Asset:
    """Two or three places side by side: 1.5 to 2.2 m wide."""
    places = int(rng.integers(2, 4))
    width = {2: rng.uniform(1.5, 1.75), 3: rng.uniform(1.9, 2.2)}[places]
    depth, height = rng.uniform(0.82, 0.95), rng.uniform(0.78, 0.9)
    cover = upholstery(rng)
    return standing("sofa", *_upholstered(rng, width, depth, height, places, cover))


def armchair(rng: np.random.Generator) -> Asset:
    """One upholstered place between arms: 0.72 to 0.9 m wide."""
    width, depth, height = rng.uniform(0.72, 0.9), rng.uniform(0.75, 0.88), rng.uniform(0.8, 1.0)
    return standing("armchair", *_upholstered(rng, width, depth, height, 1, upholstery(rng)))


CATEGORIES = (Category("sofa", "wall_side", sofa), Category("armchair", "floor", armchair))
