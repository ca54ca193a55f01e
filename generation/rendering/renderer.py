"""Photos of a scene: colour, depth and instance of every pixel."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from generation.geometry import Camera
from generation.rendering.antialias import SUBPIXELS, borrow, fine_pixels
from generation.rendering.lighting import SceneLighting
from generation.rendering.materials import MaterialTable
from generation.rendering.outdoors import Outdoors
from generation.rendering.raycast import RayCaster
from generation.rendering.shade import Samples, ViewLight
from generation.rendering.sight import Offsets, Sight
from generation.rendering.surface import SceneSurface
from generation.rendering.thrift import one_of_each_block
from generation.rendering.tone import auto_exposure, develop, exposure_factors, through_sensor, to_bytes
from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError


EXPOSURE_FRAMES = 8
EXPOSURE_WIDTH = 80
OFFSETS = ((0.0, 0.0), *SUBPIXELS)  # samples of a pixel, from its centre
BLOCK = 32768  # samples that are coloured at a time: their arrays stay in the processor's cache


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
            rgb=to_bytes(image),
            depth_m=depth_m,
            instance=np.where(sight.face[0] < 0, 0, self._surface.face_instance[sight.face[0]]),
        )

    def _look(self, camera: Camera, offsets: Offsets, rng: np.random.Generator) -> tuple[Sight, ViewLight, np.ndarray]:
        """What is seen, in which light, and with which radiance `(3, H * W)` at the pixel centres."""
        sight = Sight.of(camera, offsets, self._mesh, self._caster)
        chosen = one_of_each_block(sight.nearness[0])
        places = np.flatnonzero(chosen >= 0)
        pixels = chosen.ravel()[places]
        traced = sight.samples(pixels, np.zeros_like(pixels))
        points = self._surface.points(traced.face, 1 / traced.nearness, traced.eye, traced.directions)
        light = self._lighting.trace(points, places, chosen.shape, rng)
        every = np.arange(camera.height * camera.width)
        return sight, light, self._radiance(sight, light, every, np.zeros_like(every))

    def _radiance(self, sight: Sight, light: ViewLight, pixels: np.ndarray, number: np.ndarray) -> np.ndarray:
        """Radiance `(3, N)` towards the camera of samples as in `Sight.samples`, coloured pattern by pattern."""
        faces = sight.faces(pixels, number)
        order, missed = _by_pattern(faces, self._materials.pattern, self._surface.face_material)
        result = np.zeros((3, len(order)), dtype=np.float32)
        outside = sight.samples(pixels[order[:missed]], number[order[:missed]]).directions
        result[:, order[:missed]] = self._outdoors(outside / np.linalg.norm(outside, axis=0))
        for start in range(missed, len(order), BLOCK):
            part = order[start : start + BLOCK]
            _put(result, part, self._color(sight.samples(pixels[part], number[part]), light))
        return result

    def _color(self, samples: Samples, light: ViewLight) -> np.ndarray:
        """Radiance `(3, N)` of samples that meet something."""
        shaded = self._lighting.shade(light, samples)
        material, axis = self._surface.face_material[samples.face], self._surface.axis[samples.face]
        albedo = self._materials.albedo(material, shaded.coords, axis, shaded.footprint, samples.directions)
        finish = self._materials.scattered, self._materials.emission
        radiance = _given_off(albedo, shaded.irradiance, shaded.mirrored, material, *finish)
        mirrors = np.flatnonzero(self._materials.is_mirror[material])
        if len(mirrors):
            tint = self._materials.color[:, material[mirrors]]
            radiance[:, mirrors] = tint * self._lighting.in_mirrors(samples.take(mirrors))
        return radiance

    def _antialiased(self, sight: Sight, light: ViewLight, display: np.ndarray) -> np.ndarray:
        """Display values `(3, H, W)` averaged over the samples of each pixel."""
        triangles = self._surface.triangles
        fine = fine_pixels(display, sight.face[0], sight.nearness[0], triangles)
        mean, number, pixels = borrow(display, sight.face, sight.nearness, np.array(OFFSETS), fine, triangles)
        anew = develop(self._radiance(sight, light, pixels, number), self._exposure)
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


@njit(cache=True)
def _by_pattern(face, pattern, material):
    """The order `(N,)` of triangles, -1 for none, in which those without come first and others by their pattern, and
    how many are without."""
    first = np.zeros(258, dtype=np.int64)
    for n in range(len(face)):
        first[2 + pattern[material[face[n]]] if face[n] >= 0 else 1] += 1
    first = np.cumsum(first)
    missed, order = first[1], np.zeros(len(face), dtype=np.int64)
    for n in range(len(face)):
        kind = 1 + pattern[material[face[n]]] if face[n] >= 0 else 0
        order[first[kind]] = n
        first[kind] += 1
    return order, missed


@njit(cache=True)
def _put(result, columns, values):
    """`result[:, columns] = values`."""
    for c in range(len(result)):
        for n in range(len(columns)):
            result[c, columns[n]] = values[c, n]


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
