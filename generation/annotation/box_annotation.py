"""A drive -> SceneAnnotation: numbers from labelled boxes and lidar points, where no surfaces are known."""

import numpy as np

from generation.annotation.box_extents import box_extents, closest_of_boxes
from generation.annotation.box_hulls import Hulls
from generation.annotation.box_overlap import StreetMap, seen_cells, street_samples
from generation.annotation.box_places import Places
from generation.annotation.box_points import count_points, owners
from generation.annotation.box_visibility import FrameEstimate, place_is_sure
from generation.annotation.scene_annotation import SceneAnnotation
from generation.annotation.visibility import FrameVisibility
from generation.rng import stage_rng
from generation.scenes.base import Scene
from generation.scenes.waymo.drive import LABELS, Drive


# How far the bounds of a box may be from those of the thing: it has corners that the thing lacks
EXTENT_ERROR_M = 0.3
MASKS = ("amodal_pixels", "visible_pixels", "extended_pixels", "amodal_box", "visible_box", "doubtful_pixels")


def annotate_drive(scene: Scene, seed: int) -> SceneAnnotation:
    """Compute every number of one drive; its sweeps are read once, one in memory at a time.

    The last four instances stand for what nobody labelled, one for each type: they are nowhere, and unclear wherever
    there may be such a thing.
    """
    drive, cameras = scene.drive, [frame.camera for frame in scene.frames]
    places = Places.of(drive)
    seen, cells = _read_sweeps(drive, places)
    chosen = street_samples(cells, stage_rng(seed, scene.scene_name, "annotate"))
    sure = np.array([place_is_sure(places, s, one.centre) for s, one in zip(drive.moment, cameras, strict=True)])
    centres = np.where(sure[..., None], places.centres[drive.moment], np.nan)  # (F, K, 3)
    extents = [
        box_extents(np.where(known[:, None, None], places.corners[s], np.nan), places.error_m[s], one)
        for s, known, one in zip(drive.moment, sure, cameras, strict=True)
    ]
    best = places.corners[drive.tracks.num_points.argmax(axis=0), np.arange(len(places.still))]  # (K, 8, 3)
    closest_m = np.full((len(best), len(best)), np.nan)  # of things that move there is no one distance
    closest_m[np.ix_(places.still, places.still)] = closest_of_boxes(best[places.still])
    camera_centres = np.array([camera.centre for camera in cameras])
    return SceneAnnotation(
        scene_name=scene.scene_name,
        dataset=scene.source,
        domain=scene.domain,
        method="boxes",
        frame_ids=np.array([frame.frame_id for frame in scene.frames]),
        image_sizes=np.array([(camera.width, camera.height) for camera in cameras]),
        intrinsics=np.array([camera.intrinsics for camera in cameras]),
        world_from_cam=np.array([camera.world_from_cam for camera in cameras]),
        instance_ids=np.array([instance.instance_id for instance in scene.instances]),
        labels=np.array([instance.label for instance in scene.instances]),
        box_centres=_with_unlabelled(best.mean(axis=1), axis=0),
        **{
            name: np.array([getattr(one, name) for one in seen])
            for name in (*MASKS, "doubts", "depth_min_m", "depth_mean_m")
        },
        centre_distance_m=_with_unlabelled(np.linalg.norm(centres - camera_centres[:, None], axis=2)),
        **{
            name: _with_unlabelled(np.array([getattr(one, name) for one in extents]))
            for name in ("nearest_m", "mean_m", "angles_deg")
        },
        surface_bits=np.array([np.packbits(seen_cells(cells, shutter)[chosen]) for shutter in drive.cameras]),
        distortion=np.array([np.zeros(5) if one.distortion is None else one.distortion for one in cameras]),
        extent_error_m=np.full(len(scene.instances), EXTENT_ERROR_M),
        closest_m=_with_unlabelled(_with_unlabelled(closest_m), axis=0),
        longest_m=np.full(len(scene.instances), np.nan),  # the hidden ends of a box are guessed
        frame_centres=_with_unlabelled(places.centres[drive.moment]),
        moments=drive.moment,
    )


def _read_sweeps(drive: Drive, places: Places) -> tuple[list[FrameVisibility], np.ndarray]:
    """What every frame shows, in the order of the frames, and the cells `(n, 3)` of the street."""
    seen, street = {}, StreetMap()
    for sweep in drive.sweeps():
        owner = owners(drive, sweep)
        street.add(sweep.points[(owner < 0) | places.still[owner]])
        for f in np.flatnonzero(drive.moment == sweep.moment).tolist():
            hulls = Hulls.of(places.corners[sweep.moment], drive.cameras[f])
            counts = count_points(sweep, owner, hulls, drive.cameras[f])
            seen[f] = FrameEstimate(drive, places, f, hulls, counts).measure()
    return [seen[f] for f in range(len(drive.moment))], street.centres


def _with_unlabelled(values: np.ndarray, axis: int = 1) -> np.ndarray:
    """NaN along the axis of instances for those that stand for what nobody labelled."""
    more = np.full_like(np.take(values, [0] * len(LABELS), axis=axis), np.nan)
    return np.concatenate([values, more], axis=axis)
