"""A drive: what is known of a scene that has labelled boxes and lidar points, and no surfaces."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from generation.scenes.waymo.shutter import ShutterCamera


# Box types
VEHICLE, PEDESTRIAN, SIGN, CYCLIST = 1, 2, 3, 4
LABELS = {VEHICLE: "vehicle", PEDESTRIAN: "pedestrian", SIGN: "sign", CYCLIST: "cyclist"}
# Boxes are drawn into the images for these alone
DRAWN = (VEHICLE, PEDESTRIAN, CYCLIST)


@dataclass(frozen=True, eq=False)
class Tracks:
    """The labelled boxes of K objects at S moments. The k-th object is the instance k + 1 of the scene.

    Args:
        track_ids (`tuple` of `str`): ids of the source, sorted.
        types (`np.ndarray` of shape `(K,)`): box types.
        labelled (`np.ndarray` of shape `(S, K)`): `bool`, whether there is a box at that moment.
        centre, size (`np.ndarray` of shape `(S, K, 3)`): metres, vehicle axes of that moment; length, width, height.
        heading (`np.ndarray` of shape `(S, K)`): radians from the vehicle's x axis about its z axis.
        speed (`np.ndarray` of shape `(S, K)`): m/s; NaN where unknown.
        num_points (`np.ndarray` of shape `(S, K)`): lidar points in the box.
        hard (`np.ndarray` of shape `(S, K)`): `bool`, an annotator marked it as hard to make out.
    """

    track_ids: tuple[str, ...]
    types: np.ndarray
    labelled: np.ndarray
    centre: np.ndarray
    size: np.ndarray
    heading: np.ndarray
    speed: np.ndarray
    num_points: np.ndarray
    hard: np.ndarray


@dataclass(frozen=True, eq=False)
class DrawnBoxes:
    """The boxes that people drew around the visible parts of things in one image.

    Args:
        types (`np.ndarray` of shape `(n,)`): box types.
        boxes (`np.ndarray` of shape `(n, 4)`): x0, y0, x1, y1, pixels of the stored image.
        track (`np.ndarray` of shape `(n,)`): index of the track that the source links to it, -1 without a link.
    """

    types: np.ndarray
    boxes: np.ndarray
    track: np.ndarray


@dataclass(frozen=True, eq=False)
class Sweep:
    """The points of one turn of the top lidar.

    Args:
        moment (`int`): index of the moment.
        points (`np.ndarray` of shape `(N, 3)`): metres, world.
        unlabelled_zone (`np.ndarray` of shape `(N,)`): `bool`, lies where the source labels nothing.
    """

    moment: int
    points: np.ndarray
    unlabelled_zone: np.ndarray


@dataclass(frozen=True, eq=False)
class Drive:
    """A car's way through a street, in a world whose origin is the car's first place.

    Args:
        timestamps (`np.ndarray` of shape `(S,)`): microseconds, increasing.
        world_from_vehicle (`np.ndarray` of shape `(S, 4, 4)`): frame of the boxes at each moment.
        moment (`np.ndarray` of shape `(F,)`): index of the moment of each frame of the scene.
        cameras (`tuple` of [`ShutterCamera`]): of the F frames.
        drawn (`tuple` of [`DrawnBoxes`]): of the F frames.
        tracks ([`Tracks`]).
        sweeps (`Callable`): reads the sweep of every moment once, in the order of the file.
        photos (`Callable`): reads the JPEG files of some frames, `dict` of frame id to `bytes`.
        content (`str`): stands for all of it but the photos.
    """

    timestamps: np.ndarray
    world_from_vehicle: np.ndarray
    moment: np.ndarray
    cameras: tuple[ShutterCamera, ...]
    drawn: tuple[DrawnBoxes, ...]
    tracks: Tracks
    sweeps: Callable[[], Iterator[Sweep]]
    photos: Callable[[set[str]], dict[str, bytes]]
    content: str
