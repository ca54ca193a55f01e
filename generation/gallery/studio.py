"""Portraits of single objects on a neutral backdrop."""

from dataclasses import dataclass

import numpy as np
import shapely

from generation.geometry import Camera, look_at
from generation.rendering.renderer import SceneRenderer
from generation.rng import stage_rng
from generation.scenes.appearance import Light, Material
from generation.scenes.base import Frame, Scene
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.placement import Placement
from generation.scenes.procedural.shapes import turned
from generation.scenes.procedural.shell import slab


VERTICAL_FOV_DEG = 26.0
FILL = 0.86  # share of the picture that the object spans
AMBIENT = (0.5, 0.5, 0.51)
SUNLIGHT = (0.85, 0.82, 0.78)
BACKDROP = Material("plain", (0.5, 0.5, 0.5))
BACKDROP_SIZES = 40.0  # so much larger than the object that no picture shows its edge


@dataclass(frozen=True)
class Setting:
    """How objects of one kind of place are photographed.

    Args:
        tilt_deg (`float`): how far the plane that carries the object is turned about x: 0 for a floor, 90 for a wall.
        towards_camera (`tuple` of 3 `float`): direction from the object to the camera.
        sun (`tuple` of 3 `float`): direction in which the light shines.
    """

    tilt_deg: float
    towards_camera: tuple[float, float, float]
    sun: tuple[float, float, float]


FLOOR = Setting(0.0, (0.55, -1.0, 0.48), (0.45, 0.5, -1.0))
SETTINGS = {
    "wall": Setting(90.0, (0.45, -1.0, 0.12), (0.5, 1.0, -0.7)),
    "ceiling": Setting(180.0, (0.3, -1.0, -0.44), (0.4, 0.6, 1.0)),
}
# For what lies flat, seen from further above
LYING = Setting(0.0, (0.35, -1.0, 1.1), (0.45, 0.5, -1.0))
LYING_SHARE = 0.3


def portraits(category: Category, assets: list[Asset], size: tuple[int, int], seed: int) -> list[np.ndarray]:
    """One picture `(height, width, 3)`, `np.uint8`, of each asset of a category; `size` is width and height."""
    posed = cameras_of(category, assets, size)
    renderer = SceneRenderer(_scene(category, posed))
    return [
        renderer.render(camera, stage_rng(seed, category.label, str(k))).rgb for k, (_, camera) in enumerate(posed)
    ]


def cameras_of(category: Category, assets: list[Asset], size: tuple[int, int]) -> list[tuple[Placement, Camera]]:
    """Where each asset stands, and the camera that takes it; so far apart that none shades or shows another."""
    setting = _setting(category, assets)
    placements = [Placement(asset, np.array([_spacing(assets) * k, 0.0, 0.0]), 0.0) for k, asset in enumerate(assets)]
    return [(placed, _camera(placed, setting, size)) for placed in placements]


def _setting(category: Category, assets: list[Asset]) -> Setting:
    """That of the place, or for objects much wider than high the view from above."""
    if category.place in SETTINGS:
        return SETTINGS[category.place]
    sizes = np.mean([asset.bounds[1] - asset.bounds[0] for asset in assets], axis=0)
    return LYING if sizes[2] < LYING_SHARE * sizes[:2].max() else FLOOR


def _spacing(assets: list[Asset]) -> float:
    return 4 * max(float(np.linalg.norm(asset.bounds[1] - asset.bounds[0])) for asset in assets)


def _camera(placed: Placement, setting: Setting, size: tuple[int, int]) -> Camera:
    """Looks at the middle of an object from as near as it still fits into the picture."""
    low, high = placed.asset.bounds
    middle = placed.to_world((low + high)[None] / 2)[0]
    corners = np.stack(np.meshgrid(*zip(low, high, strict=True), indexing="ij"), axis=-1).reshape(-1, 3)
    direction = np.asarray(setting.towards_camera) / np.linalg.norm(setting.towards_camera)
    width, height = size
    focal = height / 2 / np.tan(np.radians(VERTICAL_FOV_DEG) / 2)
    rotation = look_at(middle + direction, middle)[:3, :3]
    right, down, forward = ((placed.to_world(corners) - middle) @ rotation).T
    # |focal * x / (distance + forward)| <= FILL / 2 * extent, for every corner and both axes
    reach = np.maximum(np.abs(right) / width, np.abs(down) / height) * 2 * focal / FILL
    distance = float((reach - forward).max())
    intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    return Camera(width, height, intrinsics, look_at(middle + distance * direction, middle))


def _scene(category: Category, posed: list[tuple[Placement, Camera]]) -> Scene:
    """The objects before one plane under one sun."""
    placements = [placed for placed, _ in posed]
    assets = [placed.asset for placed in placements]
    setting, extent_m = _setting(category, assets), BACKDROP_SIZES * _spacing(assets)
    plan = shapely.box(-extent_m, -extent_m, extent_m, extent_m)
    plane = turned(slab(plan, BACKDROP, faces_up=True), "x", setting.tilt_deg)
    backdrop = Placement(Asset("backdrop", (plane,)), np.zeros(3), 0.0, is_structure=True)
    sun = tuple((np.asarray(setting.sun) / np.linalg.norm(setting.sun)).tolist())
    light = Light("sun", (0.0, 0.0, 0.0), sun, (0.0, 0.0), SUNLIGHT)
    mesh, instances, appearance = assemble([backdrop, *placements], (light,), AMBIENT)
    frames = tuple(Frame(f"portrait_{k}", camera) for k, (_, camera) in enumerate(posed))
    return Scene("gallery", "indoor", category.label, mesh, instances, frames, appearance)
