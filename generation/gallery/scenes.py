"""One photo of each of some scenes of a source."""

import numpy as np

from generation.geometry import Camera
from generation.rendering.raycast import RayCaster
from generation.rendering.renderer import SceneRenderer
from generation.rng import stage_rng
from generation.scenes import open_source
from generation.scenes.base import Scene
from generation.settings import SourceSettings


FRAMES = 12  # of which the fullest is shown
PROBE_COLUMNS = 64


def photos(source: str, seed: int, count: int, width: int) -> list[np.ndarray]:
    """Pictures `(H, W, 3)`, `np.uint8`, `width` pixels wide, of `count` scenes: the fullest frame of each."""
    opened = open_source(SourceSettings(source=source, seed=seed, scenes=count, frames=FRAMES))
    pictures = []
    for name in opened.scene_names():
        scene = opened.load(name)
        caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        seen = [_objects_seen(scene, caster, resized(frame.camera, PROBE_COLUMNS)) for frame in scene.frames]
        camera = resized(scene.frames[int(np.argmax(seen))].camera, width)
        renderer = SceneRenderer(scene, caster)
        pictures.append(renderer.render(camera, stage_rng(seed, name, "gallery")).rgb)
    return pictures


def _objects_seen(scene: Scene, caster: RayCaster, camera: Camera) -> int:
    """How many things that are not built in some pixel shows."""
    hits = caster.cast(*camera.rays())
    shown = np.unique(scene.mesh.face_instance[hits.face[hits.face >= 0]])
    built_in = [instance.instance_id for instance in scene.instances if instance.is_structure]
    return len(np.setdiff1d(shown, built_in))


def resized(camera: Camera, width: int) -> Camera:
    """The same view with `width` columns."""
    factor = width / camera.width
    intrinsics = np.diag([factor, factor, 1.0]) @ camera.intrinsics
    return Camera(width, round(camera.height * factor), intrinsics, camera.world_from_cam)
