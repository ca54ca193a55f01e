"""Our materials as Cycles' shaders."""

import numpy as np

from generation.rendering.blender import nodes
from generation.rendering.blender.geometry import TEXCOORDS
from generation.rendering.blender.nodes import Value
from generation.rendering.blender.patterns import PATTERNS, Finish, Nodes
from generation.rendering.blender.session import blender
from generation.rendering.materials import MaterialTable
from generation.rendering.pictures import PATTERNS as PICTURES
from generation.scenes.appearance import Appearance, Material


PICTURE_PX = 512
GLASS_IOR = 1.45


def make_materials(appearance: Appearance, faces: np.ndarray, table: MaterialTable) -> list:
    """One of Blender's materials for each of ours, in their order."""
    # A picture's width over its height is the third texture coordinate, on all faces of the material
    aspect = np.ones(len(appearance.materials))
    aspect[appearance.face_material] = appearance.vertex_texcoords[faces[:, 0], 2]
    return [_made(k, material, table, float(aspect[k])) for k, material in enumerate(appearance.materials)]


def _made(index: int, material: Material, table: MaterialTable, aspect: float):
    made = blender().data.materials.new(f"{material.pattern} {index}")
    tree = made.node_tree
    tree.nodes.clear()
    if material.pattern == "glass":
        surface = _pane(tree, material) if material.emission > 0 else _solid_glass(tree, material)
    elif material.pattern in PICTURES:
        surface = _opaque(tree, material, Finish(_picture(tree, index, table, aspect)))
    else:
        finish = PATTERNS[material.pattern](Nodes(tree, material)) if material.pattern in PATTERNS else None
        surface = _opaque(tree, material, finish or Finish(material.color))
    if table.lets_light_through[index]:
        # Window panes and lamp shades are opaque to the eye only: what they let through or give off is a `Light`
        is_shadow = nodes.node(tree, "ShaderNodeLightPath").outputs["Is Shadow Ray"]
        surface = _mixed(tree, is_shadow, surface, nodes.node(tree, "ShaderNodeBsdfTransparent"))
    output = nodes.node(tree, "ShaderNodeOutputMaterial")
    tree.links.new(surface.outputs[0], output.inputs["Surface"])
    return made


def _opaque(tree, material: Material, finish: Finish):
    """The more gloss, the smoother; from 0.5 on about as smooth as for the ray caster, which has no dull shine."""
    is_metal = material.pattern in ("metal", "mirror")
    roughness = 0.9 - 0.82 * material.gloss**0.5
    made = nodes.node(
        tree,
        "ShaderNodeBsdfPrincipled",
        **{
            "Base Color": finish.color,
            "Roughness": finish.roughness * roughness,
            "Metallic": 0.9 if is_metal else 0.0,
            "Specular IOR Level": min(0.5, material.gloss),
        },
    )
    if material.emission > 0:
        nodes.connect(tree, made.inputs["Emission Color"], finish.color)
        nodes.connect(tree, made.inputs["Emission Strength"], material.emission)
    if finish.height_m is not None:
        bump = nodes.node(tree, "ShaderNodeBump", Height=finish.height_m, Distance=1.0)
        tree.links.new(bump.outputs[0], made.inputs["Normal"])
    return made


def _pane(tree, material: Material):
    """A thin sheet before the world outside, brighter by its emission, that mirrors at grazing angles (Schlick)."""
    facing = Value(tree, nodes.node(tree, "ShaderNodeLayerWeight", Blend=0.5).outputs["Facing"])
    mirrored = 0.04 + 0.96 * facing.power(5.0)
    through = nodes.node(tree, "ShaderNodeBsdfTransparent", Color=(material.emission,) * 3)
    mirror = nodes.node(tree, "ShaderNodeBsdfGlossy", Roughness=0.0)
    return _mixed(tree, mirrored.socket, through, mirror)


def _solid_glass(tree, material: Material):
    tint = tuple(channel**0.25 for channel in material.color)
    return nodes.node(
        tree,
        "ShaderNodeBsdfPrincipled",
        **{"Base Color": tint, "Roughness": 0.02, "Transmission Weight": 1.0, "IOR": GLASS_IOR},
    )


def _mixed(tree, share, first, second):
    made = nodes.node(tree, "ShaderNodeMixShader")
    tree.links.new(share, made.inputs[0])
    tree.links.new(first.outputs[0], made.inputs[1])
    tree.links.new(second.outputs[0], made.inputs[2])
    return made


def _picture(tree, index: int, table: MaterialTable, aspect: float) -> Value:
    """A flat pattern, painted on a grid by the ray caster's own function."""
    width, height = (round(PICTURE_PX * min(1.0, side)) for side in (aspect, 1 / aspect))
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    count = width * height
    coords = np.stack([x.ravel(), y.ravel(), np.full(count, aspect)]).astype(np.float32)
    rgb = table.albedo(
        material=np.full(count, index),
        coords=coords,
        axis=np.full(count, 2),
        footprint_m=np.full(count, 1 / max(width, height), dtype=np.float32),
        view=np.tile(np.float32([[0], [1], [0]]), (1, count)),
    )
    image = as_image(f"picture {index}", np.moveaxis(rgb.reshape(3, height, width), 0, -1))
    settings = {"image": image, "interpolation": "Cubic", "extension": "EXTEND"}
    painted = nodes.node(tree, "ShaderNodeTexImage", settings, Vector=nodes.attribute(tree, TEXCOORDS))
    return Value(tree, painted.outputs["Color"])


def as_image(name: str, rgb: np.ndarray):
    """Blender's image of linear colours `(H, W, 3)`, the first row at the bottom."""
    height, width, _ = rgb.shape
    image = blender().data.images.new(name, width, height, float_buffer=True, is_data=True)
    rgba = np.concatenate([rgb, np.ones((height, width, 1))], axis=-1, dtype=np.float32)
    image.pixels.foreach_set(rgba.ravel())
    image.pack()
    return image
