"""Photos of a scene: colour, depth and instance of every pixel."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from generation.geometry import Camera
from generation.rendering.antialias import SUBPIXELS, borrow, fine_pixels
from generation.rendering.lighting import SceneLighting, one_of_each_block
from generation.rendering.materials import MaterialTable
from generation.rendering.outdoors import Outdoors
from generation.rendering.raster import sampled_triangles
from generation.rendering.raycast import RayCaster
from generation.rendering.shade import Samples, ViewLight
from generation.rendering.surface import SceneSurface
from generation.rendering.tone import (
    auto_exposure,
    develop,
    exposure_factors,
    through_sensor,
)
from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError


EXPOSURE_FRAMES = 8
EXPOSURE_WIDTH = 80
OFFSETS = ((0.0, 0.0), *SUBPIXELS)  # samples of a pixel, from its centre

Offsets = tuple[tuple[float, float], ...]


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
class Sight:
    """What S samples of each pixel meet; the first is at the pixel's centre.

    Args:
        camera ([`Camera`]).
        face (`np.ndarray` of shape `(S, H, W)`): triangle, -1 for none.
        nearness (`np.ndarray` of shape `(S, H, W)`): one over its camera Z, 0 for none.
    """

    camera: Camera
    face: np.ndarray
    nearness: np.ndarray


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
        self._mesh, self._sensor = scene.mesh, scene.appearance.sensor
        self._outdoors = Outdoors(scene.appearance.sky, scene.appearance.lights)
        self._materials = MaterialTable(scene.appearance.materials, scene.scene_name, self._outdoors)
        self._caster = caster or RayCaster(scene.mesh.vertices, scene.mesh.faces)
        rng = stage_rng(0, scene.scene_name, "renderer")
        self._lighting = SceneLighting(scene, self._surface, self._materials, self._caster, self._outdoors, rng)
        step = -(-len(scene.frames) // EXPOSURE_FRAMES)
        radiance = [self._look(_shrunk(frame.camera), OFFSETS[:1], rng)[2] for frame in scene.frames[::step]]
        self._exposure = auto_exposure(np.concatenate(radiance, axis=1)) * exposure_factors(self._sensor)

    def render(self, camera: Camera, rng: np.random.Generator) -> RenderedFrame:
        """Render one frame; the same `rng` state gives the same bytes."""
        sight, light, radiance = self._look(camera, OFFSETS, rng)
        display = develop(radiance, self._exposure).reshape(3, camera.height, camera.width)
        image = through_sensor(self._antialiased(sight, light, display), self._sensor, rng)
        with np.errstate(divide="ignore"):
            depth_m = 1 / sight.nearness[0]
        return RenderedFrame(
            rgb=np.rint(255 * image.transpose(1, 2, 0)).astype(np.uint8),
            depth_m=depth_m,
            instance=np.where(sight.face[0] < 0, 0, self._surface.face_instance[sight.face[0]]),
        )

    def _look(self, camera: Camera, offsets: Offsets, rng: np.random.Generator) -> tuple[Sight, ViewLight, np.ndarray]:
        """What is seen, in which light, and with which radiance `(3, H * W)` at the pixel centres."""
        sight = self._sight(camera, offsets)
        chosen = one_of_each_block(sight.nearness[0])
        places = np.flatnonzero(chosen >= 0)
        traced = self._samples(sight, chosen.ravel()[places])
        points = self._surface.points(traced.face, 1 / traced.nearness, traced.eye, traced.directions)
        light = self._lighting.trace(points, places, chosen.shape, rng)
        return (
            sight,
            light,
            self._radiance(self._samples(sight, np.arange(camera.height * camera.width)), light),
        )

    def _sight(self, camera: Camera, offsets: Offsets) -> Sight:
        if camera.distortion is None:
            return Sight(
                camera,
                *sampled_triangles(camera, self._mesh.vertices, self._mesh.faces, offsets),
            )
        hits = [self._caster.cast(*_shifted(camera, offset).rays()) for offset in offsets]
        shape = len(offsets), camera.height, camera.width
        face, t = (
            np.stack([one.face for one in hits]),
            np.stack([one.t for one in hits]),
        )
        return Sight(camera, face.reshape(shape), 1 / t.reshape(shape))

    def _samples(self, sight: Sight, pixels: np.ndarray, number: np.ndarray | int = 0) -> Samples:
        """The `number`-th sample, `(N,)` or one for all, of N pixels, given by flat index."""
        camera = sight.camera
        at = number * (camera.height * camera.width) + pixels
        columns, rows, directions = _rays(camera, pixels, np.float32(OFFSETS)[number])
        face, nearness = sight.face.ravel()[at], sight.nearness.ravel()[at]
        pixel = np.float32(1 / camera.intrinsics[0, 0])
        return Samples(
            face,
            nearness,
            columns,
            rows,
            camera.centre.astype(np.float32),
            directions,
            pixel,
        )

    def _radiance(self, samples: Samples, light: ViewLight) -> np.ndarray:
        """Radiance `(3, N)` towards the camera."""
        missed = np.flatnonzero(samples.face < 0)
        if len(missed) == 0:
            return self._color(samples, light)
        result = np.zeros(samples.directions.shape, dtype=np.float32)
        hit = np.flatnonzero(samples.face >= 0)
        result[:, hit] = self._color(samples.take(hit), light)
        directions = samples.directions[:, missed]
        result[:, missed] = self._outdoors(directions / np.linalg.norm(directions, axis=0))
        return result

    def _color(self, samples: Samples, light: ViewLight) -> np.ndarray:
        """Radiance `(3, N)` of samples that meet something."""
        shaded = self._lighting.shade(light, samples)
        material, axis = (
            self._surface.face_material[samples.face],
            self._surface.axis[samples.face],
        )
        albedo = self._materials.albedo(material, shaded.coords, axis, shaded.footprint, shaded.view)
        finish = self._materials.scattered, self._materials.emission
        return _given_off(albedo, shaded.irradiance, shaded.mirrored, material, *finish)

    def _antialiased(self, sight: Sight, light: ViewLight, display: np.ndarray) -> np.ndarray:
        """Display values `(3, H, W)` averaged over the samples of each pixel."""
        triangles = self._surface.triangles
        fine = fine_pixels(display, sight.face[0], sight.nearness[0], triangles)
        mean, number, pixels = borrow(display, sight.face, sight.nearness, np.array(OFFSETS), fine, triangles)
        anew = develop(self._radiance(self._samples(sight, pixels, number), light), self._exposure)
        _add(mean.reshape(3, -1), anew, pixels, np.float32(1 / len(OFFSETS)))
        return mean


def _shrunk(camera: Camera) -> Camera:
    """The same view at `EXPOSURE_WIDTH` columns."""
    factor = EXPOSURE_WIDTH / camera.width
    intrinsics = np.diag([factor, factor, 1.0]) @ camera.intrinsics
    return replace(
        camera,
        width=EXPOSURE_WIDTH,
        height=max(1, round(camera.height * factor)),
        intrinsics=intrinsics,
    )


def _shifted(camera: Camera, offset: tuple[float, float]) -> Camera:
    """The same view, whose pixel centres lie where those of `camera` do, moved by `offset`."""
    return replace(
        camera,
        intrinsics=camera.intrinsics - [[0, 0, offset[0]], [0, 0, offset[1]], [0, 0, 0]],
    )


def _rays(camera: Camera, pixels: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns and rows `(N,)` of samples at `offset` `(N, 2)` or `(2,)` from the centres of N pixels, given by flat
    index, and directions `(3, N)` of the rays through them, with camera Z = 1."""
    offset = np.broadcast_to(offset, (len(pixels), 2))
    if camera.distortion is None:
        world_from_pixels = camera.world_from_cam[:3, :3] @ np.linalg.inv(camera.intrinsics)
        return _pinhole_rays(pixels, camera.width, offset, world_from_pixels)
    row, column = np.divmod(pixels, camera.width)
    places = np.stack([column, row], axis=1) + np.float32(0.5) + offset
    columns, rows = places.T.astype(np.float32)
    return columns, rows, np.ascontiguousarray(camera.rays_through(places)[1].T)


@njit(cache=True)
def _pinhole_rays(pixels, width, offset, world_from_pixels):
    columns, rows = (
        np.zeros(len(pixels), dtype=np.float32),
        np.zeros(len(pixels), dtype=np.float32),
    )
    directions = np.zeros((3, len(pixels)), dtype=np.float32)
    m = world_from_pixels
    for n in range(len(pixels)):
        x, y = (
            pixels[n] % width + 0.5 + offset[n, 0],
            pixels[n] // width + 0.5 + offset[n, 1],
        )
        columns[n], rows[n] = x, y
        for k in range(3):
            directions[k, n] = m[k, 0] * x + m[k, 1] * y + m[k, 2]
    return columns, rows, directions


@njit(cache=True)
def _given_off(albedo, irradiance, mirrored, material, scattered, emission):
    """Radiance `(3, N)`: scattered, emitted and mirrored light."""
    for n in range(len(material)):
        m = material[n]
        for c in range(3):
            albedo[c, n] = albedo[c, n] * (scattered[m] * irradiance[c, n] + emission[m]) + mirrored[c, n]
    return albedo


@njit(cache=True)
def _add(total, values, columns, share):
    """Add a `share` of `values` `(3, N)` to N columns of `total`, of which one may come several times."""
    for n in range(len(columns)):
        for c in range(3):
            total[c, columns[n]] += share * values[c, n]
