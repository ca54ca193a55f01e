"""Upholstered seats."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import four_legs, standing
from generation.scenes.procedural.catalogue.palette import DARK, metal, upholstery, wood
from generation.scenes.procedural.shapes import box, cushion, lathe, loft, moved, tube, turned


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


def sofa(rng: np.random.Generator, variant: str) -> Asset:
    """Two or three places side by side, 1.5 to 2.2 m wide: between arms, with a long seat, or in a timber frame."""
    places = 3 if variant == "chaise" else int(rng.integers(2, 4))
    width = {2: rng.uniform(1.5, 1.75), 3: rng.uniform(1.9, 2.2)}[places]
    depth, height = rng.uniform(0.82, 0.95), rng.uniform(0.78, 0.9)
    cover = upholstery(rng)
    if variant == "timber frame":
        return standing("sofa", *_framed(wood(rng), cover, width, 0.8, height, places))
    parts, surfaces = _upholstered(rng, width, depth, height, places, cover)
    if variant == "chaise":
        seat = surfaces[0].z
        span, reach, side = 0.3 * width, rng.uniform(0.55, 0.7), (-1, 1)[rng.integers(2)]
        x, y = side * (width / 2 - span / 2 - 0.08), -depth / 2 - reach / 2
        parts += [
            cushion(cover, (span, reach + 0.06, 0.16), (x, y + 0.03, seat - 0.16), 0.04),
            box(cover, (span - 0.02, reach + 0.02, seat - 0.21), (x, y + 0.01, 0.06), 0.01),
        ]
        post = (0.05, 0.05, 0.07)
        parts += [box(cover, post, (x + s * (span / 2 - 0.05), y - reach / 2 + 0.05, 0), 0.008) for s in (-1, 1)]
    return standing("sofa", parts, surfaces)


def armchair(rng: np.random.Generator, variant: str) -> Asset:
    """One upholstered place: between arms, with wings beside the head, in a timber frame, or a round shell."""
    width, depth, height = rng.uniform(0.72, 0.9), rng.uniform(0.75, 0.88), rng.uniform(0.8, 1.0)
    cover = upholstery(rng)
    if variant == "timber frame":
        return standing("armchair", *_framed(wood(rng), cover, 0.72, 0.78, height, 1))
    if variant == "shell":
        return standing("armchair", *_shell(rng, cover))
    if variant == "wings":
        height = rng.uniform(1.0, 1.1)
    parts, surfaces = _upholstered(rng, width, depth, height, 1, cover)
    if variant == "wings":
        arm_top = 0.62
        for side in (-1, 1):
            wing = cushion(cover, (0.08, 0.3, height - arm_top + 0.02), (0, 0, 0), 0.035)
            parts.append(
                moved(turned(wing, "z", side * 12), (side * (width / 2 - 0.1), depth / 2 - 0.2, arm_top - 0.02))
            )
    return standing("armchair", parts, surfaces)


def _framed(
    frame: Material, cover: Material, width: float, depth: float, height: float, places: int
) -> tuple[list[Part], list[Surface]]:
    """Loose cushions in an open frame of timber with flat arms and upright bars behind."""
    seat, post, arm = 0.43, 0.05, 0.6
    parts, surfaces = [], []
    for side in (-1, 1):
        x = side * (width - post) / 2
        parts.append(box(frame, (post, post, arm + 0.001), (x, -depth / 2 + 0.08, 0), 0.006))
        parts.append(box(frame, (post, post, height - 0.02), (x, depth / 2 - 0.08, 0), 0.006))
        parts.append(box(frame, (0.085, depth - 0.1, 0.03), (x, -0.03, arm), 0.008))
        parts.append(box(frame, (0.03, depth - 0.2, 0.06), (x, 0, 0.2), 0.004))
    for y, z in ((-depth / 2 + 0.08, 0.22), (depth / 2 - 0.08, 0.22), (depth / 2 - 0.08, height - 0.08)):
        parts.append(box(frame, (width - 2 * post, 0.035, 0.06), (0, y, z), 0.004))
    parts.append(box(frame, (width - 2 * post - 0.01, depth - 0.2, 0.03), (0, 0, 0.25)))
    for x in np.linspace(-0.5, 0.5, 3 + 4 * places)[1:-1] * (width - 2 * post):
        parts.append(box(frame, (0.03, 0.018, height - 0.35), (x, depth / 2 - 0.08, 0.275)))
    pitch = (width - 2 * post) / places
    for place in range(places):
        x = (place + 0.5 - places / 2) * pitch
        parts.append(cushion(cover, (pitch - 0.01, depth - 0.16, 0.15), (x, -0.04, 0.279), 0.04))
        rest = turned(
            cushion(cover, (pitch - 0.015, height - seat - 0.02, 0.14), (0, 0, 0), 0.045, crown=0.02), "x", 90
        )
        parts.append(moved(turned(rest, "x", -8), (x, depth / 2 - 0.12, seat + (height - seat) / 2)))
        reach = pitch / 2 - 0.05
        surfaces.append(Surface((x - reach, x + reach), (-depth / 2 + 0.1, depth / 2 - 0.36), 0.429))
    return parts, surfaces


def _shell(rng: np.random.Generator, cover: Material) -> tuple[list[Part], list[Surface]]:
    """Seat within a bowl whose rim rises from the arms to the back, on splayed legs."""
    seat, width, thick, high = rng.uniform(0.4, 0.44), rng.uniform(0.7, 0.78), 0.07, rng.uniform(0.34, 0.42)
    legs = wood(rng)
    parts = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            parts.append(
                tube(legs, [(sx * 0.27, sy * 0.26, 0.0), (sx * 0.18, sy * 0.17, seat - 0.12)], [0.013, 0.022])
            )
    radius = width / 2
    base = [(0, 0), (0.6 * radius, 0), (0.93 * radius, 0.08), (0.95 * radius, 0.11), (0, 0.11)]
    parts.append(lathe(cover, base, (0, 0, seat - 0.16), sides=28))
    pad = [(0, 0), (0.8 * radius, 0), (0.84 * radius, 0.03), (0.8 * radius, 0.07), (0.6 * radius, 0.089), (0, 0.09)]
    parts.append(lathe(cover, pad, (0, -0.02, seat - 0.089), sides=28))
    turn = np.radians(np.linspace(-35, 215, 25))
    rise = 0.16 + (high - 0.16) * np.clip(np.sin(turn), 0, 1) ** 1.5
    rise *= np.clip((np.arange(25) + 1.5) / 4, 0, 1) * np.clip((25.5 - np.arange(25)) / 4, 0, 1)
    rings = []
    for angle, top in zip(turn, rise, strict=True):
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        outer, inner = radius + 0.06 * top / high, radius + 0.06 * top / high - thick
        profile = [
            (inner - 0.02, -0.06),
            (radius - 0.02, -0.06),
            (outer, top),
            (outer - 0.3 * thick, top + 0.02),
            (inner + 0.2 * thick, top + 0.02),
            (inner, top),
        ]
        rings.append([r * out + [0, 0, seat + z] for r, z in profile])
    parts.append(loft(cover, np.array(rings)[:, ::-1]))
    reach = 0.38 * radius
    return parts, [Surface((-reach, reach), (-reach - 0.02, reach - 0.02), seat)]


CATEGORIES = (
    Category(
        "sofa",
        "wall_side",
        sofa,
        ((1.4, 0.72, 0.7), (2.4, 1.75, 1.0)),
        ("between arms", "chaise", "timber frame"),
    ),
    Category(
        "armchair",
        "floor",
        armchair,
        ((0.65, 0.68, 0.7), (1.0, 1.0, 1.15)),
        ("between arms", "wings", "timber frame", "shell"),
    ),
)
