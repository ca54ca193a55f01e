"""Rooms with taps: kitchen and bathroom."""

from generation.scenes.procedural import groups
from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.groups import size_of
from generation.scenes.procedural.layout import HANGING_GAP_M, Arranger
from generation.scenes.procedural.matching import front_of, repainted, worktop_of
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.themes.theme import Theme


# Free floor before units, and before what one stands or sits down at in a bathroom
UNIT_FRONT_M, BATH_FRONT_M = 0.8, 0.6
ABOVE_COUNTER_M = 1.42
COUNTER_THINGS = (
    "kettle", "toaster", "microwave", "cooking pot", "bowl", "bottle", "mug", "plate", "frying pan", "coffee machine",
    "blender", "knife block", "cutting board", "jar", "fruit bowl", "teapot",
)  # fmt: skip


def fitted_kitchen(arranger: Arranger) -> None:
    """Units in one row along a wall, cabinets and a hood hung above them, and on them what one cooks with."""
    rng = arranger.rng
    labels = ["kitchen counter", "kitchen sink", "dishwasher", "stove", "kitchen counter"]
    if rng.random() < 0.5:
        labels[1:4] = labels[3:0:-1]
    labels.insert(0 if rng.random() < 0.5 else len(labels), "refrigerator")
    units = [arranger.make(label) for label in labels]
    model = units[labels.index("kitchen counter")]
    for k, unit in enumerate(units):
        if unit.label in ("kitchen counter", "kitchen sink"):
            unit = repainted(unit, worktop_of(unit), worktop_of(model))
            units[k] = repainted(unit, front_of(unit), front_of(model))
    row = arranger.row(units, UNIT_FRONT_M)
    cabinet_model = model if rng.random() < 0.7 else arranger.make("wall cabinet")
    for unit in row:
        if unit.label == "stove":
            _above(arranger, arranger.make("range hood"), unit, 1.55)
        elif unit.label in ("kitchen counter", "dishwasher", "kitchen sink") and rng.random() < 0.7:
            cabinet = arranger.make("wall cabinet")
            cabinet = repainted(cabinet, front_of(cabinet), front_of(cabinet_model))
            _above(arranger, cabinet, unit, ABOVE_COUNTER_M)
    tops = [unit for unit in row if unit.asset.surfaces and unit.label != "refrigerator"]
    for label in rng.permutation(COUNTER_THINGS)[: arranger.some(2, 6)]:
        if tops:
            arranger.rest_on(arranger.make(str(label)), tops[rng.integers(len(tops))])


def _above(arranger: Arranger, asset: Asset, unit: Placement, foot_m: float, aside_m: float = 0.0) -> Placement | None:
    """Hung above a unit at the same wall, or `aside_m` to its side, its lower edge `foot_m` high."""
    low, high = asset.bounds
    back = unit.to_world(unit.asset.bounds[1][None] * [[0, 1, 0]])[0]
    facing = [wall for wall in arranger.room.walls if wall.yaw == unit.yaw]
    wall = min(facing, key=lambda wall: abs((back - wall.at(0, 0, 0)) @ (wall.at(0, 1, 0) - wall.at(0, 0, 0))))
    x = float((back - wall.at(0, 0, 0)) @ (wall.at(1, 0, 0) - wall.at(0, 0, 0))) + aside_m
    return arranger.put(asset, wall.at(x, -high[1] - HANGING_GAP_M, foot_m - low[2]), wall.yaw, gap_m=0.002)


def washing_place(arranger: Arranger) -> None:
    """Washbasin at a wall with free floor before it, a mirror above, and a shelf for what one washes with."""
    basin = arranger.along_wall(arranger.make("washbasin"), front_m=BATH_FRONT_M)
    if not basin:
        return
    mirror = _above(arranger, arranger.make("mirror"), basin, 1.15)
    shelf = arranger.make("wall shelf", "board")
    side = arranger.rng.choice([-1, 1])
    away = (size_of(basin.asset) + size_of(shelf))[0] / 2 + 0.05
    placed = _above(arranger, shelf, basin, float(arranger.rng.uniform(0.9, 1.5)), side * away) if mirror else None
    if placed:
        things = ("soap dispenser", "toothbrush holder", "bottle", "towel")[: arranger.some(2, 4)]
        arranger.line_up([arranger.make(label) for label in things], placed, placed.asset.surfaces[0])


def toilet(arranger: Arranger) -> None:
    """At a wall, with free floor before it, and within reach paper and a brush."""
    rng = arranger.rng
    placed = arranger.along_wall(arranger.make("toilet"), gap_m=0.15, front_m=BATH_FRONT_M)
    if placed:
        side = rng.choice([-1, 1])
        _above(arranger, arranger.make("toilet paper holder"), placed, 0.65, side * 0.42)
        if rng.random() < 0.7:
            arranger.beside(arranger.make("toilet brush"), placed, (-side * 0.36, 0.15))


def bathing_place(arranger: Arranger) -> None:
    """A tub or a shower with room to step out, perhaps onto a mat."""
    placed = None
    for label in arranger.rng.permutation(["bathtub", "shower cabin"]):
        placed = placed or arranger.along_wall(arranger.make(str(label)), gap_m=0.002, front_m=0.4)
    if placed and arranger.rng.random() < 0.7:
        mat = arranger.make("bath mat")
        arranger.beside(mat, placed, (0.0, float(placed.asset.bounds[0][1]) - size_of(mat)[1] / 2 - 0.05))


def laundry(arranger: Arranger) -> None:
    """Washing machine at a wall, with something on it."""
    machine = arranger.along_wall(arranger.make("washing machine"), gap_m=0.01, front_m=0.5)
    if machine:
        for label in ("basket", "bottle")[: arranger.some(0, 2)]:
            arranger.rest_on(arranger.make(label), machine)


THEMES = {
    "kitchen": Theme(
        groups=((fitted_kitchen, 1, 1), (groups.dining_place, 0, 1), (groups.wall_shelf, 0, 2)),
        needs=("kitchen counter", "kitchen sink", "stove"),
        fill={
            "mug": (1.0, 8), "bowl": (0.9, 7), "plate": (0.9, 8), "cabinet": (0.8, 3), "bench": (0.4, 2),
            "kettle": (0.7, 1), "cooking pot": (0.8, 5), "frying pan": (0.7, 4), "microwave": (0.6, 1),
            "toaster": (0.6, 1), "wine glass": (0.7, 8), "pendant lamp": (0.4, 3), "washing machine": (0.2, 1),
            "dining chair": (0.5, 6), "stool": (0.8, 5), "bottle": (0.8, 7), "basket": (0.6, 4), "towel": (0.5, 4),
            "soap dispenser": (0.5, 2), "bucket": (0.4, 2), "water cooler": (0.2, 1), "telephone": (0.2, 1),
            "picture": (1.0, 5), "suitcase": (0.05, 1), "backpack": (0.2, 2), "umbrella": (0.1, 1), "jar": (1.0, 8),
            "coffee machine": (0.7, 1), "blender": (0.6, 1), "knife block": (0.5, 1), "teapot": (0.5, 2),
            "cutting board": (0.7, 3), "cereal box": (0.8, 5), "fruit bowl": (0.6, 2), "vacuum cleaner": (0.1, 1),
        },
        extras=(groups.dining_place, groups.shelves),
        everywhere=0.6,
    ),
    "bathroom": Theme(
        groups=(
            (bathing_place, 1, 1), (toilet, 1, 1), (washing_place, 1, 2), (laundry, 0, 1), (groups.wall_shelf, 0, 2),
        ),
        needs=("toilet", "washbasin"),
        fill={
            "towel rail": (1.4, 2), "bottle": (1.2, 7), "basket": (0.7, 2), "candle": (0.6, 4), "stool": (0.7, 2),
            "mirror": (0.5, 2), "cabinet": (0.6, 1), "mug": (0.4, 2), "shoe": (0.3, 4), "washing machine": (0.3, 1),
            "wall cabinet": (0.6, 1), "vase": (0.3, 2), "towel": (1.6, 6), "soap dispenser": (1.0, 3),
            "toothbrush holder": (0.8, 3), "laundry basket": (1.0, 2), "bathroom scale": (0.8, 1),
            "bath mat": (0.8, 2), "bucket": (0.5, 2), "picture": (0.4, 2), "book": (0.1, 2), "suitcase": (0.02, 1),
            "backpack": (0.05, 1), "cardboard box": (0.1, 1), "umbrella": (0.02, 1), "ironing board": (0.3, 1),
            "potted plant": (0.5, 2), "bicycle": (0.0, 0), "fire extinguisher": (0.0, 0), "fan": (0.1, 1),
            "floor lamp": (0.05, 1), "globe": (0.0, 0), "hair dryer": (0.7, 1), "tissue box": (0.5, 2),
            "iron": (0.2, 1),
        },
        objects=(18, 30),
        categories=10,
        everywhere=0.3,
    ),
}  # fmt: skip
