"""Visible surface samples and pair overlap against sets worked out by hand."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from generation.annotation.overlap import pair_overlap, sample_surface, visible_samples
from generation.rendering.raycast import RayCaster


def _rectangle(x, y, z):
    """Two triangles at depth y."""
    vertices = np.array([[x[0], y, z[0]], [x[1], y, z[0]], [x[1], y, z[1]], [x[0], y, z[1]]], dtype=float)
    return vertices, np.array([[0, 1, 2], [0, 2, 3]])


def test_two_cameras_before_a_wall(camera_at):
    # at 2 m each sees 2 m x 1.6 m of the wall; the second stands 1 m to the right: they share 1 m of 3 m
    vertices, faces = _rectangle((-1, 2), 2, (-0.8, 0.8))
    samples = sample_surface(vertices[faces], 20_000, np.random.default_rng(0))
    caster = RayCaster(vertices, faces)
    seen = [visible_samples(caster, camera_at((x, 0, 0)), samples) for x in (0, 1)]
    np.testing.assert_array_equal(seen[0], samples[:, 0] < 1)
    np.testing.assert_array_equal(seen[1], samples[:, 0] >= 0)
    overlap = pair_overlap(np.array([np.packbits(bits) for bits in seen]))
    assert overlap[0, 1] == pytest.approx(100 / 3, abs=1)
    assert overlap[0, 1] == overlap[1, 0] and overlap[0, 0] == 100


def test_a_post_hides_its_shadow_on_the_wall(camera_at):
    wall, faces = _rectangle((-1, 1), 2, (-0.8, 0.8))
    post, _ = _rectangle((-0.1, 0.1), 1, (-0.4, 0.4))  # hides -0.2 .. 0.2 of the wall, over its whole height
    caster = RayCaster(np.concatenate([wall, post]), np.concatenate([faces, faces + 4]))
    x = np.array([-0.9, -0.21, -0.19, 0, 0.19, 0.21, 0.9])
    samples = np.stack([x, np.full(7, 2.0), np.full(7, 0.1)], axis=1)
    np.testing.assert_array_equal(visible_samples(caster, camera_at(), samples), np.abs(x) > 0.2)


def test_depth_tolerance(camera_at):
    # 2 cm, and from 2 m on 1 % of the depth
    vertices, faces = _rectangle((-9, 9), 1, (-9, 9))
    caster = RayCaster(vertices, faces)
    behind = np.array([[0, 1.019, 0.01], [0, 1.021, 0.01]])
    np.testing.assert_array_equal(visible_samples(caster, camera_at(), behind), [True, False])
    far = np.array([[0, 1.039, 0.01], [0, 1.042, 0.01]])
    np.testing.assert_array_equal(visible_samples(caster, camera_at((0, -3, 0)), far), [True, False])


def test_samples_behind_or_outside_are_not_seen(camera_at):
    vertices, faces = _rectangle((-9, 9), 2, (-9, 9))
    samples = np.array([[0, -2, 0.1], [1.01, 2, 0], [-1.01, 2, 0], [0, 2, 0.81], [0, 2, -0.81], [0.99, 2, 0.79]])
    seen = visible_samples(RayCaster(vertices, faces), camera_at(), samples)
    np.testing.assert_array_equal(seen, [False, False, False, False, False, True])


def test_surface_samples_are_uniform_by_area():
    big, faces = _rectangle((0, 3), 0, (0, 1))
    small, _ = _rectangle((5, 6), 0, (0, 1))
    triangles = np.concatenate([big[faces], small[faces]])
    samples = sample_surface(triangles, 40_000, np.random.default_rng(1))
    assert np.mean(samples[:, 0] < 4) == pytest.approx(3 / 4, abs=0.01)
    on_big = samples[samples[:, 0] < 4]
    counts, _, _ = np.histogram2d(on_big[:, 0], on_big[:, 2], bins=(6, 2))
    assert np.abs(counts / len(on_big) - 1 / 12).max() < 0.01


def test_samples_lie_on_the_surface():
    samples = sample_surface(trimesh.creation.box((2, 2, 2)).triangles, 200, np.random.default_rng(0))
    np.testing.assert_allclose(np.abs(samples).max(axis=1), 1)


@given(st.lists(st.sets(st.integers(0, 36)), min_size=1, max_size=5))
def test_popcount_equals_sets(seen):
    bits = np.array([np.packbits([k in one for k in range(37)]) for one in seen])
    expected = [[100 * len(a & b) / len(a | b) if a | b else 0.0 for b in seen] for a in seen]
    np.testing.assert_allclose(pair_overlap(bits), expected)
