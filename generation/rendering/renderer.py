"""Photos of a scene: colour, depth and instance of every pixel."""

from dataclasses import dataclass

import numpy as np

from generation.geometry import Camera
from generation.rendering.lighting import SceneLighting
from generation.rendering.materials import MaterialTable, outdoors
from generation.rendering.raycast import RayCaster
from generation.rendering.surface import SceneSurface, SurfacePoints, dot
from generation.rendering.tone import auto_exposure, develop
from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError


EXPOSURE_FRAMES = 8
EXPOSURE_WIDTH = 80
SUBPIXELS = np.array([(-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125)])  # a rotated grid
CONTRAST = 0.05  # difference of neighbours, in display values, from which a pixel is sampled more finely


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """One rendered frame.

    Args:
        rgb (`np.ndarray` of shape `(H, W, 3)`): `np.uint8`, sRGB.
        depth_m (`np.ndarray` of shape `(H, W)`): `np.float32`, camera Z at the pixel centre, `inf` where
            nothing is hit.
        instance (`np.ndarray` of shape `(H, W)`): `np.int32`, instance at the pixel centre, 0 where there is none.
    """

    rgb: np.ndarray
    depth_m: np.ndarray
    instance: np.ndarray


@dataclass(frozen=True, eq=False)
class ShadedView:
    """One sample at the centre of each pixel; `pixels` `(N,)` are the flat indices of those that hit something.

    `radiance` is `(3, H * W)`; `points`, `irradiance` and `specular` belong to `pixels`.
    """

    depth_m: np.ndarray
    pixels: np.ndarray
    points: SurfacePoints
    irradiance: np.ndarray
    specular: np.ndarray
    radiance: np.ndarray


class SceneRenderer:
    """Renders frames of one scene; bounced light and exposure are worked out once, here.

    Args:
        scene ([`Scene`]): with an appearance and at least one frame.
        caster ([`RayCaster`], *optional*): over the scene's mesh, when the caller has one already.

    Raises:
        [`SceneError`]: when the scene has no appearance or no frame, or its appearance does not fit its mesh.
    """

    def __init__(self, scene: Scene, caster: RayCaster | None = None):
        self._surface = SceneSurface(scene)
        if not scene.frames:
            raise SceneError(
                f"Scene {scene.scene_name!r} has no frames, by which the exposure is set. "
                "Give it those that are to be rendered."
            )
        self._face_instance = scene.mesh.face_instance.astype(np.int32)
        self._materials = MaterialTable(scene.appearance.materials, scene.scene_name)
        self._caster = caster or RayCaster(scene.mesh.vertices, scene.mesh.faces)
        rng = stage_rng(0, scene.scene_name, "renderer")
        self._lighting = SceneLighting(scene, self._surface, self._materials, self._caster, rng)
        step = -(-len(scene.frames) // EXPOSURE_FRAMES)
        radiance = [self._shade(_shrunk(frame.camera), rng).radiance for frame in scene.frames[::step]]
        self._exposure = auto_exposure(np.concatenate(radiance, axis=1))

    def render(self, camera: Camera, rng: np.random.Generator) -> RenderedFrame:
        """Render one frame; the same `rng` state gives the same bytes."""
        view = self._shade(camera, rng)
        instance = np.zeros(camera.height * camera.width, dtype=np.int32)
        instance[view.pixels] = self._face_instance[view.points.face]
        display = develop(view.radiance, self._exposure)
        self._refine(camera, view, instance, display)
        shape = (camera.height, camera.width)
        return RenderedFrame(
            rgb=np.rint(display.T * 255).astype(np.uint8).reshape(*shape, 3),
            depth_m=view.depth_m.reshape(shape),
            instance=instance.reshape(shape),
        )

    def _shade(self, camera: Camera, rng: np.random.Generator) -> ShadedView:
        origins, directions = camera.rays()
        hits = self._caster.cast(origins, directions)
        origins, directions = np.ascontiguousarray(origins.T), np.ascontiguousarray(directions.T)
        pixels = np.flatnonzero(hits.face >= 0)
        points = self._surface.points(hits.take(pixels), origins[:, pixels], directions[:, pixels])
        material = self._surface.face_material[points.face]
        irradiance, specular = self._lighting.light(
            points, material, self._face_instance[points.face], pixels, (camera.height, camera.width), rng
        )
        radiance = np.zeros(directions.shape, dtype=np.float32)
        radiance[:, pixels] = self._color(camera, points, irradiance, specular)
        missed = np.flatnonzero(hits.face < 0)
        radiance[:, missed] = self._sky(directions[:, missed])
        return ShadedView(hits.t, pixels, points, irradiance, specular, radiance)

    def _color(
        self, camera: Camera, points: SurfacePoints, irradiance: np.ndarray, specular: np.ndarray
    ) -> np.ndarray:
        """Radiance `(3, N)` towards the camera."""
        material = self._surface.face_material[points.face]
        slant = np.maximum(-dot(points.view, points.plane), np.float32(0.1))
        footprint = points.distance_m / np.float32(camera.intrinsics[0, 0]) / np.sqrt(slant)
        footprint *= self._surface.texels_per_m[points.face]
        albedo = self._materials.albedo(
            material, points.coords, self._surface.axis[points.face], footprint, points.view
        )
        given_off = self._materials.scattered[material] * irradiance + self._materials.emission[material]
        return albedo * given_off + specular

    def _sky(self, directions: np.ndarray) -> np.ndarray:
        return outdoors(directions / np.sqrt(dot(directions, directions)))

    def _refine(self, camera: Camera, view: ShadedView, instance: np.ndarray, display: np.ndarray) -> None:
        """Average further samples into the pixels of `display` `(3, H * W)` where edges or fine patterns run."""
        edges = _edges(display.mean(axis=0).reshape(camera.height, -1), instance.reshape(camera.height, -1))
        rows, columns = edges // camera.width, edges % camera.width
        lookup = np.full(camera.height * camera.width, -1, dtype=np.int64)
        lookup[view.pixels] = np.arange(len(view.pixels))
        total = display[:, edges]
        for offset in SUBPIXELS:
            origins, directions = camera.rays_through(np.stack([columns, rows], axis=1) + 0.5 + offset)
            hits = self._caster.cast(origins, directions)
            origins, directions = np.ascontiguousarray(origins.T), np.ascontiguousarray(directions.T)
            found, missed = np.flatnonzero(hits.face >= 0), np.flatnonzero(hits.face < 0)
            radiance = np.zeros_like(directions)
            radiance[:, missed] = self._sky(directions[:, missed])
            points = self._surface.points(hits.take(found), origins[:, found], directions[:, found])
            donor = self._donors(lookup.reshape(camera.height, -1), view, points, rows[found], columns[found], offset)
            radiance[:, found] = self._color(camera, points, view.irradiance[:, donor], view.specular[:, donor])
            total += develop(radiance, self._exposure)
        display[:, edges] = total / (1 + len(SUBPIXELS))

    def _donors(
        self,
        lookup: np.ndarray,
        view: ShadedView,
        points: SurfacePoints,
        rows: np.ndarray,
        columns: np.ndarray,
        offset: np.ndarray,
    ) -> np.ndarray:
        """Which of the four nearest pixels lends each sub-pixel point its light: index `(N,)` into `view.pixels`.

        `lookup` `(H, W)` holds each pixel's place in `view.pixels`, -1 for the others.
        """
        best = np.zeros(len(rows), dtype=np.int64)
        least = np.full(len(rows), np.inf, dtype=np.float32)
        right, down = np.sign(offset).astype(int)
        for dy, dx in ((0, 0), (0, right), (down, 0), (down, right)):
            donor = lookup[np.clip(rows + dy, 0, lookup.shape[0] - 1), np.clip(columns + dx, 0, lookup.shape[1] - 1)]
            theirs = np.maximum(donor, 0)
            gap = points.position - view.points.position[:, theirs]
            turn = 1 - dot(points.normal, view.points.normal[:, theirs])
            other = self._face_instance[points.face] != self._face_instance[view.points.face[theirs]]
            cost = np.sqrt(dot(gap, gap)) / points.distance_m + 0.2 * turn + 10.0 * (other | (donor < 0))
            better = cost < least
            best[better], least[better] = theirs[better], cost[better]
        return best


def _edges(grey: np.ndarray, instance: np.ndarray) -> np.ndarray:
    """Flat indices of the pixels that differ from a neighbour in instance or clearly in brightness."""
    edge = np.zeros(instance.shape, dtype=bool)
    for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        differs = (np.abs(grey[here] - grey[there]) > CONTRAST) | (instance[here] != instance[there])
        edge[here] |= differs
        edge[there] |= differs
    return np.flatnonzero(edge)


def _shrunk(camera: Camera) -> Camera:
    """The same view at `EXPOSURE_WIDTH` columns."""
    factor = EXPOSURE_WIDTH / camera.width
    intrinsics = np.diag([factor, factor, 1.0]) @ camera.intrinsics
    return Camera(EXPOSURE_WIDTH, max(1, round(camera.height * factor)), intrinsics, camera.world_from_cam)
