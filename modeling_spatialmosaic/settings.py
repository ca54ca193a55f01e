"""Settings of this package's commands: frozen records whose fields are the options of the command line."""

from dataclasses import dataclass, field
from pathlib import Path


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
