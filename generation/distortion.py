"""Lens distortion of OpenCV's models of four or five parameters (k1, k2, p1, p2[, k3]), and its inverse.

On the plane at camera Z = 1, with r^2 = x^2 + y^2 (OpenCV, "Camera Calibration and 3D Reconstruction"):

    x' = x (1 + k1 r^2 + k2 r^4 + k3 r^6) + 2 p1 x y + p2 (r^2 + 2 x^2)
    y' = y (1 + k1 r^2 + k2 r^4 + k3 r^6) + p1 (r^2 + 2 y^2) + 2 p2 x y

Far from the axis the polynomial may turn back, so that two directions would meet in one pixel. A lens does not do
that: directions near or beyond the turning point have no pixel, and pixels there no ray; both are NaN here.
"""

from functools import lru_cache

import numpy as np


# Share of the turning point's distance up to which the polynomial is used: at the point itself it has no inverse
FOLD_MARGIN = 0.99
# Newton's method doubles the right digits with every step; so many are needed only next to the fold
MAX_STEPS = 30
# A turning point as far out as this, 89.9 degrees off the axis, is none
NO_FOLD = 1000.0
CONVERGED = 1e-12


def fold_radius(distortion: np.ndarray) -> float:
    """Distance from the axis up to which the model is used, on the plane at Z = 1; `inf` if it never turns back."""
    radial = np.array(_coefficients(distortion))[[0, 1, 4]]
    k1, k2, k3 = np.where(np.abs(radial) < 1e-15, 0.0, radial)  # np.roots divides by the first
    # d/dr (r + k1 r^3 + k2 r^5 + k3 r^7) = 0, a cubic in r^2
    roots = np.roots([7 * k3, 5 * k2, 3 * k1, 1.0])
    turning = roots.real[(np.abs(roots.imag) < 1e-12) & (roots.real > 0)]
    radius = float(np.sqrt(turning.min(initial=np.inf)))
    return FOLD_MARGIN * radius if radius < NO_FOLD else np.inf


def distort(points: np.ndarray, distortion: np.ndarray) -> np.ndarray:
    """Where the lens shows `(N, 2)` points of the plane at Z = 1, on the same plane; NaN beyond the fold."""
    x, y = points[:, 0], points[:, 1]
    squared = x**2 + y**2
    seen = _polynomial(x, y, squared, distortion)
    return np.where((squared < fold_radius(distortion) ** 2)[:, None], np.stack(seen, axis=1), np.nan)


def undistort(points: np.ndarray, distortion: np.ndarray) -> np.ndarray:
    """The inverse of `distort`, to float64 precision: `(N, 2)`, NaN where there is none."""
    k1, k2, p1, p2, k3 = _coefficients(distortion)
    limit = fold_radius(distortion) ** 2
    found = np.full(points.shape, np.nan)
    left = np.flatnonzero(np.hypot(points[:, 0], points[:, 1]) <= _reach(distortion))  # not yet converged
    x, y = points[left].T
    for _ in range(MAX_STEPS):
        squared = x**2 + y**2
        # a step across the fold would never come back
        shrink = np.sqrt(np.minimum(1.0, limit / np.maximum(squared, 1e-30)))
        x, y, squared = x * shrink, y * shrink, squared * shrink**2
        seen_x, seen_y = _polynomial(x, y, squared, distortion)
        gap_x, gap_y = seen_x - points[left, 0], seen_y - points[left, 1]
        done = np.maximum(np.abs(gap_x), np.abs(gap_y)) < CONVERGED
        found[left[done]] = np.stack([x[done], y[done]], axis=1)
        left, x, y, squared, gap_x, gap_y = (values[~done] for values in (left, x, y, squared, gap_x, gap_y))
        radial = 1 + k1 * squared + k2 * squared**2 + k3 * squared**3
        slope = 2 * k1 + 4 * k2 * squared + 6 * k3 * squared**2
        xx = radial + slope * x**2 + 2 * p1 * y + 6 * p2 * x
        xy = slope * x * y + 2 * p1 * x + 2 * p2 * y
        yy = radial + slope * y**2 + 6 * p1 * y + 2 * p2 * x
        determinant = xx * yy - xy**2
        x, y = x - (yy * gap_x - xy * gap_y) / determinant, y - (xx * gap_y - xy * gap_x) / determinant
    return found


def _reach(distortion: np.ndarray) -> float:
    """Farthest distance from the axis at which the lens shows anything."""
    radius = fold_radius(distortion)
    if np.isinf(radius):
        return np.inf
    angle = np.linspace(0, 2 * np.pi, 360)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return 1.001 * float(np.hypot(*_polynomial(x, y, x**2 + y**2, distortion)).max())


def _coefficients(distortion: np.ndarray) -> tuple[float, ...]:
    """k1, k2, p1, p2, k3; the last is 0 where the model has four parameters."""
    return (*distortion, 0.0)[:5]


def _polynomial(x, y, squared, distortion) -> tuple[np.ndarray, np.ndarray]:
    k1, k2, p1, p2, k3 = _coefficients(distortion)
    radial = 1 + k1 * squared + k2 * squared**2 + k3 * squared**3
    return (
        x * radial + 2 * p1 * x * y + p2 * (squared + 2 * x**2),
        y * radial + p1 * (squared + 2 * y**2) + 2 * p2 * x * y,
    )


@lru_cache(maxsize=2)  # the frames of a recording share one or two cameras
def undistorted_grid(
    intrinsics: tuple[float, ...], distortion: tuple[float, ...], box: tuple[int, int, int, int]
) -> np.ndarray:
    """Points of the plane at Z = 1 behind the pixel centres of `box`, `np.float32` of shape `(y1 - y0, x1 - x0, 2)`.

    Args:
        intrinsics (`tuple` of 4 `float`): fx, fy, cx, cy in pixels.
        distortion (`tuple` of 4 or 5 `float`): k1, k2, p1, p2 and k3.
        box (`tuple` of 4 `int`): x0, y0, x1, y1 in pixels.
    """
    fx, fy, cx, cy = intrinsics
    x0, y0, x1, y1 = box
    rows = []
    for top in range(y0, y1, 256):  # in strips: the steps need several arrays of float64
        across, down = np.meshgrid(np.arange(x0, x1), np.arange(top, min(top + 256, y1)))
        seen = np.stack([(across.ravel() + 0.5 - cx) / fx, (down.ravel() + 0.5 - cy) / fy], axis=1)
        rows.append(undistort(seen, np.array(distortion)).astype(np.float32).reshape(*across.shape, 2))
    return np.concatenate(rows)
