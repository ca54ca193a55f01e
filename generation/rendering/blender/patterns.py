"""The solid patterns of `generation.rendering.materials`, as shader nodes with some relief.

The same colours and sizes as there; the grain itself comes from Cycles' noise. A pattern is a function
`Nodes -> Finish`; one that is missing here is painted in its plain colour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.rendering.blender import nodes
from generation.rendering.blender.geometry import IN_PLANE, TEXCOORDS
from generation.rendering.blender.nodes import Value, blend
from generation.rendering.noise import hash_unit
from generation.scenes.appearance import Material


SEED_REACH = 500.0  # how far apart, in repeats, two seeds may look at the noise


@dataclass(frozen=True)
class Finish:
    """How a surface looks before its light: linear colour, height of its relief in metres, factor on its roughness."""

    color: tuple | Value
    height_m: Value | None = None
    roughness: float | Value = 1.0


class Nodes:
    """What patterns are made of: the surface's coordinates in repeats of the pattern, and noise."""

    def __init__(self, tree, material: Material):
        self.tree = tree
        self.material = material
        self.offset = tuple(float(SEED_REACH * hash_unit(material.seed, axis)[0]) for axis in range(3))

    @property
    def color(self):
        return self.material.color

    @cached_property
    def coords(self) -> Value:
        """In the object's own frame, moved to where this seed looks at the noise."""
        return nodes.attribute(self.tree, TEXCOORDS) * (1 / self.material.scale_m)

    @cached_property
    def in_plane(self) -> tuple[Value, Value]:
        """The two coordinates within the surface."""
        u, v, _ = (nodes.attribute(self.tree, IN_PLANE) * (1 / self.material.scale_m)).components()
        return u, v

    def noise(self, size: float, detail: float = 0.0) -> Value:
        """Noise whose features are `size` repeats wide."""
        return self.noise_at(self.coords * (1 / size), detail)

    def noise_at(self, at: Value, detail: float = 0.0) -> Value:
        return nodes.noise(self.tree, at + nodes.vector(self.tree, *self.offset), detail)

    def random(self, x: Value | float, y: Value | float = 0.0) -> Value:
        return nodes.random(self.tree, x, y, self.offset[0])

    def blend(self, share: float | Value, first=None) -> Value:
        """`color`, or `first`, with a share of `accent`."""
        return blend(self.tree, self.material.color if first is None else first, self.material.accent, share)

    def shade(self, factor: Value | float, color=None) -> Value:
        """A colour, by default `color`, made brighter or darker."""
        grey = nodes.vector(self.tree, factor, factor, factor)
        return grey * (self.material.color if color is None else color)


def plain(n: Nodes) -> Finish:
    return Finish(n.color)


def plaster(n: Nodes) -> Finish:
    """A painted wall: broad, faint unevenness and the grain of a roller."""
    tone = 0.93 + 0.06 * n.noise(6.0, 0.0) + 0.04 * n.noise(1.0, 0.0) + 0.04 * n.noise(0.06, 0.0)
    return Finish(n.shade(tone))


def wood(n: Nodes) -> Finish:
    """Boards cut along a trunk: growth rings around the x axis, fibres along it."""
    rings, fibre = _grain(n, n.coords + nodes.vector(n.tree, 0.0, 3 + n.offset[1] % 2, n.offset[2] % 0.6))
    return Finish(n.shade(0.84 + 0.32 * fibre, n.blend(0.75 * rings)), roughness=0.85 + 0.3 * fibre)


def _grain(n: Nodes, in_trunk: Value) -> tuple[Value, Value]:
    """Strength of the rings and of the fibres, in [0, 1]."""
    warp = n.noise_at(in_trunk * (0.12, 0.7, 0.7))
    _, y, z = in_trunk.components()
    radius = (y * y + z * z).power(0.5)
    rings = (2.2 * radius + 2.4 * warp).fraction().power(2.0)
    return rings, n.noise_at(in_trunk * (0.8, 24.0, 24.0))


def planks(n: Nodes) -> Finish:
    """Floor boards along x, `scale_m` wide and eight times as long, each from another tree."""
    u, v = n.in_plane
    row = v.floor()
    along = u * 0.125 + n.random(row)
    board = n.random(row, along.floor() + 1.0)
    moved = n.coords + nodes.vector(n.tree, 90 * board, 3 + 2 * n.random(board * 977.0), 0.6 * board)
    rings, fibre = _grain(n, moved)
    color = n.shade((0.70 + 0.3 * board) * (0.92 + 0.32 * fibre), n.blend(0.6 * rings))
    gap = _within(v, 0.02).maximum(_within(along, 0.02 / 8))
    return Finish(n.shade(1 - 0.6 * gap, color), -0.0012 * gap, 0.8 + 0.4 * fibre)


def tile(n: Nodes) -> Finish:
    """Square tiles of `scale_m`, grout in `accent`."""
    u, v = n.in_plane
    grout = _within(u, 0.025).maximum(_within(v, 0.025))
    tone = 0.92 + 0.1 * n.random(u.floor(), v.floor()) + 0.06 * n.noise(0.5)
    return Finish(n.blend(grout, n.shade(tone)), -0.0015 * grout, 1 + 1.5 * grout)


def brick(n: Nodes) -> Finish:
    """Stretcher bond: bricks of `scale_m` by a third of it, mortar in `accent`."""
    u, v = n.in_plane
    course = (3 * v).floor()
    u = u + course * 0.5
    mortar = _within(u, 0.05).maximum(_within(3 * v, 0.15))
    rough = n.noise(0.15, 3.0)
    tone = 0.6 + 0.4 * n.random(u.floor(), course) + 0.3 * rough
    return Finish(n.blend(mortar, n.shade(tone)), 0.004 * rough - 0.006 * mortar)


def fabric(n: Nodes) -> Finish:
    """A plain weave with ten threads to `scale_m`, slightly uneven; every other thread leans to `accent`."""
    u, v = (10 * axis for axis in n.in_plane)
    warp_on_top = ((u.floor() + v.floor()) * 0.5).fraction().below(0.25)
    across_u, across_v = ((np.pi * axis.fraction()).sine() for axis in (u, v))
    bulge = warp_on_top * across_u + (1 - warp_on_top) * across_v
    tone = 0.61 + 0.5 * bulge + 0.14 * n.noise(1.5)
    height = (n.material.scale_m / 40) * bulge
    return Finish(n.shade(tone, n.blend(0.12 * warp_on_top)), height)


def stripes(n: Nodes) -> Finish:
    u, _ = n.in_plane
    return Finish(n.blend(_within(u, 0.5)))


def checker(n: Nodes) -> Finish:
    """Squares of half of `scale_m`."""
    a, b = (_within(axis, 0.5) for axis in n.in_plane)
    return Finish(n.blend(a + b - 2 * (a * b)))


def metal(n: Nodes) -> Finish:
    """Brushed along x."""
    brush = n.noise_at(n.coords * (0.5, 60.0, 60.0))
    return Finish(n.shade(0.9 + 0.2 * brush), roughness=0.8 + 0.5 * brush)


def marble(n: Nodes) -> Finish:
    """Veins in `accent` where a distorted wave crosses zero."""
    x, y, z = n.coords.components()
    coarse, fine = n.noise(1.0), n.noise(0.35, 3.0)
    wave = 0.6 * (x + y + z) + 2.4 * coarse + 0.9 * fine
    vein = (-18.0 * (np.pi * wave).sine().absolute()).exponential()
    return Finish(n.blend(vein + 0.25 * coarse))


def leaf(n: Nodes) -> Finish:
    """Patches between `color` and `accent`, each leaf a little different."""
    return Finish(n.shade(0.85 + 0.3 * n.noise(0.2), n.blend(1.6 * n.noise(1.0) - 0.3)))


def _within(position: Value, width: float) -> Value:
    """1 in the bands [k, k + width), k integer, else 0."""
    return position.fraction().below(width)


PATTERNS: dict[str, Callable[[Nodes], Finish]] = {
    "plain": plain,
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
}
