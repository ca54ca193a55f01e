"""All light on what one view shows: traced for a quarter of its pixels, cleaned of noise and spread to all of them."""

import numpy as np
from numba import njit

from generation.rendering.bounce import BounceLight
from generation.rendering.denoise import Guides, smooth_within_surfaces
from generation.rendering.materials import MaterialTable
from generation.rendering.outdoors import Outdoors
from generation.rendering.raycast import RayCaster
from generation.rendering.shade import Finishes, Samples, Shaded, ViewLight, shade, sheen
from generation.rendering.shading import Lights, lifted, ray_rows
from generation.rendering.surface import SceneSurface, SurfacePoints, dot
from generation.rendering.thrift import BLOCK, at_outlines, settle, strata, worth_a_look
from generation.scenes.base import Scene


DIM = 0.01  # share of what a surface mirrors below which no ray finds out what that is
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
        self._lights = Lights(scene.appearance.lights)
        self._finishes = Finishes.of(materials)
        # Window panes and lamp shades are opaque to the eye only: what they let through or give off is a `Light`
        casts_shadow = ~materials.lets_light_through[surface.face_material]
        self._shadow_caster = RayCaster(scene.mesh.vertices, scene.mesh.faces[casts_shadow], watertight=False)
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
        roughness = self._finishes.roughness[self._surface.face_material[points.face]]
        shares = self._lights.unshadowed(points)
        seen = self._seen(points, shares, places, shape, rng)
        bounced = self._bounce.gather(points, np.take(strata(shape, rng), places, axis=1))
        mirrored = self._mirrored(points, bounced, rng)
        shown = seen.any(axis=1)  # most lamps of a flat are in other rooms
        suns = np.flatnonzero(shown[: self._lights.suns])
        lamps = np.setdiff1d(np.flatnonzero(shown), suns)
        noisy = np.concatenate([seen[suns], mirrored, seen[lamps], bounced])
        guides = self._guides(points, places, shape)
        smooth = _filed(noisy, places, shape[0] * shape[1]).reshape(-1, *shape)
        steps = {SUN_STEP: 0, MIRROR_STEP: len(suns), LAMP_STEP: len(suns) + 3, BOUNCE_STEP: len(noisy) - 3}
        for step, first in steps.items():
            smooth = smooth_within_surfaces(smooth, guides, step, first)
        clean = np.take(smooth.reshape(len(noisy), -1), places, axis=1)
        seen[suns], mirrored, seen[lamps], bounced = np.split(clean, np.cumsum([len(suns), 3, len(lamps)]))
        arriving = np.concatenate([bounced, mirrored])
        self._lights.light_up(points, shares, seen, roughness, arriving)
        values = np.ascontiguousarray(_filed(arriving, places, shape[0] * shape[1]).T)
        return ViewLight(values.reshape(*shape, 6), guides, BLOCK)

    def _seen(
        self, points: SurfacePoints, shares: np.ndarray, places: np.ndarray, shape: tuple[int, int], rng
    ) -> np.ndarray:
        """The share of each light that each point sees `(L, N)`, mostly by one ray or none."""

        def visible(wanted: np.ndarray, shift: float = 0.0) -> np.ndarray:
            return self._lights.visible(self._shadow_caster, origins, points.plane, uniforms, wanted, shift)

        origins, uniforms = lifted(points), np.take(strata(shape, rng), places, axis=1)
        wanted = worth_a_look(shares, self._lights.color.mean(axis=1), self._bounce.ambient.mean())
        is_even = np.zeros(shape, dtype=bool)
        is_even[::2, ::2] = True
        seen = visible(wanted & is_even.ravel()[places])
        seen |= visible(settle(seen, wanted, places, shape))
        result = seen.astype(np.float32)
        sharp = np.zeros_like(wanted)
        for k in range(self._lights.suns):  # their shadows have sharp outlines, which more rays draw
            sharp[k] = wanted[k] & at_outlines(seen[k], places, shape)
        if sharp.any():
            for number in range(1, OUTLINE_RAYS):
                result += visible(sharp, number / OUTLINE_RAYS)
            result[sharp] /= OUTLINE_RAYS
        return result

    def shade(self, light: ViewLight, samples: Samples) -> Shaded:
        """What is needed to colour N samples of the view."""
        return Shaded(*shade(samples, light, self._surface.triangles, self._finishes))

    def in_mirrors(self, samples: Samples) -> np.ndarray:
        """Radiance `(3, N)` that perfect mirrors would show, which N samples meet: one ray each.

        What it meets has its pattern, in the light of the grid by which light bounces.
        """
        points = self._surface.points(samples.face, 1 / samples.nearness, samples.eye, samples.directions)
        directions = ray_rows(points.view - 2 * dot(points.view, points.normal) * points.normal)
        origins = ray_rows(lifted(points))
        hits = self._caster.cast(origins, directions)
        result = self._outdoors(np.ascontiguousarray(directions.T))
        found = np.flatnonzero(hits.face >= 0)
        material = self._surface.face_material[hits.face[found]]
        order = np.argsort(self._materials.pattern[material], kind="stable")
        found, material = found[order], material[order]
        hits, origins, directions = hits.take(found), origins[found], directions[found]
        position, view = (origins + hits.t[:, None] * directions).T, np.ascontiguousarray(directions.T)
        distance_m = points.distance_m[found] + hits.t
        seen = self._surface.points_at(hits.face, np.ascontiguousarray(position), view, distance_m)
        slant = np.maximum(-dot(seen.view, seen.plane), np.float32(0.1))
        footprint = distance_m * samples.pixel / np.sqrt(slant) * self._surface.triangles.texels_per_m[hits.face]
        albedo = self._materials.albedo(material, seen.coords, self._surface.axis[hits.face], footprint, view)
        irradiance = self._bounce.irradiance(hits, origins, directions)
        scattered, emission = self._materials.scattered[material], self._materials.emission[material]
        result[:, found] = albedo * (scattered * irradiance + emission)
        return result

    def _mirrored(self, points: SurfacePoints, bounced: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What a blurred mirror would show at each point that shines: radiance `(3, N)`.

        Where it is too faint to be recognised, what is `bounced` `(3, N)` from all sides stands for it.
        """
        material = self._surface.face_material[points.face]
        shines = np.flatnonzero(sheen(points.view, points.normal, material, self._finishes) > DIM)
        points = points.take(shines)
        blur = rng.standard_normal(points.normal.shape, dtype=np.float32)
        roughness = self._finishes.roughness[material[shines]]
        directions = _mirror_rays(points.view, points.normal, points.plane, roughness, blur)
        origins = ray_rows(lifted(points))
        hits = self._caster.cast(origins, directions)
        found, missed = np.flatnonzero(hits.face >= 0), np.flatnonzero(hits.face < 0)
        result = bounced.copy()
        result[:, shines[missed]] = self._outdoors(np.ascontiguousarray(directions[missed].T))
        result[:, shines[found]] = self._bounce.reflected(hits.take(found), origins[found], directions[found])
        return result

    def _guides(self, points: SurfacePoints, places: np.ndarray, shape: tuple[int, int]) -> Guides:
        triangles, size = self._surface.triangles, shape[0] * shape[1]
        normal, position = _filed(points.normal, places, size), _filed(points.position, places, size)
        ids = np.full((2, size), -1, dtype=np.int32)
        ids[0][places], ids[1][places] = triangles.surface_id[points.face], triangles.plane_id[points.face]
        tolerance_m = np.ones(size, dtype=np.float32)
        tolerance_m[places] = TOLERANCE * points.distance_m
        return Guides(
            np.ascontiguousarray(normal.T).reshape(*shape, 3),
            np.ascontiguousarray(position.T).reshape(*shape, 3),
            ids[0].reshape(shape),
            ids[1].reshape(shape),
            tolerance_m.reshape(shape),
        )


@njit(cache=True)
def _filed(values, places, size):
    """Values `(C, N)` at their `places` among `size`, 0 elsewhere."""
    if len(places) == size:
        return values
    result = np.zeros((len(values), size), dtype=np.float32)
    for c in range(len(values)):
        for n in range(len(places)):
            result[c, places[n]] = values[c, n]
    return result


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
