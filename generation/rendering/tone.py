"""From radiance to the bytes of a photo."""

from io import BytesIO

import numpy as np
from PIL import Image


MIDDLE_GREY = 0.34
LUMINANCE = np.float32([0.2126, 0.7152, 0.0722])  # Rec. 709
JPEG_QUALITY = 90


def auto_exposure(radiance: np.ndarray) -> float:
    """Factor that brings the geometric mean luminance of `(3, N)` samples to middle grey."""
    luminance = LUMINANCE @ radiance
    floor = max(float(np.percentile(luminance, 99)) * 1e-3, 1e-6)
    return MIDDLE_GREY / float(np.exp(np.log(np.maximum(luminance, floor)).mean()))


def develop(radiance: np.ndarray, exposure: float) -> np.ndarray:
    """Display values in [0, 1] of linear radiance: a filmic curve (Narkowicz 2015), then the sRGB transfer curve."""
    x = radiance * np.float32(0.6 * exposure)
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, np.float32(1 / 2.4)) - 0.055)


def encode_jpeg(rgb: np.ndarray) -> bytes:
    """JPEG bytes of `(H, W, 3)` `np.uint8`; the same pixels give the same bytes."""
    stream = BytesIO()
    Image.fromarray(rgb).save(stream, format="JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()
