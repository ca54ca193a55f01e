"""Amodal, visible and extended masks of every instance in one frame (ANNOTATION section 1)."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

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
        depth_min_m, depth_mean_m (`np.ndarray` of shape `(K,)`): camera Z over the visible mask, NaN where it is empty.
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
        self.caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        self._alone = [RayCaster(scene.mesh.vertices, scene.faces_of(k)) for k in instance_ids]
        self._triangles = [scene.mesh.vertices[scene.faces_of(k)] for k in instance_ids]  # K x (t, 3, 3)

    def first_hits(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Instance id (0 for none) and camera Z in metres (inf for none) at every pixel centre, both `(H, W)`."""
        hits = self.caster.cast(*camera.rays())
        ids = np.where(hits.face < 0, 0, self.scene.mesh.face_instance[hits.face])
        return ids.reshape(camera.height, camera.width), hits.t.reshape(camera.height, camera.width)

    def annotate(self, camera: Camera) -> FrameVisibility:
        """All numbers of one frame."""
        count = len(self.instance_ids)
        ids, depth_m = self.first_hits(camera)
        visible_slices = ndimage.find_objects(ids, max_label=int(self.instance_ids.max(initial=0)))
        pixels = np.zeros((3, count), dtype=np.int64)  # amodal, visible, extended
        boxes = np.zeros((2, count, 4), dtype=np.int64)  # amodal, visible
        depths = np.full((2, count), np.nan)  # min, mean
        for k, instance_id in enumerate(self.instance_ids):
            window = projected_window(self._triangles[k], camera)
            if window is None:
                continue
            x0, y0, x1, y1 = window
            alone = self._alone[k].hits_anything(*camera.rays(window)).reshape(y1 - y0, x1 - x0)
            inside = np.zeros((camera.height, camera.width), dtype=bool)
            part = (
                slice(max(y0, 0), max(min(y1, camera.height), 0)),
                slice(max(x0, 0), max(min(x1, camera.width), 0)),
            )
            inside[part] = alone[max(-y0, 0) :, max(-x0, 0) :][
                : max(part[0].stop - part[0].start, 0), : max(part[1].stop - part[1].start, 0)
            ]
            pixels[2, k] = alone.sum() - inside.sum()
            where = visible_slices[instance_id - 1]
            if where is not None:
                seen = ids[where] == instance_id
                # surface ties: what is seen in the whole scene is part of the instance, whatever the lone cast says
                inside[where] |= seen
                pixels[1, k] = seen.sum()
                boxes[1, k] = (where[1].start, where[0].start, where[1].stop, where[0].stop)
                depths[:, k] = depth_m[where][seen].min(), depth_m[where][seen].mean(dtype=np.float64)
            pixels[0, k] = inside.sum()
            pixels[2, k] += pixels[0, k]
            boxes[0, k] = tight_box(inside)
        return FrameVisibility(*pixels, *boxes, *depths)


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


def projected_window(triangles: np.ndarray, camera: Camera) -> tuple[int, int, int, int] | None:
    """Pixel window of the extended canvas that holds the projection of `(t, 3, 3)` triangles; `None` when outside."""
    in_cam = camera.points_in_cam(triangles.reshape(-1, 3)).reshape(-1, 3, 3)
    points = in_cam[in_cam[..., 2] > NEAR_M]
    starts, ends = in_cam.reshape(-1, 3), np.roll(in_cam, -1, axis=1).reshape(-1, 3)
    crossing = (starts[:, 2] > NEAR_M) != (ends[:, 2] > NEAR_M)
    if crossing.any():  # cut edges at the near plane, or the projection of a thing beside the camera is nonsense
        start, end = starts[crossing], ends[crossing]
        share = (NEAR_M - start[:, 2]) / (end[:, 2] - start[:, 2])
        points = np.concatenate([points, start + share[:, None] * (end - start)])
    if not len(points):
        return None
    k = camera.intrinsics
    u = k[0, 0] * points[:, 0] / points[:, 2] + k[0, 2]
    v = k[1, 1] * points[:, 1] / points[:, 2] + k[1, 2]
    x0, y0, x1, y1 = extended_canvas(camera)
    x0, x1 = max(x0, int(np.floor(u.min())) - 1), min(x1, int(np.ceil(u.max())) + 1)
    y0, y1 = max(y0, int(np.floor(v.min())) - 1), min(y1, int(np.ceil(v.max())) + 1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
