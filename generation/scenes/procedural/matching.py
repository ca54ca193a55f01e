"""Pieces that were made one by one, given the same fronts and worktops, as if they were bought together."""

from dataclasses import replace

import numpy as np

from generation.rendering.raycast import RayCaster
from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset


PROBES = 16


def front_of(asset: Asset) -> Material:
    """What one sees most of from the front."""
    low, high = asset.bounds
    x, z = np.meshgrid(*(np.linspace(low[k], high[k], PROBES + 2)[1:-1] for k in (0, 2)))
    origins = np.column_stack([x.ravel(), np.full(x.size, low[1] - 1.0), z.ravel()])
    return _seen(asset, origins, (0.0, 1.0, 0.0))


def worktop_of(asset: Asset) -> Material:
    """What one sees from above along the front edge."""
    low, high = asset.bounds
    x = np.linspace(low[0], high[0], PROBES + 2)[1:-1]
    origins = np.column_stack([x, np.full(PROBES, low[1] + 0.09), np.full(PROBES, high[2] + 1.0)])
    return _seen(asset, origins, (0.0, 0.0, -1.0))


def repainted(asset: Asset, old: Material, new: Material) -> Asset:
    """The asset with one of its materials replaced."""
    parts = tuple(replace(part, material=new) if part.material == old else part for part in asset.parts)
    return replace(asset, parts=parts)


def _seen(asset: Asset, origins: np.ndarray, direction: tuple[float, float, float]) -> Material:
    """The material that most rays meet."""
    corners = np.concatenate([part.vertices[part.faces] for part in asset.parts])
    owner = np.repeat(np.arange(len(asset.parts)), [len(part.faces) for part in asset.parts])
    caster = RayCaster(corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3))
    directions = np.tile(np.array(direction, dtype=np.float32), (len(origins), 1))
    face = caster.cast(origins.astype(np.float32), directions).face
    materials = [asset.parts[k].material for k in owner[face[face >= 0]]]
    return max(dict.fromkeys(materials), key=materials.count)
