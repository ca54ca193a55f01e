from dataset_builder.bench.controls import chance_score, majority_answers, majority_reply


def row(question_type: str, options: list[str], answer: str) -> dict:
    return {"question_type": question_type, "answer_format": "choice", "options": options, "mc_answer": answer}


COUNT = ["A. 4", "B. 3", "C. 2", "D. 1"]
YES_FIRST, NO_FIRST = ["A. Yes", "B. No"], ["A. No", "B. Yes"]


def test_majority_by_letter_and_by_text():
    answers = majority_answers(
        [
            row("obj_count_occ", COUNT, "C"),
            row("obj_count_occ", COUNT, "C"),
            row("obj_count_occ", COUNT, "A"),
            # letters: B twice, A three times; texts: Yes three times, No twice
            row("obj_existence_occ_lr", YES_FIRST, "A"),
            row("obj_existence_occ_lr", NO_FIRST, "B"),
            row("obj_existence_occ_lr", NO_FIRST, "B"),
            row("obj_existence_occ_lr", NO_FIRST, "A"),
            row("obj_existence_occ_lr", NO_FIRST, "A"),
        ]
    )
    assert answers == {"obj_count_occ": "C", "obj_existence_occ_lr": "Yes"}
    assert majority_reply(row("obj_count_occ", COUNT, "A"), answers) == "C"
    assert majority_reply(row("obj_existence_occ_lr", YES_FIRST, "B"), answers) == "A"
    assert majority_reply(row("obj_existence_occ_lr", NO_FIRST, "B"), answers) == "B"


def test_ties_go_to_the_first_in_the_alphabet():
    rows = [row("obj_count_occ", COUNT, "D"), row("obj_count_occ", COUNT, "B")]
    assert majority_answers(rows) == majority_answers(rows[::-1]) == {"obj_count_occ": "B"}


def test_an_option_that_is_no_beside_others_counts_by_letter():
    places = ["A. Yes; (1, 2)", "B. No", "C. Yes; (3, 4)", "D. Yes; (5, 6)"]
    assert majority_answers([row("obj_localization_occ", places, "B")]) == {"obj_localization_occ": "B"}


def test_chance():
    assert chance_score(row("obj_count_occ", COUNT, "A")).score == 0.25
    assert chance_score(row("obj_existence_occ_lr", NO_FIRST, "A")).score == 0.5


def test_constants_by_hand():
    """10 is right for 10 and 10.4; the point in the middle is a diagonal away from the others, within half of all."""

    def measured(kind: str, answer_format: str, truth: str) -> dict:
        return {
            "question_type": kind,
            "answer_format": answer_format,
            "options": [],
            "ground_truth": truth,
            "bbox_2d_diag": 10.0,
        }

    sizes = [measured("obj_size_occ_na", "number", truth) for truth in ("1", "1.6", "10", "10.4")]
    points = [measured("obj_localization_occ_na", "point", f"({x}, 0)") for x in (0, 10, 20)]
    answers = majority_answers(sizes + points)
    assert answers == {"obj_size_occ_na": "10", "obj_localization_occ_na": "(10, 0)"}
    assert majority_reply(sizes[0], answers) == "10"
