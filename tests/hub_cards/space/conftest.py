"""A small dataset about two procedural rooms, and one about a source whose photos may not be passed on."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import TASK_OF, build_completion, build_prompt, row_id
from dataset_builder.writer import write_dataset
from generation.scenes.procedural.source import ProceduralSource


SPACE = Path(__file__).resolve().parents[3] / "hub_cards" / "space"
# A Space is a flat folder whose modules import each other by name
sys.path.insert(0, str(SPACE))

KINDS = ("obj_count_occ", "obj_localization_occ", "obj_existence_occ_lr", "obj_distance_occ_na")
LEVELS = {
    "occ_level": ("none", "low", "medium", "high"),
    "overlap_level": ("low", "medium", "high"),
    "vis_level": ("Fully Visible", "Partially Visible"),
    "gt_scenario": ("Full Coverage", "Partial Coverage"),
}
RUN = {"source": "procedural", "seed": 3, "scenes": 2, "frames": 6, "version": "0.0"}
NUM_ROWS = 24


def noise_png(rng: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def sighting(frame: int, box: list[int] | None) -> dict:
    """A view of an object that is a quarter hidden and a tenth cut off, or not there."""
    pixels = 0 if box is None else (box[2] - box[0]) * (box[3] - box[1])
    return {
        "frame": frame,
        "visibility": "absent" if box is None else "visible",
        "visible_box": box,
        "visible_pixels": pixels,
        "amodal_pixels": pixels,
        "extended_pixels": pixels,
        "occlusion": None if box is None else 0.25,
        "truncation": None if box is None else 0.1,
    }


def make_row(rng, dataset: str, scene_name: str, frames: list[str], kind: str, objects: list[dict], text: str) -> dict:
    options = [] if kind.endswith("_na") else ["A. Yes; (200, 120)", "B. No", "C. Yes; (60, 70)", "D. <b>${1 + 1}</b>"]
    levels = {name: str(rng.choice(values)) for name, values in LEVELS.items()}
    answer_format = "choice" if options else "number"
    numbers = {"axis": "lr", "sign": 1} if "existence" in kind else {"distance_m": 1.5}
    return {
        "id": row_id(dataset, scene_name, frames, kind, text),
        "dataset": dataset,
        "domain": "indoor",
        "scene_name": scene_name,
        "task": TASK_OF[kind],
        "question_type": kind,
        "frames": frames,
        "question": text,
        "options": options,
        "mc_answer": "C" if options else None,
        "ground_truth": "Yes; (60, 70)" if options else "1.50",
        "answer_format": answer_format,
        "overlap_avg": 12.5,
        "occlusion_avg": 0.25,
        "truncation_avg": None,
        **levels,
        "bbox_2d": [40.0, 60.0, 80.0, 80.0],
        "bbox_2d_diag": 44.7,
        "prompt": build_prompt(len(frames), text, options, answer_format),
        "completion": build_completion("C" if options else "1.50"),
        "evidence": json.dumps(
            {
                "version": 3,
                "asked_frame": 2,
                "targets": objects[:1],
                "references": objects[1:],
                "others": [],
                "numbers": {"count": 1} if "count" in kind else {} if "localization" in kind else numbers,
                "thresholds": {"min_visible_pixels": 100},
            }
        ),
    }


def centre_box(camera, box) -> list[int] | None:
    """A small box around the centre of an object, if the view has that well inside."""
    ((x, y),), (depth_m,) = camera.project(box.centre[None])
    inside = depth_m > 0.5 and 20 < x < 620 and 20 < y < 460
    return [int(x) - 6, int(y) - 6, int(x) + 6, int(y) + 6] if inside else None


def true_objects(scene, frames: list[str]) -> list[dict]:
    """The two things of some size that most frames of a room have inside."""
    cameras = {frame.frame_id: frame.camera for frame in scene.frames}
    things = [thing for thing in scene.instances if not thing.is_structure]
    things = [thing for thing in things if scene.boxes[thing.instance_id].size.min() > 0.4]
    things.sort(key=lambda t: sum(bool(centre_box(c, scene.boxes[t.instance_id])) for c in cameras.values()))
    found = []
    for thing in things[-2:]:
        box = scene.boxes[thing.instance_id]
        views = [sighting(k, centre_box(cameras[name], box)) for k, name in enumerate(frames, 1)]
        viewpoint = {"horizontal_deg": [-5.0, 5.0], "vertical_deg": [0.0, 9.0], "nearest_m": 1.0, "mean_m": 1.5}
        found.append({"instance_id": thing.instance_id, "label": thing.label, "views": views, "viewpoint": viewpoint})
    return found


@pytest.fixture(scope="session")
def rooms() -> ProceduralSource:
    return ProceduralSource(RUN["seed"], RUN["scenes"], RUN["frames"])


@pytest.fixture(scope="session")
def dataset(tmp_path_factory, rooms) -> Path:
    """Two rooms, of which one is for training and one for testing, six frames and 24 rows each."""
    rng = np.random.default_rng(0)
    scenes = []
    for name, split in (("room_00000", "train"), ("room_00001", "test")):
        scene = rooms.load(name)
        frames = [frame.frame_id for frame in scene.frames]
        rows = []
        for k in range(NUM_ROWS):
            shown = [str(frame) for frame in rng.choice(frames, 3, replace=False)]
            text = f"Question {k} <i>of</i> {name}?"
            kind = KINDS[k % len(KINDS)]
            rows.append(make_row(rng, "procedural", name, shown, kind, true_objects(scene, shown), text))
        scenes.append(SceneRows(name, split, rows, {frame: noise_png(rng) for frame in frames}))
    folder = tmp_path_factory.mktemp("data") / "spatialmosaic"
    write_dataset(folder, scenes, run=RUN)
    return folder


@pytest.fixture(scope="session")
def bare_dataset(tmp_path_factory) -> Path:
    """A dataset without pixels, about scans that are not at hand."""
    rng = np.random.default_rng(1)
    views = [sighting(1, [10, 10, 30, 30]), sighting(2, None)]
    objects = [{"instance_id": 4, "label": "mug", "views": views}]
    rows = [
        make_row(rng, "scannetpp", "0a1b2c", ["frame_1", "frame_2"], KINDS[k], objects, f"Scan {k}?") for k in range(2)
    ]
    folder = tmp_path_factory.mktemp("bare") / "spatialmosaic"
    write_dataset(folder, [SceneRows("0a1b2c", "test", rows, {})], run={"source": "scannetpp", "scenes": 1})
    return folder
