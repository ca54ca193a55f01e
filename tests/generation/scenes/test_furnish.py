"""What the rooms hold: numbers, and rules that make them read like rooms of their type."""

import ast
import inspect
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import shapely

from generation.rng import stage_rng
from generation.scenes.procedural import groups
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.furnish import furnish
from generation.scenes.procedural.habits import HABITS
from generation.scenes.procedural.occupancy import MAX_PER_CATEGORY
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.source import KINDS
from generation.scenes.procedural.styles import STYLES
from generation.scenes.procedural.themes import EVERYWHERE, THEMES, home, learning, making, wet, work


Furniture = list[Placement]
# Categories whose things are found both low and high
SPREAD = ("picture", "book", "potted plant", "cardboard box", "bottle", "vase", "basket", "teddy bear")


def furnished_room(kind: str, seed: int, clutter: float = 1.0) -> tuple[Room, Furniture]:
    room = build_room(kind, stage_rng(seed, "room"))
    return room, furnish((room,), stage_rng(seed, "layout"), clutter)


def rooms_of(all_furnished, kind: str) -> list[tuple[Room, Furniture]]:
    """All rooms of a type, single ones and those of flats, each with what it holds."""
    return [
        (room, [placed for placed in furniture if room.plan.buffer(1e-6).contains(placed.solids.ground)])
        for places in all_furnished.values() for rooms, furniture in places
        for room in rooms if room.kind == kind
    ]  # fmt: skip


def front(placed: Placement) -> np.ndarray:
    """Horizontal direction in which a thing faces."""
    return (placed.to_world(np.array([[0.0, -1.0, 0.0]]))[0] - placed.position)[:2]


def of(furniture: Furniture, *labels: str) -> Furniture:
    return [placed for placed in furniture if placed.label in labels]


def nearest(placed: Placement, others: Furniture) -> Placement:
    return min(others, key=lambda other: other.solids.ground.distance(placed.solids.ground))


def test_counts(furnished):
    rooms, furniture = furnished
    counts = Counter(placed.label for placed in furniture)
    if len(rooms) > 1:
        assert 35 <= len(furniture) <= 110
    elif rooms[0].kind in ("bathroom", "hallway"):
        assert 16 <= len(furniture) <= 30
    else:
        assert 30 <= len(furniture) <= 48
    assert len(counts) >= (9 if rooms[0].kind in ("bathroom", "hallway") else 12)
    assert max(counts.values()) <= MAX_PER_CATEGORY
    assert sum(count > 1 for count in counts.values()) >= 2


def test_every_room_of_a_flat_is_furnished(furnished):
    rooms, furniture = furnished
    for room in rooms:
        inside = [placed for placed in furniture if room.plan.buffer(1e-6).contains(placed.solids.ground)]
        assert len(inside) >= 8, room.kind


def test_every_type_has_a_style_a_theme_and_a_use():
    assert STYLES.keys() == THEMES.keys()
    assert len(THEMES) >= 8
    assert {label for theme in THEMES.values() for label in theme.needs} <= set(CATEGORIES)
    assert KINDS.keys() | {"hallway"} == THEMES.keys()  # nobody lives in a hallway alone


def test_every_category_has_a_use_and_every_name_exists():
    """By the words in the source of the themes: what a group asks for by chance is found there, too."""
    filled = set(EVERYWHERE).union(*(theme.fill for theme in THEMES.values()))
    assert filled <= set(CATEGORIES)
    assert set(HABITS) <= set(CATEGORIES)
    written = set()
    for module in (groups, home, learning, making, wet, work):
        tree = ast.parse(inspect.getsource(module))
        written |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in CATEGORIES
        }
    assert filled | written == set(CATEGORIES)


def test_pupils_look_at_the_board(all_furnished):
    for _, furniture in rooms_of(all_furnished, "classroom"):
        board = next(placed for placed in furniture if placed.label in ("blackboard", "whiteboard"))
        desks, chairs = of(furniture, "school desk"), of(furniture, "school chair")
        assert len(desks) >= 4
        assert len(chairs) >= 4
        in_rows = [
            chair for chair in chairs if nearest(chair, desks).solids.ground.distance(chair.solids.ground) < 0.3
        ]
        assert len(in_rows) >= 4
        for chair in in_rows:
            # the board looks at the class, so the pupils look against its front
            assert front(chair) @ front(board) < -0.9
        ahead = [(desk.position - board.position)[:2] @ front(board) for desk in desks]
        assert min(ahead) > 1.5
        rows = np.unique(np.round(np.array(ahead) / 0.3))
        assert len(rows) >= 2


def test_monitors_face_those_who_sit_before_them(all_furnished):
    for _, furniture in rooms_of(all_furnished, "office"):
        chairs = of(furniture, "office chair", "dining chair")
        on_desks = [placed for placed in of(furniture, "monitor") if nearest(placed, of(furniture, "desk"))]
        faced = 0
        for monitor in on_desks:
            for chair in chairs:
                away = (chair.position - monitor.position)[:2]
                if 0.3 < np.linalg.norm(away) < 1.4 and front(monitor) @ away > 0.85 * np.linalg.norm(away):
                    faced += front(chair) @ front(monitor) < -0.7
                    break
        assert faced >= 1


def test_bathrooms_have_what_they_need_with_room_before_it(all_furnished):
    for room, furniture in rooms_of(all_furnished, "bathroom"):
        needed = of(furniture, "toilet", "washbasin")
        assert {placed.label for placed in needed} == {"toilet", "washbasin"}
        assert of(furniture, "bathtub", "shower cabin")
        for placed in needed:
            back = placed.to_world(placed.asset.bounds[1][None] * [[0, 1, 0]])[0, :2]
            assert room.plan.exterior.distance(_point(back)) < 0.05, f"the {placed.label} is not at a wall"
            for ahead_m in (0.1, 0.3, 0.5):
                spot = _point(placed.to_world(np.array([[0.0, placed.asset.bounds[0][1] - ahead_m, 0.0]]))[0, :2])
                assert room.plan.contains(spot)
                blocking = [other.label for other in furniture
                            if other is not placed and other.position[2] < 1.0 and np.ptp(other.extent[:, 2]) > 0.03
                            and other.solids.ground.contains(spot)]  # fmt: skip
                assert not blocking, f"{blocking} before the {placed.label}"


def test_kitchens_have_a_row_of_units_with_one_front_and_things_on_them(all_furnished):
    for _, furniture in rooms_of(all_furnished, "kitchen"):
        units = of(furniture, "kitchen counter", "kitchen sink", "stove", "dishwasher")
        assert len(units) >= 3
        yaws = Counter(round(unit.yaw, 6) for unit in units)
        assert max(yaws.values()) >= 3
        tops = [unit for unit in units if unit.asset.surfaces]
        on_them = [top.solids.ground.contains(placed.solids.ground) for top in tops for placed in furniture
                   if 0.8 < placed.position[2] < 1.0]  # fmt: skip
        assert any(on_them)


def test_the_sofa_has_a_table_before_it(all_furnished):
    for _, furniture in rooms_of(all_furnished, "living room"):
        sofa, tables = of(furniture, "sofa")[0], of(furniture, "coffee table")
        for table in tables[:1]:
            away = (table.position - sofa.position)[:2]
            assert front(sofa) @ away > 0.8 * np.linalg.norm(away)
            assert 0.15 < sofa.solids.ground.distance(table.solids.ground) < 0.6


def test_the_workbench_stands_at_a_wall_with_tools_on_it(all_furnished):
    for room, furniture in rooms_of(all_furnished, "workshop"):
        benches = of(furniture, "workbench")
        assert benches
        for bench in benches:
            back = bench.to_world(bench.asset.bounds[1][None] * [[0, 1, 0]])[0, :2]
            assert room.plan.exterior.distance(_point(back)) < 0.05
        tools = of(furniture, "vise", "hammer", "hand saw", "power drill", "toolbox", "paint can")
        assert any(placed.position[2] > 0.5 for placed in tools)


def test_clutter_makes_rooms_fuller():
    sparse, crowded = (furnished_room("meeting room", 1, clutter)[1] for clutter in (0.5, 2.0))
    assert len(sparse) <= 23
    assert len(crowded) >= 60
    assert max(Counter(placed.label for placed in crowded).values()) <= MAX_PER_CATEGORY


def test_all_counts_from_one_to_eight_occur(all_furnished):
    seen = set()
    for _, furniture in (place for places in all_furnished.values() for place in places):
        seen |= set(Counter(placed.label for placed in furniture).values())
    assert seen == set(range(1, MAX_PER_CATEGORY + 1))


def test_heights_vary(all_furnished):
    """What is higher than a thing of another category in one place may be lower in the next.

    Whoever knows only how high things of each category stand on average is wrong about one pair in eight.
    """
    heights, pairs = defaultdict(list), []
    for _, furniture in (place for places in all_furnished.values() for place in places):
        middles = [(placed.label, float(placed.extent[:, 2].mean())) for placed in furniture]
        for label, middle in middles:
            heights[label].append(middle)
        pairs += [(a, b) for a, b in combinations(middles, 2) if a[0] != b[0] and abs(a[1] - b[1]) > 0.15]
    spread = {label: np.ptp(heights[label]) for label in SPREAD if len(heights[label]) >= 5}
    assert len(spread) >= 4
    assert min(spread.values()) > 0.6, spread
    right = [(np.mean(heights[a]) > np.mean(heights[b])) == (height_a > height_b)
             for (a, height_a), (b, height_b) in pairs]  # fmt: skip
    assert np.mean(right) < 0.875


def _point(xy: np.ndarray) -> shapely.Point:
    return shapely.Point(xy)
