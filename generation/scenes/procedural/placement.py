"""An asset put somewhere, and the convex solids by which placements are kept apart."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from generation.scenes.procedural.asset import Asset


# Things that touch share a plane; solids closer in height than this do not collide
CONTACT_M = 0.001
# Vertices of a piece that are closer than this are one; things are up to 6 m long
WELD_M = 5e-5


@dataclass(frozen=True, eq=False)
class Solids:
    """N upright prisms with convex ground, which together cover an object.

    Args:
        grounds (`np.ndarray` of shape `(N,)`): shapely polygons in the horizontal plane.
        low, high (`np.ndarray` of shape `(N,)`): their extent in height, metres.
    """

    grounds: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def around(cls, vertices: np.ndarray, faces: np.ndarray, part: np.ndarray) -> "Solids":
        """One prism around each connected piece of meshes: a table gives its top and four legs.

        Args:
            vertices (`np.ndarray` of shape `(V, 3)`): metres.
            faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
            part (`np.ndarray` of shape `(V,)`): number of the mesh of each vertex; pieces of two meshes stay apart,
                even where they touch.
        """
        # joins the vertices that were split at creases: 17 bits a coordinate, and the rest for the part
        grid = np.round((vertices - vertices.min(axis=0)) / WELD_M).astype(np.int64)
        _, vertex = np.unique(((part << 17 | grid[:, 0]) << 17 | grid[:, 1]) << 17 | grid[:, 2], return_inverse=True)
        corner = vertex[faces]  # (T, 3)
        links = coo_array((np.ones(2 * len(faces)), (corner[:, [0, 1]].ravel(), corner[:, [1, 2]].ravel())))
        links.resize((vertex.max() + 1,) * 2)
        count, piece = connected_components(links, directed=False)
        piece = piece[vertex]  # (V,)
        order = np.argsort(piece, kind="stable")
        # a prism needs some width: single-sheet meshes get 1 mm
        grounds = shapely.convex_hull(shapely.multipoints(vertices[order, :2], indices=piece[order]))
        grounds = np.where(shapely.area(grounds) > 0, grounds, shapely.buffer(grounds, CONTACT_M / 2))
        low, high = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(low, piece, vertices[:, 2])
        np.maximum.at(high, piece, vertices[:, 2])
        return cls(grounds, low, high)

    @classmethod
    def join(cls, parts: "list[Solids]") -> "Solids":
        """All prisms of several objects."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("grounds", "low", "high")))

    def moved(self, position: np.ndarray, yaw: float) -> "Solids":
        """The prisms turned by `yaw` about the vertical through the origin, then moved by `position`."""
        turn = rotation(yaw)[:2, :2]
        grounds = shapely.transform(self.grounds, lambda points: points @ turn.T + position[:2])
        return Solids(grounds, self.low + position[2], self.high + position[2])

    def collide(self, other: "Solids", gap_m: float = 0.0) -> bool:
        """Whether any prism of `self` comes closer than `gap_m` sideways to one of `other` at a common height."""
        level = (self.low[:, None] < other.high[None] - CONTACT_M) & (other.low[None] < self.high[:, None] - CONTACT_M)
        mine, others = np.nonzero(level)
        a, b = shapely.bounds(self.grounds)[mine], shapely.bounds(other.grounds)[others]
        near = ((a[:, :2] - gap_m <= b[:, 2:]) & (b[:, :2] - gap_m <= a[:, 2:])).all(axis=1)
        mine, others = mine[near], others[near]
        return bool(shapely.dwithin(self.grounds[mine], other.grounds[others], gap_m).any())

    @property
    def ground(self) -> shapely.Polygon:
        """Convex hull of all grounds."""
        return shapely.convex_hull(shapely.geometrycollections(self.grounds))


@dataclass(frozen=True, eq=False)
class Placement:
    """One object of a room.

    Args:
        asset ([`Asset`]).
        position (`np.ndarray` of shape `(3,)`): the asset's origin in the world, metres.
        yaw (`float`): turn of the asset about +Z, radians.
        is_structure (`bool`): see [`Instance`].
    """

    asset: Asset
    position: np.ndarray
    yaw: float
    is_structure: bool = False

    @property
    def label(self) -> str:
        return self.asset.label

    def to_world(self, points_in_asset: np.ndarray) -> np.ndarray:
        """Transform `(N, 3)` points of the asset frame to the world."""
        return points_in_asset @ rotation(self.yaw).T + self.position

    @cached_property
    def solids(self) -> Solids:
        return solids_of(self.asset).moved(self.position, self.yaw)

    @cached_property
    def extent(self) -> np.ndarray:
        """Lowest and highest corner `(2, 3)` of the solids, metres, world."""
        x0, y0, x1, y1 = shapely.total_bounds(self.solids.grounds)
        return np.array([(x0, y0, self.solids.low.min()), (x1, y1, self.solids.high.max())])


def rotation(yaw: float) -> np.ndarray:
    """Rotation `(3, 3)` about +Z."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


@lru_cache(maxsize=16)  # an asset is tried in many places in a row
def solids_of(asset: Asset) -> Solids:
    """Prisms around the pieces of an asset, in its own frame."""
    sizes = [len(part.vertices) for part in asset.parts]
    starts = np.cumsum([0, *sizes[:-1]])
    return Solids.around(
        np.concatenate([part.vertices for part in asset.parts]),
        np.concatenate([part.faces + start for part, start in zip(asset.parts, starts, strict=True)]),
        np.repeat(np.arange(len(sizes)), sizes),
    )
