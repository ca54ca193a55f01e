"""What holes in a scanned mesh leave open.

Through a hole in the surface of one thing a ray may reach another thing that is really hidden. So every hole gets a
patch, and a pixel whose ray crosses the patch of one thing before it hits another is in doubt: it may show the former.
Where the frame has a depth sensor, that decides: a pixel is settled where the sensor confirms the surface that is hit,
and in doubt where it saw something nearer.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from generation.rendering.raycast import RayCaster
from generation.scenes.base import Frame, SceneMesh
from generation.scenes.sensor import read_depth


# Vertices at one place are one vertex, whatever the file says
WELD_M = 1e-5
# A longer rim is no hole in a thing but the end of what was scanned
MAX_RIM_M = 2.0
# A surface this much nearer than another (the larger counts) is another surface
GAP_M, GAP_SHARE = 0.05, 0.03


@dataclass(frozen=True, eq=False)
class Doubt:
    """Pixels of one frame that a hole leaves open.

    Args:
        pixels (`np.ndarray` of shape `(H, W)`): `bool`.
        owner (`np.ndarray` of shape `(H, W)`): instance that has the hole, so may be what the pixel shows; 0 if none.
    """

    pixels: np.ndarray
    owner: np.ndarray


class HoleFinder:
    """Patches over the holes of `mesh`."""

    def __init__(self, mesh: SceneMesh):
        corners, owner = patches(mesh)
        self._owner = np.append(owner, 0)  # the last is for rays that hit no patch, whose face is -1
        self._caster = RayCaster(corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3))

    def doubt(self, frame: Frame, ids: np.ndarray, depth_m: np.ndarray) -> Doubt:
        """Pixels in doubt of a frame with first hits `ids` and `depth_m`, both `(H, W)`, 0 and inf where none."""
        shape = ids.shape
        hits = self._caster.cast(*frame.camera.rays())
        owner = self._owner[hits.face].reshape(shape)
        patch_m = hits.t.reshape(shape)
        pixels = (patch_m < depth_m - _gap(patch_m)) & (owner != ids)
        sensor_m = np.zeros(shape) if frame.depth_path is None else read_depth(frame)
        nearer = sensor_m < depth_m - _gap(sensor_m)
        pixels = np.where(sensor_m > 0, nearer, pixels)
        return Doubt(pixels, np.where(pixels, owner, 0))


def _gap(depth_m: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.maximum(GAP_M, GAP_SHARE * np.where(np.isfinite(depth_m), depth_m, 0))


def patches(mesh: SceneMesh) -> tuple[np.ndarray, np.ndarray]:
    """Triangles `(P, 3, 3)` that close the holes of a mesh, and the instance `(P,)` whose surface each closes."""
    _, weld = np.unique(np.round(mesh.vertices / WELD_M).astype(np.int64), axis=0, return_inverse=True)
    place = np.zeros((weld.max() + 1, 3))
    place[weld] = mesh.vertices
    faces = weld[mesh.faces]
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, first, uses = np.unique(edges, axis=0, return_index=True, return_counts=True)
    rim = first[(uses == 1) & (edges[first, 0] != edges[first, 1])]  # an edge of one triangle alone
    start, end = edges[rim].T
    graph = coo_array((np.ones(len(rim)), (start, end)), shape=(len(place), len(place)))
    _, loop_of_place = connected_components(graph, directed=False)
    loop = loop_of_place[start]  # (E,)
    length_m = np.bincount(loop, np.linalg.norm(place[start] - place[end], axis=1), len(place))
    edges_of = np.maximum(np.bincount(loop, minlength=len(place)), 1)
    halves = (place[start] + place[end]).T / 2  # (3, E)
    middle = np.stack([np.bincount(loop, half, len(place)) / edges_of for half in halves], axis=1)
    small = length_m[loop] <= MAX_RIM_M
    corners = np.stack([place[start], place[end], middle[loop]], axis=1)[small]  # a fan around the middle of the rim
    return corners, mesh.face_instance[rim // 3][small]
