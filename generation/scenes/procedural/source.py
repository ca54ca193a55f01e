"""Procedural indoor scenes: seeded rooms and flats that need no scans and no licence."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.flat import build_flat
from generation.scenes.procedural.furnish import furnish
from generation.scenes.procedural.illumination import draw_hour, illuminate
from generation.scenes.procedural.own_assets import own_catalogue
from generation.scenes.procedural.room import Room, build_room
from generation.scenes.procedural.walk import walk


# Share of the scenes that are flats, and how often the others are of each type
FLAT_SHARE = 0.35
KINDS = {
    "office": 1.2, "meeting room": 1.0, "living room": 1.2, "bedroom": 0.9, "children's room": 0.8, "kitchen": 1.2,
    "bathroom": 0.7, "classroom": 1.0, "workshop": 1.0, "studio": 0.8,
}  # fmt: skip
# Fresh starts where too little fits, or furniture bars the way
STARTS = 6


class ProceduralSource:
    """Furnished places `room_00000`, `room_00001`, ...: single rooms and flats.

    Each depends on `seed`, `clutter`, `assets`, `kinds` and its own name alone.

    Args:
        seed (`int`): fixes all places.
        num_scenes (`int`): how many there are.
        frames_per_scene (`int`, *optional*, defaults to 24): frames of each place.
        width (`int`, *optional*, defaults to 640): columns of the images, in pixels.
        height (`int`, *optional*, defaults to 480): rows of the images, in pixels.
        clutter (`float`, *optional*, defaults to 1.0): how many things there are, as a factor (2.0: crowded).
        assets (`Path`, *optional*): folder of own meshes, which replace or join the project's (docs/own_assets.md).
        kinds (sequence of `str`, *optional*): single rooms of these kinds only, of `KINDS`.

    Raises:
        [`SceneError`]: if a count or size is less than 1, the clutter is not positive, a mesh breaks a rule, or there
            is no such kind of room.
    """

    def __init__(
        self,
        seed: int,
        num_scenes: int,
        frames_per_scene: int = 24,
        width: int = 640,
        height: int = 480,
        clutter: float = 1.0,
        assets: Path | None = None,
        kinds: Sequence[str] | None = None,
    ):
        given = {"num_scenes": num_scenes, "frames_per_scene": frames_per_scene, "width": width, "height": height}
        for name, value in given.items():
            if value < 1:
                raise SceneError(f"`{name}` is {value}. It must be at least 1.")
        if not 0 < clutter < np.inf:
            raise SceneError(f"`clutter` is {clutter}. It must be a positive number, such as 1.0.")
        self.seed = seed
        self.num_scenes = num_scenes
        self.frames_per_scene = frames_per_scene
        self.size = (width, height)
        unknown = sorted(set(kinds or ()) - set(KINDS))
        if unknown:
            raise SceneError(
                f"There are no rooms of the kind {', '.join(map(repr, unknown))}. Use any of: {', '.join(KINDS)}."
            )
        self.clutter = clutter
        self.kinds = kinds
        self.catalogue = own_catalogue(assets)

    def scene_names(self) -> list[str]:
        return [f"room_{k:05d}" for k in range(self.num_scenes)]

    def load(self, scene_name: str) -> Scene:
        """Build the place of this name.

        Raises:
            [`SceneError`]: if the source has no such place, or too little fits into it.
        """
        if scene_name not in self.scene_names():
            raise SceneError(
                f"Scene {scene_name!r} is not one of the {self.num_scenes} procedural rooms. "
                f"Use a name from room_00000 to {self.scene_names()[-1]}."
            )
        rngs = {stage: stage_rng(self.seed, scene_name, stage) for stage in ("room", "layout", "light", "walk")}
        for _ in range(STARTS):
            try:
                return self._build(scene_name, rngs)
            except SceneError as error:
                reason = error
        raise SceneError(f"Scene {scene_name!r}: {reason}")

    def _build(self, scene_name: str, rngs: dict[str, np.random.Generator]) -> Scene:
        """One start, with randomness by stage."""
        rooms = draw_rooms(rngs["room"], self.kinds)
        furniture = furnish(rooms, rngs["layout"], self.clutter, self.catalogue)
        structure = [placed for room in rooms for placed in room.structure]
        hour = draw_hour(rngs["light"])
        placements, illumination = illuminate(rooms, [*structure, *furniture], hour, rngs["light"])
        mesh, instances, appearance = assemble(placements, illumination.lights, illumination.ambient)
        appearance = replace(appearance, sky=illumination.sky, sensor=illumination.sensor)
        frames = walk(rooms, furniture, mesh, self.frames_per_scene, self.size, rngs["walk"])
        return Scene("procedural", "indoor", scene_name, mesh, instances, frames, appearance)


def draw_rooms(rng: np.random.Generator, kinds: Sequence[str] | None = None) -> tuple[Room, ...]:
    """The rooms of one scene, still empty: a single one, or a flat; a single one of some kinds, if they are given."""
    if kinds is None:
        if rng.random() < FLAT_SHARE:
            return build_flat(rng)
        kinds = list(KINDS)
    weights = np.array([KINDS[kind] for kind in kinds])
    return (build_room(kinds[rng.choice(len(kinds), p=weights / weights.sum())], rng),)
