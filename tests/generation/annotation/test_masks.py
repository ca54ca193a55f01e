"""Rasterised masks are those of rays, to the pixel."""

import numpy as np
import pytest

from generation.annotation.masks import covered_alone, first_hits
from generation.geometry import Camera, extended_canvas, look_at
from generation.rendering.raycast import RayCaster


def some_camera(rng: np.random.Generator) -> Camera:
    k = np.array(
        [[rng.uniform(80, 160), 0, rng.uniform(60, 100)], [0, rng.uniform(80, 160), rng.uniform(40, 80)], [0, 0, 1]]
    )
    return Camera(160, 120, k, look_at(rng.uniform(-0.5, 0.5, 3), rng.uniform(-1, 1, 3) + [0, 3, 0], 10.0))


def shower(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random triangles around the camera, and fans of thin ones that share edges."""
    corners = rng.uniform(-3, 3, (count, 1, 3)) + rng.uniform(-0.5, 0.5, (count, 3, 3))
    rim = rng.uniform(-3, 3, (count, 3)) + [0, 4, 0]
    fan = np.stack([np.tile(rim[0], (count, 1)), rim, np.roll(rim, 1, axis=0)], axis=1)
    return np.concatenate([corners, fan]).reshape(-1, 3), np.arange(6 * count).reshape(-1, 3)


@pytest.mark.parametrize("seed", range(8))
def test_first_hits_are_those_of_rays(seed):
    rng = np.random.default_rng(seed)
    camera, (vertices, faces) = some_camera(rng), shower(rng, 150)
    caster = RayCaster(vertices, faces)
    face, depth_m = first_hits(camera, vertices, faces, caster)
    hits = caster.cast(*camera.rays())
    np.testing.assert_array_equal(face.ravel(), hits.face)
    np.testing.assert_allclose(depth_m.ravel(), hits.t, rtol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_things_alone_cover_what_rays_hit(seed):
    rng = np.random.default_rng(100 + seed)
    camera, (vertices, faces) = some_camera(rng), shower(rng, 60)
    starts = np.array([0, 3, 3, 40, 90, 120])  # the second thing has no triangle
    casters = [RayCaster(vertices, faces[a:b]) for a, b in zip(starts, starts[1:], strict=False)]
    in_image, in_canvas, boxes = covered_alone(camera, vertices, faces, starts, casters)
    x0, y0, x1, y1 = canvas = extended_canvas(camera)
    for k, caster in enumerate(casters):
        mask = caster.hits_anything(*camera.rays(canvas)).reshape(y1 - y0, x1 - x0)
        inside = mask[-y0 : camera.height - y0, -x0 : camera.width - x0]
        rows, columns = np.nonzero(inside)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else (0, 0, 0, 0)
        assert (in_image[k], in_canvas[k]) == (inside.sum(), mask.sum())
        np.testing.assert_array_equal(boxes[k], box)
