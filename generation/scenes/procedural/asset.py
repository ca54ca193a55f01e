"""What the catalogue hands to the room: an object in its own frame, with the places where others may stand on it.

Asset frame: metres, x to the object's right as seen from its front, y from front to back, z up. A standing object's
origin is the centre of its footprint, on the surface that carries it; a wall object's origin is the centre of its
back, and its body lies at y <= 0. Yaw 0 turns the front towards the world's -y.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.base import SceneError


@dataclass(frozen=True, eq=False)
class Part:
    """A triangle mesh of one material.

    Args:
        vertices (`np.ndarray` of shape `(V, 3)`): metres, asset frame; split at creases.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices, counter-clockwise from outside.
        normals (`np.ndarray` of shape `(V, 3)`): unit shading normals.
        texcoords (`np.ndarray` of shape `(V, 3)`): see `Appearance.vertex_texcoords`.
        material ([`Material`]).
    """

    vertices: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    texcoords: np.ndarray
    material: Material


@dataclass(frozen=True)
class Surface:
    """A horizontal rectangle of an asset on which smaller things may stand.

    Args:
        x, y (`tuple` of 2 `float`): extent along the asset's axes, metres.
        z (`float`): height above the asset's origin, metres.
        clearance_m (`float`): free height above it; infinite for an open top.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    z: float
    clearance_m: float = float("inf")


@dataclass(frozen=True, eq=False)
class Asset:
    """One built object.

    Args:
        label (`str`): its category, a singular noun in lower case.
        parts (`tuple` of [`Part`]).
        surfaces (`tuple` of [`Surface`]): where others may stand; empty for most.
    """

    label: str
    parts: tuple[Part, ...]
    surfaces: tuple[Surface, ...] = ()

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner, each `(3,)`, metres, asset frame."""
        vertices = np.concatenate([part.vertices for part in self.parts])
        return vertices.min(axis=0), vertices.max(axis=0)


@dataclass(frozen=True)
class Category:
    """A kind of object.

    Args:
        label (`str`): singular noun, lower case, by which a person would name it.
        place (`str`): `"wall_side"` (stands on the floor, back to a wall), `"floor"` (stands anywhere on the floor),
            `"surface"` (stands on another object), `"wall"` (hangs on a wall), `"ceiling"` (hangs from the ceiling;
            its origin is the centre of its top) or `"rug"` (lies flat, and others may stand on it).
        make (`Callable[..., Asset]`): makes one object from the rng, and from the name of a variant where it has some.
        size_m (`tuple` of 2 sizes): least and most width, depth and height that such a thing has in a shop, metres.
        variants (`tuple` of `str`): names of forms that differ in structure, not only in size or colour.
    """

    label: str
    place: str
    make: Callable[..., Asset]
    size_m: tuple[tuple[float, float, float], tuple[float, float, float]]
    variants: tuple[str, ...] = ()

    def build(self, rng: np.random.Generator, variant: str | None = None) -> Asset:
        """One object; sizes, materials and, unless given, the variant from the rng.

        Raises:
            [`SceneError`]: there is no such variant.
        """
        if variant is None and self.variants:
            variant = self.variants[rng.integers(len(self.variants))]
        if variant is not None and variant not in self.variants:
            raise SceneError(f"Category {self.label!r} has no variant {variant!r}. Use one of: {self.variants}.")
        return self.make(rng, variant) if self.variants else self.make(rng)
