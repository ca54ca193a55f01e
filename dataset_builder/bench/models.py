"""A model as the evaluation sees it: rows with prompts and images in, replies out."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, PreTrainedModel, ProcessorMixin

from dataset_builder.bench.geometry import fusion_of
from dataset_builder.bench.prompts import MAX_NEW_TOKENS, chat_text
from dataset_builder.errors import DatasetError


@dataclass(frozen=True)
class LocalModel:
    """
    A model in this process.

    Args:
        path (`str`): its folder or Hub id.
        network (`PreTrainedModel`): the model.
        processor (`ProcessorMixin`): its processor.
    """

    path: str
    network: PreTrainedModel
    processor: ProcessorMixin

    @property
    def has_geometry(self) -> bool:
        """Whether it has a geometry branch; see `dataset_builder.bench.geometry`."""
        return fusion_of(self.network) is not None

    def facts(self) -> dict:
        """What the replies depend on, besides prompts and settings."""
        return {
            "model_revision": model_revision(self.path, self.network),
            "dtype": str(self.network.dtype).removeprefix("torch."),
            "device": self.network.device.type,
        }

    def inputs(self, rows: list[dict]):
        """Model inputs of the rows' prompts with their images."""
        return model_inputs(self.processor, rows).to(self.network.device, self.network.dtype)

    def replies(self, rows: list[dict], max_new_tokens: int = MAX_NEW_TOKENS) -> list[str]:
        """What the model replies to each row's `prompt` and `images`."""
        inputs = self.inputs(rows)
        with torch.inference_mode():
            tokens = self.network.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False, num_beams=1)
        return self.processor.batch_decode(tokens[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def load_model(model: str, trust_remote_code: bool) -> LocalModel:
    """The model of a folder or of the Hub, on the accelerator if there is one."""
    try:
        processor = AutoProcessor.from_pretrained(model, trust_remote_code=trust_remote_code)
        network = AutoModelForImageTextToText.from_pretrained(model, trust_remote_code=trust_remote_code, dtype="auto")
    except (OSError, ValueError) as error:
        if "trust_remote_code" in str(error):
            raise DatasetError(
                f"{model} carries its own code, which runs only if you allow it. Read it, then set "
                "`trust_remote_code` (`--trust-remote-code`)."
            ) from error
        finding = "there is no such folder" if not Path(model).exists() else f"{type(error).__name__}: {error}"
        raise DatasetError(
            f"{model} cannot be loaded as an image-text-to-text model ({finding}). Give a folder that "
            "`save_pretrained` wrote for model and processor, or the id of such a model on the Hub."
        ) from error
    processor.tokenizer.padding_side = "left"  # generation continues at the right end
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return LocalModel(model, network.to(device).eval(), processor)


def model_revision(model: str, network: PreTrainedModel) -> str | None:
    """Commit of a model of the Hub; of a folder the hash of its files by name, without its card."""
    folder = Path(model)
    if not folder.is_dir():
        return network.config._commit_hash
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".md"):
        with path.open("rb") as file:
            digest.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def model_inputs(processor: ProcessorMixin, rows: list[dict]):
    """Model inputs of the rows' prompts with their images, files or decoded; either every row has images or none."""
    texts = [chat_text(processor, row["prompt"]) for row in rows]
    if not rows[0]["images"]:
        return processor(text=texts, padding=True, return_tensors="pt")
    samples = [
        [Image.open(io.BytesIO(image)) if isinstance(image, bytes) else image for image in row["images"]]
        for row in rows
    ]
    inputs = processor(text=texts, images=samples, padding=True, return_tensors="pt")
    if set(inputs) <= {"input_ids", "attention_mask", "token_type_ids"}:
        raise DatasetError(
            f"{type(processor).__name__} makes no model input of images (found only {', '.join(sorted(inputs))}). "
            "Choose an image-text-to-text model."
        )
    return inputs
