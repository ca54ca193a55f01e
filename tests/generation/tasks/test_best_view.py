import pytest

from generation.tasks.best_view import LARGER, SMALLER


TEXT = (
    "How many cup(s) are visible across these frames? "
    "And tell me which frame provides the most informative view of the cup(s)."
)


def test_factorial_options(view_of, ask):
    # three cups in all; the second frame shows two, the first one, the third none: frame 1 is the only wrong one
    view = view_of(["cup", "cup", "cup"], ["v..", ".vv", "..."])
    questions, rejected = ask("best_view_selection", view)
    assert {q.text for q in questions} == {TEXT} and not rejected
    found = {q.stratum: (q.truth, q.distractors, q.block) for q in questions}
    assert found == {
        LARGER: (
            "3 cup(s); Frame 2",
            ("3 cup(s); Frame 1", "2 cup(s); Frame 2", "2 cup(s); Frame 1"),
            (8 * 2 + 3, "cup"),  # two and more in three views
        ),
        SMALLER: (
            "3 cup(s); Frame 2",
            ("3 cup(s); Frame 1", "4 cup(s); Frame 2", "4 cup(s); Frame 1"),
            (8 * 3 + 3, "cup"),
        ),
    }
    assert questions[0].numbers["visible_per_frame"] == [1, 2, 0]
    assert questions[0].numbers["area_per_frame"] == [1000, 2000, 0]
    assert all(q.targets == (0, 1, 2) and q.num_strata == 2 for q in questions)


def test_a_count_of_one_has_no_smaller_option(view_of, ask):
    view = view_of(["cup", "cup"], ["v.", "v."])
    view.annotation.visible_pixels[1, 0] = 1250
    view.annotation.amodal_pixels[1, 0] = 1250
    questions, _ = ask("best_view_selection", view)
    assert [(q.stratum, q.truth) for q in questions] == [(SMALLER, "1 cup(s); Frame 2")]


@pytest.mark.parametrize(("pixels", "clear"), [(1249, False), (1250, True), (700, True)])
def test_margin_of_area(view_of, ask, pixels, clear):
    view = view_of(["cup"], ["v", "v"])
    view.annotation.visible_pixels[1, 0] = view.annotation.amodal_pixels[1, 0] = pixels
    questions, rejected = ask("best_view_selection", view)
    assert bool(questions) == clear
    assert rejected == ({} if clear else {"no_clear_best_view": 1})
    if clear:
        assert questions[0].numbers["best_frame"] == (2 if pixels > 1000 else 1)


def test_one_more_instance_beats_any_area(view_of, ask):
    view = view_of(["cup", "cup"], ["v.", "vv"])
    view.annotation.visible_pixels[0, 0] = view.annotation.amodal_pixels[0, 0] = 90_000
    assert ask("best_view_selection", view)[0][0].numbers["best_frame"] == 2


@pytest.mark.parametrize(
    ("frames", "rule"), [(["vv", ".."], "only_one_view_shows_it"), (["vv", "vu"], "unclear_instance")]
)
def test_declines(view_of, ask, frames, rule):
    questions, rejected = ask("best_view_selection", view_of(["cup", "cup"], frames))
    assert not questions and rejected == {rule: 1}
