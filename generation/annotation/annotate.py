"""Scene -> SceneAnnotation, cached on disk by content."""

import hashlib
import logging
from pathlib import Path

import numpy as np

from generation.annotation.overlap import sample_surface, visible_samples
from generation.annotation.relations import frame_extents
from generation.annotation.scene_annotation import SceneAnnotation
from generation.annotation.visibility import VisibilityAnnotator
from generation.rng import stage_rng
from generation.scenes.base import Scene


logger = logging.getLogger(__name__)

SURFACE_SAMPLES = 20_000
# Part of the cache key: raise it when the numbers change for the same scene
VERSION = 2


def annotate_scene(scene: Scene, seed: int, with_structure: bool = False) -> SceneAnnotation:
    """Compute every number of ANNOTATION sections 1, 2 and 4 for one scene.

    Args:
        scene ([`Scene`]): checked by `check_scene`.
        seed (`int`): fixes the surface samples, together with the scene's name.
        with_structure (`bool`): also annotate walls, floors and doors, which are never asked about.
    """
    instances = [i for i in scene.instances if with_structure or not i.is_structure]
    ids = np.array([instance.instance_id for instance in instances], dtype=np.int64)
    rng = stage_rng(seed, scene.scene_name, "annotate")
    samples = sample_surface(scene.mesh.vertices[scene.mesh.faces], SURFACE_SAMPLES, rng)
    annotator = VisibilityAnnotator(scene, ids)
    cameras = [frame.camera for frame in scene.frames]
    seen = [annotator.annotate(camera) for camera in cameras]
    extents = [frame_extents(annotator.surfaces, camera) for camera in cameras]
    bits = [np.packbits(visible_samples(annotator.caster, camera, samples)) for camera in cameras]
    centres = np.array([scene.boxes[k].centre for k in ids]).reshape(-1, 3)  # (K, 3)
    camera_centres = np.array([camera.centre for camera in cameras])  # (F, 3)
    masks = ("amodal_pixels", "visible_pixels", "extended_pixels", "amodal_box", "visible_box")
    return SceneAnnotation(
        scene_name=scene.scene_name,
        dataset=scene.source,
        domain=scene.domain,
        method="raycast",
        frame_ids=np.array([frame.frame_id for frame in scene.frames]),
        image_sizes=np.array([(camera.width, camera.height) for camera in cameras]),
        intrinsics=np.array([camera.intrinsics for camera in cameras]),
        world_from_cam=np.array([camera.world_from_cam for camera in cameras]),
        instance_ids=ids,
        labels=np.array([instance.label for instance in instances], dtype=str),
        box_centres=centres,
        **{name: np.array([getattr(one, name) for one in seen]) for name in (*masks, "depth_min_m", "depth_mean_m")},
        centre_distance_m=np.linalg.norm(camera_centres[:, None] - centres[None], axis=2),
        **{name: np.array([getattr(one, name) for one in extents]) for name in ("nearest_m", "mean_m", "angles_deg")},
        surface_bits=np.array(bits),
    )


def cached_annotation(scene: Scene, seed: int, cache_dir: Path) -> SceneAnnotation:
    """`annotate_scene`, read from `cache_dir` when the same scene and seed were annotated before."""
    path = cache_dir / f"{scene.scene_name}-{_fingerprint(scene, seed)}.npz"
    if path.exists():
        try:
            return SceneAnnotation.load(path)
        except Exception as error:  # a damaged archive raises whatever its parser stumbles on
            logger.warning("Cannot read the cached annotation %s (%s): it is made again.", path, error)
    annotation = annotate_scene(scene, seed)
    annotation.save(path)
    return annotation


def _fingerprint(scene: Scene, seed: int) -> str:
    """Hash of everything that the annotation depends on."""
    digest = hashlib.sha256(repr((VERSION, SURFACE_SAMPLES, seed, scene.source, scene.scene_name)).encode())
    for array in (scene.mesh.vertices, scene.mesh.faces, scene.mesh.face_instance):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(scene.instances).encode())
    for frame in scene.frames:
        camera = frame.camera
        digest.update(repr((frame.frame_id, camera.width, camera.height)).encode())
        digest.update(camera.intrinsics.tobytes() + camera.world_from_cam.tobytes())
    return digest.hexdigest()[:16]
