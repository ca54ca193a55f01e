"""Reads and writes the record form of the published benchmark: one JSON list of flat records.

Real files have nulls, missing keys, numbers as strings and keys that nobody announced. Whatever a row of this project
cannot hold as the record had it is kept in the row's `evidence`, so that a record comes back exactly as it was.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np

from dataset_builder.errors import DatasetError
from dataset_builder.schema import LETTERS, TASK_OF, build_completion, build_prompt


REQUIRED = ("scene_name", "question_type", "frames", "question")
# Columns whose values are the same in both forms, then those with another name or form
FLOATS = ("overlap_avg", "occlusion_avg")
TEXTS = ("occ_level", "overlap_level", "vis_level", "ground_truth")
SCENARIO = "GT Scenario"
POINT_TYPE = "obj_localization_occ_na"


def read_released(path: Path, domain: str) -> list[dict]:
    """Rows of a published file, in its order, without images.

    Args:
        path (`Path`): e.g. `merged_indoor_test.json`.
        domain (`str`): `"indoor"` or `"outdoor"`; records do not say.

    Returns:
        `list[dict]`: the columns of `dataset_builder.schema.FEATURES` without `images`. What a record leaves open is
        `None`. Questions name frames as the record does; prompts call them `Frame 1`, `Frame 2`, ...

    Raises:
        [`DatasetError`]: the file is no JSON list of records, or a record lacks what makes a question.
    """
    try:
        records = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as JSON ({error}). Download it again.") from error
    if not isinstance(records, list):
        raise DatasetError(f"{path} holds a JSON {type(records).__name__}. The published form is a list of records.")
    return [row_of_record(record, k, domain, f"{path}, record {k}") for k, record in enumerate(records)]


def write_released(rows: Iterable[dict], path: Path) -> None:
    """Write rows in the published form, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.incomplete")
    records = [record_of_row(row, k) for k, row in enumerate(rows)]
    partial.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


def row_of_record(record: dict, index: int, domain: str, where: str) -> dict:
    """Row of one record; `where` names it in errors, `index` is its place in the file."""
    _check(record, where)
    kind, question = record["question_type"], record["question"]
    frames = [PurePosixPath(entry).stem if "/" in entry or "." in entry else entry for entry in record["frames"]]
    choice = not kind.endswith("_na")
    options = _strings(record.get("options")) or []
    answer_format = "choice" if choice else "point" if kind == POINT_TYPE else "number"
    letter = record.get("mc_answer") if record.get("mc_answer") in tuple(LETTERS[: len(options)]) else None
    truth = _string(record.get("ground_truth"))
    if truth is None and choice and letter is not None:
        truth = options[LETTERS.index(letter)].partition(". ")[2] or None
    box, diagonal = _box(record.get("bbox_2d")), _float(record.get("bbox_2d_diag"))
    shown = _with_frame_numbers([question, *options], frames)
    row = {
        "id": f"released-{record.get('id', index)}",
        "dataset": _string(record.get("dataset")) or "released",
        "domain": domain,
        "scene_name": record["scene_name"],
        "task": TASK_OF[kind],
        "question_type": kind,
        "frames": frames,
        "question": question,
        "options": options if choice else [],
        "mc_answer": letter if choice else None,
        "ground_truth": truth,
        "answer_format": answer_format,
        **{name: _float(record.get(name)) for name in FLOATS},
        "truncation_avg": None,
        **{name: _string(record.get(name)) for name in TEXTS if name != "ground_truth"},
        "gt_scenario": _string(record.get(SCENARIO)),
        "bbox_2d": box,
        "bbox_2d_diag": diagonal if diagonal else None,
        "prompt": build_prompt(len(frames), shown[0], shown[1:], answer_format),
        "completion": build_completion((letter if choice else truth) or ""),
    }
    plain = _plain_record(row, index)
    kept = {key: value for key, value in record.items() if key not in plain or not _same(plain[key], value)}
    return row | {"evidence": json.dumps({"released": {"keys": list(record), "values": kept}})}


def record_of_row(row: dict, index: int) -> dict:
    """Record of a row; of one that came from a record, that record. `index` is the id of any other."""
    plain = _plain_record(row, index)
    released = json.loads(row["evidence"]).get("released")
    if released is None:
        return plain
    values = plain | released["values"]
    return {key: values[key] for key in released["keys"]}


def _plain_record(row: dict, index: int) -> dict:
    """What a record says of a row by its columns alone, in the types of the published files."""
    box = row["bbox_2d"]
    return {
        "dataset": row["dataset"],
        "scene_name": row["scene_name"],
        "question_type": row["question_type"],
        "frames": list(row["frames"]),
        "question": row["question"],
        "options": list(row["options"]),
        "ground_truth": row["ground_truth"],
        "mc_answer": row["mc_answer"],
        **{name: None if row[name] is None else float(np.float32(row[name])) for name in FLOATS},
        **{name: row[name] for name in TEXTS if name != "ground_truth"},
        SCENARIO: row["gt_scenario"],
        "id": index,
        "bbox_2d": [] if box is None else [round(side) for side in box],
        "bbox_2d_diag": "0" if row["bbox_2d_diag"] is None else f"{float(np.float32(row['bbox_2d_diag'])):g}",
    }


def _check(record, where: str) -> None:
    if not isinstance(record, dict):
        raise DatasetError(f"{where} is a JSON {type(record).__name__}. It must be an object.")
    lacking = [name for name in REQUIRED if not record.get(name)]
    if lacking:
        raise DatasetError(f"{where}: {lacking[0]!r} is missing or empty. Every record needs {', '.join(REQUIRED)}.")
    if record["question_type"] not in TASK_OF:
        raise DatasetError(
            f"{where}: unknown question type {record['question_type']!r}. The known ones are {', '.join(TASK_OF)}."
        )
    if not isinstance(record["frames"], list) or not all(isinstance(entry, str) for entry in record["frames"]):
        raise DatasetError(f"{where}: 'frames' is {record['frames']!r}. It must be a list of strings.")


def _with_frame_numbers(texts: list[str], frames: list[str]) -> list[str]:
    """The texts with each frame's own id replaced by `Frame k`, as prompts call it."""
    numbers = {frame: f"Frame {k}" for k, frame in enumerate(frames, start=1)}
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, numbers))})(?![\w-])")
    return [pattern.sub(lambda match: numbers[match[0]], text) for text in texts]


def _string(value) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value)


def _strings(values) -> list[str] | None:
    return [_string(value) or "" for value in values] if isinstance(values, list) else None


def _float(value) -> float | None:
    """A finite number, also from a string; `None` for whatever is none. In single precision, as rows are stored."""
    try:
        number = float(np.float32(float(value)))
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _box(value) -> list[float] | None:
    """Four finite numbers."""
    sides = [_float(side) for side in value] if isinstance(value, list) else []
    return sides if len(sides) == 4 and None not in sides else None


def _same(one, other) -> bool:
    """Whether two JSON values are written alike: 0, 0.0, "0" and null all differ."""
    return json.dumps(one) == json.dumps(other)
