"""Questions as compressed files: the same questions give the same bytes.

A file is a pickle of plain values, read by a reader that refuses everything else: JSON takes twenty times as long, and
would turn every tuple into a list.
"""

import gzip
import io
import pickle
from collections.abc import Sequence
from pathlib import Path

from dataset_builder.errors import DatasetError
from generation.tasks.base import Question


class _PlainReader(pickle.Unpickler):
    """Reads numbers, text, tuples, lists and dictionaries; nothing that would run code."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"it holds {module}.{name}, which no question does")


def pack_questions(questions: Sequence[Question]) -> bytes:
    """The file's content for `questions`."""
    buffer = io.BytesIO()
    writer = pickle.Pickler(buffer, protocol=5)
    writer.fast = True  # no references between equal values: which of them are one object would show in the bytes
    writer.dump([tuple(question) for question in questions])
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def unpack_questions(data: bytes, path: Path) -> list[Question]:
    """The questions in a file's content.

    Raises:
        [`DatasetError`]: it holds none; the message names `path`.
    """
    try:
        return [Question(*values) for values in _PlainReader(io.BytesIO(gzip.decompress(data))).load()]
    except (OSError, EOFError, ValueError, TypeError, pickle.UnpicklingError) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}). Delete the folder {path.parent} and run again."
        ) from error
