"""The controls of the geometry branch, with the tiny model and two scenes."""

import io
import json
from itertools import count

import pytest
import torch
from PIL import Image

from dataset_builder.bench import models
from dataset_builder.bench.asking import Asker
from dataset_builder.bench.geometry import choose_donors, fusion_of
from dataset_builder.bench.models import load_model
from dataset_builder.bench.record import ReplyRecord
from dataset_builder.bench.run import evaluate, select_rows
from dataset_builder.reader import load_rows
from dataset_builder.scene_rows import SceneRows
from dataset_builder.writer import write_dataset


COUNTS = ["4", "3", "2", "1"]
THREE = ["frame_0", "frame_1", "frame_2"]


@pytest.fixture(scope="module")
def two_scenes(tmp_path_factory, make_row, make_images):
    """Two test scenes with questions over two views; only one of them is seen in three."""
    folder = tmp_path_factory.mktemp("geometry") / "toy"
    write_dataset(
        folder,
        [
            SceneRows(
                scene,
                "test",
                [
                    make_row("obj_count_occ", "How many mug(s)?", COUNTS, "B", scene),
                    make_row("obj_count_occ", "How many rug(s)?", COUNTS, "B", scene),
                    *more,
                ],
                make_images(seed),
            )
            for seed, scene, more in (
                (1, "scene_b", [make_row("obj_count_occ", "How many bed(s)?", COUNTS, "B", "scene_b", frames=THREE)]),
                (2, "scene_c", []),
            )
        ],
    )
    return folder


@pytest.fixture
def asked(two_scenes, model_dir, tmp_path, monkeypatch):
    """Ask one control: rows in order, what the fusion saw for each row, how many images the vision tower saw."""
    model = load_model(str(model_dir), trust_remote_code=True)
    rows, _ = select_rows(two_scenes, "test", None, 0)
    run_numbers = count()

    def ask(control: str, batch_size: int = 2):
        seen, images, counts = [], [], []
        tell = models.LocalModel.replies

        def replies_and_inputs(self, batch, max_new_tokens):
            counts.extend(len(row["images"]) for row in batch)
            hooks = [
                fusion_of(self.network).register_forward_hook(lambda module, inputs, output: seen.append(inputs[1])),
                self.network.model.vision_tower.register_forward_hook(
                    lambda module, inputs, kwargs, output: images.append(kwargs["pixel_values"]), with_kwargs=True
                ),
            ]
            replies = tell(self, batch, max_new_tokens)
            for hook in hooks:
                hook.remove()
            return replies

        with monkeypatch.context() as patch:
            patch.setattr(models.LocalModel, "replies", replies_and_inputs)
            record = ReplyRecord(tmp_path / str(next(run_numbers)), {})
            asker = Asker(model, two_scenes, "test", batch_size, seed=0)
            replies = asker.ask(control, rows, record)
        tokens = torch.cat(seen).split(counts)
        return replies, dict(zip(replies, tokens, strict=True)), torch.cat(images)

    ask.rows, ask.network = rows, model.network
    return ask


def test_zeroed(asked):
    _, honest, seen_before = asked("model")
    _, tokens, seen = asked("geometry_zero")
    assert list(tokens) == list(honest) == [row["id"] for row in asked.rows]
    assert all(given.abs().sum() > 1 for given in honest.values())
    assert all(not given.any() for given in tokens.values())
    assert torch.equal(seen, seen_before), "the vision tower sees what it always sees"


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_shuffled(asked, batch_size):
    """Rows over two views get the tokens of the other scene; the one row over three views has no partner."""
    _, honest, plain = asked("model")
    replies, tokens, seen = asked("geometry_shuffle", batch_size)
    place = {row["id"]: row["scene_name"] for row in asked.rows}
    (alone,) = {row["id"] for row in asked.rows if len(row["frames"]) == 3}
    assert set(replies) == set(place) - {alone}
    for row_id, given in tokens.items():
        same = [other for other in tokens if torch.allclose(given, honest[other], atol=1e-4)]
        assert same and {place[other] for other in same} == {"scene_b", "scene_c"} - {place[row_id]}
    assert len(seen) == 8  # four rows of two images: those of the row itself
    assert all(any(torch.equal(image, other) for other in plain) for image in seen)


def test_the_model_is_as_before_afterwards(asked):
    first = asked("model", 3)
    asked("geometry_zero")
    asked("geometry_shuffle")
    again = asked("model", 4)
    assert first[0] == again[0]
    assert not fusion_of(asked.network)._forward_pre_hooks


def test_nothing_false_is_cached(two_scenes, model_dir, tmp_path, monkeypatch):
    """Controls first, with a cache: the honest replies that follow are those of a run without one."""
    arguments = {"trust_remote_code": True, "batch_size": 2}
    evaluate(str(model_dir), two_scenes, tmp_path / "plain", controls=(), **arguments)
    monkeypatch.setenv("SPATIALMOSAIC_GEOMETRY_CACHE", str(tmp_path / "tokens"))
    controls = ("geometry_zero", "geometry_shuffle")
    for folder in ("first", "second"):
        scores = evaluate(str(model_dir), two_scenes, tmp_path / folder, controls=controls, **arguments)
    told = [
        [json.loads(line)["model"] for line in (tmp_path / folder / "replies.jsonl").read_text("utf-8").splitlines()]
        for folder in ("plain", "first", "second")
    ]
    assert told[0] == told[1] == told[2]
    assert {"geometry_zero", "geometry_shuffle"} < set(scores["results"])
    assert scores["results"]["geometry_shuffle"]["count"] == 4
    assert "`geometry_shuffle` leaves out 1 questions: no other scene is seen in as many views." in scores["notes"]


def test_one_view_shows_one_view(two_scenes, model_dir, tmp_path, monkeypatch):
    """The first view, as no question names a frame."""
    shown = []

    def replies(self, batch, max_new_tokens):
        shown.extend(batch)
        return ["A"] * len(batch)

    monkeypatch.setattr(models.LocalModel, "replies", replies)
    evaluate(str(model_dir), two_scenes, tmp_path, controls=("single_view",), trust_remote_code=True)
    originals = {row["id"]: row for row in load_rows(two_scenes, split="test")}
    assert len(shown) == 10
    for row in shown[5:]:
        assert row["images"] == originals[row["id"]]["images"][:1]
        assert [part["text"] for part in row["prompt"][0]["content"]][:2] == ["Frame 1:", None]
    assert all(len(row["images"]) >= 2 for row in shown[:5])
    assert Image.open(io.BytesIO(shown[-1]["images"][0])).size == (64, 48)


def test_a_model_without_a_geometry_branch(two_scenes, tmp_path):
    from modeling_spatialmosaic.tiny import create_tiny_model

    create_tiny_model(["How many mug(s)?"], tmp_path / "model", geometry="spatialmosaic_none")
    scores = evaluate(
        str(tmp_path / "model"),
        two_scenes,
        tmp_path / "out",
        controls=("geometry_zero", "geometry_shuffle"),
        trust_remote_code=True,
    )
    note = "The model has no sub-module `fusion_block`, so no geometry branch: geometry_zero and geometry_shuffle are"
    assert scores["notes"] == [f"{note} left out."]
    assert set(scores["results"]) == {"model", "published", "chance"}


def rows_of(*places: tuple[str, int]) -> list[dict]:
    return [
        {"id": f"r{k}", "dataset": "toy", "scene_name": scene, "frames": ["f"] * count}
        for k, (scene, count) in enumerate(places)
    ]


def test_donors_are_of_another_scene_and_as_many_views():
    rows = rows_of(*((f"s{k % 7}", 2 + k % 4) for k in range(200)))
    by_id = {row["id"]: row for row in rows}
    donors = choose_donors(rows, seed=1)
    assert donors == choose_donors(rows, seed=1) != choose_donors(rows, seed=2)
    assert set(donors) == set(by_id)
    for taker, donor in donors.items():
        assert by_id[taker]["scene_name"] != by_id[donor]["scene_name"]
        assert len(by_id[taker]["frames"]) == len(by_id[donor]["frames"])
    assert len(set(donors.values())) <= 4 * 8


def test_no_donor_in_a_single_scene():
    assert choose_donors(rows_of(("s", 2), ("s", 2), ("t", 3)), seed=0) == {}
