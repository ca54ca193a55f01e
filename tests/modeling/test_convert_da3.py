"""The released checkpoint -> our folder: every tensor accounted for, the reference's numbers after loading it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModel, AutoModelForDepthEstimation
from typer.testing import CliRunner

from modeling_spatialmosaic import (
    DA3_SIZES,
    SpatialMosaicDa3Config,
    SpatialMosaicDa3ForReconstruction,
    SpatialMosaicDa3Model,
    convert_da3,
)
from modeling_spatialmosaic.checkpoints import WeightsError
from modeling_spatialmosaic.modeling_multiview import IMAGENET_MEAN, IMAGENET_STD
from spatialmosaic_cli.main import app


SETTINGS = {"camera_num_attention_heads": 8, "out_indices": [3, 5, 7, 9]}
STATE_DICTS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "golden" / "da3_state_dicts.json"
NORM = "model.head.scratch.output_conv2_aux.{}.2.{}"
COARSER_CONV, COARSER_OUTPUT, COPIES = convert_da3.UNUSED


@pytest.fixture
def weights(golden) -> dict[str, torch.Tensor]:
    tensors = golden("da3_tiny")
    return {name.removeprefix("weights/"): t for name, t in tensors.items() if name.startswith("weights/")}


@pytest.fixture
def images(golden) -> torch.Tensor:
    """Of the case `rect`, as RGB in [0, 1]; the reference's are normalised already."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    return golden("da3_tiny")["inputs/rect/images"] * std + mean


@pytest.fixture
def convert(tmp_path, monkeypatch):
    """Run the command on a checkpoint of the tiny size, whose depth and heads are not as released."""
    config_from_weights = convert_da3.config_from_weights
    monkeypatch.setattr(convert_da3, "config_from_weights", lambda weights: config_from_weights(weights, **SETTINGS))

    def run(weights: dict[str, torch.Tensor], *options: str) -> Path:
        save_file(weights, tmp_path / "da3.safetensors")
        out = tmp_path / "converted"
        arguments = ["--checkpoint", str(tmp_path / "da3.safetensors"), "--out", str(out), *options]
        result = CliRunner().invoke(app, ["convert", "da3", *arguments])
        assert result.exit_code == 0, result.output
        return out

    return run


def test_loaded_folder_gives_the_reference_outputs(convert, weights, images, golden):
    tensors = golden("da3_tiny")
    out = convert(weights)
    model, info = SpatialMosaicDa3ForReconstruction.from_pretrained(out, output_loading_info=True)
    assert not any(info.values()), info
    backbone, info = AutoModel.from_pretrained(out, output_loading_info=True)
    assert isinstance(backbone, SpatialMosaicDa3Model)
    assert not any(info.values()), info
    assert isinstance(AutoModelForDepthEstimation.from_pretrained(out), SpatialMosaicDa3ForReconstruction)
    assert AutoImageProcessor.from_pretrained(out).image_size == 70
    with torch.no_grad():
        output, tokens = model(images), backbone.get_geometry_tokens(images)
    torch.testing.assert_close(tokens[:, :, 1:], tensors["outputs/rect/features.9"], atol=1e-4, rtol=0)
    torch.testing.assert_close(tokens[:, :, 0], tensors["outputs/rect/camera_features.9"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.depth.squeeze(-1), tensors["outputs/rect/depth"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.rays, tensors["outputs/rect/ray"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.pose_encoding, tensors["outputs/rect/pose_enc"], atol=1e-4, rtol=0)


FRESH_PROCESS = """
import sys

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModel, AutoModelForDepthEstimation

sys.modules["modeling_spatialmosaic"] = None  # importing it now fails, even where the project is installed
model_dir, images_file, output_file = sys.argv[1:]
images = load_file(images_file)["images"]
image_processor = AutoImageProcessor.from_pretrained(model_dir, trust_remote_code=True)
pixel_values = image_processor(Image.new("RGB", (90, 70)), return_tensors="pt").pixel_values
assert pixel_values.shape == (1, 3, 56, 70), pixel_values.shape  # 3.9 patches high at the model's width
backbone = AutoModel.from_pretrained(model_dir, trust_remote_code=True)
assert type(backbone).__name__ == "SpatialMosaicDa3Model"
model = AutoModelForDepthEstimation.from_pretrained(model_dir, trust_remote_code=True)
assert type(model).__name__ == "SpatialMosaicDa3ForReconstruction"
with torch.no_grad():
    output, tokens = model(images), backbone.get_geometry_tokens(images)
tensors = {"features.9": tokens[:, :, 1:], "pose_enc": output.pose_encoding, "depth": output.depth.squeeze(-1)}
save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, output_file)
"""


def test_fresh_process_without_this_project(convert, weights, images, golden, tmp_path):
    save_file({"images": images.contiguous()}, tmp_path / "images.safetensors")
    out = convert(weights)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    arguments = [out, tmp_path / "images.safetensors", tmp_path / "seen.safetensors"]
    process = subprocess.run(
        [sys.executable, "-I", "-c", FRESH_PROCESS, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    for name, tensor in load_file(tmp_path / "seen.safetensors").items():
        torch.testing.assert_close(tensor, golden("da3_tiny")[f"outputs/rect/{name}"], atol=1e-4, rtol=0)


@pytest.mark.parametrize("with_copies", [False, True])
def test_every_tensor_arrives_or_is_named(convert, weights, with_copies):
    """Some files hold the norm that the levels of rays share under every level, others once."""
    assert NORM.format(0, "weight") in weights and NORM.format(3, "weight") not in weights
    if with_copies:
        weights |= {
            NORM.format(k, kind): weights[NORM.format(0, kind)].clone()
            for k in (1, 2, 3)
            for kind in ("weight", "bias")
        }
    out = convert(weights, "--keep-unused")
    written = load_file(out / "model.safetensors")
    unused = load_file(out / "unused.safetensors")
    arrived = {convert_da3.released_name(name): tensor for name, tensor in written.items()} | unused
    assert arrived.keys() == weights.keys()
    assert all(torch.equal(arrived[name], tensor) for name, tensor in weights.items())
    report = json.loads((out / "conversion.json").read_text(encoding="utf-8"))
    # Levels 0, 1 and 2 of the rays: five convolutions each; two each, with weight and bias
    counts = {COARSER_CONV: 3 * 5 * 2, COARSER_OUTPUT: 3 * 2 * 2, COPIES: 6 * with_copies}
    assert {rule: len(names) for rule, names in report["left_out"].items()} == counts
    assert report["tensors"] == len(weights) == report["converted"] + sum(counts.values())


@pytest.mark.parametrize("size", ["small", "base", "large"])
@pytest.mark.parametrize("with_copies", [False, True])
def test_released_names_are_all_accounted_for(size, with_copies):
    """The released sizes, without their memory."""
    if not STATE_DICTS.is_file():
        pytest.skip(f"The reference's list of tensors is not beside this repository: {STATE_DICTS.name}")
    listed = json.loads(STATE_DICTS.read_text(encoding="utf-8"))
    absent = set() if with_copies else set(listed["shared_with_index_0"])
    weights = {
        name: torch.zeros(()).expand(shape) for name, shape in listed[f"da3-{size}"].items() if name not in absent
    }
    model, unused = convert_da3.convert_da3(weights)
    assert len(list(model.parameters())) == {"small": 437, "base": 437, "large": 637}[size] - 30 - 12
    assert len(unused[COPIES]) == 6 * with_copies
    assert {**model.config.to_dict(), "dtype": None} == {
        **SpatialMosaicDa3Config(**DA3_SIZES[size]).to_dict(),
        "dtype": None,
    }


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            lambda w: w.pop("model.cam_enc.trunk.1.ls2.gamma"),
            r"Missing: model\.cam_enc\.trunk\.1\.ls2\.gamma\. Unknown: none",
        ),
        (lambda w: w.pop(NORM.format(0, "bias")), r"Missing: model\.head\.scratch\.output_conv2_aux\.0\.2\.bias\."),
        (lambda w: w.update({"model.gs_head.norm.bias": torch.ones(1)}), r"Missing: none\. Unknown: model\.gs_head\."),
        (
            lambda w: w.update({"model.head.scratch.output_conv1_aux.4.0.bias": torch.ones(8)}),
            r"Unknown: model\.head\.scratch\.output_conv1_aux\.4\.0\.bias",
        ),
        (
            lambda w: w.update({NORM.format(2, "weight"): torch.ones(32)}),
            r"output_conv2_aux\.2\.2\.weight must be a copy of .*aux\.0\.2\.weight",
        ),
        (lambda w: w.update({"model.head.norm.bias": torch.ones(48)}), r"norm\.bias \(48,\) instead of \(96,\)"),
        (
            lambda w: w.pop("model.backbone.pretrained.pos_embed"),
            r"has a tensor 'model\.backbone\.pretrained\.pos_embed' with 3 axes, found none",
        ),
        (
            lambda w: [w.pop(name) for name in list(w) if "q_norm" in name],
            r"has a tensor 'model\.backbone\.pretrained\.blocks\.0\.attn\.q_norm\.weight' with 1 axes, found none",
        ),
        (
            lambda w: w.update({"model.backbone.pretrained.blocks.2.attn.q_norm.weight": torch.ones(5)}),
            r"do not fit each other: .*`num_attention_heads`, got 48 and 9",
        ),
    ],
)
def test_checkpoints_that_do_not_fit(weights, change, match):
    change(weights)
    with pytest.raises(WeightsError, match=f"(?s){match}"):
        convert_da3.convert_da3(weights, **SETTINGS)


def test_depths_that_are_not_known(weights):
    with pytest.raises(WeightsError, match=r"released depths 12, 24, found 10 blocks\. This is another model\."):
        convert_da3.convert_da3(weights)


def test_settings_that_do_not_fit(weights):
    with pytest.raises(WeightsError, match=r"released settings do not fit .* 0 to 9, got \[5, 7, 9, 11\]"):
        convert_da3.convert_da3(weights, out_indices=[5, 7, 9, 11])


def test_another_model_is_refused_by_the_command(weights, tmp_path):
    weights = {name.removeprefix("model."): tensor for name, tensor in weights.items()}
    save_file(weights, tmp_path / "da3.safetensors")
    arguments = ["--checkpoint", str(tmp_path / "da3.safetensors"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, ["convert", "da3", *arguments])
    assert result.exit_code == 2
    assert "has a tensor 'model.backbone.pretrained.patch_embed.proj.weight'" in " ".join(result.output.split())
    assert {path.name for path in tmp_path.iterdir()} == {"da3.safetensors"}


def test_sharded_save_and_reload(convert, weights, tmp_path):
    """Loading builds the model without memory: every parameter and buffer must come from the files."""
    model = SpatialMosaicDa3ForReconstruction.from_pretrained(convert(weights))
    model.save_pretrained(tmp_path / "shards", max_shard_size="300kB")
    assert len(list((tmp_path / "shards").glob("model-*.safetensors"))) > 3
    for loaded_class, expected in (
        (SpatialMosaicDa3ForReconstruction, model),
        (SpatialMosaicDa3Model, model.da3),
    ):
        loaded, info = loaded_class.from_pretrained(tmp_path / "shards", output_loading_info=True)
        assert not any(info.values()), info
        assert not list(loaded.named_buffers())
        for (name, tensor), (_, other) in zip(expected.state_dict().items(), loaded.state_dict().items(), strict=True):
            assert other.device.type == "cpu"
            assert torch.equal(tensor, other), name


def test_missing_parameters_are_initialised(convert, weights, tmp_path):
    """What a checkpoint lacks must be made, not left as memory happened to be."""
    model = SpatialMosaicDa3ForReconstruction.from_pretrained(convert(weights))
    state_dict = model.da3.state_dict()
    made = {"camera_token", "patch_embed.cls_token", "patch_embed.pos_embed"}
    for name in (*made, "blocks.3.layer_scale1"):
        state_dict.pop(name)
    model.da3.save_pretrained(tmp_path / "backbone", state_dict=state_dict)
    assert {path.name for path in (tmp_path / "backbone").glob("*.py")} == {
        "configuration_da3.py",
        "configuration_multiview.py",
        "modeling_da3.py",
        "modeling_geometry_layers.py",
        "modeling_multiview.py",
    }
    auto_map = json.loads((tmp_path / "backbone" / "config.json").read_text(encoding="utf-8"))["auto_map"]
    assert set(auto_map) == {"AutoConfig", "AutoModel"}
    loaded, info = SpatialMosaicDa3ForReconstruction.from_pretrained(tmp_path / "backbone", output_loading_info=True)
    heads = {"camera_encoder", "camera_decoder", "dense_head"}
    assert {name.split(".")[0] for name in info["missing_keys"]} == {"da3", *heads}
    for name in made:
        assert loaded.da3.get_parameter(name).std().item() == pytest.approx(0.02, rel=0.25), name
    assert (loaded.da3.blocks[3].layer_scale1 == 1).all()
    assert (loaded.camera_encoder.trunk[0].layer_scale1 == 0.01).all()
    assert (loaded.dense_head.ray_norm.weight == 1).all()
