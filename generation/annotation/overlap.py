"""Which surface samples a frame sees, and the overlap of two frames (ANNOTATION section 2)."""

import numpy as np

from generation.geometry import Camera
from generation.rendering.raycast import RayCaster


SURFACE_SAMPLES = 20_000
DEPTH_TOLERANCE_M = 0.02
DEPTH_TOLERANCE_SHARE = 0.01


def sample_surface(triangles: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` points `(count, 3)` drawn uniformly by area from `(T, 3, 3)` triangles."""
    edge_1, edge_2 = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    area = np.linalg.norm(np.cross(edge_1, edge_2), axis=1)
    chosen = np.searchsorted(np.cumsum(area), rng.random(count) * area.sum(), side="right").clip(max=len(area) - 1)
    r = np.sqrt(rng.random(count))  # the root makes the points uniform in the triangle
    s = rng.random(count)
    weights = np.stack([1 - r, r * (1 - s), r * s], axis=1)  # (count, 3)
    return np.einsum("nk,nkc->nc", weights, triangles[chosen])


def visible_samples(caster: RayCaster, camera: Camera, samples: np.ndarray) -> np.ndarray:
    """Which of `(N, 3)` surface samples the frame sees: `bool` of shape `(N,)`.

    Visible: inside the image, and no surface in front of the sample by more than max(2 cm, 1 %) of its depth.
    """
    pixels, depth_m = camera.project(samples)
    inside = (depth_m > 0) & (pixels >= 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)
    first_m = caster.cast(*camera.rays_through(pixels[inside])).t
    expected_m = depth_m[inside]
    visible = np.zeros(len(samples), dtype=bool)
    visible[inside] = first_m >= expected_m - np.maximum(DEPTH_TOLERANCE_M, DEPTH_TOLERANCE_SHARE * expected_m)
    return visible


def pair_overlap(bits: np.ndarray) -> np.ndarray:
    """Overlap of every pair of frames in percent, `(F, F)`.

    Args:
        bits (`np.ndarray` of shape `(F, ceil(N / 8))`): visible samples of each frame, packed by `np.packbits`.
    """
    both = np.stack([np.bitwise_count(bits & row).sum(axis=1, dtype=np.int64) for row in bits])  # (F, F)
    seen = np.diag(both)
    either = seen[:, None] + seen[None, :] - both
    return 100.0 * both / np.maximum(either, 1)
