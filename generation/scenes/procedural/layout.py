"""Putting things into a room: on the floor, against walls, on one another; nothing crosses and nothing floats."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import shapely

from generation.scenes.procedural.asset import Asset, Surface
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.placement import Placement, Solids, solids_of
from generation.scenes.procedural.room import Room
from generation.scenes.procedural.shell import SKIRTING_M, Wall


ATTEMPTS = 12
# Free floor in front of a door, and free wall in front of a window
DOOR_ZONE_M, WINDOW_ZONE_M = 0.95, 0.35
# Furniture stands this far from the wall, off the skirting
WALL_GAP_M = SKIRTING_M[0] + 0.005
FLOOR_GAP_M, SURFACE_GAP_M, SIDE_GAP_M = 0.08, 0.012, 0.004
# A hanging thing does not share its back with the wall, so that rays tell them apart
HANGING_GAP_M = 0.001
# Room to walk: random pieces stop when this share of the floor is taken
MAX_FLOOR_SHARE = 0.42
MAX_PER_CATEGORY = 8


class Arranger:
    """Fills one room, one thing at a time; a thing that fits nowhere is left out.

    Every method that places something returns the [`Placement`], or `None` where it did not fit.

    Args:
        room ([`Room`]).
        rng (`np.random.Generator`): draws the variants and their places.
    """

    def __init__(self, room: Room, rng: np.random.Generator):
        self.room = room
        self.rng = rng
        self.placements: list[Placement] = []
        self.counts: Counter[str] = Counter()
        built_in = [placed.solids for placed in room.structure if placed.label not in ("floor", "ceiling", "wall")]
        self._floor = room.plan.buffer(-SKIRTING_M[0], join_style="mitre")
        self._fixed = Solids.join([*built_in, *(zone for wall in room.walls for zone in keep_clear(wall))])

    def make(self, label: str) -> Asset:
        """A new variant of a category."""
        return CATEGORIES[label].build(self.rng)

    def put(
        self, asset: Asset, position: np.ndarray, yaw: float, host: Placement | None = None, gap_m: float = SIDE_GAP_M
    ) -> Placement | None:
        """Place at exactly this position if there it lies inside the room and keeps `gap_m` from everything else."""
        placed = Placement(asset, np.asarray(position, dtype=float), float(yaw))
        solids = placed.solids
        if self.counts[asset.label] >= MAX_PER_CATEGORY or solids.high.max() > self.room.height:
            return None
        if not self.room.plan.contains(solids.ground):
            return None
        others = [other.solids for other in self.placements if other is not host]
        if solids.collide(self._fixed) or (others and solids.collide(Solids.join(others), gap_m)):
            return None
        self.placements.append(placed)
        self.counts[asset.label] += 1
        return placed

    def stand(self, asset: Asset, xy: np.ndarray, yaw: float, gap_m: float = SIDE_GAP_M) -> Placement | None:
        """On the floor, or on a rug if the thing fits on it whole."""
        ground = solids_of(asset).moved(np.array([*xy, 0.0]), yaw).ground
        if not self._floor.contains(ground):
            return None
        for rug in self.placements:
            if CATEGORIES[rug.label].place == "rug" and rug.solids.ground.buffer(-0.02).contains(ground):
                return self.put(asset, np.array([*xy, rug.solids.high.max()]), yaw, host=rug, gap_m=gap_m)
        return self.put(asset, np.array([*xy, 0.0]), yaw, gap_m=gap_m)

    def along_wall(self, asset: Asset, gap_m: float = FLOOR_GAP_M) -> Placement | None:
        """Back to a wall, one time in three in its corner."""
        low, high = asset.bounds
        for wall in self._walls():
            reach = wall.length / 2 - (high[0] - low[0]) / 2 - WALL_GAP_M
            if reach < 0:
                continue
            x = self.rng.choice([-reach, reach]) if self.rng.random() < 1 / 3 else self.rng.uniform(-reach, reach)
            placed = self.stand(asset, wall.at(x, -high[1] - WALL_GAP_M, 0)[:2], wall.yaw, gap_m)
            if placed:
                return placed
        return None

    def jutting(self, asset: Asset) -> Placement | None:
        """One side to a wall, as a divider that hides one part of the room from the other."""
        low, high = asset.bounds
        for wall in self._walls():
            x = self.rng.uniform(-0.5, 0.5) * (wall.length - 1.6)
            turn = self.rng.choice([-1, 1])
            xy = wall.at(x, -(high[0] - low[0]) / 2 - WALL_GAP_M, 0)[:2]
            placed = self.stand(asset, xy, wall.yaw + turn * np.pi / 2, gap_m=0.3)
            if placed:
                return placed
        return None

    def free_standing(self, asset: Asset, gap_m: float = FLOOR_GAP_M, turn: str = "any") -> Placement | None:
        """Anywhere on the floor, turned anyhow or (`turn="square"`) parallel to the walls."""
        x0, y0, x1, y1 = self.room.plan.bounds
        for _ in range(ATTEMPTS):
            yaw = self.rng.uniform(0, 2 * np.pi) if turn == "any" else self.rng.integers(4) * np.pi / 2
            xy = np.array([self.rng.uniform(x0, x1), self.rng.uniform(y0, y1)])
            placed = self.stand(asset, xy, yaw, gap_m)
            if placed:
                return placed
        return None

    def hang(self, asset: Asset) -> Placement | None:
        """On a wall, its middle between 1.35 and 1.8 m high."""
        low, high = asset.bounds
        for wall in self._walls():
            reach = wall.length / 2 - (high[0] - low[0]) / 2 - 0.1
            if reach < 0:
                continue
            z = self.rng.uniform(1.35, min(1.8, self.room.height - high[2] - 0.15))
            position = wall.at(self.rng.uniform(-reach, reach), -HANGING_GAP_M, z)
            placed = self.put(asset, position, wall.yaw, gap_m=0.06)
            if placed:
                return placed
        return None

    def from_ceiling(self, asset: Asset, over: Placement | None = None) -> Placement | None:
        """Hanging from the ceiling, above `over` if given."""
        x0, y0, x1, y1 = self.room.plan.buffer(-0.4).bounds
        for _ in range(ATTEMPTS):
            xy = over.position[:2] if over else (self.rng.uniform(x0, x1), self.rng.uniform(y0, y1))
            placed = self.put(asset, np.array([*xy, self.room.height]), self.rng.uniform(0, 2 * np.pi), gap_m=0.1)
            if placed or over:
                return placed
        return None

    def set_on(
        self,
        asset: Asset,
        host: Placement,
        surface: Surface,
        where: tuple[float, float] | None = None,
        yaw: float = 0.0,
    ) -> Placement | None:
        """On a surface of `host`, turned by `yaw` from the host's front.

        Args:
            asset ([`Asset`]).
            host ([`Placement`]).
            surface ([`Surface`]): one of the host's.
            where (`tuple` of 2 `float`, *optional*): place along the surface's x and y, from -1 to 1 at its edges;
                random when left out.
            yaw (`float`): radians.
        """
        solids = solids_of(asset).moved(np.zeros(3), yaw)
        if solids.high.max() > surface.clearance_m - SURFACE_GAP_M:
            return None
        x0, y0, x1, y1 = solids.ground.bounds
        reach = np.array([(surface.x[0] - x0, surface.x[1] - x1), (surface.y[0] - y0, surface.y[1] - y1)])  # (2, 2)
        if (reach[:, 0] > reach[:, 1]).any():
            return None
        for _ in range(1 if where else ATTEMPTS):
            share = (np.asarray(where) + 1) / 2 if where else self.rng.random(2)
            xy = reach[:, 0] + share * (reach[:, 1] - reach[:, 0])
            position = host.to_world(np.array([[*xy, surface.z]]))[0]
            placed = self.put(asset, position, host.yaw + yaw, host, gap_m=SURFACE_GAP_M)
            if placed:
                return placed
        return None

    def rest_on(self, asset: Asset, host: Placement) -> Placement | None:
        """Somewhere on any of the host's surfaces, its front about the host's way."""
        surfaces = host.asset.surfaces
        for k in self.rng.permutation(len(surfaces)):
            placed = self.set_on(asset, host, surfaces[k], yaw=float(self.rng.normal(0, 0.25)))
            if placed:
                return placed
        return None

    def line_up(self, assets: Iterable[Asset], host: Placement, surface: Surface) -> list[Placement]:
        """Side by side along a surface, like books on a shelf, fronts towards the host's front."""
        x = surface.x[0] + self.rng.uniform(0, 0.3) * (surface.x[1] - surface.x[0])
        placed = []
        for asset in assets:
            low, high = asset.bounds
            x += self.rng.uniform(1, 3) * SIDE_GAP_M
            y = self.rng.uniform(surface.y[0] - low[1], surface.y[0] - low[1] + 0.02)
            fits = x + high[0] - low[0] <= surface.x[1] and y + high[1] <= surface.y[1]
            if fits and high[2] - low[2] < surface.clearance_m - SURFACE_GAP_M:
                position = host.to_world(np.array([[x - low[0], y, surface.z]]))[0]
                done = self.put(asset, position, host.yaw, host, gap_m=SIDE_GAP_M / 2)
                placed += [done] if done else []
                x += high[0] - low[0]
        return placed

    def beside(
        self, asset: Asset, anchor: Placement, offset: tuple[float, float], yaw: float = 0.0, gap_m: float = SIDE_GAP_M
    ) -> Placement | None:
        """On the floor at `offset` (metres) in the frame of `anchor`, turned by `yaw` from it."""
        return self.stand(asset, anchor.to_world(np.array([[*offset, 0.0]]))[0, :2], anchor.yaw + yaw, gap_m)

    def seat(self, chair: Asset, table: Placement, side: float, share: float = 0.0) -> Placement | None:
        """A chair at a table, facing it and pushed under it if it fits.

        Args:
            chair ([`Asset`]).
            table ([`Placement`]).
            side (`float`): the table's side, as the angle of its outward direction in the table's frame, radians.
            share (`float`): place along that side, from -1 to 1 at its ends.
        """
        half_depth = (chair.bounds[1] - chair.bounds[0])[1] / 2
        outward, along = np.array([np.cos(side), np.sin(side)]), np.array([-np.sin(side), np.cos(side)])
        half_size = (table.asset.bounds[1] - table.asset.bounds[0])[:2] / 2
        turn = float(self.rng.normal(0, 0.12))
        for tuck in np.arange(self.rng.uniform(0.05, 0.25), -0.2, -0.06):
            offset = outward * (abs(outward @ half_size) + half_depth - tuck) + along * share * abs(along @ half_size)
            placed = self.beside(chair, table, tuple(offset), side - np.pi / 2 + turn)
            if placed:
                return placed
        return None

    def floor_share(self) -> float:
        """Share of the floor that furniture covers."""
        standing = [p.solids.ground for p in self.placements if CATEGORIES[p.label].place in ("floor", "wall_side")]
        return shapely.union_all(standing).area / self.room.plan.area

    def _walls(self) -> list[Wall]:
        """Walls to try, long ones more often."""
        lengths = np.array([wall.length for wall in self.room.walls])
        return [self.room.walls[k] for k in self.rng.choice(len(lengths), ATTEMPTS, p=lengths / lengths.sum())]


def keep_clear(wall: Wall) -> list[Solids]:
    """The space that furniture leaves free in front of a wall's door and windows."""
    zones = []
    for opening in wall.openings:
        depth = DOOR_ZONE_M if opening.kind == "door" else WINDOW_ZONE_M
        corners = [(opening.x[0], 0.0), (opening.x[1], 0.0), (opening.x[1], -depth), (opening.x[0], -depth)]
        ground = shapely.Polygon([wall.at(x, y, 0)[:2] for x, y in corners])
        zones.append(Solids(np.array([ground]), np.array([opening.z[0]]), np.array([opening.z[1]])))
    return zones
