"""Where things may stand in a street; nothing crosses and nothing floats."""

from collections import Counter
from functools import lru_cache

import numpy as np
import shapely
from scipy.spatial import ConvexHull

from generation.scenes.procedural.asset import Asset
from generation.scenes.procedural.placement import Placement, Solids
from generation.scenes.streets.buildings import OVERHEAD_M, PROTRUSION_M
from generation.scenes.streets.plan import KERB_M, Plan


# An object is kept apart by the hulls of what it has between these heights, metres above what carries it
BANDS_M = (-9.0, 0.35, 1.0, 1.7, 2.2, 3.0, 4.0, 5.5, 20.0)
HEADROOM_M = 2.2  # what reaches over the kerb or towards a front starts above this height
GAP_M = 0.12
MAX_PER_CATEGORY = 8
MORE = {"car": 11, "pedestrian": 9}
EAST, NORTH, WEST, SOUTH = 0.0, np.pi / 2, np.pi, -np.pi / 2


def facing_road(side: int) -> float:
    """Heading from the pavement on `side` (-1 or 1) towards the road."""
    return SOUTH if side > 0 else NORTH


@lru_cache(maxsize=16)
def envelope(asset: Asset) -> Solids:
    """Upright prisms, one for each of `BANDS_M` that the asset reaches into, which together cover it."""
    corners = np.concatenate([part.vertices[part.faces] for part in asset.parts])  # (T, 3, 3)
    low, high = corners[..., 2].min(axis=1), corners[..., 2].max(axis=1)
    grounds, lows, highs = [], [], []
    for bottom, top in zip(BANDS_M[:-1], BANDS_M[1:], strict=True):
        inside = (low < top) & (high > bottom)
        if inside.any():
            points = corners[inside, :, :2].reshape(-1, 2)
            grounds.append(shapely.Polygon(points[ConvexHull(points).vertices]))
            lows.append(max(bottom, low[inside].min()))
            highs.append(min(top, high[inside].max()))
    return Solids(np.array(grounds), np.array(lows), np.array(highs))


class Arranger:
    """Fills one street, one thing at a time; a thing that fits nowhere is left out.

    Methods that place something return the [`Placement`], or `None` where it did not fit.

    Args:
        plan ([`Plan`]).
        rng (`np.random.Generator`): draws the variants and their places.
        reserved ([`Solids`]): space that stays free.
    """

    def __init__(self, plan: Plan, rng: np.random.Generator, reserved: Solids):
        self.plan, self.rng = plan, rng
        self.placements: list[Placement] = []
        self.counts: Counter[str] = Counter()
        self._reserved = reserved
        self._taken: list[Solids] = []
        self._ground = {"road": plan.carriageway, "pavement": plan.pavements.buffer(-0.05)}
        for ground in self._ground.values():
            shapely.prepare(ground)
        self._fronts = plan.buildings.buffer(PROTRUSION_M + GAP_M, join_style="mitre")
        shapely.prepare(self._fronts)

    def has_room_for(self, label: str) -> bool:
        """Whether the street may have one more of this category."""
        return self.counts[label] < MORE.get(label, MAX_PER_CATEGORY)

    def is_taken(self, xy: tuple[float, float], gap_m: float) -> bool:
        """Whether something on the ground, or space that stays free, is nearer to this point than `gap_m`."""
        point = shapely.Point(xy)
        return any(
            shapely.dwithin(solids.grounds[solids.low < HEADROOM_M], point, gap_m).any()
            for solids in (self._reserved, *self._taken)
        )

    def put(
        self, asset: Asset, xy: tuple[float, float], heading: float, on: str = "pavement", gap_m: float = GAP_M
    ) -> Placement | None:
        """Place here, front towards the angle `heading` (radians from +x), if it fits.

        Args:
            asset ([`Asset`]).
            xy (`tuple` of 2 `float`): metres, world.
            heading (`float`): radians.
            on (`str`): `"pavement"` or `"road"`; what is higher than `HEADROOM_M` may reach beyond it.
            gap_m (`float`): least distance from everything else.
        """
        z = 0.0 if on == "road" else KERB_M
        placed = Placement(asset, np.array([*xy, z]), heading + np.pi / 2)
        solids = envelope(asset).moved(placed.position, placed.yaw)
        if not self.has_room_for(asset.label):
            return None
        foot = solids.low < z + HEADROOM_M
        if not shapely.contains(self._ground[on], solids.grounds[foot]).all():
            return None
        if shapely.intersects(self._fronts, solids.grounds[solids.high > KERB_M + OVERHEAD_M - GAP_M]).any():
            return None
        if solids.collide(self._reserved) or (self._taken and solids.collide(Solids.join(self._taken), gap_m)):
            return None
        self._keep(placed, solids)
        return placed

    def hang(self, asset: Asset, position: np.ndarray, yaw: float) -> Placement | None:
        """Place exactly here, at the front of a building, if nothing is in its way."""
        placed = Placement(asset, position, yaw)
        solids = envelope(asset).moved(placed.position, placed.yaw)
        if not self.has_room_for(asset.label) or (self._taken and solids.collide(Solids.join(self._taken), GAP_M)):
            return None
        self._keep(placed, solids)
        return placed

    def add_to(self, host: Placement, asset: Asset) -> Placement:
        """Place what was made to fit `host`, in the host's own frame, as a rider on a bicycle."""
        placed = Placement(asset, host.position, host.yaw)
        self._keep(placed, envelope(asset).moved(placed.position, placed.yaw))
        return placed

    def _keep(self, placed: Placement, solids: Solids) -> None:
        self.placements.append(placed)
        self.counts[placed.label] += 1
        self._taken.append(solids)

    def taken(self) -> Solids:
        """All space that is taken."""
        return Solids.join(self._taken)
