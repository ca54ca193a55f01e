"""All light on one view's pixels, cleaned of noise."""

import numpy as np

from generation.rendering.bounce import BounceLight
from generation.rendering.denoise import smooth_within_surfaces
from generation.rendering.materials import MaterialTable, outdoors
from generation.rendering.raycast import RayCaster
from generation.rendering.shading import LightModel, lifted, ray_rows
from generation.rendering.surface import SceneSurface, SurfacePoints, dot
from generation.scenes.base import Scene


GLOSSY = 0.03  # less gloss than this cannot be seen
FAINT = 0.01  # share of all light below which a light's shadows are not looked for, and the light left out
SHARP_STEPS = (1, 2)  # the sun's shadows and reflections keep their outlines
WIDE_STEPS = (4,)  # the shadows of lamps and windows are smoothed further
BOUNCED_STEPS = (8,)  # and bounced light most of all
TOLERANCE = 0.01  # of the distance: how far off a plane a pixel may lie to count as part of it


class SceneLighting:
    """The lights of a scene with what they need to find shadows and bounces.

    Args:
        scene ([`Scene`]): with an appearance.
        surface ([`SceneSurface`]).
        materials ([`MaterialTable`]).
        caster ([`RayCaster`]): over the whole mesh.
        rng (`np.random.Generator`).
    """

    def __init__(
        self,
        scene: Scene,
        surface: SceneSurface,
        materials: MaterialTable,
        caster: RayCaster,
        rng: np.random.Generator,
    ):
        self._caster, self._materials = caster, materials
        self._lights = [LightModel(light) for light in scene.appearance.lights]
        # Window panes and lamp shades are opaque to the eye only: what they let through or give off is a `Light`
        casts_shadow = ~materials.lets_light_through[surface.face_material]
        self._shadow_caster = RayCaster(scene.mesh.vertices, scene.mesh.faces[casts_shadow])
        self._bounce = BounceLight(scene, surface, materials, self._lights, caster, self._shadow_caster, rng)

    def light(
        self,
        points: SurfacePoints,
        material: np.ndarray,
        surface_id: np.ndarray,
        pixels: np.ndarray,
        shape: tuple[int, int],
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Light on N surface points that are pixels of one image.

        Args:
            points ([`SurfacePoints`]).
            material (`np.ndarray` of shape `(N,)`): index into the materials.
            surface_id (`np.ndarray` of shape `(N,)`): at least 0; light is not smoothed across different ids.
            pixels (`np.ndarray` of shape `(N,)`): flat index of each point's pixel.
            shape (`tuple` of 2 `int`): height and width of the image.
            rng (`np.random.Generator`).

        Returns:
            irradiance `(3, N)` and mirrored radiance `(3, N)`.
        """
        count = len(self._lights)
        gloss = self._materials.gloss[material]
        glossy = np.flatnonzero(gloss > GLOSSY)
        roughness = 0.55 - 0.47 * gloss[glossy]
        shiny = points.take(glossy)

        unshadowed = np.array([light.unshadowed(points) for light in self._lights]).reshape(count, len(pixels))
        brightness = np.array([light.color.mean() for light in self._lights], dtype=np.float32)
        faint = np.float32(FAINT) * (brightness @ unshadowed + self._bounce.ambient.mean())

        noisy = np.zeros((count + 6, shape[0] * shape[1]), dtype=np.float32)
        origins = lifted(points)
        for channel, light in enumerate(self._lights):
            rows = np.flatnonzero(brightness[channel] * unshadowed[channel] > faint)
            uniforms = strata(shape, rng)[:, pixels[rows]]
            noisy[channel, pixels[rows]] = light.visible(
                self._shadow_caster, origins[:, rows], points.plane[:, rows], uniforms
            )
        noisy[count : count + 3, pixels] = self._bounce.gather(points, strata(shape, rng)[:, pixels], rng)
        noisy[count + 3 :, pixels[glossy]] = self._reflection(shiny, roughness, rng)

        guides = _guides(points, surface_id, pixels, shape)
        clean = noisy.reshape(-1, *shape)
        bounced = list(range(count, count + 3))
        wide = [channel for channel, light in enumerate(self._lights) if not light.is_sun]
        for channels, steps in ((slice(None), SHARP_STEPS), (wide + bounced, WIDE_STEPS), (bounced, BOUNCED_STEPS)):
            clean[channels] = smooth_within_surfaces(clean[channels], *guides, steps=steps)
        clean = clean.reshape(len(noisy), -1)
        irradiance = clean[bounced][:, pixels]
        visible, mirrored = clean[:count, pixels], clean[count + 3 :, pixels[glossy]]

        for light, share, seen in zip(self._lights, unshadowed, visible, strict=True):
            irradiance += share * seen * light.color
            mirrored += light.highlight(shiny, roughness) * seen[glossy] * light.color
        specular = np.zeros_like(irradiance)
        specular[:, glossy] = mirrored * self._reflectance(shiny, material[glossy])
        return irradiance, specular

    def _reflection(self, points: SurfacePoints, roughness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What a blurred mirror would show at each point: radiance `(3, N)`."""
        blur = rng.standard_normal(points.normal.shape, dtype=np.float32) * np.square(roughness) * np.float32(0.5)
        normal = points.normal + blur
        normal /= np.sqrt(dot(normal, normal))
        directions = points.view - 2 * dot(points.view, normal) * normal
        directions -= 2 * np.minimum(dot(directions, points.plane), 0) * points.plane  # none goes below the surface
        origins = lifted(points)
        hits = self._caster.cast(ray_rows(origins), ray_rows(directions))
        found, missed = np.flatnonzero(hits.face >= 0), np.flatnonzero(hits.face < 0)
        result = np.zeros_like(directions)
        result[:, missed] = outdoors(directions[:, missed])
        position = origins[:, found] + hits.t[found] * directions[:, found]
        result[:, found] = self._bounce.reflected(position, hits.face[found], directions[:, found], rng)
        return result

    def _reflectance(self, points: SurfacePoints, material: np.ndarray) -> np.ndarray:
        """Share `(3, N)` of mirrored light, by Schlick's approximation of Fresnel's law."""
        metal = np.float32(0.7) * self._materials.color[:, material]
        facing = np.where(self._materials.is_metal[material], metal, np.float32(0.04))
        grazing = np.power(1 - np.clip(-dot(points.view, points.normal), 0, 1), np.float32(5))
        return self._materials.gloss[material] * (facing + (1 - facing) * np.float32(0.6) * grazing)


def strata(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Pairs of uniforms, `(2, H * W)`: every 4x4 block of pixels covers the unit square evenly."""
    block = rng.permutation(16).astype(np.int32).reshape(4, 4)
    cell = np.tile(block, (-(-shape[0] // 4), -(-shape[1] // 4)))[: shape[0], : shape[1]].ravel()
    jitter = rng.random((2, len(cell)), dtype=np.float32)
    return (np.stack([cell % 4, cell // 4]).astype(np.float32) + jitter) * np.float32(0.25)


def _guides(points: SurfacePoints, surface_id: np.ndarray, pixels: np.ndarray, shape: tuple[int, int]):
    """Images of normal, position, surface id and tolerance, as `smooth_within_surfaces` takes them."""
    size = shape[0] * shape[1]
    normal, position = np.zeros((3, size), dtype=np.float32), np.zeros((3, size), dtype=np.float32)
    ids, tolerance_m = np.full(size, -1, dtype=np.int32), np.ones(size, dtype=np.float32)
    normal[:, pixels], position[:, pixels] = points.normal, points.position
    ids[pixels], tolerance_m[pixels] = surface_id, TOLERANCE * points.distance_m
    return normal.reshape(3, *shape), position.reshape(3, *shape), ids.reshape(shape), tolerance_m.reshape(shape)
