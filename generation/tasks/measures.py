"""What the numeric questions measure: how exactly each quantity is known, and how answers are written."""

import numpy as np

from generation.annotation.scene_annotation import SceneAnnotation
from generation.tasks.base import VISIBLE, View


# Error of each quantity where surfaces are known all round: a laser scan is off by some millimetres, a registered
# photo by a centimetre or two. Where an instance's extent is an estimate, its own error comes on top.
CAMERA_DISTANCE_ERROR_M = 0.02
OBJECT_DISTANCE_ERROR_M = 0.01
SIZE_ERROR_M = 0.01
# Of a visible box's diagonal: half a pixel at each side
BOX_ERROR_PIXELS = 1.0
# A quantity is asked for where it is larger than its error by this factor
MIN_ERROR_RATIO = 10
# Nobody can tell the size or the centre of a thing of which less is seen: so much of what a view would show of it if
# nothing hid or cut it is visible in some view
MIN_SEEN_SHARE = 0.5
# The smallest box around a thing may be one of several; their centres are this close to each other
MAX_CENTRE_SPREAD_M = 0.001
# Values within this factor are alike for balance
BIN_RATIO = 1.3


def camera_distance_error_m(annotation: SceneAnnotation) -> np.ndarray:
    """Error of the distance between a camera and the centre of an instance's box, `(K,)`."""
    return CAMERA_DISTANCE_ERROR_M + extent_error_m(annotation)


def object_distance_error_m(annotation: SceneAnnotation) -> np.ndarray:
    """Error of the distance between the closest points of two instances, `(K, K)`."""
    extent_m = extent_error_m(annotation)
    return OBJECT_DISTANCE_ERROR_M + extent_m[:, None] + extent_m[None, :]


def size_error_m(annotation: SceneAnnotation) -> np.ndarray:
    """Error of the longest side of an instance's box, both ends of which may be off, `(K,)`."""
    return SIZE_ERROR_M + 2 * extent_error_m(annotation)


def extent_error_m(annotation: SceneAnnotation) -> np.ndarray:
    """Error of each bound of an instance's extent, `(K,)`; zeros where surfaces are known all round."""
    return np.zeros(len(annotation.labels)) if annotation.extent_error_m is None else annotation.extent_error_m


def partly_seen(view: View) -> np.ndarray:
    """Which instances some view lacks, hides in part or cuts, `(K,)`: what every question type is about."""
    return ~view.whole.all(axis=0)


def has_one_centre(view: View) -> np.ndarray:
    """Which instances have a box of one certain centre, `(K,)`."""
    spread_m = view.annotation.centre_spread_m
    return np.ones(len(view.shown), dtype=bool) if spread_m is None else spread_m <= MAX_CENTRE_SPREAD_M


def well_seen(view: View) -> np.ndarray:
    """Which instances some view shows for the greater part, neither hidden nor cut, `(K,)`."""
    annotation = view.annotation
    extended = np.maximum(annotation.extended_pixels[view.frames], 1)  # (n, K)
    share = annotation.visible_pixels[view.frames] / extended
    return ((view.visibility == VISIBLE) & (share >= MIN_SEEN_SHARE)).any(axis=0)


def value_bin(values: np.ndarray) -> np.ndarray:
    """Number of the range that each value falls into; ranges grow with the value."""
    return np.floor(np.log(values) / np.log(BIN_RATIO)).astype(int)


def metres(value: float) -> str:
    """A length in metres as an answer."""
    return f"{value:.2f}"
