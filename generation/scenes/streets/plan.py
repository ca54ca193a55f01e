"""The plan of a street: lanes, kerbs, pavements and where the fronts of the buildings stand.

The street runs along x, its axis at y = 0, and traffic keeps to the right: at y < 0 it heads for +x. At both ends it
meets another street, on whose far side buildings close the view; some streets have a crossing on their way.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely import Polygon


HALF_LENGTH_M, LANE_M, PARKING_M, PAVEMENT_M = (40.0, 50.0), (3.0, 3.4), 2.1, (3.2, 4.8)
KERB_M, KERB_WIDTH_M = 0.12, 0.15
SIDE_LANE_M, SIDE_PAVEMENT_M = (2.9, 3.3), 3.0
DEPTH_M = 10.0  # of the buildings
BLOCK_DEPTH_M = 24.0  # from the fronts to the back of a block
CORNER_RADIUS_M = 2.5
DRIVE = (-0.72, 0.5)  # the stretch that the camera car drives along, as shares of the half length
ZEBRA_M = 3.0  # breadth of a crosswalk
ZEBRA_GAP_M = 1.6  # between a crossing and its crosswalks


@dataclass(frozen=True, eq=False)
class Row:
    """A row of building fronts.

    Args:
        start, end (`np.ndarray` of shape `(2,)`): metres, world; left and right end as seen from the street.
        open_ends (`tuple` of 2 `bool`): whether the row's left and right end walls are seen from a street.
    """

    start: np.ndarray
    end: np.ndarray
    open_ends: tuple[bool, bool] = (False, False)

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.end - self.start))

    @property
    def along(self) -> np.ndarray:
        """Unit vector `(2,)` from left to right."""
        return (self.end - self.start) / self.length

    @property
    def yaw(self) -> float:
        """Turn of the fronts about +Z, radians."""
        return float(np.arctan2(self.along[1], self.along[0]))

    @property
    def footprint(self) -> Polygon:
        back = DEPTH_M * np.array([-self.along[1], self.along[0]])
        return Polygon([self.start, self.end, self.end + back, self.start + back])


@dataclass(frozen=True)
class Plan:
    """All measures of one street, metres.

    Args:
        half_length (`float`): from its middle to the streets at its ends.
        lane (`float`): width of each of the two lanes.
        parking (`tuple` of 2 `float`): width of the parking lane at y < 0 and at y > 0; 0 where there is none.
        pavement (`float`): width of the pavements.
        crossing (`float`, *optional*): where the crossing street's axis is; `None` without one.
        side_lane (`float`): width of a lane of the other streets.
    """

    half_length: float
    lane: float
    parking: tuple[float, float]
    pavement: float
    crossing: float | None
    side_lane: float

    def kerb(self, side: int) -> float:
        """Distance of the kerb on `side` (-1 or 1) from the axis."""
        return self.lane + self.parking[(side + 1) // 2]

    def front(self, side: int) -> float:
        """Distance of the buildings on `side` from the axis."""
        return self.kerb(side) + self.pavement

    @property
    def drive(self) -> tuple[float, float, float]:
        """Where the camera car starts and ends, and its y."""
        start, end = (share * self.half_length for share in DRIVE)
        return start, end, -0.47 * self.lane

    @property
    def reach(self) -> float:
        """How far the scene reaches to both sides of the axis."""
        return max(self.front(-1), self.front(1)) + BLOCK_DEPTH_M

    @cached_property
    def blocks(self) -> list[Polygon]:
        """Everything within kerbs, with rounded corners."""
        far = self.half_length + 2 * self.side_lane
        blocks = [shapely.box(s * far, -self.reach, s * (far + 4), self.reach) for s in (-1, 1)]
        for side in (-1, 1):
            for start, end in self._spans(0.0):
                low, high = sorted((side * self.kerb(side), side * self.reach))
                block = shapely.box(start, low, end, high)
                blocks.append(block.buffer(-CORNER_RADIUS_M).buffer(CORNER_RADIUS_M, quad_segs=4))
            if self.crossing is not None:
                half = self.side_lane + SIDE_PAVEMENT_M + 5
                low, high = sorted((side * self.reach, side * (self.reach + 4)))
                blocks.append(shapely.box(self.crossing - half, low, self.crossing + half, high))
        return blocks

    @cached_property
    def roads(self) -> list[Polygon]:
        """Carriageways as rectangles that do not overlap."""
        near, far = self.half_length, self.half_length + 2 * self.side_lane
        roads = [shapely.box(-near, -self.kerb(-1), near, self.kerb(1))]
        roads += [
            shapely.box(min(s * near, s * far), -self.reach, max(s * near, s * far), self.reach) for s in (-1, 1)
        ]
        if self.crossing is not None:
            for side in (-1, 1):
                low, high = sorted((side * self.kerb(side), side * self.reach))
                roads.append(shapely.box(self.crossing - self.side_lane, low, self.crossing + self.side_lane, high))
        return roads

    @cached_property
    def corners(self) -> list[Polygon]:
        """Squares about the rounded corners of the blocks, in which the road reaches under the pavement."""
        squares, r = [], CORNER_RADIUS_M
        for side in (-1, 1):
            y = side * self.kerb(side)
            for x in (x for span in self._spans(0.0) for x in span):
                squares.append(shapely.box(x - r, min(y, y + side * r), x + r, max(y, y + side * r)))
        return squares

    @cached_property
    def rows(self) -> list[Row]:
        """Fronts along the street, along the crossing one, and across all ends."""
        rows = []
        for side in (-1, 1):
            front = side * self.front(side)
            for start, end in self._spans(SIDE_PAVEMENT_M):
                ends = np.array([[start, front], [end, front]])
                rows.append(Row(*(ends if side > 0 else ends[::-1]), open_ends=(True, True)))
            if self.crossing is not None:
                rows += self._side_rows(side)
        far = self.half_length + 2 * self.side_lane + SIDE_PAVEMENT_M
        rows.append(Row(np.array([far, self.reach]), np.array([far, -self.reach])))
        rows.append(Row(np.array([-far, -self.reach]), np.array([-far, self.reach])))
        return rows

    def _side_rows(self, side: int) -> list[Row]:
        """Fronts of the crossing street behind the corner houses on `side`, and the one that closes it."""
        half = self.side_lane + SIDE_PAVEMENT_M
        near, far = side * (self.front(side) + DEPTH_M), side * self.reach
        left, right = self.crossing - half, self.crossing + half
        rows = [np.array([[left, near], [left, far]]), np.array([[right, far], [right, near]])]
        end = side * (self.reach + SIDE_PAVEMENT_M)
        across = np.array([[left - 4, end], [right + 4, end]])
        if side < 0:
            rows = [row[::-1] for row in rows]
            across = across[::-1]
        return [Row(*row) for row in (*rows, across)]

    def _spans(self, inset: float) -> list[tuple[float, float]]:
        """Stretches of x between the other streets, less `inset` at both ends."""
        edges = [-self.half_length, self.half_length]
        if self.crossing is not None:
            edges[1:1] = [self.crossing - self.side_lane, self.crossing + self.side_lane]
        return [(a + inset, b - inset) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    @cached_property
    def carriageway(self) -> Polygon:
        return shapely.union_all(self.roads)

    @cached_property
    def pavements(self) -> Polygon:
        """Where one may walk: the blocks without their kerbs and buildings."""
        blocks = shapely.union_all([block.buffer(-KERB_WIDTH_M) for block in self.blocks])
        return blocks.difference(self.buildings)

    @cached_property
    def buildings(self) -> Polygon:
        return shapely.union_all([row.footprint for row in self.rows])

    @cached_property
    def zebras(self) -> list[Polygon]:
        """Crosswalks: on all arms of the crossing, or one half-way along a street without."""
        if self.crossing is None:
            return [shapely.box(-ZEBRA_M / 2, -self.kerb(-1), ZEBRA_M / 2, self.kerb(1))]
        near = self.side_lane + ZEBRA_GAP_M
        bands = [sorted((self.crossing + s * near, self.crossing + s * (near + ZEBRA_M))) for s in (-1, 1)]
        along = [shapely.box(low, -self.kerb(-1), high, self.kerb(1)) for low, high in bands]
        bands = [
            sorted((s * (self.kerb(s) + ZEBRA_GAP_M), s * (self.kerb(s) + ZEBRA_GAP_M + ZEBRA_M))) for s in (-1, 1)
        ]
        x0, x1 = self.crossing - self.side_lane, self.crossing + self.side_lane
        return along + [shapely.box(x0, low, x1, high) for low, high in bands]


def draw_plan(rng: np.random.Generator) -> Plan:
    """A street of 80 to 100 m; six in ten have a crossing."""
    half = rng.uniform(*HALF_LENGTH_M)
    parking = tuple(PARKING_M if rng.random() < 0.75 else 0.0 for _ in range(2))
    return Plan(
        half_length=half,
        lane=rng.uniform(*LANE_M),
        parking=parking if any(parking) else (PARKING_M, PARKING_M),
        pavement=rng.uniform(*PAVEMENT_M),
        crossing=rng.uniform(-0.25, 0.35) * half if rng.random() < 0.6 else None,
        side_lane=rng.uniform(*SIDE_LANE_M),
    )
