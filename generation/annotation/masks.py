"""Masks of a pinhole camera that are exactly those of ray casting, at a fraction of its cost.

Triangles are rasterised; only pixels so close to an edge, or to a second surface, that rounding might decide are left
to rays.
"""

import numpy as np
from numba import njit

from generation.geometry import Camera, extended_canvas
from generation.rendering.raster import (
    FEW,
    TILE,
    corner_of,
    covered_span,
    front_first,
    homogeneous_pixels,
    is_hidden,
    is_outside,
    lay_out,
    nearness_of,
    set_least,
)
from generation.rendering.raycast import RayCaster


EDGE_PX = 4e-3  # rays in single precision are off by less, even next to the camera
TIE = 4e-6  # two surfaces whose depths differ by a smaller share may change places


def first_hits(camera: Camera, vertices: np.ndarray, faces: np.ndarray, caster: RayCaster):
    """The triangle that each pixel centre shows, as `caster`, over the same triangles, finds it.

    Returns:
        triangle `(H, W)`, -1 where there is none, and its camera Z `(H, W)`, metres, inf where none.
    """
    shape = camera.height, camera.width
    face = np.full(shape, -1, dtype=np.int32)
    nearness, doubt = np.zeros(shape), np.zeros(shape)
    _draw(homogeneous_pixels(camera, vertices), faces, face, nearness, doubt)
    with np.errstate(divide="ignore"):
        depth_m = 1 / nearness
    rows, columns = np.nonzero((doubt > 0) & (doubt >= nearness * (1 - TIE)))
    hits = caster.cast(*camera.rays_through(np.stack([columns, rows], axis=1) + 0.5))
    face[rows, columns], depth_m[rows, columns] = hits.face, hits.t
    return face, depth_m


def covered_alone(
    camera: Camera, vertices: np.ndarray, faces: np.ndarray, starts: np.ndarray, casters: list[RayCaster]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each of K things would cover if it were alone.

    Args:
        camera ([`Camera`]): without distortion.
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices, thing by thing.
        starts (`np.ndarray` of shape `(K + 1,)`): thing k has the triangles from `starts[k]` to `starts[k + 1]`.
        casters (`list` of K [`RayCaster`]): over each of the things.

    Returns:
        pixels of the image `(K,)`, pixels of the extended canvas `(K,)`, and boxes in the image `(K, 4)`, zeros where
        empty.
    """
    count = len(starts) - 1
    in_image, in_canvas = np.zeros((2, count), dtype=np.int64)
    x0, y0, x1, y1 = canvas = extended_canvas(camera)
    bounds = np.tile(np.array([camera.width, camera.height, 0, 0]), (count, 1))  # low and high, as found so far
    state = np.full((y1 - y0, x1 - x0), -1, dtype=np.int32)
    unsure = np.zeros((state.size, 3), dtype=np.int32)
    size = camera.width, camera.height
    points = homogeneous_pixels(camera, vertices)
    found = _cover(points, faces, starts, canvas, size, state, in_image, in_canvas, bounds, unsure)
    thing, column, row = unsure[:found].T  # in the order of the things
    origins, directions = camera.rays_through(np.stack([column, row], axis=1) + 0.5)
    parts = np.searchsorted(thing, np.arange(count + 1))
    for k in np.unique(thing):
        own = slice(parts[k], parts[k + 1])
        hit = casters[k].hits_anything(origins[own], directions[own])
        x, y = column[own][hit], row[own][hit]
        inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
        in_canvas[k] += len(x)
        in_image[k] += inside.sum()
        for axis, values in enumerate((x[inside], y[inside])):
            bounds[k, axis] = values.min(initial=bounds[k, axis])
            bounds[k, axis + 2] = (values + 1).max(initial=bounds[k, axis + 2])
    return in_image, in_canvas, np.where(in_image[:, None] > 0, bounds, 0)


@njit(cache=True, error_model="numpy", forceinline=True)
def _moved(edges, by, result):
    """Edge functions of a triangle whose edges lie `by` pixels farther out."""
    for k in range(3):
        result[k, 0], result[k, 1], result[k, 3] = edges[k, 0], edges[k, 1], edges[k, 3]
        result[k, 2] = edges[k, 2] + by * np.sqrt(edges[k, 0] ** 2 + edges[k, 1] ** 2)


@njit(cache=True, error_model="numpy")
def _draw(points, faces, face, nearness, doubt):
    """Draws what is surely covered; `doubt` is the nearness of the nearest that may or may not be."""
    height, width = face.shape
    window, edges, outer, inner = (0, 0, width, height), np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    least = np.zeros((height // TILE + 1, width // TILE + 1))
    order = front_first(points, faces, face.shape)
    for place in range(len(order)):
        n = order[place]
        if place >= FEW and place & (place - 1) == 0:
            set_least(nearness, least)
        left, right, top, bottom, volume = lay_out(points, faces, n, (0.5, 0.5), EDGE_PX, window, edges)
        if volume == 0:
            continue
        slope, down, fixed = nearness_of(edges, volume)
        spread = 2 * EDGE_PX * (abs(slope) + abs(down))  # of its nearness, so close to its edges
        nearest = max(slope * left, slope * right) + max(down * top, down * bottom) + fixed
        if is_hidden(least, (nearest + spread) * (1 + 2 * TIE), left, right, top, bottom):
            continue
        _moved(edges, EDGE_PX, outer)
        _moved(edges, -EDGE_PX, inner)
        for y in range(top, bottom):
            start, stop = covered_span(outer, y + 0.5, 0.5, left, right)
            if start >= stop:
                continue
            sure_from, sure_to = covered_span(inner, y + 0.5, 0.5, start, stop)
            at_row = down * (y + 0.5) + fixed
            for x in range(start, stop):
                near, before = slope * (x + 0.5) + at_row, nearness[y, x]
                if x < sure_from or x >= sure_to:
                    doubt[y, x] = max(doubt[y, x], near + spread)
                elif near > before:
                    if near * (1 - TIE) <= before:
                        doubt[y, x] = max(doubt[y, x], near)
                    nearness[y, x] = near
                    face[y, x] = n
                elif near >= before * (1 - TIE):
                    doubt[y, x] = max(doubt[y, x], before)


@njit(cache=True, error_model="numpy")
def _cover(points, faces, starts, canvas, size, state, in_image, in_canvas, boxes, unsure):
    """Counts what is surely covered; returns the number of (thing, column, row) that are not sure."""
    x0, y0, x1, y1 = canvas
    width, height = size
    edges, outer, inner = np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    total = 0
    for k in range(len(starts) - 1):
        candidates = total
        for n in range(starts[k], starts[k + 1]):
            a, b, c = corner_of(points, faces[n, 0]), corner_of(points, faces[n, 1]), corner_of(points, faces[n, 2])
            if is_outside(a, b, c, x0, y0, x1, y1):
                continue
            left, right, top, bottom, volume = lay_out(points, faces, n, (0.5, 0.5), EDGE_PX, canvas, edges)
            if volume == 0:
                continue
            _moved(edges, EDGE_PX, outer)
            _moved(edges, -EDGE_PX, inner)
            for y in range(top, bottom):
                start, stop = covered_span(outer, y + 0.5, 0.5, left, right)
                if start >= stop:
                    continue
                sure_from, sure_to = covered_span(inner, y + 0.5, 0.5, start, stop)
                for x in range(start, stop):
                    before = state[y - y0, x - x0]
                    if before == 2 * k + 1:
                        continue
                    if sure_from <= x < sure_to:
                        state[y - y0, x - x0] = 2 * k + 1
                        in_canvas[k] += 1
                        in_image[k] += 0 <= x < width and 0 <= y < height
                    elif before != 2 * k and total < len(unsure):
                        state[y - y0, x - x0] = 2 * k
                        unsure[total, 0], unsure[total, 1], unsure[total, 2] = k, x, y
                        total += 1
                start, stop = max(sure_from, 0), min(sure_to, width)
                if start < stop and 0 <= y < height:
                    boxes[k, 0], boxes[k, 2] = min(boxes[k, 0], start), max(boxes[k, 2], stop)
                    boxes[k, 1], boxes[k, 3] = min(boxes[k, 1], y), max(boxes[k, 3], y + 1)
        kept = candidates  # a later triangle may have covered some surely
        for n in range(candidates, total):
            if state[unsure[n, 2] - y0, unsure[n, 1] - x0] == 2 * k:
                unsure[kept, 0], unsure[kept, 1], unsure[kept, 2] = unsure[n, 0], unsure[n, 1], unsure[n, 2]
                kept += 1
        total = kept
    return total
