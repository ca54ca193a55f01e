"""Settings of `spatialmosaic publish`."""

from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub.utils import validate_repo_id

from dataset_builder.schema import SAFE_NAME


@dataclass(frozen=True, kw_only=True)
class PublishSettings:
    """Publish a dataset folder on the Hugging Face Hub, in one step that its readers see, and tag the version.

    Run it again after a stop: files that the Hub has are not sent again. Photos that may not be passed on are refused.
    """

    folder: Path = field(metadata={"help": "Dataset folder to publish.", "positional": True})
    repo: str = field(metadata={"help": "Dataset repository on the Hub, as user/name; made if there is none."})
    private: bool = field(default=False, metadata={"help": "Make a new repository private."})
    dry_run: bool = field(default=False, metadata={"help": "Only list what would change; needs no token."})
    revision: str | None = field(
        default=None, metadata={"help": "Tag of this version, e.g. v1.0; left out: one made from the content."}
    )

    def __post_init__(self):
        if self.repo.count("/") != 1:
            raise ValueError(f"`repo` must have the form user/name, got {self.repo!r}.")
        validate_repo_id(self.repo)
        # SAFE_NAME and what git forbids beyond it
        if self.revision is not None and (
            not SAFE_NAME.match(self.revision) or ".." in self.revision or self.revision.endswith((".", ".lock"))
        ):
            raise ValueError(f"`revision` must be a plain name for a git tag, e.g. v1.0, got {self.revision!r}.")
