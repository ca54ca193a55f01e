"""What is built into a bathroom; fronts face -y."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category, Part
from generation.scenes.procedural.catalogue.assembly import four_legs, standing, tap
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    CHROME,
    GREY,
    PANE,
    PORCELAIN,
    WHITE,
    linear,
    metal,
    plain,
    wood,
    wood_or_paint,
)
from generation.scenes.procedural.outlines import egg
from generation.scenes.procedural.shapes import (
    box,
    circle,
    lathe,
    loft,
    moved,
    ring,
    rounded_rectangle,
    stacked,
    trough,
    tube,
    turned,
)


def toilet(rng: np.random.Generator, variant: str) -> Asset:
    """Water closet with its cistern behind: 0.35 to 0.39 m wide, seat 0.4 m high, lid open or closed."""
    width, seat = rng.uniform(0.35, 0.39), rng.uniform(0.39, 0.42)
    front, back, rim = rng.uniform(0.29, 0.33), 0.17, 0.04
    shares, heights = np.array([0.62, 0.56, 0.6, 0.9, 1.0]), np.array([0, 0.12, 0.2, 0.32, 0.37]) * seat / 0.37
    outer = egg(width, front, back)
    inside = [(outer * 0.74, seat), (outer * 0.6, 0.7 * seat), (outer * 0.3, 0.5 * seat)]
    outlines = np.stack([*(outer * share for share in shares), *(outline for outline, _ in inside)])
    parts = [
        loft(PORCELAIN, stacked(outlines, [*heights, *(z for _, z in inside)])),
        box(PORCELAIN, (0.6 * width, 0.2, 0.9 * seat), (0, back + 0.02, 0), 0.03),
        lathe(
            plain(linear("#9fc3cf"), gloss=0.8), [(0, 0), (0.09, 0), (0.09, 0.004), (0, 0.004)], (0, 0, 0.58 * seat)
        ),
    ]
    tank_y, tank = back + 0.1, (width, 0.19, rng.uniform(0.38, 0.42))
    parts += [
        box(PORCELAIN, tank, (0, tank_y, seat + 0.003), 0.025),
        box(PORCELAIN, (width + 0.02, 0.21, 0.03), (0, tank_y, seat + tank[2]), 0.01),
        lathe(CHROME, [(0, 0), (0.024, 0), (0.022, 0.008), (0, 0.01)], (0, tank_y, seat + tank[2] + 0.029), 16),
    ]
    cover = (plain(WHITE, gloss=0.4), plain(WHITE, gloss=0.4), wood(rng))[rng.integers(3)]
    seat_outline = egg(width + 0.006, front + 0.004, back - 0.005)
    parts.append(ring(cover, seat_outline, egg(width - 2 * rim, front - 1.2 * rim, back - 0.06), 0.018, (0, 0, seat)))
    lid = loft(cover, stacked(np.stack([seat_outline, seat_outline, 0.96 * seat_outline]), (0, 0.014, 0.02)))
    lid = moved(lid, (0, 0, seat + 0.019))
    parts.append(turned(lid, "x", -90, (0, back - 0.01, seat + 0.02)) if variant == "lid up" else lid)
    return standing("toilet", parts)


def _basin(width: float, depth: float, rim_z: float) -> list[Part]:
    """Washbasin with its tap, its rim at `rim_z`."""
    bowl = trough(PORCELAIN, (width, depth, 0.16), (0, 0, rim_z - 0.16), 0.05, 0.03, (0.08, 0.1), foot=0.72)
    drain = lathe(CHROME, [(0, 0), (0.022, 0), (0.022, 0.003), (0, 0.004)], (0, 0, rim_z - 0.131), 16)
    ledge = box(PORCELAIN, (0.12, 0.07, 0.032), (0, depth / 2 - 0.06, rim_z - 0.03), 0.008)
    return [bowl, drain, ledge, *tap(CHROME, (0, depth / 2 - 0.06, rim_z - 0.001), 0.13, 0.18)]


def washbasin(rng: np.random.Generator, variant: str) -> Asset:
    """Basin with a tap, 0.5 to 0.7 m wide and 0.82 to 0.88 m high: on a column, a cupboard or a table."""
    width, depth, rim = rng.uniform(0.5, 0.7), rng.uniform(0.42, 0.48), rng.uniform(0.82, 0.88)
    parts = _basin(width, depth, rim)
    if variant == "pedestal":
        column = np.stack([egg(0.24, 0.12, 0.12), egg(0.17, 0.085, 0.1), egg(0.16, 0.08, 0.1), egg(0.26, 0.13, 0.12)])
        parts.append(loft(PORCELAIN, stacked(column, (0, 0.06, 0.45, rim - 0.14), (0, 0.06, 0))))
    elif variant == "cupboard":
        body, handle, top = wood_or_paint(rng), metal(GREY), rim - 0.187
        parts.append(box(body, (width + 0.12, depth + 0.02, top - 0.1), (0, 0, 0.1), 0.003))
        parts.append(box(plain(BLACK), (width + 0.06, depth - 0.06, 0.1), (0, 0.02, 0)))
        parts.append(box(PORCELAIN, (width + 0.14, depth + 0.04, 0.03), (0, 0, top - 0.001), 0.006))
        for side in (-1, 1):
            x, half = side * (width + 0.12) / 4, (width + 0.12) / 2
            parts.append(box(body, (half - 0.01, 0.018, top - 0.13), (x, -depth / 2 - 0.018, 0.115), 0.004))
            parts.append(
                box(handle, (0.012, 0.02, 0.14), (x - side * (half / 2 - 0.05), -depth / 2 - 0.036, 0.45), 0.004)
            )
    else:
        frame, top = (metal(BLACK) if rng.random() < 0.5 else wood(rng)), rim - 0.194
        parts.append(box(wood(rng), (width + 0.2, depth + 0.06, 0.035), (0, 0, top), 0.004))
        parts += four_legs(frame, width + 0.16, depth + 0.02, top + 0.001, 0.04)
        parts.append(box(frame, (width + 0.1, depth - 0.04, 0.02), (0, 0, 0.2), 0.003))
    return standing("washbasin", parts)


def bathtub(rng: np.random.Generator, variant: str) -> Asset:
    """Tub of 1.5 to 1.75 m by 0.7 to 0.8 m and 0.53 to 0.6 m high: boxed in, oval, or on four feet."""
    length, width, height = rng.uniform(1.5, 1.75), rng.uniform(0.7, 0.8), rng.uniform(0.53, 0.6)
    if variant == "boxed in":
        rings = [
            (rounded_rectangle(length, width, 0.015, 5), 0.0),
            (rounded_rectangle(length, width, 0.015, 5), height),
            (rounded_rectangle(length - 0.14, width - 0.14, 0.2, 5), height),
            (rounded_rectangle(length - 0.2, width - 0.18, 0.2, 5), height - 0.06),
            (rounded_rectangle(length - 0.4, width - 0.3, 0.18, 5), 0.14),
        ]
        parts = []
    else:
        oval = circle(32) * [length / 2, width / 2]
        lift = 0.14 if variant == "on feet" else 0.0
        shares = (0.72, 0.82, 0.93, 0.99, 1.02, 1.0, 0.94, 0.86, 0.66)
        heights = np.array([0, 0.03, 0.5, 0.95, 1.0, 1.02, 0.98, 0.5, 0.1]) * (height - lift) + lift
        rings = [(share * oval, z) for share, z in zip(shares, heights, strict=True)]
        parts = []
        if variant == "on feet":
            for sx in (-1, 1):
                for sy in (-1, 1):
                    x, y = sx * 0.5 * length / 2, sy * 0.55 * width / 2
                    path = [
                        (x, y, lift + 0.08),
                        (1.12 * x, 1.2 * y, 0.1),
                        (1.05 * x, 1.1 * y, 0.03),
                        (1.15 * x, 1.25 * y, 0.016),
                    ]
                    parts.append(tube(metal(BRASS), path, [0.03, 0.03, 0.02, 0.016]))
    enamel = PORCELAIN
    parts.append(loft(enamel, stacked(np.stack([outline for outline, _ in rings]), [z for _, z in rings])))
    parts.append(
        lathe(CHROME, [(0, 0), (0.03, 0), (0.03, 0.004), (0, 0.005)], (0.3 * length, 0, rings[-1][1] - 0.001), 16)
    )
    if variant == "boxed in":
        fitting = tap(CHROME, (0, 0, height - 0.001), 0.16, 0.16)
        parts += [moved(turned(part, "z", -90), (length / 2 - 0.035, 0, 0)) for part in fitting]
    else:
        post = tap(CHROME, (0, 0, 0), 0.2, height + 0.22)
        parts += [moved(part, (0, width / 2 + 0.06, 0)) for part in post]
    return standing("bathtub", parts)


def shower_cabin(rng: np.random.Generator, variant: str) -> Asset:
    """Shower of 0.8 to 0.95 m by 0.8 to 0.9 m, 1.95 to 2.05 m high: half open, or with its door ajar."""
    width, depth, height = rng.uniform(0.8, 0.95), rng.uniform(0.8, 0.9), rng.uniform(1.95, 2.05)
    frame = CHROME if rng.random() < 0.6 else plain(BLACK, gloss=0.4)
    tiles, tray = plain(linear("#e9eef0"), gloss=0.4), 0.1
    parts = [
        trough(PORCELAIN, (width, depth, tray), (0, 0, 0), 0.05, 0.05, (0.02, 0.06)),
        box(tiles, (width - 0.02, 0.012, height - tray - 0.01), (0, depth / 2 - 0.012, tray - 0.001)),
        box(tiles, (0.012, depth - 0.04, height - tray - 0.01), (-width / 2 + 0.012, 0, tray - 0.001)),
        box(PANE, (0.008, depth - 0.06, height - tray - 0.04), (width / 2 - 0.02, 0, tray + 0.01)),
        lathe(CHROME, [(0, 0), (0.04, 0), (0.04, 0.004), (0, 0.005)], (0, 0, 0.049), 16),
    ]
    corners = [(sx * (width / 2 - 0.02), sy * (depth / 2 - 0.02)) for sx in (-1, 1) for sy in (-1, 1)]
    parts += [box(frame, (0.03, 0.03, height - tray), (x, y, tray - 0.002), 0.004) for x, y in corners]
    parts += [box(frame, (width - 0.05, 0.028, 0.035), (0, s * (depth / 2 - 0.0205), height - 0.036)) for s in (-1, 1)]
    parts += [box(frame, (0.028, depth - 0.05, 0.035), (s * (width / 2 - 0.02), 0, height - 0.036)) for s in (-1, 1)]
    half, y = width / 2 - 0.04, -depth / 2 + 0.02
    leaf = [
        box(PANE, (half, 0.008, height - tray - 0.08), (-half / 2, 0, 0.01)),
        box(frame, (0.02, 0.02, height - tray - 0.07), (-half, 0, 0.006), 0.003),
    ]
    fixed = [moved(part, (0.0, y, tray)) for part in leaf]
    parts += fixed
    if variant == "door ajar":
        door = [turned(turned(part, "z", 180), "z", 70, (half, 0, 0)) for part in leaf]
        door.append(turned(box(frame, (0.02, 0.06, 0.25), (0.05, 0, 0.75), 0.004), "z", 70, (half, 0, 0)))
        parts += [moved(part, (0.0, y, tray + 0.002)) for part in door]
    x, y, head = -0.1, depth / 2 - 0.03, height - 0.16
    riser = [
        (x, y, 1.0),
        (x, y, head),
        (x, y - 0.06, head + 0.05),
        (x, y - 0.28, head + 0.05),
        (x, y - 0.3, head + 0.02),
    ]
    rose = [(0, 0), (0.09, 0), (0.09, 0.012), (0.02, 0.03), (0, 0.03)]
    parts += [tube(CHROME, riser, 0.011), lathe(CHROME, rose, (x, y - 0.3, head - 0.005))]
    parts.append(box(CHROME, (0.26, 0.05, 0.05), (x, y - 0.01, 1.0), 0.015))
    return standing("shower cabin", parts)


CATEGORIES = (
    Category("toilet", "wall_side", toilet, ((0.34, 0.6, 0.7), (0.45, 0.78, 0.95)), ("lid down", "lid up")),
    Category(
        "washbasin",
        "wall_side",
        washbasin,
        ((0.45, 0.38, 0.9), (0.95, 0.6, 1.15)),
        ("pedestal", "cupboard", "table"),
    ),
    Category("bathtub", "wall_side", bathtub, ((1.4, 0.65, 0.5), (1.9, 1.05, 0.95)), ("boxed in", "oval", "on feet")),
    Category(
        "shower cabin", "wall_side", shower_cabin, ((0.7, 0.7, 1.85), (1.1, 1.35, 2.2)), ("half open", "door ajar")
    ),
)
