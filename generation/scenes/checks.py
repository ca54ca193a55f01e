"""The conventions of DESIGN section 3, checked when a scene is loaded."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from dataset_builder.schema import SAFE_NAME
from generation.scenes.base import Scene, SceneError


ROTATION_TOLERANCE = 1e-4
MAX_EXTENT_M = 10_000.0

Fail = Callable[[str, str], SceneError]


def check_scene(scene: Scene) -> Scene:
    """Return `scene` if it keeps the conventions of DESIGN section 3.

    Raises:
        [`SceneError`]: for the first rule that is broken; the message names scene, frame or instance, finding, remedy.
    """
    surface = _check_points if scene.mesh is None else _check_mesh
    surfaces = (surface, _check_instances) if scene.drive is None else ()  # a drive has boxes instead
    for check in (_check_names, *surfaces, _check_frames):
        check(scene, _fail(scene))
    return scene


def check_frames(scene: Scene) -> None:
    """The part of `check_scene` that is about names and frames, for sources that need frames to find the surfaces."""
    for check in (_check_names, _check_frames):
        check(scene, _fail(scene))


def _fail(scene: Scene) -> Fail:
    return lambda found, remedy: SceneError(f"Scene {scene.scene_name!r}: {found}. {remedy}")


def _check_names(scene: Scene, fail: Fail) -> None:
    for kind, names in (("scene", [scene.scene_name]), ("frame", [frame.frame_id for frame in scene.frames])):
        for name in names:
            if not SAFE_NAME.match(name):
                raise fail(
                    f"the {kind} id {name!r} is not a plain file name", "Use letters, digits, '_', '-' and '.'."
                )
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise fail(f"the {kind} id {twice[0]!r} occurs more than once", "Give every frame its own id.")


def _check_mesh(scene: Scene, fail: Fail) -> None:
    mesh = scene.mesh
    if len(mesh.faces) == 0:
        raise fail("the mesh has no triangles", "Check that the mesh file is complete.")
    if mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices):
        raise fail(
            f"a triangle names vertex {mesh.faces.max()} of {len(mesh.vertices)}", "Check that the file is complete."
        )
    if len(mesh.face_instance) != len(mesh.faces):
        raise fail(
            f"{len(mesh.faces)} triangles but {len(mesh.face_instance)} instance ids", "Give one id a triangle."
        )
    if not np.isfinite(mesh.vertices).all():
        raise fail("the mesh has vertices that are not finite numbers", "Repair or re-export the mesh.")
    _check_extent("the mesh spans", mesh.vertices, fail)


def _check_points(scene: Scene, fail: Fail) -> None:
    if scene.points is None or not len(scene.points.points):
        raise fail("it has neither a mesh nor points", "Give it one of the two.")
    for frame in scene.frames:
        if frame.depth_path is None or frame.instance_path is None:
            raise fail(
                f"frame {frame.frame_id!r} has no depth or no instance ids", "Without a mesh, every frame needs both."
            )
    _check_extent("the points span", scene.points.points, fail)


def _check_extent(spans: str, points: np.ndarray, fail: Fail) -> None:
    extent = float(np.ptp(points, axis=0).max())
    if not 0.1 <= extent <= MAX_EXTENT_M:
        raise fail(f"{spans} {extent:.4g} m", "Coordinates must be metres; scale the scene at its source.")


def _check_instances(scene: Scene, fail: Fail) -> None:
    ids = [instance.instance_id for instance in scene.instances]
    for instance_id, count in Counter(ids).items():
        if instance_id < 1 or count > 1:
            raise fail(f"instance id {instance_id} occurs {count} time(s)", "Ids must be unique and at least 1.")
    for instance in scene.instances:
        if not instance.label.strip():
            raise fail(f"instance {instance.instance_id} has no label", "Label it, or leave it out of `instances`.")
    surface, part = ("mesh", "triangle") if scene.mesh is not None else ("points", "point")
    owner = scene.mesh.face_instance if scene.mesh is not None else scene.points.point_instance
    shown = set(np.unique(owner).tolist()) - {0}
    if shown != set(ids):
        odd = sorted(shown ^ set(ids))[0]
        where = f"in the {surface} but not in the list" if odd in shown else f"in the list but has no {part}"
        raise fail(f"instance {odd} is {where}", f"List exactly the instances of the {surface}.")


def _check_frames(scene: Scene, fail: Fail) -> None:
    if not scene.frames:
        raise fail("it has no frames", "Give it at least two posed frames, or leave it out of the run.")
    for frame in scene.frames:
        camera, where = frame.camera, f"frame {frame.frame_id!r}"
        pose, rotation = camera.world_from_cam, camera.world_from_cam[:3, :3]
        lens = camera.intrinsics if camera.distortion is None else np.append(camera.intrinsics, camera.distortion)
        if not np.isfinite(pose).all() or not np.isfinite(lens).all():
            raise fail(f"{where} has a pose or intrinsics that are not finite", "Drop frames whose tracking failed.")
        error = np.abs(rotation @ rotation.T - np.eye(3)).max()
        if error > ROTATION_TOLERANCE or np.linalg.det(rotation) < 0 or not np.allclose(pose[3], [0, 0, 0, 1]):
            raise fail(
                f"{where} has a pose that is not rigid (rotation error {error:.3g}, "
                f"determinant {np.linalg.det(rotation):.3g})",
                "`world_from_cam` must be a rotation and a translation, without scale or mirror.",
            )
        fx, fy = camera.intrinsics[0, 0], camera.intrinsics[1, 1]
        cx, cy = camera.intrinsics[0, 2], camera.intrinsics[1, 2]
        if camera.width < 1 or camera.height < 1 or min(fx, fy) <= 0:
            raise fail(
                f"{where} is {camera.width}x{camera.height} with focal lengths {fx}, {fy}", "All must be positive."
            )
        if not (0 < cx < camera.width and 0 < cy < camera.height):
            raise fail(
                f"{where} is {camera.width}x{camera.height} but its principal point is ({cx:.1f}, {cy:.1f})",
                "Intrinsics must be in pixels of the stored image; scale them with it.",
            )
