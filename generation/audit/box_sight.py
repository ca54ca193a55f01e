"""What a frame of a drive shows, estimated plainly for the audit: the rules of `annotation.box_visibility` once more.

Shared with the annotation are the numbers that the rules name, and the drive as its source reads it.
"""

from dataclasses import dataclass

import numpy as np

from generation.annotation import box_visibility as rules
from generation.annotation.box_hulls import MIN_AREA, NEAR_M
from generation.annotation.box_points import ABOVE_ROAD_M, BEFORE_M, MARGIN_M
from generation.annotation.scene_annotation import MAX_ABSENT_PIXELS, REFERENCE_PIXELS
from generation.audit.box_camera import PlainCamera
from generation.audit.box_drawn import own_boxes, size
from generation.audit.box_places import BoxPlaces, WorldBox
from generation.audit.box_polygons import Polygon, area, clip, gap, holds, hull
from generation.audit.seen import Seen
from generation.scenes.waymo.drive import DRAWN, LABELS, SIGN, Drive, Sweep


@dataclass(eq=False)
class Sight:
    """One track in one frame.

    Args:
        box ([`WorldBox`]): its place.
        outline, inside (`Polygon`): its outline, and what of it the image shows.
        nearest_m (`float`): camera Z of its nearest corner.
        extended, image (`float`): pixels of the two on the canvas and in the image.
        rectangle (`tuple` of 4 `float`): around `inside`, pixels.
        on, front (`int`): points on it and before it.
        drawn (`int`): index of the box that was drawn around it, -1 without one.
    """

    box: WorldBox
    outline: Polygon
    inside: Polygon
    nearest_m: float
    extended: float
    image: float
    rectangle: tuple[float, float, float, float]
    on: int = 0
    front: int = 0
    drawn: int = -1


def owner_of_points(drive: Drive, places: BoxPlaces, sweep: Sweep) -> np.ndarray:
    """Track on which each point of the sweep lies, `(n,)`, -1 for none: of several boxes the one it is deepest in."""
    owner, least = np.full(len(sweep.points), -1), np.full(len(sweep.points), np.inf)
    for k in range(len(drive.tracks.types)):
        box = places.own[k].get(sweep.moment)
        if box is None:
            continue
        local = box.local(sweep.points)
        inside = (np.abs(local) <= box.half + MARGIN_M).all(axis=1)
        if drive.tracks.types[k] != SIGN:
            inside &= local[:, 2] + box.half[2] >= ABOVE_ROAD_M
        away = np.sqrt(((local / (box.half + MARGIN_M)) ** 2).sum(axis=1))
        inside &= away < least
        owner[inside], least[inside] = k, away[inside]
    return owner


def place_is_sure(box: WorldBox, camera_centre: np.ndarray) -> bool:
    """Whether the error of a box is small for its distance from a camera."""
    distance_m = float(np.linalg.norm(box.centre - camera_centre))
    return bool(box.error_m <= max(rules.MAX_ERROR_M, rules.MAX_ERROR_SHARE * distance_m))


class FrameSight:
    """What the frame with index `frame` shows of every track, and of what nobody labelled."""

    def __init__(self, drive: Drive, places: BoxPlaces, frame: int, sweep: Sweep, owner: np.ndarray):
        self.drive, self.places, self.frame, self.moment = drive, places, frame, int(drive.moment[frame])
        self.camera, self.drawn = PlainCamera(drive.cameras[frame]), drive.drawn[frame]
        self.border = self.camera.border()
        self.types = drive.tracks.types.tolist()
        self.sights = {k: sight for k in range(len(self.types)) if (sight := self._sight(k)) is not None}
        self.zone_points = self._count(sweep, owner)
        rectangles = {k: sight.rectangle for k, sight in self.sights.items() if sight.image > 0}
        has_points = {k for k, sight in self.sights.items() if sight.on}
        for k, n in own_boxes(self.drawn, rectangles, self.types, has_points).items():
            self.sights[k].drawn = n

    # -- outlines

    def _sight(self, k: int) -> Sight | None:
        box = self.places.box(self.moment, k)
        if box is None:
            return None
        corners = self.camera.exposed(box.corners())
        outline, camera = _outline(corners), self.camera
        inside = clip(self.border, outline) if outline else []
        if camera.fx * camera.fy * area(inside) <= MIN_AREA:
            inside = []
        pixels = camera.pixels(np.array([(x, y, 1.0) for x, y in inside])) if inside else np.zeros((1, 2))
        scale = camera.fx * camera.fy
        return Sight(
            box=box,
            outline=outline,
            inside=inside,
            nearest_m=float(corners[:, 2].min()),
            extended=scale * area(clip(camera.canvas_border(), outline)) if outline else 0.0,
            image=scale * area(inside) if inside else 0.0,
            rectangle=(*pixels.min(axis=0).tolist(), *pixels.max(axis=0).tolist()),
        )

    def touches(self, sight: Sight) -> bool:
        """Whether the outline reaches into the image, or may do so by the error of its place."""
        if not sight.outline:
            return False
        apart = 0.0 if sight.image > 0 else gap(sight.outline, self.border)
        return apart <= sight.box.error_m / max(sight.nearest_m, NEAR_M)

    def sure(self, sight: Sight) -> bool:
        """Whether its place is known well enough from here."""
        return place_is_sure(sight.box, self.camera.centre)

    # -- points

    def _count(self, sweep: Sweep, owner: np.ndarray) -> int:
        """Count the points of every outline; return how many in the image lie where nothing is labelled."""
        ahead = self.camera.at_its_pose(sweep.points)[:, 2] > 0
        in_cam, owner = self.camera.exposed(sweep.points[ahead]), owner[ahead]
        column, row = self.camera.pixels(in_cam).T
        shown = (in_cam[:, 2] > 0) & (column >= 0) & (row >= 0)
        shown &= (column < self.camera.width) & (row < self.camera.height)
        in_cam, owner = in_cam[shown], owner[shown]
        plane = in_cam[:, :2] / in_cam[:, 2:]
        for k, sight in self.sights.items():
            if sight.image > 0:
                within = holds(sight.outline, plane)
                before = in_cam[:, 2] < sight.nearest_m - BEFORE_M
                sight.on = int((within & (owner == k)).sum())
                sight.front = int((within & (owner != k) & before).sum())
        return int(sweep.unlabelled_zone[ahead][shown].sum())

    # -- drawn boxes

    @property
    def stray_types(self) -> set[int]:
        """Types of drawn boxes that are no track's."""
        taken = {sight.drawn for sight in self.sights.values()}
        return {kind for n, kind in enumerate(self.drawn.types.tolist()) if n not in taken}

    @property
    def unlabelled_types(self) -> set[int]:
        """Types of which there may be things that nobody labelled."""
        return set(LABELS) if self.zone_points else self.stray_types | {SIGN}

    # -- masks

    def unlabelled(self, kind: int) -> Seen:
        """The instance that stands for all things of a type that nobody labelled."""
        return Seen(0, 0, 0, None, in_doubt=(0, self._pixels if kind in self.unlabelled_types else 0))

    def seen(self, k: int) -> Seen:
        """What the frame shows of a track."""
        if k not in self.sights:
            lost = self.types[k] in self.unlabelled_types
            return Seen(0, 0, 0, None, in_doubt=(0, self._pixels if lost else 0))
        sight, kind = self.sights[k], self.types[k]
        least_fill, fill, most_fill = rules.FILL[kind]
        hiding = rules.FILL_OF_POINTS[kind] * sight.front
        points = sight.on + hiding
        share = sight.on / points if points else 1.0
        hidden = self._hidden(k, sight, hiding)
        shown = self.touches(sight) and not hidden
        guessed = shown and self._guessed(k, sight, points, share)
        visible = round(share * fill * sight.image) if shown else 0
        if guessed:
            visible = max(visible, int(MAX_ABSENT_PIXELS * self._pixels / REFERENCE_PIXELS) + 1)
        amodal = max(round(fill * sight.image), visible)
        extended = max(round(fill * sight.extended), amodal)
        in_doubt = (0, 0)
        if shown and not guessed:
            error = max(rules.SHARE_ERROR, rules.SHARE_ERROR_OF_ONE / max(points, 1e-9) ** 0.5)
            cut_off = sight.extended - sight.image
            least = max(share - error, 0) * max(least_fill * sight.extended - cut_off, 0)
            if sight.drawn >= 0:
                least = max(least, rules.FILL_OF_DRAWN[kind] * size(self.drawn.boxes[sight.drawn].tolist()))
            most = min(share + error, 1) * min(most_fill * sight.extended, sight.image)
            in_doubt = max(0, round(visible - least)), max(0, round(most - visible))
        return Seen(visible, amodal, extended, self._box(sight) if visible else None, in_doubt, guessed)

    @property
    def _pixels(self) -> int:
        return self.camera.width * self.camera.height

    def _hidden(self, k: int, sight: Sight, hiding: float) -> bool:
        """Whether it is hidden for certain."""
        return (
            self.types[k] in DRAWN
            and self.moment in self.places.own[k]
            and self.sure(sight)
            and sight.on == 0
            and hiding >= rules.MIN_HIDING_POINTS
            and sight.drawn < 0
            and self.types[k] not in self.stray_types
        )

    def _guessed(self, k: int, sight: Sight, points: float, share: float) -> bool:
        """Whether what the image shows of it would be a guess."""
        tracks, s = self.drive.tracks, self.moment
        return bool(
            s not in self.places.own[k]
            or not self.sure(sight)
            or tracks.hard[s, k]
            or tracks.num_points[s, k] < rules.MIN_POINTS
            or points < rules.MIN_POINTS
            or (self.types[k] in DRAWN and sight.drawn < 0)
            or (self.types[k] == SIGN and share < rules.MIN_SIGN_SHARE)
        )

    def _box(self, sight: Sight) -> tuple[int, int, int, int]:
        """The drawn box, to the nearest pixels, or the one around the outline, out to whole ones."""
        x0, y0, x1, y1 = sight.rectangle
        if sight.drawn >= 0:
            x0, y0, x1, y1 = (float(round(side)) for side in self.drawn.boxes[sight.drawn].tolist())
        low = [
            min(max(int(np.floor(side)), 0), end) for side, end in ((x0, self.camera.width), (y0, self.camera.height))
        ]
        high = [
            min(max(int(np.ceil(side)), 0), end) for side, end in ((x1, self.camera.width), (y1, self.camera.height))
        ]
        return low[0], low[1], high[0], high[1]


def _outline(corners: np.ndarray) -> Polygon:
    """Outline of a box with the corners `(8, 3)` in the camera, without what lies behind the near plane."""
    points = [(x / z, y / z) for x, y, z in corners.tolist() if z > NEAR_M]
    if not points:
        return []
    for a in range(8):
        for b in range(a):
            # corners whose numbers differ in one binary digit are joined by an edge
            if (a ^ b).bit_count() == 1 and (corners[a, 2] > NEAR_M) != (corners[b, 2] > NEAR_M):
                share = (NEAR_M - corners[a, 2]) / (corners[b, 2] - corners[a, 2])
                x, y, _ = (corners[a] + share * (corners[b] - corners[a])) / NEAR_M
                points.append((float(x), float(y)))
    return hull(points)
