"""Our lights and sky as Cycles'.

As in `generation.rendering.shading`, radiance is pi times the physical one, so every light is stronger by that factor.
"""

import numpy as np

from generation.rendering.blender import nodes
from generation.rendering.blender.geometry import matrix
from generation.rendering.blender.materials import as_image
from generation.rendering.blender.session import blender
from generation.rendering.outdoors import Outdoors
from generation.rendering.shading import SUN_WIDTH
from generation.scenes.appearance import Appearance, Light


SKY_PX = (2048, 1024)
# The sun's disc is for the eye: mirrors show the light itself, and would find the disc too seldom to do without noise
MIRRORED_SKY = 1.5


def add_lights(scene, appearance: Appearance) -> None:
    """Add the sun, the area lights and the world around them."""
    for light in appearance.lights:
        scene.collection.objects.link(_light(light))
    scene.world = _world(appearance)


def _light(light: Light):
    bpy = blender()
    made = bpy.data.lights.new(light.kind, "SUN" if light.kind == "sun" else "AREA")
    made.color = light.color
    if light.kind == "sun":
        made.energy, made.angle = np.pi, 2 * np.arctan(SUN_WIDTH / 2)
    else:
        made.shape = "RECTANGLE"
        made.size, made.size_y = (max(extent, 1e-3) for extent in light.size_m)
        # A flat light of power P gives P / (pi d^2) at the distance d before it
        made.energy = np.pi**2
    placed = bpy.data.objects.new(light.kind, made)
    placed.visible_camera = False
    placed.matrix_world = matrix(_pose(light))
    return placed


def _pose(light: Light) -> np.ndarray:
    """Blender's lights shine along -z; their first extent is level."""
    back = -np.array(light.direction) / np.linalg.norm(light.direction)
    upright = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.7 else np.array([0.0, 1.0, 0.0])
    right = np.cross(upright, back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3] = np.column_stack([right, np.cross(back, right), back, light.position])
    return pose


def _world(appearance: Appearance):
    """What rays meet that leave the scene: the sky to the eye and to mirrors, the ambient light to all that is dull.

    What the sky sends through a window is one of the `lights`.
    """
    world = blender().data.worlds.new("sky")
    world.cycles.sampling_method = "NONE"  # shadow rays towards it could not tell which of the two is meant
    tree = world.node_tree
    tree.nodes.clear()
    picture = _all_around(Outdoors(appearance.sky, appearance.lights))
    settings = {"image": as_image("sky", picture), "interpolation": "Linear"}
    sky = nodes.Value(tree, nodes.node(tree, "ShaderNodeTexEnvironment", settings).outputs["Color"])
    path = nodes.node(tree, "ShaderNodeLightPath").outputs
    is_seen, is_dull = (nodes.Value(tree, path[name]) for name in ("Is Camera Ray", "Is Diffuse Ray"))
    color = nodes.blend(tree, nodes.blend(tree, sky.minimum(MIRRORED_SKY), sky, is_seen), appearance.ambient, is_dull)
    background = nodes.node(tree, "ShaderNodeBackground", Color=color)
    output = nodes.node(tree, "ShaderNodeOutputWorld")
    tree.links.new(background.outputs[0], output.inputs["Surface"])
    return world


def _all_around(outdoors: Outdoors) -> np.ndarray:
    """Linear radiance `(H, W, 3)` as Blender lays out such pictures: +x in the middle, the zenith last."""
    width, height = SKY_PX
    around, up = np.meshgrid(
        2 * np.pi * (0.5 - (np.arange(width) + 0.5) / width), np.pi * ((np.arange(height) + 0.5) / height - 0.5)
    )
    level = np.cos(up)
    directions = np.stack([level * np.cos(around), level * np.sin(around), np.sin(up)]).reshape(3, -1)
    return np.moveaxis(outdoors(directions.astype(np.float32)).reshape(3, height, width), 0, -1)
