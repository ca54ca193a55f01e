"""Settings of this package's commands: frozen records whose fields are the options of the command line."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings:
    """Score a model on a dataset folder: greedy answers, accuracy by question type, task and difficulty, controls.

    Writes scores.json, .md and .png, and replies.jsonl; a run that was stopped goes on when it is started again. The
    model is any image-text-to-text model that Transformers can load.
    """

    model: str = field(metadata={"help": "Model folder or Hub id."})
    dataset: Path = field(metadata={"help": "Dataset folder."})
    out: Path = field(default=Path("runs/scores"), metadata={"help": "Folder for the scores."})
    split: str = field(default="test", metadata={"help": "Split to score on."})
    limit: int | None = field(default=None, metadata={"help": "Score this many rows of each question type only."})
    batch_size: int = field(default=16, metadata={"help": "Questions answered at a time."})
    max_new_tokens: int = field(
        default=16, metadata={"help": "The most tokens of a reply; more for a model that reasons before it answers."}
    )
    seed: int = field(default=0, metadata={"help": "Of --limit, geometry_shuffle and the intervals."})
    controls: str = field(
        default="blind,single_view,geometry_zero,geometry_shuffle,majority",
        metadata={"help": "What to hold the scores against, with commas between; empty for none."},
    )
    trust_remote_code: bool = field(default=False, metadata={"help": "Run the code that the model folder carries."})
    base_url: str | None = field(
        default=None,
        metadata={"help": "OpenAI-compatible server of the model, up to /v1; --model is its name there."},
    )
    images_root: Path | None = field(
        default=None, metadata={"help": "Your copy of a source whose photos may not be part of the dataset."}
    )

    def __post_init__(self):
        for name in ("limit", "batch_size", "max_new_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"`{name}` must be at least 1, got {value}.")


@dataclass(frozen=True, kw_only=True)
class CompareSettings:
    """Compare two runs of `evaluate` on the same questions: differences with intervals, and an exact test of choices.

    Each is given by its scores.json, which stands beside its replies.jsonl.
    """

    a: Path = field(metadata={"positional": True, "help": "scores.json of the first run."})
    b: Path = field(metadata={"positional": True, "help": "scores.json of the second run."})
    out: Path | None = field(default=None, metadata={"help": "JSON file for the comparison."})
    seed: int = field(default=0, metadata={"help": "Of the intervals."})


@dataclass(frozen=True, kw_only=True)
class ViewSettings:
    """Write a web page that shows questions with their views, boxes, answers and evidence. Open it in any browser."""

    dataset: Path = field(metadata={"help": "Dataset folder."})
    out: Path = field(default=Path("runs/view.html"), metadata={"help": "The page."})
    task: str | None = field(default=None, metadata={"help": "Show this config only, e.g. object_count."})
    split: str | None = field(default=None, metadata={"help": "Show this split only."})
    limit: int = field(default=60, metadata={"help": "Number of questions."})
    images_root: Path | None = field(
        default=None, metadata={"help": "Your copy of a source whose photos may not be part of the dataset."}
    )

    def __post_init__(self):
        if self.limit < 1:
            raise ValueError(f"`limit` must be at least 1, got {self.limit}.")
