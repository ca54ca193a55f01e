"""What rays are spent on: one pixel of each block, lights that matter there, shadows that are not plain to see."""

import numpy as np
from numba import njit
from scipy.ndimage import maximum_filter, minimum_filter


BLOCK = 2  # pixels of the image along each side of a traced one
FAINT = 0.01  # share of all light below which a light's shadows are not looked for, and the light left out


@njit(cache=True)
def worth_a_look(shares, brightness, ambient):
    """Which lights `(L, N)` are more than `FAINT` of all that may arrive at a point."""
    lights, count = shares.shape
    result, total = np.zeros((lights, count), dtype=np.bool_), np.full(count, np.float32(ambient))
    for k in range(lights):
        for n in range(count):
            total[n] += brightness[k] * shares[k, n]
    for k in range(lights):
        for n in range(count):
            result[k, n] = brightness[k] * shares[k, n] > np.float32(FAINT) * total[n]
    return result


@njit(cache=True)
def settle(seen, wanted, places, shape):
    """Where the nine next pixels that were traced, one of every 2x2, all see a light or all do not, the others are
    taken to do the same: noted in `seen` `(L, N)`. Returns which of the `wanted` are left. `places` `(N,)` are flat
    pixel indices."""
    height, width = (shape[0] + 1) // 2, (shape[1] + 1) // 2
    rest = np.zeros(seen.shape, dtype=np.bool_)
    coarse, agreed = np.zeros((height, width), dtype=np.int8), np.zeros((height, width), dtype=np.int8)
    cell, is_traced = np.zeros(len(places), dtype=np.int32), np.zeros(len(places), dtype=np.bool_)
    for n in range(len(places)):
        row, column = places[n] // shape[1], places[n] % shape[1]
        cell[n], is_traced[n] = row // 2 * width + column // 2, row % 2 == 0 and column % 2 == 0
    for k in range(len(seen)):
        coarse[:] = -1  # not known
        known, found = coarse.ravel(), agreed.ravel()
        for n in range(len(places)):
            if is_traced[n] and wanted[k, n]:
                known[cell[n]] = seen[k, n]
        for row in range(height):
            for column in range(width):
                value = coarse[row, column]
                for y in range(max(row - 1, 0), min(row + 2, height)):
                    for x in range(max(column - 1, 0), min(column + 2, width)):
                        if coarse[y, x] != value:
                            value = -1
                agreed[row, column] = value
        for n in range(len(places)):
            if wanted[k, n] and not is_traced[n]:
                value = found[cell[n]]
                seen[k, n], rest[k, n] = value == 1, value < 0
    return rest


def at_outlines(seen: np.ndarray, places: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Which of N pixels, given by flat index, have a neighbour that sees what they do not, or the reverse."""
    image = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    image[places] = seen > 0
    image = image.reshape(shape)
    return (maximum_filter(image, 3) != minimum_filter(image, 3)).ravel()[places]


def strata(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Pairs of uniforms, `(2, H * W)`: every 4x4 block of pixels covers the unit square evenly."""
    block = rng.permutation(16).astype(np.int32).reshape(4, 4)
    cell = np.tile(block, (-(-shape[0] // 4), -(-shape[1] // 4)))[: shape[0], : shape[1]].ravel()
    jitter = rng.random((2, len(cell)), dtype=np.float32)
    return (np.stack([cell % 4, cell // 4]).astype(np.float32) + jitter) * np.float32(0.25)


@njit(cache=True, error_model="numpy")
def one_of_each_block(nearness: np.ndarray) -> np.ndarray:
    """Which pixel of each block is traced: flat indices `(h, w)`, -1 for a block that shows nothing.

    By turns the nearest and the farthest, so that both sides of an edge are traced close to it. `nearness` `(H, W)` is
    one over the depth, 0 for nothing.
    """
    height, width = nearness.shape
    chosen = np.full((-(-height // BLOCK), -(-width // BLOCK)), -1, dtype=np.int64)
    for y in range(height):
        for x in range(width):
            row, column = y // BLOCK, x // BLOCK
            best = chosen[row, column]
            if nearness[y, x] == 0:
                continue
            if best < 0 or (nearness[y, x] > nearness[best // width, best % width]) == ((row + column) % 2 == 0):
                chosen[row, column] = y * width + x
    return chosen
