"""The audit can fail: every kind of damage to a good row is caught by the check that is there for it."""

import copy
import json
import re
from collections import defaultdict
from itertools import permutations

import pytest

from dataset_builder.schema import LETTERS, build_completion, build_prompt, row_id
from generation.audit.evidence_facts import EvidenceFacts
from generation.audit.proofs import PROOFS, prove
from generation.audit.wording import Unprovable, option_texts


ANSWERS = ("answer from scene", "answer from evidence")
DIRECTED = ("existence", "attribute", "spatial")
OPPOSITE = {
    "to the left of": "to the right of",
    "higher than": "lower than",
    "closer to the camera than": "farther from the camera than",
}
OPPOSITE |= {word: other for other, word in OPPOSITE.items()}


def whole(row: dict, **changes) -> dict:
    """`row` with `changes`, and with the id, prompt and completion that fit them: a lie without contradictions."""
    row = copy.deepcopy(row) | changes
    answer = row["mc_answer"] if row["answer_format"] == "choice" else row["ground_truth"]
    return row | {
        "id": row_id(row["dataset"], row["scene_name"], row["frames"], row["question_type"], row["question"]),
        "prompt": build_prompt(len(row["frames"]), row["question"], row["options"] or [], row["answer_format"]),
        "completion": build_completion(answer),
    }


def with_options(row: dict, texts: list[str]) -> dict:
    options = [f"{letter}. {text}" for letter, text in zip(LETTERS, texts, strict=False)]
    return whole(row, options=options, ground_truth=texts[LETTERS.index(row["mc_answer"])])


def with_evidence(row: dict, change) -> dict:
    """`row` whose evidence went through `change(evidence)`."""
    evidence = json.loads(row["evidence"])
    change(evidence)
    return row | {"evidence": json.dumps(evidence)}


def wrong(row: dict) -> int:
    """Position of a wrong option."""
    return (LETTERS.index(row["mc_answer"]) + 1) % len(row["options"])


@pytest.fixture(scope="session")
def of_type(rows):
    """Rows by question type."""
    found = defaultdict(list)
    for row in rows:
        found[row["question_type"]].append(row)
    return found


def test_every_type_is_there_and_sound(rows, findings, of_type):
    assert set(of_type) == set(PROOFS)
    for row in rows:
        assert findings(row) == {}


@pytest.fixture(params=PROOFS)
def row(request, of_type):
    """One good row of each question type."""
    return of_type[request.param][0]


@pytest.fixture(params=[kind for kind in PROOFS if not kind.endswith("_na")])
def choice(request, of_type):
    """One good row of each question type with options."""
    return of_type[request.param][0]


@pytest.fixture(params=[kind for kind in PROOFS if kind.split("_")[1] in DIRECTED])
def directed(request, of_type):
    """One good row of each question type about a direction."""
    return of_type[request.param][0]


# -- the row by itself


def test_letter_of_another_option(choice, findings):
    found = findings(choice | {"mc_answer": LETTERS[wrong(choice)]})
    assert "the text of option" in found["text"] and "the completion" in found["text"]


def test_letter_that_no_option_has(choice, findings):
    assert "one of the letters" in findings(choice | {"mc_answer": "E"})["text"]


def test_text_of_the_truth(choice, findings):
    assert "the text of option" in findings(choice | {"ground_truth": "something else"})["text"]


def test_option_twice(choice, findings):
    texts = option_texts(choice)
    texts[wrong(choice)] = choice["ground_truth"]
    assert "options that differ" in findings(with_options(choice, texts))["text"]


def test_options_out_of_order(choice, findings):
    assert "options lettered in order" in findings(choice | {"options": choice["options"][::-1]})["text"]


def test_prompt_of_another_question(row, findings):
    other = whole(row, question="Which room is this?")
    assert "a prompt of the views" in findings(row | {"prompt": other["prompt"]})["text"]


def test_completion_of_another_answer(row, findings):
    assert "the completion" in findings(row | {"completion": build_completion("D?")})["text"]


def test_task_of_another_type(row, findings):
    assert "task " in findings(row | {"task": "object_colour"})["text"]


def test_answer_format(row, findings):
    other = "number" if row["answer_format"] == "choice" else "choice"
    assert "the answer format" in findings(row | {"answer_format": other})["text"]


@pytest.fixture(params=[kind for kind in PROOFS if kind.endswith("_na")])
def number(request, of_type):
    """One good row of each question type without options."""
    return of_type[request.param][0]


def test_number_with_options(number, findings):
    assert "neither options nor a letter" in findings(number | {"options": ["A. 1"], "mc_answer": "A"})["text"]


def test_number_in_words(number, findings):
    assert "an answer in the form of a" in findings(whole(number, ground_truth="about three"))["text"]


def test_id_of_another_row(row, findings):
    assert findings(row | {"id": "0123456789abcdef"}).keys() == {"id"}


# -- answers


def test_a_wrong_option_as_the_answer(choice, findings):
    k = wrong(choice)
    lie = whole(choice, mc_answer=LETTERS[k], ground_truth=option_texts(choice)[k])
    found = findings(lie)
    for check in ANSWERS:
        assert re.search(rf"^{choice['mc_answer']} of A\. .* -> {LETTERS[k]}$", found[check], re.M)


def test_a_type_without_a_proof():
    with pytest.raises(Unprovable, match="there is no proof for the type obj_colour_occ"):
        prove({"question_type": "obj_colour_occ"}, facts=None)


def test_a_wrong_number(number, findings):
    """One more in the last digit, and another unit."""
    answer = number["ground_truth"]
    last = re.search(r"\d(?=\D*$)", answer).start()
    digit = str((int(answer[last]) + 5) % 10)
    for lie in (answer[:last] + digit + answer[last + 1 :], re.sub(r"\d", "9\\g<0>", answer, count=1)):
        found = findings(whole(number, ground_truth=lie))
        for check in ANSWERS:
            assert found[check].endswith(f" -> {lie}\n")


def test_things_that_are_too_near_or_small_to_measure(of_type):
    """A length must be ten times its own error."""
    for kind in ("obj_distance_occ_na", "obj_obj_distance_occ_na", "obj_size_occ_na"):
        row = of_type[kind][0]
        evidence = json.loads(row["evidence"])
        for name in ("camera_distance_error_m", "object_distance_error_m", "size_error_m"):
            evidence["thresholds"][name] = 100.0
        with pytest.raises(Unprovable, match="10 x its error"):
            prove(row, EvidenceFacts(row | {"evidence": json.dumps(evidence)}))


def test_question_of_another_wording(row, findings):
    found = findings(whole(row, question=f"Please: {row['question']}"))
    for check in ANSWERS:
        assert "is not worded as one of type" in found[check]


def flipped(text: str) -> str:
    return re.sub("|".join(OPPOSITE), lambda word: OPPOSITE[word[0]], text)


def test_flipped_direction(directed, findings):
    """With the opposite words in the question, or in all options of a relation, the answer is false."""
    if "obj_spatial" in directed["question_type"]:
        texts = [flipped(text[0].lower() + text[1:]) for text in option_texts(directed)]
        lie = with_options(directed, [text[0].upper() + text[1:] for text in texts])
    else:
        lie = whole(directed, question=flipped(directed["question"]))
    found = findings(lie)
    for check in ANSWERS:
        assert re.search(rf" of A\. .* -> {directed['mc_answer']}$", found[check], re.M)


def test_frame_that_is_not_shown(directed, findings):
    found = findings(whole(directed, question=re.sub(r"Frame \d", "Frame 9", directed["question"])))
    for check in ANSWERS:
        assert "there is no Frame 9" in found[check]


def test_pin_beside_the_box(of_type, findings):
    pinned = [row for kind in of_type for row in of_type[kind] if re.search(r"\(\d+,\d+\)", row["question"])]
    assert pinned
    for row in pinned:
        moved = json.loads(json.dumps(row).replace("(" + re.search(r"\((\d+,\d+)\)", row["question"])[1], "(1,1"))
        found = findings(whole(moved))
        for check in ANSWERS:
            assert "is not the centre of one box" in found[check]


def test_name_that_means_several(of_type, findings):
    """Without its pin, a reference that is not unique means more than one thing."""
    pinned = [row for kind in of_type for row in of_type[kind] if re.search(r"\(\d+,\d+\)", row["question"])]
    bare = [json.loads(re.sub(r"\(\d+,\d+\)", "", json.dumps(row))) for row in pinned]
    texts = [findings(whole(row)).get("answer from scene", "") for row in bare]
    assert all("may be any of the things" in text or "seen unclearly" in text for text in texts)


@pytest.mark.parametrize("kind", ["obj_attribute_occ_lr", "obj_attribute_occ_ab", "obj_attribute_occ_fb"])
def test_distractor_that_no_view_shows(of_type, findings, kind):
    row = of_type[kind][0]
    texts = option_texts(row)
    texts[wrong(row)] = "unicorn"
    for check in ANSWERS:
        assert "no view shows a unicorn" in findings(with_options(row, texts))[check]


@pytest.mark.parametrize("kind", ["obj_attribute_occ_lr", "obj_attribute_occ_ab", "obj_attribute_occ_fb"])
def test_several_options_are_true(of_type, findings, kind):
    """Three of the four categories lie on the other side."""
    row = of_type[kind][0]
    question = flipped(row["question"])
    lie = whole(row, question=question, mc_answer=LETTERS[wrong(row)], ground_truth=option_texts(row)[wrong(row)])
    assert re.search(r"^\w and \w and \w of A\. ", findings(lie)["answer from evidence"], re.M)


def test_points_near_the_truth_or_outside(of_type, findings):
    row = next(row for row in of_type["obj_localization_occ"] if row["ground_truth"] != "No")
    x, y = map(int, re.findall(r"\d+", row["ground_truth"]))
    k = next(k for k, text in enumerate(option_texts(row)) if text not in ("No", row["ground_truth"]))
    for point, message in (((x + 2, y), "pixels of the box centre"), ((700, y), "outside the 640x480 image")):
        texts = option_texts(row)
        texts[k] = f"Yes; ({point[0]}, {point[1]})"
        for check in ANSWERS:
            assert message in findings(with_options(row, texts))[check]


@pytest.mark.parametrize("kind", ["obj_count_occ", "bestview_count_occ"])
def test_counts_that_are_all_wrong(of_type, findings, kind):
    row = of_type[kind][0]
    texts = [re.sub(r"^\d+", lambda number: str(int(number[0]) + 20), text) for text in option_texts(row)]
    for check in ANSWERS:
        assert "no option of" in findings(with_options(row, texts))[check]


# -- views


@pytest.mark.parametrize("kind", PROOFS)
def test_swapped_frames(of_type, findings, kind):
    def pixels(row: dict) -> list[int]:
        return [view["visible_pixels"] for view in json.loads(row["evidence"])["targets"][0]["views"]]

    row = next(row for row in of_type[kind] if pixels(row)[0] != pixels(row)[1])
    found = findings(whole(row, frames=[row["frames"][1], row["frames"][0], *row["frames"][2:]]))
    for frame in (1, 2):
        assert re.search(rf"visible_pixels \d+ of the .* in Frame {frame} -> ", found["evidence"])


@pytest.mark.parametrize(
    "frames, message",
    [
        (lambda frames: ["frame_999999", *frames[1:]], "unknown frame_999999"),
        (lambda frames: [frames[0], *frames], "2 to 5 different frames"),
        (lambda frames: frames[:1], "2 to 5 different frames"),
    ],
)
def test_frames_of_no_view_set(row, findings, frames, message):
    assert message in findings(whole(row, frames=frames(row["frames"])))["frames"]


def test_views_that_overlap_too_much(row, findings, measures):
    scene = measures[row["scene_name"]]
    pair = next(pair for pair in permutations(scene.cameras, 2) if scene.overlap(*pair) > 30)
    assert "overlap of at most 30" in findings(whole(row, frames=list(pair)))["view set"]


def test_views_that_stand_apart(row, findings, measures):
    scene = measures[row["scene_name"]]
    pair = next((pair for pair in permutations(scene.cameras, 2) if scene.overlap(*pair) < 1), None)
    if pair is None:
        pytest.skip("every pair of frames of this room is linked")
    found = findings(whole(row, frames=list(pair)))
    assert ("stand apart" in found.get("view set", "")) == (row["task"] not in ("object_count", "best_view_selection"))


# -- what a view shows


def test_a_thing_that_no_view_shows(row, findings, measures):
    """The same question about two views that do not show what it is about."""
    scene = measures[row["scene_name"]]
    targets = [one["instance_id"] for one in json.loads(row["evidence"])["targets"]]
    if row["task"] == "object_count":  # of the kind that is counted, the views may show others
        targets = [k for k, label in scene.labels.items() if label == scene.labels[targets[0]]]
    blind = [frame for frame in scene.cameras if all(scene.visibility(frame, k) == "absent" for k in targets)]
    if len(blind) < 2:
        pytest.skip("all but one view of this room show it")
    found = findings(whole(row, frames=blind[:2], question=re.sub(r"Frame \d", "Frame 1", row["question"])))
    refusals = ("no view shows", "may be any of the things", "is not the centre of", "in Frame 1")
    assert any(refusal in found["answer from scene"] for refusal in refusals), found["answer from scene"]


# -- fields


@pytest.mark.parametrize("name, error", [("occlusion_avg", 0.001), ("truncation_avg", 0.001), ("overlap_avg", 0.2)])
def test_averages(row, findings, name, error):
    assert f"{name} " in findings(row | {name: row[name] + error})["diagnostics"]


@pytest.mark.parametrize("name", ["occ_level", "overlap_level", "vis_level", "gt_scenario"])
def test_levels(row, findings, name):
    assert f"{name} " in findings(row | {name: "other"})["diagnostics"]


def test_box_of_the_answer(row, findings):
    box = row["bbox_2d"]
    other = [10.0, 10.0, 20.0, 20.0] if box is None else [box[0] + 1, *box[1:]]
    assert "bbox_2d " in findings(row | {"bbox_2d": other})["answer box"]
    diagonal = None if box else 14.1
    assert "bbox_2d_diag " in findings(row | {"bbox_2d_diag": diagonal})["answer box"]
