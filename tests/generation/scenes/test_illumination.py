"""Light by the time of day, and the faults of the camera."""

import numpy as np
import pytest
import shapely

from generation.scenes.procedural.illumination import HOURS, LAMPS, draw_hour, draw_sensor, illuminate
from generation.scenes.procedural.room import Room


@pytest.fixture(params=["bedroom", "bathroom", "flat"])
def place(request: pytest.FixtureRequest, all_furnished):
    return all_furnished[request.param][0]


def lit(rooms, furniture, hour: str, seed: int = 0):
    structure = [placed for room in rooms for placed in room.structure]
    return illuminate(rooms, [*structure, *furniture], HOURS[hour], np.random.default_rng(seed))


def glows(placed) -> bool:
    return any(part.material.emission > 0 for part in placed.asset.parts)


def near_lamps(room: Room, placements) -> list:
    return [placed for placed in placements if placed.label in LAMPS | {"ceiling light"}
            and room.plan.contains(shapely.Point(placed.position[:2]))]  # fmt: skip


@pytest.mark.parametrize("hour", HOURS)
def test_lamps_shine_just_where_they_glow(place, hour):
    rooms, furniture = place
    placements, illumination = lit(rooms, furniture, hour)
    sources = np.array([light.position for light in illumination.lights if light.kind == "area"]).reshape(-1, 3)
    for room in rooms:
        for lamp in near_lamps(room, placements):
            if lamp.label != "ceiling light" and glows(lamp):
                continue  # only some of the small lamps have a light of their own
            low, high = lamp.extent - [[0.02], [-0.02]]
            has_light = ((sources >= low) & (sources <= high)).all(axis=1).any()
            assert has_light == glows(lamp), f"{lamp.label} in the {room.kind}"


def test_at_night_every_room_has_light_and_no_sun_shines(place):
    rooms, furniture = place
    for seed in range(4):
        placements, illumination = lit(rooms, furniture, "night", seed)
        assert not any(light.kind == "sun" for light in illumination.lights)
        for room in rooms:
            assert any(glows(lamp) for lamp in near_lamps(room, placements)), room.kind


def test_rooms_without_a_window_are_lit_by_day(place):
    rooms, furniture = place
    placements, _ = lit(rooms, furniture, "day")
    for room in rooms:
        if not any(opening.kind == "window" for wall in room.walls for opening in wall.openings):
            assert any(glows(lamp) for lamp in near_lamps(room, placements))


@pytest.mark.parametrize(("hour", "elevation_deg"), [("day", (28, 52)), ("low sun", (10, 22))])
def test_the_sun_shines_in_from_its_height(place, hour, elevation_deg):
    rooms, furniture = place
    _, illumination = lit(rooms, furniture, hour)
    suns = [light for light in illumination.lights if light.kind == "sun"]
    inwards = [wall.at(0, -1, 0) - wall.at(0, 0, 0) for room in rooms for wall in room.walls
               if any(opening.kind == "window" for opening in wall.openings)]  # fmt: skip
    assert len(suns) == (1 if inwards else 0)
    if not suns:
        return
    direction = np.array(suns[0].direction)
    assert np.linalg.norm(direction) == pytest.approx(1)
    assert elevation_deg[0] <= np.degrees(np.arcsin(-direction[2])) <= elevation_deg[1]
    assert max(direction @ inward for inward in inwards) > 0.3


@pytest.mark.parametrize("hour", HOURS)
def test_lights_are_inside_and_the_furniture_stays_the_same(place, hour):
    rooms, furniture = place
    placements, illumination = lit(rooms, furniture, hour)
    home = shapely.union_all([room.plan.buffer(0.1) for room in rooms])
    for light in illumination.lights:
        if light.kind == "area":
            assert home.contains(shapely.Point(light.position[:2]))
            assert 0 < light.position[2] < max(room.height for room in rooms)
    structure = [placed for room in rooms for placed in room.structure]
    for before, after in zip([*structure, *furniture], placements, strict=True):
        assert before.label == after.label
        assert (before.position == after.position).all()
        assert before.is_structure == after.is_structure


def test_the_night_is_darker_outside_than_the_day():
    brightness = {name: np.mean([hour.sky.zenith, hour.sky.horizon]) for name, hour in HOURS.items()}
    assert brightness["night"] < brightness["evening"] < brightness["day"]
    assert sum(hour.share for hour in HOURS.values()) == pytest.approx(1)


def test_every_hour_is_drawn_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = [draw_hour(rng) for _ in range(2000)]
    for hour in HOURS.values():
        assert abs(drawn.count(hour) / 2000 - hour.share) < 0.04  # over 3 standard deviations


def test_a_camera_has_modest_faults_and_more_noise_in_the_dark():
    rng = np.random.default_rng(0)
    bright, dark = ([draw_sensor(is_dark, rng) for _ in range(300)] for is_dark in (False, True))
    for sensor in bright + dark:
        assert abs(sensor.exposure_stops) <= 0.6
        assert 0 <= sensor.noise <= 0.02
        assert 0 <= sensor.blur_px <= 0.6
        assert max(sensor.white_balance) / min(sensor.white_balance) < 1.7
    assert np.mean([sensor.noise for sensor in dark]) > np.mean([sensor.noise for sensor in bright]) + 0.005
    assert len({sensor.exposure_stops for sensor in bright}) > 200
