"""What one frame shows of each instance, in one pass over its pixels."""

import numpy as np
from numba import njit


def shown_pixels(
    instance_ids: np.ndarray, ids: np.ndarray, depth_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Measures of the visible masks of K instances.

    Args:
        instance_ids (`np.ndarray` of shape `(K,)`).
        ids (`np.ndarray` of shape `(H, W)`): instance that each pixel shows, 0 for none.
        depth_m (`np.ndarray` of shape `(H, W)`): its camera Z, metres; NaN or inf where unknown.

    Returns:
        numbers of pixels `(K,)`; tight boxes `(K, 4)`, zeros where empty; least and mean camera Z of those whose depth
        is known, both `(K,)`, NaN where there are none.
    """
    slots = np.full(max(int(instance_ids.max(initial=0)), int(ids.max())) + 1, -1, dtype=np.int64)
    slots[instance_ids] = np.arange(len(instance_ids))
    pixels, known = np.zeros((2, len(instance_ids)), dtype=np.int64)
    boxes = np.zeros((len(instance_ids), 4), dtype=np.int64)
    least_m, total_m = np.full(len(instance_ids), np.inf), np.zeros(len(instance_ids))
    _measure(slots, ids, depth_m, pixels, known, boxes, least_m, total_m)
    some = known > 0
    mean_m = np.where(some, total_m / np.maximum(known, 1), np.nan)
    return pixels, boxes, np.where(some, least_m, np.nan), mean_m


@njit(cache=True)
def _measure(slots, ids, depth_m, pixels, known, boxes, least_m, total_m):
    for y in range(ids.shape[0]):
        for x in range(ids.shape[1]):
            k = slots[ids[y, x]]
            if k < 0:
                continue
            if pixels[k] == 0:
                boxes[k, 0], boxes[k, 1] = x, y
            boxes[k, 0], boxes[k, 2], boxes[k, 3] = min(boxes[k, 0], x), max(boxes[k, 2], x + 1), y + 1
            pixels[k] += 1
            if np.isfinite(depth_m[y, x]):
                known[k] += 1
                total_m[k] += depth_m[y, x]
                least_m[k] = min(least_m[k], depth_m[y, x])
