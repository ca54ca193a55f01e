"""From radiance to the bytes of a photo."""

from io import BytesIO

import numpy as np
from numba import njit
from PIL import Image
from scipy.ndimage import gaussian_filter

from generation.scenes.appearance import Sensor


MIDDLE_GREY = 0.34
LUMINANCE = np.float32([0.2126, 0.7152, 0.0722])  # Rec. 709
JPEG_QUALITY = 90
SENSOR_WIDTH = 640  # columns of the image in whose pixels a sensor's blur is given


def auto_exposure(radiance: np.ndarray) -> float:
    """Factor that brings the geometric mean luminance of `(3, N)` samples to middle grey."""
    luminance = LUMINANCE @ radiance
    floor = max(float(np.percentile(luminance, 99)) * 1e-3, 1e-6)
    return MIDDLE_GREY / float(np.exp(np.log(np.maximum(luminance, floor)).mean()))


def exposure_factors(sensor: Sensor) -> np.ndarray:
    """What the sensor's exposure and white balance make of linear red, green and blue: factors `(3, 1)`."""
    return np.float32(2.0**sensor.exposure_stops) * np.float32(sensor.white_balance)[:, None]


def develop(radiance: np.ndarray, exposure: float | np.ndarray) -> np.ndarray:
    """Display values in [0, 1] of linear radiance `(3, N)`: a filmic curve (Narkowicz 2015), then that of sRGB.

    `exposure` is one factor, or `(3, 1)`.
    """
    return _developed(radiance, np.broadcast_to(np.float32(exposure), (3, 1)), _SRGB)


def _srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)


# Over the root of the linear value, where the curve is nearly straight
_SRGB = _srgb(np.linspace(0, 1, 1025) ** 2).astype(np.float32)


@njit(cache=True)
def _developed(radiance, exposure, curve):
    result = np.zeros(radiance.shape, dtype=np.float32)
    one, last = np.float32(1), len(curve) - 1
    for c in range(3):
        factor = np.float32(0.6) * exposure[c, 0]
        for n in range(radiance.shape[1]):
            x = max(radiance[c, n] * factor, np.float32(0))
            x = (
                x
                * (np.float32(2.51) * x + np.float32(0.03))
                / (x * (np.float32(2.43) * x + np.float32(0.59)) + np.float32(0.14))
            )
            at = np.sqrt(min(x, one)) * np.float32(last)
            k = min(int(at), last - 1)
            share = at - np.float32(k)
            result[c, n] = curve[k] + share * (curve[k + 1] - curve[k])
    return result


def through_sensor(display: np.ndarray, sensor: Sensor, rng: np.random.Generator) -> np.ndarray:
    """Display values `(3, H, W)` with the blur of the lens and the noise of the sensor, in [0, 1].

    The noise of light grows as the root of the light; the curve of the display undoes that all but exactly, so that
    the noise is the same at all levels but black and white.
    """
    if sensor.blur_px > 0:
        sigma = sensor.blur_px * display.shape[2] / SENSOR_WIDTH
        display = gaussian_filter(display, (0, sigma, sigma), mode="nearest", truncate=3.0)
    if sensor.noise > 0:
        display = display + np.float32(sensor.noise) * rng.standard_normal(display.shape, dtype=np.float32)
    return np.clip(display, 0, 1)


def encode_jpeg(rgb: np.ndarray) -> bytes:
    """JPEG bytes of `(H, W, 3)` `np.uint8`; the same pixels give the same bytes."""
    stream = BytesIO()
    Image.fromarray(rgb).save(stream, format="JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()
