from dataclasses import replace

import numpy as np
import pytest

from generation.geometry import Camera, look_at
from generation.scenes.base import Frame, Instance, Scene, SceneError, SceneMesh
from generation.scenes.checks import check_scene


def make_scene() -> Scene:
    """A tetrahedron of 1 m, seen from 3 m."""
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    intrinsics = np.array([[500.0, 0, 320], [0, 500.0, 240], [0, 0, 1]])
    pose = look_at(np.array([3.0, 0.2, 1.0]), np.array([0.3, 0.3, 0.3]))
    frames = tuple(Frame(f"frame_{k:06d}", Camera(640, 480, intrinsics, pose)) for k in (0, 10))
    mesh = SceneMesh(vertices, faces, np.array([1, 1, 2, 2]))
    return Scene("test", "indoor", "room_00000", mesh, (Instance(1, "chair"), Instance(2, "table")), frames)


def with_camera(scene: Scene, **changes) -> Scene:
    first = replace(scene.frames[0], camera=replace(scene.frames[0].camera, **changes))
    return replace(scene, frames=(first, *scene.frames[1:]))


def with_pose(scene: Scene, rotation: np.ndarray) -> Scene:
    pose = scene.frames[0].camera.world_from_cam.copy()
    pose[:3, :3] = pose[:3, :3] @ rotation
    return with_camera(scene, world_from_cam=pose)


def with_principal_point(scene: Scene, x: float, y: float) -> Scene:
    intrinsics = scene.frames[0].camera.intrinsics.copy()
    intrinsics[:2, 2] = x, y
    return with_camera(scene, intrinsics=intrinsics)


def test_good_scene_passes_unchanged():
    scene = make_scene()
    assert check_scene(scene) is scene


@pytest.mark.parametrize("name", ["../room", "a/b", "", ".hidden", "room 1", "room\n", "-rf", "a\\b"])
def test_names_must_be_plain(name):
    with pytest.raises(SceneError, match="the scene id .* is not a plain file name"):
        check_scene(replace(make_scene(), scene_name=name))
    scene = make_scene()
    frames = (replace(scene.frames[0], frame_id=name), scene.frames[1])
    with pytest.raises(SceneError, match="the frame id .* is not a plain file name"):
        check_scene(replace(scene, frames=frames))


def test_frame_ids_must_differ():
    scene = make_scene()
    with pytest.raises(SceneError, match="frame id 'frame_000000' occurs more than once"):
        check_scene(replace(scene, frames=(scene.frames[0], scene.frames[0])))


@pytest.mark.parametrize(
    ("rotation", "message"),
    [
        (np.diag([-1.0, 1, 1]), "not rigid .*determinant -1"),
        (2 * np.eye(3), "not rigid .*determinant 8"),
        (np.array([[1, 0.01, 0], [0, 1, 0], [0, 0, 1]]), "not rigid"),
        (np.full((3, 3), np.nan), "not finite"),
    ],
    ids=["mirrored", "scaled", "sheared", "nan"],
)
def test_poses_must_be_rigid(rotation, message):
    with pytest.raises(SceneError, match=f"Scene 'room_00000': frame 'frame_000000' has a pose.*{message}"):
        check_scene(with_pose(make_scene(), rotation))


def test_pose_must_have_a_homogeneous_last_row():
    pose = make_scene().frames[0].camera.world_from_cam.copy()
    pose[3] = [0, 0, 1, 1]
    with pytest.raises(SceneError, match="not rigid"):
        check_scene(with_camera(make_scene(), world_from_cam=pose))


@pytest.mark.parametrize(("x", "y"), [(700.0, 240.0), (320.0, -1.0), (0.0, 240.0), (320.0, 480.0)])
def test_principal_point_must_lie_in_the_image(x, y):
    with pytest.raises(SceneError, match="its principal point is .*pixels of the stored image"):
        check_scene(with_principal_point(make_scene(), x, y))


def test_distortion_must_be_numbers():
    with pytest.raises(SceneError, match="pose or intrinsics that are not finite"):
        check_scene(with_camera(make_scene(), distortion=np.array([0.1, np.nan, 0, 0])))


def test_focal_lengths_must_be_positive():
    intrinsics = np.diag([-500.0, 500.0, 1.0])
    intrinsics[:2, 2] = 320, 240
    with pytest.raises(SceneError, match="640x480 with focal lengths -500.0, 500.0"):
        check_scene(with_camera(make_scene(), intrinsics=intrinsics))


def test_scene_needs_frames():
    with pytest.raises(SceneError, match="it has no frames"):
        check_scene(replace(make_scene(), frames=()))


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ((Instance(1, "chair"), Instance(1, "table")), "instance id 1 occurs 2"),
        ((Instance(0, "chair"), Instance(2, "table")), "instance id 0 occurs 1"),
        ((Instance(1, "chair"), Instance(2, "  ")), "instance 2 has no label"),
        ((Instance(1, "chair"),), "instance 2 is in the mesh but not in the list"),
        ((Instance(1, "chair"), Instance(2, "table"), Instance(3, "lamp")), "instance 3 is in the list but has no"),
    ],
)
def test_instances_must_match_the_mesh(instances, message):
    with pytest.raises(SceneError, match=message):
        check_scene(replace(make_scene(), instances=instances))


@pytest.mark.parametrize(
    ("scale", "message"),
    [(1e-3, "spans 0.001 m. Coordinates must be metres"), (1e6, "spans 1e\\+06 m"), (np.nan, "not finite")],
)
def test_mesh_must_be_in_metres(scale, message):
    mesh = make_scene().mesh
    with pytest.raises(SceneError, match=message):
        check_scene(replace(make_scene(), mesh=replace(mesh, vertices=mesh.vertices * scale)))


def test_mesh_must_have_triangles():
    mesh = SceneMesh(np.zeros((0, 3)), np.zeros((0, 3), dtype=int), np.zeros(0, dtype=int))
    with pytest.raises(SceneError, match="the mesh has no triangles"):
        check_scene(replace(make_scene(), mesh=mesh))


def test_triangles_must_name_existing_vertices():
    mesh = make_scene().mesh
    with pytest.raises(SceneError, match="names vertex 4 of 4"):
        check_scene(replace(make_scene(), mesh=replace(mesh, faces=np.where(mesh.faces == 3, 4, mesh.faces))))


def test_every_triangle_needs_one_instance_id():
    mesh = make_scene().mesh
    with pytest.raises(SceneError, match="4 triangles but 3 instance ids"):
        check_scene(replace(make_scene(), mesh=replace(mesh, face_instance=mesh.face_instance[:3])))
