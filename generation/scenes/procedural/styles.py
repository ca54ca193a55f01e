"""What a room of each type is like before anything stands in it: size, openings, and what covers its surfaces."""

from dataclasses import dataclass

from generation.scenes.appearance import Material


Interval = tuple[float, float]
Color = tuple[float, float, float]

PALE: tuple[Color, ...] = ((0.80, 0.78, 0.74), (0.84, 0.83, 0.81), (0.78, 0.79, 0.80), (0.82, 0.80, 0.72))
TINTED: tuple[Color, ...] = (
    (0.74, 0.70, 0.62), (0.60, 0.68, 0.70), (0.62, 0.68, 0.56), (0.76, 0.66, 0.58), (0.66, 0.66, 0.70),
    (0.82, 0.76, 0.58), (0.72, 0.60, 0.58), (0.52, 0.60, 0.66),
)  # fmt: skip
ACCENTS: tuple[Color, ...] = (
    (0.16, 0.26, 0.32), (0.36, 0.16, 0.12), (0.18, 0.28, 0.18), (0.44, 0.30, 0.14), (0.26, 0.22, 0.32),
)  # fmt: skip
BOARDS = (
    Material("planks", (0.36, 0.21, 0.11), (0.26, 0.14, 0.07), 0.14, 0.15),
    Material("planks", (0.52, 0.36, 0.21), (0.42, 0.27, 0.14), 0.12, 0.12),
    Material("planks", (0.20, 0.12, 0.07), (0.14, 0.08, 0.04), 0.14, 0.2),
    Material("planks", (0.44, 0.40, 0.35), (0.34, 0.30, 0.26), 0.18, 0.1),
)
CARPETS = (
    Material("fabric", (0.32, 0.33, 0.37), (0.22, 0.22, 0.26), 0.02),
    Material("fabric", (0.46, 0.40, 0.32), (0.36, 0.30, 0.23), 0.02),
    Material("fabric", (0.16, 0.22, 0.30), (0.12, 0.16, 0.22), 0.02),
)
FLOOR_TILES = (
    Material("tile", (0.60, 0.58, 0.54), (0.34, 0.33, 0.31), 0.45, 0.25),
    Material("tile", (0.30, 0.31, 0.33), (0.18, 0.18, 0.19), 0.6, 0.25),
    Material("tile", (0.46, 0.30, 0.21), (0.36, 0.31, 0.27), 0.33, 0.2),
    Material("checker", (0.62, 0.61, 0.58), (0.16, 0.16, 0.17), 0.6, 0.25),
)
LINOLEUM = (
    Material("plaster", (0.34, 0.40, 0.36), gloss=0.15),
    Material("plaster", (0.44, 0.34, 0.24), gloss=0.15),
    Material("plaster", (0.36, 0.40, 0.46), gloss=0.15),
)
CONCRETE = (
    Material("plaster", (0.36, 0.36, 0.35), scale_m=0.3, gloss=0.08),
    Material("plaster", (0.28, 0.30, 0.31), scale_m=0.3, gloss=0.2),
)
WALL_TILES = (
    Material("tile", (0.82, 0.83, 0.82), (0.55, 0.55, 0.54), 0.15, 0.4),
    Material("tile", (0.55, 0.68, 0.70), (0.70, 0.70, 0.68), 0.12, 0.4),
    Material("tile", (0.42, 0.52, 0.42), (0.66, 0.66, 0.62), 0.15, 0.4),
    Material("tile", (0.72, 0.66, 0.58), (0.50, 0.47, 0.43), 0.3, 0.35),
    Material("tile", (0.18, 0.26, 0.36), (0.60, 0.60, 0.60), 0.1, 0.45),
)
BRICKS = (
    Material("brick", (0.42, 0.17, 0.11), (0.50, 0.47, 0.43), 0.24),
    Material("brick", (0.74, 0.73, 0.70), (0.62, 0.61, 0.58), 0.24),
)


@dataclass(frozen=True)
class Style:
    """How rooms of one type are built.

    Args:
        long_m, short_m, height_m (`tuple` of 2 `float`): least and most of the longer and the shorter side and of the
            height, metres.
        floors (`tuple` of [`Material`]): what may lie on the floor.
        colors (`tuple` of colours): paints for the walls.
        tiles_m (`tuple` of 2 `float`, *optional*): heights between which the walls are tiled.
        brick_share (`float`): share of rooms of which one wall is bare brick.
        accent_share (`float`): share of rooms of which one wall has a strong colour.
        l_share (`float`): share of large rooms that are L-shaped.
        windows (`tuple` of 2 `int`): fewest and most.
        window_m (`float`): widest window.
        sill_m (`tuple` of 2 `float`): least and most height of the sills.
        lamp (`str`): `"bowl"` or `"panel"`.
        area_per_lamp_m2 (`float`): floor that one ceiling lamp lights.
    """

    long_m: Interval
    short_m: Interval
    floors: tuple[Material, ...]
    colors: tuple[Color, ...] = PALE + TINTED
    height_m: Interval = (2.4, 2.8)
    tiles_m: Interval | None = None
    brick_share: float = 0.0
    accent_share: float = 0.3
    l_share: float = 0.0
    windows: tuple[int, int] = (1, 2)
    window_m: float = 2.0
    sill_m: Interval = (0.8, 1.0)
    lamp: str = "bowl"
    area_per_lamp_m2: float = 14.0


STYLES = {
    "office": Style(
        (4.6, 8.0), (3.8, 6.0), CARPETS + LINOLEUM + BOARDS[3:], PALE, height_m=(2.5, 3.0), l_share=0.3,
        accent_share=0.3, windows=(1, 3), window_m=2.4, lamp="panel", area_per_lamp_m2=9.0,
    ),
    "meeting room": Style(
        (4.8, 7.5), (3.8, 5.2), CARPETS + BOARDS[:2], PALE, height_m=(2.5, 3.0), accent_share=0.6, windows=(1, 2),
        window_m=2.6, sill_m=(0.5, 0.9), lamp="panel", area_per_lamp_m2=9.0,
    ),
    "living room": Style(
        (4.4, 7.6), (3.8, 6.0), BOARDS + CARPETS[1:2], brick_share=0.12, accent_share=0.45, l_share=0.4,
        windows=(1, 3), window_m=2.4, sill_m=(0.4, 0.9),
    ),
    "bedroom": Style((3.6, 5.6), (3.2, 4.6), BOARDS + CARPETS, TINTED + PALE, accent_share=0.4, l_share=0.2),
    "children's room": Style((3.5, 5.2), (3.1, 4.4), BOARDS + CARPETS, TINTED, accent_share=0.5, l_share=0.15),
    "kitchen": Style(
        (3.6, 5.8), (3.2, 4.6), FLOOR_TILES + BOARDS[:2], tiles_m=(0.88, 1.5), l_share=0.2, window_m=1.6,
        sill_m=(1.05, 1.15),
    ),
    "bathroom": Style(
        (2.7, 4.0), (2.1, 3.0), FLOOR_TILES, tiles_m=(0.0, 1.6), accent_share=0.1, windows=(0, 1), window_m=1.0,
        sill_m=(1.2, 1.4),
    ),
    "classroom": Style(
        (7.2, 9.0), (5.6, 7.0), LINOLEUM + BOARDS[1:2], PALE + TINTED[:3], height_m=(2.8, 3.3), accent_share=0.25,
        windows=(2, 3), window_m=2.8, lamp="panel", area_per_lamp_m2=8.0,
    ),
    "workshop": Style(
        (5.0, 8.0), (4.0, 6.0), CONCRETE, PALE, height_m=(2.7, 3.3), brick_share=0.5, accent_share=0.1, l_share=0.25,
        windows=(1, 3), sill_m=(1.1, 1.3), lamp="panel", area_per_lamp_m2=12.0,
    ),
    "studio": Style(
        (5.0, 8.0), (4.2, 6.5), BOARDS, brick_share=0.25, accent_share=0.4, l_share=0.5, windows=(1, 3), window_m=2.4
    ),
    "hallway": Style(
        (3.6, 6.5), (1.9, 2.6), BOARDS + FLOOR_TILES, accent_share=0.3, windows=(0, 1), window_m=1.0, sill_m=(0.9, 1.1)
    ),
}  # fmt: skip
