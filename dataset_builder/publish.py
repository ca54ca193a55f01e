"""`spatialmosaic publish`: a dataset folder becomes one commit on the Hub, and the commit gets a tag.

What a reader sees. Shards keep their names from version to version, so uploading commit by commit (as `upload_folder`
does, and `upload_large_folder` of older clients did) would show new data under an old card, or half of each. A branch
that is copied or merged costs a second commit, and stays behind when it is stopped. So the content goes to the Hub's
storage first, file by file, with `preupload_lfs_files`: no revision names it, nobody sees it. Then a single commit
puts data, statistics and card in place and deletes what the folder does not have: readers have the old version or the
new one. A commit may hold 25,000 large files, 12 TB in shards of 500 MB.

After a stop, run it again: the storage knows its content by hash, so what it has is not sent again (until the Hub
clears away what no commit names), and unchanged files are not even offered. The commit names the one that it was
planned upon as its parent: where someone else was quicker, the Hub refuses it. The tag comes last, after the commit
was listed and compared with the folder: a version that has its tag is complete.

Tags. `--revision v1.0` names the version; without it the tag is made from the content, e.g. `v1-3f2a90bc` (format
version, hash of all files), so the same content has the same tag. The `run.version` of the statistics is the
program's, and says nothing about the data. A tag never moves: it is refused for other content.

Access. Where the terms of a source bind its readers, the repository is gated before anything is sent, and with
`"manual"`: only a person can tell whether who asks has accepted the terms with their owner, and `"auto"` lets everyone
in. A repository that is gated already keeps its kind, and none is opened here. A new one can be seen, empty, while the
content is sent; making it private until then would leave it private after a stop, with no way to tell that from the
owner's wish. `--private` is for a new repository; one that exists keeps its visibility, which its owner changes on the
Hub.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token

# The client's HTTP library is another one from version to version; this is the base of its errors in each
from huggingface_hub.errors import HfHubHTTPError, HTTPError, LocalTokenNotFoundError
from rich.console import Console

from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.publish_check import CheckedFolder, check_folder
from dataset_builder.publish_plan import REPO_TYPE, Plan, differing, list_files, make_plan
from dataset_builder.publish_settings import PublishSettings
from dataset_builder.reader import DATA_FOLDER


# Files that are sent together. A stop loses at most these: the storage learns of them when all are there
FILES_AT_A_TIME = 4
AGAIN = "Then run again: what the Hub has already is not sent again."


def run_publish(settings: PublishSettings) -> None:
    """Check the folder, print what changes, and publish it unless it is a dry run.

    Raises:
        [`DatasetError`]: the folder may not be published, the repository is another's, or the Hub refuses.
    """
    console = Console()
    with progress_bar("Checking", len(list(settings.folder.glob(f"{DATA_FOLDER}/*/*"))), "files") as advance:
        checked = check_folder(settings.folder, on_file=advance)
    api = HfApi()
    with hub_errors(settings.repo, api):
        if not settings.dry_run:
            api.whoami()
        plan = make_plan(checked, settings, api)
        console.print(plan.table())
        if settings.dry_run:
            console.print("Dry run: nothing was changed.")
            return
        publish(plan, checked, api)
    console.print(f"{api.endpoint}/datasets/{plan.repo_id}/tree/{plan.tag}", soft_wrap=True)
    console.print(f'load_dataset("{plan.repo_id}", revision="{plan.tag}")', soft_wrap=True)


def publish(plan: Plan, checked: CheckedFolder, api: HfApi) -> None:
    """Carry out a plan: make and gate the repository, send the content, commit, compare, tag."""
    head = None if plan.repo is None else plan.repo.head
    if plan.repo is None:
        api.create_repo(plan.repo_id, repo_type=REPO_TYPE, private=plan.private)
    if plan.gated and (plan.repo is None or not plan.repo.gated):
        api.update_repo_settings(plan.repo_id, repo_type=REPO_TYPE, gated=plan.gated)
    if head is None:
        head = api.dataset_info(plan.repo_id).sha
    changed, deleted = plan.paths("new", "changed"), plan.paths("deleted")
    if changed or deleted:
        head = _commit(plan, checked, head, changed, deleted, api)
    odd = differing(checked, list_files(plan.repo_id, head, api))
    if odd:
        raise DatasetError(
            f"{plan.repo_id} does not hold what was sent: {odd[0]} differs in commit {head}, which got no tag. "
            "If the folder was changed meanwhile, or the repository has a .gitignore, put that right. Run again."
        )
    if plan.repo is None or plan.repo.tagged is None:
        api.create_tag(plan.repo_id, tag=plan.tag, revision=head, repo_type=REPO_TYPE)


def _commit(plan: Plan, checked: CheckedFolder, head: str, changed: list[str], deleted: list[str], api: HfApi) -> str:
    """Send the changed files, then put all changes in place at once, the card last; return the commit."""
    additions = [CommitOperationAdd(path, checked.folder / path) for path in changed]
    for first in range(0, len(additions), FILES_AT_A_TIME):
        api.preupload_lfs_files(plan.repo_id, additions[first : first + FILES_AT_A_TIME], repo_type=REPO_TYPE)
    planned = {file.path: file.sha256 for file in checked.files}
    odd = [of.path_in_repo for of in additions if of.upload_info.sha256.hex() != planned[of.path_in_repo]]
    if odd:
        raise DatasetError(
            f"{checked.folder / odd[0]} was changed while it was sent; nothing is published. Run again."
        )
    commit = api.create_commit(
        plan.repo_id,
        [*map(CommitOperationDelete, deleted), *additions],
        commit_message=f"Publish {plan.tag}",
        repo_type=REPO_TYPE,
        parent_commit=head,
    )
    return commit.oid


@contextmanager
def hub_errors(repo_id: str, api: HfApi) -> Iterator[None]:
    """Turn what the client raises into a [`DatasetError`] that says what to do, and never shows the token."""
    try:
        yield
    except DatasetError:
        raise
    except (HTTPError, OSError, RuntimeError, ValueError) as error:
        message = _explain(error, repo_id, api.endpoint)
        token = get_token()
        # Not `from error`: what the server or the client's HTTP library says may show the token
        raise DatasetError(message.replace(token, "<token>") if token else message) from None


def _explain(error: Exception, repo_id: str, endpoint: str) -> str:
    """What went wrong and what to do."""
    cause = error
    while cause.__cause__ is not None and not isinstance(cause, HfHubHTTPError):
        cause = cause.__cause__  # an upload's error is wrapped
    if isinstance(cause, LocalTokenNotFoundError):
        return "Publishing needs a token that may write, and none was found. Run `hf auth login`, or set HF_TOKEN."
    if not isinstance(cause, HfHubHTTPError):
        return (
            f"{repo_id} was not published: {endpoint} cannot be reached or used ({type(cause).__name__}: {cause}). "
            f"Check the network, HF_ENDPOINT and HF_HUB_OFFLINE. {AGAIN}"
        )
    status, said = cause.response.status_code, cause.server_message or cause.response.reason_phrase
    remedy = {
        401: "The token is not valid, or sees no such repository. Run `hf auth login`, or set HF_TOKEN.",
        403: f"The token may not do this with {repo_id}. Use one that may write there, or your own user name.",
        409: "Someone else made the same repository or tag just now, or your token does not see it. Run again.",
        412: "Someone else changed the repository since the plan was made. Run again to see the new plan.",
        429: f"Wait a little. {AGAIN}",
    }.get(status, f"{'Wait a little.' if status >= 500 else 'Put that right.'} {AGAIN}")
    return f"{repo_id} was not published: the Hub answered {status} ({said}). {remedy}"
