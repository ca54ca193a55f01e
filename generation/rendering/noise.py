"""Repeatable randomness in space: integer hashes and value noise. Nothing here has a state."""

import numpy as np


PRIMES = tuple(np.uint32(prime) for prime in (0x8DA6B343, 0xD8163841, 0xCB1AB31F, 0x9E3779B1))


def _mix(bits: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1), `np.float32`, from uint32 bits (finaliser of the `lowbias32` family)."""
    bits = bits ^ (bits >> np.uint32(16))
    bits = bits * np.uint32(0x7FEB352D)
    bits ^= bits >> np.uint32(15)
    bits *= np.uint32(0x846CA68B)
    bits ^= bits >> np.uint32(16)
    return (bits >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


def hash_unit(*keys: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each combination of up to four integer keys, `np.float32`, broadcast over the keys."""
    bits = np.uint32(0)
    for key, prime in zip(keys, PRIMES, strict=False):
        bits = bits ^ (np.asarray(key).astype(np.int64).astype(np.uint32) * prime)
    return _mix(np.atleast_1d(bits))


def value_noise(points: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Smooth noise in [0, 1] with features of size 1, mean 0.5.

    Args:
        points (`np.ndarray` of shape `(3, N)`).
        seed (`np.ndarray` of shape `(N,)`): `np.uint32`; other seeds give independent noise.

    Returns:
        `np.float32` of shape `(N,)`.
    """
    cell = np.floor(points)
    fraction = (points - cell).astype(np.float32)
    fraction = fraction * fraction * (3 - 2 * fraction)
    corner = cell.astype(np.int32).view(np.uint32)
    x0, y0, z0 = (corner[axis] * PRIMES[axis] for axis in range(3))
    fx, fy, fz = fraction
    seed = seed.astype(np.uint32) * PRIMES[3]

    def along_x(yz: np.ndarray) -> np.ndarray:
        low = _mix(x0 ^ yz)
        return low + fx * (_mix((x0 + PRIMES[0]) ^ yz) - low)

    def along_xy(z: np.ndarray) -> np.ndarray:
        low = along_x(y0 ^ z)
        return low + fy * (along_x((y0 + PRIMES[1]) ^ z) - low)

    low = along_xy(z0 ^ seed)
    return low + fz * (along_xy((z0 + PRIMES[2]) ^ seed) - low)


def visible_detail(wavelength_m: np.ndarray, footprint_m: np.ndarray) -> np.ndarray:
    """How much of a detail a pixel can show: 1 from four pixels a wave, 0 below two (the sampling limit)."""
    return np.clip(2 - 4 * footprint_m / wavelength_m, 0, 1)


def band_coverage(position: np.ndarray, width: float | np.ndarray, blur: np.ndarray) -> np.ndarray:
    """Share of the interval of length `blur` around `position` that lies in bands [k, k + width), k integer.

    The exact box filter of a periodic line pattern, so that grout and stripes do not alias.
    """
    blur = np.maximum(blur, 1e-4)

    def integral(t: np.ndarray) -> np.ndarray:
        whole = np.floor(t)
        return whole * width + np.minimum(t - whole, width)

    return (integral(position + blur / 2) - integral(position - blur / 2)) / blur
