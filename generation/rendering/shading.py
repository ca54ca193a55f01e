"""One light: how much of it arrives, whether it is seen, and its highlight.

Radiance here is pi times the physical one, so that a white surface under irradiance E shows E.
Noisy quantities (is the light seen?) are kept apart from exact ones (how bright would it be if it were seen?), so that
only the former need smoothing.
"""

import numpy as np
from numba import njit

from generation.rendering.raycast import RayCaster
from generation.rendering.surface import SurfacePoints
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


@njit(cache=True, error_model="numpy")
def cosine_rays(normal: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """One direction `(N, 3)` about each normal `(3, N)`, distributed as the cosine, from uniforms `(2, N)`.

    The frame around the normal is that of Duff et al., Building an Orthonormal Basis, Revisited, 2017.
    """
    result = np.zeros((normal.shape[1], 3), dtype=np.float32)
    one = np.float32(1)
    for n in range(len(result)):
        radius, angle = np.sqrt(uniforms[0, n]), np.float32(2 * np.pi) * uniforms[1, n]
        along, across = radius * np.cos(angle), radius * np.sin(angle)
        up = np.sqrt(max(one - uniforms[0, n], np.float32(0)))
        x, y, z = normal[0, n], normal[1, n], normal[2, n]
        sign = -one if z < 0 else one
        a = -one / (sign + z)
        b = x * y * a
        result[n, 0] = along * (one + sign * x * x * a) + across * b + up * x
        result[n, 1] = along * sign * b + across * (sign + y * y * a) + up * y
        result[n, 2] = -along * sign * x - across * y + up * z
    return result


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
        sides = size[0] * right, size[1] * np.cross(direction, right)
        self._source = np.float32([light.position, direction, *sides])  # (4, 3)

    def unshadowed(self, points: SurfacePoints) -> np.ndarray:
        """Irradiance as a share `(N,)` of `color`, if nothing stood in between."""
        return _unshadowed(self._source, self.is_sun, self._is_wide, points.position, points.normal)

    def visible(
        self,
        caster: RayCaster,
        origins: np.ndarray,
        plane: np.ndarray,
        uniforms: np.ndarray,
        wanted: np.ndarray | None = None,
    ) -> np.ndarray:
        """Whether one point of the source, picked by uniforms `(2, N)`, is seen: `bool` of shape `(N,)`.

        `origins` and `plane` `(3, N)` are those of the surface points, the former as `lifted` gives them. Points that
        are not `wanted` `(N,)` see nothing.
        """
        wanted = np.ones(origins.shape[1], dtype=bool) if wanted is None else wanted
        rows, *rays = _shadow_rays(self._source, self.is_sun, origins, plane, uniforms, wanted)
        seen = np.zeros(origins.shape[1], dtype=bool)
        seen[rows] = ~caster.occluded(*rays)
        return seen

    def add(
        self, points: SurfacePoints, share: np.ndarray, seen: np.ndarray, roughness: np.ndarray, arriving: np.ndarray
    ) -> None:
        """Add the light to `arriving` `(N, 6)`, irradiance and mirrored radiance before Fresnel.

        `share` `(N,)` is what `unshadowed` gives, `seen` `(N,)` the share of the source that each point sees;
        `roughness` `(N,)` is 0 where nothing shines.
        """
        place = points.position, points.normal, points.view
        _add(self._source, self.is_sun, self.color, share, seen, *place, roughness, arriving)


@njit(cache=True, error_model="numpy")
def _arriving(source, is_sun, x, y, z, along, across):
    """Light from the point of the source at `along`, `across` in [-0.5, 0.5]: the unit direction to it, its distance
    and the share of the light's colour that a surface facing it receives."""
    to_x = along * source[2, 0] + across * source[3, 0]
    to_y = along * source[2, 1] + across * source[3, 1]
    to_z = along * source[2, 2] + across * source[3, 2]
    if is_sun:
        to_x, to_y, to_z = to_x - source[1, 0], to_y - source[1, 1], to_z - source[1, 2]
        length = np.sqrt(to_x * to_x + to_y * to_y + to_z * to_z)
        return (
            to_x / length,
            to_y / length,
            to_z / length,
            np.float32(FAR_M),
            np.float32(1),
        )
    to_x, to_y, to_z = (
        to_x + source[0, 0] - x,
        to_y + source[0, 1] - y,
        to_z + source[0, 2] - z,
    )
    squared = max(to_x * to_x + to_y * to_y + to_z * to_z, np.float32(1e-4))
    distance = np.sqrt(squared)
    per_m = np.float32(1) / distance
    to_x, to_y, to_z = to_x * per_m, to_y * per_m, to_z * per_m
    cosine = -(to_x * source[1, 0] + to_y * source[1, 1] + to_z * source[1, 2])
    return to_x, to_y, to_z, distance, max(cosine, np.float32(0)) / squared


@njit(cache=True, error_model="numpy")
def _share(source, is_sun, is_wide, x, y, z, normal_x, normal_y, normal_z):
    """Unshadowed irradiance of a point as a share of the light's colour."""
    zero, quarter = np.float32(0), np.float32(0.25)
    if not is_wide:
        to_x, to_y, to_z, _, share = _arriving(source, is_sun, x, y, z, zero, zero)
        return share * max(to_x * normal_x + to_y * normal_y + to_z * normal_z, zero)
    total = zero
    for along in (-quarter, quarter):
        to_x, to_y, to_z, _, share = _arriving(source, is_sun, x, y, z, along, zero)
        total += share * max(to_x * normal_x + to_y * normal_y + to_z * normal_z, zero)
    return total * np.float32(0.5)


@njit(cache=True, error_model="numpy")
def _unshadowed(source, is_sun, is_wide, position, normal):
    result = np.zeros(position.shape[1], dtype=np.float32)
    for n in range(len(result)):
        place = position[0, n], position[1, n], position[2, n]
        result[n] = _share(source, is_sun, is_wide, *place, normal[0, n], normal[1, n], normal[2, n])
    return result


@njit(cache=True, error_model="numpy")
def _shadow_rays(source, is_sun, origins, plane, uniforms, wanted):
    """The wanted points that face the source, and for each the ray to a point of it: origin, direction, length."""
    count = origins.shape[1]
    rows = np.zeros(count, dtype=np.int64)
    starts, directions = (
        np.zeros((count, 3), dtype=np.float32),
        np.zeros((count, 3), dtype=np.float32),
    )
    lengths = np.zeros(count, dtype=np.float32)
    found, half = 0, np.float32(0.5)
    for n in range(count):
        if not wanted[n]:
            continue
        x, y, z = origins[0, n], origins[1, n], origins[2, n]
        along, across = uniforms[0, n] - half, uniforms[1, n] - half
        to_x, to_y, to_z, distance, share = _arriving(source, is_sun, x, y, z, along, across)
        if share > 0 and plane[0, n] * to_x + plane[1, n] * to_y + plane[2, n] * to_z > 0:
            rows[found] = n
            starts[found, 0], starts[found, 1], starts[found, 2] = x, y, z
            directions[found, 0], directions[found, 1], directions[found, 2] = (
                to_x,
                to_y,
                to_z,
            )
            lengths[found] = distance - np.float32(OFFSET_M)
            found += 1
    return rows[:found], starts[:found], directions[:found], lengths[:found]


@njit(cache=True, error_model="numpy")
def _add(source, is_sun, color, share, seen, position, normal, view, roughness, arriving):
    for n in range(len(seen)):
        if seen[n] <= 0:
            continue
        for c in range(3):
            arriving[n, c] += seen[n] * share[n] * color[c, 0]
        if roughness[n] > 0:
            zero = np.float32(0)
            to_light = _arriving(source, is_sun, position[0, n], position[1, n], position[2, n], zero, zero)
            across, towards = (normal[0, n], normal[1, n], normal[2, n]), (view[0, n], view[1, n], view[2, n])
            strength = seen[n] * _highlight(to_light, across, towards, roughness[n])
            for c in range(3):
                arriving[n, 3 + c] += strength * color[c, 0]


@njit(cache=True, error_model="numpy")
def _highlight(to_light, normal, view, roughness):
    """Unshadowed highlight as a factor on the light's colour, before Fresnel: GGX with Kelemen's visibility term."""
    to_x, to_y, to_z, _, share = to_light
    one, zero = np.float32(1), np.float32(0)
    half_x, half_y, half_z = to_x - view[0], to_y - view[1], to_z - view[2]
    length = max(np.sqrt(half_x * half_x + half_y * half_y + half_z * half_z), np.float32(1e-6))
    half_x, half_y, half_z = half_x / length, half_y / length, half_z / length
    cosine = min(max(normal[0] * half_x + normal[1] * half_y + normal[2] * half_z, zero), one)
    alpha2 = roughness * roughness * roughness * roughness
    spread = cosine * cosine * (alpha2 - one) + one
    towards = to_x * half_x + to_y * half_y + to_z * half_z
    density = alpha2 / max(spread * spread, np.float32(1e-7))
    visibility = one / max(np.float32(4) * towards * towards, np.float32(0.1))
    lit = max(to_x * normal[0] + to_y * normal[1] + to_z * normal[2], zero)
    return density * visibility * share * lit
