"""What lights the rooms: sun and sky through the windows, lamps when it is dark; and how the camera takes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from generation.scenes.appearance import Light, Sensor, Sky
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.room import Room
from generation.scenes.procedural.shell import Opening, Wall


Color = tuple[float, float, float]
LAMPLIGHT = np.array([1.10, 0.96, 0.76])
LAMPS = frozenset({"floor lamp", "table lamp", "pendant lamp"})
# Lamps beyond these are lit too, but their own light is lost in that of the others
MOST_SMALL_LIGHTS = 5
# Small lamps alone light rooms up to this size
COSY_M2 = 22.0


@dataclass(frozen=True)
class Hour:
    """A time of day with its weather.

    Args:
        share (`float`): how often it is drawn.
        sun (`float`): strength of the sun, 0 when it does not shine.
        elevation_deg (`tuple` of 2 `float`): least and most height of the sun.
        sun_color (`tuple` of 3 `float`): linear RGB.
        daylight (`float`): strength of what the sky sends through a window.
        sky_color (`tuple` of 3 `float`): linear RGB of that light.
        sky ([`Sky`]): what is seen through the windows.
        lamps (`tuple` of 2 `float`): chance that the ceiling lights of a room and that its small lamps are lit.
        ambient (`float`): strength of the light from everywhere.
    """

    share: float
    sun: float
    elevation_deg: tuple[float, float]
    sun_color: Color
    daylight: float
    sky_color: Color
    sky: Sky
    lamps: tuple[float, float]
    ambient: float


HOURS = {
    "day": Hour(
        0.34, 2.6, (28, 52), (1.06, 0.98, 0.86), 1.2, (0.90, 0.97, 1.10), Sky(), (0.2, 0.1), 0.46
    ),
    "low sun": Hour(
        0.16, 2.4, (10, 22), (1.25, 0.86, 0.52), 0.8, (0.98, 0.95, 1.0),
        Sky(zenith=(0.30, 0.42, 0.68), horizon=(1.0, 0.72, 0.45), ground=(0.12, 0.15, 0.05)), (0.2, 0.3), 0.36,
    ),
    "overcast": Hour(
        0.2, 0.0, (0, 0), (1.0, 1.0, 1.0), 1.3, (0.96, 0.99, 1.04),
        Sky(zenith=(0.78, 0.80, 0.83), horizon=(0.84, 0.85, 0.86), ground=(0.12, 0.17, 0.06)), (0.45, 0.2), 0.5,
    ),
    "evening": Hour(
        0.15, 0.0, (0, 0), (1.0, 1.0, 1.0), 0.22, (0.62, 0.80, 1.30),
        Sky(zenith=(0.05, 0.09, 0.22), horizon=(0.30, 0.24, 0.26), ground=(0.02, 0.03, 0.02)), (0.6, 0.85), 0.22,
    ),
    "night": Hour(
        0.15, 0.0, (0, 0), (1.0, 1.0, 1.0), 0.0, (0.0, 0.0, 0.0),
        Sky(zenith=(0.004, 0.006, 0.014), horizon=(0.014, 0.014, 0.02), ground=(0.002, 0.002, 0.002)),
        (0.7, 0.8), 0.2,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Illumination:
    """What the appearance of a scene says about light; see `Appearance`."""

    lights: tuple[Light, ...]
    ambient: Color
    sky: Sky
    sensor: Sensor


def draw_hour(rng: np.random.Generator) -> Hour:
    hours = list(HOURS.values())
    shares = np.array([hour.share for hour in hours])
    return hours[rng.choice(len(hours), p=shares / shares.sum())]


def illuminate(
    rooms: Sequence[Room], placements: Sequence[Placement], hour: Hour, rng: np.random.Generator
) -> tuple[list[Placement], Illumination]:
    """The placements, with lamps that glow just where they are lit, and all light of the scene.

    A room without a window is never left dark, and at night every room has some light.

    Args:
        rooms (sequence of [`Room`]).
        placements (sequence of [`Placement`]): everything that is built in, stands or hangs in them.
        hour ([`Hour`]).
        rng (`np.random.Generator`).
    """
    lights = []
    if hour.daylight:
        lights += [light for room in rooms for light in _window_lights(room, hour)]
    if hour.sun:
        lights += _sun(rooms, hour, rng)
    ceiling_lit, small_lit = [], []
    for room in rooms:
        has_small = any(placed.label in LAMPS and _is_in(room, placed) for placed in placements)
        ceiling, small = rng.random() < hour.lamps[0], rng.random() < hour.lamps[1]
        is_dark = not _windows(room) or hour.daylight < 0.5
        is_cosy = small and has_small and room.plan.area < COSY_M2
        ceiling_lit.append(ceiling or (is_dark and not is_cosy))
        small_lit.append(small)
    strength, small_lights, seen = rng.uniform(3.0, 4.5), [], []
    for placed in placements:
        room = next((k for k, room in enumerate(rooms) if _is_in(room, placed)), None)
        if placed.label == "ceiling light":
            lit = ceiling_lit[room]
            lights += [_ceiling_light(placed, rooms[room], strength)] if lit else []
        elif placed.label in LAMPS:
            lit = room is not None and small_lit[room]
            small_lights += [_small_lights(placed)] if lit else []
        elif placed.label == "window":
            placed, lit = _darkened(placed, min(1.0, hour.daylight)), True
        else:
            lit = True
        seen.append(placed if lit else _switched_off(placed))
    for k in rng.permutation(len(small_lights))[:MOST_SMALL_LIGHTS]:
        lights += small_lights[k]
    is_artificial = hour.daylight < 0.5
    tone = (
        0.75 * LAMPLIGHT + 0.25 * np.array(hour.sky_color) if is_artificial else np.array(hour.sky_color) * 0.5 + 0.5
    )
    ambient = tuple((hour.ambient * tone).tolist())
    return seen, Illumination(tuple(lights), ambient, hour.sky, draw_sensor(is_artificial, rng))


def draw_sensor(is_dark: bool, rng: np.random.Generator) -> Sensor:
    """A camera of modest faults: exposure, white balance, noise (more of it in the dark) and blur differ a little."""
    warmth = rng.normal(0.0, 0.05) - 0.04 * is_dark  # a camera takes some of the yellow out of lamp light
    tint = rng.normal(0.0, 0.015)
    return Sensor(
        exposure_stops=float(np.clip(rng.normal(0.0, 0.25), -0.6, 0.6)),
        white_balance=(float(1 + warmth), float(1 + tint), float(1 - warmth)),
        noise=float(rng.uniform(0.0, 0.008) + 0.008 * is_dark),
        blur_px=float(rng.uniform(0.0, 0.6)),
    )


def _is_in(room: Room, placed: Placement) -> bool:
    x0, y0, x1, y1 = room.plan.bounds
    x, y = placed.position[:2]
    return bool(x0 <= x <= x1 and y0 <= y <= y1)


def _windows(room: Room) -> list[tuple[Wall, Opening]]:
    return [(wall, opening) for wall in room.walls for opening in wall.openings if opening.kind == "window"]


def _window_lights(room: Room, hour: Hour) -> list[Light]:
    """What the sky sends through each pane."""
    lights = []
    for wall, opening in _windows(room):
        size = (opening.x[1] - opening.x[0], opening.z[1] - opening.z[0])
        centre = wall.at(sum(opening.x) / 2, 0.05, sum(opening.z) / 2)
        inward = wall.at(0, -1, 0) - wall.at(0, 0, 0)
        color = 1.2 * hour.daylight * size[0] * size[1] * np.array(hour.sky_color)
        lights.append(Light("area", tuple(centre.tolist()), tuple(inward.tolist()), size, tuple(color.tolist())))
    return lights


def _sun(rooms: Sequence[Room], hour: Hour, rng: np.random.Generator) -> list[Light]:
    """The sun, low enough and straight enough to shine through one of the windows."""
    windows = [window for room in rooms for window in _windows(room)]
    if not windows:
        return []
    wall, _ = windows[rng.integers(len(windows))]
    bearing = wall.yaw - np.pi / 2 + rng.uniform(-0.8, 0.8)
    elevation = np.radians(rng.uniform(*hour.elevation_deg))
    direction = np.array(
        [np.cos(elevation) * np.cos(bearing), np.cos(elevation) * np.sin(bearing), -np.sin(elevation)]
    )
    color = tuple((hour.sun * np.array(hour.sun_color)).tolist())
    return [Light("sun", (0.0, 0.0, 0.0), tuple(direction.tolist()), (0.0, 0.0), color)]


def _ceiling_light(placed: Placement, room: Room, strength: float) -> Light:
    """The light of one ceiling lamp; more lamps in a room are weaker each."""
    low, high = placed.asset.bounds
    number = sum(one.label == "ceiling light" for one in room.structure)
    turned = abs(np.sin(placed.yaw)) > 0.5
    size = (high - low)[[1, 0]] if turned else (high - low)[:2]
    x, y, z = placed.position.tolist()
    color = tuple((strength / number**0.5 * LAMPLIGHT).tolist())
    return Light("area", (x, y, z + float(low[2]) - 0.01), (0.0, 0.0, -1.0), tuple(size.tolist()), color)


def _small_lights(placed: Placement) -> list[Light]:
    """A lamp with a shade shines down, and up where its shade is open above."""
    bulb = _bulb(placed)
    strength = {"floor lamp": 1.3, "table lamp": 0.7, "pendant lamp": 1.4}[placed.label]
    color = tuple((strength * LAMPLIGHT).tolist())
    ways = (-1.0,) if placed.label == "pendant lamp" else (-1.0, 1.0)
    return [Light("area", bulb, (0.0, 0.0, way), (0.12, 0.12), color) for way in ways]


def _bulb(placed: Placement) -> tuple[float, float, float]:
    """Middle of what glows."""
    glowing = np.concatenate([part.vertices for part in placed.asset.parts if part.material.emission > 0])
    return tuple(placed.to_world((glowing.min(axis=0) + glowing.max(axis=0))[None] / 2)[0].tolist())


def _darkened(window: Placement, daylight: float) -> Placement:
    """The haze on the panes is as bright as the day."""
    parts = tuple(
        replace(part, material=replace(part.material, color=tuple(daylight * c for c in part.material.color)))
        if part.material.pattern == "glass" else part
        for part in window.asset.parts
    )  # fmt: skip
    return replace(window, asset=replace(window.asset, parts=parts))


def _switched_off(placed: Placement) -> Placement:
    parts = tuple(
        replace(part, material=replace(part.material, emission=0.0)) if part.material.emission > 0 else part
        for part in placed.asset.parts
    )
    return replace(placed, asset=replace(placed.asset, parts=parts))
