"""Rooms in which people work: office and meeting room."""

import numpy as np

from generation.scenes.procedural import groups
from generation.scenes.procedural.groups import BACK, FRONT, LEFT, RIGHT, size_of
from generation.scenes.procedural.layout import Arranger
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.themes.theme import Theme


SEAT_PITCH_M = 0.75


def back_to_back(arranger: Arranger) -> None:
    """Two desks in the open that face each other, each with its chair."""
    asset = arranger.make("desk")
    first = arranger.free_standing(asset, gap_m=0.6, turn="square")
    if not first:
        return
    second = arranger.beside(asset, first, (0.0, size_of(asset)[1] + 0.01), np.pi)
    for desk in (first, second):
        if desk:
            groups.equip_desk(arranger, desk)


def meeting(arranger: Arranger) -> None:
    """Long table in the middle with chairs on its sides, a screen or board on the wall it points to."""
    rng, room = arranger.rng, arranger.room
    x0, y0, x1, y1 = room.plan.bounds
    asset = arranger.make("conference table")
    middle = np.array([x0 + x1, y0 + y1]) / 2
    long_x = x1 - x0 > y1 - y0
    table = None
    for _ in range(6):
        yaw = (0.0 if long_x else np.pi / 2) + np.pi * rng.integers(2)
        table = table or arranger.stand(asset, middle + rng.normal(0, 0.15, 2), yaw, gap_m=0.6)
    if not table:
        return
    width = size_of(asset)[0]
    number = max(2, int(width / SEAT_PITCH_M))
    shares = (np.arange(number) + 0.5) / number * 2 - 1
    seats = [(side, float(share)) for side in (FRONT, BACK) for share in shares] + [(LEFT, 0.0), (RIGHT, 0.0)]
    chair = arranger.make("office chair" if rng.random() < 0.6 else "dining chair")
    for k in rng.permutation(len(seats))[: rng.integers(4, 9)]:
        arranger.seat(chair, table, *seats[k])
    _presentation(arranger, table)
    top = asset.surfaces[0]
    for label, most in (("laptop", 4), ("mug", 4), ("bottle", 3), ("conference phone", 1), ("book", 2)):
        for _ in range(arranger.some(0, most)):
            arranger.set_on(arranger.make(label), table, top, yaw=float(rng.choice([0.0, np.pi]) + rng.normal(0, 0.2)))


def _presentation(arranger: Arranger, table: Placement) -> None:
    """What is shown at: a screen or a whiteboard at the end of the table, a projector, a flip chart."""
    rng = arranger.rng
    along = table.to_world(np.array([[1.0, 0.0, 0.0]]))[0] - table.position
    for wall in arranger.room.walls:
        outwards = wall.at(0, 1, 0) - wall.at(0, 0, 0)
        if abs(outwards @ along) < 0.99:
            continue
        x = float((table.position - wall.at(0, 0, 0)) @ (wall.at(1, 0, 0) - wall.at(0, 0, 0)))
        label = ("projection screen", "whiteboard", "picture")[rng.integers(3)]
        arranger.hang_at(arranger.make(label), wall, x, 1.5)
    if rng.random() < 0.7:
        arranger.set_on(
            arranger.make("projector"), table, table.asset.surfaces[0], yaw=float(rng.normal(np.pi / 2, 0.1))
        )
    if rng.random() < 0.7:
        arranger.free_standing(arranger.make("flip chart"))
    if rng.random() < 0.4:
        arranger.along_wall(arranger.make("lectern"), gap_m=0.3)


def refreshments(arranger: Arranger) -> None:
    """Cabinet at the wall with cups and bottles."""
    cabinet = arranger.along_wall(arranger.make("cabinet"))
    if cabinet:
        for label in ("mug", "mug", "bottle", "coffee machine", "plate", "bowl")[: arranger.some(2, 6)]:
            arranger.rest_on(arranger.make(label), cabinet)


THEMES = {
    "office": Theme(
        groups=(
            (groups.workplace, 1, 3), (back_to_back, 0, 1), (groups.shelves, 1, 2), (groups.wall_shelf, 0, 2),
            (groups.pile_of_books, 0, 1),
        ),
        needs=("desk", "office chair"),
        fill={
            "filing cabinet": (1.0, 4), "document tray": (1.0, 5), "pen holder": (1.0, 6), "telephone": (0.7, 4),
            "water cooler": (0.4, 1), "bulletin board": (0.5, 2), "lectern": (0.05, 1), "side table": (0.2, 2),
            "mug": (1.5, 7), "table lamp": (0.8, 4), "whiteboard": (0.8, 1), "cabinet": (0.8, 3), "printer": (0.7, 2),
            "laptop": (0.7, 5), "monitor": (0.5, 6), "office chair": (0.7, 7), "speaker": (0.4, 4), "ladder": (0.2, 1),
            "flip chart": (0.3, 1), "globe": (0.3, 1), "fan": (0.4, 1), "keyboard": (0.3, 6),
            "cardboard box": (0.6, 6), "floor lamp": (0.3, 1), "fire extinguisher": (0.3, 1), "tissue box": (0.4, 3),
            "coffee machine": (0.4, 1), "locker": (0.2, 1),
        },
        extras=(groups.workplace, groups.shelves),
    ),
    "meeting room": Theme(
        groups=((meeting, 1, 1), (refreshments, 0, 1), (groups.shelves, 0, 1), (groups.wall_shelf, 0, 1)),
        needs=("conference table",),
        fill={
            "mug": (1.4, 8), "laptop": (1.0, 6), "bottle": (1.0, 7), "office chair": (0.6, 8), "flip chart": (0.4, 2),
            "conference phone": (0.3, 1), "cabinet": (0.6, 2), "whiteboard": (0.6, 1), "wine glass": (0.6, 6),
            "speaker": (0.5, 3), "fire extinguisher": (0.4, 1), "printer": (0.4, 1), "armchair": (0.4, 2),
            "projector": (0.2, 1), "plate": (0.4, 4), "fan": (0.3, 1), "water cooler": (0.6, 1),
            "document tray": (0.5, 4), "pen holder": (0.6, 4), "telephone": (0.3, 1), "side table": (0.3, 2),
            "bulletin board": (0.3, 1), "filing cabinet": (0.3, 2), "coffee machine": (0.5, 1), "teapot": (0.3, 2),
            "fruit bowl": (0.4, 2), "tissue box": (0.4, 3),
        },
        objects=(32, 46),
        extras=(refreshments, groups.shelves, groups.lounge),
    ),
}  # fmt: skip
