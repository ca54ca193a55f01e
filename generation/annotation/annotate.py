"""Scene -> SceneAnnotation, cached on disk by content."""

import hashlib
import logging
from pathlib import Path
from typing import Protocol

import numpy as np

from generation.annotation.box_annotation import annotate_drive
from generation.annotation.distances import closest_distances
from generation.annotation.overlap import SURFACE_SAMPLES
from generation.annotation.point_visibility import PointVisibilityAnnotator
from generation.annotation.relations import frame_extents
from generation.annotation.scene_annotation import SceneAnnotation
from generation.annotation.sizes import centre_spread_m, longest_side
from generation.annotation.surface import Surface
from generation.annotation.visibility import FrameVisibility, VisibilityAnnotator
from generation.rng import stage_rng
from generation.scenes.base import Frame, Scene


logger = logging.getLogger(__name__)

# Part of the cache key: raise it when the numbers change for the same scene
VERSION = 5


class Annotator(Protocol):
    """Tells what a frame shows of K instances; by rays through a mesh, or from fused points.

    Args:
        method (`str`): its name, for the record.
        surfaces (`list` of [`Surface`], or what has `points`, `nearest_m` and `mean_m` as it has): by instance.
        extent_error_m (`np.ndarray` of shape `(K,)`): see [`SceneAnnotation`].
    """

    method: str
    surfaces: list[Surface]
    extent_error_m: np.ndarray

    def annotate(self, frame: Frame) -> FrameVisibility:
        """All numbers of one frame."""

    def scene_samples(self, rng: np.random.Generator) -> np.ndarray:
        """Points `(N, 3)` of all surfaces, uniform by area."""

    def sees(self, frame: Frame, samples: np.ndarray) -> np.ndarray:
        """Which of `(N, 3)` surface samples the frame sees, `bool` of shape `(N,)`."""


def annotate_scene(scene: Scene, seed: int, with_structure: bool = False) -> SceneAnnotation:
    """Compute every number of ANNOTATION sections 1, 2 and 4 for one scene.

    Args:
        scene ([`Scene`]): checked by `check_scene`.
        seed (`int`): fixes the surface samples, together with the scene's name.
        with_structure (`bool`): also annotate walls, floors and doors, which are never asked about.
    """
    if scene.drive is not None:
        return annotate_drive(scene, seed)
    instances = [i for i in scene.instances if with_structure or not i.is_structure]
    ids = np.array([instance.instance_id for instance in instances], dtype=np.int64)
    rng = stage_rng(seed, scene.scene_name, "annotate")
    annotator: Annotator = (VisibilityAnnotator if scene.points is None else PointVisibilityAnnotator)(scene, ids)
    samples = annotator.scene_samples(rng)
    cameras = [frame.camera for frame in scene.frames]
    seen = [annotator.annotate(frame) for frame in scene.frames]
    extents = [frame_extents(annotator.surfaces, camera) for camera in cameras]
    bits = [np.packbits(annotator.sees(frame, samples)) for frame in scene.frames]
    centres = np.array([scene.boxes[k].centre for k in ids]).reshape(-1, 3)  # (K, 3)
    camera_centres = np.array([camera.centre for camera in cameras])  # (F, 3)
    masks = ("amodal_pixels", "visible_pixels", "extended_pixels", "amodal_box", "visible_box", "doubtful_pixels")
    of_frames = (*masks, "doubts", "depth_min_m", "depth_mean_m")
    return SceneAnnotation(
        scene_name=scene.scene_name,
        dataset=scene.source,
        domain=scene.domain,
        method=annotator.method,
        frame_ids=np.array([frame.frame_id for frame in scene.frames]),
        image_sizes=np.array([(camera.width, camera.height) for camera in cameras]),
        intrinsics=np.array([camera.intrinsics for camera in cameras]),
        world_from_cam=np.array([camera.world_from_cam for camera in cameras]),
        instance_ids=ids,
        labels=np.array([instance.label for instance in instances], dtype=str),
        box_centres=centres,
        **{name: np.array([getattr(one, name) for one in seen]) for name in of_frames},
        centre_distance_m=np.linalg.norm(camera_centres[:, None] - centres[None], axis=2),
        **{name: np.array([getattr(one, name) for one in extents]) for name in ("nearest_m", "mean_m", "angles_deg")},
        surface_bits=np.array(bits),
        distortion=np.array([np.zeros(4) if c.distortion is None else c.distortion for c in cameras]),
        extent_error_m=annotator.extent_error_m,
        closest_m=closest_distances(annotator.surfaces),
        centre_spread_m=np.array([centre_spread_m(scene.points_of(k)) for k in ids]),
        longest_m=np.array([longest_side(scene.points_of(k), scene.boxes[k]) for k in ids]),
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
    if scene.drive is not None:
        digest.update(scene.drive.content.encode())
        surfaces = ()
    elif scene.points is None:
        digest.update(repr(scene.mesh.scanned).encode())
        surfaces = (scene.mesh.vertices, scene.mesh.faces, scene.mesh.face_instance)
    else:
        surfaces = (scene.points.points, scene.points.point_instance, scene.points.spacing_m, scene.points.seen_by)
    for array in surfaces:
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(scene.instances).encode())
    for frame in scene.frames:
        camera = frame.camera
        digest.update(repr((frame.frame_id, camera.width, camera.height)).encode())
        digest.update(camera.intrinsics.tobytes() + camera.world_from_cam.tobytes())
        if camera.distortion is not None:
            digest.update(camera.distortion.tobytes())
        for path in (frame.depth_path, frame.instance_path):
            if path is not None:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
