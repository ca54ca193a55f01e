"""The geometry study: its truths against other ways to them, its numbers by hand, and every stage at a toy size."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from transformers import AutoModelForImageTextToText, AutoProcessor

from dataset_builder.bench.models import LocalModel
from dataset_builder.reader import load_rows
from generation.geometry import Camera
from modeling_spatialmosaic import SpatialMosaicProcessor
from modeling_spatialmosaic.pose_encoding import decode_pose, unproject_depth
from modeling_spatialmosaic.recipes.geometry_study.alignment import (
    align_geometry,
    align_projector,
    cells_in_image,
    cells_in_space,
)
from modeling_spatialmosaic.recipes.geometry_study.build import build_model
from modeling_spatialmosaic.recipes.geometry_study.comparison import OVERALL, Comparison
from modeling_spatialmosaic.recipes.geometry_study.conversations import (
    Conversation,
    Samples,
    Turn,
    first_message,
    words_of_labels,
)
from modeling_spatialmosaic.recipes.geometry_study.frames import ShownObject, patch_shares
from modeling_spatialmosaic.recipes.geometry_study.geometry import camera_loss, dense_loss, scene_truth
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.questions import conversations_of, question_rows, turn_of
from modeling_spatialmosaic.recipes.geometry_study.scoring import StudyModel
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, SIZES, Budget, DataSettings, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.stages import run_stage
from modeling_spatialmosaic.recipes.geometry_study.study import Study
from modeling_spatialmosaic.recipes.geometry_study.tours import EVERYTHING, IN_SPACE, IN_THE_IMAGE, Tour, tours
from modeling_spatialmosaic.recipes.geometry_study.train import share_right, swap_photos
from modeling_spatialmosaic.recipes.geometry_study.vision import augmented


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    """The whole study at the size `smoke`, with one seed."""
    made = Study(replace(StudySettings.load("smoke"), seeds=[0]), tmp_path_factory.mktemp("geometry_study"))
    made.make_data(workers=1)
    made.pretrain()
    for arm in ARMS:
        made.run_arm(arm, 0)
    made.report()
    return made


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
    known = {"seed": 0, "scenes": 4, "frames": 8, "view_sets": 8, "questions": 2, "max_views": 3}
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


def test_depth_and_cameras_lead_to_the_points(study):
    """The decoder of the model's own encoding and its unprojection know nothing of how the truth was made."""
    index = torch.tensor([[0, 5, 3], [9, 12, 10]])
    truth = scene_truth(study.store, index)
    height, width = truth["depth"].shape[-2:]
    cam_from_world, intrinsics = decode_pose(truth["pose_encoding"], height, width)
    # The encoding holds no principal point; and here the centre of the first pixel is (0, 0)
    intrinsics[..., :2, 2] = study.store.intrinsics[index][..., :2, 2].float() - 0.5
    points = unproject_depth(truth["depth"][..., None], cam_from_world, intrinsics)
    valid = truth["valid"]
    assert valid.float().mean() > 0.9
    torch.testing.assert_close(points[valid], truth["points"][valid], atol=2e-4, rtol=0)
    torch.testing.assert_close(cam_from_world[:, 0], torch.eye(4)[:3].expand(2, -1, -1), atol=1e-6, rtol=0)
    for scene in range(2):
        assert truth["points"][scene][valid[scene]].norm(dim=-1).mean() == pytest.approx(1, abs=1e-5)


def test_point_maps_project_onto_their_own_pixels(study):
    store, index = study.store, torch.tensor([2, 5])
    first_from_world = np.linalg.inv(store.world_from_cam[2].numpy())
    for k, pointmap in zip(index.tolist(), store.pointmaps(index).numpy(), strict=True):
        _, height, width = pointmap.shape
        pose = first_from_world @ store.world_from_cam[k].numpy()
        camera = Camera(width, height, store.intrinsics[k].numpy(), pose)
        rows, columns = np.nonzero(pointmap[3])
        pixels, _ = camera.project(pointmap[:3, rows, columns].T)
        np.testing.assert_allclose(pixels, np.stack([columns + 0.5, rows + 0.5], axis=1), atol=0.02)


def test_objects_lie_where_the_pixels_say(study):
    """Against the categories of the pixels and the cameras' own projection."""
    store = study.store
    frame = max(range(len(store.images)), key=lambda k: len(store.objects(k)))
    height, width = store.categories.shape[1:]
    camera = Camera(width, height, store.intrinsics[frame].numpy(), store.world_from_cam[frame].numpy())
    labels, checked = [one.label for one in store.objects(frame)], 0
    for thing in store.objects(frame):
        if thing.label not in store.labels or labels.count(thing.label) > 1:
            continue
        shown = store.categories[frame] == store.labels.index(thing.label)
        assert thing.pixels == int(shown.sum()) and thing.share == thing.pixels / (height * width)
        rows, columns = shown.nonzero(as_tuple=True)
        assert thing.centre[0] * width == (columns.min() + columns.max() + 1) / 2
        assert thing.centre[1] * height == (rows.min() + rows.max() + 1) / 2
        ((x, y),), (depth_m,) = camera.project(np.array([thing.point]))
        assert columns.min() <= x <= columns.max() + 1 and rows.min() <= y <= rows.max() + 1
        seen_m = store.depth_m[frame][shown].float()
        assert seen_m.min() <= depth_m + 0.01 and depth_m <= seen_m.max() + 0.01
        assert thing.distance_m >= depth_m
        checked += 1
    assert checked > 2


def shown(label: str, x: float, y: float, point: tuple, distance_m: float, pixels: int = 400) -> ShownObject:
    return ShownObject(label, pixels, pixels / 12_288, (x, y), point, distance_m)


def test_turns_say_what_is_shown():
    """All turns about two views that are made up, read by their words alone."""
    first = [
        shown("sofa", 0.25, 0.5, (0.0, 0.0, 0.0), 2.0, 900),
        shown("mug", 0.75, 0.5, (3.0, 4.0, 0.0), 6.0),
        *(shown("book", x, 0.9, (1.0, 1.0, 0.0), 3.0) for x in (0.1, 0.3)),
    ]
    second = [shown("sofa", 0.5, 0.25, (0.0, 0.0, 0.1), 4.0)]
    rng, turns = np.random.default_rng(0), set()
    for _ in range(300):
        tour = Tour([first, second], ["bath", "bath", "sofa"], (*IN_THE_IMAGE, *IN_SPACE), rng)
        drawn = [turn for turn in (tour.turn() for _ in range(20)) if turn is not None]
        told = [
            turn.question
            for turn in drawn
            if not turn.question.startswith(EVERYTHING)
            and ("mug" in turn.answer or "coordinates of the mug" in turn.question)
        ]
        assert len(told) <= 1  # the place of a thing
        turns.update(drawn)
    answers = dict(turns)
    assert len(answers) == len(turns)  # one question has one answer
    assert answers["What are the (x, y) coordinates of the mug in Frame 1?"] == "(480, 240)"
    assert answers["What is at (320, 120) in Frame 2?"] == "sofa"
    assert answers["What is in Frame 1, from left to right?"] == "book, sofa, book, mug"
    assert answers["Is the mug in the left or the right half of Frame 1?"] == "right"
    assert answers["Is the sofa in the upper or the lower half of Frame 2?"] == "upper"
    assert "Is the mug in the upper or the lower half of Frame 1?" not in answers  # it is in the middle
    assert answers["Does Frame 1 show this: book?"] == "Yes" and answers["Does Frame 2 show this: bath?"] == "No"
    assert answers["How many of these does Frame 1 show: book?"] == "2"
    assert answers["How many of these does Frame 2 show: bath?"] == "0"
    assert answers["How far is the sofa from the camera of Frame 2, in meters?"] == "4.00"
    assert answers["How far is the mug in Frame 1 from the sofa in Frame 2, in meters?"] == "5.00"
    assert not any("the book" in question for question in answers)  # which of the two?
    asked = set()
    for question, answer in turns:
        if "\nOptions:\n" not in question:
            continue
        question, options = question.split("\nOptions:\n")
        chosen = dict(line.split(". ", 1) for line in options.splitlines())[answer]
        asked.add((question, chosen))
    assert ("In Frame 1, is the sofa to the left of the mug?", "Yes") in asked
    assert ("In Frame 1, is the sofa to the right of the mug?", "No") in asked
    assert ("In Frame 1, is the mug farther from the camera than the sofa?", "Yes") in asked
    assert ("Which frame shows the most of the sofa?", "Frame 1") in asked
    assert ("Does Frame 1 show this, and where: mug?", "Yes; (480, 240)") in asked
    assert ("Does Frame 2 show this, and where: bath?", "No") in asked
    assert len(dict(asked)) == len(asked)
    assert not any("higher" in question for question, _ in asked)  # they are equally high


def test_what_gives_the_rest_away_is_asked_last(study):
    """Captions name all that other questions ask for."""
    talks = tours(study.store, "train", (Tour.everything, Tour.shows, Tour.half), 3, 40, seed=0)
    captions = [[turn.question.startswith(EVERYTHING) for turn in talk.turns] for talk in talks]
    assert all(one == sorted(one) for one in captions)
    assert any(len(set(one)) == 2 for one in captions)
    assert {len(talk.frames) for talk in talks} == {1, 2, 3}


def test_a_conversation_reads_like_the_chat_template(study):
    """The template renders all messages at once; what is learned are the answers, each with its end."""
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "base")
    talk = Conversation([3, 1], [Turn("Which?\nOptions:\nA. No", "A"), Turn("How far?", "2.50"), Turn("And?", "no")])
    sample = Samples([talk], processor)[0]
    messages = first_message(2, talk.turns[0].question)
    for turn, following in itertools.zip_longest(talk.turns, talk.turns[1:]):
        messages.append({"role": "assistant", "content": turn.answer})
        if following:
            messages.append({"role": "user", "content": following.question})
    text = processor.apply_chat_template(messages, tokenize=False)
    image = processor.image_token
    assert processor.tokenizer.decode(sample["input_ids"]) == text.replace(image, image * processor.tokens_per_image)
    learned = [token for token in sample["labels"] if token != -100]
    assert processor.tokenizer.decode(learned) == "".join(turn.answer + "<|im_end|>\n" for turn in talk.turns)
    assert sample["index"].tolist() == [3, 1]


def test_cells_are_called_by_the_words_for_what_they_show(study):
    """Against the pixels of each quarter of a photo, counted one by one."""
    store, processor = study.store, SpatialMosaicProcessor.from_pretrained(study.out / "base")
    words = words_of_labels(processor.tokenizer, store.labels)
    index = torch.tensor([3, 1])
    named = words[store.cells(index, 2)]
    assert named.shape == (2, 4)
    height, width = store.categories.shape[1:]
    for view, row, column in itertools.product(range(2), range(2), range(2)):
        rows, columns = (
            slice(row * height // 2, (row + 1) * height // 2),
            slice(column * width // 2, (column + 1) * width // 2),
        )
        counts = Counter(store.categories[index[view], rows, columns].flatten().tolist())
        objects = [(count, -k) for k, count in counts.items() if store.is_object[k]]
        count, category = max(objects, default=(0, 0))
        if count < 0.15 * height * width / 4:
            category = max((count, -k) for k, count in counts.items() if not store.is_object[k])[1]
        label = store.labels[-category]
        expected = processor.tokenizer(f" {label}").input_ids[0] if label else -100
        assert named[view, row * 2 + column] == expected


def test_alignment_moves_the_projector_the_tower_and_the_words_alone(study):
    """And the words of the photos that it sees become likelier."""
    settings = study.settings
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "base")
    torch.manual_seed(0)
    model = build_model(settings, processor, "none")
    before = {name: one.clone() for name, one in model.state_dict().items()}
    words = words_of_labels(processor.tokenizer, study.store.labels)
    budget = Budget(steps=50, batch_size=8, learning_rate=3e-3)
    curve = align_projector(model, words, study.store, budget, seed=0)["curve"]
    moved = {name for name, one in model.state_dict().items() if not torch.equal(one, before[name])}
    parts = ("vision_tower", "multi_modal_projector", "embed_tokens", "lm_head")
    assert all(any(part in name for part in parts) for name in moved)
    assert all(any(part in name for name in moved) for part in parts)
    assert sum(one["words"] for one in curve[-10:]) < 0.7 * sum(one["words"] for one in curve[:10])
    with torch.inference_mode():
        tokens = model.get_image_features(study.store.pixel_values(torch.arange(8)), [1] * 8).pooler_output
        of_words = model.get_input_embeddings().weight.norm(dim=-1).mean()
    lengths = tokens[:, [0, 1, 3, 4]].norm(dim=-1).mean()  # two rows of two cells, each with its end
    assert float(lengths) == pytest.approx(float(of_words), rel=0.3)  # of the photos that were drawn, it is equal


@pytest.mark.parametrize("arm", ARMS)
def test_alignment_in_space_moves_what_carries_geometry(study, arm):
    """The projector, the fusion block and an encoder that is not frozen; the words keep their meaning."""
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "base")
    torch.manual_seed(0)
    model = build_model(study.settings, processor, arm)
    if arm == "vggt":
        model.model.geometry_tower.requires_grad_(False)
    before = {name: one.clone() for name, one in model.state_dict().items()}
    words = words_of_labels(processor.tokenizer, study.store.labels)
    budget = Budget(steps=40, batch_size=8, learning_rate=3e-3)
    curve = align_geometry(model, words, study.store, budget, 0, max_views=3)["curve"]
    moved = {name.split(".")[1] for name, one in model.state_dict().items() if not torch.equal(one, before[name])}
    expected = {"none": set(), "vggt": {"fusion_block"}, "pointmap": {"fusion_block", "geometry_tower"}}
    assert moved == {"multi_modal_projector"} | expected[arm]
    first, last = (np.mean([one["places"] for one in part]) for part in (curve[:4], curve[-10:]))
    assert last < 0.8 * first


def test_cells_tell_where_their_centre_is(study):
    """Places in the image by hand; places in space by the point maps that `pointmap` is given, and by the cameras."""
    places, known = cells_in_image(study.store, torch.tensor([[4], [5]]), 2)
    assert places.shape == (2, 2, 2, 2) and known.all()
    assert places[1].flatten(0, 1).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    index = torch.tensor([[1, 6, 4]])
    cells, known = cells_in_space(study.store, index, 4)
    assert cells.shape == (3, 4, 4, 4) and known.any()
    maps = study.store.pointmaps(index[0])
    poses = study.store.world_from_cam[index[0]]
    height, width = maps.shape[-2:]
    for view, row, column in itertools.product(range(3), range(4), range(4)):
        pixel = maps[view, :, int((row + 0.5) * height / 4), int((column + 0.5) * width / 4)]
        assert bool(pixel[3]) == bool(known[view, row, column])
        if known[view, row, column]:
            torch.testing.assert_close(cells[view, row, column, :3], pixel[:3], atol=2e-3, rtol=0)
            in_world = poses[0] @ torch.tensor([*pixel[:3].tolist(), 1.0], dtype=poses.dtype)
            depth_m = (torch.linalg.inv(poses[view]) @ in_world)[2]
            assert float(cells[view, row, column, 3]) == pytest.approx(float(depth_m), abs=2e-3)


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


def test_new_attention_looks_at_what_is_alike(study):
    """Of 64 tokens drawn at random, a new model scores most tokens themselves highest: the first head of queries that
    each head of the keys serves, one after the other."""
    model = build_model(study.settings, SpatialMosaicProcessor.from_pretrained(study.out / "base"), "none")
    attention, heads = model.model.language_model.layers[0].self_attn, study.settings.text
    tokens = torch.randn(64, attention.q_proj.in_features, generator=torch.Generator().manual_seed(0))
    queries = (attention.q_proj.weight @ tokens.T).view(heads["num_attention_heads"], -1, 64)
    keys = (attention.k_proj.weight @ tokens.T).view(heads["num_key_value_heads"], -1, 64)
    per_key = len(queries) // len(keys)
    assert per_key > 1
    for k, key in enumerate(keys):
        scores = queries[k * per_key].T @ key
        assert (scores.argmax(-1) == torch.arange(64)).float().mean() > 0.4  # 1 in 64 by chance


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
    assert share_right(model, samples, collator, batch_size=2) == 3 / 4
    model = MissesTokens({0.0: [0, 1, 4], 1.0: []})
    assert share_right(model, samples, collator, batch_size=1) == 2 / 4
    swapped = swap_photos([*samples, {**samples[0], "index": torch.tensor([4, 5])}])
    assert [one["index"].tolist() for one in swapped] == [[1], [0], [4, 5]]
    assert samples[0]["index"].tolist() == [0]


def test_questions_of_the_same_views_share_conversations(study):
    rows = question_rows(study.dataset, "train", study.settings.data)
    talks = conversations_of(rows, study.store, 0)
    assert max(len(talk.turns) for talk in talks) > 1
    asked = Counter((tuple(talk.frames), turn) for talk in talks for turn in talk.turns)
    assert asked == Counter(
        (tuple(study.store.index_of(row["scene_name"], row["frames"]).tolist()), turn_of(row)) for row in rows
    )


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


def test_memory_and_files_give_the_same_inputs(study):
    """What an arm is asked with is what the stock evaluation makes of the stored photos."""
    folder = study.out / "report" / "model"
    network = AutoModelForImageTextToText.from_pretrained(folder, trust_remote_code=True)
    processor = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
    processor.tokenizer.padding_side = "left"
    rows = [
        row for row in load_rows(study.dataset, split="test", images_root=study.images) if len(row["frames"]) == 2
    ][:3]
    places = {row["id"]: (row["scene_name"], row["frames"]) for row in rows}
    stock = LocalModel(str(folder), network, processor).inputs(rows)
    ours = StudyModel(str(folder), network, processor, study.store, places).inputs(rows)
    assert set(stock) == set(ours)
    for name in stock:
        torch.testing.assert_close(ours[name], stock[name])


def test_arms_start_alike_and_keep_their_frozen_towers(study):
    weights = {
        arm: AutoModelForImageTextToText.from_pretrained(study.out / "arms" / f"{arm}_0", trust_remote_code=True)
        for arm in ARMS
    }
    base = AutoModelForImageTextToText.from_pretrained(study.out / "base", trust_remote_code=True).state_dict()
    for arm, model in weights.items():
        state = model.state_dict()
        for name, tensor in base.items():
            if "vision_tower" in name:
                assert torch.equal(state[name], tensor), (arm, name)
        assert not torch.equal(state["lm_head.weight"], base["lm_head.weight"])


def test_the_report_is_whole(study):
    report = study.out / "report"
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    asked = {len((study.out / "arms" / f"{arm}_0" / "scores.jsonl").read_text().splitlines()) for arm in ARMS}
    assert {results["scores"][arm][OVERALL]["count"] for arm in ARMS} == asked
    assert set(results["arms"]) == {"vggt_0", "pointmap_0", "none_0"}
    assert results["settings"]["answer_budget"]["steps"] == 3
    assert (report / "results.png").stat().st_size > 10_000
    assert "vggt - none" in (report / "results.md").read_text(encoding="utf-8")
    card = (report / "model" / "README.md").read_text(encoding="utf-8")
    assert "docs/geometry_study.md" in card and "not recorded." not in card
    assert (report / "model" / "model.safetensors").stat().st_size <= 30_000_000
