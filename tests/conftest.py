"""Rows and images made by hand, with all that a real run's rows have.

Tests cannot import each other, so what makes them are fixtures.
"""

import io
import json

import numpy as np
import pytest
from PIL import Image

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import TASK_OF, build_completion, build_prompt, row_id


CHOICE_TYPES = tuple(kind for kind in TASK_OF if not kind.endswith("_na"))
WIDTH, HEIGHT = 64, 48


def noise_jpeg(rng: np.random.Generator, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A JPEG of noise; no two are alike and none can be compressed further."""
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def make_row(scene_name: str, question_type: str, frames: list[str], text: str, dataset: str = "procedural") -> dict:
    """A row whose target (a mug) lies left of its reference (a desk) in every view but the last."""
    options = ["A. cup & saucer", "B. mug", "C. <plate>", "D. lamp"]
    asked = None if "count" in question_type else len(frames)
    return {
        "id": row_id(dataset, scene_name, frames, question_type, text),
        "dataset": dataset,
        "domain": "indoor",
        "scene_name": scene_name,
        "task": TASK_OF[question_type],
        "question_type": question_type,
        "frames": frames,
        "question": text,
        "options": options,
        "mc_answer": "B",
        "ground_truth": "mug",
        "answer_format": "choice",
        "overlap_avg": 12.5,
        "occlusion_avg": 0.25,
        "truncation_avg": 0.0,
        "occ_level": "low",
        "overlap_level": "medium",
        "vis_level": "Partially Visible",
        "gt_scenario": "Full Coverage",
        "bbox_2d": [4.0, 8.0, 20.0, 20.0],
        "bbox_2d_diag": 20.0,
        "prompt": build_prompt(len(frames), text, options, "choice"),
        "completion": build_completion("B"),
        "evidence": json.dumps(
            {
                "version": 1,
                "asked_frame": asked,
                "targets": [_object(7, "mug", [4, 8, 20, 20], len(frames) - 1, len(frames))],
                "references": [_object(9, "desk", [30, 10, 60, 40], len(frames), len(frames))],
                "numbers": {"angle_deg": -12.5},
                "thresholds": {"min_visible_pixels": 100},
            }
        ),
    }


def _object(instance_id: int, label: str, box: list[int], shown: int, num_views: int) -> dict:
    pixels = (box[2] - box[0]) * (box[3] - box[1])
    views = [
        {
            "frame": k,
            "visibility": "visible" if k <= shown else "absent",
            "visible_box": box if k <= shown else None,
            "visible_pixels": pixels if k <= shown else 0,
            "amodal_pixels": pixels,
            "occlusion": 0.0 if k <= shown else 1.0,
            "truncation": 0.0,
        }
        for k in range(1, num_views + 1)
    ]
    return {"instance_id": instance_id, "label": label, "views": views}


def make_scene(
    scene_name: str, split: str, rng: np.random.Generator, *, num_frames: int = 6, rows_per_type: int = 2
) -> SceneRows:
    """A scene with questions of all twelve multiple-choice types over 2 to 5 of its frames."""
    images = {f"frame_{k:04d}": noise_jpeg(rng) for k in range(num_frames)}
    rows = []
    for question_type in CHOICE_TYPES:
        for k in range(rows_per_type):
            frames = [str(frame) for frame in rng.choice(list(images), rng.integers(2, 6), replace=False)]
            rows.append(make_row(scene_name, question_type, frames, f"{question_type} {k}: which one is it?"))
    return SceneRows(scene_name, split, rows, images)


@pytest.fixture(scope="session", name="jpeg")
def _jpeg():
    return noise_jpeg


@pytest.fixture(scope="session", name="make_row")
def _make_row():
    return make_row


@pytest.fixture(scope="session", name="make_scene")
def _make_scene():
    return make_scene


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
