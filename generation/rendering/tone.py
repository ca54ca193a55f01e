"""From radiance to the bytes of a photo."""

import math
from io import BytesIO

import numpy as np
from numba import njit
from PIL import Image

from generation.rendering.noise import PRIME_X, scrambled
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
    sigma = max(sensor.blur_px * display.shape[2] / SENSOR_WIDTH, 1e-3)
    at = np.arange(-math.ceil(3 * sigma), math.ceil(3 * sigma) + 1)
    weights = np.exp(-0.5 * (at / sigma) ** 2)
    return _sensed(
        np.ascontiguousarray(display, dtype=np.float32),
        (weights / weights.sum()).astype(np.float32),
        np.float32(sensor.noise),
        np.uint32(rng.integers(2**32)),
    )


@njit(cache=True)
def _sensed(display, weights, noise, seed):
    """Blurred along columns and rows, beyond whose ends the last value goes on; then noise, clipped."""
    channels, height, width = display.shape
    reach = len(weights) // 2
    result, row = np.zeros(display.shape, dtype=np.float32), np.zeros(width + 2 * reach, dtype=np.float32)
    zero, one = np.float32(0), np.float32(1)
    for c in range(channels):
        for y in range(height):
            row[:] = zero
            for k in range(len(weights)):
                source, weight = display[c, min(max(y + k - reach, 0), height - 1)], weights[k]
                for x in range(width):
                    row[reach + x] += weight * source[x]
            row[:reach], row[reach + width :] = row[reach], row[reach + width - 1]
            blurred, first = result[c, y], (c * height + y) * width
            for k in range(len(weights)):
                weight = weights[k]
                for x in range(width):
                    blurred[x] += weight * row[x + k]
            for x in range(width):
                blurred[x] = min(max(blurred[x] + noise * _normal(np.uint32(first + x), seed), zero), one)
    return result


@njit(cache=True)
def _normal(index, seed):
    """Noise of mean 0 and standard deviation 1 that belongs to a place: nearly normal, a sum of four bytes."""
    bits = scrambled(np.uint32(np.uint32(index * PRIME_X) ^ seed))
    total = np.int32(bits & np.uint32(255)) + np.int32((bits >> np.uint32(8)) & np.uint32(255))
    total += np.int32((bits >> np.uint32(16)) & np.uint32(255)) + np.int32(bits >> np.uint32(24))
    return np.float32(np.int32(total) - np.int32(510)) * np.float32(1 / np.sqrt((256**2 - 1) / 3))


@njit(cache=True)
def to_bytes(display: np.ndarray) -> np.ndarray:
    """`np.uint8` `(H, W, 3)` of display values `(3, H, W)` in [0, 1]."""
    channels, height, width = display.shape
    result = np.zeros((height, width, channels), dtype=np.uint8)
    for y in range(height):
        for c in range(channels):
            for x in range(width):
                result[y, x, c] = np.uint8(np.float32(255) * display[c, y, x] + np.float32(0.5))
    return result


def encode_jpeg(rgb: np.ndarray) -> bytes:
    """JPEG bytes of `(H, W, 3)` `np.uint8`; the same pixels give the same bytes."""
    stream = BytesIO()
    Image.fromarray(rgb).save(stream, format="JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()
