"""Scenes with levels at random, and the Hub's validation of a card's metadata, served from this machine."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files

import numpy as np
import pytest
import yaml
from datasets.utils.metadata import MetadataConfigs, _NoDuplicateSafeLoader, known_task_ids
from huggingface_hub import constants
from huggingface_hub.repocard import REGEX_YAML_BLOCK
from huggingface_hub.repocard_data import model_index_to_eval_results

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import SPLITS, TASK_OF


LICENSES = {"apache-2.0", "mit", "cc-by-4.0", "cc-by-nc-4.0", "other"}
TASKS = {*known_task_ids, "image-text-to-text"}  # the list of `datasets` is older than this task
GATE_FIELDS = {"text", "checkbox", "date_picker", "country", "select"}
LEVELS = {
    "occ_level": ("none", "low", "medium", "high"),
    "overlap_level": ("low", "medium", "high", None),
    "vis_level": ("Fully Visible", "Partially Visible"),
    "gt_scenario": ("Full Coverage", "Partial Coverage"),
}


@pytest.fixture(scope="session")
def scenes(make_row, make_scene) -> list[SceneRows]:
    """Seven scenes of three splits with levels at random, and an eighth whose pixels may not be redistributed."""
    rng = np.random.default_rng(3)
    made = [
        make_scene(f"room_{k}", SPLITS[k % 3], rng, num_frames=5, rows_per_type=int(rng.integers(1, 4)))
        for k in range(7)
    ]
    frames = ["DSC02000.JPG", "DSC02010.JPG"]
    kinds = [kind for kind in TASK_OF if not kind.endswith("_na")][3:9]
    scanned = [make_row("5f99900f09", kind, frames, f"{kind}?", "scannetpp") for kind in kinds]
    made.append(SceneRows("5f99900f09", "train", scanned, {}))
    for row in (row for scene in made for row in scene.rows):
        row |= {field: values[rng.integers(len(values))] for field, values in LEVELS.items()}
    return made


def resource(name: str):
    return json.loads((files("datasets.utils.resources") / name).read_text(encoding="utf-8"))


def as_list(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def findings(content: str, repo_type: str):
    """Yield what breaks a rule that the Hub documents (hub-docs: datasetcard.md, modelcard.md, datasets-gated.md)."""
    block = REGEX_YAML_BLOCK.search(content)
    if block is None:
        yield "there is no YAML block"
        return
    data = yaml.load(block.group(2), Loader=_NoDuplicateSafeLoader)
    known = {
        "license": LICENSES,
        "language": set(resource("languages.json")),
        "size_categories": set(resource("size_categories.json")),
        "annotations_creators": set(resource("creators.json")["annotations"]),
        "task_categories": TASKS,
        "pipeline_tag": TASKS,
    }
    for field, names in known.items():
        for value in as_list(data.get(field)):
            if value not in names:
                yield f"{field}: {value!r} is unknown"
    if "other" in as_list(data.get("license")) and not re.fullmatch(r"[a-z0-9.-]+", data.get("license_name") or ""):
        yield "license_name: the licence 'other' needs a name in lower case"
    if not re.match(r"https?://|LICENSE(\.md)?$", data.get("license_link", "LICENSE")):
        yield "license_link: is neither a URL nor a file LICENSE"
    for field, kind in data.get("extra_gated_fields", {}).items():
        if (kind["type"] if isinstance(kind, dict) else kind) not in GATE_FIELDS:
            yield f"extra_gated_fields: {field!r} has the type {kind!r}"
    try:
        if repo_type == "dataset":
            MetadataConfigs.from_dataset_card_data(data).get_default_config_name()
        elif "model-index" in data:
            model_index_to_eval_results(data["model-index"])
    except (ValueError, KeyError, TypeError) as error:
        yield f"{error}"


class Validation(BaseHTTPRequestHandler):
    """Answers `RepoCard.validate`."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        errors = "\n".join(findings(body["content"], body["repoType"]))
        self.send_response(400 if errors or self.path != "/api/validate-yaml" else 200)
        self.end_headers()
        self.wfile.write(errors.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(monkeypatch):
    """Let `RepoCard.validate` ask this machine instead of the Hub."""
    server = HTTPServer(("127.0.0.1", 0), Validation)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield
    server.shutdown()
    thread.join()
    server.server_close()
