import pytest


KIND = "obj_count_occ"


def test_a_count_of_three(view_of, ask):
    questions, rejected = ask("object_count", view_of(["chair", "chair", "chair"], ["vv.", ".vv"]))
    (question,) = questions
    assert question.text == "How many chair(s) are visible across these frames?"
    assert (question.truth, question.distractors, question.targets) == ("3", (), (0, 1, 2))
    assert question.cell in (0, 1) and not rejected


def test_a_count_as_a_number(view_of, ask):
    questions, rejected = ask("object_count", view_of(["chair", "chair", "bed"], ["vv.", ".vv"]), "obj_count_occ_na")
    assert {(q.subject, q.truth, q.answer_format, q.block) for q in questions} == {
        ("chair", "2", "number", (2,)),
        ("bed", "1", "number", (1,)),
    }
    assert {q.subject for q in questions if q.fallback} == {"bed"}  # a category of one in the whole scene
    assert not rejected


def test_instances_that_no_view_shows_do_not_count(view_of, ask):
    questions, _ = ask("object_count", view_of(["cup", "cup"], ["v.", "v."]))
    assert {q.truth for q in questions} == {"1"}


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
