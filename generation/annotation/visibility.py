"""Amodal, visible and extended masks of every instance in one frame (ANNOTATION section 1)."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from generation.annotation.surface import Surface
from generation.geometry import Camera
from generation.rendering.raycast import RayCaster
from generation.scenes.base import Scene


# Surfaces nearer than this are cut before projecting; no camera comes that near to anything
NEAR_M = 0.01


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
    """

    amodal_pixels: np.ndarray
    visible_pixels: np.ndarray
    extended_pixels: np.ndarray
    amodal_box: np.ndarray
    visible_box: np.ndarray
    depth_min_m: np.ndarray
    depth_mean_m: np.ndarray


class VisibilityAnnotator:
    """Casts the masks of `scene`'s instances; holds one Embree scene for the whole and one for each instance."""

    def __init__(self, scene: Scene, instance_ids: np.ndarray):
        self.scene = scene
        self.instance_ids = instance_ids  # (K,)
        self.surfaces = [Surface.of_instance(scene, k) for k in instance_ids]
        self.caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        self._alone = [RayCaster(surface.points, surface.faces) for surface in self.surfaces]

    def first_hits(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Instance id (0 for none) and camera Z in metres (inf for none) at every pixel centre, both `(H, W)`."""
        hits = self.caster.cast(*camera.rays())
        ids = np.where(hits.face < 0, 0, self.scene.mesh.face_instance[hits.face])
        return ids.reshape(camera.height, camera.width), hits.t.reshape(camera.height, camera.width)

    def annotate(self, camera: Camera) -> FrameVisibility:
        """All numbers of one frame."""
        count = len(self.instance_ids)
        ids, depth_m = self.first_hits(camera)
        visible_parts = ndimage.find_objects(ids, max_label=int(self.instance_ids.max(initial=0)))
        amodal, visible, extended = np.zeros((3, count), dtype=np.int64)
        amodal_box, visible_box = np.zeros((2, count, 4), dtype=np.int64)
        depth_min_m, depth_mean_m = np.full((2, count), np.nan)
        for k, instance_id in enumerate(self.instance_ids):
            window = projected_window(self.surfaces[k], camera)
            if window is None:
                continue
            alone, outside = self._alone_in_window(k, window, camera)
            part = visible_parts[instance_id - 1]
            if part is not None:
                rows, columns = part
                seen = ids[part] == instance_id
                # surface ties: what is seen in the whole scene is part of the instance, whatever the lone cast says
                alone[part] |= seen
                visible[k] = seen.sum()
                visible_box[k] = columns.start, rows.start, columns.stop, rows.stop
                depth_min_m[k], depth_mean_m[k] = depth_m[part][seen].min(), depth_m[part][seen].mean(dtype=np.float64)
            amodal[k] = alone.sum()
            extended[k] = amodal[k] + outside
            amodal_box[k] = tight_box(alone)
        return FrameVisibility(amodal, visible, extended, amodal_box, visible_box, depth_min_m, depth_mean_m)

    def _alone_in_window(self, k: int, window: tuple[int, int, int, int], camera: Camera) -> tuple[np.ndarray, int]:
        """Mask `(H, W)` of the k-th instance alone, and its number of pixels in the rest of the window."""
        x0, y0, x1, y1 = window
        hit = self._alone[k].hits_anything(*camera.rays(window)).reshape(y1 - y0, x1 - x0)
        mask = np.zeros((camera.height, camera.width), dtype=bool)
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, camera.width), min(y1, camera.height)
        if left < right and top < bottom:
            mask[top:bottom, left:right] = hit[top - y0 : bottom - y0, left - x0 : right - x0]
        return mask, int(hit.sum() - mask.sum())


def tight_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) around the true pixels of `(H, W)` mask, exclusive at the end; zeros for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def extended_canvas(camera: Camera) -> tuple[int, int, int, int]:
    """The canvas of twice the width and height, as (x0, y0, x1, y1) in pixels of the image.

    The principal point doubles, so the canvas begins `cx` pixels left of the image; that offset is rounded to whole
    pixels so that image and canvas share one pixel grid and the amodal mask is always part of the extended one.
    """
    x0, y0 = -round(float(camera.intrinsics[0, 2])), -round(float(camera.intrinsics[1, 2]))
    return x0, y0, x0 + 2 * camera.width, y0 + 2 * camera.height


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
    k = camera.intrinsics
    u = k[0, 0] * points[:, 0] / points[:, 2] + k[0, 2]
    v = k[1, 1] * points[:, 1] / points[:, 2] + k[1, 2]
    x0, y0, x1, y1 = extended_canvas(camera)
    x0, x1 = max(x0, int(np.floor(u.min())) - 1), min(x1, int(np.ceil(u.max())) + 1)
    y0, y1 = max(y0, int(np.floor(v.min())) - 1), min(y1, int(np.ceil(v.max())) + 1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
