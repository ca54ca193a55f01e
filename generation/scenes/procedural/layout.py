"""Ways to put things into a room: on the floor, against walls, on one another, at a table."""

from collections.abc import Iterable, Sequence

import numpy as np

from generation.scenes.procedural.asset import Asset, Surface
from generation.scenes.procedural.occupancy import SIDE_GAP_M, Occupancy, front_of
from generation.scenes.procedural.placement import Placement, Solids, solids_of
from generation.scenes.procedural.shell import SKIRTING_M, Wall


ATTEMPTS = 12
# Furniture stands this far from the wall, off the skirting
WALL_GAP_M = SKIRTING_M[0] + 0.005
FLOOR_GAP_M, SURFACE_GAP_M = 0.08, 0.012
# A hanging thing does not share its back with the wall, so that rays tell them apart
HANGING_GAP_M = 0.001


class Arranger(Occupancy):
    """Fills one room, one thing at a time; a thing that fits nowhere is left out.

    Every method that places one thing returns the [`Placement`], or `None` where it did not fit.
    """

    def along_wall(self, asset: Asset, gap_m: float = FLOOR_GAP_M, front_m: float = 0.0) -> Placement | None:
        """Back to a wall, one time in three in its corner, with `front_m` of free floor before it."""
        low, high = asset.bounds
        for wall in self.walls():
            reach = wall.length / 2 - (high[0] - low[0]) / 2 - WALL_GAP_M
            if reach < 0:
                continue
            x = self.rng.choice([-reach, reach]) if self.rng.random() < 1 / 3 else self.rng.uniform(-reach, reach)
            placed = self.stand(asset, wall.at(x, -high[1] - WALL_GAP_M, 0)[:2], wall.yaw, gap_m)
            if placed and front_m and not self.reserve_front(placed, front_m):
                self.take_back(placed)
                continue
            if placed:
                return placed
        return None

    def opposite(self, asset: Asset, anchor: Placement) -> Placement | None:
        """Back to the wall that `anchor` looks at, straight before it."""
        low, high = asset.bounds
        front = anchor.to_world(np.array([[0.0, -1.0, 0.0]]))[0] - anchor.position
        for wall in self.room.walls:
            foot = wall.at(0, 0, 0)
            outwards, right = wall.at(0, 1, 0) - foot, wall.at(1, 0, 0) - foot
            x = float((anchor.position - foot) @ right)
            if front @ outwards > 0.99 and abs(x) < wall.length / 2 - (high[0] - low[0]) / 2:
                placed = self.stand(asset, wall.at(x, -high[1] - WALL_GAP_M, 0)[:2], wall.yaw, FLOOR_GAP_M)
                if placed:
                    return placed
        return None

    def row(self, assets: Sequence[Asset], front_m: float) -> list[Placement]:
        """Side by side along the wall that takes most of them, backs to it, from one of its ends to the other.

        Where a door or window is in the way the row goes on behind it; what finds no place is left out.
        """
        best: list[Placement] = []
        for wall in self.room.walls:
            for side in (-1, 1):
                row = self._row_along(wall, side, assets, front_m)
                if len(row) > len(best):
                    best = row
        for placed in best:
            self.keep(placed)
            self.reserve_front(placed, front_m)
        return best

    def _row_along(self, wall: Wall, side: int, assets: Sequence[Asset], front_m: float) -> list[Placement]:
        step, end = 0.1, wall.length / 2 - WALL_GAP_M
        start, row = -end, []
        for asset in assets:
            low, high = asset.bounds
            for first in np.arange(start, end - (high[0] - low[0]), step):
                x = side * (first - low[0]) if side > 0 else side * (first + high[0])
                placed = Placement(asset, wall.at(x, -high[1] - WALL_GAP_M, 0), wall.yaw)
                front = front_of(placed, front_m)
                others = [other.solids for other in self.placements]
                free = not others or not front.collide(Solids.join(others))
                if free and self.room.plan.contains(front.ground) and self.fits(placed):
                    row.append(placed)
                    start = first + high[0] - low[0] + 0.002
                    break
        return row

    def jutting(self, asset: Asset) -> Placement | None:
        """One side to a wall, as a divider that hides one part of the room from the other."""
        low, high = asset.bounds
        for wall in self.walls():
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

    def hang(self, asset: Asset, height_m: tuple[float, float] = (1.35, 1.8)) -> Placement | None:
        """On a wall, its middle within these heights as far as the room's height allows."""
        low, high = asset.bounds
        for wall in self.walls():
            reach = wall.length / 2 - (high[0] - low[0]) / 2 - 0.1
            if reach >= 0:
                placed = self.hang_at(asset, wall, self.rng.uniform(-reach, reach), self.rng.uniform(*height_m))
                if placed:
                    return placed
        return None

    def hang_at(self, asset: Asset, wall: Wall, x: float, z: float, gap_m: float = 0.06) -> Placement | None:
        """On a wall at this place of its frame, lower if it would come too near the ceiling."""
        low, high = asset.bounds
        z = min(z, self.room.height - high[2] - 0.12)
        return self.put(asset, wall.at(x, -high[1] - HANGING_GAP_M, z), wall.yaw, gap_m=gap_m)

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

    def walls(self) -> list[Wall]:
        """Walls to try, long ones more often."""
        lengths = np.array([wall.length for wall in self.room.walls])
        return [self.room.walls[k] for k in self.rng.choice(len(lengths), ATTEMPTS, p=lengths / lengths.sum())]
