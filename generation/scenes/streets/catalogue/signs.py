"""Traffic signs, traffic lights and street lamps."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import linear, plain
from generation.scenes.procedural.shapes import box, circle, lathe, leg, moved, tube, turned
from generation.scenes.streets.catalogue.paints import (
    BLACK_TRIM,
    GALVANISED,
    SIGN_BLACK,
    SIGN_BLUE,
    SIGN_RED,
    SIGN_WHITE,
    SIGN_YELLOW,
    street_metal,
)
from generation.scenes.streets.solids import both_sides, disc_outline, limb, plate, rectangle, standing


TRIANGLE = np.array([[0.0, 0.6], [-0.52, -0.3], [0.52, -0.3]])
DIAMOND = np.array([[0.0, 0.5], [-0.5, 0.0], [0.0, -0.5], [0.5, 0.0]])
ARROW = (np.array([[0.0, 0.3], [-0.2, 0.05], [0.2, 0.05]]), rectangle(0.1, 0.36) - [0, 0.12])


def _tilted(width: float, height: float, angle_deg: float, at: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Outline `(4, 2)` of a rectangle turned counter-clockwise about `at`."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return rectangle(width, height) @ np.array([[cosine, sine], [-sine, cosine]]) + at


WALKER = (disc_outline(0.045, 12) + [0.0, 0.19], rectangle(0.08, 0.18) + [0.0, 0.04],
          _tilted(0.045, 0.22, 20, (0.045, -0.13)), _tilted(0.045, 0.22, -20, (-0.045, -0.13)))  # fmt: skip
# Each face is a stack of layers from the back to the front: outline (for a sign of 1 m), material
FACES = {
    "speed limit": [(disc_outline(0.5), SIGN_RED), (disc_outline(0.39), SIGN_WHITE),
                    (rectangle(0.12, 0.34) - [0.16, 0], SIGN_BLACK), (rectangle(0.18, 0.34) + [0.1, 0], SIGN_BLACK),
                    (rectangle(0.07, 0.2) + [0.1, 0], SIGN_WHITE)],
    "no stopping": [(disc_outline(0.5), SIGN_RED), (disc_outline(0.4), SIGN_BLUE), (_tilted(0.8, 0.09, 45), SIGN_RED)],
    "straight on": [(disc_outline(0.5), SIGN_WHITE), (disc_outline(0.47), SIGN_BLUE),
                    *((outline, SIGN_WHITE) for outline in ARROW)],
    "warning": [(TRIANGLE * 0.95, SIGN_RED), (TRIANGLE * 0.68, SIGN_WHITE),
                (rectangle(0.09, 0.24) + [0, 0.07], SIGN_BLACK), (disc_outline(0.055) - [0, 0.12], SIGN_BLACK)],
    "priority": [(DIAMOND, SIGN_WHITE), (DIAMOND * 0.78, SIGN_YELLOW)],
    "parking": [(rectangle(0.9, 0.9), SIGN_WHITE), (rectangle(0.84, 0.84), SIGN_BLUE),
                (rectangle(0.1, 0.6) - [0.14, 0], SIGN_WHITE),
                (disc_outline(0.19) + [0.05, 0.13], SIGN_WHITE), (disc_outline(0.09) + [0.03, 0.13], SIGN_BLUE)],
    "give way": [(-TRIANGLE * 0.95, SIGN_RED), (-TRIANGLE * 0.66, SIGN_WHITE)],
    "stop": [(0.53 * circle(8), SIGN_WHITE), (0.495 * circle(8), SIGN_RED),
             *((rectangle(0.1, 0.2) + [0.19 * k - 0.285, 0], SIGN_WHITE) for k in range(4))],
    "crossing": [(rectangle(0.9, 0.9), SIGN_WHITE), (rectangle(0.84, 0.84), SIGN_BLUE),
                 (TRIANGLE * 0.66 - [0, 0.04], SIGN_WHITE), *((outline, SIGN_BLACK) for outline in WALKER)],
    "distance": [(rectangle(0.9, 0.34), SIGN_BLACK), (rectangle(0.86, 0.3), SIGN_WHITE),
                 *((rectangle(0.08, 0.16) + [0.17 * k - 0.26, 0], SIGN_BLACK) for k in range(4))],
}  # fmt: skip
ANYWHERE = ("speed limit", "no stopping", "straight on", "warning", "priority", "parking")


def _face(kind: str, size: float, front: float, z: float) -> list[Part]:
    """A sign whose plate begins at y = `front`, about (0, z); each layer lies 1.5 mm before the last."""
    layers = FACES[kind]
    back = layers[0][0]
    parts = [plate(GALVANISED, size * back * 0.995, front - 0.004, 0.006, (0, z))]
    parts += [
        plate(m, size * outline, front - 0.006 - 0.0015 * k, 0.003, (0, z)) for k, (outline, m) in enumerate(layers)
    ]
    return parts


def traffic_sign(rng: np.random.Generator, kinds: tuple[str, ...] = ANYWHERE) -> Asset:
    """One sign, now and then with a plate below, of 0.55 to 0.75 m on a post of 2.5 to 3.3 m."""
    size, bottom = rng.uniform(0.55, 0.75), rng.uniform(1.95, 2.3)
    names = [kinds[rng.integers(len(kinds))]]
    if rng.random() < 0.25:
        names.append("distance")
    parts, z = [], bottom
    for name in reversed(names):
        outline = size * FACES[name][0][0]
        parts += _face(name, size, -0.036, z - outline[:, 1].min())
        z += np.ptp(outline[:, 1]) + 0.05
    parts.append(lathe(GALVANISED, [(0, 0), (0.03, 0), (0.03, z - 0.02), (0.02, z), (0, z)], sides=12))
    return standing("traffic sign", parts)


LIT = {"red": plain(linear("#ff2a1a"), emission=2.2), "amber": plain(linear("#ffb020"), emission=2.2),
       "green": plain(linear("#20e07a"), emission=2.2)}  # fmt: skip
DARK = {"red": plain(linear("#3a1210"), gloss=0.5), "amber": plain(linear("#3b2a10"), gloss=0.5),
        "green": plain(linear("#0f3120"), gloss=0.5)}  # fmt: skip


def traffic_light(rng: np.random.Generator, lit: str = "red") -> Asset:
    """Post of 3.2 to 3.5 m with three lamps that face -y, and a pedestrian's signal on its side."""
    z, post = rng.uniform(2.35, 2.55), street_metal(rng)
    parts = [
        lathe(post, [(0, 0), (0.09, 0), (0.09, 0.25), (0.055, 0.3), (0.05, z + 0.95), (0, z + 0.97)], sides=12),
        box(BLACK_TRIM, (0.3, 0.18, 0.92), (0, -0.17, z), 0.03),
        box(BLACK_TRIM, (0.46, 0.015, 1.08), (0, -0.085, z - 0.08)),
        box(BLACK_TRIM, (0.05, 0.1, 0.04), (0, -0.07, z + 0.1)),
        box(BLACK_TRIM, (0.16, 0.24, 0.5), (0.15, 0.0, 2.0), 0.02),
    ]
    around = np.linspace(0.1, np.pi - 0.1, 7)
    for k, color in enumerate(("green", "amber", "red")):
        at = z + 0.18 + 0.28 * k
        lamp = LIT[color] if color == lit else DARK[color]
        parts.append(plate(lamp, disc_outline(0.1, 16), -0.268, 0.02, (0, at)))
        for y in (-0.26, -0.38):  # rims of the hood
            rim = np.column_stack([0.115 * np.cos(around), np.full(7, y), at + 0.115 * np.sin(around)])
            parts.append(limb(BLACK_TRIM, rim, [0.008] * 7, 4))
        parts.append(box(BLACK_TRIM, (0.2, 0.13, 0.012), (0, -0.32, at + 0.108), 0.0))
    may_walk = lit == "red"  # those who cross before the waiting traffic
    signal = plate(
        LIT["green" if may_walk else "red"], disc_outline(0.06, 12), -0.128, 0.012, (0, 2.13 if may_walk else 2.37)
    )
    parts.append(moved(turned(signal, "z", 90), (0.11, 0, 0)))
    return standing("traffic light", parts)


def street_lamp(rng: np.random.Generator, lit: bool = False, arm: bool | None = None) -> Asset:
    """Mast of 5 to 6.5 m with an arm over the road (towards -y), or a lantern on a post of 3.6 to 4.2 m."""
    glass = plain(linear("#fff0d0"), emission=2.5) if lit else plain(linear("#d9dcd8"), gloss=0.6)
    has_arm = rng.random() < 0.6 if arm is None else arm
    post = street_metal(rng)
    if has_arm:
        height, reach = rng.uniform(5.0, 6.5), rng.uniform(0.9, 1.5)
        bend = [(0, 0, height - 0.6), (0, -0.05, height - 0.15), (0, -0.3 * reach, height), (0, -reach, height + 0.06)]
        parts = [
            lathe(
                post,
                [(0, 0), (0.1, 0), (0.1, 0.9), (0.075, 0.95), (0.05, height - 0.55), (0, height - 0.55)],
                sides=12,
            ),
            tube(post, bend, [0.05, 0.045, 0.04, 0.035], sides=8),
            box(post, (0.2, 0.62, 0.1), (0, -reach - 0.22, height + 0.02), 0.03),
            box(glass, (0.15, 0.5, 0.03), (0, -reach - 0.22, height + 0.0)),
        ]
        return standing("street lamp", parts)
    height = rng.uniform(3.6, 4.2)
    top = height - 0.62
    parts = [
        lathe(
            post,
            [
                (0, 0),
                (0.13, 0),
                (0.13, 0.12),
                (0.08, 0.3),
                (0.065, 0.8),
                (0.05, 0.85),
                (0.04, top),
                (0.1, top + 0.04),
                (0, top + 0.06),
            ],
            sides=12,
        ),
        leg(glass, (0, 0, top + 0.05), (0, 0, top + 0.45), 0.13, 0.22, sides=6),
        lathe(post, [(0, top + 0.45), (0.25, top + 0.45), (0.1, top + 0.56), (0.02, height), (0, height)], sides=6),
        *both_sides(leg(post, (0.09, -0.09, top + 0.05), (0.155, -0.155, top + 0.45), 0.012, 0.012)),
        *both_sides(leg(post, (0.09, 0.09, top + 0.05), (0.155, 0.155, top + 0.45), 0.012, 0.012)),
    ]
    return standing("street lamp", parts)
