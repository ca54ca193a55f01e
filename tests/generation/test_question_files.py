"""Questions come back from their files as they were."""

import gzip
import os
import pickle

import pytest

from dataset_builder.errors import DatasetError
from generation.question_files import pack_questions, unpack_questions
from generation.tasks.base import Question


QUESTION = Question(
    question_type="obj_attribute_occ_lr",
    text="In Frame 2, which object appears to the left of the mug(3,4) in this viewpoint?",
    truth="lamp",
    distractors=("rug", "bed"),
    targets=(3,),
    subject="lamp",
    stratum="",
    num_strata=1,
    group=("obj_attribute_occ_lr", (4, 0), 1, (2, 3)),
    block=("lamp", ""),
    pool={"rug": (1, 2), "bed": ()},
    bbox=(0.5, 1.0, 2.0, 3.5),
    numbers={"axis": "lr", "sign": -1, "area_per_frame": (1, 2)},
    scene_name="room",
    letter="C",
)


def test_there_and_back(tmp_path):
    assert unpack_questions(pack_questions([QUESTION, QUESTION]), tmp_path) == [QUESTION, QUESTION]
    assert unpack_questions(pack_questions([]), tmp_path) == []
    assert pack_questions([QUESTION]) == pack_questions([QUESTION])


class Harmful:
    def __reduce__(self):
        return os.mkdir, ("harm",)


def test_which_values_are_one_object_does_not_show():
    apart = QUESTION._replace(subject="".join(["la", "mp"]), truth="".join(["lam", "p"]))
    assert apart == QUESTION and apart.subject is not apart.truth
    assert pack_questions([apart, QUESTION]) == pack_questions([QUESTION, QUESTION])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no gzip",
        pack_questions([QUESTION])[:-20],
        gzip.compress(b"no pickle"),
        gzip.compress(pickle.dumps([(1, 2)])),
        gzip.compress(pickle.dumps(Harmful())),
    ],
    ids=["empty", "no gzip", "cut off", "no pickle", "no question", "harmful"],  # gzip carries the time of writing
)
def test_a_damaged_file_is_named(tmp_path, data):
    with pytest.raises(DatasetError, match=r"asked\.gz cannot be read .* and run again"):
        unpack_questions(data, tmp_path / "asked.gz")
    assert not os.path.exists("harm")
