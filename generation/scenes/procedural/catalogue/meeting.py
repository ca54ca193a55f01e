"""What a meeting room has besides chairs; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import on_wall, standing, tabletop, top_of
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    DARK,
    GREY,
    WHITE,
    image,
    linear,
    metal,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    flat,
    lathe,
    loft,
    moved,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def conference_table(rng: np.random.Generator, variant: str) -> Asset:
    """Table to meet at, 1.8 to 3.0 m long and 0.72 to 0.76 m high: on panels, on T feet, or boat-shaped."""
    length, depth, height, thick = rng.uniform(1.8, 3.0), rng.uniform(0.95, 1.2), rng.uniform(0.72, 0.76), 0.035
    top = wood(rng) if rng.random() < 0.75 else plain(WHITE, gloss=0.3)
    frame = metal(DARK) if rng.random() < 0.5 else plain(BLACK, gloss=0.3)
    under = height - thick
    if variant == "boat-shaped":
        along = np.linspace(-1, 1, 13)
        half = depth / 2 * (0.72 + 0.28 * (1 - along**2))
        side = np.stack([length / 2 * along, -half], axis=1)
        outline = np.concatenate([side, -side])
        parts = [loft(top, stacked(np.stack([0.98 * outline, outline, outline]), (0, 0.01, thick), (0, 0, under)))]
        for x in (-0.27 * length, 0.27 * length):
            parts.append(box(top, (0.5, 0.34, under + 0.001), (x, 0, 0), 0.004))
        surface = top_of(length - 0.1, 0.72 * depth, height)
    else:
        parts = [tabletop(top, length, depth, height, thick)]
        for s in (-1, 1):
            x = s * (length / 2 - 0.3)
            if variant == "panels":
                parts.append(box(top, (0.04, depth - 0.25, under + 0.001), (x, 0, 0), 0.003))
            else:
                parts.append(box(frame, (0.08, depth - 0.15, 0.03), (x, 0, 0), 0.008))
                parts.append(box(frame, (0.07, 0.12, under - 0.029), (x, 0, 0.029), 0.008))
        parts.append(
            box(top if variant == "panels" else frame, (length - 0.66, 0.03, 0.22), (0, 0, under - 0.26), 0.003)
        )
        surface = top_of(length, depth, height)
    parts.append(box(plain(BLACK, gloss=0.2), (0.3, 0.12, 0.004), (0, 0.18 * depth, height - 0.003)))
    return standing("conference table", parts, [surface])


def projector(rng: np.random.Generator) -> Asset:
    """Projector, 0.28 to 0.36 m wide, on its feet: lens, grille, keys."""
    width, depth, height = rng.uniform(0.28, 0.36), rng.uniform(0.22, 0.28), rng.uniform(0.09, 0.12)
    case = plain((WHITE, WHITE, BLACK)[rng.integers(3)], gloss=0.3)
    dark, lens_x, y, lift = plain(linear("#151618"), gloss=0.2), -0.25 * width, -depth / 2, 0.012
    barrel = [(0.03, 0), (0.044, 0), (0.044, 0.035), (0.036, 0.035), (0.03, 0.012), (0.03, 0)]
    glass = [(0, 0), (0.031, 0), (0.031, 0.008), (0.02, 0.018), (0, 0.022)]
    at = (lens_x, y + 0.008, lift + 0.55 * height)
    parts = [
        box(case, (width, depth, height), (0, 0, lift), 0.016),
        turned(lathe(plain(GREY, gloss=0.4), barrel), "x", 90),
        turned(lathe(plain(linear("#27415f"), gloss=0.9), glass), "x", 90),
    ]
    parts[1:] = [moved(part, at) for part in parts[1:]]
    parts += [
        box(dark, (0.4 * width, 0.004, 0.006), (0.22 * width, y - 0.001, lift + 0.03 + 0.014 * k)) for k in range(4)
    ]
    parts += [
        box(dark, (0.035, 0.035, lift + 0.004), (sx * 0.36 * width, sy * 0.36 * depth, 0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    for row in range(2):
        for column in range(4):
            key = [(0, 0), (0.007, 0), (0.006, 0.003), (0, 0.003)]
            parts.append(lathe(dark, key, (0.05 + 0.022 * column, 0.02 + 0.03 * row, lift + height - 0.001), 10))
    parts.append(box(dark, (0.05, 0.06, 0.003), (lens_x, 0.02, lift + height - 0.001), 0.001))
    return standing("projector", parts)


def projection_screen(rng: np.random.Generator) -> Asset:
    """Screen that rolls out of a case on the wall: 1.5 to 2.2 m wide, with a slide on it."""
    width = rng.uniform(1.5, 2.2)
    height, black = 0.6 * width, plain(linear("#1a1b1d"))
    case = plain(WHITE, gloss=0.2)
    slide = image("slide", rng)
    inner, border = (width - 0.14, height - 0.1), 0.05
    parts = [
        box(case, (width + 0.08, 0.09, 0.1), (0, -0.045, height), 0.015),
        box(black, (width - 0.02, 0.003, height + 0.01), (0, -0.045, 0)),
        flat(slide, (-inner[0] / 2, -0.0475, border), (inner[0], 0, 0), (0, 0, inner[1])),
        tube(metal(ALUMINIUM), [(-width / 2, -0.045, 0), (width / 2, -0.045, 0)], 0.014),
        tube(case, [(0, -0.045, 0), (0, -0.05, -0.05)], 0.006, 6),
    ]
    return on_wall("projection screen", parts)


def conference_phone(rng: np.random.Generator) -> Asset:
    """Three-legged conference telephone, 0.28 to 0.34 m across, with keypad, display and loudspeaker."""
    radius = rng.uniform(0.15, 0.18)
    case, dark = plain(linear(("#2c2e33", "#3b3e43", "#c9cacb")[rng.integers(3)]), gloss=0.3), plain(BLACK)
    turn = 2 * np.pi * np.arange(48) / 48
    reach = radius * (0.6 + 0.4 * (0.5 + 0.5 * np.cos(3 * (turn - np.pi / 2))) ** 2)
    star = np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1)
    rings = stacked(
        np.stack([0.96 * star, star, 0.97 * star, 0.6 * star, 0.4 * star]), (0, 0.012, 0.022, 0.045, 0.055)
    )
    grille = [(0, 0), (0.3 * radius, 0), (0.27 * radius, 0.012), (0, 0.016)]
    parts = [loft(case, rings), lathe(dark, grille, (0, 0.12 * radius, 0.052))]
    tilt = np.degrees(np.arctan2(0.023, 0.37 * radius))
    panel = [box(plain(linear("#8fb0a0"), emission=0.5), (0.055, 0.03, 0.004), (0, 0.028, 0))]
    for row in range(4):
        panel += [
            box(plain(WHITE), (0.014, 0.009, 0.004), (0.02 * column, -0.006 - 0.014 * row, 0)) for column in (-1, 0, 1)
        ]
    parts += [moved(turned(part, "x", 0.6 * tilt), (0, -0.44 * radius, 0.042)) for part in panel]
    return standing("conference phone", parts)


def flip_chart(rng: np.random.Generator, variant: str) -> Asset:
    """Easel of 1.75 to 1.95 m with a pad of paper of 0.7 by 1.0 m: on three legs, or on a wheeled foot."""
    height, width = rng.uniform(1.75, 1.95), 0.7
    frame = metal(ALUMINIUM) if rng.random() < 0.6 else plain(BLACK, gloss=0.3)
    lean = -8.0
    page, low = 1.0, height - 1.04
    sheet = image("chart", rng)
    board = [
        box(plain(WHITE, gloss=0.3), (width, 0.018, page + 0.02), (0, 0, low)),
        box(plain(linear("#f6f5f0")), (0.68, 0.012, page - 0.02), (0, -0.0155, low + 0.03)),
        flat(sheet, (-0.335, -0.0225, low + 0.04), (0.67, 0, 0), (0, 0, page - 0.06)),
        box(frame, (width, 0.03, 0.035), (0, -0.014, height - 0.04), 0.006),
        box(frame, (width, 0.06, 0.015), (0, -0.035, low - 0.012), 0.004),
    ]
    pens = ("#1d4fb8", "#c22a2a", "#1f8a4a")
    for k, color in enumerate(pens):
        x = -0.2 + 0.15 * k
        board.append(tube(plain(linear(color)), [(x, -0.045, low + 0.012), (x + 0.12, -0.045, low + 0.012)], 0.009, 6))
    parts = [turned(part, "x", lean, (0, 0, 0)) for part in board]
    back = np.tan(np.radians(-lean))
    if variant == "three legs":
        for side in (-1, 1):
            parts.append(
                tube(frame, [(side * 0.36, -0.02, 0.0), (side * 0.28, 0.98 * height * back, 0.98 * height)], 0.014)
            )
        parts.append(tube(frame, [(0, 0.75, 0.0), (0, 0.9 * height * back + 0.03, 0.9 * height)], 0.014))
    else:
        hub = [(0, 0), (0.03, 0), (0.03, 0.05), (0, 0.05)]
        for k in range(5):
            turn = np.radians(72 * k + 90)
            x, y = 0.33 * np.cos(turn), 0.33 * np.sin(turn) + 0.1
            parts.append(tube(frame, [(0, 0.1, 0.1), (x, y, 0.065)], [0.022, 0.016]))
            parts.append(
                moved(
                    turned(
                        lathe(plain(BLACK), [(0, -0.012), (0.028, -0.012), (0.028, 0.012), (0, 0.012)], sides=12),
                        "y",
                        90,
                    ),
                    (x, y, 0.028),
                )
            )
        parts.append(lathe(frame, hub, (0, 0.1, 0.08), 16))
        parts.append(tube(frame, [(0, 0.1, 0.1), (0, 0.1, 0.5), (0, 0.8 * height * back + 0.03, 0.8 * height)], 0.02))
    return standing("flip chart", parts)


def lectern(rng: np.random.Generator, variant: str) -> Asset:
    """Speaker's desk, 1.1 to 1.25 m high: a closed body, or a column on a foot; its top slopes to the speaker."""
    height, width, depth = rng.uniform(1.1, 1.25), rng.uniform(0.5, 0.62), rng.uniform(0.4, 0.48)
    body = wood(rng)
    steel = metal(GREY)
    slope = 14.0
    top = [
        box(body, (width, depth + 0.04, 0.025), (0, 0, height - 0.06), 0.004),
        box(body, (width, 0.02, 0.035), (0, depth / 2 + 0.01, height - 0.037), 0.003),
    ]
    paper = flat(image("document", rng), (-0.105, -0.13, 0), (0.21, 0, 0), (0, 0.297, 0))
    top.append(moved(turned(paper, "z", 180), (0, 0.02, height - 0.0345)))
    parts = [turned(part, "x", -slope, (0, 0, height - 0.06)) for part in top]
    if variant == "closed":
        outline = [
            rounded_rectangle(0.8 * width, 0.8 * depth, 0.01, 1),
            rounded_rectangle(0.92 * width, 0.9 * depth, 0.01, 1),
        ]
        parts.append(loft(body, stacked(np.stack(outline), (0.05, height - 0.1)), grain="z"))
        parts.append(box(body, (0.92 * width, 0.95 * depth, 0.05), (0, 0, 0), 0.006))
        panel = box(
            plain(tuple(0.7 * c for c in body.color), gloss=0.2),
            (0.5 * width, 0.02, 0.4),
            (0, -0.43 * depth, 0.35),
            0.004,
        )
        parts.append(turned(panel, "x", 1.2, (0, -0.43 * depth, 0.35)))
    else:
        parts.append(box(body, (0.9 * width, depth, 0.03), (0, 0, 0), 0.006))
        for side in (-1, 1):
            parts.append(box(body, (0.05, 0.12, height - 0.09), (side * 0.1, 0, 0.029), 0.006))
        parts.append(box(steel, (0.16, 0.02, 0.5), (0, 0, 0.4), 0.003))
    curve = [
        (0.35 * width, -0.42 * depth, height),
        (0.35 * width, -0.42 * depth, height + 0.1),
        (0.3 * width, -0.2 * depth, height + 0.22),
    ]
    parts.append(tube(plain(BLACK), curve, 0.005, 6))
    parts.append(tube(plain(BLACK), [curve[-1], (0.285 * width, -0.08 * depth, height + 0.235)], 0.014))
    return standing("lectern", parts)


CATEGORIES = (
    Category(
        "conference table",
        "floor",
        conference_table,
        ((1.7, 0.8, 0.7), (3.2, 1.3, 0.8)),
        ("panels", "T feet", "boat-shaped"),
    ),
    Category("projector", "surface", projector, ((0.25, 0.2, 0.08), (0.4, 0.35, 0.16))),
    Category("projection screen", "wall", projection_screen, ((1.4, 0.06, 0.9), (2.5, 0.15, 1.6))),
    Category("conference phone", "surface", conference_phone, ((0.2, 0.2, 0.04), (0.4, 0.4, 0.09))),
    Category("flip chart", "floor", flip_chart, ((0.65, 0.5, 1.65), (0.85, 1.1, 2.1)), ("three legs", "wheeled foot")),
    Category("lectern", "floor", lectern, ((0.45, 0.38, 1.1), (0.7, 0.6, 1.55)), ("closed", "column")),
)
