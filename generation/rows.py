"""Question -> row (DESIGN section 4): letters, diagnostic fields and the evidence from which the answer follows."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import orjson

from dataset_builder.schema import LETTERS, TASK_OF, build_completion, build_prompt, occ_level, overlap_level, row_id
from generation.annotation import relations, scene_annotation
from generation.annotation.scene_annotation import VISIBILITY_NAMES, VISIBLE, SceneAnnotation
from generation.sampling import MAX_OVERLAP_PERCENT
from generation.tasks import measures
from generation.tasks.base import MIN_HIDDEN, Question, View
from generation.tasks.best_view import MIN_AREA_RATIO
from generation.tasks.matching import MIN_POINT_DISTANCE
from generation.tasks.measures import extent_error_m


EVIDENCE_VERSION = 3
# Every constant that the answer of a question may hang on, as stored with it
THRESHOLDS = {
    "min_visible_pixels": scene_annotation.MIN_VISIBLE_PIXELS,
    "min_visible_share": scene_annotation.MIN_VISIBLE_SHARE,
    "max_absent_pixels": scene_annotation.MAX_ABSENT_PIXELS,
    "reference_pixels": scene_annotation.REFERENCE_PIXELS,
    "max_interval_overlap": relations.MAX_INTERVAL_OVERLAP,
    "min_centre_gap_deg": relations.MIN_CENTRE_GAP_DEG,
    "min_distance_gap_m": relations.MIN_DISTANCE_GAP_M,
    "min_distance_gap_share": relations.MIN_DISTANCE_GAP_SHARE,
    "max_overlap_percent": MAX_OVERLAP_PERCENT,
    "min_hidden": MIN_HIDDEN,
    "min_point_distance": MIN_POINT_DISTANCE,
    "min_area_ratio": MIN_AREA_RATIO,
    "min_error_ratio": measures.MIN_ERROR_RATIO,
    "min_seen_share": measures.MIN_SEEN_SHARE,
    "camera_distance_error_m": measures.CAMERA_DISTANCE_ERROR_M,
    "object_distance_error_m": measures.OBJECT_DISTANCE_ERROR_M,
    "size_error_m": measures.SIZE_ERROR_M,
    "box_error_pixels": measures.BOX_ERROR_PIXELS,
}


def build_row(view: View, question: Question, rng: np.random.Generator) -> dict:
    """Row of one question, without its images.

    Args:
        view ([`View`]): the view set that is asked about.
        question ([`Question`]): with its letter, if it has options.
        rng (`np.random.Generator`): orders the wrong options.
    """
    annotation = view.annotation
    letter = question.letter
    options = [] if letter is None else _options(question, rng)
    frames = [str(annotation.frame_ids[f]) for f in view.frames]
    box = question.bbox
    return {
        "id": row_id(annotation.dataset, annotation.scene_name, frames, question.question_type, question.text),
        "dataset": annotation.dataset,
        "domain": annotation.domain,
        "scene_name": annotation.scene_name,
        "task": TASK_OF[question.question_type],
        "question_type": question.question_type,
        "frames": frames,
        "question": question.text,
        "options": options,
        "mc_answer": letter,
        "ground_truth": question.truth,
        "answer_format": question.answer_format,
        **diagnostics(view, question.targets),
        "bbox_2d": None if box is None else list(box),
        "bbox_2d_diag": None if box is None else math.hypot(box[2] - box[0], box[3] - box[1]),
        "prompt": build_prompt(view.size, question.text, options, question.answer_format),
        "completion": build_completion(question.truth if letter is None else letter),
        "evidence": orjson.dumps(evidence(view, question)).decode(),
    }


def _options(question: Question, rng: np.random.Generator) -> list[str]:
    texts = [question.distractors[k] for k in rng.permutation(len(question.distractors))]
    texts.insert(LETTERS.index(question.letter), question.truth)
    return [f"{LETTERS[k]}. {text}" for k, text in enumerate(texts)]


def diagnostics(view: View, targets: Sequence[int]) -> dict:
    """The diagnostic fields of ANNOTATION section 6 for `targets` (instance indices) in a view set."""
    annotation, members = view.annotation, list(targets)
    visible = view.visibility[:, members] == VISIBLE  # (n, targets)
    occlusion = float(annotation.occlusion[view.frames][:, members][visible].mean())
    overlap = view.view_set.overlap_avg
    return {
        "overlap_avg": overlap,
        "occlusion_avg": occlusion,
        "truncation_avg": float(annotation.truncation[view.frames][:, members][visible].mean()),
        "occ_level": occ_level(occlusion),
        "overlap_level": overlap_level(overlap),
        "vis_level": "Fully Visible" if visible.all() else "Partially Visible",
        "gt_scenario": "Full Coverage" if visible.all(axis=1).any() else "Partial Coverage",
    }


def evidence(view: View, question: Question) -> dict:
    """What the answer follows from: the numbers of every object that takes part, in every view, and the thresholds."""
    asked = question.asked_position
    return {
        "version": EVIDENCE_VERSION,
        "asked_frame": None if asked is None else asked + 1,
        "targets": [_object_evidence(view, k, asked) for k in question.targets],
        "references": [_object_evidence(view, k, asked) for k in question.references],
        "others": [_object_evidence(view, k, asked) for k in question.others],
        "numbers": question.numbers,
        "thresholds": THRESHOLDS,
    }


def _object_evidence(view: View, k: int, asked: int | None) -> dict:
    annotation = view.annotation
    seen, placed = _numbers_of(annotation)
    found = {
        "instance_id": int(annotation.instance_ids[k]),
        "label": view.label(k),
        "extent_error_m": _rounded(extent_error_m(annotation)[k]),
        "views": [
            {"frame": position + 1, "visibility": VISIBILITY_NAMES[view.visibility[position, k]], **seen[f][k]}
            for position, f in enumerate(view.view_set.frames)
        ],
    }
    if asked is not None:  # where it lies in the viewpoint that is asked about, seen or not
        found["viewpoint"] = placed[view.view_set.frames[asked]][k]
    return found


@lru_cache(maxsize=1)  # the rows of a scene follow each other, and most of them repeat these
def _numbers_of(annotation: SceneAnnotation) -> tuple[list[list[dict]], list[list[dict]]]:
    """What every frame (first index) shows of every instance (second), and where each lies in its viewpoint."""
    shown = zip(
        annotation.visible_box.tolist(),
        annotation.visible_pixels.tolist(),
        annotation.amodal_pixels.tolist(),
        annotation.extended_pixels.tolist(),
        annotation.occlusion.tolist(),
        annotation.truncation.tolist(),
        strict=True,
    )
    seen = [
        [
            {
                "visible_box": box if visible else None,
                "visible_pixels": visible,
                "amodal_pixels": amodal,
                "extended_pixels": extended,
                "occlusion": _rounded(occlusion),
                "truncation": _rounded(truncation),
            }
            for box, visible, amodal, extended, occlusion, truncation in zip(*of_frame, strict=True)
        ]
        for of_frame in shown
    ]
    angles, nearest, mean = (getattr(annotation, name).tolist() for name in ("angles_deg", "nearest_m", "mean_m"))
    placed = [
        [
            {
                "horizontal_deg": [_rounded(angle) for angle in horizontal],
                "vertical_deg": [_rounded(angle) for angle in vertical],
                "nearest_m": _rounded(nearest_m),
                "mean_m": _rounded(mean_m),
            }
            for (horizontal, vertical), nearest_m, mean_m in zip(*of_frame, strict=True)
        ]
        for of_frame in zip(angles, nearest, mean, strict=True)
    ]
    return seen, placed


def _rounded(number: float) -> float | None:
    """Five decimals, far below every threshold's meaning; JSON has no NaN."""
    number = float(number)
    return round(number, 5) if math.isfinite(number) else None
