"""Measures a scene again for the audit: slow, plain code that shares nothing with `generation.annotation` but rays.

What ANNOTATION sections 1, 2 and 4 define is computed here a second time, so that an error in the annotation cannot
prove itself right. Shared are the ray caster, the camera, the numbers that the rules name, and the fixed sample of the
surface, which is part of the definition of overlap.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import trimesh

from generation.annotation.holes import HoleFinder
from generation.annotation.overlap import (
    DEPTH_TOLERANCE_M,
    DEPTH_TOLERANCE_SHARE,
    SURFACE_SAMPLES,
    sample_surface,
)
from generation.annotation.visibility import NEAR_M
from generation.audit.lengths import UprightBox, closest_m, leans, steps_along, upright_box
from generation.audit.margins import distance_sign, interval_sign, visibility_class
from generation.geometry import Camera
from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.rows import THRESHOLDS
from generation.scenes.base import Scene


# The surface is cut into triangles whose edges are no longer than this, each of which counts as its centroid
PATCH_M = 0.1
# Mean distances are integrals; two ways to compute one agree to this
MEAN_SLACK_M = 2e-4


@dataclass(frozen=True)
class Seen:
    """One instance in one frame, in pixels of the stored image.

    Args:
        visible, amodal, extended (`int`): pixels of the masks M, A and E of ANNOTATION section 1.
        box (`tuple` of 4 `int`, *optional*): tight box of M, ends exclusive; `None` where M is empty.
        in_doubt (`tuple` of 2 `int`): pixels of M that holes in the scan may give it wrongly, and that they may take.
    """

    visible: int
    amodal: int
    extended: int
    box: tuple[int, int, int, int] | None
    in_doubt: tuple[int, int] = (0, 0)

    @property
    def occlusion(self) -> float | None:
        return 1 - self.visible / self.amodal if self.amodal else None

    @property
    def truncation(self) -> float | None:
        return 1 - self.amodal / self.extended if self.extended else None

    @property
    def centre(self) -> tuple[int, int]:
        """Column and row of the pixel that holds the centre of the box."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) // 2, (y0 + y1) // 2


class SceneMeasures:
    """Everything that an answer may hang on, by frame id and instance id, computed when it is first asked for.

    Args:
        scene ([`Scene`]): loaded from its source, not from a cache.
        seed (`int`): the run's; fixes the surface sample, together with the scene's name.
    """

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.seed = scene, seed
        self.labels = {one.instance_id: one.label for one in scene.instances if not one.is_structure}
        self.frames = {frame.frame_id: frame for frame in scene.frames}
        self.cameras: dict[str, Camera] = {frame.frame_id: frame.camera for frame in scene.frames}
        self.whole = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        # what a hole leaves open only turns questions down, so that this is taken as the annotation has it
        self.holes = HoleFinder(scene.mesh) if scene.mesh.scanned else None
        # caches of this object alone, so that they go when it goes
        self.frame = cache(self._frame)
        self.surface_seen = cache(self._surface_seen)
        self.alone = cache(self._alone)
        self.patches = cache(self._patches)
        self.angles_deg = cache(self._angles_deg)
        self.nearest_m = cache(self._nearest_m)
        self.mean_m = cache(self._mean_m)
        self.steps = cache(self._steps)
        self.closest_m = cache(self._closest_m)
        self.upright_box = cache(self._upright_box)

    # -- section 1: masks

    def _alone(self, k: int) -> RayCaster:
        return RayCaster(self.scene.mesh.vertices, self.scene.faces_of(k))

    def _frame(self, frame: str) -> dict[int, Seen]:
        """All instances in one frame, by id."""
        camera = self.cameras[frame]
        hits = self.whole.cast(*camera.rays())
        ids = np.where(hits.face < 0, 0, self.scene.mesh.face_instance[hits.face])
        ids, depth_m = ids.reshape(camera.height, camera.width), hits.t.reshape(camera.height, camera.width)
        seen = {k: self._seen(k, ids == k, camera) for k in self.labels}
        if self.holes is None:
            return seen
        doubt = self.holes.doubt(self.frames[frame], ids, depth_m)
        lost, gained = ids[doubt.pixels], doubt.owner[doubt.pixels]
        return {k: replace(one, in_doubt=((lost == k).sum(), (gained == k).sum())) for k, one in seen.items()}

    def _seen(self, k: int, visible: np.ndarray, camera: Camera) -> Seen:
        x0, y0, x1, y1 = window = self._window(k, camera)
        if x0 >= x1 or y0 >= y1:
            extended = np.zeros((0, 0), dtype=bool)
        else:
            extended = self.alone(k).hits_anything(*camera.rays(window)).reshape(y1 - y0, x1 - x0)
        # the canvas pixels that lie inside the image; what is seen in the scene is part of the thing itself
        amodal = visible.copy()
        rows, columns = np.nonzero(extended)
        rows, columns = rows + y0, columns + x0
        inside = (rows >= 0) & (rows < camera.height) & (columns >= 0) & (columns < camera.width)
        amodal[rows[inside], columns[inside]] = True
        rows, columns = np.nonzero(visible)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None
        return Seen(
            visible=int(visible.sum()),
            amodal=int(amodal.sum()),
            extended=int(amodal.sum() + (~inside).sum()),
            box=box and tuple(int(side) for side in box),
        )

    def _window(self, k: int, camera: Camera) -> tuple[int, int, int, int]:
        """Part of the extended canvas outside which no ray can hit the instance."""
        x0, y0, x1, y1 = canvas(camera)
        points, margin = self.scene.points_of(k), 1
        if camera.distortion is not None:  # a lens bends edges: short ones stay near their corners
            points, margin = self.patches(k).reshape(-1, 3), 4
        pixels, depth_m = camera.project(points)
        if depth_m.max() <= NEAR_M:
            return 0, 0, 0, 0
        if depth_m.min() <= NEAR_M or np.isnan(pixels).any():  # beside the camera: projected corners bound nothing
            return x0, y0, x1, y1
        left, top = np.floor(pixels.min(axis=0)).astype(int) - margin
        right, bottom = np.ceil(pixels.max(axis=0)).astype(int) + margin
        return max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)

    def visibility(self, frame: str, k: int) -> str:
        """`"visible"`, `"unclear"` or `"absent"`."""
        seen, camera = self.frame(frame)[k], self.cameras[frame]
        wrongly, missing = seen.in_doubt
        classes = {
            visibility_class(pixels, max(seen.amodal, pixels), camera.width * camera.height, THRESHOLDS)
            for pixels in (seen.visible - wrongly, seen.visible + missing)
        }
        return classes.pop() if len(classes) == 1 else "unclear"

    # -- section 2: overlap

    @cached_property
    def sample(self) -> np.ndarray:
        mesh = self.scene.mesh
        rng = stage_rng(self.seed, self.scene.scene_name, "annotate")
        return sample_surface(mesh.vertices[mesh.faces], SURFACE_SAMPLES, rng)

    def _surface_seen(self, frame: str) -> np.ndarray:
        """Which surface samples the frame sees, `(N,)`."""
        camera = self.cameras[frame]
        pixels, depth_m = camera.project(self.sample)
        column, row = pixels.T
        inside = (depth_m > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        directions = (self.sample - camera.centre).astype(np.float32)
        origins = np.tile(camera.centre.astype(np.float32), (len(directions), 1))
        hit_m = self.whole.cast(origins, directions).t * depth_m  # the direction ends at the sample, so t is 1 there
        tolerance_m = np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * depth_m)
        return inside & (hit_m >= depth_m - tolerance_m)

    def overlap(self, frame: str, other: str) -> float:
        """Overlap of two frames, percent."""
        a, b = self.surface_seen(frame), self.surface_seen(other)
        return 100 * (a & b).sum() / max((a | b).sum(), 1)

    # -- section 4: directions

    def _angles_deg(self, frame: str, k: int) -> np.ndarray | None:
        """Lowest and highest angle to the right, and downwards, `(2, 2)`; `None` unless all of it is in front."""
        x, y, z = self.cameras[frame].points_in_cam(self.scene.points_of(k)).T
        if z.min() <= NEAR_M:
            return None
        return np.degrees([[np.arctan2(one, z).min(), np.arctan2(one, z).max()] for one in (x, y)])

    def _nearest_m(self, frame: str, k: int) -> float:
        """Distance from the camera centre to the nearest point of all triangles."""
        triangles = self.scene.mesh.vertices[self.scene.faces_of(k)]
        points = trimesh.triangles.closest_point(triangles, np.tile(self.cameras[frame].centre, (len(triangles), 1)))
        return float(np.linalg.norm(points - self.cameras[frame].centre, axis=1).min())

    def _patches(self, k: int) -> np.ndarray:
        """The surface in small triangles, `(n, 3, 3)`."""
        vertices, faces = trimesh.remesh.subdivide_to_size(
            self.scene.mesh.vertices, self.scene.faces_of(k), max_edge=PATCH_M, max_iter=20
        )
        return vertices[faces]

    def _mean_m(self, frame: str, k: int) -> float:
        """Mean distance from the camera centre over the surface."""
        distances = np.linalg.norm(self.patches(k).mean(axis=1) - self.cameras[frame].centre, axis=1)
        return float(np.average(distances, weights=trimesh.triangles.area(self.patches(k))))

    def in_canvas(self, frame: str, k: int) -> bool:
        """Whether the centre of the instance's box lies on the extended canvas, and some of the instance does."""
        x0, y0, x1, y1 = canvas(self.cameras[frame])
        ((column, row),), (depth_m,) = self.cameras[frame].project(self.upright_box(k).centre[None])
        return depth_m > 0 and x0 <= column < x1 and y0 <= row < y1 and self.frame(frame)[k].extended > 0

    def sign(self, frame: str, axis: str, a: int, b: int) -> int:
        """Where `a` lies from `b` in the frame's viewpoint.

        Returns:
            -1 for left of, higher or closer; +1 for right of, lower or farther; 0 when that is undefined.
        """
        if self.angles_deg(frame, a) is None or self.angles_deg(frame, b) is None:
            return 0  # behind the camera, in part at least
        if axis == "fb":
            near_and_mean = [(self.nearest_m(frame, k), self.mean_m(frame, k)) for k in (a, b)]
            return distance_sign(*near_and_mean, THRESHOLDS, MEAN_SLACK_M)
        if not (self.in_canvas(frame, a) and self.in_canvas(frame, b)):
            return 0
        row = {"lr": 0, "ab": 1}[axis]
        return interval_sign(self.angles_deg(frame, a)[row], self.angles_deg(frame, b)[row], THRESHOLDS)

    # -- section 5: lengths

    def _upright_box(self, k: int) -> UprightBox:
        return upright_box(self.scene.points_of(k))

    def centre_distance_m(self, frame: str, k: int) -> float:
        """Distance from the camera centre to the centre of the instance's upright box."""
        return float(np.linalg.norm(self.upright_box(k).centre - self.cameras[frame].centre))

    def longest_m(self, k: int) -> float | None:
        """Longest side of the instance's upright box; `None` for a thing that leans."""
        box = self.upright_box(k)
        return None if leans(self.scene.points_of(k), box) else float(box.size.max())

    def _steps(self, k: int) -> np.ndarray:
        return steps_along(self.scene.mesh.vertices, self.scene.faces_of(k))

    def _closest_m(self, a: int, b: int) -> float:
        """Distance between the closest points of two instances."""
        pairs = ((a, b), (b, a))
        triangles = {k: self.scene.mesh.vertices[self.scene.faces_of(k)] for k in (a, b)}
        return min(closest_m(self.steps(one), self.steps(other), triangles[other]) for one, other in pairs)


def canvas(camera: Camera) -> tuple[int, int, int, int]:
    """The canvas of twice the size, as a box in pixels of the image: its principal point is the image's doubled."""
    x0, y0 = -round(camera.intrinsics[0, 2]), -round(camera.intrinsics[1, 2])
    return x0, y0, x0 + 2 * camera.width, y0 + 2 * camera.height
