"""Rooms in which people live: living room, bedroom, studio, hallway."""

from generation.scenes.procedural import groups
from generation.scenes.procedural.habits import leaning
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.themes.theme import Theme


def entrance(arranger: Arranger) -> None:
    """Coat rack, bench and a row of shoes along one wall, a mirror on another."""
    rng = arranger.rng
    shoe = arranger.make("shoe")
    things = [arranger.make("coat rack"), *([shoe] * arranger.some(2, 5)), arranger.make("bench")]
    if rng.random() < 0.5:
        things.reverse()
    arranger.row(things, front_m=0.35)
    mirror = arranger.make("mirror")
    if rng.random() < 0.6:
        arranger.hang(mirror, (1.3, 1.6))
    else:
        arranger.along_wall(leaning(mirror, rng))


def wardrobe_corner(arranger: Arranger) -> None:
    """Wardrobe along a wall, with room to open it and mostly something kept on top."""
    wardrobe = arranger.along_wall(arranger.make("wardrobe"), front_m=0.5)
    if not wardrobe:
        return
    for label in ("suitcase", "cardboard box", "basket", "book")[: arranger.some(0, 3)]:
        arranger.rest_on(arranger.make(label), wardrobe)


def dressing_place(arranger: Arranger) -> None:
    """Dressing table at a wall, a stool or an ottoman before it, small things on it."""
    rng = arranger.rng
    table = arranger.along_wall(arranger.make("dressing table"))
    if table:
        arranger.seat(arranger.make(("stool", "ottoman")[rng.integers(2)]), table, groups.FRONT)
        for label in ("candle", "bottle", "vase", "book")[: arranger.some(1, 3)]:
            arranger.rest_on(arranger.make(label), table)


def childs_bed(arranger: Arranger) -> None:
    """Bunk bed or crib at a wall, a toy or pillow in it."""
    rng = arranger.rng
    bed = arranger.along_wall(arranger.make(("bunk bed", "bunk bed", "crib")[rng.integers(3)]), front_m=0.3)
    if bed and bed.asset.surfaces:
        for label in ("pillow", "teddy bear")[: arranger.some(1, 2)]:
            arranger.rest_on(arranger.make(label), bed)


def toys(arranger: Arranger) -> None:
    """A rug with toys on it."""
    rng = arranger.rng
    rug = arranger.free_standing(arranger.make("rug"), turn="square")
    if rug:
        low, high = rug.asset.bounds
        for label in rng.permutation(["ball", "teddy bear", "skateboard", "book"])[: arranger.some(1, 3)]:
            arranger.beside(
                arranger.make(str(label)), rug, tuple(rng.uniform(low[:2], high[:2])), rng.uniform(0, 6.28)
            )


THEMES = {
    "living room": Theme(
        groups=(
            (groups.lounge, 1, 1), (groups.shelves, 1, 2), (groups.dining_place, 0, 1), (groups.wall_shelf, 0, 2),
            (groups.pile_of_books, 0, 2),
        ),
        needs=("sofa",),
        fill={
            "mug": (0.8, 5), "pillow": (1.4, 7), "armchair": (0.7, 3), "wine glass": (0.6, 6), "bowl": (0.6, 4),
            "table lamp": (0.8, 3), "bench": (0.4, 1), "guitar": (0.5, 3), "piano": (0.4, 1), "globe": (0.3, 1),
            "ball": (0.4, 4), "teddy bear": (0.4, 3), "cabinet": (0.6, 2), "floor lamp": (0.8, 2), "candle": (0.6, 5),
            "mirror": (0.3, 1), "fan": (0.3, 1), "speaker": (0.5, 4), "rug": (0.3, 1), "ottoman": (0.7, 3),
            "side table": (0.7, 3), "telephone": (0.2, 1), "aquarium": (0.5, 1), "record player": (0.5, 1),
            "tissue box": (0.4, 2), "vacuum cleaner": (0.3, 1), "fruit bowl": (0.4, 2), "teapot": (0.3, 2),
        },
        extras=(groups.shelves, groups.dining_place, groups.workplace),
    ),
    "bedroom": Theme(
        groups=(
            (groups.sleeping_place, 1, 1), (wardrobe_corner, 1, 1), (groups.workplace, 0, 1), (groups.shelves, 0, 1),
            (groups.wall_shelf, 0, 2), (dressing_place, 0, 1), (groups.pile_of_books, 0, 1),
        ),
        needs=("bed", "pillow"),
        fill={
            "clothes rack": (0.5, 1), "laundry basket": (0.6, 1), "ottoman": (0.5, 2), "crib": (0.2, 1),
            "dresser": (1.0, 1), "teddy bear": (0.8, 6), "rug": (0.8, 1), "shoe": (1.0, 8), "table lamp": (0.8, 4),
            "armchair": (0.5, 2), "bench": (0.4, 1), "pillow": (0.8, 6), "mug": (0.5, 3), "ball": (0.4, 3),
            "skateboard": (0.3, 2), "guitar": (0.4, 2), "laptop": (0.4, 2), "nightstand": (0.3, 3), "mirror": (0.6, 1),
            "floor lamp": (0.5, 2), "candle": (0.3, 4), "fan": (0.4, 1), "suitcase": (0.5, 3), "towel": (0.2, 2),
            "alarm clock": (0.8, 2), "tissue box": (0.6, 3), "hair dryer": (0.3, 1), "vacuum cleaner": (0.15, 1),
        },
        extras=(groups.sleeping_place, groups.shelves, groups.workplace),
    ),
    "children's room": Theme(
        groups=(
            (childs_bed, 1, 1), (toys, 0, 1), (wardrobe_corner, 0, 1), (groups.workplace, 0, 1),
            (groups.shelves, 1, 1), (groups.wall_shelf, 0, 2),
        ),
        fill={
            "teddy bear": (1.6, 8), "ball": (1.2, 6), "skateboard": (0.7, 4), "shoe": (0.9, 8), "dresser": (0.7, 1),
            "guitar": (0.5, 2), "ottoman": (0.7, 3), "pillow": (0.9, 6), "stool": (0.6, 3), "globe": (0.7, 2),
            "crib": (0.3, 1), "rug": (0.5, 1), "laundry basket": (0.5, 2), "table lamp": (0.6, 3), "fan": (0.3, 1),
            "wall map": (0.5, 1), "laptop": (0.3, 2), "speaker": (0.4, 2), "mug": (0.4, 3), "piano": (0.15, 1),
            "basket": (0.9, 4), "microscope": (0.2, 1), "bulletin board": (0.3, 1), "bookshelf": (0.3, 2),
            "aquarium": (0.4, 1), "alarm clock": (0.5, 1), "tissue box": (0.4, 2),
        },
        objects=(30, 46),
        extras=(groups.shelves, toys, groups.workplace),
        everywhere=0.8,
    ),
    "studio": Theme(
        groups=(
            (groups.sleeping_place, 0, 1), (groups.lounge, 0, 1), (groups.dining_place, 0, 1),
            (groups.workplace, 1, 2), (groups.shelves, 1, 2), (wardrobe_corner, 0, 1), (groups.wall_shelf, 0, 2),
        ),
        fill={
            "clothes rack": (0.5, 1), "ironing board": (0.4, 1), "ottoman": (0.4, 2), "side table": (0.4, 2),
            "laundry basket": (0.3, 1), "mug": (1.0, 6), "pillow": (0.8, 6), "armchair": (0.7, 3),
            "table lamp": (0.7, 4), "bowl": (0.6, 4), "guitar": (0.5, 3), "skateboard": (0.6, 4), "shoe": (0.8, 8),
            "rug": (0.6, 1), "ball": (0.5, 4), "ladder": (0.3, 1), "washing machine": (0.3, 1), "bicycle": (0.5, 1),
            "refrigerator": (0.4, 1), "floor lamp": (0.6, 2), "speaker": (0.6, 4), "mirror": (0.3, 1),
            "record player": (0.4, 1), "vacuum cleaner": (0.4, 1), "iron": (0.3, 1), "coffee machine": (0.4, 1),
            "alarm clock": (0.3, 1),
        },
        extras=(groups.shelves, groups.lounge, groups.dining_place),
    ),
    "hallway": Theme(
        groups=((entrance, 1, 1), (wardrobe_corner, 0, 1), (groups.wall_shelf, 0, 1)),
        needs=("shoe",),
        fill={
            "telephone": (0.5, 1), "ironing board": (0.4, 1), "clothes rack": (0.4, 1), "laundry basket": (0.4, 2),
            "side table": (0.5, 1), "bucket": (0.3, 2), "trash can": (0.3, 1), "shoe": (1.4, 8), "umbrella": (1.0, 3),
            "backpack": (0.9, 4), "suitcase": (0.8, 3), "bicycle": (0.5, 1), "dresser": (0.7, 1), "cabinet": (0.6, 1),
            "skateboard": (0.5, 3), "ball": (0.5, 3), "coat rack": (0.3, 2), "mirror": (0.4, 2),
            "table lamp": (0.5, 2), "stool": (0.5, 2), "bench": (0.3, 1), "vacuum cleaner": (0.6, 1), "iron": (0.3, 1),
        },
        objects=(16, 26),
        categories=9,
    ),
}  # fmt: skip
