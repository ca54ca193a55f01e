"""The contract between a scene source and everything after it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from dataset_builder.schema import SAFE_NAME
from generation.geometry import Camera, OrientedBox


ROTATION_TOLERANCE = 1e-4
MAX_EXTENT_M = 10_000.0


class SceneError(ValueError):
    """A scene that breaks a rule; the message names the scene, the finding and the remedy."""


@dataclass(frozen=True, eq=False)
class SceneMesh:
    """All surfaces of a scene.

    Args:
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        face_instance (`np.ndarray` of shape `(T,)`): id of the instance of each triangle, 0 where it has none.
    """

    vertices: np.ndarray
    faces: np.ndarray
    face_instance: np.ndarray


@dataclass(frozen=True)
class Instance:
    """One labelled object.

    Args:
        instance_id (`int`): unique in the scene, at least 1.
        label (`str`): singular noun, lower case, e.g. `"office chair"`.
        is_structure (`bool`): walls, floors, doors and whatever else is never asked about (ANNOTATION section 1).
    """

    instance_id: int
    label: str
    is_structure: bool = False


@dataclass(frozen=True, eq=False)
class Frame:
    """One photo of the scene.

    Args:
        frame_id (`str`): unique in the scene, e.g. `"frame_000120"`.
        camera ([`Camera`]): intrinsics and pose, in pixels of the stored image.
        image_path (`Path`, *optional*): the stored image; `None` when the image is to be rendered.
    """

    frame_id: str
    camera: Camera
    image_path: Path | None = None


@dataclass(frozen=True)
class Material:
    """How a surface looks; `generation.rendering.materials` knows the patterns.

    Args:
        pattern (`str`): `"plain"`, `"wood"`, `"fabric"`, `"tile"`, ...
        color (`tuple` of 3 `float`): linear RGB albedo in [0, 1].
        accent (`tuple` of 3 `float`): second colour of the pattern, linear RGB.
        scale_m (`float`): length of one repeat of the pattern, metres.
        gloss (`float`): strength of the specular highlight in [0, 1].
        emission (`float`): light given off, as a factor on `color`; 0 for everything but lamps and screens.
        seed (`int`): picks one of the pattern's variants, e.g. which picture hangs in the frame.
    """

    pattern: str
    color: tuple[float, float, float]
    accent: tuple[float, float, float] = (0.5, 0.5, 0.5)
    scale_m: float = 0.1
    gloss: float = 0.0
    emission: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Light:
    """A light.

    Args:
        kind (`str`): `"sun"` (parallel rays along `direction`) or `"area"` (a horizontal or vertical rectangle).
        position (`tuple` of 3 `float`): centre of an area light, metres, world; unused for the sun.
        direction (`tuple` of 3 `float`): unit vector in which the light shines.
        size_m (`tuple` of 2 `float`): extents of an area light; unused for the sun.
        color (`tuple` of 3 `float`): linear RGB radiant intensity: irradiance on a facing surface is `color` for the
            sun and `color / distance**2` for an area light.
    """

    kind: str
    position: tuple[float, float, float]
    direction: tuple[float, float, float]
    size_m: tuple[float, float]
    color: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Appearance:
    """What the renderer needs beyond geometry; sources with photos have none.

    Args:
        materials (`tuple` of [`Material`]).
        face_material (`np.ndarray` of shape `(T,)`): index into `materials`.
        vertex_normals (`np.ndarray` of shape `(V, 3)`): unit shading normals, world; vertices are split at creases.
        vertex_texcoords (`np.ndarray` of shape `(V, 3)`): coordinates of the vertex in its part's own frame, metres,
            so that solid patterns (wood grain) stick to the object. For flat pictures x runs right and y up, both in
            [0, 1], and z is the picture's width over its height.
        lights (`tuple` of [`Light`]).
        ambient (`tuple` of 3 `float`): linear RGB irradiance from everywhere, dimmed by ambient occlusion.
    """

    materials: tuple[Material, ...]
    face_material: np.ndarray
    vertex_normals: np.ndarray
    vertex_texcoords: np.ndarray
    lights: tuple[Light, ...]
    ambient: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Scene:
    """A place, its objects and its photos.

    Args:
        source (`str`): name of the source, e.g. `"procedural"`.
        domain (`str`): `"indoor"` or `"outdoor"`.
        scene_name (`str`): unique in the source.
        mesh ([`SceneMesh`]).
        instances (`tuple` of [`Instance`]): ordered by id.
        frames (`tuple` of [`Frame`]): in no particular order.
        appearance ([`Appearance`], *optional*): present when the frames are to be rendered.
    """

    source: str
    domain: str
    scene_name: str
    mesh: SceneMesh
    instances: tuple[Instance, ...]
    frames: tuple[Frame, ...]
    appearance: Appearance | None = None

    @cached_property
    def boxes(self) -> dict[int, OrientedBox]:
        """Upright box of every instance, by instance id."""
        return {instance.instance_id: OrientedBox.from_points(self.points_of(instance.instance_id))
                for instance in self.instances}  # fmt: skip

    def faces_of(self, instance_id: int) -> np.ndarray:
        """Triangles `(t, 3)` of one instance, as indices into `mesh.vertices`."""
        return self.mesh.faces[self.mesh.face_instance == instance_id]

    def points_of(self, instance_id: int) -> np.ndarray:
        """Vertices `(v, 3)` of one instance, metres, world."""
        return self.mesh.vertices[np.unique(self.faces_of(instance_id))]


class SceneSource(Protocol):
    """Where scenes come from. A further source is one file with this interface and one line in `SOURCES`."""

    def scene_names(self) -> list[str]:
        """All scenes of the source, in a fixed order."""

    def load(self, scene_name: str) -> Scene:
        """One scene, already in the conventions of `generation.geometry`."""


def check_scene(scene: Scene) -> Scene:
    """Return `scene` if it keeps the conventions of DESIGN section 3.

    Raises:
        [`SceneError`]: for the first rule that is broken; the message names scene, frame or instance, finding, remedy.
    """
    for check in (_check_names, _check_mesh, _check_instances, _check_frames):
        check(scene, lambda found, remedy: SceneError(f"Scene {scene.scene_name!r}: {found}. {remedy}"))
    return scene


Fail = Callable[[str, str], SceneError]


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
    extent = float(np.ptp(mesh.vertices, axis=0).max())
    if not 0.1 <= extent <= MAX_EXTENT_M:
        raise fail(f"the mesh spans {extent:.4g} m", "Coordinates must be metres; scale the scene at its source.")


def _check_instances(scene: Scene, fail: Fail) -> None:
    ids = [instance.instance_id for instance in scene.instances]
    for instance_id, count in Counter(ids).items():
        if instance_id < 1 or count > 1:
            raise fail(f"instance id {instance_id} occurs {count} time(s)", "Ids must be unique and at least 1.")
    for instance in scene.instances:
        if not instance.label.strip():
            raise fail(f"instance {instance.instance_id} has no label", "Label it, or leave it out of `instances`.")
    meshed = set(np.unique(scene.mesh.face_instance).tolist()) - {0}
    if meshed != set(ids):
        odd = sorted(meshed ^ set(ids))[0]
        where = "in the mesh but not in the list" if odd in meshed else "in the list but has no triangle"
        raise fail(f"instance {odd} is {where}", "List exactly the instances that the mesh shows.")


def _check_frames(scene: Scene, fail: Fail) -> None:
    if not scene.frames:
        raise fail("it has no frames", "Give it at least two posed frames, or leave it out of the run.")
    for frame in scene.frames:
        camera, where = frame.camera, f"frame {frame.frame_id!r}"
        pose, rotation = camera.world_from_cam, camera.world_from_cam[:3, :3]
        if not np.isfinite(pose).all() or not np.isfinite(camera.intrinsics).all():
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
