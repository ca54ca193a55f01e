"""The measures of a scene with a mesh: fresh ray casts, and plain arithmetic on its triangles."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, cached_property

import numpy as np
import trimesh
from scipy.spatial import cKDTree

from generation.annotation.holes import HoleFinder
from generation.annotation.overlap import (
    DEPTH_TOLERANCE_M,
    DEPTH_TOLERANCE_SHARE,
    SURFACE_SAMPLES,
    sample_surface,
)
from generation.annotation.visibility import NEAR_M
from generation.audit.lengths import CLOSEST_SLACK_M, closest_m, step_m, steps_along
from generation.audit.seen import Seen, canvas
from generation.geometry import Camera
from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.scenes.base import Frame, Scene


# The surface is cut into triangles whose edges are no longer than this, each of which counts as its centroid
PATCH_M = 0.1
# Mean distances are integrals; two ways to compute one agree to this
MEAN_SLACK_M = 2e-4


class MeshMeasures:
    """What a scene's mesh says; has the interface of [`SurfaceMeasures`]."""

    mean_slack_m, closest_slack_m = MEAN_SLACK_M, CLOSEST_SLACK_M

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.seed = scene, seed
        self.whole = RayCaster(scene.mesh.vertices, scene.mesh.faces)
        # what a hole leaves open only turns questions down, so that this is taken as the annotation has it
        self.holes = HoleFinder(scene.mesh) if scene.mesh.scanned else None
        # caches of this object alone, so that they go when it goes
        self.alone = cache(self._alone)
        self.patches = cache(self._patches)
        self.steps = cache(self._steps)

    def _alone(self, k: int) -> RayCaster:
        return RayCaster(self.scene.mesh.vertices, self.scene.faces_of(k))

    def _patches(self, k: int) -> np.ndarray:
        """The surface in small triangles, `(n, 3, 3)`."""
        vertices, faces = trimesh.remesh.subdivide_to_size(
            self.scene.mesh.vertices, self.scene.faces_of(k), max_edge=PATCH_M, max_iter=20
        )
        return vertices[faces]

    def _steps(self, k: int, size_m: float) -> np.ndarray:
        return steps_along(self.scene.mesh.vertices, self.scene.faces_of(k), size_m)

    def _triangles(self, k: int) -> np.ndarray:
        return self.scene.mesh.vertices[self.scene.faces_of(k)]

    # -- section 1: masks

    def seen(self, frame: Frame, things: Iterable[int]) -> dict[int, Seen]:
        camera = frame.camera
        hits = self.whole.cast(*camera.rays())
        ids = np.where(hits.face < 0, 0, self.scene.mesh.face_instance[hits.face])
        ids, depth_m = ids.reshape(camera.height, camera.width), hits.t.reshape(camera.height, camera.width)
        seen = {k: self._seen(k, ids == k, camera) for k in things}
        if self.holes is None:
            return seen
        doubt = self.holes.doubt(frame, ids, depth_m)
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
        return Seen.of_masks(visible, amodal, int((~inside).sum()))

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

    # -- section 2: overlap

    @cached_property
    def sample(self) -> np.ndarray:
        mesh = self.scene.mesh
        rng = stage_rng(self.seed, self.scene.scene_name, "annotate")
        return sample_surface(mesh.vertices[mesh.faces], SURFACE_SAMPLES, rng)

    def sample_seen(self, frame: Frame) -> np.ndarray:
        camera = frame.camera
        pixels, depth_m = camera.project(self.sample)
        column, row = pixels.T
        inside = (depth_m > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        directions = (self.sample - camera.centre).astype(np.float32)
        origins = np.tile(camera.centre.astype(np.float32), (len(directions), 1))
        hit_m = self.whole.cast(origins, directions).t * depth_m  # the direction ends at the sample, so t is 1 there
        tolerance_m = np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * depth_m)
        return inside & (hit_m >= depth_m - tolerance_m)

    # -- sections 4 and 5: distances

    def nearest_m(self, point: np.ndarray, k: int) -> float:
        triangles = self._triangles(k)
        closest = trimesh.triangles.closest_point(triangles, np.tile(point, (len(triangles), 1)))
        return float(np.linalg.norm(closest - point, axis=1).min())

    def mean_m(self, point: np.ndarray, k: int) -> float:
        distances = np.linalg.norm(self.patches(k).mean(axis=1) - point, axis=1)
        return float(np.average(distances, weights=trimesh.triangles.area(self.patches(k))))

    def closest_m(self, a: int, b: int) -> float:
        coarse_m = step_m(np.inf)
        between_m = cKDTree(self.steps(a, coarse_m)).query(self.steps(b, coarse_m))[0].min()
        size_m = step_m(between_m - 2 * coarse_m)
        return min(
            closest_m(self.steps(one, size_m), self.steps(other, size_m), self._triangles(other), size_m)
            for one, other in ((a, b), (b, a))
        )

    def extent_error_m(self, k: int) -> float:
        return 0.0  # surfaces are known all round
