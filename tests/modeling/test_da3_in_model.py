"""The whole model with Depth Anything 3, by `geometry_config` alone: batches, cache, pictures, scores, reload."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlavaOnevisionConfig, LlavaOnevisionForConditionalGeneration

from dataset_builder.bench.run import evaluate
from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import LETTERS, TASK_OF, build_completion, build_prompt, row_id
from dataset_builder.writer import write_dataset
from modeling_spatialmosaic import (
    DA3_SIZES,
    SpatialMosaicConfig,
    SpatialMosaicDa3Model,
    SpatialMosaicForConditionalGeneration,
)
from modeling_spatialmosaic.explain import attention_maps, paint_attention
from modeling_spatialmosaic.geometry_cache import GeometryCache


GEOMETRY = {
    "model_type": "spatialmosaic_da3",
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "alternating_start": 2,
    "qk_norm_start": 2,
    "rope_start": 2,
    "image_size": 112,
}


@pytest.fixture(scope="module")
def da3_dir(tiny_dir, processor, tmp_path_factory) -> Path:
    """The tiny model with another geometry encoder; weights far from their initial values."""
    config = SpatialMosaicConfig.from_pretrained(tiny_dir).to_dict() | {"geometry_config": GEOMETRY}
    torch.manual_seed(0)
    model = SpatialMosaicForConditionalGeneration(SpatialMosaicConfig(**config))
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.1 if parameter.ndim == 1 else parameter[0].numel() ** -0.5
            parameter += scale * torch.randn(parameter.shape)
    folder = tmp_path_factory.mktemp("da3")
    model.generation_config = SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).generation_config
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture
def model(da3_dir) -> SpatialMosaicForConditionalGeneration:
    return SpatialMosaicForConditionalGeneration.from_pretrained(da3_dir).eval()


@pytest.fixture
def inputs(prepare, random_views):
    """Three questions about two view sets."""
    first, second = random_views(2), random_views(4)
    return prepare([first, second, first])


@torch.no_grad()
def test_a_batch_gives_the_answers_of_its_samples(model, prepare, random_views):
    samples = [random_views(3), random_views(1), [], random_views(5), random_views(3)]
    together = model(**prepare(samples)).logits[:, -1]
    for index, views in enumerate(samples):
        alone = model(**prepare([views])).logits[0, -1]
        torch.testing.assert_close(together[index], alone, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_the_views_decide_through_the_geometry(model, inputs):
    logits = model(**inputs).logits
    model.model.geometry_tower.camera_token.neg_()
    assert (model(**inputs).logits - logits).abs().max() > 1e-3


def test_everything_learns(model, inputs):
    model.train()(**inputs, labels=inputs.input_ids).loss.backward()
    for name, parameter in model.model.geometry_tower.named_parameters():
        assert parameter.grad.abs().max() > 0, name


def test_the_cache_gives_the_same_losses_and_answers(model, inputs, monkeypatch, tmp_path):
    calls, encode = [], SpatialMosaicDa3Model.get_geometry_tokens

    def count(self, pixel_values):
        calls.append(len(pixel_values))
        return encode(self, pixel_values)

    monkeypatch.setattr(SpatialMosaicDa3Model, "get_geometry_tokens", count)
    settings = {"max_new_tokens": 4, "min_new_tokens": 4, "num_beams": 2}
    with torch.no_grad():
        logits = model(**inputs).logits
    answers = model.generate(**inputs, **settings)
    model.model.geometry_tower.requires_grad_(False)
    for run in range(2):  # the second finds what the first left on disk
        calls.clear()
        model.model.geometry_cache = GeometryCache(tmp_path)
        with torch.no_grad():
            torch.testing.assert_close(model(**inputs).logits, logits, atol=1e-5, rtol=1e-5)
        assert torch.equal(model.generate(**inputs, **settings), answers)
        assert calls == ([1, 1] if run == 0 else []), "one call for each number of views, one view set in each"
    other = SpatialMosaicForConditionalGeneration.from_pretrained(model.config._name_or_path).eval()
    other.model.geometry_tower.config.reference_view = "first"
    other.model.geometry_tower.requires_grad_(False)
    other.model.geometry_cache = GeometryCache(tmp_path)
    other(**inputs)
    assert calls == [1, 1], "a setting that changes the tokens makes other tokens"


def test_pictures(model, prepare, random_views):
    """A view's attention lies on its patches, but for what its camera token got."""
    inputs = prepare([random_views(3)])
    seen = []
    model.model.fusion_block.register_forward_pre_hook(lambda _, tokens: seen.append(tokens))
    maps = attention_maps(model, inputs)
    weights = model.model.fusion_block.attention_weights(*seen[0]).mean(dim=1)  # (views, tokens)
    height, width = inputs.pixel_values.shape[-2:]
    assert weights.shape == (3, 1 + height * width // 14**2)
    torch.testing.assert_close(maps.geometry.sum(dim=(1, 2)), 1 - weights[:, 0], atol=1e-5, rtol=0)
    patch = weights[1, 1 + 2 * (width // 14) + 3]  # second view, row 2, column 3
    torch.testing.assert_close(maps.geometry[1, 2 * 14 + 5, 3 * 14 + 5] * 14 * 14, patch, atol=1e-6, rtol=0)
    assert [picture.size for picture in paint_attention(inputs.pixel_values, maps.geometry)] == [(width, height)] * 3


@pytest.mark.parametrize("as_folders", [False, True])
@torch.no_grad()
def test_from_components(model, processor, inputs, tmp_path, as_folders):
    """The VLM of the tiny model's sizes and the encoder: features of the one, tokens of the other."""
    vlm = LlavaOnevisionForConditionalGeneration(
        LlavaOnevisionConfig(
            vision_config=model.config.vision_config,
            text_config=model.config.text_config,
            image_token_index=model.config.image_token_id,
        )
    ).eval()
    geometry = model.model.geometry_tower
    expected = geometry.get_geometry_tokens(inputs.pixel_values[None, :2])
    parts = (vlm, geometry)
    if as_folders:
        parts = (tmp_path / "vlm", tmp_path / "geometry")
        vlm.save_pretrained(parts[0])
        geometry.save_pretrained(parts[1])
    whole = SpatialMosaicForConditionalGeneration.from_components(*parts, fusion_num_heads=4).eval()
    tokens = whole.model.geometry_tower.get_geometry_tokens(inputs.pixel_values[None, :2])
    torch.testing.assert_close(tokens, expected, atol=1e-6, rtol=1e-6)
    assert whole(**inputs).logits.isfinite().all()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Two scenes of three frames; the train scene's most frequent answer is B."""
    from PIL import Image

    def row(scene: str, question: str, answer: str, num_frames: int) -> dict:
        frames = [f"frame_{k}" for k in range(num_frames)]
        options = [f"{letter}. {text}" for letter, text in zip(LETTERS, "4321", strict=False)]
        return {
            "id": row_id("toy", scene, frames, "obj_count_occ", question),
            "dataset": "toy",
            "domain": "indoor",
            "scene_name": scene,
            "task": TASK_OF["obj_count_occ"],
            "question_type": "obj_count_occ",
            "frames": frames,
            "question": question,
            "options": options,
            "mc_answer": answer,
            "ground_truth": "4321"[LETTERS.index(answer)],
            "answer_format": "choice",
            "overlap_avg": 5.0,
            "occlusion_avg": 0.1,
            "truncation_avg": 0.0,
            "occ_level": "low",
            "overlap_level": "low",
            "vis_level": "Fully Visible",
            "gt_scenario": "Full Coverage",
            "bbox_2d": None,
            "bbox_2d_diag": None,
            "prompt": build_prompt(num_frames, question, options, "choice"),
            "completion": build_completion(answer),
            "evidence": "{}",
        }

    def images(shift: int) -> dict[str, bytes]:
        files = {}
        for k in range(3):
            files[f"frame_{k}"] = io.BytesIO()
            Image.linear_gradient("L").resize((64, 48)).rotate(40 * k + shift).convert("RGB").save(
                files[f"frame_{k}"], "JPEG"
            )
        return {name: file.getvalue() for name, file in files.items()}

    train = [row("scene_a", f"How many {name}?", answer, 2) for name, answer in (("mugs", "B"), ("beds", "B"))]
    test = [
        row("scene_b", f"How many {name}?", "BC"[k % 2], 2 + k % 2) for k, name in enumerate(("mugs", "beds", "rugs"))
    ]
    folder = tmp_path_factory.mktemp("bench") / "toy"
    write_dataset(
        folder, [SceneRows("scene_a", "train", train, images(0)), SceneRows("scene_b", "test", test, images(9))]
    )
    return folder


def test_scores_and_controls(da3_dir, dataset, tmp_path):
    scores = evaluate(str(da3_dir), dataset, tmp_path, batch_size=2, trust_remote_code=True)
    assert set(scores["results"]) == {
        "model",
        "published",
        "blind",
        "single_view",
        "geometry_zero",
        "majority",
        "chance",
    }
    assert scores["results"]["majority"]["by_question_type"]["obj_count_occ"]["score"] == pytest.approx(2 / 3)
    replies = [json.loads(line) for line in (tmp_path / "replies.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(replies) == 3 and all(reply["model"] and reply["blind"] for reply in replies)


FRESH_PROCESS = """
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoProcessor

sys.modules["modeling_spatialmosaic"] = None  # importing it now fails, even where the project is installed
model_dir, inputs_file, output_file = sys.argv[1:]
model = AutoModelForImageTextToText.from_pretrained(model_dir, trust_remote_code=True)
assert type(model.model.geometry_tower).__name__ == "SpatialMosaicDa3Model"
assert AutoProcessor.from_pretrained(model_dir, trust_remote_code=True).image_processor.image_size == 112
with torch.no_grad():
    save_file({"logits": model(**load_file(inputs_file)).logits}, output_file)
"""


def test_fresh_process_without_this_project(model, da3_dir, inputs, tmp_path):
    save_file({name: tensor.contiguous() for name, tensor in inputs.items()}, tmp_path / "inputs.safetensors")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    arguments = [da3_dir, tmp_path / "inputs.safetensors", tmp_path / "seen.safetensors"]
    process = subprocess.run(
        [sys.executable, "-I", "-c", FRESH_PROCESS, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    with torch.no_grad():
        expected = model(**inputs).logits
    assert torch.equal(load_file(tmp_path / "seen.safetensors")["logits"], expected)


def test_a_model_larger_than_the_memory(model, da3_dir, inputs, tmp_path):
    """`device_map="auto"` keeps what fits and fetches the rest from disk as it is needed."""
    offloaded = SpatialMosaicForConditionalGeneration.from_pretrained(
        da3_dir,
        device_map="auto",
        max_memory={"cpu": int(0.3 * model.get_memory_footprint())},
        offload_folder=tmp_path / "offload",
    )
    assert "disk" in offloaded.hf_device_map.values()
    with torch.no_grad():
        torch.testing.assert_close(offloaded(**inputs).logits, model(**inputs).logits, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("size", ["small", "base"])
def test_full_size(size):
    """The default model with another encoder, counted on the meta device; widths of the fusion block follow."""
    config = SpatialMosaicConfig(geometry_config={"model_type": "spatialmosaic_da3", **DA3_SIZES[size]})
    with torch.device("meta"):
        model = SpatialMosaicForConditionalGeneration(config)
    tower = sum(parameter.numel() for parameter in model.model.geometry_tower.parameters())
    assert tower == {"small": 22_059_008, "base": 86_583_296}[size]
    assert model.model.fusion_block.key_proj.weight.shape == (1152, {"small": 768, "base": 1536}[size])
