"""How a scene looks: what the renderer needs beyond geometry."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Material:
    """How a surface looks; `generation.rendering.materials` knows the patterns.

    Args:
        pattern (`str`): `"plain"`, `"wood"`, `"fabric"`, `"tile"`, ...
        color (`tuple` of 3 `float`): linear RGB albedo in [0, 1].
        accent (`tuple` of 3 `float`): second colour of the pattern, linear RGB.
        scale_m (`float`): length of one repeat of the pattern, metres.
        gloss (`float`): strength of the specular highlight in [0, 1].
        emission (`float`): light given off, as a factor on `color`; 0 for everything but lamps and screens.
        seed (`int`): picks one of the pattern's variants, e.g. which picture hangs in the frame.
    """

    pattern: str
    color: tuple[float, float, float]
    accent: tuple[float, float, float] = (0.5, 0.5, 0.5)
    scale_m: float = 0.1
    gloss: float = 0.0
    emission: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Light:
    """A light.

    Args:
        kind (`str`): `"sun"` (parallel rays along `direction`) or `"area"` (a horizontal or vertical rectangle).
        position (`tuple` of 3 `float`): centre of an area light, metres, world; unused for the sun.
        direction (`tuple` of 3 `float`): unit vector in which the light shines.
        size_m (`tuple` of 2 `float`): extents of an area light; unused for the sun.
        color (`tuple` of 3 `float`): linear RGB radiant intensity: irradiance on a facing surface is `color` for the
            sun and `color / distance**2` for an area light.
    """

    kind: str
    position: tuple[float, float, float]
    direction: tuple[float, float, float]
    size_m: tuple[float, float]
    color: tuple[float, float, float]


@dataclass(frozen=True)
class Sky:
    """What a ray meets that leaves the scene.

    Args:
        zenith, horizon (`tuple` of 3 `float`): linear RGB radiance straight up and level, times pi as everywhere.
        ground (`tuple` of 3 `float`): linear RGB radiance below the horizon.
        skyline (`bool`): a line of trees stands at the horizon, as seen through a window.
    """

    zenith: tuple[float, float, float] = (0.28, 0.50, 0.85)
    horizon: tuple[float, float, float] = (0.74, 0.84, 0.92)
    ground: tuple[float, float, float] = (0.13, 0.22, 0.05)
    skyline: bool = True


@dataclass(frozen=True)
class Sensor:
    """What the camera makes of the light; the default is a perfect one.

    Args:
        exposure_stops (`float`): above or below the automatic exposure, in powers of two.
        white_balance (`tuple` of 3 `float`): factors on linear red, green and blue.
        noise (`float`): standard deviation of the noise at middle grey, in display values from 0 to 1.
        blur_px (`float`): standard deviation of the blur, in pixels of a 640 pixels wide image.
    """

    exposure_stops: float = 0.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise: float = 0.0
    blur_px: float = 0.0


@dataclass(frozen=True, eq=False)
class Appearance:
    """What the renderer needs beyond geometry; sources with photos have none.

    Args:
        materials (`tuple` of [`Material`]).
        face_material (`np.ndarray` of shape `(T,)`): index into `materials`.
        vertex_normals (`np.ndarray` of shape `(V, 3)`): unit shading normals, world; vertices are split at creases.
        vertex_texcoords (`np.ndarray` of shape `(V, 3)`): coordinates of the vertex in its part's own frame, metres,
            so that solid patterns (wood grain) stick to the object. For flat pictures x runs right and y up, both in
            [0, 1], and z is the picture's width over its height.
        lights (`tuple` of [`Light`]).
        ambient (`tuple` of 3 `float`): linear RGB irradiance from everywhere, dimmed by ambient occlusion.
        sky ([`Sky`]).
        sensor ([`Sensor`]).
    """

    materials: tuple[Material, ...]
    face_material: np.ndarray
    vertex_normals: np.ndarray
    vertex_texcoords: np.ndarray
    lights: tuple[Light, ...]
    ambient: tuple[float, float, float]
    sky: Sky = Sky()
    sensor: Sensor = Sensor()
