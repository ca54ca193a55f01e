"""Photos of scenes. `RENDERERS` maps each renderer's name to its maker; a further one is a function and a line."""

from collections.abc import Callable


def _raycast(scene):
    from generation.rendering.renderer import SceneRenderer

    return SceneRenderer(scene)


def _blender(scene):
    from generation.rendering.blender.renderer import BlenderRenderer

    return BlenderRenderer(scene)


# Imported when asked for: the ray caster is needed by those who make scenes, Blender only by those who want its photos
RENDERERS: dict[str, Callable] = {"raycast": _raycast, "blender": _blender}
