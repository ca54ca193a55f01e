"""The rasteriser against rays: every triangle at every pixel by hand, and Embree."""

import numpy as np
import pytest
import trimesh

from generation.geometry import Camera, look_at
from generation.rendering.multisample import sampled_triangles
from generation.rendering.raycast import RayCaster


def first_triangles(camera, vertices, faces):
    """The triangle at each pixel's centre `(H, W)`, and its camera Z."""
    face, nearness = sampled_triangles(camera, vertices, faces, ((0.0, 0.0),))
    with np.errstate(divide="ignore"):
        return face[0], 1 / nearness[0]


def shower(seed: int, count: int, size: float) -> np.ndarray:
    """Random triangles `(T, 3, 3)` around the camera, many of which cross the plane through it."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-3, 3, (count, 1, 3)) + rng.uniform(-size, size, (count, 3, 3))


def some_camera(seed: int, width=64, height=48) -> Camera:
    rng = np.random.default_rng(seed)
    k = np.array(
        [[rng.uniform(30, 80), 0, rng.uniform(20, 40)], [0, rng.uniform(30, 80), rng.uniform(15, 35)], [0, 0, 1]]
    )
    return Camera(width, height, k, look_at(rng.uniform(-0.5, 0.5, 3), rng.uniform(-1, 1, 3) + [0, 3, 0], 10.0))


def every_hit(camera: Camera, triangles: np.ndarray, box, chosen=slice(None)) -> tuple[np.ndarray, np.ndarray]:
    """Depth `(P, T)` at which the rays of a box's pixels, or of the `chosen`, meet each triangle, `inf` where they do
    not, and how far they are from the triangle's nearest edge, as a share of the triangle."""
    x0, y0, x1, y1 = box
    columns, rows = (axis.ravel() + 0.5 for axis in np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)))
    k = camera.intrinsics
    in_cam = np.stack([(columns - k[0, 2]) / k[0, 0], (rows - k[1, 2]) / k[1, 1], np.ones(len(rows))], axis=1)
    directions = in_cam[chosen] @ camera.world_from_cam[:3, :3].T
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(directions[:, None], second[None])
    volume = (p * first).sum(axis=-1)
    offset = camera.centre - triangles[:, 0]
    q = np.cross(offset, first)
    u, v = (offset * p).sum(axis=-1) / volume, (q[None] * directions[:, None]).sum(axis=-1) / volume
    depth_m = (q * second).sum(axis=-1) / volume
    margin = np.minimum(np.minimum(u, v), 1 - u - v)
    return np.where((margin >= 0) & (depth_m > 0), depth_m, np.inf), np.abs(margin)


@pytest.mark.parametrize("seed", range(6))
def test_first_triangles_are_those_of_brute_force(seed):
    triangles, camera = shower(seed, 60, 1.5), some_camera(seed)
    face, depth_m = first_triangles(camera, triangles.reshape(-1, 3), np.arange(180).reshape(60, 3))
    expected_m, margin = every_hit(camera, triangles, (0, 0, 64, 48))
    clear = (margin > 1e-9).all(axis=1).reshape(48, 64)
    assert clear.mean() > 0.999
    nearest = np.where(np.isinf(expected_m).all(axis=1), -1, expected_m.argmin(axis=1)).reshape(48, 64)
    np.testing.assert_array_equal(face[clear], nearest[clear])
    assert (nearest >= 0).mean() > 0.2
    np.testing.assert_allclose(depth_m[clear], expected_m.min(axis=1).reshape(48, 64)[clear], rtol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_first_triangles_are_embrees(seed):
    triangles, camera = shower(seed, 400, 0.4), some_camera(seed, 160, 120)
    vertices, faces = triangles.reshape(-1, 3).astype(np.float32), np.arange(1200).reshape(400, 3)
    face, depth_m = first_triangles(camera, vertices, faces)
    hits = RayCaster(vertices, faces).cast(*camera.rays())
    differs = np.flatnonzero(face.ravel() != hits.face)
    assert len(differs) < 20
    expected_m, margin = every_hit(camera, vertices.reshape(-1, 3, 3).astype(float), (0, 0, 160, 120), differs)
    for row, pixel in enumerate(differs):  # at an edge of one of the two, or where both are equally near
        two = [f for f in (face.ravel()[pixel], hits.face[pixel]) if f >= 0]
        at_edge = margin[row, two].min() < 1e-5
        assert at_edge or np.ptp(expected_m[row, two]) < 1e-5
    same = (face.ravel() == hits.face) & (hits.face >= 0)
    np.testing.assert_allclose(depth_m.ravel()[same], hits.t[same], rtol=1e-4)


def test_no_pixel_falls_between_triangles():
    """A fine ball around the camera, whose triangles share corners but not vertices, hides everything."""
    ball = trimesh.creation.icosphere(4, 2.0)
    vertices = ball.vertices[ball.faces].reshape(-1, 3)
    for seed in range(4):
        face, _ = first_triangles(some_camera(seed, 200, 150), vertices, np.arange(len(vertices)).reshape(-1, 3))
        assert (face >= 0).all()


def test_a_square_whose_edges_run_through_pixel_centres():
    """Both edges count: columns 2.5 to 5.5 and rows 1.5 to 3.5 are centres of 4 x 3 pixels."""
    camera = Camera(10, 8, np.eye(3), np.eye(4))
    corners = np.array([(2.5, 1.5, 1), (5.5, 1.5, 1), (5.5, 3.5, 1), (2.5, 3.5, 1)])
    face, depth_m = first_triangles(camera, corners, np.array([(0, 1, 2), (2, 3, 0)]))
    expected = np.zeros((8, 10), dtype=bool)
    expected[1:4, 2:6] = True
    np.testing.assert_array_equal(face >= 0, expected)
    assert (depth_m[expected] == 1).all() and np.isinf(depth_m[~expected]).all()


OFFSETS = ((0.0, 0.0), (-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("count", "size"), [(60, 1.5), (3000, 0.15)])
def test_samples_are_those_of_pixels_moved_there(seed, count, size):
    """Each sample by itself: the first one of a camera whose image is moved. Large triangles cross one another, small
    ones fall between the pixel centres and hide others in thousands."""
    triangles, camera = shower(seed, count, size), some_camera(seed, 160, 120)
    vertices, faces = triangles.reshape(-1, 3), np.arange(3 * count).reshape(count, 3)
    found, nearness = sampled_triangles(camera, vertices, faces, OFFSETS)
    for s, (right, down) in enumerate(OFFSETS):
        moved = camera.intrinsics - np.array([[0, 0, right], [0, 0, down], [0, 0, 0]])
        alone = Camera(camera.width, camera.height, moved, camera.world_from_cam)
        face, near = sampled_triangles(alone, vertices, faces, ((0.0, 0.0),))
        same = found[s] == face[0]
        assert same.mean() > 0.998
        np.testing.assert_allclose(nearness[s][same], near[0][same], rtol=1e-4, atol=1e-6)


def test_equally_near_triangles_go_to_the_first():
    """Whatever the order in which they are drawn."""
    camera = Camera(10, 8, np.eye(3), np.eye(4))
    corners = np.array([(-50, -50, 1), (50, -50, 1), (0, 50, 1.0)])
    behind = corners * [1, 1, 0.5] + [0, 0, 2.0]
    vertices = np.concatenate([behind, corners, corners])
    face, _ = sampled_triangles(camera, vertices, np.array([(0, 1, 2), (3, 4, 5), (6, 7, 8)]), OFFSETS)
    assert set(np.unique(face)) == {1}
