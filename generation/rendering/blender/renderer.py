"""Photos of a scene by Cycles, the path tracer of Blender."""

import numpy as np

from generation.geometry import Camera
from generation.rendering.blender import geometry, nodes
from generation.rendering.blender.lights import add_lights
from generation.rendering.blender.materials import make_materials
from generation.rendering.blender.session import blender, empty_scene, rendered
from generation.rendering.materials import MaterialTable
from generation.rendering.renderer import EXPOSURE_FRAMES, EXPOSURE_WIDTH, RenderedFrame
from generation.rendering.surface import SceneSurface
from generation.rendering.tone import auto_exposure, develop, exposure_factors, through_sensor, to_bytes
from generation.scenes.base import Scene, SceneError


SAMPLES = 24  # of each pixel, before the denoiser
EXPOSURE_SAMPLES = 8
BOUNCES = 5
PIXEL_FILTER_PX = 1.5
# The narrowest filter that there is: every sample within a hundredth of a pixel of its centre
CENTRE_FILTER_PX = 0.01
CLAMP = 10.0  # of indirect light, against single bright pixels


class BlenderRenderer:
    """Renders frames of one scene, as [`SceneRenderer`] does, but with all light traced.

    Blender holds one scene per process: a renderer loads its own again when another one was used in between.

    Args:
        scene ([`Scene`]): with an appearance and at least one frame.
        samples (`int`, *optional*, defaults to 24): light paths of each pixel.

    Raises:
        [`SceneError`]: when Blender is not installed, the scene has no appearance or no frame, its appearance does not
            fit its mesh, or a camera is no pinhole.
    """

    _loaded: "BlenderRenderer | None" = None

    def __init__(self, scene: Scene, samples: int = SAMPLES):
        if not scene.frames:
            raise SceneError(
                f"Scene {scene.scene_name!r} has no frames, by which the exposure is set. "
                "Give it those that are to be rendered."
            )
        self._scene, self._samples = scene, samples
        self._load()
        step = -(-len(scene.frames) // EXPOSURE_FRAMES)
        radiance = [self._radiance(frame.camera, 0, is_preview=True).reshape(-1, 3) for frame in scene.frames[::step]]
        self._exposure = auto_exposure(np.concatenate(radiance).T) * exposure_factors(scene.appearance.sensor)

    def render(self, camera: Camera, rng: np.random.Generator) -> RenderedFrame:
        """Render one frame; the same `rng` state gives the same bytes."""
        if BlenderRenderer._loaded is not self:
            self._load()
        radiance = self._radiance(camera, int(rng.integers(2**31)))
        sensor = self._scene.appearance.sensor
        display = develop(radiance.reshape(-1, 3).T, self._exposure).reshape(3, camera.height, camera.width)
        image = through_sensor(display, sensor, rng)
        return RenderedFrame(to_bytes(image), *self._at_pixel_centres(camera))

    def _load(self) -> None:
        source = self._scene
        surface = SceneSurface(source)
        table = MaterialTable(source.appearance.materials, source.scene_name)
        scene = empty_scene()
        materials = make_materials(source.appearance, source.mesh.faces, table)
        geometry.add_mesh(scene.collection, source, surface.axis, materials)
        geometry.add_camera(scene)
        add_lights(scene, source.appearance)
        self._facts = _facts()
        self._blender_scene = scene
        BlenderRenderer._loaded = self

    def _radiance(self, camera: Camera, seed: int, is_preview: bool = False) -> np.ndarray:
        """Linear radiance `(H, W, 3)`."""
        scene = self._blender_scene
        self._aim(camera)
        scene.view_layers[0].material_override, scene.render.film_transparent = None, False
        scene.render.resolution_percentage = max(1, round(100 * EXPOSURE_WIDTH / camera.width)) if is_preview else 100
        cycles = scene.cycles
        cycles.seed, cycles.samples = seed, EXPOSURE_SAMPLES if is_preview else self._samples
        cycles.use_adaptive_sampling = cycles.use_light_tree = False
        cycles.use_denoising = not is_preview
        cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
        cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", PIXEL_FILTER_PX
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = BOUNCES, BOUNCES - 1, 3
        cycles.transmission_bounces, cycles.transparent_max_bounces = BOUNCES, 16
        cycles.sample_clamp_indirect = CLAMP
        cycles.caustics_reflective = cycles.caustics_refractive = False
        return np.ascontiguousarray(rendered(scene)[..., :3])

    def _at_pixel_centres(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Depth and instance: the scene painted with its own numbers, and looked at without any light."""
        scene = self._blender_scene
        self._aim(camera)
        scene.view_layers[0].material_override, scene.render.film_transparent = self._facts, True
        cycles = scene.cycles
        cycles.samples, cycles.max_bounces, cycles.use_denoising = 1, 0, False
        cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", CENTRE_FILTER_PX
        instance, depth_m, _, alpha = np.moveaxis(rendered(scene), -1, 0)
        return np.where(alpha > 0, depth_m, np.float32(np.inf)), np.rint(instance).astype(np.int32)

    def _aim(self, camera: Camera) -> None:
        try:
            geometry.aim(self._blender_scene, camera)
        except SceneError as error:
            raise SceneError(f"Scene {self._scene.scene_name!r}: {error}") from error


def _facts():
    """A material that gives off, in place of red and green, the instance of each face and the depth along camera Z."""
    made = blender().data.materials.new("facts")
    tree = made.node_tree
    tree.nodes.clear()
    instance = nodes.node(
        tree, "ShaderNodeAttribute", {"attribute_type": "GEOMETRY", "attribute_name": geometry.INSTANCE}
    )
    depth = nodes.node(tree, "ShaderNodeCameraData")
    values = nodes.vector(
        tree,
        nodes.Value(tree, instance.outputs["Fac"]),
        nodes.Value(tree, depth.outputs["View Z Depth"]),
    )
    emission = nodes.node(tree, "ShaderNodeEmission", Color=values)
    output = nodes.node(tree, "ShaderNodeOutputMaterial")
    tree.links.new(emission.outputs[0], output.inputs["Surface"])
    return made
