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

from modeling_spatialmosaic import SpatialMosaicVggtForReconstruction, SpatialMosaicVggtModel, convert_vggt
from modeling_spatialmosaic.checkpoints import WeightsError, read_checkpoint


MASK_TOKEN = "aggregator.patch_embed.mask_token"


@pytest.fixture
def weights(released_vggt) -> dict[str, torch.Tensor]:
    return dict(released_vggt[0])


@pytest.fixture
def settings_of_tiny(released_vggt) -> dict:
    return released_vggt[1]


@pytest.fixture
def convert(tmp_path, monkeypatch, settings_of_tiny):
    """Run the command on a checkpoint of the tiny size, whose heads are not those of the released one."""
    config_from_weights = convert_vggt.config_from_weights
    monkeypatch.setattr(convert_vggt, "config_from_weights", lambda w: config_from_weights(w, **settings_of_tiny))

    def run(checkpoint: Path, **settings) -> Path:
        out = tmp_path / "converted"
        convert_vggt.write_vggt(checkpoint=checkpoint, out=out, **settings)
        return out

    return run


def save_sharded(weights: dict[str, torch.Tensor], folder: Path, num_shards: int = 3) -> Path:
    folder.mkdir()
    shard_of = {name: f"model-{k % num_shards}.safetensors" for k, name in enumerate(weights)}
    for shard in set(shard_of.values()):
        save_file({name: tensor for name, tensor in weights.items() if shard_of[name] == shard}, folder / shard)
    index = {"metadata": {}, "weight_map": shard_of}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def test_loaded_folder_gives_the_reference_outputs(convert, weights, golden, tmp_path):
    tensors = golden("vggt_tiny")
    save_file(weights, tmp_path / "vggt.safetensors")
    out = convert(tmp_path / "vggt.safetensors")
    model, info = SpatialMosaicVggtForReconstruction.from_pretrained(out, output_loading_info=True)
    assert not any(info.values()), info
    aggregator, info = AutoModel.from_pretrained(out, output_loading_info=True)
    assert isinstance(aggregator, SpatialMosaicVggtModel)
    assert not any(info.values()), info
    assert isinstance(AutoModelForDepthEstimation.from_pretrained(out), SpatialMosaicVggtForReconstruction)
    assert AutoImageProcessor.from_pretrained(out).image_size == 70
    with torch.no_grad():
        output = model(tensors["inputs/rect/images"])
        tokens = aggregator(tensors["inputs/rect/images"]).last_hidden_state
    torch.testing.assert_close(tokens, tensors["outputs/rect/aggregated_tokens.3"], atol=1e-4, rtol=0)
    for name in ("depth", "depth_conf", "world_points", "world_points_conf"):
        torch.testing.assert_close(output[name], tensors[f"outputs/rect/{name}"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.pose_encodings[-1], tensors["outputs/rect/pose_enc.3"], atol=1e-4, rtol=0)


def test_fresh_process_without_this_project(convert, weights, golden, tmp_path):
    tensors = golden("vggt_tiny")
    save_file(weights, tmp_path / "vggt.safetensors")
    save_file({"images": tensors["inputs/square/images"]}, tmp_path / "images.safetensors")
    out = convert(tmp_path / "vggt.safetensors")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("vggt_reload_script.py")
    process = subprocess.run(
        [sys.executable, "-I", script, out, tmp_path / "images.safetensors", tmp_path / "seen.safetensors"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    seen = load_file(tmp_path / "seen.safetensors")
    for name, expected in (("tokens", "aggregated_tokens.3"), ("pose_encoding", "pose_enc.3"), ("depth", "depth")):
        torch.testing.assert_close(seen[name], tensors[f"outputs/square/{expected}"], atol=1e-4, rtol=0)


def test_every_tensor_arrives_or_is_named(convert, weights, tmp_path):
    weights["track_head.tracker.fmap_norm.weight"] = torch.arange(128.0)
    save_file(weights, tmp_path / "vggt.safetensors")
    out = convert(tmp_path / "vggt.safetensors", keep_unused=True)
    written = load_file(out / "model.safetensors")
    unused = load_file(out / "unused.safetensors")
    assert set(unused) == {MASK_TOKEN, "track_head.tracker.fmap_norm.weight"}
    arrived = {convert_vggt.released_name(name): tensor for name, tensor in written.items()} | unused
    assert arrived.keys() == weights.keys()
    assert all(torch.equal(arrived[name], tensor) for name, tensor in weights.items())
    report = json.loads((out / "conversion.json").read_text(encoding="utf-8"))
    assert (report["tensors"], report["converted"]) == (362, 360)
    assert report["left_out"] == {
        "track_head.": ["track_head.tracker.fmap_norm.weight"],
        MASK_TOKEN: [MASK_TOKEN],
    }


def test_released_names_are_all_accounted_for(released_vggt_shapes):
    """The released size, without its memory: 1797 tensors, of which 394 of the track head and the mask token go."""
    with torch.device("meta"):
        weights = {name: torch.zeros(shape) for name, shape in released_vggt_shapes.items()}
    model, unused = convert_vggt.convert_vggt(weights)
    assert {prefix: len(names) for prefix, names in unused.items()} == {"track_head.": 394, MASK_TOKEN: 1}
    assert len(list(model.parameters())) == 1797 - 395
    defaults = type(model.config)().to_dict()
    assert {name: value for name, value in model.config.to_dict().items() if defaults.get(name) != value} == {}


def test_shards_equal_a_single_file(weights, tmp_path):
    read = read_checkpoint(save_sharded(weights, tmp_path / "shards"))
    assert read.keys() == weights.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in weights.items())
    (tmp_path / "whole").mkdir()
    save_file(weights, tmp_path / "whole" / "model.safetensors")
    assert read_checkpoint(tmp_path / "whole").keys() == weights.keys()


def test_pickles_must_be_trusted(convert, weights, tmp_path):
    torch.save(weights, tmp_path / "model.pt")
    with pytest.raises(WeightsError, match=r"model\.pt is not a safetensors file.*`--trust-pickle`"):
        convert(tmp_path / "model.pt")
    assert not (tmp_path / "converted").exists()
    assert (convert(tmp_path / "model.pt", trust_pickle=True) / "model.safetensors").is_file()


def test_pickle_that_runs_code(convert, tmp_path):
    class Malicious:
        def __reduce__(self):
            return Path.touch, (tmp_path / "code has run",)

    torch.save({"aggregator.camera_token": Malicious()}, tmp_path / "model.pt")
    with pytest.raises(WeightsError, match=r"model\.pt cannot be read as weights"):
        convert(tmp_path / "model.pt", trust_pickle=True)
    assert not (tmp_path / "code has run").exists()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            lambda w: w.pop("camera_head.trunk.1.ls2.gamma"),
            r"Missing: camera_head\.trunk\.1\.ls2\.gamma\. Unknown: none",
        ),
        (
            lambda w: w.pop("point_head.scratch.refinenet4.resConfUnit2.conv1.bias"),
            r"Missing: point_head\.scratch\.refinenet4\.resConfUnit2\.conv1\.bias\.",
        ),
        (lambda w: w.update({"aggregator.extra": torch.ones(1)}), r"Missing: none\. Unknown: aggregator\.extra\."),
        (
            lambda w: w.update({"depth_head.norm.bias": torch.ones(64)}),
            r"depth_head\.norm\.bias \(64,\) instead of \(128,\)",
        ),
        (
            lambda w: w.pop("aggregator.patch_embed.pos_embed"),
            r"has a tensor 'aggregator\.patch_embed\.pos_embed' with 3 axes, found none",
        ),
        (
            lambda w: w.update({"aggregator.register_token": torch.ones(4)}),
            r"'aggregator\.register_token' with 4 axes, found \(4,\)",
        ),
        (
            lambda w: w.update({"aggregator.frame_blocks.0.attn.q_norm.weight": torch.ones(7)}),
            r"do not fit each other: .*`num_attention_heads`, got 64 and 9",
        ),
    ],
)
def test_checkpoints_that_do_not_fit(weights, settings_of_tiny, change, match):
    change(weights)
    with pytest.raises(WeightsError, match=f"(?s){match}"):
        convert_vggt.convert_vggt(weights, **settings_of_tiny)


def test_settings_that_do_not_fit(weights):
    """With the released layers 4, 11, 17 and 23 the dense heads cannot read a network of four layers."""
    with pytest.raises(WeightsError, match=r"released settings do not fit .* 0 to 3, got \[4, 11, 17, 23\]"):
        convert_vggt.convert_vggt(weights)


def test_a_long_list_is_cut(weights, settings_of_tiny):
    weights = {name: tensor for name, tensor in weights.items() if not name.startswith("point_head.")}
    with pytest.raises(WeightsError, match=r"Missing: point_head\.norm\.bias, .* and 42 more\. Unknown: none"):
        convert_vggt.convert_vggt(weights, **settings_of_tiny)


@pytest.mark.parametrize(
    ("index", "match"),
    [
        ("{", "must be JSON with a `weight_map`"),
        ('{"weight_map": ["a"]}', "must be JSON with a `weight_map`"),
        ('{"weight_map": {"a": "../model-0.safetensors"}}', r"files of its own folder, found '\.\./model-0"),
        ('{"weight_map": {"a": "model-9.safetensors"}}', r"model-9\.safetensors is not a file"),
        ('{"weight_map": {"a": "model-0.safetensors", "b": "model-0.safetensors"}}', "Only in one of them: b"),
    ],
)
def test_damaged_index(tmp_path, index, match):
    save_file({"a": torch.ones(1)}, tmp_path / "model-0.safetensors")
    (tmp_path / "model.safetensors.index.json").write_text(index, encoding="utf-8")
    with pytest.raises(WeightsError, match=match):
        read_checkpoint(tmp_path)


def test_folder_without_weights(tmp_path):
    (tmp_path / "model.pt").touch()
    with pytest.raises(WeightsError, match=r"must hold model\.safetensors or model\.safetensors\.index\.json"):
        read_checkpoint(tmp_path, trust_pickle=True)


def test_nothing_is_overwritten_and_nothing_half_written(convert, weights, tmp_path, monkeypatch):
    save_file(weights, tmp_path / "vggt.safetensors")
    with monkeypatch.context() as patch:
        patch.setattr(json, "dumps", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            convert(tmp_path / "vggt.safetensors")
    assert {path.name for path in tmp_path.iterdir()} == {"vggt.safetensors"}
    out = convert(tmp_path / "vggt.safetensors")
    before = sorted(path.name for path in out.iterdir())
    with pytest.raises(WeightsError, match="exists already"):
        convert(tmp_path / "vggt.safetensors")
    assert sorted(path.name for path in out.iterdir()) == before


def test_sharded_save_and_reload(convert, weights, tmp_path):
    """Loading builds the model without memory: every parameter and buffer must come from the files."""
    save_file(weights, tmp_path / "vggt.safetensors")
    model = SpatialMosaicVggtForReconstruction.from_pretrained(convert(tmp_path / "vggt.safetensors"))
    model.save_pretrained(tmp_path / "shards", max_shard_size="500kB")
    assert len(list((tmp_path / "shards").glob("model-*.safetensors"))) > 3
    for loaded_class, expected in (
        (SpatialMosaicVggtForReconstruction, model),
        (SpatialMosaicVggtModel, model.vggt),
    ):
        loaded, info = loaded_class.from_pretrained(tmp_path / "shards", output_loading_info=True)
        assert not any(info.values()), info
        assert dict(loaded.named_buffers()).keys() == dict(expected.named_buffers()).keys()
        for (name, tensor), (_, other) in zip(expected.state_dict().items(), loaded.state_dict().items(), strict=True):
            assert other.device.type == "cpu"
            assert torch.equal(tensor, other), name


def test_missing_parameters_are_initialised(convert, weights, tmp_path):
    """What a checkpoint lacks must be made, not left as memory happened to be."""
    save_file(weights, tmp_path / "vggt.safetensors")
    model = SpatialMosaicVggtForReconstruction.from_pretrained(convert(tmp_path / "vggt.safetensors"))
    model.vggt.save_pretrained(tmp_path / "aggregator")
    names = {path.name for path in (tmp_path / "aggregator").glob("*.py")}
    assert names == {
        "configuration_multiview.py",
        "configuration_vggt.py",
        "modeling_geometry_layers.py",
        "modeling_multiview.py",
        "modeling_vggt.py",
    }
    auto_map = json.loads((tmp_path / "aggregator" / "config.json").read_text(encoding="utf-8"))["auto_map"]
    assert set(auto_map) == {"AutoConfig", "AutoModel"}
    loaded, info = SpatialMosaicVggtForReconstruction.from_pretrained(
        tmp_path / "aggregator", output_loading_info=True
    )
    assert {name.split(".")[0] for name in info["missing_keys"]} == {"camera_head", "depth_head", "point_head"}
    head = loaded.camera_head
    assert (head.empty_pose_tokens == 0).all()
    assert (head.trunk[0].layer_scale1 == 0.01).all()
    assert (head.token_norm.weight == 1).all()
    for weight in (head.embed_pose.weight, loaded.depth_head.neck.resize_layers[0].weight):
        assert weight.std().item() == pytest.approx(0.02, rel=0.1)
