"""The surface points that a pattern colours."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generation.rendering.noise import value_noise


@dataclass(frozen=True, eq=False)
class Texels:
    """N surface points with the settings of their materials, arrays of `np.float32` but for `seed`.

    Args:
        coords (`np.ndarray` of shape `(3, N)`): texture coordinates: metres, or the unit square for flat patterns.
        axis (`np.ndarray` of shape `(N,)`): the texture axis that the surface faces most.
        footprint_m (`np.ndarray` of shape `(N,)`): width of the pixel on the surface, in units of `coords`.
        view (`np.ndarray` of shape `(3, N)`): direction from the eye to the point, world.
        color, accent (`np.ndarray` of shape `(3, N)`): linear RGB.
        scale_m, emission (`np.ndarray` of shape `(N,)`): see [`Material`].
        seed (`np.ndarray` of shape `(N,)`): `np.uint32`.
        outdoors (`Callable`): radiance `(3, n)` of the world outside in unit directions `(3, n)`.
    """

    coords: np.ndarray
    axis: np.ndarray
    footprint_m: np.ndarray
    view: np.ndarray
    color: np.ndarray
    accent: np.ndarray
    scale_m: np.ndarray
    emission: np.ndarray
    seed: np.ndarray
    outdoors: Callable[[np.ndarray], np.ndarray]

    def in_plane(self) -> tuple[np.ndarray, np.ndarray]:
        """The two coordinates within the surface, in repeats: (x, y) on floors, (x, z) or (y, z) on walls."""
        x, y, z = self.coords / self.scale_m
        return np.where(self.axis == 0, y, x), np.where(self.axis == 2, y, z)

    def noise(self, size: float) -> np.ndarray:
        """Value noise `(N,)` in [0, 1] whose features are `size` repeats wide."""
        return value_noise(self.coords / (np.float32(size) * self.scale_m), self.seed)


def rgb(red: float, green: float, blue: float) -> np.ndarray:
    """One linear colour `(3, 1)`."""
    return np.array([[red], [green], [blue]], dtype=np.float32)


def blend(first: np.ndarray, second: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Colours `(3, N)` between two colours, `(3, N)` or `(3, 1)`; `share` of the second one, 0 to 1."""
    return first + np.asarray(share, dtype=np.float32) * (second - first)
