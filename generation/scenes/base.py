"""The contract between a scene source and everything after it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from generation.geometry import Camera, OrientedBox
from generation.scenes.appearance import Appearance


if TYPE_CHECKING:
    from generation.scenes.waymo.drive import Drive


class SceneError(ValueError):
    """A scene that breaks a rule; the message names the scene, the finding and the remedy."""


@dataclass(frozen=True, eq=False)
class SceneMesh:
    """All surfaces of a scene.

    Args:
        vertices (`np.ndarray` of shape `(V, 3)`): metres, world.
        faces (`np.ndarray` of shape `(T, 3)`): vertex indices.
        face_instance (`np.ndarray` of shape `(T,)`): id of the instance of each triangle, 0 where it has none.
        scanned (`bool`): surfaces were captured and may have holes, through which things are seen that are hidden.
    """

    vertices: np.ndarray
    faces: np.ndarray
    face_instance: np.ndarray
    scanned: bool = False


@dataclass(frozen=True, eq=False)
class ScenePoints:
    """The surfaces of a scene without a mesh: points that depth images show, fused over all frames.

    Sides that no frame saw are not there. `generation.scenes.fusion` makes them.

    Args:
        points (`np.ndarray` of shape `(P, 3)`): metres, world.
        point_instance (`np.ndarray` of shape `(P,)`): id of the instance of each point, 0 where it has none.
        spacing_m (`np.ndarray` of shape `(P,)`): distance to the next points of the same surface.
        seen_by (`np.ndarray` of shape `(P, 2)`): `bool`, whether some even and some odd frame shows the point. Two
            halves of the frames that know nothing of each other tell how far the points can be trusted.
        views (`dict[int, int]`): number of frames that show each instance.
    """

    points: np.ndarray
    point_instance: np.ndarray
    spacing_m: np.ndarray
    seen_by: np.ndarray
    views: dict[int, int]


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
        depth_path (`Path`, *optional*): the sensor's depth along camera Z, a 16-bit PNG in millimetres with 0 where it
            has none; it covers the same view as the image, at any resolution.
        instance_path (`Path`, *optional*): id of the instance that each pixel of the image shows, a PNG of the image's
            size with 0 where it shows none. Scenes without a mesh need it, and `depth_path`, for every frame.
    """

    frame_id: str
    camera: Camera
    image_path: Path | None = None
    depth_path: Path | None = None
    instance_path: Path | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A place, its objects and its photos.

    Args:
        source (`str`): name of the source, e.g. `"procedural"`.
        domain (`str`): `"indoor"` or `"outdoor"`.
        scene_name (`str`): unique in the source.
        mesh ([`SceneMesh`], *optional*): `None` for a scene of `points`.
        instances (`tuple` of [`Instance`]): ordered by id.
        frames (`tuple` of [`Frame`]): in no particular order.
        appearance ([`Appearance`], *optional*): present when the frames are to be rendered.
        redistributable (`bool`): whether a dataset may hold the photos; where it may not, rows are written without.
        left_out (`dict[str, int]`): what the source had and the scene lacks, counted by reason, for the reject table.
        points ([`ScenePoints`], *optional*): the surfaces where there is no mesh.
        drive ([`Drive`], *optional*): boxes and lidar points, where nothing else is known of the surfaces.
    """

    source: str
    domain: str
    scene_name: str
    mesh: SceneMesh | None
    instances: tuple[Instance, ...]
    frames: tuple[Frame, ...]
    appearance: Appearance | None = None
    redistributable: bool = True
    left_out: dict[str, int] = field(default_factory=dict)
    points: ScenePoints | None = None
    drive: "Drive | None" = None

    @cached_property
    def boxes(self) -> dict[int, OrientedBox]:
        """Upright box of every instance, by instance id."""
        return {instance.instance_id: OrientedBox.from_points(self.points_of(instance.instance_id))
                for instance in self.instances}  # fmt: skip

    def faces_of(self, instance_id: int) -> np.ndarray:
        """Triangles `(t, 3)` of one instance, as indices into `mesh.vertices`."""
        return self.mesh.faces[self.mesh.face_instance == instance_id]

    def points_of(self, instance_id: int) -> np.ndarray:
        """Vertices, or fused points, `(v, 3)` of one instance, metres, world."""
        if self.mesh is None:
            return self.points.points[self.points.point_instance == instance_id]
        return self.mesh.vertices[np.unique(self.faces_of(instance_id))]


class SceneSource(Protocol):
    """Where scenes come from. A further source is one file with this interface and one line in `SOURCES`."""

    def scene_names(self) -> list[str]:
        """All scenes of the source, in a fixed order."""

    def load(self, scene_name: str) -> Scene:
        """One scene, already in the conventions of `generation.geometry`."""


@runtime_checkable
class ReadsFiles(Protocol):
    """What a source has whose scenes are files that their owner may change between two runs."""

    def scene_folder(self, scene_name: str) -> Path:
        """Folder of all files that `load` reads for the scene."""


@runtime_checkable
class SharesFolders(Protocol):
    """What such a source has instead whose folders hold files of many scenes."""

    def scene_files(self, scene_name: str) -> list[Path]:
        """All files that `load` reads for the scene."""


@runtime_checkable
class FixesSplits(Protocol):
    """What a source has that comes with lists of its splits."""

    def splits(self) -> dict[str, str]:
        """Split of every listed scene; the others are drawn at random."""
