"""The scene behind a row, for the map: rebuilt or read by the package `spatialmosaic`, where that is installed."""

import importlib.util
import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from evidence import read_subjects
from floor_plan import Eye, Footprint


# Scenes are rebuilt from the seed in the run record; all others are read from their owner's copy
REBUILT = ("procedural", "streets")
# What of the built-in parts a map shows
BUILT_IN = {"floor": "floor", "wall": "wall", "door": "opening", "window": "opening"}
BOX_SLACK_PIXELS = 2.0


class NoMapError(Exception):
    """Why there is no map, in a sentence for people."""


class Scenes:
    """The scenes of a dataset.

    Args:
        run (`dict`): the run record in the dataset's `statistics.json`.
        root (`Path`, *optional*): folder of the scans, for sources whose scenes are not procedural.

    Raises:
        [`NoMapError`]: if no scene of this dataset can be at hand.
    """

    def __init__(self, run: dict, root: Path | None):
        source = run.get("source")
        if source is None:
            raise NoMapError("There is no map: the dataset does not say how its scenes were made.")
        if source not in REBUILT and root is None:
            raise NoMapError(f"There is no map: scenes of {source} are not at hand. Start the app with --root FOLDER.")
        if importlib.util.find_spec("generation") is None:
            raise NoMapError("There is no map: the package spatialmosaic, which makes the scenes, is not installed.")
        # Imported here: the app runs without the package too
        from generation.scenes import SceneError, open_source
        from generation.settings import SourceSettings

        settings = {name: run[name] for name in ("scenes", "frames", "clutter", "rooms") if name in run}
        try:
            opened = open_source(SourceSettings(source=source, root=root, seed=run.get("seed", 0), **settings))
        except (SceneError, OSError, ValueError) as error:
            raise NoMapError(f"There is no map: {error}") from error
        self.run, self.load, self.error = run, lru_cache(maxsize=8)(opened.load), SceneError

    def plan(self, row: dict) -> tuple[list[Footprint], list[Eye]]:
        """What a map of the row's scene shows.

        Raises:
            [`NoMapError`]: if the scene cannot be had, or is not the one that the row was made from.
        """
        try:
            scene = self.load(row["scene_name"])
        except (self.error, OSError) as error:
            raise NoMapError(f"There is no map: {error}") from error
        if scene.mesh is None and scene.points is None:
            raise NoMapError("There is no map: of a drive, only moving boxes are known.")
        evidence = json.loads(row["evidence"])
        if not is_same_scene(scene, row, evidence):
            raise NoMapError(
                f"There is no map: the scene {row['scene_name']} at hand is not the one that this row was made from "
                f"(spatialmosaic {self.run.get('version', 'of an unknown version')})."
            )
        cameras = {frame.frame_id: frame.camera for frame in scene.frames}
        asked = evidence.get("asked_frame")
        eyes = [eye_of(cameras[name], k, k == asked) for k, name in enumerate(row["frames"], 1)]
        return list(_footprints(scene, evidence)), eyes


def is_same_scene(scene, row: dict, evidence: dict) -> bool:
    """Whether the scene has the row's frames and objects, and shows each object where the row says.

    A pinhole camera sees nothing of an object outside the projection of its box, so that a box of visible pixels that
    sticks out belongs to another scene.
    """
    cameras = {frame.frame_id: frame.camera for frame in scene.frames}
    labels = {instance.instance_id: instance.label for instance in scene.instances}
    if not set(row["frames"]) <= set(cameras):
        return False
    for subject in read_subjects(evidence):
        if labels.get(subject.instance_id) != subject.label:
            return False
        for seen in subject.sightings:
            camera = cameras[row["frames"][seen.frame - 1]]
            pixels, depth_m = camera.project(_corners(scene.boxes[subject.instance_id]))
            if seen.box and camera.distortion is None and (depth_m > 0).all():
                low, high = pixels.min(axis=0) - BOX_SLACK_PIXELS, pixels.max(axis=0) + BOX_SLACK_PIXELS
                if (seen.box[:2] < low).any() or (seen.box[2:] > high).any():
                    return False
    return True


def eye_of(camera, frame: int, asked: bool) -> Eye:
    """A camera (`generation.geometry.Camera`) as the map shows it."""
    forward = camera.world_from_cam[:3, 2]
    return Eye(
        frame=frame,
        x=float(camera.centre[0]),
        y=float(camera.centre[1]),
        heading_deg=math.degrees(math.atan2(forward[1], forward[0])),
        width_deg=math.degrees(2 * math.atan(camera.width / 2 / camera.intrinsics[0, 0])),
        asked=asked,
    )


def _footprints(scene, evidence: dict):
    subjects = {subject.instance_id: subject for subject in reversed(read_subjects(evidence))}
    for instance in scene.instances:
        box = scene.boxes[instance.instance_id]
        if instance.label == "floor" and scene.mesh is not None:  # of any shape
            for face in scene.faces_of(instance.instance_id):
                yield Footprint(scene.mesh.vertices[face][:, :2], "floor")
        elif instance.label in BUILT_IN:
            yield Footprint(_corners(box)[:4, :2], BUILT_IN[instance.label])
        elif instance.instance_id in subjects:
            subject = subjects[instance.instance_id]
            yield Footprint(_corners(box)[:4, :2], subject.role, subject.name)
        elif not instance.is_structure:
            yield Footprint(_corners(box)[:4, :2], "thing")


def _corners(box) -> np.ndarray:
    """Corners `(8, 3)` of a `generation.geometry.OrientedBox`, metres, world; the first four go around its bottom."""
    cosine, sine = np.cos(box.yaw), np.sin(box.yaw)
    around = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * box.size[:2]
    ground = around @ np.array([[cosine, sine], [-sine, cosine]]) + box.centre[:2]
    heights = box.centre[2] + np.array([-0.5, 0.5]) * box.size[2]
    return np.concatenate([np.column_stack([ground, np.full(4, height)]) for height in heights])
