"""What a classroom has; fronts face -y, and a pupil's desk is sat at from its front."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import on_wall, standing, tabletop, top_of
from generation.scenes.procedural.catalogue.palette import (
    ALUMINIUM,
    BLACK,
    BRIGHTS,
    DARK,
    GREY,
    WHITE,
    image,
    linear,
    metal,
    pick,
    plain,
    seed_of,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    flat,
    lathe,
    loft,
    moved,
    tube,
    turned,
)


def _tubes(rng: np.random.Generator) -> Material:
    return (
        metal(GREY)
        if rng.random() < 0.6
        else plain(linear(("#26272b", "#2f6fb5", "#3a5f4a")[rng.integers(3)]), gloss=0.4)
    )


def school_desk(rng: np.random.Generator, variant: str) -> Asset:
    """Pupil's table on steel tubes, 0.68 to 0.76 m high: for one, for two, or with a bench fixed to it."""
    width = rng.uniform(1.15, 1.3) if variant == "for two" else rng.uniform(0.6, 0.7)
    depth, height, thick = rng.uniform(0.48, 0.55), rng.uniform(0.68, 0.76), 0.022
    top, frame, under = wood(rng), _tubes(rng), height - 0.022
    parts = [tabletop(top, width, depth, height, thick)]
    tray, trays = 0.1, ((0.0, width),) if variant != "for two" else ((-width / 4, width / 2), (width / 4, width / 2))
    sheet = plain(DARK, gloss=0.2)
    for x, span in trays:
        span -= 0.12
        parts.append(box(sheet, (span - 0.016, depth - 0.12, 0.008), (x, 0.02, under - tray)))
        for s in (-1, 1):
            parts.append(box(sheet, (0.008, depth - 0.12, tray), (x + s * (span / 2 - 0.004), 0.02, under - tray)))
    for side in (-1, 1):
        x, y = side * (width / 2 - 0.05), depth / 2 - 0.05
        if variant == "bench fixed":
            parts.append(tube(frame, [(x, -0.62, 0.016), (x, y, 0.016), (x, y - 0.05, under)], 0.016))
            parts.append(tube(frame, [(x, -0.56, 0.016), (x, -0.56, 0.42)], 0.016))
            parts.append(tube(frame, [(x, -0.66, 0.016), (x, -0.74, 0.78)], 0.014))
        else:
            for s in (-1, 1):
                parts.append(tube(frame, [(x, s * y, 0), (x, s * y, under + 0.001)], 0.014))
            parts.append(tube(frame, [(x, -y, 0.08), (x, y, 0.08)], 0.011))
    if variant == "bench fixed":
        parts.append(box(top, (width, 0.3, 0.022), (0, -0.58, 0.42), 0.004))
        parts.append(turned(box(top, (width, 0.018, 0.16), (0, -0.72, 0.62), 0.004), "x", 6, (0, -0.72, 0.62)))
    else:
        parts.append(
            tube(frame, [(-width / 2 + 0.05, depth / 2 - 0.05, 0.2), (width / 2 - 0.05, depth / 2 - 0.05, 0.2)], 0.011)
        )
    return standing("school desk", parts, [top_of(width, depth, height)])


def school_chair(rng: np.random.Generator, variant: str) -> Asset:
    """Plastic or plywood shell on steel tubes, seat 0.4 to 0.46 m high: four legs, runners, or a writing tablet."""
    width, seat = rng.uniform(0.4, 0.44), rng.uniform(0.4, 0.46)
    shell = plain(pick(rng, BRIGHTS), gloss=0.3) if rng.random() < 0.75 else wood(rng)
    frame = _tubes(rng)
    back = 0.36
    # Cross-sections from the front edge of the seat to the top of the back: y, z, share of the width
    spine = np.array([
        (-0.21, -0.02, 0.9), (-0.19, 0.0, 0.97), (0.0, -0.008, 1.0), (0.14, 0.0, 0.96), (0.19, 0.03, 0.9),
        (0.215, 0.1, 0.86), (0.235, 0.2, 0.9), (0.255, 0.3, 0.9), (0.265, back, 0.78),
    ])  # fmt: skip
    thick, across = 0.009, np.linspace(-1, 1, 7)
    along = np.gradient(spine[:, :2], axis=0)
    out = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    rings = []
    for (y, z, share), (ny, nz) in zip(spine, out, strict=True):
        x, curl = across * share * width / 2, 0.02 * across**2
        front = np.stack([x, y + ny * curl, seat + z + nz * curl], axis=1)
        rings.append(np.concatenate([front, (front - [0, ny * thick, nz * thick])[::-1]]))
    parts = [loft(shell, np.stack(rings))]
    under, half = seat - 0.018, width / 2 - 0.04
    if variant == "runners":
        for side in (-1, 1):
            x = side * (half + 0.02)
            path = [
                (0.0, -0.16, under),
                (x, -0.16, under),
                (x, -0.2, 0.012),
                (x, 0.2, 0.012),
                (x, 0.12, under),
                (0.0, 0.12, under),
            ]
            parts.append(tube(frame, path, 0.0115))
    else:
        for side in (-1, 1):
            for y in (-0.16, 0.14):
                parts.append(
                    tube(frame, [(side * (half + 0.02), 1.25 * y, 0), (side * half, y, under), (0, y, under)], 0.0115)
                )
            parts.append(tube(frame, [(side * half, -0.16, under), (side * half, 0.14, under)], 0.0115))
    if variant == "tablet":
        x, z = width / 2 + 0.03, seat + 0.22
        parts.append(tube(frame, [(half, 0.1, under), (x, 0.1, under + 0.02), (x, 0.02, z), (x, -0.12, z)], 0.0115))
        parts.append(box(wood(rng), (0.26, 0.44, 0.018), (x - 0.06, -0.16, z + 0.008), 0.006))
    return standing("school chair", parts)


def blackboard(rng: np.random.Generator, variant: str) -> Asset:
    """Green or black board of 1.6 to 2.6 m with chalk writing: one panel, or with two wings."""
    width, height = rng.uniform(1.6, 2.6), rng.uniform(0.95, 1.2)
    slate = linear("#1f3b2f" if rng.random() < 0.6 else "#25282a")
    frame = wood(rng) if rng.random() < 0.6 else metal(ALUMINIUM)
    panels = (
        [(0.0, width)]
        if variant == "one panel"
        else [(-0.375 * width, 0.25 * width), (0.0, 0.5 * width), (0.375 * width, 0.25 * width)]
    )
    parts, rim = [], 0.03
    for x, span in panels:
        middle = x == 0.0
        chalk = Material("chalkboard", slate, WHITE, scale_m=1.0, seed=seed_of(rng))
        y = 0.0 if middle else -0.025
        span -= 0.004
        parts.append(box(plain(slate), (span - 0.01, 0.016, height - 0.01), (x, y - 0.008, 0.005)))
        size = (span - 2 * rim, height - 2 * rim)
        parts.append(flat(chalk, (x - size[0] / 2, y - 0.0165, rim), (size[0], 0, 0), (0, 0, size[1])))
        for side in (-1, 1):
            parts.append(box(frame, (span, 0.026, rim), (x, y - 0.013, 0 if side < 0 else height - rim), 0.003))
            parts.append(box(frame, (rim, 0.026, height - 2 * rim), (x + side * (span - rim) / 2, y - 0.013, rim)))
    parts.append(box(frame, (0.5 * width, 0.09, 0.015), (0, -0.045, -0.02), 0.003))
    for k, color in enumerate(("#f4f2ea", "#f2e08a", "#f4f2ea")):
        parts.append(
            tube(plain(linear(color)), [(0.06 * k - 0.1, -0.05, 0.0), (0.06 * k - 0.04, -0.055, 0.0)], 0.006, 6)
        )
    parts.append(box(wood(rng), (0.14, 0.05, 0.03), (0.15 * width, -0.05, -0.0055), 0.006))
    return on_wall("blackboard", parts)


def bulletin_board(rng: np.random.Generator) -> Asset:
    """Cork board of 0.8 to 1.4 m with papers pinned to it."""
    width, height = rng.uniform(0.8, 1.4), rng.uniform(0.6, 0.95)
    cork = Material("leaf", linear("#b98a57"), linear("#8f6438"), scale_m=0.02, seed=seed_of(rng))
    frame, rim = wood(rng), 0.03
    parts = [box(cork, (width - 0.02, 0.014, height - 0.02), (0, -0.007, 0.01))]
    for side in (-1, 1):
        parts.append(box(frame, (width, 0.022, rim), (0, -0.011, 0 if side < 0 else height - rim), 0.003))
        parts.append(box(frame, (rim, 0.022, height - 2 * rim), (side * (width - rim) / 2, -0.011, rim)))
    columns, rows = int(width // 0.27), int(height // 0.3)
    for column in range(columns):
        for row in range(rows):
            if rng.random() < 0.15:
                continue
            w, h = ((0.19, 0.25), (0.21, 0.15), (0.12, 0.12), (0.16, 0.22))[rng.integers(4)]
            cell = np.array([(width - 0.1) / columns, (height - 0.1) / rows])
            x, z = (np.array([column, row]) + 0.5) * cell + rng.uniform(-0.012, 0.012, 2) + [0.05 - width / 2, 0.05]
            w, h = min(w, cell[0] - 0.03), min(h, cell[1] - 0.03)
            tilt, y = rng.uniform(-6, 6), -0.0152
            note = plain(linear(("#f3e27a", "#f3b8c4", "#bfe0a8", "#a8d4ee")[rng.integers(4)]))
            paper = note if w == 0.12 else image("document" if rng.random() < 0.6 else "picture", rng)
            sheet = flat(paper, (x - w / 2, y, z - h / 2), (w, 0, 0), (0, 0, h))
            parts.append(turned(sheet, "y", tilt, (x, y, z)))
            pin = [(0, 0), (0.007, 0), (0.006, 0.007), (0, 0.009)]
            head = turned(lathe(plain(pick(rng, BRIGHTS), gloss=0.4), pin, sides=8), "x", 90)
            parts.append(moved(head, (x, y - 0.0002, z + 0.4 * h)))
    return on_wall("bulletin board", parts)


def locker(rng: np.random.Generator, variant: str) -> Asset:
    """Steel lockers with slots, 1.7 to 1.9 m high: two or three tall doors, or two rows of small ones."""
    columns = int(rng.integers(2, 5))
    pitch, depth, height, plinth = rng.uniform(0.3, 0.38), rng.uniform(0.45, 0.5), rng.uniform(1.7, 1.9), 0.08
    width, rows = columns * pitch, 2 if variant == "small doors" else 1
    body = plain(linear("#c5c8ca"), gloss=0.3)
    paint = plain(
        linear(("#35618f", "#8d9499", "#a33b32", "#3f7a5a", "#d9a441", "#c5c8ca")[rng.integers(6)]), gloss=0.3
    )
    dark, front = plain(BLACK), -depth / 2 + 0.01
    parts = [
        box(plain(DARK), (width - 0.02, depth - 0.05, plinth), (0, 0.01, 0)),
        box(body, (width, depth - 0.02, height - plinth), (0, 0.01, plinth - 0.001), 0.003),
    ]
    rise = (height - plinth - 0.03) / rows
    for column in range(columns):
        for row in range(rows):
            x, z = (column + 0.5) * pitch - width / 2, plinth + 0.015 + row * rise
            parts.append(box(paint, (pitch - 0.012, 0.014, rise - 0.012), (x, front - 0.001, z + 0.006), 0.003))
            for end in (0.1, rise - 0.2):
                parts += [
                    box(dark, (0.5 * pitch, 0.003, 0.01), (x, front - 0.0085, z + end + 0.028 * k)) for k in range(4)
                ]
            parts.append(
                box(metal(GREY), (0.025, 0.02, 0.09), (x + 0.33 * pitch, front - 0.014, z + 0.48 * rise), 0.004)
            )
            parts.append(
                box(
                    plain(WHITE),
                    (0.07, 0.003, 0.03),
                    (x, front - 0.0085, z + rise - 0.27 if rows == 1 else z + 0.6 * rise),
                )
            )
    return standing("locker", parts, [top_of(width, depth, height)])


def wall_map(rng: np.random.Generator) -> Asset:
    """Map of the world between two rods, 1.0 to 1.7 m wide."""
    width = rng.uniform(1.0, 1.7)
    height, rod = 0.62 * width, wood(rng)
    land = Material("map", linear("#9cc3d8"), linear("#d8b97a"), scale_m=1.0, seed=seed_of(rng))
    parts = [
        box(plain(linear("#efe9da")), (width, 0.003, height), (0, -0.018, 0)),
        flat(land, (-width / 2 + 0.02, -0.0202, 0.02), (width - 0.04, 0, 0), (0, 0, height - 0.04)),
        *(tube(rod, [(-width / 2 - 0.03, -0.018, z), (width / 2 + 0.03, -0.018, z)], 0.016) for z in (0, height)),
        tube(
            plain(DARK),
            [(-0.3 * width, -0.018, height), (0, -0.006, height + 0.12), (0.3 * width, -0.018, height)],
            0.003,
            5,
        ),
    ]
    return on_wall("wall map", parts)


CATEGORIES = (
    Category(
        "school desk",
        "floor",
        school_desk,
        ((0.55, 0.45, 0.65), (1.4, 1.2, 0.82)),
        ("for one", "for two", "bench fixed"),
    ),
    Category(
        "school chair",
        "floor",
        school_chair,
        ((0.36, 0.4, 0.7), (0.62, 0.7, 0.9)),
        ("four legs", "runners", "tablet"),
    ),
    Category("blackboard", "wall", blackboard, ((1.5, 0.06, 0.9), (2.8, 0.12, 1.4)), ("one panel", "two wings")),
    Category("bulletin board", "wall", bulletin_board, ((0.7, 0.015, 0.5), (1.5, 0.04, 1.1))),
    Category("locker", "wall_side", locker, ((0.55, 0.4, 1.6), (1.6, 0.55, 2.0)), ("tall doors", "small doors")),
    Category("wall map", "wall", wall_map, ((0.9, 0.02, 0.6), (1.9, 0.06, 1.3))),
)
