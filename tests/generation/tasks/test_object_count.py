import pytest


KIND = "obj_count_occ"


def test_every_rank_of_a_count_of_three(view_of, ask):
    view = view_of(["chair", "chair", "chair"], ["vv.", ".vv"])
    questions, rejected = ask("object_count", view)
    assert {q.text for q in questions} == {"How many chair(s) are visible across these frames?"}
    assert {(q.truth, q.distractors) for q in questions} == {
        ("3", ("4", "5", "6")),
        ("3", ("2", "4", "5")),
        ("3", ("1", "2", "4")),
        ("3", ("0", "1", "2")),
    }
    assert {q.stratum: q.block for q in questions} == {
        "rank 0": ("from 3",),
        "rank 1": ("from 2",),
        "rank 2": ("from 1",),
        "rank 3": ("from 0",),
    }
    assert all(q.targets == (0, 1, 2) and q.cell.startswith("partial") and not q.fallback for q in questions)
    assert not rejected


@pytest.mark.parametrize(("count", "ranks"), [(1, 2), (2, 3), (3, 4), (8, 4)])
def test_options_are_never_negative(view_of, ask, count, ranks):
    questions, _ = ask("object_count", view_of(["cup"] * count, ["v" * count] * 2))
    assert len(questions) == ranks
    for q in questions:
        options = sorted(int(option) for option in (q.truth, *q.distractors))
        assert options[0] >= 0 and options.index(int(q.truth)) == int(q.stratum.split()[1])
        assert len(set(options)) == 4 and q.cell == "full"


def test_instances_that_no_view_shows_do_not_count(view_of, ask):
    questions, _ = ask("object_count", view_of(["cup", "cup"], ["v.", "v."]))
    assert {q.truth for q in questions} == {"1"}
    assert not any(q.fallback for q in questions)


def test_a_category_of_one_is_a_fallback(view_of, ask):
    questions, _ = ask("object_count", view_of(["bed", "cup", "cup"], ["vv.", "v.v"]))
    assert {(q.subject, q.fallback) for q in questions} == {("bed", True), ("cup", False)}


@pytest.mark.parametrize(
    ("labels", "frames", "rule"),
    [
        (["chair", "chair"], ["v.", "vu"], "unclear_instance"),
        (["chair"], ["v", "u"], "unclear_instance"),  # even if it is clear in another view (ANNOTATION section 5)
        (["cup"] * 9, ["v" * 9] * 2, "more_than_8"),
        (["chair", "armchair"], ["v.", "v."], None),
        (["chair", "armchair"], ["v.", "vu"], "broad_category"),
    ],
)
def test_declines(view_of, ask, labels, frames, rule):
    questions, rejected = ask("object_count", view_of(labels, frames))
    assert rejected == ({rule: 1} if rule else {})
    assert bool(questions) == (rule is None)
