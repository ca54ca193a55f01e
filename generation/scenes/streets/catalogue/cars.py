"""Cars: hatchbacks, saloons, estates, SUVs and pickups, 3.6 to 5.4 m long and 1.4 to 1.85 m high."""

from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import ALUMINIUM, linear, metal, plain
from generation.scenes.procedural.shapes import (
    box,
    ellipsoid,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    turned,
)
from generation.scenes.streets.catalogue.paints import BLACK_TRIM, CHROME, GLASS, RUBBER, SIGN_WHITE, paint
from generation.scenes.streets.solids import both_sides, panel, patch, skin, standing


HEADLIGHT, TAIL_LIGHT = plain(linear("#dfe6ea"), gloss=0.9), plain(linear("#a01414"), gloss=0.6)
Range = tuple[float, float]


@dataclass(frozen=True)
class BodyStyle:
    """Ranges of one kind of body, metres.

    Args:
        length, width, height (`tuple` of 2 `float`): overall, mirrors not counted.
        wheel_radius, clearance (`float`).
        belt (`float`): height of the lower edge of the windows, as a share of the height.
        bonnet, screen (`float`): lengths of the bonnet and of the windscreen, seen from above.
        roof_end, cabin_end (`float`): from the rear to where the roof ends and to the foot of the rear window.
        pillars (`tuple` of `float`): where the side windows are divided, as shares of the cabin's length.
    """

    length: Range
    width: Range
    height: Range
    wheel_radius: float
    clearance: float
    belt: float
    bonnet: float
    screen: float
    roof_end: float
    cabin_end: float
    pillars: tuple[float, ...]


STYLES = {
    "hatchback": BodyStyle((3.65, 4.2), (1.68, 1.78), (1.44, 1.54), 0.31, 0.17, 0.62, 0.92, 0.72, 0.55, 0.08, (0.53,)),
    "saloon": BodyStyle((4.4, 4.85), (1.76, 1.86), (1.40, 1.47), 0.32, 0.15, 0.63, 1.15, 0.78, 1.45, 0.72, (0.52,)),
    "estate": BodyStyle((4.4, 4.8), (1.76, 1.85), (1.44, 1.52), 0.32, 0.16, 0.62, 1.12, 0.78, 0.55, 0.1, (0.4, 0.72)),
    "SUV": BodyStyle((4.3, 4.8), (1.82, 1.92), (1.62, 1.78), 0.36, 0.21, 0.63, 1.05, 0.66, 0.5, 0.14, (0.42, 0.76)),
    "pickup": BodyStyle((5.0, 5.35), (1.82, 1.92), (1.74, 1.84), 0.38, 0.24, 0.62, 1.15, 0.7, 2.05, 1.8, (0.54,)),
}
SHARES = (0.32, 0.24, 0.2, 0.17, 0.07)


def car(rng: np.random.Generator) -> Asset:
    """A car of any body style."""
    style = list(STYLES.values())[rng.choice(len(STYLES), p=SHARES)]
    length, width, height = (rng.uniform(*span) for span in (style.length, style.width, style.height))
    coat = paint(rng)
    axles = -length / 2 + rng.uniform(0.76, 0.84) + 0.02, length / 2 - rng.uniform(0.68, 0.8)
    belt = style.belt * height
    parts = [
        *_body(coat, style, length, width, belt, axles),
        *_cabin(coat, style, length, width, height, belt),
        *wheels(style.wheel_radius, width, axles, rng),
        *_trim(coat, style, length, width, belt, rng),
    ]
    return standing("car", parts)


def _body(coat: Material, style: BodyStyle, length: float, width: float, belt: float, axles: Range) -> list[Part]:
    """Everything below the windows: one skin from bumper to bumper, with arches over the wheels."""
    front, rear = -length / 2, length / 2
    nose = 0.76 * belt
    stern = belt + 0.02 if style.cabin_end > 0.3 else belt - 0.02
    outline = [(front, 0.62 * belt), (front + 0.04, 0.70 * belt), (front + 0.16, nose),
               (front + 0.5 * style.bonnet, 0.5 * (nose + belt) + 0.03), (front + style.bonnet, belt),
               (rear - 0.3, stern), (rear - 0.1, stern - 0.02), (rear - 0.03, 0.88 * belt),
               (rear, 0.80 * belt)]  # fmt: skip
    y = np.array([front, front + 0.04, front + 0.1, front + 0.16, front + 0.3, front + 0.5 * style.bonnet,
                  front + style.bonnet, 0.0, rear - 0.3, rear - 0.1, rear - 0.03, rear])  # fmt: skip
    return [
        sheet_metal(coat, y, outline, width, style.clearance, axles, style.wheel_radius + 0.05),
        box(BLACK_TRIM, (width - 0.5, length - 0.5, 0.58 * belt - style.clearance), (0, 0, style.clearance + 0.02)),
    ]


def sheet_metal(
    coat: Material, y: np.ndarray, outline: list, width: float, clearance: float, axles: Range, arch: float
) -> Part:
    """Skin of a vehicle along y: its top follows `outline` (pairs of y and z), its underside arches over the axles."""
    ahead, middle = np.array([-1.001, -1, -0.93, -0.75, -0.4]), np.array([0.0])
    across = np.concatenate([ahead, middle, -ahead[::-1]])
    y = np.unique(np.concatenate([y, *(axle + arch * across for axle in axles)]))
    top = np.interp(y, *np.array(outline).T)
    bottom = np.full(len(y), clearance)
    for axle in axles:
        over = np.abs(y - axle) <= arch * 1.0001
        bottom[over] = arch - 0.05 + np.sqrt(np.maximum(arch**2 - (y[over] - axle) ** 2, 0))
    ends = np.abs(y) / y[-1]
    half = width / 2 * (1 - 0.14 * ends**10)
    bottom = np.minimum(np.maximum(bottom, clearance + 0.12 * (ends > 0.97)), top - 0.12)
    waist = np.maximum(bottom + 0.08, 0.55 * top)
    rail = np.maximum(bottom + 0.04, clearance + 0.1)
    side = np.stack([
        np.stack([0.5 * half, bottom], axis=1), np.stack([0.95 * half, bottom], axis=1),
        np.stack([0.985 * half, np.minimum(rail, waist)], axis=1), np.stack([half, waist], axis=1),
        np.stack([0.975 * half, np.maximum(top - 0.09, waist)], axis=1), np.stack([0.92 * half, top - 0.025], axis=1),
        np.stack([0.8 * half, top], axis=1), np.stack([0.3 * half, top + 0.015], axis=1),
    ], axis=1)  # fmt: skip
    ring = np.concatenate([side, side[:, ::-1] * [-1, 1]], axis=1)  # (Y, N, 2)
    ys = np.broadcast_to(y[:, None, None], (*ring.shape[:2], 1))
    return skin(coat, np.concatenate([ring[..., :1], ys, ring[..., 1:]], axis=2))


def _cabin(coat: Material, style: BodyStyle, length: float, width: float, height: float, belt: float) -> list[Part]:
    """Roof and pillars as one block, with panes on its four sides."""
    front, rear = -length / 2 + style.bonnet, length / 2 - style.cabin_end
    roof_front, roof_rear = front + style.screen, length / 2 - style.roof_end
    low, high = (front, rear, 0.91 * width), (roof_front, roof_rear, 0.74 * width)
    foot, edge = belt - 0.03, height - 0.045
    rings = []
    for (start, end, wide), z in ((low, foot), (high, edge), (high, height)):
        shrink = 0.12 if z == height else 0.0
        outline = rounded_rectangle(wide - 2 * shrink, end - start - 2 * shrink, 0.12 - 0.5 * shrink)
        rings.append(stacked(outline[None], [z], (0, (start + end) / 2, 0))[0])
    parts = [loft(coat, np.stack(rings))]
    (a, b, wide), (c, d, narrow) = low, high
    wide, narrow = wide / 2, narrow / 2
    screen = [(-wide, a, foot), (wide, a, foot), (narrow, c, edge), (-narrow, c, edge)]
    back = [(wide, b, foot), (-wide, b, foot), (-narrow, d, edge), (narrow, d, edge)]
    right = [(wide, a, foot), (wide, b, foot), (narrow, d, edge), (narrow, c, edge)]
    parts.append(panel(GLASS, patch(screen, (0.06, 0.94), (0.08, 0.93))))
    parts.append(panel(GLASS, patch(back, (0.09, 0.91), (0.2, 0.9))))
    stops = [0.07, *style.pillars, 0.93]
    for start, end in zip(stops[:-1], stops[1:], strict=True):
        parts += both_sides(panel(GLASS, patch(right, (start + 0.012, end - 0.012), (0.1, 0.88))))
    return parts


def wheels(radius: float, width: float, axles: Range, rng: np.random.Generator, thick: float = 0.2) -> list[Part]:
    """Four wheels with spoked or plain rims, their outer sides 1 cm within the body's."""
    rim = metal(ALUMINIUM) if rng.random() < 0.7 else plain(linear("#3a3c40"), gloss=0.4)
    spokes = int(rng.integers(5, 9)) if rng.random() < 0.8 else 0
    parts = []
    for y in axles:
        parts += both_sides(
            *(moved(part, (width / 2 - 0.02, y, radius)) for part in _wheel(radius, thick, rim, spokes))
        )
    return parts


def _wheel(radius: float, thick: float, rim: Material, spokes: int) -> list[Part]:
    """One wheel whose outer side faces +x at x = 0."""
    inner = 0.68 * radius
    tyre = [(0, 0), (0.94 * radius, 0), (radius, 0.15 * thick), (radius, 0.85 * thick), (0.94 * radius, thick),
            (inner, thick), (inner - 0.01, 0.7 * thick), (0, 0.7 * thick)]  # fmt: skip
    parts = [lathe(RUBBER, tyre, (0, 0, -thick), sides=16)]
    hub = [(0, 0), (inner if not spokes else 0.2 * radius, 0), (0.15 * radius, 0.2 * thick), (0, 0.22 * thick)]
    parts.append(lathe(rim, hub, (0, 0, -0.28 * thick), sides=14))
    parts.append(lathe(rim, [(inner, 0), (inner + 0.012, 0), (inner + 0.012, 0.03), (inner - 0.02, 0.03), (inner, 0)],
                       (0, 0, -0.026), sides=14))  # fmt: skip
    for angle in np.arange(spokes) * 360 / max(spokes, 1):
        spoke = box(rim, (inner, 0.24 * radius / max(spokes - 3, 1) + 0.02, 0.02), (inner / 2, 0, -0.24 * thick))
        parts.append(turned(spoke, "z", angle))
    return [turned(part, "y", 90) for part in parts]


def _trim(
    coat: Material, style: BodyStyle, length: float, width: float, belt: float, rng: np.random.Generator
) -> list[Part]:
    """Lamps, grille, bumpers, plates, mirrors and handles."""
    front, rear, half = -length / 2, length / 2, width / 2
    plate_color = SIGN_WHITE if rng.random() < 0.7 else plain(linear("#e8c53a"))
    lamp_z = 0.66 * belt
    parts = [
        *both_sides(ellipsoid(HEADLIGHT, (0.36, 0.26, 0.16), (0.68 * half, front + 0.11, lamp_z), sides=10)),
        *both_sides(
            box(
                TAIL_LIGHT,
                (0.16, 0.12, 0.3 if style.cabin_end < 0.3 else 0.15),
                (0.74 * half, rear - 0.052, 0.64 * belt),
                0.02,
            )
        ),
        box(BLACK_TRIM, (0.62 * width, 0.1, 0.11), (0, front + 0.035, 0.5 * belt), 0.01),
        box(BLACK_TRIM, (0.8 * width, 0.1, 0.1), (0, front + 0.035, style.clearance + 0.14), 0.02),
        box(BLACK_TRIM, (0.84 * width, 0.1, 0.12), (0, rear - 0.035, style.clearance + 0.13), 0.02),
        box(plate_color, (0.52, 0.02, 0.11), (0, front - 0.017, 0.36 * belt)),
        box(plate_color, (0.52, 0.02, 0.11), (0, rear + 0.012, 0.56 * belt)),
        box(CHROME, (0.12, 0.02, 0.05), (0, front - 0.012, 0.56 * belt)),
        *both_sides(
            ellipsoid(coat, (0.2, 0.12, 0.14), (half + 0.04, front + style.bonnet + 0.42, belt + 0.06), sides=8)
        ),
        *both_sides(box(BLACK_TRIM, (0.02, length - 2.4, 0.06), (0.985 * half, 0.03, style.clearance + 0.05))),
    ]
    cabin = length - style.bonnet - style.cabin_end
    for share in style.pillars[:1] + ((0.86,) if len(style.pillars) == 1 else style.pillars[1:]):
        y = front + style.bonnet + share * cabin - 0.13
        parts += both_sides(box(coat, (0.03, 0.17, 0.03), (0.985 * half, y, belt - 0.13), 0.005))
    if style.cabin_end > 1:  # a cover over the bed
        parts.append(
            box(BLACK_TRIM, (0.74 * width, style.cabin_end - 0.25, 0.03), (0, rear - style.cabin_end / 2 - 0.02, belt))
        )
    return parts
