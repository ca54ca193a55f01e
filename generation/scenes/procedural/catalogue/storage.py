"""Shelves, cabinets and other case furniture; fronts face -y."""

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue.assembly import carcass, drawer_fronts, four_legs, standing, top_of
from generation.scenes.procedural.catalogue.palette import BLACK, BRASS, GREY, metal, wood_or_paint
from generation.scenes.procedural.shapes import box, ellipsoid


def bookshelf(rng: np.random.Generator) -> Asset:
    """Open upright case of 4 or 5 shelves: 1.4 to 2.0 m high, 0.7 to 1.0 m wide."""
    width, depth, height = rng.uniform(0.7, 1.0), rng.uniform(0.28, 0.34), rng.uniform(1.4, 2.0)
    material, board, plinth = wood_or_paint(rng), 0.022, 0.07
    levels = int(height // 0.34)
    parts = carcass(material, width, depth, height - plinth, plinth, board)
    parts.append(box(material, (width - 0.01, depth - 0.03, plinth), (0, 0.005, 0)))
    pitch = (height - plinth - board) / levels
    x, y = width / 2 - 0.04, (-depth / 2 + 0.02, depth / 2 - 0.03)
    surfaces = [top_of(width, depth, height)]
    for level in range(levels):
        z = plinth + level * pitch
        if level:
            parts.append(box(material, (width - 2 * board, depth - 0.012, board), (0, -0.005, z)))
        surfaces.append(Surface((-x, x), y, z + board, pitch - board))
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


def cabinet(rng: np.random.Generator) -> Asset:
    """Low cabinet on legs with two or three doors: 0.8 to 1.4 m wide, 0.75 to 0.9 m high."""
    doors = int(rng.integers(2, 4))
    width, depth, height = rng.uniform(0.4, 0.46) * doors, rng.uniform(0.38, 0.45), rng.uniform(0.75, 0.9)
    material, handle, lift = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY), rng.uniform(0.1, 0.18)
    parts = four_legs(material, width - 0.06, depth - 0.06, lift + 0.005, 0.045)
    parts.append(box(material, (width, depth - 0.02, height - lift - 0.025), (0, 0.01, lift), 0.003))
    parts.append(box(material, (width + 0.02, depth + 0.02, 0.025), (0, 0, height - 0.025), 0.005))
    edges = np.linspace(-width / 2 + 0.015, width / 2 - 0.015, doors + 1)
    for door in range(doors):
        hinge = -1 if door % 2 == 0 else 1
        x, z = (edges[door], edges[door + 1]), (lift + 0.015, height - 0.035)
        parts += _door(material, handle, x, z, -depth / 2 + 0.021, hinge, knob=True)
    return standing("cabinet", parts, [top_of(width, depth, height)])


def tv_stand(rng: np.random.Generator) -> Asset:
    """Low bench for a television, 1.3 to 1.7 m wide and 0.42 to 0.52 m high: open bays between two drawers."""
    width, depth, height = rng.uniform(1.3, 1.7), rng.uniform(0.38, 0.45), rng.uniform(0.42, 0.52)
    material, handle, board = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY), 0.022
    lift, side = rng.uniform(0.06, 0.12), rng.uniform(0.26, 0.3) * width
    body = height - lift
    parts = four_legs(material, width - 0.1, depth - 0.06, lift + 0.005, 0.04)
    parts += carcass(material, width, depth, body, lift, board)
    bay, inside = width - 2 * side, body - 2 * board
    z = lift + board
    for s in (-1, 1):
        x, block = s * (width - side) / 2 - s * board / 2, side - board
        parts.append(box(material, (block, depth - 0.04, inside), (x, 0.01, z)))
        parts += drawer_fronts(material, handle, block, [inside / 2] * 2, x, -depth / 2 + 0.011, z)
    parts.append(box(material, (bay, depth - 0.03, 0.016), (0, 0.005, z + inside / 2)))
    x, y = bay / 2 - 0.02, (-depth / 2 + 0.03, depth / 2 - 0.03)
    bays = [Surface((-x, x), y, level, inside / 2 - 0.016) for level in (z, z + inside / 2 + 0.016)]
    return standing("tv stand", parts, [top_of(width, depth, height), *bays])


def wardrobe(rng: np.random.Generator) -> Asset:
    """Tall clothes cupboard with two or three doors: 0.9 to 1.5 m wide, 1.85 to 2.1 m high."""
    doors = int(rng.integers(2, 4))
    width, depth, height = rng.uniform(0.45, 0.5) * doors, rng.uniform(0.55, 0.6), rng.uniform(1.85, 2.1)
    material, handle = wood_or_paint(rng), metal(GREY if rng.random() < 0.5 else BRASS)
    parts = [
        box(material, (width - 0.02, depth - 0.05, 0.08), (0, 0.01, 0)),
        box(material, (width, depth - 0.02, height - 0.12), (0, 0.01, 0.08), 0.003),
        box(material, (width + 0.04, depth + 0.03, 0.04), (0, 0, height - 0.04), 0.008),
    ]
    edges = np.linspace(-width / 2 + 0.01, width / 2 - 0.01, doors + 1)
    for door in range(doors):
        hinge = -1 if door % 2 == 0 else 1
        x, z = (edges[door], edges[door + 1]), (0.09, height - 0.05)
        parts += _door(material, handle, x, z, -depth / 2 + 0.021, hinge, knob=False)
    return standing("wardrobe", parts)


def dresser(rng: np.random.Generator) -> Asset:
    """Chest of four or five rows of drawers: 0.75 to 1.1 m wide, 0.95 to 1.2 m high."""
    width, depth, height = rng.uniform(0.75, 1.1), rng.uniform(0.42, 0.5), rng.uniform(0.95, 1.2)
    material, handle = wood_or_paint(rng), metal(BLACK if rng.random() < 0.5 else GREY)
    rows, lift, top = int(rng.integers(4, 6)), 0.07, 0.025
    parts = [
        box(material, (width - 0.04, depth - 0.06, lift), (0, 0.01, 0)),
        box(material, (width, depth - 0.02, height - lift - top), (0, 0.01, lift), 0.003),
        box(material, (width + 0.02, depth + 0.02, top), (0, 0, height - top), 0.005),
    ]
    row = (height - lift - top - 0.02) / rows
    front, inner = -depth / 2 + 0.021, width - 0.03
    for side in (-1, 1):
        parts += drawer_fronts(material, handle, inner / 2, [row], side * inner / 4, front, height - top - 0.01 - row)
    parts += drawer_fronts(material, handle, inner, [row] * (rows - 1), 0, front, lift + 0.01)
    return standing("dresser", parts, [top_of(width, depth, height)])


CATEGORIES = (
    Category("bookshelf", "wall_side", bookshelf),
    Category("cabinet", "wall_side", cabinet),
    Category("tv stand", "wall_side", tv_stand),
    Category("wardrobe", "wall_side", wardrobe),
    Category("dresser", "wall_side", dresser),
)
