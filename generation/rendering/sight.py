"""What the samples of a view's pixels meet, and the rays through them."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from generation.geometry import Camera
from generation.rendering.multisample import sampled_triangles
from generation.rendering.raycast import RayCaster
from generation.rendering.shade import Samples
from generation.scenes.base import SceneMesh


Offsets = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Sight:
    """What S samples of each pixel meet.

    Args:
        camera ([`Camera`]).
        offsets (`tuple` of S pairs of `float`): of each sample from the pixel's centre, to the right and down, pixels.
        face (`np.ndarray` of shape `(S, H, W)`): triangle, -1 for none.
        nearness (`np.ndarray` of shape `(S, H, W)`): one over its camera Z, 0 for none.
    """

    camera: Camera
    offsets: Offsets
    face: np.ndarray
    nearness: np.ndarray

    @classmethod
    def of(cls, camera: Camera, offsets: Offsets, mesh: SceneMesh, caster: RayCaster) -> "Sight":
        """What a camera sees of a mesh: drawn, or cast as rays by the mesh's `caster` where a lens bends them."""
        if camera.distortion is None:
            return cls(camera, offsets, *sampled_triangles(camera, mesh.vertices, mesh.faces, offsets))
        hits = [caster.cast(*_shifted(camera, offset).rays()) for offset in offsets]
        shape = len(offsets), camera.height, camera.width
        face, t = np.stack([one.face for one in hits]), np.stack([one.t for one in hits])
        return cls(camera, offsets, face.reshape(shape), 1 / t.reshape(shape))

    def faces(self, pixels: np.ndarray, number: np.ndarray) -> np.ndarray:
        """The triangle `(N,)` that the `number`-th sample `(N,)` of each of N pixels meets, given by flat index."""
        return self.face.ravel()[number * (self.camera.height * self.camera.width) + pixels]

    def samples(self, pixels: np.ndarray, number: np.ndarray) -> Samples:
        """The `number`-th sample `(N,)` of each of N pixels, given by flat index."""
        camera = self.camera
        columns, rows, directions = _rays(camera, self.offsets, pixels, number)
        nearness = self.nearness.ravel()[number * (camera.height * camera.width) + pixels]
        pixel = np.float32(1 / camera.intrinsics[0, 0])
        eye = camera.centre.astype(np.float32)
        return Samples(self.faces(pixels, number), nearness, columns, rows, eye, directions, pixel)


def _shifted(camera: Camera, offset: tuple[float, float]) -> Camera:
    """The same view, whose pixel centres lie where those of `camera` do, moved by `offset`."""
    return replace(camera, intrinsics=camera.intrinsics - [[0, 0, offset[0]], [0, 0, offset[1]], [0, 0, 0]])


def _rays(
    camera: Camera, offsets: Offsets, pixels: np.ndarray, number: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns and rows `(N,)` of samples as in `Sight.samples`, and directions `(3, N)` of the rays through them, with
    camera Z = 1."""
    offsets = np.float32(offsets)
    if camera.distortion is None:
        world_from_pixels = camera.world_from_cam[:3, :3] @ np.linalg.inv(camera.intrinsics)
        return _pinhole_rays(pixels, camera.width, number, offsets, world_from_pixels)
    row, column = np.divmod(pixels, camera.width)
    places = np.stack([column, row], axis=1) + np.float32(0.5) + offsets[number]
    columns, rows = places.T.astype(np.float32)
    return columns, rows, np.ascontiguousarray(camera.rays_through(places)[1].T)


@njit(cache=True)
def _pinhole_rays(pixels, width, number, offsets, world_from_pixels):
    columns, rows = (
        np.zeros(len(pixels), dtype=np.float32),
        np.zeros(len(pixels), dtype=np.float32),
    )
    directions = np.zeros((3, len(pixels)), dtype=np.float32)
    m = world_from_pixels
    for n in range(len(pixels)):
        row = pixels[n] // width
        x = pixels[n] - row * width + 0.5 + offsets[number[n], 0]
        y = row + 0.5 + offsets[number[n], 1]
        columns[n], rows[n] = x, y
        for k in range(3):
            directions[k, n] = m[k, 0] * x + m[k, 1] * y + m[k, 2]
    return columns, rows, directions
