"""A Hub on this machine that the real client talks to: it keeps repositories, commits and content, and every request.

It follows the Hub in what a publisher can notice: who may see and write what, which files are large, that large
content is stored by its hash before a commit names it, that a commit names its parent, and the headers that tell the
client why something is refused.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _http, close_session

from dataset_builder.publish_settings import PublishSettings
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


OWNER, WRITE_TOKEN = "ada", "hf_secretwritetoken"
READ_TOKEN, OTHER_TOKEN = "hf_secretreadtoken", "hf_secretothertoken"
TOKENS = {WRITE_TOKEN: (OWNER, True), READ_TOKEN: (OWNER, False), OTHER_TOKEN: ("eve", True)}
REPO = f"{OWNER}/mosaic"
LARGE = (".parquet", ".jpg")
GIT_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"


class Refusal(Exception):
    """Answer of the server that is no success."""

    def __init__(self, status: int, code: str = "", message: str = ""):
        self.status, self.headers = status, {"X-Error-Code": code, "X-Error-Message": message}


class Repository:
    """Commits as `path -> (content, large?)`, the newest last; tags by name."""

    def __init__(self, private: bool):
        self.private, self.gated = private, False
        self.commits: dict[str, dict[str, tuple[bytes, bool]]] = {}
        self.operations: list[list[tuple[str, str]]] = []
        self.branches, self.tags = {}, {}
        self.stored: dict[str, bytes] = {}
        self.commit({".gitattributes": (GIT_ATTRIBUTES, False)})

    def commit(self, files: dict[str, tuple[bytes, bool]]) -> str:
        listing = repr(
            (list(self.commits), sorted((path, hashlib.sha1(of[0]).hexdigest()) for path, of in files.items()))
        )
        oid = hashlib.sha1(listing.encode()).hexdigest()
        self.commits[oid] = files
        self.branches["main"] = oid
        return oid

    @property
    def head(self) -> dict[str, bytes]:
        return {path: content for path, (content, _) in self.commits[self.branches["main"]].items()}

    def resolve(self, revision: str) -> str:
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        if oid not in self.commits:
            raise Refusal(404, "RevisionNotFound")
        return oid


class Hub:
    """State of the server, and what a test asks it to get wrong.

    `fail_uploads_after` uploads it answers `failure` (a status), or with "hang" nothing at all.
    """

    def __init__(self):
        self.repositories: dict[str, Repository] = {}
        self.requests: list[tuple[str, str]] = []
        self.uploads: list[str] = []
        self.fail_uploads_after: int | None = None
        self.failure: int | str = 500
        self.unknown_status, self.unknown_token = 401, "Invalid credentials in Authorization header"
        self.before_commit = lambda: None
        self.hanging, self.release = threading.Event(), threading.Event()
        self.lock = threading.RLock()

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [request for request in self.requests if request[0] not in {"GET", "HEAD"}]

    def visible(self, name: str, user: str | None) -> Repository:
        repository = self.repositories.get(name)
        if repository is None or (repository.private and user != name.split("/")[0]):
            # as the Hub does: whoever is not logged in is not told whether there is one
            raise Refusal(401 if user is None else 404, "RepoNotFound", "Repository not found")
        return repository

    def writable(self, name: str, user: str | None, may_write: bool) -> Repository:
        repository = self.visible(name, user)
        if user != name.split("/")[0] or not may_write:
            raise Refusal(403, message="You have read access but not the required permissions")
        return repository


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Routes of the Hub's API, each by method and path."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms
    hub: Hub

    def log_message(self, *_):
        pass

    def do(self):
        address = urlsplit(self.path)
        self.query, path = parse_qs(address.query), address.path
        body = self.read_body()
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.hub.lock:
            self.hub.requests.append((self.command, unquote(path)))
        try:
            if token and token not in TOKENS:
                raise Refusal(self.hub.unknown_status, message=self.hub.unknown_token.format(token=token))
            self.user, self.may_write = TOKENS.get(token, (None, False))
            for method, pattern, route in ROUTES:
                found = re.fullmatch(pattern, path)
                if found and self.command in method:
                    # an upload may hang, and is none of the others' business
                    answer = route(self, body, *map(unquote, found.groups()))
                    break
            else:
                raise Refusal(404)
        except Refusal as refusal:
            content = json.dumps({"error": refusal.headers["X-Error-Message"]}).encode()
            return self.answer(refusal.status, content, refusal.headers)
        if isinstance(answer, tuple):
            return self.answer(200, *answer)
        return self.answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # Routes: the body and the groups of the path -> JSON, or content and headers

    def whoami(self, body):
        if self.user is None:
            raise Refusal(401)
        return {"type": "user", "name": self.user}

    def create(self, body):
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if asked["organization"] != self.user or not self.may_write:
            raise Refusal(403, message=f"You don't have the rights to create {name}")
        if name in self.hub.repositories:
            raise Refusal(409, message="You already created this dataset repo")
        assert asked["type"] == "dataset"
        self.hub.repositories[name] = Repository(asked["visibility"] == "private")
        return {"url": f"{self.hub.url}/datasets/{name}", "name": name}

    def info(self, body, name, revision="main"):
        repository = self.hub.visible(name, self.user)
        oid = repository.resolve(revision)
        return {
            "id": name,
            "sha": oid,
            "private": repository.private,
            "gated": repository.gated,
            "siblings": [{"rfilename": path} for path in repository.commits[oid]],
        }

    def entries(self, name, revision):
        repository = self.hub.visible(name, self.user)
        for path, (content, large) in repository.commits[repository.resolve(revision)].items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
            if large:
                sha256 = hashlib.sha256(content).hexdigest()
                pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(content)}\n"
                entry["oid"] = blob_id(pointer.encode())
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": len(pointer)}
            yield entry

    def tree(self, body, name, revision, folder=""):
        inside = f"{folder}/" if folder else ""
        entries = [entry for entry in self.entries(name, revision) if entry["path"].startswith(inside)]
        if self.query["recursive"] != ["true"]:
            deeper = {inside + of["path"].removeprefix(inside).split("/")[0] for of in entries} - {
                of["path"] for of in entries
            }
            entries = [entry for entry in entries if "/" not in entry["path"].removeprefix(inside)]
            entries += [{"type": "directory", "path": path, "oid": "0" * 40} for path in sorted(deeper)]
        # two pages, as the Hub does for many files
        half = len(entries) // 2
        if "cursor" in self.query:
            return entries[half:]
        link = f'<{self.hub.url}{self.path}&cursor=2>; rel="next"'
        return json.dumps(entries[:half]).encode(), {"Content-Type": "application/json", "Link": link}

    def paths_info(self, body, name, revision):
        asked = parse_qs(body.decode()).get("paths", []) if not body.startswith(b"{") else json.loads(body)["paths"]
        return [entry for entry in self.entries(name, revision) if entry["path"] in asked]

    def refs(self, body, name):
        repository = self.hub.visible(name, self.user)

        def listed(kind, refs):
            return [{"name": k, "ref": f"refs/{kind}/{k}", "targetCommit": oid} for k, oid in refs.items()]

        return {
            "branches": listed("heads", repository.branches),
            "tags": listed("tags", repository.tags),
            "converts": [],
        }

    def settings(self, body, name):
        repository = self.hub.writable(name, self.user, self.may_write)
        asked = json.loads(body)
        repository.gated = asked.get("gated", repository.gated)
        if "visibility" in asked:
            repository.private = asked["visibility"] == "private"
        return {}

    def preupload(self, body, name, revision):
        repository = self.hub.writable(name, self.user, self.may_write)
        held = {entry["path"]: entry for entry in self.entries(name, repository.resolve(revision))}
        return {
            "files": [
                {
                    "path": of["path"],
                    "uploadMode": "lfs" if of["path"].endswith(LARGE) else "regular",
                    "shouldIgnore": False,
                    "oid": held[of["path"]].get("lfs", held[of["path"]])["oid"] if of["path"] in held else None,
                }
                for of in json.loads(body)["files"]
            ]
        }

    def lfs_batch(self, body, name):
        repository = self.hub.writable(name, self.user, self.may_write)
        objects = json.loads(body)["objects"]
        for of in objects:
            if of["oid"] not in repository.stored:
                of["actions"] = {"upload": {"href": f"{self.hub.url}/storage/{name}/{of['oid']}", "header": {}}}
        return {"objects": objects, "transfer": "basic"}

    def upload(self, body, name, oid):
        hub = self.hub
        with hub.lock:
            failing = hub.fail_uploads_after is not None and len(hub.uploads) >= hub.fail_uploads_after
            if not failing:
                assert hashlib.sha256(body).hexdigest() == oid
                hub.repositories[name].stored[oid] = body
                hub.uploads.append(oid)
        if failing and hub.failure == "hang":
            hub.hanging.set()
            hub.release.wait(60)
        if failing:
            raise Refusal(hub.failure if isinstance(hub.failure, int) else 500, message="Internal error")
        return {}

    def commit(self, body, name, revision):
        self.hub.before_commit()
        repository = self.hub.writable(name, self.user, self.may_write)
        assert revision == "main"
        header, *lines = [json.loads(line) for line in body.splitlines()]
        head = repository.branches["main"]
        if header["value"].get("parentCommit") not in {None, head}:
            raise Refusal(412, message="A commit has happened since. Please refresh and try again.")
        files = dict(repository.commits[head])
        operations = []
        for line in lines:
            kind, value = line["key"], line["value"]
            operations.append((kind, value["path"]))
            if kind == "file":
                files[value["path"]] = (base64.b64decode(value["content"]), False)
            elif kind == "lfsFile":
                files[value["path"]] = (repository.stored[value["oid"]], True)
            else:
                assert kind == "deletedFile"
                del files[value["path"]]
        oid = repository.commit(files)
        repository.operations.append(operations)
        return {"commitUrl": f"{self.hub.url}/datasets/{name}/commit/{oid}", "commitOid": oid}

    def tag(self, body, name, revision):
        repository = self.hub.writable(name, self.user, self.may_write)
        asked = json.loads(body)["tag"]
        if asked in repository.tags:
            raise Refusal(409, message="Tag exists already")
        repository.tags[asked] = repository.resolve(revision)
        return {}

    def validate_yaml(self, body):
        if "datasets/" in json.loads(body)["content"].split("---")[1]:
            raise Refusal(400, message='"datasets" is not a name of the metadata')
        return {"errors": [], "warnings": []}

    def download(self, body, name, revision, path):
        repository = self.hub.visible(name, self.user)
        if repository.gated and self.user != name.split("/")[0]:
            raise Refusal(401 if self.user is None else 403, "GatedRepo", "Access to this dataset is restricted")
        oid = repository.resolve(revision)
        if path not in repository.commits[oid]:
            raise Refusal(404, "EntryNotFound")
        content, large = repository.commits[oid][path]
        etag = hashlib.sha256(content).hexdigest() if large else blob_id(content)
        return content, {"ETag": f'"{etag}"', "X-Repo-Commit": oid, "Accept-Ranges": "bytes"}


NAME = r"([^/]+/[^/]+)"
ROUTES = [
    ("GET", "/api/whoami-v2", Handler.whoami),
    ("POST", "/api/repos/create", Handler.create),
    ("POST", "/api/validate-yaml", Handler.validate_yaml),
    ("GET", f"/api/datasets/{NAME}", Handler.info),
    ("GET", f"/api/datasets/{NAME}/revision/([^/]+)", Handler.info),
    ("GET", f"/api/datasets/{NAME}/tree/([^/]+)", Handler.tree),
    ("GET", f"/api/datasets/{NAME}/tree/([^/]+)/(.+)", Handler.tree),
    ("POST", f"/api/datasets/{NAME}/paths-info/([^/]+)", Handler.paths_info),
    ("GET", f"/api/datasets/{NAME}/refs", Handler.refs),
    ("PUT", f"/api/datasets/{NAME}/settings", Handler.settings),
    ("POST", f"/api/datasets/{NAME}/preupload/([^/]+)", Handler.preupload),
    ("POST", f"/api/datasets/{NAME}/commit/([^/]+)", Handler.commit),
    ("POST", f"/api/datasets/{NAME}/tag/([^/]+)", Handler.tag),
    ("POST", f"/datasets/{NAME}.git/info/lfs/objects/batch", Handler.lfs_batch),
    ("PUT", f"/storage/{NAME}/([0-9a-f]+)", Handler.upload),
    ("GET HEAD", f"/datasets/{NAME}/resolve/([^/]+)/(.+)", Handler.download),
]


@pytest.fixture
def hub():
    """A running [`Hub`] without repositories; `url` is its address."""
    state = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": state}))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    state.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environment(hub, tmp_path) -> dict[str, str]:
    """Variables for a process of its own that publishes to `hub`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    return {
        **kept,
        "HF_HOME": str(tmp_path / "hf_home"),
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": WRITE_TOKEN,
        "HF_HUB_DISABLE_XET": "1",  # this hub keeps large files the older way, as LFS
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "COLUMNS": "200",
    }


@pytest.fixture
def client(hub, tmp_path, monkeypatch):
    """Turn the client of this process to `hub`: it read its environment when it was imported."""
    home = tmp_path / "hf_home"
    for name, value in {
        "ENDPOINT": hub.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_OFFLINE": False,
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_DISABLE_TELEMETRY": True,
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_TOKEN_PATH": str(home / "token"),
        "HF_STORED_TOKENS_PATH": str(home / "stored_tokens"),
    }.items():
        monkeypatch.setattr(constants, name, value)
    for name in ("HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", WRITE_TOKEN)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # the client waits seconds between its tries
    monkeypatch.setattr(_http, "time", SimpleNamespace(sleep=lambda seconds: None))
    close_session()
    yield
    close_session()


@pytest.fixture(scope="session")
def scenes(scenes) -> list:
    """The scenes of all tests here with the questions of two configs, which is quicker."""
    kept = {"object_count", "best_view_selection"}
    return [replace(scene, rows=[row for row in scene.rows if row["task"] in kept]) for scene in scenes]


@pytest.fixture(scope="session")
def written(scenes, tmp_path_factory) -> dict[str, Path]:
    """Dataset folders with their cards: `open` (procedural) and `bound` (with a scan without pixels)."""
    folders = {"open": scenes[:6], "bound": scenes}
    for name, chosen in folders.items():
        folder = tmp_path_factory.mktemp("publish") / name
        write_dataset(folder, chosen, run={"seed": 0})
        write_card(folder)
        folders[name] = folder
    return folders


@pytest.fixture
def folder(written, tmp_path) -> Path:
    """A copy of the open dataset that a test may spoil."""
    return Path(shutil.copytree(written["open"], tmp_path / "dataset"))


@pytest.fixture
def bound(written, tmp_path) -> Path:
    """A copy of the dataset that its readers need leave for."""
    return Path(shutil.copytree(written["bound"], tmp_path / "bound"))


@pytest.fixture
def settings():
    """Make settings for the repository of these tests."""

    def make(folder: Path, **more) -> PublishSettings:
        return PublishSettings(**{"folder": folder, "repo": REPO, **more})

    return make


# Tests cannot import from here
@pytest.fixture(scope="session")
def names() -> SimpleNamespace:
    return SimpleNamespace(
        repo=REPO, owner=OWNER, write_token=WRITE_TOKEN, read_token=READ_TOKEN, other_token=OTHER_TOKEN
    )


@pytest.fixture
def repository(hub):
    """Put a repository with given files on the hub, as if somebody had made it there."""

    def make(files: dict[str, bytes], private: bool = False) -> Repository:
        made = hub.repositories[REPO] = Repository(private)
        if files:
            kept = made.commits[made.branches["main"]]
            made.commit({**kept, **{path: (content, path.endswith(LARGE)) for path, content in files.items()}})
        return made

    return make
