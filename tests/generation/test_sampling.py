"""The rules for view sets, checked on every set that is drawn."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from generation.sampling import MAX_NEAR_TWINS, sample_view_sets


def random_overlap(num_frames: int, seed: int = 0) -> np.ndarray:
    overlap = np.triu(np.random.default_rng(seed).choice([0, 0.9, 1, 5, 29, 30, 31, 80], (num_frames, num_frames)), 1)
    return overlap + overlap.T + 100 * np.eye(num_frames)


def is_connected(frames, overlap) -> bool:
    reached = {frames[0]}
    for _ in frames:
        reached |= {f for f in frames if any(overlap[f, g] >= 1 for g in reached)}
    return reached == set(frames)


@pytest.mark.parametrize("seed", range(5))
def test_every_set_keeps_the_rules(seed):
    overlap = random_overlap(14, seed)
    sets, _ = sample_view_sets(overlap, 80, np.random.default_rng(seed))
    assert sets
    twins = Counter()
    for one in sets:
        pairs = [overlap[pair] for pair in combinations(one.frames, 2)]
        assert 2 <= len(one.frames) == len(set(one.frames)) <= 5
        assert max(pairs) <= 30
        assert is_connected(one.frames, overlap)
        assert one.overlap_avg == pytest.approx(np.mean(pairs))
        twins.update(frozenset(rest) for rest in combinations(one.frames, len(one.frames) - 1))
    assert len({frozenset(one.frames) for one in sets}) == len(sets)
    assert max(twins.values()) <= MAX_NEAR_TWINS


def test_limits_are_inclusive():
    for shared, found in ((30.0, 1), (30.1, 0), (1.0, 1), (0.9, 0)):
        overlap = np.array([[100, shared], [shared, 100]])
        assert len(sample_view_sets(overlap, 5, np.random.default_rng(0))[0]) == found


def test_two_groups_without_a_link_are_never_mixed():
    overlap = np.zeros((6, 6))
    overlap[:3, :3] = overlap[3:, 3:] = 10
    sets, rejected = sample_view_sets(overlap, 20, np.random.default_rng(0))
    assert {frozenset(one.frames) for one in sets} == {
        frozenset(f + start for f in frames)
        for start in (0, 3)
        for size in (2, 3)
        for frames in combinations(range(3), size)
    }
    assert rejected["no_further_compatible_view"] > 0 and rejected["drawn_before"] > 0


def test_near_twins_are_limited_and_counted():
    sets, rejected = sample_view_sets(np.full((9, 9), 10.0), 500, np.random.default_rng(0))
    pairs = [one.frames for one in sets if len(one.frames) == 2]
    assert max(Counter(f for pair in pairs for f in pair).values()) <= MAX_NEAR_TWINS
    assert rejected["too_many_near_twins"] > 0


def test_sizes_are_equally_often_where_all_is_possible():
    sets, _ = sample_view_sets(np.full((40, 40), 10.0), 80, np.random.default_rng(0))
    assert Counter(len(one.frames) for one in sets) == {2: 20, 3: 20, 4: 20, 5: 20}


def test_shown_order_is_shuffled():
    sets, _ = sample_view_sets(np.full((40, 40), 10.0), 80, np.random.default_rng(0))
    in_order = sum(list(one.frames) == sorted(one.frames) for one in sets)
    assert in_order < 30  # 20 * (1/2 + 1/6 + 1/24 + 1/120) = 14.3 by chance


def test_same_generator_same_sets():
    overlap = random_overlap(12)
    first, second = (sample_view_sets(overlap, 30, np.random.default_rng(7))[0] for _ in range(2))
    assert first == second
    assert first != sample_view_sets(overlap, 30, np.random.default_rng(8))[0]


def test_a_scene_of_one_frame_has_no_sets():
    assert sample_view_sets(np.full((1, 1), 100.0), 5, np.random.default_rng(0))[0] == []
