"""Light that arrives by way of other surfaces, worked out once per scene."""

import numpy as np
from scipy.ndimage import uniform_filter

from generation.rendering.materials import MaterialTable
from generation.rendering.raycast import Hits, RayCaster
from generation.rendering.shading import LightModel, cosine_directions, lifted, ray_rows
from generation.rendering.surface import SceneSurface, SurfacePoints, dot
from generation.scenes.base import Scene


SAMPLES = 150_000
BOUNCES = 2
CELL_M = 0.25
MAX_CELLS = 96  # along the longest side, for scenes that are larger than rooms
OPEN_M = 1.2  # a surface nearer than this dims the ambient light
LIFT_M = 0.04  # samples are filed a little above their surface, so that a wall on a cell's border stays in one cell


class BounceLight:
    """Irradiance on a coarse grid over the scene, for each of six directions in which a surface may face.

    Too coarse to look at, but good enough for what a surface sends on to others.
    """

    def __init__(
        self,
        scene: Scene,
        surface: SceneSurface,
        materials: MaterialTable,
        lights: list[LightModel],
        caster: RayCaster,
        shadow_caster: RayCaster,
        rng: np.random.Generator,
    ):
        self._surface, self._caster = surface, caster
        self.ambient = np.float32(scene.appearance.ambient)[:, None]
        low, high = scene.mesh.vertices.min(axis=0), scene.mesh.vertices.max(axis=0)
        self._cell_m = np.float32(max(CELL_M, (high - low).max() / MAX_CELLS))
        self._origin = (low - self._cell_m).astype(np.float32)[:, None]
        self._shape = (6, *(np.ceil((high - low) / self._cell_m).astype(int) + 3))

        points = _scattered(scene, surface, rng)
        self._albedo = _mean_albedo(surface, materials, points)[:, surface.face_material]  # (3, T)
        self._emitted = self._albedo * materials.emission[surface.face_material]

        direct = np.zeros((3, SAMPLES), dtype=np.float32)
        origins = lifted(points)
        for light in lights:
            seen = light.visible(shadow_caster, origins, points.plane, rng.random((2, SAMPLES), dtype=np.float32))
            direct += light.unshadowed(points) * seen * light.color
        self._grid = self._filed(points, direct)
        for _ in range(BOUNCES):
            arriving = self.gather(points, rng.random((2, SAMPLES), dtype=np.float32), rng)
            self._grid = self._filed(points, direct + np.maximum(arriving - self.ambient, 0))

    def gather(self, points: SurfacePoints, uniforms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Indirect irradiance `(3, N)` by one random ray from each point, the ambient light included: noisy."""
        directions = cosine_directions(points.normal, uniforms)
        hits = self._caster.cast(ray_rows(lifted(points)), ray_rows(directions))
        result = np.repeat(self.ambient, len(hits.t), axis=1)
        rows = np.flatnonzero(hits.face >= 0)
        t, face, directions = hits.t[rows], hits.face[rows], directions[:, rows]
        albedo = self._albedo[:, face]
        openness = np.minimum(t / np.float32(OPEN_M), 1)
        near = self.ambient * (openness + (1 - openness) * albedo)
        position = points.position[:, rows] + t * directions
        result[:, rows] = near + albedo * self._irradiance(position, face, directions, rng)
        return result

    def reflected(self, position: np.ndarray, face: np.ndarray, directions: np.ndarray, rng: np.random.Generator):
        """Radiance `(3, N)` that rays in `directions` find at `position` `(3, N)` on triangles `face` `(N,)`."""
        irradiance = self._irradiance(position, face, directions, rng) + self.ambient
        return self._albedo[:, face] * irradiance + self._emitted[:, face]

    def _irradiance(self, position, face, directions, rng) -> np.ndarray:
        """The grid's value, dithered over the cells around so that their borders do not show."""
        plane = self._surface.facing(face, directions)
        jitter = (rng.random(position.shape, dtype=np.float32) - np.float32(0.5)) * self._cell_m
        jitter -= plane * dot(plane, jitter)
        return self._grid[:, self._cells(position + jitter, plane)]

    def _cells(self, position: np.ndarray, plane: np.ndarray) -> np.ndarray:
        """Flat index `(N,)` of the cell of each point on a surface that faces `plane`."""
        axis = np.abs(plane).argmax(axis=0)
        side = 2 * axis + (np.take_along_axis(plane, axis[None], axis=0)[0] > 0)
        cell = ((position + LIFT_M * plane - self._origin) / self._cell_m).astype(np.int32)
        index = side.astype(np.int32)
        for axis_cell, size in zip(cell, self._shape[1:], strict=True):
            index = index * np.int32(size) + np.clip(axis_cell, 0, size - 1)
        return index

    def _filed(self, points: SurfacePoints, irradiance: np.ndarray) -> np.ndarray:
        """Mean `(3, cells)` of the samples of each cell; cells without any take the mean of their neighbours."""
        cells, size = self._cells(points.position, points.plane), int(np.prod(self._shape))

        def summed(weights: np.ndarray | None = None) -> np.ndarray:
            return np.bincount(cells, weights, minlength=size).reshape(self._shape).astype(np.float32)

        count = summed()
        around = np.maximum(uniform_filter(count, size=(1, 3, 3, 3)), 1e-3)
        grid = []
        for channel in irradiance:
            total = summed(channel)
            filled = np.maximum(uniform_filter(total, size=(1, 3, 3, 3)), 0) / around
            grid.append(np.where(count > 0, total / np.maximum(count, 1), filled).ravel())
        return np.stack(grid)


def _mean_albedo(surface: SceneSurface, materials: MaterialTable, points: SurfacePoints) -> np.ndarray:
    """Mean colour `(3, M)` of each material over the points; its plain colour where no point has it."""
    material = surface.face_material[points.face]
    coarse = np.full(SAMPLES, 0.02, dtype=np.float32)
    albedo = materials.albedo(material, points.coords, surface.axis[points.face], coarse, points.view)
    number = materials.color.shape[1]
    count = np.bincount(material, minlength=number)
    total = np.stack([np.bincount(material, channel, minlength=number) for channel in albedo])
    return np.where(count > 0, total / np.maximum(count, 1), materials.color).astype(np.float32)


def _scattered(scene: Scene, surface: SceneSurface, rng: np.random.Generator) -> SurfacePoints:
    """Area-uniform points on both sides of the scene's triangles."""
    total = np.cumsum(surface.area_m2)
    face = np.searchsorted(total, rng.random(SAMPLES) * total[-1], side="right").astype(np.int32)
    face = np.minimum(face, len(total) - 1)
    root, along = np.sqrt(rng.random(SAMPLES)), rng.random(SAMPLES)
    weights = np.stack([1 - root, root * (1 - along), root * along], axis=1).astype(np.float32)
    position = np.einsum("nk,nkc->cn", weights, scene.mesh.vertices[scene.mesh.faces[face]].astype(np.float32))
    side = np.where(rng.random(SAMPLES) < 0.5, np.float32(-1), np.float32(1))
    directions = side * surface.plane[:, face]
    return surface.points(Hits(np.zeros(SAMPLES, dtype=np.float32), face, weights), position, directions)
