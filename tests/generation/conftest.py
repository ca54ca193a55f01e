"""Captures (photos, depth, instance ids, poses in nerfstudio's form) of scenes whose surfaces are known."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.rendering.raycast import RayCaster
from generation.scenes.base import Scene
from generation.scenes.procedural.source import ProceduralSource


OPENGL_FROM_OPENCV = np.diag([1.0, -1, -1, 1])


def _write_capture(folder: Path, scene: Scene) -> dict:
    """Write what a perfect sensor and annotator would give of `scene`'s frames; return `transforms.json`."""
    for name in ("images", "depth", "instance"):
        (folder / name).mkdir(parents=True)
    caster, entries = RayCaster(scene.mesh.vertices, scene.mesh.faces), []
    for number, frame in enumerate(scene.frames):
        camera = frame.camera
        hits = caster.cast(*camera.rays())
        ids = np.where(hits.face < 0, 0, scene.mesh.face_instance[hits.face])
        depth_mm = np.where(np.isfinite(hits.t), np.round(1000 * hits.t), 0)
        shape = (camera.height, camera.width)
        photo = np.full((*shape, 3), 20 * number, dtype=np.uint8)
        Image.fromarray(photo).save(folder / f"images/{frame.frame_id}.jpg")
        Image.fromarray(depth_mm.astype(np.uint16).reshape(shape)).save(folder / f"depth/{frame.frame_id}.png")
        Image.fromarray(ids.astype(np.uint16).reshape(shape)).save(folder / f"instance/{frame.frame_id}.png")
        entries.append(
            {
                "file_path": f"images/{frame.frame_id}.jpg",
                "depth_file_path": f"depth/{frame.frame_id}.png",
                "instance_file_path": f"instance/{frame.frame_id}.png",
                "transform_matrix": (camera.world_from_cam @ OPENGL_FROM_OPENCV).tolist(),
            }
        )
    camera = scene.frames[0].camera
    k = camera.intrinsics
    transforms = {
        "w": camera.width,
        "h": camera.height,
        "fl_x": k[0, 0],
        "fl_y": k[1, 1],
        "cx": k[0, 2],
        "cy": k[1, 2],
        "frames": entries,
    }
    (folder / "transforms.json").write_text(json.dumps(transforms), encoding="utf-8")
    labels = {str(one.instance_id): one.label for one in scene.instances}
    (folder / "instances.json").write_text(json.dumps(labels), encoding="utf-8")
    return transforms


@pytest.fixture(scope="session")
def write_capture():
    return _write_capture


@pytest.fixture(scope="session")
def small_room() -> Scene:
    """A furnished room with twelve frames of 320 x 240 pixels."""
    source = ProceduralSource(seed=7, num_scenes=1, frames_per_scene=12, width=320, height=240)
    return source.load(source.scene_names()[0])
