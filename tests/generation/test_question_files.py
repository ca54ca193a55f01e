"""Questions come back from their files as they were."""

import gzip
import io

import numpy as np
import pytest

from dataset_builder.errors import DatasetError
from generation.question_files import pack, unpack
from generation.tasks.proposed import ASKED, PROPOSAL, WITH_POOL, proposals


QUESTIONS = proposals(2, view_set=[4, 0], position=[1, -1], group=[2**62, 7], block=[[1, 2, 3, 4], [5, 6, 7, 8]])


def npy(array: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return gzip.compress(buffer.getvalue())


@pytest.mark.parametrize("questions", [QUESTIONS, QUESTIONS[:0], np.zeros(3, WITH_POOL)])
def test_there_and_back(tmp_path, questions):
    data = pack(questions)
    found = unpack(data, tmp_path, PROPOSAL, WITH_POOL)
    assert found.dtype == questions.dtype and found.tobytes() == questions.tobytes()
    assert pack(questions.copy()) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no gzip",
        pack(QUESTIONS)[:-20],
        pack(QUESTIONS)[:30] + b"\xff" * 20 + pack(QUESTIONS)[50:],
        gzip.compress(b"no array"),
        npy(np.arange(3)),
        pack(np.zeros(2, ASKED)),
        npy(np.array([{}]), allow_pickle=True),
    ],
    ids=["empty", "no gzip", "cut off", "overwritten", "no array", "no question", "another record", "would run code"],
)
def test_a_damaged_file_is_named(tmp_path, data):
    with pytest.raises(DatasetError, match=r"asked\.gz cannot be read .* and run again"):
        unpack(data, tmp_path / "asked.gz", PROPOSAL)
