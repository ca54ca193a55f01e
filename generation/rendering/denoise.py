"""Smoothing within surfaces: an edge-avoiding a-trous filter (Dammertz et al. 2010)."""

import numpy as np


# Binomial weights, so that steps 1 and 2 together even out a 4x4 sampling pattern exactly
OFFSETS = ((0, 1), (1, 0), (1, 1), (1, -1))  # one of each pair of opposite neighbours


def smooth_within_surfaces(
    channels: np.ndarray, normal: np.ndarray, position: np.ndarray, surface_id: np.ndarray, tolerance_m: np.ndarray,
    steps: tuple[int, ...],
) -> np.ndarray:  # fmt: skip
    """Mean of each pixel with neighbours that lie on the same surface.

    Args:
        channels (`np.ndarray` of shape `(C, H, W)`): what is smoothed.
        normal, position (`np.ndarray` of shape `(3, H, W)`): unit normals; metres.
        surface_id (`np.ndarray` of shape `(H, W)`): values never mix across ids; negative ids take no part.
        tolerance_m (`np.ndarray` of shape `(H, W)`): how far off a pixel's plane a neighbour may lie.
        steps (`tuple` of `int`): distance of the neighbours in each pass, in pixels; 1, 2, 4 reaches 7 pixels.
    """
    height, width = surface_id.shape
    for step in steps:
        total, weight_sum = channels.copy(), np.ones((height, width), dtype=np.float32)
        for down, right in OFFSETS:
            dy, dx = down * step, right * step
            here = (slice(0, height - dy), slice(max(0, -dx), width - max(0, dx)))
            there = (slice(dy, height), slice(max(0, dx), width + min(0, dx)))
            weight = _affinity(normal, position, surface_id, tolerance_m, here, there)
            weight *= np.float32(0.25 if down and right else 0.5)
            weight_sum[here] += weight
            weight_sum[there] += weight
            total[:, *here] += weight * channels[:, *there]
            total[:, *there] += weight * channels[:, *here]
        channels = total / weight_sum
    return channels


def _affinity(normal, position, surface_id, tolerance_m, here, there) -> np.ndarray:
    """Weight in [0, 1] of each pair of pixels, the same from either side."""
    across = position[:, *there] - position[:, *here]
    n_here, n_there = normal[:, *here], normal[:, *there]
    off_plane = np.abs((across * n_here).sum(axis=0)) + np.abs((across * n_there).sum(axis=0))
    alike = np.clip((n_here * n_there).sum(axis=0) * 6 - 5, 0, 1)
    near = np.clip(1 - off_plane / tolerance_m[here], 0, 1)
    same = (surface_id[here] == surface_id[there]) & (surface_id[here] >= 0)
    return alike * near * same
