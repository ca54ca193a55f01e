"""Amodal, visible and extended masks of every instance in one frame (ANNOTATION section 1)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.annotation.holes import HoleFinder
from generation.annotation.masks import covered_alone, first_hits
from generation.annotation.overlap import SURFACE_SAMPLES, sample_surface, visible_samples
from generation.annotation.shown import shown_pixels
from generation.annotation.surface import Surface
from generation.distortion import fold_radius
from generation.geometry import Camera, extended_canvas
from generation.rendering.raycast import RayCaster
from generation.scenes.base import Frame, Scene


# Surfaces nearer than this are cut before projecting; no camera comes that near to anything
NEAR_M = 0.01
# Points on each side of a box that a lens bends: between two of them it bends by less than a tenth of a pixel
OUTLINE_POINTS = 129


@dataclass(frozen=True, eq=False)
class FrameVisibility:
    """The numbers of K instances in one frame, in pixels of the stored image and metres.

    Args:
        amodal_pixels (`np.ndarray` of shape `(K,)`): pixels of the instance alone.
        visible_pixels (`np.ndarray` of shape `(K,)`): pixels whose first hit in the scene is the instance.
        extended_pixels (`np.ndarray` of shape `(K,)`): pixels of the instance alone on the extended canvas.
        amodal_box, visible_box (`np.ndarray` of shape `(K, 4)`): tight boxes; all zero where the mask is empty.
        depth_min_m, depth_mean_m (`np.ndarray` of shape `(K,)`): camera Z over the visible mask, NaN where that is
            empty.
        doubtful_pixels (`np.ndarray` of shape `(K, 2)`): visible pixels that may show something else, because a hole
            in it lies before, and other pixels that may show the instance, because it has a hole there.
        doubts (`np.ndarray` of shape `(K,)`): why a mask is no more than a guess; index into `DOUBTS`.
    """

    amodal_pixels: np.ndarray
    visible_pixels: np.ndarray
    extended_pixels: np.ndarray
    amodal_box: np.ndarray
    visible_box: np.ndarray
    depth_min_m: np.ndarray
    depth_mean_m: np.ndarray
    doubtful_pixels: np.ndarray
    doubts: np.ndarray


class VisibilityAnnotator:
    """The masks of `scene`'s instances: rasterised for pinhole cameras, by rays where a lens bends straight lines."""

    method = "raycast"

    def __init__(self, scene: Scene, instance_ids: np.ndarray):
        self.scene = scene
        self.instance_ids = instance_ids  # (K,)
        self.extent_error_m = np.zeros(len(instance_ids))  # surfaces are known all round
        self.surfaces = [Surface.of_instance(scene, k) for k in instance_ids]
        self.caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        self._holes = HoleFinder(scene.mesh) if scene.mesh.scanned else None
        faces = [scene.faces_of(k) for k in instance_ids]
        self._starts = np.cumsum([0, *map(len, faces)])  # (K + 1,)
        self._faces = np.concatenate([np.zeros((0, 3), dtype=np.int64), *faces])

    @cached_property
    def _alone(self) -> list[RayCaster]:
        return [RayCaster(surface.points, surface.faces) for surface in self.surfaces]

    def first_hits(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Instance id (0 for none) and camera Z in metres (inf for none) at every pixel centre, both `(H, W)`."""
        mesh = self.scene.mesh
        if camera.distortion is None:
            face, depth_m = first_hits(camera, mesh.vertices, mesh.faces, self.caster)
        else:
            hits = self.caster.cast(*camera.rays())
            face, depth_m = (values.reshape(camera.height, camera.width) for values in (hits.face, hits.t))
        return np.where(face < 0, 0, mesh.face_instance[face]), depth_m

    def annotate(self, frame: Frame) -> FrameVisibility:
        """All numbers of one frame."""
        camera = frame.camera
        ids, depth_m = self.first_hits(camera)
        doubtful = self._doubtful_pixels(frame, ids, depth_m)
        if camera.distortion is None:
            amodal, extended, box = covered_alone(
                camera, self.scene.mesh.vertices, self._faces, self._starts, self._alone
            )
            visible, visible_box, *depths_m = shown_pixels(self.instance_ids, ids, depth_m)
            sure = np.zeros_like(amodal)
            return FrameVisibility(amodal, visible, extended, box, visible_box, *depths_m, doubtful, sure)

        def alone(k: int) -> tuple[np.ndarray, int] | None:
            window = projected_window(self.surfaces[k], camera)
            return None if window is None else self._alone_in_window(k, window, camera)

        return measure_frame(self.instance_ids, ids, depth_m, alone, doubtful_pixels=doubtful)

    def scene_samples(self, rng: np.random.Generator) -> np.ndarray:
        """Points `(N, 3)` of all surfaces, uniform by area, for overlap."""
        mesh = self.scene.mesh
        return sample_surface(mesh.vertices[mesh.faces], SURFACE_SAMPLES, rng)

    def sees(self, frame: Frame, samples: np.ndarray) -> np.ndarray:
        """Which of `(N, 3)` surface samples the frame sees, `(N,)`."""
        return visible_samples(self.caster, frame.camera, samples)

    def _doubtful_pixels(self, frame: Frame, ids: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
        if self._holes is None:
            return np.zeros((len(self.instance_ids), 2), dtype=np.int64)
        doubt = self._holes.doubt(frame, ids, depth_m)
        size = int(self.scene.mesh.face_instance.max()) + 1
        counts = [np.bincount(values[doubt.pixels], minlength=size) for values in (ids, doubt.owner)]
        return np.stack(counts, axis=1)[self.instance_ids]

    def _alone_in_window(self, k: int, window: tuple[int, int, int, int], camera: Camera) -> tuple[np.ndarray, int]:
        """Mask `(H, W)` of the k-th instance alone, and its number of pixels in the rest of the window."""
        x0, y0, x1, y1 = window
        hit = self._alone[k].hits_anything(*camera.rays(window)).reshape(y1 - y0, x1 - x0)
        mask = np.zeros((camera.height, camera.width), dtype=bool)
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, camera.width), min(y1, camera.height)
        if left < right and top < bottom:
            mask[top:bottom, left:right] = hit[top - y0 : bottom - y0, left - x0 : right - x0]
        return mask, int(hit.sum() - mask.sum())


def measure_frame(
    instance_ids: np.ndarray,
    ids: np.ndarray,
    depth_m: np.ndarray,
    alone: Callable[[int], tuple[np.ndarray, int] | None],
    doubtful_pixels: np.ndarray | None = None,
    doubts: np.ndarray | None = None,
) -> FrameVisibility:
    """All numbers of one frame from its masks.

    Args:
        instance_ids (`np.ndarray` of shape `(K,)`).
        ids (`np.ndarray` of shape `(H, W)`): instance that each pixel shows.
        depth_m (`np.ndarray` of shape `(H, W)`): its camera Z, metres; NaN where unknown.
        alone (`Callable`): mask `(H, W)` of the k-th instance alone, and its number of pixels on the rest of the
            extended canvas; `None` where it is wholly outside.
        doubtful_pixels (`np.ndarray` of shape `(K, 2)`, *optional*), doubts (`np.ndarray` of shape `(K,)`,
            *optional*): see [`FrameVisibility`]; no doubts when left out. `alone` may still change `doubts`.
    """
    count = len(instance_ids)
    visible, visible_box, depth_min_m, depth_mean_m = shown_pixels(instance_ids, ids, depth_m)
    amodal, extended = np.zeros((2, count), dtype=np.int64)
    amodal_box = np.zeros((count, 4), dtype=np.int64)
    for k, instance_id in enumerate(instance_ids):
        found = alone(k)
        if found is None:
            continue
        mask, outside = found
        if visible[k]:  # what is seen in the whole scene is part of the instance, whatever is said of it alone
            x0, y0, x1, y1 = visible_box[k]
            mask[y0:y1, x0:x1] |= ids[y0:y1, x0:x1] == instance_id
        amodal[k] = mask.sum()
        extended[k] = amodal[k] + outside
        amodal_box[k] = tight_box(mask)
    if doubtful_pixels is None:
        doubtful_pixels = np.zeros((count, 2), dtype=np.int64)
    if doubts is None:
        doubts = np.zeros(count, dtype=np.int64)
    return FrameVisibility(
        amodal, visible, extended, amodal_box, visible_box, depth_min_m, depth_mean_m, doubtful_pixels, doubts
    )


def tight_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) around the true pixels of `(H, W)` mask, exclusive at the end; zeros for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def projected_window(surface: Surface, camera: Camera) -> tuple[int, int, int, int] | None:
    """Pixel window of the extended canvas that holds the projection of `surface`; `None` when it is outside."""
    points = camera.points_in_cam(surface.points)
    in_front = points[:, 2] > NEAR_M
    if not in_front.all():  # cut edges at the near plane, or the projection of a thing beside the camera is nonsense
        edges = surface.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
        edges = edges[in_front[edges[:, 0]] & ~in_front[edges[:, 1]]]
        start, end = points[edges[:, 0]], points[edges[:, 1]]
        share = (NEAR_M - start[:, 2]) / (end[:, 2] - start[:, 2])
        points = np.concatenate([points[in_front], start + share[:, None] * (end - start)])
    if not len(points):
        return None
    plane = points[:, :2] / points[:, 2:]
    if camera.distortion is not None:
        plane = _outline(plane, fold_radius(camera.distortion))
        if not len(plane):
            return None
    x0, y0, x1, y1 = extended_canvas(camera)
    pixels = camera.pixels_of(plane)
    (left, top), (right, bottom) = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
    x0, x1 = max(x0, int(left) - 1), min(x1, int(right) + 1)
    y0, y1 = max(y0, int(top) - 1), min(y1, int(bottom) + 1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _outline(plane: np.ndarray, reach: float) -> np.ndarray:
    """Points `(N, 2)` around the part of the box around `plane` that lies within `reach` of the axis; may be none.

    A lens bends straight edges, so corners do not bound what lies between them; but it folds nothing over, so the
    bent border of a region bounds all that the region holds.
    """
    low, high = np.maximum(plane.min(axis=0), -reach), np.minimum(plane.max(axis=0), reach)
    if (low > high).any() or np.linalg.norm(np.clip(0, low, high)) >= reach:
        return np.zeros((0, 2))
    share, zeros = np.linspace(0, 1, OUTLINE_POINTS), np.zeros(OUTLINE_POINTS)
    sides = np.stack([[share, zeros], [share, zeros + 1], [zeros, share], [zeros + 1, share]])  # (4, 2, points)
    border = low + sides.transpose(0, 2, 1).reshape(-1, 2) * (high - low)
    # what lies beyond is drawn in along its ray from the axis, which takes it to the arc that ends the region
    far = np.linalg.norm(border, axis=1, keepdims=True)
    return border * np.minimum(1.0, 0.999999 * reach / np.maximum(far, 1e-12))
