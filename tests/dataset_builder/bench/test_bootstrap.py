import numpy as np
import pytest

from dataset_builder.bench.bootstrap import RESAMPLES, SceneBootstrap, mean_of
from dataset_builder.bench.metrics import RowScore, summarize


def test_means_are_those_of_rows_drawn_by_scene():
    """Against the rows themselves, written out as often as their scene was drawn."""
    rng = np.random.default_rng(0)
    scenes = [f"scene_{k}" for k in rng.integers(0, 6, 40)]
    values = rng.random(40)
    bootstrap = SceneBootstrap(scenes, seed=3)
    names = list(dict.fromkeys(scenes))
    rows = [k for k in range(40) if k % 3]
    means = bootstrap.means(values[rows], rows)
    for r in range(0, RESAMPLES, 97):
        times = dict(zip(names, bootstrap.draws[r].astype(int), strict=True))
        drawn = [values[k] for k in rows for _ in range(times[scenes[k]])]
        assert sum(times.values()) == len(names)
        assert means[r] == pytest.approx(np.mean(drawn))


def test_a_scene_with_all_the_rows_of_a_part_may_be_absent():
    bootstrap = SceneBootstrap(["a", "a", "b", "b"], seed=0)
    first, both = bootstrap.means([1.0, 0.0], [0, 1]), bootstrap.means([1.0, 0.0, 1.0, 1.0], [0, 1, 2, 3])
    absent = bootstrap.draws[:, 0] == 0
    assert np.isnan(first[absent]).all() and (first[~absent] == 0.5).all()
    assert set(both) == {0.5, 0.75, 1.0}
    # the mean of parts is over those that a draw holds
    second = bootstrap.means([0.25], [2])
    assert set(mean_of([first, second])) == {0.5, 0.25, 0.375}


def test_the_interval_of_independent_rows_is_the_textbook_one():
    """One row a scene, half of 400 right: 0.5 +- 1.96 * sqrt(0.25 / 400) = 0.451 ... 0.549."""
    values = [1.0, 0.0] * 200
    bootstrap = SceneBootstrap(range(400), seed=1)
    low, high = bootstrap.interval(bootstrap.means(values, range(400)), range(400))
    assert low == pytest.approx(0.451, abs=0.006) and high == pytest.approx(0.549, abs=0.006)


def test_questions_of_one_scene_count_as_one():
    """Each of 400 answers twenty times over: the interval stays that of 20 scenes, 4.5 times as wide."""
    values = np.repeat([1.0, 0.0] * 10, 20)
    scenes = np.repeat(np.arange(20), 20)
    bootstrap = SceneBootstrap(scenes.tolist(), seed=1)
    low, high = bootstrap.interval(bootstrap.means(values, range(400)), range(400))
    assert high - low == pytest.approx(2 * 1.96 * (0.25 / 20) ** 0.5, rel=0.1)


def test_one_scene_has_no_interval():
    bootstrap = SceneBootstrap(["a", "a", "b"], seed=0)
    assert bootstrap.interval(bootstrap.means([1.0, 0.0], [0, 1]), [0, 1]) is None


def score(scene: str, kind: str, value: float) -> RowScore:
    return RowScore({"dataset": "toy", "scene_name": scene, "question_type": kind, "occ_level": "low"}, value, True)


def test_intervals_of_a_summary():
    """Counts are right in scenes a and b and wrong in c; existence, right everywhere, has no width."""
    scores = [score(scene, "obj_count_occ", float(scene != "c")) for scene in "abc"]
    scores += [score(scene, "obj_existence_occ_lr", 1.0) for scene in "abc"]
    summary = summarize(scores, seed=5)
    assert summary == summarize(scores, seed=5) != summarize(scores, seed=6) or summary["interval"] == [0.5, 1.0]
    assert summary["by_question_type"]["obj_count_occ"]["interval"] == [0.0, 1.0]  # (1/3)^3 of the draws hold c alone
    assert summary["by_question_type"]["obj_existence_occ_lr"]["interval"] == [1.0, 1.0]
    assert summary["mean_over_types_interval"] == summary["mean_over_tasks_interval"] == [0.5, 1.0]
    part = summary["by_task_and_level"]["object_count"]["occ_level"]["low"]
    assert part == summary["by_question_type"]["obj_count_occ"]
    assert summary["by_task_and_level"]["object_count"]["vis_level"]["missing"]["count"] == 3
