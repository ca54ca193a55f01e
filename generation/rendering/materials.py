"""Procedural materials: the colour of every surface point, without image files.

A pattern is a function `Texels -> albedo (3, N)`; a further one is a function and one line in `PATTERNS`. Solid
patterns live in metres of the object's own frame, flat ones (`pictures.py`) on the unit square. Fine detail fades out
before a pixel gets too wide to show it.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from generation.rendering import pictures
from generation.rendering.noise import band_coverage, hash_unit, value_noise, visible_detail
from generation.rendering.outdoors import Outdoors
from generation.rendering.texels import Texels, blend, rgb
from generation.scenes.appearance import Material, Sky
from generation.scenes.base import SceneError


def plain(texels: Texels) -> np.ndarray:
    return texels.color


def plaster(texels: Texels) -> np.ndarray:
    """A painted wall: broad, faint unevenness and the grain of a roller."""
    broad, mottling = texels.noise(6.0) - 0.5, texels.noise(1.0) - 0.5
    grain = (texels.noise(0.06) - 0.5) * visible_detail(0.06 * texels.scale_m, texels.footprint_m)
    return texels.color * (1 + 0.04 * broad + 0.025 * mottling + 0.04 * grain)


def wood(texels: Texels) -> np.ndarray:
    """Boards cut along a trunk: growth rings around the x axis, fibres along it."""
    rings, fibre = _grain(texels, texels.seed)
    return blend(texels.color, texels.accent, 0.75 * rings) * (1 + 0.16 * fibre)


def _grain(texels: Texels, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strength of the rings in [0, 1] and of the fibres in [-0.5, 0.5]; `seed` moves the board in its trunk."""
    in_trunk = texels.coords / texels.scale_m
    warp = value_noise(in_trunk * rgb(0.12, 0.7, 0.7), seed)
    in_trunk[1] += 3 + 2 * hash_unit(seed, 1)
    in_trunk[2] += 0.6 * hash_unit(seed, 2)
    phase = 2.2 * np.hypot(in_trunk[1], in_trunk[2]) + 2.4 * warp
    late = (phase % 1) ** 2 * visible_detail(texels.scale_m / 2.2, texels.footprint_m)
    fibre = value_noise(in_trunk * rgb(0.8, 24, 24), seed) - 0.5
    return late, fibre * visible_detail(texels.scale_m / 20, texels.footprint_m)


def planks(texels: Texels) -> np.ndarray:
    """Floor boards along x, `scale_m` wide and eight times as long, each from another tree."""
    u, v = texels.in_plane()
    row = np.floor(v)
    along = u / 8 + hash_unit(row, texels.seed, 7)
    board = np.floor(along)
    board_seed = (hash_unit(row, board, texels.seed) * 2**24).astype(np.uint32)
    rings, fibre = _grain(texels, board_seed)
    tone = 0.84 + 0.3 * hash_unit(board_seed, 3)
    color = blend(texels.color, texels.accent, 0.6 * rings) * (tone * (1 + 0.16 * fibre))
    blur = texels.footprint_m / texels.scale_m
    gap = 1 - (1 - band_coverage(v, 0.02, blur)) * (1 - band_coverage(along, 0.02 / 8, blur / 8))
    return color * (1 - 0.6 * gap)


def tile(texels: Texels) -> np.ndarray:
    """Square tiles of `scale_m`, grout in `accent`."""
    u, v = texels.in_plane()
    blur = texels.footprint_m / texels.scale_m
    grout = 1 - (1 - band_coverage(u, 0.025, blur)) * (1 - band_coverage(v, 0.025, blur))
    tone = 0.95 + 0.1 * hash_unit(np.floor(u), np.floor(v), texels.seed) + 0.06 * (texels.noise(0.5) - 0.5)
    return blend(texels.color * tone, texels.accent, grout)


def brick(texels: Texels) -> np.ndarray:
    """Stretcher bond: bricks of `scale_m` by a third of it, mortar in `accent`."""
    u, v = texels.in_plane()
    course = np.floor(3 * v)
    u = u + 0.5 * (course % 2)
    blur = texels.footprint_m / texels.scale_m
    mortar = 1 - (1 - band_coverage(u, 0.05, blur)) * (1 - band_coverage(3 * v, 0.15, 3 * blur))
    tone = 0.75 + 0.4 * hash_unit(np.floor(u), course, texels.seed) + 0.3 * (texels.noise(0.15) - 0.5)
    return blend(texels.color * tone, texels.accent, mortar)


def fabric(texels: Texels) -> np.ndarray:
    """A plain weave with ten threads to `scale_m`, slightly uneven; every other thread leans to `accent`."""
    u, v = (10 * axis for axis in texels.in_plane())
    warp_on_top = (np.floor(u) + np.floor(v)) % 2
    bulge = np.where(warp_on_top > 0, np.sin(np.pi * (u % 1)), np.sin(np.pi * (v % 1)))
    detail = visible_detail(texels.scale_m / 10, texels.footprint_m)
    uneven = texels.noise(1.5) - 0.5
    tone = 1 + detail * (0.5 * bulge - 0.32) + 0.14 * uneven
    return blend(texels.color, texels.accent, 0.12 * detail * warp_on_top) * tone


def stripes(texels: Texels) -> np.ndarray:
    u, _ = texels.in_plane()
    return blend(texels.color, texels.accent, band_coverage(u, 0.5, texels.footprint_m / texels.scale_m))


def checker(texels: Texels) -> np.ndarray:
    """Squares of half of `scale_m`."""
    blur = texels.footprint_m / texels.scale_m
    a, b = (band_coverage(axis, 0.5, blur) for axis in texels.in_plane())
    return blend(texels.color, texels.accent, a + b - 2 * a * b)


def metal(texels: Texels) -> np.ndarray:
    """Brushed along x."""
    stretched = texels.coords / texels.scale_m * rgb(0.5, 60, 60)
    brush = (value_noise(stretched, texels.seed) - 0.5) * visible_detail(texels.scale_m / 60, texels.footprint_m)
    return texels.color * (1 + 0.2 * brush + 0.03 * (texels.noise(1.0) - 0.5))


def marble(texels: Texels) -> np.ndarray:
    """Veins in `accent` where a distorted wave crosses zero."""
    coarse, fine = texels.noise(1.0), texels.noise(0.35)
    wave = texels.coords.sum(axis=0) / texels.scale_m * 0.6 + 2.4 * coarse + 0.9 * fine
    vein = np.exp(-18 * np.abs(np.sin(np.pi * wave))) + 0.25 * coarse
    return blend(texels.color, texels.accent, np.clip(vein, 0, 1))


def leaf(texels: Texels) -> np.ndarray:
    """Patches between `color` and `accent`, each leaf a little different."""
    patch = np.clip(1.6 * texels.noise(1.0) - 0.3, 0, 1)
    return blend(texels.color, texels.accent, patch) * (0.85 + 0.3 * texels.noise(0.2))


def glass(texels: Texels) -> np.ndarray:
    """The sky and the trees that one would see along the ray, paler towards `color`; depth stays that of the pane."""
    view = texels.view / np.linalg.norm(texels.view, axis=0)
    return blend(texels.outdoors(view), texels.color, np.where(texels.emission > 0, 0.06, 0.7))


PATTERNS: dict[str, Callable[[Texels], np.ndarray]] = {
    "plain": plain,
    "mirror": plain,  # its colour is that of the light which it throws back
    "plaster": plaster,
    "wood": wood,
    "planks": planks,
    "tile": tile,
    "brick": brick,
    "fabric": fabric,
    "stripes": stripes,
    "checker": checker,
    "metal": metal,
    "marble": marble,
    "leaf": leaf,
    "glass": glass,
    **pictures.PATTERNS,
}


BLOCK = 8192  # points that are coloured at a time: their arrays stay in the processor's cache


class MaterialTable:
    """The materials of one scene, as arrays.

    Args:
        materials (`tuple` of [`Material`]).
        scene_name (`str`): for messages.
        outdoors ([`Outdoors`], *optional*): what window panes show; the default sky when left out.

    Raises:
        [`SceneError`]: for a pattern that does not exist.
    """

    def __init__(self, materials: tuple[Material, ...], scene_name: str, outdoors: Outdoors | None = None):
        for material in materials:
            if material.pattern not in PATTERNS:
                raise SceneError(
                    f"Scene {scene_name!r}: a material has the unknown pattern {material.pattern!r}. "
                    f"Use one of {', '.join(sorted(PATTERNS))}."
                )
        self._outdoors = outdoors or Outdoors(Sky())
        names = list(PATTERNS)
        self.pattern = np.array([names.index(material.pattern) for material in materials], dtype=np.uint8)
        self.color = np.array([material.color for material in materials], dtype=np.float32).T  # (3, M)
        self.accent = np.array([material.accent for material in materials], dtype=np.float32).T
        self.scale_m = np.array([material.scale_m for material in materials], dtype=np.float32)
        self.gloss = np.array([material.gloss for material in materials], dtype=np.float32)
        self.emission = np.array([material.emission for material in materials], dtype=np.float32)
        self.seed = np.array([material.seed for material in materials], dtype=np.int64).astype(np.uint32)
        self.is_mirror = np.array([material.pattern == "mirror" for material in materials])
        self.is_metal = np.array([material.pattern == "metal" for material in materials])
        # Metals and window panes mirror or let through most of what others scatter
        dull = {"metal": 0.5, "glass": 0.2}
        self.scattered = np.array(
            [1.0 if m.pattern == "glass" and m.emission == 0 else dull.get(m.pattern, 1.0) for m in materials],
            dtype=np.float32,
        )
        self.lets_light_through = np.array([m.pattern == "glass" or m.emission > 0 for m in materials])

    def albedo(
        self, material: np.ndarray, coords: np.ndarray, axis: np.ndarray, footprint_m: np.ndarray, view: np.ndarray
    ) -> np.ndarray:
        """Linear RGB in [0, 1] of N surface points, `np.float32` of shape `(3, N)`.

        Points of one pattern should follow one another, as neighbours are coloured together.

        Args:
            material (`np.ndarray` of shape `(N,)`): index into the materials.
            coords (`np.ndarray` of shape `(3, N)`): texture coordinates, see `Appearance.vertex_texcoords`.
            axis (`np.ndarray` of shape `(N,)`): the texture axis (0, 1, 2) that the surface faces most.
            footprint_m (`np.ndarray` of shape `(N,)`): width of the pixel on the surface, in units of `coords`.
            view (`np.ndarray` of shape `(3, N)`): direction from the eye to the point, world.
        """
        functions, result = list(PATTERNS.values()), np.take(self.color, material, axis=1)
        pattern = self.pattern[material]
        starts = [0, *np.flatnonzero(np.diff(pattern)) + 1, len(pattern)]
        for first, end in pairwise(starts if len(pattern) else ()):
            function = functions[pattern[first]]
            for start in range(first, end if function is not plain else first, BLOCK):
                rows = slice(start, min(start + BLOCK, end))
                kind = material[rows]
                texels = Texels(
                    coords=coords[:, rows],
                    axis=axis[rows],
                    footprint_m=footprint_m[rows],
                    view=view[:, rows],
                    color=result[:, rows],
                    accent=np.take(self.accent, kind, axis=1),
                    scale_m=self.scale_m[kind],
                    emission=self.emission[kind],
                    seed=self.seed[kind],
                    outdoors=self._outdoors,
                )
                result[:, rows] = function(texels)
        return np.clip(result, 0, 1, out=result)
