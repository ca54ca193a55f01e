"""The lights: how much of each arrives, whether it is seen, and its highlight.

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


class Lights:
    """The L lights of a scene, suns first, ready for arrays of points."""

    def __init__(self, lights: tuple[Light, ...]):
        lights = sorted(lights, key=lambda light: light.kind != "sun")
        self.suns = sum(light.kind == "sun" for light in lights)
        self.color = np.array([light.color for light in lights], dtype=np.float32).reshape(-1, 3)
        self._source = np.array([_source(light) for light in lights], dtype=np.float32).reshape(-1, 4, 3)
        self._is_wide = np.array([light.kind != "sun" and max(light.size_m) > SMALL_M for light in lights], dtype=bool)

    def unshadowed(self, points: SurfacePoints) -> np.ndarray:
        """Irradiance from each light as a share `(L, N)` of its colour, if nothing stood in between."""
        return _unshadowed(self._source, self.suns, self._is_wide, points.position, points.normal)

    def visible(
        self,
        caster: RayCaster,
        origins: np.ndarray,
        plane: np.ndarray,
        uniforms: np.ndarray,
        wanted: np.ndarray,
        shift: float = 0.0,
    ) -> np.ndarray:
        """Whether one point of each light is seen, picked by uniforms: `bool` of shape `(L, N)`.

        Args:
            caster ([`RayCaster`]): over what casts shadows.
            origins, plane (`np.ndarray` of shape `(3, N)`): of the surface points, the former as `lifted` gives them.
            uniforms (`np.ndarray` of shape `(2, N)`): shifted by another amount for each light, and by `shift`.
            wanted (`np.ndarray` of shape `(L, N)`): the others see nothing.
        """
        at_most = np.count_nonzero(wanted)
        places, *rays = _shadow_rays(self._source, self.suns, origins, plane, uniforms, shift, wanted, at_most)
        seen = np.zeros(wanted.shape, dtype=bool)
        seen.ravel()[places] = ~caster.occluded(*rays)
        return seen

    def light_up(
        self, points: SurfacePoints, shares: np.ndarray, seen: np.ndarray, roughness: np.ndarray, arriving: np.ndarray
    ) -> None:
        """Add all lights to `arriving` `(6, N)`, irradiance and mirrored radiance before Fresnel.

        `shares` `(L, N)` are what `unshadowed` gives, `seen` `(L, N)` the share of each light that each point sees;
        `roughness` `(N,)` is 0 where nothing shines.
        """
        place = points.position, points.normal, points.view
        _light_up(self._source, self.suns, self.color, shares, seen, *place, roughness, arriving)


def _source(light: Light) -> list:
    """Centre, direction and the two sides of a light `(4, 3)`; of a sun, the sides at a distance of 1."""
    direction = np.float32(light.direction) / np.float32(np.linalg.norm(light.direction))
    upright = np.array([0.0, 0.0, 1.0]) if abs(direction[2]) < 0.7 else np.array([0.0, 1.0, 0.0])
    right = np.cross(upright, direction)
    right /= np.linalg.norm(right)
    size = (SUN_WIDTH, SUN_WIDTH) if light.kind == "sun" else light.size_m
    # A rectangle's first extent is level, its second upright, or along y where it faces up or down
    return [light.position, direction, size[0] * right, size[1] * np.cross(direction, right)]


@njit(cache=True, error_model="numpy", forceinline=True)
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
def _unshadowed(source, suns, is_wide, position, normal):
    """A wide lamp shines from two places, others from their centre."""
    result = np.zeros((len(source), position.shape[1]), dtype=np.float32)
    zero = np.float32(0)
    for k in range(len(source)):
        if k < suns:
            x, y, z = source[k, 1, 0], source[k, 1, 1], source[k, 1, 2]
            for n in range(position.shape[1]):
                result[k, n] = max(-(x * normal[0, n] + y * normal[1, n] + z * normal[2, n]), zero)
        elif is_wide[k]:
            for along in (np.float32(-0.25), np.float32(0.25)):
                _shine(source[k], along, np.float32(0.5), position, normal, result[k])
        else:
            _shine(source[k], zero, np.float32(1), position, normal, result[k])
    return result


@njit(cache=True, error_model="numpy", forceinline=True)
def _shine(source, along, strength, position, normal, result):
    """Adds what arrives from the point at `along` on a lamp: both cosines over the squared distance."""
    zero, least = np.float32(0), np.float32(1e-4)
    at_x, at_y, at_z = (source[0, 0] + along * source[2, 0], source[0, 1] + along * source[2, 1],
                        source[0, 2] + along * source[2, 2])  # fmt: skip
    aim_x, aim_y, aim_z = source[1, 0], source[1, 1], source[1, 2]
    for n in range(len(result)):
        x, y, z = at_x - position[0, n], at_y - position[1, n], at_z - position[2, n]
        squared = max(x * x + y * y + z * z, least)
        leaving = max(-(x * aim_x + y * aim_y + z * aim_z), zero)
        landing = max(x * normal[0, n] + y * normal[1, n] + z * normal[2, n], zero)
        result[n] += strength * leaving * landing / (squared * squared)


@njit(cache=True, error_model="numpy")
def _shadow_rays(source, suns, origins, plane, uniforms, shift, wanted, at_most):
    """Of the wanted that face the light: the flat index, and the ray to a point of it: origin, direction, length."""
    lights, count = wanted.shape
    places = np.zeros(at_most, dtype=np.int64)
    starts, directions = np.zeros((at_most, 3), dtype=np.float32), np.zeros((at_most, 3), dtype=np.float32)
    lengths = np.zeros(at_most, dtype=np.float32)
    found, half, one = 0, np.float32(0.5), np.float32(1)
    for k in range(lights):
        # Multiples of the golden ratio's and its cousin's fractions: no two lights are shifted alike
        right, up = np.float32((k * 0.7548776662 + shift) % 1), np.float32((k * 0.5698402910 + shift) % 1)
        for n in range(count):
            if not wanted[k, n]:
                continue
            along, across = uniforms[0, n] + right, uniforms[1, n] + up
            along, across = along - (one if along >= one else 0) - half, across - (one if across >= one else 0) - half
            x, y, z = origins[0, n], origins[1, n], origins[2, n]
            to_x, to_y, to_z, distance, share = _arriving(source[k], k < suns, x, y, z, along, across)
            if share > 0 and plane[0, n] * to_x + plane[1, n] * to_y + plane[2, n] * to_z > 0:
                places[found] = k * count + n
                starts[found, 0], starts[found, 1], starts[found, 2] = x, y, z
                directions[found, 0], directions[found, 1], directions[found, 2] = to_x, to_y, to_z
                lengths[found] = distance - np.float32(OFFSET_M)
                found += 1
    return places[:found], starts[:found], directions[:found], lengths[:found]


@njit(cache=True, error_model="numpy")
def _light_up(source, suns, color, shares, seen, position, normal, view, roughness, arriving):
    zero = np.float32(0)
    for k in range(len(source)):
        red, green, blue = color[k, 0], color[k, 1], color[k, 2]
        for n in range(len(roughness)):
            strength = seen[k, n] * shares[k, n]
            arriving[0, n] += strength * red
            arriving[1, n] += strength * green
            arriving[2, n] += strength * blue
        for n in range(len(roughness)):
            if roughness[n] > 0 and seen[k, n] > 0:
                place = position[0, n], position[1, n], position[2, n]
                to_light = _arriving(source[k], k < suns, *place, zero, zero)
                across, towards = (normal[0, n], normal[1, n], normal[2, n]), (view[0, n], view[1, n], view[2, n])
                strength = seen[k, n] * _highlight(to_light, across, towards, roughness[n])
                arriving[3, n] += strength * red
                arriving[4, n] += strength * green
                arriving[5, n] += strength * blue


@njit(cache=True, error_model="numpy", forceinline=True)
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
