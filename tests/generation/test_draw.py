"""Drawing over several scenes: groups, quotas, letters, and matches that no scene has alone."""

from collections import Counter

import pytest

from generation.draw import draw_type, groups_of
from generation.proposals import Proposals, thin
from generation.question_files import pack_questions
from generation.rng import stage_rng
from generation.settings import GenerateSettings
from generation.tasks.base import Question


KIND = "obj_spatial_occ_ab"
QUESTION = Question(
    question_type=KIND,
    text="?",
    truth="Higher than",
    distractors=("Lower than",),
    targets=(0,),
    subject="lamp",
    stratum="1",
    num_strata=2,
    block=("rug",),
    num_shared=1,
    group=(KIND, (0, 1), 0),
)


def write_proposals(folder, scene: str, questions: list[Question]) -> Proposals:
    (folder / scene).mkdir()
    named = [question._replace(scene_name=scene) for question in questions]
    (folder / scene / f"{KIND}.gz").write_bytes(pack_questions(named))
    return Proposals(folder / scene, {})


def alike(stratum: str, count: int) -> list[Question]:
    return [QUESTION._replace(stratum=stratum, group=(KIND, (k, k + 1), 0)) for k in range(count)]


def test_scenes_complete_each_others_matches(tmp_path):
    high, low = (write_proposals(tmp_path, f"room_{s}", alike(s, 12)) for s in ("1", "-1"))
    settings = GenerateSettings(questions=8)
    drawn = draw_type(settings, [high, low], KIND)
    assert Counter((one.scene_name, one.stratum) for one in drawn) == {("room_1", "1"): 8, ("room_-1", "-1"): 8}
    assert Counter(one.letter for one in drawn) == {"A": 8, "B": 8}
    assert draw_type(settings, [high], KIND) == []
    assert draw_type(settings, [high, low], KIND) == drawn
    assert draw_type(settings, [high, low], "obj_size_occ_na") == []


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (64, [64]), (65, [33, 32]), (200, [50] * 4)])
def test_groups_have_nearly_equal_sizes(count, sizes):
    groups = groups_of([f"room_{k}" for k in range(count)])
    assert [len(group) for group in groups] == sizes
    assert [name for group in groups for name in group] == [f"room_{k}" for k in range(count)]


def test_thinning_keeps_rare_subjects():
    questions = [QUESTION._replace(subject=name) for name in ["lamp"] * 100 + ["bed"] * 3 + ["rug"] * 20]
    counts = Counter(one.subject for one in thin(questions, 23, stage_rng(0)))
    assert counts == {"lamp": 10, "bed": 3, "rug": 10}
    assert len(thin(questions, 500, stage_rng(0))) == 123
