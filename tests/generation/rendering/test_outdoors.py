import numpy as np
import pytest

from generation.rendering.outdoors import SUN_DISC, Outdoors
from generation.rendering.renderer import SceneRenderer
from generation.scenes.appearance import Light, Material, Sky


ZENITH, HORIZON, GROUND = (0.1, 0.2, 0.6), (0.7, 0.6, 0.5), (0.2, 0.3, 0.1)
OPEN = Sky(ZENITH, HORIZON, GROUND, skyline=False)
SUN = Light("sun", (0, 0, 0), (0.6, 0, -0.8), (0, 0), (3, 2, 1))


def seen(outdoors: Outdoors, *directions) -> np.ndarray:
    """Radiance `(N, 3)` in some directions."""
    view = np.array(directions, dtype=np.float32).T
    return outdoors((view / np.linalg.norm(view, axis=0)).astype(np.float32)).T


def test_an_open_sky_by_hand():
    up, level, down = seen(Outdoors(OPEN), (0, 0, 1), (1, 0, 0), (0, 0, -1))
    np.testing.assert_allclose(up, ZENITH, atol=1e-6)
    np.testing.assert_allclose(level, HORIZON, atol=1e-6)
    np.testing.assert_allclose(down, 0.8 * np.array(GROUND), atol=1e-6)
    np.testing.assert_allclose(seen(Outdoors(OPEN), (0, 0.8, 0.3125 / 1.0), (0.8, 0, 0.3125)), seen(
        Outdoors(OPEN), (0, 0.8, 0.3125), (0, -0.8, 0.3125)), atol=1e-6)  # fmt: skip


def test_the_sun_stands_where_its_light_comes_from():
    plain, sunny = Outdoors(OPEN), Outdoors(OPEN, (SUN,))
    towards, beside, away = (-0.6, 0, 0.8), (-0.56, 0, 0.8), (0.9, 0, 0.4)
    glow = seen(sunny, towards, beside, away) - seen(plain, towards, beside, away)
    np.testing.assert_allclose(glow[0] / glow[0, 2], SUN.color, rtol=1e-4)  # of the light's colour
    assert glow[0, 2] > SUN_DISC * SUN.color[2]
    assert 0 < glow[1, 2] < 1  # the glow around it
    np.testing.assert_allclose(glow[2], 0, atol=2e-3)


def test_trees_stand_at_the_horizon_only():
    angles = np.linspace(0, 2 * np.pi, 50)
    for height, differs in ((0.04, True), (0.9, False), (-0.9, False)):
        ring = [(np.cos(angle), np.sin(angle), height) for angle in angles]
        bare, wooded = (seen(Outdoors(Sky(ZENITH, HORIZON, GROUND, skyline)), *ring) for skyline in (False, True))
        assert (np.abs(bare - wooded).max(axis=1) > 0.05).all() == differs
    dusk = Sky((0.01,) * 3, (0.02,) * 3, GROUND, skyline=True)
    assert seen(Outdoors(dusk), *[(np.cos(a), np.sin(a), 0.04) for a in angles]).max() < 0.02  # lit by nothing else


def test_windows_and_misses_show_the_scenes_own_sky(assemble, grey_box, camera_at):
    """A pane in the right half of the view and nothing in the left: both show the red sky of the scene."""
    camera = camera_at((0, 0, 1), (0, 1, 1.5), width=64, height=48)
    pane = grey_box((0, 2, -5), (9, 2.1, 9), 1, Material("glass", (0.8, 0.8, 0.8), emission=1.0))
    scene = assemble([pane], [], cameras=[camera])
    red = Sky((0.6, 0.05, 0.05), (0.6, 0.05, 0.05), GROUND, skyline=False)
    object.__setattr__(scene.appearance, "sky", red)
    rgb = SceneRenderer(scene).render(camera, np.random.default_rng(0)).rgb[:16].astype(int)
    for half in (rgb[:, :28], rgb[:, 36:]):
        assert (half[..., 0] > half[..., 1] + 60).all()
    assert rgb[:, :28, 0].std() < 2


@pytest.mark.parametrize("skyline", [False, True])
def test_same_directions_same_sky(skyline):
    view = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
    view /= np.linalg.norm(view, axis=0)
    outdoors = Outdoors(Sky(skyline=skyline), (SUN,))
    np.testing.assert_array_equal(outdoors(view)[:, 500:], outdoors(np.ascontiguousarray(view[:, 500:])))
