"""Settings of the commands that live here: `demo`, and `convert` (so that no other command waits for PyTorch)."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class DemoSettings:
    """From nothing to a scored model: rooms, views, questions, a dataset folder, a tiny model, training, scores."""

    out: Path = field(default=Path("runs/demo"), metadata={"help": "Folder for everything that it makes."})
    seed: int = field(default=0, metadata={"help": "Fixes everything that is drawn at random."})
    scenes: int = field(default=10, metadata={"help": "Number of rooms."})
    frames: int = field(default=24, metadata={"help": "Frames of each room."})
    questions: int = field(default=16, metadata={"help": "Questions of each type to keep in each room."})
    steps: int = field(default=150, metadata={"help": "Training steps."})
    workers: int = field(default=2, metadata={"help": "Processes to use; the data does not depend on it."})


@dataclass(frozen=True, kw_only=True)
class ConvertPublishedSettings:
    """Put the fusion and projector weights of the published model into a SpatialMosaic model folder.

    The model's other parts come from elsewhere: build it by `from_components`. The weights' licence is yours to
    accept.
    """

    weights: Path = field(metadata={"help": "File with the published fusion and projector weights."})
    model: Path = field(metadata={"help": "Folder of the model that takes them; it is left as it is."})
    out: Path = field(metadata={"help": "Folder to write; must not exist."})
    trust_pickle: bool = field(
        default=False, metadata={"help": "Open a file that is not safetensors; such files can run code."}
    )


@dataclass(frozen=True, kw_only=True)
class ConvertVggtSettings:
    """Turn a released VGGT checkpoint into a model folder for this project, with its image processor.

    Every tensor of the checkpoint is converted or named as left out. The weights' licence is yours to accept.
    """

    checkpoint: Path = field(metadata={"help": "The released file, or a folder with it or with its shards."})
    out: Path = field(metadata={"help": "Folder to write; must not exist."})
    keep_unused: bool = field(
        default=False,
        metadata={"help": "Also write the tensors that are left out (track head, mask token) to unused.safetensors."},
    )
    trust_pickle: bool = field(
        default=False, metadata={"help": "Open a file that is not safetensors; such files can run code."}
    )


@dataclass(frozen=True, kw_only=True)
class ConvertDa3Settings:
    """Turn a released Depth Anything 3 checkpoint into a model folder for this project, with its image processor.

    It may be SMALL, BASE or LARGE; the project names Apache 2.0 for the first two, and CC BY-NC 4.0 for LARGE. Every
    tensor of the checkpoint is converted or named as left out. The weights' licence is yours to accept.
    """

    checkpoint: Path = field(metadata={"help": "The released file, or a folder with it or with its shards."})
    out: Path = field(metadata={"help": "Folder to write; must not exist."})
    keep_unused: bool = field(
        default=False,
        metadata={"help": "Also write the tensors that are left out (coarser ray maps) to unused.safetensors."},
    )
    trust_pickle: bool = field(
        default=False, metadata={"help": "Open a file that is not safetensors; such files can run code."}
    )
