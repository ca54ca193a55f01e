"""What a theme says about the things in a room of one type."""

from collections.abc import Callable
from dataclasses import dataclass

from generation.scenes.procedural.layout import Arranger


# Label -> how often it is drawn, and up to how many the room is filled with
Fill = dict[str, tuple[float, int]]
Group = Callable[[Arranger], None]


@dataclass(frozen=True)
class Theme:
    """How rooms of one type are furnished.

    Args:
        groups (`tuple`): what is set up first: function, fewest and most times.
        fill (`dict`): what is added afterwards, besides what is found everywhere.
        needs (`tuple` of `str`): labels without which a room is not of this type.
        objects (`tuple` of 2 `int`): fewest and most things of such a room at a clutter of 1.
        categories (`int`): fewest categories.
        extras (`tuple`): what is set up besides where the groups leave too much of the floor empty.
        everywhere (`float`): factor on how often things are drawn that are found in every room.
    """

    groups: tuple[tuple[Group, int, int], ...]
    fill: Fill
    needs: tuple[str, ...] = ()
    objects: tuple[int, int] = (32, 48)
    categories: int = 12
    extras: tuple[Group, ...] = ()
    everywhere: float = 1.0
