"""Smoothing within surfaces, and spreading light from few pixels to all points near them.

An edge-avoiding a-trous filter (Dammertz et al. 2010) and joint bilateral upsampling (Kopf et al. 2007); what belongs
together is told by normal, position and surface.
"""

from typing import NamedTuple

import numpy as np
from numba import njit


class Guides(NamedTuple):
    """What is known of each pixel without noise.

    Args:
        normal, position (`np.ndarray` of shape `(H, W, 3)`): unit normals; metres.
        surface_id (`np.ndarray` of shape `(H, W)`): values never mix across ids; negative ids take no part.
        plane_id (`np.ndarray` of shape `(H, W)`): the same for what lies on one plane of one surface, so that it needs
            no comparison; negative where that is not known.
        tolerance_m (`np.ndarray` of shape `(H, W)`): how far off a pixel's plane a neighbour may lie.
    """

    normal: np.ndarray
    position: np.ndarray
    surface_id: np.ndarray
    plane_id: np.ndarray
    tolerance_m: np.ndarray


@njit(cache=True, error_model="numpy", forceinline=True)
def _vector(vectors, y, x):
    """One vector of `(H, W, 3)` as three numbers: a slice would be counted as a reference each time."""
    return vectors[y, x, 0], vectors[y, x, 1], vectors[y, x, 2]


@njit(cache=True, error_model="numpy", forceinline=True)
def _affinity(normal, place, other_normal, other_place, tolerance_m):
    """Weight in [0, 1] of two points, the same from either side but for the tolerance."""
    one, zero = np.float32(1), np.float32(0)
    alike = normal[0] * other_normal[0] + normal[1] * other_normal[1] + normal[2] * other_normal[2]
    alike = alike * np.float32(6) - np.float32(5)
    if alike <= 0:
        return zero
    x, y, z = (
        other_place[0] - place[0],
        other_place[1] - place[1],
        other_place[2] - place[2],
    )
    off_plane = abs(x * normal[0] + y * normal[1] + z * normal[2])
    off_plane += abs(x * other_normal[0] + y * other_normal[1] + z * other_normal[2])
    return min(alike, one) * max(one - off_plane / tolerance_m, zero)


@njit(cache=True, error_model="numpy")
def smooth_within_surfaces(values: np.ndarray, guides: Guides, step: int, first: int = 0) -> np.ndarray:
    """Mean of each pixel with the eight at distance `step` that lie on the same surface, by binomial weights.

    Steps 1 and 2, one after the other, even out a 4x4 sampling pattern exactly.

    Args:
        values (`np.ndarray` of shape `(C, H, W)`): what is smoothed.
        guides ([`Guides`]).
        step (`int`): pixels.
        first (`int`): channels before this one are left as they are.
    """
    channels, height, width = values.shape
    total, weights = values.copy(), _pair_weights(guides, step)
    share, ones = np.ones((height, width), dtype=np.float32), np.ones((height, width), dtype=np.float32)
    _add_neighbours(share, ones, weights, step)
    share = np.float32(1) / share
    for c in range(first, channels):
        _add_neighbours(total[c], values[c], weights, step)
        total[c] *= share
    return total


@njit(cache=True)
def _add_neighbours(total, values, weights, step):
    """Adds to each pixel of `total` `(H, W)` the weighted `values` of its eight neighbours."""
    height, width = values.shape
    for k in range(4):
        down, right = _offset(k, step)
        left, stop = max(-right, 0), width - max(right, 0)
        for y in range(height - down):
            weight = weights[k, y, left:stop]
            _add_product(total[y, left:stop], weight, values[y + down, left + right : stop + right])
            _add_product(total[y + down, left + right : stop + right], weight, values[y, left:stop])


@njit(cache=True)
def _add_product(total, weight, values):
    for x in range(len(total)):  # by index, and from 0, so that it becomes vector instructions
        total[x] += weight[x] * values[x]


@njit(cache=True)
def _offset(k, step):
    """Rows down and columns to the right of one of each pair of opposite neighbours."""
    if k == 0:
        return 0, step
    return step, (k - 2) * step


@njit(cache=True, error_model="numpy")
def _pair_weights(guides, step):
    """Weight `(4, H, W)` of each pixel with the neighbour at `_offset`, before normalisation."""
    normal, position, surface_id, plane_id, tolerance_m = guides
    height, width = surface_id.shape
    result = np.zeros((4, height, width), dtype=np.float32)
    for k in range(4):
        down, right = _offset(k, step)
        most = np.float32(0.5) if right == 0 or down == 0 else np.float32(0.25)
        for y in range(height - down):
            for x in range(max(-right, 0), width - max(right, 0)):
                v, u = y + down, x + right
                if plane_id[y, x] >= 0 and plane_id[y, x] == plane_id[v, u]:
                    result[k, y, x] = most
                elif surface_id[y, x] >= 0 and surface_id[y, x] == surface_id[v, u]:
                    here, at = _vector(normal, y, x), _vector(position, y, x)
                    other, other_at = _vector(normal, v, u), _vector(position, v, u)
                    result[k, y, x] = most * _affinity(here, at, other, other_at, tolerance_m[y, x])
    return result


@njit(cache=True, error_model="numpy", forceinline=True)
def spread_to_point(
    values: np.ndarray,
    guides: Guides,
    column: float,
    row: float,
    normal,
    place,
    own,
    channels: int,
    result: np.ndarray,
) -> None:
    """Values at one point: bilinear between the four pixels around, of the point's own surface only.

    A point with no such pixel takes that of the 25 around that is most like it.

    Args:
        values (`np.ndarray` of shape `(H, W, C)`), guides ([`Guides`]): of the pixels.
        column, row (`float`): where the point is, in pixels of `values`.
        normal, place: the point's, three numbers each.
        own: the point's `surface_id` and `plane_id`.
        channels (`int`): how many of the C channels are wanted.
        result (`np.ndarray` of shape `(C,)`): is filled.
    """
    normals, positions, surface_id, plane_id, tolerance_m = guides
    height, width, _ = values.shape
    one, half = np.float32(1), np.float32(0.5)
    left, top = int(np.floor(column - half)), int(np.floor(row - half))
    right_share, down_share = np.float32(column - half - left), np.float32(row - half - top)
    if own[1] >= 0 and 0 <= top < height - 1 and 0 <= left < width - 1:
        v, u = np.uint32(top), np.uint32(left)
        below, right = np.uint32(v + 1), np.uint32(u + 1)
        same = plane_id[v, u] == own[1] and plane_id[v, right] == own[1]
        if same and plane_id[below, u] == own[1] and plane_id[below, right] == own[1]:
            for c in range(channels):
                upper = values[v, u, c] + right_share * (values[v, right, c] - values[v, u, c])
                lower = values[below, u, c] + right_share * (values[below, right, c] - values[below, u, c])
                result[c] = upper + down_share * (lower - upper)
            return
    total = np.float32(0)
    for c in range(channels):
        result[c] = 0
    for k in range(4):
        v, u = top + k // 2, left + k % 2
        if v < 0 or v >= height or u < 0 or u >= width or surface_id[v, u] != own[0]:
            continue
        weight = (right_share if k % 2 else one - right_share) * (down_share if k // 2 else one - down_share)
        if own[1] < 0 or own[1] != plane_id[v, u]:
            weight *= _affinity(normal, place, _vector(normals, v, u), _vector(positions, v, u), tolerance_m[v, u])
        if weight > 0:
            total += weight
            for c in range(channels):
                result[c] += weight * values[v, u, c]
    if total > np.float32(0.02):
        share = one / total
        for c in range(channels):
            result[c] *= share
        return
    v, u = _most_alike(normals, positions, surface_id, tolerance_m, int(row), int(column), normal, place, own[0])
    for c in range(channels):
        result[c] = values[v, u, c]


@njit(cache=True, error_model="numpy")
def _most_alike(normals, positions, surface_id, tolerance_m, row, column, normal, place, own_id):
    height, width = surface_id.shape
    least, best_v, best_u = np.inf, min(max(row, 0), height - 1), min(max(column, 0), width - 1)
    for v in range(max(row - 2, 0), min(row + 3, height)):
        for u in range(max(column - 2, 0), min(column + 3, width)):
            if surface_id[v, u] < 0:
                continue
            theirs, other = _vector(normals, v, u), _vector(positions, v, u)
            gap = (other[0] - place[0]) ** 2 + (other[1] - place[1]) ** 2 + (other[2] - place[2]) ** 2
            turn = 1 - (normal[0] * theirs[0] + normal[1] * theirs[1] + normal[2] * theirs[2])
            cost = np.sqrt(gap) + 40 * tolerance_m[v, u] * turn + 1e3 * (surface_id[v, u] != own_id)
            if cost < least:
                least, best_v, best_u = cost, v, u
    return best_v, best_u
