"""Reads the files of a scan; whatever is wrong with one becomes a [`SceneError`] that names it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from generation.scenes.base import Frame, SceneError, SceneMesh


@contextmanager
def naming_scene(scene_name: str) -> Iterator[None]:
    """Put the scene's name before the message of an error."""
    try:
        yield
    except SceneError as error:
        raise SceneError(f"Scene {scene_name!r}: {error}") from error


def evenly_spaced(names: list, limit: int | None) -> list:
    """At most `limit` of `names`, at equal distances, in their order."""
    if limit is None or limit >= len(names):
        return names
    return [names[k * len(names) // limit] for k in range(limit)]


def require(path: Path, what: str) -> Path:
    """`path`, if there is such a file."""
    if not path.is_file():
        raise SceneError(f"{path} is missing. It holds {what}; copy it from the release again.")
    return path


def read_json(path: Path, what: str):
    """Content of a JSON file."""

    def distinct(pairs: list[tuple[str, object]]) -> dict:
        twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise SceneError(
                f"{path} has {twice[0]!r} twice, of which only one can count. Remove or rename the other."
            )
        return dict(pairs)

    file = require(path, what)
    try:
        return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=distinct)
    except SceneError:
        raise
    except (OSError, ValueError) as error:
        raise SceneError(f"{path} is not readable as JSON ({error}). It is damaged; copy it again.") from error


def read_mesh(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vertices `(V, 3)` in the file's own unit and order, and faces `(T, 3)`."""
    require(path, "the surfaces")
    try:
        mesh = trimesh.load(path, process=False)
        return np.array(mesh.vertices, dtype=np.float64), np.array(mesh.faces, dtype=np.int64)
    except Exception as error:  # trimesh's parsers raise whatever they stumble on
        raise SceneError(f"{path} is not readable as a triangle mesh ({error}). Copy it again.") from error


def check_photo(frame: Frame) -> None:
    """Check that the frame's photo is whole and has the size that its camera was calibrated for."""
    camera, path = frame.camera, require(frame.image_path, f"the photo of frame {frame.frame_id!r}")
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as photo:
            size = photo.size
            photo.draft("L", (size[0] // 8, size[1] // 8))  # reads the whole file, at a small part of the cost
            photo.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise SceneError(f"{path} is not readable as a photo ({error}). It is damaged; copy it again.") from error
    if size != (camera.width, camera.height):
        scale = size[0] / camera.width
        remedy = (
            f"Multiply its intrinsics by {scale:.4g}, or use the photos at the size of the calibration."
            if abs(size[1] / camera.height - scale) < 0.01 * scale
            else "The two do not even have one shape: give each photo its own calibration."
        )
        raise SceneError(
            f"{path} has {size[0]}x{size[1]} pixels, but its camera is calibrated for {camera.width}x{camera.height}. "
            f"{remedy}"
        )


def label_faces(
    vertices: np.ndarray, faces: np.ndarray, vertex_instance: np.ndarray, *, scanned: bool = True
) -> SceneMesh:
    """Mesh whose triangles belong to the instance that at least two of their corners have, else to none (0)."""
    corners = vertex_instance[faces]  # (T, 3)
    a, b, c = corners.T
    return SceneMesh(vertices, faces, np.where((a == b) | (a == c), a, np.where(b == c, b, 0)), scanned)
