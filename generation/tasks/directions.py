"""Words for directions, and what the tasks that ask for them share."""

import numpy as np

from generation.tasks.base import ABSENT, View


# For signs -1 and +1 of `SceneAnnotation.directions`
COMPARISON = {
    "lr": {-1: "to the left of", 1: "to the right of"},
    "ab": {-1: "higher than", 1: "lower than"},
    "fb": {-1: "closer to the camera than", 1: "farther from the camera than"},
}


def absent_but_shown(view: View) -> np.ndarray:
    """Which instances each view lacks and another one shows, `(n, K)`."""
    return (view.visibility == ABSENT) & view.shown


def different_category(view: View) -> np.ndarray:
    """`bool` of shape `(1, K, K)`: both shown, and of different categories."""
    return (view.categories.differ & view.shown[:, None] & view.shown[None, :])[None]


def direction_signs(view: View, axis: str) -> np.ndarray:
    """Direction signs in every view of the set, `(n, K, K)`; see `SceneAnnotation.directions`."""
    return view.annotation.directions[axis][view.frames]
