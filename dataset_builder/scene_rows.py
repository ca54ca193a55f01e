"""The rows of one scene on their way into a dataset folder, and the checks at its door."""

import io
from collections import Counter
from dataclasses import dataclass, field

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image, UnidentifiedImageError

from dataset_builder.errors import DatasetError
from dataset_builder.photos import Photo
from dataset_builder.schema import FEATURES, INSTRUCTIONS, LETTERS, SAFE_NAME, SPLITS, TASK_OF


# A row before its images join it
TEXT_SCHEMA = FEATURES.arrow_schema.remove(FEATURES.arrow_schema.get_field_index("images"))
_COLUMNS = frozenset(TEXT_SCHEMA.names)
# The diagnostic fields are for records made elsewhere, which may leave them open
NULLABLE = {
    "mc_answer",
    "bbox_2d",
    "bbox_2d_diag",
    "overlap_avg",
    "occlusion_avg",
    "truncation_avg",
    "occ_level",
    "overlap_level",
    "vis_level",
    "gt_scenario",
}


@dataclass(frozen=True, eq=False)
class SceneRows:
    """All questions about one scene.

    Args:
        scene_name (`str`): unique in its source.
        split (`str`): `"train"`, `"validation"` or `"test"`.
        rows (`list` of `dict`): the columns of `dataset_builder.schema.FEATURES` without `images`; `frames` lists the
            frame ids in the order shown.
        images (`dict` of `str` to `bytes`): JPEG or PNG file of every frame by its id; empty for a source whose pixels
            may not be redistributed, so that the column `images` is null.
        photos (`dict` of `str` to [`Photo`]): of such a source, what the photos are like, by frame id.
    """

    scene_name: str
    split: str
    rows: list[dict]
    images: dict[str, bytes]
    photos: dict[str, Photo] = field(default_factory=dict)


def check_scene_rows(scene: SceneRows) -> pa.Table:
    """Check that the rows and images of a scene keep the rules of the dataset.

    Returns:
        `pa.Table`: the rows, with the columns of `TEXT_SCHEMA`.

    Raises:
        [`DatasetError`]: for the first rule that is broken.
    """
    where = f"Scene {scene.scene_name!r}"
    _check_name("scene", scene.scene_name, where)
    if scene.split not in SPLITS:
        raise DatasetError(f"{where}: unknown split {scene.split!r}. Use one of {', '.join(SPLITS)}.")
    named = [(row, f"{where}, row {row.get('id')!r}") for row in scene.rows]
    for row, name in named:
        _check_columns(row, name)
    table = _typed(named)
    _check_nulls_and_numbers(table, named)
    twice = [row_id for row_id, count in Counter(row["id"] for row in scene.rows).items() if count > 1]
    if twice:
        raise DatasetError(f"{where}: the row id {twice[0]!r} occurs more than once. Ask each question once.")
    for row, name in named:
        _check_values(scene, row, name)
        _check_answer(row, name)
        _check_views(scene, row, name)
        _check_evidence(row["evidence"], name)
    for frame_id, image in scene.images.items():
        _check_name("frame", frame_id, where)
        _check_image(image, f"{where}, frame {frame_id!r}")
    return table


def _check_name(kind: str, name: str, where: str) -> None:
    if not SAFE_NAME.match(name):
        raise DatasetError(f"{where}: the {kind} id {name!r} is not a plain name. Use letters, digits, '_', '-', '.'.")


def _check_columns(row: dict, where: str) -> None:
    if row.keys() != _COLUMNS:
        name = min(row.keys() ^ _COLUMNS)
        finding = "is no column of a row" if name in row else "is missing"
        raise DatasetError(f"{where}: {name!r} {finding}. The columns are {', '.join(TEXT_SCHEMA.names)}.")


def _typed(named: list[tuple[dict, str]]) -> pa.Table:
    """The rows as a table; the error names the first value that does not have its column's type."""
    try:
        return pa.Table.from_pylist([row for row, _ in named], schema=TEXT_SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        for row, where in named:
            for field in TEXT_SCHEMA:
                try:
                    pa.array([row[field.name]], field.type)
                except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                    raise DatasetError(
                        f"{where}: {field.name!r} is {row[field.name]!r}. It must have the type {field.type}."
                    ) from error
        raise


def _check_nulls_and_numbers(table: pa.Table, named: list[tuple[dict, str]]) -> None:
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.null_count and name not in NULLABLE:
            where = next(where for row, where in named if row[name] is None)
            raise DatasetError(f"{where}: {name!r} is null. Only {', '.join(sorted(NULLABLE))} may be.")
        if pa.types.is_floating(column.type):
            finite = pc.is_finite(column).fill_null(True).to_pylist()
            if not all(finite):
                row, where = named[finite.index(False)]
                raise DatasetError(f"{where}: {name!r} is {row[name]}. It must be a finite number.")


def _check_values(scene: SceneRows, row: dict, where: str) -> None:
    if row["question_type"] not in TASK_OF:
        raise DatasetError(
            f"{where}: unknown question type {row['question_type']!r}. The known ones are {', '.join(TASK_OF)}."
        )
    for name, expected in (("task", TASK_OF[row["question_type"]]), ("scene_name", scene.scene_name)):
        if row[name] != expected:
            raise DatasetError(f"{where}: {name!r} is {row[name]!r}, not {expected!r}. Make the two agree.")


def _check_answer(row: dict, where: str) -> None:
    if row["answer_format"] not in INSTRUCTIONS:
        raise DatasetError(
            f"{where}: unknown answer format {row['answer_format']!r}. Use one of {', '.join(INSTRUCTIONS)}."
        )
    letters = list(LETTERS[: len(row["options"])])
    if row["answer_format"] == "choice" and row["mc_answer"] not in letters:
        raise DatasetError(f"{where}: the answer {row['mc_answer']!r} names none of the options {row['options']}.")


def _check_views(scene: SceneRows, row: dict, where: str) -> None:
    for frame_id in row["frames"]:
        _check_name("frame", frame_id, where)
        if scene.images and frame_id not in scene.images:
            raise DatasetError(
                f"{where}: frame {frame_id!r} has no image. Give every frame its image, or none at all to write "
                "the scene without pixels."
            )
    contents = [message.get("content") or [] for message in row["prompt"]]
    placeholders = [part.get("type") for content in contents for part in content].count("image")
    if placeholders != len(row["frames"]) or not row["frames"]:
        raise DatasetError(
            f"{where}: {len(row['frames'])} frames but {placeholders} images in the prompt. Show every frame once."
        )


def _check_evidence(evidence: str, where: str) -> None:
    try:
        found = orjson.loads(evidence)  # refuses NaN, which is no JSON number
    except orjson.JSONDecodeError as error:
        raise DatasetError(f"{where}: 'evidence' is not JSON ({error}). Write it with `json.dumps`.") from error
    if not isinstance(found, dict):
        raise DatasetError(f"{where}: 'evidence' is a JSON {type(found).__name__}. It must be an object.")


def _check_image(image: bytes, where: str) -> None:
    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
            opened.load()  # `verify` would miss a file that was cut short
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{where}: the image is neither JPEG nor PNG, it begins with {image[:8]!r}. Convert it first."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DatasetError(f"{where}: the image cannot be read ({error}). Export it again.") from error
