"""A scene's mesh and cameras, as Blender's."""

import numpy as np

from generation.geometry import Camera
from generation.rendering.blender.session import blender
from generation.scenes.base import Scene, SceneError


# Attributes of the mesh that shaders read
TEXCOORDS, IN_PLANE, INSTANCE = "texcoords", "in_plane", "instance"
# Blender's cameras look along -z with y up, ours along z with y down
OPENGL_FROM_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
SENSOR_MM = 36.0


def add_mesh(collection, scene: Scene, axis: np.ndarray, materials: list) -> None:
    """Add the scene's mesh as one object whose attributes shaders can read.

    Args:
        collection (`bpy.types.Collection`).
        scene ([`Scene`]).
        axis (`np.ndarray` of shape `(T,)`): the texture axis that each face faces most.
        materials (`list` of `bpy.types.Material`): in the order of the appearance.
    """
    bpy, appearance, source = blender(), scene.appearance, scene.mesh
    texcoords = appearance.vertex_texcoords.astype(np.float32)
    mesh = bpy.data.meshes.new("scene")
    count = len(source.faces)
    mesh.vertices.add(len(source.vertices))
    mesh.vertices.foreach_set("co", source.vertices.astype(np.float32).ravel())
    mesh.loops.add(3 * count)
    mesh.loops.foreach_set("vertex_index", source.faces.astype(np.int32).ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    for material in materials:
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", appearance.face_material.astype(np.int32))
    for name, kind, domain, field, values in (
        (TEXCOORDS, "FLOAT_VECTOR", "POINT", "vector", texcoords),
        (IN_PLANE, "FLOAT_VECTOR", "CORNER", "vector", _in_plane(texcoords[source.faces], axis)),
        (INSTANCE, "INT", "FACE", "value", source.face_instance.astype(np.int32)),
    ):
        mesh.attributes.new(name, kind, domain).data.foreach_set(field, values.ravel())
    mesh.update(calc_edges=True)
    mesh.normals_split_custom_set_from_vertices(appearance.vertex_normals.astype(np.float32))
    collection.objects.link(bpy.data.objects.new("scene", mesh))


def _in_plane(corners: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Texture coordinates within each face, and 0, `(T, 3, 3)`: (x, y) on floors, (x, z) or (y, z) on walls."""
    x, y, z = np.moveaxis(corners, -1, 0)  # (T, 3)
    axis = axis[:, None]
    return np.stack([np.where(axis == 0, y, x), np.where(axis == 2, y, z), np.zeros_like(x)], axis=-1)


def matrix(values: np.ndarray):
    """Blender's matrix of a `(4, 4)` array."""
    from mathutils import Matrix  # comes with bpy

    return Matrix(values.tolist())


def add_camera(scene):
    """A camera for `aim`."""
    bpy = blender()
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit, lens.sensor_width = "HORIZONTAL", SENSOR_MM
    lens.clip_start, lens.clip_end = 1e-3, 1e5
    scene.camera = bpy.data.objects.new("camera", lens)
    scene.collection.objects.link(scene.camera)


def aim(scene, camera: Camera) -> None:
    """Give Blender's camera the pose, intrinsics and image size of ours.

    The principal point becomes the lens shift, unequal focal lengths the aspect of the pixels.

    Raises:
        [`SceneError`]: for lens distortion or skew, which Blender's camera has not.
    """
    if camera.distortion is not None or camera.intrinsics[0, 1] != 0:
        raise SceneError(
            "The renderer 'blender' knows pinhole cameras without skew only, and this one has "
            f"distortion {camera.distortion} and skew {camera.intrinsics[0, 1]}. Use the renderer 'raycast'."
        )
    (fx, _, cx), (_, fy, cy), _ = camera.intrinsics.tolist()
    render, lens = scene.render, scene.camera.data
    render.resolution_x, render.resolution_y = camera.width, camera.height
    # Aspects below 1 are not allowed: the wider side of a pixel has the other one as its unit
    render.pixel_aspect_x, render.pixel_aspect_y = max(1.0, fy / fx), max(1.0, fx / fy)
    lens.lens = fx / camera.width * SENSOR_MM
    # In widths of the image; a shift to the right or up moves the picture to the left or down
    lens.shift_x = (camera.width / 2 - cx) / camera.width
    lens.shift_y = (cy - camera.height / 2) / camera.width * (fx / fy)
    pose = camera.world_from_cam @ OPENGL_FROM_OPENCV
    scene.camera.matrix_world = matrix(pose)
