"""Procedural outdoor scenes: seeded streets that need no scans and no licence."""

from dataclasses import replace

from generation.rng import stage_rng
from generation.scenes.base import Scene, SceneError
from generation.scenes.procedural.assemble import assemble
from generation.scenes.streets.buildings import build_rows
from generation.scenes.streets.cameras import take_photos
from generation.scenes.streets.furnish import furnish
from generation.scenes.streets.ground import build_ground
from generation.scenes.streets.light import draw_daylight
from generation.scenes.streets.plan import draw_plan


class StreetSource:
    """Streets `street_00000`, `street_00001`, ...; each depends on `seed` and its own name alone.

    Args:
        seed (`int`): fixes all streets.
        num_scenes (`int`): how many streets there are.
        frames_per_scene (`int`, *optional*, defaults to 24): frames of each street, from a car and from the pavements.
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
        return [f"street_{k:05d}" for k in range(self.num_scenes)]

    def load(self, scene_name: str) -> Scene:
        """Build the street of this name.

        Raises:
            [`SceneError`]: if the source has no such street, or it has no place for a camera.
        """
        if scene_name not in self.scene_names():
            raise SceneError(
                f"Scene {scene_name!r} is not one of the {self.num_scenes} streets. "
                f"Use a name from street_00000 to {self.scene_names()[-1]}."
            )
        plan, light = (draw(stage_rng(self.seed, scene_name, stage))
                       for draw, stage in ((draw_plan, "plan"), (draw_daylight, "light")))  # fmt: skip
        houses = build_rows(plan, light.is_dusk, stage_rng(self.seed, scene_name, "buildings"))
        ground = build_ground(plan, stage_rng(self.seed, scene_name, "ground"))
        structure = [*ground, *(house.placement for house in houses)]
        things = furnish(plan, houses, light.is_dusk, stage_rng(self.seed, scene_name, "layout"))
        mesh, instances, appearance = assemble((*structure, *things), light.lights, light.ambient)
        rng = stage_rng(self.seed, scene_name, "photos")
        try:
            frames = take_photos(plan, things, mesh, self.frames_per_scene, self.size, rng)
        except SceneError as error:
            raise SceneError(f"Scene {scene_name!r}: {error}") from error
        appearance = replace(appearance, sky=light.sky, sensor=light.sensor)
        return Scene("streets", "outdoor", scene_name, mesh, instances, frames, appearance)
