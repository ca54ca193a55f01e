"""The parts of the geometry study that need no run of it: settings, stages, losses, turns, optimizer, comparison."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml

from dataset_builder.bench.number_parser import parse_number, parse_point
from dataset_builder.bench.parser import parse_choice
from modeling_spatialmosaic.recipes.geometry_study.build import spread_linear_maps
from modeling_spatialmosaic.recipes.geometry_study.comparison import OVERALL, Comparison
from modeling_spatialmosaic.recipes.geometry_study.frames import ShownObject, patch_shares
from modeling_spatialmosaic.recipes.geometry_study.geometry import camera_loss, dense_loss
from modeling_spatialmosaic.recipes.geometry_study.loop import READOUT_RATE, fit
from modeling_spatialmosaic.recipes.geometry_study.muon import Muon
from modeling_spatialmosaic.recipes.geometry_study.places import (
    SPACE_BINS,
    directions,
    likeness,
    telling_loss,
    told_places,
)
from modeling_spatialmosaic.recipes.geometry_study.questions import turn_of
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, SIZES, Budget, DataSettings, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.stages import run_stage
from modeling_spatialmosaic.recipes.geometry_study.tours import IN_SPACE, IN_THE_IMAGE
from modeling_spatialmosaic.recipes.geometry_study.train import swap_photos, validate
from modeling_spatialmosaic.recipes.geometry_study.turns import Tour
from modeling_spatialmosaic.recipes.geometry_study.vision import augmented


@pytest.mark.parametrize("size", SIZES)
def test_every_size_can_be_read(size):
    settings = StudySettings.load(size)
    assert settings.data.height * 4 == settings.data.image_size * 3
    assert settings.data.height % settings.data.patch_size == 0


def test_wrong_settings_are_named(tmp_path):
    values = {"seedz": [0], "data": {}}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    with pytest.raises(ValueError, match="missing or unknown: .*seedz"):
        StudySettings.load(tmp_path / "own.yaml")
    known = {"seed": 0, "rooms": None, "scenes": 4, "frames": 8, "view_sets": 8, "questions": 2, "max_views": 3}
    known |= {"photo_scenes": 2, "photo_frames": 6}
    with pytest.raises(ValueError, match="no such types: obj_smell"):
        DataSettings(**known, question_types=["obj_smell"], image_size=56, patch_size=14)
    with pytest.raises(ValueError, match="multiple of four patches"):
        DataSettings(**known, question_types=[], image_size=112, patch_size=16)


def test_a_stage_is_made_once_for_each_key(tmp_path):
    made = []

    def make(folder):
        made.append(folder)
        (folder / "result").write_text(str(len(made)), encoding="utf-8")

    for key in ("a", "a", "b"):
        run_stage(tmp_path / "stage", key, make)
    assert len(made) == 2
    assert (tmp_path / "stage" / "result").read_text(encoding="utf-8") == "2"
    with pytest.raises(ZeroDivisionError):
        run_stage(tmp_path / "stage", "c", lambda folder: 1 / 0)
    assert not (tmp_path / "stage").exists()  # nothing unfinished under the final name


def test_patches_count_pixels():
    categories = torch.tensor([[[0, 0, 1, 1], [0, 2, 1, 1]]])  # one photo of 2 x 4 pixels: patches of 1 x 2
    shares = patch_shares(categories, 2, 3)
    assert torch.equal(shares[0, 0], torch.tensor([1.0, 0.0, 0.0]))
    assert torch.equal(shares[0, 1], torch.tensor([0.0, 1.0, 0.0]))
    assert torch.equal(shares[0, 2], torch.tensor([0.5, 0.0, 0.5]))


def shown(label: str, x: float, y: float, point: tuple, distance_m: float, pixels: int = 400) -> ShownObject:
    return ShownObject(label, pixels, pixels / 12_288, (x, y), point, distance_m)


def test_turns_say_what_is_shown():
    """All turns about two views that are made up, read by their words alone."""
    first = [
        shown("sofa", 0.25, 0.5, (0.0, 0.0, 0.0), 2.0, 900),
        shown("mug", 0.75, 0.5, (3.0, 4.0, 0.0), 6.0),
        *(shown("book", x, 0.9, (1.0, 1.0, 0.0), 3.0) for x in (0.1, 0.3)),
    ]
    second = [shown("sofa", 0.5, 0.25, (0.0, 0.0, 0.1), 4.0), shown("lamp", 0.9, 0.2, (1.0, 0.0, 0.1), 4.1)]
    rng, turns = np.random.default_rng(0), set()
    for _ in range(300):
        tour = Tour([first, second], ["bath", "bath", "sofa"], (*IN_THE_IMAGE, *IN_SPACE), rng)
        drawn = [turn for turn in (tour.turn() for _ in range(20)) if turn is not None]
        told = [
            turn.question
            for turn in drawn
            if not turn.question.startswith(("How far", "How many", "In Frame"))
            and ("mug" in turn.answer or "coordinates of the mug" in turn.question)
        ]
        assert len(told) <= 1  # the place of a thing
        turns.update(drawn)
    answers = {turn.question: turn.answer for turn in turns}
    assert len(answers) == len(turns)  # one question has one answer
    assert answers["What are the (x, y) coordinates of the mug in Frame 1?"] == "(480,240)"
    assert answers["Does Frame 1 show this: book?"] == "Yes" and answers["Does Frame 2 show this: bath?"] == "No"
    assert answers["Where are these in Frame 1: mug, sofa, bath?"] == "Frame 1: mug (480,240); sofa (160,240); bath no"
    assert answers["In which quarter of Frame 2 are these: bath, lamp?"] == "Frame 2: bath no; lamp right upper"
    assert not any("quarter of Frame 1" in question for question in answers)  # all are in the middle, or one of two
    assert answers["In Frame 1, left or right as seen from the mug: sofa?"] == "Frame 1: sofa left"
    assert not any("upper or lower as" in question for question in answers)  # sofa and mug are equally high
    assert not any("lower half of Frame 1:" in question for question in answers)  # and in the middle
    assert answers["In Frame 1, closer to the camera than the mug or farther from it: sofa?"] == "Frame 1: sofa closer"
    assert (
        answers["How far are these from the camera of Frame 1, in meters: sofa, mug?"]
        == "Frame 1: sofa at 2.00; mug at 6.00"
    )
    counted = answers["How many of these does Frame 1 show: bath, book, sofa, mug?"]
    assert counted == "Frame 1: bath 0; book 2; sofa 1; mug 1"
    assert answers["How far is the sofa from the camera of Frame 2, in meters?"] == "4.00"
    assert answers["How far is the mug in Frame 1 from the sofa in Frame 2, in meters?"] == "5.00"
    assert not any("the book" in question for question in answers)  # which of the two?
    asked = set()
    for turn in turns:
        pieces = turn.parts()
        assert "".join(text for text, _ in pieces) == f"{turn.answer}<|im_end|>\n"
        assert all(text in turn.given for text, learned in pieces if not learned)
        if "\nOptions:\n" not in turn.question:
            continue
        question, options = turn.question.split("\nOptions:\n")
        assert turn.answer in [line.split(". ", 1)[1] for line in options.splitlines()]
        asked.add((question, turn.answer))
    assert answers["In Frame 1, is the sofa to the left of the mug?"] == "Yes"
    assert ("In Frame 1, is the sofa to the left of the mug?", "Yes") in asked
    assert ("In Frame 1, is the sofa to the right of the mug?", "No") in asked
    assert ("In Frame 1, is the mug farther from the camera than the sofa?", "Yes") in asked
    assert ("Which frame shows the most of the sofa?", "Frame 1") in asked
    assert ("Does Frame 1 show this, and where: mug?", "Yes; (480,240)") in asked
    assert ("Does Frame 2 show this, and where: bath?", "No") in asked
    assert len(dict(asked)) == len(asked)
    assert not any("higher" in question for question, _ in asked)  # they are equally high


def test_things_are_seen_from_another():
    """Only those that are aside, or at another distance, and the only ones of their kind."""
    view = [
        shown("bed", 0.5, 0.5, (0.0, 0.0, 0.0), 2.0),
        shown("mug", 0.8, 0.2, (0.0, 0.0, 0.0), 2.1),
        shown("vase", 0.3, 0.7, (0.0, 0.0, 0.0), 1.0),
        shown("clock", 0.52, 0.1, (0.0, 0.0, 0.0), 5.0),
        *(shown("book", x, 0.9, (1.0, 1.0, 0.0), 3.0) for x in (0.1, 0.3)),
    ]
    tour = Tour([view], ["bath"], [Tour.around, Tour.behind], np.random.default_rng(0))
    answers = {turn.question: turn.answer for turn in (tour.turn() for _ in range(400)) if turn is not None}
    assert answers["In Frame 1, left or right as seen from the bed: mug, vase?"] == "Frame 1: mug right; vase left"
    from_mug = answers["In Frame 1, upper or lower as seen from the mug: vase, clock, bed?"]
    assert from_mug == "Frame 1: vase lower; clock upper; bed lower"
    depths = answers["In Frame 1, closer to the camera than the bed or farther from it: clock, vase?"]
    assert depths == "Frame 1: clock farther; vase closer"


def test_tokens_tell_the_bin_that_they_are_like():
    """A token that is the sum of directions tells the middles of their bins, and one that is another's does not."""
    width, chosen = 512, [2, 7, 11, 0]
    vectors = directions(*SPACE_BINS.shape, width)
    assert vectors.shape == (4, 12, width)
    token = sum(vectors[number, k] for number, k in enumerate(chosen))
    middles = torch.tensor([float(SPACE_BINS[number, k]) for number, k in enumerate(chosen)])
    assert likeness(token, SPACE_BINS).argmax(-1).tolist() == chosen
    tokens, known = torch.stack([token, token]), torch.tensor([True, False])
    places = torch.stack([middles + 0.01, torch.full((4,), torch.nan)])
    near = telling_loss(tokens, places, known, SPACE_BINS)
    scores = 10 * torch.nn.functional.normalize(token, dim=0) @ vectors.flatten(0, 1).T
    of_bins = scores.view(4, 12).softmax(-1)
    expected = -torch.stack([of_bins[number, k].log() for number, k in enumerate(chosen)]).mean()
    torch.testing.assert_close(near, expected)
    assert telling_loss(tokens, places.flip(-1), known, SPACE_BINS) > near + 1
    torch.testing.assert_close(told_places(token, SPACE_BINS), (of_bins * SPACE_BINS).sum(-1))


def test_linear_maps_of_new_layers_keep_lengths():
    """On average over what they map, whatever their shape."""
    layer = torch.nn.Sequential(torch.nn.Linear(96, 32, bias=False), torch.nn.Linear(32, 400, bias=False))
    torch.manual_seed(0)
    spread_linear_maps([layer])
    tokens = torch.randn(2000, 96)
    for linear in layer:
        mapped = linear(tokens).detach()
        assert float(mapped.square().mean() / tokens.square().mean()) == pytest.approx(1, abs=0.15)
        tokens = mapped


def test_photos_and_categories_are_cut_alike():
    """The photo is a picture of the categories' numbers, so that they stay equal wherever the cut is."""
    categories = torch.arange(24 * 32).reshape(1, 24, 32)
    photo, generator = categories[:, None].expand(-1, 3, -1, -1), torch.Generator().manual_seed(0)
    sizes, mirrored = set(), 0
    for _ in range(60):
        cut, image = augmented(categories, photo, generator)
        assert torch.equal(image[:, 0], cut)
        sizes.add(cut.shape[1:])
        mirrored += int(cut[0, 0, 0] > cut[0, 0, 1])
    assert (24, 32) in sizes and len(sizes) > 5
    assert all(12 <= height <= 24 and abs(width - height * 4 / 3) <= 1.5 for height, width in sizes)
    assert 15 < mirrored < 45


def test_the_maps_of_a_stack_take_steps_of_equal_size_in_all_directions():
    """As Muon does and AdamW does not: the singular values of what is added are about the same."""
    torch.manual_seed(0)
    stack, other = torch.nn.Sequential(torch.nn.Linear(16, 16), torch.nn.LayerNorm(16)), torch.nn.Linear(16, 16)
    before = [one.weight.detach().clone() for one in (stack[0], other)]
    inputs = torch.randn(256, 16) * torch.logspace(0, -1, 16)  # gradients differ a lot by direction

    def losses() -> dict[str, torch.Tensor]:
        return {"loss": other(stack(inputs)).square().mean()}

    fit([*stack.parameters(), *other.parameters()], Budget(steps=1, batch_size=1, learning_rate=1e-2), losses, stack)
    by_muon, by_adamw = (
        torch.linalg.svdvals(one.weight.detach() - old) for one, old in zip((stack[0], other), before, strict=True)
    )
    assert by_muon[0] < 2 * by_muon[10]  # of 16
    assert by_adamw[0] > 3 * by_adamw[10]


def test_an_answer_about_one_thing_says_first_where_to_look():
    """And is read as the number alone: "picture 2" would be a frame to the benchmark."""
    evidence = json.dumps({"asked_frame": 2, "targets": [{"label": "picture"}]})
    row = {"prompt": [{"content": [{"text": "How far?"}]}], "evidence": evidence}
    distance = turn_of(row | {"question_type": "obj_distance_occ_na", "ground_truth": "4.19"})
    assert distance.answer == "Frame 2: picture at 4.19" and parse_number(distance.answer, "m") == 4.19
    point = turn_of(row | {"question_type": "obj_localization_occ_na", "ground_truth": "(134, 256)"})
    assert point.answer == "Frame 2: picture (134,256)" and parse_point(point.answer) == (134, 256)
    size = turn_of(row | {"question_type": "obj_size_occ_na", "ground_truth": "44"})
    assert size.answer == "44"
    for answer in ("No", "Yes; (134, 256)"):
        choice = turn_of(row | {"question_type": "obj_localization_occ", "ground_truth": answer})
        assert choice.answer == f"Frame 2: picture\n{answer}"
        assert (
            parse_choice(choice.answer, ["A. Yes; (134, 256)", "B. No", "C. Yes; (13, 25)"]) == "BA"[len(answer) > 2]
        )


def test_of_a_relation_only_what_tells_options_apart_is_said():
    mug = "the mug(300,238)"
    options = [
        f"{letter}. To the {side} of and {depth} the camera than {mug}"
        for letter, (side, depth) in zip(
            "ABCD", itertools.product(("left", "right"), ("closer to", "farther from")), strict=True
        )
    ]
    row = {"prompt": [{"content": [{"text": "Where?"}]}], "question_type": "obj_spatial_occ_lr", "options": options}
    turn = turn_of(row | {"ground_truth": options[2][3:]})
    assert turn.answer == "To the right of and closer to the camera" and parse_choice(turn.answer, options) == "C"


def test_an_answer_about_a_number_of_things_counts_them_in_each_frame_first():
    """Only what is clearly visible; and is read as the number in its last line."""
    views = [["visible", "absent", "visible"], ["visible", "absent", "unclear"]]
    targets = [{"label": "mug", "views": [{"visibility": one} for one in of_one]} for of_one in views]
    row = {"prompt": [{"content": [{"text": "How many?"}]}], "evidence": json.dumps({"targets": targets})}
    count = turn_of(row | {"question_type": "obj_count_occ_na", "ground_truth": "2"})
    assert count.answer == "Frame 1: mug 2; Frame 2: mug 0; Frame 3: mug 1\n2"
    assert parse_number(count.answer) == 2
    best = turn_of(row | {"question_type": "bestview_count_occ", "ground_truth": "2 mug(s); Frame 1"})
    options = ["A. 2 mug(s); Frame 3", "B. 2 mug(s); Frame 1", "C. 1 mug(s); Frame 1", "D. 1 mug(s); Frame 3"]
    assert parse_choice(best.answer, options) == "B"


def test_what_says_the_words_learns_faster():
    """The first step of AdamW is as long as its rate, whatever the gradient."""
    slow, fast = torch.nn.Parameter(torch.zeros(5)), torch.nn.Parameter(torch.zeros(5))
    pulls = torch.tensor([1.0, 3.0, -2.0, 5.0, -7.0])
    budget = Budget(steps=1, batch_size=1, learning_rate=1e-3)
    fit([slow, fast], budget, lambda: {"loss": (pulls * (slow + fast)).sum()}, readout=fast)
    torch.testing.assert_close(slow.detach(), -1e-3 * pulls.sign())
    torch.testing.assert_close(fast.detach(), -READOUT_RATE * 1e-3 * pulls.sign())


class MissesTokens(torch.nn.Module):
    """Knows what comes next, but for some places that depend on the photo."""

    def __init__(self, missed: dict[float, list[int]]):
        super().__init__()
        self.unused, self.missed = torch.nn.Parameter(torch.zeros(1)), missed

    def forward(self, input_ids, attention_mask, pixel_values):
        logits = torch.zeros(*input_ids.shape, 100)
        for row, (ids, photo) in enumerate(zip(input_ids, pixel_values, strict=True)):
            for k in range(len(ids) - 1):
                logits[row, k, ids[k + 1]] = 1
            logits[row, self.missed[float(photo.mean())]] = 0
        return SimpleNamespace(logits=logits)


def test_an_answer_is_right_when_all_of_its_tokens_are():
    """Two conversations of two answers each; one token of the first photo's conversation is missed."""
    samples = [
        {"input_ids": [5, 6, 7, 8, 9, 10], "labels": [-100, 6, 7, -100, -100, 10], "index": torch.tensor([k])}
        for k in (0, 1)
    ]

    def collator(samples: list[dict]) -> dict[str, torch.Tensor]:
        ids, labels = (torch.tensor([one[name] for one in samples]) for name in ("input_ids", "labels"))
        photos = torch.cat([one["index"] for one in samples]).float()[:, None]
        return {"input_ids": ids, "attention_mask": ids, "labels": labels, "pixel_values": photos}

    model = MissesTokens({0.0: [1, 3], 1.0: [2, 3]})  # of photo 0 the token 7; what follows is no answer
    assert validate(model, samples, collator, batch_size=2)["right"] == 3 / 4
    model = MissesTokens({0.0: [0, 1, 4], 1.0: []})
    found = validate(model, samples, collator, batch_size=1)
    assert found["right"] == 2 / 4
    # By hand: of 100 tokens the right one scores 1 and all others 0, but all 0 where it is missed
    known, missed = np.log(np.e + 99) - 1, np.log(100)
    assert found["loss"] == pytest.approx((3 * known + 3 * missed) / 6, abs=1e-5)
    swapped = swap_photos([*samples, {**samples[0], "index": torch.tensor([4, 5])}])
    assert [one["index"].tolist() for one in swapped] == [[1], [0], [4, 5]]
    assert samples[0]["index"].tolist() == [0]


def test_the_losses_are_those_of_the_paper():
    truth, valid = torch.zeros(1, 1, 4, 6, 1), torch.ones(1, 1, 4, 6, dtype=torch.bool)

    def loss(error: torch.Tensor, confidence: float) -> float:
        return float(dense_loss(truth + error, torch.full((1, 1, 4, 6), confidence), truth, valid))

    assert loss(torch.tensor(0.0), 1.0) == 0
    assert loss(torch.tensor(0.1), 1.0) == pytest.approx(0.1)  # a constant error has no gradient
    # c * e - 0.2 * log(c) is lowest at c = 0.2 / e
    assert loss(torch.tensor(0.1), 2.0) < min(loss(torch.tensor(0.1), c) for c in (1.5, 2.7))
    ramp = torch.arange(6.0)[None, None, None, :, None] * 0.1  # mean 0.25, and 0.1 more from column to column
    assert loss(ramp, 1.0) == pytest.approx(0.25 + 0.1)
    encoding = torch.rand(2, 3, 9)
    assert camera_loss((encoding, encoding), encoding) == 0
    worse_at_last = camera_loss((encoding, encoding + 1), encoding)
    assert camera_loss((encoding + 1, encoding), encoding) < worse_at_last


def test_invalid_pixels_do_not_count():
    truth, found = torch.zeros(1, 1, 2, 2, 1), torch.zeros(1, 1, 2, 2, 1)
    found[..., 0, 0, 0] = 7.0
    valid = torch.tensor([[[[False, True], [True, True]]]])
    assert dense_loss(found, torch.ones(1, 1, 2, 2), truth, valid) == 0


@pytest.fixture
def made_up(tmp_path):
    """Folders of scores of 40 rows about 10 scenes: `vggt` is right in 3 of 4 rows, `none` in 1 of 4."""
    truths, arms = [], {}
    for k in range(40):
        truths.append(
            {
                "id": str(k),
                "dataset": "procedural",
                "scene_name": f"room_{k // 4}",
                "question_type": ("obj_count_occ", "obj_existence_occ_lr")[k % 2],
                "answer_format": "choice",
                "options": ["A. No", "B. Yes"],
                "mc_answer": "A",
                "ground_truth": "No",
                "occ_level": ("low", "high")[k % 4 // 2],
                "overlap_level": "low",
            }
        )
    for seed in (0, 1):
        for arm in ARMS:
            folder = tmp_path / f"{arm}_{seed}"
            folder.mkdir()
            lines = []
            for k in range(40):
                scores = {"model": float(k % 4 < 3 if arm == "vggt" else k % 4 == seed)}
                if arm == "vggt" and k >= 20:
                    scores["geometry_shuffle"] = 0.0
                lines.append(json.dumps({"id": str(k), "scores": scores}))
            (folder / "scores.jsonl").write_text("\n".join(lines), encoding="utf-8")
            arms[arm, seed] = folder
    return arms, truths


def test_means_are_those_of_types_and_seeds(made_up):
    compared = Comparison(*made_up, {"obj_count_occ": "No"}, seed=0)
    vggt = compared.numbers("vggt", OVERALL)
    assert vggt["score"] == pytest.approx((1.0 + 0.5) / 2)  # even rows are all right, of odd ones every second
    assert vggt["count"] == 40
    assert compared.numbers("none", OVERALL)["by_seed"] == [0.25, 0.25]
    assert compared.numbers("none", "occ_level: high")["score"] == 0
    assert compared.numbers("majority", OVERALL)["count"] == 20  # the other type has no constant answer
    assert compared.numbers("chance", OVERALL)["score"] == 0.5


def test_differences_are_taken_on_the_rows_of_both(made_up):
    compared = Comparison(*made_up, {}, seed=0)
    whole = compared.difference("vggt", "none", OVERALL)
    assert whole["score"] == pytest.approx(0.5)
    # every scene says the same, so that drawing scenes changes nothing; nor do the seeds, whose means are alike
    assert whole["interval"] == pytest.approx([0.5, 0.5])
    shuffled = compared.difference("vggt", "vggt/geometry_shuffle", OVERALL)
    assert shuffled["count"] == 20 and shuffled["score"] == pytest.approx(0.75)
    by_type = compared.difference("pointmap", "none", "question_type: obj_count_occ")
    assert by_type["score"] == pytest.approx(0)
    assert (
        by_type["interval"][0] < 0 < by_type["interval"][1]
    )  # one seed is always wrong here, the other half the time


def test_muon_is_that_of_pytorch_but_for_its_precision():
    """Steps of different shapes, against the optimizer that iterates in bfloat16."""
    generator = torch.Generator().manual_seed(0)
    for shape in ((12, 32), (32, 12), (16, 16)):
        ours, theirs = (torch.nn.Parameter(torch.ones(shape)) for _ in range(2))
        optimizers = (
            Muon([ours], lr=0.1, weight_decay=0.1),
            torch.optim.Muon([theirs], lr=0.1, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
        )
        for _ in range(4):
            ours.grad = torch.randn(shape, generator=generator)
            theirs.grad = ours.grad.clone()
            for one in optimizers:
                one.step()
        ours, theirs = ours.detach(), theirs.detach()
        assert (ours - theirs).norm() < 0.02 * (theirs - 1).norm()
