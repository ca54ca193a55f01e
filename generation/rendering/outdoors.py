"""What a ray sees that leaves the scene, or that looks through a window."""

import numpy as np

from generation.rendering.noise import value_noise
from generation.rendering.texels import blend, rgb
from generation.scenes.appearance import Light, Sky


DAYLIGHT = 0.83  # mean radiance of the default horizon, under which the trees have the colours below
SHADE, LEAVES = rgb(0.02, 0.06, 0.015), rgb(0.15, 0.26, 0.05)
SHARPNESS = 60  # horizon and tree tops blur over a sixtieth of a radian, as things out of focus do
SUN_COSINE = np.float32(np.cos(0.01))
SUN_DISC, SUN_HALO, SUN_HAZE = (np.float32(strength) for strength in (8.0, 0.3, 0.04))  # shares of the sun's colour


class Outdoors:
    """The world outside: a sky with a sun where the scene has one, perhaps a line of trees, the ground.

    Args:
        sky ([`Sky`]).
        lights (`tuple` of [`Light`]): those of the scene; of interest are suns.
    """

    def __init__(self, sky: Sky, lights: tuple[Light, ...] = ()):
        self._zenith, self._horizon, self._ground = (rgb(*color) for color in (sky.zenith, sky.horizon, sky.ground))
        self._skyline = sky.skyline
        suns = [light for light in lights if light.kind == "sun"]
        self._suns = [
            (-np.float32(s.direction) / np.float32(np.linalg.norm(s.direction)), rgb(*s.color)) for s in suns
        ]

    def __call__(self, view: np.ndarray) -> np.ndarray:
        """Radiance, linear RGB `(3, N)`, in unit directions `(3, N)`."""
        up = view[2]
        color = blend(self._horizon, self._zenith, np.clip(1.6 * up, 0, 1))
        for to_sun, sun in self._suns:
            cosine = np.maximum(to_sun @ view, 0)
            disc = SUN_DISC * (cosine > SUN_COSINE)
            color += sun * (disc + SUN_HALO * cosine**256 + SUN_HAZE * cosine**8)
        if self._skyline:
            color = self._with_trees(view, color)
        lawn = self._ground * (1.3 - 0.5 * np.clip(-3 * up, 0, 1))
        return blend(color, lawn, np.clip((-0.04 * self._skyline - up) * SHARPNESS, 0, 1))

    def _with_trees(self, view: np.ndarray, sky: np.ndarray) -> np.ndarray:
        """A line of trees before the sky, as bright as the sky lights them."""
        near = np.flatnonzero((view[2] > -0.1) & (view[2] < 0.5))  # none stands higher
        view = view[:, near]
        around = view / np.maximum(np.hypot(view[0], view[1]), np.float32(1e-3))
        seed = np.zeros(len(near), dtype=np.uint32)
        broad, middle, fine, finest = (value_noise(around / np.float32(s), seed) for s in (0.22, 0.045, 0.014, 0.005))
        trees = blend(SHADE, LEAVES, np.clip(0.8 * middle + 0.6 * fine + 0.4 * finest - 0.4, 0, 1))
        height = 0.03 + 0.17 * broad + 0.04 * middle + 0.025 * fine
        color = sky.copy()
        share = np.clip((view[2] - height) * SHARPNESS, 0, 1)
        color[:, near] = blend(trees * (self._horizon.mean() / DAYLIGHT), sky[:, near], share)
        return color
