"""One light: how much of it arrives, whether it is seen, and its highlight.

Radiance here is pi times the physical one, so that a white surface under irradiance E shows E.
Noisy quantities (is the light seen?) are kept apart from exact ones (how bright would it be if it were seen?), so that
only the former need smoothing.
"""

import numpy as np

from generation.rendering.raycast import RayCaster
from generation.rendering.surface import SurfacePoints, dot
from generation.scenes.appearance import Light


SUN_WIDTH = 0.02  # tangent of the angle across the sun, twice the true one, as haze makes it
FAR_M = 1e4
SMALL_M = 0.6  # smaller lights shine from their centre, but for their shadows
OFFSET_M = 1e-3


def lifted(points: SurfacePoints) -> np.ndarray:
    """Ray origins `(3, N)` just above the surface, so that a ray does not meet what it starts from."""
    return points.position + (OFFSET_M + 1e-4 * points.distance_m) * points.plane


def ray_rows(vectors: np.ndarray) -> np.ndarray:
    """`(3, N)` vectors as the contiguous `(N, 3)` `np.float32` that the ray caster takes."""
    return np.ascontiguousarray(vectors.T, dtype=np.float32)


def tangents(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors `(3, N)` that complete each unit normal to an orthonormal frame (Duff et al. 2017)."""
    x, y, z = normal
    sign = np.where(z < 0, np.float32(-1), np.float32(1))
    a = -1 / (sign + z)
    b = x * y * a
    return np.stack([1 + sign * x * x * a, sign * b, -sign * x]), np.stack([b, sign + y * y * a, -y])


def cosine_directions(normal: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """One direction `(3, N)` about each normal, distributed as the cosine, from uniforms `(2, N)`."""
    radius, angle = np.sqrt(uniforms[0]), np.float32(2 * np.pi) * uniforms[1]
    first, second = tangents(normal)
    up = np.sqrt(np.maximum(1 - uniforms[0], 0))
    return radius * np.cos(angle) * first + radius * np.sin(angle) * second + up * normal


class LightModel:
    """One light of the scene, ready for arrays of points."""

    def __init__(self, light: Light):
        self.is_sun = light.kind == "sun"
        self.color = np.float32(light.color)[:, None]
        direction = np.float32(light.direction) / np.float32(np.linalg.norm(light.direction))
        upright = np.array([0.0, 0.0, 1.0]) if abs(direction[2]) < 0.7 else np.array([0.0, 1.0, 0.0])
        right = np.cross(upright, direction)
        right /= np.linalg.norm(right)
        size = (SUN_WIDTH, SUN_WIDTH) if self.is_sun else light.size_m
        self._is_wide = not self.is_sun and max(size) > SMALL_M
        # A rectangle's first extent is level, its second upright, or along y where it faces up or down
        self._right = (size[0] * right).astype(np.float32)[:, None]
        self._up = (size[1] * np.cross(direction, right)).astype(np.float32)[:, None]
        self._direction = direction[:, None]
        self._centre = np.float32(light.position)[:, None]

    def arriving(
        self, position: np.ndarray, place: np.ndarray | tuple[float, float] = (0.5, 0.5)
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Light from one point of the source, its centre by default.

        Args:
            position (`np.ndarray` of shape `(3, N)`): where it arrives.
            place (`np.ndarray` of shape `(2, N)`, or a pair): point of the source, each coordinate in [0, 1].

        Returns:
            unit directions to the source `(3, N)`, distances `(N,)`, and the share of `color` that a surface facing
            the source receives `(N,)`.
        """
        along, across = np.float32(place[0]) - np.float32(0.5), np.float32(place[1]) - np.float32(0.5)
        offset = along * self._right + across * self._up
        if self.is_sun:
            to_light = offset - self._direction
            distance = np.sqrt(dot(to_light, to_light))
            ones = np.ones(position.shape[1], dtype=np.float32)
            return np.broadcast_to(to_light / distance, position.shape), FAR_M * ones, ones
        to_light = self._centre + offset - position
        squared = np.maximum(dot(to_light, to_light), np.float32(1e-4))
        distance = np.sqrt(squared)
        to_light /= distance
        return to_light, distance, np.maximum(-dot(to_light, self._direction), 0) / squared

    def unshadowed(self, points: SurfacePoints) -> np.ndarray:
        """Irradiance as a share `(N,)` of `color`, if nothing stood in between."""
        places = [(0.25, 0.5), (0.75, 0.5)] if self._is_wide else [(0.5, 0.5)]
        total = np.zeros(len(points.face), dtype=np.float32)
        for place in places:
            to_light, _, share = self.arriving(points.position, place)
            total += share * np.maximum(dot(points.normal, to_light), 0)
        return total / np.float32(len(places))

    def visible(self, caster: RayCaster, origins: np.ndarray, plane: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """Whether one point of the source, picked by uniforms `(2, N)`, is seen: `bool` of shape `(N,)`.

        `origins` and `plane` `(3, N)` are those of the surface points, the former as `lifted` gives them.
        """
        to_light, distance, share = self.arriving(origins, uniforms)
        blocked = caster.occluded(ray_rows(origins), ray_rows(to_light), distance - np.float32(OFFSET_M))
        return ~blocked & (share > 0) & (dot(plane, to_light) > 0)

    def highlight(self, points: SurfacePoints, roughness: np.ndarray) -> np.ndarray:
        """Unshadowed highlight `(N,)` as a factor on `color`, before Fresnel: GGX with Kelemen's visibility term."""
        to_light, _, share = self.arriving(points.position)
        half = to_light - points.view
        half /= np.maximum(np.sqrt(dot(half, half)), np.float32(1e-6))
        alpha2 = roughness**4
        cosine2 = np.square(np.clip(dot(points.normal, half), 0, 1))
        density = alpha2 / np.maximum(np.square(cosine2 * (alpha2 - 1) + 1), np.float32(1e-7))
        visibility = 1 / np.maximum(4 * np.square(dot(to_light, half)), np.float32(0.1))
        return density * visibility * share * np.maximum(dot(points.normal, to_light), 0)
