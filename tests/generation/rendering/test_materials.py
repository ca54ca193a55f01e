import numpy as np
import pytest

from generation.rendering.materials import PATTERNS, MaterialTable
from generation.rendering.noise import band_coverage, hash_unit, value_noise, visible_detail
from generation.scenes.appearance import Material
from generation.scenes.base import SceneError


FLAT = ("picture", "screen", "rug", "clock", "keys", "book")
SMOOTH = ("plaster", "wood", "metal", "marble", "leaf")
COLORS = {"color": (0.5, 0.3, 0.2), "accent": (0.1, 0.2, 0.4)}


def albedo(material: Material, coords: np.ndarray, footprint_m: float = 1e-3, seed: int = 0) -> np.ndarray:
    """Colours `(N, 3)` at `(N, 3)` texture coordinates of a surface that faces z, seen from random directions."""
    count = len(coords)
    view = np.random.default_rng(seed).normal(size=(3, count))
    return (
        MaterialTable((material,), "toy")
        .albedo(
            np.zeros(count, dtype=int),
            np.ascontiguousarray(coords.T, dtype=np.float32),
            np.full(count, 2),
            np.full(count, footprint_m, dtype=np.float32),
            (view / np.linalg.norm(view, axis=0)).astype(np.float32),
        )
        .T
    )


def places(pattern: str, count: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(3)
    if pattern in FLAT:
        return np.column_stack([rng.random((count, 2)), np.full(count, 1.5)])
    return rng.uniform(-2, 2, (count, 3))


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_albedo_is_a_colour_and_varies(pattern):
    for variant in range(6):
        colors = albedo(Material(pattern, **COLORS, scale_m=0.3, seed=variant), places(pattern))
        assert colors.dtype == np.float32
        assert np.isfinite(colors).all()
        assert colors.min() >= 0
        assert colors.max() <= 1
        varies = np.ptp(colors, axis=0).max() > 0.01
        assert varies == (pattern not in ("plain", "mirror"))


@pytest.mark.parametrize("pattern", sorted(set(PATTERNS) - {"glass"}))  # glass shows what lies behind it
def test_a_point_keeps_its_colour_whoever_is_shaded_with_it(pattern):
    material, coords = Material(pattern, **COLORS, scale_m=0.3, seed=4), places(pattern)
    order = np.random.default_rng(0).permutation(len(coords))
    together = albedo(material, coords)
    np.testing.assert_array_equal(together[order[:500]], albedo(material, coords[order[:500]], seed=1))


@pytest.mark.parametrize("pattern", SMOOTH)
def test_noise_patterns_have_no_seams(pattern):
    """Along a line through many cells of the noise, and through zero, a tiny step changes the colour a little."""
    line = np.linspace(-1, 1, 200_001)[:, None] * np.array([0.31, 0.47, 0.11])
    if pattern == "wood":  # a ring ends abruptly outwards, as in real wood; along the grain it does not
        line = line * [1, 0, 0]
    steps = np.abs(np.diff(albedo(Material(pattern, **COLORS, scale_m=0.3), line), axis=0))
    assert steps.max() < 0.01


@pytest.mark.parametrize("pattern", ["picture", "screen", "rug", "clock", "keys", "book"])
def test_other_seeds_give_other_flat_patterns(pattern):
    coords = places(pattern)
    first, second = (albedo(Material(pattern, **COLORS, seed=seed), coords) for seed in (3, 6))
    if pattern != "keys":
        assert (np.abs(first - second).max(axis=1) > 0.02).mean() > 0.003
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("pattern", ["tile", "stripes", "checker"])
def test_fine_patterns_fade_to_their_mean(pattern):
    """A pixel that spans many repeats sees nearly one colour: the mean of what fine pixels see."""
    material, coords = Material(pattern, **COLORS, scale_m=0.05), places(pattern, 40_000)
    near, far = albedo(material, coords, 1e-4), albedo(material, coords, 1.0)
    np.testing.assert_allclose(far.mean(axis=0), near.mean(axis=0), atol=0.01)
    assert far.std(axis=0).max() < 0.25 * near.std(axis=0).max()


def test_tile_and_stripes_by_hand():
    stripes = Material("stripes", **COLORS, scale_m=0.2)
    colors = albedo(stripes, np.array([[0.05, 0, 0], [0.15, 0, 0], [0.25, 9, 0]]))
    np.testing.assert_allclose(colors, [COLORS["accent"], COLORS["color"], COLORS["accent"]], atol=1e-4)
    grout = albedo(Material("tile", **COLORS, scale_m=0.4), np.array([[0.404, 0.2, 0], [0.2, 0.8 + 0.004, 0]]))
    np.testing.assert_allclose(grout, [COLORS["accent"]] * 2, atol=1e-4)


def test_unknown_pattern_is_named():
    with pytest.raises(SceneError, match=r"'toy'.*'velvet'.*Use one of .*wood"):
        MaterialTable((Material("velvet", (1, 1, 1)),), "toy")


@pytest.mark.parametrize(("width", "blur"), [(0.1, 0.03), (0.5, 0.7), (0.02, 3.4)])
def test_band_coverage_is_a_box_filter(width, blur):
    positions = np.linspace(-3, 3, 41)
    window = (np.arange(20_000) + 0.5) / 20_000 - 0.5
    sampled = ((positions[:, None] + blur * window) % 1 < width).mean(axis=1)
    np.testing.assert_allclose(band_coverage(positions, width, np.full(41, blur)), sampled, atol=1e-3)


def test_value_noise_is_smooth_bounded_and_centred():
    points = np.random.default_rng(0).uniform(-50, 50, (3, 50_000)).astype(np.float32)
    seed = np.full(50_000, 9, dtype=np.uint32)
    noise = value_noise(points, seed)
    assert noise.min() >= 0
    assert noise.max() <= 1
    assert abs(noise.mean() - 0.5) < 0.01
    assert np.abs(value_noise(points + np.float32(1e-3), seed) - noise).max() < 0.01
    assert abs(np.corrcoef(noise, value_noise(points, seed + np.uint32(1)))[0, 1]) < 0.03


def test_hash_is_uniform_and_sees_every_key():
    values = hash_unit(np.arange(100_000), 5)
    counts = np.histogram(values, 20, (0, 1))[0]
    assert np.abs(counts - 5000).max() < 350  # five standard deviations
    assert abs(np.corrcoef(values, hash_unit(np.arange(100_000), 6))[0, 1]) < 0.02


def test_detail_fades_between_four_and_two_pixels_a_wave():
    np.testing.assert_allclose(visible_detail(1.0, np.array([0.1, 0.25, 0.375, 0.5, 2.0])), [1, 1, 0.5, 0, 0])
