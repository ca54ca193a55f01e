"""The workshop."""

from generation.scenes.procedural.groups import top_of
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.themes.theme import Theme


BENCH_FRONT_M = 0.7
BENCH_THINGS = (
    "vise", "hammer", "hand saw", "power drill", "toolbox", "paint can", "table lamp", "bottle", "speaker", "mug",
)  # fmt: skip
RACK_THINGS = (
    ("cardboard box",), ("bottle", "bottle", "bottle"), ("basket",), ("paint can", "paint can", "paint can"),
    ("toolbox",), ("power drill", "power drill"), ("jerrycan",), ("bucket",),
)  # fmt: skip


def bench(arranger: Arranger) -> None:
    """Workbench at a wall with room to stand before it, a tool chest or rack beside it, things on it, a stool."""
    rng = arranger.rng
    labels = ["workbench", ("tool chest", "storage rack")[rng.integers(2)]]
    if rng.random() < 0.5:
        labels.reverse()
    row = arranger.row([arranger.make(label) for label in labels], BENCH_FRONT_M)
    for placed in row:
        if placed.label == "workbench":
            for k in rng.permutation(len(BENCH_THINGS))[: arranger.some(2, 5)]:
                arranger.set_on(arranger.make(BENCH_THINGS[k]), placed, top_of(placed), yaw=rng.normal(0, 0.3))
        elif placed.label == "storage rack":
            stock(arranger, placed)


def rack(arranger: Arranger) -> None:
    """Storage rack at a wall, with boxes, bottles and baskets on its boards; one in three stands in the room."""
    asset = arranger.make("storage rack")
    placed = arranger.jutting(asset) if arranger.rng.random() < 1 / 3 else arranger.along_wall(asset, front_m=0.5)
    if placed:
        stock(arranger, placed)


def stock(arranger: Arranger, placed: Placement) -> None:
    """Things of a kind side by side on some of the boards."""
    rng = arranger.rng
    for k in rng.permutation(len(placed.asset.surfaces))[:3]:
        things = RACK_THINGS[rng.integers(len(RACK_THINGS))]
        arranger.line_up([arranger.make(label) for label in things], placed, placed.asset.surfaces[k])


def machines(arranger: Arranger) -> None:
    """One or two machines with room around them."""
    labels = arranger.rng.permutation(["table saw", "drill press", "air compressor"])
    for label in labels[: arranger.rng.integers(1, 4)]:
        asset = arranger.make(str(label))
        if label == "table saw":
            arranger.free_standing(asset, gap_m=0.6, turn="square")
        else:
            arranger.along_wall(asset, gap_m=0.2, front_m=0.6)


def trestles(arranger: Arranger) -> None:
    """A pair of sawhorses."""
    asset = arranger.make("sawhorse")
    first = arranger.free_standing(asset, gap_m=0.3, turn="square")
    if first:
        depth = (asset.bounds[1] - asset.bounds[0])[1]
        arranger.beside(asset, first, (0.0, depth + arranger.rng.uniform(0.4, 0.8)), arranger.rng.normal(0, 0.05))


THEMES = {
    "workshop": Theme(
        groups=((bench, 1, 2), (rack, 1, 2), (machines, 1, 1), (trestles, 0, 1)),
        needs=("workbench",),
        fill={
            "toolbox": (1.2, 5), "hammer": (0.8, 5), "hand saw": (0.7, 4), "power drill": (0.9, 5), "vise": (0.4, 2),
            "paint can": (1.2, 8), "bucket": (0.8, 4), "jerrycan": (0.8, 4), "wall shelf": (0.6, 3),
            "cardboard box": (1.2, 8), "bottle": (0.8, 8), "ladder": (0.8, 2), "stool": (0.9, 4), "bicycle": (0.6, 2),
            "locker": (0.6, 2), "tool chest": (0.6, 2), "sawhorse": (0.5, 4), "fire extinguisher": (0.8, 2),
            "fan": (0.6, 1), "basket": (0.7, 4), "mug": (0.6, 4), "trash can": (0.9, 3), "clock": (0.6, 1),
            "table lamp": (0.6, 3), "speaker": (0.5, 2), "bulletin board": (0.5, 1), "backpack": (0.4, 2),
            "suitcase": (0.4, 3), "radiator": (0.3, 1), "cooking pot": (0.2, 2), "skateboard": (0.2, 2),
            "whiteboard": (0.2, 1), "shoe": (0.2, 4), "picture": (0.4, 4), "candle": (0.02, 1), "vase": (0.05, 2),
        },
        objects=(32, 48),
        extras=(bench, rack),
        everywhere=0.25,
    )
}  # fmt: skip
