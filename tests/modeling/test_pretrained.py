"""The small pretrained model of the package: what the folder holds, and that it works where the package is not."""

import json
import re
import subprocess
import sys

import pytest
import torch
from huggingface_hub import ModelCard
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText, AutoProcessor

from modeling_spatialmosaic.pretrained import SMALL, pack_small_model, unpack_small_model


QUESTION = "How many chair(s) are visible across these frames?\nOptions:\nA. 4\nB. 2\nC. 1\nD. 3"
ASK = """
import sys
sys.meta_path = [one for one in sys.meta_path if "editable" not in repr(one)]
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

model = AutoModelForImageTextToText.from_pretrained(sys.argv[1], trust_remote_code=True)
processor = AutoProcessor.from_pretrained(sys.argv[1], trust_remote_code=True)
images = [Image.new("RGB", (640, 480), colour) for colour in ("grey", "beige")]
content = [{"type": "image", "image": one} for one in images] + [{"type": "text", "text": sys.argv[2]}]
options = {"add_generation_prompt": True, "tokenize": True, "return_dict": True, "return_tensors": "pt"}
inputs = processor.apply_chat_template([{"role": "user", "content": content}], **options)
reply = model.generate(**inputs)[0, inputs["input_ids"].shape[1]:]
print("reply:", processor.decode(reply, skip_special_tokens=True))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "model"
    unpack_small_model(folder)
    return folder


def test_the_folder_is_small_and_holds_no_code():
    assert (SMALL / "model.safetensors").stat().st_size <= 30_000_000
    assert not list(SMALL.glob("*.py"))
    for path in SMALL.glob("*.json"):
        assert "auto_map" not in path.read_text(encoding="utf-8")


def test_its_card_tells_scores_beside_controls():
    card = ModelCard.load(SMALL / "README.md")
    assert card.data.license == "apache-2.0"
    assert "docs/geometry_study.md" in card.text
    assert all(control in card.text for control in ("blind", "majority", "chance"))
    assert not re.search(r"/(root|tmp|home|work)/", card.text)


def test_the_auto_classes_load_it():
    """Every stored weight is the model's, and what the folder lacks nothing needs."""
    model, report = AutoModelForImageTextToText.from_pretrained(SMALL, output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"]
    state = model.state_dict()
    for name, tensor in load_file(SMALL / "model.safetensors").items():
        assert torch.equal(state[name].float(), tensor.float()), name
    processor = AutoProcessor.from_pretrained(SMALL)
    text = "Frame 2: is the chair at (3, 14)?"
    assert processor.tokenizer.decode(processor.tokenizer(text).input_ids) == text


def test_it_answers_where_the_package_is_not_installed(unpacked):
    """An answer in the form that was asked for, whatever it knows."""
    command = [sys.executable, "-c", ASK, str(unpacked), QUESTION]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^reply: [ABCD]\s*$", done.stdout, re.MULTILINE), done.stdout


def test_packing_takes_code_away_and_nothing_else(unpacked, tmp_path):
    pack_small_model(unpacked, tmp_path / "small")
    assert any(unpacked.glob("*.py")) and not any((tmp_path / "small").glob("*.py"))
    before, after = (load_file(folder / "model.safetensors") for folder in (unpacked, tmp_path / "small"))
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)
    config = json.loads((unpacked / "config.json").read_text(encoding="utf-8"))
    assert config.pop("auto_map")
    assert json.loads((tmp_path / "small" / "config.json").read_text(encoding="utf-8")) == config
    image = Image.new("RGB", (640, 480))
    sizes = [
        AutoProcessor.from_pretrained(folder, **more).image_processor([image], return_tensors="pt").pixel_values.shape
        for folder, more in ((unpacked, {"trust_remote_code": True}), (tmp_path / "small", {}))
    ]
    assert sizes[0] == sizes[1]
