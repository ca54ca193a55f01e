"""Question -> row (DESIGN section 4): letters, diagnostic fields and the evidence from which the answer follows."""

import math
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
_NAMES = [name.encode() for name in VISIBILITY_NAMES]
_THRESHOLDS = orjson.Fragment(orjson.dumps(THRESHOLDS))


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
    frames = view.frame_ids
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
        "evidence": evidence(view, question).decode(),
    }


def _options(question: Question, rng: np.random.Generator) -> list[str]:
    texts = [question.distractors[k] for k in rng.permutation(len(question.distractors))]
    texts.insert(LETTERS.index(question.letter), question.truth)
    return [f"{LETTERS[k]}. {text}" for k, text in enumerate(texts)]


@lru_cache(maxsize=4096)  # what is asked about one thing in one view set, is asked in several ways
def diagnostics(view: View, targets: tuple[int, ...]) -> dict:
    """The diagnostic fields of ANNOTATION section 6 for `targets` (instance indices) in a view set."""
    annotation, frames = view.annotation, view.view_set.frames
    visible = (view.visibility[:, list(targets)] == VISIBLE).tolist()  # (n, targets)
    shown = [
        (f, k) for f, row in zip(frames, visible, strict=True) for k, seen in zip(targets, row, strict=True) if seen
    ]
    occlusion, truncation = (
        math.fsum(share[at] for at in shown) / len(shown) for share in (annotation.occlusion, annotation.truncation)
    )
    overlap = view.view_set.overlap_avg
    return {
        "overlap_avg": overlap,
        "occlusion_avg": occlusion,
        "truncation_avg": truncation,
        "occ_level": occ_level(occlusion),
        "overlap_level": overlap_level(overlap),
        "vis_level": "Fully Visible" if all(map(all, visible)) else "Partially Visible",
        "gt_scenario": "Full Coverage" if any(map(all, visible)) else "Partial Coverage",
    }


def evidence(view: View, question: Question) -> bytes:
    """What the answer follows from, as JSON: the numbers of every object that takes part, in every view, and the
    thresholds."""
    asked = question.asked_position
    return orjson.dumps(
        {
            "version": EVIDENCE_VERSION,
            "asked_frame": None if asked is None else asked + 1,
            "targets": [_object_evidence(view, k, asked) for k in question.targets],
            "references": [_object_evidence(view, k, asked) for k in question.references],
            "others": [_object_evidence(view, k, asked) for k in question.others],
            "numbers": question.numbers,
            "thresholds": _THRESHOLDS,
        }
    )


def _object_evidence(view: View, k: int, asked: int | None) -> orjson.Fragment:
    seen = _seen(view, k)
    if asked is None:
        return orjson.Fragment(seen + b"}")
    # where it lies in the viewpoint that is asked about, seen or not
    return orjson.Fragment(
        seen + b',"viewpoint":' + _viewpoint(view.annotation, view.view_set.frames[asked], k) + b"}"
    )


# Most rows about a scene repeat these: they are put into JSON once
@lru_cache(maxsize=4096)
def _seen(view: View, k: int) -> bytes:
    """What every view shows of an instance, as JSON whose last brace is open."""
    annotation = view.annotation
    found = {
        "instance_id": int(annotation.instance_ids[k]),
        "label": view.label(k),
        "extent_error_m": _rounded(extent_error_m(annotation)[k]),
        "views": [
            orjson.Fragment(
                b'{"frame":%d,"visibility":"%s",%s' % (position + 1, _NAMES[seen], _shown(annotation, f, k))
            )
            for position, (f, seen) in enumerate(
                zip(view.view_set.frames, view.visibility[:, k].tolist(), strict=True)
            )
        ],
    }
    return orjson.dumps(found)[:-1]


@lru_cache(maxsize=4096)
def _shown(annotation: SceneAnnotation, f: int, k: int) -> bytes:
    """What a frame shows of an instance, as JSON without its first brace."""
    pixels = int(annotation.visible_pixels[f, k])
    found = {
        "visible_box": annotation.visible_box[f, k].tolist() if pixels else None,
        "visible_pixels": pixels,
        "amodal_pixels": int(annotation.amodal_pixels[f, k]),
        "extended_pixels": int(annotation.extended_pixels[f, k]),
        "occlusion": _rounded(annotation.occlusion[f, k]),
        "truncation": _rounded(annotation.truncation[f, k]),
    }
    return orjson.dumps(found)[1:]


@lru_cache(maxsize=4096)
def _viewpoint(annotation: SceneAnnotation, f: int, k: int) -> bytes:
    """Where an instance lies in the viewpoint of a frame, as JSON."""
    horizontal, vertical = annotation.angles_deg[f, k].tolist()
    found = {
        "horizontal_deg": [_rounded(angle) for angle in horizontal],
        "vertical_deg": [_rounded(angle) for angle in vertical],
        "nearest_m": _rounded(annotation.nearest_m[f, k]),
        "mean_m": _rounded(annotation.mean_m[f, k]),
    }
    return orjson.dumps(found)


def _rounded(number: float) -> float | None:
    """Five decimals, far below every threshold's meaning; JSON has no NaN."""
    number = float(number)
    return round(number, 5) if math.isfinite(number) else None
