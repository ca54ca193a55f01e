"""Where a camera may be, and a path from one such place to another."""

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from generation.scenes.base import SceneError
from generation.scenes.procedural.placement import Placement, Solids
from generation.scenes.procedural.plan import passage
from generation.scenes.procedural.room import Room


# Nothing comes closer to a camera than this sideways, and above or below
CLEARANCE_M = 0.36
LEVEL_CLEARANCE_M = 0.2
# Heights at which a walker may carry a camera
WALK_HEIGHTS_M = (1.2, 1.75)
CELL_M = 0.15
SMOOTHING_CELLS = 4.0
# The walk leads past this many random places in all, and past some in each room
PLACES, PLACES_IN_ROOM = 12, 3


class FreeSpace:
    """Where a camera may be: at least `CLEARANCE_M` beside every wall and thing.

    Args:
        rooms (sequence of [`Room`]): joined by doorways, if there are several.
        furniture (sequence of [`Placement`]).
    """

    def __init__(self, rooms: Sequence[Room], furniture: Sequence[Placement]):
        doorways = [
            passage(wall, opening)
            for room in rooms for wall in room.walls for opening in wall.openings if opening.kind == "doorway"
        ]  # fmt: skip
        floor = shapely.union_all([*(room.plan for room in rooms), *doorways])
        self.rooms = rooms
        self.plan = floor.buffer(-CLEARANCE_M, join_style="mitre")
        built_in = [placed for room in rooms for placed in room.structure
                    if placed.label not in ("floor", "ceiling", "wall")]  # fmt: skip
        self._solids = Solids.join([placed.solids for placed in (*built_in, *furniture)])
        x0, y0, x1, y1 = self.plan.bounds
        grid = np.stack(np.meshgrid(np.arange(x0, x1, CELL_M), np.arange(y0, y1, CELL_M)), axis=-1).reshape(-1, 2)
        # a doorway is hardly wider than a camera with its clearance: the grid might miss it
        lines = [_through(doorway) for doorway in doorways]
        self.cells = np.concatenate([grid[shapely.contains_xy(self.plan, grid)], *lines])

    def at(self, places: np.ndarray, low_m: float, high_m: float) -> np.ndarray:
        """Which of `(N, 2)` places are free at all heights from `low_m` to `high_m`: `bool` of shape `(N,)`."""
        level = self._solids.low < high_m + LEVEL_CLEARANCE_M
        level &= self._solids.high > low_m - LEVEL_CLEARANCE_M
        points = shapely.points(places)
        tree = shapely.STRtree(self._solids.grounds[level])
        blocked = np.zeros(len(places), dtype=bool)
        blocked[tree.query(points, predicate="dwithin", distance=CLEARANCE_M)[0]] = True
        return shapely.contains(self.plan, points) & ~blocked

    def path(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """`(count, 2)` places, metres, along smoothed shortest paths between random free cells of all rooms.

        Raises:
            [`SceneError`]: if furniture leaves no place for a camera in some room, or no way into it.
        """
        cells = self.cells[self.at(self.cells, *WALK_HEIGHTS_M)]
        if not len(cells):
            raise SceneError("The furniture leaves no place for a camera. Use another seed.")
        tree = shapely.STRtree(shapely.points(cells))
        a, b = tree.query(shapely.points(cells), predicate="dwithin", distance=1.5 * CELL_M)
        lengths = np.linalg.norm(cells[a] - cells[b], axis=1)
        graph = coo_array((lengths, (a, b)), shape=(len(cells),) * 2).tocsr()
        _, component = connected_components(graph, directed=False)
        reached = component == np.bincount(component).argmax()
        stops = []
        for room in self.rooms:
            inside = np.flatnonzero(reached & shapely.contains_xy(room.plan, cells))
            if not len(inside):
                raise SceneError(f"The furniture leaves no way for a camera into the {room.kind}. Use another seed.")
            stops.append(rng.choice(inside, PLACES_IN_ROOM))
        others = max(0, PLACES - PLACES_IN_ROOM * len(self.rooms))
        stops = rng.permutation(np.concatenate([*stops, rng.choice(np.flatnonzero(reached), others)]))
        route = [stops[:1]]
        for start, end in zip(stops[:-1], stops[1:], strict=True):
            _, before = dijkstra(graph, indices=start, return_predecessors=True)
            leg = [end]
            while leg[-1] != start:
                leg.append(before[leg[-1]])
            route.append(np.array(leg[-2::-1], dtype=int))
        path = cells[np.concatenate(route)]
        smooth = gaussian_filter1d(path, SMOOTHING_CELLS, axis=0, mode="nearest")
        path = np.where(self.at(smooth, *WALK_HEIGHTS_M)[:, None], smooth, path)
        times = np.sort(rng.uniform(0, len(path), count)).astype(int)
        return path[times]


def _through(doorway: shapely.Polygon) -> np.ndarray:
    """Places `(N, 2)` along the middle of a doorway, from a step before it to a step behind."""
    corners = shapely.get_coordinates(doorway)[:4]
    near, far = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
    way = (far - near) / np.linalg.norm(far - near)
    steps = np.arange(-0.6, np.linalg.norm(far - near) + 0.6, CELL_M)
    return near + steps[:, None] * way
