"""Settings of `spatialmosaic demo`."""

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
