"""Which labelled box each box belongs to that people drew into an image."""

import numpy as np

from generation.scenes.waymo.drive import DrawnBoxes


# Drawn and projected box share this much of what they cover together, and this much more than with any other one
MIN_OVERLAP, MIN_LEAD = 0.4, 0.15
# Of the box drawn around a part of a thing, the projected one holds so much, and no other one that is left so much
MIN_HELD, MAX_HELD_BY_OTHER = 0.8, 0.3


def match_drawn(drawn: DrawnBoxes, projected: np.ndarray, types: np.ndarray, has_points: np.ndarray) -> np.ndarray:
    """Index into `drawn` of the box of each track, `(K,)`; -1 where there is none or it may be another's.

    A link of the source is believed. Otherwise the two must be each other's best by a clear lead; or, for a thing that
    is hidden in part, the track must be the only one left that the box can belong to.

    Args:
        drawn ([`DrawnBoxes`]): of one image.
        projected (`np.ndarray` of shape `(K, 4)`): boxes around the tracks' outlines in it; empty where it shows none.
        types (`np.ndarray` of shape `(K,)`): box types.
        has_points (`np.ndarray` of shape `(K,)`): `bool`, the lidar sees something of it in the image.
    """
    found = np.full(len(projected), -1)
    if not len(drawn.boxes) or not len(projected):
        return found
    # a link to what is nowhere in the image, as far as is known, leaves a box over that is nobody's
    track = np.where(projected[drawn.track, 2] > projected[drawn.track, 0], drawn.track, -1)
    same_type = types[:, None] == drawn.types[None, :]  # (K, n)
    both, union = _overlap(projected, drawn.boxes)
    overlap = np.where(same_type, both / union, 0)
    best = overlap.argmax(axis=0)  # (n,)
    ranked = np.sort(np.pad(overlap, ((1, 0), (0, 0))), axis=0)  # a rival at least, of no overlap
    clear = (ranked[-1] >= MIN_OVERLAP) & (ranked[-1] - ranked[-2] >= MIN_LEAD)
    clear &= overlap.argmax(axis=1)[best] == np.arange(len(best))
    clear &= track < 0
    found[best[clear]] = np.flatnonzero(clear)
    linked = np.flatnonzero(track >= 0)
    found[track[linked]] = linked

    area = (drawn.boxes[:, 2:] - drawn.boxes[:, :2]).prod(axis=1)
    held = np.where(same_type & (found < 0)[:, None], both / np.maximum(area, 1e-9), 0)
    only = (held.max(axis=0) >= MIN_HELD) & ((held >= MAX_HELD_BY_OTHER).sum(axis=0) == 1)
    only[found[found >= 0]] = False
    fits = (held >= MIN_HELD) & only & has_points[:, None]
    found = np.where(fits.sum(axis=1) == 1, fits.argmax(axis=1), found)
    return found


def _overlap(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Areas of intersection and union of boxes `(K, 4)` and `(n, 4)`: `(K, n)` each."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    return both, np.maximum(areas[0][:, None] + areas[1][None, :] - both, 1e-9)
