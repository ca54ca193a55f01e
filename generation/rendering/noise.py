"""Repeatable randomness in space: integer hashes and value noise. Nothing here has a state."""

import math

import numpy as np
from numba import njit


PRIMES = tuple(np.uint32(prime) for prime in (0x8DA6B343, 0xD8163841, 0xCB1AB31F, 0x9E3779B1))
PRIME_X, PRIME_Y, PRIME_Z, PRIME_SEED = PRIMES


@njit(cache=True)
def scrambled(bits: np.uint32) -> np.uint32:
    """32 bits of which each depends on all that are given (finaliser of the `lowbias32` family)."""
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    bits = np.uint32(bits * np.uint32(0x7FEB352D))
    bits = np.uint32(bits ^ (bits >> np.uint32(15)))
    bits = np.uint32(bits * np.uint32(0x846CA68B))
    return np.uint32(bits ^ (bits >> np.uint32(16)))


@njit(cache=True)
def mix(bits: np.uint32) -> np.float32:
    """A number in [0, 1) from 32 bits."""
    return np.float32(scrambled(bits) >> np.uint32(8)) * np.float32(2**-24)


def hash_unit(*keys: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each combination of up to four integer keys, `np.float32`, broadcast over the keys."""
    bits = np.uint32(0)
    for key, prime in zip(keys, PRIMES, strict=False):
        bits = bits ^ (np.asarray(key).astype(np.int64).astype(np.uint32) * prime)
    bits = np.atleast_1d(bits)
    return _mixed(bits.ravel()).reshape(bits.shape)


@njit(cache=True)
def _mixed(bits):
    result = np.zeros(len(bits), dtype=np.float32)
    for n in range(len(bits)):
        result[n] = mix(bits[n])
    return result


def value_noise(points: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Smooth noise in [0, 1] with features of size 1, mean 0.5.

    Args:
        points (`np.ndarray` of shape `(3, N)`).
        seed (`np.ndarray` of shape `(N,)`): `np.uint32`; other seeds give independent noise.

    Returns:
        `np.float32` of shape `(N,)`.
    """
    return _value_noise(np.ascontiguousarray(points, dtype=np.float32), np.ascontiguousarray(seed, dtype=np.uint32))


@njit(cache=True)
def _value_noise(points, seed):
    result = np.zeros(points.shape[1], dtype=np.float32)
    for n in range(len(result)):
        x, y, z = points[0, n], points[1, n], points[2, n]
        cell_x, cell_y, cell_z = math.floor(x), math.floor(y), math.floor(z)
        fx, fy, fz = _eased(x - cell_x), _eased(y - cell_y), _eased(z - cell_z)
        x0 = np.uint32(np.uint32(np.int32(cell_x)) * PRIME_X)
        y0 = np.uint32(np.uint32(np.int32(cell_y)) * PRIME_Y)
        z0 = np.uint32(np.uint32(np.uint32(np.int32(cell_z)) * PRIME_Z) ^ np.uint32(seed[n] * PRIME_SEED))
        z1 = np.uint32(
            np.uint32(np.uint32(np.int32(cell_z) + np.int32(1)) * PRIME_Z) ^ np.uint32(seed[n] * PRIME_SEED)
        )
        x1, y1 = np.uint32(x0 + PRIME_X), np.uint32(y0 + PRIME_Y)
        low = _between(
            _between(mix(x0 ^ y0 ^ z0), mix(x1 ^ y0 ^ z0), fx), _between(mix(x0 ^ y1 ^ z0), mix(x1 ^ y1 ^ z0), fx), fy
        )
        high = _between(
            _between(mix(x0 ^ y0 ^ z1), mix(x1 ^ y0 ^ z1), fx), _between(mix(x0 ^ y1 ^ z1), mix(x1 ^ y1 ^ z1), fx), fy
        )
        result[n] = _between(low, high, fz)
    return result


@njit(cache=True)
def _eased(fraction):
    fraction = np.float32(fraction)
    return fraction * fraction * (np.float32(3) - np.float32(2) * fraction)


@njit(cache=True)
def _between(low, high, share):
    return low + share * (high - low)


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
