import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor
from modeling_spatialmosaic.tiny import create_tiny_model


torch.set_num_threads(1)  # the models are tiny; and the order of sums, so the last bit, depends on it

QUESTION = "How many chair(s) are visible across these frames?"
TEXTS = [
    f"{QUESTION}\nOptions:\nA. 4\nB. 3\nC. 2\nD. 1",
    "In Frame 2, is the lamp left of the table in this viewpoint?\nOptions:\nA. No\nB. Yes",
    "Answer with the option's letter from the given choices directly.",
    "A",
    "B",
] * 2
GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "reference" / "golden"
GOLDEN_SMALL = Path(__file__).parent / "data" / "golden_small.safetensors"


@pytest.fixture(scope="session")
def golden():
    """Reference tensors of one file, from the reference folder beside the repository."""

    def load(name: str) -> dict[str, torch.Tensor]:
        path = GOLDEN / f"{name}.safetensors"
        if not path.is_file():
            pytest.skip(f"The reference vectors are not beside this repository: {name}.safetensors")
        return load_file(path)

    return load


@pytest.fixture(scope="session")
def released_vggt(golden) -> tuple[dict[str, torch.Tensor], dict]:
    """Weights of the reference's tiny VGGT by their released names, and the settings that tensors cannot tell."""
    tensors = golden("vggt_tiny")
    weights = {name.removeprefix("weights/"): t for name, t in tensors.items() if name.startswith("weights/")}
    return weights, {"vit_num_attention_heads": 4, "camera_num_attention_heads": 8, "out_indices": [0, 1, 2, 3]}


@pytest.fixture(scope="session")
def released_vggt_shapes() -> dict[str, list[int]]:
    """Shape of every tensor of the released VGGT-1B."""
    path = GOLDEN / "vggt_1b_state_dict.json"
    if not path.is_file():
        pytest.skip(f"The reference's list of tensors is not beside this repository: {path.name}")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def golden_small():
    """The part of the reference tensors that the repository carries."""

    def load(prefix: str) -> dict[str, torch.Tensor]:
        tensors = load_file(GOLDEN_SMALL)
        return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}

    return load


@pytest.fixture
def random_views():
    """Views with structure at the size of a patch, so that they still differ after resizing."""
    rng = np.random.default_rng(0)

    def draw(count: int, width: int = 160, height: int = 120) -> list[Image.Image]:
        return [
            Image.fromarray(rng.integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)).resize(
                (width, height), Image.Resampling.NEAREST
            )
            for _ in range(count)
        ]

    return draw


@pytest.fixture(scope="session")
def messages():
    """A user's turn: every view named, then the question."""

    def build(num_views: int, question: str = QUESTION) -> list[dict]:
        views = [
            part
            for k in range(1, num_views + 1)
            for part in ({"type": "text", "text": f"Frame {k}:"}, {"type": "image"})
        ]
        return [{"role": "user", "content": [*views, {"type": "text", "text": question}]}]

    return build


@pytest.fixture(scope="session")
def prepare(processor, messages):
    """Model inputs of a batch: one list of views per sample."""

    def build(samples: list[list[Image.Image]], questions: list[str] | None = None) -> dict[str, torch.Tensor]:
        texts = [
            processor.apply_chat_template(messages(len(views), question), add_generation_prompt=True)
            for views, question in zip(samples, questions or [QUESTION] * len(samples), strict=True)
        ]
        return processor(images=samples if any(samples) else None, text=texts, padding=True, return_tensors="pt")

    return build


def write_tiny_model_with_structure(output_dir: Path, geometry: str) -> Path:
    create_tiny_model(TEXTS, output_dir, geometry=geometry)
    model = SpatialMosaicForConditionalGeneration.from_pretrained(output_dir)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.1 if parameter.ndim == 1 else parameter[0].numel() ** -0.5
            parameter += scale * torch.randn(parameter.shape, generator=generator)
    model.save_pretrained(output_dir)
    return output_dir


@pytest.fixture(scope="session")
def tiny_model_with_structure():
    """Write a tiny model whose weights are far from their initial values: no norm, scale or token is trivial."""
    return write_tiny_model_with_structure


@pytest.fixture(scope="session")
def tiny_dir(tmp_path_factory) -> Path:
    return write_tiny_model_with_structure(tmp_path_factory.mktemp("tiny"), "spatialmosaic_vggt")


@pytest.fixture(scope="session")
def processor(tiny_dir) -> SpatialMosaicProcessor:
    return SpatialMosaicProcessor.from_pretrained(tiny_dir)


@pytest.fixture(scope="session")
def shared_model(tiny_dir) -> SpatialMosaicForConditionalGeneration:
    """For tests that do not change it."""
    return SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).eval()


@pytest.fixture
def model(tiny_dir) -> SpatialMosaicForConditionalGeneration:
    """For tests that change it."""
    return SpatialMosaicForConditionalGeneration.from_pretrained(tiny_dir).eval()
