"""Times of day and weather: sun, sky, ambient light and the camera's sensor."""

from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Light, Sensor, Sky


Color = tuple[float, float, float]


@dataclass(frozen=True)
class Weather:
    """One kind of light.

    Args:
        name (`str`).
        elevation_deg (`tuple` of 2 `float`): of the sun above the horizon.
        sun (`tuple` of 3 `float`): linear RGB irradiance on a surface that faces the sun; 0 when clouds hide it.
        zenith, horizon (`tuple` of 3 `float`): of the sky, see [`Sky`].
        exposure_stops (`float`): how much darker than middle grey the photo is.
    """

    name: str
    elevation_deg: tuple[float, float]
    sun: Color
    zenith: Color
    horizon: Color
    exposure_stops: float = -0.35


WEATHERS = (
    Weather("clear", (35.0, 60.0), (2.7, 2.55, 2.3), (0.26, 0.48, 0.86), (0.74, 0.84, 0.94)),
    Weather("hazy", (25.0, 50.0), (1.7, 1.6, 1.45), (0.48, 0.60, 0.78), (0.86, 0.88, 0.90)),
    Weather("low sun", (12.0, 22.0), (2.5, 1.75, 1.05), (0.30, 0.44, 0.74), (0.95, 0.80, 0.62)),
    Weather("overcast", (40.0, 60.0), (0.18, 0.18, 0.18), (0.66, 0.69, 0.73), (0.72, 0.74, 0.77)),
    Weather("dusk", (4.0, 8.0), (0.10, 0.05, 0.03), (0.10, 0.16, 0.34), (0.55, 0.36, 0.28), -1.5),
)
SHARES = (0.38, 0.2, 0.16, 0.16, 0.1)
GROUND_SHARE = 0.35  # how much of the light the ground beyond the scene sends back
# Light of the sky comes in part from a bright square far above, which buildings and cars shut out, and in part from
# everywhere, as far as the street's own surfaces and the sky's edges send it back
OVERHEAD_SHARE, AMBIENT_SHARE = 0.7, 0.5
OVERHEAD_M = 150.0


@dataclass(frozen=True)
class Daylight:
    """The light of one street; `lights`, `ambient`, `sky` and `sensor` are those of [`Appearance`]."""

    weather: Weather
    lights: tuple[Light, ...]
    ambient: Color
    sky: Sky
    sensor: Sensor

    @property
    def is_dusk(self) -> bool:
        return self.weather.name == "dusk"


def draw_daylight(rng: np.random.Generator) -> Daylight:
    """A time of day, a sky and a sensor."""
    weather = WEATHERS[rng.choice(len(WEATHERS), p=SHARES)]
    tint = rng.uniform(0.94, 1.06, 3)
    zenith, horizon = np.array(weather.zenith) * tint, np.array(weather.horizon) * tint
    # mean over the sphere's upper half, weighted by the cosine, of a sky that fades from zenith to horizon
    mean = 0.6 * zenith + 0.4 * horizon
    elevation, bearing = np.radians(rng.uniform(*weather.elevation_deg)), rng.uniform(0, 2 * np.pi)
    direction = (-np.cos(elevation) * np.cos(bearing), -np.cos(elevation) * np.sin(bearing), -np.sin(elevation))
    overhead = _floats(OVERHEAD_SHARE * OVERHEAD_M**2 * mean)
    dome = Light("area", (0.0, 0.0, OVERHEAD_M), (0.0, 0.0, -1.0), (1.5 * OVERHEAD_M, 1.5 * OVERHEAD_M), overhead)
    sun = Light(
        "sun", (0.0, 0.0, 0.0), _floats(direction), (0.0, 0.0), _floats(np.array(weather.sun) * rng.uniform(0.85, 1.1))
    )
    return Daylight(
        weather=weather,
        lights=(sun, dome),
        ambient=_floats(AMBIENT_SHARE * mean),
        sky=Sky(_floats(zenith), _floats(horizon), _floats(GROUND_SHARE * mean), skyline=False),
        sensor=Sensor(
            exposure_stops=float(weather.exposure_stops + rng.normal(0, 0.15)),
            white_balance=_floats(1 + rng.normal(0, 0.03, 3)),
            noise=float(rng.uniform(0.002, 0.012) + (0.012 if weather.name == "dusk" else 0.0)),
            blur_px=float(rng.uniform(0.2, 0.7)),
        ),
    )


def _floats(values) -> Color:
    return tuple(float(value) for value in values)
