"""Drawing over several scenes: groups, quotas, letters, and matches that no scene has alone."""

from collections import Counter

import numpy as np
import pytest

from generation.draw import Drawing, groups_of
from generation.proposals import Proposals, Proposed, thin
from generation.rng import stage_rng
from generation.settings import GenerateSettings
from generation.tasks.proposed import NONE, WITH_POOL, blocks, proposals


KIND = "obj_spatial_occ_lr"
SETTINGS = GenerateSettings(questions=8)


def write_proposals(folder, scene: str, categories: list[str], **of_type: np.ndarray) -> Proposals:
    (folder / scene).mkdir()
    for name, data in Proposed([(k, k + 1) for k in range(20)], categories, of_type, {}).files().items():
        (folder / scene / name).write_bytes(data)
    return Proposals(folder / scene, {})


def alike(stratum: int, count: int, lamp: int, rug: int) -> np.ndarray:
    """Questions about lamps and rugs, by the numbers of these categories in the scene."""
    places = np.arange(count)
    return proposals(
        count,
        view_set=places,
        position=0,
        target=places,
        subject=lamp,
        stratum=stratum,
        side=places % 2,
        block=blocks(NONE, 0, rug, lamp),
        group=places,
    )


def test_scenes_complete_each_others_matches(tmp_path):
    # the second scene has a bed as well: there, lamps and rugs have other numbers
    high = write_proposals(tmp_path, "high", ["lamp", "rug"], **{KIND: alike(1, 12, 0, 1)})
    low = write_proposals(tmp_path, "low", ["bed", "lamp", "rug"], **{KIND: alike(-1, 12, 1, 2)})
    drawn = Drawing(SETTINGS, ("high", "low"), [high, low]).of_type(KIND)
    assert [len(of_scene) for of_scene in drawn] == [8, 8]
    assert Counter(np.concatenate(drawn)["letter"].tolist()) == {0: 4, 1: 4, 2: 4, 3: 4}
    for of_scene in drawn:
        assert (of_scene["frames"][:, 0] == of_scene["target"]).all() and (of_scene["frames"][:, 2:] == NONE).all()
    assert [len(one) for one in Drawing(SETTINGS, ("high",), [high]).of_type(KIND)] == [0]
    again = Drawing(SETTINGS, ("high", "low"), [high, low]).of_type(KIND)
    assert all((one == other).all() for one, other in zip(drawn, again, strict=True))
    assert [len(one) for one in Drawing(SETTINGS, ("high", "low"), [high, low]).of_type("obj_size_occ_na")] == [0, 0]


def test_one_number_in_two_scenes_is_no_match(tmp_path):
    """What the questions are told against has number 0 in both: a lamp here, a bed there."""
    here = write_proposals(tmp_path, "here", ["lamp", "rug"], **{KIND: alike(1, 12, 1, 0)})
    there = write_proposals(tmp_path, "there", ["bed", "lamp"], **{KIND: alike(-1, 12, 1, 0)})
    drawn = Drawing(SETTINGS, ("here", "there"), [here, there]).of_type(KIND)
    assert sum(map(len, drawn)) <= 8  # the few that keep a small set from lacking the type


def test_wrong_categories_keep_their_names(tmp_path):
    """Every question's wrong options are of its own pool, in the numbers of its own scene."""
    names = [f"thing {k}" for k in range(8)]
    scenes = {"all": names, "late": names[3:]}
    written = []
    for scene, categories in scenes.items():
        count = len(categories)
        pool = np.full((40, WITH_POOL["pool"].shape[0]), NONE)
        target = np.arange(40) % count
        pool[:, : count - 1] = [[k for k in range(count) if k != one] for one in target]
        side = np.where(np.arange(40) < 20, -1, 1)
        open_ones = proposals(40, WITH_POOL, target=target, subject=target, side=side, group=np.arange(40), pool=pool)
        written.append(write_proposals(tmp_path, scene, categories, obj_attribute_occ_lr=open_ones))
    drawn = Drawing(SETTINGS, tuple(scenes), written).of_type("obj_attribute_occ_lr")
    assert all(len(one) > 0 for one in drawn)
    for one, categories in zip(drawn, scenes.values(), strict=True):
        assert one["wrong"].min() >= 0 and one["wrong"].max() < len(categories)
        assert (one["wrong"] != one["target"][:, None]).all()


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (64, [64]), (65, [33, 32]), (200, [50] * 4)])
def test_groups_have_nearly_equal_sizes(count, sizes):
    groups = groups_of([f"room_{k}" for k in range(count)])
    assert [len(group) for group in groups] == sizes
    assert [name for group in groups for name in group] == [f"room_{k}" for k in range(count)]


def test_thinning_keeps_rare_subjects():
    lamp, bed, rug = range(3)
    questions = proposals(123, subject=[lamp] * 100 + [bed] * 3 + [rug] * 20, group=np.arange(123))
    kept = thin(questions, 23, stage_rng(0))
    assert Counter(kept["subject"].tolist()) == {lamp: 10, bed: 3, rug: 10}
    assert len(set(kept["group"].tolist())) == 23
    assert len(thin(questions, 500, stage_rng(0))) == 123
