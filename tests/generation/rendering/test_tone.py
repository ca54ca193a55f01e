import numpy as np

from generation.rendering.renderer import SceneRenderer
from generation.rendering.tone import develop, exposure_factors, through_sensor
from generation.scenes.appearance import Light, Sensor


GREY = np.full((3, 60, 80), 0.5, dtype=np.float32)


def test_develop_is_the_filmic_curve_and_srgb():
    radiance = np.random.default_rng(0).exponential(1.0, (3, 2000)).astype(np.float32)
    x = 0.6 * 0.7 * radiance.astype(float)
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    expected = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(develop(radiance, 0.7), expected, atol=1e-3)
    np.testing.assert_array_equal(develop(np.zeros((3, 4), dtype=np.float32), 1.0), 0)


def test_exposure_and_white_balance_by_hand():
    sensor = Sensor(exposure_stops=1.0, white_balance=(1.0, 0.5, 2.0))
    np.testing.assert_allclose(exposure_factors(sensor), [[2], [1], [4]])
    radiance = np.full((3, 5), 0.1, dtype=np.float32)
    found = develop(radiance, exposure_factors(sensor))
    for channel, factor in enumerate((2, 1, 4)):
        np.testing.assert_allclose(found[channel], develop(radiance * np.float32(factor), 1.0)[channel], rtol=1e-5)


def test_a_perfect_sensor_changes_nothing():
    ramp = np.linspace(0, 1, 3 * 60 * 80, dtype=np.float32).reshape(3, 60, 80)
    np.testing.assert_array_equal(through_sensor(ramp, Sensor(), np.random.default_rng(0)), ramp)


def test_noise_has_the_size_asked_for_and_no_bias():
    found = through_sensor(GREY, Sensor(noise=0.02), np.random.default_rng(1)) - GREY
    assert abs(found.mean()) < 1e-3 and abs(found.std() - 0.02) < 5e-4
    assert abs(np.corrcoef(found[0].ravel(), found[1].ravel())[0, 1]) < 0.05
    again = through_sensor(GREY, Sensor(noise=0.02), np.random.default_rng(1)) - GREY
    np.testing.assert_array_equal(found, again)
    white = through_sensor(np.ones_like(GREY), Sensor(noise=0.2), np.random.default_rng(1))
    assert white.max() == 1 and white.min() > 0


def test_blur_of_a_step_is_the_integral_of_a_gauss_curve():
    """Of half a pixel at 640 columns, so of one pixel at 1280; half way between two pixels it is one half."""
    from scipy.stats import norm

    step = np.zeros((3, 8, 1280), dtype=np.float32)
    step[:, :, 640:] = 1
    found = through_sensor(step, Sensor(blur_px=0.5), np.random.default_rng(0))
    np.testing.assert_allclose(found[0, 4, 637:643], norm.cdf(np.arange(637, 643) + 0.5 - 640), atol=0.02)
    assert through_sensor(GREY, Sensor(blur_px=2.0), np.random.default_rng(0)).std() < 1e-6


def test_depth_and_instances_know_nothing_of_the_sensor(assemble, grey_box, camera_at):
    camera = camera_at((0, -2.5, 2.5), (0, 0, 0), width=64, height=48)
    sun = Light("sun", (0, 0, 0), (0, 0, -1), (0, 0), (1, 1, 1))
    frames = []
    for sensor in (Sensor(), Sensor(exposure_stops=-1, noise=0.05, blur_px=2)):
        scene = assemble([grey_box((-3, -3, -0.1), (3, 3, 0), 1)], [sun], cameras=[camera])
        object.__setattr__(scene.appearance, "sensor", sensor)
        frames.append(SceneRenderer(scene).render(camera, np.random.default_rng(0)))
    np.testing.assert_array_equal(frames[0].depth_m, frames[1].depth_m)
    np.testing.assert_array_equal(frames[0].instance, frames[1].instance)
    assert frames[1].rgb.mean() < frames[0].rgb.mean() - 10
