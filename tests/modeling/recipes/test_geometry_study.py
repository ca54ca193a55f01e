"""The geometry study: its truths against other ways to them, its numbers by hand, and every stage at a toy size."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml
from transformers import AutoModelForImageTextToText, AutoProcessor

from dataset_builder.bench.models import LocalModel
from dataset_builder.reader import load_rows
from generation.geometry import Camera
from modeling_spatialmosaic.pose_encoding import decode_pose, unproject_depth
from modeling_spatialmosaic.recipes.geometry_study.comparison import OVERALL, Comparison
from modeling_spatialmosaic.recipes.geometry_study.geometry import camera_loss, dense_loss, scene_truth
from modeling_spatialmosaic.recipes.geometry_study.scoring import StudyModel
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, SIZES, DataSettings, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.stages import run_stage
from modeling_spatialmosaic.recipes.geometry_study.study import Study
from modeling_spatialmosaic.recipes.geometry_study.vision import patch_shares


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
    store, index = study.store, torch.tensor([2, 11])
    for k, pointmap in zip(index.tolist(), store.pointmaps[index].numpy(), strict=True):
        _, height, width = pointmap.shape
        camera = Camera(width, height, store.intrinsics[k].numpy(), store.world_from_cam[k].numpy())
        rows, columns = np.nonzero(pointmap[3])
        pixels, _ = camera.project(pointmap[:3, rows, columns].T)
        np.testing.assert_allclose(pixels, np.stack([columns + 0.5, rows + 0.5], axis=1), atol=0.02)


def test_captions_name_what_the_pixels_show(study):
    store = study.store
    frame = max(range(len(store.images)), key=lambda k: len(store.objects(k)))
    objects = store.objects(frame)
    assert objects
    height, width = store.categories.shape[1:]
    for label, x, y in objects:
        shown = (store.categories[frame] == store.labels.index(label)).nonzero() if label in store.labels else None
        if shown is None or sum(one == label for one, *_ in objects) > 1:
            continue
        low, high = shown.min(dim=0).values, shown.max(dim=0).values + 1
        assert low[0] <= y * height <= high[0] and low[1] <= x * width <= high[1]


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
