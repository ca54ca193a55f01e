"""The last step of a scene: the rows and the images of what it is asked, kept in the work folder."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np

from dataset_builder.collector import collector_paused
from dataset_builder.photos import Photo
from dataset_builder.raw import RawScene, read_raw_scene, write_raw_scene
from dataset_builder.schema import LETTERS
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import SceneAnnotation
from generation.draw import asked_path
from generation.proposals import proposals_key
from generation.question_files import unpack
from generation.rendering import RENDERERS
from generation.rendering.tone import encode_jpeg
from generation.rng import stage_rng
from generation.rows import build_row
from generation.sampling import ViewSet
from generation.scenes import open_source
from generation.scenes.base import Scene
from generation.scenes.checks import check_scene
from generation.settings import GenerateSettings
from generation.tasks import ASK
from generation.tasks.base import View
from generation.tasks.proposed import ASKED, NONE, QUESTION_TYPES, as_asked


# Part of every raw scene's key: raise it when the same questions give other rows or pixels
VERSION = 6


def make_scene(settings: GenerateSettings, name: str) -> RawScene:
    """Rows and images of what one scene is asked, read from the work folder when they are there."""
    path = asked_path(settings, name)
    packed = path.read_bytes()
    found = find_scene(settings, name, packed)
    if found is not None:
        return found
    scene = check_scene(open_source(settings).load(name))
    annotation = cached_annotation(scene, settings.seed, settings.work_dir / "annotations")
    rows = build_rows(annotation, unpack(packed, path, ASKED), settings.seed)
    counts = {kind: {"kept": count} for kind, count in sorted(Counter(row["question_type"] for row in rows).items())}
    with_pixels = settings.pixels and scene.redistributable
    shown = sorted({frame for row in rows for frame in row["frames"]}) if with_pixels else []
    images = render_frames(scene, shown, settings.seed, settings.renderer)
    photos = {} if scene.redistributable else photos_of(scene, {frame for row in rows for frame in row["frames"]})
    return write_raw_scene(_folder(settings, name), _key(settings, name, packed), rows, images, counts, photos)


def find_scene(settings: GenerateSettings, name: str, packed: bytes) -> RawScene | None:
    """What `make_scene` left of a scene that is asked the `packed` questions, or `None`."""
    return read_raw_scene(_folder(settings, name), _key(settings, name, packed))


@collector_paused()
def build_rows(annotation: SceneAnnotation, asked: np.ndarray, seed: int) -> list[dict]:
    """The rows of a scene's questions (`tasks.proposed.ASKED`), without images."""
    rng, rows, views = stage_rng(seed, annotation.scene_name, "options"), [], {}
    for one in as_asked(asked):
        frames, kind = tuple(f for f in one.frames if f != NONE), QUESTION_TYPES[one.question_type]
        if frames not in views:
            views[frames] = View(annotation, ViewSet.of(frames, annotation.overlap))
        question = ASK[kind](views[frames], kind, one)
        if one.letter != NONE:
            question = question._replace(letter=LETTERS[one.letter])
        rows.append(build_row(views[frames], question, rng))
    return rows


def photos_of(scene: Scene, frame_ids: set[str]) -> dict[str, Photo]:
    """What the photos of these frames are like, by id."""
    if scene.drive is not None:
        return {frame_id: Photo.of(data) for frame_id, data in sorted(scene.drive.photos(frame_ids).items())}
    shown = [frame for frame in scene.frames if frame.frame_id in frame_ids and frame.image_path is not None]
    return {frame.frame_id: Photo.of(frame.image_path.read_bytes()) for frame in shown}


def render_frames(scene: Scene, frame_ids: list[str], seed: int, renderer_name: str = "raycast") -> dict[str, bytes]:
    """JPEG bytes of the frames, by id: the source's own file where it has one, else rendered."""
    renderer = RENDERERS[renderer_name](scene) if scene.appearance is not None and frame_ids else None
    images = {}
    for frame in scene.frames:
        if frame.frame_id not in frame_ids:
            continue
        if frame.image_path is not None:
            images[frame.frame_id] = frame.image_path.read_bytes()
        else:
            rng = stage_rng(seed, scene.scene_name, "render", frame.frame_id)
            images[frame.frame_id] = encode_jpeg(renderer.render(frame.camera, rng).rgb)
    return images


def _folder(settings: GenerateSettings, name: str) -> Path:
    return settings.work_dir / "scenes" / name


def _key(settings: GenerateSettings, name: str, packed: bytes) -> str:
    depends_on = (VERSION, proposals_key(settings, name), settings.pixels, settings.renderer)
    return hashlib.sha256(repr(depends_on).encode() + packed).hexdigest()
