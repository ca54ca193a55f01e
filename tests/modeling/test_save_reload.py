"""Saved folders stand alone: `trust_remote_code=True` is all that a fresh process needs."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration


HUB_FILES = {
    "checkpoints.py",
    "components_spatialmosaic.py",
    "configuration_spatialmosaic.py",
    "configuration_da3.py",
    "configuration_multiview.py",
    "configuration_pointmap.py",
    "configuration_vggt.py",
    "geometry_cache.py",
    "geometry_encoders.py",
    "image_processing_spatialmosaic.py",
    "modeling_spatialmosaic.py",
    "modeling_da3.py",
    "modeling_fusion.py",
    "modeling_geometry_layers.py",
    "modeling_multiview.py",
    "modeling_pointmap.py",
    "modeling_vggt.py",
    "processing_spatialmosaic.py",
}
ALLOWED_IMPORTS = {"torch", "transformers", "huggingface_hub", "PIL", "numpy", "safetensors"}


def run_reload_script(model_dir: Path, images: list[Path], output_dir: Path, cache_dir: Path) -> dict:
    """Run the script in an empty folder, with its own cache of remote code; returns the tensors that it saw."""
    empty = output_dir.with_name(f"{output_dir.name}_cwd")
    empty.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HF_HOME": str(cache_dir), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("reload_script.py")
    process = subprocess.run(
        [sys.executable, "-I", script, model_dir, *images, output_dir],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return load_file(output_dir / "seen.st")


@pytest.fixture(scope="module")
def reloaded(tiny_dir, tmp_path_factory):
    """What two generations of fresh processes saw: the second loads what the first saved."""
    root = tmp_path_factory.mktemp("reload")
    rng = np.random.default_rng(0)
    images = []
    for k in range(3):
        images.append(root / f"{k}.png")
        Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(images[-1])
    first = run_reload_script(tiny_dir, images, root / "first", root / "cache")
    second = run_reload_script(root / "first", images, root / "second", root / "cache")
    return root, first, second


@pytest.mark.parametrize("generation", [0, 1])
def test_every_parameter_and_buffer_is_equal(reloaded, shared_model, generation):
    seen = reloaded[1 + generation]
    names = [name for name, _ in (*shared_model.named_parameters(), *shared_model.named_buffers())]
    assert any("position_ids" in name for name in names) and any("inv_freq" in name for name in names)
    for name, tensor in (*shared_model.named_parameters(), *shared_model.named_buffers()):
        assert torch.equal(seen[name], tensor), name


@pytest.mark.parametrize("generation", [0, 1])
def test_logits_and_answers_are_equal(reloaded, shared_model, generation):
    seen = reloaded[1 + generation]
    inputs = {name: seen[name] for name in ("input_ids", "attention_mask", "pixel_values")}
    with torch.no_grad():
        assert torch.equal(shared_model(**inputs).logits, seen["logits"])
    generated = shared_model.generate(**inputs, max_new_tokens=4, min_new_tokens=4)
    assert torch.equal(generated[:, inputs["input_ids"].shape[1] :], seen["generated"])


def test_a_folder_saved_by_its_own_code_is_complete(reloaded, tiny_dir):
    for output in ("first", "second"):
        folder = reloaded[0] / output
        for path in tiny_dir.iterdir():
            assert (folder / path.name).is_file(), f"{output} lacks {path.name}"
            if path.suffix in {".py", ".jinja"}:
                assert (folder / path.name).read_bytes() == path.read_bytes()


def test_the_folder_is_flat_and_holds_the_code(tiny_dir):
    assert all(path.is_file() for path in tiny_dir.iterdir() if path.name != "__pycache__")
    assert {path.name for path in tiny_dir.glob("*.py")} == HUB_FILES
    config = json.loads((tiny_dir / "config.json").read_text(encoding="utf-8"))
    assert config["auto_map"] == {
        "AutoConfig": "configuration_spatialmosaic.SpatialMosaicConfig",
        "AutoModel": "modeling_spatialmosaic.SpatialMosaicModel",
        "AutoModelForImageTextToText": "modeling_spatialmosaic.SpatialMosaicForConditionalGeneration",
    }
    assert "tests" not in config.get("_name_or_path", "")


def test_imports_of_the_hub_files(tiny_dir):
    """Only the standard library, the allowed packages, and files of the same folder by `from .file import name`."""
    for path in tiny_dir.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                roots = {node.module.split(".")[0]}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 and f"{node.module}.py" in HUB_FILES, f"{path.name}: line {node.lineno}"
                continue
            else:
                continue
            assert roots <= ALLOWED_IMPORTS | set(sys.stdlib_module_names), f"{path.name}: line {node.lineno}"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_in_process_round_trip(shared_model, tmp_path, dtype):
    model = SpatialMosaicForConditionalGeneration.from_pretrained(shared_model.config._name_or_path, dtype=dtype)
    model.save_pretrained(tmp_path, max_shard_size="500kB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    reloaded, info = SpatialMosaicForConditionalGeneration.from_pretrained(
        tmp_path, dtype=dtype, output_loading_info=True
    )
    assert not info["missing_keys"] and not info["unexpected_keys"]
    for (name, saved), (_, loaded) in zip(model.state_dict().items(), reloaded.state_dict().items(), strict=True):
        assert loaded.dtype == saved.dtype and torch.equal(loaded, saved), name
    assert reloaded.lm_head.weight is reloaded.get_input_embeddings().weight


def test_missing_parameters_are_initialised(shared_model, tmp_path):
    """`from_pretrained` builds the model without memory: what the checkpoint lacks must be made, not left as it is."""
    state_dict = shared_model.state_dict()
    made = {
        "model.image_newline": 128**-0.5,
        "model.geometry_tower.camera_token": 0.02,
        "model.geometry_tower.register_token": 0.02,
        "model.geometry_tower.patch_embed.cls_token": 0.02,
        "model.geometry_tower.patch_embed.register_tokens": 0.02,
        "model.geometry_tower.patch_embed.pos_embed": 0.02,
    }
    scales = "model.geometry_tower.frame_blocks.0.layer_scale1"
    for name in (*made, scales):
        state_dict.pop(name)
    shared_model.save_pretrained(tmp_path, state_dict=state_dict)
    model, info = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert set(info["missing_keys"]) == {*made, scales}
    parameters = dict(model.named_parameters())
    for name, std in made.items():
        assert parameters[name].std().item() == pytest.approx(std, rel=0.4), name
    assert (parameters[scales] == 1.0).all()  # the tiny configuration's `layer_scale_init`
