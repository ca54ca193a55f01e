"""The classroom."""

import numpy as np

from generation.scenes.procedural import groups
from generation.scenes.procedural.groups import FRONT, size_of
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.shell import Wall
from generation.scenes.procedural.themes.theme import Theme


# From the board to the first row of desks, and from one row to the next
FIRST_ROW_M, ROW_M, AISLE_M = 2.5, (1.35, 1.6), (0.6, 0.8)
MAX_ROWS, MAX_COLUMNS = 3, 4


def lesson(arranger: Arranger) -> None:
    """Board on one wall, before it the teacher's place, and pupils' desks in rows that look at it."""
    rng = arranger.rng
    # boards hang on short walls without windows, where there are such
    walls = sorted(arranger.room.walls, key=lambda wall: (len(wall.openings), wall.length + rng.uniform(0, 2)))
    board = None
    for wall in walls:
        label = "blackboard" if rng.random() < 0.7 else "whiteboard"
        board = board or arranger.hang_at(arranger.make(label), wall, float(rng.uniform(-0.4, 0.4)), 1.5)
        if board:
            break
    else:
        return
    _beside_board(arranger, wall, size_of(board.asset)[0])
    _teacher(arranger, wall)
    _rows(arranger, wall)


def _beside_board(arranger: Arranger, wall: Wall, width: float) -> None:
    """A clock above or beside it, a map or a screen."""
    rng = arranger.rng
    for label, z in (("clock", 2.25), ("wall map", 1.55), ("bulletin board", 1.5)):
        side = rng.choice([-1, 1])
        asset = arranger.make(label)
        if rng.random() < 0.7:
            arranger.hang_at(asset, wall, side * (width / 2 + size_of(asset)[0] / 2 + rng.uniform(0.2, 0.6)), z)


def _teacher(arranger: Arranger, wall: Wall) -> None:
    """Desk and chair beside the board, and perhaps a lectern; the teacher looks at the class."""
    rng = arranger.rng
    desk = arranger.make("desk")
    for side in rng.permutation([-1, 1]):
        placed = arranger.stand(desk, wall.at(side * (wall.length / 2 - 1.4), -1.35, 0)[:2], wall.yaw + np.pi)
        if placed:
            groups.equip_desk(arranger, placed)
            if rng.random() < 0.5:
                xy = wall.at(-side * (wall.length / 2 - 1.5), -1.1, 0)[:2]
                arranger.stand(arranger.make("lectern"), xy, wall.yaw + np.pi + rng.normal(0, 0.15))
            return


def _rows(arranger: Arranger, wall: Wall) -> None:
    """Desks in columns with aisles between them, a chair at nearly each, something on many."""
    rng = arranger.rng
    variant = ("for one", "for two", "for two")[rng.integers(3)]
    desk, chair = arranger.make("school desk", variant), arranger.make("school chair")
    width = size_of(desk)[0]
    x0, y0, x1, y1 = arranger.room.plan.bounds
    depth = abs(np.array([x1 - x0, y1 - y0]) @ (wall.at(0, 1, 0) - wall.at(0, 0, 0))[:2])
    pitch, aisle = rng.uniform(*ROW_M), rng.uniform(*AISLE_M)
    columns = min(MAX_COLUMNS, int((wall.length - 0.8 + aisle) / (width + aisle)))
    rows = min(MAX_ROWS, int((depth - FIRST_ROW_M - 1.0) / pitch) + 1)
    seats = (0.0,) if variant == "for one" else (-0.45, 0.45)
    for row in range(rows):
        for column in range(columns):
            x = (column - (columns - 1) / 2) * (width + aisle)
            y = -(FIRST_ROW_M + row * pitch)
            placed = arranger.stand(desk, wall.at(x, y, 0)[:2], wall.yaw + rng.normal(0, 0.02))
            if placed:
                for seat in seats[: rng.integers(1, len(seats) + 1)]:
                    arranger.seat(chair, placed, FRONT, seat)


THEMES = {
    "classroom": Theme(
        groups=(
            (lesson, 1, 1), (groups.shelves, 0, 2), (groups.wall_shelf, 0, 2), (groups.pile_of_books, 0, 1),
        ),
        needs=("school desk", "school chair"),
        fill={
            "book": (1.6, 8), "globe": (0.8, 3), "wall map": (0.8, 2), "bulletin board": (0.8, 2),
            "backpack": (1.4, 8), "locker": (0.8, 2), "cabinet": (0.7, 2), "trash can": (0.8, 2), "clock": (0.5, 1),
            "laptop": (0.7, 5), "bottle": (0.8, 6), "projection screen": (0.3, 1), "projector": (0.3, 1),
            "flip chart": (0.3, 1), "ball": (0.5, 4), "speaker": (0.3, 2), "coat rack": (0.4, 1),
            "fire extinguisher": (0.4, 1), "microscope": (0.7, 6), "pen holder": (0.6, 5), "document tray": (0.4, 3),
            "filing cabinet": (0.4, 2), "mug": (0.4, 3), "aquarium": (0.3, 1), "cardboard box": (0.6, 5),
            "stool": (0.3, 3), "guitar": (0.2, 1),
        },
        objects=(34, 48),
        everywhere=0.5,
    )
}  # fmt: skip
