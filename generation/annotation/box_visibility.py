"""What one frame shows of the objects of a drive: estimated from their boxes, lidar points and drawn boxes.

An outline is larger than what is in it; how much of it things of a type fill is known from rendered streets. What is
hidden is told by the points before a thing: beams are spread evenly, so points stand for parts of the outline. Both
are estimates with known errors, and wherever they leave open whether a thing is visible, it is unclear.
"""

from functools import cached_property

import numpy as np
import shapely

from generation.annotation.box_hulls import NEAR_M, Hulls, bounds_in_image, image_border
from generation.annotation.box_matching import match_drawn
from generation.annotation.box_places import Places
from generation.annotation.box_points import PointCounts
from generation.annotation.scene_annotation import (
    HARDLY_ANY_POINTS,
    MARKED_HARD,
    MAX_ABSENT_PIXELS,
    NOT_DRAWN,
    NOT_LABELLED,
    PARTLY_HIDDEN_SIGN,
    REFERENCE_PIXELS,
    SURE,
    UNSURE_PLACE,
)
from generation.annotation.visibility import FrameVisibility
from generation.scenes.waymo.drive import CYCLIST, DRAWN, LABELS, PEDESTRIAN, SIGN, VEHICLE, Drive


# Share of its box's outline that a thing fills: least, usual and most (docs/waymo.md)
FILL = {VEHICLE: (0.5, 0.65, 0.9), PEDESTRIAN: (0.18, 0.29, 0.5), SIGN: (0.4, 0.77, 1.0), CYCLIST: (0.22, 0.4, 0.6)}
# The same, where points before it are counted: beams pass beside a thing as they pass beside what hides it
FILL_OF_POINTS = {VEHICLE: 0.75, PEDESTRIAN: 0.45, SIGN: 0.85, CYCLIST: 0.45}
# Least share of the box drawn around its visible part that a thing fills
FILL_OF_DRAWN = {VEHICLE: 0.3, PEDESTRIAN: 0.1, SIGN: 0.0, CYCLIST: 0.2}
# Error of the share that is seen, from n points: at least the first, and the second over the root of n
SHARE_ERROR, SHARE_ERROR_OF_ONE = 0.2, 1.2
MIN_POINTS = 5
# Hidden for certain: no point on it, so many before it, and nobody drew a box that may be its own
MIN_HIDING_POINTS = 20
# The place of a thing may be off by the larger of these, the second as a share of its distance
MAX_ERROR_M, MAX_ERROR_SHARE = 0.15, 0.04
# No box is drawn around a sign; where its visible part lies is known as long as hardly anything hides it
MIN_SIGN_SHARE = 0.9


def place_is_sure(places: Places, moment: int, camera_centre: np.ndarray) -> np.ndarray:
    """Which tracks' places are known well enough from a camera, `(K,)`."""
    distance_m = np.linalg.norm(places.centres[moment] - camera_centre, axis=1)
    return places.error_m[moment] <= np.maximum(MAX_ERROR_M, MAX_ERROR_SHARE * distance_m)  # false where unknown


class FrameEstimate:
    """What frame `frame` (index) shows of the K tracks of a drive.

    Args:
        drive ([`Drive`]), places ([`Places`]), frame (`int`).
        hulls ([`Hulls`]), counts ([`PointCounts`]): of the frame.
    """

    def __init__(self, drive: Drive, places: Places, frame: int, hulls: Hulls, counts: PointCounts):
        self.drive, self.hulls, self.counts = drive, hulls, counts
        self.moment, self.types = drive.moment[frame], drive.tracks.types
        self.camera, self.drawn = drive.cameras[frame].camera, drive.drawn[frame]
        self.sure = place_is_sure(places, self.moment, self.camera.centre)
        self.middle_m = self.camera.points_in_cam(places.centres[self.moment])[:, 2]
        self.projected = bounds_in_image(hulls.inside, self.camera)
        self.own_box = match_drawn(self.drawn, self.projected, self.types, counts.on > 0)
        # an outline may reach into the image by the error of its place
        reach = places.error_m[self.moment] / np.maximum(hulls.nearest_m, NEAR_M)
        self.touching = shapely.distance(hulls.whole, image_border(self.camera)) <= reach  # false without an outline
        self.hiding = np.array([FILL_OF_POINTS[kind] for kind in self.types.tolist()]) * counts.front
        self.points = counts.on + self.hiding
        self.share = np.where(self.points > 0, counts.on / np.maximum(self.points, 1e-9), 1.0)

    def measure(self) -> FrameVisibility:
        """All numbers, for the K tracks and the four instances that stand for what nobody labelled."""
        hulls, (least_fill, fill, most_fill) = self.hulls, np.array([FILL[k] for k in self.types.tolist()]).T
        shown, doubts = self.touching & ~self.hidden, np.where(self.touching & ~self.hidden, self.doubts, SURE)
        image_pixels = self.camera.width * self.camera.height
        visible = np.where(shown, np.round(self.share * fill * hulls.image_area), 0)
        # what is in doubt counts as shown, be it at the border of the image alone
        some = np.floor(MAX_ABSENT_PIXELS * image_pixels / REFERENCE_PIXELS) + 1
        visible = np.where(doubts != SURE, np.maximum(visible, some), visible)
        amodal = np.maximum(np.round(fill * hulls.image_area), visible)
        # as much of it as can be is cut off, and then as little
        cut_off = hulls.extended_area - hulls.image_area
        error = np.maximum(SHARE_ERROR, SHARE_ERROR_OF_ONE / np.sqrt(np.maximum(self.points, 1e-9)))
        least = np.clip(self.share - error, 0, 1) * np.maximum(least_fill * hulls.extended_area - cut_off, 0)
        least = np.maximum(least, self._least_drawn())
        most = np.clip(self.share + error, 0, 1) * np.minimum(most_fill * hulls.extended_area, hulls.image_area)
        doubtful = np.round([visible - least, most - visible]).T.clip(min=0)
        doubtful[~shown | (doubts != SURE)] = 0
        # where it is nobody knows, and something of its kind is seen that nobody labelled
        lost = np.isnan(hulls.nearest_m) & np.isin(self.types, [*self.unlabelled_types])
        doubtful[lost] = 0, image_pixels
        numbers = {
            "amodal_pixels": amodal,
            "visible_pixels": visible,
            "extended_pixels": np.maximum(np.round(fill * hulls.extended_area), amodal),
            "amodal_box": self._boxes(self.projected),
            "visible_box": np.where((visible > 0)[:, None], self._visible_boxes(), 0),
            "doubtful_pixels": doubtful,
            "doubts": doubts,
        }
        anything = [(0, image_pixels if kind in self.unlabelled_types else 0) for kind in LABELS]
        more = {name: np.zeros((len(LABELS), *values.shape[1:])) for name, values in numbers.items()}
        more["doubtful_pixels"] = np.array(anything)
        nothing = np.full(len(LABELS), np.nan)
        return FrameVisibility(
            depth_min_m=np.append(np.where(visible > 0, self.hulls.nearest_m, np.nan), nothing),
            depth_mean_m=np.append(np.where(visible > 0, self.middle_m, np.nan), nothing),
            **{name: np.concatenate([numbers[name], more[name]]).astype(np.int64) for name in numbers},
        )

    @cached_property
    def stray_types(self) -> set[int]:
        """Types of which a box is drawn that fits no labelled one for certain."""
        others = np.setdiff1d(np.arange(len(self.drawn.types)), self.own_box)
        return set(self.drawn.types[others].tolist())

    @cached_property
    def unlabelled_types(self) -> set[int]:
        """Types of which the image may show things that have no labelled box.

        Boxes are drawn around all vehicles, people and cyclists, so that one without a label leaves a box over. Nobody
        says whether all signs are labelled.
        """
        return set(LABELS) if self.counts.unlabelled_zone else {SIGN, *self.stray_types}

    @cached_property
    def hidden(self) -> np.ndarray:
        """Which tracks are hidden for certain, `(K,)`: solidly behind other things, and drawn by nobody."""
        drawable = np.isin(self.types, DRAWN) & (self.own_box < 0) & ~np.isin(self.types, [*self.stray_types])
        labelled = self.drive.tracks.labelled[self.moment]
        return drawable & labelled & self.sure & (self.counts.on == 0) & (self.hiding >= MIN_HIDING_POINTS)

    @cached_property
    def doubts(self) -> np.ndarray:
        """Why what the image shows of a track would be a guess, `(K,)`: index into `DOUBTS`."""
        tracks, s = self.drive.tracks, self.moment
        few = (tracks.num_points[s] < MIN_POINTS) | (self.points < MIN_POINTS)
        not_drawn = np.isin(self.types, DRAWN) & (self.own_box < 0)
        partly = (self.types == SIGN) & (self.share < MIN_SIGN_SHARE)
        reasons = {
            NOT_LABELLED: ~tracks.labelled[s],
            UNSURE_PLACE: ~self.sure,
            MARKED_HARD: tracks.hard[s],
            HARDLY_ANY_POINTS: few,
            NOT_DRAWN: not_drawn,
            PARTLY_HIDDEN_SIGN: partly,
        }
        return np.select(list(reasons.values()), list(reasons), SURE)

    def _least_drawn(self) -> np.ndarray:
        """Pixels that a track has at least by the box that was drawn around it, `(K,)`."""
        boxes, own = np.zeros((len(self.types), 4)), self.own_box >= 0
        boxes[own] = self.drawn.boxes[self.own_box[own]]
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        return np.array([FILL_OF_DRAWN[kind] for kind in self.types.tolist()]) * area

    def _visible_boxes(self) -> np.ndarray:
        """Boxes `(K, 4)` around the visible parts: the drawn one, or else the outline's."""
        boxes, own = self._boxes(self.projected), self.own_box >= 0
        boxes[own] = self._boxes(np.round(self.drawn.boxes[self.own_box[own]]))
        return boxes

    def _boxes(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes `(n, 4)` out to whole pixels of the image."""
        whole = np.concatenate([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1)
        return np.clip(whole, 0, [self.camera.width, self.camera.height] * 2)
