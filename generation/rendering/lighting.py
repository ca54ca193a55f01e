"""All light on what one view shows: traced for a quarter of its pixels, cleaned of noise and spread to all of them."""

import numpy as np
from numba import njit
from scipy.ndimage import maximum_filter, minimum_filter

from generation.rendering.bounce import BounceLight
from generation.rendering.denoise import Guides, smooth_within_surfaces
from generation.rendering.materials import MaterialTable
from generation.rendering.outdoors import Outdoors
from generation.rendering.raycast import RayCaster
from generation.rendering.shade import Finishes, Samples, Shaded, ViewLight, shade
from generation.rendering.shading import LightModel, lifted, ray_rows
from generation.rendering.surface import SceneSurface, SurfacePoints
from generation.scenes.base import Scene


BLOCK = 2  # pixels of the image along each side of a traced one
FAINT = 0.01  # share of all light below which a light's shadows are not looked for, and the light left out
OUTLINE_RAYS = 4  # of each pixel at the outline of the sun's shadows
# Distances, in traced pixels, over which light is smoothed one after the other
SUN_STEP, MIRROR_STEP, LAMP_STEP, BOUNCE_STEP = 1, 2, 4, 8  # each for what is named and all that follows
TOLERANCE = 0.01  # of the distance: how far off a plane a pixel may lie to count as part of it


class SceneLighting:
    """The lights of a scene with what they need to find shadows and bounces.

    Args:
        scene ([`Scene`]): with an appearance.
        surface ([`SceneSurface`]).
        materials ([`MaterialTable`]).
        caster ([`RayCaster`]): over the whole mesh.
        outdoors ([`Outdoors`]): what rays meet that leave the scene.
        rng (`np.random.Generator`).
    """

    def __init__(
        self,
        scene: Scene,
        surface: SceneSurface,
        materials: MaterialTable,
        caster: RayCaster,
        outdoors: Outdoors,
        rng: np.random.Generator,
    ):
        self._caster, self._surface, self._materials, self._outdoors = (
            caster,
            surface,
            materials,
            outdoors,
        )
        # Suns come first: their shadows are smoothed less
        self._lights = sorted(map(LightModel, scene.appearance.lights), key=lambda light: not light.is_sun)
        self._suns = sum(light.is_sun for light in self._lights)
        self._finishes = Finishes.of(materials)
        # Window panes and lamp shades are opaque to the eye only: what they let through or give off is a `Light`
        casts_shadow = ~materials.lets_light_through[surface.face_material]
        self._shadow_caster = RayCaster(scene.mesh.vertices, scene.mesh.faces[casts_shadow])
        self._bounce = BounceLight(scene, surface, materials, self._lights, caster, self._shadow_caster, rng)

    def trace(
        self,
        points: SurfacePoints,
        places: np.ndarray,
        shape: tuple[int, int],
        rng: np.random.Generator,
    ) -> ViewLight:
        """Light on one pixel of each block.

        Args:
            points ([`SurfacePoints`]): what the pixels show.
            places (`np.ndarray` of shape `(N,)`): flat index of each point's block.
            shape (`tuple` of 2 `int`): rows and columns of blocks.
            rng (`np.random.Generator`).
        """
        shares = [light.unshadowed(points) for light in self._lights]
        roughness = self._finishes.roughness[self._surface.face_material[points.face]]
        traced = self._traced(points, places, shape, shares, roughness, rng)
        noisy = np.zeros((shape[0] * shape[1], traced.shape[1]), dtype=np.float32)
        noisy[places] = traced
        guides = self._guides(points, places, shape)
        smooth = noisy.reshape(*shape, -1)
        steps = {SUN_STEP: 0, MIRROR_STEP: self._suns, LAMP_STEP: self._suns + 3, BOUNCE_STEP: -3}
        for step, first in steps.items():
            smooth[..., first:] = smooth_within_surfaces(np.ascontiguousarray(smooth[..., first:]), guides, step)

        clean = smooth.reshape(len(noisy), -1)[places]
        mirrored, seen, bounced = np.split(clean[:, self._suns :], [3, 3 + len(self._lights) - self._suns], axis=1)
        seen = np.concatenate([clean[:, : self._suns], seen], axis=1)
        arriving = np.concatenate([bounced, mirrored], axis=1)
        for light, share, one in zip(self._lights, shares, seen.T, strict=True):
            light.add(points, share, one, roughness, arriving)
        values = np.zeros((len(noisy), 6), dtype=np.float32)
        values[places] = arriving
        return ViewLight(values.reshape(*shape, 6), guides, BLOCK)

    def _traced(
        self,
        points: SurfacePoints,
        places: np.ndarray,
        shape: tuple[int, int],
        shares: list[np.ndarray],
        roughness: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """What one ray of each kind finds, `(N, C)`: whether each sun is seen; mirrored radiance, three channels;
        whether each lamp is seen; bounced irradiance, three channels."""
        suns = self._suns

        def uniforms() -> np.ndarray:
            return np.take(strata(shape, rng), places, axis=1)

        def visible(light: LightModel, random: np.ndarray, wanted: np.ndarray) -> np.ndarray:
            seen = light.visible(self._shadow_caster, origins, points.plane, random, wanted)
            return seen.astype(np.float32)

        result = np.zeros((len(places), len(self._lights) + 6), dtype=np.float32)
        origins = lifted(points)
        strengths = [light.color.mean() * share for light, share in zip(self._lights, shares, strict=True)]
        faint = np.float32(FAINT) * sum(strengths, np.full(len(places), self._bounce.ambient.mean()))
        first = (places // shape[1] % 2 == 0) & (places % shape[1] % 2 == 0)
        for k, (light, strength) in enumerate(zip(self._lights, strengths, strict=True)):
            wanted, random = strength > faint, uniforms()
            seen = visible(light, random, wanted & first)
            rest = wanted & ~first
            _settle(seen, wanted & first, rest, places, shape)
            seen += visible(light, random, rest)
            if light.is_sun:  # its shadows have sharp outlines, which more rays draw
                wanted &= _at_outlines(seen, places, shape)
                for _ in range(OUTLINE_RAYS - 1):
                    seen += visible(light, uniforms(), wanted)
                seen[wanted] /= OUTLINE_RAYS
            result[:, k if k < suns else k + 3] = seen
        result[:, -3:] = self._bounce.gather(points, uniforms()).T
        glossy = np.flatnonzero(roughness > 0)
        result[glossy, suns : suns + 3] = self._reflection(points.take(glossy), roughness[glossy], rng).T
        return result

    def shade(self, light: ViewLight, samples: Samples) -> Shaded:
        """What is needed to colour N samples of the view."""
        return Shaded(*shade(samples, light, self._surface.triangles, self._finishes))

    def _reflection(self, points: SurfacePoints, roughness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What a blurred mirror would show at each point: radiance `(3, N)`."""
        blur = rng.standard_normal(points.normal.shape, dtype=np.float32)
        directions = _mirror_rays(points.view, points.normal, points.plane, roughness, blur)
        origins = ray_rows(lifted(points))
        hits = self._caster.cast(origins, directions)
        found, missed = np.flatnonzero(hits.face >= 0), np.flatnonzero(hits.face < 0)
        result = np.zeros_like(points.normal)
        result[:, missed] = self._outdoors(np.ascontiguousarray(directions[missed].T))
        result[:, found] = self._bounce.reflected(hits.t[found], hits.face[found], origins[found], directions[found])
        return result

    def _guides(self, points: SurfacePoints, places: np.ndarray, shape: tuple[int, int]) -> Guides:
        size = shape[0] * shape[1]
        normal, position = np.zeros((2, size, 3), dtype=np.float32)
        surface_id, tolerance_m = (
            np.full(size, -1, dtype=np.int32),
            np.ones(size, dtype=np.float32),
        )
        normal[places], position[places] = points.normal.T, points.position.T
        surface_id[places] = self._surface.triangles.surface_id[points.face]
        tolerance_m[places] = TOLERANCE * points.distance_m
        return Guides(
            normal.reshape(*shape, 3),
            position.reshape(*shape, 3),
            surface_id.reshape(shape),
            tolerance_m.reshape(shape),
        )


@njit(cache=True, error_model="numpy")
def _settle(seen, traced, rest, places, shape):
    """Where the nine next pixels that were `traced`, one of every 2x2, all see the light or all do not, the `rest` are
    taken to do the same: noted in `seen`, and taken from `rest`. All are `(N,)`; `places` are flat pixel indices."""
    height, width = (shape[0] + 1) // 2, (shape[1] + 1) // 2
    coarse = np.full((height, width), -1, dtype=np.int8)  # -1 is not known
    for n in range(len(places)):
        if traced[n]:
            coarse[places[n] // shape[1] // 2, places[n] % shape[1] // 2] = 1 if seen[n] > 0 else 0
    for n in range(len(places)):
        if not rest[n]:
            continue
        row, column = places[n] // shape[1] // 2, places[n] % shape[1] // 2
        value, same = coarse[row, column], True
        for y in range(max(row - 1, 0), min(row + 2, height)):
            for x in range(max(column - 1, 0), min(column + 2, width)):
                same = same and coarse[y, x] == value
        if same and value >= 0:
            seen[n], rest[n] = value, False


def _at_outlines(seen: np.ndarray, places: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Which of N pixels, given by flat index, have a neighbour that sees what they do not, or the reverse."""
    image = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    image[places] = seen > 0
    image = image.reshape(shape)
    return (maximum_filter(image, 3) != minimum_filter(image, 3)).ravel()[places]


def strata(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Pairs of uniforms, `(2, H * W)`: every 4x4 block of pixels covers the unit square evenly."""
    block = rng.permutation(16).astype(np.int32).reshape(4, 4)
    cell = np.tile(block, (-(-shape[0] // 4), -(-shape[1] // 4)))[: shape[0], : shape[1]].ravel()
    jitter = rng.random((2, len(cell)), dtype=np.float32)
    return (np.stack([cell % 4, cell // 4]).astype(np.float32) + jitter) * np.float32(0.25)


@njit(cache=True, error_model="numpy")
def one_of_each_block(nearness: np.ndarray) -> np.ndarray:
    """Which pixel of each block is traced: flat indices `(h, w)`, -1 for a block that shows nothing.

    By turns the nearest and the farthest, so that both sides of an edge are traced close to it. `nearness` `(H, W)` is
    one over the depth, 0 for nothing.
    """
    height, width = nearness.shape
    chosen = np.full((-(-height // BLOCK), -(-width // BLOCK)), -1, dtype=np.int64)
    for y in range(height):
        for x in range(width):
            row, column = y // BLOCK, x // BLOCK
            best = chosen[row, column]
            if nearness[y, x] == 0:
                continue
            if best < 0 or (nearness[y, x] > nearness[best // width, best % width]) == ((row + column) % 2 == 0):
                chosen[row, column] = y * width + x
    return chosen


@njit(cache=True, error_model="numpy")
def _mirror_rays(view, normal, plane, roughness, blur):
    """Directions `(N, 3)` in which a rough mirror reflects the view; none goes below the surface."""
    result = np.zeros((len(roughness), 3), dtype=np.float32)
    two, half = np.float32(2), np.float32(0.5)
    for n in range(len(roughness)):
        spread = half * roughness[n] * roughness[n]
        x, y, z = (
            normal[0, n] + spread * blur[0, n],
            normal[1, n] + spread * blur[1, n],
            normal[2, n] + spread * blur[2, n],
        )
        length = np.sqrt(x * x + y * y + z * z)
        x, y, z = x / length, y / length, z / length
        along = two * (view[0, n] * x + view[1, n] * y + view[2, n] * z)
        x, y, z = view[0, n] - along * x, view[1, n] - along * y, view[2, n] - along * z
        below = two * min(x * plane[0, n] + y * plane[1, n] + z * plane[2, n], np.float32(0))
        result[n, 0], result[n, 1], result[n, 2] = (
            x - below * plane[0, n],
            y - below * plane[1, n],
            z - below * plane[2, n],
        )
    return result
