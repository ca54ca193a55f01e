import numpy as np
import pytest

from generation.rendering.raycast import RayCaster


def moeller_trumbore(triangles: np.ndarray, origins: np.ndarray, directions: np.ndarray):
    """Ray parameter `(N, T)`, `inf` where ray and triangle do not meet, and the weights of corners 1 and 2."""
    first, edge1, edge2 = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(directions[:, None], edge2[None])
    determinant = (p * edge1).sum(-1)
    to_origin = origins[:, None] - first[None]
    u = (to_origin * p).sum(-1) / determinant
    q = np.cross(to_origin, edge1[None])
    v = (q * directions[:, None]).sum(-1) / determinant
    t = (q * edge2).sum(-1) / determinant
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
    return np.where(hit, t, np.inf), u, v


@pytest.fixture(scope="module")
def shower():
    """Random triangles, and random rays of which many meet several of them and many none."""
    rng = np.random.default_rng(7)
    triangles = rng.uniform(-1, 1, (150, 1, 3)) + rng.uniform(-0.5, 0.5, (150, 3, 3))
    origins, targets = rng.uniform(-2, 2, (800, 3)), rng.uniform(-1, 1, (800, 3))
    directions = targets - origins
    caster = RayCaster(triangles.reshape(-1, 3), np.arange(450).reshape(150, 3))
    return triangles, origins.astype(np.float32), directions.astype(np.float32), caster


def test_cast_agrees_with_brute_force(shower):
    triangles, origins, directions, caster = shower
    t, u, v = moeller_trumbore(triangles, origins.astype(float), directions.astype(float))
    nearest = t.argmin(axis=1)
    expected = t[np.arange(len(t)), nearest]
    hits = caster.cast(origins, directions)
    found = np.isfinite(expected)
    assert 0.2 < found.mean() < 0.9
    np.testing.assert_array_equal(hits.face >= 0, found)
    np.testing.assert_array_equal(hits.face[found], nearest[found])
    np.testing.assert_allclose(hits.t[found], expected[found], rtol=1e-4, atol=1e-5)
    rows = np.flatnonzero(found)
    weights = np.stack([1 - u - v, u, v], axis=-1)[rows, nearest[rows]]
    np.testing.assert_allclose(hits.barycentric[rows], weights, atol=1e-3)
    corners = triangles[hits.face[rows]]
    np.testing.assert_allclose(
        np.einsum("nk,nkc->nc", hits.barycentric[rows], corners),
        origins[rows] + hits.t[rows, None] * directions[rows],
        atol=1e-3,
    )


def test_misses_are_inf_and_minus_one(shower):
    *_, caster = shower
    hits = caster.cast(np.float32([[50, 50, 50]]), np.float32([[1, 0, 0]]))
    assert np.isinf(hits.t[0])
    assert hits.face[0] == -1


def test_hits_anything_agrees_with_brute_force(shower):
    triangles, origins, directions, caster = shower
    t, _, _ = moeller_trumbore(triangles, origins.astype(float), directions.astype(float))
    np.testing.assert_array_equal(caster.hits_anything(origins, directions), np.isfinite(t).any(axis=1))


@pytest.mark.parametrize("t_max", [0.3, 1.0, 2.5])
def test_occluded_agrees_with_brute_force(shower, t_max):
    triangles, origins, directions, caster = shower
    t, _, _ = moeller_trumbore(triangles, origins.astype(float), directions.astype(float))
    limits = np.full(len(origins), t_max, dtype=np.float32)
    np.testing.assert_array_equal(caster.occluded(origins, directions, limits), t.min(axis=1) < t_max)
    assert (limits == np.float32(t_max)).all()  # the caller's array stays as it is


def test_take_picks_rays(shower):
    _, origins, directions, caster = shower
    some = np.array([5, 2, 700])
    np.testing.assert_array_equal(
        caster.cast(origins, directions).take(some).t, caster.cast(origins[some], directions[some]).t
    )
