"""Proposals and questions as compressed files: the same ones give the same bytes."""

import gzip
import io
import zlib
from pathlib import Path

import numpy as np

from dataset_builder.errors import DatasetError


def pack(records: np.ndarray) -> bytes:
    """The file's content for records of `generation.tasks.proposed`."""
    buffer = io.BytesIO()
    np.save(buffer, records, allow_pickle=False)
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def unpack(data: bytes, path: Path, *dtypes: np.dtype) -> np.ndarray:
    """The records in a file's content.

    Raises:
        [`DatasetError`]: it holds none of one of these types; the message names `path`.
    """
    try:
        records = np.load(io.BytesIO(gzip.decompress(data)), allow_pickle=False)
        if records.dtype not in dtypes:
            raise ValueError(f"it holds {records.dtype}")
        return records
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}). Delete the folder {path.parent} and run again."
        ) from error
