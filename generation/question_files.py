"""Questions as gzipped JSON: the same questions give the same bytes."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from dataset_builder.errors import DatasetError
from generation.tasks.base import Question


def pack_questions(questions: Sequence[Question]) -> bytes:
    """The file's content for `questions`."""
    text = json.dumps([vars(question) for question in questions], separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=4, mtime=0)


def unpack_questions(data: bytes, path: Path) -> list[Question]:
    """The questions in a file's content.

    Raises:
        [`DatasetError`]: it holds none; the message names `path`.
    """
    try:
        return [Question(**_tuples(fields)) for fields in json.loads(gzip.decompress(data))]
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}). Delete the folder {path.parent} and run again."
        ) from error


def _tuples(value):
    """JSON knows lists only; the fields of a question are tuples."""
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return {name: _tuples(one) for name, one in value.items()} if isinstance(value, dict) else value
