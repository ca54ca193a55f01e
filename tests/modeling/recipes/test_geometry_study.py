"""The geometry study at a toy size: every stage, and its truths against other ways to them."""

import itertools
import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from dataset_builder.bench.metrics import SCORERS
from dataset_builder.bench.models import LocalModel
from dataset_builder.reader import load_rows
from generation.geometry import Camera
from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor
from modeling_spatialmosaic.pose_encoding import decode_pose, unproject_depth
from modeling_spatialmosaic.recipes.geometry_study.alignment import (
    KEPT_WEIGHT,
    align_geometry,
    align_projector,
    cell_tokens,
)
from modeling_spatialmosaic.recipes.geometry_study.build import build_arm
from modeling_spatialmosaic.recipes.geometry_study.cells import cells_in_image, cells_in_space
from modeling_spatialmosaic.recipes.geometry_study.circuits import MARK_LENGTH, WORD_LENGTH, bare_words, marks
from modeling_spatialmosaic.recipes.geometry_study.comparison import OVERALL
from modeling_spatialmosaic.recipes.geometry_study.conversations import (
    Conversation,
    Samples,
    Turn,
    first_message,
    tokens_of_labels,
)
from modeling_spatialmosaic.recipes.geometry_study.frames import patch_shares
from modeling_spatialmosaic.recipes.geometry_study.geometry import scene_truth
from modeling_spatialmosaic.recipes.geometry_study.language import (
    ReadsTold,
    ToldCollator,
    keep_heads,
    keep_words,
    words_of_labels,
)
from modeling_spatialmosaic.recipes.geometry_study.places import IMAGE_BINS, SPACE_BINS, directions, likeness
from modeling_spatialmosaic.recipes.geometry_study.questions import (
    IN_ALL_FRAMES,
    IN_ONE_FRAME,
    conversations_of,
    question_rows,
    turn_of,
)
from modeling_spatialmosaic.recipes.geometry_study.scoring import StudyModel
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, Budget, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.study import Study
from modeling_spatialmosaic.recipes.geometry_study.told import ToldTokens
from modeling_spatialmosaic.recipes.geometry_study.tours import LISTS, tours
from modeling_spatialmosaic.recipes.geometry_study.train import train_language
from modeling_spatialmosaic.recipes.geometry_study.vision import pretrain_vision


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


def test_a_conversation_reads_like_the_chat_template(study):
    """The template renders all messages at once; what is learned are the answers, each with its end, but for what the
    question gave away."""
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "base")
    given = ("Frame 1: mug", "; bath")
    listed = Turn("Where are these in Frame 1: mug, bath?", "Frame 1: mug (480,240); bath no", given)
    talk = Conversation([3, 1], [Turn("Which?\nOptions:\nA. No", "No"), listed, Turn("And?", "2.50")])
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
    assert processor.tokenizer.decode(learned) == "No{0} (480,240) no{0}2.50{0}".format("<|im_end|>\n")
    assert sample["index"].tolist() == [3, 1]


def test_cells_are_called_what_they_show(study):
    """Against the pixels of each quarter of a photo, counted one by one."""
    store, index = study.store, torch.tensor([3, 1])
    shown = store.cells(index, 2)
    assert shown.shape == (2, 4)
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
        assert shown[view, row * 2 + column] == -category


def test_the_tower_learns_where_its_patches_are(study):
    """Held-out photos: who always says the middle is a quarter of the photo off."""
    settings = replace(study.settings, vision_budget=Budget(steps=100, batch_size=8, learning_rate=1e-2))
    _, facts = pretrain_vision(settings, study.store)
    assert facts["place_error"] < 0.12
    assert facts["curve"][-1]["segmentation"] < facts["curve"][0]["segmentation"]


def test_labels_are_the_means_of_their_tokens(study):
    tokenizer = SpatialMosaicProcessor.from_pretrained(study.out / "base").tokenizer
    shares = tokens_of_labels(tokenizer, ["", "door", "dining chair"])
    assert not shares[0].any()
    for row, label in zip(shares[1:], ("door", "dining chair"), strict=True):
        assert row.sum() == pytest.approx(1)
        assert set(row.nonzero().flatten().tolist()) == set(tokenizer(f" {label}").input_ids)


def test_alignment_moves_the_projector_and_the_tower_alone(study):
    """And the words of the photos that it sees become likelier."""
    settings, folder = study.settings, study.out / "language"
    processor = SpatialMosaicProcessor.from_pretrained(folder)
    model = SpatialMosaicForConditionalGeneration.from_pretrained(folder)
    before = {name: one.clone() for name, one in model.state_dict().items()}
    words = words_of_labels(model, processor, study.store.labels)
    budget = Budget(steps=50, batch_size=8, learning_rate=3e-3)
    curve = align_projector(model, words, study.store, budget, seed=0)["curve"]
    moved = {name for name, one in model.state_dict().items() if not torch.equal(one, before[name])}
    parts = ("vision_tower", "multi_modal_projector")
    assert all(any(part in name for part in parts) for name in moved)
    assert all(any(part in name for name in moved) for part in parts)
    assert sum(one["words"] for one in curve[-10:]) < 0.8 * sum(one["words"] for one in curve[:10])
    with torch.inference_mode():
        tokens = model.get_image_features(study.store.pixel_values(torch.arange(8)), [1] * 8).pooler_output
    tokens = tokens[:, [0, 1, 3, 4]].flatten(0, 1)  # two rows of two cells, each with its end
    tokens = tokens - MARK_LENGTH * marks(settings.text["hidden_size"]).image
    assert float(tokens.norm(dim=-1).mean()) == pytest.approx(WORD_LENGTH, rel=0.3)  # of those drawn, it is equal


def test_words_stay_while_the_language_model_learns(study):
    """And are marked as what they are; all else of the language model was trained."""
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "base")
    language, base = (
        SpatialMosaicForConditionalGeneration.from_pretrained(study.out / name) for name in ("language", "base")
    )
    words = base.get_input_embeddings().weight
    assert torch.equal(words, language.get_input_embeddings().weight)
    of_marks = (
        words @ torch.stack([getattr(marks(words.shape[1]), name) for name in ("text", "noun", "frame", "image")]).T
    )
    chair, frame, comma = processor.tokenizer(" chairFrame 2,").input_ids
    expected = [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]]
    torch.testing.assert_close(
        of_marks[[chair, frame, comma]], MARK_LENGTH * torch.tensor(expected).float(), atol=1e-4, rtol=0
    )
    without = bare_words(words)[[chair, frame, comma]]
    likeness = without @ words[[chair, frame, comma]].T
    assert likeness.diagonal().tolist() == pytest.approx([WORD_LENGTH] * 3)
    assert not torch.equal(base.lm_head.weight, language.lm_head.weight)
    for folder, model in (("language", language), ("base", base)):
        trained = json.loads((study.out / folder / "facts.json").read_text())["trained"]
        inner = model.model
        kept = (inner.vision_tower, inner.multi_modal_projector, model.get_input_embeddings())
        assert trained == sum(one.numel() for one in model.parameters()) - sum(
            one.numel() for part in kept for one in part.parameters()
        )


def test_written_heads_stay_only_while_nothing_reads_them(study):
    """Trained on lists, and then on them again: all other layers learn in both."""
    processor = SpatialMosaicProcessor.from_pretrained(study.out / "language")
    model = SpatialMosaicForConditionalGeneration.from_pretrained(study.out / "language")
    words = words_of_labels(model, processor, study.store.labels)
    reader = ReadsTold(model, ToldTokens(study.store, words, model.config.pooled_grid, 0))
    samples = Samples(tours(study.store, "train", LISTS, 1, 4, 0), processor)
    layers = model.model.language_model.layers
    keep_words(model)
    for kept in (True, False):
        keep_heads(model, kept)
        before = {name: one.clone() for name, one in layers.state_dict().items()}
        budget = Budget(steps=3, batch_size=2, learning_rate=1e-3)
        train_language(model, budget, samples, ToldCollator(processor.tokenizer, study.store), 0, reader)
        moved = {name for name, one in layers.state_dict().items() if not torch.equal(one, before[name])}
        assert {"0.mlp.up_proj.weight", "2.mlp.down_proj.weight"} <= moved
        heads = {f"{layer}.self_attn.{part}_proj.weight" for layer in range(3) for part in "qkvo"}
        assert not heads & moved if kept else heads <= moved


@pytest.mark.parametrize("arm", ARMS)
def test_alignment_in_space_moves_what_carries_geometry(study, arm):
    """The projector, the fusion block and an encoder that is not frozen; all else stays."""
    folder = study.out / "base"
    model, _ = build_arm(study.settings, arm, 0, folder, study.out / "vggt")
    base = SpatialMosaicForConditionalGeneration.from_pretrained(folder)
    before = {name: one.clone() for name, one in model.state_dict().items()}
    budget = Budget(steps=60, batch_size=8, learning_rate=3e-3)
    curve = align_geometry(model, base, study.store, budget, 0, max_views=3)["curve"]
    moved = {name.split(".")[1] for name, one in model.state_dict().items() if not torch.equal(one, before[name])}
    expected = {"none": set(), "vggt": {"fusion_block"}, "pointmap": {"fusion_block", "geometry_tower"}}
    assert moved == {"multi_modal_projector"} | expected[arm]
    first, last = (np.mean([one["space"] for one in part]) for part in (curve[:4], curve[-10:]))
    assert last < 0.85 * first


def test_alignment_in_space_is_held_near_the_base(study, monkeypatch):
    """But for the directions that tell places in space, tokens change less than without the loss that holds them."""
    base, index = SpatialMosaicForConditionalGeneration.from_pretrained(study.out / "base"), torch.tensor([[0, 1, 2]])
    vectors = directions(*SPACE_BINS.shape, base.config.text_config.hidden_size).flatten(0, 1)
    outside = torch.eye(vectors.shape[1]) - torch.linalg.pinv(vectors) @ vectors
    assert (outside @ vectors.T).abs().max() < 1e-4 and outside.trace() > 10
    changes = []
    for weight in (KEPT_WEIGHT, 0.0):
        monkeypatch.setattr(f"{align_geometry.__module__}.KEPT_WEIGHT", weight)
        model, _ = build_arm(study.settings, "none", 0, study.out / "base", study.out / "vggt")
        align_geometry(model, base, study.store, Budget(steps=60, batch_size=8, learning_rate=3e-3), 0, max_views=3)
        with torch.inference_mode():
            after, before = (cell_tokens(one, study.store, index).flatten(0, 2) for one in (model, base))
        changes.append(float(((after - before) @ outside).square().sum()))
    assert changes[0] < 0.7 * changes[1], changes


@pytest.fixture
def untrained(monkeypatch):
    """Alignments that train nothing, and tokens that tell zeros."""
    monkeypatch.setattr(f"{align_geometry.__module__}.fit", lambda *args, **kwargs: {})
    monkeypatch.setattr(
        f"{align_geometry.__module__}.told_places", lambda tokens, middles: tokens.new_zeros(*tokens.shape[:-1], 4)
    )


def test_what_tokens_tell_is_measured_on_rooms_that_were_not_seen(study, untrained):
    """Who says zero is as far off as the points are from the first camera, and the depths from zero."""
    base, store = SpatialMosaicForConditionalGeneration.from_pretrained(study.out / "base"), study.store
    model, _ = build_arm(study.settings, "none", 0, study.out / "base", study.out / "vggt")
    facts = align_geometry(model, base, store, Budget(steps=1, batch_size=8, learning_rate=0.0), 0, max_views=3)
    (name,) = (name for name in store.scenes if store.splits[name] == "validation")
    maps = torch.cat([store.pointmaps(torch.tensor([first, *store.scenes[name]]))[1:] for first in store.scenes[name]])
    lengths = maps[:, :3].norm(dim=1)[maps[:, 3] > 0]
    assert facts["point_error_m"] == pytest.approx(float(lengths.mean()), rel=0.25)  # of all pixels and pairs of views
    depth_m = store.depth_m[store.scenes[name]].float()
    assert facts["depth_error_m"] == pytest.approx(float(depth_m[depth_m.isfinite()].mean()), rel=0.25)


def test_objects_are_right_whose_token_is_most_like_their_word(study, untrained):
    """A projector that gives every cell the token of one word is right where that is what the cell shows."""
    store, processor = study.store, SpatialMosaicProcessor.from_pretrained(study.out / "base")
    frames = torch.tensor([k for name, of in store.scenes.items() if store.splits[name] == "validation" for k in of])
    shown = store.cells(frames, 2).flatten()
    shown = shown[store.is_object[shown]]
    common = int(shown.bincount().argmax())
    model = SpatialMosaicForConditionalGeneration.from_pretrained(study.out / "language")
    words = words_of_labels(model, processor, store.labels)
    last = model.model.multi_modal_projector.linear_2
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(words[common])
    facts = align_projector(model, words, store, Budget(steps=1, batch_size=8, learning_rate=0.0), 0)
    assert facts["objects_right"] == pytest.approx(float((shown == common).float().mean()), abs=0.08)


def test_cells_tell_where_their_centre_is(study):
    """Places in the image by hand; places in space by the point maps that `pointmap` is given, and by the cameras."""
    places, known = cells_in_image(torch.tensor([[4], [5]]), 2)
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


def test_told_tokens_tell_what_cells_show(study, monkeypatch):
    """Without errors: the word of a cell that shows one thing, and where it is, as the point maps and cameras say.
    With every thing mistaken, the building still looks like itself."""
    store, side, width = study.store, 4, study.settings.text["hidden_size"]
    mark, index = marks(width), torch.tensor([1, 6, 4])
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(len(store.labels), mark.rest.shape[1], generator=generator)
    words = torch.nn.functional.normalize(drawn @ mark.rest.T, dim=-1)
    for name in ("MISTAKEN", "NOISE", "SPACE_NOISE"):
        monkeypatch.setattr(f"{ToldTokens.__module__}.{name}", 0.0)
    tokens = ToldTokens(store, words, side, seed=0)([index])
    assert tokens.shape == (3, side * side, width)
    largest, shown = patch_shares(store.categories[index], side, len(store.labels)).max(-1)
    single = largest > 0.97
    assert single.sum() > 5
    assert torch.equal((tokens @ words.T).argmax(-1)[single], shown[single])
    for (places, known), bins in (
        (cells_in_image(index[:, None], side), IMAGE_BINS),
        (cells_in_space(store, index[None], side), SPACE_BINS),
    ):
        nearest = (places[known][..., None] - bins).abs().argmin(-1)
        told = likeness(tokens.unflatten(1, (side, side))[known], bins).argmax(-1)
        assert (told == nearest).float().mean() > 0.95  # other numbers are now and then in the way
    monkeypatch.setattr(f"{ToldTokens.__module__}.MISTAKEN", 1.0)
    mistaken = (ToldTokens(store, words, side, seed=0)([index]) @ words.T).argmax(-1)
    building = single & ~store.is_object[shown]
    assert torch.equal(mistaken[building], shown[building])
    things = single & store.is_object[shown]
    assert (mistaken[things] != shown[things]).float().mean() > 0.8


def test_questions_of_the_same_views_share_conversations(study):
    rows = question_rows(study.dataset, "train", study.settings.data)
    talks = conversations_of(rows, study.store, 0)
    assert max(len(talk.turns) for talk in talks) > 1
    asked = Counter((tuple(talk.frames), turn) for talk in talks for turn in talk.turns)
    assert asked == Counter(
        (tuple(study.store.index_of(row["scene_name"], row["frames"]).tolist()), turn_of(row)) for row in rows
    )


def test_answers_that_are_learned_are_right_by_the_benchmark(study):
    """Whatever they say besides; and those about one thing, or things of one kind, name it after its frame."""
    rows = load_rows(study.dataset, split="train")
    assert len({row["question_type"] for row in rows}) == 17
    for row in rows:
        turn = turn_of(row)
        score = SCORERS[row["answer_format"]](row, turn.answer)
        assert score.parsed and score.score == 1, (row["question_type"], turn)
        named = re.findall(r"Frame (\d): (.+?)(?= at \d| \(| \d|\n)", turn.answer)
        assert all(thing in turn.question for _, thing in named)
        if row["question_type"] in IN_ONE_FRAME:
            assert len(named) == 1 and f"Frame {named[0][0]}" in turn.question
        elif row["question_type"] in IN_ALL_FRAMES:
            assert [int(frame) for frame, _ in named] == list(range(1, len(row["frames"]) + 1))
        else:
            assert not named


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


def test_arms_keep_the_tower_and_the_words_of_the_base(study):
    weights = {
        arm: AutoModelForImageTextToText.from_pretrained(study.out / "arms" / f"{arm}_0", trust_remote_code=True)
        for arm in ARMS
    }
    base = AutoModelForImageTextToText.from_pretrained(study.out / "base", trust_remote_code=True).state_dict()
    for arm, model in weights.items():
        state = model.state_dict()
        for name, tensor in base.items():
            if "vision_tower" in name or "embed_tokens" in name:
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
