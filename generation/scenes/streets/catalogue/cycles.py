"""Bicycles 1.65 to 1.8 m long, and motorcycles of 1.9 to 2.2 m."""

from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import ALUMINIUM, BRIGHTS, metal
from generation.scenes.procedural.shapes import box, circle, cushion, ellipsoid, lathe, moved, tube, turned
from generation.scenes.streets.catalogue.cars import HEADLIGHT, TAIL_LIGHT
from generation.scenes.streets.catalogue.paints import BLACK_TRIM, CHROME, RUBBER, paint
from generation.scenes.streets.solids import both_sides, limb, panel, standing


@dataclass(frozen=True, eq=False)
class Bicycle:
    """A bicycle and where its rider touches it, metres, in the asset's frame.

    Args:
        asset ([`Asset`]).
        saddle (`np.ndarray` of shape `(3,)`): middle of the saddle's top.
        grip (`np.ndarray` of shape `(3,)`): top of the grip at x > 0.
        pedals (`tuple` of 2 `np.ndarray` of shape `(3,)`): tops of the pedals at x > 0 and x < 0.
    """

    asset: Asset
    saddle: np.ndarray
    grip: np.ndarray
    pedals: tuple[np.ndarray, np.ndarray]


def make_bicycle(rng: np.random.Generator, ridden: bool = False) -> Bicycle:
    """City or road bicycle; one that is not ridden stands upright on its stand."""
    radius, base = rng.uniform(0.33, 0.35), rng.uniform(1.02, 1.1)
    saddle_z, bar_z = rng.uniform(0.93, 1.0), rng.uniform(0.98, 1.08)
    coat = paint(rng, (*BRIGHTS, "#1d1f22", "#2f4a3a"))
    front, rear = -base / 2, base / 2
    hub_f, hub_r = np.array([0, front, radius]), np.array([0, rear, radius])
    crank = np.array([0, rear - 0.44, 0.29])
    seat, head = np.array([0, rear - 0.30, saddle_z - 0.16]), np.array([0, front + 0.19, bar_z - 0.14])
    head_low = head + [0, -0.05, -0.16]
    is_low = rng.random() < 0.4  # step-through frame
    top = np.array([0, rear - 0.38, 0.52]) if is_low else seat + [0, -0.01, -0.03]
    parts = [*_wheel(hub_f, radius), *_wheel(hub_r, radius)]
    frame = [(seat, crank), (head_low, crank + [0, -0.01, 0.01]), (head, top), (head + [0, 0.01, 0.03], head_low)]
    parts += [tube(coat, [a, b], 0.017, sides=7) for a, b in frame]
    for end in (crank, seat):
        parts += both_sides(tube(coat, [end + [0.012, 0, 0], hub_r + [0.06, 0, 0]], 0.01, sides=6))
    parts += both_sides(
        tube(coat, [head_low + [0.015, 0, 0], head_low + [0.055, -0.01, -0.06], hub_f + [0.055, 0, 0]], 0.012, sides=6)
    )
    parts.append(tube(CHROME, [seat, [0, seat[1] + 0.04, saddle_z - 0.05]], 0.014, sides=7))
    saddle = np.array([0, seat[1] + 0.03, saddle_z])
    parts.append(cushion(BLACK_TRIM, (0.115, 0.13, 0.06), saddle + [0, 0.06, -0.06], 0.025))
    parts.append(cushion(BLACK_TRIM, (0.04, 0.2, 0.05), saddle + [0, -0.06, -0.053], 0.02))
    grip = np.array([0.27, head[1] + 0.14, bar_z + 0.015])
    stem = np.array([0, head[1] - 0.02, bar_z - 0.02])
    parts.append(tube(CHROME, [head, stem], 0.014, sides=7))
    bend = [stem, [0.16, stem[1] - 0.02, bar_z], [0.22, head[1] + 0.04, bar_z], [0.22, head[1] + 0.06, bar_z]]
    parts += both_sides(
        tube(CHROME, [*bend[:3], [0.27, head[1] + 0.08, bar_z], [0.27, head[1] + 0.2, bar_z]], 0.011, sides=7)
    )
    parts += both_sides(
        tube(BLACK_TRIM, [[0.27, head[1] + 0.09, bar_z], [0.27, head[1] + 0.21, bar_z]], 0.0155, sides=8)
    )
    grip[2] = bar_z + 0.0155
    angle = rng.uniform(0.3, 1.2)
    arm = 0.17 * np.array([0, -np.cos(angle), -np.sin(angle)])
    pedals = []
    for side in (1, -1):
        end = crank + side * arm + [side * 0.075, 0, 0]
        parts.append(tube(BLACK_TRIM, [crank + [side * 0.06, 0, 0], end], 0.011, sides=6))
        parts.append(box(BLACK_TRIM, (0.1, 0.08, 0.024), end + [side * 0.06, 0, -0.012]))
        pedals.append(end + [side * 0.06, 0, 0.012])
    parts.append(
        moved(
            turned(lathe(CHROME, [(0.07, 0), (0.09, 0), (0.09, 0.006), (0.07, 0.006), (0.07, 0)]), "y", 90),
            crank + [0.045, 0, 0],
        )
    )
    parts.append(tube(CHROME, [crank + [-0.06, 0, 0], crank + [0.06, 0, 0]], 0.02, sides=8))
    for hub in (hub_f, hub_r):  # mudguards
        spread = np.radians(np.linspace(20, 165, 8) if hub is hub_r else np.linspace(35, 160, 8))
        arc = hub + (radius + 0.025) * np.column_stack([0 * spread, np.cos(spread), np.sin(spread)])
        parts.append(tube(coat, arc, 0.022, sides=6))
    if rng.random() < 0.4:  # carrier, or a basket before the handlebar
        parts.append(box(BLACK_TRIM, (0.12, 0.34, 0.015), (0, rear + 0.05, 2 * radius + 0.06)))
        parts += both_sides(
            tube(BLACK_TRIM, [[0.055, rear + 0.08, 2 * radius + 0.065], hub_r + [0.065, 0, 0]], 0.006, sides=5)
        )
    elif rng.random() < 0.4:
        at = np.array([0, head[1] - 0.2, bar_z - 0.24])
        parts.append(
            box(Material("fabric", (0.25, 0.17, 0.1), (0.12, 0.08, 0.05), 0.15), (0.34, 0.24, 0.22), at, 0.02)
        )
    if not ridden:
        stand = np.array([0.0, rear - 0.38, 0.3])
        parts += both_sides(tube(BLACK_TRIM, [stand + [0.01, 0, 0], [0.14, rear - 0.3, 0.009]], 0.008, sides=5))
    low = min(part.vertices[:, 2].min() for part in parts)
    lift = np.array([0, 0, -low])
    return Bicycle(standing("bicycle", parts), saddle + lift, grip + lift, (pedals[0] + lift, pedals[1] + lift))


def _wheel(hub: np.ndarray, radius: float) -> list[Part]:
    ring = np.insert(circle(22), 0, 0.0, axis=1)
    parts = [tube(RUBBER, hub + (radius - 0.018) * ring, 0.018, sides=6, closed=True)]
    parts.append(tube(CHROME, hub + (radius - 0.04) * ring, 0.01, sides=4, closed=True))
    parts.append(tube(metal(ALUMINIUM), [hub - [0.065, 0, 0], hub + [0.065, 0, 0]], 0.02, sides=8))
    for angle in np.arange(8) * np.pi / 8:
        along = (radius - 0.04) * np.array([0, np.cos(angle), np.sin(angle)])
        parts.append(tube(CHROME, [hub - along, hub + along], 0.003, sides=3))
    return parts


def bicycle(rng: np.random.Generator) -> Asset:
    """A parked bicycle."""
    return make_bicycle(rng).asset


def motorcycle(rng: np.random.Generator) -> Asset:
    """Parked motorcycle or, two times in five, a scooter; 1.1 to 1.3 m high."""
    coat = paint(rng, (*BRIGHTS, "#1d1f22", "#7c1f1f"))
    return standing("motorcycle", (_scooter if rng.random() < 0.4 else _roadster)(coat, rng))


def _thick_wheel(hub: np.ndarray, radius: float, wide: float) -> list[Part]:
    ring = np.insert(circle(20), 0, 0.0, axis=1)
    disc = [(0, 0), (radius - 0.6 * wide, 0), (radius - 0.6 * wide, 0.05), (0, 0.05)]
    tyre = tube(RUBBER, hub + (radius - wide / 2) * ring, wide / 2, sides=8, closed=True)
    hub_disc = moved(turned(lathe(metal(ALUMINIUM), disc, (0, 0, -0.025), sides=16), "y", 90), hub)
    return [tyre, hub_disc]


def _roadster(coat: Material, rng: np.random.Generator) -> list[Part]:
    base = rng.uniform(1.38, 1.5)
    front, rear, radius = -base / 2, base / 2, 0.31
    head = np.array([0, front + 0.3, 0.86])
    dark = metal((0.12, 0.12, 0.13))
    parts = [
        *_thick_wheel(np.array([0, front, radius]), radius, 0.11),
        *_thick_wheel(np.array([0, rear, radius]), radius, 0.14),
    ]
    parts += both_sides(tube(CHROME, [[0.09, front, radius], [0.09, head[1] - 0.03, head[2] + 0.08]], 0.024, sides=8))
    parts += [
        ellipsoid(coat, (0.34, 0.62, 0.28), (0, -0.12, 0.82), sides=14),
        cushion(BLACK_TRIM, (0.27, 0.72, 0.13), (0, 0.42, 0.70), 0.05),
        ellipsoid(coat, (0.22, 0.4, 0.16), (0, rear + 0.02, 0.72), sides=10),
        box(dark, (0.3, 0.46, 0.34), (0, -0.02, 0.28), 0.06),
        box(metal(ALUMINIUM), (0.34, 0.2, 0.24), (0, -0.12, 0.44), 0.04),
        *both_sides(
            tube(dark, [[0.04, head[1] + 0.05, 0.78], [0.13, 0.05, 0.62], [0.11, rear, radius]], 0.026, sides=7)
        ),
        tube(
            CHROME,
            [[0.16, -0.22, 0.36], [0.17, 0.1, 0.27], [0.18, 0.4, 0.3], [0.2, 0.85, 0.38]],
            [0.03, 0.03, 0.05, 0.05],
            sides=8,
        ),
        ellipsoid(HEADLIGHT, (0.19, 0.16, 0.19), (0, head[1] - 0.16, 0.92), sides=12),
        box(TAIL_LIGHT, (0.14, 0.06, 0.07), (0, rear + 0.2, 0.72), 0.01),
        tube(
            CHROME,
            [
                [-0.36, head[1] + 0.12, 1.02],
                [-0.16, head[1], 1.03],
                [0.16, head[1], 1.03],
                [0.36, head[1] + 0.12, 1.02],
            ],
            0.013,
            sides=7,
        ),
        *both_sides(tube(BLACK_TRIM, [[0.27, head[1] + 0.066, 1.024], [0.37, head[1] + 0.126, 1.02]], 0.018, sides=8)),
        *both_sides(tube(CHROME, [[0.2, head[1] + 0.02, 1.03], [0.28, head[1] + 0.02, 1.18]], 0.006, sides=5)),
        *both_sides(ellipsoid(BLACK_TRIM, (0.13, 0.04, 0.09), (0.29, head[1] + 0.02, 1.2), sides=8)),
        box(coat, (0.14, 0.3, 0.02), (0, front - 0.02, 2 * radius + 0.03), 0.005),
        *both_sides(tube(dark, [[0.1, 0.12, 0.3], [0.2, 0.16, 0.012]], 0.012, sides=6)),
    ]
    return parts


def _scooter(coat: Material, rng: np.random.Generator) -> list[Part]:
    base = rng.uniform(1.24, 1.34)
    front, rear, radius = -base / 2, base / 2, 0.22
    dark = metal((0.12, 0.12, 0.13))
    shield = np.array(
        [[[x * w, y, z] for x in (-1, 1)] for y, z, w in ((front + 0.28, 0.34, 0.2), (front + 0.14, 0.95, 0.2))]
    )
    corners = np.array([shield[0, 0], shield[0, 1], shield[1, 1], shield[1, 0]])
    parts = [
        *_thick_wheel(np.array([0, front, radius]), radius, 0.11),
        *_thick_wheel(np.array([0, rear, radius]), radius, 0.11),
    ]
    parts += [
        panel(coat, corners, proud=0.05, sunk=0.03),
        box(coat, (0.3, 0.6, 0.1), (0, -0.12, 0.27), 0.03),
        ellipsoid(coat, (0.4, 0.86, 0.5), (0, 0.42, 0.53), sides=14),
        cushion(BLACK_TRIM, (0.28, 0.66, 0.12), (0, 0.36, 0.72), 0.05),
        limb(dark, [[0, front, radius], [0, front + 0.14, 0.95]], [0.035, 0.03]),
        ellipsoid(coat, (0.2, 0.46, 0.24), (0, front - 0.02, 0.38), sides=12),
        ellipsoid(coat, (0.3, 0.2, 0.18), (0, front + 0.13, 1.0), sides=12),
        ellipsoid(HEADLIGHT, (0.15, 0.1, 0.13), (0, front + 0.045, 1.0), sides=10),
        tube(dark, [[-0.34, front + 0.26, 1.02], [0, front + 0.15, 1.04], [0.34, front + 0.26, 1.02]], 0.016, sides=7),
        *both_sides(tube(dark, [[0.2, front + 0.2, 1.03], [0.27, front + 0.16, 1.18]], 0.006, sides=5)),
        *both_sides(ellipsoid(dark, (0.13, 0.04, 0.09), (0.28, front + 0.16, 1.21), sides=8)),
        box(TAIL_LIGHT, (0.16, 0.05, 0.07), (0, 0.83, 0.6), 0.01),
        *both_sides(tube(dark, [[0.1, 0.1, 0.26], [0.17, 0.14, 0.012]], 0.012, sides=6)),
    ]
    return parts
