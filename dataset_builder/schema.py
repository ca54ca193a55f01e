"""The one definition of a row (DESIGN section 4)."""

import hashlib
import json
import re

from datasets import Features, Image, List, Value


TASKS: dict[str, tuple[str, ...]] = {
    "object_count": ("obj_count_occ", "obj_count_occ_na"),
    "best_view_selection": ("bestview_count_occ",),
    "object_localization": ("obj_localization_occ", "obj_localization_occ_na"),
    "object_existence": ("obj_existence_occ_lr", "obj_existence_occ_ab", "obj_existence_occ_fb"),
    "object_attribute": ("obj_attribute_occ_lr", "obj_attribute_occ_ab", "obj_attribute_occ_fb", "obj_size_occ_na"),
    "spatial_relation": (
        "obj_spatial_occ_lr",
        "obj_spatial_occ_ab",
        "obj_spatial_occ_fb",
        "obj_distance_occ_na",
        "obj_obj_distance_occ_na",
    ),
}
TASK_OF: dict[str, str] = {question_type: task for task, types in TASKS.items() for question_type in types}
SPLITS = ("train", "validation", "test")
LETTERS = "ABCD"
# A scene or frame id that a row, a file name or a shell may carry safely
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")

_MESSAGES = List({"role": Value("string"), "content": List({"type": Value("string"), "text": Value("string")})})

FEATURES = Features(
    {
        "id": Value("string"),
        "dataset": Value("string"),
        "domain": Value("string"),
        "scene_name": Value("string"),
        "task": Value("string"),
        "question_type": Value("string"),
        "frames": List(Value("string")),
        "images": List(Image()),
        "question": Value("string"),
        "options": List(Value("string")),
        "mc_answer": Value("string"),
        "ground_truth": Value("string"),
        "answer_format": Value("string"),
        "overlap_avg": Value("float32"),
        "occlusion_avg": Value("float32"),
        "truncation_avg": Value("float32"),
        "occ_level": Value("string"),
        "overlap_level": Value("string"),
        "vis_level": Value("string"),
        "gt_scenario": Value("string"),
        "bbox_2d": List(Value("float32")),
        "bbox_2d_diag": Value("float32"),
        "prompt": _MESSAGES,
        "completion": _MESSAGES,
        "evidence": Value("string"),
    }
)

# The closing sentence of a prompt, by answer format. They are the published benchmark's, kept for comparable scores.
INSTRUCTIONS = {
    "choice": "Answer with the option's letter from the given choices directly.",
    "number": "Please answer the question using a single word or phrase.",
    "point": "Please answer with the coordinate pair only, formatted as (x,y).",
}


def row_id(dataset: str, scene_name: str, frames: list[str], question_type: str, question: str) -> str:
    """Stable id of a question: the same question about the same frames in the same order has the same id."""
    key = json.dumps([dataset, scene_name, frames, question_type, question])
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def occ_level(occlusion_avg: float) -> str:
    """Level of a mean occlusion (a fraction), by the thresholds of ANNOTATION section 6."""
    return next(
        (level for level, top in (("none", 0.05), ("low", 0.33), ("medium", 0.66)) if occlusion_avg <= top), "high"
    )


def overlap_level(overlap_avg: float) -> str:
    """Level of a mean overlap (percent), by the thresholds of ANNOTATION section 6."""
    return "low" if overlap_avg < 10 else "medium" if overlap_avg <= 20 else "high"


def _message(role: str, parts: list[tuple[str, str | None]]) -> list[dict]:
    return [{"role": role, "content": [{"type": kind, "text": text} for kind, text in parts]}]


def build_prompt(num_views: int, question: str, options: list[str], answer_format: str) -> list[dict]:
    """The user's turn: every view named before its image, then the question (and, for choices, its options)."""
    views = [part for k in range(1, num_views + 1) for part in (("text", f"Frame {k}:"), ("image", None))]
    lines = [question, *(["Options:", *options] if answer_format == "choice" else []), INSTRUCTIONS[answer_format]]
    return _message("user", [*views, ("text", "\n".join(lines))])


def build_completion(answer: str) -> list[dict]:
    """The assistant's turn: the letter, the number or the point alone."""
    return _message("assistant", [("text", answer)])
