"""The triangles that several samples of each pixel show, for a pinhole camera."""

import numpy as np
from numba import njit

from generation.geometry import Camera
from generation.rendering.raster import (
    FEW,
    TILE,
    covered_span,
    front_first,
    homogeneous_pixels,
    is_hidden,
    lay_out,
    nearness_of,
    set_least,
    shift_edge,
    within,
)


def sampled_triangles(
    camera: Camera,
    vertices: np.ndarray,
    faces: np.ndarray,
    offsets: tuple[tuple[float, float], ...],
) -> tuple[np.ndarray, np.ndarray]:
    """The triangles that S samples of each pixel of a pinhole camera show.

    Samples after the first are drawn only where they may differ from it: where an edge that is not hidden passes
    between them, and where pixels side by side show different triangles.

    Args:
        camera ([`Camera`]): without distortion.
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        offsets (`tuple` of S pairs of `float`): of each sample from the pixel's centre, to the right and down, pixels.

    Returns:
        triangles `(S, H, W)`, `np.int32`, -1 where there is none, and one over their camera Z `(S, H, W)`,
        `np.float32`, 0 where there is none.
    """
    shape = len(offsets), camera.height, camera.width
    face, nearness = (
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape, dtype=np.float32),
    )
    points, offsets = homogeneous_pixels(camera, vertices), np.array(offsets)
    slopes, parted = np.zeros((len(faces), 2)), np.zeros(shape[1:], dtype=np.bool_)
    order = front_first(points, faces, shape[1:])
    seen = _draw_first(points, faces, order, offsets, face[0], nearness[0], slopes, parted)
    if len(offsets) > 1:
        _copy_first(offsets, face, nearness, slopes, parted)
        _draw_others(points, faces, seen, offsets, face, nearness, parted)
    return face, nearness


@njit(cache=True, error_model="numpy")
def _draw_first(points, faces, order, offsets, face, nearness, slopes, parted):
    """Draws the first sample; notes how each triangle's nearness changes to the right and down, and which pixels an
    edge parts. Returns the triangles that are not surely hidden."""
    height, width = face.shape
    window, edges, outer, inner = (0, 0, width, height), np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    right_of, below = 0.5 + offsets[0, 0], 0.5 + offsets[0, 1]
    reach = np.abs(offsets - offsets[0]).max()
    seen, count = np.zeros(len(order), dtype=np.int64), 0
    least = np.zeros((height // TILE + 1, width // TILE + 1), dtype=np.float32)
    for place in range(len(order)):
        n = order[place]
        if place >= FEW and place & (place - 1) == 0:
            set_least(nearness, least)
        left, right, top, bottom, volume = lay_out(points, faces, n, (right_of, below), reach, window, edges)
        if volume == 0:
            continue
        slope, down, fixed = nearness_of(edges, volume)
        slopes[n, 0], slopes[n, 1] = slope, down
        spread = reach * (abs(slope) + abs(down))
        nearest = max(slope * left, slope * right) + max(down * top, down * bottom) + fixed
        if is_hidden(least, nearest + spread, left, right, top, bottom):
            continue
        for k in range(3):
            moved = 0.0
            for s in range(1, len(offsets)):
                move = edges[k, 0] * (offsets[s, 0] - offsets[0, 0]) + edges[k, 1] * (offsets[s, 1] - offsets[0, 1])
                moved = max(moved, abs(move))
            shift_edge(edges, k, moved, outer)
            shift_edge(edges, k, -moved, inner)
        is_seen = False
        for y in range(top, bottom):
            at = y + below
            start, stop = covered_span(outer, at, right_of, left, right)
            if start >= stop:
                continue
            sure_from, sure_to = covered_span(inner, at, right_of, start, stop)
            if sure_from >= sure_to:
                sure_from = sure_to = stop
            at_row = down * at + fixed
            for x in range(start, stop):
                near = np.float32(slope * (x + right_of) + at_row)
                if x < sure_from or x >= sure_to:
                    if near + spread <= nearness[y, x]:
                        continue
                    parted[y, x] = is_seen = True
                    if not within(edges, x + right_of, at):
                        continue
                if near > nearness[y, x] or (near == nearness[y, x] and n < face[y, x]):
                    nearness[y, x] = near
                    face[y, x] = n
                    is_seen = True
        if is_seen:
            seen[count] = n
            count += 1
    return seen[:count]


@njit(cache=True, error_model="numpy")
def _copy_first(offsets, face, nearness, slopes, parted):
    """Gives all samples the triangle of the first, but for pixels that are `parted`; so are now all whose neighbours
    show another one."""
    samples, height, width = face.shape
    first = face[0]
    for y in range(height):
        for x in range(width):
            for v, u in ((y, x + 1), (y + 1, x - 1), (y + 1, x), (y + 1, x + 1)):
                if v < height and 0 <= u < width and first[v, u] != first[y, x]:
                    parted[y, x] = parted[v, u] = True
    for s in range(1, samples):
        right, below = offsets[s, 0] - offsets[0, 0], offsets[s, 1] - offsets[0, 1]
        for y in range(height):
            for x in range(width):
                n = first[y, x]
                if n >= 0 and not parted[y, x]:
                    face[s, y, x] = n
                    nearness[s, y, x] = nearness[0, y, x] + np.float32(right * slopes[n, 0] + below * slopes[n, 1])


@njit(cache=True, error_model="numpy")
def _draw_others(points, faces, seen, offsets, face, nearness, parted):
    """Draws the samples after the first of pixels that are `parted`; of the triangles `seen`."""
    samples, height, width = face.shape
    following = np.full((height, width + 1), width, dtype=np.int32)  # the next such pixel, from here on
    for y in range(height):
        for x in range(width - 1, -1, -1):
            following[y, x] = x if parted[y, x] else following[y, x + 1]
    window, edges, outer = (0, 0, width, height), np.zeros((3, 4)), np.zeros((3, 4))
    reach = np.abs(offsets).max()
    for n in seen:
        left, right, top, bottom, volume = lay_out(points, faces, n, (0.5, 0.5), reach, window, edges)
        if volume == 0:
            continue
        slope, down, fixed = nearness_of(edges, volume)
        for k in range(3):
            shift_edge(edges, k, reach * (abs(edges[k, 0]) + abs(edges[k, 1])), outer)
        for y in range(top, bottom):
            if following[y, left] >= right:
                continue
            start, stop = covered_span(outer, y + 0.5, 0.5, left, right)
            x = following[y, start]
            while x < stop:
                for s in range(1, samples):
                    at_x, at_y = x + 0.5 + offsets[s, 0], y + 0.5 + offsets[s, 1]
                    near = np.float32(slope * at_x + (down * at_y + fixed))
                    nearest = nearness[s, y, x]
                    nearer = near > nearest or (near == nearest and n < face[s, y, x])
                    if nearer and within(edges, at_x, at_y):
                        nearness[s, y, x] = near
                        face[s, y, x] = n
                x = following[y, x + 1]
