"""What a room holds, and where there is space left: nothing crosses, and doors, windows and taps stay within reach."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely

from generation.scenes.procedural.asset import Asset, Category, Surface
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.placement import Placement, Solids, solids_of
from generation.scenes.procedural.room import Room
from generation.scenes.procedural.shell import SKIRTING_M, Wall


# Free floor in front of a door, and free wall in front of a window
DOOR_ZONE_M, WINDOW_ZONE_M = 0.95, 0.35
# Free space before a thing starts above rugs and ends above heads
FRONT_ZONE_M = (0.03, 1.9)
SIDE_GAP_M = 0.004
MAX_PER_CATEGORY = 8
# Tall furniture with a flat top, on which boxes and suitcases are kept
FLAT_TOPS = frozenset({"wardrobe", "refrigerator"})


class Occupancy:
    """What a room holds so far, and whether a further thing may stand in a given place.

    Args:
        room ([`Room`]).
        rng (`np.random.Generator`): draws the variants and their places.
        clutter (`float`, *optional*, defaults to 1.0): how many things there are, as a factor.
        counts (`Counter`, *optional*): how many of each category the scene's other rooms hold; brought up to date.
        catalogue (`Mapping`, *optional*): categories by label; those of the project when left out.
    """

    def __init__(
        self,
        room: Room,
        rng: np.random.Generator,
        clutter: float = 1.0,
        counts: Counter[str] | None = None,
        catalogue: Mapping[str, Category] = CATEGORIES,
    ):
        self.room = room
        self.rng = rng
        self.clutter = clutter
        self.catalogue = catalogue
        self.counts = Counter() if counts is None else counts
        self.placements: list[Placement] = []
        built_in = [placed.solids for placed in room.structure if placed.label not in ("floor", "ceiling", "wall")]
        self._floor = room.plan.buffer(-SKIRTING_M[0], join_style="mitre")
        self._fixed = Solids.join([*built_in, *(zone for wall in room.walls for zone in keep_clear(wall))])

    def make(self, label: str, variant: str | None = None) -> Asset:
        """A new object of a category; of this variant, if the category has it."""
        category = self.catalogue[label]
        asset = category.build(self.rng, variant if variant in category.variants else None)
        if label in FLAT_TOPS and category is CATEGORIES[label] and not asset.surfaces:
            (x0, y0, _), (x1, y1, top) = asset.bounds
            inset = 0.06
            asset = replace(asset, surfaces=(Surface((x0 + inset, x1 - inset), (y0 + 2 * inset, y1 - inset), top),))
        return asset

    def some(self, fewest: int, most: int) -> int:
        """A number between the two, inclusive, times the clutter."""
        return int(round(self.rng.integers(fewest, most + 1) * self.clutter))

    def put(
        self, asset: Asset, position: np.ndarray, yaw: float, host: Placement | None = None, gap_m: float = SIDE_GAP_M
    ) -> Placement | None:
        """Place at exactly this position if there it lies inside the room and keeps `gap_m` from everything else."""
        placed = Placement(asset, np.asarray(position, dtype=float), float(yaw))
        return self.keep(placed) if self.fits(placed, host, gap_m) else None

    def fits(self, placed: Placement, host: Placement | None = None, gap_m: float = SIDE_GAP_M) -> bool:
        """Whether the thing lies inside the room and keeps `gap_m` from everything else, but for its `host`."""
        solids = placed.solids
        if self.counts[placed.label] >= MAX_PER_CATEGORY or solids.high.max() > self.room.height:
            return False
        if not self.room.plan.contains(solids.ground) or solids.collide(self._fixed):
            return False
        return not any(solids.collide(other.solids, gap_m) for other in self.near(placed, gap_m) if other is not host)

    def reserve_front(self, placed: Placement, depth_m: float) -> bool:
        """Keep the floor before a thing free from now on; `False`, and nothing done, if it is not."""
        zone = front_of(placed, depth_m)
        if not self.room.plan.contains(zone.ground):
            return False
        if any(zone.collide(other.solids) for other in self.placements if other is not placed):
            return False
        self._fixed = Solids.join([self._fixed, zone])
        return True

    def keep(self, placed: Placement) -> Placement:
        """Add a thing that fits."""
        self.placements.append(placed)
        self.counts[placed.label] += 1
        return placed

    def take_back(self, placed: Placement) -> None:
        """Remove a thing again on which nothing stands yet."""
        self.placements.remove(placed)
        self.counts[placed.label] -= 1

    def near(self, placed: Placement, gap_m: float) -> list[Placement]:
        """Things whose bounding boxes come closer than that."""
        if not self.placements:
            return []
        low, high = np.array([other.extent for other in self.placements]).swapaxes(0, 1)
        mine = placed.extent
        near = ((low - gap_m <= mine[1]) & (mine[0] - gap_m <= high)).all(axis=1)
        return [self.placements[k] for k in np.flatnonzero(near)]

    def floor_share(self) -> float:
        """Share of the floor that furniture covers."""
        standing = [
            p.solids.ground for p in self.placements if self.catalogue[p.label].place in ("floor", "wall_side")
        ]
        return shapely.union_all(standing).area / self.room.plan.area

    def stand(self, asset: Asset, xy: np.ndarray, yaw: float, gap_m: float = SIDE_GAP_M) -> Placement | None:
        """On the floor, or on a rug if the thing fits on it whole."""
        ground = solids_of(asset).moved(np.array([*xy, 0.0]), yaw).ground
        if not self._floor.contains(ground):
            return None
        for rug in self.placements:
            if self.catalogue[rug.label].place == "rug" and rug.solids.ground.buffer(-0.02).contains(ground):
                return self.put(asset, np.array([*xy, rug.solids.high.max()]), yaw, host=rug, gap_m=gap_m)
        return self.put(asset, np.array([*xy, 0.0]), yaw, gap_m=gap_m)


def front_of(placed: Placement, depth_m: float) -> Solids:
    """The space before a thing, as wide as it is and `depth_m` deep."""
    low, high = placed.asset.bounds
    corners = np.array([(low[0], low[1], 0), (high[0], low[1], 0), (high[0], low[1] - depth_m, 0),
                        (low[0], low[1] - depth_m, 0)])  # fmt: skip
    ground = shapely.Polygon(placed.to_world(corners)[:, :2])
    return Solids(np.array([ground]), *(np.array([z]) for z in FRONT_ZONE_M))


def keep_clear(wall: Wall) -> list[Solids]:
    """The space that furniture leaves free in front of a wall's doors, doorways and windows."""
    zones = []
    for opening in wall.openings:
        depth = WINDOW_ZONE_M if opening.kind == "window" else DOOR_ZONE_M
        corners = [(opening.x[0], 0.0), (opening.x[1], 0.0), (opening.x[1], -depth), (opening.x[0], -depth)]
        ground = shapely.Polygon([wall.at(x, y, 0)[:2] for x, y in corners])
        zones.append(Solids(np.array([ground]), np.array([opening.z[0]]), np.array([opening.z[1]])))
    return zones
