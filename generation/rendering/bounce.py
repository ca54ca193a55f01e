"""Light that arrives by way of other surfaces, worked out once per scene."""

import numpy as np
from numba import njit
from scipy.ndimage import uniform_filter

from generation.rendering.materials import MaterialTable
from generation.rendering.raycast import Hits, RayCaster
from generation.rendering.shading import Lights, cosine_rays, lifted, ray_rows
from generation.rendering.surface import SceneSurface, SurfacePoints
from generation.scenes.base import Scene


SAMPLES = 60_000
BOUNCES = 2
CELL_M = 0.25
MAX_CELLS = 96  # along the longest side, for scenes that are larger than rooms
OPEN_M = {
    "indoor": 1.2,
    "outdoor": 6.0,
}  # a surface nearer than this dims the ambient light
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
        lights: Lights,
        caster: RayCaster,
        shadow_caster: RayCaster,
        rng: np.random.Generator,
    ):
        self._planes, self._caster = surface.plane, caster
        self.ambient = np.float32(scene.appearance.ambient)[:, None]
        self._open_m = np.float32(OPEN_M[scene.domain])
        low, high = scene.mesh.vertices.min(axis=0), scene.mesh.vertices.max(axis=0)
        self._cell_m = np.float32(max(CELL_M, (high - low).max() / MAX_CELLS))
        self._origin = (low - self._cell_m).astype(np.float32)
        size = np.ceil((high - low) / self._cell_m).astype(int) + 3

        points = _scattered(scene, surface, rng)
        points = points.take(np.argsort(materials.pattern[surface.face_material[points.face]], kind="stable"))
        self._albedo = _mean_albedo(surface, materials, points)[:, surface.face_material]  # (3, T)
        self._emitted = self._albedo * materials.emission[surface.face_material]

        zero = np.zeros((3, SAMPLES), dtype=np.float32)
        shares, uniforms = lights.unshadowed(points), rng.random((2, SAMPLES), dtype=np.float32)
        seen = lights.visible(shadow_caster, lifted(points), points.plane, uniforms, shares > 0)
        direct = sum((share * color[:, None] for share, color in zip(shares * seen, lights.color, strict=True)), zero)
        self._grid = self._filed(points, direct, size)  # (6, X, Y, Z, 3)
        for _ in range(BOUNCES):
            arriving = self.gather(points, rng.random((2, SAMPLES), dtype=np.float32))
            self._grid = self._filed(points, direct + np.maximum(arriving - self.ambient, 0), size)

    def gather(self, points: SurfacePoints, uniforms: np.ndarray) -> np.ndarray:
        """Indirect irradiance `(3, N)` by one random ray from each point, the ambient light included: noisy."""
        origins, directions = (
            ray_rows(lifted(points)),
            cosine_rays(points.normal, uniforms),
        )
        hits = self._caster.cast(origins, directions)
        arriving = self._found(hits, origins, directions, self._albedo, False)
        return _with_ambient(arriving, hits.t, hits.face, self._albedo, self.ambient, self._open_m)

    def _found(
        self, hits: Hits, origins: np.ndarray, directions: np.ndarray, albedo: np.ndarray, blended: bool
    ) -> np.ndarray:
        """What triangles of an `albedo` `(3, T)` send back of the light on them, the ambient light left out, where N
        rays meet them: `(3, N)`, 0 where they meet none.

        `blended` over the cells around, as is needed for what is looked at.
        """
        place = self._origin, self._cell_m, self._grid
        return _found(hits.t, hits.face, origins, directions, self._planes, albedo, *place, blended)

    def irradiance(self, hits: Hits, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Irradiance `(3, N)`, direct and indirect, where rays `(N, 3)` meet something, as all must."""
        return self._found(hits, origins, directions, np.ones_like(self._albedo), True) + self.ambient

    def reflected(self, hits: Hits, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Radiance `(3, N)` that rays find, all of which meet something; the rays are `(N, 3)`."""
        found = self._found(hits, origins, directions, self._albedo, True)
        return found + self._albedo[:, hits.face] * self.ambient + self._emitted[:, hits.face]

    def _filed(self, points: SurfacePoints, irradiance: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Mean of the samples of each cell; cells without any take the mean of their neighbours."""
        shape = (6, *size)
        cells = _cells(points.position, points.plane, self._origin, self._cell_m, np.array(shape))

        def summed(weights: np.ndarray | None = None) -> np.ndarray:
            return np.bincount(cells, weights, minlength=int(np.prod(shape))).reshape(shape).astype(np.float32)

        count = summed()
        around = np.maximum(uniform_filter(count, size=(1, 3, 3, 3)), 1e-3)
        grid = []
        for channel in irradiance:
            total = summed(channel)
            filled = np.maximum(uniform_filter(total, size=(1, 3, 3, 3)), 0) / around
            grid.append(np.where(count > 0, total / np.maximum(count, 1), filled))
        return np.stack(grid, axis=-1)


@njit(cache=True)
def _side(x, y, z):
    """Which of the six directions a plane faces most: twice its axis, and 1 more for the positive side."""
    if abs(x) >= abs(y) and abs(x) >= abs(z):
        return 1 if x > 0 else 0
    if abs(y) >= abs(z):
        return 3 if y > 0 else 2
    return 5 if z > 0 else 4


@njit(cache=True)
def _cells(position, plane, origin, cell_m, shape):
    """Flat index `(N,)` of the cell of each point on a surface that faces `plane`."""
    result = np.zeros(position.shape[1], dtype=np.int64)
    for n in range(len(result)):
        index = _side(plane[0, n], plane[1, n], plane[2, n])
        for k in range(3):
            cell = int((position[k, n] + np.float32(LIFT_M) * plane[k, n] - origin[k]) / cell_m)
            index = index * shape[k + 1] + min(max(cell, 0), shape[k + 1] - 1)
        result[n] = index
    return result


@njit(cache=True)
def _found(t, face, origins, directions, planes, albedo, origin, cell_m, grid, blended):
    result = np.zeros((3, len(t)), dtype=np.float32)
    cell, share = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.float32)
    half = np.float32(0.5)
    for n in range(len(t)):
        f = face[n]
        if f < 0:
            continue
        x, y, z = planes[0, f], planes[1, f], planes[2, f]
        turn = x * directions[n, 0] + y * directions[n, 1] + z * directions[n, 2]
        sign = np.float32(-1) if turn > 0 else np.float32(1)
        side = _side(sign * x, sign * y, sign * z)
        axis = side // 2
        for k in range(3):
            at = origins[n, k] + t[n] * directions[n, k] + sign * np.float32(LIFT_M) * planes[k, f] - origin[k]
            at /= cell_m
            # Blended with the cells beside it, but not with those before and behind the surface
            across = blended and k != axis
            if across:
                at -= half
            cell[k] = int(np.floor(at))
            share[k] = at - cell[k] if across else np.float32(0)
        for corner in range(8 if blended else 1):
            weight = np.float32(1)
            i, j, k = cell[0], cell[1], cell[2]
            if corner & 1:
                weight, i = weight * share[0], i + 1
            else:
                weight *= 1 - share[0]
            if corner & 2:
                weight, j = weight * share[1], j + 1
            else:
                weight *= 1 - share[1]
            if corner & 4:
                weight, k = weight * share[2], k + 1
            else:
                weight *= 1 - share[2]
            if weight <= 0:
                continue
            i = min(max(i, 0), grid.shape[1] - 1)
            j = min(max(j, 0), grid.shape[2] - 1)
            k = min(max(k, 0), grid.shape[3] - 1)
            for c in range(3):
                result[c, n] += weight * grid[side, i, j, k, c]
        for c in range(3):
            result[c, n] *= albedo[c, f]
    return result


@njit(cache=True)
def _with_ambient(arriving, t, face, albedo, ambient, open_m):
    """Adds the ambient light, dimmed where a surface is near, to what N rays found `(3, N)`, in place."""
    one = np.float32(1)
    for n in range(len(t)):
        openness = one if face[n] < 0 else min(t[n] / open_m, one)
        for c in range(3):
            sent_back = one if face[n] < 0 else albedo[c, face[n]]
            arriving[c, n] += ambient[c, 0] * (openness + (one - openness) * sent_back)
    return arriving


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
    position = np.einsum(
        "nk,nkc->cn",
        weights,
        scene.mesh.vertices[scene.mesh.faces[face]].astype(np.float32),
    )
    side = np.where(rng.random(SAMPLES) < 0.5, np.float32(-1), np.float32(1))
    return surface.points_at(
        face,
        position,
        side * surface.plane[:, face],
        np.zeros(SAMPLES, dtype=np.float32),
    )
