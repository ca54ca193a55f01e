"""The encoder that docs/geometry_encoders.md shows works as it says, in a whole model."""

import importlib.util
import re
from pathlib import Path

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.geometry_encoders import GEOMETRY_ENCODERS


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "geometry_encoders.md"


@pytest.fixture
def model(tmp_path, monkeypatch, tiny_dir):
    """The tiny model with the guide's encoder in place of its own."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    file, line = blocks[-2:]
    assert 25 <= len(file.splitlines()) <= 35
    path = tmp_path / "modeling_patches.py"
    path.write_text(file, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("modeling_patches", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before = dict(GEOMETRY_ENCODERS)
    exec(line, {**vars(module), "GEOMETRY_ENCODERS": GEOMETRY_ENCODERS})
    config = SpatialMosaicConfig.from_pretrained(tiny_dir).to_dict()
    config = SpatialMosaicConfig(**{**config, "geometry_config": {"model_type": "spatialmosaic_patches"}})
    yield SpatialMosaicForConditionalGeneration(config).eval()
    GEOMETRY_ENCODERS.clear()
    GEOMETRY_ENCODERS.update(before)


def test_it_learns_and_reloads(model, prepare, random_views, tmp_path):
    inputs = prepare([random_views(2), random_views(3)])
    model(**inputs, labels=inputs.input_ids).loss.backward()
    for name, parameter in model.model.geometry_tower.named_parameters():
        assert parameter.grad.abs().max() > 0, name
    model.save_pretrained(tmp_path / "model")
    reloaded = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path / "model").eval()
    with torch.no_grad():
        torch.testing.assert_close(reloaded(**inputs).logits, model(**inputs).logits, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_samples_do_not_influence_each_other(model, prepare, random_views):
    samples = [random_views(2), random_views(2), random_views(1)]
    together = model(**prepare(samples)).logits[:, -1]
    for index, views in enumerate(samples):
        alone = model(**prepare([views])).logits[0, -1]
        torch.testing.assert_close(together[index], alone, atol=1e-5, rtol=1e-4)
