"""Shelves, cabinets and other case furniture; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import carcass, drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import BLACK, BRASS, GREY, metal, mirror_glass, wood, wood_or_paint
from generation.scenes.procedural.shapes import box, ellipsoid, tube


def bookshelf(rng: np.random.Generator, variant: str) -> Asset:
    """Upright shelves, 1.4 to 2.0 m high and 0.7 to 1.0 m wide: a case, a case with doors below, or a steel frame."""
    width, depth, height = rng.uniform(0.7, 1.0), rng.uniform(0.28, 0.34), rng.uniform(1.4, 2.0)
    material, board, plinth = wood_or_paint(rng), 0.022, 0.07
    levels = int(height // 0.34)
    x, y = width / 2 - 0.04, (-depth / 2 + 0.02, depth / 2 - 0.03)
    if variant == "steel frame":
        frame, timber, parts, surfaces = metal(BLACK), wood(rng), [], []
        for side in (-1, 1):
            at = side * (width / 2 - 0.012)
            parts += [box(frame, (0.024, 0.024, height), (at, s * (depth / 2 - 0.012), 0)) for s in (-1, 1)]
            parts += [box(frame, (0.022, depth - 0.048, 0.022), (at, 0, z)) for z in (0.04, height - 0.024)]
        pitch = (height - 0.1) / (levels - 1)
        for level in range(levels):
            z = 0.07 + level * pitch
            parts.append(box(timber, (width - 0.049, depth - 0.004, 0.024), (0, 0, z)))
            clearance = pitch - 0.024 if level < levels - 1 else float("inf")
            surfaces.append(Surface((-x, x), y, z + 0.024, clearance))
        corners = [(width / 2 - 0.02, depth / 2 - 0.004, 0.1), (-width / 2 + 0.02, depth / 2 - 0.004, height - 0.1)]
        parts.append(tube(frame, corners, 0.005, 5))
        return standing("bookshelf", parts, surfaces)
    parts = carcass(material, width, depth, height - plinth, plinth, board)
    parts.append(box(material, (width - 0.01, depth - 0.03, plinth), (0, 0.005, 0)))
    pitch = (height - plinth - board) / levels
    surfaces = [top_of(width, depth, height)]
    closed = 2 if variant == "doors below" else 0
    for level in range(levels):
        z = plinth + level * pitch
        if level:
            parts.append(box(material, (width - 2 * board, depth - 0.012, board), (0, -0.005, z)))
        if level >= closed:
            surfaces.append(Surface((-x, x), y, z + board, pitch - board))
    if closed:
        handle, half = metal(BLACK if rng.random() < 0.5 else GREY), width / 2 - 0.004
        z = (plinth + 0.004, plinth + closed * pitch + 0.5 * board)
        for side in (-1, 1):
            edges = (min(0, side * half), max(0, side * half))
            parts += _door(material, handle, edges, z, -depth / 2 + 0.0005, side, knob=True)
    return standing("bookshelf", parts, surfaces)


def _door(material: Material, handle: Material, x: tuple, z: tuple, y: float, hinge: int, knob: bool) -> list[Part]:
    """Framed door in front of `y`, its handle on the side away from the `hinge` (-1 left, 1 right)."""
    (x0, x1), (z0, z1) = x, z
    width, height, middle = x1 - x0 - 0.004, z1 - z0 - 0.004, (x0 + x1) / 2
    rim = 0.06
    parts = [box(material, (width - 2 * rim, 0.01, height - 2 * rim), (middle, y - 0.005, z0 + 0.002 + rim))]
    for side in (-1, 1):
        stile = (middle + side * (width - rim) / 2, y - 0.01, z0 + 0.002)
        parts.append(box(material, (rim, 0.02, height), stile, 0.002))
        end = z0 + 0.002 if side < 0 else z0 + 0.002 + height - rim
        parts.append(box(material, (width - 2 * rim, 0.02, rim), (middle, y - 0.01, end)))
    at = middle - hinge * (width / 2 - rim / 2)
    if knob:
        parts.append(ellipsoid(handle, (0.03, 0.03, 0.03), (at, y - 0.032, (z0 + z1) / 2), 8))
    else:
        parts.append(box(handle, (0.014, 0.03, 0.22), (at, y - 0.033, (z0 + z1) / 2 - 0.11), 0.004))
    return parts


def cabinet(rng: np.random.Generator, variant: str) -> Asset:
    """Low cabinet on legs, 0.8 to 1.4 m wide and 0.75 to 0.9 m high: doors, drawers beside a door, or slats."""
    doors = int(rng.integers(2, 4)) if variant != "drawers" else 2
    width, depth, height = rng.uniform(0.4, 0.46) * doors, rng.uniform(0.38, 0.45), rng.uniform(0.75, 0.9)
    material, handle, lift = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY), rng.uniform(0.1, 0.18)
    parts = four_legs(material, width - 0.06, depth - 0.06, lift + 0.005, 0.045, sides=4 if variant == "doors" else 10)
    parts.append(box(material, (width, depth - 0.02, height - lift - 0.025), (0, 0.01, lift), 0.003))
    parts.append(box(material, (width + 0.02, depth + 0.02, 0.025), (0, 0, height - 0.025), 0.005))
    edges = np.linspace(-width / 2 + 0.015, width / 2 - 0.015, doors + 1)
    front, (z0, z1) = -depth / 2 + 0.021, (lift + 0.015, height - 0.035)
    for door in range(doors):
        hinge, x = -1 if door % 2 == 0 else 1, (edges[door], edges[door + 1])
        if variant == "drawers" and door == 0:
            parts += drawer_fronts(material, handle, x[1] - x[0], [(z1 - z0) / 3] * 3, sum(x) / 2, front, z0)
        elif variant == "slats":
            parts.append(box(material, (x[1] - x[0] - 0.006, 0.008, z1 - z0), (sum(x) / 2, front - 0.004, z0)))
            for at in np.linspace(x[0] + 0.018, x[1] - 0.018, 11):
                parts.append(box(material, (0.018, 0.014, z1 - z0 - 0.006), (at, front - 0.0145, z0 + 0.003)))
            parts.append(
                ellipsoid(handle, (0.026,) * 3, (x[0 if hinge > 0 else 1] + hinge * 0.03, front - 0.032, 0.55), 8)
            )
        else:
            parts += _door(material, handle, x, (z0, z1), front, hinge, knob=True)
    return standing("cabinet", parts, [top_of(width, depth, height)])


def tv_stand(rng: np.random.Generator, variant: str) -> Asset:
    """Low bench for a television, 1.3 to 1.7 m wide and 0.42 to 0.52 m high: bays and drawers, open, or doors."""
    width, depth, height = rng.uniform(1.3, 1.7), rng.uniform(0.38, 0.45), rng.uniform(0.42, 0.52)
    material, handle, board = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY), 0.022
    if variant == "open":
        frame, shelf = metal(BLACK), 0.14
        parts = four_legs(frame, width - 0.02, depth - 0.02, height - 0.029, 0.03)
        parts.append(box(material, (width, depth, 0.03), (0, 0, height - 0.03), 0.004))
        parts.append(box(material, (width - 0.04, depth - 0.04, 0.022), (0, 0, shelf - 0.022), 0.002))
        parts += [box(frame, (0.026, depth - 0.08, 0.026), (s * (width / 2 - 0.025), 0, 0.02)) for s in (-1, 1)]
        clear = height - 0.03 - shelf
        return standing(
            "tv stand", parts, [top_of(width, depth, height), top_of(width - 0.1, depth - 0.08, shelf, clear)]
        )
    lift, side = rng.uniform(0.06, 0.12), rng.uniform(0.26, 0.3) * width
    body = height - lift
    parts = four_legs(material, width - 0.1, depth - 0.06, lift + 0.005, 0.04)
    parts += carcass(material, width, depth, body, lift, board)
    bay, inside = width - 2 * side, body - 2 * board
    z = lift + board
    for s in (-1, 1):
        x, block = s * (width - side) / 2 - s * board / 2, side - board
        parts.append(box(material, (block, depth - 0.04, inside), (x, 0.01, z)))
        if variant == "doors":
            parts += _door(
                material, handle, (x - block / 2, x + block / 2), (z, z + inside), -depth / 2 + 0.011, s, True
            )
        else:
            parts += drawer_fronts(material, handle, block, [inside / 2] * 2, x, -depth / 2 + 0.011, z)
    x, y = bay / 2 - 0.02, (-depth / 2 + 0.03, depth / 2 - 0.03)
    if variant == "doors":
        bays = [Surface((-x, x), y, z, inside)]
    else:
        parts.append(box(material, (bay, depth - 0.03, 0.016), (0, 0.005, z + inside / 2)))
        bays = [Surface((-x, x), y, level, inside / 2 - 0.016) for level in (z, z + inside / 2 + 0.016)]
    return standing("tv stand", parts, [top_of(width, depth, height), *bays])


def wardrobe(rng: np.random.Generator, variant: str) -> Asset:
    """Tall clothes cupboard, 0.9 to 1.5 m wide and 1.85 to 2.1 m high: doors, sliding doors, or drawers below."""
    doors = int(rng.integers(2, 4)) if variant != "sliding doors" else 2
    width, depth, height = rng.uniform(0.45, 0.5) * doors, rng.uniform(0.55, 0.6), rng.uniform(1.85, 2.1)
    width *= 1.45 if variant == "sliding doors" else 1.0
    material, handle = wood_or_paint(rng), metal(GREY if rng.random() < 0.5 else BRASS)
    parts = [
        box(material, (width - 0.02, depth - 0.05, 0.08), (0, 0.01, 0)),
        box(material, (width, depth - 0.02, height - 0.12), (0, 0.01, 0.08), 0.003),
        box(material, (width + 0.04, depth + 0.03, 0.04), (0, 0, height - 0.04), 0.008),
    ]
    front = -depth / 2 + 0.021
    if variant == "sliding doors":
        mirror, frame, low, rise = mirror_glass(), metal(GREY), 0.1, height - 0.155
        for k, side in enumerate((-1, 1)):
            x, y, half = side * (width / 4 - 0.01), front - 0.012 * k, width / 2 + 0.02
            parts.append(
                box(mirror if k == 0 else material, (half - 0.05, 0.01, rise - 0.04), (x, y - 0.005, low + 0.02))
            )
            for s in (-1, 1):
                parts.append(box(frame, (0.03, 0.0119, rise), (x + s * (half - 0.03) / 2, y - 0.006, low), 0.002))
                parts.append(
                    box(frame, (half - 0.06, 0.0117, 0.025), (x, y - 0.006, low if s < 0 else low + rise - 0.025))
                )
        parts += [box(frame, (width - 0.02, 0.03, 0.02), (0, front - 0.012, z)) for z in (0.079, height - 0.0595)]
        return standing("wardrobe", parts)
    edges = np.linspace(-width / 2 + 0.01, width / 2 - 0.01, doors + 1)
    low = 0.09
    if variant == "drawers below":
        low = 0.5
        for s in (-1, 1):
            parts += drawer_fronts(
                material, handle, width / 2 - 0.012, [0.2, 0.2], s * (width / 4 - 0.005), front, 0.092
            )
    for door in range(doors):
        hinge = -1 if door % 2 == 0 else 1
        parts += _door(
            material, handle, (edges[door], edges[door + 1]), (low, height - 0.05), front, hinge, knob=False
        )
    return standing("wardrobe", parts)


def dresser(rng: np.random.Generator, variant: str) -> Asset:
    """Chest of drawers, 0.95 to 1.2 m high: four or five rows, on tall legs, or narrow with six or seven rows."""
    width, depth, height = rng.uniform(0.75, 1.1), rng.uniform(0.42, 0.5), rng.uniform(0.95, 1.2)
    rows, lift, top = int(rng.integers(4, 6)), 0.07, 0.025
    if variant == "narrow":
        width, height, rows = rng.uniform(0.45, 0.55), rng.uniform(1.15, 1.3), int(rng.integers(6, 8))
    material, handle = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY)
    if variant == "on legs":
        lift, rows, height = 0.2, 3, rng.uniform(0.8, 0.95)
        parts = four_legs(material, width - 0.03, depth - 0.03, lift + 0.005, 0.045, sides=10)
    else:
        parts = [box(material, (width - 0.04, depth - 0.06, lift), (0, 0.01, 0))]
    parts += [
        box(material, (width, depth - 0.02, height - lift - top), (0, 0.01, lift), 0.003),
        box(material, (width + 0.02, depth + 0.02, top), (0, 0, height - top), 0.005),
    ]
    row = (height - lift - top - 0.02) / rows
    front, inner = -depth / 2 + 0.021, width - 0.03
    pairs = {"rows": 1, "on legs": 3, "narrow": 0}[variant]
    for k in range(rows):
        z = height - top - 0.01 - (k + 1) * row
        for x, span in ((-inner / 4, inner / 2), (inner / 4, inner / 2)) if k < pairs else ((0, inner),):
            parts += drawer_fronts(material, handle, span, [row], x, front, z)
    return standing("dresser", parts, [top_of(width, depth, height)])


CATEGORIES = (
    Category(
        "bookshelf",
        "wall_side",
        bookshelf,
        ((0.6, 0.2, 1.3), (1.1, 0.42, 2.1)),
        ("case", "doors below", "steel frame"),
    ),
    Category("cabinet", "wall_side", cabinet, ((0.7, 0.35, 0.7), (1.5, 0.5, 1.0)), ("doors", "drawers", "slats")),
    Category(
        "tv stand",
        "wall_side",
        tv_stand,
        ((1.2, 0.3, 0.35), (1.8, 0.55, 0.6)),
        ("bays and drawers", "open", "doors"),
    ),
    Category(
        "wardrobe",
        "wall_side",
        wardrobe,
        ((0.8, 0.5, 1.75), (1.7, 0.7, 2.2)),
        ("doors", "sliding doors", "drawers below"),
    ),
    Category("dresser", "wall_side", dresser, ((0.42, 0.4, 0.75), (1.2, 0.6, 1.35)), ("rows", "on legs", "narrow")),
)
