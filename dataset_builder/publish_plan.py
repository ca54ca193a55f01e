"""What publishing a folder would change on the Hub; found by reading alone, so a dry run is this and nothing more."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.sha import git_hash
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from dataset_builder.errors import DatasetError
from dataset_builder.publish_check import CheckedFolder, LocalFile
from dataset_builder.publish_settings import PublishSettings
from dataset_builder.reader import FORMAT, STATISTICS_FILE


REPO_TYPE = "dataset"
# The Hub makes it with the repository and needs it to know which files are large
HUB_FILE = ".gitattributes"
# The owner lets each reader in, see `publish`
GATE = "manual"


@dataclass(frozen=True)
class Repo:
    """A dataset repository as it is on the Hub.

    Args:
        head (`str`): commit of its branch `main`.
        private (`bool`): whether only its owner can see it.
        gated (`str` or `False`): who lets readers in: `"manual"` the owner, `"auto"` nobody but their own request.
        files (`dict` of `str` to `RepoFile`): what `main` holds, by path.
        tagged (`dict` of `str` to `RepoFile`, *optional*): the same of the tag that is asked for, if it exists.
    """

    head: str
    private: bool
    gated: str | Literal[False]
    files: dict[str, RepoFile]
    tagged: dict[str, RepoFile] | None


@dataclass(frozen=True)
class Change:
    """A file, its size in bytes, and what becomes of it: `new`, `changed`, `unchanged` or `deleted`."""

    path: str
    size: int
    kind: str


@dataclass(frozen=True)
class Plan:
    """All that publishing does.

    Args:
        repo_id (`str`): the dataset repository, `user/name`.
        tag (`str`): git tag of this version.
        repo ([`Repo`], *optional*): the repository; `None` if it is to be made.
        private (`bool`): whether only the owner will see it.
        gated (`str` or `False`): how the repository will be gated.
        changes (`tuple` of [`Change`]): every file of the folder in its order, then what is deleted.
    """

    repo_id: str
    tag: str
    repo: Repo | None
    private: bool
    gated: str | Literal[False]
    changes: tuple[Change, ...]

    def paths(self, *kinds: str) -> list[str]:
        """Paths of the changes of these kinds."""
        return [change.path for change in self.changes if change.kind in kinds]

    def table(self) -> Table:
        """The changes, and in the title what else is done."""
        facts = [
            self.repo_id,
            "new" if self.repo is None else "exists",
            "private" if self.private else "public",
            f"gated ({self.gated})" if self.gated else "not gated",
            f"tag {self.tag}{' exists' if self.repo is not None and self.repo.tagged is not None else ''}",
        ]
        counts = Counter(change.kind for change in self.changes)
        sent = sum(change.size for change in self.changes if change.kind in {"new", "changed"})
        caption = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        table = Table(title=Text(", ".join(facts)), caption=f"{caption}; {decimal(sent)} to send")
        table.add_column("file", overflow="fold")
        table.add_column("size", justify="right", no_wrap=True)
        table.add_column("change", no_wrap=True)
        for change in self.changes:
            table.add_row(Text(change.path), decimal(change.size), change.kind)
        return table


def make_plan(checked: CheckedFolder, settings: PublishSettings, api: HfApi) -> Plan:
    """Compare a folder with its repository on the Hub, by size and by hash.

    Raises:
        [`DatasetError`]: the repository holds something else, is public where a private one is asked for, or has the
            tag for other content.
        `huggingface_hub.errors.HfHubHTTPError`: the Hub refuses an answer.
    """
    tag = settings.revision or checked.content_tag
    repo = read_repo(settings.repo, tag, api)
    files = {} if repo is None else repo.files
    if repo is not None and settings.private and not repo.private:
        raise DatasetError(
            f"{settings.repo} is public already. Make it private in its settings on the Hub, or leave out `--private`."
        )
    if repo is not None and repo.tagged is not None and differing(checked, repo.tagged):
        raise DatasetError(
            f"{settings.repo} has the tag {tag!r} for other content, which others may cite: "
            f"{differing(checked, repo.tagged)[0]} differs. Choose another `--revision`."
        )
    return Plan(
        repo_id=settings.repo,
        tag=tag,
        repo=repo,
        private=settings.private if repo is None else repo.private,
        gated=(repo is not None and repo.gated) or (GATE if checked.gated_sources else False),
        changes=tuple(_changes(checked, files)),
    )


def read_repo(repo_id: str, tag: str, api: HfApi) -> Repo | None:
    """The repository with what `main` and `tag` hold, or `None` if there is none that this token can see."""
    try:
        info = api.dataset_info(repo_id)
    except RepositoryNotFoundError:
        return None
    files = list_files(repo_id, info.sha, api)
    _check_ours(repo_id, info.sha, files, api)
    refs = api.list_repo_refs(repo_id, repo_type=REPO_TYPE)
    if tag in {branch.name for branch in refs.branches}:
        raise DatasetError(
            f"{repo_id} has a branch {tag!r}, so a tag would be ambiguous. Choose another `--revision`."
        )
    tagged = tag in {found.name for found in refs.tags}
    return Repo(
        head=info.sha,
        private=bool(info.private),
        gated=info.gated or False,
        files=files,
        tagged=list_files(repo_id, tag, api) if tagged else None,
    )


def list_files(repo_id: str, revision: str, api: HfApi) -> dict[str, RepoFile]:
    """Files of a revision by path, without the Hub's own."""
    tree = api.list_repo_tree(repo_id, recursive=True, revision=revision, repo_type=REPO_TYPE)
    return {entry.path: entry for entry in tree if isinstance(entry, RepoFile) and entry.path != HUB_FILE}


def differing(checked: CheckedFolder, files: dict[str, RepoFile]) -> list[str]:
    """Paths that the folder and a revision do not share or that have another content."""
    return [change.path for change in _changes(checked, files) if change.kind != "unchanged"]


def _changes(checked: CheckedFolder, files: dict[str, RepoFile]) -> list[Change]:
    """Every file of the folder, then what the Hub has beyond it."""
    found = []
    for local in checked.files:
        if local.path not in files:
            kind = "new"
        else:
            kind = "unchanged" if _same(checked.folder, local, files[local.path]) else "changed"
        found.append(Change(local.path, local.size, kind))
    gone = sorted(set(files) - {local.path for local in checked.files})
    return found + [Change(path, files[path].size, "deleted") for path in gone]


def _same(folder: Path, local: LocalFile, remote: RepoFile) -> bool:
    if local.size != remote.size:
        return False
    if remote.lfs is not None:
        return remote.lfs.sha256 == local.sha256
    return remote.blob_id == git_hash((folder / local.path).read_bytes())


def _check_ours(repo_id: str, head: str, files: dict[str, RepoFile], api: HfApi) -> None:
    """Refuse a repository that is neither empty nor a dataset of this project: its files would be deleted."""
    if not files:
        return
    found = f"it holds {min(files)!r} and no {STATISTICS_FILE}"
    if STATISTICS_FILE in files:
        path = api.hf_hub_download(repo_id, STATISTICS_FILE, revision=head, repo_type=REPO_TYPE)
        try:
            if json.loads(Path(path).read_text(encoding="utf-8"))["format"] == FORMAT:
                return
        except (ValueError, KeyError, TypeError):
            pass
        found = f"its {STATISTICS_FILE} is not of this project"
    raise DatasetError(f"{repo_id} is not empty and no dataset of this project: {found}. Choose another repository.")
