"""Where the centre of a thing's smallest upright box is certain, and where it is not."""

import numpy as np
import pytest

from generation.annotation.sizes import centre_spread_m


def prism(ground: list[tuple[float, float]]) -> np.ndarray:
    return np.array([[x, y, z] for x, y in ground for z in (0.0, 0.3)])


def polygon(count: int, radius: float, start_deg: float = 0.0) -> list[tuple[float, float]]:
    angles = np.radians(start_deg + np.arange(count) * 360 / count)
    return [(radius * np.cos(angle), radius * np.sin(angle)) for angle in angles]


@pytest.mark.parametrize("yaw_deg", [0, 17])
def test_a_cupboard_has_one_centre(yaw_deg):
    turn = np.radians(yaw_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    ground = (np.array([(0, 0), (2, 0), (2, 1), (0, 1)]) @ rotation.T).tolist()
    assert centre_spread_m(prism(ground)) < 1e-9


def test_a_round_thing_has_one_centre_without_a_handle():
    assert centre_spread_m(prism(polygon(16, 0.05))) < 1e-9


def test_a_handle_between_two_sides_makes_two_centres():
    """Twin: rectangles at every hundredth of a degree. The handle is on the x axis, so that they mirror each other."""
    ground = np.array([*polygon(16, 0.05), (0.09, 0.0)])
    areas, centres = [], []
    for turn in np.radians(np.arange(0, 90, 0.01)):
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        low, high = (ground @ axes.T).min(axis=0), (ground @ axes.T).max(axis=0)
        areas.append(np.prod(high - low))
        centres.append((low + high) / 2 @ axes)
    smallest = np.array(centres)[np.array(areas) <= min(areas) * 1.001]
    spread_m = centre_spread_m(prism(ground.tolist()))
    assert spread_m == pytest.approx(np.ptp(smallest[:, 1]), abs=1e-4) and spread_m > 0.005
    assert np.ptp(smallest[:, 0]) < 1e-4
