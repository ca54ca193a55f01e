"""Procedural indoor scenes: seeded rooms that need no scans and no licence."""

from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.room import build_room
from generation.scenes.procedural.themes import furnish
from generation.scenes.procedural.walk import walk


class ProceduralSource:
    """Furnished rooms `room_00000`, `room_00001`, ...; each depends on `seed` and its own name alone.

    Args:
        seed (`int`): fixes all rooms.
        num_scenes (`int`): how many rooms there are.
        frames_per_scene (`int`, *optional*, defaults to 24): frames of each room's walk.
        width (`int`, *optional*, defaults to 640): columns of the images, in pixels.
        height (`int`, *optional*, defaults to 480): rows of the images, in pixels.

    Raises:
        [`SceneError`]: if a count or size is less than 1.
    """

    def __init__(self, seed: int, num_scenes: int, frames_per_scene: int = 24, width: int = 640, height: int = 480):
        given = {"num_scenes": num_scenes, "frames_per_scene": frames_per_scene, "width": width, "height": height}
        for name, value in given.items():
            if value < 1:
                raise SceneError(f"`{name}` is {value}. It must be at least 1.")
        self.seed = seed
        self.num_scenes = num_scenes
        self.frames_per_scene = frames_per_scene
        self.size = (width, height)

    def scene_names(self) -> list[str]:
        return [f"room_{k:05d}" for k in range(self.num_scenes)]

    def load(self, scene_name: str) -> Scene:
        """Build the room of this name.

        Raises:
            [`SceneError`]: if the source has no such room, or too little fits into it.
        """
        if scene_name not in self.scene_names():
            raise SceneError(
                f"Scene {scene_name!r} is not one of the {self.num_scenes} procedural rooms. "
                f"Use a name from room_00000 to {self.scene_names()[-1]}."
            )
        room = build_room(stage_rng(self.seed, scene_name, "room"))
        try:
            furniture = furnish(room, stage_rng(self.seed, scene_name, "layout"))
            mesh, instances, appearance = assemble((*room.structure, *furniture), room.lights, room.ambient)
            rng = stage_rng(self.seed, scene_name, "walk")
            frames = walk(room, furniture, mesh, self.frames_per_scene, self.size, rng)
        except SceneError as error:
            raise SceneError(f"Scene {scene_name!r}: {error}") from error
        return Scene("procedural", "indoor", scene_name, mesh, instances, frames, appearance)
